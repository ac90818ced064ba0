//! The orders that the repository ships, modelled on conditions of published ones: each condition is
//! shown in the court's words, graded, looked after, and found again.

use std::collections::{BTreeMap, BTreeSet};

use compliance::Word;
use compliance::access::Role;
use compliance::order::ConditionKind;
use serde_json::{Value, json};

use crate::harness::caller::Caller;
use crate::harness::{example, on_each_database, repository};

const STATIONS: [&str; 6] = ["ALD", "HEX", "MCX", "OTT", "PEN", "THN"];

/// The files in the order of their names: the stations come first.
fn files() -> Vec<String> {
    let entries = std::fs::read_dir(repository().join("examples/orders")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".json")).collect();
    names.sort();
    names.iter().map(|name| example(name)).collect()
}

/// Exact words by order and label, of the version that was told last.
fn wordings(files: &[String]) -> BTreeMap<(String, String), BTreeSet<String>> {
    let mut found: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    for file in files {
        let file: Value = serde_json::from_str(file).unwrap();
        for order in file["orders"].as_array().unwrap() {
            for version in order["versions"].as_array().unwrap() {
                for condition in version["conditions"].as_array().unwrap() {
                    let key = (text(&order["reference"]), text(&condition["label"]));
                    found.entry(key).or_default().insert(text(&condition["wording"]));
                }
            }
        }
    }
    found
}

/// Says of a condition that it is suspected not to be kept, and finds that on the timeline.
fn find_not_kept(supervisor: &Caller<'_>, order: &Value, label: &str) {
    let app = supervisor.app;
    let path = format!("/orders/{}", order["order_id"].as_str().unwrap());
    let body = json!({
        "label": label,
        "person": "PC Okafor",
        "happened_at": app.clock.now().to_rfc3339(),
        "looked_at": "Spoke to the neighbours.",
        "outcome": "not_kept",
        "next_review_on": "2026-12-08",
    });
    supervisor.put(&format!("{path}/plan-reviews/{}", app.new_id()), &body).expect(201);
    let timeline = supervisor.get(&format!("{path}/timeline")).expect(200).to_string();
    let says = format!("{label} was looked at: it is suspected not to be kept");
    assert!(timeline.contains(&says), "{says}: {timeline}");
}

/// A plan that was a mistake is none: that one is missing is raised once more.
#[test]
fn a_plan_that_was_a_mistake_leaves_the_condition_without_one() {
    on_each_database(|app| {
        app.asha_mercer();
        files().iter().for_each(|file| drop(app.import(file)));
        let supervisor = app.somebody(Role::Supervisor, &STATIONS);
        let missing = || app.count("alerts WHERE kind = 'plan_missing' AND state <> 'closed'");
        let before = missing();
        let lacking = app.alerts().into_iter().find(|it| it.kind.to_string() == "plan_missing");
        let alert = lacking.unwrap();
        let (_, rest) = alert.detail.split_once("can check ").unwrap();
        let label = rest.split_once('.').unwrap().0;
        let path = format!("/orders/{}/condition-plans", alert.order_id.unwrap());
        let plan = json!({ "label": label, "person": "PC Okafor", "review_on": "2026-12-08" });
        let id = app.new_id();
        supervisor.put(&format!("{path}/{id}"), &plan).expect(201);
        assert_eq!(missing(), before - 1);
        let reason = json!({ "reason": "Another order was meant." });
        supervisor.put(&format!("/records/{id}/supersession"), &reason).expect(200);
        assert_eq!(missing(), before);
    });
}

#[test]
fn every_condition_of_the_shipped_orders_is_shown_judged_and_found_again() {
    let files = files();
    let wordings = wordings(&files);
    on_each_database(|app| {
        let asha = app.asha_mercer();
        files.iter().for_each(|file| drop(app.import(file)));
        app.sweep();
        let supervisor = app.somebody(Role::Supervisor, &STATIONS);
        let reader = app.somebody(Role::ControlRoom, &[]);
        let orders = reader.get("/orders").expect(200)["orders"].as_array().unwrap().clone();
        assert!(orders.len() >= 16, "{}, owned by {}", orders.len(), asha.username);
        let mut kinds = BTreeSet::new();
        for order in &orders {
            let subject = order["subject"]["subject_id"].as_str().unwrap();
            let told = reader.get(&format!("/subjects/{subject}/conditions")).expect(200);
            let told = told["orders"].as_array().unwrap().iter();
            let told = told.filter(|told| told["order_id"] == order["order_id"]);
            for condition in told.flat_map(|told| told["version"]["conditions"].as_array().unwrap())
            {
                let label = condition["label"].as_str().unwrap();
                let key = (order["reference"].as_str().unwrap().to_owned(), label.to_owned());
                let wording = condition["wording"].as_str().unwrap();
                assert!(wordings[&key].contains(wording), "{key:?}: {wording}");
                kinds.insert(condition["kind"].as_str().unwrap().to_owned());
                match condition["checkability"]["word"].as_str().unwrap() {
                    "only_by_person" => find_not_kept(&supervisor, order, label),
                    grade => assert!(["by_schedule", "by_event"].contains(&grade), "{grade}"),
                }
            }
        }
        let all = ConditionKind::ALL.iter().map(|kind| kind.as_str().to_owned());
        assert_eq!(kinds, all.collect());
    });
}
