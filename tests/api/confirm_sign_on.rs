//! `confirm_sign_on`: attendance is never refused; it is found to be what it is.

use std::collections::BTreeSet;
use std::sync::{Barrier, Mutex};

use compliance::alert::AlertState;
use compliance::instant::{HOUR_MS, MINUTE_MS};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::builders::{OneOrder, sign_on};
use crate::harness::caller::{Answer, Caller};
use crate::harness::{TestApp, at, eventually, on_each_database};

/// One order at ALD, its first window open since half an hour, and an officer there.
fn at_the_counter(test: impl Fn(&TestApp, &Caller<'_>, &Value)) {
    in_a_window_of(&OneOrder::default(), test);
}

fn in_a_window_of(order: &OneOrder, test: impl Fn(&TestApp, &Caller<'_>, &Value)) {
    on_each_database(|app| {
        let owner = Some(app.asha_mercer().username);
        app.import(&OneOrder { owner, ..order.clone() }.file());
        app.clock.set("2026-11-24T10:30:00Z");
        app.sweep();
        let officer = app.officer_at("ALD");
        let due = due(&officer);
        test(app, &officer, &due);
    });
}

/// The first sign-on of the day's list at ALD.
fn due(officer: &Caller<'_>) -> Value {
    let list = format!("/stations/{}/due?date=2026-11-24", officer.app.station("ALD"));
    officer.get(&list).expect(200)["due"][0].clone()
}

fn put(officer: &Caller<'_>, id: Uuid, body: &Value) -> Answer {
    officer.put(&format!("/check-ins/{id}"), body)
}

fn put_with_clock(officer: &Caller<'_>, id: Uuid, body: &Value, clock: &str) -> Answer {
    let path = format!("/check-ins/{id}");
    officer.send(("PUT", &path), &[("Phone-Clock", clock)], Some(body))
}

/// What the subject's attendance at ALD looks like now.
fn now_at_ald(app: &TestApp, due: &Value) -> Value {
    sign_on(due, app.station("ALD"), &app.clock.now().to_rfc3339())
}

#[track_caller]
fn check(receipt: &Value, outcome: &str, compliance: &str, settled: bool) {
    assert_eq!(receipt["outcome"], outcome, "{receipt}");
    assert_eq!(receipt["compliance"], compliance, "{receipt}");
    assert_eq!(receipt["settled"], settled, "{receipt}");
    assert!(!receipt["reasons"].as_array().unwrap().is_empty(), "{receipt}");
}

#[test]
fn an_attendance_in_the_window_fulfils_the_obligation_and_raises_nothing() {
    at_the_counter(|app, officer, due| {
        let id = app.new_id();
        let receipt = put(officer, id, &now_at_ald(app, due)).expect(201);

        check(&receipt, "on_time", "compliant", true);
        let after = self::due(officer);
        assert_eq!(after["state"], "fulfilled");
        assert_eq!(after["fulfilled_by"], id.to_string());
        app.clock.set("2026-11-24T12:01:00Z");
        assert_eq!(app.sweep().missed, 0);
        assert!(app.alerts().is_empty());
    });
}

#[test]
fn what_does_not_comply_is_recorded_found_and_raised() {
    type Change = fn(&TestApp, &mut Value);
    // What is changed; when; outcome; compliance; alert.
    let rows: [(Change, &str, &str, &str, &str); 6] = [
        (|_, _| {}, "2026-11-24T09:59:59.999Z", "early", "non_compliant", "attended_early"),
        (|_, _| {}, "2026-11-24T12:01:05Z", "late", "non_compliant", "attended_late"),
        (
            |app, body| body["station_id"] = json!(app.station("HEX")),
            "2026-11-24T10:30:00Z",
            "wrong_place",
            "awaiting_evidence",
            "wrong_place",
        ),
        (
            |_, body| {
                body["position"] = json!({ "latitude": 52.2, "longitude": -2.5, "accuracy_m": 20 })
            },
            "2026-11-24T10:30:00Z",
            "wrong_place",
            "awaiting_evidence",
            "wrong_place",
        ),
        (
            |_, body| body["identity"]["result"] = json!("no_match"),
            "2026-11-24T10:30:00Z",
            "wrong_person",
            "awaiting_evidence",
            "wrong_person",
        ),
        (
            |_, body| body["identity"]["result"] = json!("not_checked"),
            "2026-11-24T10:30:00Z",
            "identity_not_checked",
            "awaiting_evidence",
            "identity_not_checked",
        ),
    ];
    for (change, when, outcome, compliance, alert) in rows {
        at_the_counter(|app, officer, due| {
            app.clock.set(when);
            let mut body = now_at_ald(app, due);
            change(app, &mut body);
            let receipt = put_with_clock(officer, app.new_id(), &body, when).expect(201);

            check(&receipt, outcome, compliance, false);
            assert_eq!(app.alert_kinds(), [alert]);
            assert_ne!(self::due(officer)["state"], "fulfilled");
            app.clock.set("2026-11-24T12:02:00Z");
            assert_eq!(app.sweep().missed, 1, "what does not comply ends no wait");
        });
    }
}

#[test]
fn a_concern_about_identity_fulfils_provisionally_and_is_looked_at() {
    at_the_counter(|app, officer, due| {
        let mut body = now_at_ald(app, due);
        body["identity"]["result"] = json!("match_with_concern");
        let receipt = put(officer, app.new_id(), &body).expect(201);

        check(&receipt, "on_time", "compliant", true);
        assert_eq!(receipt["certainty"], "provisional");
        assert_eq!(app.alert_kinds(), ["identity_concern"]);
    });
}

#[test]
fn an_alternate_station_and_an_early_coming_comply_where_the_order_says_so() {
    let order = OneOrder { alternates: vec!["HEX"], early_counts: true, ..OneOrder::default() };
    in_a_window_of(&order, |app, officer, due| {
        app.clock.set("2026-11-24T08:00:00Z");
        let body = sign_on(due, app.station("HEX"), "2026-11-24T08:00:00Z");
        let receipt = put(officer, app.new_id(), &body).expect(201);

        check(&receipt, "early", "compliant", true);
        assert!(app.alerts().is_empty());
    });
}

#[test]
fn the_same_record_again_gets_the_same_answer_whatever_happened_since() {
    at_the_counter(|app, officer, due| {
        let (id, body) = (app.new_id(), now_at_ald(app, due));
        let first = put(officer, id, &body);
        let before = app.sql().row_counts();

        let again = put(officer, id, &body);
        app.clock.set("2026-11-25T09:00:00Z");
        app.sweep();
        let next_day = put(officer, id, &body);

        assert_eq!((first.status, again.status, next_day.status), (201, 201, 201));
        assert_eq!(first.body, again.body);
        assert_eq!(first.body, next_day.body);
        assert_eq!(app.count("check_ins"), 1);
        // The next day the phone has another session, and that one is known at the station too.
        let grown = ["sessions", "station_phones", "ledger_entries", "obligations", "heartbeats"];
        let mut after = app.sql().row_counts();
        after.retain(|(table, _)| !grown.contains(&table.as_str()));
        assert!(after.iter().all(|row| before.contains(row)), "{before:?} {after:?}");
    });
}

#[test]
fn another_record_under_the_same_id_is_kept_beside_the_first_and_raised_once() {
    at_the_counter(|app, officer, due| {
        let (id, body) = (app.new_id(), now_at_ald(app, due));
        let first = put(officer, id, &body);
        let mut other = body.clone();
        other["identity"]["result"] = json!("no_match");

        put(officer, id, &other).refused("check-in-conflict");
        put(officer, id, &other).refused("check-in-conflict");
        let colleague = app.officer_at("ALD");
        put(&colleague, id, &body).refused("check-in-conflict");

        assert_eq!(put(officer, id, &body).body, first.body);
        assert_eq!(app.count("check_ins"), 1);
        assert_eq!(app.count("check_in_conflicts"), 2);
        assert_eq!(app.alert_kinds(), ["conflicting_records", "conflicting_records"]);
        assert_eq!(self::due(officer)["state"], "fulfilled");
    });
}

#[test]
fn a_correction_puts_the_obligation_back_and_the_next_sweep_finds_the_silence() {
    at_the_counter(|app, officer, due| {
        let mistaken = app.new_id();
        put(officer, mistaken, &now_at_ald(app, due)).expect(201);
        let mut stranger = now_at_ald(app, due);
        stranger["identity"]["result"] = json!("no_match");
        stranger["corrects"] = json!({ "check_in_id": mistaken, "reason": "it was his brother" });
        app.clock.advance(MINUTE_MS);

        check(
            &put(officer, app.new_id(), &stranger).expect(201),
            "wrong_person",
            "awaiting_evidence",
            false,
        );

        assert_eq!(self::due(officer)["state"], "open");
        app.clock.set("2026-11-24T12:01:00Z");
        assert_eq!(app.sweep().missed, 1);
        assert_eq!(app.alert_kinds(), ["missed_sign_on", "wrong_person"]);
        let standing = app.sql().count("findings WHERE superseded_at IS NULL");
        assert_eq!(standing, 2);
    });
}

#[test]
fn a_correction_can_fulfil_what_the_mistake_did_not() {
    at_the_counter(|app, officer, due| {
        let mistaken = app.new_id();
        let mut stranger = now_at_ald(app, due);
        stranger["identity"]["result"] = json!("no_match");
        put(officer, mistaken, &stranger).expect(201);
        let mut right = now_at_ald(app, due);
        right["corrects"] = json!({ "check_in_id": mistaken, "reason": "pressed the wrong one" });

        let receipt = put(officer, app.new_id(), &right).expect(201);

        check(&receipt, "on_time", "compliant", true);
        assert_eq!(app.alerts().len(), 1);
        assert_eq!(app.alerts()[0].state, AlertState::Closed);
        assert_eq!(app.alerts()[0].close_reason.as_deref(), Some("entered_in_error"));
        put(officer, app.new_id(), &right).refused("already-superseded");
    });
}

#[test]
fn a_record_of_an_attendance_in_time_that_arrives_late_ends_the_miss() {
    at_the_counter(|app, officer, due| {
        let body = now_at_ald(app, due);
        app.clock.set("2026-11-24T12:01:00Z");
        assert_eq!(app.sweep().missed, 1);
        app.clock.set("2026-11-24T15:30:00Z");

        let answer = put_with_clock(officer, app.new_id(), &body, "2026-11-24T15:30:00Z");

        check(&answer.expect(201), "on_time", "compliant", true);
        assert_eq!(self::due(officer)["state"], "fulfilled");
        assert_eq!(app.alert_kinds(), ["held_on_phone", "missed_sign_on"]);
        let alerts = app.alerts();
        let missed = alerts.iter().find(|alert| alert.kind.to_string() == "missed_sign_on");
        assert_eq!(missed.unwrap().close_reason.as_deref(), Some("attendance_found"));
        let silence = "findings WHERE outcome = 'not_attended' AND superseded_at IS NOT NULL";
        assert_eq!(app.count(silence), 1);
        assert_eq!(app.sweep().missed, 0);
    });
}

#[test]
fn a_late_record_called_a_mistake_raises_the_miss_again() {
    at_the_counter(|app, officer, due| {
        let (id, body) = (app.new_id(), now_at_ald(app, due));
        app.clock.set("2026-11-24T12:01:00Z");
        app.sweep();
        app.clock.set("2026-11-24T13:00:00Z");
        put_with_clock(officer, id, &body, "2026-11-24T13:00:00Z").expect(201);
        let reason = json!({ "reason": "the record was of another man" });
        officer.put(&format!("/check-ins/{id}/supersession"), &reason).expect(200);
        app.clock.advance(MINUTE_MS);

        assert_eq!(app.sweep().missed, 1);

        let alerts = app.alerts();
        let missed: Vec<_> =
            alerts.iter().filter(|it| it.kind.to_string() == "missed_sign_on").collect();
        assert_eq!(missed.len(), 1);
        assert_eq!(missed[0].state, AlertState::Triggered);
    });
}

#[test]
fn a_phone_whose_clock_is_wrong_is_judged_by_how_long_it_held_the_record() {
    for wrong_by_ms in [-5 * HOUR_MS, 0, 26 * HOUR_MS] {
        at_the_counter(|app, officer, due| {
            let shown = |text: &str| (at(text) + wrong_by_ms).to_rfc3339();
            let made = shown("2026-11-24T11:59:00Z");
            app.clock.set("2026-11-24T12:20:00Z");
            let body = sign_on(due, app.station("ALD"), &made);
            let sent = shown("2026-11-24T12:20:00Z");

            let receipt = put_with_clock(officer, app.new_id(), &body, &sent).expect(201);

            check(&receipt, "on_time", "compliant", true);
        });
    }
}

#[test]
fn a_phone_that_hides_its_clock_is_not_believed_about_the_past() {
    at_the_counter(|app, officer, due| {
        let body = now_at_ald(app, due);
        app.clock.set("2026-11-24T12:20:00Z");

        let receipt = put(officer, app.new_id(), &body).expect(201);

        check(&receipt, "indeterminate", "awaiting_evidence", false);
        assert_eq!(app.alert_kinds(), ["time_uncertain"]);
    });
}

/// Sends the same body under these ids, all at once; the answers.
fn at_once(officer: &Caller<'_>, ids: &[Uuid], body: &Value) -> Vec<Answer> {
    let (app, token) = (officer.app, officer.token());
    let (start, answers) = (Barrier::new(ids.len()), Mutex::new(Vec::new()));
    let (address, text) = (app.address, body.to_string());
    std::thread::scope(|scope| {
        for id in ids {
            let (start, answers, token, text) = (&start, &answers, &token, &text);
            scope.spawn(move || {
                start.wait();
                let bearer = format!("Bearer {token}");
                let headers =
                    [("authorization", bearer.as_str()), ("content-type", "application/json")];
                let path = format!("/api/v1/check-ins/{id}");
                let answer = crate::harness::caller::send(
                    address,
                    ("PUT", &path),
                    &headers,
                    Some(text.as_bytes()),
                );
                answers.lock().unwrap().push(answer);
            });
        }
    });
    answers.into_inner().unwrap()
}

#[test]
fn eight_phones_at_once_fulfil_an_obligation_once_and_are_all_on_record() {
    at_the_counter(|app, officer, due| {
        let ids: Vec<Uuid> = (0..8).map(|_| app.new_id()).collect();

        let answers = at_once(officer, &ids, &now_at_ald(app, due));

        let settled = answers.iter().filter(|it| it.json["settled"] == true).count();
        assert!(answers.iter().all(|answer| answer.status == 201), "{answers:?}");
        assert_eq!(settled, 1);
        assert_eq!(app.count("check_ins"), 8);
        assert_eq!(app.count("check_ins WHERE settled"), 1);
        assert_eq!(app.count("findings"), 8);
        assert_eq!(app.count("obligations WHERE state = 'fulfilled'"), 1);
    });
}

#[test]
fn one_record_sent_eight_times_at_once_is_one_record_with_one_answer() {
    at_the_counter(|app, officer, due| {
        let ids = [app.new_id(); 8];

        let answers = at_once(officer, &ids, &now_at_ald(app, due));

        let different: BTreeSet<&str> = answers.iter().map(|it| it.body.as_str()).collect();
        assert_eq!(different.len(), 1, "{different:?}");
        assert!(answers.iter().all(|answer| answer.status == 201));
        assert_eq!((app.count("check_ins"), app.count("findings")), (1, 1));
        assert_eq!(app.count("check_in_conflicts"), 0);
    });
}

#[test]
fn an_officer_elsewhere_learns_nothing_of_the_obligation() {
    at_the_counter(|app, _, due| {
        let elsewhere = app.officer_at("THN");
        put(&elsewhere, app.new_id(), &now_at_ald(app, due)).refused("not-found");
        let list = format!("/stations/{}/due", app.station("ALD"));
        elsewhere.get(&list).refused("not-found");
        app.administrator().get(&list).refused("role-may-not");
        assert_eq!(app.count("check_ins"), 0);
    });
}

#[test]
fn a_body_that_cannot_be_accepted_is_refused_by_field() {
    at_the_counter(|app, officer, due| {
        let pointers = [
            (json!({ "result": "perhaps", "method": "document" }), "/identity/result"),
            (json!({ "result": "match" }), "/identity"),
        ];
        for (identity, pointer) in pointers {
            let mut body = now_at_ald(app, due);
            body["identity"] = identity;
            let problem = put(officer, app.new_id(), &body).refused("invalid-field");
            assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
        }
        let mut unknown = now_at_ald(app, due);
        unknown["sneaky"] = json!(1);
        put(officer, app.new_id(), &unknown).refused("invalid-field");
        assert_eq!(app.count("check_ins"), 0);
    });
}

#[test]
fn a_list_that_has_not_changed_is_not_sent_again_and_one_that_has_is() {
    in_a_window_of(&OneOrder { served_at: None, ..OneOrder::default() }, |app, officer, _| {
        let list = format!("/stations/{}/due", app.station("ALD"));
        // While other transactions are under way, a list may come without its mark.
        let first =
            eventually(|| Some(officer.get(&list)).filter(|it| it.header("etag").is_some()));
        let etag = first.header("etag").unwrap().to_owned();
        assert_eq!(first.json["due"][0]["is_served"], false);
        let again = || officer.send(("GET", &list), &[("if-none-match", &etag)], None);
        eventually(|| (again().status == 304).then_some(()));

        app.import(&OneOrder::owned_by("asha.mercer").file());

        assert_eq!(again().expect(200)["due"][0]["is_served"], true);
    });
}
