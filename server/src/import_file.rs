//! The file that `holdfast import` loads (`mobile-api-spec/import.schema.json`), and what is wrong
//! with one: line, field and reason.

mod lines;
pub mod prohibitions;
pub mod subject;
pub mod treatment;

use std::collections::BTreeSet;
use std::fmt;

use chrono::{NaiveDate, NaiveTime};
use compliance::order::{ConditionKind, OrderKind, Polarity, VersionReason, check_duration};
use compliance::order_kind::MadeBy;
use compliance::schedule::ScheduleText;
use compliance::{Instant, Schedule, Word};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use self::prohibitions::{ExclusionZoneEntry, InternetUseEntry, NoApproachEntry, NoContactEntry};
pub use self::subject::SubjectEntry;
use self::treatment::{ProviderEntry, TreatmentEntry};

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

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderEntry {
    pub reference: String,
    pub kind: String,
    pub court: String,
    pub made_on: NaiveDate,
    #[serde(deserialize_with = "Option::deserialize")]
    pub served_at: Option<String>,
    #[serde(deserialize_with = "Option::deserialize")]
    pub ends_on: Option<NaiveDate>,
    #[serde(deserialize_with = "Option::deserialize")]
    pub owner: Option<String>,
    pub risk: String,
    /// How the court came to make it; on application, when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_by: Option<String>,
    /// The force that applied, by its two-digit code.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub making_force: String,
    /// Where the order says that it takes effect on a later day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takes_effect_on: Option<NaiveDate>,
    /// Reference of the interim order whose place it takes (s.5(7), s.9(1)(a)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deputy: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supervisor: Option<String>,
    pub subject: SubjectEntry,
    pub versions: Vec<VersionEntry>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionEntry {
    pub number: i64,
    pub reason: String,
    #[serde(default)]
    pub note: String,
    pub in_force_from: String,
    pub conditions: Vec<ConditionEntry>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConditionEntry {
    pub label: String,
    pub polarity: String,
    pub kind: String,
    pub wording: String,
    pub plain_words: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<NaiveDate>,
    /// Where the term is limited to a part of the United Kingdom (s.2(4)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// Who is responsible for supervising compliance.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub supervised_by: String,
    /// Why the term is necessary (s.2(2)).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub necessity: String,
    /// Why its times stand although they fall in times of work, education or religion (s.2(3)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clash_reason: Option<String>,
    /// Of a condition that only a person can check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_on: Option<SignOnEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub treatment: Option<TreatmentEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusion_zone: Option<ExclusionZoneEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_contact: Option<NoContactEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_approach: Option<NoApproachEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internet_use: Option<InternetUseEntry>,
}

/// Who looks whether a condition is kept, and when next.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanEntry {
    pub person: String,
    pub review_on: NaiveDate,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignOnEntry {
    pub station: String,
    pub alternates: Vec<String>,
    pub early_counts: bool,
    pub schedules: Vec<ScheduleEntry>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleEntry {
    pub zone: String,
    pub starts_on: NaiveDate,
    #[serde(deserialize_with = "Option::deserialize")]
    pub rrule: Option<String>,
    pub exdates: Vec<NaiveDate>,
    pub rdates: Vec<NaiveDate>,
    pub opens: String,
    pub closes: String,
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
        if instant.is_none() {
            self.fault(
                pointer,
                format!("{text:?} is no RFC 3339 time such as 2026-11-24T12:00:00Z"),
            );
        }
        instant
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

    fn order(&mut self, at: &str, order: &OrderEntry) {
        self.text(&format!("{at}/reference"), &order.reference, 40);
        self.text(&format!("{at}/court"), &order.court, 200);
        self.word::<compliance::alert::Risk>(&format!("{at}/risk"), &order.risk);
        if let Some(kind) = self.word::<OrderKind>(&format!("{at}/kind"), &order.kind)
            && let Err(refusal) = check_duration(kind, order.made_on, order.ends_on)
        {
            self.fault(&format!("{at}/ends_on"), refusal.to_string());
        }
        if let Some(served_at) = &order.served_at {
            self.instant(&format!("{at}/served_at"), served_at);
        }
        if let Some(made_by) = &order.made_by {
            self.word::<MadeBy>(&format!("{at}/made_by"), made_by);
        }
        let force = &order.making_force;
        if !force.is_empty() && (force.len() != 2 || !force.chars().all(|c| c.is_ascii_digit())) {
            self.fault(&format!("{at}/making_force"), "is a force's code: two digits");
        }
        if order.replaces.as_ref() == Some(&order.reference) {
            self.fault(&format!("{at}/replaces"), "is the order itself");
        }
        self.subject(&format!("{at}/subject"), &order.subject);
        if order.versions.is_empty() {
            self.fault(&format!("{at}/versions"), "has no version: an order has at least one");
        }
        let mut last: Option<(i64, Instant)> = None;
        for (index, version) in order.versions.iter().enumerate() {
            let at = format!("{at}/versions/{index}");
            let in_force_from = self.version(&at, version);
            if last.is_some_and(|(number, _)| version.number <= number) {
                self.fault(
                    &format!("{at}/number"),
                    "is not above the number of the version before",
                );
            }
            let is_ascending = |from: Instant| last.is_none_or(|(_, before)| before < from);
            if in_force_from.is_some_and(|from| !is_ascending(from)) {
                self.fault(
                    &format!("{at}/in_force_from"),
                    "is not after that of the version before",
                );
            }
            last = in_force_from.map(|from| (version.number, from)).or(last);
        }
    }

    fn version(&mut self, at: &str, version: &VersionEntry) -> Option<Instant> {
        if version.number < 1 {
            self.fault(&format!("{at}/number"), "is 1 or more");
        }
        self.word::<VersionReason>(&format!("{at}/reason"), &version.reason);
        if version.note.chars().count() > 2_000 {
            self.fault(&format!("{at}/note"), "is longer than 2000 characters");
        }
        if version.conditions.is_empty() {
            self.fault(&format!("{at}/conditions"), "has no condition: an order has at least one");
        }
        let mut labels = BTreeSet::new();
        for (index, condition) in version.conditions.iter().enumerate() {
            let at = format!("{at}/conditions/{index}");
            self.condition(&at, condition);
            if !labels.insert(&condition.label) {
                let says = format!("{:?} stands in this version twice", condition.label);
                self.fault(&format!("{at}/label"), says);
            }
        }
        self.instant(&format!("{at}/in_force_from"), &version.in_force_from)
    }

    fn condition(&mut self, at: &str, condition: &ConditionEntry) {
        let mut label = condition.label.chars();
        let is_label = label.next().is_some_and(|c| c.is_ascii_uppercase())
            && (1..=2).contains(&label.as_str().len())
            && label.all(|c| c.is_ascii_digit());
        if !is_label {
            self.fault(&format!("{at}/label"), "is a capital letter and one or two digits, as R1");
        }
        self.word::<Polarity>(&format!("{at}/polarity"), &condition.polarity);
        self.text(&format!("{at}/wording"), &condition.wording, 4_000);
        self.text(&format!("{at}/plain_words"), &condition.plain_words, 1_000);
        if condition.valid_from.zip(condition.valid_until).is_some_and(|(from, until)| until < from)
        {
            self.fault(&format!("{at}/valid_until"), "is before valid_from");
        }
        self.wider(at, condition);
        let kind = self.word::<ConditionKind>(&format!("{at}/kind"), &condition.kind);
        self.treatment(at, kind, condition);
        self.prohibitions(at, kind, condition);
        match (kind, &condition.sign_on) {
            (Some(ConditionKind::SignOn), Some(sign_on)) => {
                self.sign_on(&format!("{at}/sign_on"), sign_on)
            }
            (Some(ConditionKind::SignOn), None) => {
                self.fault(
                    &format!("{at}/sign_on"),
                    "is missing: a sign_on condition says where and when",
                );
            }
            (Some(_), Some(_)) => {
                self.fault(&format!("{at}/sign_on"), "belongs to conditions of kind sign_on only");
            }
            _ => {}
        }
    }

    /// What conditions of every kind may say beside their words.
    fn wider(&mut self, at: &str, condition: &ConditionEntry) {
        let texts = [
            ("clash_reason", condition.clash_reason.as_deref(), 500),
            ("locality", condition.locality.as_deref(), 200),
            ("supervised_by", Some(condition.supervised_by.as_str()), 100),
            ("necessity", Some(condition.necessity.as_str()), 2_000),
        ];
        for (field, text, at_most) in texts {
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                self.text(&format!("{at}/{field}"), text, at_most);
            }
        }
        if let Some(plan) = &condition.plan {
            self.text(&format!("{at}/plan/person"), &plan.person, 100);
        }
    }

    fn sign_on(&mut self, at: &str, sign_on: &SignOnEntry) {
        if sign_on.schedules.is_empty() {
            self.fault(&format!("{at}/schedules"), "has no schedule: say when the sign-on is due");
        }
        if sign_on.alternates.contains(&sign_on.station) {
            self.fault(&format!("{at}/alternates"), "names the station itself");
        }
        for (index, schedule) in sign_on.schedules.iter().enumerate() {
            let at = format!("{at}/schedules/{index}");
            if let Err((field, says)) = read_schedule(schedule) {
                self.fault(&format!("{at}/{field}"), says);
            }
        }
    }
}

fn read_time(text: &str) -> Option<NaiveTime> {
    (text.len() == 5).then(|| NaiveTime::parse_from_str(text, "%H:%M").ok()).flatten()
}

/// The schedule's rule, or the field that is wrong and why.
pub fn read_schedule(entry: &ScheduleEntry) -> Result<Schedule, (&'static str, String)> {
    use compliance::ScheduleRefusal as Refusal;
    let time = |field: &'static str, text: &str| {
        read_time(text).ok_or((field, format!("{text:?} is no time of day HH:MM such as 09:30")))
    };
    let text = ScheduleText {
        zone: &entry.zone,
        starts_on: entry.starts_on,
        rrule: entry.rrule.as_deref(),
        exdates: &entry.exdates,
        rdates: &entry.rdates,
        opens: time("opens", &entry.opens)?,
        closes: time("closes", &entry.closes)?,
    };
    Schedule::parse(&text).map_err(|refusal| {
        let field = match refusal {
            Refusal::UnknownZone { .. } => "zone",
            Refusal::StartOutOfRange { .. } => "starts_on",
            Refusal::ExtraDateOutOfRange { .. } | Refusal::TooManyDates => "rdates",
            Refusal::NotWholeMinutes => "opens",
            _ => "rrule",
        };
        (field, refusal.to_string())
    })
}
