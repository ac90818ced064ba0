//! The dates that a recurrence rule gives, at a cost that does not depend on the rule's age.
//!
//! The engine walks from the date it is given. So it is given the start of the last period in step
//! with the rule (day, week, month or year) that is not later than the first date wanted. For this
//! the parts that the rule takes from its start are written out, and COUNT is made into a last date.

use chrono::{DateTime, Datelike, Days, Month, Months, NaiveDate, NaiveTime};
use chrono_tz::Tz;
use recurrence::{NWeekday, RRule, RRuleError, RRuleSet, Unvalidated};

use super::rrule::{DayOfWeek, Frequency, Parts, unreadable};
use super::{OCCURRENCE_YEARS, ScheduleRefusal};

/// A rule that has not come once in this time is taken for a mistake.
const FIRST_WITHIN: Months = Months::new(120);
/// The engine gives up on a rule without dates only at the year 10000. As the calendar repeats every
/// 400 years (146,097 days), it is run 7,600 years ahead, where giving up is near.
const AHEAD: Days = Days::new(19 * 146_097);

#[derive(Debug, Clone)]
pub(super) struct Rule {
    /// As it was given, for reading back what has no words.
    pub text: String,
    /// With the parts that the start implies written out.
    pub parts: Parts,
    starts_on: NaiveDate,
    engine: RRule,
    /// First and last date of the rule; `None` if it has none.
    span: Option<(NaiveDate, NaiveDate)>,
    is_idle: bool,
}

impl Rule {
    pub(super) fn parse(
        rrule: &str,
        starts_on: NaiveDate,
        zone: Tz,
    ) -> Result<Rule, ScheduleRefusal> {
        let parts = written_out(Parts::parse(rrule, zone)?, starts_on);
        let engine = match engine(&parts)
            .and_then(|rule| rule.validate(ahead(starts_on)).map_err(|refused| plain(&refused)))
        {
            Ok(engine) => engine,
            Err(reason) => return unreadable(reason),
        };
        let text = rrule.to_owned();
        let mut rule = Rule { text, parts, starts_on, engine, span: None, is_idle: false };
        let first_on = if rule.has_possible_day() { rule.walk(starts_on).next() } else { None };
        rule.is_idle = match (first_on, starts_on.checked_add_months(FIRST_WITHIN)) {
            (Some(first_on), Some(by)) => first_on > by,
            _ => true,
        };
        rule.span = first_on.map(|first_on| (first_on, rule.last_on(first_on)));
        Ok(rule)
    }

    /// Whether the rule, ends aside, has no date within ten years of its start.
    pub(super) fn is_idle(&self) -> bool {
        self.is_idle
    }

    /// The date on which an interval, counted from the start, first falls; `None` if it never does.
    pub(super) fn first_on(&self) -> Option<NaiveDate> {
        self.span.filter(|(first_on, last_on)| first_on <= last_on).map(|(first_on, _)| first_on)
    }

    /// The rule's dates on or after `first`, in order.
    pub(super) fn dates_from(&self, first: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        self.span
            .into_iter()
            .map(move |(first_on, last_on)| (first.max(first_on), last_on))
            .filter(|(first, last_on)| first <= last_on)
            .flat_map(|(first, last_on)| self.walk(first).take_while(move |date| *date <= last_on))
    }

    /// The dates on or after `first`, which is not before the start, as if the rule had no end.
    fn walk(&self, first: NaiveDate) -> impl Iterator<Item = NaiveDate> + use<> {
        let base = ahead(self.period_start(first));
        let set = RRuleSet::new(base).rrule(self.engine.clone()).limit();
        (&set)
            .into_iter()
            .filter_map(|at| at.date_naive().checked_sub_days(AHEAD))
            .skip_while(move |date| *date < first)
            .take_while(|date| OCCURRENCE_YEARS.contains(&date.year()))
    }

    /// Where the last period in step with the rule and not later than `day` begins.
    pub(super) fn period_start(&self, day: NaiveDate) -> NaiveDate {
        let start = self.starts_on;
        let every = u32::from(self.parts.interval);
        let in_step = |periods: i64| {
            let periods = u32::try_from(periods).unwrap_or(0);
            periods / every * every
        };
        let whole_months = |date: NaiveDate| i64::from(date.year()) * 12 + i64::from(date.month0());
        let period_start = match self.parts.frequency {
            Frequency::Daily => {
                let days = in_step((day - start).num_days());
                start.checked_add_days(Days::new(u64::from(days)))
            }
            Frequency::Weekly => {
                let week = start.week(self.parts.week_start).first_day();
                let weeks = in_step((day - week).num_days() / 7);
                week.checked_add_days(Days::new(u64::from(weeks) * 7))
            }
            Frequency::Monthly => {
                let months = in_step(whole_months(day) - whole_months(start));
                start.with_day(1).and_then(|month| month.checked_add_months(Months::new(months)))
            }
            Frequency::Yearly => {
                let years = in_step(i64::from(day.year()) - i64::from(start.year()));
                start
                    .with_day(1)
                    .and_then(|month| month.with_month(1))
                    .and_then(|year| year.checked_add_months(Months::new(years * 12)))
            }
        };
        period_start.unwrap_or(start)
    }

    fn last_on(&self, first_on: NaiveDate) -> NaiveDate {
        match (self.parts.until, self.parts.count) {
            (Some(until), _) => until,
            (None, Some(count)) => {
                let dates = usize::try_from(count).unwrap_or(usize::MAX);
                self.walk(first_on).take(dates).last().unwrap_or(first_on)
            }
            (None, None) => NaiveDate::MAX,
        }
    }

    /// False if each stated day is one that none of the stated months has. Spares the engine a long
    /// search for the commonest mistakes: 30 February, 31 June.
    fn has_possible_day(&self) -> bool {
        let days = |month| match month {
            2 => 29,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        let Parts { months, month_days, .. } = &self.parts;
        let longest = months.iter().copied().map(days).max().unwrap_or(31);
        month_days.is_empty() || month_days.iter().any(|day| day.unsigned_abs() <= longest)
    }
}

/// RFC 5545 takes the day, and for a year the month, from the start if the rule does not state it.
fn written_out(mut parts: Parts, starts_on: NaiveDate) -> Parts {
    if parts.states_days() {
        return parts;
    }
    let day = i8::try_from(starts_on.day()).unwrap_or(1);
    match parts.frequency {
        Frequency::Daily => {}
        Frequency::Weekly => {
            parts.weekdays = vec![DayOfWeek { nth: None, weekday: starts_on.weekday() }];
        }
        Frequency::Monthly => parts.month_days = vec![day],
        Frequency::Yearly => {
            parts.month_days = vec![day];
            if parts.months.is_empty() {
                parts.months = vec![u8::try_from(starts_on.month()).unwrap_or(1)];
            }
        }
    }
    parts
}

fn engine(parts: &Parts) -> Result<RRule<Unvalidated>, String> {
    let months: Option<Vec<Month>> =
        parts.months.iter().map(|month| Month::try_from(*month).ok()).collect();
    let months = months.ok_or_else(|| "BYMONTH must be from 1 to 12".to_owned())?;
    let weekday = |day: &DayOfWeek| NWeekday::new(day.nth, day.weekday);
    Ok(RRule::new(match parts.frequency {
        Frequency::Daily => recurrence::Frequency::Daily,
        Frequency::Weekly => recurrence::Frequency::Weekly,
        Frequency::Monthly => recurrence::Frequency::Monthly,
        Frequency::Yearly => recurrence::Frequency::Yearly,
    })
    .interval(parts.interval)
    .week_start(parts.week_start)
    .by_set_pos(parts.set_positions.clone())
    .by_month(&months)
    .by_month_day(parts.month_days.clone())
    .by_year_day(parts.year_days.clone())
    .by_week_no(parts.week_numbers.clone())
    .by_weekday(parts.weekdays.iter().map(weekday).collect()))
}

/// The engine's reason without its heading, code marks and full stop.
fn plain(refused: &RRuleError) -> String {
    let text = match refused {
        RRuleError::ValidationError(reason) => reason.to_string(),
        other => other.to_string(),
    };
    text.trim_end_matches('.').replace('`', "")
}

/// Midnight of the date in the engine's years, in floating time: UTC has no clock changes.
fn ahead(date: NaiveDate) -> DateTime<recurrence::Tz> {
    let date = date.checked_add_days(AHEAD).unwrap_or(date);
    date.and_time(NaiveTime::MIN).and_utc().with_timezone(&recurrence::Tz::from_static(Tz::UTC))
}
