//! Courts' decisions, protected times and the reasons for what falls in them, when the record was a
//! mistake.

use serde_json::json;

use super::{call_a_mistake, closed_as, in_error, kept, open, open_at, record, told};
use crate::harness::on_each_database;

#[test]
fn a_decision_on_an_appeal_that_was_none_leaves_the_courts_stay_as_it_was() {
    on_each_database(|app| {
        let id = kept(app, Some("2026-11-02T16:00:00Z"));
        let appeal = json!({
            "happened_at": "2026-11-23T08:00:00Z", "stayed_from": "2026-11-23T09:00:00Z",
        });
        let appeal = record(app, &format!("/orders/{id}/appeals"), &appeal);
        let decisions = format!("/appeals/{appeal}/decisions");
        let dismissed = json!({ "happened_at": "2026-11-23T09:00:00Z", "outcome": "dismissed" });
        let decision = record(app, &decisions, &dismissed);
        assert_eq!(open_at(app, "2026-11-24T12:01:00Z", "missed_sign_on"), 1);

        call_a_mistake(app, &decision);

        let order = app.supervisor_at("ALD").get(&format!("/orders/{id}")).expect(200);
        assert_eq!(
            (&order["is_appeal_pending"], &order["is_binding"]),
            (&json!(true), &json!(false))
        );
        let misses = || {
            let all = open(app).into_iter().filter(|kind| kind.starts_with("missed"));
            all.collect::<Vec<_>>()
        };
        assert_eq!(misses(), ["missed_sign_on_to_verify"]);
        let dismissed = json!({ "happened_at": "2026-11-24T12:01:00Z", "outcome": "dismissed" });
        record(app, &decisions, &dismissed);
        app.clock.set("2026-11-25T12:01:00Z");
        app.sweep();
        assert_eq!(misses(), ["missed_sign_on_to_verify", "missed_sign_on"]);
        let events = ["appeal_decided", "record_superseded"];
        assert_eq!(events.map(|kind| told(app, &id, kind)), [2, 1]);
    });
}

#[test]
fn a_reason_that_was_a_mistake_is_asked_for_again_and_a_time_that_was_none_is_not() {
    on_each_database(|app| {
        let id = kept(app, Some("2026-11-02T16:00:00Z"));
        let span = json!({ "days": ["tue"], "opens": "09:00", "closes": "17:00" });
        let work = json!({
            "kind": "work", "hours": { "zone": "Europe/London", "spans": [span] },
            "source": "Payslip",
        });
        let work = record(app, &format!("/orders/{id}/protected-times"), &work);
        let at = "2026-11-23T09:00:01Z";
        assert_eq!(open_at(app, at, "protected_time_clash"), 1);
        let lint = app.supervisor_at("ALD").get(&format!("/orders/{id}/lint")).expect(200);
        let clash = lint["clashes"][0]["clash_id"].as_str().unwrap();
        let reasons = format!("/orders/{id}/clashes/{clash}/reasons");
        let reason = record(app, &reasons, &json!({ "reason": "The court heard him on it." }));
        assert_eq!(open_at(app, at, "protected_time_clash"), 0);

        call_a_mistake(app, &reason);
        assert_eq!(open_at(app, at, "protected_time_clash"), 1, "it comes back");
        let lint = app.supervisor_at("ALD").get(&format!("/orders/{id}/lint")).expect(200);
        assert_eq!(lint["clashes"][0]["reason"], json!(null));

        call_a_mistake(app, &work);
        assert_eq!(closed_as(app, "protected_time_clash"), in_error());
        let events = ["clash_reason_given", "protected_time", "record_superseded"];
        assert_eq!(events.map(|kind| told(app, &id, kind)), [1, 1, 2]);
    });
}
