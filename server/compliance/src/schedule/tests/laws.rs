//! Laws that hold for every schedule.

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use recurrence::{RRule, RRuleSet, Tz, Unvalidated};

use super::{Entry, day, entry};
use crate::instant::{DAY_MS, Instant};
use crate::schedule::Schedule;

const WEEKDAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
const ZONES: [&str; 6] =
    ["Europe/London", "America/New_York", "Pacific/Apia", "Africa/Cairo", "America/Nuuk", "UTC"];

/// Far enough for every start and end drawn here.
const HORIZON: &str = "2070-01-01";

fn joined<T: ToString>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// A part of a rule that is present in about half of the rules.
fn part<T: ToString + Clone + std::fmt::Debug + 'static>(
    name: &'static str,
    values: Vec<T>,
) -> impl Strategy<Value = String> {
    let some = subsequence(values, 1..=3);
    proptest::option::of(some)
        .prop_map(move |v| v.map_or(String::new(), |v| format!(";{name}={}", joined(&v))))
}

fn body() -> impl Strategy<Value = String> {
    let month_days = || part("BYMONTHDAY", vec![1, 13, 28, 29, 31, -1, -2, -31]);
    let months = || part("BYMONTH", vec![1, 2, 3, 6, 9, 10, 12]);
    let weekdays = || part("BYDAY", WEEKDAYS.to_vec());
    let numbered = part("BYDAY", vec!["1MO", "2TU", "-1FR", "4SU", "-2WE"]);
    let positions = || proptest::option::of(select(vec![1, 2, -1]));
    let year_days = part("BYYEARDAY", vec![1, 59, 60, 366, -1, -366]);
    let in_set = |(days, set): (String, Option<i32>)| match set {
        Some(n) if !days.is_empty() => format!("{days};BYSETPOS={n}"),
        _ => days,
    };
    prop_oneof![
        (weekdays(), months()).prop_map(|(d, m)| format!("FREQ=DAILY{d}{m}")),
        (weekdays(), positions()).prop_map(in_set).prop_map(|p| format!("FREQ=WEEKLY{p}")),
        (month_days(), positions()).prop_map(in_set).prop_map(|p| format!("FREQ=MONTHLY{p}")),
        (weekdays(), positions()).prop_map(in_set).prop_map(|p| format!("FREQ=MONTHLY{p}")),
        (numbered, months()).prop_map(|(d, m)| format!("FREQ=MONTHLY{d}{m}")),
        (month_days(), months()).prop_map(|(d, m)| format!("FREQ=YEARLY{d}{m}")),
        year_days.prop_map(|d| format!("FREQ=YEARLY{d}")),
        subsequence(vec![1, 20, 52, 53, -1], 1..=2)
            .prop_map(|weeks| format!("FREQ=YEARLY;BYDAY=MO,SA;BYWEEKNO={}", joined(&weeks))),
    ]
}

fn end() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        (1..300u32).prop_map(|count| format!(";COUNT={count}")),
        (2000..2060u32).prop_map(|year| format!(";UNTIL={year}0615")),
    ]
}

fn start() -> impl Strategy<Value = NaiveDate> {
    (0..14_000u64).prop_map(|days| day("2000-01-01") + Days::new(days))
}

fn rule() -> impl Strategy<Value = Entry> {
    (start(), body(), 1..15u16, select(WEEKDAYS.to_vec()), end()).prop_map(
        |(starts_on, body, interval, week_start, end)| {
            let rrule = format!("{body};INTERVAL={interval};WKST={week_start}{end}");
            Entry { starts_on, ..entry("2026-01-01", &rrule) }
        },
    )
}

/// A rule with a zone, times, and single dates put in and taken out.
fn any_entry() -> impl Strategy<Value = Entry> {
    let dates = || proptest::collection::vec(start(), 0..4);
    let minute = || {
        (0..24u32, 0..60u32).prop_map(|(h, m)| chrono::NaiveTime::from_hms_opt(h, m, 0).unwrap())
    };
    (rule(), select(ZONES.to_vec()), dates(), dates(), (minute(), minute())).prop_map(
        |(rule, zone, mut exdates, rdates, (opens, closes))| {
            exdates.push(rule.starts_on);
            Entry { zone, exdates, rdates, opens, closes, ..rule }
        },
    )
}

fn instant(starts_on: NaiveDate, days: i64) -> Instant {
    Instant::from(starts_on.and_time(chrono::NaiveTime::MIN).and_utc()) + days * DAY_MS / 24
}

/// The engine's whole walk from the start, without re-basing and with its own COUNT and UNTIL.
fn full_walk(entry: &Entry, rrule: &str) -> Vec<NaiveDate> {
    let rule: RRule<Unvalidated> = rrule.parse().unwrap();
    let midnight = entry.starts_on.and_time(chrono::NaiveTime::MIN).and_utc();
    let start = midnight.with_timezone(&Tz::from_static(chrono_tz::UTC));
    let set: RRuleSet = rule.build(start).unwrap();
    let dates = (&set.limit()).into_iter().map(|at| at.date_naive());
    dates.take_while(|date| *date < day(HORIZON)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn a_split_loses_nothing_and_doubles_nothing(
        entry in any_entry(), from in -9_000..90_000i64, first in 0..20_000i64, second in 0..20_000i64,
    ) {
        let schedule = entry.try_read();
        prop_assume!(schedule.is_ok());
        let schedule = schedule.unwrap();
        let a = instant(entry.starts_on, from);
        let b = instant(entry.starts_on, from + first);
        let c = instant(entry.starts_on, from + first + second);
        let whole = schedule.windows(a, c);
        prop_assert_eq!(&[schedule.windows(a, b), schedule.windows(b, c)].concat(), &whole);
        prop_assert!(whole.is_sorted_by(|one, next| one.opens_at < next.opens_at));
        for window in &whole {
            prop_assert!(a <= window.opens_at && window.opens_at < c);
            prop_assert!(window.opens_at < window.closes_at);
        }
        if let Some(window) = whole.get(whole.len() / 2) {
            let at = window.opens_at;
            prop_assert_eq!(schedule.windows(at, at + 1), vec![*window]);
            prop_assert!(schedule.windows(at + 1, c).first() != Some(window));
        }
        let next = schedule.next(a).filter(|window| window.opens_at < c);
        prop_assert_eq!(next, whole.first().copied());
    }

    #[test]
    fn a_walk_from_anywhere_equals_the_walk_from_the_start(
        entry in rule(), days in proptest::collection::vec(0..18_000u64, 4),
    ) {
        let schedule = entry.try_read();
        prop_assume!(schedule.is_ok());
        let schedule = schedule.unwrap();
        let rrule = entry.rrule.clone().unwrap();
        let ends_before_start = schedule.rule.as_ref()
            .is_some_and(|rule| rule.parts.until.is_some_and(|until| until < entry.starts_on));
        let full = if ends_before_start {
            Vec::new()
        } else {
            full_walk(&entry, &rrule.replace("0615", "0615T000000Z"))
        };
        // In the first week the engine counts positions from the start, we from the week's beginning.
        let is_counted_in_week = rrule.contains("WEEKLY") && rrule.contains("BYSETPOS");
        prop_assume!(!is_counted_in_week || !rrule.contains("COUNT"));
        let settled = entry.starts_on + Days::new(if is_counted_in_week { 7 } else { 0 });
        for days in days {
            let from = settled + Days::new(days);
            let expected: Vec<_> = full.iter().copied().filter(|d| *d >= from).take(40).collect();
            let before = |date: &NaiveDate| *date < day(HORIZON);
            let found: Vec<_> = schedule.dates_from(from).take_while(before).take(40).collect();
            prop_assert_eq!(found, expected, "{} from {}", rrule, from);
        }
    }

    #[test]
    fn any_text_is_answered(text in "\\PC{0,220}") {
        let _ = Entry { rrule: Some(text), ..entry("2026-09-07", "") }.try_read();
    }

    #[test]
    fn any_text_with_the_look_of_a_rule_is_answered(
        freq in select(vec!["DAILY", "WEEKLY", "MONTHLY", "YEARLY", "HOURLY", "X"]),
        parts in proptest::collection::vec(
            (
                select(vec![
                    "INTERVAL", "COUNT", "UNTIL", "WKST", "BYSETPOS", "BYMONTH", "BYMONTHDAY",
                    "BYYEARDAY", "BYWEEKNO", "BYDAY", "BYHOUR",
                ]),
                "[0-9]{1,3}|-[0-9]{1,3}|[1-5](MO|FR)|(MO|TU|SU)(,(WE|SA)){0,2}|[0-9]{8}|\\PC{1,5}",
            ),
            0..4,
        ),
    ) {
        let parts: Vec<_> = parts.iter().map(|(name, value)| format!(";{name}={value}")).collect();
        let entry = entry("2026-09-07", &format!("FREQ={freq}{}", parts.concat()));
        if let Ok(schedule) = entry.try_read() {
            prop_assert!(!schedule.in_words().is_empty());
            prop_assert!(entry.rdates.is_empty() && first_is_in_order(&schedule));
        }
    }
}

fn first_is_in_order(schedule: &Schedule) -> bool {
    let first = schedule.next(Instant::from_ms(0));
    let second = first.and_then(|window| schedule.next(window.opens_at + 1));
    match (first, second) {
        (Some(first), Some(second)) => first.opens_at < second.opens_at,
        (None, Some(_)) => false,
        _ => true,
    }
}
