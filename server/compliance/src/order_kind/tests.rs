use std::collections::BTreeSet;

use chrono::{Days, Months, NaiveDate};
use proptest::prelude::*;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[track_caller]
fn check(kind: OrderKind, made_on: &str, ends_on: Option<&str>, refusal: Option<&str>) {
    let found = check_duration(kind, day(made_on), ends_on.map(day));
    let says = found.err().map(|refusal| refusal.to_string());
    assert_eq!(says.as_deref(), refusal, "{kind:?} {ends_on:?}");
}

#[test]
fn two_years_begin_with_the_day_the_order_is_made() {
    check(OrderKind::FULL, "2026-11-24", Some("2028-11-23"), None);
    check(
        OrderKind::FULL,
        "2026-11-24",
        Some("2028-11-22"),
        Some("a full order lasts at least two years: it may end on 2028-11-23 or later (s.3(2))"),
    );
    check(OrderKind::FULL, "2026-11-24", None, None);
    assert_eq!(shortest_last_day(OrderKind::FULL, day("2026-11-24")), Some(day("2028-11-23")));
}

#[test]
fn two_years_from_a_leap_day_end_on_the_last_day_before_its_anniversary() {
    check(OrderKind::FULL, "2028-02-29", Some("2030-02-27"), None);
}

#[test]
fn an_interim_order_has_an_end_and_may_be_short() {
    let needs_end = "an interim order is for a fixed period: say when it ends (s.5(3))";
    check(OrderKind::INTERIM, "2026-11-24", None, Some(needs_end));
    check(OrderKind::INTERIM, "2026-11-24", Some("2026-12-20"), None);
    check(OrderKind::INTERIM, "2026-11-24", Some("2026-11-24"), None);
    check(
        OrderKind::INTERIM,
        "2026-11-24",
        Some("2026-11-20"),
        Some("an order cannot end on 2026-11-20, before it is made on 2026-11-24"),
    );
}

#[test]
fn an_order_of_northern_ireland_lasts_from_two_to_five_years() {
    let made = "2026-11-24";
    check(OrderKind::FULL_NI, made, Some("2028-11-23"), None);
    check(OrderKind::FULL_NI, made, Some("2031-11-23"), None);
    let refused = |ends| check_duration(OrderKind::FULL_NI, day(made), ends);
    assert!(matches!(refused(None), Err(OrderRefusal::WithoutEnd { .. })));
    assert!(matches!(refused(Some(day("2028-11-22"))), Err(OrderRefusal::TooShort { .. })));
    assert!(matches!(refused(Some(day("2031-11-24"))), Err(OrderRefusal::TooLong { .. })));
}

#[test]
fn codes_are_stable_words_and_every_row_is_told_apart() {
    let codes: Vec<_> = OrderKind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(
        codes,
        [
            "full",
            "interim",
            "full_ni",
            "interim_ni",
            "dapo",
            "kcpo",
            "shpo",
            "restraining",
            "non_molestation",
            "cbo",
            "bail",
            "community"
        ]
    );
    assert_eq!(OrderKind::ALL.iter().collect::<BTreeSet<_>>().len(), codes.len());
    let titles: BTreeSet<_> = OrderKind::ALL.iter().map(|kind| kind.row().title).collect();
    assert_eq!(titles.len(), codes.len());
    for kind in OrderKind::ALL {
        assert_eq!(OrderKind::parse(kind.as_str()), Some(*kind));
        assert!(!kind.row().statute.is_empty() && !kind.row().in_a_sentence.is_empty(), "{kind}");
    }
    assert_eq!(OrderKind::parse("Full"), None);
}

/// `domain.md`, 2.3, column by column.
#[test]
fn the_notification_column_is_the_one_of_the_law() {
    let trigger = |kind: OrderKind| kind.row().notification.map(|rule| rule.trigger);
    assert_eq!(trigger(OrderKind::FULL), Some(Trigger::Served));
    assert_eq!(trigger(OrderKind::INTERIM), Some(Trigger::Served));
    assert_eq!(trigger(OrderKind::DAPO), Some(Trigger::Made));
    assert_eq!(trigger(OrderKind::KCPO), Some(Trigger::TakesEffect));
    assert_eq!(trigger(OrderKind::SHPO), Some(Trigger::Convicted));
    let without = [
        OrderKind::RESTRAINING,
        OrderKind::NON_MOLESTATION,
        OrderKind::CBO,
        OrderKind::BAIL,
        OrderKind::COMMUNITY,
    ];
    for kind in without {
        assert_eq!(trigger(kind), None, "{kind}");
    }
    for rule in OrderKind::ALL.iter().filter_map(|kind| kind.row().notification) {
        assert_eq!(rule.days.get(), 3);
        assert_eq!(rule.exempt_if.is_empty(), rule.exempt_basis.is_empty());
    }
}

#[test]
fn only_an_interim_twin_is_replaced() {
    assert!(OrderKind::FULL.replaces(OrderKind::INTERIM));
    assert!(OrderKind::FULL_NI.replaces(OrderKind::INTERIM_NI));
    assert!(!OrderKind::FULL.replaces(OrderKind::INTERIM_NI));
    assert!(!OrderKind::INTERIM.replaces(OrderKind::FULL));
    assert!(!OrderKind::FULL.replaces(OrderKind::FULL));
    let interim: Vec<_> = OrderKind::ALL.iter().filter(|kind| kind.is_interim()).collect();
    assert_eq!(interim, [&OrderKind::INTERIM, &OrderKind::INTERIM_NI]);
    for kind in interim {
        assert!(kind.row().duration.ends_on_determination);
        assert_eq!(kind.row().expiry_warnings_days, [21, 14, 7, 3]);
    }
}

#[test]
fn a_court_may_make_a_full_order_of_its_own_motion_but_not_an_interim_one() {
    let [full, interim] = [OrderKind::FULL, OrderKind::INTERIM].map(OrderKind::row);
    assert_eq!(full.made_by, [MadeBy::Application]);
    assert_eq!(full.made_by_unconfirmed, [MadeBy::Conviction, MadeBy::Acquittal]);
    assert_eq!(interim.made_by, [MadeBy::Application]);
    assert_eq!(interim.made_by_unconfirmed, []);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// For every kind: an end is accepted from the shortest last day on and refused before it.
    #[test]
    fn the_shortest_last_day_is_where_acceptance_begins(
        kind in proptest::sample::select(OrderKind::ALL), days in 0..36_500u64, more in 0..400u64,
    ) {
        let made_on = day("2000-01-01") + Days::new(days);
        let first = shortest_last_day(kind, made_on).unwrap_or(made_on);
        prop_assert_eq!(check_duration(kind, made_on, Some(first + Days::new(more))), Ok(()));
        prop_assert!(check_duration(kind, made_on, Some(first - Days::new(1 + more))).is_err());
        if let Some(years) = kind.row().duration.at_most {
            let over = made_on + Months::new(12 * u32::from(years.number));
            prop_assert!(check_duration(kind, made_on, Some(over)).is_err());
        }
    }
}
