use proptest::prelude::*;

use super::*;

const STARTS: i64 = 10 * HOUR_MS;
const ENDS: i64 = 11 * HOUR_MS;

fn at(ms: i64) -> Instant {
    Instant::from_ms(ms)
}

fn session(appointment: Appointment) -> Session {
    Session { window: Window { opens_at: at(STARTS), closes_at: at(ENDS) }, appointment }
}

fn held() -> Session {
    session(Appointment::Stands)
}

fn text<'a>(outcome: &'a str, action: Option<&'a str>) -> OutcomeText<'a> {
    OutcomeText { outcome, action, reason: Some("because"), recorded_at: at(ENDS) }
}

fn recorded(outcome: &'static str) -> RecordedOutcome {
    RecordedOutcome::read(&held(), &text(outcome, Some("ROM"))).unwrap()
}

#[track_caller]
fn check(outcome: &'static str, evidence: Evidence, now: i64, state: SessionState) {
    let outcome = recorded(outcome).with_evidence(evidence);
    let finding = assess_session(&held(), Some(&outcome), at(now));
    assert_eq!(finding.state, state, "{finding:?}");
}

#[test]
fn an_outcome_is_attended_times_complied() {
    let now = ENDS + HOUR_MS;
    check("ATTC", Evidence::NotReceived, now, SessionState::Compliant);
    check("AFDA", Evidence::NotReceived, now, SessionState::Compliant);
    check("AFTC", Evidence::NotReceived, now, SessionState::NonCompliant);
    check("ATSH", Evidence::NotReceived, now, SessionState::NonCompliant);
    check("UAAB", Evidence::NotReceived, now, SessionState::NonCompliant);
    check("AARE", Evidence::NotReceived, now, SessionState::Compliant);
    check("ATSS", Evidence::NotReceived, now, SessionState::ServiceFault);
    check("RSSR", Evidence::NotReceived, now, SessionState::ServiceFault);
}

#[test]
fn evidence_is_due_in_seven_days_and_then_lapses_into_suspicion() {
    let due = ENDS + 7 * DAY_MS;
    for outcome in ["AAME", "AFTA"] {
        check(outcome, Evidence::NotReceived, due - 1, SessionState::AwaitingEvidence);
        check(outcome, Evidence::NotReceived, due, SessionState::NonCompliant);
        check(outcome, Evidence::Received, due, SessionState::AwaitingEvidence);
        check(outcome, Evidence::Accepted, due, SessionState::Compliant);
        check(outcome, Evidence::Rejected, due - 1, SessionState::NonCompliant);
    }
    let lapsed = assess_session(&held(), Some(&recorded("AAME")), at(due));
    assert_eq!(lapsed.reasons[0].code, "evidence-lapsed");
}

#[test]
fn a_missing_outcome_is_its_own_state_and_chased_twice() {
    let state = |now| assess_session(&held(), None, at(now)).state;
    assert_eq!(state(ENDS - 1), SessionState::Ahead);
    assert_eq!(state(ENDS), SessionState::OutcomeMissing);
    assert_eq!(state(ENDS + 400 * DAY_MS), SessionState::OutcomeMissing);
    assert_eq!(SessionState::OutcomeMissing.compliance(), Compliance::NoData);
    assert_eq!(chases(&held()), [at(ENDS + DAY_MS), at(ENDS + 2 * DAY_MS)]);
    let next = |now| next_chase(&held(), at(now));
    assert_eq!(next(ENDS), Some(at(ENDS + DAY_MS)));
    assert_eq!(next(ENDS + DAY_MS), Some(at(ENDS + 2 * DAY_MS)));
    assert_eq!(next(ENDS + 2 * DAY_MS), None);
}

#[test]
fn what_the_service_left_undone_is_never_the_subjects() {
    for appointment in [Appointment::CancelledByProvider, Appointment::ReferralNeverMade] {
        for outcome in [None, Some(recorded("UAAB")), Some(recorded("AFTA"))] {
            let session = session(appointment);
            let finding = assess_session(&session, outcome.as_ref(), at(ENDS + 30 * DAY_MS));
            assert_eq!(finding.state, SessionState::ServiceFault);
            assert!(chases(&session).is_empty());
        }
    }
}

#[test]
fn a_session_can_be_moved_until_it_begins_and_then_only_by_the_provider() {
    let state = |by, agreed_at| {
        let moved = session(Appointment::Moved { by, agreed_at: at(agreed_at) });
        assess_session(&moved, None, at(ENDS)).state
    };
    assert_eq!(state(MovedBy::Subject, STARTS - 1), SessionState::Moved);
    assert_eq!(state(MovedBy::Subject, STARTS), SessionState::OutcomeMissing);
    assert_eq!(state(MovedBy::Provider, STARTS), SessionState::Moved);
}

#[test]
fn what_must_be_followed_up_is_refused_without_an_action() {
    let read = |outcome, action| RecordedOutcome::read(&held(), &text(outcome, action));
    for outcome in OUTCOMES {
        assert_eq!(read(outcome.code, None).is_err(), outcome.enforceable, "{outcome:?}");
        assert!(read(outcome.code, Some("EA12")).is_ok());
    }
    let refusal = read("UAAB", None).unwrap_err().to_string();
    assert!(refusal.contains("say which enforcement action"), "{refusal}");
    assert!(matches!(read("XXXX", None), Err(TreatmentRefusal::UnknownOutcome { .. })));
    assert!(matches!(read("UAAB", Some("?")), Err(TreatmentRefusal::UnknownAction { .. })));
}

#[test]
fn to_warn_or_to_do_nothing_must_be_explained() {
    for action in ACTIONS {
        let text = OutcomeText { reason: Some("  "), ..text("UAAB", Some(action.code)) };
        let read = RecordedOutcome::read(&held(), &text);
        assert_eq!(read.is_err(), action.needs_reason, "{action:?}");
    }
}

#[test]
fn before_a_session_begins_only_an_excused_absence_can_be_recorded() {
    for outcome in OUTCOMES {
        let early = OutcomeText { recorded_at: at(STARTS - 1), ..text(outcome.code, Some("ROM")) };
        let is_excused = !outcome.attended && outcome.complied;
        assert_eq!(RecordedOutcome::read(&held(), &early).is_ok(), is_excused, "{outcome:?}");
    }
}

#[test]
fn codes_are_unique_and_a_service_fault_is_never_enforced() {
    let codes = || OUTCOMES.iter().map(|outcome| outcome.code);
    assert!(codes().enumerate().all(|(n, code)| codes().skip(n + 1).all(|other| other != code)));
    assert!(OUTCOMES.iter().all(|outcome| !(outcome.service_fault && outcome.enforceable)));
    assert!(OUTCOMES.iter().all(|outcome| !(outcome.complied && outcome.enforceable)));
}

proptest! {
    /// Silence on the provider's side never turns into compliance, or into a suspicion.
    #[test]
    fn without_an_outcome_time_alone_finds_nothing(now in i64::MIN..i64::MAX) {
        let state = assess_session(&held(), None, at(now)).state;
        prop_assert_eq!(state.compliance(), Compliance::NoData);
    }

    /// Once suspected, waiting longer does not make it better.
    #[test]
    fn a_suspicion_is_never_closed_by_time(
        outcome in 0..OUTCOMES.len(), now in 0..30 * DAY_MS, later in 0..400 * DAY_MS,
    ) {
        let outcome = recorded(OUTCOMES[outcome].code);
        let state = |now| assess_session(&held(), Some(&outcome), at(now)).state;
        if state(now) == SessionState::NonCompliant {
            prop_assert_eq!(state(now + later), SessionState::NonCompliant);
        }
    }
}

#[test]
fn a_referral_is_due_a_week_after_order_and_version_bind_and_never_before_service() {
    let at = |day: &str| Instant::parse_rfc3339(&format!("2026-11-{day}T10:00:00Z")).unwrap();
    assert_eq!(referral_due_at(None, at("02")), None);
    assert_eq!(referral_due_at(Some(at("04")), at("02")), Some(at("11")));
    assert_eq!(referral_due_at(Some(at("04")), at("20")), Some(at("27")));
}
