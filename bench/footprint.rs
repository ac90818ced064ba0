//! Memory and start time of the program itself.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant as StdInstant};

use holdfast::clock::Clock;
use holdfast::store::Store;

use crate::setting::{Folder, Schedule, load_orders, write_out};
use crate::table::Table;

const PROGRAM: &str = env!("CARGO_BIN_EXE_holdfast");
const DEMO_MB_MAX: f64 = 100.0;

pub fn measure(table: &mut Table) {
    eprintln!("footprint");
    serve(table);
    demo(table);
}

fn serve(table: &mut Table) {
    let folder = Folder::new("footprint");
    let clock = Clock::System;
    let today = clock.now().local_date(holdfast::ZONE);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let on_file = runtime.block_on(async {
        let store = Store::open(&folder.sqlite_without_sync(), 2, [0; 32]).unwrap();
        load_orders(&store, clock.now(), 0..2_390, |_| Schedule {
            rrule: Some("FREQ=DAILY"),
            starts_on: today,
            opens: "00:00".to_owned(),
            closes: "23:59".to_owned(),
        })
        .await;
        write_out(&store, &clock).await;
        let on_file = store.read(holdfast::store::obligations::count).await.unwrap();
        store.close().await;
        on_file
    });
    let database = format!("sqlite:{}", folder.path().join("bench.sqlite").display());
    let began = StdInstant::now();
    let mut child = Command::new(PROGRAM)
        .args(["serve"])
        .env("HOLDFAST_DATABASE", database)
        .env("HOLDFAST_LISTEN", "127.0.0.1:0")
        .env("HOLDFAST_LOG", "error")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let address = address(&mut child, "http://");
    until_ready(&address);
    let started = began.elapsed();
    let resident_mb = resident_mb(&child);
    stop(child);
    table.row(
        &format!("start until ready, {on_file} obligations on file"),
        format!("{:.0} ms, {resident_mb:.0} MB resident", started.as_secs_f64() * 1_000.0),
        "5 s".to_owned(),
        format!("{:.2}", started.as_secs_f64() / 5.0),
    );
}

fn demo(table: &mut Table) {
    let began = StdInstant::now();
    let mut child = Command::new(PROGRAM)
        .args(["demo", "--listen", "127.0.0.1:0"])
        .env("HOLDFAST_LOG", "error")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let address = address(&mut child, "  address    http://");
    until_ready(&address);
    let started = began.elapsed();
    std::thread::sleep(Duration::from_secs(2));
    let resident_mb = resident_mb(&child);
    stop(child);
    table.row(
        "demo: 12 weeks of history made, ready",
        format!("{:.1} s", started.as_secs_f64()),
        "10 s".to_owned(),
        format!("{:.2}", started.as_secs_f64() / 10.0),
    );
    table.row(
        "demo: memory of the server",
        format!("{resident_mb:.0} MB"),
        format!("{DEMO_MB_MAX:.0} MB"),
        format!("{:.2}", resident_mb / DEMO_MB_MAX),
    );
}

/// Reads on until a line says where the program listens; goes on reading, so that it never blocks.
fn address(child: &mut Child, after: &str) -> String {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = lines
        .find_map(|line| {
            let line = line.unwrap();
            let (_, rest) = line.split_once(after)?;
            let end = rest.find(|c: char| c != '.' && c != ':' && !c.is_ascii_digit());
            Some(rest[..end.unwrap_or(rest.len())].trim_end_matches('.').to_owned())
        })
        .unwrap();
    std::thread::spawn(move || lines.for_each(drop));
    address
}

fn until_ready(address: &str) {
    let client = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
    let began = StdInstant::now();
    let is_ready = || {
        client
            .get(format!("http://{address}/health/ready"))
            .send()
            .is_ok_and(|answer| answer.status().is_success())
    };
    while !is_ready() {
        assert!(began.elapsed() < Duration::from_secs(30), "never ready");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn resident_mb(child: &Child) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1_024.0
}

fn stop(mut child: Child) {
    let id = child.id().to_string();
    Command::new("kill").args(["-TERM", &id]).status().unwrap();
    child.wait().unwrap();
}
