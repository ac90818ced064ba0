//! What stands out in the last ninety days of a subject: plain counts, each with what was counted. No
//! score, and nothing that a person could not have counted themselves (`domain.md`, R4).

use std::collections::BTreeSet;

use crate::instant::{DAY_MS, Instant};
use crate::word::words;

/// How far back a report is looked at together with everything else.
pub const LOOK_BACK_MS: i64 = 90 * DAY_MS;
/// Reports that follow each other so closely belong together until somebody has found otherwise.
const CLOSE_MS: i64 = 30 * DAY_MS;
const LATES_MIN: usize = 3;
const MISSES_MIN: usize = 2;
const REPORTS_MIN: usize = 2;
const REPORTERS_MIN: usize = 2;

words! {
    PatternKind {
        RepeatedlyLate = "repeatedly_late",
        RepeatedlyMissed = "repeatedly_missed",
        SeveralReports = "several_reports",
        SeveralReporters = "several_reporters",
        /// In a zone, or so near that it cannot be told.
        NearZone = "near_zone",
    }
}

/// What is on file about a subject, the report at hand included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    pub lates: Vec<Instant>,
    pub misses: Vec<Instant>,
    /// When each report was made, and by whom: the same person has the same name here.
    pub reports: Vec<(Instant, String)>,
    pub zone_stays: Vec<Instant>,
}

/// Something that stands out, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    pub kind: PatternKind,
    pub count: usize,
    /// "3 late sign-ons in 90 days".
    pub says: String,
}

/// What stands out in the ninety days up to `now`.
pub fn patterns(history: &History, now: Instant) -> Vec<Pattern> {
    let within = |at: Instant, ms: i64| now + -ms <= at && at <= now;
    let count = |of: &[Instant]| of.iter().filter(|at| within(**at, LOOK_BACK_MS)).count();
    let in_reach: Vec<_> =
        history.reports.iter().filter(|(at, _)| within(*at, LOOK_BACK_MS)).collect();
    let reporters: BTreeSet<&str> = in_reach.iter().map(|(_, by)| by.as_str()).collect();
    let close = in_reach.iter().filter(|(at, _)| within(*at, CLOSE_MS)).count();
    let found = [
        (PatternKind::RepeatedlyLate, count(&history.lates), LATES_MIN, "late sign-on", 90),
        (PatternKind::RepeatedlyMissed, count(&history.misses), MISSES_MIN, "missed sign-on", 90),
        (PatternKind::SeveralReports, close, REPORTS_MIN, "report", 30),
        (PatternKind::SeveralReporters, reporters.len(), REPORTERS_MIN, "reporter", 90),
        (PatternKind::NearZone, count(&history.zone_stays), 1, "time in or near a zone", 90),
    ];
    let stands_out = found.into_iter().filter(|(_, count, at_least, _, _)| count >= at_least);
    stands_out
        .map(|(kind, count, _, what, days)| Pattern { kind, count, says: says(count, what, days) })
        .collect()
}

fn says(count: usize, what: &str, days: usize) -> String {
    let what = match (count, what.split_once(' ')) {
        (1, _) => what.to_owned(),
        (_, Some(("time", rest))) => format!("times {rest}"),
        _ => format!("{what}s"),
    };
    format!("{count} {what} in {days} days")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 400 * DAY_MS;

    fn days_ago(days: &[i64]) -> Vec<Instant> {
        days.iter().map(|days| Instant::from_ms(NOW - days * DAY_MS)).collect()
    }

    #[track_caller]
    fn check(history: &History, expected: &[(PatternKind, &str)]) {
        let found = patterns(history, Instant::from_ms(NOW));
        let found: Vec<_> = found.iter().map(|it| (it.kind, it.says.as_str())).collect();
        assert_eq!(found, expected);
    }

    fn lates(days: &[i64]) -> History {
        History { lates: days_ago(days), ..History::default() }
    }

    fn reports(by: &[(i64, &str)]) -> History {
        let reports =
            by.iter().map(|(days, by)| (Instant::from_ms(NOW - days * DAY_MS), (*by).to_owned()));
        History { reports: reports.collect(), ..History::default() }
    }

    #[test]
    fn what_happens_often_enough_in_ninety_days_stands_out_with_its_count() {
        use PatternKind::{
            NearZone, RepeatedlyLate, RepeatedlyMissed, SeveralReporters, SeveralReports,
        };
        check(&History::default(), &[]);
        check(&lates(&[1, 2]), &[]);
        check(&lates(&[0, 1, 90]), &[(RepeatedlyLate, "3 late sign-ons in 90 days")]);
        check(&lates(&[0, 1, 91]), &[]);
        let misses = |days: &[i64]| History { misses: days_ago(days), ..History::default() };
        check(&misses(&[89]), &[]);
        check(&misses(&[89, 3]), &[(RepeatedlyMissed, "2 missed sign-ons in 90 days")]);
        let stays = |days: &[i64]| History { zone_stays: days_ago(days), ..History::default() };
        check(&stays(&[91]), &[]);
        check(&stays(&[7]), &[(NearZone, "1 time in or near a zone in 90 days")]);
        check(&stays(&[7, 8]), &[(NearZone, "2 times in or near a zone in 90 days")]);
        check(&reports(&[(0, "a")]), &[]);
        check(&reports(&[(0, "a"), (30, "a")]), &[(SeveralReports, "2 reports in 30 days")]);
        check(&reports(&[(0, "a"), (31, "a")]), &[]);
        check(&reports(&[(0, "a"), (31, "b")]), &[(SeveralReporters, "2 reporters in 90 days")]);
        check(&reports(&[(0, "a"), (91, "b")]), &[]);
    }

    #[test]
    fn what_lies_ahead_is_not_counted() {
        check(&lates(&[0, 1, -1]), &[]);
    }
}
