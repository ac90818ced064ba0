//! Many deadlines at once, and how long after its deadline an alert is on file.

use std::time::{Duration, Instant as StdInstant};

use holdfast::clock::Clock;
use holdfast::identity::Identity;
use holdfast::store::Store;
use holdfast::store::connection::DatabaseUrl;
use holdfast::store::obligations;
use holdfast::sweeper;

use crate::setting::{Folder, Schedule, day, load_orders, local, write_out};
use crate::table::{Table, quantile};

const AT_ONCE: usize = 10_000;
const AIM: Duration = Duration::from_secs(2);

pub async fn measure(table: &mut Table) {
    let folder = Folder::new("deadlines");
    at_once(table, "SQLite", &folder.sqlite()).await;
    if let Ok(url) = std::env::var("HOLDFAST_BENCH_POSTGRES") {
        at_once(table, "PostgreSQL", &DatabaseUrl::Postgres(url)).await;
    }
    delay(table).await;
}

async fn at_once(table: &mut Table, name: &str, url: &DatabaseUrl) {
    eprintln!("deadlines: {AT_ONCE} at once on {name}");
    let begins_on = day("2026-11-02");
    let clock = Clock::set_to(local(begins_on, 1));
    let store = Store::open(url, 4, [0; 32]).unwrap();
    let once = |_| Schedule::once(begins_on, "10:00", "14:00");
    load_orders(&store, clock.now(), 0..AT_ONCE, once).await;
    write_out(&store, &clock).await;
    clock.set(local(begins_on, 13));
    write_out(&store, &clock).await;
    clock.set(local(begins_on, 14) + 60_000);
    let began = StdInstant::now();
    let pass = tokio::spawn({
        let (store, clock) = (store.clone(), clock.clone());
        async move { sweeper::sweep(&store, &clock, &Identity::System).await }
    });
    // A miss, its finding and its alert are one write: no window is left, every alert is on file.
    while store.read(obligations::earliest_transition).await.unwrap().is_some() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let on_file = began.elapsed();
    let swept = pass.await.unwrap().unwrap();
    let whole = began.elapsed();
    assert_eq!((swept.missed, swept.raised >= AT_ONCE), (AT_ONCE, true), "{swept:?}");
    store.close().await;
    let per_second = AT_ONCE as f64 / on_file.as_secs_f64();
    table.row(
        &format!("{AT_ONCE} deadlines at once: every alert on file, {name}"),
        format!("{:.2} s ({per_second:.0}/s)", on_file.as_secs_f64()),
        format!("{:.0} s", AIM.as_secs_f64()),
        format!("{:.2}", on_file.as_secs_f64() / AIM.as_secs_f64()),
    );
    table.row(
        &format!("the whole pass: {} raised, {} climbed", swept.raised, swept.climbed),
        format!("{:.2} s", whole.as_secs_f64()),
        format!("{:.2} s for the misses", on_file.as_secs_f64()),
        format!("{:.2}", whole.as_secs_f64() / on_file.as_secs_f64()),
    );
}

/// The sweep's own loop on the real clock: deadlines a few a second, each alert's time behind it.
async fn delay(table: &mut Table) {
    const ORDERS: usize = 240;
    eprintln!("deadlines: delay of each on the real clock (up to two minutes)");
    let folder = Folder::new("delay");
    let store = Store::open(&folder.sqlite(), 4, [0; 32]).unwrap();
    let clock = Clock::System;
    let zone = holdfast::ZONE;
    // Windows are stated in whole minutes: all close when the next minute but one begins.
    let opens = clock.now().utc().with_timezone(&zone);
    let closes = opens + chrono::Duration::minutes(1);
    let once =
        |_| Schedule::once(opens.date_naive(), opens.format("%H:%M"), closes.format("%H:%M"));
    load_orders(&store, clock.now() + -86_400_000, 0..ORDERS, once).await;
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let every = Duration::from_millis(250);
    let sweeps =
        tokio::spawn(sweeper::run(store.clone(), clock.clone(), Identity::System, every, stopping));
    let began = StdInstant::now();
    let delays = loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let delays = alert_delays_ms(&store).await;
        if delays.len() == ORDERS || began.elapsed() > Duration::from_secs(130) {
            break delays;
        }
    };
    stop.send(true).unwrap();
    sweeps.await.unwrap();
    store.close().await;
    assert_eq!(delays.len(), ORDERS);
    table.row(
        "deadline to alert, real clock, swept every 250 ms",
        format!("median {:.0} ms, worst {:.0} ms", quantile(&delays, 0.5), quantile(&delays, 1.0)),
        "1000 ms".to_owned(),
        format!("{:.2}", quantile(&delays, 0.5) / 1_000.0),
    );
}

async fn alert_delays_ms(store: &Store) -> Vec<f64> {
    use compliance::access::Role;
    use compliance::alert::AlertKind;
    use holdfast::store::alerts::{self, Page};
    use holdfast::store::scope::Scope;
    let scope =
        Scope { account: Identity::System.id(Clock::System.now()), role: Role::ControlRoom };
    let page = Page { state: None, group: None, after: None, at_most: 10_000 };
    let open = store.read(move |tx| alerts::list(tx, scope, page)).await.unwrap();
    let missed = open.iter().filter(|found| found.alert.kind == AlertKind::MissedSignOn);
    let mut delays: Vec<f64> =
        missed.map(|found| (found.alert.triggered_at - found.alert.concerns_at) as f64).collect();
    delays.sort_by(f64::total_cmp);
    delays
}
