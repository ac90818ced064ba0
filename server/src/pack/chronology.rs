//! Everything that happened, in the order in which it did, each with where it is on file.

use compliance::attendance::Outcome;
use compliance::evidence::{FactPlace, Withheld, place_of};
use compliance::{Instant, Word};
use serde::Serialize;

use super::case_file::event_says;
use super::redaction::Redactor;
use super::{PackError, exact_words, spaced, words};
use crate::operations::evidence_pack::{CaseFile, alert_object, raised_as};
use crate::store::facts::Fact;
use crate::store::findings::RecordedFinding;

pub const HOLDS: &str = "Everything that happened, in its order";
const FILE: &str = "chronology.json";

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// RFC 3339, UTC.
    pub at: String,
    /// In the time of the United Kingdom.
    pub uk: String,
    pub kind: String,
    pub says: String,
    /// Who did it, when it was a person.
    pub by: Option<String>,
    /// The record, by kind and id.
    pub record: String,
    #[serde(skip)]
    pub instant: Instant,
    /// Its entry in the ledger, where it is not the first about its record.
    #[serde(skip)]
    place: Option<i64>,
}

fn moment(at: Instant, kind: impl Into<String>, says: String, record: String) -> Moment {
    Moment {
        at: at.to_rfc3339(),
        uk: exact_words(at),
        kind: kind.into(),
        says,
        by: None,
        record,
        instant: at,
        place: None,
    }
}

pub fn chronology(found: &CaseFile, redactor: &mut Redactor) -> Result<Vec<Moment>, PackError> {
    let mut told = versions(found, redactor);
    told.extend(found.order.intake_served_at.map(|at| {
        let says = "Served, as stated when the order was put on file.".to_owned();
        moment(at, "order_served", says, format!("order:{}", found.order.id))
    }));
    told.extend(window(found));
    told.extend(attendances(found, redactor));
    told.extend(silences(found, redactor)?);
    told.extend(alerts(found, redactor));
    told.extend(events(found, redactor));
    told.extend(deliveries(found, redactor));
    for fact in &found.facts {
        told.extend(fact_told(found, fact, redactor));
    }
    // What happened at one instant stands in the order in which the ledger has it.
    let place = |of: &Moment| of.place.unwrap_or_else(|| found.known.place_of(&of.record));
    told.sort_by_key(|moment| (moment.instant, place(moment)));
    Ok(told)
}

fn versions(found: &CaseFile, redactor: &mut Redactor) -> Vec<Moment> {
    let told = |of: &crate::operations::evidence_pack::VersionOnFile| {
        let version = &of.version;
        let field = format!("note of version {}", version.number);
        let note = redactor.typed(FILE, field, &version.note);
        let says = format!("Version {} ({}) in force. {note}", version.number, version.reason);
        let record = format!("order_version:{}", version.id);
        let by = found.name(version.recorded_by).map(str::to_owned);
        let says = says.trim_end().to_owned();
        Moment { by, ..moment(version.in_force_from, "order_version", says, record) }
    };
    found.versions.iter().map(told).collect()
}

/// Of the duty that the case is about.
fn window(found: &CaseFile) -> Vec<Moment> {
    let Some(duty) = &found.duty else { return Vec::new() };
    let of = &duty.obligation;
    let record = format!("obligation:{}", of.id);
    let opens = format!("The window at {} opened.", found.station(of.station_id));
    let closes = "The window was over.".to_owned();
    vec![
        moment(of.opens_at, "window_opened", opens, record.clone()),
        moment(of.closes_at, "window_closed", closes, record),
    ]
}

fn attendances(found: &CaseFile, redactor: &mut Redactor) -> Vec<Moment> {
    let mut told = Vec::new();
    for of in &found.check_ins {
        let outcome =
            found.finding_of(of).map_or_else(|| "recorded".to_owned(), |it| it.outcome.to_string());
        let record = format!("check_in:{}", of.id);
        let says = format!(
            "Attendance at {}, {}; identity {} ({}). Received {}.",
            found.station(of.station_id),
            spaced(&outcome),
            spaced(of.identity_result.as_str()),
            spaced(of.identity_method.as_str()),
            words(of.received_at),
        );
        let by = found.name(Some(of.confirmed_by)).map(str::to_owned);
        told.push(Moment { by, ..moment(of.latest_at, "check_in", says, record.clone()) });
        if let Some(at) = of.superseded_at {
            let why = of.superseded_reason.as_deref().unwrap_or_default();
            told.push(mistake(at, why, record, redactor));
        }
    }
    told
}

fn mistake(at: Instant, why: &str, record: String, redactor: &mut Redactor) -> Moment {
    let why = redactor.typed(FILE, format!("why {record} was a mistake"), why);
    moment(at, "called_a_mistake", format!("A record was called a mistake: {why}"), record)
}

fn silences(found: &CaseFile, redactor: &mut Redactor) -> Result<Vec<Moment>, PackError> {
    let is_silence =
        |of: &&RecordedFinding| of.outcome == Outcome::NotAttended && of.check_in_id.is_none();
    let mut told = Vec::new();
    for of in found.findings.iter().filter(is_silence) {
        let reasons = redactor.sentences(FILE, of)?;
        let says = format!("Missed sign-on found ({}). {reasons}", of.certainty);
        let record = format!("finding:{}", of.id);
        told.push(moment(of.found_at, "missed", says, record.clone()));
        told.extend(of.superseded_at.map(|at| {
            let says = "What silence was found to mean was set aside.".to_owned();
            moment(at, "finding_set_aside", says, record)
        }));
    }
    Ok(told)
}

fn is_left_out(found: &CaseFile, alert: &str, redactor: &mut Redactor) -> bool {
    found.is_sensitive(alert)
        && redactor.leaves_out(Withheld::Record, FILE, "alerts that are sensitive")
}

/// Raised, taken and closed: by the ledger, which keeps every time that it happened.
fn alerts(found: &CaseFile, redactor: &mut Redactor) -> Vec<Moment> {
    let mut told = Vec::new();
    for entry in &found.entries {
        let says = match entry.act.as_str() {
            "raise_alert" => match raised_as(entry) {
                Some(kind) => format!("Alert: {}.", spaced(kind.as_str())),
                None => continue,
            },
            "acknowledge_alert" => "The alert was acknowledged.".to_owned(),
            "close_alert" => format!("The alert was closed: {}.", spaced(&entry.detail)),
            _ => continue,
        };
        if is_left_out(found, &entry.object, redactor) {
            continue;
        }
        let by = found.name(entry.actor).map(str::to_owned);
        let kind = entry.act.as_str();
        let told_of = moment(entry.recorded_at, kind, says, entry.object.clone());
        told.push(Moment { by, place: Some(entry.seq), ..told_of });
    }
    told
}

fn events(found: &CaseFile, redactor: &mut Redactor) -> Vec<Moment> {
    use compliance::alert::AlertEventKind::{Acknowledged, Closed};
    let mut told = Vec::new();
    // The ledger has told of these already.
    for event in found.events.iter().filter(|it| !matches!(it.kind, Acknowledged | Closed)) {
        let object = alert_object(event.alert_id);
        if is_left_out(found, &object, redactor) {
            continue;
        }
        let to = found.name(event.to_account).map_or_else(String::new, |to| format!(" to {to}"));
        let said = event_says(event, FILE, redactor);
        let says = format!("Alert: {}{to}. {said}", spaced(event.kind.as_str()));
        let by = found.name(event.actor).map(str::to_owned);
        let says = says.trim_end().to_owned();
        let place = Some(found.known.place_of(&format!("event:{}", event.id)));
        told.push(Moment { by, place, ..moment(event.happened_at, "alert_event", says, object) });
    }
    told
}

fn deliveries(found: &CaseFile, redactor: &mut Redactor) -> Vec<Moment> {
    let mut told = Vec::new();
    for of in &found.deliveries {
        let object = alert_object(of.alert_id);
        if is_left_out(found, &object, redactor) {
            continue;
        }
        let person = found.name(of.account_id).unwrap_or(match of.account_id {
            Some(_) => "somebody",
            None => "another system",
        });
        let (channel, status) = (of.channel.in_words(), spaced(&of.status));
        let says = format!("{channel} to {person}, attempt {}: {status}.", of.attempt);
        told.push(moment(of.attempted_at, "delivery", says, object));
    }
    told
}

/// A fact as a sentence. The stored sentence may hold what somebody typed.
fn fact_told(found: &CaseFile, fact: &Fact, redactor: &mut Redactor) -> Vec<Moment> {
    let record = format!("fact:{}", fact.id);
    let is_sensitive = place_of(fact.kind) == FactPlace::Sensitive;
    if is_sensitive && redactor.leaves_out(Withheld::Record, FILE, "records that are sensitive") {
        return Vec::new();
    }
    let kind = fact.kind.as_str();
    let said = redactor.typed(FILE, format!("sentence of {record}"), &fact.says);
    let mut first = spaced(kind);
    if let Some(letter) = first.get_mut(..1) {
        letter.make_ascii_uppercase();
    }
    let says = format!("{first}. {said}").trim_end().to_owned();
    let by = found.name(fact.recorded_by).map(str::to_owned);
    let mut told = vec![Moment { by, ..moment(fact.happened_at, kind, says, record.clone()) }];
    if let Some(at) = fact.superseded_at {
        let why = fact.superseded_reason.as_deref().unwrap_or_default();
        told.push(mistake(at, why, record, redactor));
    }
    told
}
