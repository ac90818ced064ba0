//! The due list of one station: made anew, and answered with "nothing has changed".

use compliance::access::Role;
use holdfast::clock::Clock;
use holdfast::identity::Identity;
use holdfast::service::Circumstances;
use holdfast::store::scope::Scope;
use holdfast::store::{Store, stations};

use crate::load::{Running, request, send_all};
use crate::setting::{Folder, Schedule, config, day, load_orders, local, officer, write_out};
use crate::table::{Table, quantile};

const ORDERS: usize = 1_000;
const LISTS: usize = 2_000;
const POLLS: usize = 10_000;

pub fn measure(table: &mut Table) {
    eprintln!("due_list");
    let folder = Folder::new("due");
    let begins_on = day("2026-11-02");
    let clock = Clock::set_to(local(begins_on, 1));
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (token, station) = runtime.block_on(async {
        let store = Store::open(&folder.sqlite_without_sync(), 2, [0; 32]).unwrap();
        load_orders(&store, clock.now(), 0..ORDERS, |_| Schedule {
            rrule: Some("FREQ=DAILY"),
            starts_on: begins_on,
            opens: "10:00".to_owned(),
            closes: "14:00".to_owned(),
        })
        .await;
        write_out(&store, &clock).await;
        let (account, token) = officer(&store, clock.now()).await;
        let scope = Scope { account: account.id, role: Role::ControlRoom };
        let all = store.read(move |tx| stations::of_scope(tx, scope)).await.unwrap();
        store.close().await;
        (token, all[0].id)
    });
    let how = Circumstances {
        clock,
        identity: Identity::System,
        is_training: false,
        runs_by_itself: false,
    };
    let running = Running::start(config(folder.sqlite()), how);
    let path = format!("/api/v1/stations/{station}/due?date=2026-11-03");
    let etag = etag_of(&running, &path, &token);
    let get = |extra: &str| request("GET", &path, &token, extra, "");
    let lists = send_all(running.address, vec![get(""); LISTS], 8, 200);
    let known = format!("If-None-Match: {etag}\r\n");
    let polls = send_all(running.address, vec![get(&known); POLLS], 8, 304);
    let live = vec![request("GET", "/health/live", &token, "", ""); POLLS];
    let empty = send_all(running.address, live, 8, 200);
    running.stop();
    let rate = |count: usize, run: &crate::load::Run| count as f64 / run.elapsed.as_secs_f64();
    let (full, poll, limit) = (rate(LISTS, &lists), rate(POLLS, &polls), rate(POLLS, &empty));
    table.row(
        &format!("due list of a station ({} people), made anew, 8 connections", ORDERS / 20),
        format!("{full:.0}/s, p99 {:.2} ms", quantile(&lists.latencies_ms, 0.99)),
        format!("{limit:.0}/s for an empty answer"),
        format!("{:.2}", full / limit),
    );
    table.row(
        "the same, polled when nothing has changed (304)",
        format!("{poll:.0}/s, p99 {:.2} ms", quantile(&polls.latencies_ms, 0.99)),
        format!("{limit:.0}/s for an empty answer"),
        format!("{:.2}", poll / limit),
    );
}

fn etag_of(running: &Running, path: &str, token: &str) -> String {
    let client = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://{}{path}", running.address);
    let answer = client.get(url).bearer_auth(token).send().unwrap();
    answer.headers()["etag"].to_str().unwrap().to_owned()
}
