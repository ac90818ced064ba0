//! Alerts climb until a named person has decided: who is told, when, and what is refused on the way.

mod groups;
mod preflight;

use compliance::access::Role;
use compliance::alert::AlertState;
use compliance::instant::{DAY_MS, HOUR_MS, MINUTE_MS};
use holdfast::sweeper::Swept;
use serde_json::{Value, json};

use crate::builders::{self, OneOrder};
use crate::harness::caller::Caller;
use crate::harness::push_service::{Phone, PushService};
use crate::harness::{TestApp, on_each_database};

/// The first window of `OneOrder` is over.
const CLOSES_AT: &str = "2026-11-24T12:01:00Z";
/// What is high waits so long on each step.
const WAIT_MS: i64 = 15 * MINUTE_MS;

/// Somebody on every rung, each with a phone.
struct Staff<'a> {
    app: &'a TestApp,
    service: PushService,
    owner: (Caller<'a>, Phone),
    supervisor: (Caller<'a>, Phone),
    coordinator: (Caller<'a>, Phone),
    control_room: (Caller<'a>, Phone),
}

impl<'a> Staff<'a> {
    fn of(app: &'a TestApp) -> Self {
        app.import(&builders::file(&[]));
        // On the day itself, so that no phone is asked meanwhile whether it is there.
        app.clock.set("2026-11-24T09:00:00Z");
        let service = PushService::start();
        let with_phone = |caller: Caller<'a>| {
            let phone = Phone::of(&caller, &service);
            (caller, phone)
        };
        let owner = with_phone(app.owner());
        let supervisor = with_phone(app.supervisor_at("ALD"));
        let coordinator = with_phone(app.supervisor_at("HEX"));
        let control_room = with_phone(app.somebody(Role::ControlRoom, &[]));
        Self { app, service, owner, supervisor, coordinator, control_room }
    }

    /// A sign-on that is missed, at CLOSES_AT.
    fn missed(&self) {
        self.missed_by(1);
    }

    fn missed_by(&self, subjects: usize) {
        let owner = &self.owner.0.account.username;
        self.app.import(&OneOrder::owned_by(owner).times(subjects));
        self.app.clock.set(CLOSES_AT);
        assert_eq!(self.app.sweep().raised, subjects);
    }

    fn on_duty(&self, account: &Caller<'_>, rung: &str, hours: i64) {
        let now = self.app.clock.now();
        let entry = json!({
            "kind": "on_duty",
            "account_id": account.account.id,
            "rung": rung,
            "from": now.to_rfc3339(),
            "until": (now + hours * HOUR_MS).to_rfc3339(),
        });
        let path = format!("/rota/{}", self.app.new_id());
        self.supervisor.0.put(&path, &entry).expect(201);
    }

    fn away(&self, account: &Caller<'_>, covered_by: Option<&Caller<'_>>, hours: i64) {
        let now = self.app.clock.now();
        let entry = json!({
            "kind": "absent",
            "account_id": account.account.id,
            "covered_by": covered_by.map(|cover| cover.account.id),
            "from": now.to_rfc3339(),
            "until": (now + hours * HOUR_MS).to_rfc3339(),
        });
        let path = format!("/rota/{}", self.app.new_id());
        self.supervisor.0.put(&path, &entry).expect(201);
    }

    /// Who was told since it was asked last, by rung.
    fn told(&self) -> Vec<&'static str> {
        self.app.run_jobs();
        let sent = self.service.take();
        let phones = [
            ("owner", &self.owner.1),
            ("supervisor", &self.supervisor.1),
            ("coordinator", &self.coordinator.1),
            ("control_room", &self.control_room.1),
        ];
        let name = |message| phones.iter().find(|(_, phone)| phone.is_for(message)).unwrap().0;
        sent.iter().map(name).collect()
    }

    fn after(&self, ms: i64) -> Swept {
        self.app.clock.set_to(self.app.clock.now() + ms);
        self.app.sweep()
    }

    fn alert(&self) -> Value {
        let id = self.app.alerts()[0].id;
        self.owner.0.get(&format!("/alerts/{id}")).expect(200)
    }

    fn path(&self, what: &str) -> String {
        let id = self.app.alerts()[0].id;
        format!("/alerts/{id}/{what}/{}", self.app.new_id())
    }

    fn acknowledge(&self, by: &Caller<'_>) {
        let id = self.app.alerts()[0].id;
        by.put(&format!("/alerts/{id}/acknowledgement"), &Value::Null).expect(200);
    }
}

fn with_staff(test: impl Fn(&Staff<'_>)) {
    on_each_database(|app| test(&Staff::of(app)));
}

fn kinds(alert: &Value) -> Vec<&str> {
    alert["events"].as_array().unwrap().iter().map(|it| it["kind"].as_str().unwrap()).collect()
}

#[test]
fn an_alert_that_nobody_acknowledges_climbs_step_by_step_and_never_ends() {
    with_staff(|staff| {
        staff.on_duty(&staff.coordinator.0, "coordinator", 48);
        staff.missed();
        assert_eq!(staff.told(), ["owner"]);
        assert_eq!(staff.after(WAIT_MS - 1).climbed, 0);
        assert_eq!(staff.told(), [""; 0]);
        assert_eq!(staff.after(1).climbed, 1);
        assert_eq!(staff.told(), ["supervisor"]);
        for rung in ["coordinator", "control_room", "control_room", "control_room"] {
            assert_eq!(staff.after(WAIT_MS).climbed, 1);
            assert_eq!(staff.told(), [rung]);
        }
        let alert = staff.alert();
        assert_eq!(kinds(&alert), ["escalated"; 5]);
        assert_eq!(
            (&alert["alert"]["step"], &alert["alert"]["state"]),
            (&json!(4), &json!("triggered"))
        );
        let says = alert["events"][0]["says"].as_str().unwrap();
        assert_eq!(says, "Nobody acknowledged it in time. Step 2 (supervisor): told 1 person.");
        assert_eq!(alert["deliveries"].as_array().unwrap().len(), 6);
        assert_eq!(alert["ladder"][2], json!({ "rung": "coordinator", "wait_ms": WAIT_MS }));
    });
}

#[test]
fn a_sweep_that_comes_late_lets_an_alert_climb_once_and_not_for_every_step_it_missed() {
    with_staff(|staff| {
        staff.missed();
        staff.told();
        assert_eq!(staff.after(3 * DAY_MS).climbed, 1);
        assert_eq!(staff.told(), ["supervisor"]);
        assert_eq!(staff.app.sweep().climbed, 0);
    });
}

#[test]
fn an_acknowledgement_stops_what_is_still_to_be_sent_and_starts_the_decisions_clock() {
    with_staff(|staff| {
        staff.missed();
        staff.acknowledge(&staff.owner.0);
        assert_eq!(staff.told(), [""; 0], "what was still to be sent is withdrawn");
        assert_eq!(staff.after(DAY_MS - 1).climbed, 0);
        assert_eq!(staff.after(1).climbed, 1);
        assert_eq!(staff.told(), ["supervisor"]);
        let alert = staff.alert();
        // Meanwhile no phone can hold a record of it any more.
        assert_eq!(kinds(&alert), ["acknowledged", "confirmed", "decision_overdue"]);
        assert_eq!(alert["alert"]["state"], "triggered");
        assert_eq!(alert["alert"]["acknowledged_by_name"], Value::Null);
    });
}

#[test]
fn at_high_risk_a_decision_is_due_after_four_hours() {
    with_staff(|staff| {
        let owner = &staff.owner.0.account.username;
        let order = OneOrder { risk: "high", ..OneOrder::owned_by(owner) };
        staff.app.import(&order.file());
        staff.app.clock.set(CLOSES_AT);
        staff.app.sweep();
        staff.acknowledge(&staff.owner.0);
        let due_at = staff.alert()["alert"]["climbs_at"].clone();
        assert_eq!(due_at, "2026-11-24T16:01:00.000Z");
    });
}

#[test]
fn a_decision_closes_an_alert_for_good_and_says_who_and_why() {
    with_staff(|staff| {
        staff.missed();
        staff.acknowledge(&staff.owner.0);
        let body = json!({ "decision": "service_fault", "rationale": "The counter was shut." });
        let path = staff.path("decisions");
        let decided = staff.owner.0.put(&path, &body).expect(201);
        assert_eq!(decided["state"], "closed");
        assert_eq!(decided["close_reason"], "service_fault");
        assert_eq!(decided["closed_by_name"], staff.owner.0.account.display_name);
        assert_eq!(decided["climbs_at"], Value::Null);
        assert_eq!(staff.owner.0.put(&path, &body).expect(201), decided, "sent again");
        let other = json!({ "decision": "duplicate", "rationale": "The counter was shut." });
        staff.owner.0.put(&path, &other).refused("record-conflict");
        staff.owner.0.put(&staff.path("decisions"), &other).refused("alert-is-closed");
        assert_eq!(staff.after(7 * DAY_MS).climbed, 0);
        let alert = staff.alert();
        assert_eq!(kinds(&alert), ["acknowledged", "decided", "confirmed"]);
        assert_eq!(alert["events"][1]["says"], "service_fault: The counter was shut.");
    });
}

#[test]
fn nobody_decides_on_what_they_confirmed_and_a_reason_is_asked_for() {
    with_staff(|staff| {
        let station = staff.app.station("ALD");
        staff.app.import(&OneOrder::owned_by(&staff.owner.0.account.username).file());
        staff.app.clock.set("2026-11-24T12:30:00Z");
        staff.app.sweep();
        let due = staff.supervisor.0.get(&format!("/stations/{station}/due")).expect(200);
        let body = builders::sign_on(&due["due"][0], station, "2026-11-24T12:30:00Z");
        let path = format!("/check-ins/{}", staff.app.new_id());
        staff.supervisor.0.put(&path, &body).expect(201);
        let body = json!({ "decision": "no_further_action", "rationale": "He came late." });
        staff.supervisor.0.put(&staff.path("decisions"), &body).refused("other-person-needed");
        let silent = json!({ "decision": "no_further_action", "rationale": " " });
        let problem = staff.owner.0.put(&staff.path("decisions"), &silent).refused("invalid-field");
        assert_eq!(problem["errors"][0]["pointer"], "/rationale");
        staff.owner.0.put(&staff.path("decisions"), &body).expect(201);
    });
}

#[test]
fn an_alert_that_asks_for_something_to_be_done_is_not_decided_away() {
    on_each_database(|app| {
        app.import(&OneOrder { served_at: None, ..OneOrder::default() }.file());
        app.sweep();
        let supervisor = app.supervisor_at("ALD");
        let open = supervisor.get("/alerts").expect(200);
        for alert in open["alerts"].as_array().unwrap() {
            let path = format!(
                "/alerts/{}/decisions/{}",
                alert["alert_id"].as_str().unwrap(),
                app.new_id()
            );
            let body = json!({ "decision": "no_further_action", "rationale": "Not now." });
            let problem = supervisor.put(&path, &body).refused("alert-needs-deed");
            let asks = match alert["kind"].as_str().unwrap() {
                "order_unserved" => "Record that the order was served.",
                _ => "Name somebody who answers for the order.",
            };
            assert_eq!(problem["detail"], asks);
        }
        assert_eq!(app.alert_kinds(), ["order_unowned", "order_unserved"]);
        assert!(app.alerts().iter().all(|alert| alert.state == AlertState::Triggered));
    });
}

#[test]
fn with_nobody_reachable_an_alert_says_so_and_finds_whoever_becomes_reachable() {
    on_each_database(|app| {
        app.import(&builders::file(&[]));
        let owner = app.owner();
        app.import(&OneOrder::owned_by(&owner.account.username).file());
        app.clock.set(CLOSES_AT);
        app.sweep();
        let shown = |caller: &Caller<'_>| caller.get("/alerts").expect(200)["alerts"][0].clone();
        assert_eq!(shown(&owner)["nobody_reachable"], true);
        let service = PushService::start();
        let phone = Phone::of(&owner, &service);
        app.clock.advance(5 * MINUTE_MS);
        assert_eq!(app.sweep().climbed, 1);
        app.run_jobs();
        let messages = service.take();
        assert!(messages.len() == 1 && phone.is_for(&messages[0]));
        assert_eq!(shown(&owner)["nobody_reachable"], false);
    });
}

#[test]
fn who_is_away_is_stood_in_for_and_who_is_on_duty_comes_before_the_others() {
    with_staff(|staff| {
        let deputy = staff.app.supervisor_at("ALD");
        let phone = Phone::of(&deputy, &staff.service);
        staff.away(&staff.owner.0, Some(&staff.control_room.0), 48);
        staff.on_duty(&staff.supervisor.0, "supervisor", 48);
        staff.missed();
        assert_eq!(staff.told(), ["control_room"], "covers for the owner");
        staff.after(WAIT_MS);
        assert_eq!(staff.told(), ["supervisor"], "the other supervisor is not on duty");
        staff.after(2 * DAY_MS);
        staff.app.run_jobs();
        let messages = staff.service.take();
        assert!(messages.iter().all(|message| !phone.is_for(message)), "the control room by now");
    });
}

#[test]
fn an_alert_that_was_handed_over_is_told_to_that_person_and_climbs_on_from_where_it_was() {
    with_staff(|staff| {
        staff.missed();
        staff.acknowledge(&staff.owner.0);
        let to = |id: Value| json!({ "to_account_id": id, "note": "My shift ends." });
        let unreachable = staff.app.supervisor_at("ALD");
        let problem = staff
            .owner
            .0
            .put(&staff.path("handovers"), &to(json!(unreachable.account.id)))
            .refused("invalid-field");
        assert!(problem["detail"].as_str().unwrap().contains("has no phone"), "{problem}");
        let stranger = staff.app.supervisor_at("HEX");
        let path = staff.path("handovers");
        staff.owner.0.put(&path, &to(json!(stranger.account.id))).refused("invalid-field");
        let path = staff.path("handovers");
        staff.app.clock.advance(1);
        staff.owner.0.put(&path, &to(json!(staff.supervisor.0.account.id))).expect(201);
        assert_eq!(staff.told(), ["supervisor"]);
        assert_eq!(staff.alert()["alert"]["state"], "triggered");
        staff.after(WAIT_MS);
        assert_eq!(staff.told(), ["supervisor"], "the step behind the owner's");
        let note = json!({ "note": "Rang the hospital: not admitted." });
        staff.app.clock.advance(1);
        staff.owner.0.put(&staff.path("notes"), &note).expect(201);
        assert_eq!(kinds(&staff.alert()), ["acknowledged", "handed_over", "escalated", "note"]);
    });
}

#[test]
fn what_is_handed_over_twice_in_one_instant_is_told_once_more_and_lost_neither_time() {
    with_staff(|staff| {
        staff.missed();
        let to = json!({ "to_account_id": staff.supervisor.0.account.id, "note": "" });
        for _ in 0..2 {
            staff.owner.0.put(&staff.path("handovers"), &to).expect(201);
        }
        assert_eq!(staff.told(), ["supervisor"]);
    });
}

#[test]
fn alerts_are_listed_a_page_at_a_time_and_by_state() {
    with_staff(|staff| {
        staff.missed_by(7);
        let page = |query: &str| staff.owner.0.get(&format!("/alerts?{query}")).expect(200);
        let mut seen = Vec::new();
        let mut after = String::new();
        loop {
            let found = page(&format!("limit=3&after={after}"));
            for alert in found["alerts"].as_array().unwrap() {
                seen.push(alert["alert_id"].as_str().unwrap().to_owned());
            }
            match found["next"].as_str() {
                Some(next) => after = next.to_owned(),
                None => break,
            }
        }
        let all: Vec<String> = staff.app.alerts().iter().map(|it| it.id.to_string()).collect();
        assert_eq!(seen, all);
        staff.acknowledge(&staff.owner.0);
        let count = |state: &str| page(state)["alerts"].as_array().unwrap().len();
        assert_eq!((count("state=triggered"), count("state=acknowledged")), (6, 1));
        staff.owner.0.get("/alerts?after=yesterday").refused("invalid-parameter");
    });
}

#[test]
fn a_ladder_holds_where_it_was_set_and_one_that_nobody_can_receive_is_refused() {
    with_staff(|staff| {
        let keeper = &staff.supervisor.0;
        let ladder = |steps: Value| {
            json!({
                "station_id": staff.app.station("ALD"),
                "severity": "high",
                "steps": steps,
                "decide_within_ms": 2 * HOUR_MS,
            })
        };
        let step = |rung: &str, wait_ms: i64| json!({ "rung": rung, "wait_ms": wait_ms });
        let path = || format!("/ladders/{}", staff.app.new_id());
        let room = step("control_room", 4 * MINUTE_MS);
        let empty = ladder(json!([room, step("coordinator", MINUTE_MS)]));
        let problem = keeper.put(&path(), &empty).refused("invalid-field");
        assert_eq!(problem["errors"][0]["pointer"], "/steps");
        assert!(problem["detail"].as_str().unwrap().contains("step 2 (coordinator)"), "{problem}");
        keeper.put(&path(), &ladder(json!([]))).refused("invalid-field");

        let set = path();
        let body = ladder(json!([room, step("supervisor", 6 * MINUTE_MS)]));
        let recorded = keeper.put(&set, &body).expect(201);
        assert_eq!(keeper.put(&set, &body).expect(201), recorded);
        staff.missed();
        assert_eq!(staff.told(), ["control_room"]);
        staff.after(4 * MINUTE_MS);
        assert_eq!(staff.told(), ["supervisor"]);
        staff.acknowledge(&staff.supervisor.0);
        let due_at = staff.app.clock.now() + 2 * HOUR_MS;
        assert_eq!(staff.alert()["alert"]["climbs_at"], json!(due_at.to_rfc3339()));
        // Another takes its place; ended, the usual one holds.
        let next = path();
        keeper.put(&next, &ladder(json!([room]))).expect(201);
        let listed = keeper.get("/ladders").expect(200);
        assert_eq!(listed["ladders"].as_array().unwrap().len(), 1);
        assert_eq!(listed["usual"].as_array().unwrap().len(), 4);
        keeper.delete(&next).expect(204);
        keeper.delete(&next).expect(204);
        assert_eq!(staff.alert()["decide_within_ms"], json!(DAY_MS));
    });
}

#[test]
fn a_line_of_the_rota_that_cannot_be_is_refused_and_one_that_was_taken_back_holds_no_more() {
    with_staff(|staff| {
        let keeper = &staff.supervisor.0;
        let now = staff.app.clock.now();
        let line = |kind: &str, account: Value, until_ms: i64| {
            json!({
                "kind": kind,
                "account_id": account,
                "from": now.to_rfc3339(),
                "until": (now + until_ms).to_rfc3339(),
            })
        };
        let path = || format!("/rota/{}", staff.app.new_id());
        let owner = json!(staff.owner.0.account.id);
        let auditor = json!(staff.app.somebody(Role::Auditor, &[]).account.id);
        keeper.put(&path(), &line("on_duty", owner.clone(), HOUR_MS)).refused("invalid-field");
        keeper.put(&path(), &line("absent", owner.clone(), -HOUR_MS)).refused("invalid-field");
        let problem =
            keeper.put(&path(), &line("absent", auditor, HOUR_MS)).refused("invalid-field");
        assert_eq!(problem["errors"][0]["pointer"], "/account_id");
        let away = path();
        keeper.put(&away, &line("absent", owner, DAY_MS)).expect(201);
        assert_eq!(keeper.get("/rota").expect(200)["entries"].as_array().unwrap().len(), 1);
        keeper.delete(&away).expect(204);
        assert_eq!(keeper.get("/rota").expect(200)["entries"], json!([]));
        staff.missed();
        assert_eq!(staff.told(), ["owner"]);
    });
}

#[test]
fn a_test_alarm_goes_the_way_of_every_alert_and_its_acknowledgement_is_all_it_asks_for() {
    with_staff(|staff| {
        let path = format!("/test-alarms/{}", staff.app.new_id());
        let body = json!({ "to_account_id": staff.owner.0.account.id });
        let sent = staff.supervisor.0.put(&path, &body).expect(201);
        assert_eq!(staff.supervisor.0.put(&path, &body).expect(201)["alert_id"], sent["alert_id"]);
        assert_eq!(staff.told(), ["owner"]);
        staff.after(WAIT_MS);
        let mut told = staff.told();
        told.sort();
        assert_eq!(
            told,
            ["coordinator", "supervisor"],
            "it concerns no station, so every supervisor"
        );
        staff.acknowledge(&staff.owner.0);
        assert_eq!(staff.alert()["alert"]["close_reason"], "resolved");
        assert_eq!(staff.after(DAY_MS).climbed, 0);
        let nobody = json!({ "to_account_id": staff.app.administrator().account.id });
        let path = format!("/test-alarms/{}", staff.app.new_id());
        staff.supervisor.0.put(&path, &nobody).refused("invalid-field");
    });
}

#[test]
fn what_was_closed_by_mistake_begins_its_climb_anew() {
    with_staff(|staff| {
        staff.missed();
        assert_eq!(staff.told(), ["owner"]);
        staff.after(WAIT_MS);
        assert_eq!(staff.told(), ["supervisor"]);
        let station = staff.app.station("ALD");
        let due = staff.supervisor.0.get(&format!("/stations/{station}/due")).expect(200);
        let body = builders::sign_on(&due["due"][0], station, "2026-11-24T11:00:00Z");
        let check_in = format!("/check-ins/{}", staff.app.new_id());
        let clock = staff.app.clock.now().to_rfc3339();
        let held = [("Phone-Clock", clock.as_str())];
        staff.supervisor.0.send(("PUT", &check_in), &held, Some(&body)).expect(201);
        assert_eq!(staff.app.alerts()[0].state, AlertState::Closed);
        let why = json!({ "reason": "Another person's." });
        staff.supervisor.0.put(&format!("{check_in}/supersession"), &why).expect(200);
        staff.app.sweep();
        let alert =
            staff.app.alerts().into_iter().find(|it| it.kind.to_string() == "missed_sign_on");
        let alert = alert.unwrap();
        assert_eq!((alert.state, alert.step), (AlertState::Triggered, 0));
        assert_eq!(alert.climbs_at, Some(staff.app.clock.now() + WAIT_MS));
    });
}
