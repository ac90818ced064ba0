//! How sign-ons turned out over a number of local days, by subject, station or week.

use chrono::{Datelike, Days, NaiveDate};
use compliance::Instant;
use compliance::order::start_of_day;

use super::Actor;
use crate::ZONE;
use crate::identity::sha256;
use crate::store::compliance_figures::{self, Figures, Line};
use crate::store::ledger::{self, Chain, NewEntry};
use crate::store::{StoreError, Tx};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Subject,
    Station,
    Week,
}

impl By {
    fn as_str(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Station => "station",
            Self::Week => "week",
        }
    }
}

/// Local days, the last one included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub from: NaiveDate,
    pub until: NaiveDate,
}

impl Period {
    /// Whole weeks and the one under way.
    pub fn last_12_weeks(now: Instant) -> Self {
        let until = now.local_date(ZONE);
        let from = monday(until).checked_sub_days(Days::new(11 * 7)).unwrap_or(until);
        Self { from, until }
    }

    pub fn days(self) -> i64 {
        (self.until - self.from).num_days() + 1
    }

    pub fn instants(self) -> (Instant, Instant) {
        (start_of_day(self.from, ZONE), start_of_day(days_after(self.until, 1), ZONE))
    }

    /// Its weeks, each from Monday; the first and the last may be parts of one.
    fn weeks(self) -> impl Iterator<Item = Period> {
        let mondays = std::iter::successors(Some(monday(self.from)), |day| {
            day.checked_add_days(Days::new(7))
        });
        mondays.take_while(move |day| *day <= self.until).map(move |day| Period {
            from: day.max(self.from),
            until: days_after(day, 6).min(self.until),
        })
    }
}

fn monday(day: NaiveDate) -> NaiveDate {
    let since = u64::from(day.weekday().num_days_from_monday());
    day.checked_sub_days(Days::new(since)).unwrap_or(day)
}

fn days_after(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_add_days(Days::new(days)).unwrap_or(day)
}

/// The lines, and all of them together.
pub fn compliance_report(
    tx: &mut Tx<'_>,
    actor: &Actor,
    by: By,
    period: Period,
) -> Result<(Vec<Line>, Figures), StoreError> {
    let (from, until) = period.instants();
    let lines = match by {
        By::Subject => compliance_figures::by_subject(tx, actor.scope, from, until)?,
        By::Station => compliance_figures::by_station(tx, actor.scope, from, until)?,
        By::Week => by_week(tx, actor, period)?,
    };
    let total = compliance_figures::total(tx, actor.scope, from, until)?;
    let detail = format!("{} {} {}", by.as_str(), period.from, period.until);
    let entry = NewEntry {
        chain: Chain::Account(actor.scope.account),
        actor: Some(actor.scope.account),
        act: "get_compliance",
        object: format!("account:{}", actor.scope.account),
        body_digest: sha256(detail.as_bytes()),
        detail,
    };
    ledger::append(tx, actor.now, vec![entry])?;
    Ok((lines, total))
}

fn by_week(tx: &mut Tx<'_>, actor: &Actor, period: Period) -> Result<Vec<Line>, StoreError> {
    let mut lines = Vec::new();
    for week in period.weeks() {
        let (from, until) = week.instants();
        lines.push(Line {
            key: week.from.format("%G-W%V").to_string(),
            name: monday(week.from).format("%a %-d %b").to_string(),
            figures: compliance_figures::total(tx, actor.scope, from, until)?,
        });
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn weeks_tile_a_period_and_begin_on_mondays() {
        let period = Period { from: day("2026-11-18"), until: day("2026-12-01") };

        let weeks: Vec<(NaiveDate, NaiveDate)> =
            period.weeks().map(|week| (week.from, week.until)).collect();

        assert_eq!(
            weeks,
            [
                (day("2026-11-18"), day("2026-11-22")),
                (day("2026-11-23"), day("2026-11-29")),
                (day("2026-11-30"), day("2026-12-01")),
            ]
        );
    }

    #[test]
    fn twelve_weeks_end_today_and_begin_on_a_monday() {
        let now = Instant::parse_rfc3339("2026-11-24T12:00:00Z").unwrap();

        let period = Period::last_12_weeks(now);

        assert_eq!(period, Period { from: day("2026-09-07"), until: day("2026-11-24") });
        assert_eq!(period.weeks().count(), 12);
    }
}
