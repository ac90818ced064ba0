//! Duties on file are exactly those that the orders ask for: against a second way of counting them.

use chrono::{Datelike, Days, NaiveDate, NaiveTime, TimeZone, Weekday};
use compliance::Instant;
use compliance::instant::{DAY_MS, HOUR_MS, MINUTE_MS};

use crate::builders::{OneOrder, sign_on};
use crate::harness::{TestApp, at, example, on_each_database};

/// `(opens_at, closes_at)` of every duty on file, by opening.
fn on_file(app: &TestApp, which: &str) -> Vec<(i64, i64)> {
    let mut sql = app.sql();
    let order = format!("FROM obligations WHERE {which} ORDER BY opens_at, closes_at");
    let opens = sql.numbers(&format!("SELECT opens_at AS value {order}"));
    let closes = sql.numbers(&format!("SELECT closes_at AS value {order}"));
    opens.into_iter().zip(closes).collect()
}

/// The instant at which London's clocks first show this time of this day; where they skip it, the
/// instant of the skip.
fn london(day: NaiveDate, time: NaiveTime) -> i64 {
    let mut wanted = day.and_time(time);
    loop {
        let found = chrono_tz::Europe::London.from_local_datetime(&wanted).earliest();
        if let Some(found) = found {
            return found.timestamp_millis();
        }
        wanted += chrono::Duration::minutes(1);
    }
}

/// Day by day, without the rules under test: windows on `days` that close after `from` and until
/// `until`.
pub fn counted(
    days: impl Fn(NaiveDate) -> bool,
    (opens, closes): ((u32, u32), (u32, u32)),
    (from, until): (Instant, Instant),
) -> Vec<(i64, i64)> {
    let time = |(hour, minute)| NaiveTime::from_hms_opt(hour, minute, 0).unwrap();
    let mut found = Vec::new();
    let mut day: NaiveDate = "2026-09-01".parse().unwrap();
    while london(day, time(opens)) < until.ms() {
        if days(day) {
            let last = if closes > opens { day } else { day + Days::new(1) };
            // The closing minute is inside.
            let closes_at = london(last, time(closes)) + MINUTE_MS;
            if from.ms() < closes_at && closes_at <= until.ms() {
                found.push((london(day, time(opens)), closes_at));
            }
        }
        day = day + Days::new(1);
    }
    found
}

#[test]
fn duties_on_file_are_those_counted_day_by_day() {
    on_each_database(|app| {
        app.import(&OneOrder::default().file());
        app.sweep();

        let tuesdays =
            |day: NaiveDate| day.weekday() == Weekday::Tue && day >= "2026-11-24".parse().unwrap();
        let now = app.clock.now();
        let expected = counted(tuesdays, ((10, 0), (12, 0)), (now, now + 42 * DAY_MS));
        assert_eq!(expected.len(), 6);
        assert_eq!(on_file(app, "TRUE"), expected);
    });
}

#[test]
fn a_hundred_sweeps_write_out_what_a_single_one_would_and_leave_no_gap() {
    on_each_database(|app| {
        app.import(&OneOrder { rrule: Some("FREQ=DAILY"), ..OneOrder::default() }.file());
        let began = app.clock.now();
        for _ in 0..100 {
            app.sweep();
            app.clock.advance(DAY_MS);
        }
        let swept_at = app.clock.now() + -DAY_MS;

        let daily = |day: NaiveDate| day >= "2026-11-24".parse().unwrap();
        let horizon = swept_at + 30 * DAY_MS;
        let expected = counted(daily, ((10, 0), (12, 0)), (began, horizon));
        let which = format!("closes_at <= {}", horizon.ms());
        assert_eq!(on_file(app, &which), expected);
        assert!(expected.len() > 125);
    });
}

#[test]
fn both_clock_changes_are_kept_through_the_winter() {
    on_each_database(|app| {
        app.clock.set("2026-10-08T09:00:00Z");
        app.import(&example("00-stations.json"));
        app.import(&example("05-both-clock-changes.json"));
        let began = app.clock.now();
        while app.clock.now() < at("2027-05-20T00:00:00Z") {
            app.sweep();
            app.clock.advance(5 * DAY_MS);
        }

        let nightly = |day: NaiveDate| {
            ("2026-10-12".parse().unwrap()..="2027-04-30".parse().unwrap()).contains(&day)
        };
        // 25 October: 01:00 comes twice, and the window is an hour longer. 28 March: there is no
        // 01:00; the window begins as the clocks go on, and is as long as on any other night.
        let autumn = at("2026-10-25T00:00:00Z").ms();
        let spring = at("2027-03-28T01:00:00Z").ms();
        let all = (began, at("2027-06-01T00:00:00Z"));
        let mut expected = counted(nightly, ((1, 0), (2, 30)), all);
        expected.iter_mut().filter(|window| window.0 == spring).for_each(|window| {
            window.1 = spring + HOUR_MS + 31 * MINUTE_MS;
        });
        let found = on_file(app, "TRUE");
        let wrong: Vec<_> = found.iter().filter(|window| !expected.contains(window)).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        assert_eq!(found.len(), expected.len());
        assert!(found.contains(&(autumn, autumn + 2 * HOUR_MS + 31 * MINUTE_MS)));
    });
}

#[test]
fn a_variation_ends_what_is_ahead_and_leaves_what_has_been() {
    on_each_database(|app| {
        app.clock.set("2026-11-10T09:00:00Z");
        app.asha_mercer();
        app.import(&example("00-stations.json"));
        let text = example("06-varied-mid-week.json");
        let mut before: serde_json::Value = serde_json::from_str(&text).unwrap();
        before["orders"][0]["versions"].as_array_mut().unwrap().truncate(1);
        app.import(&before.to_string());
        app.clock.set("2026-11-18T11:00:00Z");
        app.sweep();
        let missed = on_file(app, "state = 'missed'");
        let day = |text: &str| at(text).ms();
        let opened: Vec<i64> = missed.iter().map(|(opens_at, _)| *opens_at).collect();
        let mondays_and_thursdays = [
            "2026-11-05T12:00:00Z",
            "2026-11-09T12:00:00Z",
            "2026-11-12T12:00:00Z",
            "2026-11-16T12:00:00Z",
        ];
        assert_eq!(opened, mondays_and_thursdays.map(day));

        app.import(&text);
        app.sweep();

        assert_eq!(on_file(app, "state = 'missed'"), missed);
        let varied_at = day("2026-11-18T12:00:00Z");
        let cancelled = on_file(app, "state = 'cancelled' AND state_reason = 'order_varied'");
        assert!(cancelled.len() >= 8, "{cancelled:?}");
        assert!(cancelled.iter().all(|(_, closes_at)| *closes_at > varied_at));
        let (from, until) = (at("2026-11-18T12:00:00Z"), at("2026-12-20T00:00:00Z"));
        let weekdays = |day: NaiveDate| {
            matches!(day.weekday(), Weekday::Tue | Weekday::Fri)
                && day >= "2026-11-20".parse().unwrap()
        };
        let sundays =
            |day: NaiveDate| day.weekday() == Weekday::Sun && day >= "2026-11-22".parse().unwrap();
        let mut expected = counted(weekdays, ((17, 0), (19, 30)), (from, until));
        expected.extend(counted(sundays, ((15, 0), (17, 30)), (from, until)));
        expected.sort_unstable();
        let ahead = format!("next_transition_at IS NOT NULL AND closes_at <= {}", until.ms());
        assert_eq!(on_file(app, &ahead), expected);
    });
}

#[test]
fn a_duty_done_before_a_variation_in_its_window_is_not_asked_again() {
    for is_done in [true, false] {
        on_each_database(|app| {
            let order = OneOrder::owned_by(&app.asha_mercer().username);
            app.import(&order.file());
            app.sweep();
            let officer = app.officer_at("ALD");
            app.clock.set("2026-11-24T10:30:00Z");
            app.sweep();
            let station = app.station("ALD");
            let list = format!("/stations/{station}/due");
            let due = officer.get(&list).expect(200)["due"][0].clone();
            if is_done {
                let body = sign_on(&due, station, "2026-11-24T10:30:00Z");
                let put = officer.put(&format!("/check-ins/{}", app.new_id()), &body);
                assert_eq!(put.expect(201)["settled"], true);
            }

            app.clock.set("2026-11-24T11:00:00Z");
            let longer = OneOrder { closes: "13:00", ..order.clone() };
            app.import(&order.varied(&longer, "2026-11-24T11:00:00Z"));
            app.sweep();

            let asked = on_file(app, "state = 'open'");
            let again = (at("2026-11-24T10:00:00Z").ms(), at("2026-11-24T13:01:00Z").ms());
            assert_eq!(asked, if is_done { vec![] } else { vec![again] });
            let cancelled = app
                .sql()
                .count("obligations WHERE state = 'cancelled' AND closes_at = 1795521660000");
            assert_eq!(cancelled, i64::from(!is_done));
        });
    }
}
