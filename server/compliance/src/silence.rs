//! What it means that a window closed in silence, with all that is on file about where the subject and
//! the station were, and whether a court had suspended the order. None of it excuses.

#[cfg(test)]
mod tests;

use crate::alert::AlertKind;
use crate::attendance::{
    Certainty, Compliance, Duty, Finding, Outcome, Policy, RAISED_LATE_AFTER_MS, Reason,
    grace_in_words,
};
use crate::holidays::Holidays;
use crate::instant::Instant;
use crate::opening::OpeningHours;
use crate::order_status::Appeal;
use crate::status_period::{MissTreatment, StatusPeriod, treat_miss, treat_stay};
use crate::trace::{Step, StepAnswer, StepBasis, Trace, in_hours};

/// What is on file about the time of a window.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    pub periods: &'a [StatusPeriod],
    pub appeals: &'a [Appeal],
    /// Nothing where no hours are on file.
    pub hours: Option<&'a OpeningHours>,
    pub holidays: &'a Holidays,
}

/// What was found, and how it is put to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    pub finding: Finding,
    pub kind: AlertKind,
}

/// Total: every silence is a miss, raised or to be verified. `noticed_at` is when the service noticed it,
/// however often it has judged it since.
pub fn judge_silence(
    duty: &Duty,
    policy: Policy,
    of: Circumstances<'_>,
    noticed_at: Instant,
) -> Silence {
    weigh((duty, policy), of, noticed_at, Trace::of_reasons()).0
}

/// The same silence, and every rule that was asked.
pub fn explain_silence(
    duty: &Duty,
    policy: Policy,
    of: Circumstances<'_>,
    noticed_at: Instant,
) -> (Silence, Vec<Step>) {
    weigh((duty, policy), of, noticed_at, Trace::of_steps())
}

/// When the service noticed a silence that it has judged anew since. `found`: from when until when each
/// finding about the silence stood; one that begins at the very instant at which another ends took its
/// place.
pub fn noticed_at(found_at: Instant, found: &[(Instant, Option<Instant>)]) -> Instant {
    let before = |at: Instant| {
        let replaced = found.iter().filter(move |(from, until)| *until == Some(at) && *from < at);
        replaced.map(|(from, _)| *from).min()
    };
    std::iter::successors(Some(found_at), |at| before(*at)).last().unwrap_or(found_at)
}

fn weigh(
    (duty, policy): (&Duty, Policy),
    of: Circumstances<'_>,
    noticed_at: Instant,
    mut trace: Trace,
) -> (Silence, Vec<Step>) {
    tell_closing(duty, policy, noticed_at, &mut trace);
    let treated = treat_miss(duty.window, of.periods, noticed_at);
    tell_each(
        ("status_period", StepBasis::Policy),
        treated.reasons,
        "No custody, hospital or stay abroad that touches the window is on record.",
        &mut trace,
    );
    tell_station(duty, of, &mut trace);
    let stayed = treat_stay(duty.window, of.appeals);
    tell_each(
        ("court_stay", StepBasis::Appeal),
        stayed.reasons,
        "No court had suspended the order in the window, as far as is on record.",
        &mut trace,
    );
    let (kind, says) = match (treated.treatment, stayed.treatment) {
        (MissTreatment::Raise, MissTreatment::Raise) => {
            (AlertKind::MissedSignOn, "It is put as a suspected failure, until a person decides.")
        }
        _ => (AlertKind::MissedSignOnToVerify, "It is put as: verify. The miss stays a miss."),
    };
    trace.note(("put_as", StepAnswer::Noted, StepBasis::Excuse), || says.to_owned());
    let (reasons, steps) = trace.written();
    let finding = Finding {
        outcome: Outcome::NotAttended,
        compliance: Compliance::NonCompliant,
        // A phone may still hold a record that was made in time.
        certainty: Certainty::Provisional,
        reasons,
    };
    (Silence { finding, kind }, steps)
}

fn tell_closing(duty: &Duty, policy: Policy, noticed_at: Instant, trace: &mut Trace) {
    let asked = ("closed_in_silence", StepAnswer::NotMet, StepBasis::Excuse);
    let says = "The window closed and no attendance that complies is on file.".to_owned();
    let short = Reason { code: "closed-without-attendance", says };
    trace.remark_at_length(asked, short, |_| {
        format!(
            "The window {} closed{} and no attendance that complies was on file.",
            duty.in_words(),
            grace_in_words(policy.grace_ms),
        )
    });
    let late_by_ms = noticed_at - (duty.window.closes_at + policy.grace_ms);
    if late_by_ms >= RAISED_LATE_AFTER_MS {
        let says = format!(
            "Found {} after the window closed, because the service was not watching.",
            in_hours(late_by_ms)
        );
        let asked = ("found_late", StepAnswer::Noted, StepBasis::Policy);
        trace.remark(asked, Reason { code: "raised-late", says });
    }
}

/// A step for each circumstance, or one that says that there is none on file.
fn tell_each(
    (rule, basis): (&'static str, StepBasis),
    reasons: Vec<Reason>,
    none: &str,
    trace: &mut Trace,
) {
    if reasons.is_empty() {
        trace.note((rule, StepAnswer::NotKnown, basis), || none.to_owned());
    }
    for reason in reasons {
        trace.remark((rule, StepAnswer::Noted, basis), reason);
    }
}

fn tell_station(duty: &Duty, of: Circumstances<'_>, trace: &mut Trace) {
    let asked = |answer| ("station_open", answer, StepBasis::Policy);
    let Some(hours) = of.hours else {
        let says = "No opening hours of the station are on file.";
        return trace.note(asked(StepAnswer::NotKnown), || says.to_owned());
    };
    let opening = hours.judge(duty.window, of.holidays);
    if !opening.may_be_police_fault() {
        let says = "By its hours the station was open for the whole window.";
        return trace.note(asked(StepAnswer::Met), || says.to_owned());
    }
    let rule = ("station_open", StepBasis::Policy);
    tell_each(rule, opening.reasons, "The hours do not tell.", trace);
    let says = "Look whether the subject could have signed on at all.".to_owned();
    trace.remark(asked(StepAnswer::Noted), Reason { code: "possible-police-fault", says });
}
