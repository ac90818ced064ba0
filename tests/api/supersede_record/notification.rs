//! What was told to the police and what bears on the duty to tell it, when the record was a mistake.
//! Served on 24 December at 10:00, so that the first notification is due by the end of Boxing Day.

use serde_json::{Value, json};

use super::{call_a_mistake, closed_as, in_error, open_at, record, supersede, told};
use crate::builders::OneOrder;
use crate::harness::caller::Caller;
use crate::harness::{TestApp, on_each_database};

const DUE: &str = "2026-12-27T00:00:00Z";

fn with_order(test: impl Fn(&TestApp, &str)) {
    on_each_database(|app| {
        app.clock.set("2026-12-24T12:00:00Z");
        let order = OneOrder {
            starts_on: "2027-11-24",
            served_at: Some("2026-12-24T10:00:00Z"),
            ..OneOrder::owned_by(&app.asha_mercer().username)
        };
        app.import(&order.file());
        let listed = app.supervisor_at("ALD").get("/orders").expect(200);
        test(app, listed["orders"][0]["order_id"].as_str().unwrap());
    });
}

fn given(app: &TestApp, duty: &Value, manner: &str) -> Value {
    let station = (manner == "oral_in_person").then(|| app.station("ALD").to_string());
    json!({
        "duties": [duty], "given_at": "2026-12-24T11:00:00Z", "manner": manner,
        "station_id": station, "in_local_police_area": true, "taken_by": "officer",
        "taken_by_name": "PC Lena Frost", "names": ["Terence Vane"],
        "home_address": "17 Tanners Row, Alderbridge",
    })
}

fn listed(app: &TestApp, order: &str) -> Value {
    app.supervisor_at("ALD").get(&format!("/orders/{order}/notifications")).expect(200)
}

fn duty(app: &TestApp, order: &str, cause: &str) -> Value {
    let listed = listed(app, order);
    let mut duties = listed["duties"].as_array().unwrap().iter();
    duties.find(|duty| duty["cause"] == cause).unwrap_or(&Value::Null)["state"].clone()
}

#[test]
fn a_notification_that_was_none_leaves_the_duty_open_and_its_receipt_is_never_given_again() {
    with_order(|app, order| {
        let path = format!("/orders/{order}/notifications/{}", app.new_id());
        let by = app.supervisor_at("ALD");
        let body = given(app, &json!({ "cause": "initial" }), "oral_in_person");
        let first = by.put(&path, &body).expect(201);
        assert_eq!(open_at(app, DUE, "notification_overdue"), 0);

        call_a_mistake(app, first["record_id"].as_str().unwrap());

        assert_eq!(duty(app, order, "initial"), "failed");
        assert_eq!(open_at(app, DUE, "notification_overdue"), 1);
        let again = Caller::new(app, by.account.clone()).put(&path, &body).expect(201);
        assert_eq!(again["receipt_number"], first["receipt_number"]);
        assert_eq!(duty(app, order, "initial"), "failed", "sent again it is still a mistake");
        let second = record_given(app, order, &body);
        assert_eq!(second["receipt_number"], "N/SPO/26/0001/2");
        assert_eq!(open_at(app, DUE, "notification_overdue"), 0);
        call_a_mistake(app, second["record_id"].as_str().unwrap());
        assert_eq!(open_at(app, DUE, "notification_overdue"), 1, "it comes back");
        assert_eq!(told(app, order, "notification_given"), 2);
        assert_eq!(told(app, order, "record_superseded"), 2);
    });
}

fn record_given(app: &TestApp, order: &str, body: &Value) -> Value {
    let by = app.supervisor_at("ALD");
    by.put(&format!("/orders/{order}/notifications/{}", app.new_id()), body).expect(201)
}

#[test]
fn what_was_told_by_telephone_and_was_a_mistake_is_not_held_to_be_invalid() {
    with_order(|app, order| {
        let body = given(app, &json!({ "cause": "initial" }), "phone");
        let phoned = record_given(app, order, &body);
        assert_eq!(open_at(app, "2026-12-24T12:00:01Z", "notification_invalid"), 1);

        call_a_mistake(app, phoned["record_id"].as_str().unwrap());

        assert_eq!(closed_as(app, "notification_invalid"), in_error());
        assert_eq!(duty(app, order, "initial"), "open");
        assert_eq!(open_at(app, DUE, "notification_overdue"), 1);
    });
}

#[test]
fn a_change_that_was_none_asks_to_be_told_no_more() {
    with_order(|app, order| {
        let initial = given(app, &json!({ "cause": "initial" }), "oral_in_person");
        record_given(app, order, &initial);
        let moved = json!({ "duty": "home_address", "on": "2026-12-28" });
        let moved = record(app, &format!("/orders/{order}/details-changes"), &moved);
        assert_eq!(open_at(app, "2026-12-31T00:00:00Z", "notification_overdue"), 1);
        let of_it = json!({ "cause": "home_address", "change_id": moved });
        let late = record_given(app, order, &given(app, &of_it, "oral_in_person"));
        supersede(&app.supervisor_at("ALD"), &moved, "x").refused("cannot-supersede");
        call_a_mistake(app, late["record_id"].as_str().unwrap());

        call_a_mistake(app, &moved);

        assert_eq!(closed_as(app, "notification_overdue"), in_error());
        assert_eq!(duty(app, order, "home_address"), Value::Null);
        let events = ["details_changed", "record_superseded"];
        assert_eq!(events.map(|kind| told(app, order, kind)), [1, 2]);
    });
}

#[test]
fn an_exemption_that_was_none_leaves_the_orders_own_duty_as_it_was() {
    with_order(|app, order| {
        let exempt = json!({
            "regime": "sexual_offences_part_2", "from": "2026-01-01", "until": "2026-12-30",
            "evidence": "Court register",
        });
        let exempt = record(app, &format!("/orders/{order}/notification-exemptions"), &exempt);
        assert_eq!(open_at(app, DUE, "notification_overdue"), 0);
        // Three days after the other regime has ended.
        assert_eq!(open_at(app, "2027-01-02T00:00:00Z", "notification_overdue"), 1);

        call_a_mistake(app, &exempt);

        assert_eq!(duty(app, order, "exemption_ended"), Value::Null);
        assert_eq!(duty(app, order, "initial"), "failed");
        let mut reasons = closed_as(app, "notification_overdue");
        reasons.sort();
        assert_eq!(reasons, [None, in_error()[0].clone()], "the one for the other");
        assert_eq!(told(app, order, "notification_exempted"), 1);
    });
}

#[test]
fn an_identity_request_that_was_none_suggests_no_offence() {
    with_order(|app, order| {
        let refused = json!({
            "requested_at": "2026-12-24T11:00:00Z", "asked": "photograph", "answer": "refused",
        });
        let asked = record(app, &format!("/orders/{order}/identity-requests"), &refused);
        assert_ne!(listed(app, order)["identity_requests"][0]["suspected_offence"], Value::Null);

        call_a_mistake(app, &asked);

        assert_eq!(listed(app, order)["identity_requests"], json!([]));
        let events = ["identity_asked", "record_superseded"];
        assert_eq!(events.map(|kind| told(app, order, kind)), [1, 1]);
    });
}
