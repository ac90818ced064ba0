//! What an evidence pack holds of the person.

use serde_json::{Value, json};

use super::{PNG, photo};
use crate::evidence_pack::redaction::everything;
use crate::evidence_pack::{Case, files_of, text_of};
use crate::harness::caller::Caller;
use crate::harness::on_each_database;

const SAID: &str = "Struck a constable named Farrow.";

fn put(by: &Caller<'_>, order: &str, what: &str, body: &Value) -> String {
    let id = by.app.new_id().to_string();
    by.put(&format!("/orders/{order}/{what}/{id}"), body).expect(201);
    id
}

#[test]
fn photos_are_exhibits_for_the_prosecution_and_nothing_of_a_warning_is_for_the_defence() {
    on_each_database(|app| {
        let recorded = std::cell::RefCell::new(Vec::new());
        let case = Case::opened_after(app, |sergeant, order| {
            let warned =
                put(sergeant, order, "warnings", &json!({ "kind": "violent", "says": SAID }));
            let photos = ["2026-11-20", "2026-11-21"]
                .map(|day| put(sergeant, order, "photos", &photo("image/png", day, PNG)));
            let wrong = json!({ "reason": "It shows his brother." });
            let path = format!("/records/{}/supersession", photos[1]);
            sergeant.put(&path, &wrong).expect(200);
            recorded.replace(vec![warned, photos[0].clone(), photos[1].clone()]);
        });
        let [warned, shows, mistaken] = &recorded.into_inner()[..] else { unreachable!() };
        let packs = ["prosecution", "disclosure"].map(|it| case.pack(&format!("profile={it}")));
        let [whole, disclosed] = packs.each_ref().map(|pack| files_of(pack));

        let name = format!("photos/{shows}.png");
        assert_eq!(whole[&name], PNG);
        let exhibits = text_of(&whole, "exhibits.csv");
        assert!(exhibits.contains(&name) && exhibits.contains("A photo of the subject"));
        assert!(!whole.contains_key(&format!("photos/{mistaken}.png")));
        assert!(text_of(&whole, "chronology.json").contains(SAID));

        assert!(disclosed.keys().all(|name| !name.starts_with("photos/")));
        let told = everything(&disclosed);
        let never = ["Farrow", "warning_recorded", "Warningrecorded", "brother", warned.as_str()];
        for word in never {
            assert!(!told.contains(word), "{word}");
        }
        assert!(text_of(&disclosed, "chronology.json").contains("Photo recorded"));
        assert!(!text_of(&disclosed, "unused-material.csv").contains("warning"));

        // The same position, after the photo has left the lists.
        let manifest: Value = serde_json::from_slice(&whole["manifest.json"]).unwrap();
        let again = manifest["ask_again"].as_str().unwrap().strip_prefix("/api/v1").unwrap();
        app.clock.advance(60_000);
        let path = format!("/records/{shows}/supersession");
        case.sergeant.put(&path, &json!({ "reason": "It is old." })).expect(200);
        assert_eq!(case.owner.get(again).bytes, packs[0]);
        let now = files_of(&case.pack("profile=prosecution"));
        assert!(!now.contains_key(&name));
    });
}
