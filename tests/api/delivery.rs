//! Whether what is sent arrives: what phones say of it, phones that say nothing, and alerts of which nobody
//! can be told.

use compliance::access::Role;
use compliance::instant::{DAY_MS, MINUTE_MS};
use serde_json::{Value, json};

use crate::builders::{self, OneOrder};
use crate::harness::caller::{Caller, send};
use crate::harness::push_service::{Phone, PushService, Received};
use crate::harness::{TestApp, on_each_database};

pub mod channels;
pub mod stream;

/// The first window of `OneOrder` is over.
pub const CLOSES_AT: &str = "2026-11-24T12:01:00Z";
/// What is high waits so long on each step.
const WAIT_MS: i64 = 15 * MINUTE_MS;

/// The first windows of orders that somebody owns have closed in silence.
pub fn missed(app: &TestApp, owner: &Caller<'_>, orders: usize) {
    app.import(&OneOrder::owned_by(&owner.account.username).times(orders));
    app.clock.set(CLOSES_AT);
    assert_eq!(app.sweep().raised, orders);
}

pub fn alert_of(caller: &Caller<'_>, number: usize) -> Value {
    let id = caller.app.alerts()[number].id;
    caller.get(&format!("/alerts/{id}")).expect(200)
}

fn with_owner(test: impl Fn(&TestApp, &Caller<'_>, &PushService)) {
    on_each_database(|app| {
        app.import(&builders::file(&[]));
        test(app, &app.owner(), &PushService::start());
    });
}

/// A day later: what the phones are asked, who say nothing by themselves.
fn next_day(app: &TestApp, service: &PushService) -> Vec<Received> {
    app.phones_fall_silent();
    app.clock.advance(DAY_MS);
    app.sweep();
    app.run_jobs();
    service.take_heartbeats()
}

fn phone_of(caller: &Caller<'_>) -> Value {
    caller.get("/me").expect(200)["phones"][0].clone()
}

#[test]
fn a_delivery_says_who_was_told_how_on_which_step_and_when_their_phone_showed_and_they_opened_it() {
    with_owner(|app, owner, service| {
        let phone = Phone::of(owner, service);
        missed(app, owner, 1);
        service.answers("500 Internal Server Error");
        app.run_jobs();
        app.clock.advance(5_000);
        app.run_jobs();
        let messages = service.take();
        app.clock.advance(MINUTE_MS);
        let shown_at = app.clock.now().to_rfc3339();
        assert_eq!(phone.says(app, "displayed", &messages[1]).status, 204);
        app.clock.advance(MINUTE_MS);
        let opened_at = app.clock.now().to_rfc3339();
        phone.says(app, "opened", &messages[1]).expect(204);
        // Said again, later: the first word stands.
        app.clock.advance(MINUTE_MS);
        for event in ["displayed", "opened"] {
            phone.says(app, event, &messages[1]).expect(204);
        }
        let alert = alert_of(owner, 0);
        let [failed, taken] = [0, 1].map(|number| alert["deliveries"][number].clone());
        assert_eq!(failed["status"], "failed_temporary");
        assert_eq!((&failed["displayed_at"], &failed["opened_at"]), (&Value::Null, &Value::Null));
        let expected = json!({
            "account_name": owner.account.display_name,
            "channel": "push",
            "step": 1,
            "attempt": 2,
            "attempted_at": taken["attempted_at"],
            "status": "accepted",
            "http_status": 201,
            "detail": "",
            "is_counted_upon": true,
            "displayed_at": shown_at,
            "opened_at": opened_at,
        });
        assert_eq!(taken, expected);
        assert!(!alert.to_string().contains(&phone.endpoint));
        assert_eq!(app.check(), [""; 0]);
    });
}

#[test]
fn a_receipt_that_is_forged_or_too_old_is_refused_and_too_many_of_them_are_slowed() {
    with_owner(|app, owner, service| {
        let phone = Phone::of(owner, service);
        app.phones_fall_silent();
        missed(app, owner, 1);
        app.run_jobs();
        let message = &service.take()[0];
        let token = phone.read(message)["receipt_token"].as_str().unwrap().to_owned();
        let say = |token: &str, event: &str| {
            let body = serde_json::to_vec(&json!({ "token": token, "event": event })).unwrap();
            let json = [("content-type", "application/json")];
            send(app.address, ("POST", "/api/v1/receipts"), &json, Some(&body))
        };
        let cut = |from: usize, to: usize| token.get(from..to).unwrap().to_owned();
        let forged = format!("B{}", cut(1, token.len()));
        for token in [forged.as_str(), "", "AAAA", &cut(0, 97), &"A".repeat(98)] {
            let problem = say(token, "displayed").refused("invalid-field");
            assert_eq!(problem["errors"][0]["pointer"], "/token", "{token}");
        }
        say(&token, "seen").refused("invalid-field");
        assert_eq!(app.count("receipts"), 0);
        app.clock.advance(7 * DAY_MS);
        say(&token, "displayed").refused("invalid-field");
        assert_eq!(app.count("receipts"), 0);
        let slowed = (0..80).map(|_| say(&forged, "displayed")).find(|it| it.status == 429);
        let slowed = slowed.expect("many forged ones are slowed");
        assert!(slowed.header("retry-after").is_some());
        // Whoever has a true one is not kept back by that.
        app.clock.advance(-6 * DAY_MS);
        say(&token, "displayed").expect(204);
        assert_eq!(app.count("receipts"), 1);
    });
}

#[test]
fn what_was_told_for_a_group_is_among_the_deliveries_of_each_and_opened_for_each() {
    with_owner(|app, owner, service| {
        let phone = Phone::of(owner, service);
        missed(app, owner, 7);
        app.run_jobs();
        let messages = service.take();
        assert_eq!(messages.len(), 1);
        phone.says(app, "opened", &messages[0]).expect(204);
        let opened_at = app.clock.now().to_rfc3339();
        for number in 0..7 {
            let deliveries = &alert_of(owner, number)["deliveries"];
            assert_eq!(deliveries[0]["opened_at"], opened_at, "{number}");
        }
        // What comes after somebody has taken one of them does not concern it.
        let id = app.alerts()[3].id;
        owner.put(&format!("/alerts/{id}/acknowledgement"), &Value::Null).expect(200);
        app.clock.advance(WAIT_MS);
        app.sweep();
        app.run_jobs();
        let count = |number| alert_of(owner, number)["deliveries"].as_array().unwrap().len();
        assert_eq!((count(2), count(3)), (2, 1));
    });
}

#[test]
fn a_phone_is_asked_each_day_whether_it_is_there_and_its_answer_is_shown() {
    with_owner(|app, owner, service| {
        let phone = Phone::of(owner, service);
        assert_eq!(phone_of(owner)["state"], "unproved");
        app.sweep();
        app.run_jobs();
        assert!(service.take_heartbeats().is_empty(), "not before a day has passed");
        let asked = next_day(app, service);
        assert_eq!(asked.len(), 1);
        let mut read = phone.read(&asked[0]);
        read.as_object_mut().unwrap().remove("receipt_token");
        let expected =
            json!({ "kind": "heartbeat", "priority": "info", "receipt_url": "/api/v1/receipts" });
        assert_eq!(read, expected);
        assert_eq!((asked[0].header("urgency"), asked[0].header("ttl")), ("low", "86400"));
        app.sweep();
        app.run_jobs();
        assert!(service.take_heartbeats().is_empty(), "once a day");
        phone.says(app, "displayed", &asked[0]).expect(204);
        assert_eq!(phone_of(owner)["state"], "answering");
        assert_eq!(phone_of(owner)["last_receipt_at"], app.clock.now().to_rfc3339());
        assert_eq!(app.alerts().len(), 0);
        assert_eq!(app.check(), [""; 0]);
    });
}

#[test]
fn a_question_that_cannot_be_sent_is_answered_by_nobody() {
    with_owner(|app, owner, service| {
        let _phone = Phone::of(owner, service);
        app.phones_fall_silent();
        app.clock.advance(DAY_MS);
        for _ in 0..3 {
            service.answers_heartbeat("503 Service Unavailable\r\nRetry-After: 3600");
            app.sweep();
            app.run_jobs();
            app.clock.advance(DAY_MS / 2);
        }
        assert_eq!(phone_of(owner)["state"], "silent");
        assert_eq!(app.count("jobs WHERE kind = 'ask_phone' AND settled_at IS NULL"), 1);
        assert_eq!(app.count("jobs WHERE outcome = 'asked_again'"), 1);
    });
}

#[test]
fn a_phone_that_has_answered_once_is_silent_after_two_days_and_lives_again_with_its_next_word() {
    with_owner(|app, owner, service| {
        let phone = Phone::of(owner, service);
        let first = next_day(app, service);
        phone.says(app, "displayed", &first[0]).expect(204);
        next_day(app, service);
        let unanswered = next_day(app, service);
        assert_eq!(phone_of(owner)["state"], "answering");
        next_day(app, service);
        assert_eq!(phone_of(owner)["state"], "silent");
        assert_eq!(app.alert_kinds(), ["phone_silent"]);
        let kept = |state: &str| app.count(&format!("alerts WHERE state = '{state}'"));
        assert_eq!(kept("triggered"), 1);
        phone.says(app, "opened", &unanswered[0]).expect(204);
        assert_eq!(phone_of(owner)["state"], "answering");
        assert_eq!((kept("triggered"), kept("closed")), (0, 1));
    });
}

#[test]
fn whoever_has_only_silent_phones_is_passed_over_and_told_all_the_same() {
    with_owner(|app, owner, service| {
        let silent = Phone::of(owner, service);
        let supervisor = app.supervisor_at("ALD");
        next_day(app, service);
        let next = Phone::of(&supervisor, service);
        next_day(app, service);
        let preflight = supervisor.get("/supervision/preflight").expect(200);
        let expected = json!([{
            "account_id": owner.account.id,
            "account_name": owner.account.display_name,
            "phones": 1,
        }]);
        assert_eq!(preflight["silent"], expected);
        app.run_jobs();
        service.take();
        let body = json!({ "to_account_id": owner.account.id });
        supervisor.put(&format!("/test-alarms/{}", app.new_id()), &body).expect(201);
        app.run_jobs();
        let told = service.take();
        assert!(told.iter().any(|it| next.is_for(it)), "the supervisor at once");
        assert!(told.iter().any(|it| silent.is_for(it)), "the owner in case it arrives after all");
        let test = app.alerts().into_iter().find(|it| it.kind.to_string() == "test_alarm").unwrap();
        assert_eq!(test.step, 1);
        let shown = supervisor.get(&format!("/alerts/{}", test.id));
        let shown =
            if shown.status == 200 { shown } else { owner.get(&format!("/alerts/{}", test.id)) };
        let shown = shown.expect(200);
        let counted: Vec<bool> = shown["deliveries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["is_counted_upon"].as_bool().unwrap())
            .collect();
        assert_eq!(counted.iter().filter(|it| **it).count(), 1, "{shown}");
    });
}

#[test]
fn with_every_phone_silent_nobody_is_reachable_until_one_of_them_shows_the_alert() {
    with_owner(|app, owner, service| {
        let phone = Phone::of(owner, service);
        app.import(
            &OneOrder {
                starts_on: "2026-11-25",
                rrule: None,
                ..OneOrder::owned_by(&owner.account.username)
            }
            .file(),
        );
        next_day(app, service);
        app.clock.set("2026-11-25T12:01:00Z");
        app.sweep();
        let missed = |app: &TestApp| {
            let all = app.alerts();
            all.into_iter().find(|it| it.kind.to_string() == "missed_sign_on").unwrap()
        };
        assert_eq!(missed(app).nobody_reachable_since, Some(app.clock.now()));
        let status = owner.get("/status").expect(200);
        let all = app.alerts().len();
        assert!(all >= 2, "the phone's own alert too");
        assert_eq!(status["nobody_reachable_alerts"], all);
        app.run_jobs();
        assert!(missed(app).nobody_reachable, "that a push service took it says nothing");
        let told = service.take();
        let wanted = json!(missed(app).id);
        let told = told.iter().find(|it| phone.read(it)["alert_id"] == wanted).unwrap();
        phone.says(app, "displayed", told).expect(204);
        let found = missed(app);
        assert_eq!((found.nobody_reachable, found.nobody_reachable_since), (false, None));
        assert_eq!(app.check(), [""; 0]);
    });
}

/// Somebody had it, so that it is not true that nobody could be reached.
#[test]
fn an_alert_that_was_acknowledged_and_not_decided_is_not_called_unreachable() {
    with_owner(|app, owner, service| {
        let _phone = Phone::of(owner, service);
        let control_room = app.somebody(Role::ControlRoom, &[]);
        let _other = Phone::of(&control_room, service);
        missed(app, owner, 1);
        for _ in 0..2 {
            service.answers("500 Internal Server Error");
            app.run_jobs();
            app.clock.advance(WAIT_MS);
            app.sweep();
        }
        let shown = || alert_of(owner, 0)["alert"].clone();
        assert_eq!(shown()["nobody_reachable"], true);
        let path = format!("/alerts/{}/acknowledgement", shown()["alert_id"].as_str().unwrap());
        owner.put(&path, &Value::Null).expect(200);
        assert_eq!(shown()["nobody_reachable"], false);
        app.clock.set(shown()["climbs_at"].as_str().unwrap());
        assert_eq!(app.sweep().climbed, 1);
        assert_eq!(shown()["state"], "triggered");
        assert_eq!(shown()["nobody_reachable"], false);
    });
}

#[test]
fn a_ladder_climbed_in_vain_is_red_and_keeps_its_time_until_something_is_taken() {
    with_owner(|app, owner, service| {
        let _phone = Phone::of(owner, service);
        let control_room = app.somebody(Role::ControlRoom, &[]);
        let _other = Phone::of(&control_room, service);
        missed(app, owner, 1);
        let refuse = || {
            service.answers("500 Internal Server Error");
            assert_eq!(app.run_jobs(), 1);
        };
        let shown = || alert_of(owner, 0)["alert"].clone();
        refuse();
        app.clock.advance(WAIT_MS);
        app.sweep();
        refuse();
        assert_eq!(shown()["nobody_reachable"], false, "there is a step left");
        app.clock.advance(WAIT_MS);
        app.sweep();
        let red_since = app.clock.now().to_rfc3339();
        assert_eq!(shown()["nobody_reachable_since"], red_since);
        let alert = alert_of(owner, 0);
        let says = alert["events"][1]["says"].as_str().unwrap();
        assert!(says.contains("Nothing that was sent has arrived"), "{says}");
        assert_eq!(alert["events"][1]["kind"], "nobody_reachable");
        let climbs_at = (app.clock.now() + WAIT_MS).to_rfc3339();
        assert_eq!(shown()["climbs_at"], climbs_at, "and it goes on climbing as usual");
        refuse();
        app.clock.advance(WAIT_MS);
        app.sweep();
        assert_eq!(shown()["nobody_reachable_since"], red_since);
        // The next attempt is taken.
        assert_eq!(app.run_jobs(), 1);
        assert_eq!(shown()["nobody_reachable"], false);
        assert_eq!(shown()["nobody_reachable_since"], Value::Null);
        app.clock.advance(WAIT_MS);
        app.sweep();
        assert_eq!(shown()["nobody_reachable"], false, "what was taken once stays taken");
        assert_eq!(app.check(), [""; 0]);
    });
}
