//! Devices: the register, requests to present them, and what came of each.

use serde_json::{Value, json};

use crate::builders::OneOrder;
use crate::harness::caller::Caller;
use crate::harness::{TestApp, on_each_database};

fn with_order(test: impl Fn(&TestApp, &Caller<'_>, &str)) {
    on_each_database(|app| {
        app.import(&OneOrder::owned_by(&app.asha_mercer().username).file());
        app.sweep();
        let officer = app.officer_at("ALD");
        let listed = officer.get("/orders").expect(200);
        test(app, &officer, listed["orders"][0]["order_id"].as_str().unwrap());
    });
}

fn ask(app: &TestApp, officer: &Caller<'_>, order: &str, due_at: Value) -> String {
    let id = app.new_id().to_string();
    let body = json!({
        "happened_at": "2026-11-23T09:00:00Z",
        "device_id": null,
        "due_at": due_at,
        "condition_label": "R1",
    });
    officer.put(&format!("/orders/{order}/presentation-requests/{id}"), &body).expect(201);
    id
}

fn record(app: &TestApp, officer: &Caller<'_>, request: &str, what: &str, body: &Value) {
    let id = app.new_id();
    officer.put(&format!("/presentation-requests/{request}/{what}/{id}"), body).expect(201);
}

fn state(app: &TestApp, order: &str) -> String {
    let officer = app.officer_at("ALD");
    let file = officer.get(&format!("/orders/{order}/devices")).expect(200);
    file["requests"][0]["state"].as_str().unwrap().to_owned()
}

fn open(app: &TestApp, kind: &str) -> usize {
    let alerts = app.alerts();
    let open = alerts.iter().filter(|alert| alert.closed_at.is_none());
    open.filter(|alert| alert.kind.to_string() == kind).count()
}

#[test]
fn a_request_that_is_not_proved_to_have_arrived_is_never_missed_and_is_raised_as_ours() {
    with_order(|app, officer, order| {
        let request = ask(app, officer, order, json!("2026-11-24T09:00:00Z"));
        let letter = json!({ "happened_at": "2026-11-23T09:00:00Z", "method": "left_at_address" });
        record(app, officer, &request, "communications", &letter);

        app.clock.set("2026-11-24T08:59:00Z");
        app.sweep();
        assert_eq!(open(app, "request_not_proved"), 0);
        app.clock.set("2026-11-24T09:00:00Z");
        app.sweep();
        app.sweep();

        assert_eq!(state(app, order), "not_proved_communicated");
        assert_eq!((open(app, "request_not_proved"), open(app, "device_not_presented")), (1, 0));
    });
}

#[test]
fn a_request_that_arrived_and_was_not_answered_is_raised_at_its_deadline_and_cured_late() {
    with_order(|app, officer, order| {
        let request = ask(app, officer, order, json!("2026-11-24T09:00:00Z"));
        let told = json!({ "happened_at": "2026-11-23T09:00:00Z", "method": "in_person" });
        record(app, officer, &request, "communications", &told);
        app.sweep();
        assert_eq!(state(app, order), "waiting");

        app.clock.set("2026-11-24T09:00:00Z");
        app.sweep();
        assert_eq!((state(app, order).as_str(), open(app, "device_not_presented")), ("missed", 1));

        app.clock.set("2026-11-24T10:00:00Z");
        let late = json!({ "happened_at": "2026-11-24T10:00:00Z", "kind": "presented" });
        record(app, &app.officer_at("ALD"), &request, "answers", &late);
        app.sweep();
        assert_eq!(open(app, "device_not_presented"), 0);
        assert_eq!(state(app, order), "presented_late", "late stays late");
    });
}

#[test]
fn forthwith_leaves_an_hour_from_when_it_was_said_and_a_refusal_is_raised_at_once() {
    with_order(|app, officer, order| {
        let request = ask(app, officer, order, Value::Null);
        let told = json!({ "happened_at": "2026-11-23T09:00:00Z", "method": "in_person" });
        record(app, officer, &request, "communications", &told);
        app.clock.set("2026-11-23T09:59:59Z");
        app.sweep();
        assert_eq!(state(app, order), "waiting");

        let refused = json!({ "happened_at": "2026-11-23T09:59:59Z", "kind": "refused" });
        record(app, &app.officer_at("ALD"), &request, "answers", &refused);
        app.sweep();

        assert_eq!((state(app, order).as_str(), open(app, "device_not_presented")), ("refused", 1));
    });
}

#[test]
fn the_same_record_sent_again_is_one_record_and_another_under_its_id_is_refused() {
    with_order(|app, officer, order| {
        let id = app.new_id();
        let path = format!("/orders/{order}/devices/{id}");
        let mut device = json!({
            "happened_at": "2026-11-23T09:00:00Z",
            "kind": "phone",
            "description": "Black Samsung",
            "identifiers": [{ "kind": "imei", "text": "490154203237518" }],
            "registered": "declared_by_subject",
        });
        let first = officer.put(&path, &device).expect(201);
        assert_eq!(officer.put(&path, &device).expect(201), first);
        device["description"] = json!("White iPhone");
        officer.put(&path, &device).refused("record-conflict");
        assert_eq!(app.count("facts WHERE kind = 'device_registered'"), 1);

        let timeline =
            app.supervisor_at("ALD").get(&format!("/orders/{order}/timeline")).expect(200);
        let events = timeline["events"].as_array().unwrap();
        let told = events.iter().filter(|event| event["kind"] == "device_registered").count();
        assert_eq!(told, 1, "{events:?}");
    });
}
