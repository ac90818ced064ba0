//! Sessions, what became of them and referrals, when a record of them was a mistake.

use serde_json::{Value, json};

use super::{call_a_mistake, closed_as, in_error, kept, open_at, record, supersede, told};
use crate::builders::{OneOrder, file, treated, with_providers};
use crate::harness::{TestApp, on_each_database};

const OUTCOME_DUE: &str = "2026-11-26T15:30:00Z";

/// The order and its session on Wednesday 25 November, from 14:00 to 15:30.
fn with_session(app: &TestApp) -> (String, String) {
    let order = kept(app, Some("2026-11-02T16:00:00Z"));
    let session = listed(app, &order)["session_id"].as_str().unwrap().to_owned();
    (order, session)
}

fn listed(app: &TestApp, order: &str) -> Value {
    let by = app.supervisor_at("ALD");
    by.get(&format!("/orders/{order}/sessions")).expect(200)["sessions"][0].clone()
}

fn state(app: &TestApp, order: &str) -> String {
    listed(app, order)["state"].as_str().unwrap().to_owned()
}

fn moved_to(day: &str) -> Value {
    json!({
        "starts_at": format!("{day}T14:00:00Z"),
        "ends_at": format!("{day}T15:30:00Z"),
        "by": "subject",
        "agreed_at": "2026-11-23T08:00:00Z",
        "reason": "Agreed by telephone.",
    })
}

#[test]
fn an_outcome_that_was_a_mistake_counts_no_more_and_is_asked_for_again() {
    on_each_database(|app| {
        let (order, session) = with_session(app);
        let outcomes = format!("/sessions/{session}/outcomes");
        app.clock.set("2026-11-25T16:00:00Z");
        let absent = record(app, &outcomes, &json!({ "code": "UAAB", "action": "ROM" }));
        assert_eq!(open_at(app, "2026-11-25T16:00:01Z", "session_not_complied"), 1);

        call_a_mistake(app, &absent);

        assert_eq!(closed_as(app, "session_not_complied"), in_error());
        assert_eq!(state(app, &order), "outcome_missing");
        assert_eq!(open_at(app, OUTCOME_DUE, "outcome_missing"), 1);
        let attended = record(app, &outcomes, &json!({ "code": "ATTC" }));
        assert_eq!(open_at(app, OUTCOME_DUE, "outcome_missing"), 0);
        call_a_mistake(app, &attended);
        assert_eq!(open_at(app, OUTCOME_DUE, "outcome_missing"), 1, "it comes back");
        let events = ["session_outcome", "record_superseded"];
        assert_eq!(events.map(|kind| told(app, &order, kind)), [2, 2]);
    });
}

#[test]
fn evidence_that_was_a_mistake_leaves_the_absence_as_it_was_before() {
    on_each_database(|app| {
        let (order, session) = with_session(app);
        app.clock.set("2026-11-25T16:00:00Z");
        let excused =
            record(app, &format!("/sessions/{session}/outcomes"), &json!({ "code": "AAME" }));
        let lapsed = "2026-12-02T15:30:00Z";
        assert_eq!(open_at(app, lapsed, "evidence_overdue"), 1);
        let evidence = format!("/sessions/{session}/evidence");
        let accepted = record(app, &evidence, &json!({ "state": "accepted", "note": "A letter." }));
        assert_eq!(
            (open_at(app, lapsed, "evidence_overdue"), state(app, &order)),
            (0, "compliant".to_owned())
        );

        call_a_mistake(app, &accepted);
        assert_eq!(open_at(app, lapsed, "evidence_overdue"), 1, "it comes back");
        assert_eq!(state(app, &order), "non_compliant");
        let rejected = record(app, &evidence, &json!({ "state": "rejected" }));
        assert_eq!(open_at(app, lapsed, "session_not_complied"), 1);
        call_a_mistake(app, &rejected);
        assert_eq!(closed_as(app, "session_not_complied"), in_error());

        call_a_mistake(app, &excused);
        assert_eq!(closed_as(app, "evidence_overdue"), in_error());
        assert_eq!(open_at(app, lapsed, "outcome_missing"), 2);
        assert_eq!(told(app, &order, "session_evidence"), 2);
    });
}

#[test]
fn a_move_that_was_a_mistake_puts_the_session_back_to_its_old_time() {
    on_each_database(|app| {
        let (order, session) = with_session(app);
        let later = record(app, &format!("/sessions/{session}/moves"), &moved_to("2026-11-27"));
        assert_eq!(open_at(app, OUTCOME_DUE, "outcome_missing"), 0);

        call_a_mistake(app, &later);

        assert_eq!(open_at(app, OUTCOME_DUE, "outcome_missing"), 1);
        assert_eq!(listed(app, &order)["starts_at"], "2026-11-25T14:00:00.000Z");
        assert_eq!(
            [told(app, &order, "session_moved"), told(app, &order, "record_superseded")],
            [1, 1]
        );

        // The same alert, raised again for another day, speaks of that day.
        record(app, &format!("/sessions/{session}/moves"), &moved_to("2026-11-30"));
        assert_eq!(open_at(app, OUTCOME_DUE, "outcome_missing"), 0);
        assert_eq!(open_at(app, "2026-12-01T15:30:00Z", "outcome_missing"), 1);
        let alerts = app.alerts();
        let alert = alerts.iter().find(|it| it.kind.to_string() == "outcome_missing").unwrap();
        assert!(alert.detail.contains("Mon 30 Nov"), "{}", alert.detail);
    });
}

#[test]
fn a_move_is_no_mistake_as_long_as_an_outcome_is_on_record_for_the_new_time() {
    on_each_database(|app| {
        let (order, session) = with_session(app);
        let earlier = record(app, &format!("/sessions/{session}/moves"), &moved_to("2026-11-24"));
        app.clock.set("2026-11-24T16:00:00Z");
        let outcome =
            record(app, &format!("/sessions/{session}/outcomes"), &json!({ "code": "ATTC" }));

        supersede(&app.supervisor_at("ALD"), &earlier, "x").refused("cannot-supersede");
        assert_eq!(state(app, &order), "compliant");

        call_a_mistake(app, &outcome);
        call_a_mistake(app, &earlier);
        assert_eq!(state(app, &order), "ahead");
        assert_eq!(open_at(app, OUTCOME_DUE, "outcome_missing"), 1);
    });
}

#[test]
fn a_cancellation_that_was_a_mistake_asks_for_the_outcome_again() {
    on_each_database(|app| {
        let (order, session) = with_session(app);
        let body = json!({ "cause": "cancelled_by_provider", "reason": "Ill." });
        let cancelled = record(app, &format!("/sessions/{session}/cancellations"), &body);
        assert_eq!(open_at(app, OUTCOME_DUE, "service_fault"), 1);

        call_a_mistake(app, &cancelled);

        assert_eq!(closed_as(app, "service_fault"), in_error());
        assert_eq!(state(app, &order), "outcome_missing");
        assert_eq!(open_at(app, OUTCOME_DUE, "outcome_missing"), 1);
        let events = ["session_cancelled", "record_superseded"];
        assert_eq!(events.map(|kind| told(app, &order, kind)), [1, 1]);
    });
}

#[test]
fn a_session_that_was_never_arranged_asks_for_nothing_and_sent_again_stays_a_mistake() {
    on_each_database(|app| {
        let (order, session) = with_session(app);
        let outcomes = format!("/sessions/{session}/outcomes");
        assert_eq!(open_at(app, OUTCOME_DUE, "outcome_missing"), 1);
        let outcome = record(app, &outcomes, &json!({ "code": "ATTC" }));
        supersede(&app.supervisor_at("ALD"), &session, "x").refused("cannot-supersede");
        call_a_mistake(app, &outcome);

        call_a_mistake(app, &session);

        assert_eq!(closed_as(app, "outcome_missing"), in_error());
        assert_eq!(listed(app, &order), Value::Null);
        assert_eq!(told(app, &order, "session_scheduled"), 1);
        let by = app.supervisor_at("ALD");
        by.put(&format!("{outcomes}/{}", app.new_id()), &json!({ "code": "ATTC" }))
            .refused("not-found");

        let provider = by.get("/providers").expect(200)["providers"][0]["provider_id"].clone();
        let other = json!({
            "provider_id": provider, "label": "R2", "place": "12 Mill Lane",
            "starts_at": "2026-12-02T14:00:00Z", "ends_at": "2026-12-02T15:30:00Z",
        });
        let path = format!("/orders/{order}/sessions/{}", app.new_id());
        let first = by.put(&path, &other).expect(201);
        call_a_mistake(app, first["record_id"].as_str().unwrap());
        assert_eq!(by.put(&path, &other).expect(201)["record_id"], first["record_id"]);
        assert_eq!(listed(app, &order), Value::Null);
        assert_eq!(open_at(app, "2026-12-10T09:00:00Z", "outcome_missing"), 0);
    });
}

#[test]
fn a_version_that_names_a_session_that_was_a_mistake_does_not_bring_it_back() {
    on_each_database(|app| {
        let owner = app.asha_mercer();
        let sessions = [("2026-11-25T14:00:00Z", "2026-11-25T15:30:00Z")];
        let mut entry = treated(OneOrder::owned_by(&owner.username).entry(), &sessions);
        app.import(&with_providers(&file(std::slice::from_ref(&entry))));
        let orders = app.supervisor_at("ALD").get("/orders").expect(200);
        let order = orders["orders"][0]["order_id"].as_str().unwrap().to_owned();
        let session = listed(app, &order)["session_id"].as_str().unwrap().to_owned();
        call_a_mistake(app, &session);

        let mut second = entry["versions"][0].clone();
        second["number"] = json!(2);
        second["reason"] = json!("variation");
        second["in_force_from"] = json!("2026-11-24T00:00:00Z");
        entry["versions"].as_array_mut().unwrap().push(second);
        app.import(&with_providers(&file(&[entry])));

        assert_eq!(listed(app, &order), Value::Null);
        assert_eq!(open_at(app, OUTCOME_DUE, "outcome_missing"), 0);
    });
}

#[test]
fn a_referral_or_a_session_that_was_none_leaves_the_referral_to_be_made() {
    on_each_database(|app| {
        app.clock.set("2026-11-10T09:00:00Z");
        let owner = app.asha_mercer();
        let mut entry = treated(OneOrder::owned_by(&owner.username).entry(), &[]);
        entry["versions"][0]["conditions"][1]["treatment"]["referred"] = json!(false);
        app.import(&with_providers(&file(&[entry])));
        let by = app.supervisor_at("ALD");
        let orders = by.get("/orders").expect(200);
        let order = orders["orders"][0]["order_id"].as_str().unwrap().to_owned();
        let at = "2026-11-10T09:00:01Z";
        assert_eq!(open_at(app, at, "service_fault"), 1);

        let body = json!({ "label": "R2", "happened_at": "2026-11-09T16:00:00Z" });
        let referral = record(app, &format!("/orders/{order}/referrals"), &body);
        assert_eq!(open_at(app, at, "service_fault"), 0);
        call_a_mistake(app, &referral);
        assert_eq!(open_at(app, at, "service_fault"), 1, "it comes back");

        let provider = by.get("/providers").expect(200)["providers"][0]["provider_id"].clone();
        let session = json!({
            "provider_id": provider, "label": "R2", "place": "12 Mill Lane",
            "starts_at": "2026-12-02T14:00:00Z", "ends_at": "2026-12-02T15:30:00Z",
        });
        let session = record(app, &format!("/orders/{order}/sessions"), &session);
        assert_eq!(open_at(app, at, "service_fault"), 0);
        call_a_mistake(app, &session);
        assert_eq!(open_at(app, at, "service_fault"), 1, "it comes back");
        let events = ["referral_made", "session_scheduled", "record_superseded"];
        assert_eq!(events.map(|kind| told(app, &order, kind)), [1, 1, 2]);
    });
}
