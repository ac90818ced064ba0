//! An order as a court makes it, and which of its parts are in force when.

use chrono::{Days, NaiveDate};
use chrono_tz::Tz;

pub use crate::order_kind::{OrderKind, OrderRefusal, check_duration};

use crate::instant::{DAY_MS, Instant};
use crate::word::words;

/// What lies so long before an order was put on file is not asked for any more: an order on paper
/// reaches the system within a week, and older silence is for people to look into.
pub const BACKDATED_MS: i64 = 7 * DAY_MS;

words! {
    VersionReason {
        Original = "original",
        Variation = "variation",
        Renewal = "renewal",
        Appeal = "appeal",
        Correction = "correction",
    }
}

words! {
    Polarity {
        Requirement = "requirement",
        Prohibition = "prohibition",
    }
}

words! {
    ConditionKind {
        SignOn = "sign_on",
        Treatment = "treatment",
        DevicePresentation = "device_presentation",
        Notification = "notification",
        ExclusionZone = "exclusion_zone",
        NoContact = "no_contact",
        NoApproach = "no_approach",
        InternetUse = "internet_use",
        Other = "other",
    }
}

words! {
    ObligationState {
        Scheduled = "scheduled",
        Open = "open",
        Fulfilled = "fulfilled",
        Missed = "missed",
        Cancelled = "cancelled",
    }
}

words! {
    /// Why an obligation was cancelled.
    CancelReason {
        /// Another version of the order is in force when the window closes.
        OrderVaried = "order_varied",
        /// An order binds from service; what closed before it cannot be enforced.
        OrderNotServed = "order_not_served",
        /// Discharged, determined, replaced or quashed before the window closed.
        OrderEnded = "order_ended",
    }
}

/// The instants between which a window's close makes it a duty under one version of one condition.
/// A window is judged by the version in force when it closes (`domain.md`, J18).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub from: Instant,
    pub until: Option<Instant>,
}

impl Span {
    /// Whether a window that closes (half-open) at `closes_at` belongs to this span.
    pub fn holds(&self, closes_at: Instant) -> bool {
        self.from < closes_at && self.until.is_none_or(|until| closes_at <= until)
    }
}

/// The span of a condition: from its version's start, or its own first day if that is later, until
/// the next version, the condition's or the order's last day, whichever is first. Days are whole
/// and local.
pub fn span(
    version: Span,
    valid_from: Option<NaiveDate>,
    last_days: [Option<NaiveDate>; 2],
    zone: Tz,
) -> Span {
    let begins = valid_from.map(|day| start_of_day(day, zone));
    let ends = last_days
        .into_iter()
        .flatten()
        .map(|day| start_of_day(day.checked_add_days(Days::new(1)).unwrap_or(day), zone));
    Span {
        from: begins.map_or(version.from, |begins| begins.max(version.from)),
        until: ends.chain(version.until).min(),
    }
}

/// The first instant of a local day, also where the clocks change at midnight.
pub fn start_of_day(day: NaiveDate, zone: Tz) -> Instant {
    let midnight = day.and_hms_opt(0, 0, 0).unwrap_or_default();
    let first = (0..24).find_map(|hours| {
        (midnight + chrono::Duration::hours(hours)).and_local_timezone(zone).earliest()
    });
    first.map_or_else(|| Instant::from(midnight.and_utc()), |at| at.to_utc().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_narrowest_bound_wins_and_last_days_are_whole() {
        let zone = chrono_tz::Europe::London;
        let version = Span { from: start_of_day(day("2026-10-01"), zone), until: None };
        let found = span(
            version,
            Some(day("2026-10-10")),
            [Some(day("2026-12-31")), Some(day("2026-10-24"))],
            zone,
        );
        assert_eq!(found.from.to_rfc3339(), "2026-10-09T23:00:00.000Z");
        assert_eq!(found.until.unwrap().to_rfc3339(), "2026-10-24T23:00:00.000Z");
        assert!(found.holds(found.until.unwrap()));
        assert!(!found.holds(found.from));
    }
}
