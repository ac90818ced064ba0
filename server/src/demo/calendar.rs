//! The days of the demo: how many weeks it looks back, and what day is today.

use chrono::{Days, NaiveDate};
use compliance::Instant;
use compliance::order::start_of_day;

use crate::ZONE;

/// So much is played before the day in progress.
pub const WEEKS: u64 = 12;

#[derive(Debug, Clone, Copy)]
pub struct Calendar {
    pub begins_on: NaiveDate,
    pub today: NaiveDate,
}

impl Calendar {
    pub fn until(today: NaiveDate) -> Self {
        Self { begins_on: today - Days::new(WEEKS * 7), today }
    }

    /// So long after the beginning of a day in the past.
    pub fn ago(self, days: u64, ms: i64) -> Instant {
        start_of_day(self.today - Days::new(days), ZONE) + ms
    }

    pub fn ahead(self, days: u64, ms: i64) -> Instant {
        start_of_day(self.today + Days::new(days), ZONE) + ms
    }
}
