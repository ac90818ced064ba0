//! The desk's live stream.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use compliance::access::Role;
use compliance::instant::{MINUTE_MS, SECOND_MS};
use serde_json::{Value, json};

use super::{alert_of, missed};
use crate::builders;
use crate::harness::caller::{Caller, send};
use crate::harness::push_service::{Phone, PushService};
use crate::harness::{TestApp, eventually, on_each_database};

/// A desk with the stream open.
struct Desk {
    lines: BufReader<TcpStream>,
}

#[derive(Debug, Clone, PartialEq)]
struct Event {
    id: String,
    data: Value,
}

impl Desk {
    fn open(caller: &Caller<'_>, last_event_id: Option<&str>) -> Self {
        let mut socket = TcpStream::connect(caller.app.address).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let last = last_event_id.map_or_else(String::new, |id| format!("Last-Event-ID: {id}\r\n"));
        let request = format!(
            "GET /api/v1/stream HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer {}\r\n{last}\r\n",
            caller.token()
        );
        socket.write_all(request.as_bytes()).unwrap();
        let mut lines = BufReader::new(socket);
        let mut status = String::new();
        lines.read_line(&mut status).unwrap();
        assert!(status.starts_with("HTTP/1.1 200"), "{status}");
        let mut header = String::new();
        while header != "\r\n" {
            header.clear();
            lines.read_line(&mut header).unwrap();
        }
        Self { lines }
    }

    /// The next line that says something; nothing at the end.
    fn line(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            let read = self.lines.read_line(&mut line).unwrap();
            let line = line.trim_end();
            if read == 0 || line == "0" {
                return None;
            }
            if line.starts_with("id: ") || line.starts_with("data: ") || line.starts_with(':') {
                return Some(line.to_owned());
            }
        }
    }

    fn next(&mut self) -> Option<Event> {
        let mut id = String::new();
        loop {
            let line = self.line()?;
            if let Some(is) = line.strip_prefix("id: ") {
                id = is.to_owned();
            } else if let Some(data) = line.strip_prefix("data: ") {
                return Some(Event { id, data: serde_json::from_str(data).unwrap() });
            }
        }
    }

    /// The next event about this alert in this state.
    fn until(&mut self, alert: &str, state: &str) -> Event {
        loop {
            let event = self.next().expect("the stream goes on");
            if event.data["alert_id"] == alert && event.data["state"] == state {
                return event;
            }
        }
    }
}

fn with_desk(test: impl Fn(&TestApp, &Caller<'_>, &Caller<'_>)) {
    on_each_database(|app| {
        app.import(&builders::file(&[]));
        // A session does not last from one day to the next.
        app.clock.set("2026-11-24T12:00:30Z");
        test(app, &app.owner(), &app.somebody(Role::ControlRoom, &[]));
    });
}

#[test]
fn a_desk_is_told_of_an_alert_as_it_is_raised_taken_and_closed_and_of_nobodys_name() {
    with_desk(|app, owner, control_room| {
        let mut desk = Desk::open(control_room, None);
        missed(app, owner, 1);
        let id = app.alerts()[0].id.to_string();
        let raised = desk.until(&id, "triggered");
        let expected = json!({
            "alert_id": id,
            "kind": "missed_sign_on",
            "severity": "high",
            "state": "triggered",
            "step": 1,
            "nobody_reachable": false,
        });
        assert_eq!(raised.data, expected, "told at the desk, so somebody is reachable");
        control_room.put(&format!("/alerts/{id}/acknowledgement"), &Value::Null).expect(200);
        desk.until(&id, "acknowledged");
        let decision = json!({ "decision": "service_fault", "rationale": "The counter was shut." });
        let path = format!("/alerts/{id}/decisions/{}", app.new_id());
        owner.put(&path, &decision).expect(201);
        desk.until(&id, "closed");
    });
}

#[test]
fn a_desk_that_comes_back_with_the_last_id_goes_on_from_there_without_a_gap() {
    with_desk(|app, owner, control_room| {
        missed(app, owner, 3);
        let ids: Vec<String> = app.alerts().iter().map(|it| it.id.to_string()).collect();
        let mut desk = Desk::open(control_room, None);
        let first = desk.next().unwrap();
        drop(desk);
        control_room.put(&format!("/alerts/{}/acknowledgement", ids[0]), &Value::Null).expect(200);
        let mut desk = Desk::open(control_room, Some(&first.id));
        let mut seen: Vec<String> = Vec::new();
        while seen.len() < 3 {
            let event = desk.next().unwrap();
            assert_ne!(event.id, first.id);
            let id = event.data["alert_id"].as_str().unwrap().to_owned();
            if !seen.contains(&id) {
                seen.push(id);
            }
            if seen.len() == 2 && !seen.contains(&ids[0]) && first.data["alert_id"] != ids[0] {
                continue;
            }
        }
        seen.sort();
        let mut all = ids.clone();
        all.sort();
        assert_eq!(seen, all);
    });
}

#[test]
fn a_desk_of_elsewhere_hears_nothing_of_the_case() {
    with_desk(|app, owner, control_room| {
        let elsewhere = app.supervisor_at("HEX");
        missed(app, owner, 1);
        let id = app.alerts()[0].id.to_string();
        let told = |caller: &Caller<'_>| {
            let bearer = format!("Bearer {}", caller.token());
            let headers = [("authorization", bearer.as_str())];
            send(app.address, ("GET", "/api/v1/stream?follow=false"), &headers, None)
        };
        let answer = eventually(|| {
            let answer = told(control_room);
            answer.body.contains(&id).then_some(answer)
        });
        // A desk that only looked has not been shown it for good, and the look is in the ledger.
        assert_eq!(app.count("deliveries WHERE channel = 'stream'"), 0);
        assert!(app.count("ledger_entries WHERE act = 'stream_alerts'") > 0);
        assert_eq!(answer.header("content-type"), Some("text/event-stream"));
        assert!(!answer.body.contains("Vane"), "{}", answer.body);
        assert!(!told(&elsewhere).body.contains(&id));
        for last in ["x", "1-1", "-1", "9223372036854775807-1-00000000000000000000000000000000"] {
            let bearer = format!("Bearer {}", control_room.token());
            let headers = [("authorization", bearer.as_str()), ("last-event-id", last)];
            send(app.address, ("GET", "/api/v1/stream"), &headers, None)
                .refused("invalid-parameter");
        }
    });
}

#[test]
fn a_stream_ends_with_its_session_and_says_every_quarter_of_a_minute_that_it_is_there() {
    with_desk(|app, _, control_room| {
        let mut desk = Desk::open(control_room, None);
        app.clock.advance(15 * SECOND_MS);
        assert_eq!(desk.line().unwrap(), ": still here");
        control_room.send(("DELETE", "/session"), &[], None).expect(204);
        app.clock.advance(15 * SECOND_MS);
        assert_eq!(desk.line(), None);
        eventually(|| (app.count("streams") == 0).then_some(()));
    });
}

#[test]
fn a_stream_ends_with_the_service_at_once() {
    with_desk(|app, _, control_room| {
        let mut desk = Desk::open(control_room, None);
        app.begin_to_stop();
        assert_eq!(desk.line(), None);
    });
}

#[test]
fn an_account_has_five_streams_at_once_and_no_more() {
    with_desk(|app, _, control_room| {
        let mut desks: Vec<Desk> = (0..5).map(|_| Desk::open(control_room, None)).collect();
        let bearer = format!("Bearer {}", control_room.token());
        let headers = [("authorization", bearer.as_str())];
        let sixth = send(app.address, ("GET", "/api/v1/stream"), &headers, None);
        assert_eq!(sixth.status, 429, "{}", sixth.body);
        drop(Desk::open(&app.somebody(Role::ControlRoom, &[]), None));
        // One that was cut off without a word counts until its row is old.
        desks.clear();
        app.sql().execute("UPDATE streams SET seen_at = seen_at - 60000");
        drop(Desk::open(control_room, None));
    });
}

#[test]
fn what_a_desk_shows_is_a_delivery_and_when_nobody_can_be_sent_anything_it_is_the_last_resort() {
    with_desk(|app, owner, control_room| {
        missed(app, owner, 1);
        let shown = || alert_of(owner, 0)["alert"]["nobody_reachable"].clone();
        assert_eq!(shown(), true, "nobody has a phone and no desk is there");
        let id = app.alerts()[0].id.to_string();
        let mut desk = Desk::open(control_room, None);
        desk.until(&id, "triggered");
        assert_eq!(shown(), false);
        let deliveries = alert_of(owner, 0)["deliveries"].clone();
        assert_eq!(deliveries.as_array().unwrap().len(), 1, "{deliveries}");
        assert_eq!(deliveries[0]["channel"], "stream");
        assert_eq!(deliveries[0]["account_name"], control_room.account.display_name);
        // While it is there it is told, and the alert is not red.
        app.clock.advance(15 * SECOND_MS);
        while desk.line().unwrap() != ": still here" {}
        app.clock.set_to(app.alerts()[0].climbs_at.unwrap());
        app.sql().execute(&format!("UPDATE streams SET seen_at = {}", app.clock.now().ms()));
        app.sweep();
        assert_eq!(shown(), false);
        assert_eq!(app.check(), [""; 0]);
        // When it is gone, the alert is red again.
        drop(desk);
        app.sql().execute("DELETE FROM streams");
        app.clock.advance(5 * MINUTE_MS);
        app.sql().execute("DELETE FROM streams");
        app.sweep();
        assert_eq!(shown(), true);
    });
}

#[test]
fn a_supervisors_desk_is_noted_and_nobody_counts_upon_it() {
    with_desk(|app, owner, _| {
        let supervisor = app.supervisor_at("ALD");
        let service = PushService::start();
        let _phone = Phone::of(owner, &service);
        missed(app, owner, 1);
        let mut desk = Desk::open(&supervisor, None);
        desk.until(&app.alerts()[0].id.to_string(), "triggered");
        let deliveries = alert_of(owner, 0)["deliveries"].clone();
        assert_eq!(deliveries[0]["channel"], "stream");
        assert_eq!(deliveries[0]["is_counted_upon"], false);
    });
}
