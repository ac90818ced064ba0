//! Confirmed sign-ons per second over HTTP with `synchronous=FULL`, beside the same writes in the
//! same database without HTTP.

use std::sync::Arc;
use std::time::{Duration, Instant as StdInstant};

use chrono::Days;
use compliance::Instant;
use compliance::attendance::{IdentityMethod, IdentityResult};
use holdfast::clock::Clock;
use holdfast::http::confirm_sign_on::{Identity as WireIdentity, SignOn};
use holdfast::http::wire::Spelled;
use holdfast::identity::Identity;
use holdfast::operations::Actor;
use holdfast::operations::confirm_sign_on::{Confirmed, confirm_sign_on};
use holdfast::service::Circumstances;
use holdfast::store::id::CheckInId;
use holdfast::store::obligations::{self, Due};
use holdfast::store::scope::Scope;
use holdfast::store::{Store, stations};

use crate::load::{Running, request, send_all};
use crate::setting::{Folder, Schedule, config, day, load_orders, local, officer, write_out};
use crate::table::{Table, quantile};

const ORDERS: usize = 2_000;
/// Each day's windows are confirmed in one go, with the clock standing inside them.
const DAYS_EACH: u64 = 8;
const AIM_PER_S: f64 = 8_000.0;

pub fn measure(table: &mut Table) {
    eprintln!("confirm: {ORDERS} orders, {DAYS_EACH} days a row");
    let folder = Folder::new("confirm");
    let begins_on = day("2026-11-02");
    let clock = Clock::set_to(local(begins_on, 1));
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let token = runtime.block_on(async {
        let store = Store::open(&folder.sqlite_without_sync(), 2, [0; 32]).unwrap();
        load_orders(&store, clock.now(), 0..ORDERS, |_| Schedule {
            rrule: Some("FREQ=DAILY"),
            starts_on: begins_on,
            opens: "10:00".to_owned(),
            closes: "14:00".to_owned(),
        })
        .await;
        write_out(&store, &clock).await;
        let (_, token) = officer(&store, clock.now()).await;
        store.close().await;
        token
    });
    let mut first_day = begins_on;
    let limits = [1_usize, 8, 64].map(|callers| {
        let rate = runtime.block_on(without_http(&folder, &clock, first_day, callers));
        first_day = first_day + Days::new(days(callers));
        rate
    });
    for (callers, limit) in [1_usize, 8, 64].into_iter().zip(limits) {
        let (rate, latencies) = over_http(&folder, &runtime, &clock, (first_day, callers), &token);
        first_day = first_day + Days::new(days(callers));
        table.row(
            &format!("sign-ons confirmed over HTTP, {callers} connections"),
            format!(
                "{rate:.0}/s, p50 {:.2} ms, p99 {:.2} ms",
                quantile(&latencies, 0.5),
                quantile(&latencies, 0.99)
            ),
            format!("{limit:.0}/s without HTTP"),
            format!("{:.2}", rate / limit),
        );
        if callers == 64 {
            table.row(
                "the same against the aim",
                format!("{rate:.0}/s"),
                format!("{AIM_PER_S:.0}/s"),
                format!("{:.2}", rate / AIM_PER_S),
            );
        }
    }
}

fn days(callers: usize) -> u64 {
    if callers == 1 { 2 } else { DAYS_EACH }
}

/// What is due on a day, and a confirmation for each.
async fn confirmations(
    store: &Store,
    on: chrono::NaiveDate,
    now: Instant,
) -> Vec<(CheckInId, SignOn)> {
    let everything =
        Scope { account: Identity::System.id(now), role: compliance::access::Role::ControlRoom };
    let due: Vec<Due> = store
        .read(move |tx| {
            let mut due = Vec::new();
            for station in stations::of_scope(tx, everything)? {
                let (from, until) = (local(on, 0), local(on, 24));
                due.extend(obligations::due_at(tx, everything, station.id, from, until)?);
            }
            Ok::<_, holdfast::store::StoreError>(due)
        })
        .await
        .unwrap();
    assert_eq!(due.len(), ORDERS);
    due.into_iter().map(|due| (Identity::System.id(now), sign_on(&due, now))).collect()
}

fn sign_on(due: &Due, now: Instant) -> SignOn {
    SignOn {
        obligation_id: due.obligation.id,
        station_id: due.obligation.station_id,
        identity: WireIdentity {
            method: Spelled(IdentityMethod::PhotoOnFile),
            result: Spelled(IdentityResult::Match),
        },
        attended_at: now.into(),
        position: None,
        note: String::new(),
        corrects: None,
    }
}

/// The limit: the same writes, as many at once, straight into the store.
async fn without_http(
    folder: &Folder,
    clock: &Clock,
    first: chrono::NaiveDate,
    callers: usize,
) -> f64 {
    let store = Store::open(&folder.sqlite(), 2, [0; 32]).unwrap();
    let account = store
        .read(|tx| holdfast::store::accounts::find_by_username(tx, "bench"))
        .await
        .unwrap()
        .unwrap();
    let (mut elapsed, mut count) = (Duration::ZERO, 0);
    for offset in 0..days(callers) {
        let on = first + Days::new(offset);
        clock.set(local(on, 12));
        let now = clock.now();
        let queue = Arc::new(std::sync::Mutex::new(confirmations(&store, on, now).await));
        let scope = Scope { account: account.id, role: account.role };
        let actor = Actor { scope, now, identity: Identity::System };
        count += ORDERS;
        let began = StdInstant::now();
        let tasks: Vec<_> = (0..callers)
            .map(|_| {
                let (store, queue, actor) = (store.clone(), queue.clone(), actor.clone());
                tokio::spawn(async move {
                    loop {
                        let Some((id, sign_on)) = queue.lock().unwrap().pop() else { return };
                        let confirmation =
                            sign_on.confirmation(id, Some(actor.now.into()), "").unwrap();
                        let actor = actor.clone();
                        let done =
                            store.write(move |tx| confirm_sign_on(tx, &actor, &confirmation)).await;
                        let Confirmed::Recorded(receipt) = done.unwrap() else { panic!() };
                        assert!(receipt.settled);
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        elapsed += began.elapsed();
    }
    store.close().await;
    count as f64 / elapsed.as_secs_f64()
}

fn over_http(
    folder: &Folder,
    runtime: &tokio::runtime::Runtime,
    clock: &Clock,
    (first, callers): (chrono::NaiveDate, usize),
    token: &str,
) -> (f64, Vec<f64>) {
    let how = Circumstances {
        clock: clock.clone(),
        identity: Identity::System,
        is_training: false,
        runs_by_itself: false,
    };
    let running = Running::start(config(folder.sqlite()), how);
    let reader = Store::open(&folder.sqlite(), 2, [0; 32]).unwrap();
    let (mut elapsed, mut count, mut latencies) = (Duration::ZERO, 0, Vec::new());
    for offset in 0..days(callers) {
        let on = first + Days::new(offset);
        clock.set(local(on, 12));
        let now = clock.now();
        let token = runtime.block_on(fresh_token(&reader, token, now));
        let all = runtime.block_on(confirmations(&reader, on, now));
        let requests: Vec<Vec<u8>> = all
            .iter()
            .map(|(id, sign_on)| {
                let body = serde_json::json!(sign_on).to_string();
                let clock = format!("Phone-Clock: {}\r\n", now.to_rfc3339());
                request("PUT", &format!("/api/v1/check-ins/{id}"), &token, &clock, &body)
            })
            .collect();
        let run = send_all(running.address, requests, callers, 201);
        elapsed += run.elapsed;
        count += ORDERS;
        latencies.extend(run.latencies_ms);
    }
    runtime.block_on(reader.close());
    running.stop();
    latencies.sort_by(f64::total_cmp);
    (count as f64 / elapsed.as_secs_f64(), latencies)
}

/// Sessions run out with the clock's days; a new one for each.
async fn fresh_token(store: &Store, _old: &str, now: Instant) -> String {
    let token = Identity::System.token();
    let shown = token.as_str().to_owned();
    store
        .write(move |tx| {
            let account = holdfast::store::accounts::find_by_username(tx, "bench")?.unwrap();
            let token = holdfast::identity::Token::shown(&shown);
            let carrier = holdfast::operations::sign_in::Carrier::Bearer;
            holdfast::operations::sign_in::signed_in(tx, &account, &token, carrier, now)
        })
        .await
        .unwrap_or_else(|error: holdfast::store::StoreError| panic!("{error}"));
    token.as_str().to_owned()
}
