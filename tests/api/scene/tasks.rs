//! What tasks are asked for with, and answered.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{NOW, Scene};

pub fn by_hand() -> Value {
    json!({
        "kind": "by_hand",
        "says": "Ask the school whether he was seen there.",
        "due_at": "2026-12-01T17:00:00Z",
    })
}

pub fn answer(kind: &str, answer: Value, happened_at: &str) -> Value {
    json!({ "happened_at": happened_at, "answer": { kind: answer } })
}

pub fn told(happened_at: &str) -> Value {
    let told = json!({ "was_told": true, "how": "phone", "told_by": "PC Ines Okafor" });
    answer("victim_update", told, happened_at)
}

pub fn entered(happened_at: &str) -> Value {
    answer("pnc_update", json!({ "reference": "26/204471K" }), happened_at)
}

pub fn reviewed(happened_at: &str, next_on: &str) -> Value {
    let body = json!({ "conclusion": "no_change", "note": "Nothing new.", "next_on": next_on });
    answer("order_review", body, happened_at)
}

pub fn decided(happened_at: &str, choice: &str) -> Value {
    let body = json!({ "choice": choice, "reason": "As the victim and the DI agreed." });
    answer("renewal_decision", body, happened_at)
}

/// A task of the scene's order, asked for by somebody who has no other part in it.
fn begun(scene: &Scene<'_>, ids: &mut BTreeMap<&'static str, Uuid>) {
    let (id, order) = (scene.app.new_id(), ids["order_id"]);
    ids.insert("task_id", id);
    if !order.is_nil() {
        let supervisor = scene.app.supervisor_at("ALD");
        supervisor.put(&format!("/orders/{order}/tasks/{id}"), &by_hand()).expect(201);
    }
}

pub fn body(scene: &Scene<'_>, id: &str, ids: &mut BTreeMap<&'static str, Uuid>) -> Option<Value> {
    match id {
        "add_task" => {
            ids.insert("task_id", scene.app.new_id());
            Some(by_hand())
        }
        "get_task" => {
            begun(scene, ids);
            None
        }
        "complete_task" => {
            begun(scene, ids);
            Some(answer("by_hand", json!({ "note": "The school was rung." }), NOW))
        }
        "reassign_task" => {
            begun(scene, ids);
            let to = scene.app.supervisor_at("ALD").account.id;
            Some(json!({ "to_account_id": to, "reason": "He knows the school." }))
        }
        "report_phone_lost" => {
            ids.insert("phone_id", phone(scene, ids));
            Some(json!({ "reason": "Left on a bus, and wiped." }))
        }
        _ => None,
    }
}

/// A phone that has synced at the scene's station.
fn phone(scene: &Scene<'_>, ids: &BTreeMap<&'static str, Uuid>) -> Uuid {
    if ids["order_id"].is_nil() {
        return Uuid::nil();
    }
    let officer = scene.app.officer_at("ALD");
    officer.post("/sync", &json!({ "cursor": null, "check_ins": [] })).expect(200);
    let mut sql = scene.app.sql();
    let account = sql.bytes(officer.account.id.as_bytes());
    let id = sql.hex("id");
    let query = format!("SELECT {id} AS value FROM station_phones WHERE account_id = {account}");
    sql.texts(&query)[0].parse().unwrap()
}
