//! The dead man's switch (R8): in whatever way the sweep stops, the service says that it is not ready, its
//! pages say that nobody watches, and whoever listens outside hears nothing any more. What can go on by
//! itself does, and says so.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use holdfast::clock::{Clock, Stopwatch};
use holdfast::store::{StoreError, heartbeats};
use holdfast::watchdog::WatchdogConfig;

use crate::commands::Serving;
use crate::harness::database::{Database, Kind, Sql};
use crate::harness::push_service::PushService;
use crate::harness::{MONDAY, TestApp, at, config, eventually, runtime};

/// Who listens outside is told every second here, or more often.
const SILENCE: Duration = Duration::from_millis(2_500);
/// Whoever asks does not wait for longer.
const PATIENCE: Duration = Duration::from_secs(2);

fn wait(time: Duration) {
    runtime().block_on(async move { tokio::time::sleep(time).await });
}

/// One who asks, and one who is told.
struct Outside {
    address: SocketAddr,
    told: PushService,
}

impl Outside {
    /// Status and body; nothing when no answer comes.
    fn asks(&self, path: &str) -> Option<(u16, String)> {
        wait(Duration::from_millis(20));
        let mut stream = TcpStream::connect_timeout(&self.address, PATIENCE).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let status = answer.split(' ').nth(1)?.parse().ok()?;
        Some((status, answer))
    }

    fn is_ready(&self) -> bool {
        self.asks("/health/ready").is_some_and(|(status, _)| status == 200)
    }

    fn is_watching(&self) -> bool {
        let status = self.asks("/api/v1/status");
        status.is_some_and(|(status, says)| status == 200 && says.contains("\"is_watching\":true"))
    }

    #[track_caller]
    fn all_is_well(&self) {
        eventually(|| (self.is_ready() && self.is_watching()).then_some(()));
        self.told.take();
        eventually(|| self.told.take().pop());
    }

    /// Within the bounds, which are 60 seconds for the first and minutes for the others.
    #[track_caller]
    fn it_is_noticed(&self, way: &str) {
        let watch = Stopwatch::start();
        eventually(|| (!self.is_ready()).then_some(()));
        let ready_ms = watch.elapsed_ms();
        eventually(|| (!self.is_watching()).then_some(()));
        let watching_ms = watch.elapsed_ms();
        // A word may still be on its way.
        eventually(|| {
            self.told.take();
            wait(SILENCE);
            self.told.take().is_empty().then_some(())
        });
        assert!(!self.is_ready() && !self.is_watching(), "{way}: noticed for a moment");
        println!("{way}: not ready after {ready_ms} ms, not watching after {watching_ms} ms");
    }

    fn it_goes_on(&self, way: &str, act: impl FnOnce()) {
        act();
        let watch = Stopwatch::start();
        self.all_is_well();
        println!("{way}: well again after {} ms", watch.elapsed_ms());
    }
}

/// Holds what the sweep writes for as long as it lives.
fn lock(database: &Database) -> Sql {
    let mut sql = database.sql();
    sql.execute(match database.kind {
        Kind::Sqlite => "BEGIN IMMEDIATE",
        Kind::Postgres => "BEGIN; LOCK TABLE heartbeats IN ACCESS EXCLUSIVE MODE",
    });
    sql
}

/// No file can be longer.
const DISK_BYTES: u64 = 16_000_000;

fn fill(sql: &mut Sql) {
    let says = "could not extend file: No space left on device";
    sql.execute(&match sql.kind() {
        // What others write lies behind it in the write-ahead log.
        Kind::Sqlite => format!(
            "CREATE TABLE filler (bytes BLOB); INSERT INTO filler VALUES (zeroblob({}))",
            2 * DISK_BYTES
        ),
        // As the server would say it.
        Kind::Postgres => format!(
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION '{says}' USING ERRCODE = 'disk_full'; END $$; \
             CREATE TRIGGER no_room BEFORE INSERT OR UPDATE ON heartbeats \
             EXECUTE FUNCTION no_room()"
        ),
    });
}

fn make_room(database: &Database) {
    let mut sql = database.sql();
    match database.kind {
        Kind::Sqlite => {
            sql.execute("DROP TABLE filler");
            // Others may be reading or writing at the moment.
            eventually(|| {
                sql.execute("PRAGMA wal_checkpoint(TRUNCATE)");
                (database.wal_bytes() < DISK_BYTES).then_some(())
            });
        }
        Kind::Postgres => sql.execute("DROP TRIGGER no_room ON heartbeats"),
    }
}

fn stops_that_are_noticed_of_the_program(kind: Kind) {
    let database = Database::migrated(kind);
    let told = PushService::start();
    let url = format!("{}/ping", told.origin());
    let here = [
        ("HOLDFAST_DATABASE", database.url.as_str()),
        ("HOLDFAST_LISTEN", "127.0.0.1:0"),
        ("HOLDFAST_WATCHDOG_URL", &url),
        ("HOLDFAST_WATCHDOG_ALLOW_PRIVATE", "true"),
        ("HOLDFAST_WATCHDOG_EVERY_S", "1"),
    ];
    let serving = match kind {
        Kind::Sqlite => Serving::start_on_disk_of(DISK_BYTES, &here),
        Kind::Postgres => Serving::start(&["serve"], &here),
    };
    let outside = Outside { address: serving.address, told };
    outside.all_is_well();

    serving.signal("STOP");
    outside.it_is_noticed("stopped");
    outside.it_goes_on("stopped", || serving.signal("CONT"));

    let locked = lock(&database);
    outside.it_is_noticed("database locked");
    outside.it_goes_on("database locked", || drop(locked));

    database.goes();
    outside.it_is_noticed("database gone");
    outside.it_goes_on("database gone", || database.comes_back());

    fill(&mut database.sql());
    outside.it_is_noticed("disk full");
    outside.it_goes_on("disk full", || make_room(&database));

    serving.signal("KILL");
    outside.it_is_noticed("killed");
}

#[test]
fn a_program_that_is_killed_or_stopped_or_has_no_database_or_disk_is_known_not_to_watch() {
    stops_that_are_noticed_of_the_program(Kind::Sqlite);
}

#[test]
fn the_same_program_on_postgresql_is_known_not_to_watch() {
    stops_that_are_noticed_of_the_program(Kind::Postgres);
}

/// Closed until the test opens it or is over.
#[derive(Default)]
struct Gate(Mutex<bool>, Condvar);

struct Gatekeeper(Arc<Gate>);

impl Drop for Gatekeeper {
    fn drop(&mut self) {
        self.0.open();
    }
}

impl Gate {
    fn wait(&self) {
        let _is_open = self.1.wait_while(self.0.lock().unwrap(), |is_open| !*is_open).unwrap();
    }

    fn open(&self) {
        *self.0.lock().unwrap() = true;
        self.1.notify_all();
    }
}

fn stops_that_are_noticed_within_the_program(kind: Kind) {
    let told = PushService::start();
    let database = Database::migrated(kind);
    let watchdog = WatchdogConfig::parse(&format!("{}/ping", told.origin()), true).unwrap();
    let every = Duration::from_millis(500);
    let mut config = config(&database);
    config.watchdog = Some(WatchdogConfig { every, ..watchdog });
    let app = TestApp::start_configured(database, config, Clock::fast(at(MONDAY), 1), true);
    let outside = Outside { address: app.address, told };
    outside.all_is_well();

    // One write that panics is that write's affair, however many of them there are.
    for _ in 0..3 {
        let fails = app.worker.store.write(|_| -> Result<(), StoreError> { panic!("planted") });
        assert!(matches!(runtime().block_on(fails), Err(StoreError::Abandoned)));
    }
    outside.all_is_well();

    let gate = Gatekeeper(Arc::default());
    let (held, now) = (gate.0.clone(), app.clock.now());
    let endless = app.worker.store.clone();
    let endless = runtime().spawn(async move {
        let write = endless.write(move |tx| {
            heartbeats::beat(tx, heartbeats::SWEEP, now, 0)?;
            held.wait();
            Ok::<_, StoreError>(())
        });
        write.await
    });
    outside.it_is_noticed("a write that never ends");
    outside.it_goes_on("a write that never ends", || drop(gate));
    // A database that waits no longer has undone it.
    let _done_or_undone = runtime().block_on(endless).unwrap();

    let gate = Gatekeeper(Arc::default());
    let held = gate.0.clone();
    app.loops.spawn(async move { held.wait() });
    outside.it_is_noticed("event loop blocked");
    outside.it_goes_on("event loop blocked", || drop(gate));
}

#[test]
fn a_write_that_never_ends_and_an_event_loop_that_is_blocked_are_known_not_to_watch() {
    stops_that_are_noticed_within_the_program(Kind::Sqlite);
}

#[test]
fn the_same_stops_on_postgresql_are_known_not_to_watch() {
    stops_that_are_noticed_within_the_program(Kind::Postgres);
}
