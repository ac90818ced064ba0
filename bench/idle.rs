//! What a sweep costs when nothing is due: it must not grow with what is on file.

use std::time::Instant as StdInstant;

use holdfast::clock::Clock;
use holdfast::identity::Identity;
use holdfast::store::Store;
use holdfast::sweeper;

use crate::setting::{Folder, Schedule, day, load_orders, local, write_out};
use crate::table::{Table, quantile};

const PASSES: usize = 400;

pub async fn measure(table: &mut Table) {
    let folder = Folder::new("idle");
    let begins_on = day("2026-11-02");
    let clock = Clock::set_to(local(begins_on, 1));
    let mut smallest = None;
    let mut orders = 0;
    // Six weeks of a daily window are about 42 obligations an order.
    for (label, wanted) in [("1,000", 24), ("100,000", 2_390), ("1,000,000", 23_850)] {
        eprintln!("idle: {label} obligations on file");
        let store = Store::open(&folder.sqlite_without_sync(), 2, [0; 32]).unwrap();
        load_orders(&store, clock.now(), orders..wanted, |_| Schedule {
            rrule: Some("FREQ=DAILY"),
            starts_on: begins_on,
            opens: "10:00".to_owned(),
            closes: "14:00".to_owned(),
        })
        .await;
        write_out(&store, &clock).await;
        store.close().await;
        orders = wanted;
        let store = Store::open(&folder.sqlite(), 2, [0; 32]).unwrap();
        let mut passes_ms = Vec::with_capacity(PASSES);
        for _ in 0..PASSES {
            let began = StdInstant::now();
            let swept = sweeper::sweep(&store, &clock, &Identity::System).await.unwrap();
            passes_ms.push(began.elapsed().as_secs_f64() * 1_000.0);
            assert_eq!(swept, Default::default());
        }
        let on_file = store.read(holdfast::store::obligations::count).await.unwrap();
        store.close().await;
        passes_ms.sort_by(f64::total_cmp);
        let median = quantile(&passes_ms, 0.5);
        let first = *smallest.get_or_insert(median);
        table.row(
            &format!("idle sweep, {on_file} obligations on file"),
            format!("{median:.3} ms (p99 {:.3} ms)", quantile(&passes_ms, 0.99)),
            format!("{first:.3} ms with the fewest"),
            format!("{:.2}", median / first),
        );
    }
}
