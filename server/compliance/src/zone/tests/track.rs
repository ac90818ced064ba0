use chrono::{NaiveTime, Weekday};

use super::*;
use crate::instant::{MINUTE_MS, SECOND_MS};
use crate::place::{Sighting, SightingSource};

fn seen(east_m: f64, north_m: f64, after_ms: i64) -> Sighting {
    let source = SightingSource::Tag;
    Sighting { fix: fix(at_m(east_m, north_m), 10.0), at: noon() + after_ms, source }
}

fn zones() -> [Zone; 2] {
    let areas = [Area::polygon(&[square(500.0)]).unwrap(), Area::circle(HERE, 500.0).unwrap()];
    areas.map(|area| Zone::new(area, 50.0).unwrap())
}

#[test]
fn a_way_over_the_zone_between_two_fixes_outside_is_uncertain() {
    for zone in zones() {
        let [one, other] = [seen(-700.0, 0.0, 0), seen(700.0, 100.0, MINUTE_MS)];
        for step in [judge_step(&zone, &one, &other), judge_step(&zone, &other, &one)] {
            let Step::MayHaveCrossed(judged) = step else { panic!("{step:?}") };
            assert_eq!(judged.verdict, ZoneVerdict::Uncertain);
            assert!(judged.reason.contains("may have crossed"), "{judged:?}");
            assert!(judged.reason.contains("1 min apart"), "{judged:?}");
        }
    }
}

#[test]
fn a_way_that_only_touches_a_corner_meets_the_zone_and_one_beside_it_does_not() {
    let [zone, _] = zones();
    let over_corners = judge_step(&zone, &seen(-900.0, -900.0, 0), &seen(900.0, 900.0, MINUTE_MS));
    assert!(matches!(over_corners, Step::MayHaveCrossed(_)), "{over_corners:?}");
    let beside = judge_step(&zone, &seen(-700.0, 600.0, 0), &seen(700.0, 600.0, MINUTE_MS));
    assert_eq!(beside, Step::Clear);
}

#[test]
fn an_end_that_is_not_outside_speaks_for_itself() {
    let [zone, _] = zones();
    let step = judge_step(&zone, &seen(-700.0, 0.0, 0), &seen(505.0, 0.0, MINUTE_MS));
    assert_eq!(step, Step::Clear);
}

#[test]
fn nobody_moves_faster_than_a_train_so_one_of_the_fixes_is_wrong() {
    let [zone, _] = zones();
    let speed = |after_ms| judge_step(&zone, &seen(-700.0, 0.0, 0), &seen(700.0, 0.0, after_ms));
    // 1,380 m from circle to circle: 70 m/s takes 19.7 s.
    assert!(matches!(speed(20 * SECOND_MS), Step::MayHaveCrossed(_)));
    let Step::Implausible { speed_mps, reason } = speed(19 * SECOND_MS) else { panic!() };
    assert!((speed_mps - 1_380.0 / 19.0).abs() < 0.1, "{speed_mps}");
    assert!(reason.contains("261 km/h"), "{reason}");
    assert!(matches!(speed(0), Step::Implausible { .. }), "in two places at once");
    let [here, shaken] = [seen(-700.0, 0.0, 0), seen(-690.0, 0.0, 0)];
    assert_eq!(judge_step(&zone, &here, &shaken), Step::Clear, "the circles meet");
}

#[test]
fn a_zone_that_did_not_bind_on_the_way_was_not_crossed() {
    let [zone, _] = zones();
    let time = |text: &str| text.parse::<NaiveTime>().unwrap();
    let spans = |opens, closes| {
        let span = DaySpan { weekday: Weekday::Tue, opens: time(opens), closes: time(closes) };
        WeeklyHours::new("Europe/London", &[span]).unwrap()
    };
    let way =
        |zone: &Zone| judge_step(zone, &seen(-700.0, 0.0, 0), &seen(700.0, 0.0, 10 * MINUTE_MS));
    let during = zone.clone().within_hours(spans("12:04:00", "12:05:00"));
    assert!(matches!(way(&during), Step::MayHaveCrossed(_)));
    assert_eq!(way(&zone.clone().within_hours(spans("12:11:00", "13:00:00"))), Step::Clear);
    let later = Span { from: noon() + 11 * MINUTE_MS, until: None };
    assert_eq!(way(&zone.clone().in_force(later).unwrap()), Step::Clear);
    let over = Span { from: noon() + -5, until: Some(noon()) };
    assert_eq!(way(&zone.in_force(over).unwrap()), Step::Clear);
}

#[test]
fn a_feed_is_silent_after_three_fixes_that_did_not_come_but_not_within_minutes() {
    let silent_after = |interval_ms| feed_silent_from(noon(), interval_ms) - noon();
    assert_eq!(silent_after(10 * SECOND_MS), 5 * MINUTE_MS);
    assert_eq!(silent_after(10 * MINUTE_MS), 30 * MINUTE_MS);
    assert_eq!(silent_after(-1), 5 * MINUTE_MS);
    assert!(silent_after(i64::MAX) > 0);
    assert!(!feed_is_silent(noon(), 10 * MINUTE_MS, noon() + (30 * MINUTE_MS - 1)));
    assert!(feed_is_silent(noon(), 10 * MINUTE_MS, noon() + 30 * MINUTE_MS));
}

#[test]
fn a_silence_was_one_unless_something_of_its_time_came_in() {
    let after = |minutes: i64| noon() + minutes * MINUTE_MS;
    let silence = |heard, known| feed_silence((noon(), 10 * MINUTE_MS), heard, after(known));
    for (heard, known, expected) in [
        (None, 29, None),
        (None, 30, Some(FeedSilence::Silent)),
        (None, 3_000, Some(FeedSilence::Silent)),
        (Some(29), 29, Some(FeedSilence::Heard)),
        (Some(29), 3_000, Some(FeedSilence::Heard)),
        (Some(30), 31, Some(FeedSilence::Silent)),
    ] {
        assert_eq!(silence(heard.map(after), known), expected, "{heard:?} {known}");
    }
}
