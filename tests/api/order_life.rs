//! What becomes of an order after it was made: service, owners, transfer, appeal, end, expiry.

use serde_json::{Value, json};

use crate::builders::{OneOrder, file};
use crate::harness::caller::Caller;
use crate::harness::{TestApp, on_each_database};

fn order_of(caller: &Caller<'_>) -> Value {
    let listed = caller.get("/orders").expect(200);
    let id = listed["orders"][0]["order_id"].as_str().unwrap().to_owned();
    caller.get(&format!("/orders/{id}")).expect(200)
}

fn path(app: &TestApp, order: &Value, what: &str) -> String {
    format!("/orders/{}/{what}/{}", order["order_id"].as_str().unwrap(), app.new_id())
}

fn kinds(app: &TestApp) -> Vec<String> {
    app.alerts().iter().map(|alert| alert.kind.to_string()).collect()
}

fn open(app: &TestApp, kind: &str) -> usize {
    let open = app.alerts().into_iter().filter(|alert| alert.closed_at.is_none());
    open.filter(|alert| alert.kind.to_string() == kind).count()
}

fn timeline(reader: &Caller<'_>, order: &Value) -> String {
    let path = format!("/orders/{}/timeline", order["order_id"].as_str().unwrap());
    reader.get(&path).expect(200).to_string()
}

fn served(at: &str) -> Value {
    json!({
        "happened_at": at,
        "outcome": "served",
        "method": "in_person",
        "place": "Home address",
        "served_by": "PC Ines Okafor",
        "proof": "Statement of PC Okafor, MG11/1",
    })
}

#[test]
fn an_order_binds_from_the_first_attempt_that_served_it_and_no_longer_asks_to_be_served() {
    on_each_database(|app| {
        app.import(
            &OneOrder { served_at: None, ..OneOrder::owned_by(&app.asha_mercer().username) }.file(),
        );
        app.sweep();
        let supervisor = app.supervisor_at("ALD");
        let order = order_of(&supervisor);
        assert_eq!(order["status"], "made");
        assert!(kinds(app).contains(&"order_unserved".to_owned()));

        let mut missed = served("2026-11-22T18:00:00Z");
        missed["outcome"] = json!("not_found");
        supervisor.put(&path(app, &order, "service-attempts"), &missed).expect(201);
        assert_eq!(order_of(&supervisor)["status"], "made");

        let mut unproved = served("2026-11-23T08:00:00Z");
        unproved["proof"] = json!(" ");
        let to = path(app, &order, "service-attempts");
        supervisor.put(&to, &unproved).refused("invalid-field");
        supervisor.put(&to, &served("2026-11-23T08:00:00Z")).expect(201);

        let order = order_of(&supervisor);
        assert_eq!(order["status"], "in_force");
        assert_eq!(order["served_at"], "2026-11-23T08:00:00.000Z");
        assert_eq!(order["service_attempts"].as_array().unwrap().len(), 2);
        let open = app.alerts().into_iter().filter(|alert| alert.closed_at.is_none());
        assert_eq!(open.filter(|alert| alert.kind.to_string() == "order_unserved").count(), 0);
    });
}

#[test]
fn an_order_that_was_discharged_asks_for_nothing_any_more_and_keeps_what_was_missed() {
    on_each_database(|app| {
        let daily = OneOrder {
            starts_on: "2026-11-23",
            rrule: Some("FREQ=DAILY"),
            ..OneOrder::owned_by(&app.asha_mercer().username)
        };
        app.import(&daily.file());
        app.sweep();
        app.clock.set("2026-11-23T13:00:00Z");
        app.sweep();
        let supervisor = app.supervisor_at("ALD");
        let order = order_of(&supervisor);
        let body = json!({ "happened_at": "2026-11-23T12:30:00Z", "reason": "discharged" });
        supervisor.put(&path(app, &order, "end"), &body).expect(201);

        app.clock.set("2026-12-20T13:00:00Z");
        app.sweep();

        assert_eq!(order_of(&app.supervisor_at("ALD"))["status"], "discharged");
        assert_eq!(app.count("obligations WHERE state = 'missed'"), 1);
        assert_eq!(app.count("obligations WHERE state IN ('scheduled', 'open')"), 0);
        // Of the person under the order. The victim is still to be told, and PNC to be brought up to date.
        assert_eq!(kinds(app), ["missed_sign_on", "task_overdue", "task_overdue"]);
    });
}

#[test]
fn an_appeal_leaves_the_order_binding_unless_the_court_suspends_it() {
    on_each_database(|app| {
        app.import(&OneOrder::default().file());
        let supervisor = app.supervisor_at("ALD");
        let order = order_of(&supervisor);
        let body = json!({ "happened_at": "2026-11-20T09:00:00Z", "stayed_from": null });
        let first = supervisor.put(&path(app, &order, "appeals"), &body).expect(201);
        let order = order_of(&supervisor);
        assert_eq!(
            (&order["is_appeal_pending"], &order["is_binding"]),
            (&json!(true), &json!(true))
        );

        let stayed = "2026-11-21T09:00:00Z";
        let body = json!({ "happened_at": "2026-11-20T10:00:00Z", "stayed_from": stayed });
        let appeal = supervisor.put(&path(app, &order, "appeals"), &body).expect(201);
        assert_eq!(order_of(&supervisor)["is_binding"], false);

        let decide = |appeal: &Value| {
            let appeal = appeal["record_id"].as_str().unwrap();
            let to = format!("/appeals/{appeal}/decisions/{}", app.new_id());
            let body = json!({ "happened_at": "2026-11-22T09:00:00Z", "outcome": "dismissed" });
            supervisor.put(&to, &body).expect(201);
        };
        decide(&appeal);
        let order = order_of(&supervisor);
        assert_eq!(
            (&order["is_appeal_pending"], &order["is_binding"]),
            (&json!(true), &json!(true)),
            "the other appeal is pending still"
        );
        decide(&first);
        let order = order_of(&supervisor);
        assert_eq!(
            (&order["is_appeal_pending"], &order["is_binding"]),
            (&json!(false), &json!(true))
        );
    });
}

#[test]
fn a_transfer_stays_ours_until_it_is_accepted_and_its_silence_is_raised() {
    on_each_database(|app| {
        app.import(&OneOrder::owned_by(&app.asha_mercer().username).file());
        app.sweep();
        let supervisor = app.supervisor_at("ALD");
        let order = order_of(&supervisor);
        let body = json!({
            "happened_at": "2026-11-23T09:00:00Z", "to_force": "04", "reason": "He has moved.",
        });
        let transfer = supervisor.put(&path(app, &order, "transfers"), &body).expect(201);

        app.clock.set("2026-11-24T09:00:01Z");
        app.sweep();
        assert!(kinds(app).contains(&"transfer_unanswered".to_owned()));
        let supervisor = app.supervisor_at("ALD");
        assert_eq!(order_of(&supervisor)["managing_force"], "");

        let to = format!(
            "/transfers/{}/answers/{}",
            transfer["record_id"].as_str().unwrap(),
            app.new_id()
        );
        let body = json!({
            "happened_at": "2026-11-24T09:00:01Z", "is_accepted": true, "answered_by": "Sgt Pike",
        });
        supervisor.put(&to, &body).expect(201);
        assert_eq!(order_of(&supervisor)["managing_force"], "04");
        let open = app.alerts().into_iter().filter(|alert| alert.closed_at.is_none());
        assert_eq!(open.filter(|it| it.kind.to_string() == "transfer_unanswered").count(), 0);
    });
}

#[test]
fn an_order_about_to_end_is_warned_of_at_each_step_once() {
    on_each_database(|app| {
        let ending = OneOrder {
            ends_on: Some("2028-11-30"),
            ..OneOrder::owned_by(&app.asha_mercer().username)
        };
        app.import(&ending.file());
        let warned = |at: &str| {
            app.clock.set(at);
            app.sweep();
            app.sweep();
            kinds(app).iter().filter(|kind| *kind == "order_expiring").count()
        };
        assert_eq!(warned("2028-08-31T22:59:00Z"), 0);
        assert_eq!(warned("2028-09-02T09:00:00Z"), 1);
        assert_eq!(warned("2028-11-24T09:00:00Z"), 2, "those that nobody saw come as one");
    });
}

#[test]
fn a_miss_in_hospital_is_to_be_verified_and_a_miss_at_a_shut_station_says_so() {
    on_each_database(|app| {
        let daily = OneOrder {
            rrule: Some("FREQ=DAILY"),
            ..OneOrder::owned_by(&app.asha_mercer().username)
        };
        app.import(&daily.file());
        app.sweep();
        let supervisor = app.supervisor_at("ALD");
        let order = order_of(&supervisor);
        let period = json!({
            "whereabouts": "hospital",
            "from": "2026-11-24T08:00:00Z",
            "until": "2026-11-24T20:00:00Z",
            "evidence": "Ward sister, by phone",
        });
        supervisor.put(&path(app, &order, "status-periods"), &period).expect(201);
        let to = format!("/stations/{}/closures/{}", app.station("ALD"), app.new_id());
        let closure =
            json!({ "from_on": "2026-11-25", "until_on": "2026-11-25", "reason": "a burst pipe" });
        supervisor.put(&to, &closure).expect(201);

        app.clock.set("2026-11-24T12:01:00Z");
        app.sweep();
        app.clock.set("2026-11-25T12:01:00Z");
        app.sweep();

        let alerts = app.alerts();
        let of = |kind: &str| alerts.iter().find(|alert| alert.kind.to_string() == kind);
        let verify = of("missed_sign_on_to_verify").expect("the miss in hospital");
        assert!(verify.detail.contains("no excuse by itself"), "{}", verify.detail);
        let missed = of("missed_sign_on").expect("the miss at the shut station");
        assert!(missed.detail.contains("a burst pipe"), "{}", missed.detail);
        assert!(of("status_period_ended").is_some());
        assert_eq!(app.count("obligations WHERE state = 'missed'"), 2, "nothing is excused");
    });
}

#[test]
fn who_is_named_as_deputy_may_know_of_the_order() {
    on_each_database(|app| {
        let owner = app.asha_mercer();
        app.import(&OneOrder::owned_by(&owner.username).file());
        let supervisor = app.supervisor_at("ALD");
        let order = order_of(&supervisor);
        let deputy = app.owner();
        let id = order["order_id"].as_str().unwrap();
        deputy.get(&format!("/orders/{id}")).refused("not-found");

        let body = json!({ "owner": owner.id, "deputy": deputy.account.id, "supervisor": null });
        supervisor.put(&path(app, &order, "owners"), &body).expect(201);

        assert_eq!(
            deputy.get(&format!("/orders/{id}")).expect(200)["owner_name"],
            "Officer asha.mercer"
        );
    });
}

#[test]
fn an_order_that_nobody_answers_for_is_raised_until_somebody_who_can_be_told_does() {
    on_each_database(|app| {
        app.import(&OneOrder::default().file());
        app.sweep();
        assert_eq!(open(app, "order_unowned"), 1);
        let supervisor = app.supervisor_at("ALD");
        let order = order_of(&supervisor);
        let (owner, deputy) = (app.owner().account, app.officer_at("ALD").account);
        let auditor = app.somebody(compliance::access::Role::Auditor, &[]).account;
        let put = |owner: Value, deputy: &str, above: &str| {
            let body = json!({ "owner": owner, "deputy": deputy, "supervisor": above });
            supervisor.put(&path(app, &order, "owners"), &body)
        };
        let all = [&owner, &deputy, &supervisor.account];
        let (ids, names) = (all.map(|it| it.id.to_string()), all.map(|it| &it.display_name));
        let auditor = auditor.id.to_string();
        let wrong = [
            (put(Value::Null, &ids[1], &ids[2]), "/owner"),
            (put(json!(auditor), &ids[1], &ids[2]), "/owner"),
            (put(json!(ids[0]), &auditor, &ids[2]), "/deputy"),
            (put(json!(ids[0]), &ids[1], &auditor), "/supervisor"),
        ];
        for (answer, pointer) in wrong {
            assert_eq!(answer.refused("invalid-field")["errors"][0]["pointer"], pointer);
        }
        assert_eq!(open(app, "order_unowned"), 1);

        put(json!(ids[0]), &ids[1], &ids[2]).expect(201);

        assert_eq!(open(app, "order_unowned"), 0);
        app.clock.advance(86_400_000);
        app.sweep();
        assert_eq!(open(app, "order_unowned"), 0);
        let supervisor = app.supervisor_at("ALD");
        let order = order_of(&supervisor);
        let named = ["owner_name", "deputy_name", "supervisor_name"].map(|it| order[it].clone());
        assert_eq!(named, names.map(|name| json!(name)));
        let timeline = timeline(&supervisor, &order);
        let [owner, deputy, above] = names;
        let says = format!("owner {owner}, deputy {deputy}, supervisor {above}.");
        assert!(timeline.contains(&says), "{timeline}");
    });
}

#[test]
fn an_appeal_is_decided_after_it_was_lodged_and_the_history_tells_of_the_stay() {
    on_each_database(|app| {
        app.import(&OneOrder::default().file());
        let supervisor = app.supervisor_at("ALD");
        let order = order_of(&supervisor);
        let body = json!({
            "happened_at": "2026-11-20T10:00:00Z", "stayed_from": "2026-11-21T09:00:00Z",
        });
        let appeal = supervisor.put(&path(app, &order, "appeals"), &body).expect(201);
        let appeal = appeal["record_id"].as_str().unwrap();
        let decide = |at: &str| {
            let body = json!({ "happened_at": at, "outcome": "dismissed" });
            supervisor.put(&format!("/appeals/{appeal}/decisions/{}", app.new_id()), &body)
        };
        let early = decide("2026-11-20T09:59:59Z").refused("invalid-field");
        assert_eq!(early["errors"][0]["pointer"], "/happened_at");
        assert_eq!(order_of(&supervisor)["is_binding"], false);
        decide("2026-11-20T10:00:00Z").expect(201);
        assert_eq!(order_of(&supervisor)["is_binding"], true);
        let timeline = timeline(&supervisor, &order);
        assert!(timeline.contains("suspended the order from Sat 21 Nov, 09:00"), "{timeline}");
    });
}

#[test]
fn a_transfer_that_was_refused_or_answered_in_time_is_raised_no_more() {
    on_each_database(|app| {
        let mut entry = OneOrder::owned_by(&app.asha_mercer().username).entry();
        entry["making_force"] = json!("22");
        app.import(&file(&[entry]));
        app.sweep();
        let ask = |to_force: &str| {
            let supervisor = app.supervisor_at("ALD");
            let now = app.clock.now().to_rfc3339();
            let body = json!({ "happened_at": now, "to_force": to_force, "reason": "Moved." });
            supervisor.put(&path(app, &order_of(&supervisor), "transfers"), &body)
        };
        let answer = |transfer: &Value, is_accepted: bool| {
            let now = app.clock.now().to_rfc3339();
            let id = transfer["record_id"].as_str().unwrap();
            let body =
                json!({ "happened_at": now, "is_accepted": is_accepted, "answered_by": "Pike" });
            let to = format!("/transfers/{id}/answers/{}", app.new_id());
            app.supervisor_at("ALD").put(&to, &body).expect(201)
        };
        let force = || order_of(&app.supervisor_at("ALD"))["managing_force"].clone();
        let own = ask("22").refused("invalid-field");
        assert_eq!(own["errors"][0]["pointer"], "/to_force");

        let transfer = ask("04").expect(201);
        app.clock.advance(86_400_000 - 1);
        app.sweep();
        assert_eq!(open(app, "transfer_unanswered"), 0);
        app.clock.advance(1);
        app.sweep();
        assert_eq!(open(app, "transfer_unanswered"), 1);
        let told = answer(&transfer, false);
        assert!(told["says"].as_str().unwrap().contains("refused by Pike of force 04"), "{told}");
        assert_eq!((force(), open(app, "transfer_unanswered")), (json!("22"), 0));

        let transfer = ask("04").expect(201);
        answer(&transfer, true);
        assert_eq!(force(), "04");
        app.clock.advance(2 * 86_400_000);
        app.sweep();
        assert_eq!(open(app, "transfer_unanswered"), 0);
    });
}

#[test]
fn an_order_that_is_taken_in_shortly_before_its_end_is_warned_of_at_once() {
    on_each_database(|app| {
        let mut entry = OneOrder::owned_by(&app.asha_mercer().username).entry();
        entry["kind"] = json!("interim");
        entry["ends_on"] = json!("2026-12-04");
        app.import(&file(&[entry]));
        app.sweep();
        assert_eq!(open(app, "order_expiring"), 1, "the 14 days before");
        app.clock.set("2026-11-28T09:00:00Z");
        app.sweep();
        assert_eq!(open(app, "order_expiring"), 2, "the 7 days before");
    });
}

#[test]
fn terms_that_cannot_be_kept_together_are_raised_and_doubtful_ones_warned_of() {
    on_each_database(|app| {
        let owner = app.asha_mercer();
        let one = OneOrder::owned_by(&owner.username);
        let mut other = OneOrder { station: "THN", ..one.clone() }.entry();
        other["reference"] = json!("SPO/26/0002");
        let imported = app.import(&file(&[one.entry(), other]));
        app.sweep();

        assert!(kinds(app).contains(&"terms_conflict".to_owned()), "{:?}", kinds(app));
        let codes: Vec<String> =
            imported.warnings.iter().map(|(_, warning)| warning.code.to_string()).collect();
        assert!(codes.contains(&"station_closed".to_owned()), "{codes:?}");
    });
}

#[test]
fn a_subject_gets_a_card_in_plain_words_and_a_calendar_that_programs_read() {
    on_each_database(|app| {
        app.import(&OneOrder::default().file());
        app.sweep();
        let officer = app.officer_at("ALD");
        let order = order_of(&officer);
        let id = order["order_id"].as_str().unwrap();

        let card = officer.get(&format!("/orders/{id}/card"));
        assert_eq!(card.status, 200);
        assert!(card.body.contains("ALD Police Station"), "{}", card.body);
        assert!(card.body.contains("Tue 24 Nov, 10:00 to 12:00"), "{}", card.body);
        assert!(!card.body.contains("{{"), "{}", card.body);

        let subject = order["subject"]["subject_id"].as_str().unwrap();
        let calendar = officer.get(&format!("/subjects/{subject}/calendar"));
        assert_eq!(calendar.status, 200);
        for line in
            ["BEGIN:VCALENDAR", "DTSTART:20261124T100000Z", "SUMMARY:Sign on at ALD Police Station"]
        {
            assert!(calendar.body.contains(line), "{line} in {}", calendar.body);
        }
    });
}
