//! A report comes with everything of the last ninety days, of the orders that the reader may know of.

use serde_json::{Value, json};

use super::{A_DAY, Desk, after};
use crate::harness::on_each_database;
use crate::scene::concerns::told;

fn patterns(file: &Value) -> Vec<(&str, i64)> {
    let found = file["context"]["patterns"].as_array().unwrap().iter();
    found.map(|it| (it["pattern"].as_str().unwrap(), it["count"].as_i64().unwrap())).collect()
}

#[test]
fn a_report_shows_misses_sightings_and_other_reports_of_ninety_days_and_what_stands_out() {
    on_each_database(|app| {
        let desk = Desk::open(app);
        let first = desk.told();
        assert_eq!(patterns(&desk.file(first)), []);

        // He never comes, and somebody sees him.
        after(&desk, 2 * A_DAY);
        let seen = json!({
            "position": { "latitude": 52.0, "longitude": -2.5, "accuracy_m": 12.0 },
            "seen_at": app.clock.now().to_rfc3339(),
            "source": "officer_sighting",
        });
        let path = format!("/orders/{}/sightings/{}", desk.order, app.new_id());
        desk.officer.put(&path, &seen).expect(201);
        let again = desk.told();

        let file = desk.file(again);
        let misses = file["context"]["sign_ons"].as_array().unwrap();
        assert!(misses.iter().all(|it| it["outcome"] == "not_attended"), "{misses:?}");
        assert_eq!(file["context"]["sightings"].as_array().unwrap().len(), 1);
        assert_eq!(file["context"]["concerns"][0]["concern_id"], first.to_string());
        assert_eq!(
            patterns(&file),
            [("repeatedly_missed", misses.len() as i64), ("several_reports", 2)]
        );
        let elsewhere = app.supervisor_at("HEX");
        elsewhere.get(&format!("/concerns/{again}")).refused("not-found");

        // Somebody else, three months later: the first ones are too long ago.
        after(&desk, 91 * A_DAY);
        let other = super::with(
            told(Some(desk.order)),
            json!({ "reporter": "organisation", "name": "The shop", "reported_at": app.clock.now().to_rfc3339() }),
        );
        let id = app.new_id();
        desk.officer.put(&format!("/concerns/{id}"), &other).expect(201);
        let file = desk.file(id);
        assert_eq!(file["context"]["concerns"], json!([]));
        assert_eq!(file["context"]["sightings"], json!([]));
        assert!(patterns(&file).iter().all(|(kind, _)| !kind.starts_with("several")));
    });
}
