//! Where an order forbids the subject to be, and what somebody seen there leads to.

use serde_json::{Value, json};

use crate::builders::{OneOrder, file};
use crate::harness::caller::Caller;
use crate::harness::push_service::{Phone, PushService};
use crate::harness::{TestApp, example, on_each_database};

/// A square of about 1.1 km by 1.4 km with a hole in its middle; nothing else in any test has these
/// figures, so that they are found wherever they get to.
const WEST: f64 = -2.713_91;
const EAST: f64 = -2.693_17;
const SOUTH: f64 = 52.317_73;
const NORTH: f64 = 52.327_59;

pub fn prohibition(label: &str, kind: &str, details: Value) -> Value {
    json!({
        "label": label,
        "polarity": "prohibition",
        "kind": kind,
        "wording": format!("The defendant must not, {label}."),
        "plain_words": "Stay away.",
        kind: details,
    })
}

fn ring([west, east, south, north]: [f64; 4]) -> Value {
    json!([[west, south], [east, south], [east, north], [west, north], [west, south]])
}

pub fn square() -> Value {
    let hole = ring([-2.7051, -2.7021, 52.3217, 52.3237]);
    json!({
        "area": { "type": "Polygon", "coordinates": [ring([WEST, EAST, SOUTH, NORTH]), hole] },
        "buffer_m": 200,
    })
}

/// The usual order with these prohibitions too.
pub fn entry_with(order: &OneOrder, prohibitions: &[Value]) -> Value {
    let mut entry = order.entry();
    let conditions = entry["versions"][0]["conditions"].as_array_mut().unwrap();
    conditions.extend(prohibitions.iter().cloned());
    entry
}

pub fn order_with(order: &OneOrder, prohibitions: &[Value]) -> String {
    file(&[entry_with(order, prohibitions)])
}

pub fn conditions(app: &TestApp, reader: &Caller<'_>, reference: &str) -> Vec<Value> {
    let mut sql = app.sql();
    let subject = sql.hex("subject_id");
    let subject = sql
        .texts(&format!("SELECT {subject} AS value FROM orders WHERE reference = '{reference}'"));
    let subject: uuid::Uuid = subject[0].parse().unwrap();
    let found = reader.get(&format!("/subjects/{subject}/conditions")).expect(200);
    found["orders"][0]["version"]["conditions"].as_array().unwrap().clone()
}

/// Of a number it is no matter whether it is written with a point.
fn in_floats(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(items) => items.iter().map(in_floats).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), in_floats(value))).collect()
        }
        other => other.clone(),
    }
}

#[test]
fn what_a_prohibition_says_beside_its_words_is_read_back_as_it_was_taken_in() {
    on_each_database(|app| {
        app.import(&example("00-stations.json"));
        for name in ["14-exclusion-zone.json", "15-school-and-work.json", "16-internet-use.json"] {
            let text = example(name);
            app.import(&text);
            let file: Value = serde_json::from_str(&text).unwrap();
            let given = file["orders"][0]["versions"][0]["conditions"].as_array().unwrap().clone();
            let reader = app.somebody(compliance::access::Role::ControlRoom, &[]);
            let reference = file["orders"][0]["reference"].as_str().unwrap();
            let found = conditions(app, &reader, reference);
            for given in given {
                let label = given["label"].as_str().unwrap();
                let kind = given["kind"].as_str().unwrap();
                let read = found.iter().find(|it| it["label"] == label).unwrap();
                let mut details = read["details"][kind].clone();
                if given[kind].get("buffer_m").is_none() {
                    details.as_object_mut().unwrap().remove("buffer_m");
                }
                assert_eq!(in_floats(&details), in_floats(&given[kind]), "{name} {label}");
                assert_eq!(read["details"].as_object().unwrap().len(), 1, "{name} {label}");
            }
        }
    });
}

#[test]
fn each_condition_says_how_it_can_be_checked() {
    on_each_database(|app| {
        let person = "019aa0c4-2b00-7a10-8c11-5d6e7f809a11";
        let contact = |who: &str| json!({ "persons": [who], "channels": ["all"], "through_third_parties": true });
        let prohibitions = [
            prohibition("P1", "exclusion_zone", square()),
            prohibition("P2", "no_contact", contact(person)),
            prohibition("P3", "no_contact", contact("any member of her family")),
            prohibition("P4", "no_approach", json!({ "person": { "id": person } })),
            prohibition("P5", "internet_use", json!({ "rules": ["no_deletion"] })),
        ];
        app.import(&order_with(&OneOrder::default(), &prohibitions));
        let found = conditions(app, &app.officer_at("ALD"), "SPO/26/0001");
        let words: Vec<(&str, &str)> = found
            .iter()
            .map(|it| (it["label"].as_str().unwrap(), it["checkability"]["word"].as_str().unwrap()))
            .collect();
        let expected = [
            ("P1", "by_event"),
            ("P2", "by_event"),
            ("P3", "only_by_person"),
            ("P4", "by_event"),
            ("P5", "only_by_person"),
            ("R1", "by_schedule"),
        ];
        assert_eq!(words, expected);
        assert!(found.iter().all(|it| !it["checkability"]["why"].as_str().unwrap().is_empty()));
    });
}

/// A place in the square, 250 m or more from its line and its hole, and one 500 m outside.
const INSIDE: (f64, f64) = (52.3200, -2.7095);
const OUTSIDE: (f64, f64) = (52.3100, -2.7095);
const IN_HOLE: (f64, f64) = (52.3227, -2.7036);

struct Seen<'a> {
    app: &'a TestApp,
    officer: Caller<'a>,
    order: String,
}

impl<'a> Seen<'a> {
    /// The usual order with these prohibitions, and it is Monday, 9:00.
    fn with(app: &'a TestApp, prohibitions: &[Value]) -> Self {
        app.import(&order_with(&OneOrder::default(), prohibitions));
        let officer = app.officer_at("ALD");
        Self { app, officer, order: order_id(app, "SPO/26/0001") }
    }

    fn body((latitude, longitude): (f64, f64), accuracy_m: f64, seen_at: &str) -> Value {
        json!({
            "position": { "latitude": latitude, "longitude": longitude, "accuracy_m": accuracy_m },
            "seen_at": seen_at,
            "source": "officer_sighting",
        })
    }

    fn at(&self, place: (f64, f64), accuracy_m: f64, seen_at: &str) -> Vec<Value> {
        self.app.clock.set(seen_at);
        let path = format!("/orders/{}/sightings/{}", self.order, self.app.new_id());
        let answer = self.officer.put(&path, &Self::body(place, accuracy_m, seen_at)).expect(201);
        answer["readings"].as_array().unwrap().clone()
    }

    fn verdict(&self, place: (f64, f64), accuracy_m: f64, seen_at: &str) -> String {
        let readings = self.at(place, accuracy_m, seen_at);
        assert_eq!(readings.len(), 1, "{readings:?}");
        readings[0]["verdict"].as_str().unwrap().to_owned()
    }

    fn zone_alerts(&self) -> Vec<String> {
        let mut kinds = self.app.alert_kinds();
        kinds.retain(|kind| kind.starts_with("zone_"));
        kinds
    }
}

pub fn order_id(app: &TestApp, reference: &str) -> String {
    let mut sql = app.sql();
    let id = sql.hex("id");
    let ids =
        sql.texts(&format!("SELECT {id} AS value FROM orders WHERE reference = '{reference}'"));
    ids[0].parse::<uuid::Uuid>().unwrap().to_string()
}

fn in_square(app: &TestApp) -> Seen<'_> {
    Seen::with(app, &[prohibition("P1", "exclusion_zone", square())])
}

const MORNING: &str = "2026-11-23T10:00:00Z";

#[test]
fn a_position_is_inside_only_when_the_whole_circle_of_its_accuracy_is() {
    on_each_database(|app| {
        let seen = in_square(app);
        assert_eq!(seen.verdict(INSIDE, 12.0, MORNING), "inside");
        assert_eq!(seen.verdict(INSIDE, 600.0, MORNING), "uncertain");
        assert_eq!(seen.verdict(OUTSIDE, 12.0, MORNING), "outside");
        assert_eq!(seen.verdict(OUTSIDE, 2_000.0, MORNING), "uncertain");
        let readings = seen.at(INSIDE, 12.0, MORNING);
        let margin_m = readings[0]["margin_m"].as_f64().unwrap();
        assert!((-320.0..-200.0).contains(&margin_m), "{readings:?}");
        assert_eq!(readings[0]["accuracy_m"], 12.0);
    });
}

#[test]
fn a_hole_is_outside_and_the_belt_around_is_the_buffer() {
    on_each_database(|app| {
        let seen = in_square(app);
        assert_eq!(seen.verdict(IN_HOLE, 5.0, MORNING), "buffer");
        assert_eq!(seen.verdict((SOUTH - 0.0015, -2.7095), 10.0, MORNING), "buffer");
        assert_eq!(seen.verdict(OUTSIDE, 10.0, MORNING), "outside");
    });
}

#[test]
fn a_way_that_the_order_allows_is_passage_and_told_with_less_urgency() {
    on_each_database(|app| {
        let line = json!([[WEST, 52.3200], [EAST, 52.3200]]);
        let mut zone = square();
        zone["transit"] = json!([{
            "name": "the B4190",
            "line": { "type": "LineString", "coordinates": line },
        }]);
        let seen = Seen::with(app, &[prohibition("P1", "exclusion_zone", zone)]);
        assert_eq!(seen.verdict(INSIDE, 12.0, MORNING), "transit");
        assert_eq!(seen.zone_alerts(), ["zone_uncertain"]);
    });
}

#[test]
fn a_zone_of_certain_hours_is_none_outside_them() {
    on_each_database(|app| {
        let mut zone = square();
        let spans = json!([{ "days": ["mon"], "opens": "07:30", "closes": "18:30" }]);
        zone["hours"] = json!({ "zone": "Europe/London", "spans": spans });
        let seen = Seen::with(app, &[prohibition("P1", "exclusion_zone", zone)]);
        assert_eq!(seen.verdict(INSIDE, 12.0, "2026-11-23T18:30:59Z"), "inside");
        assert_eq!(seen.verdict(INSIDE, 12.0, "2026-11-23T18:31:00Z"), "not_in_hours");
        assert_eq!(seen.verdict(INSIDE, 12.0, "2026-11-24T10:00:00Z"), "not_in_hours");
        assert_eq!(seen.zone_alerts(), ["zone_entered"]);
    });
}

#[test]
fn a_place_not_to_be_approached_is_a_circle_and_a_person_is_never_looked_for() {
    on_each_database(|app| {
        let place =
            json!({ "position": { "latitude": 52.32, "longitude": -2.7 }, "distance_m": 100 });
        let person = json!({ "id": "019aa0c4-2b00-7a10-8c11-5d6e7f809a11", "distance_m": 100 });
        let prohibitions = [
            prohibition("P1", "no_approach", json!({ "place": place })),
            prohibition("P2", "no_approach", json!({ "person": person })),
        ];
        let seen = Seen::with(app, &prohibitions);
        assert_eq!(seen.verdict((52.3205, -2.7), 10.0, MORNING), "inside");
        assert_eq!(seen.verdict((52.3220, -2.7), 10.0, MORNING), "outside");
    });
}

#[test]
fn a_sighting_is_judged_by_the_version_in_force_when_it_was_made() {
    on_each_database(|app| {
        let order = OneOrder::default();
        let mut entry = entry_with(&order, &[prohibition("P1", "exclusion_zone", square())]);
        app.import(&file(std::slice::from_ref(&entry)));
        let officer = app.officer_at("ALD");
        let seen = Seen { app, officer, order: order_id(app, "SPO/26/0001") };
        let body = Seen::body(INSIDE, 12.0, "2026-11-24T11:00:00Z");
        app.clock.set("2026-11-24T11:00:00Z");
        let path = format!("/orders/{}/sightings/{}", seen.order, app.new_id());
        let first = seen.officer.put(&path, &body).expect(201);
        assert_eq!(first["readings"][0]["verdict"], "inside");

        // From noon on, another place is forbidden.
        let mut elsewhere = square();
        elsewhere["area"] = json!({
            "type": "Circle",
            "centre": { "latitude": 52.31, "longitude": -2.7095 },
            "radius_m": 300,
        });
        let mut second = order.version(2, "2026-11-24T12:00:00Z");
        let conditions = second["conditions"].as_array_mut().unwrap();
        conditions.push(prohibition("P1", "exclusion_zone", elsewhere));
        entry["versions"].as_array_mut().unwrap().push(second);
        app.import(&file(&[entry]));

        assert_eq!(seen.verdict(INSIDE, 12.0, "2026-11-24T12:00:00Z"), "outside");
        assert_eq!(seen.verdict(OUTSIDE, 12.0, "2026-11-24T12:05:00Z"), "inside");
        assert_eq!(seen.verdict(INSIDE, 12.0, "2026-11-24T11:59:00Z"), "inside");
        let again = seen.officer.put(&path, &body).expect(201);
        assert_eq!(again, first);
    });
}

#[test]
fn an_order_that_was_not_served_or_has_ended_keeps_nobody_away() {
    on_each_database(|app| {
        let zone = [prohibition("P1", "exclusion_zone", square())];
        let unserved = OneOrder { served_at: None, ..OneOrder::default() };
        app.import(&order_with(&unserved, &zone));
        let officer = app.officer_at("ALD");
        let seen = Seen { app, officer, order: order_id(app, "SPO/26/0001") };
        assert_eq!(seen.verdict(INSIDE, 12.0, MORNING), "not_in_force");
        app.import(&order_with(&OneOrder::default(), &zone));
        assert_eq!(seen.verdict(INSIDE, 12.0, MORNING), "inside");
        assert_eq!(seen.verdict(INSIDE, 12.0, "2026-11-02T15:00:00Z"), "not_in_force");
        assert_eq!(seen.zone_alerts(), ["zone_entered"]);
    });
}

#[test]
fn one_stay_is_one_alert_and_coming_back_is_another() {
    on_each_database(|app| {
        let seen = in_square(app);
        seen.at(OUTSIDE, 12.0, "2026-11-23T10:00:00Z");
        assert!(seen.zone_alerts().is_empty());
        seen.at(INSIDE, 600.0, "2026-11-23T10:05:00Z");
        assert_eq!(seen.zone_alerts(), ["zone_uncertain"]);
        for minute in ["10:10", "10:15", "11:00"] {
            seen.at(INSIDE, 12.0, &format!("2026-11-23T{minute}:00Z"));
            seen.at(INSIDE, 600.0, &format!("2026-11-23T{minute}:30Z"));
        }
        assert_eq!(seen.zone_alerts(), ["zone_entered", "zone_uncertain"]);
        let entered = app.alerts().into_iter().find(|it| it.kind.to_string() == "zone_entered");
        assert_eq!(entered.unwrap().severity.to_string(), "critical");

        seen.at(OUTSIDE, 12.0, "2026-11-23T11:10:00Z");
        seen.at(INSIDE, 12.0, "2026-11-23T11:20:00Z");
        assert_eq!(seen.zone_alerts(), ["zone_entered", "zone_entered", "zone_uncertain"]);
        // What was seen in the first stay and told only now belongs to it.
        seen.at(INSIDE, 12.0, "2026-11-23T10:40:00Z");
        assert_eq!(seen.zone_alerts().len(), 3);
    });
}

#[test]
fn a_sighting_is_held_against_every_order_on_the_subject_and_told_only_to_those_who_may_know() {
    on_each_database(|app| {
        let zone = [prohibition("P1", "exclusion_zone", square())];
        let elsewhere =
            OneOrder { reference: "SPO/26/0002".into(), station: "HEX", ..OneOrder::default() };
        let mut other = entry_with(&elsewhere, &zone);
        other["subject"]["reference"] = json!("P-SPO/26/0001");
        app.import(&file(&[OneOrder::default().entry(), other]));
        let officer = app.officer_at("ALD");
        let seen = Seen { app, officer, order: order_id(app, "SPO/26/0001") };

        let readings = seen.at(INSIDE, 12.0, MORNING);

        assert!(readings.is_empty(), "{readings:?}");
        assert_eq!(seen.zone_alerts(), ["zone_entered"]);
        let listed = seen.officer.get("/alerts").expect(200).to_string();
        assert!(!listed.contains("SPO/26/0002"), "{listed}");
        let there = app.officer_at("HEX").get("/alerts").expect(200).to_string();
        assert!(there.contains("zone_entered") && there.contains("SPO/26/0002"), "{there}");
    });
}

#[test]
fn the_same_sighting_again_is_no_second_one_and_another_under_its_id_is_refused() {
    on_each_database(|app| {
        let seen = in_square(app);
        app.clock.set(MORNING);
        let path = format!("/orders/{}/sightings/{}", seen.order, app.new_id());
        let body = Seen::body(INSIDE, 12.0, MORNING);
        let first = seen.officer.put(&path, &body).expect(201);
        let before = app.sql().row_counts();
        assert_eq!(seen.officer.put(&path, &body).expect(201), first);
        let other = Seen::body(OUTSIDE, 12.0, MORNING);
        seen.officer.put(&path, &other).refused("record-conflict");
        app.officer_at("ALD").put(&path, &body).refused("record-conflict");
        let to_come = Seen::body(OUTSIDE, 12.0, "2026-11-23T11:00:00Z");
        let path = format!("/orders/{}/sightings/{}", seen.order, app.new_id());
        seen.officer.put(&path, &to_come).refused("invalid-field");
        let counted = |table: &str| app.count(table);
        assert_eq!(counted("facts"), 1);
        assert_eq!(counted("alerts"), 1);
        assert!(!before.is_empty());
    });
}

/// Figures and names by which the zone could be found.
fn is_of_the_zone(text: &str) -> bool {
    ["2.7139", "2.6931", "52.3177", "52.3275", "2.7051", "52.3217", "Canary Row"]
        .iter()
        .any(|part| text.contains(part))
}

#[test]
fn where_a_zone_is_appears_in_no_alert_push_sentence_or_ledger() {
    on_each_database(|app| {
        let mut zone = square();
        zone["transit"] = json!([{ "name": "Canary Row" }]);
        zone["roads"] = json!(["Canary Row"]);
        let seen = Seen::with(app, &[prohibition("P1", "exclusion_zone", zone)]);
        let (supervisor, service) = (app.supervisor_at("ALD"), PushService::start());
        let phone = Phone::of(&supervisor, &service);
        let readings = seen.at(INSIDE, 12.0, MORNING);
        assert!(is_of_the_zone(&readings[0].to_string()), "{readings:?}");
        seen.at(OUTSIDE, 12.0, "2026-11-23T10:20:00Z");
        seen.at(INSIDE, 600.0, "2026-11-23T12:20:00Z");
        assert_eq!(seen.zone_alerts(), ["zone_entered", "zone_uncertain"]);

        let timeline = supervisor.get(&format!("/orders/{}/timeline", seen.order)).expect(200);
        let alerts = seen.officer.get("/alerts").expect(200);
        let mut sql = app.sql();
        let mut told = vec![timeline.to_string(), alerts.to_string()];
        assert_eq!(app.run_jobs(), 2);
        told.extend(service.take().iter().map(|message| phone.read(message).to_string()));
        assert_eq!(told.len(), 4, "{told:?}");
        for (column, table) in [
            ("detail", "alerts"),
            ("dedupe_key", "alerts"),
            ("says", "facts"),
            ("detail", "ledger_entries"),
            ("object", "ledger_entries"),
        ] {
            told.extend(sql.texts(&format!("SELECT {column} AS value FROM {table}")));
        }
        let found: Vec<&String> = told.iter().filter(|text| is_of_the_zone(text)).collect();
        assert!(found.is_empty(), "{found:#?}");
        assert!(timeline.to_string().contains("P1 inside"), "{timeline}");
        // Not where the subject was either: that is next to it.
        assert!(!told.iter().any(|text| text.contains("52.32")), "{told:#?}");
    });
}
