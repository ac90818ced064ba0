//! What a phone hands over and gets when it has a signal again.

use serde_json::{Value, json};

use crate::builders::{OneOrder, sign_on};
use crate::harness::caller::Caller;
use crate::harness::{eventually, on_each_database};

#[test]
fn a_phone_that_syncs_hands_over_what_it_held_and_gets_what_changed() {
    on_each_database(|app| {
        app.import(&OneOrder::owned_by(&app.asha_mercer().username).file());
        app.sweep();
        let officer = app.officer_at("ALD");
        let first = officer.post("/sync", &json!({ "cursor": null, "check_ins": [] })).expect(200);
        let list = format!("/stations/{}/due?date=2026-11-24", app.station("ALD"));
        let due = officer.get(&list).expect(200)["due"][0].clone();
        app.clock.set("2026-11-24T10:30:00Z");
        app.sweep();
        let station = app.station("ALD");
        let sign_on = sign_on(&due, station, "2026-11-24T10:30:00Z");
        let held = json!([
            { "check_in_id": app.new_id(), "sign_on": { "obligation_id": "?" } },
            { "check_in_id": app.new_id(), "sign_on": sign_on },
        ]);
        let asked = json!({ "cursor": first["cursor"], "check_ins": held });

        let synced = officer.post("/sync", &asked).expect(200);
        let again = officer.post("/sync", &asked).expect(200);

        assert_eq!(synced["results"][0]["result"], "rejected");
        assert_eq!(synced["results"][1]["result"], "accepted");
        assert_eq!(synced["results"][1]["receipt"]["settled"], true);
        assert_eq!(again["results"][1]["result"], "duplicate_identical");
        assert_eq!(again["results"][1]["receipt"], synced["results"][1]["receipt"]);
        assert_eq!(state_in(&officer, synced, &due["obligation_id"]), "fulfilled");
    });
}

/// Follows the cursor until the obligation comes. That may take a call more while other transactions
/// are under way, but it is not passed over.
fn state_in(officer: &Caller<'_>, first: Value, obligation: &Value) -> Value {
    let mut synced = first;
    eventually(|| {
        let changed = synced["obligations"].as_array().unwrap();
        if let Some(found) = changed.iter().find(|it| it["obligation_id"] == *obligation) {
            return Some(found["state"].clone());
        }
        let asked = json!({ "cursor": synced["cursor"], "check_ins": [] });
        synced = officer.post("/sync", &asked).expect(200);
        None
    })
}
