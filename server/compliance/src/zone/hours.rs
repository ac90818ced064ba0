//! The hours of the week for which an order names a zone, by the clock on the wall.

use chrono::{Datelike, NaiveDateTime, NaiveTime, Timelike, Weekday};
use chrono_tz::Tz;

use super::ZoneRefusal;
use crate::instant::{DAY_MS, Instant};

/// One span of a weekday. As in a schedule, `closes` is the last minute inside, and at or before
/// `opens` it is the next day's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DaySpan {
    pub weekday: Weekday,
    pub opens: NaiveTime,
    pub closes: NaiveTime,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeeklyHours {
    zone: Tz,
    spans: Vec<DaySpan>,
}

impl WeeklyHours {
    pub fn new(zone: &str, spans: &[DaySpan]) -> Result<Self, ZoneRefusal> {
        let Ok(zone) = zone.parse::<Tz>() else {
            let zone = zone.chars().take(64).collect();
            return Err(ZoneRefusal::UnknownTimeZone { zone });
        };
        if spans.is_empty() {
            return Err(ZoneRefusal::HoursEmpty);
        }
        let mut edges = spans.iter().flat_map(|span| [span.opens, span.closes]);
        if edges.any(|time| time.second() != 0 || time.nanosecond() != 0) {
            return Err(ZoneRefusal::HoursNotWholeMinutes);
        }
        Ok(Self { zone, spans: spans.to_vec() })
    }

    /// An instant has one reading on the wall, so clock changes leave no doubt: an hour that comes
    /// twice is within both times, one that is skipped never comes.
    pub fn contains(&self, at: Instant) -> bool {
        let local = self.local(at);
        let minute = local.time().with_second(0).and_then(|time| time.with_nanosecond(0));
        let minute = minute.unwrap_or(local.time());
        self.spans.iter().any(|span| {
            let is_first_day = local.weekday() == span.weekday;
            let is_next_day = local.weekday() == span.weekday.succ();
            if span.closes > span.opens {
                is_first_day && span.opens <= minute && minute <= span.closes
            } else {
                (is_first_day && span.opens <= minute) || (is_next_day && minute <= span.closes)
            }
        })
    }

    /// Whether any time of `[from, to]` is within the hours: one of its ends is, or a span opens
    /// between them.
    pub(super) fn meet(&self, from: Instant, to: Instant) -> bool {
        if to - from >= 7 * DAY_MS || self.contains(from) || self.contains(to) {
            return true;
        }
        let (from, to) = (self.local(from), self.local(to));
        let days = from.date().iter_days().take_while(|day| *day <= to.date()).take(9);
        let openings = days.flat_map(|day| {
            let of_day = self.spans.iter().filter(move |span| span.weekday == day.weekday());
            of_day.map(move |span| day.and_time(span.opens))
        });
        openings.into_iter().any(|opens| from <= opens && opens <= to)
    }

    fn local(&self, at: Instant) -> NaiveDateTime {
        at.utc().with_timezone(&self.zone).naive_local()
    }
}
