mod clock_changes;
mod dates;
mod laws;
mod oracle;
mod reading;

use chrono::{NaiveDate, NaiveTime};

use super::{Schedule, ScheduleRefusal, ScheduleText};
use crate::instant::Instant;

const LONDON: &str = "Europe/London";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn days(text: &str) -> Vec<NaiveDate> {
    text.split_whitespace().map(day).collect()
}

fn clock(text: &str) -> NaiveTime {
    text.parse().unwrap()
}

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

/// A schedule as a clerk enters it; the tests change what they are about.
#[derive(Debug, Clone)]
struct Entry {
    zone: &'static str,
    starts_on: NaiveDate,
    rrule: Option<String>,
    exdates: Vec<NaiveDate>,
    rdates: Vec<NaiveDate>,
    opens: NaiveTime,
    closes: NaiveTime,
}

fn entry(starts_on: &str, rrule: &str) -> Entry {
    Entry {
        zone: LONDON,
        starts_on: day(starts_on),
        rrule: (!rrule.is_empty()).then(|| rrule.to_owned()),
        exdates: Vec::new(),
        rdates: Vec::new(),
        opens: clock("10:00:00"),
        closes: clock("12:00:00"),
    }
}

impl Entry {
    fn zone(self, zone: &'static str) -> Self {
        Self { zone, ..self }
    }

    fn times(self, opens: &str, closes: &str) -> Self {
        Self { opens: clock(opens), closes: clock(closes), ..self }
    }

    fn except(self, exdates: &str) -> Self {
        Self { exdates: days(exdates), ..self }
    }

    fn and(self, rdates: &str) -> Self {
        Self { rdates: days(rdates), ..self }
    }

    fn try_read(&self) -> Result<Schedule, ScheduleRefusal> {
        Schedule::parse(&ScheduleText {
            zone: self.zone,
            starts_on: self.starts_on,
            rrule: self.rrule.as_deref(),
            exdates: &self.exdates,
            rdates: &self.rdates,
            opens: self.opens,
            closes: self.closes,
        })
    }

    fn read(&self) -> Schedule {
        self.try_read().unwrap()
    }
}
