//! What tags report: taken in line by line, held against the zones, and missed when it stays out.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::back_test::{raised, run};
use crate::builders::OneOrder;
use crate::harness::caller::{Caller, send};
use crate::harness::{TestApp, on_each_database};
use crate::scene::feature;
use crate::zones::{order_id, order_with, prohibition, square};

/// Places around the square of `zones.rs`, longitude first.
const INSIDE: [f64; 2] = [-2.7095, 52.3200];
const SOUTH: [f64; 2] = [-2.7095, 52.3100];
const NORTH: [f64; 2] = [-2.7095, 52.3350];
const FAR: [f64; 2] = [-2.4, 52.6];
/// About 140 m before its line, and so in its buffer of 200 m.
const NEAR: [f64; 2] = [-2.7095, 52.3165];

struct Tag<'a> {
    app: &'a TestApp,
    keeper: Caller<'a>,
    order: String,
    feed: Uuid,
}

impl<'a> Tag<'a> {
    /// Fitted on Monday at 9:00, to report every five minutes.
    fn fitted(app: &'a TestApp) -> Self {
        let zone = [prohibition("P1", "exclusion_zone", square())];
        app.import(&order_with(&OneOrder::default(), &zone));
        let (keeper, order) = (app.supervisor_at("ALD"), order_id(app, "SPO/26/0001"));
        let feed = app.new_id();
        let begun = json!({
            "device_reference": "TAG-00417",
            "interval_ms": 300_000,
            "started_at": "2026-11-23T09:00:00Z",
        });
        keeper.put(&format!("/orders/{order}/feeds/{feed}"), &begun).expect(201);
        Self { app, keeper, order, feed }
    }

    fn line(&self, place: [f64; 2], time: &str) -> String {
        feature(self.feed, place, &format!("2026-11-23T{time}:00Z")).to_string()
    }

    fn send(&self, lines: &[String]) -> Value {
        self.keeper.post("/positions", &json!(lines.join("\n"))).expect(200)
    }

    fn reports(&self, place: [f64; 2], time: &str) {
        self.app.clock.set(&format!("2026-11-23T{time}:00Z"));
        let taken = self.send(&[self.line(place, time)]);
        assert_eq!(taken["accepted"], 1, "{taken}");
    }

    /// On which facts an alert rests.
    fn why(&self, alert: &str) -> Value {
        self.keeper.get(&format!("/alerts/{alert}/why")).expect(200)["facts"].clone()
    }

    fn verdicts(&self) -> Vec<String> {
        let listed = self.keeper.get(&format!("/orders/{}/positions", self.order)).expect(200);
        let features = listed["features"].as_array().unwrap();
        let verdict = |it: &Value| it["properties"]["verdict"].as_str().unwrap().to_owned();
        features.iter().map(verdict).collect()
    }

    /// What is raised about the tag, and whether it is open.
    fn alerts(&self) -> Vec<String> {
        let raised = self.app.alerts().into_iter();
        let ours = raised
            .filter(|it| ["zone_", "feed_"].iter().any(|by| it.kind.to_string().starts_with(by)));
        let mut told: Vec<String> = ours.map(|it| format!("{} {}", it.kind, it.state)).collect();
        told.sort();
        told
    }
}

fn results(taken: &Value) -> Vec<&str> {
    let lines = taken["lines"].as_array().unwrap();
    lines.iter().map(|line| line["result"].as_str().unwrap()).collect()
}

#[test]
fn a_tag_in_the_zone_is_one_alert_however_often_it_reports() {
    on_each_database(|app| {
        let tag = Tag::fitted(app);
        tag.reports(SOUTH, "09:05");
        for minute in ["09:10", "09:15", "09:20"] {
            tag.reports(INSIDE, minute);
        }
        assert_eq!(tag.verdicts(), ["outside", "inside", "inside", "inside"]);
        assert_eq!(tag.alerts(), ["zone_entered triggered"]);
        tag.reports(SOUTH, "09:25");
        tag.reports(INSIDE, "09:30");
        assert_eq!(tag.alerts(), ["zone_entered triggered", "zone_entered triggered"]);
    });
}

#[test]
fn a_batch_sent_again_changes_nothing() {
    on_each_database(|app| {
        let tag = Tag::fitted(app);
        app.clock.set("2026-11-23T10:00:00Z");
        let lines: Vec<String> = [(SOUTH, "09:10"), (INSIDE, "09:15"), (NORTH, "09:20")]
            .map(|(place, time)| tag.line(place, time))
            .into();
        let first = tag.send(&lines);
        assert_eq!(results(&first), ["accepted"; 3]);
        let before = app.sql().row_counts();
        let again = tag.send(&lines);
        assert_eq!(results(&again), ["duplicate"; 3]);
        assert_eq!(app.sql().row_counts(), before);
        let moved = tag.send(&[tag.line(NORTH, "09:15")]);
        assert_eq!(results(&moved), ["rejected"]);
        assert_eq!(app.sql().row_counts(), before);
    });
}

#[test]
fn a_line_that_cannot_be_used_says_why_and_loses_no_other() {
    on_each_database(|app| {
        let tag = Tag::fitted(app);
        app.clock.set("2026-11-23T10:00:00Z");
        let elsewhere = feature(app.new_id(), SOUTH, "2026-11-23T09:20:00Z").to_string();
        let mut vague: Value = serde_json::from_str(&tag.line(SOUTH, "09:25")).unwrap();
        vague["properties"]["radius_68_m"] = json!(8);
        let lines = [
            tag.line(SOUTH, "09:10"),
            "{\"type\": \"Feat".to_owned(),
            String::new(),
            tag.line([-2.7, 95.0], "09:15"),
            elsewhere,
            vague.to_string(),
            tag.line(SOUTH, "08:59"),
            tag.line(SOUTH, "10:30"),
            format!("\u{1e}{}\r", tag.line(SOUTH, "09:30")),
        ];
        let taken = tag.send(&lines);
        let lines = taken["lines"].as_array().unwrap();
        let told: Vec<(u64, &str)> = lines
            .iter()
            .map(|it| (it["line"].as_u64().unwrap(), it["reason"].as_str().unwrap_or_default()))
            .collect();
        let numbers: Vec<u64> = told.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [1, 2, 4, 5, 6, 7, 8, 9]);
        let says = ["", "EOF", "latitude", "no such feed", "either", "before", "future", ""];
        for ((number, reason), says) in told.iter().zip(says) {
            assert!(
                reason.contains(says) && reason.is_empty() == says.is_empty(),
                "{number} {reason}"
            );
        }
        let counted = (&taken["accepted"], &taken["rejected"]);
        assert_eq!(counted, (&json!(2), &json!(6)));
        assert_eq!(tag.verdicts(), ["outside", "outside"]);
    });
}

#[test]
fn what_is_no_text_of_lines_is_refused_and_breaks_nothing() {
    on_each_database(|app| {
        let tag = Tag::fitted(app);
        let bearer = format!("Bearer {}", tag.keeper.token());
        let ask = |kind: &str, body: &[u8]| {
            let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
            send(app.address, ("POST", "/api/v1/positions"), &headers, Some(body))
        };
        let lines = "application/x-ndjson";
        ask("application/json", b"{}").refused("wrong-media-type");
        ask(lines, &vec![b' '; 2 * 1024 * 1024 + 1]).refused("body-too-large");
        ask(lines, "{}\n".repeat(5_001).as_bytes()).refused("body-too-large");
        let all = ask(lines, "{}\n".repeat(5_000).as_bytes()).expect(200);
        assert_eq!(all["rejected"], 5_000);
        for garbage in [&b"\xff\xfe\0"[..], &[0; 64], "[".repeat(100_000).as_bytes(), b"\n\x1e\n"] {
            assert_eq!(ask(lines, garbage).expect(200)["accepted"], 0);
        }
        ask("application/geo+json-seq", b"").expect(200);
    });
}

#[test]
fn a_way_over_the_zone_is_told_and_a_jump_too_fast_to_be_true_is_not() {
    on_each_database(|app| {
        let tag = Tag::fitted(app);
        tag.reports(SOUTH, "09:05");
        tag.reports(NORTH, "09:10");
        assert_eq!(tag.verdicts(), ["outside", "uncertain"]);
        assert_eq!(tag.alerts(), ["zone_uncertain triggered"]);
        tag.reports(NORTH, "09:15");
        tag.reports(FAR, "09:16");
        tag.reports(SOUTH, "09:17");
        assert_eq!(tag.alerts(), ["zone_uncertain triggered"]);
    });
}

#[test]
fn a_position_that_comes_late_is_put_in_its_place() {
    on_each_database(|app| {
        let tag = Tag::fitted(app);
        tag.reports(SOUTH, "09:05");
        tag.reports(SOUTH, "09:25");
        app.clock.set("2026-11-23T09:30:00Z");
        tag.send(&[tag.line(INSIDE, "09:16"), tag.line(INSIDE, "09:14"), tag.line(SOUTH, "09:10")]);
        assert_eq!(tag.verdicts(), ["outside", "outside", "inside", "inside", "outside"]);
        assert_eq!(tag.alerts(), ["zone_entered triggered"]);
        tag.send(&[tag.line(INSIDE, "09:12")]);
        assert_eq!(tag.alerts(), ["zone_entered triggered"]);
    });
}

#[test]
fn a_silent_feed_is_raised_and_cured_by_the_next_position() {
    on_each_database(|app| {
        let tag = Tag::fitted(app);
        app.clock.set("2026-11-23T09:14:59Z");
        app.sweep();
        assert!(tag.alerts().is_empty());
        app.clock.set("2026-11-23T09:15:00Z");
        app.sweep();
        app.sweep();
        assert_eq!(tag.alerts(), ["feed_silent triggered"]);
        let silence = app.alerts().pop().unwrap();
        assert_eq!(silence.severity.to_string(), "high");
        let why = tag.why(&silence.id.to_string());
        let (then, now) = (&why["as_known_then"], &why["as_known_now"]);
        assert_eq!((&then["state"], &then["asks_for_alert"]), (&json!("silent"), &json!(true)));
        assert_eq!((&now["state"], &why["differences"]), (&json!("silent"), &json!([])));

        tag.reports(SOUTH, "09:20");
        assert_eq!(tag.alerts(), ["feed_silent closed"]);
        // One that was found before says nothing of the time since.
        app.clock.set("2026-11-23T09:35:00Z");
        app.sweep();
        tag.send(&[tag.line(SOUTH, "09:18")]);
        assert_eq!(tag.alerts(), ["feed_silent closed", "feed_silent triggered"]);
        app.sweep();
        assert_eq!(tag.alerts(), ["feed_silent closed", "feed_silent triggered"]);
        // A position that was on its way all the time: it had not been silent.
        assert_eq!(tag.why(&silence.id.to_string())["as_known_now"]["state"], "silent");
        tag.send(&[tag.line(SOUTH, "09:08")]);
        let why = tag.why(&silence.id.to_string());
        let (then, now) = (&why["as_known_then"], &why["as_known_now"]);
        assert_eq!((&then["state"], &now["state"]), (&json!("silent"), &json!("heard")));
        assert_eq!(
            (&then["asks_for_alert"], &now["asks_for_alert"]),
            (&json!(true), &json!(false))
        );
        assert_eq!(why["differences"][0]["fact"]["kind"], "position");
    });
}

#[test]
fn a_feed_that_has_ended_is_silent_by_right() {
    on_each_database(|app| {
        let tag = Tag::fitted(app);
        app.clock.set("2026-11-23T09:20:00Z");
        app.sweep();
        assert_eq!(tag.alerts(), ["feed_silent triggered"]);
        let path = format!("/feeds/{}/end", tag.feed);
        let end = json!({ "ended_at": "2026-11-23T09:20:00Z", "reason": "Taken off." });
        let ended = tag.keeper.put(&path, &end).expect(200);
        assert_eq!(ended["silent_from"], Value::Null);
        assert_eq!(tag.keeper.put(&path, &end).expect(200), ended);
        assert_eq!(tag.alerts(), ["feed_silent closed"]);
        app.clock.set("2026-11-23T12:00:00Z");
        app.sweep();
        assert_eq!(tag.alerts(), ["feed_silent closed"]);
        let late = tag.send(&[tag.line(SOUTH, "09:19"), tag.line(SOUTH, "09:21")]);
        assert_eq!(results(&late), ["accepted", "rejected"]);
    });
}

#[test]
fn a_feed_of_a_case_that_the_caller_may_not_know_of_is_not_there() {
    on_each_database(|app| {
        let tag = Tag::fitted(app);
        app.clock.set("2026-11-23T10:00:00Z");
        let stranger = app.supervisor_at("HEX");
        let body = json!(tag.line(SOUTH, "09:10"));
        let taken = stranger.post("/positions", &body).expect(200);
        assert_eq!(taken["lines"][0]["reason"], "there is no such feed");
        assert_eq!(app.count("positions"), 0);
        stranger.get(&format!("/orders/{}/positions", tag.order)).refused("not-found");
    });
}

#[test]
fn a_zone_with_a_tag_is_checked_by_schedule_and_every_reading_is_in_the_ledger() {
    on_each_database(|app| {
        let tag = Tag::fitted(app);
        tag.reports(SOUTH, "09:05");
        let readings = "ledger_entries WHERE act = 'list_positions'";
        assert_eq!(app.count(readings), 0);
        tag.verdicts();
        assert_eq!(app.count(readings), 1);
        let found = crate::zones::conditions(app, &tag.keeper, "SPO/26/0001");
        assert_eq!(found[0]["checkability"]["word"], "by_schedule");
        let path = format!("/orders/{}/positions?until=2026-11-23T09:05:00Z", tag.order);
        let none = tag.keeper.get(&path).expect(200);
        assert_eq!(none["features"], json!([]));
        assert_eq!(none["is_complete"], true);
    });
}

/// How many alerts about zones there are of each kind.
fn zone_alerts(app: &TestApp) -> BTreeMap<String, i64> {
    let mut counts = BTreeMap::new();
    for alert in app.alerts() {
        let kind = alert.kind.to_string();
        if kind.starts_with("zone_") {
            *counts.entry(kind).or_default() += 1;
        }
    }
    counts
}

fn replayed(side: &Value) -> BTreeMap<String, i64> {
    let counts = raised(side).into_iter();
    let counts = counts.filter(|(kind, _)| kind.starts_with("zone_"));
    counts.map(|(kind, (raised, _))| (kind, raised)).collect()
}

#[test]
fn another_buffer_around_zones_is_counted_beside_what_there_was() {
    on_each_database(|app| {
        let tag = Tag::fitted(app);
        for (place, time) in [
            (SOUTH, "09:05"),
            (NEAR, "09:10"),
            (SOUTH, "09:15"),
            (INSIDE, "09:20"),
            (SOUTH, "09:25"),
        ] {
            tag.reports(place, time);
        }
        let sighting = json!({
            "seen_at": "2026-11-23T10:30:00Z",
            "position": { "latitude": NEAR[1], "longitude": NEAR[0], "accuracy_m": 8.0 },
            "source": "officer_sighting",
        });
        app.clock.set("2026-11-23T10:30:00Z");
        let path = format!("/orders/{}/sightings/{}", tag.order, app.new_id());
        tag.keeper.put(&path, &sighting).expect(201);
        let counts = |uncertain: i64, entered: i64| {
            let counts = [("zone_entered", entered), ("zone_uncertain", uncertain)];
            let some = counts.into_iter().filter(|(_, count)| *count > 0);
            some.map(|(kind, count)| (kind.to_owned(), count)).collect::<BTreeMap<_, _>>()
        };
        assert_eq!(zone_alerts(app), counts(2, 1));
        app.clock.advance(1);

        let same = run(&tag.keeper, json!({ "zone_buffer_m": 200.0 }));
        assert_eq!(same["positions"], 6);
        assert_eq!(replayed(&same["current"]), counts(2, 1));
        assert_eq!(same["current"], same["proposed"]);
        // Nobody was near by a narrow belt; by a wide one the tag never left it.
        let narrow = run(&tag.keeper, json!({ "zone_buffer_m": 50.0 }));
        assert_eq!(replayed(&narrow["current"]), counts(2, 1));
        assert_eq!(replayed(&narrow["proposed"]), counts(0, 1));
        let wide = run(&tag.keeper, json!({ "zone_buffer_m": 1_000.0 }));
        assert_eq!(replayed(&wide["proposed"]), counts(2, 1));
        let without = run(&tag.keeper, json!({}));
        assert_eq!((&without["positions"], replayed(&without["current"]).len()), (&json!(0), 0));
        // Who may not know of the order is told nothing of it.
        let elsewhere = run(&app.supervisor_at("HEX"), json!({ "zone_buffer_m": 200.0 }));
        assert_eq!(elsewhere["positions"], 0);
    });
}

/// Whatever way a tag takes: replayed with the buffer that the zone has, it raises what it raised.
#[test]
fn a_replay_of_random_ways_raises_what_was_raised_as_they_came_in() {
    const PLACES: [[f64; 2]; 5] = [SOUTH, NEAR, INSIDE, NORTH, FAR];
    for seed in 1..=4_u64 {
        on_each_database(|app| {
            let tag = Tag::fitted(app);
            let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let mut next = |below: u64| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state % below
            };
            let mut minute = 5;
            while minute < 420 {
                let place = PLACES[usize::try_from(next(5)).unwrap()];
                tag.reports(place, &format!("{:02}:{:02}", 9 + minute / 60, minute % 60));
                minute += if next(6) == 0 { 75 } else { 5 };
            }
            app.clock.advance(1);
            let report = run(&tag.keeper, json!({ "zone_buffer_m": 200.0 }));
            assert_eq!(replayed(&report["current"]), zone_alerts(app), "seed {seed}");
            assert_eq!(report["current"], report["proposed"]);
            for alert in app.alerts() {
                if alert.kind.to_string().starts_with("zone_") {
                    let why = tag.why(&alert.id.to_string());
                    assert_eq!(why["as_known_then"]["asks_for_alert"], true, "{seed} {why:#}");
                }
            }
        });
    }
}

#[test]
fn an_alert_about_a_zone_says_what_was_seen_as_known_then_and_as_known_now() {
    on_each_database(|app| {
        let tag = Tag::fitted(app);
        tag.reports(SOUTH, "09:05");
        tag.reports(INSIDE, "09:20");
        let id = app.alerts().into_iter().find(|it| it.kind.to_string() == "zone_entered");
        let id = id.unwrap().id.to_string();
        let why = tag.why(&id);
        let (then, now) = (&why["as_known_then"], &why["as_known_now"]);
        assert_eq!((&then["state"], &then["asks_for_alert"]), (&json!("inside"), &json!(true)));
        assert_eq!(then["compliance"], "awaiting_evidence", "a person decides what it is");
        assert!(then["reasons"][0]["says"].as_str().unwrap().contains("all of it is inside"));
        assert_eq!((&now["state"], &why["differences"]), (&json!("inside"), &json!([])));
        let position = then["fact_ids"][0].clone();
        let facts = why["facts"].as_array().unwrap();
        let cited = facts.iter().find(|fact| fact["fact_id"] == position).unwrap();
        assert_eq!((&cited["kind"], &cited["mistake_at"]), (&json!("position"), &Value::Null));
        // Before it came in, nothing was on file.
        let path = format!("/alerts/{id}/why?as_known_at=2026-11-23T09:19:59Z");
        let early = tag.keeper.get(&path).expect(200)["facts"]["as_known_then"].clone();
        assert_eq!((&early["state"], &early["asks_for_alert"]), (&Value::Null, &json!(false)));
        // The order had been discharged that morning, which nobody knew.
        app.clock.set("2026-11-23T15:00:00Z");
        let end = json!({
            "happened_at": "2026-11-23T09:10:00Z",
            "reason": "discharged",
            "note": "The court's letter came at three.",
        });
        let path = format!("/orders/{}/end/{}", tag.order, app.new_id());
        tag.keeper.put(&path, &end).expect(201);
        let why = tag.why(&id);
        assert_eq!(why["as_known_then"]["asks_for_alert"], true);
        let now = &why["as_known_now"];
        assert_eq!(
            (&now["state"], &now["asks_for_alert"]),
            (&json!("not_in_force"), &json!(false))
        );
        assert_eq!(why["differences"][0]["change"], "came_later");
        assert_eq!(why["differences"][0]["fact"]["kind"], "order_ended");
    });
}
