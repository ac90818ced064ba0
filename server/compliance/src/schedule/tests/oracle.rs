//! The dates of random rules as another implementation gives them; see `oracle/recurrence.py`.

use super::{Entry, day, days, entry};

const TABLE: &str = include_str!("../../../oracle/recurrence.csv");
/// A row with this many dates goes on; a shorter one ends there.
const DATES_MAX: usize = 12;

#[test]
fn agrees_with_dateutil_on_every_row() {
    let mut rows = 0;
    for line in TABLE.lines().skip(1) {
        let (starts_on, rrule, [exdates, rdates, from, expected]) = cells(line);
        let entry =
            Entry { exdates: days(exdates), rdates: days(rdates), ..entry(starts_on, &rrule) };
        let expected = days(expected);
        let limit = if expected.len() == DATES_MAX { DATES_MAX } else { usize::MAX };
        let found: Vec<_> = entry.read().dates_from(day(from)).take(limit).collect();
        assert_eq!(found, expected, "{line}");
        rows += 1;
    }
    assert!(rows >= 300, "{rows}");
}

/// The rule is the only cell that may hold commas, and is then in quotation marks.
fn cells(line: &str) -> (&str, String, [&str; 4]) {
    let (starts_on, rest) = line.split_once(',').unwrap();
    let (rrule, rest) = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once("\",").unwrap(),
        None => rest.split_once(',').unwrap(),
    };
    let cells: Vec<_> = rest.split(',').collect();
    (starts_on, rrule.to_owned(), cells.try_into().unwrap())
}
