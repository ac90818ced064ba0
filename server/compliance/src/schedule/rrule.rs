//! The text of an RFC 5545 RRULE value into its parts. Stricter than the RFC where it leaves the
//! meaning open: what two calendars could read differently is refused.

use std::str::FromStr;

use chrono::{NaiveDate, NaiveDateTime, Weekday};
use chrono_tz::Tz;

use super::{RULE_LENGTH_MAX, ScheduleRefusal};

/// A leap year's days: no interval that an order states is longer.
const INTERVAL_MAX: u16 = 366;
/// A daily sign-on for 27 years.
const COUNT_MAX: u32 = 10_000;

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Mon),
    ("TU", Weekday::Tue),
    ("WE", Weekday::Wed),
    ("TH", Weekday::Thu),
    ("FR", Weekday::Fri),
    ("SA", Weekday::Sat),
    ("SU", Weekday::Sun),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// Every such weekday of the period (`nth` is `None`), or only the nth of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DayOfWeek {
    pub nth: Option<i16>,
    pub weekday: Weekday,
}

#[derive(Debug, Clone)]
pub(super) struct Parts {
    pub frequency: Frequency,
    pub interval: u16,
    pub count: Option<u32>,
    pub until: Option<NaiveDate>,
    pub week_start: Weekday,
    pub set_positions: Vec<i32>,
    pub months: Vec<u8>,
    pub month_days: Vec<i8>,
    pub year_days: Vec<i16>,
    pub week_numbers: Vec<i8>,
    pub weekdays: Vec<DayOfWeek>,
}

impl Parts {
    /// `zone` tells on which local date an UNTIL that is a date-time falls.
    pub(super) fn parse(rrule: &str, zone: Tz) -> Result<Parts, ScheduleRefusal> {
        if rrule.chars().count() > RULE_LENGTH_MAX {
            return Err(ScheduleRefusal::RuleTooLong);
        }
        let fields = fields(rrule)?;
        let value = |name| fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
        let frequency = frequency(value("FREQ"))?;
        let parts = Parts {
            frequency,
            interval: bounded(value("INTERVAL"), INTERVAL_MAX)
                .ok_or(ScheduleRefusal::IntervalOutOfRange)?
                .unwrap_or(1),
            count: bounded(value("COUNT"), COUNT_MAX).ok_or(ScheduleRefusal::CountOutOfRange)?,
            until: value("UNTIL").map(|v| until(v, zone)).transpose()?,
            week_start: value("WKST").map_or(Ok(Weekday::Mon), weekday)?,
            set_positions: list("BYSETPOS", value("BYSETPOS"))?,
            months: list("BYMONTH", value("BYMONTH"))?,
            month_days: list("BYMONTHDAY", value("BYMONTHDAY"))?,
            year_days: list("BYYEARDAY", value("BYYEARDAY"))?,
            week_numbers: list("BYWEEKNO", value("BYWEEKNO"))?,
            weekdays: value("BYDAY").map_or(Ok(Vec::new()), days_of_week)?,
        };
        if parts.count.is_some() && parts.until.is_some() {
            return Err(ScheduleRefusal::CountAndUntil);
        }
        parts.has_one_meaning()?;
        Ok(parts)
    }

    pub(super) fn states_days(&self) -> bool {
        !self.weekdays.is_empty()
            || !self.month_days.is_empty()
            || !self.year_days.is_empty()
            || !self.week_numbers.is_empty()
    }

    fn has_one_meaning(&self) -> Result<(), ScheduleRefusal> {
        let numbered = self.weekdays.iter().filter(|day| day.nth.is_some()).count();
        if numbered > 0 {
            if matches!(self.frequency, Frequency::Daily | Frequency::Weekly) {
                return unreadable(
                    "a numbered BYDAY such as 1MO needs FREQ=MONTHLY or FREQ=YEARLY",
                );
            }
            if numbered < self.weekdays.len() {
                return unreadable("BYDAY mixes numbered and plain weekdays");
            }
            if !self.week_numbers.is_empty() {
                return unreadable("a numbered BYDAY cannot be used with BYWEEKNO");
            }
        }
        if !self.week_numbers.is_empty() && self.weekdays.is_empty() {
            return unreadable("BYWEEKNO needs BYDAY to say which day of the week");
        }
        if self.frequency == Frequency::Daily && !self.set_positions.is_empty() {
            return unreadable("BYSETPOS cannot be used with FREQ=DAILY");
        }
        if !self.set_positions.is_empty() && !self.states_days() && self.months.is_empty() {
            return unreadable("BYSETPOS needs another part, such as BYDAY, to choose from");
        }
        Ok(())
    }
}

pub(super) fn unreadable<T>(reason: impl Into<String>) -> Result<T, ScheduleRefusal> {
    Err(ScheduleRefusal::UnreadableRule { reason: reason.into() })
}

/// Names and values in capitals, each name known and given once.
fn fields(rrule: &str) -> Result<Vec<(String, String)>, ScheduleRefusal> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for field in rrule.split(';') {
        let Some((name, value)) = field.split_once('=') else {
            return unreadable(format!("\"{field}\" is not of the form NAME=VALUE"));
        };
        let name = name.to_ascii_uppercase();
        match name.as_str() {
            "FREQ" | "INTERVAL" | "COUNT" | "UNTIL" | "WKST" | "BYSETPOS" | "BYMONTH"
            | "BYMONTHDAY" | "BYYEARDAY" | "BYWEEKNO" | "BYDAY" => {}
            "BYHOUR" | "BYMINUTE" | "BYSECOND" | "BYEASTER" => {
                return Err(ScheduleRefusal::PartNotAllowed { part: name });
            }
            _ => return unreadable(format!("\"{name}\" is not a part of a rule")),
        }
        if fields.iter().any(|(earlier, _)| *earlier == name) {
            return unreadable(format!("{name} is given twice"));
        }
        fields.push((name, value.to_ascii_uppercase()));
    }
    Ok(fields)
}

fn frequency(value: Option<&str>) -> Result<Frequency, ScheduleRefusal> {
    match value {
        Some("DAILY") => Ok(Frequency::Daily),
        Some("WEEKLY") => Ok(Frequency::Weekly),
        Some("MONTHLY") => Ok(Frequency::Monthly),
        Some("YEARLY") => Ok(Frequency::Yearly),
        Some(freq @ ("HOURLY" | "MINUTELY" | "SECONDLY")) => {
            Err(ScheduleRefusal::TooFrequent { freq: freq.to_owned() })
        }
        Some(other) => unreadable(format!("FREQ={other} is not a frequency")),
        None => unreadable("FREQ is missing"),
    }
}

/// `Some(None)` if absent, `None` if it is not a number from 1 to `max`.
fn bounded<N: FromStr + PartialOrd + From<u8>>(value: Option<&str>, max: N) -> Option<Option<N>> {
    let Some(value) = value else { return Some(None) };
    let number = value.parse().ok()?;
    (N::from(1) <= number && number <= max).then_some(Some(number))
}

/// Zero is refused here: it counts nothing, and the engine would pass over it in silence.
fn list<N: FromStr + PartialEq + Default>(
    name: &str,
    value: Option<&str>,
) -> Result<Vec<N>, ScheduleRefusal> {
    let items = value.into_iter().flat_map(|value| value.split(','));
    let number = |item: &str| match item.parse::<N>() {
        Ok(number) if number != N::default() => Ok(number),
        _ => unreadable(format!("\"{item}\" is not a number for {name}")),
    };
    items.map(number).collect()
}

fn weekday(text: &str) -> Result<Weekday, ScheduleRefusal> {
    match WEEKDAYS.iter().find(|(code, _)| *code == text) {
        Some((_, weekday)) => Ok(*weekday),
        None => unreadable(format!("\"{text}\" is not a weekday (MO, TU, WE, TH, FR, SA, SU)")),
    }
}

fn days_of_week(value: &str) -> Result<Vec<DayOfWeek>, ScheduleRefusal> {
    value.split(',').map(day_of_week).collect()
}

fn day_of_week(text: &str) -> Result<DayOfWeek, ScheduleRefusal> {
    let split = WEEKDAYS.iter().find_map(|(code, day)| Some((text.strip_suffix(code)?, *day)));
    let Some((number, weekday)) = split else {
        return unreadable(format!("\"{text}\" is not a weekday (MO, TU, WE, TH, FR, SA, SU)"));
    };
    if number.is_empty() {
        return Ok(DayOfWeek { nth: None, weekday });
    }
    match number.parse() {
        Ok(nth) if nth != 0 => Ok(DayOfWeek { nth: Some(nth), weekday }),
        _ => unreadable(format!("\"{text}\" is not a numbered weekday such as 1MO or -1FR")),
    }
}

fn until(value: &str, zone: Tz) -> Result<NaiveDate, ScheduleRefusal> {
    let shape: String = value.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let date = match shape.as_str() {
        "00000000" => NaiveDate::parse_from_str(value, "%Y%m%d").ok(),
        "00000000T000000Z" => NaiveDateTime::parse_from_str(value, "%Y%m%dT%H%M%SZ")
            .ok()
            .map(|at| at.and_utc().with_timezone(&zone).date_naive()),
        _ => None,
    };
    match date {
        Some(date) => Ok(date),
        None => unreadable(format!(
            "UNTIL={value} is not a date such as 20261231 or a UTC time such as 20261231T235959Z"
        )),
    }
}
