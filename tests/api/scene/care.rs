//! What is looked after by people: protected times, plans, referrals, links of providers.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::Scene;

/// The body, if it is an operation of these; `ids` are changed to what the address must name.
pub fn body(scene: &Scene<'_>, id: &str, ids: &mut BTreeMap<&'static str, Uuid>) -> Option<Value> {
    Some(match id {
        "record_protected_time" => protected_time(),
        "record_clash_reason" => {
            ids.insert("clash_id", clash(scene));
            json!({ "reason": "His employer lets him go for it." })
        }
        "set_condition_plan" => json!({
            "label": "P1",
            "person": "PC Ines Okafor",
            "review_on": "2026-12-01",
        }),
        "record_plan_review" => json!({
            "label": "P1",
            "happened_at": "2026-11-24T09:00:00Z",
            "looked_at": "Walked along the whole boundary, and asked at the shop.",
            "outcome": "kept",
            "person": "PC Ines Okafor",
            "next_review_on": "2026-12-08",
        }),
        "record_referral" => json!({ "label": "R2", "happened_at": "2026-11-24T09:00:00Z" }),
        "end_provider_link" => {
            ids.insert("link_id", link(scene));
            return None;
        }
        _ => return None,
    })
}

/// Every afternoon: the sessions of the scene are in it.
pub fn protected_time() -> Value {
    let days = ["mon", "tue", "wed", "thu", "fri"];
    let span = json!({ "days": days, "opens": "13:00", "closes": "17:00" });
    json!({
        "kind": "work",
        "hours": { "zone": "Europe/London", "spans": [span] },
        "source": "Payslip",
    })
}

/// A session in a protected time, put on file if there is none.
fn clash(scene: &Scene<'_>) -> Uuid {
    let order = scene.ids["order_id"];
    let app = scene.app;
    if order.is_nil() {
        return app.new_id();
    }
    let supervisor = app.supervisor_at("ALD");
    let path = format!("/orders/{order}/protected-times/{}", app.new_id());
    supervisor.put(&path, &protected_time()).expect(201);
    let lint = supervisor.get(&format!("/orders/{order}/lint")).expect(200);
    // Of an order that has ended nothing is listed any more.
    let clash = lint["clashes"][0]["clash_id"].as_str();
    clash.map_or_else(|| known(scene), |clash| clash.parse().unwrap())
}

/// One that a reason was given for before.
fn known(scene: &Scene<'_>) -> Uuid {
    let mut sql = scene.app.sql();
    let ids = format!(
        "SELECT {} AS value FROM facts WHERE kind = 'clash_reason_given'",
        sql.hex("object_id")
    );
    let ids = sql.texts(&ids);
    ids.first().map_or_else(|| scene.app.new_id(), |id| id.parse().unwrap())
}

fn link(scene: &Scene<'_>) -> Uuid {
    let supervisor = scene.app.supervisor_at("ALD");
    let path = format!("/providers/{}/links", scene.ids["provider_id"]);
    let body = json!({ "expires_at": "2027-01-31T00:00:00Z" });
    let made = supervisor.post(&path, &body);
    // In the scene of nothing there is no provider to make one for.
    made.json["link_id"].as_str().map_or_else(Uuid::nil, |id| id.parse().unwrap())
}
