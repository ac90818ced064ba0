//! Records that were mistakes: what followed from them is taken back, or they are refused.

mod devices;
mod notification;
mod terms;
mod treatment;

use compliance::Word;
use compliance::fact::FactKind;
use holdfast::operations::supersede_record::{TakenBack, taken_back};
use serde_json::{Value, json};

use crate::builders::{OneOrder, file, treated, with_providers};
use crate::harness::caller::Caller;
use crate::harness::{TestApp, on_each_database};
use crate::zones::{entry_with, prohibition, square};

/// A daily sign-on, a zone and treatment, owned and kept by the example orders' officer.
fn kept(app: &TestApp, served_at: Option<&'static str>) -> String {
    let owner = app.asha_mercer();
    let order =
        OneOrder { rrule: Some("FREQ=DAILY"), served_at, ..OneOrder::owned_by(&owner.username) };
    let entry = entry_with(&order, &[prohibition("P1", "exclusion_zone", square())]);
    let sessions = [("2026-11-25T14:00:00Z", "2026-11-25T15:30:00Z")];
    app.import(&with_providers(&file(&[treated(entry, &sessions)])));
    app.sweep();
    let listed = app.supervisor_at("ALD").get("/orders").expect(200);
    listed["orders"][0]["order_id"].as_str().unwrap().to_owned()
}

fn record(app: &TestApp, path: &str, body: &Value) -> String {
    let by = app.supervisor_at("ALD");
    let recorded = by.put(&format!("{path}/{}", app.new_id()), body).expect(201);
    recorded["record_id"].as_str().unwrap().to_owned()
}

fn supersede(by: &Caller<'_>, record: &str, reason: &str) -> crate::harness::caller::Answer {
    by.put(&format!("/records/{record}/supersession"), &json!({ "reason": reason }))
}

fn call_a_mistake(app: &TestApp, record: &str) {
    supersede(&app.supervisor_at("ALD"), record, "A slip.").expect(200);
    app.sweep();
}

fn open(app: &TestApp) -> Vec<String> {
    let open = app.alerts().into_iter().filter(|alert| alert.closed_at.is_none());
    open.map(|alert| alert.kind.to_string()).collect()
}

/// How many alerts of a kind are open after the sweep at a time.
fn open_at(app: &TestApp, time: &str, kind: &str) -> usize {
    app.clock.set(time);
    app.sweep();
    open(app).iter().filter(|it| *it == kind).count()
}

/// Why the alerts of a kind closed, the oldest first; those that are open have no reason.
fn closed_as(app: &TestApp, kind: &str) -> Vec<Option<String>> {
    let of_kind = app.alerts().into_iter().filter(|alert| alert.kind.to_string() == kind);
    of_kind.map(|alert| alert.close_reason).collect()
}

fn in_error() -> Vec<Option<String>> {
    vec![Some("entered_in_error".to_owned())]
}

/// How often the order's history tells of a kind of event.
fn told(app: &TestApp, order: &str, kind: &str) -> usize {
    let timeline = app.supervisor_at("ALD").get(&format!("/orders/{order}/timeline")).expect(200);
    let events = timeline["events"].as_array().unwrap().iter();
    events.filter(|event| event["kind"] == kind).count()
}

fn states(app: &TestApp) -> Vec<String> {
    app.sql().texts(
        "SELECT state || ' ' || coalesce(state_reason, '') AS value FROM obligations \
         ORDER BY closes_at LIMIT 2",
    )
}

fn served(at: &str) -> Value {
    json!({
        "happened_at": at, "outcome": "served", "method": "in_person", "place": "Home",
        "served_by": "PC Okafor", "proof": "MG11/1",
    })
}

#[test]
fn a_service_that_was_none_takes_the_misses_with_it_and_asks_to_be_served_again() {
    on_each_database(|app| {
        let id = kept(app, None);
        let path = format!("/orders/{id}/service-attempts");
        let first = record(app, &path, &served("2026-11-23T08:00:00Z"));
        app.clock.set("2026-11-24T12:01:00Z");
        app.sweep();
        assert!(open(app).contains(&"missed_sign_on".to_owned()));

        let second = record(app, &path, &served("2026-11-23T09:00:00Z"));
        call_a_mistake(app, &first);
        let order = app.supervisor_at("ALD").get(&format!("/orders/{id}")).expect(200);
        assert_eq!(order["served_at"], "2026-11-23T09:00:00.000Z");
        assert_eq!(states(app)[0], "missed ");

        call_a_mistake(app, &second);
        let order = app.supervisor_at("ALD").get(&format!("/orders/{id}")).expect(200);
        assert_eq!((&order["status"], &order["served_at"]), (&json!("made"), &Value::Null));
        assert_eq!(states(app)[0], "cancelled order_not_served");
        let open = open(app);
        assert!(open.contains(&"order_unserved".to_owned()), "{open:?}");
        assert!(!open.contains(&"missed_sign_on".to_owned()), "{open:?}");
        let closed = app.alerts().into_iter().find(|it| it.kind.to_string() == "missed_sign_on");
        assert_eq!(closed.unwrap().close_reason.as_deref(), Some("entered_in_error"));
    });
}

#[test]
fn an_end_that_was_none_puts_the_obligations_back_without_a_gap() {
    on_each_database(|app| {
        let id = kept(app, Some("2026-11-02T16:00:00Z"));
        let before = app.count("obligations WHERE state = 'scheduled'");
        let end = json!({ "happened_at": "2026-11-23T08:30:00Z", "reason": "discharged" });
        let end = record(app, &format!("/orders/{id}/end"), &end);
        assert_eq!(app.count("obligations WHERE state = 'scheduled'"), 0);
        app.clock.set("2026-11-24T13:00:00Z");
        app.sweep();

        call_a_mistake(app, &end);

        let order = app.supervisor_at("ALD").get(&format!("/orders/{id}")).expect(200);
        assert_eq!((&order["status"], &order["end_reason"]), (&json!("in_force"), &Value::Null));
        assert_eq!(states(app), ["missed ", "scheduled "]);
        assert!(app.count("obligations WHERE state = 'scheduled'") >= before - 1);
        assert!(open(app).contains(&"missed_sign_on".to_owned()));
        app.clock.set("2026-11-27T12:00:00Z");
        app.sweep();
        assert!(open(app).contains(&"outcome_missing".to_owned()), "sessions are chased again");
    });
}

#[test]
fn a_stay_in_hospital_or_a_courts_stay_that_was_none_makes_the_miss_one_like_any_other() {
    on_each_database(|app| {
        let id = kept(app, Some("2026-11-02T16:00:00Z"));
        let period = json!({
            "whereabouts": "hospital", "from": "2026-11-24T08:00:00Z",
            "until": "2026-11-24T20:00:00Z", "evidence": "Ward sister",
        });
        let period = record(app, &format!("/orders/{id}/status-periods"), &period);
        let appeal = json!({
            "happened_at": "2026-11-23T08:00:00Z", "stayed_from": "2026-11-25T00:00:00Z",
        });
        let appeal = record(app, &format!("/orders/{id}/appeals"), &appeal);
        app.clock.set("2026-11-24T12:01:00Z");
        app.sweep();
        app.clock.set("2026-11-25T12:01:00Z");
        app.sweep();
        let misses = || {
            let all = open(app).into_iter().filter(|kind| kind.starts_with("missed"));
            all.collect::<Vec<_>>()
        };
        assert_eq!(misses(), ["missed_sign_on_to_verify", "missed_sign_on_to_verify"]);

        call_a_mistake(app, &period);
        assert_eq!(misses(), ["missed_sign_on", "missed_sign_on_to_verify"]);
        call_a_mistake(app, &appeal);
        assert_eq!(misses(), ["missed_sign_on", "missed_sign_on"]);
        assert!(!open(app).contains(&"status_period_ended".to_owned()));
    });
}

#[test]
fn what_hung_on_a_mistake_closes_and_says_so() {
    on_each_database(|app| {
        let id = kept(app, Some("2026-11-02T16:00:00Z"));
        let position = json!({ "latitude": 52.3190, "longitude": -2.7100, "accuracy_m": 5.0 });
        let seen = json!({
            "position": position, "seen_at": "2026-11-23T08:50:00Z", "source": "officer_sighting",
        });
        let sighting = app.new_id().to_string();
        let by = app.supervisor_at("ALD");
        by.put(&format!("/orders/{id}/sightings/{sighting}"), &seen).expect(201);
        let transfer = json!({
            "happened_at": "2026-11-22T08:00:00Z", "to_force": "04", "reason": "He has moved.",
        });
        let transfer = record(app, &format!("/orders/{id}/transfers"), &transfer);
        let answer = json!({
            "happened_at": "2026-11-23T08:40:00Z", "is_accepted": true, "answered_by": "Sgt Pike",
        });
        let answer = record(app, &format!("/transfers/{transfer}/answers"), &answer);
        assert!(open(app).contains(&"zone_entered".to_owned()), "{:?}", open(app));

        supersede(&by, &transfer, "x").refused("cannot-supersede");
        call_a_mistake(app, &answer);
        let order = by.get(&format!("/orders/{id}")).expect(200);
        assert_eq!(order["managing_force"], "");
        assert!(open(app).contains(&"transfer_unanswered".to_owned()), "it is asked for again");
        call_a_mistake(app, &transfer);
        call_a_mistake(app, &sighting);

        let closed: Vec<String> = app
            .alerts()
            .into_iter()
            .filter(|it| it.close_reason.as_deref() == Some("entered_in_error"))
            .map(|it| it.kind.to_string())
            .collect();
        for kind in ["zone_entered", "transfer_unanswered"] {
            assert!(closed.contains(&kind.to_owned()), "{kind}: {closed:?}");
        }
        assert_eq!(app.count("zone_stays"), 0);
    });
}

#[test]
fn a_mistake_is_called_one_once_with_a_reason_and_what_takes_its_place() {
    on_each_database(|app| {
        let id = kept(app, None);
        let path = format!("/orders/{id}/service-attempts");
        let wrong = record(app, &path, &served("2026-11-23T08:00:00Z"));
        let right = record(app, &path, &served("2026-11-23T08:30:00Z"));
        let by = app.supervisor_at("ALD");
        let to = format!("/records/{wrong}/supersession");
        by.put(&to, &json!({ "reason": " " })).refused("invalid-field");
        let itself = json!({ "reason": "The wrong hour.", "replaced_by": wrong });
        by.put(&to, &itself).refused("invalid-field");

        let body = json!({ "reason": "The wrong hour.", "replaced_by": right });
        let first = by.put(&to, &body).expect(200);
        assert_eq!(first, by.put(&to, &body).expect(200));
        assert_eq!(first["replaced_by"], json!(right));
        supersede(&by, &wrong, "Another reason.").refused("already-superseded");
        let owners = json!({ "owner": app.owner().account.id, "deputy": null, "supervisor": null });
        let owners = record(app, &format!("/orders/{id}/owners"), &owners);
        supersede(&by, &owners, "x").refused("cannot-supersede");
    });
}

/// What each kind of fact comes to when it was a mistake: reckoned anew, or refused.
#[rustfmt::skip]
const REFUSED: [&str; 7] = [
    "order_recorded", "version_recorded", "order_made", "draft_withdrawn", "owners_assigned",
    "feed_started", "feed_ended",
];

#[test]
fn every_kind_of_record_is_reckoned_anew_or_refused_with_what_to_do_instead() {
    for kind in FactKind::ALL {
        match taken_back(*kind) {
            TakenBack::Refused(instead) => {
                assert!(REFUSED.contains(&kind.as_str()) && instead.contains(' '), "{kind}");
            }
            TakenBack::Reckoned => assert!(!REFUSED.contains(&kind.as_str()), "{kind}"),
        }
    }
}
