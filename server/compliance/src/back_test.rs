//! What another policy would have meant: closed windows replayed under the policy in force and under a
//! proposed one, counted the same way, and who would have been told when.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::Timelike;

use crate::alert::{AlertKind, Candidate};
use crate::attendance::{Certainty, Policy};
use crate::escalation::{Ladder, Rung, STEPS_MAX, WAIT_MS_MAX, WAIT_MS_MIN, climb};
use crate::instant::{DAY_MS, HOUR_MS, Instant, UK};
use crate::replay::{DutyStanding, Replayed};

/// A year, and the day that a leap year has more.
pub const SPAN_MS_MAX: i64 = 366 * DAY_MS;
/// A longer grace would be another window.
pub const GRACE_MS_MAX: i64 = 4 * HOUR_MS;
/// Nobody who is told so often is told anything by once more.
pub const TELLINGS_MAX: usize = 32;
/// From this local hour on a telling wakes somebody, until the other.
const NIGHT: (u32, u32) = (22, 6);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BackTestFault {
    #[error("It has to end after it begins.")]
    EndsFirst,
    #[error("At most 366 days are replayed at once.")]
    TooLong,
    #[error("Only what is over can be replayed: it ends in the future.")]
    NotOver,
    #[error("A grace is between 0 and 4 hours.")]
    Grace,
    #[error("A margin before the opening is between 0 and 4 hours.")]
    Early,
    #[error("A step waits a minute at the least and a day at the most.")]
    Wait,
    #[error("A ladder has at most {STEPS_MAX} steps.")]
    TooManySteps,
}

/// What may be replayed: a span that is over, of a year at most, under what could be a policy and how
/// long alerts could wait on each step of a ladder.
pub fn check(
    (from, until): (Instant, Instant),
    (proposed, waits_ms): (Policy, &[i64]),
    now: Instant,
) -> Result<(), BackTestFault> {
    if until <= from {
        return Err(BackTestFault::EndsFirst);
    }
    if until - from > SPAN_MS_MAX {
        return Err(BackTestFault::TooLong);
    }
    if now < until {
        return Err(BackTestFault::NotOver);
    }
    if !(0..=GRACE_MS_MAX).contains(&proposed.grace_ms) {
        return Err(BackTestFault::Grace);
    }
    if !(0..=GRACE_MS_MAX).contains(&proposed.early_ms) {
        return Err(BackTestFault::Early);
    }
    if waits_ms.len() > STEPS_MAX {
        return Err(BackTestFault::TooManySteps);
    }
    if waits_ms.iter().any(|wait| !(WAIT_MS_MIN..=WAIT_MS_MAX).contains(wait)) {
        return Err(BackTestFault::Wait);
    }
    Ok(())
}

/// Alerts of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KindCount {
    pub raised: u64,
    /// Of them: on a finding that a record still to come could change.
    pub provisional: u64,
    /// Of them: closed by a record that came later, or because a record was a mistake.
    pub superseded: u64,
}

/// What a policy makes of many windows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub windows: u64,
    pub standings: BTreeMap<DutyStanding, u64>,
    pub alerts: BTreeMap<AlertKind, KindCount>,
}

impl Tally {
    pub fn count<Id>(&mut self, replayed: &Replayed<Id>) {
        self.windows += 1;
        *self.standings.entry(replayed.standing).or_default() += 1;
        for warning in &replayed.warnings {
            let count = self.alerts.entry(warning.kind).or_default();
            count.raised += 1;
            count.provisional += u64::from(warning.certainty == Certainty::Provisional);
            count.superseded += u64::from(warning.closed.is_some());
        }
    }

    /// Of all kinds.
    pub fn raised(&self) -> u64 {
        self.alerts.values().map(|count| count.raised).sum()
    }
}

/// Whether two policies make something else of a duty. That an alert comes a little later is not
/// something else; that there is one, or of what kind, is.
pub fn differs<Id: Copy + PartialEq>(one: &Replayed<Id>, other: &Replayed<Id>) -> bool {
    let warned = |replayed: &Replayed<Id>| -> Vec<_> {
        replayed.warnings.iter().map(|warning| (warning.about, warning.kind)).collect()
    };
    one.standing != other.standing || warned(one) != warned(other)
}

/// One step of a ladder on which people are told of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telling<Account> {
    pub at: Instant,
    pub rung: Option<Rung>,
    pub told: Vec<Account>,
}

/// Who is told of an alert and when, until it is answered: the climb that the service would make.
pub fn tellings<Account: Copy>(
    ladder: &Ladder,
    (raised_at, answered_at): (Instant, Instant),
    candidates: impl Fn(Rung, Instant) -> Vec<Candidate<Account>>,
) -> Vec<Telling<Account>> {
    let mut found = Vec::new();
    let (mut at, mut step) = (raised_at, None);
    while found.len() < TELLINGS_MAX && (found.is_empty() || at < answered_at) {
        let climbed = climb(ladder, step, at, |rung| candidates(rung, at));
        let rung = ladder.steps.get(climbed.step).map(|step| step.rung);
        found.push(Telling { at, rung, told: climbed.told });
        (at, step) = (climbed.climbs_at, Some(climbed.step));
    }
    found
}

/// How often somebody is told, by the local hour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    pub by_hour: [u64; 24],
}

impl Load {
    pub fn tell(&mut self, at: Instant) {
        let hour = usize::try_from(hour_of(at)).unwrap_or(0);
        if let Some(count) = self.by_hour.get_mut(hour) {
            *count += 1;
        }
    }

    pub fn told(&self) -> u64 {
        self.by_hour.iter().sum()
    }

    /// At an hour at which people sleep.
    pub fn woken(&self) -> u64 {
        let by_hour = (0..).zip(&self.by_hour);
        by_hour.filter(|(hour, _)| is_night(*hour)).map(|(_, count)| *count).sum()
    }
}

/// Whether a telling at that instant wakes somebody: from 22:00 to 06:00, local.
pub fn wakes(at: Instant) -> bool {
    is_night(hour_of(at))
}

fn hour_of(at: Instant) -> u32 {
    at.utc().with_timezone(&UK).hour()
}

fn is_night(hour: u32) -> bool {
    hour >= NIGHT.0 || hour < NIGHT.1
}
