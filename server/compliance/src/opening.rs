//! When a station's counter is open, and whether it is for a window of a sign-on.
//!
//! A closed station is a warning when a schedule is made and a possible fault of the police when a
//! window was missed. It never excuses by itself: that, a named person decides (`domain.md`, J6).

mod hours;
#[cfg(test)]
mod tests;

use chrono::{Datelike, NaiveDate, Weekday};

pub use hours::{Closure, ClosureRefusal, OpenSpan};

use crate::attendance::Reason;
use crate::holidays::{Holidays, NotCovered};
use crate::instant::{DAY_MS, Instant, UK};
use crate::window::Window;
use crate::word::words;

/// Longer than any window of a sign-on; bounds the work of judging one.
const WINDOW_MS_MAX: i64 = 31 * DAY_MS;

words! {
    /// For how much of a window a station is open.
    Extent {
        Whole = "whole",
        Part = "part",
        Closed = "closed",
        /// The list of bank holidays does not reach so far.
        NotKnown = "not_known",
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OnBankHolidays {
    AsUsual,
    Closed,
    Open(Vec<OpenSpan>),
}

/// The hours of one station's counter in local time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpeningHours {
    /// In any order; a weekday may have several or none. Past midnight is the next day's span.
    pub week: Vec<(Weekday, OpenSpan)>,
    pub on_bank_holidays: OnBankHolidays,
    pub closures: Vec<Closure>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    pub extent: Extent,
    /// The parts of the window in which the counter is open, in order and apart.
    pub open: Vec<Window>,
    /// Why it is not open for the whole of it, in words.
    pub reasons: Vec<Reason>,
}

impl Opening {
    /// Somebody must look whether a miss was the police's own doing (R11). It decides nothing.
    pub fn may_be_police_fault(&self) -> bool {
        self.extent != Extent::Whole
    }
}

impl Closure {
    /// Whether a local day of the window lies in it.
    pub fn touches(&self, window: Window) -> bool {
        days_of(window).any(|date| self.holds(date))
    }
}

/// What holds on one day.
struct Day<'a> {
    spans: Vec<OpenSpan>,
    why: Why<'a>,
}

/// Why these hours hold. Most windows are open throughout, and nobody needs it in words.
enum Why<'a> {
    Closure(&'a Closure),
    BankHoliday(&'a str),
    NotKnown(NotCovered),
    Usual,
}

impl OpeningHours {
    /// Total: every window has an answer; one of a month or longer is not known.
    pub fn judge(&self, window: Window, holidays: &Holidays) -> Opening {
        if window.closes_at - window.opens_at > WINDOW_MS_MAX {
            let says = "The window is too long to be one of a sign-on.".to_owned();
            let reasons = vec![Reason { code: "window-too-long", says }];
            return Opening { extent: Extent::NotKnown, open: Vec::new(), reasons };
        }
        let mut found = Opening { extent: Extent::Whole, open: Vec::new(), reasons: Vec::new() };
        let mut is_known = true;
        for date in days_of(window) {
            let of_day = clipped(window, hours::whole_day(date));
            let day = self.day(date, holidays);
            let open = merged(day.spans.iter().map(|span| clipped(of_day, span.on(date))));
            let is_day_known = !matches!(day.why, Why::NotKnown(_));
            if !is_day_known || open != [of_day] {
                found.reasons.push(day.reason(date));
            }
            is_known &= is_day_known;
            found.open.extend(open);
        }
        found.open = merged(found.open.into_iter());
        found.extent = match found.open.as_slice() {
            _ if !is_known => Extent::NotKnown,
            [] => Extent::Closed,
            [whole] if *whole == window => Extent::Whole,
            _ => Extent::Part,
        };
        found
    }

    fn day<'a>(&'a self, date: NaiveDate, holidays: &'a Holidays) -> Day<'a> {
        if let Some(closure) = self.closures.iter().find(|closure| closure.holds(date)) {
            return Day { spans: Vec::new(), why: Why::Closure(closure) };
        }
        let usual = self.usual(date.weekday());
        let spans = match &self.on_bank_holidays {
            OnBankHolidays::AsUsual => return Day { spans: usual, why: Why::Usual },
            OnBankHolidays::Closed => &Vec::new(),
            OnBankHolidays::Open(spans) => spans,
        };
        match holidays.name(date) {
            Ok(None) => Day { spans: usual, why: Why::Usual },
            Ok(Some(name)) => Day { spans: spans.clone(), why: Why::BankHoliday(name) },
            Err(refused) => Day { spans: usual, why: Why::NotKnown(refused) },
        }
    }

    fn usual(&self, weekday: Weekday) -> Vec<OpenSpan> {
        let of_day = self.week.iter().filter(|(day, _)| *day == weekday);
        let mut spans: Vec<_> = of_day.map(|(_, span)| *span).collect();
        spans.sort_unstable();
        spans
    }
}

impl Day<'_> {
    fn reason(&self, date: NaiveDate) -> Reason {
        let on = date.format("%a %-d %b");
        let spans = || hours::in_words(&self.spans);
        let (code, says) = match &self.why {
            Why::Closure(closure) => {
                ("station-closed", format!("On {on} the station is closed {}.", closure.in_words()))
            }
            Why::BankHoliday(name) => {
                ("bank-holiday", format!("{on} is a bank holiday ({name}): {}.", spans()))
            }
            Why::NotKnown(refused) => {
                ("bank-holidays-not-known", format!("The hours on {on} are not known: {refused}."))
            }
            Why::Usual => ("outside-hours", format!("On {on} the station is {}.", spans())),
        };
        Reason { code, says }
    }
}

/// The local days that a window touches.
fn days_of(window: Window) -> impl Iterator<Item = NaiveDate> {
    let last_at = Instant::from_ms(window.closes_at.ms().saturating_sub(1));
    let last = last_at.local_date(UK);
    window.opens_at.local_date(UK).iter_days().take_while(move |date| *date <= last)
}

/// The part of `inner` that lies in `outer`; empty if they do not meet.
fn clipped(outer: Window, inner: Window) -> Window {
    let opens_at = inner.opens_at.max(outer.opens_at);
    Window { opens_at, closes_at: inner.closes_at.min(outer.closes_at).max(opens_at) }
}

/// The same time in as few parts as possible, in order.
fn merged(parts: impl Iterator<Item = Window>) -> Vec<Window> {
    let mut parts: Vec<_> = parts.filter(|part| part.opens_at < part.closes_at).collect();
    parts.sort_unstable();
    let mut found: Vec<Window> = Vec::new();
    for part in parts {
        match found.last_mut() {
            Some(last) if part.opens_at <= last.closes_at => {
                last.closes_at = last.closes_at.max(part.closes_at);
            }
            _ => found.push(part),
        }
    }
    found
}
