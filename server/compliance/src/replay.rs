//! What was known of one duty when, and what the rules make of it: as known at any instant, by the
//! policy in force or by another. A fold over what came on file, in the order in which it came; the
//! verdict, its steps and the alerts that it asks for come from the same rules that decide on the spot.

mod fold;
#[cfg(test)]
mod tests;

pub use fold::{About, Closed, Replayed, Warning, replay};

use crate::attendance::{Attendance, Duty, Finding, Policy};
use crate::holidays::Holidays;
use crate::instant::{Instant, UK};
use crate::opening::{Closure, OpeningHours};
use crate::order::CancelReason;
use crate::order_status::Appeal;
use crate::silence::{Circumstances, Silence, explain_silence, judge_silence};
use crate::status_period::StatusPeriod;
use crate::trace::{Step, StepAnswer, StepBasis};
use crate::word::words;

words! {
    /// How a duty stands, by what is known.
    DutyStanding {
        /// The version of the order that asks for it was not on file yet.
        NotOnFile = "not_on_file",
        /// Ahead or open, or closed and not looked at yet.
        Pending = "pending",
        Fulfilled = "fulfilled",
        Missed = "missed",
        /// Another version is in force when it closes, or the order has ended.
        NotAskedFor = "not_asked_for",
        /// It closed before the order was served.
        NotServed = "not_served",
    }
}

words! {
    /// What has become of a fact since an instant.
    FactChange {
        CameLater = "came_later",
        CalledAMistake = "called_a_mistake",
    }
}

/// Something on file: from when it was there, and from when it counted as a mistake. Half-open.
#[derive(Debug, Clone, PartialEq)]
pub struct Known<Id, T> {
    pub id: Id,
    pub from: Instant,
    pub until: Option<Instant>,
    pub what: T,
}

impl<Id: Copy, T> Known<Id, T> {
    /// What has become of it between two instants, the second included.
    pub fn changes(&self, (then, now): (Instant, Instant)) -> Vec<(FactChange, Instant)> {
        let is_since = |at: &Instant| then < *at && *at <= now;
        let came = Some(self.from).filter(is_since).map(|at| (FactChange::CameLater, at));
        let gone = self.until.filter(is_since).map(|at| (FactChange::CalledAMistake, at));
        came.into_iter().chain(gone).collect()
    }
}

impl<Id, T> Known<Id, T> {
    pub fn is_known_at(&self, at: Instant) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

/// An attendance that was recorded: known from its receipt.
#[derive(Debug, Clone, PartialEq)]
pub struct Record<Id> {
    pub attendance: Attendance,
    /// Whether it fulfilled the duty as it came in.
    pub settled: bool,
    /// What took its place when it was called a mistake; nothing when there should have been none.
    pub replaced_by: Option<Id>,
}

/// An appeal as it was lodged, and from when the court had suspended the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lodged {
    pub lodged_at: Instant,
    pub stayed_from: Option<Instant>,
}

/// Everything on file about one duty.
#[derive(Debug, Clone)]
pub struct Case<Id> {
    pub duty: Duty,
    /// The version that asks for it.
    pub version: Known<Id, i64>,
    /// When the order was served.
    pub services: Vec<Known<Id, Instant>>,
    /// What took the duty away: a later version, the order's end.
    pub removals: Vec<Known<Id, CancelReason>>,
    pub records: Vec<Known<Id, Record<Id>>>,
    /// When the service found silence.
    pub looked_at: Vec<Instant>,
    pub periods: Vec<Known<Id, StatusPeriod>>,
    pub appeals: Vec<Known<Id, Lodged>>,
    /// Which appeal was decided, and when.
    pub decisions: Vec<Known<Id, (Id, Instant)>>,
    /// As they are now, without closures; what they were is not on file.
    pub hours: Option<OpeningHours>,
    pub closures: Vec<Known<Id, Closure>>,
}

/// A step, and the records that it was taken on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<Id> {
    pub step: Step,
    pub facts: Vec<Id>,
}

/// What the rules make of a duty by what was known at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict<Id> {
    pub standing: DutyStanding,
    /// Of the attendance that fulfils it, of the silence, else of the last attendance; nothing while
    /// nothing has been found.
    pub finding: Option<Finding>,
    /// What fulfils it.
    pub fulfilled_by: Option<Id>,
    pub lines: Vec<Line<Id>>,
}

impl<Id: Copy + Ord> Case<Id> {
    fn stands_at<T>(known: &[Known<Id, T>], at: Instant) -> impl Iterator<Item = &Known<Id, T>> {
        known.iter().filter(move |it| it.is_known_at(at))
    }

    /// When the order was served, as far as it is known at an instant.
    pub fn served_at(&self, at: Instant) -> Option<Instant> {
        Self::stands_at(&self.services, at).map(|known| known.what).min()
    }

    fn is_served_at(&self, at: Instant) -> bool {
        self.served_at(at).is_some_and(|served_at| served_at < self.duty.window.closes_at)
    }

    fn removed_at(&self, at: Instant) -> Option<&Known<Id, CancelReason>> {
        Self::stands_at(&self.removals, at).min_by_key(|known| known.from)
    }

    /// From when on the service looks for silence: when the window is over, but not before it was there
    /// to look. What is on file tells: the first silence that it found, or the late attendance that it
    /// took for one in an open window.
    fn looks_from(&self, policy: Policy) -> Instant {
        let over_at = (self.duty.window.closes_at + policy.grace_ms).max(self.version.from);
        let settled = self.records.iter().filter(|known| known.what.settled);
        match (self.looked_at.iter().min(), settled.map(|known| known.from).min()) {
            (Some(first), _) => over_at.max(*first),
            (None, Some(settled_at)) => over_at.max(settled_at),
            (None, None) => over_at,
        }
    }

    fn appeals_at(&self, at: Instant) -> Vec<Appeal> {
        let decided_at = |lodged: Id| {
            let decided = Self::stands_at(&self.decisions, at);
            decided.filter(|known| known.what.0 == lodged).map(|known| known.what.1).min()
        };
        let appeal = |known: &Known<Id, Lodged>| Appeal {
            lodged_at: known.what.lodged_at,
            stayed_from: known.what.stayed_from,
            decided_at: decided_at(known.id),
        };
        Self::stands_at(&self.appeals, at).map(appeal).collect()
    }

    fn hours_at(&self, at: Instant) -> Option<OpeningHours> {
        let closures = Self::stands_at(&self.closures, at).map(|known| known.what.clone());
        self.hours.clone().map(|hours| OpeningHours { closures: closures.collect(), ..hours })
    }

    /// What a silence means by what is known at the first instant, noticed by the service at the second.
    pub fn silence_at(
        &self,
        policy: Policy,
        (at, noticed_at): (Instant, Instant),
        holidays: &Holidays,
    ) -> Silence {
        self.circumstances_at(at, holidays, |of| judge_silence(&self.duty, policy, of, noticed_at))
    }

    /// The same silence, and every rule that was asked, on which records.
    pub fn explain_silence_at(
        &self,
        policy: Policy,
        (at, noticed_at): (Instant, Instant),
        holidays: &Holidays,
    ) -> (Silence, Vec<Line<Id>>) {
        let (silence, steps) = self.circumstances_at(at, holidays, |of| {
            explain_silence(&self.duty, policy, of, noticed_at)
        });
        (silence, self.silence_lines(at, steps))
    }

    fn circumstances_at<T>(
        &self,
        at: Instant,
        holidays: &Holidays,
        judge: impl FnOnce(Circumstances<'_>) -> T,
    ) -> T {
        let periods: Vec<_> =
            Self::stands_at(&self.periods, at).map(|known| known.what.clone()).collect();
        judge(Circumstances {
            periods: &periods,
            appeals: &self.appeals_at(at),
            hours: self.hours_at(at).as_ref(),
            holidays,
        })
    }

    /// The verdict by what was known at an instant, and how it is come to.
    pub fn verdict(&self, policy: Policy, at: Instant, holidays: &Holidays) -> Verdict<Id> {
        let Replayed { standing, fulfilled_by, noticed_at, .. } =
            replay(self, policy, at, holidays);
        let mut lines = vec![self.version_line(at)];
        if standing == DutyStanding::NotOnFile {
            return Verdict { standing, finding: None, fulfilled_by: None, lines };
        }
        lines.push(self.service_line(at));
        lines.extend(self.removed_at(at).map(removal_line));
        let mut finding = None;
        for record in self.records.iter().filter(|record| record.from <= at) {
            if !record.is_known_at(at) {
                lines.push(mistake_line(record));
                continue;
            }
            let (found, steps) = self.duty.explain(policy, &record.what.attendance);
            lines.extend(lines_on(record.id, steps));
            if fulfilled_by.is_none_or(|by| by == record.id) {
                finding = Some(found);
            }
        }
        if standing == DutyStanding::Missed {
            let known = (at, noticed_at.unwrap_or(at));
            let (silence, on_records) = self.explain_silence_at(policy, known, holidays);
            lines.extend(on_records);
            finding = Some(silence.finding);
        }
        lines.push(self.conclusion(standing, fulfilled_by));
        Verdict { standing, finding, fulfilled_by, lines }
    }

    fn version_line(&self, at: Instant) -> Line<Id> {
        let (number, from) = (self.version.what, self.version.from.in_full(UK));
        let (answer, says) = if self.version.is_known_at(at) {
            (
                StepAnswer::Met,
                format!(
                    "Version {number} of the order asks for this window; it was \
                put on file on {from}."
                ),
            )
        } else {
            (
                StepAnswer::NotMet,
                format!(
                    "Version {number} of the order was put on file on {from}: \
                by then nobody could know of this window."
                ),
            )
        };
        let step = Step::new(("version_on_file", answer, StepBasis::TheOrder), says);
        Line { step, facts: vec![self.version.id] }
    }

    fn service_line(&self, at: Instant) -> Line<Id> {
        let closes_at = self.duty.window.closes_at;
        let (answer, says) = match self.served_at(at) {
            Some(served_at) if served_at < closes_at => (
                StepAnswer::Met,
                format!(
                    "The order was served on {}, before the window closed.",
                    served_at.in_full(UK)
                ),
            ),
            Some(served_at) => (
                StepAnswer::NotMet,
                format!(
                    "The order was served on {}, after the window closed.",
                    served_at.in_full(UK)
                ),
            ),
            None => (StepAnswer::NotMet, "No service of the order was on record.".to_owned()),
        };
        let step = Step::new(("order_served", answer, StepBasis::Policy), says);
        let facts = Self::stands_at(&self.services, at).map(|known| known.id).collect();
        Line { step, facts }
    }

    /// Each step of a silence on the records that it was taken on.
    fn silence_lines(&self, at: Instant, steps: Vec<Step>) -> Vec<Line<Id>> {
        let periods: Vec<Id> = Self::stands_at(&self.periods, at).map(|it| it.id).collect();
        let lodged = Self::stands_at(&self.appeals, at).map(|it| it.id);
        let decided = Self::stands_at(&self.decisions, at).map(|it| it.id);
        let appeals: Vec<Id> = lodged.chain(decided).collect();
        let closures: Vec<Id> = Self::stands_at(&self.closures, at).map(|it| it.id).collect();
        let line = |step: Step| {
            let facts = match step.rule {
                "status_period" => periods.clone(),
                "court_stay" => appeals.clone(),
                "station_open" => closures.clone(),
                _ => Vec::new(),
            };
            Line { step, facts }
        };
        steps.into_iter().map(line).collect()
    }

    fn conclusion(&self, standing: DutyStanding, by: Option<Id>) -> Line<Id> {
        let (answer, says) = match standing {
            DutyStanding::NotOnFile => (StepAnswer::NotKnown, "Nothing was on file."),
            DutyStanding::Pending => {
                (StepAnswer::NotKnown, "Nothing was found yet: the window was not over.")
            }
            DutyStanding::Fulfilled => (StepAnswer::Met, "An attendance on record fulfils it."),
            DutyStanding::Missed => (
                StepAnswer::NotMet,
                "It counts as missed; whether that is a breach, a person decides.",
            ),
            DutyStanding::NotAskedFor => (StepAnswer::Noted, "It was not asked for any more."),
            DutyStanding::NotServed => (
                StepAnswer::Noted,
                "It could not be enforced: the order was not served when the window closed.",
            ),
        };
        let says = format!("{says} The window is {}.", self.duty.in_words());
        let step = Step::new(("standing", answer, StepBasis::TheOrder), says);
        Line { step, facts: by.into_iter().collect() }
    }
}

/// Each step on one record.
pub fn lines_on<Id: Copy>(id: Id, steps: Vec<Step>) -> impl Iterator<Item = Line<Id>> {
    steps.into_iter().map(move |step| Line { step, facts: vec![id] })
}

fn removal_line<Id: Copy>(removal: &Known<Id, CancelReason>) -> Line<Id> {
    let why = match removal.what {
        CancelReason::OrderVaried => "Another version of the order is in force when it closes",
        CancelReason::OrderEnded => "The order ended before it closes",
        CancelReason::OrderNotServed => "The order was not served when it closed",
    };
    let says = format!("{why}; that was put on file on {}.", removal.from.in_full(UK));
    let step = Step::new(("still_asked_for", StepAnswer::NotMet, StepBasis::TheOrder), says);
    Line { step, facts: vec![removal.id] }
}

fn mistake_line<Id: Copy>(record: &Known<Id, Record<Id>>) -> Line<Id> {
    let at = record.until.unwrap_or(record.from).in_full(UK);
    let says =
        format!("A record of an attendance was called a mistake on {at}: it counts no more.");
    let step = Step::new(("called_a_mistake", StepAnswer::Noted, StepBasis::Policy), says);
    let facts = std::iter::once(record.id).chain(record.what.replaced_by).collect();
    Line { step, facts }
}
