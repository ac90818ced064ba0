//! What a failure comes to: an excuse, a suspected breach.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::escalation::undecided;
use super::{NOW, Scene};

pub fn claim() -> Value {
    json!({
        "ground": "in_hospital",
        "claimed_by": "relative",
        "words": "His sister rang: he is in hospital.",
        "happened_at": NOW,
    })
}

pub fn case() -> Value {
    json!({ "offence": "ST19001", "summary": "He did not come, and was seen in town." })
}

pub fn decision(disposition: &str) -> Value {
    json!({ "disposition": disposition, "rank": "sergeant", "rationale": "The footage is clear." })
}

/// Puts a claim or a case on file, out of the scene's alert, by somebody who has no part in it.
fn begun(scene: &Scene<'_>, ids: &BTreeMap<&'static str, Uuid>, what: &str, body: &Value) -> Uuid {
    let (id, alert) = (scene.app.new_id(), ids["alert_id"]);
    if alert.is_nil() {
        return id;
    }
    undecided(scene, alert);
    let supervisor = scene.app.supervisor_at("ALD");
    supervisor.put(&format!("/alerts/{alert}/{what}/{id}"), body).expect(201);
    id
}

pub fn body(scene: &Scene<'_>, id: &str, ids: &mut BTreeMap<&'static str, Uuid>) -> Option<Value> {
    let begin_claim = ["record_excuse_evidence", "decide_excuse"].contains(&id);
    let begin_case =
        ["decide_breach", "authorise_breach", "record_breach_progress", "get_evidence_pack"]
            .contains(&id);
    if begin_claim {
        ids.insert("claim_id", begun(scene, ids, "excuse-claims", &claim()));
    }
    if begin_case {
        ids.insert("case_id", begun(scene, ids, "breach-cases", &case()));
    }
    Some(match id {
        "claim_excuse" => {
            undecided(scene, ids["alert_id"]);
            claim()
        }
        "record_excuse_evidence" => json!({ "what": "Discharge letter, seen", "happened_at": NOW }),
        "decide_excuse" => json!({ "decision": "rejected", "rationale": "He was not there." }),
        "open_breach_case" => {
            undecided(scene, ids["alert_id"]);
            case()
        }
        "decide_breach" => decision("arrested"),
        "authorise_breach" => {
            let (case, record) = (ids["case_id"], scene.app.new_id());
            if !ids["alert_id"].is_nil() {
                let sergeant = scene.app.supervisor_at("ALD");
                let path = format!("/breach-cases/{case}/decisions/{record}");
                sergeant.put(&path, &decision("warning")).expect(201);
            }
            json!({ "is_agreed": true, "rationale": "As decided." })
        }
        "record_breach_progress" => {
            json!({ "step": "arrest", "reference": "Custody record 44/26", "happened_at": NOW })
        }
        _ => return None,
    })
}
