//! A report comes with everything of the last ninety days, of the orders that the reader may know of.

use compliance::instant::HOUR_MS;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{A_DAY, Desk, after, with};
use crate::builders::{self, OneOrder, sign_on};
use crate::harness::caller::Caller;
use crate::harness::{TestApp, on_each_database};
use crate::scene::circle;
use crate::scene::concerns::told;
use crate::zones::prohibition;

/// He signs on each day from 10:00 to 12:00, and must stay away from a place.
fn desk(app: &TestApp) -> Desk<'_> {
    let daily = OneOrder { rrule: Some("FREQ=DAILY;COUNT=5"), ..OneOrder::default() };
    Desk::open_with(app, daily, &[prohibition("P1", "exclusion_zone", circle())])
}

fn patterns(file: &Value) -> Vec<(&str, i64)> {
    let found = file["context"]["patterns"].as_array().unwrap().iter();
    found.map(|it| (it["pattern"].as_str().unwrap(), it["count"].as_i64().unwrap())).collect()
}

/// Comes half an hour after the door has closed, on the day at hand.
fn comes_late(desk: &Desk<'_>) {
    let (app, station) = (desk.app, desk.app.station("ALD"));
    let due = desk.officer.get(&format!("/stations/{station}/due")).expect(200)["due"][0].clone();
    after(desk, 2 * HOUR_MS);
    let now = app.clock.now().to_rfc3339();
    let path = format!("/check-ins/{}", app.new_id());
    desk.officer.put(&path, &sign_on(&due, station, &now)).expect(201);
    after(desk, A_DAY - 2 * HOUR_MS);
}

fn is_seen(desk: &Desk<'_>, latitude: f64, longitude: f64) {
    let seen = json!({
        "position": { "latitude": latitude, "longitude": longitude, "accuracy_m": 12.0 },
        "seen_at": desk.app.clock.now().to_rfc3339(),
        "source": "officer_sighting",
    });
    let path = format!("/orders/{}/sightings/{}", desk.order, desk.app.new_id());
    desk.officer.put(&path, &seen).expect(201);
}

fn told_by(desk: &Desk<'_>, name: &str) -> Uuid {
    let now = desk.app.clock.now().to_rfc3339();
    let body = with(told(Some(desk.order)), json!({ "name": name, "reported_at": now }));
    let id = desk.app.new_id();
    desk.officer.put(&format!("/concerns/{id}"), &body).expect(201);
    id
}

#[test]
fn a_report_shows_misses_sightings_and_other_reports_of_ninety_days_and_what_stands_out() {
    on_each_database(|app| {
        let desk = desk(app);
        let first = told_by(&desk, "Ines Quill");
        assert_eq!(patterns(&desk.file(first)), []);

        after(&desk, A_DAY);
        for _ in 0..3 {
            comes_late(&desk);
        }
        // On the last two days he does not come at all.
        after(&desk, 2 * A_DAY);
        is_seen(&desk, 52.5, -2.5);
        is_seen(&desk, 52.02, -2.48);
        let again = told_by(&desk, " ines quill");

        let file = desk.file(again);
        let context = &file["context"];
        let outcomes = |is: &str| {
            let sign_ons = context["sign_ons"].as_array().unwrap().iter();
            sign_ons.filter(|it| it["outcome"] == is).count()
        };
        assert_eq!((outcomes("late"), outcomes("not_attended")), (3, 5));
        assert_eq!(context["sightings"].as_array().unwrap().len(), 2);
        assert_eq!(context["zone_stays"].as_array().unwrap().len(), 1);
        assert_eq!(context["zone_stays"][0]["is_inside"], true);
        assert_eq!(context["concerns"][0]["concern_id"], first.to_string());
        let mut expected = vec![
            ("repeatedly_late", 3),
            ("repeatedly_missed", 2),
            ("several_reports", 2),
            ("near_zone", 1),
        ];
        assert_eq!(patterns(&file), expected);

        // Somebody else says so, too.
        let other = told_by(&desk, "The shop");
        expected[2].1 = 3;
        expected.insert(3, ("several_reporters", 2));
        assert_eq!(patterns(&desk.file(other)), expected);
    });
}

#[test]
fn what_is_older_than_ninety_days_is_not_beside_a_report_unless_it_is_linked() {
    on_each_database(|app| {
        let desk = desk(app);
        let first = told_by(&desk, "Ines Quill");
        is_seen(&desk, 52.02, -2.48);
        after(&desk, 96 * A_DAY);
        let again = told_by(&desk, "Ines Quill");
        let context = desk.file(again)["context"].clone();
        for nothing in ["sign_ons", "concerns", "sightings", "zone_stays", "patterns"] {
            assert_eq!(context[nothing], json!([]), "{nothing}");
        }

        let link = json!({ "to_concern_id": first });
        desk.send(&desk.officer, again, "links", &link).expect(201);

        for (report, beside) in [(again, first), (first, again)] {
            let file = desk.file(report);
            assert_eq!(file["context"]["concerns"][0]["concern_id"], beside.to_string());
        }
    });
}

#[test]
fn of_other_orders_on_the_subject_only_those_are_looked_at_that_the_reader_may_know_of() {
    on_each_database(|app| {
        let desk = desk(app);
        // Another order on the same man, of which the officers of ALD do not know.
        let order = OneOrder {
            reference: "SPO/26/0002".to_owned(),
            station: "HEX",
            rrule: Some("FREQ=DAILY;COUNT=2"),
            starts_on: "2026-11-25",
            ..OneOrder::default()
        };
        let mut entry = order.entry();
        entry["subject"]["reference"] = json!("P-SPO/26/0001");
        app.import(&builders::file(&[entry]));
        let told = told_by(&desk, "Ines Quill");
        after(&desk, 4 * A_DAY);
        let misses = |who: &Caller<'_>| {
            let file = who.get(&format!("/concerns/{told}")).expect(200);
            file["context"]["sign_ons"].as_array().unwrap().len()
        };

        assert_eq!(misses(&desk.supervisor), 3);
        assert_eq!(misses(&desk.officer), 3);
        assert_eq!(misses(&desk.control_room), 5);
        let elsewhere = app.supervisor_at("HEX");
        elsewhere.get(&format!("/concerns/{told}")).refused("not-found");
    });
}
