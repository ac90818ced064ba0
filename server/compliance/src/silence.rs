//! What it means that a window closed in silence, with all that is on file about where the subject and
//! the station were, and whether a court had suspended the order. None of it excuses.

use crate::alert::AlertKind;
use crate::attendance::{Duty, Finding, Policy, Reason};
use crate::holidays::Holidays;
use crate::instant::Instant;
use crate::opening::OpeningHours;
use crate::order_status::Appeal;
use crate::status_period::{MissTreatment, StatusPeriod, treat_miss, treat_stay};
use crate::trace::{APPEAL, EXCUSE, POLICY, Step, StepAnswer, StepBasis, reasons};

/// What is on file about the time of a window.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    pub periods: &'a [StatusPeriod],
    pub appeals: &'a [Appeal],
    /// Nothing where no hours are on file.
    pub hours: Option<&'a OpeningHours>,
    pub holidays: &'a Holidays,
}

/// What was found, how it is put to people, and how it was come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    pub finding: Finding,
    pub kind: AlertKind,
    pub steps: Vec<Step>,
}

/// Total: every silence is a miss, raised or to be verified. `found_at` is when the service noticed it.
pub fn judge_silence(
    duty: &Duty,
    policy: Policy,
    of: Circumstances<'_>,
    found_at: Instant,
) -> Silence {
    let mut steps = duty.silence_steps(policy, found_at);
    let treated = treat_miss(duty.window, of.periods, found_at);
    steps.extend(each_or(
        ("status_period", POLICY),
        treated.reasons,
        "No custody, hospital or stay abroad that touches the window is on record.",
    ));
    steps.extend(station_steps(duty, of));
    let stayed = treat_stay(duty.window, of.appeals);
    steps.extend(each_or(
        ("court_stay", APPEAL),
        stayed.reasons,
        "No court had suspended the order in the window, as far as is on record.",
    ));
    let kind = match (treated.treatment, stayed.treatment) {
        (MissTreatment::Raise, MissTreatment::Raise) => AlertKind::MissedSignOn,
        _ => AlertKind::MissedSignOnToVerify,
    };
    let says = match kind {
        AlertKind::MissedSignOnToVerify => "It is put as: verify. The miss stays a miss.",
        _ => "It is put as a suspected failure, until a person decides.",
    };
    steps.push(Step::new("put_as", StepAnswer::Noted, EXCUSE, says.to_owned()));
    Silence { finding: Duty::silence(reasons(&steps)), kind, steps }
}

/// A step for each circumstance, or one that says that there is none on file.
fn each_or(
    (rule, basis): (&'static str, StepBasis),
    reasons: Vec<Reason>,
    none: &str,
) -> Vec<Step> {
    if reasons.is_empty() {
        return vec![Step::new(rule, StepAnswer::NotKnown, basis, none.to_owned())];
    }
    let step = |Reason { code, says }: Reason| {
        Step::new(rule, StepAnswer::Noted, basis, says.clone()).because(code, says)
    };
    reasons.into_iter().map(step).collect()
}

fn station_steps(duty: &Duty, of: Circumstances<'_>) -> Vec<Step> {
    let step = |answer, says: &str| Step::new("station_open", answer, POLICY, says.to_owned());
    let Some(hours) = of.hours else {
        return vec![step(StepAnswer::NotKnown, "No opening hours of the station are on file.")];
    };
    let opening = hours.judge(duty.window, of.holidays);
    if !opening.may_be_police_fault() {
        let says = "By its hours the station was open for the whole window.";
        return vec![step(StepAnswer::Met, says)];
    }
    let says = "Look whether the subject could have signed on at all.";
    let look = step(StepAnswer::Noted, says).because("possible-police-fault", says.to_owned());
    let mut steps = each_or(("station_open", POLICY), opening.reasons, "The hours do not tell.");
    steps.push(look);
    steps
}
