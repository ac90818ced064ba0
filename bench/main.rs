//! The measurements, each beside its limit in the same run. `bench/run` builds and runs them all;
//! `bench/run NAME…` runs some. See README.md for what each row means.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a measurement that fails has nothing to say, and it reads the real clock"
)]

mod back_test;
mod confirm;
mod deadlines;
mod due_list;
mod enumerate;
mod footprint;
mod idle;
mod import;
mod load;
mod postgis;
mod setting;
mod table;
mod zones;

use table::Table;

fn main() {
    let asked: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let is_asked = |name: &str| asked.is_empty() || asked.iter().any(|word| word == name);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut table = Table::new();
    if is_asked("enumerate") {
        enumerate::measure(&mut table);
    }
    if is_asked("zones") {
        zones::measure(&mut table);
    }
    if is_asked("import") {
        runtime.block_on(import::measure(&mut table));
    }
    if is_asked("confirm") {
        confirm::measure(&mut table);
    }
    if is_asked("due_list") {
        due_list::measure(&mut table);
    }
    if is_asked("deadlines") {
        runtime.block_on(deadlines::measure(&mut table));
    }
    if is_asked("back_test") {
        runtime.block_on(back_test::measure(&mut table));
    }
    if is_asked("idle") {
        runtime.block_on(idle::measure(&mut table));
    }
    if is_asked("footprint") {
        footprint::measure(&mut table);
    }
    table.print();
}
