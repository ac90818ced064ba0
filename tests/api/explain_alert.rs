//! On what alerts rest: a finding, facts that are reckoned anew, or something that is not replayed.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::builders::{self, OneOrder, treated, with_providers};
use crate::harness::caller::Caller;
use crate::harness::{TestApp, on_each_database};
use crate::scene::Scene;

#[track_caller]
fn why(caller: &Caller<'_>, kind: &str, query: &str) -> Value {
    let alerts = caller.app.alerts();
    let alert = alerts.iter().find(|alert| alert.kind.to_string() == kind);
    let alert = alert.unwrap_or_else(|| panic!("no {kind} in {alerts:#?}"));
    caller.get(&format!("/alerts/{}/why{query}", alert.id)).expect(200)
}

fn put(caller: &Caller<'_>, of: &str, what: &str, body: &Value) -> String {
    let id = caller.app.new_id().to_string();
    caller.put(&format!("/{of}/{what}/{id}"), body).expect(201);
    id
}

fn order_of(officer: &Caller<'_>) -> String {
    let listed = officer.get("/orders").expect(200);
    listed["orders"][0]["order_id"].as_str().unwrap().to_owned()
}

#[test]
fn an_outcome_that_came_after_the_alert_is_known_now_and_was_not_then() {
    on_each_database(|app: &TestApp| {
        app.clock.set("2026-11-22T09:00:00Z");
        let owner = app.owner();
        let order =
            OneOrder { starts_on: "2027-11-24", ..OneOrder::owned_by(&owner.account.username) };
        let sessions = [("2026-11-23T14:00:00Z", "2026-11-23T15:30:00Z")];
        app.import(&with_providers(&builders::file(&[treated(order.entry(), &sessions)])));
        let sessions = owner.get(&format!("/orders/{}/sessions", order_of(&owner))).expect(200);
        let session = sessions["sessions"][0]["session_id"].as_str().unwrap().to_owned();
        app.clock.set("2026-11-24T15:30:00Z");
        app.sweep();
        let before = why(&owner, "outcome_missing", "");
        app.clock.set("2026-11-24T17:00:00Z");
        let attended = json!({ "code": "ATTC" });
        let outcome = put(&owner, &format!("sessions/{session}"), "outcomes", &attended);
        app.clock.set("2026-11-24T18:00:00Z");

        let after = why(&owner, "outcome_missing", "");

        assert_eq!(before["facts"]["as_known_now"]["state"], "outcome_missing");
        assert_eq!(before["facts"]["as_known_now"]["asks_for_alert"], true);
        let (then, now) = (&after["facts"]["as_known_then"], &after["facts"]["as_known_now"]);
        assert_eq!(then["known_at"], "2026-11-24T15:30:00.000Z");
        assert_eq!(
            (&then["state"], &then["asks_for_alert"]),
            (&json!("outcome_missing"), &json!(true))
        );
        assert_eq!(then["reasons"][0]["code"], "outcome-missing");
        assert_eq!((&now["state"], &now["asks_for_alert"]), (&json!("compliant"), &json!(false)));
        assert_eq!(after["facts"]["differences"][0]["change"], "came_later");
        assert_eq!(after["facts"]["differences"][0]["fact"]["fact_id"], outcome.as_str());
        assert_eq!(then["fact_ids"], json!([session]));
        let still = why(&owner, "outcome_missing", "?as_known_at=2026-11-24T16:59:59.999Z");
        assert_eq!(still["facts"]["as_known_then"]["state"], "outcome_missing");
        let early = why(&owner, "outcome_missing", "?as_known_at=2026-11-20T00:00:00Z");
        assert!(early["facts"]["as_known_then"]["state"].is_null());
    });
}

#[test]
fn an_end_that_came_on_file_after_the_alert_takes_it_away_now_and_did_not_then() {
    on_each_database(|app: &TestApp| {
        app.clock.set("2026-11-22T09:00:00Z");
        let owner = app.owner();
        let order =
            OneOrder { starts_on: "2027-11-24", ..OneOrder::owned_by(&owner.account.username) };
        let sessions = [("2026-11-23T14:00:00Z", "2026-11-23T15:30:00Z")];
        app.import(&with_providers(&builders::file(&[treated(order.entry(), &sessions)])));
        let order = order_of(&owner);
        let asked = json!({
            "happened_at": "2026-11-22T08:00:00Z",
            "device_id": null,
            "due_at": "2026-11-23T15:00:00Z",
            "condition_label": "R1",
        });
        let of = format!("orders/{order}");
        let request = put(&owner, &of, "presentation-requests", &asked);
        app.clock.set("2026-11-24T15:30:00Z");
        app.sweep();
        app.clock.set("2026-11-24T17:00:00Z");
        let end = json!({ "happened_at": "2026-11-23T10:00:00Z", "reason": "discharged" });
        let end = put(&owner, &of, "end", &end);
        let later = json!({ "happened_at": "2026-11-24T16:00:00Z", "reason": "discharged" });
        let later = put(&owner, &of, "end", &later);

        for kind in ["outcome_missing", "request_not_proved"] {
            let explained = why(&owner, kind, "");

            let facts = &explained["facts"];
            let [then, now] = ["as_known_then", "as_known_now"].map(|which| &facts[which]);
            assert_eq!(then["asks_for_alert"], true, "the end was not known: {explained:#}");
            assert!(!then["fact_ids"].to_string().contains(&end));
            assert_eq!(now["asks_for_alert"], false);
            assert!(now["fact_ids"].to_string().contains(&end), "{explained:#}");
            assert_eq!(facts["differences"].as_array().unwrap().len(), 1);
            assert_eq!(facts["differences"][0]["fact"]["kind"], "order_ended");
            assert_eq!(facts["differences"][0]["fact"]["fact_id"], end.as_str());
            assert!(!facts.to_string().contains(&later), "it had ended before");
        }
        let mistake = json!({ "reason": "Another order." });
        owner.put(&format!("/records/{end}/supersession"), &mistake).expect(200);
        let known = why(&owner, "request_not_proved", "?as_known_at=2026-11-24T17:00:00Z");
        let (facts, now) = (&known["facts"], &known["facts"]["as_known_now"]);
        assert_eq!(now["asks_for_alert"], true, "the other end is after it was due: {known:#}");
        assert_eq!(now["fact_ids"], json!([request]));
        assert_eq!(facts["as_known_then"]["asks_for_alert"], true, "the mistake counts at once");
    });
}

#[test]
fn a_request_that_was_answered_late_was_missed_as_known_then() {
    on_each_database(|app| {
        app.import(&OneOrder::owned_by(&app.asha_mercer().username).file());
        app.sweep();
        let officer = app.officer_at("ALD");
        let asked = json!({
            "happened_at": "2026-11-23T09:00:00Z",
            "device_id": null,
            "due_at": "2026-11-24T09:00:00Z",
            "condition_label": "R1",
        });
        let order = order_of(&officer);
        let request = put(&officer, &format!("orders/{order}"), "presentation-requests", &asked);
        let of = format!("presentation-requests/{request}");
        app.clock.advance(1);
        let told = json!({ "happened_at": "2026-11-23T09:00:00Z", "method": "in_person" });
        let communication = put(&officer, &of, "communications", &told);
        app.clock.set("2026-11-24T09:00:00Z");
        app.sweep();
        app.clock.set("2026-11-24T10:00:00Z");
        let late = json!({ "happened_at": "2026-11-24T10:00:00Z", "kind": "presented" });
        let answer = put(&app.officer_at("ALD"), &of, "answers", &late);

        let explained = why(&app.officer_at("ALD"), "device_not_presented", "");

        let facts = &explained["facts"];
        assert_eq!(facts["as_known_then"]["state"], "missed");
        assert_eq!(facts["as_known_then"]["asks_for_alert"], true);
        // Both came in at one instant.
        let ids = facts["as_known_then"]["fact_ids"].as_array().unwrap();
        let ids: BTreeSet<&str> = ids.iter().filter_map(Value::as_str).collect();
        assert_eq!(ids, [request.as_str(), &communication].into());
        assert_eq!(facts["as_known_now"]["state"], "presented_late");
        assert_eq!(facts["as_known_now"]["asks_for_alert"], false);
        assert_eq!(facts["differences"].as_array().unwrap().len(), 1);
        assert_eq!(facts["differences"][0]["fact"]["fact_id"], answer.as_str());
        let before_told = "?as_known_at=2026-11-23T08:59:59Z";
        let before = why(&app.officer_at("ALD"), "device_not_presented", before_told);
        assert!(before["facts"]["as_known_then"]["state"].is_null(), "{before:#}");
    });
}

#[test]
fn every_alert_rests_on_a_finding_on_facts_or_says_why_it_is_not_replayed() {
    on_each_database(|app| {
        Scene::set(app);
        app.clock.set("2026-12-09T12:00:00Z");
        app.sweep();
        let supervisor = app.supervisor_at("ALD");
        let mut seen = Vec::new();
        for alert in app.alerts() {
            let told = supervisor.get(&format!("/alerts/{}/why", alert.id)).expect(200);
            let kind = alert.kind.to_string();
            let rests_on: Vec<&str> = ["finding_id", "facts", "not_explained"]
                .into_iter()
                .filter(|field| !told[field].is_null())
                .collect();
            let expected = match kind.as_str() {
                "missed_sign_on" => "finding_id",
                "outcome_missing" => "facts",
                "feed_silent" | "notification_overdue" => "facts",
                kind if kind.starts_with("zone_") => "facts",
                _ => "not_explained",
            };
            assert_eq!(rests_on, [expected], "{kind}: {told:#}");
            let detail = supervisor.get(&format!("/alerts/{}", alert.id)).expect(200);
            assert_eq!(detail["finding_id"], told["finding_id"]);
            seen.push(expected);
        }
        for expected in ["finding_id", "facts", "not_explained"] {
            assert!(seen.contains(&expected), "no alert that rests on {expected}");
        }
        let id = app.alerts()[0].id;
        app.officer_at("HEX").get(&format!("/alerts/{id}/why")).refused("not-found");
        let ahead = format!("/alerts/{id}/why?as_known_at=2027-01-01T00:00:00Z");
        supervisor.get(&ahead).refused("invalid-parameter");
    });
}
