//! What becomes of a duty when the order is varied before or after it was done.

use serde_json::json;
use uuid::Uuid;

use crate::builders::{OneOrder, sign_on};
use crate::harness::caller::Caller;
use crate::harness::{TestApp, at, on_each_database};

/// The windows of Tuesday 24 November: of the order as it was made, and as varied.
const OLD_CLOSES_AT: &str = "2026-11-24T12:01:00Z";
const NEW_CLOSES_AT: &str = "2026-11-24T13:01:00Z";

/// Signs on at 10:30, in the window from 10:00 to 12:00. Gives who confirmed it, and the record.
fn signed_on<'a>(app: &'a TestApp, order: &OneOrder) -> (Caller<'a>, Uuid) {
    app.import(&order.file());
    app.clock.set("2026-11-24T10:30:00Z");
    app.sweep();
    let (officer, station) = (app.officer_at("ALD"), app.station("ALD"));
    let due = officer.get(&format!("/stations/{station}/due")).expect(200)["due"][0].clone();
    let id = app.new_id();
    let body = sign_on(&due, station, "2026-11-24T10:30:00Z");
    let receipt = officer.put(&format!("/check-ins/{id}"), &body).expect(201);
    assert_eq!(receipt["settled"], true);
    (officer, id)
}

fn vary(app: &TestApp, order: &OneOrder, varied: &OneOrder, recorded: &str, from: &str) {
    app.clock.set(recorded);
    app.import(&order.varied(varied, from));
    app.sweep();
}

fn call_a_mistake(app: &TestApp, officer: &Caller<'_>, check_in: Uuid, when: &str) {
    app.clock.set(when);
    let reason = json!({ "reason": "It was his brother." });
    officer.put(&format!("/check-ins/{check_in}/supersession"), &reason).expect(200);
    app.sweep();
}

/// State and reason of what closes then, in alphabetical order.
fn states(app: &TestApp, closes_at: &str) -> Vec<String> {
    app.sql().texts(&format!(
        "SELECT state || ' ' || coalesce(state_reason, '') AS value FROM obligations \
         WHERE closes_at = {} ORDER BY 1",
        at(closes_at).ms()
    ))
}

fn each(test: impl Fn(&TestApp, &OneOrder)) {
    on_each_database(|app| test(app, &OneOrder::owned_by(&app.asha_mercer().username)));
}

#[test]
fn a_mistake_found_after_a_variation_in_the_window_leaves_the_duty_to_the_new_version() {
    each(|app, order| {
        let (officer, check_in) = signed_on(app, order);
        let longer = OneOrder { closes: "13:00", ..order.clone() };
        vary(app, order, &longer, "2026-11-24T11:00:00Z", "2026-11-24T11:00:00Z");
        assert_eq!(states(app, OLD_CLOSES_AT), ["fulfilled "]);
        assert!(states(app, NEW_CLOSES_AT).is_empty());

        call_a_mistake(app, &officer, check_in, "2026-11-24T11:30:00Z");

        assert_eq!(states(app, OLD_CLOSES_AT), ["cancelled order_varied"]);
        assert_eq!(states(app, NEW_CLOSES_AT), ["open "]);
        app.clock.set(OLD_CLOSES_AT);
        assert_eq!(app.sweep().missed, 0);
        app.clock.set(NEW_CLOSES_AT);
        assert_eq!(app.sweep().missed, 1);
        assert_eq!(app.alert_kinds(), ["missed_sign_on"]);
    });
}

#[test]
fn a_mistake_found_after_a_variation_to_another_day_leaves_no_duty_of_that_day() {
    each(|app, order| {
        let (officer, check_in) = signed_on(app, order);
        let fridays = OneOrder { rrule: Some("FREQ=WEEKLY;BYDAY=FR"), ..order.clone() };
        vary(app, order, &fridays, "2026-11-24T11:00:00Z", "2026-11-24T11:00:00Z");

        call_a_mistake(app, &officer, check_in, "2026-11-24T11:30:00Z");

        assert_eq!(states(app, OLD_CLOSES_AT), ["cancelled order_varied"]);
        app.clock.set("2026-11-25T00:00:00Z");
        assert_eq!(app.sweep().missed, 0);
        assert!(app.alerts().is_empty());
    });
}

#[test]
fn a_mistake_about_a_window_that_closed_under_its_version_is_found_missed_after_a_variation_too() {
    each(|app, order| {
        let (officer, check_in) = signed_on(app, order);
        let longer = OneOrder { closes: "13:00", ..order.clone() };
        vary(app, order, &longer, "2026-11-24T15:00:00Z", "2026-11-24T15:00:00Z");

        call_a_mistake(app, &officer, check_in, "2026-11-24T16:00:00Z");

        assert_eq!(states(app, OLD_CLOSES_AT), ["missed "]);
        assert!(states(app, NEW_CLOSES_AT).is_empty());
        assert_eq!(app.alert_kinds(), ["missed_sign_on"]);
    });
}

#[test]
fn a_record_that_corrects_a_slip_after_a_variation_fulfils_the_duty_again() {
    each(|app, order| {
        let (officer, check_in) = signed_on(app, order);
        let longer = OneOrder { closes: "13:00", ..order.clone() };
        vary(app, order, &longer, "2026-11-24T11:00:00Z", "2026-11-24T11:00:00Z");
        let record = officer.get(&format!("/check-ins/{check_in}")).expect(200);
        app.clock.set("2026-11-24T11:30:00Z");
        let mut right = sign_on(&record, app.station("ALD"), "2026-11-24T10:30:00Z");
        right["corrects"] = json!({ "check_in_id": check_in, "reason": "The note was wrong." });

        let put = |body| {
            let path = format!("/check-ins/{}", app.new_id());
            let clock = [("phone-clock", "2026-11-24T11:30:00Z")];
            officer.send(("PUT", &path), &clock, Some(body)).expect(201)
        };
        assert_eq!(put(&right)["settled"], true);

        assert_eq!(states(app, OLD_CLOSES_AT), ["fulfilled "]);
        app.clock.set(NEW_CLOSES_AT);
        assert_eq!(app.sweep().missed, 0);
    });
}

#[test]
fn a_correction_after_a_variation_that_does_not_fulfil_leaves_the_duty_to_the_new_version() {
    each(|app, order| {
        let (officer, check_in) = signed_on(app, order);
        let longer = OneOrder { closes: "13:00", ..order.clone() };
        vary(app, order, &longer, "2026-11-24T11:00:00Z", "2026-11-24T11:00:00Z");
        let record = officer.get(&format!("/check-ins/{check_in}")).expect(200);
        let mut stranger = sign_on(&record, app.station("ALD"), "2026-11-24T11:00:00Z");
        stranger["identity"]["result"] = json!("no_match");
        stranger["corrects"] = json!({ "check_in_id": check_in, "reason": "It was his brother." });

        officer.put(&format!("/check-ins/{}", app.new_id()), &stranger).expect(201);
        app.sweep();

        assert_eq!(states(app, OLD_CLOSES_AT), ["cancelled order_varied"]);
        assert_eq!(states(app, NEW_CLOSES_AT), ["open "]);
    });
}

#[test]
fn a_variation_that_comes_on_file_late_does_not_ask_again_for_what_was_done() {
    each(|app, order| {
        signed_on(app, order);
        let longer = OneOrder { closes: "13:00", ..order.clone() };

        vary(app, order, &longer, "2026-11-25T09:00:00Z", "2026-11-23T12:00:00Z");

        assert_eq!(states(app, OLD_CLOSES_AT), ["fulfilled "]);
        assert!(states(app, NEW_CLOSES_AT).is_empty());
        // Only what was to be done about the variation itself is late by the time it comes on file.
        let kinds = app.alert_kinds();
        assert!(kinds.iter().all(|kind| kind == "task_overdue"), "{kinds:?}");
    });
}

#[test]
fn a_duty_done_early_is_not_asked_again_by_a_variation_before_its_window() {
    each(|app, order| {
        let order = OneOrder { early_counts: true, opens: "11:00", ..order.clone() };
        app.import(&order.file());
        app.clock.set("2026-11-24T10:30:00Z");
        app.sweep();
        let (officer, station) = (app.officer_at("ALD"), app.station("ALD"));
        let due = officer.get(&format!("/stations/{station}/due")).expect(200)["due"][0].clone();
        let body = sign_on(&due, station, "2026-11-24T10:30:00Z");
        let put = officer.put(&format!("/check-ins/{}", app.new_id()), &body);
        assert_eq!(put.expect(201)["settled"], true);

        let longer = OneOrder { closes: "13:00", ..order.clone() };
        vary(app, &order, &longer, "2026-11-24T10:45:00Z", "2026-11-24T10:45:00Z");

        assert!(states(app, NEW_CLOSES_AT).is_empty());
    });
}
