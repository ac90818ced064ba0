//! A golden set: conditions that are sound, and conditions that are not, with what is said.

use chrono::{NaiveTime, Weekday};
use proptest::prelude::*;

use super::*;
use crate::holidays::Division;
use crate::instant::{Instant, MINUTE_MS};
use crate::opening::{Closure, OnBankHolidays, OpenSpan};
use crate::zone::{Area, DaySpan, TransitException};

const PENRITH: Position = Position { latitude: 54.664, longitude: -2.753 };
const KESWICK: Position = Position { latitude: 54.601, longitude: -3.135 };

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(&format!("2026-{text}:00Z")).unwrap()
}

/// `closes` is the last minute inside, as orders say it.
fn window(day: &str, opens: &str, closes: &str) -> Window {
    let closes_at = at(&format!("{day}T{closes}")) + MINUTE_MS;
    Window { opens_at: at(&format!("{day}T{opens}")), closes_at }
}

fn hours(days: &[Weekday], opens: &str, closes: &str) -> WeeklyHours {
    let time = |text: &str| format!("{text}:00").parse::<NaiveTime>().unwrap();
    let span =
        |weekday: &Weekday| DaySpan { weekday: *weekday, opens: time(opens), closes: time(closes) };
    let spans: Vec<_> = days.iter().map(span).collect();
    WeeklyHours::new("Europe/London", &spans).unwrap()
}

const ALWAYS: Span = Span { from: Instant::from_ms(i64::MIN), until: None };
const WORKDAYS: [Weekday; 5] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];

fn station(name: &str, position: Position) -> StationFacts {
    let span = OpenSpan::parse("09:00-17:01").unwrap();
    let opening = OpeningHours {
        week: WORKDAYS.iter().map(|day| (*day, span)).collect(),
        on_bank_holidays: OnBankHolidays::Closed,
        closures: Vec::new(),
    };
    StationFacts { name: name.to_owned(), position: Some(position), opening: Some(opening) }
}

fn condition(label: &str, wording: &str, term: Term) -> DescribedCondition {
    DescribedCondition { label: label.to_owned(), wording: wording.to_owned(), term }
}

/// 24 November 2026 is a Tuesday.
fn sign_on(windows: &[Window]) -> DescribedCondition {
    let wording = "To sign on at Penrith police station every Tuesday between 10:00 and 12:00.";
    let stations = vec![station("Penrith", PENRITH)];
    condition("1", wording, Term::SignOn { windows: windows.to_vec(), stations })
}

fn tuesday() -> Window {
    window("11-24", "10:00", "12:00")
}

fn session(label: &str, session: Window, place: Option<Position>) -> DescribedCondition {
    let wording = "To attend each session of the programme that Greenfield names in writing.";
    condition(label, wording, Term::Treatment { sessions: vec![session], place })
}

fn zone(label: &str, centre: Position, radius_m: f64) -> DescribedCondition {
    let zone = Zone::new(Area::circle(centre, radius_m).unwrap(), 100.0).unwrap();
    let wording = "Not to enter the area edged red on the map annexed to this order.";
    condition(label, wording, Term::Zone(Box::new(zone)))
}

fn order(conditions: Vec<DescribedCondition>) -> OrderDescription {
    OrderDescription {
        kind: OrderKind::FULL,
        made_by: MadeBy::Application,
        zone: chrono_tz::Europe::London,
        conditions,
        // Far from everything else here.
        home: Some(Position { latitude: 51.5, longitude: -0.1 }),
        protected_times: Vec::new(),
        holidays: Holidays::shipped(Division::EnglandAndWales),
    }
}

fn other(wording: &str) -> OrderDescription {
    order(vec![condition("1", wording, Term::Other)])
}

#[track_caller]
fn check(order: &OrderDescription, codes: &[LintCode]) -> Vec<LintWarning> {
    let warnings = lint(order);
    let found: Vec<_> = warnings.iter().map(|warning| warning.code).collect();
    assert_eq!(found, codes, "{warnings:#?}");
    warnings
}

#[test]
fn a_sound_order_is_not_talked_about() {
    let sound = OrderDescription {
        home: Some(Position { latitude: 54.70, longitude: -2.70 }),
        protected_times: vec![ProtectedTime {
            kind: ProtectedKind::Work,
            hours: hours(&WORKDAYS, "12:30", "20:00"),
            span: ALWAYS,
        }],
        ..order(vec![
            sign_on(&[tuesday()]),
            session("2", window("11-25", "10:00", "11:00"), Some(KESWICK)),
            zone("3", Position { latitude: 54.65, longitude: -2.80 }, 500.0),
            condition(
                "4",
                "Not to contact the protected person, directly or indirectly, by any means.",
                Term::Other,
            ),
            condition("5", "Not to come within 100 metres of her home.", Term::Other),
        ])
    };
    check(&sound, &[]);
}

#[test]
fn a_sign_on_without_a_schedule_station_or_time_is_noticed() {
    use LintCode::{MissingSchedule, MissingStation, MissingTime};
    for wording in [
        "To sign-on at Kendal twice a week.",
        "Must report to Kendal on Mondays.",
        "To attend the Police\nStation at Kendal on Mondays at 10:00.",
    ] {
        check(&other(wording), &[MissingSchedule]);
    }
    let empty = Term::SignOn { windows: Vec::new(), stations: Vec::new() };
    check(&order(vec![condition("1", "", empty)]), &[MissingTime, MissingStation]);
}

#[test]
fn a_window_is_held_against_opening_hours() {
    use LintCode::{StationClosed, StationPartlyClosed};
    let found =
        check(&order(vec![sign_on(&[window("11-24", "18:00", "20:00")])]), &[StationClosed]);
    assert!(found[0].why.contains("windows: the one on Tue 24 Nov, 18:00."), "{found:?}");
    let sundays = [window("11-22", "10:00", "12:00"), window("11-29", "10:00", "12:00")];
    let found = check(&order(vec![sign_on(&sundays)]), &[StationClosed]);
    assert!(found[0].why.contains("2, the first on Sun 22 Nov, 10:00."), "{found:?}");
    let late = [window("11-24", "16:30", "17:01")];
    let found = check(&order(vec![sign_on(&late)]), &[StationPartlyClosed]);
    assert!(found[0].why.starts_with("Penrith is closed"), "{found:?}");
    check(&order(vec![sign_on(&[window("11-24", "16:30", "17:00")])]), &[]);
}

#[test]
fn closures_and_bank_holidays_count_and_what_no_list_covers_is_not_called_open() {
    use LintCode::{HoursNotKnown, StationClosed};
    let christmas = window("12-25", "10:00", "12:00");
    let found = check(&order(vec![sign_on(&[christmas])]), &[StationClosed]);
    assert!(found[0].why.contains("bank holiday (Christmas Day)"), "{found:?}");

    let mut shut = station("Penrith", PENRITH);
    let day = "2026-11-24".parse().unwrap();
    let burst = Closure::new(day, Some(day), "a burst pipe").unwrap();
    shut.opening.as_mut().unwrap().closures = vec![burst];
    let of = |stations: &[StationFacts], window| {
        let term = Term::SignOn { windows: vec![window], stations: stations.to_vec() };
        order(vec![condition("1", "", term)])
    };
    let found = check(&of(&[shut.clone()], tuesday()), &[StationClosed]);
    assert!(found[0].why.contains("a burst pipe"), "{found:?}");
    check(&of(&[shut], window("11-25", "10:00", "12:00")), &[]);

    let far = Instant::parse_rfc3339("2091-11-22T10:00:00Z").unwrap();
    let far = Window { opens_at: far, closes_at: far + 120 * MINUTE_MS };
    check(&of(&[station("Penrith", PENRITH)], far), &[HoursNotKnown]);
}

#[test]
fn a_home_that_nobody_has_placed_is_said_to_be_not_known_and_old_news_does_not_count() {
    let unknown = OrderDescription { home: None, ..order(vec![zone("3", PENRITH, 500.0)]) };
    let found = check(&unknown, &[LintCode::HomeNotKnown]);
    assert_eq!(found[0].conditions, ["3"]);
    check(&OrderDescription { home: None, ..order(vec![sign_on(&[tuesday()])]) }, &[]);

    let news = |day: &str, position| HomeNews { at: at(&format!("{day}T10:00")), position };
    assert_eq!(home(&[]), None);
    let moved = [news("11-24", Some(KESWICK)), news("11-20", Some(PENRITH))];
    assert_eq!(home(&moved), Some(KESWICK));
    let gone = [news("11-20", Some(PENRITH)), news("11-24", None)];
    assert_eq!(home(&gone), None);
    let at_once = [news("11-20", None), news("11-20", Some(PENRITH))];
    assert_eq!(home(&at_once), Some(PENRITH));
}

#[test]
fn a_protected_time_counts_only_while_it_lasts() {
    let from_december = Span { from: at("12-01T00:00"), until: Some(at("12-20T00:00")) };
    let work = ProtectedTime {
        kind: ProtectedKind::Work,
        hours: hours(&WORKDAYS, "09:00", "17:00"),
        span: from_december,
    };
    let days = ["11-24", "12-08", "12-22"].map(|day| window(day, "10:00", "12:00"));
    let found = clashing(&days, &work, true);
    assert_eq!(found, [window("12-08", "10:00", "12:00")]);
}

#[test]
fn another_station_that_is_open_makes_a_closed_one_a_lesser_matter() {
    let mut open_late = station("Kendal", KESWICK);
    open_late.opening = None;
    let windows = vec![window("11-24", "18:00", "20:00")];
    let stations = vec![station("Penrith", PENRITH), open_late];
    let both = condition("1", "", Term::SignOn { windows, stations });
    check(&order(vec![both]), &[LintCode::StationPartlyClosed]);
}

#[test]
fn a_quarter_of_an_hour_is_the_least() {
    check(&order(vec![sign_on(&[window("11-24", "10:00", "10:13")])]), &[LintCode::WindowShort]);
    check(&order(vec![sign_on(&[window("11-24", "10:00", "10:14")])]), &[]);
}

#[test]
fn two_duties_at_once_clash_and_one_that_leaves_a_moment_does_not() {
    let pair = |opens: &str, closes: &str| {
        order(vec![sign_on(&[tuesday()]), session("2", window("11-24", opens, closes), None)])
    };
    check(&pair("09:00", "13:00"), &[LintCode::DutiesClash]);
    check(&pair("09:00", "11:00"), &[]);
    check(&pair("10:05", "13:00"), &[]);
    check(&pair("10:04", "13:00"), &[LintCode::DutiesClash]);
    let found = check(&pair("10:00", "12:00"), &[LintCode::DutiesClash]);
    assert_eq!(found[0].conditions, ["1", "2"]);
    assert!(found[0].why.contains("Tue 24 Nov, 10:00"), "{found:?}");
}

#[test]
fn a_way_that_nobody_makes_by_bus_is_noticed() {
    // 25.6 km in a straight line: 51 minutes at 30 km/h.
    let pair = |opens: &str| {
        let there = session("2", window("11-24", opens, "14:00"), Some(KESWICK));
        order(vec![sign_on(&[tuesday()]), there])
    };
    let found = check(&pair("10:50"), &[LintCode::TravelUnattainable]);
    assert!(found[0].why.contains("it is 26 km"), "{found:?}");
    assert!(found[0].why.contains("45 min at most"), "{found:?}");
    check(&pair("10:57"), &[]);
}

#[test]
fn a_pair_that_repeats_is_said_once() {
    let days = ["11-24", "12-01", "12-08"];
    let windows = days.map(|day| window(day, "10:00", "12:00"));
    let sessions = days.map(|day| window(day, "09:00", "13:00")).to_vec();
    let term = Term::Treatment { sessions, place: None };
    let clashing = order(vec![sign_on(&windows), condition("2", "", term)]);
    check(&clashing, &[LintCode::DutiesClash]);
}

#[test]
fn a_zone_with_the_subjects_home_or_only_station_in_it_is_noticed() {
    use LintCode::{DutyInZone, HomeInBuffer, HomeInZone};
    let at_home =
        |home| OrderDescription { home: Some(home), ..order(vec![zone("3", PENRITH, 500.0)]) };
    check(&at_home(PENRITH), &[HomeInZone]);
    check(&at_home(Position { latitude: PENRITH.latitude + 0.005, ..PENRITH }), &[HomeInBuffer]);
    check(&at_home(KESWICK), &[]);
    let found =
        check(&order(vec![sign_on(&[tuesday()]), zone("3", PENRITH, 500.0)]), &[DutyInZone]);
    assert_eq!(found[0].conditions, ["3", "1"]);
    let stations = vec![station("Penrith", PENRITH), station("Keswick", KESWICK)];
    let either = condition("1", "", Term::SignOn { windows: vec![tuesday()], stations });
    check(&order(vec![either, zone("3", PENRITH, 500.0)]), &[]);
    let there = session("2", tuesday(), Some(PENRITH));
    check(&order(vec![there, zone("3", PENRITH, 500.0)]), &[DutyInZone]);
}

#[test]
fn zones_that_share_ground_overlap_and_contradict_if_their_terms_differ() {
    use LintCode::{ZonesContradict, ZonesOverlap};
    check(&order(vec![zone("3", PENRITH, 500.0), zone("4", PENRITH, 200.0)]), &[ZonesOverlap]);
    check(&order(vec![zone("3", PENRITH, 500.0), zone("4", KESWICK, 200.0)]), &[]);
    let inner = || Zone::new(Area::circle(PENRITH, 200.0).unwrap(), 0.0).unwrap();
    let excepted = inner().excepting(TransitException::named("the A6").unwrap());
    let at_night = inner().within_hours(hours(&WORKDAYS, "20:00", "06:00"));
    for differing in [excepted, at_night] {
        let differing = condition("4", "", Term::Zone(Box::new(differing)));
        check(&order(vec![zone("3", PENRITH, 500.0), differing]), &[ZonesContradict]);
    }
}

#[test]
fn vague_words_are_named_with_their_reason() {
    let found = check(
        &other("Not to be in the vicinity of, or near, her home, and to attend regularly."),
        &[LintCode::VagueWords],
    );
    for phrase in ["\"vicinity\": it gives no distance", "\"near\"", "\"regularly\": it gives no"] {
        assert!(found[0].why.contains(phrase), "{found:?}");
    }
    for vague in [
        "At reasonable times.",
        "Any address he knows or believes her to live at.",
        "As directed by the officer.",
        "With appropriate persons.",
    ] {
        check(&other(vague), &[LintCode::VagueWords]);
    }
}

#[test]
fn the_laws_own_words_and_longer_words_are_not_vague() {
    for clear in [
        "Not to enter, without reasonable excuse, the area on the map.",
        "Not to use the nearest bus stop to her home, in Scotland Road.",
        "Not to send irregular parcels to her.",
    ] {
        check(&other(clear), &[]);
    }
}

#[test]
fn work_education_and_religion_are_held_against_each_duty() {
    let with_times = |duty, opens: &str, closes: &str| OrderDescription {
        protected_times: vec![ProtectedTime {
            kind: ProtectedKind::Education,
            hours: hours(&[Weekday::Tue], opens, closes),
            span: ALWAYS,
        }],
        ..order(vec![duty])
    };
    let sign_on = || sign_on(&[tuesday()]);
    let found = check(&with_times(sign_on(), "09:00", "17:00"), &[LintCode::ProtectedTime]);
    assert!(found[0].why.contains("times of education"), "{found:?}");
    check(&with_times(sign_on(), "10:30", "17:00"), &[]);
    let course = || session("2", tuesday(), None);
    check(&with_times(course(), "11:55", "17:00"), &[LintCode::ProtectedTime]);
    check(&with_times(course(), "12:30", "17:00"), &[]);
}

#[test]
fn the_worst_comes_first() {
    let all = order(vec![
        zone("3", PENRITH, 500.0),
        zone("4", PENRITH, 200.0),
        sign_on(&[window("11-24", "10:00", "10:05")]),
    ]);
    use LintCode::{DutyInZone, WindowShort, ZonesOverlap};
    let found = check(&all, &[DutyInZone, DutyInZone, WindowShort, ZonesOverlap]);
    assert!(found.iter().all(|warning| !warning.what_to_do.is_empty()));
}

proptest! {
    /// Warnings are advice: whatever is entered, some answer comes, and each names its conditions.
    #[test]
    fn every_warning_names_a_condition_of_the_order(
        wording in ".{0,80}",
        opens in 0_i64..100_000,
        length in -10_i64..5_000,
        opens_2 in 0_i64..100_000,
        radius_m in 1.0..30_000.0_f64,
    ) {
        let windowed = |opens: i64| Window {
            opens_at: Instant::from_ms(opens * MINUTE_MS),
            closes_at: Instant::from_ms((opens + length) * MINUTE_MS),
        };
        let conditions = vec![
            condition("1", &wording, Term::Other),
            sign_on(&[windowed(opens)]),
            session("2", windowed(opens_2), Some(KESWICK)),
            zone("3", PENRITH, radius_m),
        ];
        let order = OrderDescription { home: Some(KESWICK), ..order(conditions) };
        for warning in lint(&order) {
            prop_assert!(!warning.conditions.is_empty());
            let is_known =
                |label: &String| order.conditions.iter().any(|known| known.label == *label);
            prop_assert!(warning.conditions.iter().all(is_known));
            prop_assert_eq!(warning.severity, warning.code.severity());
        }
    }
}
