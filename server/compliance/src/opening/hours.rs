//! The hours of a day on the clock, and the days on which a station is shut.

use chrono::{NaiveDate, NaiveTime};

use crate::instant::UK;
use crate::order::start_of_day;
use crate::schedule::local::settle;
use crate::window::Window;

/// From one time on the clock until another of the same day, at which it is shut. Midnight at the
/// end is 24:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct OpenSpan {
    opens: NaiveTime,
    /// `None`: the end of the day.
    closes: Option<NaiveTime>,
}

/// Days on which a station is shut whatever its hours, first and last included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closure {
    from: NaiveDate,
    until: Option<NaiveDate>,
    reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClosureRefusal {
    #[error("a closure cannot end on {until}, before it begins on {from}")]
    EndsBeforeItBegins { from: NaiveDate, until: NaiveDate },
    #[error("say why the station is closed")]
    WithoutReason,
}

impl OpenSpan {
    pub const ALL_DAY: Self = Self { opens: NaiveTime::MIN, closes: None };

    /// `None` unless it opens before it closes; without `closes` it is open to the end of the day.
    pub fn new(opens: NaiveTime, closes: Option<NaiveTime>) -> Option<Self> {
        closes.is_none_or(|closes| opens < closes).then_some(Self { opens, closes })
    }

    /// "10:00-22:00"; the end of the day is "24:00".
    pub fn parse(text: &str) -> Option<Self> {
        let (opens, closes) = text.split_once('-')?;
        let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
        match closes.trim() {
            "24:00" => Self::new(time(opens)?, None),
            closes => Self::new(time(opens)?, Some(time(closes)?)),
        }
    }

    /// Of a time that the clocks repeat, opening takes the first and closing the second.
    pub(super) fn on(self, date: NaiveDate) -> Window {
        let opens_at = match self.opens {
            NaiveTime::MIN => start_of_day(date, UK),
            opens => settle(UK, date.and_time(opens)).first,
        };
        let closes_at = match self.closes {
            Some(closes) => settle(UK, date.and_time(closes)).second,
            None => whole_day(date).closes_at,
        };
        Window { opens_at, closes_at: closes_at.max(opens_at) }
    }
}

impl Closure {
    /// Without a last day it is until further notice.
    pub fn new(
        from: NaiveDate,
        until: Option<NaiveDate>,
        reason: &str,
    ) -> Result<Self, ClosureRefusal> {
        if let Some(until) = until.filter(|until| *until < from) {
            return Err(ClosureRefusal::EndsBeforeItBegins { from, until });
        }
        if reason.trim().is_empty() {
            return Err(ClosureRefusal::WithoutReason);
        }
        Ok(Self { from, until, reason: reason.trim().to_owned() })
    }

    pub(super) fn holds(&self, date: NaiveDate) -> bool {
        self.from <= date && self.until.is_none_or(|until| date <= until)
    }

    pub(super) fn in_words(&self) -> String {
        let until = match self.until {
            Some(until) => format!("to {}", until.format("%a %-d %b")),
            None => "until further notice".to_owned(),
        };
        format!("from {} {until} ({})", self.from.format("%a %-d %b"), self.reason)
    }
}

pub(super) fn whole_day(date: NaiveDate) -> Window {
    let next = date.succ_opt().unwrap_or(date);
    Window { opens_at: start_of_day(date, UK), closes_at: start_of_day(next, UK) }
}

/// "open from 10:00 to 14:00 and from 16:00 to 24:00", "closed".
pub(super) fn in_words(spans: &[OpenSpan]) -> String {
    if spans.is_empty() {
        return "closed".to_owned();
    }
    let words = |span: &OpenSpan| {
        let closes =
            span.closes.map_or("24:00".to_owned(), |time| time.format("%H:%M").to_string());
        format!("from {} to {closes}", span.opens.format("%H:%M"))
    };
    format!("open {}", spans.iter().map(words).collect::<Vec<_>>().join(" and "))
}
