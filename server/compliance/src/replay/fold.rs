//! The fold: one instant after another at which something came on file, was called a mistake, or was
//! looked at by the service itself.

use super::{Case, DutyStanding, Known, Lodged, Record};
use crate::alert::{AlertCloseReason, AlertKind};
use crate::attendance::{Certainty, Policy, Reason};
use crate::holidays::Holidays;
use crate::instant::Instant;
use crate::order::CancelReason;
use crate::silence::Silence;

/// What an alert is about: there is one about each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About<Id> {
    Silence,
    Record(Id),
}

/// An alert that the rules ask for, by what was known at the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning<Id> {
    pub about: About<Id>,
    pub kind: AlertKind,
    pub certainty: Certainty,
    /// When it is raised, the last time if it is raised again.
    pub raised_at: Instant,
    /// What closed it without anybody's decision.
    pub closed: Option<Closed>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    pub at: Instant,
    pub why: AlertCloseReason,
}

/// How a duty stands after all that was known at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed<Id> {
    pub standing: DutyStanding,
    pub fulfilled_by: Option<Id>,
    /// When the service noticed silence, the last time that it did; it may have judged it anew since.
    pub noticed_at: Option<Instant>,
    /// In the order in which they were raised first.
    pub warnings: Vec<Warning<Id>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State<Id> {
    Asked,
    Fulfilled(Id),
    Missed,
    Cancelled(CancelReason),
}

struct Fold<'a, Id> {
    case: &'a Case<Id>,
    policy: Policy,
    holidays: &'a Holidays,
    looks_from: Instant,
    /// As they were received.
    records: Vec<&'a Known<Id, Record<Id>>>,
    state: State<Id>,
    noticed_at: Option<Instant>,
    /// What the alert about silence says, to tell whether it has to say something else.
    said: Vec<Reason>,
    warnings: Vec<Warning<Id>>,
}

/// Total. What came on file at one instant is taken in one order: mistakes, attendances, then what the
/// order and the service make of them. `until` is included.
pub fn replay<Id: Copy + Ord>(
    case: &Case<Id>,
    policy: Policy,
    until: Instant,
    holidays: &Holidays,
) -> Replayed<Id> {
    if until < case.version.from {
        let standing = DutyStanding::NotOnFile;
        return Replayed { standing, fulfilled_by: None, noticed_at: None, warnings: Vec::new() };
    }
    let mut records: Vec<_> = case.records.iter().collect();
    records.sort_unstable_by_key(|record| (record.from, record.id));
    let mut fold = Fold {
        case,
        policy,
        holidays,
        looks_from: case.looks_from(policy),
        records,
        state: State::Asked,
        noticed_at: None,
        said: Vec::new(),
        warnings: Vec::new(),
    };
    let mut instants = case.instants();
    instants.push(fold.looks_from);
    instants.sort_unstable();
    instants.dedup();
    for at in instants.into_iter().filter(|at| *at <= until) {
        fold.take(at);
    }
    fold.replayed()
}

impl<Id: Copy + Ord> Case<Id> {
    /// Every instant at which something came on file or was called a mistake.
    fn instants(&self) -> Vec<Instant> {
        fn of<Id, T>(known: &[Known<Id, T>]) -> impl Iterator<Item = Instant> {
            known.iter().flat_map(|it| std::iter::once(it.from).chain(it.until))
        }
        let mut all = vec![self.version.from];
        all.extend(of(&self.services));
        all.extend(of(&self.removals));
        all.extend(of(&self.records));
        all.extend(of(&self.periods));
        all.extend(of(&self.appeals));
        all.extend(of(&self.decisions));
        all
    }

    /// Whether something that the meaning of a silence hangs on was called a mistake at an instant: a
    /// stay elsewhere, or what a court had done to the order before the window closed.
    fn is_told_otherwise_at(&self, at: Instant) -> bool {
        let ends = |until: Option<Instant>| until == Some(at);
        let closes_at = self.duty.window.closes_at;
        let is_stay = |it: &Lodged| it.stayed_from.is_some_and(|from| from < closes_at);
        self.periods.iter().any(|it| ends(it.until))
            || self.appeals.iter().any(|it| ends(it.until) && is_stay(&it.what))
            || self.decisions.iter().any(|it| ends(it.until) && it.what.1 < closes_at)
    }
}

impl<Id: Copy + Ord> Fold<'_, Id> {
    fn take(&mut self, at: Instant) {
        let is_gone = |record: &&Known<Id, Record<Id>>| record.until == Some(at);
        let new: Vec<_> = self.records.iter().copied().filter(|it| it.from == at).collect();
        let gone: Vec<_> = self.records.iter().copied().filter(is_gone).collect();
        new.iter().filter(|it| is_gone(it)).for_each(|record| self.receive(record, at));
        gone.iter().for_each(|record| self.call_mistake(record, at));
        new.iter().filter(|it| !is_gone(it)).for_each(|record| self.receive(record, at));
        self.settle(at);
    }

    fn receive(&mut self, record: &Known<Id, Record<Id>>, at: Instant) {
        let found = self.case.duty.judge(self.policy, &record.what.attendance);
        let was_missed = self.state == State::Missed;
        let settles = found.fulfils() && (was_missed || self.state == State::Asked);
        if settles {
            self.state = State::Fulfilled(record.id);
        }
        if settles && was_missed {
            self.close(About::Silence, at, AlertCloseReason::AttendanceFound);
        }
        let back_dated = (settles && was_missed).then_some(AlertKind::HeldOnPhone);
        if let Some(kind) = AlertKind::of(&found).or(back_dated) {
            self.raise(About::Record(record.id), (kind, found.certainty), at);
        }
    }

    /// The next record that complies fulfils it; else the one that takes its place may, and without one
    /// it is asked for again.
    fn call_mistake(&mut self, mistaken: &Known<Id, Record<Id>>, at: Instant) {
        self.close(About::Record(mistaken.id), at, AlertCloseReason::EnteredInError);
        if self.state != State::Fulfilled(mistaken.id) {
            return;
        }
        let (duty, policy) = (&self.case.duty, self.policy);
        let first = self.records.iter().find(|other| {
            other.is_known_at(at)
                && other.id != mistaken.id
                && Some(other.id) != mistaken.what.replaced_by
                && duty.judge(policy, &other.what.attendance).fulfils()
        });
        self.state = first.map_or(State::Asked, |other| State::Fulfilled(other.id));
    }

    fn settle(&mut self, at: Instant) {
        let removal = self.case.removed_at(at).map(|removal| removal.what);
        match (self.state, removal) {
            (State::Asked, Some(why)) => self.state = State::Cancelled(why),
            (State::Cancelled(CancelReason::OrderEnded), None) => self.state = State::Asked,
            (State::Missed, _) if !self.case.is_served_at(at) => {
                self.state = State::Cancelled(CancelReason::OrderNotServed);
                self.close(About::Silence, at, AlertCloseReason::EnteredInError);
            }
            _ => {}
        }
        if self.state == State::Asked && self.looks_from <= at {
            self.look(at);
        } else if self.state == State::Missed && self.case.is_told_otherwise_at(at) {
            self.look_again(at);
        }
    }

    fn look(&mut self, at: Instant) {
        if !self.case.is_served_at(at) {
            self.state = State::Cancelled(CancelReason::OrderNotServed);
            return;
        }
        self.state = State::Missed;
        self.noticed_at = Some(at);
        let silence = self.case.silence_at(self.policy, (at, at), self.holidays);
        self.tell(silence, at);
    }

    /// Without what was a mistake; only what is put in other words is raised again.
    fn look_again(&mut self, at: Instant) {
        let known = (at, self.noticed_at.unwrap_or(at));
        let silence = self.case.silence_at(self.policy, known, self.holidays);
        if silence.finding.reasons != self.said {
            self.tell(silence, at);
        }
    }

    fn tell(&mut self, silence: Silence, at: Instant) {
        let Silence { finding, kind } = silence;
        self.said = finding.reasons;
        self.raise(About::Silence, (kind, finding.certainty), at);
    }

    fn raise(&mut self, about: About<Id>, (kind, certainty): (AlertKind, Certainty), at: Instant) {
        let raised = Warning { about, kind, certainty, raised_at: at, closed: None };
        match self.warnings.iter_mut().find(|warning| warning.about == about) {
            Some(again) => *again = raised,
            None => self.warnings.push(raised),
        }
    }

    fn close(&mut self, about: About<Id>, at: Instant, why: AlertCloseReason) {
        let open = self.warnings.iter_mut().find(|it| it.about == about && it.closed.is_none());
        if let Some(warning) = open {
            warning.closed = Some(Closed { at, why });
        }
    }

    fn replayed(self) -> Replayed<Id> {
        let (standing, fulfilled_by) = match self.state {
            State::Asked => (DutyStanding::Pending, None),
            State::Fulfilled(by) => (DutyStanding::Fulfilled, Some(by)),
            State::Missed => (DutyStanding::Missed, None),
            State::Cancelled(CancelReason::OrderNotServed) => (DutyStanding::NotServed, None),
            State::Cancelled(CancelReason::OrderVaried | CancelReason::OrderEnded) => {
                (DutyStanding::NotAskedFor, None)
            }
        };
        let Self { noticed_at, warnings, .. } = self;
        Replayed { standing, fulfilled_by, noticed_at, warnings }
    }
}
