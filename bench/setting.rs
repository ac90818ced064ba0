//! A force of a given size on a database of its own.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::NaiveDate;
use compliance::Instant;
use compliance::access::Role;
use compliance::order::start_of_day;
use holdfast::ZONE;
use holdfast::clock::Clock;
use holdfast::config::{Config, PushConfig};
use holdfast::identity::Identity;
use holdfast::import_file::{
    ConditionEntry, FORMAT, ImportFile, OrderEntry, PositionEntry, ScheduleEntry, SignOnEntry,
    StationEntry, SubjectEntry, VersionEntry,
};
use holdfast::operations::accounts::{NewAccount, create_account};
use holdfast::operations::import_orders::import_orders;
use holdfast::operations::sign_in::{Carrier, signed_in};
use holdfast::refusal::Refusal;
use holdfast::store::accounts::Account;
use holdfast::store::connection::DatabaseUrl;
use holdfast::store::id::StationId;
use holdfast::store::scope::Scope;
use holdfast::store::{Store, stations};
use holdfast::sweeper;

pub const STATIONS: usize = 20;

/// A folder that is removed at the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("holdfast-bench-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn sqlite(&self) -> DatabaseUrl {
        DatabaseUrl::Sqlite(self.0.join("bench.sqlite"))
    }

    pub fn sqlite_without_sync(&self) -> DatabaseUrl {
        DatabaseUrl::SqliteWithoutSync(self.0.join("bench.sqlite"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.0);
    }
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn local(day: NaiveDate, hour: i64) -> Instant {
    start_of_day(day, ZONE) + hour * 3_600_000
}

pub fn config(database: DatabaseUrl) -> Config {
    Config {
        listen: ([127, 0, 0, 1], 0).into(),
        database,
        database_connections: 4,
        force_name: "Bench".to_owned(),
        sweep_every: Duration::from_millis(250),
        is_behind_proxy: false,
        watchdog: None,
        mail: None,
        webhook: None,
        push: PushConfig {
            contact: "mailto:bench@example.invalid".to_owned(),
            hosts: Vec::new(),
            allow_loopback: true,
        },
    }
}

pub struct Schedule {
    pub rrule: Option<&'static str>,
    pub starts_on: NaiveDate,
    pub opens: String,
    pub closes: String,
}

impl Schedule {
    /// One sign-on, by the local clock.
    pub fn once(on: NaiveDate, opens: impl ToString, closes: impl ToString) -> Self {
        Self { rrule: None, starts_on: on, opens: opens.to_string(), closes: closes.to_string() }
    }
}

/// Loads so many orders, each with one sign-on, spread over the stations.
pub async fn load_orders(
    store: &Store,
    now: Instant,
    numbers: std::ops::Range<usize>,
    schedule: impl Fn(usize) -> Schedule,
) {
    const AT_ONCE: usize = 500;
    let numbers: Vec<usize> = numbers.collect();
    for some in numbers.chunks(AT_ONCE) {
        let file = import_file_of(some.iter().copied(), &schedule);
        store
            .write(move |tx| import_orders(tx, &Identity::System, now, &file))
            .await
            .unwrap_or_else(|error| panic!("{error:?}"));
    }
}

/// So many orders as a file brings them.
pub fn import_file_of(
    numbers: impl Iterator<Item = usize>,
    schedule: &impl Fn(usize) -> Schedule,
) -> ImportFile {
    ImportFile {
        format: FORMAT.to_owned(),
        stations: (0..STATIONS).map(station).collect(),
        orders: numbers.map(|number| order(number, &schedule(number))).collect(),
        ..ImportFile::default()
    }
}

fn station(number: usize) -> StationEntry {
    StationEntry {
        code: format!("S{number:02}"),
        name: format!("Station {number}"),
        position: PositionEntry { latitude: 54.0 + number as f64 / 50.0, longitude: -2.5 },
        radius_m: 150.0,
        opening_hours: Vec::new(),
        ..StationEntry::default()
    }
}

fn order(number: usize, schedule: &Schedule) -> OrderEntry {
    let made_on = schedule.starts_on - chrono::Days::new(1);
    OrderEntry {
        reference: format!("B/{number:07}"),
        kind: "full".to_owned(),
        court: "Bench".to_owned(),
        made_on: Some(made_on),
        served_at: Some(local(made_on, 12).to_rfc3339()),
        ends_on: None,
        owner: None,
        risk: "standard".to_owned(),
        subject: SubjectEntry {
            reference: format!("S/{number:07}"),
            given_names: "Sam".to_owned(),
            family_name: format!("Number{number}"),
            born_on: day("1980-01-01"),
            ..SubjectEntry::default()
        },
        versions: vec![VersionEntry {
            number: 1,
            reason: "original".to_owned(),
            note: String::new(),
            in_force_from: local(made_on, 12).to_rfc3339(),
            conditions: vec![ConditionEntry {
                label: "R1".to_owned(),
                polarity: "requirement".to_owned(),
                kind: "sign_on".to_owned(),
                wording: "Sign on.".to_owned(),
                plain_words: "Sign on.".to_owned(),
                sign_on: Some(SignOnEntry {
                    station: format!("S{:02}", number % STATIONS),
                    alternates: Vec::new(),
                    early_counts: false,
                    schedules: vec![ScheduleEntry {
                        zone: ZONE.name().to_owned(),
                        starts_on: schedule.starts_on,
                        rrule: schedule.rrule.map(str::to_owned),
                        exdates: Vec::new(),
                        rdates: Vec::new(),
                        opens: schedule.opens.clone(),
                        closes: schedule.closes.clone(),
                    }],
                }),
                ..ConditionEntry::default()
            }],
        }],
        ..OrderEntry::default()
    }
}

/// An officer who works at every station, and a bearer token of theirs.
pub async fn officer(store: &Store, now: Instant) -> (Account, String) {
    let token = Identity::System.token();
    let shown = token.as_str().to_owned();
    let made = store.write(move |tx| {
        let everything = Scope { account: Identity::System.id(now), role: Role::ControlRoom };
        let stations: Vec<StationId> =
            stations::of_scope(tx, everything)?.iter().map(|station| station.id).collect();
        let new = NewAccount {
            id: Identity::System.id(now),
            username: "bench".to_owned(),
            display_name: "Bench".to_owned(),
            role: Role::Officer,
            password_hash: String::new(),
            stations: stations.into_iter().collect(),
        };
        let account = create_account(tx, None, now, &new)?;
        signed_in(tx, &account, &holdfast::identity::Token::shown(&shown), Carrier::Bearer, now)?;
        Ok::<_, Refusal>(account)
    });
    (made.await.unwrap(), token.as_str().to_owned())
}

/// Sweeps until nothing is left to do; writes every schedule out.
pub async fn write_out(store: &Store, clock: &Clock) {
    while sweeper::sweep(store, clock, &Identity::System).await.unwrap() != Default::default() {}
}
