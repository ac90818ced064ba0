use proptest::prelude::*;

use super::*;
use crate::instant::{HOUR_MS, Instant, MINUTE_MS};

/// About 33 km apart, a hundred minutes at 20 km/h.
const PENRITH: Venue<'static> = venue("penrith", "Penrith", 54.66);
const KENDAL: Venue<'static> = venue("kendal", "Kendal", 54.36);

const fn venue(id: &'static str, name: &'static str, latitude: f64) -> Venue<'static> {
    let position = Some(Position { latitude, longitude: -2.75 });
    Venue { id, name, position }
}

/// Minutes after 10:00 on 23 November 2026.
fn window(opens_min: i64, closes_min: i64) -> Window {
    let ten = Instant::parse_rfc3339("2026-11-23T10:00:00Z").unwrap();
    Window { opens_at: ten + opens_min * MINUTE_MS, closes_at: ten + closes_min * MINUTE_MS }
}

fn attend<'a>(places: &'a [Venue<'a>], windows: &'a [Window]) -> Asks<'a> {
    Asks::Attend { places, windows }
}

fn flags(one: Asks<'_>, other: Asks<'_>) -> Vec<Flag<u8>> {
    incompatible(&[Term { id: 1, asks: one }], &[Term { id: 2, asks: other }], TRAVEL_KMH)
}

#[track_caller]
fn check(one: Asks<'_>, other: Asks<'_>, expected: &[(FlagKind, bool, usize)]) {
    for (one, other) in [(one, other), (other, one)] {
        let found: Vec<_> = flags(one, other)
            .into_iter()
            .map(|flag| (flag.kind, flag.is_impossible, flag.times))
            .collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn two_stations_at_one_time_are_impossible_or_tight_by_the_way_between_them() {
    let at = |opens, closes| [window(opens, closes)];
    let cannot = [(FlagKind::CannotReach, true, 1)];
    let tight = [(FlagKind::WindowsOverlap, false, 1)];
    let two = |one: &[Window], other: &[Window], expected: &[(FlagKind, bool, usize)]| {
        check(attend(&[PENRITH], one), attend(&[KENDAL], other), expected);
    };
    two(&at(0, 60), &at(0, 60), &cannot);
    two(&at(0, 60), &at(60, 90), &cannot);
    // The way takes 100 min and some seconds.
    two(&at(0, 60), &at(60, 100), &cannot);
    two(&at(0, 60), &at(60, 101), &[]);
    two(&at(0, 180), &at(0, 180), &tight);
    two(&at(0, 180), &at(120, 240), &tight);
    two(&at(0, 180), &at(180, 240), &[]);
    two(&at(0, 60), &at(1_440, 1_500), &[]);
}

#[test]
fn the_closing_instant_is_no_longer_a_time_to_come() {
    assert!((between_s(window(0, 60), window(0, 60)) - 3_599.0).abs() < f64::EPSILON);
    assert!(between_s(window(0, 0), window(0, 0)).abs() < f64::EPSILON);
}

#[test]
fn one_attendance_at_one_station_serves_two_orders() {
    let hour = [window(0, 60)];
    check(attend(&[PENRITH], &hour), attend(&[PENRITH], &hour), &[]);
    check(attend(&[KENDAL, PENRITH], &hour), attend(&[PENRITH], &hour), &[]);
}

#[test]
fn a_station_whose_place_is_not_known_is_only_said_to_overlap() {
    let unknown = Venue { position: None, ..KENDAL };
    let hour = [window(0, 60)];
    let tight = [(FlagKind::WindowsOverlap, false, 1)];
    check(attend(&[PENRITH], &hour), attend(&[unknown], &hour), &tight);
}

#[test]
fn pairs_are_counted_and_the_first_is_said_in_words() {
    let day = 24 * HOUR_MS / MINUTE_MS;
    let hours = [window(0, 61), window(day, day + 61), window(2 * day, 2 * day + 61)];
    let found = flags(attend(&[PENRITH], &hours), attend(&[KENDAL], &hours[1..]));
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].earlier, found[0].later, found[0].times), (1, 2, 2));
    assert_eq!(
        found[0].says,
        "Penrith is to be attended from Tue 24 Nov, 10:00 to Tue 24 Nov, 11:00, Kendal from \
         Tue 24 Nov, 10:00 to Tue 24 Nov, 11:00: the way between them takes about 101 min."
    );
}

#[test]
fn a_station_inside_a_zone_of_another_order_cannot_be_attended() {
    let hour = [window(0, 60)];
    let north = |position: Position| position.latitude > 54.5;
    let stay_out = Asks::StayOut { is_inside: &north };
    let flag = |is_impossible| [(FlagKind::AttendanceInZone, is_impossible, 1)];
    check(attend(&[PENRITH], &hour), stay_out, &flag(true));
    check(attend(&[PENRITH, KENDAL], &hour), stay_out, &flag(false));
    check(attend(&[KENDAL], &hour), stay_out, &[]);
    check(attend(&[Venue { position: None, ..PENRITH }], &hour), stay_out, &[]);
}

#[test]
fn contact_that_one_order_permits_and_another_forbids_is_flagged_without_names() {
    let forbidden = Asks::NoContact { people: &["p1", "p2"] };
    let both = [(FlagKind::ContactContradiction, false, 1)];
    check(forbidden, Asks::MayContact { people: &["p2"] }, &both);
    check(forbidden, Asks::MayContact { people: &["p3"] }, &[]);
    check(forbidden, forbidden, &[]);
    let says = &flags(forbidden, Asks::MayContact { people: &["p2"] })[0].says;
    assert!(!says.contains("p2"), "{says}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A pair is impossible exactly when no two minutes of the windows are far enough apart.
    #[test]
    fn impossible_means_that_no_two_moments_do(
        one in (0..300i64, 1..120i64), other in (0..300i64, 1..120i64), kmh in 5..60u16,
    ) {
        let [first] = [window(one.0, one.0 + one.1)];
        let [second] = [window(other.0, other.0 + other.1)];
        let need_s = distance_m(PENRITH, KENDAL).unwrap() * 3.6 / f64::from(kmh);
        let last = |window: Window| window.closes_at + -1;
        let apart_s = |a: Instant, b: Instant| {
            f64::from(i32::try_from((a - b).abs() / 1_000).unwrap())
        };
        let moments = |window: Window| [window.opens_at, last(window)];
        let is_possible = moments(first).iter().any(|a| {
            moments(second).iter().any(|b| apart_s(*a, *b) >= need_s)
        });
        let (places, others) = ([PENRITH], [KENDAL]);
        let (windows, other_windows) = ([first], [second]);
        let found = incompatible(
            &[Term { id: 1, asks: attend(&places, &windows) }],
            &[Term { id: 2, asks: attend(&others, &other_windows) }],
            NonZeroU16::new(kmh).unwrap(),
        );
        prop_assert_eq!(found.iter().any(|flag| flag.is_impossible), !is_possible);
    }
}
