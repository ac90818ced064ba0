//! What was to be done and what was: the duty that the case is about, every confirmation with both
//! clocks, and every duty before, met or missed.

use compliance::alert::AlertKind;
use compliance::attendance::{Outcome, Reason};
use compliance::evidence::Withheld;
use compliance::fact::FactKind;
use compliance::opening::Opening;
use compliance::{Instant, Word};
use serde_json::{Value, json};

use super::redaction::Redactor;
use super::{PackError, PackFile, exact_words, maybe_when, spaced, when, words};
use crate::csv::line;
use crate::operations::evidence_pack::{CaseFile, DayOpening, alert_object};
use crate::operations::order_life::appeals_in;
use crate::operations::status_periods::read_period;
use crate::store::check_ins::CheckIn;
use crate::store::findings::RecordedFinding;
use crate::store::obligations::Obligation;
use crate::store::station_closures::StationClosure;

const OBLIGATION: &str = "obligation.json";
const CONFIRMATIONS: &str = "confirmations.json";
const HISTORY: &str = "history.csv";

pub fn files(found: &CaseFile, redactor: &mut Redactor) -> Result<Vec<PackFile>, PackError> {
    let mut confirmations = Vec::new();
    for check_in in &found.check_ins {
        confirmations.push(confirmation(found, check_in, redactor)?);
    }
    Ok(vec![
        PackFile::json(
            OBLIGATION,
            "The duty, and when the counter was open for it",
            &obligation(found, redactor)?,
        )?,
        PackFile::json(
            CONFIRMATIONS,
            "Every confirmation of an attendance, with both clocks",
            &confirmations,
        )?,
        PackFile::text(
            "confirmations.csv",
            "The same, for a spreadsheet",
            confirmations_csv(found),
        ),
        PackFile::text(
            HISTORY,
            "Every duty of the order that was over, met or missed",
            history_csv(found, redactor)?,
        ),
    ])
}

/// What had become of a duty, as far as it was known.
pub fn state_of(found: &CaseFile, duty: &Obligation) -> &'static str {
    let of_duty = |it: &&CheckIn| it.obligation_id == duty.id && it.superseded_at.is_none();
    let is_fulfilled = found.check_ins.iter().filter(of_duty).any(|it| it.settled);
    let is_missed = found.findings.iter().any(|of| {
        of.obligation_id == duty.id
            && of.superseded_at.is_none()
            && of.outcome == Outcome::NotAttended
    });
    match (is_fulfilled, is_missed) {
        (true, _) => "fulfilled",
        (false, true) => "missed",
        (false, false) if !found.is_asked_for(duty) => "not asked for",
        (false, false) => "not judged",
    }
}

fn finding(file: &str, of: &RecordedFinding, redactor: &mut Redactor) -> Result<Value, PackError> {
    Ok(json!({
        "finding_id": of.id,
        "check_in_id": of.check_in_id,
        "outcome": of.outcome.to_string(),
        "compliance": of.compliance.to_string(),
        "certainty": of.certainty.to_string(),
        "reasons": redactor.reasons(file, of)?,
        "found_at": when(of.found_at),
        "edition_of_the_rules": of.policy_version,
        "set_aside_at": maybe_when(of.superseded_at),
    }))
}

fn window((opens_at, closes_at): (Instant, Instant)) -> Value {
    json!({ "opens_at": when(opens_at), "closes_before": when(closes_at) })
}

/// Nothing of an alert that is sensitive is for the defence.
fn is_left_out(found: &CaseFile, field: &str, redactor: &mut Redactor) -> bool {
    found.is_sensitive(&alert_object(found.opened.alert))
        && redactor.leaves_out(Withheld::Record, OBLIGATION, field)
}

fn obligation(found: &CaseFile, redactor: &mut Redactor) -> Result<Value, PackError> {
    let at_the_failure = at_the_failure(found, redactor)?;
    let Some(duty) = &found.duty else {
        let kind = found.kind_of_alert(found.opened.alert).map(AlertKind::as_str);
        let alert = match is_left_out(found, "alert", redactor) {
            true => Some(Withheld::Record.marker()),
            false => kind,
        };
        return Ok(json!({
            "says": "The case is about no sign-on, so there is no window.",
            "alert": alert,
            "failed_at": when(found.failed_at()),
            "at_the_failure": at_the_failure,
        }));
    };
    let of = &duty.obligation;
    let mut findings = Vec::new();
    for it in found.findings.iter().filter(|it| it.obligation_id == of.id) {
        findings.push(finding(OBLIGATION, it, redactor)?);
    }
    let condition = found.condition_of(of);
    Ok(json!({
        "obligation_id": of.id,
        "window": window((of.opens_at, of.closes_at)),
        "says": format!("From {} to just before {}.", words(of.opens_at), words(of.closes_at)),
        "station": found.station(of.station_id),
        "condition": condition.map(|(_, it)| it.label.as_str()),
        "version": condition.map(|(version, _)| version.number),
        "wording": condition.map(|(_, it)| it.wording.as_str()),
        "state": state_of(found, of),
        "findings": findings,
        "station_opening": duty.opening.as_ref().map(|it| opening(it, redactor)),
        "opening_hours_on_file": duty.opening.is_some(),
        "at_the_failure": at_the_failure,
    }))
}

/// Why a counter was not open all the time, as it may be read.
pub fn opening_says(of: &Opening, redactor: &mut Redactor) -> Vec<String> {
    let place = (OBLIGATION, "the opening");
    let says = |it: &Reason| redactor.reason_says(place, (it.code, &it.says));
    of.reasons.iter().map(says).collect()
}

fn opening(of: &DayOpening, redactor: &mut Redactor) -> Value {
    let mut part = |part: &Opening| {
        let open: Vec<Value> =
            part.open.iter().map(|it| window((it.opens_at, it.closes_at))).collect();
        let says = opening_says(part, redactor);
        json!({ "open_for": part.extent.to_string(), "open": open, "says": says })
    };
    let (whole_day, of_window) = (part(&of.of_day), part(&of.of_window));
    let closure = |it: &StationClosure| {
        json!({
            "from_on": it.from_on,
            "until_on": it.until_on,
            "reason": redactor.typed(OBLIGATION, format!("reason of {}", it.id), &it.reason),
            "recorded_at": when(it.recorded_at),
        })
    };
    json!({
        "day": of.day,
        "whole_day": whole_day,
        "window": of_window,
        "closures": of.closures.iter().map(closure).collect::<Vec<_>>(),
        "may_be_a_fault_of_the_police": of.of_window.may_be_police_fault(),
    })
}

/// What speaks for the subject as well as against them.
fn at_the_failure(found: &CaseFile, redactor: &mut Redactor) -> Result<Value, PackError> {
    // A window's closing instant is no longer in it.
    let last = found.failed_at() + -1;
    let mut whereabouts = Vec::new();
    for fact in found.standing().filter(|it| it.kind == FactKind::StatusPeriod) {
        let period = read_period(fact)?;
        if period.holds(last) {
            let field = format!("evidence of {}", fact.id);
            whereabouts.push(json!({
                "record_id": fact.id,
                "whereabouts": period.whereabouts().as_str(),
                "from": when(fact.happened_at),
                "until": when(period.rearms_at()),
                "evidence": redactor.typed(OBLIGATION, field, period.evidence()),
            }));
        }
    }
    let ends = found.standing().filter(|it| it.kind == FactKind::OrderEnded);
    let alert = alert_object(found.opened.alert);
    let raised = found.entries.iter().find(|it| it.act == "raise_alert" && it.object == alert);
    let noticed_after_ms = raised.map(|entry| entry.recorded_at - found.failed_at());
    let is_noticing_left_out = is_left_out(found, "service_noticed_after_ms", redactor);
    Ok(json!({
        "order_was_served_before": found.served_at.is_some_and(|at| at < found.failed_at()),
        "a_court_had_suspended_it": appeals_in(&found.facts)?.iter().any(|it| it.is_stay_at(last)),
        "ended_at": maybe_when(ends.map(|it| it.happened_at).min()),
        "whereabouts_on_record": whereabouts,
        "whereabouts_note": "Only stays that somebody recorded. An empty list does not show that the \
                             subject was free to come.",
        "service_noticed_after_ms": noticed_after_ms.filter(|_| !is_noticing_left_out),
    }))
}

fn confirmation(
    found: &CaseFile,
    of: &CheckIn,
    redactor: &mut Redactor,
) -> Result<Value, PackError> {
    let field = |name: &str| format!("{name} of {}", of.id);
    let position = of.latitude.zip(of.longitude).zip(of.accuracy_m);
    let has_position = position.is_some();
    let is_shown =
        has_position && !redactor.leaves_out(Withheld::Position, CONFIRMATIONS, field("position"));
    let position = position.filter(|_| is_shown).map(|((latitude, longitude), accuracy_m)| {
        json!({ "latitude": latitude, "longitude": longitude, "accuracy_m": accuracy_m })
    });
    let withheld = (has_position && !is_shown).then(|| json!(Withheld::Position.marker()));
    let why = of.superseded_reason.as_deref().unwrap_or_default();
    let of_record = found.finding_of(of);
    let of_record = of_record.map(|it| finding(CONFIRMATIONS, it, redactor)).transpose()?;
    let seal = found.seal_of(of).map(|seal| {
        json!({
            "phone_key": seal.phone_key_id,
            "number": seal.sequence,
            "held": true,
            "signed_sha256": redactor.put(
                Withheld::FreeText,
                (CONFIRMATIONS, field("digest of what the phone signed")),
                &crate::identity::hex(&seal.digest),
            ),
            "time_of_the_service_that_was_signed": seal.beacon.as_str(),
        })
    });
    Ok(json!({
        "receipt": of.id,
        "obligation_id": of.obligation_id,
        "station": found.station(of.station_id),
        "confirmed_by": found.name(Some(of.confirmed_by)),
        "confirmed_by_account": of.confirmed_by,
        "identity_method": of.identity_method.to_string(),
        "identity_result": of.identity_result.to_string(),
        "attended_by_the_phones_clock": when(of.attended_at),
        "received_by_the_servers_clock": when(of.received_at),
        "true_time_not_before": when(of.earliest_at),
        "true_time_not_after": when(of.latest_at),
        "position": position.or(withheld),
        "note": redactor.typed(CONFIRMATIONS, field("note"), &of.note),
        "fulfilled_the_duty": of.settled,
        "finding": of_record,
        "body_sha256": redactor.put(
            Withheld::FreeText,
            (CONFIRMATIONS, field("digest")),
            &crate::identity::hex(&of.body_digest),
        ),
        "signed_by_the_phone": seal,
        "takes_the_place_of": of.supersedes,
        "called_a_mistake_at": maybe_when(of.superseded_at),
        "called_a_mistake_because": redactor.typed(CONFIRMATIONS, field("reason"), why),
    }))
}

fn confirmations_csv(found: &CaseFile) -> String {
    let mut text = line(&[
        "receipt",
        "confirmed_by",
        "station",
        "attended_by_the_phones_clock",
        "received_by_the_servers_clock",
        "true_time_not_before",
        "true_time_not_after",
        "identity_method",
        "identity_result",
        "found",
        "called_a_mistake_at",
    ]);
    for of in &found.check_ins {
        let outcome = found.finding_of(of).map(|it| it.outcome.to_string()).unwrap_or_default();
        text += &line(&[
            &of.id.to_string(),
            found.name(Some(of.confirmed_by)).unwrap_or_default(),
            found.station(of.station_id),
            &of.attended_at.to_rfc3339(),
            &of.received_at.to_rfc3339(),
            &of.earliest_at.to_rfc3339(),
            &of.latest_at.to_rfc3339(),
            &of.identity_method.to_string(),
            &of.identity_result.to_string(),
            &outcome,
            &of.superseded_at.map(Instant::to_rfc3339).unwrap_or_default(),
        ]);
    }
    text
}

/// A line for each finding, also for those set aside; one for a duty that has none.
fn history_csv(found: &CaseFile, redactor: &mut Redactor) -> Result<String, PackError> {
    let mut text = line(&[
        "window_opens",
        "window_closes",
        "uk_time",
        "station",
        "condition",
        "what_became_of_the_duty",
        "found",
        "means",
        "certainty",
        "found_at",
        "set_aside_at",
        "reasons",
    ]);
    for duty in &found.duties {
        // A version that was not known yet asked for nothing.
        let Some((_, condition)) = found.condition_of(duty) else { continue };
        let begin = [
            duty.opens_at.to_rfc3339(),
            duty.closes_at.to_rfc3339(),
            exact_words(duty.opens_at),
            found.station(duty.station_id).to_owned(),
            condition.label.clone(),
            state_of(found, duty).to_owned(),
        ];
        let of_duty: Vec<&RecordedFinding> =
            found.findings.iter().filter(|of| of.obligation_id == duty.id).collect();
        let mut rows = Vec::new();
        for of in &of_duty {
            rows.push([
                spaced(&of.outcome.to_string()),
                spaced(&of.compliance.to_string()),
                of.certainty.to_string(),
                of.found_at.to_rfc3339(),
                of.superseded_at.map(Instant::to_rfc3339).unwrap_or_default(),
                redactor.sentences(HISTORY, of)?,
            ]);
        }
        if rows.is_empty() {
            rows.push(Default::default());
        }
        for row in rows {
            let cells: Vec<&str> = begin.iter().chain(&row).map(String::as_str).collect();
            text += &line(&cells);
        }
    }
    Ok(text)
}
