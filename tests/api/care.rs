//! What is held against what at intake, and what only people can look after: the lint, protected
//! times and reasons, plans and their reviews, referrals.

use compliance::alert::AlertState;
use serde_json::{Value, json};

use crate::builders::{OneOrder, file, treated, with_providers};
use crate::harness::caller::Caller;
use crate::harness::{TestApp, on_each_database};
use crate::zones::{entry_with, prohibition};

/// Found nowhere else in any test.
const HOME: &str = "93 Quarry Steps, Alderbridge";
const SOURCE: &str = "Payslip";

/// The order's path, by its reference.
fn path(reader: &Caller<'_>, reference: &str) -> String {
    let orders = reader.get("/orders").expect(200);
    let mut orders = orders["orders"].as_array().unwrap().iter();
    let order = orders.find(|order| order["reference"] == reference).unwrap();
    format!("/orders/{}", order["order_id"].as_str().unwrap())
}

fn order(app: &TestApp) -> OneOrder {
    OneOrder::owned_by(&app.owner().account.username)
}

fn centred(latitude: f64, longitude: f64, radius_m: f64) -> Value {
    let centre = json!({ "latitude": latitude, "longitude": longitude });
    json!({ "area": { "type": "Circle", "centre": centre, "radius_m": radius_m }, "buffer_m": 50 })
}

fn times(kind: &str, days: &[&str], opens: &str, closes: &str) -> Value {
    let span = json!({ "days": days, "opens": opens, "closes": closes });
    json!({
        "kind": kind,
        "hours": { "zone": "Europe/London", "spans": [span] },
        "source": SOURCE,
    })
}

fn codes(lint: &Value) -> Vec<&str> {
    let warnings = lint["warnings"].as_array().unwrap().iter();
    warnings.map(|warning| warning["code"].as_str().unwrap()).collect()
}

fn open_alerts(app: &TestApp, kind: &str) -> Vec<String> {
    let open = app.alerts().into_iter().filter(|alert| alert.state != AlertState::Closed);
    let of_kind = open.filter(|alert| alert.kind.to_string() == kind);
    of_kind.map(|alert| alert.detail).collect()
}

/// What asks for an answer, as supervisors see it.
fn unanswered(app: &TestApp, kind: &str) -> usize {
    let listed = app.supervisor_at("ALD").get("/supervision/attention").expect(200);
    let warnings = listed["unanswered"]["warnings"].as_array().unwrap().clone();
    assert_eq!(listed["unanswered"]["total"], warnings.len());
    warnings.iter().filter(|alert| alert["kind"] == kind).count()
}

#[test]
fn an_order_is_held_against_zones_home_sessions_closures_and_bank_holidays() {
    on_each_database(|app| {
        // ALD is at 52.0, -2.5, and open on Mondays only.
        let daily = OneOrder { rrule: Some("FREQ=DAILY"), ..order(app) };
        let zones = [
            prohibition("P1", "exclusion_zone", centred(52.0, -2.5, 300.0)),
            prohibition("P2", "exclusion_zone", centred(52.001, -2.5, 300.0)),
        ];
        let sessions = [("2026-11-24T10:00:00Z", "2026-11-24T12:30:00Z")];
        let mut entry = treated(entry_with(&daily, &zones), &sessions);
        let home = json!({ "address": HOME, "position": { "latitude": 52.0, "longitude": -2.5 } });
        entry["subject"]["home"] = home;
        let text = with_providers(&file(&[entry]));

        let done = app.import(&text);

        let said: Vec<String> =
            done.warnings.iter().map(|(_, warning)| warning.code.to_string()).collect();
        for code in
            ["station_closed", "duties_clash", "home_in_zone", "duty_in_zone", "zones_overlap"]
        {
            assert!(said.contains(&code.to_owned()), "{code}: {said:?}");
        }
        let reader = app.officer_at("ALD");
        let lint = reader.get(&format!("{}/lint", path(&reader, "SPO/26/0001")));
        assert!(!lint.body.contains(HOME) && !lint.body.contains("Quarry"), "{}", lint.body);
        let lint = lint.expect(200);
        assert_eq!(codes(&lint), said);
        let whole = reader.get(&path(&reader, "SPO/26/0001")).expect(200);
        assert_eq!(whole["warnings"], lint["warnings"]);

        assert_eq!(app.import(&text).orders, 0);
        assert_eq!(app.count("subject_homes"), 1);
    });
}

#[test]
fn a_closure_and_a_bank_holiday_in_the_coming_windows_are_said() {
    on_each_database(|app| {
        let mondays =
            OneOrder { starts_on: "2026-11-30", rrule: Some("FREQ=WEEKLY;BYDAY=MO"), ..order(app) };
        let mut text: Value = serde_json::from_str(&mondays.file()).unwrap();
        text["stations"][0]["on_bank_holidays"] = json!("closed");
        app.clock.set("2026-11-26T09:00:00Z");
        app.import(&text.to_string());
        let supervisor = app.supervisor_at("ALD");
        let lint = || {
            let path = format!("{}/lint", path(&supervisor, "SPO/26/0001"));
            supervisor.get(&path).expect(200)["warnings"].clone()
        };
        // Boxing Day 2026 is a Saturday: its substitute is Monday 28 December.
        let before = lint();
        assert_eq!(before[0]["code"], "station_closed");
        assert!(before[0]["why"].as_str().unwrap().contains("Mon 28 Dec"), "{before}");
        let to = format!("/stations/{}/closures/{}", app.station("ALD"), app.new_id());
        let closure =
            json!({ "from_on": "2026-12-07", "until_on": "2026-12-07", "reason": "a flood" });
        supervisor.put(&to, &closure).expect(201);

        let after = lint();

        assert!(after[0]["why"].as_str().unwrap().contains("a flood"), "{after}");
        assert!(after[0]["why"].as_str().unwrap().contains("2, the first on Mon 7 Dec"), "{after}");
    });
}

#[test]
fn the_home_is_the_one_that_was_notified_last_and_after_a_move_it_is_not_known() {
    on_each_database(|app| {
        app.clock.set("2026-11-03T09:00:00Z");
        let zone = [prohibition("P1", "exclusion_zone", centred(52.3, -2.7, 300.0))];
        app.import(&file(&[entry_with(&order(app), &zone)]));
        let officer = app.officer_at("ALD");
        let order = path(&officer, "SPO/26/0001");
        let codes = || {
            let lint = officer.get(&format!("{order}/lint")).expect(200);
            codes(&lint).into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert!(codes().contains(&"home_not_known".to_owned()), "{:?}", codes());
        let told = |duty: Value, latitude: f64| {
            json!({
                "duties": [duty],
                "given_at": app.clock.now().to_rfc3339(),
                "manner": "oral_in_person",
                "station_id": app.station("ALD"),
                "in_local_police_area": true,
                "taken_by": "officer",
                "taken_by_name": "PC Lena Frost",
                "names": ["Terence Vane"],
                "home_address": HOME,
                "home_position": { "latitude": latitude, "longitude": -2.7 },
            })
        };
        let put = |what: &str, body: &Value| {
            officer.put(&format!("{order}/{what}/{}", app.new_id()), body)
        };
        let mut nowhere = told(json!({ "cause": "initial" }), 95.0);
        put("notifications", &nowhere).refused("invalid-field");
        nowhere["home_position"]["latitude"] = json!(52.3);
        put("notifications", &nowhere).expect(201);
        assert!(codes().contains(&"home_in_zone".to_owned()), "{:?}", codes());

        app.clock.set("2026-11-20T09:00:00Z");
        let moved = json!({ "duty": "home_address", "on": "2026-11-18" });
        let moved = put("details-changes", &moved);
        let moved = if moved.status == 201 {
            moved.expect(201)
        } else {
            panic!("{} {}", moved.status, moved.body)
        };
        assert!(codes().contains(&"home_not_known".to_owned()), "{:?}", codes());
        let duty = json!({ "cause": "home_address", "change_id": moved["record_id"] });
        put("notifications", &told(duty, 52.9)).expect(201);
        let now = codes();
        let about_home = now.iter().filter(|code| code.starts_with("home"));
        assert_eq!(about_home.count(), 0, "{now:?}");
    });
}

#[test]
fn a_duty_in_a_protected_time_is_taken_and_stays_listed_until_there_is_a_reason() {
    on_each_database(|app| {
        app.import(&order(app).file());
        let owner = app.supervisor_at("ALD");
        let order = path(&owner, "SPO/26/0001");
        let put =
            |body: &Value| owner.put(&format!("{order}/protected-times/{}", app.new_id()), body);
        // A sign-on is a moment: a free quarter of an hour is enough.
        put(&times("education", &["tue"], "10:15", "17:00")).expect(201);
        assert_eq!(unanswered(app, "protected_time_clash"), 0);
        put(&times("work", &["mon", "tue"], "09:00", "17:00")).expect(201);
        assert_eq!(unanswered(app, "protected_time_clash"), 1);
        app.sweep();
        assert!(app.count("obligations WHERE state = 'scheduled'") > 0, "nothing is blocked");

        // Acknowledged it is still a warning without a reason.
        let alerts = app.alerts();
        let clash = alerts.iter().find(|it| it.kind.to_string() == "protected_time_clash");
        let alert = clash.unwrap().id;
        let to = format!("/alerts/{alert}/acknowledgement");
        owner.send(("PUT", &to), &[], None).expect(200);
        assert_eq!(unanswered(app, "protected_time_clash"), 1);

        let lint = owner.get(&format!("{order}/lint")).expect(200);
        assert!(codes(&lint).contains(&"protected_time"), "{lint}");
        let clash = lint["clashes"][0].clone();
        assert_eq!((&clash["kind"], &clash["label"]), (&json!("work"), &json!("R1")));
        assert_eq!(clash["reason"], Value::Null);
        let to = format!(
            "{order}/clashes/{}/reasons/{}",
            clash["clash_id"].as_str().unwrap(),
            app.new_id()
        );
        owner.put(&to, &json!({ "reason": " " })).refused("invalid-field");
        let body = json!({ "reason": "His shift begins at one on Tuesdays." });
        let first = owner.put(&to, &body).expect(201);
        assert_eq!(owner.put(&to, &body).expect(201), first);
        owner.put(&to, &json!({ "reason": "Other." })).refused("record-conflict");

        assert_eq!(unanswered(app, "protected_time_clash"), 0);
        let lint = owner.get(&format!("{order}/lint")).expect(200);
        assert_eq!(lint["clashes"][0]["reason"]["reason"], body["reason"]);
        let listed = owner.get(&format!("{order}/protected-times")).expect(200);
        assert_eq!(listed["protected_times"].as_array().unwrap().len(), 2);
        let timeline = owner.get(&format!("{order}/timeline")).expect(200).to_string();
        assert!(timeline.contains("His shift begins at one"), "{timeline}");
    });
}

fn session(provider: &Value, starts_at: &str, ends_at: &str) -> Value {
    json!({
        "provider_id": provider,
        "label": "R2",
        "starts_at": starts_at,
        "ends_at": ends_at,
        "place": "12 Mill Lane",
    })
}

#[test]
fn a_session_moved_into_a_protected_time_asks_for_a_reason_of_its_own() {
    on_each_database(|app| {
        let entry = treated(order(app).entry(), &[]);
        app.import(&with_providers(&file(&[entry])));
        let owner = app.supervisor_at("ALD");
        let order = path(&owner, "SPO/26/0001");
        let work = times("work", &["mon", "tue", "wed", "thu", "fri"], "13:00", "17:00");
        owner.put(&format!("{order}/protected-times/{}", app.new_id()), &work).expect(201);
        let provider = owner.get("/providers").expect(200)["providers"][0]["provider_id"].clone();
        let id = app.new_id();
        let free = session(&provider, "2026-12-01T09:00:00Z", "2026-12-01T10:00:00Z");
        let made = owner.put(&format!("{order}/sessions/{id}"), &free).expect(201);
        assert_eq!(made.get("warnings"), None);
        let moved = |starts: &str, reason: Option<&str>| {
            app.clock.advance(1_000);
            let mut body = json!({
                "starts_at": format!("{starts}:00Z"),
                "ends_at": format!("{}T15:00:00Z", starts.split('T').next().unwrap()),
                "by": "provider",
                "agreed_at": "2026-11-23T08:00:00Z",
                "reason": "The room is taken.",
            });
            if let Some(reason) = reason {
                body["clash_reason"] = json!(reason);
            }
            owner.put(&format!("/sessions/{id}/moves/{}", app.new_id()), &body).expect(201)
        };
        let asked = moved("2026-12-02T14:00", None);
        assert!(asked["warnings"][0].as_str().unwrap().contains("times of work"), "{asked}");
        assert_eq!(unanswered(app, "protected_time_clash"), 1);
        let answered = moved("2026-12-03T14:00", Some("The only room that week."));
        assert_eq!(answered.get("warnings"), None);
        assert_eq!(unanswered(app, "protected_time_clash"), 0);
        // The reason was for that day.
        moved("2026-12-04T14:00", None);
        assert_eq!(unanswered(app, "protected_time_clash"), 1);
        moved("2026-12-04T08:00", None);
        assert_eq!(unanswered(app, "protected_time_clash"), 1, "it goes on until three");
        let cancelled = json!({ "cause": "cancelled_by_provider", "reason": "Ill." });
        owner
            .put(&format!("/sessions/{id}/cancellations/{}", app.new_id()), &cancelled)
            .expect(201);
        assert_eq!(unanswered(app, "protected_time_clash"), 0);

        // One that nobody has explained is not forgotten when it is over.
        let late = session(&provider, "2026-12-07T14:00:00Z", "2026-12-07T15:00:00Z");
        owner.put(&format!("{order}/sessions/{}", app.new_id()), &late).expect(201);
        app.clock.set("2026-12-09T09:00:00Z");
        app.sweep();
        let owner = app.supervisor_at("ALD");
        let other = times("religion", &["sun"], "09:00", "11:00");
        owner.put(&format!("{order}/protected-times/{}", app.new_id()), &other).expect(201);
        assert_eq!(unanswered(app, "protected_time_clash"), 1);
    });
}

#[test]
fn an_imported_schedule_in_a_protected_time_is_taken_with_and_without_its_reason() {
    for (reason, left) in [(None, 1), (Some("The court heard him on it."), 0)] {
        on_each_database(|app| {
            let mut entry = order(app).entry();
            entry["subject"]["protected_times"] =
                json!([times("work", &["tue"], "08:00", "18:00")]);
            if let Some(reason) = reason {
                entry["versions"][0]["conditions"][0]["clash_reason"] = json!(reason);
            }
            let text = file(&[entry]);
            let done = app.import(&text);
            assert!(done.warnings.iter().any(|(_, it)| it.code.to_string() == "protected_time"));
            app.sweep();
            assert!(app.count("obligations") > 0);
            assert_eq!(unanswered(app, "protected_time_clash"), left);
            let before = app.sql().row_counts();
            app.import(&text);
            assert_eq!(app.sql().row_counts(), before);
        });
    }
}

fn only_by_person(plan: Option<Value>) -> Value {
    let mut condition = json!({
        "label": "P1",
        "polarity": "prohibition",
        "kind": "other",
        "wording": "The defendant must not, P1.",
        "plain_words": "Do not.",
    });
    if let Some(plan) = plan {
        condition["plan"] = plan;
    }
    condition
}

fn condition(app: &TestApp, reader: &Caller<'_>, label: &str) -> Value {
    let found = crate::zones::conditions(app, reader, "SPO/26/0001");
    found.into_iter().find(|it| it["label"] == label).unwrap()
}

#[test]
fn a_condition_that_only_a_person_can_check_is_listed_until_somebody_is_named() {
    on_each_database(|app| {
        app.import(&file(&[entry_with(&order(app), &[only_by_person(None)])]));
        let owner = app.supervisor_at("ALD");
        let order = path(&owner, "SPO/26/0001");
        assert_eq!(unanswered(app, "plan_missing"), 1);
        assert_eq!(condition(app, &owner, "P1")["is_plan_missing"], true);
        assert_eq!(condition(app, &owner, "R1")["is_plan_missing"], false);
        let put = |label: &str, person: &str, on: &str| {
            let body = json!({ "label": label, "person": person, "review_on": on });
            owner.put(&format!("{order}/condition-plans/{}", app.new_id()), &body)
        };
        put("P9", "PC Okafor", "2026-12-01").refused("not-found");
        put("P1", "  ", "2026-12-01").refused("invalid-field");
        for day in ["2026-11-23", "2027-02-24"] {
            let refused = put("P1", "PC Okafor", day).refused("invalid-field");
            assert_eq!(refused["errors"][0]["pointer"], "/review_on");
        }
        put("P1", "PC Okafor", "2026-12-01").expect(201);

        assert_eq!(unanswered(app, "plan_missing"), 0);
        let planned = condition(app, &owner, "P1");
        assert_eq!(planned["plan"]["person"], "PC Okafor");
        assert_eq!(planned["plan"]["last_review"], Value::Null);
        let whole = owner.get(&order).expect(200);
        let conditions = whole["versions"][0]["conditions"].as_array().unwrap();
        assert!(conditions.iter().any(|it| it["plan"]["review_on"] == "2026-12-01"));
    });
}

#[test]
fn a_review_that_is_not_recorded_on_its_day_is_raised_and_a_review_settles_it() {
    on_each_database(|app| {
        let plan = json!({ "person": "PC Okafor", "review_on": "2026-11-25" });
        app.import(&file(&[entry_with(&order(app), &[only_by_person(Some(plan))])]));
        assert_eq!(unanswered(app, "plan_missing"), 0);
        let at = |time: &str| {
            app.clock.set(time);
            app.sweep();
            open_alerts(app, "plan_review_due").len()
        };
        assert_eq!(at("2026-11-25T23:59:59Z"), 0);
        assert_eq!(at("2026-11-26T00:00:00Z"), 1);
        assert_eq!(unanswered(app, "plan_review_due"), 1);
        let officer = app.officer_at("ALD");
        let order = path(&officer, "SPO/26/0001");
        assert_eq!(condition(app, &officer, "P1")["plan"]["is_overdue"], true);
        let review = |outcome: &str, next: &str| {
            let body = json!({
                "label": "P1",
                "happened_at": app.clock.now().to_rfc3339(),
                "looked_at": "Spoke to the neighbours.",
                "outcome": outcome,
                "next_review_on": next,
            });
            officer.put(&format!("{order}/plan-reviews/{}", app.new_id()), &body)
        };
        review("kept", "2026-11-26").refused("invalid-field");
        review("cannot_tell", "2026-11-30").expect(201);
        assert_eq!(at("2026-11-26T09:00:00Z"), 0);
        let plan = condition(app, &officer, "P1")["plan"].clone();
        assert_eq!(plan["person"], "PC Okafor");
        assert_eq!(plan["last_review"]["outcome"], "cannot_tell");
        assert!(open_alerts(app, "condition_not_kept").is_empty());

        assert_eq!(at("2026-12-01T00:00:00Z"), 1);
        review("not_kept", "2026-12-08").expect(201);
        assert_eq!(at("2026-12-01T09:00:00Z"), 0);
        let suspected = open_alerts(app, "condition_not_kept");
        assert!(suspected[0].contains("suspected"), "{suspected:?}");
        let timeline = app.supervisor_at("ALD").get(&format!("{order}/timeline")).expect(200);
        assert!(timeline.to_string().contains("P1 was looked at"), "{timeline}");
    });
}

#[test]
fn a_plan_outlives_a_variation_that_keeps_the_condition_and_ends_with_it() {
    on_each_database(|app| {
        let plan = json!({ "person": "PC Okafor", "review_on": "2026-12-10" });
        let one = order(app);
        let entry = entry_with(&one, &[only_by_person(Some(plan))]);
        app.import(&file(std::slice::from_ref(&entry)));
        let varied = |with: &[Value], number: i64, from: &str| {
            let mut next = entry["versions"][0].clone();
            next["number"] = json!(number);
            next["reason"] = json!("variation");
            next["in_force_from"] = json!(from);
            let mut conditions = vec![next["conditions"][0].clone()];
            conditions.extend(with.iter().cloned());
            next["conditions"] = json!(conditions);
            next
        };
        let mut with_it = entry.clone();
        let second = varied(&[only_by_person(None)], 2, "2026-11-23T10:00:00Z");
        with_it["versions"].as_array_mut().unwrap().push(second);
        app.import(&file(std::slice::from_ref(&with_it)));
        app.clock.set("2026-11-23T10:00:01Z");
        let officer = app.officer_at("ALD");
        assert_eq!(condition(app, &officer, "P1")["is_plan_missing"], true);
        assert_eq!(unanswered(app, "plan_missing"), 1, "what came with a version ends with it");

        let order = path(&officer, "SPO/26/0001");
        let supervisor = app.supervisor_at("ALD");
        let body = json!({ "label": "P1", "person": "PC Frost", "review_on": "2026-12-10" });
        let to = format!("{order}/condition-plans/{}", app.new_id());
        supervisor.put(&to, &body).expect(201);
        let mut third = with_it.clone();
        let again = varied(&[only_by_person(None)], 3, "2026-11-24T10:00:00Z");
        third["versions"].as_array_mut().unwrap().push(again);
        app.import(&file(std::slice::from_ref(&third)));
        assert_eq!(unanswered(app, "plan_missing"), 0, "what was recorded goes on");

        let mut fourth = third.clone();
        let without = varied(&[], 4, "2026-11-25T10:00:00Z");
        fourth["versions"].as_array_mut().unwrap().push(without);
        app.clock.set("2026-11-25T11:00:00Z");
        app.import(&file(&[fourth]));
        app.clock.set("2026-12-20T10:00:00Z");
        app.sweep();
        assert!(open_alerts(app, "plan_review_due").is_empty());
    });
}

#[test]
fn a_referral_that_was_never_made_is_the_services_fault_after_a_week() {
    on_each_database(|app| {
        app.clock.set("2026-11-03T09:00:00Z");
        let mut entry = treated(order(app).entry(), &[]);
        let mut conditions = entry["versions"][0]["conditions"].as_array_mut().unwrap().iter_mut();
        let treatment = conditions.find(|it| it["label"] == "R2").unwrap();
        treatment["treatment"]["referred"] = json!(false);
        app.import(&with_providers(&file(&[entry])));
        let at = |time: &str| {
            app.clock.set(time);
            app.sweep();
            open_alerts(app, "service_fault")
        };
        // Served on 2 November at 16:00.
        assert!(at("2026-11-09T15:59:59Z").is_empty());
        let officer = app.officer_at("ALD");
        let shown = condition(app, &officer, "R2")["treatment"].clone();
        assert_eq!(
            (&shown["is_referred"], &shown["is_referral_overdue"]),
            (&json!(false), &json!(false))
        );
        let raised = at("2026-11-09T16:00:00Z");
        assert!(raised[0].contains("nothing is held against the subject"), "{raised:?}");
        let shown = condition(app, &officer, "R2")["treatment"].clone();
        assert_eq!(shown["is_referral_overdue"], true);
        assert!(shown["in_words"].as_str().unwrap().contains("not the subject's fault"), "{shown}");

        let owner = app.supervisor_at("ALD");
        let order = path(&owner, "SPO/26/0001");
        let body = json!({ "label": "R2", "happened_at": "2026-11-09T16:00:00Z" });
        owner.put(&format!("{order}/referrals/{}", app.new_id()), &body).expect(201);
        assert!(at("2026-11-20T09:00:00Z").is_empty());
        assert_eq!(condition(app, &app.officer_at("ALD"), "R2")["treatment"]["is_referred"], true);
    });
}

#[test]
fn conditions_say_who_treats_what_is_asked_of_devices_and_what_is_to_be_notified() {
    on_each_database(|app| {
        app.clock.set("2026-11-03T09:00:00Z");
        let devices = json!({
            "label": "R3",
            "polarity": "requirement",
            "kind": "device_presentation",
            "wording": "The defendant must present devices on request.",
            "plain_words": "Show your devices.",
        });
        let sessions = [("2026-11-10T14:00:00Z", "2026-11-10T15:30:00Z")];
        let entry = treated(entry_with(&order(app), &[devices]), &sessions);
        app.import(&with_providers(&file(&[entry])));
        let owner = app.supervisor_at("ALD");
        let order = path(&owner, "SPO/26/0001");
        let request = app.new_id();
        let asked = json!({
            "happened_at": "2026-11-03T09:00:00Z",
            "device_id": null,
            "due_at": "2026-11-05T09:00:00Z",
            "condition_label": "R3",
        });
        owner.put(&format!("{order}/presentation-requests/{request}"), &asked).expect(201);
        let told = json!({ "happened_at": "2026-11-03T09:00:00Z", "method": "in_person" });
        let to = format!("/presentation-requests/{request}/communications/{}", app.new_id());
        owner.put(&to, &told).expect(201);

        let treatment = condition(app, &owner, "R2")["treatment"].clone();
        assert_eq!(treatment["provider_name"], "Mindful Paths");
        let words = treatment["in_words"].as_str().unwrap();
        assert!(
            words.contains("Better Relationships at Mindful Paths. Next: Tue 10 Nov"),
            "{words}"
        );
        let devices = condition(app, &owner, "R3")["devices"].clone();
        assert_eq!(devices["next_due_at"], "2026-11-05T09:00:00.000Z");
        assert_eq!(devices["open_requests"], 1);
        let subject = owner.get(&order).expect(200)["subject"]["subject_id"].clone();
        let path = format!("/subjects/{}/conditions", subject.as_str().unwrap());
        let found = owner.get(&path).expect(200);
        let owed = &found["orders"][0]["notification"];
        assert_eq!(owed["next_closes_at"], "2026-11-05T00:00:00.000Z");
        assert!(owed["in_words"][0].as_str().unwrap().contains("to be told"), "{owed}");
    });
}

#[test]
fn a_home_a_protected_time_or_a_place_that_cannot_be_is_refused_with_its_field() {
    let subject = "/orders/0/subject";
    let wrong = |field: &str, value: Value| {
        let mut time = times("work", &["mon"], "09:00", "17:00");
        time[field] = value;
        json!({ "protected_times": [time] })
    };
    let bad_hours = json!({ "zone": "Europe/Nowhere", "spans": [] });
    let rows = [
        (
            json!({ "home": { "position": { "latitude": 95.0, "longitude": 0.0 } } }),
            "/home/position/latitude",
        ),
        (json!({ "home": {} }), "/home/address"),
        (wrong("kind", json!("leisure")), "/protected_times/0/kind"),
        (wrong("hours", bad_hours), "/protected_times/0/hours/zone"),
        (wrong("until", json!("1999-01-01")), ""),
    ];
    on_each_database(|app| {
        for (fields, pointer) in &rows {
            let mut entry = OneOrder::default().entry();
            for (name, value) in fields.as_object().unwrap() {
                entry["subject"][name] = value.clone();
            }
            if pointer.is_empty() {
                entry["subject"]["protected_times"][0]["from"] = json!("2000-01-01");
            }
            let faults = app.try_import(&file(&[entry])).unwrap_err();
            let at = if pointer.is_empty() { "/protected_times/0/until" } else { pointer };
            assert_eq!(faults[0].pointer, format!("{subject}{at}"), "{faults:?}");
        }
        assert_eq!(app.count("subject_homes"), 0);
        assert_eq!(app.count("facts"), 0);
    });
}
