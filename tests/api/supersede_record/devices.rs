//! Devices, requests to present them and examinations, when a record of them was a mistake.

use serde_json::{Value, json};

use super::{call_a_mistake, closed_as, in_error, open_at, record, supersede, told};
use crate::builders::{OneOrder, file};
use crate::harness::{TestApp, on_each_database};
use crate::zones::{entry_with, prohibition};

const DUE: &str = "2026-11-24T09:00:00Z";

/// An order that asks for devices to be declared and their history to be kept.
fn with_order(test: impl Fn(&TestApp, &str)) {
    on_each_database(|app| {
        let order = OneOrder::owned_by(&app.asha_mercer().username);
        let rules = json!({ "rules": ["declare_devices", "no_deletion"] });
        app.import(&file(&[entry_with(&order, &[prohibition("P1", "internet_use", rules)])]));
        app.sweep();
        let listed = app.supervisor_at("ALD").get("/orders").expect(200);
        test(app, listed["orders"][0]["order_id"].as_str().unwrap());
    });
}

fn request(app: &TestApp, order: &str, device: &Value) -> String {
    let body = json!({
        "happened_at": "2026-11-23T09:00:00Z", "device_id": device, "due_at": DUE,
        "condition_label": "P1",
    });
    record(app, &format!("/orders/{order}/presentation-requests"), &body)
}

fn communicate(app: &TestApp, request: &str) -> String {
    let body = json!({ "happened_at": "2026-11-23T09:00:00Z", "method": "in_person" });
    record(app, &format!("/presentation-requests/{request}/communications"), &body)
}

fn answer(app: &TestApp, request: &str, kind: &str) -> String {
    let body = json!({ "happened_at": app.clock.now().to_rfc3339(), "kind": kind });
    record(app, &format!("/presentation-requests/{request}/answers"), &body)
}

fn on_file(app: &TestApp, order: &str, what: &str) -> Vec<Value> {
    let found = app.supervisor_at("ALD").get(&format!("/orders/{order}/devices")).expect(200);
    found[what].as_array().unwrap().clone()
}

#[test]
fn a_device_that_was_none_is_on_no_register_and_its_suspicion_closes() {
    with_order(|app, order| {
        let body = json!({
            "happened_at": "2026-11-23T09:00:00Z", "kind": "phone", "description": "Black Samsung",
            "identifiers": [], "registered": "found",
        });
        let device = record(app, &format!("/orders/{order}/devices"), &body);
        assert_eq!(open_at(app, "2026-11-23T09:00:01Z", "device_suspicion"), 1);
        let asked = request(app, order, &json!(device));
        supersede(&app.supervisor_at("ALD"), &device, "x").refused("cannot-supersede");
        call_a_mistake(app, &asked);

        call_a_mistake(app, &device);

        assert_eq!(closed_as(app, "device_suspicion"), in_error());
        assert!(on_file(app, order, "devices").is_empty());
        let events = ["device_registered", "presentation_requested", "record_superseded"];
        assert_eq!(events.map(|kind| told(app, order, kind)), [1, 1, 2]);
    });
}

#[test]
fn a_request_that_never_reached_the_subject_or_was_none_is_nobodys_failure() {
    with_order(|app, order| {
        let asked = request(app, order, &Value::Null);
        let communicated = communicate(app, &asked);
        assert_eq!(open_at(app, DUE, "device_not_presented"), 1);
        supersede(&app.supervisor_at("ALD"), &asked, "x").refused("cannot-supersede");

        call_a_mistake(app, &communicated);
        assert_eq!(closed_as(app, "device_not_presented"), in_error());
        assert_eq!(open_at(app, DUE, "request_not_proved"), 1);
        assert_eq!(on_file(app, order, "requests")[0]["state"], "not_proved_communicated");

        call_a_mistake(app, &asked);
        assert_eq!(closed_as(app, "request_not_proved"), in_error());
        assert!(on_file(app, order, "requests").is_empty());
        assert_eq!(open_at(app, "2026-11-26T09:00:00Z", "request_not_proved"), 0);
        let events = ["presentation_requested", "request_communicated", "record_superseded"];
        assert_eq!(events.map(|kind| told(app, order, kind)), [1, 1, 2]);
    });
}

#[test]
fn an_answer_that_was_a_mistake_leaves_the_request_unanswered() {
    with_order(|app, order| {
        let asked = request(app, order, &Value::Null);
        communicate(app, &asked);
        let refused = answer(app, &asked, "refused");
        assert_eq!(open_at(app, "2026-11-23T09:00:01Z", "device_not_presented"), 1);
        call_a_mistake(app, &refused);
        assert_eq!(closed_as(app, "device_not_presented"), in_error());
        assert_eq!(on_file(app, order, "requests")[0]["state"], "waiting");

        assert_eq!(open_at(app, DUE, "device_not_presented"), 1);
        let presented = answer(app, &asked, "presented");
        assert_eq!(open_at(app, DUE, "device_not_presented"), 0);
        call_a_mistake(app, &presented);
        assert_eq!(open_at(app, DUE, "device_not_presented"), 1, "it comes back");
        assert_eq!(told(app, order, "presentation_answered"), 2);
    });
}

#[test]
fn what_an_order_did_not_live_to_see_is_not_asked_of_it_by_a_mistake() {
    with_order(|app, order| {
        let asked = request(app, order, &Value::Null);
        communicate(app, &asked);
        let presented = answer(app, &asked, "presented");
        let transfer = json!({
            "happened_at": "2026-11-23T08:00:00Z", "to_force": "04", "reason": "He has moved.",
        });
        let transfer = record(app, &format!("/orders/{order}/transfers"), &transfer);
        let accepted = json!({
            "happened_at": "2026-11-23T08:30:00Z", "is_accepted": true, "answered_by": "Sgt Pike",
        });
        let accepted = record(app, &format!("/transfers/{transfer}/answers"), &accepted);
        let end = json!({ "happened_at": "2026-11-23T08:45:00Z", "reason": "discharged" });
        record(app, &format!("/orders/{order}/end"), &end);

        call_a_mistake(app, &presented);
        call_a_mistake(app, &accepted);

        assert_eq!(open_at(app, "2026-11-25T09:00:00Z", "device_not_presented"), 0);
        assert_eq!(open_at(app, "2026-11-25T09:00:00Z", "transfer_unanswered"), 0);
    });
}

#[test]
fn an_examination_that_was_a_mistake_suggests_nothing() {
    with_order(|app, order| {
        let body = json!({
            "device_id": null, "started_at": "2026-11-23T08:00:00Z",
            "ended_at": "2026-11-23T08:40:00Z", "method": "by_hand",
            "answers": [{ "check": "history_deleted", "answer": "yes" }],
        });
        let examined = record(app, &format!("/orders/{order}/examinations"), &body);
        assert_eq!(open_at(app, "2026-11-23T09:00:01Z", "device_suspicion"), 1);

        call_a_mistake(app, &examined);

        assert_eq!(closed_as(app, "device_suspicion"), in_error());
        assert!(on_file(app, order, "examinations").is_empty());
        let events = ["device_examined", "record_superseded"];
        assert_eq!(events.map(|kind| told(app, order, kind)), [1, 1]);
    });
}
