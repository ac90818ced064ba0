//! The nights on which the clocks change, and the days that a zone left out.

use super::{LONDON, at, entry};

/// On the date, in London, the window must be this in UTC.
fn check(date: &str, opens: &str, closes: &str, expected: (&str, &str)) {
    check_in(LONDON, date, (opens, closes), expected);
}

fn check_in(zone: &'static str, date: &str, times: (&str, &str), expected: (&str, &str)) {
    let schedule = entry(date, "")
        .zone(zone)
        .times(&format!("{}:00", times.0), &format!("{}:00", times.1))
        .read();
    let window = schedule.next(at("2000-01-01T00:00:00Z")).unwrap();
    let found = (window.opens_at.to_rfc3339(), window.closes_at.to_rfc3339());
    let utc = |text: &str| format!("{text}:00.000Z");
    assert_eq!(found, (utc(expected.0), utc(expected.1)), "{date} {times:?} {zone}");
    assert!(window.opens_at < window.closes_at);
}

/// 29 March 2026: 01:00 GMT becomes 02:00 BST.
#[test]
fn clocks_go_forward() {
    let night = "2026-03-29";
    let rows = [
        // Before, touching from below, and after.
        ("00:15", "00:30", "2026-03-29T00:15", "2026-03-29T00:31"),
        ("00:15", "00:59", "2026-03-29T00:15", "2026-03-29T01:00"),
        ("02:00", "02:30", "2026-03-29T01:00", "2026-03-29T01:31"),
        // Spanning the skipped hour: the clock on the wall decides.
        ("00:30", "03:00", "2026-03-29T00:30", "2026-03-29T02:01"),
        // Closing inside it, or at its first minute.
        ("00:30", "01:00", "2026-03-29T00:30", "2026-03-29T01:01"),
        ("00:30", "01:30", "2026-03-29T00:30", "2026-03-29T01:31"),
        // Opening inside it: moved, with the stated length.
        ("01:00", "01:59", "2026-03-29T01:00", "2026-03-29T02:00"),
        ("01:15", "01:45", "2026-03-29T01:15", "2026-03-29T01:46"),
        ("01:30", "02:15", "2026-03-29T01:30", "2026-03-29T02:16"),
        ("01:30", "01:30", "2026-03-29T01:30", "2026-03-30T01:31"),
        // Over midnight, out of the night and into the day.
        ("22:00", "06:00", "2026-03-29T21:00", "2026-03-30T05:01"),
    ];
    for (opens, closes, from, until) in rows {
        check(night, opens, closes, (from, until));
    }
    check("2026-03-28", "22:00", "06:00", ("2026-03-28T22:00", "2026-03-29T05:01"));
    check("2026-03-28", "22:00", "01:30", ("2026-03-28T22:00", "2026-03-29T01:31"));
    check("2026-03-28", "12:00", "12:00", ("2026-03-28T12:00", "2026-03-29T11:01"));
}

/// 25 October 2026: 02:00 BST becomes 01:00 GMT.
#[test]
fn clocks_go_back() {
    let night = "2026-10-25";
    let rows = [
        // Before, touching from below, and after.
        ("00:15", "00:30", "2026-10-24T23:15", "2026-10-24T23:31"),
        ("00:15", "00:59", "2026-10-24T23:15", "2026-10-25T00:00"),
        ("02:00", "02:30", "2026-10-25T02:00", "2026-10-25T02:31"),
        // Spanning the repeated hour.
        ("00:30", "03:00", "2026-10-24T23:30", "2026-10-25T03:01"),
        // Opening at the first, closing at the second.
        ("01:00", "01:59", "2026-10-25T00:00", "2026-10-25T02:00"),
        ("01:15", "01:45", "2026-10-25T00:15", "2026-10-25T01:46"),
        ("01:30", "02:15", "2026-10-25T00:30", "2026-10-25T02:16"),
        ("00:30", "01:00", "2026-10-24T23:30", "2026-10-25T01:01"),
        ("22:00", "06:00", "2026-10-25T22:00", "2026-10-26T06:01"),
    ];
    for (opens, closes, from, until) in rows {
        check(night, opens, closes, (from, until));
    }
    check("2026-10-24", "22:00", "06:00", ("2026-10-24T21:00", "2026-10-25T06:01"));
    check("2026-10-24", "22:00", "01:30", ("2026-10-24T21:00", "2026-10-25T01:31"));
}

#[test]
fn the_same_local_time_on_both_sides_of_a_change() {
    let schedule = entry("2026-03-28", "FREQ=DAILY;COUNT=3").read();
    let openings: Vec<_> = schedule
        .windows(at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"))
        .into_iter()
        .map(|window| window.opens_at.to_rfc3339())
        .collect();
    assert_eq!(
        openings,
        ["2026-03-28T10:00:00.000Z", "2026-03-29T09:00:00.000Z", "2026-03-30T09:00:00.000Z"]
    );
}

#[test]
fn changes_at_midnight_by_half_an_hour_and_by_a_day() {
    // Cairo, 24 April 2026: midnight becomes 01:00.
    check_in(
        "Africa/Cairo",
        "2026-04-24",
        ("00:00", "00:30"),
        ("2026-04-23T22:00", "2026-04-23T22:31"),
    );
    // Lord Howe, 4 October 2026: 02:00 becomes 02:30.
    check_in(
        "Australia/Lord_Howe",
        "2026-10-04",
        ("02:15", "04:00"),
        ("2026-10-03T15:45", "2026-10-03T17:31"),
    );
    // Samoa left out 30 December 2011.
    check_in(
        "Pacific/Apia",
        "2011-12-30",
        ("22:00", "02:00"),
        ("2011-12-31T08:00", "2011-12-31T12:01"),
    );
}

#[test]
fn a_day_left_out_gives_no_second_window() {
    for (opens, closes) in [("10:00:00", "12:00:00"), ("22:00:00", "02:00:00")] {
        let schedule = entry("2011-12-28", "FREQ=DAILY;COUNT=6")
            .zone("Pacific/Apia")
            .times(opens, closes)
            .read();
        let windows = schedule.windows(at("2011-01-01T00:00:00Z"), at("2013-01-01T00:00:00Z"));
        assert_eq!(windows.len(), 5);
        assert!(windows.is_sorted_by(|one, next| one.opens_at < next.opens_at));
    }
}

/// Nuuk, 30 March 2024: 23:00 becomes midnight, so the opening moves into the next day.
#[test]
fn an_opening_moved_over_midnight_is_found_from_the_day_it_falls_on() {
    let schedule =
        entry("2024-03-30", "").zone("America/Nuuk").times("23:30:00", "23:45:00").read();
    let opens_at = at("2024-03-31T01:30:00Z");
    for from in ["2024-03-30T12:00:00Z", "2024-03-31T01:10:00Z", "2024-03-31T01:30:00Z"] {
        assert_eq!(schedule.next(at(from)).map(|window| window.opens_at), Some(opens_at), "{from}");
    }
    assert_eq!(schedule.next(opens_at + 1), None);
}
