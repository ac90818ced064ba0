//! `holdfast demo`: a training environment that is ready in seconds.

use std::collections::{BTreeSet, HashMap};
use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{Datelike, Days, NaiveDate};
use compliance::Instant;
use compliance::access::Role;
use compliance::instant::{HOUR_MS, MINUTE_MS};
use compliance::order::start_of_day;

use super::Failure;
use super::serve::until_stopped;
use crate::ZONE;
use crate::clock::{Clock, Stopwatch};
use crate::config::{Config, PushConfig};
use crate::demo::calendar::{Calendar, WEEKS};
use crate::demo::force::{self, Person};
use crate::demo::history::{Cast, History, HistoryError};
use crate::demo::{life, phones, places};
use crate::identity::Identity;
use crate::import_file::{FORMAT, ImportFile};
use crate::operations::Actor;
use crate::operations::accounts::{NewAccount, create_account};
use crate::operations::import_orders::import_orders;
use crate::operations::push_subscriptions::subscribe;
use crate::operations::sign_in::password_hash;
use crate::push::Push;
use crate::service::{Circumstances, Service};
use crate::store::accounts::Account;
use crate::store::connection::DatabaseUrl;
use crate::store::scope::Scope;
use crate::store::{Store, stations};
use crate::worker::Worker;

/// The day in progress: late enough that much has happened, early enough that much is to come.
const BEGINS_MS: i64 = 11 * HOUR_MS + 20 * MINUTE_MS;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Where to listen; a loopback address
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// A folder for the data, which must hold none yet; by default a fresh temporary one
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// How many times faster than real time the demo's clock runs, 1 to 3600
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(i64).range(1..=3600))]
    speed: i64,
    /// The day in progress, as 2027-03-28; by default today
    #[arg(long, value_name = "DAY", value_parser = day)]
    on: Option<NaiveDate>,
    /// The same seed makes the same force and the same history
    #[arg(long, default_value_t = 2019)]
    seed: u64,
}

/// Within the years that the service is for.
fn day(text: &str) -> Result<NaiveDate, String> {
    let day = text.parse::<NaiveDate>().map_err(|error| error.to_string())?;
    if (2020..2100).contains(&day.year()) { Ok(day) } else { Err("2020 to 2099".to_owned()) }
}

pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    if !arguments.listen.ip().is_loopback() {
        return Err(Failure::Said("the demo listens on loopback addresses only".to_owned()));
    }
    let watch = Stopwatch::start();
    let (folder, is_temporary) = data_folder(arguments.data.as_deref())?;
    let database = folder.join("demo.sqlite");
    let today = arguments.on.unwrap_or_else(|| Clock::System.now().local_date(ZONE));
    let now = start_of_day(today, ZONE) + BEGINS_MS;
    let password = Identity::System.token().as_str().chars().take(16).collect::<String>();
    let push_service = phones::start()
        .map_err(|source| Failure::File { path: "the demo's phones".to_owned(), source })?;
    let fast = DatabaseUrl::SqliteWithoutSync(database.clone());
    let preparation = Preparation { seed: arguments.seed, today, now, push_service };
    let (left_alone, planned) = preparation.run(&fast, &password).await?;

    let clock = Clock::fast(now, arguments.speed);
    let how = Circumstances {
        clock: clock.clone(),
        identity: Identity::System,
        is_training: true,
        runs_by_itself: true,
    };
    let config = config(arguments.listen, DatabaseUrl::Sqlite(database));
    let store = Store::open(&config.database, config.database_connections, Identity::System.key())?;
    let service = Service::start(&config, store, how).await?;
    println!("Ready after {:.1} s.\n", watch.elapsed().as_secs_f64());
    print_welcome(&service, &password, &folder, arguments.speed);
    let everyday_life = go_on(planned, service.worker.clone(), left_alone);
    let everyday_life = actix_web::rt::spawn(everyday_life);
    let answers = actix_web::rt::spawn(phones::answer_always(service.worker.clone()));
    let done = until_stopped(service).await;
    everyday_life.abort();
    answers.abort();
    if is_temporary {
        std::fs::remove_dir_all(&folder).map_err(|source| file(&folder, source))?;
    }
    done
}

fn file(path: &Path, source: std::io::Error) -> Failure {
    Failure::File { path: path.display().to_string(), source }
}

/// A folder of the demo's own. One that holds a demo already is refused rather than overwritten.
fn data_folder(asked: Option<&Path>) -> Result<(PathBuf, bool), Failure> {
    let folder = match asked {
        Some(folder) => folder.to_owned(),
        None => {
            let name = Identity::System.token().as_str().chars().take(12).collect::<String>();
            std::env::temp_dir().join(format!("holdfast-demo-{name}"))
        }
    };
    std::fs::create_dir_all(&folder).map_err(|source| file(&folder, source))?;
    if folder.join("demo.sqlite").exists() {
        let says = format!("{} holds a demo already: name another folder", folder.display());
        return Err(Failure::Said(says));
    }
    Ok((folder, asked.is_none()))
}

fn config(listen: SocketAddr, database: DatabaseUrl) -> Config {
    Config {
        listen,
        database,
        database_connections: 4,
        force_name: force::NAME.to_owned(),
        sweep_every: Duration::from_millis(250),
        is_behind_proxy: false,
        push: PushConfig {
            contact: "mailto:training@example.invalid".to_owned(),
            hosts: Vec::new(),
            allow_loopback: true,
        },
        watchdog: None,
        mail: None,
        webhook: None,
    }
}

struct Preparation {
    seed: u64,
    today: NaiveDate,
    now: Instant,
    push_service: SocketAddr,
}

impl Preparation {
    /// Plays the weeks before today, and today until now.
    async fn run(
        &self,
        database: &DatabaseUrl,
        password: &str,
    ) -> Result<(crate::store::id::StationId, History), Failure> {
        let calendar = Calendar::until(self.today);
        let begins_on = calendar.begins_on;
        let clock = Clock::set_to(start_of_day(begins_on, ZONE));
        let identity = Identity::seeded(self.seed);
        let store = Store::open(database, 4, identity.key())?;
        let push_config = config(self.push_service, database.clone()).push;
        let push =
            Push::start(&store, push_config).await.map_err(|error| Failure::Start(error.into()))?;
        let stations = force::stations()
            .map_err(|error| Failure::Said(format!("the demo's stations: {error}")))?;
        let cast = self.people(&store, &identity, &clock, (&stations, password)).await?;
        let left_alone = cast.stations.first().map(|station| station.id);
        let left_alone = left_alone.ok_or_else(|| Failure::Said("no stations".to_owned()))?;
        let intakes = force::intakes(&identity, stations, calendar);
        let script = life::script(&identity, calendar);
        let push = Arc::new(push);
        let worker =
            Worker { mail: None, webhook: None, store: store.clone(), clock, identity, push };
        let mut history = History::new(worker, cast, (intakes, script), (begins_on, self.now));
        let failed = |error: HistoryError| Failure::Said(format!("the demo failed: {error}"));
        for week in 1..=WEEKS {
            progress(&format!("Making 12 weeks of history: week {week} of {WEEKS}"));
            let until = start_of_day(begins_on + Days::new(week * 7), ZONE);
            history.play(until).await.map_err(failed)?;
        }
        progress("Making the day in progress");
        history.play(self.now).await.map_err(failed)?;
        let zoned = force::zoned_reference(begins_on);
        history.act_on(zoned, self.now, Arc::new(places::play)).await.map_err(failed)?;
        progress("");
        store.close().await;
        Ok((left_alone, history))
    }

    /// Accounts for everybody, and a phone for whoever can be told of an alert.
    async fn people(
        &self,
        store: &Store,
        identity: &Identity,
        clock: &Clock,
        (entries, password): (&[crate::import_file::StationEntry], &str),
    ) -> Result<Cast, Failure> {
        let now = clock.now();
        let file = ImportFile {
            format: FORMAT.to_owned(),
            stations: entries.to_vec(),
            ..ImportFile::default()
        };
        let ids = identity.clone();
        let imported = store.write(move |tx| import_orders(tx, &ids, now, &file)).await;
        imported.map_err(|error| Failure::Said(format!("the demo's stations: {error}")))?;
        let hash = password_hash(&Identity::System, password)?;
        let mut made = Vec::new();
        for person in force::people(entries) {
            made.push(self.person(store, identity, now, (&person, &hash)).await?);
        }
        let stations = {
            let observer = made.iter().find(|account| account.role == Role::ControlRoom);
            let observer = observer.ok_or_else(|| Failure::Said("no control room".to_owned()))?;
            let scope = Scope { account: observer.id, role: observer.role };
            store.read(move |tx| stations::of_scope(tx, scope)).await?
        };
        cast(made, stations)
    }

    async fn person(
        &self,
        store: &Store,
        identity: &Identity,
        now: Instant,
        (person, hash): (&Person, &str),
    ) -> Result<Account, Failure> {
        let codes = person.stations.clone();
        let new = NewAccount {
            id: identity.id(now),
            username: person.username.clone(),
            display_name: person.display_name.clone(),
            role: person.role,
            password_hash: hash.to_owned(),
            stations: BTreeSet::new(),
        };
        let is_told = matches!(person.role, Role::Owner | Role::Supervisor | Role::ControlRoom);
        let phone = phones::phone(identity, now, new.id, self.push_service)
            .map_err(|error| Failure::Said(format!("the demo's phones: {error}")))?;
        let identity = identity.clone();
        let made = store.write(move |tx| {
            let mut new = new.clone();
            for code in &codes {
                new.stations.extend(stations::find_by_code(tx, code)?.map(|station| station.id));
            }
            let account = create_account(tx, None, now, &new)?;
            if is_told {
                let scope = Scope { account: account.id, role: account.role };
                subscribe(tx, &Actor { scope, now, identity: identity.clone() }, &phone)?;
            }
            Ok::<_, crate::refusal::Refusal>(account)
        });
        Ok(made.await?)
    }
}

fn cast(made: Vec<Account>, stations: Vec<stations::Station>) -> Result<Cast, Failure> {
    let of_role = |role: Role| made.iter().filter(move |account| account.role == role).cloned();
    let mut counters: HashMap<_, Vec<Account>> = HashMap::new();
    for station in &stations {
        let ending = format!(".{}", station.code.to_lowercase());
        let there = of_role(Role::Officer).filter(|account| account.username.ends_with(&ending));
        counters.insert(station.id, there.collect());
    }
    let observer = of_role(Role::ControlRoom).next();
    let observer = observer.ok_or_else(|| Failure::Said("no control room".to_owned()))?;
    let supervisors = of_role(Role::Supervisor).collect();
    Ok(Cast { stations, counters, supervisors, observer })
}

fn progress(says: &str) {
    let mut out = std::io::stdout();
    let _shown = if out.is_terminal() {
        write!(out, "\r\u{1b}[K{says}").and_then(|()| out.flush())
    } else if says.is_empty() {
        Ok(())
    } else {
        writeln!(out, "{says}")
    };
}

fn print_welcome(service: &Service, password: &str, folder: &Path, speed: i64) {
    let address = service.address;
    println!("{}, training environment. Nobody in it exists.", force::NAME);
    println!("  address    http://{address}/");
    println!("  API        http://{address}/api/reference/");
    println!("  data       {}", folder.display());
    let now = service.app.clock.now().in_words(ZONE);
    println!("  clock      {now}, running {speed} times as fast as yours");
    println!("  password   {password}   (for every sign-in below)");
    let sign_ins = [
        ("counter.ald", "front counter, Alderbridge: nobody confirms there but you"),
        ("asha.mercer", "order owner"),
        ("ruth.adeyemi", "supervisor of all six stations"),
        ("control.room", "control room"),
        ("auditor", "reads the ledger"),
        ("admin", "keeps accounts; cannot read cases"),
    ];
    for (username, about) in sign_ins {
        println!("  sign-in    {username:<14} {about}");
    }
    println!("Press Ctrl-C to stop.");
}

/// The other stations' everyday life goes on.
async fn go_on(mut history: History, worker: Worker, left_alone: crate::store::id::StationId) {
    history.store = worker.store.clone();
    history.clock = worker.clock.clone();
    history.identity = worker.identity.clone();
    history.worker = worker;
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    loop {
        ticks.tick().await;
        let now = history.clock.now();
        if let Err(error) = history.go_on(now, left_alone).await {
            tracing::error!(%error, "the demo's everyday life stumbled");
        }
    }
}
