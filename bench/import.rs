//! Ten thousand orders from a file, as `holdfast import` takes them in: read, checked, held against
//! what is on file, and written down.

use std::time::Instant as StdInstant;

use holdfast::ZONE;
use holdfast::identity::Identity;
use holdfast::import_file;
use holdfast::operations::import_orders::import_orders;
use holdfast::store::Store;

use crate::setting::{Folder, Schedule, day, import_file_of, local};
use crate::table::Table;

const FEW: usize = 1_000;
const MANY: usize = 10_000;

pub async fn measure(table: &mut Table) {
    eprintln!("import");
    let few = import(FEW).await;
    let many = import(MANY).await;
    let each = |(read, all): (f64, f64), count: usize| {
        let count = count as f64;
        (1e6 * read / count, 1e6 * all / count)
    };
    let (_, each_of_few) = each(few, FEW);
    let (read, each_of_many) = each(many, MANY);
    table.row(
        &format!("importing {MANY} orders from one file"),
        format!("{:.2} s, {each_of_many:.0} us an order", many.1),
        format!("{each_of_few:.0} us an order of {FEW}"),
        format!("{:.2}", each_of_many / each_of_few),
    );
    table.row(
        "of this, reading and checking the file",
        format!("{read:.0} us an order"),
        format!("{each_of_many:.0} us in all"),
        format!("{:.2}", read / each_of_many),
    );
}

/// Seconds for reading, and for all of it.
async fn import(count: usize) -> (f64, f64) {
    let folder = Folder::new(&format!("import-{count}"));
    let store = Store::open(&folder.sqlite(), 2, [0; 32]).unwrap();
    let starts_on = day("2026-11-02");
    let now = local(starts_on, 9);
    let schedule = |_| Schedule {
        rrule: Some("FREQ=WEEKLY;BYDAY=MO,WE,FR"),
        starts_on,
        opens: "10:00".to_owned(),
        closes: "14:00".to_owned(),
    };
    let text = serde_json::json!(import_file_of(0..count, &schedule)).to_string();
    let began = StdInstant::now();
    let file = import_file::read(&text, now.local_date(ZONE)).unwrap();
    let read = began.elapsed().as_secs_f64();
    let done = store.write(move |tx| import_orders(tx, &Identity::System, now, &file)).await;
    let all = began.elapsed().as_secs_f64();
    assert_eq!(done.unwrap().orders, count);
    store.close().await;
    (read, all)
}
