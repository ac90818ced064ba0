//! The order: every version as it was known, the wording in force, how it was served.

use compliance::evidence::Withheld;
use compliance::fact::FactKind;
use compliance::order::ConditionKind;
use serde_json::{Value, json};

use super::redaction::Redactor;
use super::{PackError, PackFile, exact_words, maybe_when, when};
use crate::identity::hex;
use crate::operations::evidence_pack::{CaseFile, VersionOnFile};
use crate::operations::order_life::ServiceBody;
use crate::store::orders::Condition;

const VERSIONS: &str = "order/versions.json";
const WORDING: &str = "order/wording.txt";
const SERVICE: &str = "order/service.json";

pub fn files(found: &CaseFile, redactor: &mut Redactor) -> Result<Vec<PackFile>, PackError> {
    let versions: Vec<Value> =
        found.versions.iter().map(|of| version(found, of, redactor)).collect();
    let order = json!({
        "order_id": found.order.id,
        "reference": found.order.reference,
        "kind": found.order.kind.row().title,
        "statute": found.order.kind.row().statute,
        "court": found.order.court,
        "made_on": found.order.made_on,
        "subject": {
            "reference": found.subject.reference,
            "name": subject_name(found),
            "born_on": found.subject.born_on,
        },
        "versions": versions,
        "sealed_copy": "Not held here. The court's sealed copy is the authority for every word.",
    });
    Ok(vec![
        PackFile::json(VERSIONS, "Every version of the order, with its conditions", &order)?,
        PackFile::text(
            WORDING,
            "The wording, to read; the version in force is marked",
            wording(found, redactor),
        ),
        PackFile::json(
            SERVICE,
            "Attempts to serve the order, and proof",
            &service(found, redactor)?,
        )?,
    ])
}

pub fn subject_name(found: &CaseFile) -> String {
    format!("{} {}", found.subject.given_names, found.subject.family_name)
}

/// Whether the case rests on this condition, or on the same one of another version.
fn is_relied_on(found: &CaseFile, condition: &Condition) -> bool {
    found.relied_on().is_some_and(|(_, of)| {
        of.id == condition.id
            || (of.label == condition.label && condition.kind == ConditionKind::SignOn)
    })
}

/// The words of the court that are relied on stay; others may name a protected person or place.
fn words(
    found: &CaseFile,
    redactor: &mut Redactor,
    (file, field): (&str, String),
    (condition, text): (&Condition, &str),
) -> String {
    match is_relied_on(found, condition) {
        true => text.to_owned(),
        false => redactor.put(Withheld::OtherWording, (file, field), text),
    }
}

fn version(found: &CaseFile, of: &VersionOnFile, redactor: &mut Redactor) -> Value {
    let at = |field: &str| format!("version {} {field}", of.version.number);
    let is_in_force = found.version_in_force().is_some_and(|it| it.id == of.version.id);
    let digest = hex(&of.version.content_digest);
    let conditions: Vec<Value> = of
        .conditions
        .iter()
        .map(|(condition, others)| {
            let field = |name: &str| (VERSIONS, at(&format!("{} {name}", condition.label)));
            let mut stations: Vec<&str> = others.iter().map(|id| found.station(*id)).collect();
            stations.sort_unstable();
            json!({
                "label": condition.label,
                "polarity": condition.polarity.to_string(),
                "kind": condition.kind.to_string(),
                "wording":
                    words(found, redactor, field("wording"), (condition, &condition.wording)),
                "plain_words":
                    words(found, redactor, field("plain words"), (condition, &condition.plain_words)),
                "valid_from": condition.valid_from,
                "valid_until": condition.valid_until,
                "station": condition.station_id.map(|id| found.station(id)),
                "other_stations": stations,
                "coming_early_counts": condition.early_counts,
                "is_relied_on": is_relied_on(found, condition),
            })
        })
        .collect();
    json!({
        "version_id": of.version.id,
        "number": of.version.number,
        "reason": of.version.reason.to_string(),
        "note": redactor.typed(VERSIONS, at("note"), &of.version.note),
        "in_force_from": when(of.version.in_force_from),
        "recorded_at": when(of.version.recorded_at),
        "recorded_by": found.name(of.version.recorded_by),
        "content_sha256": redactor.put(Withheld::OtherWording, (VERSIONS, at("digest")), &digest),
        "was_in_force_at_the_failure": is_in_force,
        "conditions": conditions,
    })
}

fn wording(found: &CaseFile, redactor: &mut Redactor) -> String {
    let mut text = format!(
        "{}, {}\r\n{}\r\n\r\nThe court's sealed copy is the authority for every word.\r\n",
        found.order.reference,
        found.order.kind.row().title,
        found.order.court
    );
    for of in &found.versions {
        let version = &of.version;
        let mark = match found.version_in_force() {
            Some(it) if it.id == version.id => "  <== IN FORCE AT THE FAILURE",
            _ => "",
        };
        text += &format!(
            "\r\nVERSION {} ({}), in force from {}{mark}\r\n",
            version.number,
            version.reason,
            exact_words(version.in_force_from)
        );
        for (condition, _) in &of.conditions {
            let field = (WORDING, format!("version {} {}", version.number, condition.label));
            let said = words(found, redactor, field, (condition, &condition.wording));
            let mark = if is_relied_on(found, condition) { "  <== RELIED ON" } else { "" };
            text +=
                &format!("\r\n{} ({}){mark}\r\n{said}\r\n", condition.label, condition.polarity);
        }
    }
    text
}

fn service(found: &CaseFile, redactor: &mut Redactor) -> Result<Value, PackError> {
    let mut attempts = Vec::new();
    for fact in found.facts.iter().filter(|fact| fact.kind == FactKind::ServiceAttempted) {
        let body: ServiceBody = fact.read()?;
        let mut typed = |field: &str, text: &str| {
            redactor.typed(SERVICE, format!("{field} of {}", fact.id), text)
        };
        attempts.push(json!({
            "record_id": fact.id,
            "happened_at": when(fact.happened_at),
            "recorded_at": when(fact.recorded_at),
            "recorded_by": found.name(fact.recorded_by),
            "outcome": body.outcome,
            "method": body.method,
            "place": typed("place", &body.place),
            "served_by": typed("served by", &body.served_by),
            "proof": typed("proof", &body.proof),
            "note": typed("note", &body.note),
            "called_a_mistake_at": maybe_when(fact.superseded_at),
        }));
    }
    let says = match found.served_at {
        Some(at) if at < found.failed_at() => "It was served before the failure.",
        Some(_) => "It was served after the failure: an order binds from service.",
        None => "NO SERVICE IS ON RECORD. An order binds from service.",
    };
    Ok(json!({
        "served_at": maybe_when(found.served_at),
        "says": says,
        "stated_at_intake": maybe_when(found.order.intake_served_at),
        "attempts": attempts,
    }))
}
