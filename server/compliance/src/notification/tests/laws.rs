//! Laws that hold for all facts.

use chrono::Days;
use proptest::prelude::*;

use super::*;
use crate::word::Word;

fn any_day() -> impl Strategy<Value = NaiveDate> {
    (0..400u64).prop_map(|days| day("2026-01-01") + Days::new(days))
}

fn any_exemption() -> impl Strategy<Value = Exemption> {
    let regime = proptest::sample::select(Regime::ALL);
    (regime, any_day(), proptest::option::of(0..200u64)).prop_map(|(regime, from, days)| {
        Exemption { regime, from, final_day: days.map(|days| from + Days::new(days)) }
    })
}

fn any_change() -> impl Strategy<Value = Change> {
    (proptest::sample::select(ChangeDuty::ALL), any_day()).prop_map(|(duty, on)| Change {
        duty,
        on,
        what: "x".to_owned(),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// No duty runs out while a regime applies that silences it, none begins before the order does,
    /// and whatever is silenced says so.
    #[test]
    fn what_is_owed_is_owed_by_the_table(
        kind in proptest::sample::select(OrderKind::ALL),
        served in proptest::option::of(any_day()),
        exemptions in proptest::collection::vec(any_exemption(), 0..4),
        changes in proptest::collection::vec(any_change(), 0..4),
    ) {
        let facts = NotificationFacts {
            kind,
            served_at: served.map(|day| start_of_day(day, UK)),
            exemptions: &exemptions,
            changes: &changes,
            ..facts()
        };
        let found = facts.duties();
        let rule = kind.row().notification;
        prop_assert!(!found.owed.is_empty() || !found.not_owed.is_empty());
        for duty in &found.owed {
            let rule = rule.unwrap();
            let last = duty.deadline.last_day();
            prop_assert!(facts.exemption_on(&rule, last).is_none(), "{:?}", duty);
            if rule.trigger == Trigger::Served {
                prop_assert!(last >= served.unwrap() + Days::new(2), "{:?}", duty);
            }
        }
        // An exemption that ended after service leaves the subject with something to tell, unless
        // another went on or began in time.
        let by_service = rule.filter(|rule| rule.trigger == Trigger::Served);
        if let (Some(rule), Some(served)) = (by_service, served) {
            for exemption in facts.exemptions_under(&rule) {
                let Some(last) = exemption.final_day.filter(|day| served <= *day) else { continue };
                let is_free = |n| facts.exemption_on(&rule, last + Days::new(n)).is_none();
                let free = (1..=2).all(is_free);
                let expected = last + Days::new(2);
                let is_owed = found.owed.iter().any(|duty| duty.deadline.last_day() == expected);
                prop_assert_eq!(is_owed || !free, true, "{:?}", exemption);
            }
        }
    }
}
