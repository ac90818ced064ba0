use proptest::prelude::*;

use super::*;
use crate::instant::DAY_MS;
use crate::word::Word;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

/// Made on a Tuesday, served the next afternoon, to the end of March 2029.
fn full() -> LifeFacts {
    LifeFacts {
        made_on: Some(day("2026-11-24")),
        served_at: Some(at("2026-11-25T14:05:00Z")),
        ends_on: Some(day("2029-03-31")),
        ..LifeFacts::drafted(OrderKind::FULL)
    }
}

fn interim() -> LifeFacts {
    LifeFacts { ends_on: Some(day("2027-01-31")), kind: OrderKind::INTERIM, ..full() }
}

#[track_caller]
fn check(facts: LifeFacts, now: &str, status: OrderStatus) {
    assert_eq!(facts.status_at(at(now)), status, "{now}");
    assert_eq!(facts.binds_at(at(now)), status == OrderStatus::InForce, "{now}");
}

#[test]
fn an_order_is_made_then_served_then_over_at_the_end_of_its_last_day() {
    check(full(), "2026-11-23T23:59:59.999Z", OrderStatus::Drafted);
    check(full(), "2026-11-24T00:00:00Z", OrderStatus::Made);
    check(full(), "2026-11-25T14:04:59.999Z", OrderStatus::Made);
    check(full(), "2026-11-25T14:05:00Z", OrderStatus::InForce);
    // British Summer Time since 25 March 2029.
    check(full(), "2029-03-31T22:59:59.999Z", OrderStatus::InForce);
    check(full(), "2029-03-31T23:00:00Z", OrderStatus::Expired);
    check(LifeFacts { ends_on: None, ..full() }, "2049-03-31T23:00:00Z", OrderStatus::InForce);
}

#[test]
fn an_order_that_is_never_served_never_binds_and_still_expires() {
    let unserved = LifeFacts { served_at: None, ..full() };
    check(unserved, "2028-01-01T00:00:00Z", OrderStatus::Made);
    check(unserved, "2029-04-01T00:00:00Z", OrderStatus::Expired);
    assert_eq!(unserved.binding(), None);
    let too_late = LifeFacts { served_at: Some(at("2029-04-02T10:00:00Z")), ..full() };
    assert_eq!(too_late.binding(), None);
}

#[test]
fn an_interim_order_ends_when_the_main_application_is_determined() {
    let determined = LifeFacts { determined_at: Some(at("2027-01-15T11:30:00Z")), ..interim() };
    check(determined, "2027-01-15T11:29:59.999Z", OrderStatus::InForce);
    check(determined, "2027-01-15T11:30:00Z", OrderStatus::Superseded);
    let full = LifeFacts { determined_at: determined.determined_at, ..full() };
    check(full, "2027-01-15T11:30:00Z", OrderStatus::InForce);
}

#[test]
fn what_ended_an_order_first_is_what_ended_it() {
    let lapsed = LifeFacts { determined_at: Some(at("2027-02-15T11:30:00Z")), ..interim() };
    check(lapsed, "2027-03-01T00:00:00Z", OrderStatus::Expired);
    let discharged = LifeFacts { discharged_at: Some(at("2027-01-10T10:00:00Z")), ..lapsed };
    check(discharged, "2027-03-01T00:00:00Z", OrderStatus::Discharged);
    let replaced = LifeFacts { replaced_at: Some(at("2027-01-05T10:00:00Z")), ..discharged };
    check(replaced, "2027-03-01T00:00:00Z", OrderStatus::Superseded);
}

#[test]
fn awareness_counts_only_where_the_law_says_so() {
    let aware = LifeFacts { served_at: None, aware_at: Some(at("2026-11-24T18:00:00Z")), ..full() };
    check(aware, "2026-11-26T00:00:00Z", OrderStatus::Made);
    let non_molestation = LifeFacts { kind: OrderKind::NON_MOLESTATION, ..aware };
    check(non_molestation, "2026-11-24T17:59:59.999Z", OrderStatus::Made);
    check(non_molestation, "2026-11-24T18:00:00Z", OrderStatus::InForce);
}

#[test]
fn an_order_that_takes_effect_later_binds_from_then() {
    let later = LifeFacts { takes_effect_at: Some(at("2026-12-01T00:00:00Z")), ..full() };
    check(later, "2026-11-30T23:59:59.999Z", OrderStatus::Made);
    check(later, "2026-12-01T00:00:00Z", OrderStatus::InForce);
}

#[test]
fn an_appeal_is_a_flag_and_only_the_courts_word_suspends() {
    let appeal = Appeal {
        lodged_at: at("2026-12-01T10:00:00Z"),
        stayed_from: None,
        decided_at: Some(at("2026-12-20T10:00:00Z")),
    };
    let pending = at("2026-12-10T00:00:00Z");
    let appealed = LifeFacts { appeal: Some(appeal), ..full() };
    assert!(appealed.is_appeal_pending_at(pending) && appealed.binds_at(pending));
    assert!(!appealed.is_appeal_pending_at(at("2026-12-20T10:00:00Z")));

    let stayed_from = Some(at("2026-12-05T10:00:00Z"));
    let stayed = LifeFacts { appeal: Some(Appeal { stayed_from, ..appeal }), ..full() };
    assert_eq!(stayed.status_at(pending), OrderStatus::InForce);
    assert!(!stayed.binds_at(pending));
    assert!(stayed.binds_at(at("2026-12-05T09:59:59Z")));
    assert!(stayed.binds_at(at("2026-12-20T10:00:00Z")));
}

fn any_facts() -> impl Strategy<Value = LifeFacts> {
    let some_at =
        || proptest::option::of((0..2_000i64).prop_map(|n| Instant::from_ms(n * DAY_MS / 2)));
    let some_day = || {
        proptest::option::of(
            (0..1_000u64).prop_map(|n| NaiveDate::default() + chrono::Days::new(n)),
        )
    };
    let kind = proptest::sample::select(OrderKind::ALL);
    (
        kind,
        some_day(),
        some_day(),
        (some_at(), some_at(), some_at()),
        (some_at(), some_at(), some_at()),
    )
        .prop_map(|(kind, made_on, ends_on, (served_at, aware_at, takes_effect_at), ends)| {
            let (determined_at, replaced_at, discharged_at) = ends;
            LifeFacts {
                kind,
                made_on,
                served_at,
                aware_at,
                takes_effect_at,
                ends_on,
                determined_at,
                replaced_at,
                discharged_at,
                withdrawn_at: replaced_at,
                appeal: None,
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// In force is exactly binding, and a life only goes forward.
    #[test]
    fn a_life_only_goes_forward(
        facts in any_facts(), mut times in proptest::collection::vec(0..4_500i64, 8),
    ) {
        times.sort_unstable();
        let rank = |status| match status {
            OrderStatus::Drafted => 0,
            OrderStatus::Made => 1,
            OrderStatus::InForce => 2,
            OrderStatus::Discharged
            | OrderStatus::Expired
            | OrderStatus::Superseded
            | OrderStatus::Withdrawn => 3,
        };
        let statuses: Vec<_> = times
            .iter()
            .map(|n| {
                let now = Instant::from_ms(n * DAY_MS / 4);
                assert_eq!(facts.binds_at(now), facts.status_at(now) == OrderStatus::InForce);
                facts.status_at(now)
            })
            .collect();
        prop_assert!(statuses.is_sorted_by_key(|status| rank(*status)), "{:?}", statuses);
        let ended: std::collections::BTreeSet<_> =
            statuses.iter().filter(|status| rank(**status) == 3).collect();
        prop_assert!(ended.len() <= 1, "{:?}", statuses);
    }
}
