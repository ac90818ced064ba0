use super::*;
use crate::word::Word;

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

fn claim() -> Claim {
    Claim {
        failed_at: at("2026-11-23T11:00:00Z"),
        taken_by: Uuid::from_u128(1),
        evidence_due_at: None,
        evidence_at: None,
        decision: None,
    }
}

const OTHER: Uuid = Uuid::from_u128(2);
const CONFIRMER: Uuid = Uuid::from_u128(3);

#[test]
fn evidence_is_due_seven_days_after_the_failure_unless_agreed_otherwise() {
    let due = claim().evidence_due();
    assert_eq!(due.arithmetic, "7 days after Mon 23 Nov 2026: Mon 30 Nov 23:59:59");
    let agreed = Claim { evidence_due_at: Some(at("2026-12-04T12:00:00Z")), ..claim() };
    assert_eq!(agreed.evidence_due().closes_at, at("2026-12-04T12:00:00Z"));
}

#[test]
fn a_claim_lapses_without_evidence_and_only_then() {
    let last = at("2026-12-01T00:00:00Z");
    assert_eq!(claim().status(last + -1), ExcuseStatus::Claimed);
    assert_eq!(claim().status(last), ExcuseStatus::Lapsed);
    assert_eq!(claim().lapses_at(), Some(last));
    let shown = Claim { evidence_at: Some(last + -1), ..claim() };
    assert_eq!((shown.status(last), shown.lapses_at()), (ExcuseStatus::EvidenceReceived, None));
}

#[test]
fn what_was_decided_stands_whatever_the_time() {
    for decision in ExcuseDecision::ALL {
        let decided = Claim { decision: Some(*decision), ..claim() };
        let status = decided.status(at("2027-01-01T00:00:00Z"));
        assert_eq!((status.as_str(), decided.lapses_at()), (decision.as_str(), None));
    }
}

#[test]
fn somebody_else_decides_once_and_says_why() {
    let accepted = ExcuseDecision::Accepted;
    let check = |claim: &Claim, decision, by, why| claim.check(decision, (by, &[CONFIRMER]), why);
    let shown = Claim { evidence_at: Some(at("2026-11-24T10:00:00Z")), ..claim() };
    assert_eq!(check(&shown, accepted, OTHER, "Discharge letter seen."), Ok(()));
    for by in [Uuid::from_u128(1), CONFIRMER] {
        let refused = check(&shown, accepted, by, "Seen.");
        assert_eq!(refused, Err(ExcuseRefusal::OtherPersonNeeded));
        assert_eq!(check(&shown, ExcuseDecision::Withdrawn, by, "He says so himself."), Ok(()));
    }
    assert_eq!(check(&shown, accepted, OTHER, " "), Err(ExcuseRefusal::NoRationale));
    assert_eq!(check(&claim(), accepted, OTHER, ""), Err(ExcuseRefusal::NoEvidence));
    assert_eq!(check(&claim(), accepted, OTHER, "The custody sergeant confirmed it."), Ok(()));
    let decided = Claim { decision: Some(accepted), ..claim() };
    assert_eq!(check(&decided, accepted, OTHER, "Again."), Err(ExcuseRefusal::Decided));
}
