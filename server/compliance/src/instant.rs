//! A point in time and the only arithmetic on it: milliseconds UTC since 1970.

use std::fmt;
use std::ops::{Add, Range, Sub};

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, Utc};
use chrono_tz::Tz;

pub const SECOND_MS: i64 = 1_000;
pub const MINUTE_MS: i64 = 60 * SECOND_MS;
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// In which years a day or a time on file is: anything else is a broken clock or a slip of the pen.
pub const YEARS: Range<i32> = 2000..2200;

/// Where the days of the law begin and end: one zone for all parts of the United Kingdom.
pub const UK: Tz = chrono_tz::Europe::London;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }

    pub const fn ms(self) -> i64 {
        self.0
    }

    /// Reads an RFC 3339 date-time. Finer than a millisecond is cut off.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|at| Self(at.timestamp_millis()))
    }

    /// RFC 3339 in UTC with milliseconds.
    pub fn to_rfc3339(self) -> String {
        self.utc().to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    /// The calendar day that this instant falls on in `zone`.
    pub fn local_date(self, zone: Tz) -> NaiveDate {
        self.utc().with_timezone(&zone).date_naive()
    }

    /// Whether it is in `YEARS`.
    pub fn is_on_calendar(self) -> bool {
        YEARS.contains(&self.utc().year())
    }

    /// How the time is written for people: "Mon 23 Nov, 14:05".
    pub fn in_words(self, zone: Tz) -> String {
        self.utc().with_timezone(&zone).format("%a %-d %b, %H:%M").to_string()
    }

    /// The same to the second and with the year, for what is read years later: "Mon 23 Nov 2026, 14:05:00".
    pub fn in_full(self, zone: Tz) -> String {
        self.utc().with_timezone(&zone).format("%a %-d %b %Y, %H:%M:%S").to_string()
    }

    /// An instant outside chrono's range (some 262,000 years) shows as the epoch.
    pub fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default()
    }
}

impl From<DateTime<Utc>> for Instant {
    fn from(at: DateTime<Utc>) -> Self {
        Self(at.timestamp_millis())
    }
}

impl Add<i64> for Instant {
    type Output = Instant;

    /// `ms` later; stops at the ends of the range instead of wrapping.
    fn add(self, ms: i64) -> Instant {
        Instant(self.0.saturating_add(ms))
    }
}

impl Sub<Instant> for Instant {
    type Output = i64;

    /// Milliseconds from `earlier` to `self`.
    fn sub(self, earlier: Instant) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_rfc3339())
    }
}
