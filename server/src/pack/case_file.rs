//! What was made of the failure: enquiries into an excuse, who was told and when, what was decided.

use compliance::Word;
use compliance::evidence::{Withheld, is_typed_event};
use compliance::fact::FactKind;
use serde_json::{Value, json};

use super::redaction::Redactor;
use super::{PackError, PackFile, maybe_when, when};
use crate::operations::breach_cases::{AuthorisedBody, DecidedBody, ProgressedBody, offence_of};
use crate::operations::evidence_pack::{CaseFile, alert_object};
use crate::operations::excuses::{ClaimBody, DecisionBody, EvidenceBody};
use crate::store::alert_events::AlertEvent;
use crate::store::facts::Fact;

const EXCUSE: &str = "excuse.json";
const DECISIONS: &str = "decisions.json";
const DELIVERIES: &str = "deliveries.json";

pub fn files(found: &CaseFile, redactor: &mut Redactor) -> Result<Vec<PackFile>, PackError> {
    Ok(vec![
        PackFile::json(
            EXCUSE,
            "Excuses that were claimed, what was asked and decided",
            &excuses(found, redactor)?,
        )?,
        PackFile::json(
            DECISIONS,
            "The suspected breach and what was decided, by whom",
            &decisions(found, redactor)?,
        )?,
        PackFile::json(DELIVERIES, "Who was told, how and when", &deliveries(found, redactor))?,
    ])
}

/// What every record of somebody has.
fn record(found: &CaseFile, fact: &Fact, mut with: Value) -> Value {
    let common = json!({
        "record_id": fact.id,
        "kind": fact.kind.to_string(),
        "happened_at": when(fact.happened_at),
        "recorded_at": when(fact.recorded_at),
        "recorded_by": found.name(fact.recorded_by),
        "called_a_mistake_at": maybe_when(fact.superseded_at),
    });
    if let (Some(with), Value::Object(common)) = (with.as_object_mut(), common) {
        with.extend(common);
    }
    with
}

fn about<'a>(found: &'a CaseFile, of: &Fact, kind: FactKind) -> impl Iterator<Item = &'a Fact> {
    let object = of.id;
    found.facts.iter().filter(move |fact| fact.kind == kind && fact.object_id == object)
}

fn excuses(found: &CaseFile, redactor: &mut Redactor) -> Result<Value, PackError> {
    let mut claims = Vec::new();
    for claim in found.facts.iter().filter(|fact| fact.kind == FactKind::ExcuseClaimed) {
        let body: ClaimBody = claim.read()?;
        let (mut evidence, mut decided) = (Vec::new(), Vec::new());
        for fact in about(found, claim, FactKind::ExcuseEvidence) {
            let body: EvidenceBody = fact.read()?;
            let exhibit = body.exhibit.unwrap_or_default();
            let with = json!({
                "what": redactor.typed(EXCUSE, format!("what of {}", fact.id), &body.what),
                "exhibit": redactor.typed(EXCUSE, format!("exhibit of {}", fact.id), &exhibit),
            });
            evidence.push(record(found, fact, with));
        }
        for fact in about(found, claim, FactKind::ExcuseDecided) {
            let body: DecisionBody = fact.read()?;
            let field = format!("rationale of {}", fact.id);
            let with = json!({
                "decision": body.decision,
                "rationale": redactor.typed(EXCUSE, field, &body.rationale),
            });
            decided.push(record(found, fact, with));
        }
        let with = json!({
            "is_about_this_failure": body.alert == found.opened.alert,
            "ground": body.ground,
            "claimed_by": body.claimed_by,
            "words": redactor.typed(EXCUSE, format!("words of {}", claim.id), &body.words),
            "evidence": evidence,
            "decisions": decided,
        });
        claims.push(record(found, claim, with));
    }
    let says = match claims.is_empty() {
        true => "No excuse is on record. That does not say that nobody asked for one.",
        false => "A claim is an excuse only when somebody else has accepted it.",
    };
    Ok(json!({ "says": says, "claims": claims }))
}

fn decisions(found: &CaseFile, redactor: &mut Redactor) -> Result<Value, PackError> {
    let mut steps = Vec::new();
    let of_case = found
        .facts
        .iter()
        .filter(|fact| fact.object_id == found.case.id && fact.id != found.case.id);
    for fact in of_case {
        let mut typed = |name: &str, text: &str| {
            redactor.typed(DECISIONS, format!("{name} of {}", fact.id), text)
        };
        let with = match fact.kind {
            FactKind::BreachDecided => {
                let body: DecidedBody = fact.read()?;
                let reference = body.crime_reference.unwrap_or_default();
                json!({
                    "disposition": body.disposition,
                    "rank": body.rank,
                    "rationale": typed("rationale", &body.rationale),
                    "crime_reference": typed("crime reference", &reference),
                })
            }
            FactKind::BreachAuthorised => {
                let body: AuthorisedBody = fact.read()?;
                json!({
                    "is_agreed": body.is_agreed,
                    "rationale": typed("rationale", &body.rationale),
                })
            }
            FactKind::BreachProgressed => {
                let body: ProgressedBody = fact.read()?;
                json!({
                    "step": body.step,
                    "reference": typed("reference", &body.reference),
                    "note": typed("note", &body.note),
                })
            }
            _ => continue,
        };
        steps.push(record(found, fact, with));
    }
    let summary = redactor.typed(DECISIONS, "summary", &found.opened.summary);
    let opened = json!({
        "offence": found.opened.offence,
        "offence_wording":
            offence_of(&found.order, &found.opened.offence).map(|offence| offence.wording),
        "summary": summary,
        "failed_at": when(found.failed_at()),
    });
    Ok(json!({
        "says": "A breach is suspected until a person of rank has decided.",
        "case": record(found, &found.case, opened),
        "steps": steps,
    }))
}

/// Every attempt to tell somebody of the alert. When it was raised and who was told may tell what is
/// sensitive about it.
fn deliveries(found: &CaseFile, redactor: &mut Redactor) -> Value {
    let alert = found.opened.alert;
    let object = alert_object(alert);
    if found.is_sensitive(&object) && redactor.leaves_out(Withheld::Record, DELIVERIES, "whole") {
        let says = Withheld::Record.marker();
        return json!({ "says": says, "attempts": [], "events": [], "ledger": [] });
    }
    let sent: Vec<Value> = found
        .deliveries
        .iter()
        .filter(|of| of.alert_id == alert)
        .map(|of| {
            json!({
                "told": found.name(of.account_id),
                "channel": of.channel.as_str(),
                "attempt": of.attempt,
                "attempted_at": when(of.attempted_at),
                "status": of.status,
                "http_status": of.http_status,
                "detail": redactor.typed(DELIVERIES, format!("detail of {}", of.id), &of.detail),
            })
        })
        .collect();
    let happened: Vec<Value> = found
        .entries
        .iter()
        .filter(|entry| entry.object == object)
        .map(|entry| {
            json!({
                "at": when(entry.recorded_at),
                "what": entry.act,
                "detail": entry.detail,
                "by": found.name(entry.actor),
                "ledger_seq": entry.seq,
            })
        })
        .collect();
    let events: Vec<Value> = found
        .events
        .iter()
        .filter(|event| event.alert_id == alert)
        .map(|event| {
            json!({
                "event_id": event.id,
                "at": when(event.happened_at),
                "kind": event.kind.to_string(),
                "by": found.name(event.actor),
                "to": found.name(event.to_account),
                "says": event_says(event, DELIVERIES, redactor),
            })
        })
        .collect();
    json!({
        "says": "Accepted means that the push service took it; only an acknowledgement tells that a \
                 person saw it.",
        "attempts": sent,
        "events": events,
        "ledger": happened,
    })
}

/// What the service says of an event; what a person typed with one is withheld from the defence.
pub fn event_says(event: &AlertEvent, file: &str, redactor: &mut Redactor) -> String {
    match is_typed_event(event.kind) {
        true => redactor.typed(file, format!("words of event {}", event.id), &event.says),
        false => event.says.clone(),
    }
}
