//! The file that `holdfast import` loads (`mobile-api-spec/import.schema.json`), and what is wrong
//! with one: line, field and reason.

mod lines;
mod order;
pub mod prohibitions;
pub mod subject;
pub mod treatment;

use std::collections::BTreeSet;
use std::fmt;

use chrono::{Datelike, NaiveDate, NaiveTime};
use compliance::instant::YEARS;
use compliance::{Instant, Word};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use self::order::read_time;
pub use self::order::{
    ConditionEntry, OrderEntry, PlanEntry, ScheduleEntry, SignOnEntry, VersionEntry, check_order,
    check_version, read_schedule,
};
pub use self::subject::SubjectEntry;
use self::treatment::ProviderEntry;

pub const FORMAT: &str = "holdfast-orders/1";

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// From 1; empty when the field cannot be found in the text.
    pub line: Option<usize>,
    /// JSON pointer (RFC 6901).
    pub pointer: String,
    pub says: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line.map(|line| format!("line {line}: ")).unwrap_or_default();
        let field = if self.pointer.is_empty() { "the file" } else { &self.pointer };
        write!(f, "{line}{field}: {}", self.says)
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportFile {
    pub format: String,
    pub stations: Vec<StationEntry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub providers: Vec<ProviderEntry>,
    pub orders: Vec<OrderEntry>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StationEntry {
    pub code: String,
    pub name: String,
    pub position: PositionEntry,
    pub radius_m: f64,
    pub opening_hours: Vec<HoursEntry>,
    #[serde(default, skip_serializing_if = "BankHolidays::is_as_usual")]
    pub on_bank_holidays: BankHolidays,
    /// The local police area (s.10(1)).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub police_area: String,
}

/// When a station is open on a bank holiday.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BankHolidays {
    #[default]
    AsUsual,
    Closed,
}

impl BankHolidays {
    fn is_as_usual(&self) -> bool {
        *self == Self::AsUsual
    }

    pub fn as_str(&self) -> &'static str {
        match self {
            Self::AsUsual => "as_usual",
            Self::Closed => "closed",
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ZonePosition)]
pub struct PositionEntry {
    pub latitude: f64,
    pub longitude: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HoursSpan)]
pub struct HoursEntry {
    pub days: Vec<Weekday>,
    pub opens: String,
    pub closes: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

/// Reads a file and checks everything that can be checked without knowing what is on file. `today`
/// tells a date of birth from a slip of the pen.
pub fn read(text: &str, today: NaiveDate) -> Result<ImportFile, Vec<Fault>> {
    let mut json = serde_json::Deserializer::from_str(text);
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(&mut json, &mut track);
    let read = ImportFile::deserialize(tracked).and_then(|file| json.end().map(|()| file));
    let file = read.map_err(|error| vec![structural_fault(text, &track.path(), &error)])?;
    let mut check = Check { today, faults: Vec::new() };
    check.file(&file);
    if check.faults.is_empty() { Ok(file) } else { Err(located(text, check.faults)) }
}

/// Says on which lines the fields stand that faults are about.
pub fn located(text: &str, mut faults: Vec<Fault>) -> Vec<Fault> {
    let lines = lines::by_pointer(text);
    for fault in &mut faults {
        fault.line = fault.line.or_else(|| lines::nearest(&lines, &fault.pointer));
    }
    faults
}

/// The JSON pointer (RFC 6901) of where reading stopped.
pub fn json_pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => pointer.push_str(&format!("/{key}")),
            Segment::Enum { variant } => pointer.push_str(&format!("/{variant}")),
            Segment::Unknown => {}
        }
    }
    pointer
}

fn structural_fault(
    text: &str,
    path: &serde_path_to_error::Path,
    error: &serde_json::Error,
) -> Fault {
    let message = error.to_string();
    let says = message.split(" at line ").next().unwrap_or(&message);
    if !error.is_data() {
        let says = format!("is not JSON: {says}");
        return Fault { line: Some(error.line()), pointer: String::new(), says };
    }
    let mut pointer = json_pointer(path);
    let line = lines::nearest(&lines::by_pointer(text), &pointer);
    let missing = says.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
    if let Some(name) = missing {
        pointer = format!("{pointer}/{name}");
    }
    let value = serde_json::from_str::<serde_json::Value>(text).ok();
    let value = value.as_ref().and_then(|value| value.pointer(&pointer)?.as_str());
    let says = match value {
        Some(value) if !says.contains(value) => format!("{value:?} cannot be read: {says}"),
        _ => says.to_owned(),
    };
    Fault { line: line.or(Some(error.line())), pointer, says }
}

/// The checks of a file, each fault with the place it is about.
struct Check {
    today: NaiveDate,
    faults: Vec<Fault>,
}

impl Check {
    fn done(self) -> Result<(), Vec<Fault>> {
        if self.faults.is_empty() { Ok(()) } else { Err(self.faults) }
    }

    fn fault(&mut self, pointer: &str, says: impl Into<String>) {
        self.faults.push(Fault { line: None, pointer: pointer.to_owned(), says: says.into() });
    }

    fn text(&mut self, pointer: &str, text: &str, at_most: usize) {
        if text.trim().is_empty() {
            self.fault(pointer, "must say something");
        } else if text.chars().count() > at_most {
            self.fault(pointer, format!("is longer than {at_most} characters"));
        } else if text.chars().any(|c| c.is_control() && c != '\n') {
            self.fault(pointer, "holds characters that cannot be shown");
        }
    }

    fn code(&mut self, pointer: &str, code: &str) {
        let is_code = (2..=12).contains(&code.len())
            && code.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        if !is_code {
            self.fault(pointer, "is 2 to 12 capital letters and digits");
        }
    }

    fn word<W: Word>(&mut self, pointer: &str, text: &str) -> Option<W> {
        let word = W::parse(text);
        if word.is_none() {
            let known: Vec<&str> = W::ALL.iter().map(|word| word.as_str()).collect();
            self.fault(pointer, format!("is {text:?}; it can be {}", known.join(", ")));
        }
        word
    }

    fn instant(&mut self, pointer: &str, text: &str) -> Option<Instant> {
        let instant = Instant::parse_rfc3339(text);
        match instant {
            Some(at) if !at.is_on_calendar() => self.other_year(pointer, text),
            Some(_) => {}
            None => self.fault(
                pointer,
                format!("{text:?} is no RFC 3339 time such as 2026-11-24T12:00:00Z"),
            ),
        }
        instant.filter(|at| at.is_on_calendar())
    }

    /// The days among these, each of them in a year that can be meant; says whether all are.
    fn days(&mut self, at: &str, days: &[(&str, Option<NaiveDate>)]) -> bool {
        let faults = self.faults.len();
        for (field, day) in days {
            if let Some(day) = day.filter(|day| !YEARS.contains(&day.year())) {
                self.other_year(&format!("{at}/{field}"), &day.to_string());
            }
        }
        self.faults.len() == faults
    }

    fn other_year(&mut self, pointer: &str, text: &str) {
        let (first, last) = (YEARS.start, YEARS.end - 1);
        self.fault(pointer, format!("{text:?} is not in the years {first} to {last}"));
    }

    /// `HH:MM`, both digits of each.
    fn time(&mut self, pointer: &str, text: &str) -> Option<NaiveTime> {
        let time = read_time(text);
        if time.is_none() {
            self.fault(pointer, format!("{text:?} is no time of day HH:MM such as 09:30"));
        }
        time
    }

    fn file(&mut self, file: &ImportFile) {
        if file.format != FORMAT {
            self.fault("/format", format!("is {:?}; this version reads {FORMAT:?}", file.format));
        }
        let mut codes = BTreeSet::new();
        for (at, station) in file.stations.iter().enumerate() {
            let pointer = format!("/stations/{at}");
            self.station(&pointer, station);
            if !codes.insert(&station.code) {
                let says = format!("{:?} stands in this file twice", station.code);
                self.fault(&format!("{pointer}/code"), says);
            }
        }
        self.providers(&file.providers);
        let mut references = BTreeSet::new();
        for (at, order) in file.orders.iter().enumerate() {
            let pointer = format!("/orders/{at}");
            self.order(&pointer, order);
            if !references.insert(&order.reference) {
                let says = format!("{:?} stands in this file twice", order.reference);
                self.fault(&format!("{pointer}/reference"), says);
            }
        }
    }

    fn station(&mut self, at: &str, station: &StationEntry) {
        self.code(&format!("{at}/code"), &station.code);
        self.text(&format!("{at}/name"), &station.name, 100);
        self.position(&format!("{at}/position"), station.position);
        if !(10.0..=2_000.0).contains(&station.radius_m) {
            self.fault(&format!("{at}/radius_m"), "is between 10 and 2000 metres");
        }
        for (index, hours) in station.opening_hours.iter().enumerate() {
            let at = format!("{at}/opening_hours/{index}");
            let opens = self.time(&format!("{at}/opens"), &hours.opens);
            let closes = self.time(&format!("{at}/closes"), &hours.closes);
            if opens.zip(closes).is_some_and(|(opens, closes)| closes <= opens) {
                self.fault(&format!("{at}/closes"), "is not after the opening");
            }
            if hours.days.is_empty() {
                self.fault(&format!("{at}/days"), "names no day");
            }
        }
    }
}
