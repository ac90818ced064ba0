//! Where an order forbids the subject to be, and what somebody seen there leads to.

use serde_json::{Value, json};

use crate::builders::{OneOrder, file};
use crate::harness::caller::Caller;
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

fn conditions(app: &TestApp, reader: &Caller<'_>, reference: &str) -> Vec<Value> {
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
