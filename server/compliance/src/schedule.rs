//! A sign-on schedule: on which days a subject must sign on, and between which local times.
//!
//! Days come from an RFC 5545 recurrence, less the dates taken out (EXDATE), plus the dates put in
//! (RDATE); a date in both is out. The RFC leaves open what a start that does not match its own
//! rule means; here such a start is not an occurrence.
//!
//! No occurrence is later than 31 December 2199.

pub(crate) mod local;
mod refusal;
mod rrule;
mod rule;
#[cfg(test)]
mod tests;
mod words;

use std::iter;

use chrono::{Datelike, Days, NaiveDate, NaiveTime, Timelike};
use chrono_tz::Tz;

pub use refusal::{ScheduleRefusal, TooManyWindows};

use crate::instant::{DAY_MS, Instant};
use crate::window::Window;
use local::DailyHours;
use rule::Rule;

/// Longer than any rule an order has words for; keeps the cost of reading one small.
pub const RULE_LENGTH_MAX: usize = 200;
/// A year of single dates with room to spare; more than that should be a rule.
pub const DATES_MAX: usize = 400;
/// Twice the longest IANA name; a refusal repeats no more than this of what it was given.
const ZONE_LENGTH_MAX: usize = 64;
/// Years in which a schedule may start. Outside them is a slip of the pen.
const START_YEARS: std::ops::Range<i32> = 2000..2100;
/// Years that may hold an occurrence: a hundred after the last start.
const OCCURRENCE_YEARS: std::ops::Range<i32> = crate::instant::YEARS;
/// The occurrence years as instants, with some days for time zones.
const EARLIEST_MS: i64 = 946_684_800_000 - 3 * DAY_MS;
const LATEST_MS: i64 = 7_258_118_400_000 + 3 * DAY_MS;

/// The wire and stored text of a schedule; what import and the database carry.
#[derive(Debug, Clone, Copy)]
pub struct ScheduleText<'a> {
    /// IANA name of the zone that `opens` and `closes` are told in.
    pub zone: &'a str,
    /// The first day on which the rule can apply, and the day its intervals are counted from.
    pub starts_on: NaiveDate,
    /// RFC 5545 RRULE value without `RRULE:`. `None`: only `starts_on` and `rdates`.
    pub rrule: Option<&'a str>,
    pub exdates: &'a [NaiveDate],
    pub rdates: &'a [NaiveDate],
    pub opens: NaiveTime,
    /// The last minute in which the subject may sign on. At or before `opens` it is the next day's.
    pub closes: NaiveTime,
}

/// A schedule that has been read and can be kept.
#[derive(Debug, Clone)]
pub struct Schedule {
    zone: Tz,
    starts_on: NaiveDate,
    rule: Option<Rule>,
    exdates: Vec<NaiveDate>,
    /// RDATEs; without a rule, the start as well.
    single_dates: Vec<NaiveDate>,
    hours: DailyHours,
}

impl Schedule {
    /// Accepts only what can be kept to the letter; everything else is refused with its reason.
    pub fn parse(text: &ScheduleText<'_>) -> Result<Schedule, ScheduleRefusal> {
        let Ok(zone) = text.zone.parse::<Tz>() else {
            let zone = text.zone.chars().take(ZONE_LENGTH_MAX).collect();
            return Err(ScheduleRefusal::UnknownZone { zone });
        };
        if !START_YEARS.contains(&text.starts_on.year()) {
            return Err(ScheduleRefusal::StartOutOfRange { starts_on: text.starts_on });
        }
        if [text.opens, text.closes].iter().any(|t| t.second() != 0 || t.nanosecond() != 0) {
            return Err(ScheduleRefusal::NotWholeMinutes);
        }
        if text.exdates.len() > DATES_MAX || text.rdates.len() > DATES_MAX {
            return Err(ScheduleRefusal::TooManyDates);
        }
        if let Some(&date) = text.rdates.iter().find(|d| !OCCURRENCE_YEARS.contains(&d.year())) {
            return Err(ScheduleRefusal::ExtraDateOutOfRange { date });
        }
        let rule = text.rrule.map(|rrule| Rule::parse(rrule, text.starts_on, zone)).transpose()?;
        if rule.as_ref().is_some_and(Rule::is_idle) && text.rdates.is_empty() {
            return Err(ScheduleRefusal::NeverOccurs);
        }
        let start_alone = text.rrule.is_none().then_some(text.starts_on);
        Ok(Schedule {
            zone,
            starts_on: text.starts_on,
            rule,
            exdates: sorted(text.exdates.iter().copied()),
            single_dates: sorted(text.rdates.iter().copied().chain(start_alone)),
            hours: DailyHours { zone, opens: text.opens, closes: text.closes },
        })
    }

    /// Every window that opens in `[from, until)`, in order and without duplicates.
    ///
    /// There is at most one for each local day, so the answer is never longer than the days between.
    pub fn windows(&self, from: Instant, until: Instant) -> Vec<Window> {
        self.windows_opening(from, until).collect()
    }

    /// The same windows, or a refusal if there are more than `at_most`; never a part of them.
    pub fn windows_at_most(
        &self,
        from: Instant,
        until: Instant,
        at_most: usize,
    ) -> Result<Vec<Window>, TooManyWindows> {
        let windows: Vec<_> =
            self.windows_opening(from, until).take(at_most.saturating_add(1)).collect();
        if windows.len() > at_most { Err(TooManyWindows { at_most }) } else { Ok(windows) }
    }

    /// The first window that opens at or after `from`; `None` once the schedule has ended.
    pub fn next(&self, from: Instant) -> Option<Window> {
        self.windows_from(self.local_day(from)).find(|window| window.opens_at >= from)
    }

    /// The schedule read back in plain English, so that who typed it can see what it means.
    pub fn in_words(&self) -> String {
        words::in_words(self)
    }

    fn windows_opening(&self, from: Instant, until: Instant) -> impl Iterator<Item = Window> {
        let days = if from < until { Some(self.local_day(from)) } else { None };
        let mut last: Option<Window> = None;
        days.into_iter()
            .flat_map(|day| self.windows_from(day))
            .skip_while(move |window| window.opens_at < from)
            .take_while(move |window| window.opens_at < until)
            .filter(move |window| last.replace(*window) != Some(*window))
    }

    /// Windows in order of opening, beginning early enough to have all that open on `day` or later.
    /// Where a zone has left out a whole day, that day's window and the next day's are the same.
    fn windows_from(&self, day: NaiveDate) -> impl Iterator<Item = Window> {
        let first = day.checked_sub_days(Days::new(2)).unwrap_or(day);
        self.dates_from(first).map(|date| self.hours.window_on(date))
    }

    /// The dates of occurrence on or after `first`, in order.
    fn dates_from(&self, first: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        let mut of_rule = self.rule.iter().flat_map(move |rule| rule.dates_from(first)).peekable();
        let mut single =
            self.single_dates.iter().copied().skip_while(move |date| *date < first).peekable();
        let mut last = None;
        iter::from_fn(move || match (of_rule.peek(), single.peek()) {
            (Some(by_rule), Some(alone)) if alone < by_rule => single.next(),
            (Some(_), _) => of_rule.next(),
            (None, _) => single.next(),
        })
        .filter(move |date| last.replace(*date) != Some(*date))
        .filter(|date| self.exdates.binary_search(date).is_err())
    }

    fn local_day(&self, at: Instant) -> NaiveDate {
        Instant::from_ms(at.ms().clamp(EARLIEST_MS, LATEST_MS)).local_date(self.zone)
    }
}

fn sorted(dates: impl Iterator<Item = NaiveDate>) -> Vec<NaiveDate> {
    let mut dates: Vec<_> = dates.collect();
    dates.sort_unstable();
    dates.dedup();
    dates
}
