//! Why a finding is what it is: by the rules that made it, as known then and as known now.

use compliance::access::Role;
use compliance::instant::HOUR_MS;
use serde_json::{Value, json};

use crate::builders::{OneOrder, sign_on};
use crate::harness::caller::Caller;
use crate::harness::{TestApp, on_each_database};

/// The first window of `OneOrder` is over.
const CLOSES_AT: &str = "2026-11-24T12:01:00Z";

/// The officer, the duty of Tuesday and the station.
fn tuesday<'a>(app: &'a TestApp, order: &OneOrder) -> (Caller<'a>, Value) {
    app.import(&order.file());
    app.sweep();
    let officer = app.officer_at("ALD");
    let list = format!("/stations/{}/due?date=2026-11-24", app.station("ALD"));
    let due = officer.get(&list).expect(200)["due"][0].clone();
    (officer, due)
}

/// Confirmed now, of an attendance at another time by the same clock.
fn confirm(officer: &Caller<'_>, due: &Value, attended_at: &str) -> String {
    let app = officer.app;
    let id = app.new_id();
    let now = app.clock.now().to_rfc3339();
    let body = sign_on(due, app.station("ALD"), attended_at);
    let headers = [("Phone-Clock", now.as_str())];
    officer.send(("PUT", &format!("/check-ins/{id}")), &headers, Some(&body)).expect(201);
    id.to_string()
}

fn finding_of(officer: &Caller<'_>, check_in: &str) -> String {
    let record = officer.get(&format!("/check-ins/{check_in}")).expect(200);
    record["finding"]["finding_id"].as_str().unwrap().to_owned()
}

/// Of the only alert about a miss.
fn finding_of_miss(officer: &Caller<'_>) -> String {
    let alerts = officer.app.alerts();
    let missed = alerts.iter().find(|alert| alert.kind.to_string().starts_with("missed"));
    let alert = officer.get(&format!("/alerts/{}", missed.unwrap().id)).expect(200);
    alert["finding_id"].as_str().unwrap().to_owned()
}

fn why(officer: &Caller<'_>, finding: &str, known_at: Option<&str>) -> Value {
    let query = known_at.map(|at| format!("?as_known_at={at}")).unwrap_or_default();
    officer.get(&format!("/findings/{finding}/why{query}")).expect(200)
}

#[track_caller]
fn step<'a>(verdict: &'a Value, rule: &str) -> &'a Value {
    let steps = verdict["steps"].as_array().unwrap();
    let found = steps.iter().find(|step| step["rule"] == rule);
    found.unwrap_or_else(|| panic!("no step {rule} in {verdict:#}"))
}

#[test]
fn a_miss_is_missed_as_known_then_met_as_known_now_and_the_difference_names_the_record() {
    on_each_database(|app| {
        let (officer, due) = tuesday(app, &OneOrder::default());
        app.clock.set(CLOSES_AT);
        app.sweep();
        let finding = finding_of_miss(&officer);
        app.clock.set("2026-11-24T15:00:00Z");
        let before = why(&officer, &finding, None);
        let check_in = confirm(&officer, &due, "2026-11-24T11:10:00Z");
        app.clock.set("2026-11-24T15:30:00Z");

        let after = why(&officer, &finding, Some("2026-11-24T14:00:00Z"));

        assert_eq!(before["as_known_now"]["standing"], "missed");
        assert_eq!(before["differences"], json!([]));
        assert_eq!(after["as_known_then"]["standing"], "missed");
        assert_eq!(after["as_known_then"]["found"]["outcome"], "not_attended");
        assert_eq!(after["as_known_now"]["standing"], "fulfilled");
        assert_eq!(after["as_known_now"]["fulfilled_by"], check_in.as_str());
        assert_eq!(after["as_known_now"]["found"]["compliance"], "compliant");
        assert_eq!(after["differences"].as_array().unwrap().len(), 1, "{after:#}");
        assert_eq!(after["differences"][0]["change"], "came_later");
        assert_eq!(after["differences"][0]["fact"]["fact_id"], check_in.as_str());
        assert_eq!(after["differences"][0]["fact"]["received_at"], "2026-11-24T15:00:00.000Z");
        assert_eq!(after["differences"][0]["fact"]["happened_at"], "2026-11-24T11:10:00.000Z");
        assert_eq!(after["made_again"]["agrees"], true);
        assert_eq!(after["duty"]["state"], "fulfilled");
        let at_receipt = why(&officer, &finding, Some("2026-11-24T15:00:00Z"));
        assert_eq!(at_receipt["as_known_then"]["standing"], "fulfilled");
        let just_before = why(&officer, &finding, Some("2026-11-24T14:59:59.999Z"));
        assert_eq!(just_before["as_known_then"]["standing"], "missed");
    });
}

#[test]
fn a_late_attendance_says_by_how_much_by_whose_words_and_by_which_rules() {
    on_each_database(|app| {
        let (officer, due) = tuesday(app, &OneOrder::default());
        app.clock.set("2026-11-24T14:06:00Z");
        app.sweep();
        let check_in = confirm(&officer, &due, "2026-11-24T14:06:00Z");

        let why = why(&officer, &finding_of(&officer, &check_in), None);

        let window = step(&why["made_again"], "within_window");
        assert_eq!(
            window["says"],
            "Signed on at Tue 24 Nov, 14:06, 2 h 05 min after the window closed at the end of \
             Tue 24 Nov, 12:00 plus 0 min of grace."
        );
        assert_eq!(window["answer"], "not_met");
        assert_eq!(window["reason_code"], "after-closing");
        assert_eq!(window["fact_ids"], json!([check_in]));
        assert_eq!(window["basis"], "the_order");
        let reference = "The order's own words (Stalking Protection Act 2019 s.2)";
        assert_eq!(window["reference"], reference);
        assert_eq!(step(&why["made_again"], "identity")["answer"], "met");
        assert_eq!(step(&why["made_again"], "position")["answer"], "not_known");
        assert_eq!(why["made_again"]["found"]["outcome"], "late");
        assert_eq!(why["made_again"]["agrees"], true);
        assert_eq!(why["as_known_then"]["standing"], "missed");
        assert_eq!(why["condition"]["label"], "R1");
        let wording = "The defendant must attend the station and sign on.";
        assert_eq!(why["condition"]["wording"], wording);
        assert_eq!(why["order_version"]["number"], 1);
        assert_eq!(why["rules"]["policy_version"], why["finding"]["policy_version"]);
        let grace = json!({ "name": "grace_ms", "value": 0 });
        assert!(why["rules"]["parameters"].as_array().unwrap().contains(&grace));
        assert_eq!(why["rules"]["rules_digest"].as_str().unwrap().len(), 64);
        assert!(!why["not_explained"].as_array().unwrap().is_empty());
    });
}

#[test]
fn every_step_rests_on_facts_that_are_told() {
    on_each_database(|app| {
        let (officer, due) = tuesday(app, &OneOrder::default());
        app.clock.set(CLOSES_AT);
        app.sweep();
        let first = confirm(&officer, &due, "2026-11-24T11:50:00Z");
        let reason = json!({ "reason": "It was his brother." });
        app.clock.advance(HOUR_MS);
        officer.put(&format!("/check-ins/{first}/supersession"), &reason).expect(200);
        app.sweep();

        let why = why(&officer, &finding_of_miss(&officer), Some(CLOSES_AT));

        let facts = why["facts"].as_array().unwrap();
        let told: Vec<&Value> = facts.iter().map(|fact| &fact["fact_id"]).collect();
        for verdict in ["made_again", "as_known_then", "as_known_now"] {
            for step in why[verdict]["steps"].as_array().unwrap() {
                for id in step["fact_ids"].as_array().unwrap() {
                    assert!(told.contains(&id), "{id} of {step:#} is not told");
                }
            }
        }
        let changes: Vec<&Value> =
            why["differences"].as_array().unwrap().iter().map(|it| &it["change"]).collect();
        assert_eq!(changes, ["called_a_mistake"], "the record came at the instant asked for");
        assert_eq!(why["as_known_then"]["standing"], "fulfilled");
        assert_eq!(why["as_known_now"]["standing"], "missed");
        assert_eq!(step(&why["as_known_now"], "called_a_mistake")["fact_ids"][0], first.as_str());
        assert_eq!(why["made_again"]["agrees"], true);
    });
}

#[test]
fn custody_that_was_recorded_after_the_miss_is_known_now_and_was_not_then() {
    on_each_database(|app| {
        let (officer, due) = tuesday(app, &OneOrder::default());
        let supervisor = app.supervisor_at("ALD");
        app.clock.set(CLOSES_AT);
        app.sweep();
        let finding = finding_of_miss(&officer);
        app.clock.advance(HOUR_MS);
        let period = |from: &str, until: &str| {
            json!({
                "whereabouts": "custody",
                "from": from,
                "until": until,
                "evidence": "Custody record 12/26",
            })
        };
        let order = due["order_id"].as_str().unwrap();
        let put = |body: &Value| {
            let id = app.new_id();
            supervisor.put(&format!("/orders/{order}/status-periods/{id}"), body).expect(201);
            id.to_string()
        };
        let custody = put(&period("2026-11-24T02:00:00Z", "2026-11-24T20:00:00Z"));
        let other_week = put(&period("2026-11-17T02:00:00Z", "2026-11-17T20:00:00Z"));

        let why = why(&officer, &finding, None);

        assert_eq!(step(&why["as_known_then"], "status_period")["answer"], "not_known");
        let known = step(&why["as_known_now"], "status_period");
        assert_eq!(known["answer"], "noted");
        assert_eq!(known["fact_ids"], json!([custody]));
        assert_eq!(known["reason_code"], "status-period");
        assert!(step(&why["as_known_now"], "put_as")["says"].as_str().unwrap().contains("verify"));
        assert_eq!(why["as_known_now"]["standing"], "missed", "nothing is excused by it");
        assert_eq!(why["differences"][0]["fact"]["fact_id"], custody.as_str());
        assert_eq!(why["differences"].as_array().unwrap().len(), 1);
        assert!(!why.to_string().contains(&other_week), "another week bears on nothing");
        assert_eq!(why["made_again"]["agrees"], true);
    });
}

#[test]
fn a_miss_that_is_judged_anew_was_noticed_when_it_was_and_what_says_the_same_is_left_alone() {
    on_each_database(|app| {
        let order = OneOrder { rrule: Some("FREQ=DAILY"), ..OneOrder::default() };
        let (officer, due) = tuesday(app, &order);
        let supervisor = app.supervisor_at("ALD");
        let custody = json!({
            "whereabouts": "custody",
            "from": "2026-11-24T02:00:00Z",
            "until": "2026-11-24T20:00:00Z",
            "evidence": "Custody record 12/26",
        });
        let order = due["order_id"].as_str().unwrap();
        let custody_id = app.new_id();
        let path = format!("/orders/{order}/status-periods/{custody_id}");
        supervisor.put(&path, &custody).expect(201);
        for noon in [CLOSES_AT, "2026-11-25T12:01:00Z"] {
            app.clock.set(noon);
            app.sweep();
        }
        let missed = |app: &TestApp| {
            let alerts = app.alerts().into_iter();
            let mut missed: Vec<_> = alerts.filter(|alert| alert.kind.is_miss()).collect();
            missed.sort_by_key(|alert| alert.concerns_at);
            missed
        };
        let before = missed(app);
        app.clock.set("2026-11-25T15:00:00Z");
        let reason = json!({ "reason": "It was his brother." });
        supervisor.put(&format!("/records/{custody_id}/supersession"), &reason).expect(200);

        let after = missed(app);
        assert_eq!(before[0].kind.to_string(), "missed_sign_on_to_verify");
        assert_eq!(after[0].kind.to_string(), "missed_sign_on");
        assert!(!after[0].detail.contains("not watching"), "{}", after[0].detail);
        assert_eq!((before.len(), after.len()), (2, 2));
        assert_eq!(before[1], after[1], "Wednesday means what it meant");
        let alert = officer.get(&format!("/alerts/{}", after[0].id)).expect(200);
        let explained = why(&officer, alert["finding_id"].as_str().unwrap(), None);
        assert_eq!(explained["finding"]["found_at"], "2026-11-25T15:00:00.000Z");
        assert_eq!(explained["finding"]["certainty"], "confirmed", "no phone can hold a record");
        for finding in
            app.sql().texts(&format!("SELECT {} AS value FROM findings", app.sql().hex("id")))
        {
            let finding: uuid::Uuid = finding.parse().unwrap();
            let explained = why(&officer, &finding.to_string(), None);
            assert_eq!(explained["made_again"]["agrees"], true, "{explained:#}");
        }
    });
}

#[test]
fn a_later_version_and_a_service_that_came_on_file_are_told_by_when_they_were_known() {
    on_each_database(|app| {
        let order = OneOrder { served_at: None, ..OneOrder::default() };
        let (officer, due) = tuesday(app, &order);
        app.clock.set("2026-11-24T11:00:00Z");
        app.sweep();
        let check_in = confirm(&officer, &due, "2026-11-24T11:00:00Z");
        let finding = finding_of(&officer, &check_in);
        app.clock.advance(HOUR_MS);

        let unserved = why(&officer, &finding, None);

        assert_eq!(step(&unserved["as_known_then"], "order_served")["answer"], "not_met");
        assert_eq!(unserved["as_known_then"]["standing"], "fulfilled");
        let served = json!({
            "outcome": "served",
            "method": "in_person",
            "place": "12 Mill Lane",
            "served_by": "PC Lena Frost",
            "proof": "Statement",
            "happened_at": "2026-11-23T18:00:00Z",
        });
        let owner = app.supervisor_at("ALD");
        let path = format!(
            "/orders/{}/service-attempts/{}",
            due["order_id"].as_str().unwrap(),
            app.new_id()
        );
        owner.put(&path, &served).expect(201);
        let now = why(&officer, &finding, None);
        assert_eq!(step(&now["as_known_then"], "order_served")["answer"], "not_met");
        assert_eq!(step(&now["as_known_now"], "order_served")["answer"], "met");
        assert_eq!(now["differences"][0]["fact"]["kind"], "service_attempted");
    });
}

#[test]
fn what_is_not_kept_as_it_was_is_admitted() {
    on_each_database(|app| {
        let (officer, due) = tuesday(app, &OneOrder::default());
        app.clock.set("2026-11-24T11:00:00Z");
        app.sweep();
        let id = app.new_id();
        let mut body = sign_on(&due, app.station("ALD"), "2026-11-24T11:00:00Z");
        body["position"] = json!({ "latitude": 52.0, "longitude": -2.5, "accuracy_m": 5.0 });
        officer.put(&format!("/check-ins/{id}"), &body).expect(201);
        let finding = finding_of(&officer, &id.to_string());
        let before = why(&officer, &finding, None);
        let moved = OneOrder::default().file().replace("\"latitude\":52.0,", "\"latitude\":52.1,");
        app.import(&moved);

        let after = why(&officer, &finding, None);

        assert_eq!(before["made_again"]["agrees"], true);
        assert_eq!(after["finding"]["outcome"], "on_time", "what was found stays");
        assert_eq!(after["made_again"]["found"]["outcome"], "wrong_place");
        assert_eq!(after["made_again"]["agrees"], false);
        assert!(after["not_explained"].to_string().contains("ground"));
    });
}

#[test]
fn an_explanation_is_for_whoever_may_read_the_case_of_no_future_and_in_the_ledger() {
    on_each_database(|app| {
        let (officer, _) = tuesday(app, &OneOrder::default());
        app.clock.set(CLOSES_AT);
        app.sweep();
        let finding = finding_of_miss(&officer);
        let path = format!("/findings/{finding}/why");

        app.officer_at("HEX").get(&path).refused("not-found");
        app.administrator().get(&path).refused("role-may-not");
        let ahead = (app.clock.now() + 1).to_rfc3339();
        officer.get(&format!("{path}?as_known_at={ahead}")).refused("invalid-parameter");
        officer.get(&format!("{path}?as_known_at=yesterday")).refused("invalid-parameter");
        officer.get(&format!("/findings/{}/why", app.new_id())).refused("not-found");
        let read = "ledger_entries WHERE act = 'explain_finding'";
        let before = app.count(read);
        app.somebody(Role::Auditor, &[]).get(&path).expect(200);
        assert_eq!(app.count(read), before + 1);
        let long_ago = why(&officer, &finding, Some("2026-01-01T00:00:00Z"));
        assert_eq!(long_ago["as_known_then"]["standing"], "not_on_file");
        assert!(long_ago["as_known_then"]["found"].is_null());
    });
}
