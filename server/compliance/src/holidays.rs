//! Bank holidays, from lists that are shipped and can be replaced: a proclamation needs a line, not
//! a release. Past the end of its list a calendar does not know, and says so; it never answers "no
//! holiday" there.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, Weekday};

use crate::word::words;

const ENGLAND_WALES: &str = include_str!("../data/bank_holidays_england_wales.txt");
const NORTHERN_IRELAND: &str = include_str!("../data/bank_holidays_northern_ireland.txt");

words! {
    /// A part of the United Kingdom with bank holidays of its own. There is no order of Scotland
    /// to keep a clock for, so it has no list here.
    Division {
        EnglandAndWales = "england_and_wales",
        NorthernIreland = "northern_ireland",
    }
}

/// The bank holidays of one division, for the days that its list covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holidays {
    covers: Option<(NaiveDate, NaiveDate)>,
    names: BTreeMap<NaiveDate, String>,
}

/// The list says nothing of this day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("whether {day} is a bank holiday is not known: the list ends before it or starts after it")]
pub struct NotCovered {
    pub day: NaiveDate,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HolidaysRefusal {
    #[error("line {line}: expected \"YYYY-MM-DD Name\"")]
    NotADay { line: usize },
    #[error("line {line}: {day} is named twice")]
    NamedTwice { line: usize, day: NaiveDate },
    #[error("line {line}: {day} is outside the days that the list covers")]
    Outside { line: usize, day: NaiveDate },
    #[error("line {line}: the list has said already what it covers")]
    CoversTwice { line: usize },
    #[error("line {line}: expected \"covers YYYY-MM-DD YYYY-MM-DD\", the earlier day first")]
    NotASpan { line: usize },
    #[error("the list does not say what it covers: \"covers YYYY-MM-DD YYYY-MM-DD\"")]
    CoversNothing,
}

impl Holidays {
    pub fn shipped(division: Division) -> Self {
        let text = match division {
            Division::EnglandAndWales => ENGLAND_WALES,
            Division::NorthernIreland => NORTHERN_IRELAND,
        };
        // A list that could not be read would cover nothing, and so answer nothing.
        Self::parse(text).unwrap_or(Self { covers: None, names: BTreeMap::new() })
    }

    /// As if there were none: what is counted with it is over sooner than it had to be, never later.
    pub fn none() -> Self {
        Self { covers: Some((NaiveDate::MIN, NaiveDate::MAX)), names: BTreeMap::new() }
    }

    /// Reads a list: one line `covers` with its first and last day, then a day with its name a
    /// line; `#` begins a remark. A list with anything else in it is refused whole.
    pub fn parse(text: &str) -> Result<Self, HolidaysRefusal> {
        let mut found = Self { covers: None, names: BTreeMap::new() };
        for (text, line) in text.lines().map(str::trim).zip(1..) {
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            match text.strip_prefix("covers ") {
                Some(_) if found.covers.is_some() => {
                    return Err(HolidaysRefusal::CoversTwice { line });
                }
                Some(days) => found.covers = Some(span(days, line)?),
                None => found.add(text, line)?,
            }
        }
        found.covers.map(|_| found).ok_or(HolidaysRefusal::CoversNothing)
    }

    pub fn is_holiday(&self, day: NaiveDate) -> Result<bool, NotCovered> {
        self.name(day).map(|name| name.is_some())
    }

    /// Under which name the day is a bank holiday, if it is one.
    pub fn name(&self, day: NaiveDate) -> Result<Option<&str>, NotCovered> {
        match self.covers {
            Some((first, last)) if first <= day && day <= last => {
                Ok(self.names.get(&day).map(String::as_str))
            }
            _ => Err(NotCovered { day }),
        }
    }

    /// Monday to Friday, less bank holidays. A weekend is one on every list.
    pub fn is_working_day(&self, day: NaiveDate) -> Result<bool, NotCovered> {
        match day.weekday() {
            Weekday::Sat | Weekday::Sun => Ok(false),
            _ => self.is_holiday(day).map(|is_holiday| !is_holiday),
        }
    }

    /// From which day on a longer list is needed.
    pub fn last_day_covered(&self) -> Option<NaiveDate> {
        self.covers.map(|(_, last)| last)
    }

    fn add(&mut self, text: &str, line: usize) -> Result<(), HolidaysRefusal> {
        let (day, name) = text.split_once(' ').ok_or(HolidaysRefusal::NotADay { line })?;
        let day = day.parse().ok().ok_or(HolidaysRefusal::NotADay { line })?;
        let (first, last) = self.covers.ok_or(HolidaysRefusal::CoversNothing)?;
        if day < first || last < day {
            return Err(HolidaysRefusal::Outside { line, day });
        }
        match self.names.insert(day, name.trim().to_owned()) {
            Some(_) => Err(HolidaysRefusal::NamedTwice { line, day }),
            None => Ok(()),
        }
    }
}

fn span(days: &str, line: usize) -> Result<(NaiveDate, NaiveDate), HolidaysRefusal> {
    let (first, last) = days.split_once(' ').ok_or(HolidaysRefusal::NotASpan { line })?;
    match (first.parse(), last.trim().parse()) {
        (Ok(first), Ok(last)) if first <= last => Ok((first, last)),
        _ => Err(HolidaysRefusal::NotASpan { line }),
    }
}
