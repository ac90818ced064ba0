use proptest::prelude::*;

use super::*;
use crate::instant::HOUR_MS;

fn at(hour: i64) -> Instant {
    Instant::from_ms(hour * HOUR_MS)
}

fn window(opens: i64, closes: i64) -> Window {
    Window { opens_at: at(opens), closes_at: at(closes) }
}

fn custody(from: i64, until: i64) -> StatusPeriod {
    StatusPeriod::new(Whereabouts::Custody, at(from), Some(at(until)), "CR/123/26").unwrap()
}

#[track_caller]
fn check(periods: &[(i64, i64)], treatment: MissTreatment, mentioned: usize) {
    let periods: Vec<_> = periods.iter().map(|(from, until)| custody(*from, *until)).collect();
    let found = treat_miss(window(10, 12), &periods, at(12));
    assert_eq!((found.treatment, found.reasons.len()), (treatment, mentioned), "{found:?}");
}

#[test]
fn only_a_window_that_is_covered_whole_is_verified() {
    check(&[], MissTreatment::Raise, 0);
    check(&[(8, 20)], MissTreatment::Verify, 1);
    check(&[(10, 12)], MissTreatment::Verify, 1);
    check(&[(11, 20)], MissTreatment::Raise, 1);
    check(&[(8, 11)], MissTreatment::Raise, 1);
    check(&[(8, 10)], MissTreatment::Raise, 0);
    check(&[(12, 20)], MissTreatment::Raise, 0);
    check(&[(11, 13), (9, 11)], MissTreatment::Verify, 2);
}

#[test]
fn a_gap_between_two_periods_is_time_in_which_to_come() {
    let half = StatusPeriod::new(Whereabouts::Hospital, at(8), Some(at(11) + -1), "Dr Shah's note")
        .unwrap();
    let found = treat_miss(window(10, 12), &[half, custody(11, 20)], at(12));
    assert_eq!(found.treatment, MissTreatment::Raise);
}

#[test]
fn a_period_needs_an_end_after_its_beginning_and_evidence() {
    let new = |until, evidence| StatusPeriod::new(Whereabouts::Abroad, at(5), until, evidence);
    assert_eq!(new(None, "ticket"), Err(StatusPeriodRefusal::WithoutEnd));
    assert_eq!(new(Some(at(5)), "ticket"), Err(StatusPeriodRefusal::EndsBeforeItBegins));
    assert_eq!(new(Some(at(6)), " "), Err(StatusPeriodRefusal::WithoutEvidence));
    assert!(new(Some(at(6)), "ticket").is_ok());
}

#[test]
fn alerts_arm_themselves_when_the_period_ends() {
    let periods = [custody(8, 20), custody(20, 30), custody(40, 50)];
    assert_eq!(rearms_at(&periods, at(9)), Some(at(30)));
    assert_eq!(rearms_at(&periods, at(30)), None);
    assert_eq!(rearms_at(&periods, at(7)), None);
    let after = treat_miss(window(31, 33), &periods, at(33));
    assert_eq!((after.treatment, after.rearms_at), (MissTreatment::Raise, None));
}

#[test]
fn the_reason_says_where_until_when_and_how_it_is_known() {
    let says = treat_miss(window(10, 12), &[custody(8, 20)], at(12)).reasons.remove(0).says;
    assert_eq!(
        says,
        "The subject is recorded as in custody from Thu 1 Jan, 09:00 to Thu 1 Jan, 21:00 \
         (CR/123/26). Verify it: it is no excuse by itself."
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Verified exactly when no instant of the window was free.
    #[test]
    fn verified_means_that_no_hour_was_free(
        spans in proptest::collection::vec((0..30i64, 1..12i64), 0..5),
        opens in 0..30i64, length in 1..6i64,
    ) {
        let periods: Vec<_> =
            spans.iter().map(|(from, hours)| custody(*from, from + hours)).collect();
        let window = window(opens, opens + length);
        let is_never_free =
            (opens..opens + length).all(|hour| periods.iter().any(|period| period.holds(at(hour))));
        let found = treat_miss(window, &periods, window.closes_at);
        prop_assert_eq!(found.treatment == MissTreatment::Verify, is_never_free);
        if let Some(rearms_at) = found.rearms_at {
            prop_assert!(periods.iter().all(|period| !period.holds(rearms_at)));
        }
    }
}

#[track_caller]
fn check_stay(
    stayed: Option<i64>,
    decided: Option<i64>,
    treatment: MissTreatment,
    mentioned: usize,
) {
    let appeal =
        Appeal { lodged_at: at(1), stayed_from: stayed.map(at), decided_at: decided.map(at) };
    let found = treat_stay(window(10, 12), &[appeal]);
    assert_eq!((found.treatment, found.reasons.len()), (treatment, mentioned), "{found:?}");
}

#[test]
fn a_window_that_closes_in_a_courts_stay_is_verified_and_one_that_bound_again_is_not() {
    check_stay(None, None, MissTreatment::Raise, 0);
    check_stay(Some(8), None, MissTreatment::Verify, 1);
    check_stay(Some(11), None, MissTreatment::Verify, 1);
    check_stay(Some(12), None, MissTreatment::Raise, 0);
    check_stay(Some(8), Some(10), MissTreatment::Raise, 0);
    check_stay(Some(8), Some(11), MissTreatment::Raise, 1);
    check_stay(Some(8), Some(12), MissTreatment::Verify, 1);
}
