//! Nothing that anybody typed, nothing of a zone and nothing of whoever reported gets into a pack for
//! disclosure. Words that are nowhere else are planted wherever the service takes text about a case.

use std::collections::BTreeSet;

use compliance::evidence::Withheld;
use serde_json::{Value, json};

use super::{Files, files_of, json_of, text_of};
use crate::harness::caller::Caller;
use crate::harness::{TestApp, on_each_database};
use crate::operations::{About, OPERATIONS};
use crate::scene::Scene;

/// Where people type.
const TYPED: [&str; 27] = [
    "note",
    "words",
    "reason",
    "rationale",
    "summary",
    "what",
    "exhibit",
    "place",
    "served_by",
    "proof",
    "evidence",
    "description",
    "reference",
    "crime_reference",
    "about",
    "name",
    "names",
    "contact",
    "contact_safely",
    "answered_by",
    "home_address",
    "person",
    "looked_at",
    "says",
    "source_note",
    "taken_by_name",
    "seized_as",
];

/// As different from each other as from everything else.
struct Planter {
    planted: usize,
}

impl Planter {
    fn word(&mut self) -> String {
        self.planted += 1;
        format!("CANARY{:04}", self.planted)
    }

    /// Puts a new word wherever a person types.
    fn plant(&mut self, body: &mut Value) -> usize {
        let before = self.planted;
        match body {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let is_typed = TYPED.contains(&name.as_str());
                    match value {
                        Value::String(text) if is_typed => *text = self.word(),
                        Value::Array(items) if is_typed => {
                            for item in items.iter_mut().filter(|item| item.is_string()) {
                                *item = json!(self.word());
                            }
                        }
                        other => {
                            self.plant(other);
                        }
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| {
                self.plant(item);
            }),
            _ => {}
        }
        self.planted - before
    }
}

/// Sends everything that can be recorded about the case with words planted in it; says what was taken.
fn plant_everywhere(scene: &Scene<'_>, by: &Caller<'_>, planter: &mut Planter) -> BTreeSet<String> {
    let mut taken = BTreeSet::new();
    let recorded = OPERATIONS.iter().filter(|it| it.about == About::Case);
    for operation in recorded.filter(|it| it.id != "end_order") {
        let mut request = scene.request(operation, by);
        let Some(body) = &mut request.body else { continue };
        // What an act leaves out may be said, too.
        for (of, name) in [
            ("confirm_sign_on", "note"),
            ("record_excuse_evidence", "exhibit"),
            ("record_breach_progress", "note"),
            ("decide_breach", "crime_reference"),
            ("record_appeal", "note"),
            ("record_service_attempt", "note"),
        ] {
            if operation.id == of {
                body[name] = json!("");
            }
        }
        let planted = planter.plant(body);
        if planted > 0 && request.sent_by(by).status == 201 {
            taken.insert(operation.id.to_owned());
        }
    }
    taken
}

/// What is on file without an operation that takes it: the court's words, notes, homes, a zone.
fn plant_in_rows(app: &TestApp, planter: &mut Planter) {
    let mut sql = app.sql();
    for (table, column, which) in [
        ("conditions", "wording", "kind <> 'sign_on'"),
        ("conditions", "plain_words", "kind <> 'sign_on'"),
        ("conditions", "locality", "kind <> 'sign_on'"),
        ("order_versions", "note", "1 = 1"),
        ("providers", "contact", "1 = 1"),
        ("deliveries", "detail", "1 = 1"),
        ("concern_reports", "words", "1 = 1"),
        ("alerts", "detail", "1 = 1"),
    ] {
        let word = planter.word();
        sql.execute(&format!("UPDATE {table} SET {column} = '{word}' WHERE {which}"));
    }
    sql.execute("UPDATE conditions SET details = replace(details, '52.02', '52.0173537')");
}

/// Every byte of a pack but of photos, the text of its pages too, without what breaks words.
pub fn everything(files: &Files) -> String {
    let mut all = String::new();
    for (name, bytes) in files {
        all += name;
        if name.ends_with(".pdf") {
            all += &pdf_extract::extract_text_from_mem(bytes).unwrap();
        } else if !name.starts_with("photos/") {
            all += std::str::from_utf8(bytes).unwrap();
        }
    }
    all.split_whitespace().collect()
}

fn packs(scene: &Scene<'_>, by: &Caller<'_>, profile: &str) -> Vec<Files> {
    let order = scene.ids["order_id"];
    let failures = by.get(&format!("/orders/{order}/failures")).expect(200);
    let cases = failures["breach_cases"].as_array().unwrap();
    let pack = |case: &Value| {
        let id = case["case_id"].as_str().unwrap();
        let path = format!("/breach-cases/{id}/evidence-pack?profile={profile}");
        let answer = by.get(&path);
        assert_eq!(answer.status, 200, "{}", answer.body);
        files_of(&answer.bytes)
    };
    cases.iter().map(pack).collect()
}

#[test]
fn nothing_that_was_typed_and_nothing_of_a_victim_is_in_a_pack_for_disclosure() {
    on_each_database(|app| {
        let scene = Scene::set(app);
        let supervisor = app.supervisor_at("ALD");
        let mut planter = Planter { planted: 0 };
        let taken = plant_everywhere(&scene, &supervisor, &mut planter);
        for id in [
            "confirm_sign_on",
            "record_service_attempt",
            "claim_excuse",
            "record_excuse_evidence",
            "decide_excuse",
            "open_breach_case",
            "decide_breach",
            "authorise_breach",
            "record_breach_progress",
            "note_on_alert",
            "record_concern",
            "record_concern_action",
            "record_status_period",
            "record_notification",
            "record_details_change",
            "register_device",
            "set_condition_plan",
            "record_warning",
        ] {
            assert!(taken.contains(id), "{id} took nothing: {taken:?}");
        }
        plant_in_rows(app, &mut planter);
        let whole: String =
            packs(&scene, &supervisor, "prosecution").iter().map(everything).collect();
        let is_in = |n: &usize| whole.contains(&format!("CANARY{n:04}"));
        let found = (1..=planter.planted).filter(is_in).count();
        assert!(
            found >= 20,
            "the pack for the prosecution is whole: {found} of {}",
            planter.planted
        );
        let disclosed = packs(&scene, &supervisor, "disclosure");
        assert!(!disclosed.is_empty());
        for files in &disclosed {
            for (name, bytes) in files {
                let one = Files::from([(name.clone(), bytes.clone())]);
                let text = everything(&one);
                for word in ["CANARY", "52.0173537", "-2.48", "concern", "InesQuill", "TannersRow"]
                {
                    let at = text.find(word).map(|at| text.get(at.saturating_sub(60)..at + 30));
                    assert!(at.is_none() || is_explained(name, word), "{word} in {name}: {at:?}");
                }
            }
        }
    });
}

/// The readme says that reports of concern are not in the pack.
fn is_explained(name: &str, word: &str) -> bool {
    name == "README.txt" && word == "concern"
}

#[test]
fn what_is_withheld_is_marked_in_its_place_and_listed_without_its_content() {
    on_each_database(|app| {
        let case = super::Case::opened(app);
        let disclosed = files_of(&case.pack("profile=disclosure"));
        let marker = Withheld::FreeText.marker();
        assert_eq!(json_of(&disclosed, "excuse.json")["claims"][0]["words"], marker);
        assert_eq!(json_of(&disclosed, "decisions.json")["case"]["summary"], marker);
        let versions = json_of(&disclosed, "order/versions.json");
        let conditions = versions["versions"][0]["conditions"].as_array().unwrap();
        let wording = |label: &str| {
            let condition = conditions.iter().find(|it| it["label"] == label).unwrap();
            condition["wording"].as_str().unwrap().to_owned()
        };
        assert_eq!(wording("P1"), Withheld::OtherWording.marker());
        assert_eq!(wording("R1"), "The defendant must attend the station and sign on.");
        let listed = text_of(&disclosed, "redactions.csv");
        for row in [
            "excuse.json,words of",
            "decisions.json,summary,free_text",
            "order/versions.json,version 1 P1 wording,other_wording",
            "\"draft statements, not signed\"",
            "ledger.json,entry 1,ledger_entry",
        ] {
            assert!(listed.contains(row), "{row}: {listed}");
        }
        // Each marker has its line, and the pack for the prosecution has neither.
        let whole = files_of(&case.pack("profile=prosecution"));
        let marked = |files: &Files| {
            let count = |(name, bytes): (&String, &Vec<u8>)| {
                let is_text = !name.ends_with(".pdf") && name != "redactions.csv";
                let text = String::from_utf8_lossy(bytes);
                if is_text { text.matches("[WITHHELD").count() } else { 0 }
            };
            files.iter().map(count).sum::<usize>()
        };
        assert!(marked(&disclosed) >= 8);
        assert_eq!(marked(&whole), 0);
        assert_eq!(text_of(&whole, "redactions.csv").lines().count(), 1);
        for (name, bytes) in &disclosed {
            // The index repeats what is in the chronology.
            let is_marked = String::from_utf8_lossy(bytes).contains("[WITHHELD");
            if is_marked && name != "00-index.html" && name != "redactions.csv" {
                assert!(listed.contains(&format!(",{name},")), "{name} is marked: {listed}");
            }
        }
    });
}
