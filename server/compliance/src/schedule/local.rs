//! From a date and the times on the clock to a window, across clock changes.
//!
//! A time that the clocks skip moves forward by as much as they skip. Of a time that comes twice,
//! the opening takes the first and the closing the second. If the opening was moved, the window
//! keeps at least its stated length. So no window is shorter than its words on the clock, or empty.

use chrono::{Days, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone};
use chrono_tz::{GapInfo, Tz};

use crate::instant::{Instant, MINUTE_MS};
use crate::window::Window;

/// The local times of one day's window; `closes` is the last minute inside.
#[derive(Debug, Clone)]
pub(super) struct DailyHours {
    pub zone: Tz,
    pub opens: NaiveTime,
    pub closes: NaiveTime,
}

impl DailyHours {
    pub(super) fn window_on(&self, date: NaiveDate) -> Window {
        let closing_date = if self.closes_next_day() {
            date.checked_add_days(Days::new(1)).unwrap_or(date)
        } else {
            date
        };
        let opens = date.and_time(self.opens);
        let closes = closing_date.and_time(self.closes);
        let opening = settle(self.zone, opens);
        let opens_at = opening.first;
        let mut closes_at = settle(self.zone, closes).second + MINUTE_MS;
        if opening.is_moved {
            let stated_ms = (closes - opens).num_milliseconds();
            closes_at = closes_at.max(opens_at + stated_ms + MINUTE_MS);
        }
        Window { opens_at, closes_at }
    }

    pub(super) fn closes_next_day(&self) -> bool {
        self.closes <= self.opens
    }
}

/// When a local time happens: twice if the clocks go back over it, moved if they skip it.
pub(crate) struct Settled {
    pub first: Instant,
    pub second: Instant,
    pub is_moved: bool,
}

pub(crate) fn settle(zone: Tz, local: NaiveDateTime) -> Settled {
    match zone.from_local_datetime(&local) {
        MappedLocalTime::Single(at) => {
            let at = Instant::from(at.to_utc());
            Settled { first: at, second: at, is_moved: false }
        }
        MappedLocalTime::Ambiguous(one, other) => {
            let (one, other) = (Instant::from(one.to_utc()), Instant::from(other.to_utc()));
            Settled { first: one.min(other), second: one.max(other), is_moved: false }
        }
        MappedLocalTime::None => {
            let offset_before_s = GapInfo::new(&local, &zone)
                .and_then(|gap| gap.begin)
                .map_or(0, |(_, offset)| offset.fix().local_minus_utc());
            let at = Instant::from(local.and_utc()) + -1_000 * i64::from(offset_before_s);
            Settled { first: at, second: at, is_moved: true }
        }
    }
}
