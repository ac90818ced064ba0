//! The statutory clocks: when a period is over, with its arithmetic and its basis.
//!
//! A period "beginning with" a day counts that day; one "after" a day does not. No period is
//! carried over a weekend or a bank holiday unless it is told in working days: a station that was
//! closed is a matter of reasonable excuse, not of the deadline (`domain.md`, 2.2). Which day an
//! instant falls on is a local matter; hours and minutes are time that passes, whatever the clocks
//! do.

pub mod clocks;
#[cfg(test)]
mod tests;

use std::num::NonZeroU16;

use chrono::{Days, Months, NaiveDate};

use crate::holidays::{Holidays, NotCovered};
use crate::instant::{HOUR_MS, Instant, MINUTE_MS, UK};
use crate::order::start_of_day;

/// When something must have been done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// Half-open: at this instant it is over, a millisecond before it is not.
    pub closes_at: Instant,
    /// "3 days beginning with Thu 24 Dec 2026: Sat 26 Dec 23:59:59".
    pub arithmetic: String,
    /// The section, code or policy that sets it.
    pub basis: &'static str,
}

impl Deadline {
    pub fn is_over(&self, now: Instant) -> bool {
        self.closes_at <= now
    }

    /// The local day on which it can still be met.
    pub fn last_day(&self) -> NaiveDate {
        (self.closes_at + -1).local_date(UK)
    }

    /// Over at the end of `last`, counted from `first`.
    fn at_end_of(last: NaiveDate, first: NaiveDate, counted: &str, basis: &'static str) -> Self {
        let arithmetic = format!("{counted}: {} 23:59:59", day_near(last, first));
        Self { closes_at: start_of_day(plus_days(last, 1), UK), arithmetic, basis }
    }
}

/// A period "beginning with" a day counts that day as its first (SPA 2019 s.9(1)).
pub fn days_beginning_with(number: NonZeroU16, first: NaiveDate, basis: &'static str) -> Deadline {
    let last = plus_days(first, number.get() - 1);
    let counted = format!("{} beginning with {}", amount(number, "day"), day(first));
    Deadline::at_end_of(last, first, &counted, basis)
}

/// Calendar days after a day, to the end of the last.
pub fn days_after(number: NonZeroU16, first: NaiveDate, basis: &'static str) -> Deadline {
    let counted = format!("{} after {}", amount(number, "day"), day(first));
    Deadline::at_end_of(plus_days(first, number.get()), first, &counted, basis)
}

/// Days from Monday to Friday that are no bank holidays, after a day that is not counted whatever
/// it is. Not known where the list of holidays ends.
pub fn working_days_after(
    number: NonZeroU16,
    first: NaiveDate,
    holidays: &Holidays,
    basis: &'static str,
) -> Result<Deadline, NotCovered> {
    let mut last = first;
    let mut left = number.get();
    let mut skipped = Vec::new();
    while left > 0 {
        // Where the calendar itself ends, no list covers the day.
        last = last.succ_opt().ok_or(NotCovered { day: last })?;
        if holidays.is_working_day(last)? {
            left -= 1;
        } else if let Ok(Some(name)) = holidays.name(last) {
            skipped.push(format!("{} ({name})", last.format("%a %-d %b")));
        }
    }
    let mut counted = format!("{} after {}", amount(number, "working day"), day(first));
    if let [rest @ .., one] = skipped.as_slice() {
        let and = if rest.is_empty() { "" } else { " and " };
        counted.push_str(&format!(", not counting {}{and}{one}", rest.join(", ")));
    }
    Ok(Deadline::at_end_of(last, first, &counted, basis))
}

pub fn hours_after(number: NonZeroU16, at: Instant, basis: &'static str) -> Deadline {
    elapsed(amount(number, "hour"), i64::from(number.get()) * HOUR_MS, at, basis)
}

pub fn minutes_after(number: NonZeroU16, at: Instant, basis: &'static str) -> Deadline {
    elapsed(amount(number, "minute"), i64::from(number.get()) * MINUTE_MS, at, basis)
}

/// A period of years whose first day is counted: its last is the day before the anniversary. From
/// 29 February, the anniversary in a common year is 28 February.
pub fn years_beginning_with(number: NonZeroU16, first: NaiveDate, basis: &'static str) -> Deadline {
    let anniversary = plus_years(first, number);
    let last = anniversary.pred_opt().unwrap_or(anniversary);
    let counted = format!("{} beginning with {}", amount(number, "year"), day(first));
    Deadline::at_end_of(last, first, &counted, basis)
}

/// Years after a day, to the end of the anniversary.
pub fn years_after(number: NonZeroU16, first: NaiveDate, basis: &'static str) -> Deadline {
    let counted = format!("{} after {}", amount(number, "year"), day(first));
    Deadline::at_end_of(plus_years(first, number), first, &counted, basis)
}

/// That an end comes near: from the beginning of a day so many days before the last one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    pub days_before: u16,
    pub due_at: Instant,
    pub arithmetic: String,
}

/// The warnings that come before a last day, the earliest first (R10).
pub fn warnings(last_day: NaiveDate, days_before: &[u16]) -> Vec<Warning> {
    let mut days_before = days_before.to_vec();
    days_before.sort_unstable_by(|one, other| other.cmp(one));
    days_before.dedup();
    days_before.into_iter().map(|days| warning(last_day, days)).collect()
}

/// The last warning that has come due; those before it say less and are spent. After the last day
/// nothing is near any more.
pub fn warning_due(last_day: NaiveDate, days_before: &[u16], now: Instant) -> Option<Warning> {
    let over_at = start_of_day(plus_days(last_day, 1), UK);
    let due = warnings(last_day, days_before).into_iter().rfind(|warning| warning.due_at <= now);
    due.filter(|_| now < over_at)
}

fn warning(last_day: NaiveDate, days_before: u16) -> Warning {
    let on = last_day.checked_sub_days(Days::new(days_before.into())).unwrap_or(NaiveDate::MIN);
    let days = if days_before == 1 { "day" } else { "days" };
    let near = day_near(on, last_day);
    let arithmetic = format!("{days_before} {days} before {}: {near}", day(last_day));
    Warning { days_before, due_at: start_of_day(on, UK), arithmetic }
}

fn elapsed(number: String, ms: i64, at: Instant, basis: &'static str) -> Deadline {
    let closes_at = at + ms;
    let mut arithmetic = format!("{number} after {}: {}", at.in_words(UK), closes_at.in_words(UK));
    // Else the clock on the wall seems to be an hour wrong.
    let offset = |at: Instant| at.utc().with_timezone(&UK).naive_local() - at.utc().naive_utc();
    if offset(at) != offset(closes_at) {
        arithmetic.push_str(" (the clocks change in between)");
    }
    Deadline { closes_at, arithmetic, basis }
}

fn amount(number: NonZeroU16, one: &str) -> String {
    let ending = if number.get() == 1 { "" } else { "s" };
    format!("{number} {one}{ending}")
}

fn day(day: NaiveDate) -> String {
    day.format("%a %-d %b %Y").to_string()
}

/// The year is said only where it is another one.
fn day_near(day: NaiveDate, near: NaiveDate) -> String {
    let is_same_year = day.format("%Y").to_string() == near.format("%Y").to_string();
    day.format(if is_same_year { "%a %-d %b" } else { "%a %-d %b %Y" }).to_string()
}

fn plus_days(day: NaiveDate, days: u16) -> NaiveDate {
    day.checked_add_days(Days::new(days.into())).unwrap_or(NaiveDate::MAX)
}

fn plus_years(day: NaiveDate, years: NonZeroU16) -> NaiveDate {
    let months = Months::new(u32::from(years.get()) * 12);
    day.checked_add_months(months).unwrap_or(NaiveDate::MAX)
}
