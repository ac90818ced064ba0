//! What was to be done and what was: the duty that the case is about, every confirmation with both
//! clocks, and every duty before, met or missed.

use compliance::Instant;
use compliance::attendance::Outcome;
use compliance::evidence::Withheld;
use compliance::fact::FactKind;
use compliance::opening::Opening;
use compliance::order::ObligationState;
use serde_json::{Value, json};

use super::order::served_at;
use super::redaction::Redactor;
use super::{PackError, PackFile, exact_words, maybe_when, spaced, when, words};
use crate::csv::line;
use crate::operations::evidence_pack::{CaseFile, DayOpening};
use crate::operations::order_life::AppealBody;
use crate::operations::status_periods::PeriodBody;
use crate::store::check_ins::CheckIn;
use crate::store::findings::RecordedFinding;
use crate::store::obligations::Obligation;

const OBLIGATION: &str = "obligation.json";
const CONFIRMATIONS: &str = "confirmations.json";

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
            "history.csv",
            "Every duty of the order that was over, met or missed",
            history_csv(found)?,
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
        (false, false) if duty.state == ObligationState::Cancelled => "not asked for",
        (false, false) => "not judged",
    }
}

fn reasons(finding: &RecordedFinding) -> Result<String, PackError> {
    let reasons: Vec<String> = finding.reasons()?.into_iter().map(|reason| reason.says).collect();
    Ok(reasons.join(" "))
}

fn finding(of: &RecordedFinding) -> Result<Value, PackError> {
    Ok(json!({
        "finding_id": of.id,
        "check_in_id": of.check_in_id,
        "outcome": of.outcome.to_string(),
        "compliance": of.compliance.to_string(),
        "certainty": of.certainty.to_string(),
        "reasons": of.reasons()?,
        "found_at": when(of.found_at),
        "edition_of_the_rules": of.policy_version,
        "set_aside_at": maybe_when(of.superseded_at),
    }))
}

fn window((opens_at, closes_at): (Instant, Instant)) -> Value {
    json!({ "opens_at": when(opens_at), "closes_before": when(closes_at) })
}

fn obligation(found: &CaseFile, redactor: &mut Redactor) -> Result<Value, PackError> {
    let at_the_failure = at_the_failure(found, redactor)?;
    let Some(duty) = &found.duty else {
        return Ok(json!({
            "says": "The case is about no sign-on, so there is no window.",
            "alert": found.alert.as_ref().map(|alert| alert.kind.to_string()),
            "failed_at": when(found.failed_at()),
            "at_the_failure": at_the_failure,
        }));
    };
    let of = &duty.obligation;
    let findings = found.findings.iter().filter(|it| it.obligation_id == of.id);
    let findings: Result<Vec<Value>, PackError> = findings.map(finding).collect();
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
        "findings": findings?,
        "station_opening": duty.opening.as_ref().map(opening),
        "opening_hours_on_file": duty.opening.is_some(),
        "at_the_failure": at_the_failure,
    }))
}

fn opening(of: &DayOpening) -> Value {
    let part = |part: &Opening| {
        let open: Vec<Value> =
            part.open.iter().map(|it| window((it.opens_at, it.closes_at))).collect();
        let why: Vec<&str> = part.reasons.iter().map(|reason| reason.says.as_str()).collect();
        json!({ "open_for": part.extent.to_string(), "open": open, "says": why })
    };
    let closure = |it: &crate::store::station_closures::StationClosure| {
        json!({
            "from_on": it.from_on,
            "until_on": it.until_on,
            "reason": it.reason,
            "recorded_at": when(it.recorded_at),
        })
    };
    json!({
        "day": of.day,
        "whole_day": part(&of.of_day),
        "window": part(&of.of_window),
        "closures": of.closures.iter().map(closure).collect::<Vec<_>>(),
        "may_be_a_fault_of_the_police": of.of_window.may_be_police_fault(),
    })
}

/// What speaks for the subject as well as against them.
fn at_the_failure(found: &CaseFile, redactor: &mut Redactor) -> Result<Value, PackError> {
    // A window's closing instant is no longer in it.
    let last = found.failed_at() + -1;
    let (mut whereabouts, mut is_stayed) = (Vec::new(), false);
    let mut ended_at: Option<Instant> = None;
    for fact in found.standing() {
        match fact.kind {
            FactKind::StatusPeriod => {
                let body: PeriodBody = fact.read()?;
                if body.from <= last.ms() && last.ms() < body.until {
                    let field = format!("evidence of {}", fact.id);
                    whereabouts.push(json!({
                        "record_id": fact.id,
                        "whereabouts": body.whereabouts,
                        "from": when(Instant::from_ms(body.from)),
                        "until": when(Instant::from_ms(body.until)),
                        "evidence": redactor.typed(OBLIGATION, field, &body.evidence),
                    }));
                }
            }
            FactKind::AppealLodged => {
                let body: AppealBody = fact.read()?;
                let decided = found
                    .standing()
                    .find(|it| it.kind == FactKind::AppealDecided && it.object_id == fact.id);
                let is_over = decided.is_some_and(|it| it.happened_at <= last);
                is_stayed |= body.stayed_from.is_some_and(|from| from <= last.ms()) && !is_over;
            }
            FactKind::OrderEnded => {
                let earliest = ended_at.map_or(fact.happened_at, |at| at.min(fact.happened_at));
                ended_at = Some(earliest);
            }
            _ => {}
        }
    }
    let raised = found.entries.iter().find(|entry| {
        entry.act == "raise_alert" && entry.object == format!("alert:{}", found.opened.alert)
    });
    Ok(json!({
        "order_was_served_before": served_at(found)?.is_some_and(|at| at < found.failed_at()),
        "a_court_had_suspended_it": is_stayed,
        "ended_at": maybe_when(ended_at),
        "whereabouts_on_record": whereabouts,
        "whereabouts_note": "Nothing on record does not say that the subject was free.",
        "service_noticed_after_ms": raised.map(|entry| entry.recorded_at - found.failed_at()),
    }))
}

fn finding_of<'a>(found: &'a CaseFile, check_in: &CheckIn) -> Option<&'a RecordedFinding> {
    found.findings.iter().find(|of| of.check_in_id == Some(check_in.id))
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
        "finding": finding_of(found, of).map(finding).transpose()?,
        "body_sha256": redactor.put(
            Withheld::FreeText,
            (CONFIRMATIONS, field("digest")),
            &crate::identity::hex(&of.body_digest),
        ),
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
        let outcome = finding_of(found, of).map(|it| it.outcome.to_string()).unwrap_or_default();
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
fn history_csv(found: &CaseFile) -> Result<String, PackError> {
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
                reasons(of)?,
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
