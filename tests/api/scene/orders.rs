//! What orders are put on file with: made, drafted, varied.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use uuid::Uuid;

use super::Scene;
use crate::builders::OneOrder;
use crate::harness::caller::Caller;

/// What is counted up with every request, so that none is the one before.
fn number() -> u64 {
    static ASKED: AtomicU64 = AtomicU64::new(0);
    ASKED.fetch_add(1, Ordering::Relaxed)
}

/// An order on somebody else, at a station of the scene.
pub fn another(reference: String) -> Value {
    OneOrder { reference, ..OneOrder::default() }.entry()
}

/// The same before a court has made it.
pub fn drafted(reference: String, owner: Option<&str>) -> Value {
    let mut entry = another(reference);
    for field in ["made_on", "served_at", "ends_on"] {
        entry[field] = Value::Null;
    }
    entry["owner"] = json!(owner);
    entry["drafted"] = json!(true);
    entry["court"] = json!("");
    entry["versions"] = json!([]);
    entry
}

/// The body of an operation about an order as a whole.
pub fn body(
    scene: &Scene<'_>,
    id: &str,
    caller: &Caller<'_>,
    ids: &mut BTreeMap<&'static str, Uuid>,
) -> Option<Value> {
    let number = number();
    let conditions = OneOrder::default().version(1, "2026-11-02T16:00:00Z")["conditions"].clone();
    Some(match id {
        "record_order" => {
            ids.insert("order_id", scene.app.new_id());
            another(format!("API/{number}"))
        }
        "record_order_version" => {
            let own = |owner: Option<&str>| {
                let mut entry = another(format!("VARIED/{number}"));
                entry["owner"] = json!(owner);
                entry["versions"][0]["conditions"][0]["sign_on"]["station"] = json!("THN");
                entry
            };
            begin(scene, caller, ids, own);
            json!({
                "reason": "variation",
                "note": "The court varied the order.",
                "in_force_from": "2027-01-01T00:00:00Z",
                "conditions": conditions,
            })
        }
        "make_order" | "withdraw_draft" => {
            begin(scene, caller, ids, |owner| drafted(format!("DRAFT/{number}"), owner));
            match id {
                "withdraw_draft" => json!({ "reason": "The officers have no case." }),
                _ => json!({
                    "court": "Hexwater Magistrates' Court",
                    "made_on": "2026-11-23",
                    "in_force_from": "2026-11-23T16:00:00Z",
                    "conditions": conditions,
                }),
            }
        }
        "supersede_record" => {
            ids.insert("record_id", identity_request(scene));
            json!({ "reason": "He was asked on another day." })
        }
        _ => return None,
    })
}

/// A record about the case that hardly anything hangs on.
fn identity_request(scene: &Scene<'_>) -> Uuid {
    let (id, order) = (scene.app.new_id(), scene.ids["order_id"]);
    if order.is_nil() {
        return id;
    }
    let body = json!({
        "requested_at": "2026-11-03T10:10:00Z", "asked": "photograph", "answer": "complied",
    });
    let officer = scene.app.officer_at("ALD");
    officer.put(&format!("/orders/{order}/identity-requests/{id}"), &body).expect(201);
    id
}

/// Puts an order on file. Whoever may know of the case may know of it.
fn begin(
    scene: &Scene<'_>,
    caller: &Caller<'_>,
    ids: &mut BTreeMap<&'static str, Uuid>,
    entry: impl Fn(Option<&str>) -> Value,
) {
    let order = ids["order_id"];
    if order.is_nil() {
        return;
    }
    let may_know = caller.get(&format!("/orders/{order}")).status == 200;
    let owner = may_know.then_some(caller.account.username.as_str());
    let id = scene.app.new_id();
    let supervisor = scene.app.supervisor_at("HEX");
    supervisor.put(&format!("/orders/{id}"), &entry(owner)).expect(201);
    ids.insert("order_id", id);
    if !may_know {
        // What names no station yet is every supervisor's.
        let mut sql = scene.app.sql();
        let order = sql.bytes(id.as_bytes());
        let station = sql.bytes(scene.app.station("THN").uuid().as_bytes());
        sql.execute(&format!(
            "INSERT INTO order_stations (order_id, station_id) \
             SELECT {order}, {station} WHERE NOT EXISTS \
             (SELECT 1 FROM order_stations WHERE order_id = {order})"
        ));
    }
}
