//! What is said of alerts, and who is there to be told of them.

use std::collections::BTreeMap;

use compliance::access::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Scene, subscription};
use crate::harness::caller::Caller;

/// Somebody with a phone.
fn reachable<'a>(scene: &Scene<'a>, role: Role) -> Caller<'a> {
    let somebody = scene.app.somebody(role, &["ALD"]);
    let phone = scene.app.new_id();
    somebody.put(&format!("/push-subscriptions/{phone}"), &subscription(phone)).expect(201);
    somebody
}

/// Whoever was asked before may have decided it.
pub fn undecided(scene: &Scene<'_>, alert: Uuid) {
    let mut sql = scene.app.sql();
    let alert = sql.bytes(alert.as_bytes());
    sql.execute(&format!(
        "UPDATE alerts SET state = 'triggered', closed_at = NULL, close_reason = NULL, \
         climbs_at = 4000000000000 WHERE id = {alert}"
    ));
}

pub fn ladder() -> Value {
    let wait_ms = 600_000;
    json!({
        "severity": "info",
        "steps": [{ "rung": "control_room", "wait_ms": wait_ms }],
        "decide_within_ms": 86_400_000,
    })
}

fn duty(account: &Caller<'_>) -> Value {
    json!({
        "kind": "on_duty",
        "account_id": account.account.id,
        "rung": "coordinator",
        "from": "2026-11-24T18:00:00Z",
        "until": "2026-11-25T06:00:00Z",
    })
}

pub fn body(scene: &Scene<'_>, id: &str, ids: &mut BTreeMap<&'static str, Uuid>) -> Option<Value> {
    ids.insert("event_id", scene.app.new_id());
    if ["sync", "list_alerts", "hand_over_alert", "decide_alert"].contains(&id) {
        undecided(scene, ids["alert_id"]);
    }
    Some(match id {
        "note_on_alert" => json!({ "note": "Rang the hospital: not admitted." }),
        "hand_over_alert" => {
            let to = reachable(scene, Role::Supervisor).account.id;
            json!({ "to_account_id": to, "note": "My shift ends." })
        }
        "decide_alert" => {
            json!({ "decision": "no_further_action", "rationale": "He was seen at the door." })
        }
        "record_rota_entry" => {
            ids.insert("rota_entry_id", scene.app.new_id());
            duty(&scene.app.supervisor_at("ALD"))
        }
        "end_rota_entry" => {
            let (id, keeper) = (scene.app.new_id(), scene.app.supervisor_at("ALD"));
            keeper.put(&format!("/rota/{id}"), &duty(&keeper)).expect(201);
            ids.insert("rota_entry_id", id);
            return None;
        }
        "back_test" => json!({
            "from": "2026-11-22T00:00:00Z",
            "until": "2026-11-24T10:00:00Z",
            "grace_ms": 900_000,
        }),
        "set_ladder" => {
            reachable(scene, Role::ControlRoom);
            ids.insert("ladder_id", scene.app.new_id());
            ladder()
        }
        "end_ladder" => {
            reachable(scene, Role::ControlRoom);
            let (id, keeper) = (scene.app.new_id(), scene.app.supervisor_at("ALD"));
            keeper.put(&format!("/ladders/{id}"), &ladder()).expect(201);
            ids.insert("ladder_id", id);
            return None;
        }
        "send_test_alarm" => {
            ids.insert("test_alarm_id", scene.app.new_id());
            json!({ "to_account_id": scene.app.officer_at("ALD").account.id })
        }
        _ => return None,
    })
}
