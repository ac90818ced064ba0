//! How long an order may last, as its kind's row says.

use chrono::{Days, Months, NaiveDate};

use super::OrderKind;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DurationRule {
    /// It may be made "until a further order".
    pub may_be_open_ended: bool,
    pub at_least: Option<Years>,
    pub at_most: Option<Years>,
    /// It ceases when the main application is determined, if that is before its fixed end.
    pub ends_on_determination: bool,
    pub basis: &'static str,
}

/// A length of time of whole years, with the words for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Years {
    pub number: u8,
    pub in_words: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderRefusal {
    #[error("{which} is for a fixed period: say when it ends ({basis})")]
    WithoutEnd { which: &'static str, basis: &'static str },
    #[error(
        "{which} lasts at least {at_least}: it may end on {earliest_last_day} or later ({basis})"
    )]
    TooShort {
        which: &'static str,
        at_least: &'static str,
        earliest_last_day: NaiveDate,
        basis: &'static str,
    },
    #[error(
        "{which} lasts at most {at_most}: it may end on {latest_last_day} or earlier ({basis})"
    )]
    TooLong {
        which: &'static str,
        at_most: &'static str,
        latest_last_day: NaiveDate,
        basis: &'static str,
    },
    #[error("an order cannot end on {ends_on}, before it is made on {made_on}")]
    EndsBeforeMade { made_on: NaiveDate, ends_on: NaiveDate },
}

/// An order's fixed period, or that it has none, against the rule of its kind. Of stalking
/// protection orders: a full one is for at least two years beginning with the day it is made, or
/// until a further order (SPA 2019 s.3); an interim one is for a fixed period (s.5).
pub fn check_duration(
    kind: OrderKind,
    made_on: NaiveDate,
    ends_on: Option<NaiveDate>,
) -> Result<(), OrderRefusal> {
    let which = kind.row().in_a_sentence;
    let DurationRule { may_be_open_ended, at_least, at_most, basis, .. } = kind.row().duration;
    let Some(ends_on) = ends_on else {
        return match may_be_open_ended {
            true => Ok(()),
            false => Err(OrderRefusal::WithoutEnd { which, basis }),
        };
    };
    if ends_on < made_on {
        return Err(OrderRefusal::EndsBeforeMade { made_on, ends_on });
    }
    if let Some(years) = at_least {
        let (at_least, earliest_last_day) = (years.in_words, last_day_of(years, made_on));
        if ends_on < earliest_last_day {
            return Err(OrderRefusal::TooShort { which, at_least, earliest_last_day, basis });
        }
    }
    if let Some(years) = at_most {
        let (at_most, latest_last_day) = (years.in_words, last_day_of(years, made_on));
        if ends_on > latest_last_day {
            return Err(OrderRefusal::TooLong { which, at_most, latest_last_day, basis });
        }
    }
    Ok(())
}

/// The first day that an order made on `made_on` may have as its last; `None` without a minimum.
pub fn shortest_last_day(kind: OrderKind, made_on: NaiveDate) -> Option<NaiveDate> {
    kind.row().duration.at_least.map(|years| last_day_of(years, made_on))
}

/// The last day of a period of years that begins with `first_day`: the day before the anniversary.
fn last_day_of(years: Years, first_day: NaiveDate) -> NaiveDate {
    first_day
        .checked_add_months(Months::new(u32::from(years.number) * 12))
        .and_then(|day| day.checked_sub_days(Days::new(1)))
        .unwrap_or(NaiveDate::MAX)
}
