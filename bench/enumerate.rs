//! A year of windows for ten thousand schedules: the pure rules, no database.

use std::time::Instant as StdInstant;

use compliance::{Schedule, ScheduleText};

use crate::setting::{day, local};
use crate::table::Table;

const SCHEDULES: usize = 10_000;
/// In the year that is written out.
const EXCEPTIONS: u64 = 20;
const RULES: [&str; 6] = [
    "FREQ=DAILY",
    "FREQ=WEEKLY;BYDAY=MO,WE,FR",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
    "FREQ=MONTHLY;BYMONTHDAY=-1",
    "FREQ=MONTHLY;BYDAY=2TH",
    "FREQ=WEEKLY;BYDAY=SA,SU",
];

pub fn measure(table: &mut Table) {
    eprintln!("enumerate");
    let rate = |starts_on: &str, exceptions: u64| {
        let rule = |number: usize| schedule(RULES[number % RULES.len()], starts_on, exceptions);
        let schedules: Vec<Schedule> = (0..SCHEDULES).map(rule).collect();
        let (from, until) = (local(day("2027-01-01"), 0), local(day("2028-01-01"), 0));
        let began = StdInstant::now();
        let windows: usize =
            schedules.iter().map(|schedule| schedule.windows(from, until).len()).sum();
        (windows, began.elapsed().as_secs_f64())
    };
    let (windows, new) = rate("2026-12-01", 0);
    let (_, old) = rate("2006-12-01", 0);
    let (changed_windows, changed) = rate("2026-12-01", EXCEPTIONS);
    table.row(
        &format!("a year of {SCHEDULES} schedules ({windows} windows)"),
        format!("{new:.2} s ({:.0} windows/s)", windows as f64 / new),
        format!("{old:.2} s for rules 20 years old"),
        format!("{:.2}", new / old),
    );
    table.row(
        &format!("the same, each with {EXCEPTIONS} days less and as many more ({changed_windows})"),
        format!("{changed:.2} s ({:.0} windows/s)", changed_windows as f64 / changed),
        format!("{new:.2} s without exceptions"),
        format!("{:.2} times the cost", changed / new),
    );
}

fn schedule(rrule: &str, starts_on: &str, exceptions: u64) -> Schedule {
    let spread = |from: &str| -> Vec<chrono::NaiveDate> {
        (0..exceptions).map(|number| day(from) + chrono::Days::new(17 * number)).collect()
    };
    let time = |text: &str| chrono::NaiveTime::parse_from_str(text, "%H:%M").unwrap();
    let text = ScheduleText {
        zone: "Europe/London",
        starts_on: day(starts_on),
        rrule: Some(rrule),
        exdates: &spread("2027-01-04"),
        rdates: &spread("2027-01-08"),
        opens: time("10:00"),
        closes: time("12:00"),
    };
    Schedule::parse(&text).unwrap()
}
