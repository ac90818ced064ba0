//! What happens by itself: sweeps and jobs in their loops, and a stop that breaks nothing off.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use compliance::alert::AlertState;
use compliance::instant::SECOND_MS;
use holdfast::clock::Clock;
use serde_json::Value;

use crate::builders::{OneOrder, sign_on};
use crate::harness::caller::{Answer, Caller, send};
use crate::harness::database::{Database, Kind};
use crate::harness::push_service::{Phone, PushService};
use crate::harness::{TestApp, at, eventually, on_each_database};

/// Begins so long before the first window of `OneOrder` closes.
const BEFORE_CLOSING_MS: i64 = 6 * SECOND_MS;

/// Runs a test on each database with the loops on and a clock that goes on.
fn on_each_database_by_itself(test: impl Fn(&TestApp)) {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let begins_at = at("2026-11-24T12:01:00Z") + -BEFORE_CLOSING_MS;
        let clock = Clock::fast(begins_at, 1);
        test(&TestApp::start_with(Database::migrated(kind), clock, true));
    }
}

fn health(app: &TestApp, of: &str) -> Answer {
    send(app.address, ("GET", &format!("/health/{of}")), &[], None)
}

#[test]
fn a_window_that_closes_in_silence_has_its_alert_within_a_second_and_the_owner_is_told() {
    let push_service = PushService::start();
    on_each_database_by_itself(|app| {
        let owner = Caller::new(app, app.asha_mercer());
        let phone = Phone::of(&owner, &push_service);
        app.import(&OneOrder::owned_by(&owner.account.username).file());

        let alert = eventually(|| app.alerts().first().cloned());
        let message = eventually(|| push_service.take().pop());

        let late_ms = alert.triggered_at - alert.concerns_at;
        assert!((0..=SECOND_MS).contains(&late_ms), "{late_ms} ms late");
        assert_eq!(alert.concerns_at, at("2026-11-24T12:01:00Z"));
        assert!(phone.is_for(&message));
        assert_eq!(phone.read(&message)["alert_id"], alert.id.to_string());
        let told = "SELECT max(attempted_at) AS value FROM deliveries";
        let told_ms = eventually(|| (app.count("deliveries") > 0).then(|| app.sql().number(told)));
        assert!(told_ms - alert.triggered_at.ms() <= 5 * SECOND_MS, "told at {told_ms}");
    });
}

#[test]
fn a_database_that_fails_for_a_while_ends_no_loop() {
    on_each_database_by_itself(|app| {
        app.import(&OneOrder::owned_by(&app.asha_mercer().username).file());
        eventually(|| (health(app, "ready").status == 200).then_some(()));
        app.sql().execute("ALTER TABLE alerts RENAME TO alerts_out_of_reach");
        let closed_at = at("2026-11-24T12:01:00Z") + SECOND_MS;
        eventually(|| (app.clock.now() > closed_at).then_some(()));
        assert_eq!(app.count("findings"), 0);

        app.sql().execute("ALTER TABLE alerts_out_of_reach RENAME TO alerts");

        let alert = eventually(|| app.alerts().first().cloned());
        assert_eq!(alert.state, AlertState::Triggered);
        assert!(alert.triggered_at > closed_at);
    });
}

#[test]
fn the_service_is_ready_while_the_sweep_runs_and_alive_when_it_does_not() {
    on_each_database(|app| {
        assert_eq!(health(app, "ready").status, 503);
        app.sweep();
        let ready = health(app, "ready");
        assert_eq!((ready.status, &ready.json["sweep_age_ms"]), (200, &Value::from(0)));
        app.clock.advance(5 * SECOND_MS);
        assert_eq!(health(app, "ready").status, 200);

        app.clock.advance(1);

        let stale = health(app, "ready");
        assert_eq!((stale.status, &stale.json["sweep_age_ms"]), (503, &Value::from(5_001)));
        assert_eq!(health(app, "live").status, 200);
        let front = send(app.address, ("GET", "/"), &[], None);
        assert!(front.body.contains("Not watching: the sweep has stopped"), "{}", front.body);
        let status = |says: &str, is_watching: bool| {
            let status = send(app.address, ("GET", "/api/v1/status"), &[], None).expect(200);
            assert_eq!(
                (&status["says"], &status["is_watching"]),
                (&says.into(), &is_watching.into())
            );
        };
        status("Not watching: the sweep has stopped", false);
        app.clock.advance(55 * SECOND_MS);
        status(
            "Not watching for over a minute: nobody notices a missed sign-on. Restart the service",
            false,
        );
        let front = send(app.address, ("GET", "/"), &[], None);
        let red = "class=\"state state--bad\" role=\"status\">Not watching for over a minute";
        assert!(front.body.contains(red), "{}", front.body);
        app.sweep();
        assert_eq!(health(app, "ready").status, 200);
        status("Running and watching", true);
        // With the clock put back, a sweep that stopped before must not pass for a new one.
        app.clock.advance(-3_600 * SECOND_MS);
        assert_eq!(health(app, "ready").status, 503);
        app.sweep();
        assert_eq!(health(app, "ready").status, 200);
    });
}

#[test]
fn a_request_under_way_is_finished_when_the_service_stops() {
    on_each_database(|app| {
        app.import(&OneOrder::default().file());
        app.sweep();
        let (officer, station) = (app.officer_at("ALD"), app.station("ALD"));
        let list = format!("/stations/{station}/due?date=2026-11-24");
        let due = officer.get(&list).expect(200)["due"][0].clone();
        let body = sign_on(&due, station, "2026-11-23T09:00:00Z").to_string();
        let (first, second) = body.split_at(body.len() / 2);
        let mut stream = TcpStream::connect(app.address).unwrap();
        let head = format!(
            "PUT /api/v1/check-ins/{} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\
             Expect: 100-continue\r\n\r\n",
            app.new_id(),
            app.address,
            officer.token(),
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        assert_eq!(line, "HTTP/1.1 100 Continue\r\n");
        stream.write_all(first.as_bytes()).unwrap();

        app.begin_to_stop();
        eventually(|| TcpStream::connect(app.address).is_err().then_some(()));
        stream.write_all(second.as_bytes()).unwrap();

        let mut answer = String::new();
        reader.read_to_string(&mut answer).unwrap();
        assert!(answer.contains("HTTP/1.1 201 Created"), "{answer}");
        assert_eq!(app.count("check_ins"), 1);
    });
}
