//! The fictional force: its stations, people and orders. Nobody in it exists.

use chrono::{Days, NaiveDate};
use compliance::Instant;
use compliance::access::Role;
use compliance::order::start_of_day;
use compliance::order_kind::{MadeBy, OrderKind};
use compliance::word::Word;

use super::calendar::Calendar;
use super::{devices, orders, treatment};
use crate::ZONE;
use crate::identity::Identity;
use crate::import_file::prohibitions::{AreaEntry, ExclusionZoneEntry, InternetUseEntry};
use crate::import_file::subject::HomeEntry;
use crate::import_file::{
    BankHolidays, ConditionEntry, FORMAT, ImportFile, OrderEntry, PlanEntry, PositionEntry,
    ScheduleEntry, SignOnEntry, StationEntry, SubjectEntry, VersionEntry, Weekday,
};

pub const NAME: &str = "Westmarch Constabulary (fictional)";
pub const SUBJECTS: usize = 60;
/// The order that nobody has been able to serve.
pub const UNSERVED: usize = 41;

const GIVEN: [&str; 20] = [
    "Aaron", "Bethany", "Callum", "Darren", "Elliot", "Farid", "Gareth", "Hannah", "Ivan",
    "Jerome", "Kieran", "Leanne", "Marcus", "Nathan", "Owen", "Piotr", "Rhys", "Stefan", "Tomasz",
    "Yusuf",
];
const FAMILY: [&str; 23] = [
    "Ashdown",
    "Birtles",
    "Carrow",
    "Dunmore",
    "Elphick",
    "Fenwright",
    "Garside",
    "Hallam",
    "Ibbott",
    "Jessop",
    "Kendrew",
    "Lowther",
    "Maddox",
    "Norcross",
    "Okafor",
    "Pellow",
    "Quayle",
    "Ramsden",
    "Stirrup",
    "Thackray",
    "Underhay",
    "Varley",
    "Wolstan",
];
const COURTS: [&str; 3] =
    ["Alderbridge Magistrates' Court", "Hexley Magistrates' Court", "Marchmont Magistrates' Court"];

/// An account of the force, by what it is for.
pub struct Person {
    pub username: String,
    pub display_name: String,
    pub role: Role,
    /// Codes; empty where the role has no station.
    pub stations: Vec<String>,
}

/// The stations are those of the example orders. Where nobody is on Sundays, nobody is on bank
/// holidays.
pub fn stations() -> Result<Vec<StationEntry>, serde_json::Error> {
    let mut file: ImportFile =
        serde_json::from_str(include_str!("../../../examples/orders/00-stations.json"))?;
    for station in &mut file.stations {
        if !station.opening_hours.iter().any(|hours| hours.days.contains(&Weekday::Sun)) {
            station.on_bank_holidays = BankHolidays::Closed;
        }
    }
    Ok(file.stations)
}

pub const OWNERS: [(&str, &str); 3] = [
    ("asha.mercer", "DC Asha Mercer"),
    ("colin.drew", "DC Colin Drew"),
    ("nia.probert", "DC Nia Probert"),
];

/// Two officers for each station, three owners, two supervisors, and one of every other role.
pub fn people(stations: &[StationEntry]) -> Vec<Person> {
    let all: Vec<String> = stations.iter().map(|station| station.code.clone()).collect();
    let person = |username: &str, display_name: &str, role, stations: &[String]| Person {
        username: username.to_owned(),
        display_name: display_name.to_owned(),
        role,
        stations: stations.to_vec(),
    };
    let mut people = Vec::new();
    for code in &all {
        let own = std::slice::from_ref(code);
        let name = code.to_lowercase();
        people.push(person(
            &format!("counter.{name}"),
            &format!("Counter, {code}"),
            Role::Officer,
            own,
        ));
        people.push(person(&format!("patrol.{name}"), &format!("PC, {code}"), Role::Officer, own));
    }
    for (username, name) in OWNERS {
        people.push(person(username, name, Role::Owner, &[]));
    }
    people.push(person("ruth.adeyemi", "Insp. Ruth Adeyemi", Role::Supervisor, &all));
    people.push(person("tom.bellis", "Sgt Tom Bellis", Role::Supervisor, &all));
    people.push(person("control.room", "Control room", Role::ControlRoom, &[]));
    people.push(person("auditor", "Professional standards", Role::Auditor, &[]));
    people.push(person("admin", "Administrator", Role::Administrator, &[]));
    people
}

/// When a sign-on is asked for.
struct Pattern {
    rrule: &'static str,
    opens: &'static str,
    closes: &'static str,
    early_counts: bool,
    plain: &'static str,
}

const fn pattern(
    rrule: &'static str,
    opens: &'static str,
    closes: &'static str,
    plain: &'static str,
) -> Pattern {
    Pattern { rrule, opens, closes, early_counts: false, plain }
}

const PATTERNS: [Pattern; 10] = [
    pattern("FREQ=WEEKLY;BYDAY=MO,WE,FR", "10:00", "12:30", "Monday, Wednesday and Friday"),
    pattern("FREQ=DAILY", "09:00", "11:30", "every day"),
    pattern("FREQ=WEEKLY;BYDAY=TU,TH", "16:00", "18:00", "Tuesday and Thursday"),
    pattern("FREQ=WEEKLY;BYDAY=TU,TH,SA", "10:30", "12:00", "Tuesday, Thursday and Saturday"),
    pattern("FREQ=WEEKLY;BYDAY=MO", "13:00", "15:00", "Monday"),
    pattern("FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", "11:00", "14:00", "every second Wednesday"),
    Pattern {
        rrule: "FREQ=WEEKLY;BYDAY=MO,TH",
        opens: "08:30",
        closes: "17:00",
        early_counts: true,
        plain: "by 17:00 on Monday and Thursday",
    },
    pattern("FREQ=WEEKLY;BYDAY=FR", "14:00", "16:30", "Friday"),
    pattern("FREQ=WEEKLY;BYDAY=SA,SU", "10:00", "13:00", "Saturday and Sunday"),
    pattern("FREQ=DAILY", "11:00", "11:24", "every day"),
];

/// What is to be loaded, and when: the force's orders at the beginning, its variations later.
pub struct Intake {
    pub at: Instant,
    pub file: ImportFile,
}

/// The same seed and day make the same force.
pub fn intakes(
    identity: &Identity,
    stations: Vec<StationEntry>,
    calendar: Calendar,
) -> Vec<Intake> {
    let begins_on = calendar.begins_on;
    let begins_at = start_of_day(begins_on, ZONE);
    let mut orders = Vec::new();
    let mut later = Vec::new();
    for number in 0..SUBJECTS {
        let order = order(identity, &stations, number, begins_on);
        if number % 20 == 7 {
            later.push(varied(&stations, number, order.clone(), begins_on));
        }
        orders.push(order);
    }
    let further = orders::further(calendar, &stations, &orders);
    let first = ImportFile {
        format: FORMAT.to_owned(),
        stations,
        providers: treatment::providers(),
        orders,
    };
    let mut intakes = vec![Intake { at: begins_at, file: first }];
    intakes.extend(later.into_iter().map(|(at, order)| {
        let (format, orders) = (FORMAT.to_owned(), vec![order]);
        Intake { at, file: ImportFile { format, orders, ..ImportFile::default() } }
    }));
    intakes.extend(further);
    intakes.sort_by_key(|intake| intake.at);
    intakes
}

fn station_code(stations: &[StationEntry], number: usize) -> String {
    let station = stations.get(number.checked_rem(stations.len()).unwrap_or(0));
    station.map(|station| station.code.clone()).unwrap_or_default()
}

fn pick<'a>(list: &[&'a str], number: usize) -> &'a str {
    list.get(number.checked_rem(list.len()).unwrap_or(0)).copied().unwrap_or_default()
}

/// Of the `number`th order.
pub fn reference(begins_on: NaiveDate, number: usize) -> String {
    let kind = orders::kind(number);
    let series = if [OrderKind::FULL, OrderKind::INTERIM].contains(&kind) {
        "SPO".to_owned()
    } else {
        kind.as_str().to_uppercase().replace('_', "")
    };
    format!("{series}/{}/{:04}", begins_on.format("%y"), number + 101)
}

/// Of an order that comes to the first ones.
pub fn further_reference(begins_on: NaiveDate, number: usize) -> String {
    format!("SPO/{}/{:04}", begins_on.format("%y"), SUBJECTS + number + 101)
}

/// Of the first order that has a zone.
pub fn zoned_reference(begins_on: NaiveDate) -> String {
    reference(begins_on, 4)
}

fn order(
    identity: &Identity,
    stations: &[StationEntry],
    number: usize,
    begins_on: NaiveDate,
) -> OrderEntry {
    let kind = orders::kind(number);
    let made_on = orders::made_on(number, begins_on, 3 + identity.below(20));
    let served_at = start_of_day(made_on + Days::new(1), ZONE) + 14 * 3_600_000;
    // Not every kind is made on application.
    let made_by = kind.row().made_by;
    let made_by = made_by.first().filter(|_| !made_by.contains(&MadeBy::Application));
    let owner = OWNERS.get(number % OWNERS.len()).map(|(username, _)| (*username).to_owned());
    OrderEntry {
        reference: reference(begins_on, number),
        kind: kind.to_string(),
        court: pick(&COURTS, number).to_owned(),
        made_on: Some(made_on),
        served_at: (number != UNSERVED).then(|| served_at.to_rfc3339()),
        ends_on: orders::ends_on(number, begins_on),
        made_by: made_by.map(ToString::to_string),
        owner: owner.filter(|_| number % 29 != 28),
        risk: if number % 7 == 3 { "high" } else { "standard" }.to_owned(),
        subject: SubjectEntry {
            reference: format!("WM/{:05}", 20_000 + number * 37),
            given_names: pick(&GIVEN, number * 7 + 3).to_owned(),
            family_name: pick(&FAMILY, number * 5 + number / 23).to_owned(),
            born_on: NaiveDate::from_ymd_opt(1962, 1, 1).unwrap_or(begins_on)
                + Days::new(identity.below(14_000)),
            home: home(stations, number),
            ..SubjectEntry::default()
        },
        versions: vec![VersionEntry {
            number: 1,
            reason: "original".to_owned(),
            note: String::new(),
            in_force_from: served_at.to_rfc3339(),
            conditions: conditions(stations, number, begins_on),
        }],
        ..OrderEntry::default()
    }
}

pub(super) fn conditions(
    stations: &[StationEntry],
    number: usize,
    begins_on: NaiveDate,
) -> Vec<ConditionEntry> {
    let mut conditions = prohibitions(number, begins_on);
    conditions.extend(zone(stations, number));
    let has_sign_on = number % 20 != 19;
    if has_sign_on {
        conditions.push(sign_on(stations, number, "R1", number, begins_on));
    }
    if number % 15 == 8 {
        conditions.push(sign_on(stations, number + 1, "R2", number + 3, begins_on));
    }
    conditions.extend(treatment::condition(number, begins_on));
    conditions
}

pub(super) fn sign_on(
    stations: &[StationEntry],
    station: usize,
    label: &str,
    pattern: usize,
    begins_on: NaiveDate,
) -> ConditionEntry {
    // The modulus keeps the index inside.
    let pattern = PATTERNS.get(pattern % PATTERNS.len()).unwrap_or(const { &PATTERNS[0] });
    let code = station_code(stations, station);
    let name = stations.iter().find(|station| station.code == code);
    let name = name.map(|station| station.name.clone()).unwrap_or_default();
    let Pattern { rrule, opens, closes, early_counts, plain } = pattern;
    ConditionEntry {
        label: label.to_owned(),
        polarity: "requirement".to_owned(),
        kind: "sign_on".to_owned(),
        wording: format!(
            "The defendant shall attend {name} and report to an officer there on the days and \
             between the hours that follow: {plain}, not before {opens} and not after {closes}."
        ),
        plain_words: format!("Sign on at {name} {plain}, {opens} to {closes}."),
        supervised_by: "The officer in the case".to_owned(),
        sign_on: Some(SignOnEntry {
            station: code,
            alternates: Vec::new(),
            early_counts: *early_counts,
            schedules: vec![ScheduleEntry {
                zone: ZONE.name().to_owned(),
                starts_on: begins_on,
                rrule: Some((*rrule).to_owned()),
                exdates: Vec::new(),
                rdates: Vec::new(),
                opens: (*opens).to_owned(),
                closes: (*closes).to_owned(),
            }],
        }),
        ..ConditionEntry::default()
    }
}

/// Every tenth order keeps its subject out of a circle near a station: a place that somebody being
/// trained can find on the map.
fn zone(stations: &[StationEntry], number: usize) -> Option<ConditionEntry> {
    if number % 10 != 4 {
        return None;
    }
    let code = station_code(stations, number);
    let PositionEntry { latitude, longitude } =
        stations.iter().find(|station| station.code == code)?.position;
    let centre = PositionEntry { latitude: latitude + 0.012, longitude: longitude + 0.01 };
    let zone = ExclusionZoneEntry {
        area: AreaEntry::Circle { centre, radius_m: 400.0 },
        buffer_m: 150.0,
        hours: None,
        transit: Vec::new(),
        roads: Vec::new(),
        map_reference: "Map attached to the order".to_owned(),
        boundary: String::new(),
    };
    Some(ConditionEntry {
        label: "P3".to_owned(),
        polarity: "prohibition".to_owned(),
        kind: "exclusion_zone".to_owned(),
        wording: "The defendant shall not enter the area edged red on the map attached to this \
                  order."
            .to_owned(),
        plain_words: "Stay out of the area on the court's map.".to_owned(),
        exclusion_zone: Some(zone),
        ..ConditionEntry::default()
    })
}

/// South of the station that comes up, where no zone lies.
fn home(stations: &[StationEntry], number: usize) -> Option<HomeEntry> {
    let code = station_code(stations, number);
    let PositionEntry { latitude, longitude } =
        stations.iter().find(|station| station.code == code)?.position;
    Some(HomeEntry {
        address: format!("{} Tannery Row", number + 1),
        position: Some(PositionEntry { latitude: latitude - 0.02, longitude }),
    })
}

/// The first review is in the days after the training begins. Two orders have one condition without
/// a plan, so that this is seen as well.
fn plan(number: usize, label: &str, begins_on: NaiveDate) -> Option<PlanEntry> {
    if label == "P2" && matches!(number, 12 | 33) {
        return None;
    }
    let (_, person) = OWNERS.get(number % OWNERS.len())?;
    let in_days = [86, 87, 88, 89, 90].get(number % 5).copied().unwrap_or(90);
    // One was due yesterday.
    let in_days = if (number, label) == (45, "P1") { 83 } else { in_days };
    Some(PlanEntry { person: (*person).to_owned(), review_on: begins_on + Days::new(in_days) })
}

fn prohibitions(number: usize, begins_on: NaiveDate) -> Vec<ConditionEntry> {
    let prohibition = |label: &str, kind: &str, wording: &str, plain: &str| ConditionEntry {
        plan: plan(number, label, begins_on),
        label: label.to_owned(),
        polarity: "prohibition".to_owned(),
        kind: kind.to_owned(),
        wording: wording.to_owned(),
        plain_words: plain.to_owned(),
        ..ConditionEntry::default()
    };
    let mut prohibitions = vec![
        prohibition(
            "P1",
            "no_contact",
            "The defendant shall not contact or attempt to contact, directly or through any other \
             person and by whatever means, the protected person or any member of that person's \
             household.",
            "No contact of any kind with the protected person or their household, not through \
             others either.",
        ),
        prohibition(
            "P2",
            "no_approach",
            "The defendant shall not come within 100 metres of the protected person, or of any \
             place where the defendant knows or believes that person to live or work.",
            "Stay at least 100 metres away from the protected person, their home and their work.",
        ),
    ];
    if devices::has_rules(number) {
        let rules = ["retain_history", "make_available", "declare_devices", "no_deletion"];
        let internet_use = InternetUseEntry { rules: rules.map(str::to_owned).to_vec() };
        let terms = prohibition(
            devices::LABEL,
            "internet_use",
            "The defendant shall not use any device capable of accessing the internet that was not \
             declared to the police, that does not retain its history or that is not presented to \
             an officer on request, and shall not delete such history.",
            "Tell the police of every device. Keep its history, and show it to an officer on request.",
        );
        prohibitions.push(ConditionEntry { internet_use: Some(internet_use), ..terms });
    }
    prohibitions
}

/// The same order with a second version, some weeks in, from a Wednesday noon on.
fn varied(
    stations: &[StationEntry],
    number: usize,
    mut order: OrderEntry,
    begins_on: NaiveDate,
) -> (Instant, OrderEntry) {
    use chrono::Datelike;
    let weeks_in = begins_on + Days::new(35);
    let to_wednesday = (9 - u64::from(weeks_in.weekday().num_days_from_monday())) % 7;
    let day = weeks_in + Days::new(to_wednesday);
    let noon = start_of_day(day, ZONE) + 12 * 3_600_000;
    let mut conditions = prohibitions(number, begins_on);
    conditions.push(sign_on(stations, number + 2, "R1", number + 2, day));
    order.versions.push(VersionEntry {
        number: 2,
        reason: "variation".to_owned(),
        note: "Station and days changed on the subject's application.".to_owned(),
        in_force_from: noon.to_rfc3339(),
        conditions,
    });
    (noon + -3_600_000, order)
}
