//! Starts the real service for each test, on a database of its own, with the clock in the test's
//! hand.

pub mod caller;
pub mod contract;
pub mod database;
pub mod push_service;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};

use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version};
use compliance::access::Role;
use compliance::{Instant, Word};
use holdfast::checker;
use holdfast::clock::{Clock, Stopwatch};
use holdfast::config::Config;
use holdfast::demo::phones;
use holdfast::identity::Identity;
use holdfast::import_file::{self, Fault, ImportFile};
use holdfast::operations::accounts::{NewAccount, create_account};
use holdfast::operations::import_orders::{ImportRefusal, Imported, import_orders};
use holdfast::operations::sign_in::{Carrier, signed_in};
use holdfast::refusal::Refusal;
use holdfast::service::{Circumstances, Service};
use holdfast::store::accounts::Account;
use holdfast::store::alerts::{self, Alert};
use holdfast::store::id::{AlertId, StationId};
use holdfast::store::{Store, StoreError, Tx, WriteError, stations};
use holdfast::sweeper::{self, Swept};
use holdfast::worker::Worker;
use tokio::runtime::Runtime;

use self::caller::Caller;
use self::database::{Database, Kind, Sql};

/// The password of every account of every test.
pub const PASSWORD: &str = "twelve or more characters";
/// Monday morning, winter time.
pub const MONDAY: &str = "2026-11-23T09:00:00Z";

/// What tests run of the service outside its own threads.
pub fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
    })
}

/// Of `PASSWORD`, made once and with parameters so cheap that no test waits for it.
fn password_hash() -> String {
    static HASH: OnceLock<String> = OnceLock::new();
    let make = || {
        let cheap = Params::new(8, 1, 1, None).unwrap();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, cheap);
        let hash = argon2.hash_password_with_salt(PASSWORD.as_bytes(), b"salted for tests");
        hash.unwrap().to_string()
    };
    HASH.get_or_init(make).clone()
}

pub fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap_or_else(|| panic!("{text} is no RFC 3339 time"))
}

pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

pub fn example(name: &str) -> String {
    std::fs::read_to_string(repository().join("examples/orders").join(name)).unwrap()
}

/// Tries again until something comes of it. PostgreSQL hands a change out once every older transaction
/// has ended, those of other tests and of the copying of their databases too.
#[track_caller]
pub fn eventually<T>(mut attempt: impl FnMut() -> Option<T>) -> T {
    let watch = Stopwatch::start();
    loop {
        if let Some(found) = attempt() {
            return found;
        }
        assert!(watch.elapsed().as_secs() < 60, "nothing has come of it in a minute");
    }
}

/// Runs a test on SQLite and then on PostgreSQL.
pub fn on_each_database(test: impl Fn(&TestApp)) {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        test(&TestApp::start(Database::migrated(kind)));
    }
}

/// A clock that stands still until the test moves it.
#[derive(Debug, Clone)]
pub struct TestClock(pub Clock);

impl TestClock {
    pub fn now(&self) -> Instant {
        self.0.now()
    }

    pub fn set(&self, to: &str) {
        self.0.set(at(to));
    }

    pub fn set_to(&self, to: Instant) {
        self.0.set(to);
    }

    pub fn advance(&self, ms: i64) {
        self.0.set(self.now() + ms);
    }
}

pub struct TestApp {
    pub clock: TestClock,
    pub address: SocketAddr,
    pub worker: Worker,
    /// On which what happens by itself happens.
    pub loops: tokio::runtime::Handle,
    are_phones_silent: AtomicBool,
    stop: Mutex<Option<tokio::sync::oneshot::Sender<()>>>,
    service: Option<std::thread::JoinHandle<()>>,
    pub database: Database,
    starts: u64,
}

/// A service that runs in a thread of its own.
struct Serving {
    address: SocketAddr,
    runtime: tokio::runtime::Handle,
    worker: Worker,
    stop: tokio::sync::oneshot::Sender<()>,
    thread: std::thread::JoinHandle<()>,
}

impl Serving {
    fn start(config: Config, how: Circumstances) -> Self {
        let (started, has_started) = std::sync::mpsc::channel();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let store =
                    Store::open(&config.database, config.database_connections, [1; 32]).unwrap();
                let service = Service::start(&config, store, how).await.unwrap();
                let runtime = tokio::runtime::Handle::current();
                started.send((service.address, service.worker.clone(), runtime)).unwrap();
                let _test_is_over = stopped.await;
                service.stop().await;
            });
        });
        let (address, worker, runtime) = has_started.recv().expect("the service starts");
        Self { address, runtime, worker, stop, thread }
    }
}

pub fn config(database: &Database) -> Config {
    let variables = [
        ("HOLDFAST_DATABASE", database.url.as_str()),
        ("HOLDFAST_DATABASE_CONNECTIONS", "12"),
        ("HOLDFAST_LISTEN", "127.0.0.1:0"),
        ("HOLDFAST_PUSH_ALLOW_LOOPBACK", "true"),
    ];
    let variables = variables.iter().map(|(name, value)| ((*name).into(), (*value).into()));
    Config::load(None, variables).unwrap()
}

fn circumstances(clock: &Clock, (seed, runs_by_itself): (u64, bool)) -> Circumstances {
    let (clock, identity) = (clock.clone(), Identity::seeded(seed));
    Circumstances { clock, identity, is_training: false, runs_by_itself }
}

impl TestApp {
    pub fn start(database: Database) -> Self {
        Self::start_with(database, Clock::set_to(at(MONDAY)), false)
    }

    pub fn start_with(database: Database, clock: Clock, runs_by_itself: bool) -> Self {
        let config = config(&database);
        Self::start_configured(database, config, clock, runs_by_itself)
    }

    pub fn start_configured(
        database: Database,
        config: Config,
        clock: Clock,
        runs_by_itself: bool,
    ) -> Self {
        let serving = Serving::start(config, circumstances(&clock, (1, runs_by_itself)));
        Self {
            clock: TestClock(clock),
            address: serving.address,
            worker: serving.worker,
            loops: serving.runtime,
            are_phones_silent: AtomicBool::new(false),
            stop: Mutex::new(Some(serving.stop)),
            service: Some(serving.thread),
            database,
            starts: 1,
        }
    }

    /// Ends the service.
    pub fn stop(&mut self) {
        self.begin_to_stop();
        self.service.take().unwrap().join().unwrap();
    }

    /// Starts it again on the same database, at another address.
    pub fn start_again(&mut self, runs_by_itself: bool) {
        self.starts += 1;
        let how = circumstances(&self.clock.0, (self.starts, runs_by_itself));
        let serving = Serving::start(config(&self.database), how);
        (self.address, self.worker, self.loops) =
            (serving.address, serving.worker, serving.runtime);
        self.stop = Mutex::new(Some(serving.stop));
        self.service = Some(serving.thread);
    }

    /// Does not wait for the end.
    pub fn begin_to_stop(&self) {
        let stop = self.stop.lock().unwrap().take();
        let _has_ended = stop.map(|stop| stop.send(()));
    }

    pub fn identity(&self) -> Identity {
        self.worker.identity.clone()
    }

    /// An id as a phone makes one.
    pub fn new_id(&self) -> uuid::Uuid {
        self.identity().id(self.clock.now())
    }

    #[track_caller]
    pub fn sweep(&self) -> Swept {
        self.try_sweep().unwrap()
    }

    pub fn try_sweep(&self) -> Result<Swept, StoreError> {
        let sweep = sweeper::sweep(&self.worker.store, &self.clock.0, &self.worker.identity);
        runtime().block_on(sweep)
    }

    /// The daily look at the invariants; gives the names of those that do not hold.
    #[track_caller]
    pub fn check(&self) -> Vec<&'static str> {
        let check = checker::check(&self.worker.store, &self.clock.0, &self.worker.identity);
        let found = runtime().block_on(check).unwrap();
        let violated = found.into_iter().filter(|found| found.count > 0);
        violated.map(|found| found.invariant.as_str()).collect()
    }

    /// Runs the outbox until nothing in it is due; says how many jobs about alerts that were. Phones that
    /// are asked whether they are there say so, unless they have fallen silent.
    #[track_caller]
    pub fn run_jobs(&self) -> usize {
        let questions = "SELECT CAST(coalesce(sum(attempts), 0) AS BIGINT) AS value FROM jobs \
                         WHERE kind = 'ask_phone'";
        let asked = |sql: &mut Sql| usize::try_from(sql.number(questions)).unwrap();
        let before = asked(&mut self.sql());
        let mut run = 0;
        loop {
            let some = runtime().block_on(self.worker.run_due()).unwrap();
            if some == 0 {
                break;
            }
            run += some;
            assert!(run < 10_000, "the outbox does not run dry");
        }
        let asked = asked(&mut self.sql()) - before;
        if !self.are_phones_silent.load(Ordering::SeqCst) {
            runtime().block_on(phones::answer_once(&self.worker)).unwrap();
        }
        run - asked
    }

    /// From now on phones say nothing by themselves.
    pub fn phones_fall_silent(&self) {
        self.are_phones_silent.store(true, Ordering::SeqCst);
    }

    #[track_caller]
    pub fn write<T, E, F>(&self, act: F) -> T
    where
        T: Send + 'static,
        E: WriteError + std::fmt::Debug,
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + Sync + 'static,
    {
        runtime().block_on(self.worker.store.write(act)).unwrap()
    }

    #[track_caller]
    pub fn read<T, F>(&self, act: F) -> T
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        runtime().block_on(self.worker.store.read(act)).unwrap()
    }

    /// SQL on a connection of its own.
    pub fn sql(&self) -> Sql {
        self.database.sql()
    }

    pub fn count(&self, table: &str) -> i64 {
        self.sql().count(table)
    }

    #[track_caller]
    pub fn import(&self, text: &str) -> Imported {
        self.try_import(text).unwrap()
    }

    /// As the command does it: what is wrong comes with its line.
    pub fn try_import(&self, text: &str) -> Result<Imported, Vec<Fault>> {
        let now = self.clock.now();
        let file: ImportFile = import_file::read(text, now.local_date(holdfast::ZONE))?;
        let identity = self.identity();
        let import = self.worker.store.write(move |tx| import_orders(tx, &identity, now, &file));
        runtime().block_on(import).map_err(|refusal| match refusal {
            ImportRefusal::Faults(faults) => import_file::located(text, faults),
            ImportRefusal::Store(error) => panic!("{error:?}"),
        })
    }

    pub fn station(&self, code: &str) -> StationId {
        let code = code.to_owned();
        let found = self.read(move |tx| stations::find_by_code(tx, &code));
        found.expect("the station has been imported").id
    }

    /// Every alert there is, closed ones too, the oldest first.
    pub fn alerts(&self) -> Vec<Alert> {
        let mut sql = self.sql();
        let ids =
            format!("SELECT {} AS value FROM alerts ORDER BY triggered_at, id", sql.hex("id"));
        let ids: Vec<AlertId> = sql.texts(&ids).iter().map(|id| id.parse().unwrap()).collect();
        self.read(move |tx| {
            let found = ids.into_iter().map(|id| alerts::find_to_send(tx, id));
            Ok(found.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
        })
    }

    /// The kinds of all alerts, in alphabetical order.
    pub fn alert_kinds(&self) -> Vec<String> {
        let mut kinds: Vec<String> =
            self.alerts().iter().map(|alert| alert.kind.to_string()).collect();
        kinds.sort();
        kinds
    }

    pub fn account(&self, username: &str, role: Role, stations: &[StationId]) -> Account {
        self.account_of((username, &format!("Officer {username}")), role, stations)
    }

    pub fn account_of(
        &self,
        (username, display_name): (&str, &str),
        role: Role,
        stations: &[StationId],
    ) -> Account {
        let new = NewAccount {
            id: self.identity().id(self.clock.now()),
            username: username.to_owned(),
            display_name: display_name.to_owned(),
            role,
            password_hash: password_hash(),
            stations: stations.iter().copied().collect(),
        };
        let now = self.clock.now();
        self.write(move |tx| create_account(tx, None, now, &new))
    }

    /// The account that the example orders name as their owner.
    pub fn asha_mercer(&self) -> Account {
        self.account("asha.mercer", Role::Owner, &[])
    }

    pub fn token_for(&self, account: &Account) -> String {
        let (account, now) = (account.clone(), self.clock.now());
        let token = self.identity().token();
        let text = token.as_str().to_owned();
        self.write(move |tx| {
            signed_in(tx, &account, &token, Carrier::Bearer, now).map_err(Refusal::from)
        });
        text
    }

    pub fn somebody(&self, role: Role, stations: &[&str]) -> Caller<'_> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let name = format!("{role}.{}", NEXT.fetch_add(1, Ordering::SeqCst));
        let stations: Vec<StationId> = stations.iter().map(|code| self.station(code)).collect();
        Caller::new(self, self.account(&name, role, &stations))
    }

    pub fn officer_at(&self, station: &str) -> Caller<'_> {
        self.somebody(Role::Officer, &[station])
    }

    pub fn supervisor_at(&self, station: &str) -> Caller<'_> {
        self.somebody(Role::Supervisor, &[station])
    }

    pub fn owner(&self) -> Caller<'_> {
        self.somebody(Role::Owner, &[])
    }

    pub fn administrator(&self) -> Caller<'_> {
        self.somebody(Role::Administrator, &[])
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("on {:?}:", self.database.kind);
        }
        self.begin_to_stop();
        let ended = self.service.take().map(std::thread::JoinHandle::join);
        if !std::thread::panicking() {
            assert!(ended.is_none_or(|ended| ended.is_ok()), "the service broke down");
        }
    }
}
