use proptest::prelude::*;

use super::*;
use crate::alert::Risk;
use crate::holidays::Division;
use crate::instant::{DAY_MS, SECOND_MS};
use crate::order_kind::{OrderKind, shortest_last_day};
use crate::word::Word;

fn number(text: &str) -> NonZeroU16 {
    text.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

fn england() -> Holidays {
    Holidays::shipped(Division::EnglandAndWales)
}

/// Every row of `oracle/deadlines.py`, which shares no code with this crate.
#[test]
fn agrees_with_the_independent_calculation_on_every_row() {
    let mut rows = 0;
    for line in include_str!("../../oracle/deadlines.csv").lines().skip(1) {
        let cells: Vec<_> = line.split('|').collect();
        let [clock, start, n, division, closes_at, arithmetic] = cells[..] else {
            panic!("{line}")
        };
        if clock == "holidays" {
            continue;
        }
        let (start, n) = (at(start), number(n));
        let on = start.local_date(UK);
        let found = match clock {
            "days_beginning_with" => days_beginning_with(n, on, ""),
            "days_after" => days_after(n, on, ""),
            "hours_after" => hours_after(n, start, ""),
            "minutes_after" => minutes_after(n, start, ""),
            "working_days_after" => {
                let division = Division::parse(division).unwrap();
                working_days_after(n, on, &Holidays::shipped(division), "").unwrap()
            }
            "years_beginning_with" => years_beginning_with(n, on, ""),
            "years_after" => years_after(n, on, ""),
            "warning" => {
                let warning = warning(on, n.get());
                Deadline { closes_at: warning.due_at, arithmetic: warning.arithmetic, basis: "" }
            }
            other => panic!("{other}"),
        };
        assert_eq!(found.closes_at.to_rfc3339(), closes_at, "{line}");
        assert_eq!(found.arithmetic, arithmetic, "{line}");
        rows += 1;
    }
    assert!(rows >= 1_000, "{rows}");
}

#[track_caller]
fn check_initial(served: &str, closes: &str, arithmetic: &str) {
    let found = clocks::initial_notification(at(served));
    assert_eq!(found.closes_at, at(closes), "{served}");
    assert_eq!(found.arithmetic, format!("3 days beginning with {arithmetic}"), "{served}");
}

/// The examples of `domain.md`, 2.2, and the edges of days.
#[test]
fn three_days_begin_with_the_day_of_service() {
    check_initial(
        "2026-12-24T17:00:00Z",
        "2026-12-27T00:00:00Z",
        "Thu 24 Dec 2026: Sat 26 Dec 23:59:59",
    );
    check_initial(
        "2026-03-27T15:00:00Z",
        "2026-03-29T23:00:00Z",
        "Fri 27 Mar 2026: Sun 29 Mar 23:59:59",
    );
    check_initial(
        "2026-10-23T15:00:00Z",
        "2026-10-26T00:00:00Z",
        "Fri 23 Oct 2026: Sun 25 Oct 23:59:59",
    );
    // Served at 23:59 and at 00:00 of a summer night, which in UTC are one day.
    check_initial(
        "2026-06-30T22:59:00Z",
        "2026-07-02T23:00:00Z",
        "Tue 30 Jun 2026: Thu 2 Jul 23:59:59",
    );
    check_initial(
        "2026-06-30T23:00:00Z",
        "2026-07-03T23:00:00Z",
        "Wed 1 Jul 2026: Fri 3 Jul 23:59:59",
    );
    check_initial(
        "2028-02-28T12:00:00Z",
        "2028-03-02T00:00:00Z",
        "Mon 28 Feb 2028: Wed 1 Mar 23:59:59",
    );
    check_initial(
        "2026-12-30T12:00:00Z",
        "2027-01-02T00:00:00Z",
        "Wed 30 Dec 2026: Fri 1 Jan 2027 23:59:59",
    );
}

#[test]
fn a_deadline_is_open_to_its_last_second_and_over_at_its_end() {
    let deadline = clocks::initial_notification(at("2026-03-27T15:00:00Z"));
    assert!(!deadline.is_over(at("2026-03-29T22:59:59.999Z")));
    assert!(deadline.is_over(at("2026-03-29T23:00:00Z")));
    assert_eq!(deadline.last_day(), day("2026-03-29"));
}

#[test]
fn a_victim_is_told_within_working_days() {
    let arrested = at("2026-12-24T22:30:00Z");
    let five = clocks::victim_update(arrested, false, &england()).unwrap();
    assert_eq!(
        five.arithmetic,
        "5 working days after Thu 24 Dec 2026, not counting Fri 25 Dec (Christmas Day), Mon 28 Dec \
         (Boxing Day (substitute day)) and Fri 1 Jan (New Year's Day): Tue 5 Jan 2027 23:59:59"
    );
    let one = clocks::victim_update(at("2026-04-02T22:59:59Z"), true, &england()).unwrap();
    assert_eq!(one.last_day(), day("2026-04-07"), "the Tuesday after Easter");
}

#[test]
fn where_the_list_of_holidays_ends_the_deadline_is_not_known() {
    let late = at("2035-12-28T12:00:00Z");
    assert!(clocks::victim_update(late, true, &england()).is_ok());
    let refused = clocks::victim_update(late, false, &england());
    assert_eq!(refused, Err(NotCovered { day: day("2036-01-01") }));
    let max = working_days_after(number("1"), NaiveDate::MAX, &england(), "");
    assert!(max.is_err());
}

#[test]
fn the_clocks_of_policy_and_practice() {
    let from = at("2026-11-23T14:05:00Z");
    let hours = |deadline: Deadline| (deadline.closes_at - from) / HOUR_MS;
    assert_eq!(hours(clocks::pnc_update(from)), 24);
    assert_eq!(hours(clocks::crime_record(from)), 24);
    assert_eq!(hours(clocks::court_result(from)), 72);
    assert_eq!(hours(clocks::provider_return(from)), 24);
    assert_eq!(hours(clocks::provider_chase(from)), 48);
    assert_eq!(hours(clocks::reporter_contact(from)), 24);
    assert_eq!(hours(clocks::concern_triage(from, Risk::High)), 1);
    assert_eq!(hours(clocks::concern_triage(from, Risk::Standard)), 24);
    assert_eq!(hours(clocks::miss_decision(from, Risk::High)), 4);
    assert_eq!(hours(clocks::miss_decision(from, Risk::Standard)), 24);
    assert_eq!(clocks::acknowledgement(from).closes_at - from, 30 * MINUTE_MS);
    assert_eq!(hours(clocks::concern_review(from, None)), 72);
    let reviewed = clocks::concern_review(from, Some(day("2026-11-26")));
    assert_eq!(reviewed.last_day(), day("2026-12-03"));
    assert_eq!(clocks::excuse_evidence(day("2026-11-23")).last_day(), day("2026-11-30"));
    assert_eq!(
        clocks::pnc_update(from).arithmetic,
        "24 hours after Mon 23 Nov, 14:05: Tue 24 Nov, 14:05"
    );
    let ten = clocks::enforcement_start(from, &england()).unwrap();
    assert_eq!(ten.last_day(), day("2026-12-07"));
    let yearly = |abode| clocks::periodic_notification(day("2028-02-29"), abode, "").last_day();
    assert_eq!((yearly(true), yearly(false)), (day("2029-02-28"), day("2028-03-07")));
}

#[test]
fn the_end_of_an_order_is_announced_as_its_kind_has_it() {
    let on = |kind, last| -> Vec<String> {
        let warnings = clocks::expiry_warnings(kind, day(last));
        warnings.iter().map(|warning| warning.due_at.local_date(UK).to_string()).collect()
    };
    assert_eq!(
        on(OrderKind::FULL, "2028-11-23"),
        ["2028-08-25", "2028-09-24", "2028-10-24", "2028-11-09", "2028-11-16"]
    );
    assert_eq!(
        on(OrderKind::INTERIM, "2027-01-31"),
        ["2027-01-10", "2027-01-17", "2027-01-24", "2027-01-28"]
    );
}

#[test]
fn only_the_last_warning_that_came_due_counts() {
    let due = |now: &str| {
        warning_due(day("2027-01-31"), &[3, 21, 7, 14], at(now)).map(|warning| warning.days_before)
    };
    assert_eq!(due("2027-01-09T23:59:59.999Z"), None);
    assert_eq!(due("2027-01-10T00:00:00Z"), Some(21));
    assert_eq!(due("2027-01-26T12:00:00Z"), Some(7));
    assert_eq!(due("2027-01-31T23:59:59.999Z"), Some(3));
    assert_eq!(due("2027-02-01T00:00:00Z"), None);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// n days beginning with a day are n whole local days, whatever the clocks do.
    #[test]
    fn a_period_of_days_holds_exactly_its_days(ms in 0..4_102_444_800_000i64, n in 1..400u16) {
        let first = Instant::from_ms(ms).local_date(UK);
        let n = NonZeroU16::new(n).unwrap();
        let deadline = days_beginning_with(n, first, "");
        let days = (deadline.last_day() - first).num_days() + 1;
        prop_assert_eq!(days, i64::from(n.get()));
        prop_assert!(!deadline.is_over(Instant::from_ms(ms)));
        let stray_ms = (deadline.closes_at - start_of_day(first, UK) - days * DAY_MS).abs();
        prop_assert!(stray_ms == 0 || stray_ms == HOUR_MS, "{}", stray_ms);
        prop_assert_eq!(days_after(n, first, "").closes_at,
            days_beginning_with(n.saturating_add(1), first, "").closes_at);
    }

    /// Working days add up, end on a working day, and never come before the calendar's.
    #[test]
    fn working_days_add_up(days in 0..5_500u64, n in 1..15u16, m in 1..15u16) {
        let holidays = england();
        let first = day("2019-02-01") + Days::new(days);
        let whole = |n: u16, from| {
            let n = NonZeroU16::new(n).unwrap();
            working_days_after(n, from, &holidays, "").unwrap().last_day()
        };
        let last = whole(n, first);
        prop_assert_eq!(holidays.is_working_day(last), Ok(true));
        prop_assert_eq!(whole(m, last), whole(n + m, first));
        prop_assert!((last - first).num_days() >= i64::from(n));
    }

    #[test]
    fn the_shortest_order_of_the_clock_is_the_one_of_the_table(days in 0..40_000u64) {
        let made_on = day("2000-01-01") + Days::new(days);
        let shortest = shortest_last_day(OrderKind::FULL, made_on);
        prop_assert_eq!(Some(clocks::shortest_full_order(made_on).last_day()), shortest);
    }

    #[test]
    fn any_instant_and_number_is_answered(ms in any::<i64>(), n in 1..=u16::MAX) {
        let (at, n) = (Instant::from_ms(ms), NonZeroU16::new(n).unwrap());
        prop_assert!(hours_after(n, at, "").closes_at >= at);
        let first = at.local_date(UK);
        for deadline in [days_beginning_with(n, first, ""), years_after(n, first, "")] {
            prop_assert!(deadline.closes_at + SECOND_MS > start_of_day(first, UK));
        }
        let _ = warnings(first, &[n.get(), 0]);
    }
}

#[test]
fn serving_is_chased_after_a_day_of_an_interim_order_and_after_two_of_any() {
    let hours = |kind| {
        let chases = clocks::serving_chases(kind, at("2026-11-24T09:00:00Z"));
        assert!(chases.is_sorted_by_key(|chase| chase.due_at));
        chases.iter().map(|chase| chase.hours).collect::<Vec<_>>()
    };
    assert_eq!(hours(OrderKind::INTERIM)[..3], [24, 48, 216]);
    assert_eq!(hours(OrderKind::FULL)[..2], [48, 216]);
    let first = clocks::serving_chases(OrderKind::FULL, at("2026-11-24T09:00:00Z"))[0];
    assert_eq!(first.due_at, at("2026-11-26T09:00:00Z"));
}
