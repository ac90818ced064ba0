//! How an alert climbs until a named person has decided: a ladder of steps, who is told on each, and
//! when it goes on to the next. A climb never ends: past the top it begins again there.

mod rota;
#[cfg(test)]
mod tests;

pub use rota::{Entry, Presence, Rota, RotaFault, RotaKind};

use crate::alert::{Candidate, Risk, Severity};
use crate::deadline::clocks::{acknowledgement, miss_decision};
use crate::instant::{DAY_MS, Instant, MINUTE_MS};
use crate::word::words;

/// With nobody to tell, it is looked again this soon whether somebody has become reachable.
pub const NOBODY_RETRY_MS: i64 = 5 * MINUTE_MS;
/// A shorter wait gives nobody the time to look; a longer one is no escalation.
pub const WAIT_MS_MIN: i64 = MINUTE_MS;
pub const WAIT_MS_MAX: i64 = DAY_MS;
pub const DECIDE_MS_MAX: i64 = 7 * DAY_MS;
pub const STEPS_MAX: usize = 8;
/// Of what is high or critical, an unanswered alert goes on after this long, although the usual time to
/// acknowledge is longer: two people asked in vain cost half an hour.
const URGENT_WAIT_MS: i64 = 15 * MINUTE_MS;

words! {
    /// Who is told on a step.
    Rung {
        /// Whoever answers for the order, or covers for them.
        Owner = "owner",
        /// The supervisor on duty at the place.
        Supervisor = "supervisor",
        Coordinator = "coordinator",
        ControlRoom = "control_room",
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub rung: Rung,
    /// How long it waits here for somebody to acknowledge.
    pub wait_ms: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ladder {
    pub steps: Vec<Step>,
    /// From the acknowledgement to the decision; then it climbs again.
    pub decide_within_ms: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LadderFault {
    #[error("A ladder has at least one step.")]
    NoStep,
    #[error("A ladder has at most {STEPS_MAX} steps.")]
    TooManySteps,
    #[error("Step {number} waits less than a minute or more than a day.")]
    Wait { number: usize },
    #[error("Step {number} tells the same people as the step before it; let that one wait longer.")]
    Repeated { number: usize },
    #[error("A decision is due within a minute at the least and 7 days at the most.")]
    Decision,
    #[error(
        "Nobody on step {number} ({rung}) can receive an alert within the coming week. Put somebody \
         on duty who has a phone that can be reached, or leave the step out."
    )]
    NobodyReachable { number: usize, rung: Rung },
}

impl Ladder {
    /// Where a force has set none: owner, supervisor on duty, coordinator, control room. Acknowledged
    /// within 30 minutes, and 15 for what is high or critical; decided within 4 hours at high risk,
    /// else within 24 (`domain.md`, section 5).
    pub fn usual(severity: Severity, risk: Risk) -> Self {
        let at = Instant::from_ms(0);
        let usual_ms = acknowledgement(at).closes_at - at;
        let wait_ms = if severity >= Severity::High { URGENT_WAIT_MS } else { usual_ms };
        let risk = if severity == Severity::Critical { Risk::High } else { risk };
        let steps = Rung::LADDER.map(|rung| Step { rung, wait_ms }).to_vec();
        Self { steps, decide_within_ms: miss_decision(at, risk).closes_at - at }
    }

    /// What a force may set. `can_receive`: whether anybody on a rung can be reached within the coming
    /// week.
    pub fn check(&self, can_receive: impl Fn(Rung) -> bool) -> Result<(), LadderFault> {
        if self.steps.is_empty() {
            return Err(LadderFault::NoStep);
        }
        if self.steps.len() > STEPS_MAX {
            return Err(LadderFault::TooManySteps);
        }
        let mut before = None;
        for (number, step) in (1..).zip(&self.steps) {
            if !(WAIT_MS_MIN..=WAIT_MS_MAX).contains(&step.wait_ms) {
                return Err(LadderFault::Wait { number });
            }
            if before == Some(step.rung) {
                return Err(LadderFault::Repeated { number });
            }
            before = Some(step.rung);
        }
        if !(WAIT_MS_MIN..=DECIDE_MS_MAX).contains(&self.decide_within_ms) {
            return Err(LadderFault::Decision);
        }
        self.unreachable(can_receive)
    }

    /// The first step that has nobody on it who can be told; looked at when it is set and each day.
    pub fn unreachable(&self, can_receive: impl Fn(Rung) -> bool) -> Result<(), LadderFault> {
        let mut numbered = (1..).zip(&self.steps);
        match numbered.find(|(_, step)| !can_receive(step.rung)) {
            Some((number, step)) => Err(LadderFault::NobodyReachable { number, rung: step.rung }),
            None => Ok(()),
        }
    }
}

impl Rung {
    const LADDER: [Self; 4] = [Self::Owner, Self::Supervisor, Self::Coordinator, Self::ControlRoom];
}

/// Where an alert stands after it was raised or has climbed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Climbed<Account> {
    /// The step's place in the ladder, from 0.
    pub step: usize,
    pub told: Vec<Account>,
    /// Who stood on the way and cannot be counted upon. They are told all the same, if there is any way.
    pub passed: Vec<Account>,
    /// When it goes on, if nobody acknowledges it before.
    pub climbs_at: Instant,
}

impl<Account> Climbed<Account> {
    /// The state that must be red everywhere.
    pub fn is_nobody_reachable(&self) -> bool {
        self.told.is_empty()
    }
}

/// Goes on from a step, or begins: the next step on which anybody can be reached, at the top the top
/// again, and when the steps above are empty the highest below. With nobody anywhere it stays, and is
/// looked at again soon.
pub fn climb<Account: Copy>(
    ladder: &Ladder,
    from: Option<usize>,
    now: Instant,
    candidates: impl Fn(Rung) -> Vec<Candidate<Account>>,
) -> Climbed<Account> {
    let top = ladder.steps.len().saturating_sub(1);
    let next = from.map_or(0, |from| (from + 1).min(top));
    let above = next..ladder.steps.len();
    let mut passed = Vec::new();
    for place in above.chain((0..next).rev()) {
        let Some(step) = ladder.steps.get(place) else { continue };
        let (told, not): (Vec<_>, Vec<_>) =
            candidates(step.rung).into_iter().partition(|candidate| candidate.reachable);
        passed.extend(not.into_iter().map(|candidate| candidate.account));
        if !told.is_empty() {
            let told = told.into_iter().map(|candidate| candidate.account).collect();
            return Climbed { step: place, told, passed, climbs_at: now + step.wait_ms };
        }
    }
    Climbed { step: next, told: Vec::new(), passed, climbs_at: now + NOBODY_RETRY_MS }
}

/// Whether an alert is as good as told to nobody: nothing that was sent about it since it was raised has
/// been taken by anybody's phone or mailbox, and from its step the ladder leads no further up.
pub fn is_exhausted((from, to): (usize, usize), was_anything_taken: bool) -> bool {
    !was_anything_taken && to <= from
}

/// A span of the coming week in which nobody could be told of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    pub from: Instant,
    pub until: Instant,
}

/// When, from `from` to `until`, nobody on any step can be told. `changes`: every instant at which it
/// may change who is on duty; between two of them it does not.
pub fn preflight(
    ladder: &Ladder,
    (from, until): (Instant, Instant),
    changes: &[Instant],
    can_receive_at: impl Fn(Rung, Instant) -> bool,
) -> Vec<Gap> {
    let mut marks: Vec<Instant> =
        changes.iter().copied().filter(|at| from < *at && *at < until).collect();
    marks.push(from);
    marks.sort();
    marks.dedup();
    let ends = marks.iter().copied().skip(1).chain([until]);
    let mut gaps: Vec<Gap> = Vec::new();
    for (begins, ends) in marks.iter().copied().zip(ends) {
        if ladder.steps.iter().any(|step| can_receive_at(step.rung, begins)) {
            continue;
        }
        match gaps.last_mut() {
            Some(last) if last.until == begins => last.until = ends,
            _ => gaps.push(Gap { from: begins, until: ends }),
        }
    }
    gaps
}
