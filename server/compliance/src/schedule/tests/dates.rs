//! Rules against the dates that they mean.

use super::{Entry, at, clock, day, days, entry};
use crate::instant::Instant;

/// A row with this many dates shows how a rule begins; a shorter one shows all of it.
const BEGINNING: usize = 4;

fn check(entry: &Entry, expected: &str) {
    let expected = days(expected);
    let limit = if expected.len() >= BEGINNING { expected.len() } else { usize::MAX };
    let schedule = entry.read();
    let dates: Vec<_> = schedule.dates_from(day("1990-01-01")).take(limit).collect();
    assert_eq!(dates, expected, "{:?}", entry.rrule);
}

#[test]
fn days_weeks_and_intervals() {
    let rows = [
        ("2026-09-07", "FREQ=DAILY", "2026-09-07 2026-09-08 2026-09-09 2026-09-10"),
        ("2026-12-30", "FREQ=DAILY;INTERVAL=2", "2026-12-30 2027-01-01 2027-01-03 2027-01-05"),
        ("2026-09-07", "FREQ=WEEKLY", "2026-09-07 2026-09-14 2026-09-21 2026-09-28"),
        ("2026-09-09", "FREQ=WEEKLY;BYDAY=MO,TH", "2026-09-10 2026-09-14 2026-09-17 2026-09-21"),
        ("2026-12-28", "FREQ=WEEKLY;BYDAY=MO,SA", "2026-12-28 2027-01-02 2027-01-04 2027-01-09"),
        ("2026-09-07", "freq=weekly;byday=mo", "2026-09-07 2026-09-14 2026-09-21 2026-09-28"),
        ("2026-01-29", "FREQ=DAILY;BYMONTH=1,3", "2026-01-29 2026-01-30 2026-01-31 2026-03-01"),
    ];
    for (starts_on, rrule, expected) in rows {
        check(&entry(starts_on, rrule), expected);
    }
}

#[test]
fn the_start_of_the_week_decides_which_week_is_second() {
    let rows = [
        ("MO", "2025-08-05 2025-08-10 2025-08-19 2025-08-24"),
        ("SU", "2025-08-05 2025-08-17 2025-08-19 2025-08-31"),
    ];
    for (week_start, expected) in rows {
        let rrule = format!("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST={week_start}");
        check(&entry("2025-08-05", &rrule), expected);
    }
}

#[test]
fn months_years_and_their_ends() {
    let rows = [
        ("2026-01-31", "FREQ=MONTHLY", "2026-01-31 2026-03-31 2026-05-31 2026-07-31"),
        ("2026-01-01", "FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-31 2026-02-28 2026-03-31 2026-04-30"),
        ("2026-09-01", "FREQ=MONTHLY;BYDAY=1MO", "2026-09-07 2026-10-05 2026-11-02 2026-12-07"),
        ("2026-09-01", "FREQ=MONTHLY;BYDAY=-1FR", "2026-09-25 2026-10-30 2026-11-27 2026-12-25"),
        (
            "2026-10-15",
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            "2026-10-30 2026-11-30 2026-12-31 2027-01-29",
        ),
        ("2026-11-30", "FREQ=MONTHLY;INTERVAL=3", "2026-11-30 2027-05-30 2027-08-30 2027-11-30"),
        (
            "2024-01-01",
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
            "2024-02-29 2028-02-29 2032-02-29 2036-02-29",
        ),
        ("2024-02-29", "FREQ=YEARLY", "2024-02-29 2028-02-29 2032-02-29 2036-02-29"),
        ("2026-06-15", "FREQ=YEARLY;INTERVAL=2", "2026-06-15 2028-06-15 2030-06-15 2032-06-15"),
        ("2026-12-31", "FREQ=YEARLY;BYYEARDAY=-1", "2026-12-31 2027-12-31 2028-12-31 2029-12-31"),
        (
            "2026-01-01",
            "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
            "2026-05-11 2027-05-17 2028-05-15 2029-05-14",
        ),
    ];
    for (starts_on, rrule, expected) in rows {
        check(&entry(starts_on, rrule), expected);
    }
}

#[test]
fn a_start_off_the_rule_is_not_an_occurrence() {
    check(&entry("2026-09-09", "FREQ=WEEKLY;BYDAY=MO;COUNT=2"), "2026-09-14 2026-09-21");
}

#[test]
fn positions_are_counted_in_the_whole_first_week() {
    let rrule = "FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=1,3;COUNT=3";
    check(&entry("2026-09-09", rrule), "2026-09-11 2026-09-14 2026-09-18");
}

#[test]
fn until_is_included_and_may_be_a_time_in_utc() {
    let rows = [
        ("UNTIL=20260914", "2026-09-07 2026-09-14"),
        ("UNTIL=20260913", "2026-09-07"),
        ("UNTIL=20260913T230000Z", "2026-09-07 2026-09-14"),
        ("UNTIL=20260913T225959Z", "2026-09-07"),
        ("UNTIL=20260906", ""),
        ("UNTIL=19991231", ""),
    ];
    for (end, expected) in rows {
        check(&entry("2026-09-07", &format!("FREQ=WEEKLY;{end}")), expected);
    }
}

#[test]
fn count_is_of_rule_dates_before_any_is_taken_out() {
    let weekly = entry("2026-09-07", "FREQ=WEEKLY;COUNT=3");
    check(&weekly, "2026-09-07 2026-09-14 2026-09-21");
    check(&weekly.clone().except("2026-09-14"), "2026-09-07 2026-09-21");
    check(&weekly.and("2026-09-08").except("2026-09-07"), "2026-09-08 2026-09-14 2026-09-21");
    check(&entry("2026-09-07", "FREQ=WEEKLY;COUNT=1"), "2026-09-07");
}

#[test]
fn single_dates_come_once_and_exceptions_win() {
    let weekly = entry("2026-09-07", "FREQ=WEEKLY;COUNT=2");
    check(&weekly.clone().and("2026-09-14 2026-09-14"), "2026-09-07 2026-09-14");
    check(&weekly.clone().and("2026-09-15").except("2026-09-15"), "2026-09-07 2026-09-14");
    check(&weekly.clone().and("2026-09-01").except("2026-09-14"), "2026-09-01 2026-09-07");
    check(&entry("2026-09-07", ""), "2026-09-07");
    check(
        &entry("2026-09-07", "").and("2026-09-09 2026-09-01"),
        "2026-09-01 2026-09-07 2026-09-09",
    );
    check(&entry("2026-09-07", "").except("2026-09-07"), "");
    let never = entry("2026-09-07", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30");
    check(&never.and("2026-09-09"), "2026-09-09");
}

/// What bounds the cost of an old rule: the walk begins no more than one interval before the day.
#[test]
fn the_walk_begins_in_the_last_period_in_step() {
    let rows = [
        ("2006-11-06", "FREQ=DAILY", "2026-11-24"),
        ("2006-11-06", "FREQ=DAILY;INTERVAL=10", "2026-11-21"),
        ("2006-11-08", "FREQ=WEEKLY", "2026-11-23"),
        ("2006-11-08", "FREQ=WEEKLY;WKST=WE", "2026-11-18"),
        ("2006-11-08", "FREQ=WEEKLY;INTERVAL=4", "2026-11-09"),
        ("2006-10-31", "FREQ=MONTHLY;BYMONTHDAY=1", "2026-11-01"),
        ("2006-10-31", "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1", "2026-10-01"),
        ("2008-02-29", "FREQ=YEARLY;BYMONTH=1", "2026-01-01"),
        ("2008-02-29", "FREQ=YEARLY;INTERVAL=4", "2024-01-01"),
    ];
    for (starts_on, rrule, expected) in rows {
        let rule = entry(starts_on, rrule).read().rule.unwrap();
        assert_eq!(rule.period_start(day("2026-11-24")), day(expected), "{rrule}");
    }
}

#[test]
fn next_is_the_first_to_open_at_or_after() {
    let schedule = entry("2026-09-07", "FREQ=WEEKLY;COUNT=2").read();
    let opening = |from: &str| schedule.next(at(from)).map(|window| window.opens_at.to_rfc3339());
    let known = |text: &str| Some(text.to_owned());
    let first = known("2026-09-07T09:00:00.000Z");
    let second = known("2026-09-14T09:00:00.000Z");
    assert_eq!(opening("2001-01-01T00:00:00Z"), first);
    assert_eq!(opening("2026-09-07T09:00:00Z"), first);
    assert_eq!(opening("2026-09-07T09:00:00.001Z"), second);
    assert_eq!(opening("2026-09-14T09:00:00.001Z"), None);
    assert_eq!(schedule.next(Instant::from_ms(i64::MAX)), None);
    assert_eq!(
        schedule.next(Instant::from_ms(i64::MIN)),
        schedule.next(at("2026-09-07T09:00:00Z"))
    );
}

#[test]
fn a_rule_without_end_ends_with_the_last_year_of_occurrences() {
    let schedule = entry("2026-09-07", "FREQ=YEARLY").read();
    let all = schedule.windows(Instant::from_ms(i64::MIN), Instant::from_ms(i64::MAX));
    assert_eq!(all.len(), 2199 - 2026 + 1);
    assert_eq!(schedule.next(at("2199-09-08T00:00:00Z")), None);
}

#[test]
fn more_windows_than_asked_for_are_refused_whole() {
    let schedule = entry("2026-09-07", "FREQ=DAILY").read();
    let (from, until) = (at("2026-09-07T00:00:00Z"), at("2026-09-12T00:00:00Z"));
    assert_eq!(schedule.windows_at_most(from, until, 5).unwrap().len(), 5);
    let refused = schedule.windows_at_most(from, until, 4).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "More than 4 windows open in this span of time; ask for a shorter one."
    );
    assert!(schedule.windows(until, from).is_empty());
    assert!(schedule.windows(from, from).is_empty());
}

#[test]
fn the_closing_minute_is_inside() {
    let window = entry("2026-12-01", "").read().next(at("2026-01-01T00:00:00Z")).unwrap();
    assert_eq!(window.opens_at, at("2026-12-01T10:00:00.000Z"));
    assert_eq!(window.closes_at, at("2026-12-01T12:01:00.000Z"));
    let whole_day =
        Entry { opens: clock("00:00:00"), closes: clock("23:59:00"), ..entry("2026-12-31", "") };
    let window = whole_day.read().next(at("2026-01-01T00:00:00Z")).unwrap();
    assert_eq!(window.closes_at, at("2027-01-01T00:00:00.000Z"));
}
