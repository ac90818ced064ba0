//! What the rules themselves repeat of what somebody typed, what is about a zone, and what a victim is to
//! be told: whole for the prosecution, and nowhere for the defence.

use std::collections::BTreeSet;

use compliance::evidence::Withheld;
use compliance::instant::DAY_MS;
use holdfast::pack::check_pack;
use serde_json::{Value, json};

use super::redaction::everything;
use super::{Case, Files, files_of, json_of, text_of};
use crate::builders::{OneOrder, sign_on};
use crate::harness::push_service::{Phone, PushService};
use crate::harness::{TestApp, on_each_database};
use crate::zones::{order_id, order_with, prohibition, square};

/// The words of one file, without what breaks them.
fn words_of(files: &Files, name: &str) -> String {
    everything(&Files::from([(name.to_owned(), files[name].clone())]))
}

#[track_caller]
fn assert_nowhere(files: &Files, words: &[&str]) {
    for name in files.keys() {
        let text = words_of(files, name);
        for word in words {
            let at = text.find(word).map(|at| text.get(at.saturating_sub(60)..at + 30));
            assert!(at.is_none(), "{word} in {name}: {at:?}");
        }
    }
}

/// In hospital for a part of the window that is missed, and the counter shut all day.
fn with_stay_and_closure(app: &TestApp) -> Case<'_> {
    Case::opened_after(app, |sergeant, order| {
        let stay = json!({
            "whereabouts": "hospital",
            "from": "2026-12-01T09:00:00Z",
            "until": "2026-12-01T11:00:00Z",
            "evidence": "CANARY-STAY",
        });
        let path = format!("/orders/{order}/status-periods/{}", app.new_id());
        sergeant.put(&path, &stay).expect(201);
        let shut = json!({
            "from_on": "2026-12-01", "until_on": "2026-12-01", "reason": "CANARY-SHUT",
        });
        let path = format!("/stations/{}/closures/{}", app.station("ALD"), app.new_id());
        sergeant.put(&path, &shut).expect(201);
    })
}

#[test]
fn what_shows_a_stay_and_why_a_counter_was_shut_is_nowhere_for_the_defence() {
    on_each_database(|app| {
        let case = with_stay_and_closure(app);
        let whole = files_of(&case.pack("profile=prosecution"));
        let disclosed = files_of(&case.pack("profile=disclosure"));
        assert_nowhere(&disclosed, &["CANARY"]);
        let listed = text_of(&disclosed, "redactions.csv");
        for name in ["obligation.json", "history.csv", "chronology.json"] {
            let text = words_of(&whole, name);
            assert!(text.contains("CANARY-STAY") && text.contains("CANARY-SHUT"), "{name}: {text}");
            for code in ["status-period-in-part", "station-closed"] {
                assert!(listed.contains(&format!("{name},sentence {code} of")), "{name}: {listed}");
            }
        }
        for name in ["00-index.html", "chronology.pdf"] {
            let text = words_of(&whole, name);
            assert!(text.contains("CANARY-STAY") && text.contains("CANARY-SHUT"), "{name}: {text}");
        }
        // What the rules say without anybody's words stays.
        let reasons = json_of(&disclosed, "obligation.json")["findings"][0]["reasons"].clone();
        let says = |code: &str| {
            let all = reasons.as_array().unwrap();
            all.iter().find(|it| it["code"] == code).unwrap()["says"].clone()
        };
        let silence = "The window closed and no attendance that complies is on file.";
        assert_eq!(says("closed-without-attendance"), silence);
        assert_eq!(says("status-period-in-part"), Withheld::FreeText.marker());
        assert_eq!(says("station-closed"), Withheld::FreeText.marker());
    });
}

/// What each entry of the ledger says for the prosecution, and what for the defence.
fn entries(case: &Case<'_>) -> Vec<(Value, Value)> {
    let whole = json_of(&files_of(&case.pack("profile=prosecution")), "ledger.json");
    let seq = &whole["head"]["seq"];
    let at = case.app.clock.now();
    let pack = case.pack(&format!("profile=disclosure&as_known_at={at}&ledger_seq={seq}"));
    check_pack(&pack).unwrap();
    let part = json_of(&files_of(&pack), "ledger.json");
    let contents = |of: &Value| -> Vec<Value> {
        of["entries"].as_array().unwrap().iter().map(|it| it["content"].clone()).collect()
    };
    contents(&whole).into_iter().zip(contents(&part)).collect()
}

#[test]
fn the_defence_reads_when_and_by_whom_an_entry_was_made_and_nothing_of_what_it_covers() {
    on_each_database(|app| {
        let case = with_stay_and_closure(app);
        let station = app.station("ALD");
        let missed = json_of(&files_of(&case.pack("profile=prosecution")), "obligation.json");
        let mut late = sign_on(&missed, station, "2026-12-01T13:00:00Z");
        late["note"] = json!("CANARY");
        let late_id = app.new_id();
        case.officer.put(&format!("/check-ins/{late_id}"), &late).expect(201);
        let wrong = json!({ "reason": "CANARY" });
        case.sergeant.put(&format!("/check-ins/{late_id}/supersession"), &wrong).expect(200);
        let path = format!("/alerts/{}/notes/{}", case.alert, app.new_id());
        case.owner.put(&path, &json!({ "note": "CANARY" })).expect(201);
        let entries = entries(&case);
        let acts = |is_wanted: bool| -> BTreeSet<&str> {
            let acts = entries.iter().filter(|(_, shown)| shown.is_object() == is_wanted);
            acts.map(|(content, _)| content["act"].as_str().unwrap()).collect()
        };
        let (open, closed) = (acts(true), acts(false));
        for act in ["confirm_sign_on", "find_missed", "raise_alert", "alert_event", "close_alert"] {
            assert!(open.contains(act) && !closed.contains(act), "{act}: {open:?} {closed:?}");
        }
        for act in ["record_fact", "supersede_check_in", "made_evidence_pack"] {
            assert!(closed.contains(act) && !open.contains(act), "{act}: {open:?} {closed:?}");
        }
        for (content, shown) in entries.iter().filter(|(_, shown)| shown.is_object()) {
            let mut without = content.clone();
            assert!(without.as_object_mut().unwrap().remove("salt").is_some(), "{content}");
            assert_eq!(*shown, without);
        }
    });
}

#[test]
fn an_entry_of_before_there_were_seals_is_withheld() {
    on_each_database(|app| {
        let case = Case::opened(app);
        app.sql().execute("UPDATE ledger_entries SET salt = NULL WHERE act = 'find_missed'");
        let ledger = |profile: &str| json_of(&files_of(&case.pack(profile)), "ledger.json");
        let whole = ledger("profile=prosecution");
        let missed = whole["entries"].as_array().unwrap().iter();
        let at = missed.clone().position(|it| it["content"]["act"] == "find_missed").unwrap();
        let content = &whole["entries"][at]["content"];
        assert!(content["body_digest"].is_string() && content.get("seal").is_none(), "{content}");
        let withheld = Withheld::LedgerEntry.marker();
        assert_eq!(ledger("profile=disclosure")["entries"][at]["withheld"], withheld);
    });
}

#[test]
fn of_a_breach_in_a_zone_the_defence_reads_nothing_of_the_alert() {
    on_each_database(|app| {
        let owner = app.owner();
        let phones = PushService::start();
        Phone::of(&owner, &phones);
        let order = OneOrder::owned_by(&owner.account.username);
        app.import(&order_with(&order, &[prohibition("P1", "exclusion_zone", square())]));
        let seen_at = "2026-11-23T10:00:00Z";
        app.clock.set(seen_at);
        let order = order_id(app, "SPO/26/0001");
        let seen = json!({
            "position": { "latitude": 52.3200, "longitude": -2.7095, "accuracy_m": 12.0 },
            "seen_at": seen_at,
            "source": "officer_sighting",
        });
        let path = format!("/orders/{order}/sightings/{}", app.new_id());
        app.officer_at("ALD").put(&path, &seen).expect(201);
        app.run_jobs();
        let alert = app.alerts().into_iter().find(|it| it.kind.to_string() == "zone_entered");
        let alert = alert.unwrap().id;
        let id = app.new_id();
        let body = json!({ "offence": "ST19001", "summary": "In the square." });
        owner.put(&format!("/alerts/{alert}/breach-cases/{id}"), &body).expect(201);
        let pack =
            |query: &str| owner.get(&format!("/breach-cases/{id}/evidence-pack?{query}")).bytes;
        let bytes = pack("profile=prosecution");
        let whole = files_of(&bytes);
        assert_eq!(json_of(&whole, "obligation.json")["alert"], "zone_entered");
        let told = json_of(&whole, "deliveries.json");
        for list in ["attempts", "ledger"] {
            assert!(!told[list].as_array().unwrap().is_empty(), "{list}: {told}");
        }

        let disclosed = files_of(&pack("profile=disclosure"));
        assert_nowhere(&disclosed, &["zone_", "zoneentered", "52.3", "-2.7095", "attempt1"]);
        let marker = Withheld::Record.marker();
        let duty = json_of(&disclosed, "obligation.json");
        assert_eq!(duty["alert"], marker);
        assert_eq!(duty["at_the_failure"]["service_noticed_after_ms"], Value::Null);
        let told = json_of(&disclosed, "deliveries.json");
        assert_eq!(told["says"], marker);
        for list in ["attempts", "events", "ledger"] {
            assert_eq!(told[list], json!([]), "{list}");
        }
        let listed = text_of(&disclosed, "redactions.csv");
        for row in
            ["obligation.json,alert,record", "deliveries.json,whole,record", "chronology.json,"]
        {
            assert!(listed.contains(row), "{row}: {listed}");
        }

        // What it was raised as is told by the ledger, whatever its row says later.
        let seq = json_of(&whole, "manifest.json")["ledger"]["seq"].clone();
        let at = app.clock.now();
        app.sql().execute("UPDATE alerts SET kind = 'zone_uncertain' WHERE kind = 'zone_entered'");
        let again = pack(&format!("profile=prosecution&as_known_at={at}&ledger_seq={seq}"));
        assert!(again == bytes, "the row is not what the pack is made of");
    });
}

#[test]
fn how_and_when_a_victim_is_told_is_nowhere_for_the_defence() {
    on_each_database(|app| {
        let case = Case::opened(app);
        case.decide();
        let list = || case.owner.get("/tasks?kind=victim_update").expect(200)["tasks"].clone();
        let task = list()[0].clone();
        assert_eq!(task["cause"], "breach");
        let told = json!({
            "happened_at": app.clock.now().to_rfc3339(),
            "answer": { "victim_update":
                { "was_told": true, "how": "phone", "told_by": "CANARY-TOLD" } },
        });
        let id = task["task_id"].as_str().unwrap();
        let record = app.new_id().to_string();
        case.owner.put(&format!("/tasks/{id}/completions/{record}"), &told).expect(201);
        // It was told of a decision that was a mistake: to be told anew, and late.
        let files = files_of(&case.pack("profile=prosecution"));
        let decided = json_of(&files, "decisions.json")["steps"][0]["record_id"].clone();
        let path = format!("/records/{}/supersession", decided.as_str().unwrap());
        case.sergeant.put(&path, &json!({ "reason": "Another case." })).expect(200);
        assert_eq!(list()[0]["cause"], "corrected");
        app.clock.advance(5 * DAY_MS);
        app.sweep();
        assert!(app.alert_kinds().contains(&"task_overdue".to_owned()));

        let whole = files_of(&case.pack("profile=prosecution"));
        let text = everything(&whole);
        for word in ["Tellthevictim", "task_done", "task_overdue", &record] {
            assert!(text.contains(word), "{word} is whole for the prosecution");
        }
        let disclosed = files_of(&case.pack("profile=disclosure"));
        let own =
            [id, &record, "CANARY", "victim_update", "task", "Task", "victimwastold", "Tellthe"];
        assert_nowhere(&disclosed, &own);
    });
}
