//! Why a schedule is turned away, in sentences that a clerk can act on.

use chrono::NaiveDate;
use thiserror::Error;

use super::{DATES_MAX, RULE_LENGTH_MAX};

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ScheduleRefusal {
    #[error("\"{zone}\" is not a time zone we know; give an IANA name such as Europe/London.")]
    UnknownZone { zone: String },
    #[error("The recurrence rule cannot be read: {reason}.")]
    UnreadableRule { reason: String },
    #[error(
        "A rule may repeat daily, weekly, monthly or yearly, not FREQ={freq}; for several windows \
         in a day, enter several schedules."
    )]
    TooFrequent { freq: String },
    #[error("{part} is not allowed in a rule; the times of day are given by opening and closing.")]
    PartNotAllowed { part: String },
    #[error("INTERVAL must be a whole number from 1 to 366.")]
    IntervalOutOfRange,
    #[error("COUNT must be a whole number from 1 to 10000.")]
    CountOutOfRange,
    #[error("A rule may end by COUNT or by UNTIL, not by both; remove one of them.")]
    CountAndUntil,
    #[error("The recurrence rule is longer than {RULE_LENGTH_MAX} characters; shorten it.")]
    RuleTooLong,
    #[error("More than {DATES_MAX} single dates are added or taken out; use a rule instead.")]
    TooManyDates,
    #[error("The schedule starts on {starts_on}; it must start in the years 2000 to 2099.")]
    StartOutOfRange { starts_on: NaiveDate },
    #[error("The extra date {date} must lie in the years 2000 to 2199.")]
    ExtraDateOutOfRange { date: NaiveDate },
    #[error("Opening and closing must be whole minutes.")]
    NotWholeMinutes,
    #[error(
        "The rule has no date in the ten years after its start; check its days and months \
         (30 February, for example, never comes)."
    )]
    NeverOccurs,
}

/// A span of time holds more windows than the caller is ready to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("More than {at_most} windows open in this span of time; ask for a shorter one.")]
pub struct TooManyWindows {
    pub at_most: usize,
}
