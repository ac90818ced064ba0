use proptest::prelude::*;

use super::*;
use crate::instant::HOUR_MS;
use crate::word::Word;

const OPENED: Instant = Instant::from_ms(1_700_000_000_000);
const CONFIRMER: Uuid = Uuid::from_u128(1);
const SERGEANT: Uuid = Uuid::from_u128(2);
const INSPECTOR: Uuid = Uuid::from_u128(3);

fn case(decisions: Vec<Decided>) -> BreachCase {
    BreachCase {
        failed_at: OPENED + -HOUR_MS,
        opened_at: OPENED,
        risk: Risk::High,
        involved: vec![CONFIRMER],
        decisions,
    }
}

fn decided(disposition: Disposition, after_hours: i64, agreed: Option<bool>) -> Decided {
    let at = OPENED + after_hours * HOUR_MS;
    let authorised =
        agreed.map(|is_agreed| Authorised { is_agreed, by: INSPECTOR, at: at + 60_000 });
    Decided { disposition, by: SERGEANT, at, authorised }
}

#[test]
fn a_case_is_suspected_until_somebody_of_rank_has_decided() {
    use BreachStatus::{AwaitingAuthorisation, Concluded, Suspected, UnderEnquiry};
    let warning = |agreed| decided(Disposition::Warning, 2, agreed);
    let arrest = decided(Disposition::Arrested, 1, None);
    let charge = decided(Disposition::Charged, 9, None);
    let rows: [(Vec<Decided>, BreachStatus, Option<BreachClock>); 6] = [
        (vec![], Suspected, Some(BreachClock::Decision)),
        (vec![arrest], UnderEnquiry, Some(BreachClock::EnquiryReview)),
        (vec![arrest, charge], Concluded, None),
        (vec![warning(None)], AwaitingAuthorisation, Some(BreachClock::Authorisation)),
        (vec![warning(Some(true))], Concluded, None),
        (vec![warning(Some(false))], Suspected, Some(BreachClock::Decision)),
    ];
    for (decisions, status, clock) in rows {
        let case = case(decisions);
        assert_eq!((case.status(), case.next_due().map(|due| due.0)), (status, clock), "{case:?}");
    }
}

#[test]
fn a_decision_that_was_sent_back_leaves_the_one_before_it_standing() {
    let arrest = decided(Disposition::Arrested, 1, None);
    let sent_back = case(vec![arrest, decided(Disposition::NfaEvidential, 5, Some(false))]);
    assert_eq!(sent_back.status(), BreachStatus::UnderEnquiry);
    assert_eq!(sent_back.standing(), Some(&arrest));
}

#[test]
fn nobody_decides_on_what_they_recorded_or_decided() {
    let open = case(vec![]);
    assert_eq!(open.check_decision(SERGEANT, "He was seen."), Ok(()));
    assert_eq!(open.check_decision(CONFIRMER, "He was."), Err(BreachRefusal::OtherPersonNeeded));
    assert_eq!(open.check_decision(SERGEANT, " "), Err(BreachRefusal::NoRationale));
    let nothing = Err(BreachRefusal::NothingToAuthorise);
    assert_eq!(open.check_authorisation(INSPECTOR, "Agreed."), nothing);
    let awaiting = case(vec![decided(Disposition::Warning, 2, None)]);
    let awaits = Err(BreachRefusal::AwaitsAuthorisation);
    assert_eq!(awaiting.check_decision(INSPECTOR, "No."), awaits);
    assert_eq!(awaiting.check_authorisation(INSPECTOR, "Agreed."), Ok(()));
    assert_eq!(awaiting.check_authorisation(INSPECTOR, ""), Err(BreachRefusal::NoRationale));
    for by in [SERGEANT, CONFIRMER] {
        let refused = awaiting.check_authorisation(by, "Agreed.");
        assert_eq!(refused, Err(BreachRefusal::OtherPersonNeeded));
    }
    let over = case(vec![decided(Disposition::Warning, 2, Some(true))]);
    assert_eq!(over.check_decision(SERGEANT, "Again."), Err(BreachRefusal::Concluded));
}

#[test]
fn times_are_counted_from_the_failure() {
    let case = case(vec![
        decided(Disposition::Circulated, 3, None),
        decided(Disposition::Arrested, 8, None),
    ]);
    assert_eq!(case.decided_after_ms(), Some(4 * HOUR_MS));
    assert_eq!(case.arrested_after_ms(), Some(9 * HOUR_MS));
}

#[test]
fn the_decision_is_due_by_risk_and_again_after_it_was_sent_back() {
    let due = |case: BreachCase| case.next_due().map(|(_, due)| due.closes_at - OPENED);
    assert_eq!(due(case(vec![])), Some(4 * HOUR_MS));
    let sent_back = case(vec![decided(Disposition::Warning, 2, Some(false))]);
    assert_eq!(due(sent_back), Some(6 * HOUR_MS + 60_000));
}

proptest! {
    #[test]
    fn nothing_but_a_charge_ends_a_case_on_one_persons_word(
        words in proptest::collection::vec(
            (proptest::sample::select(Disposition::ALL.to_vec()), any::<Option<bool>>()), 0..6),
    ) {
        let mut so_far = case(vec![]);
        for (hours, (disposition, agreed)) in (1..).zip(words) {
            if so_far.check_decision(SERGEANT, "Why.").is_err() {
                break;
            }
            so_far.decisions.push(decided(disposition, hours, None));
            if so_far.check_authorisation(INSPECTOR, "Why.").is_ok() {
                let last = so_far.decisions.last_mut().unwrap();
                *last = decided(disposition, hours, agreed);
            }
            if so_far.status() == BreachStatus::Concluded {
                let last = so_far.standing().unwrap();
                let two = last.authorised.is_some_and(|by| by.is_agreed && by.by != last.by);
                prop_assert!(two || last.disposition == Disposition::Charged);
            }
            prop_assert_eq!(so_far.next_due().is_none(), so_far.status() == BreachStatus::Concluded);
        }
    }
}
