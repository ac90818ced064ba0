use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::attendance::Compliance;
use crate::instant::{HOUR_MS, Instant};
use crate::prohibition::{InternetRule, InternetUse};
use crate::word::Word;

const TOLD: i64 = 10 * HOUR_MS;

fn at(ms: i64) -> Instant {
    Instant::from_ms(ms)
}

fn told(method: CommunicationMethod, proof: Option<&str>) -> Communication {
    Communication { method, at: at(TOLD), proof: proof.map(str::to_owned) }
}

fn request(deadline: Deadline, communications: &[Communication]) -> PresentationRequest {
    PresentationRequest {
        made_at: at(TOLD - HOUR_MS),
        made_by: Uuid::from_u128(7),
        deadline,
        communications: communications.to_vec(),
        is_on_register: true,
    }
}

fn in_person() -> [Communication; 1] {
    [told(CommunicationMethod::InPerson, None)]
}

#[track_caller]
fn check(
    request: &PresentationRequest,
    response: Option<(ResponseKind, i64)>,
    now: i64,
    state: RequestState,
    compliance: Compliance,
) {
    let response = response.map(|(kind, ms)| Response { kind, at: at(ms) });
    let finding = assess_request(request, response.as_ref(), at(now));
    assert_eq!((finding.state, finding.compliance), (state, compliance), "{finding:?}");
}

#[test]
fn silence_is_missed_at_the_deadline_and_not_before() {
    let by = request(Deadline::At(at(TOLD + 5 * HOUR_MS)), &in_person());
    let due = TOLD + 5 * HOUR_MS;
    check(&by, None, due - 1, RequestState::Waiting, Compliance::NoData);
    check(&by, None, due, RequestState::Missed, Compliance::NonCompliant);
    let forthwith = request(Deadline::Forthwith, &in_person());
    check(&forthwith, None, TOLD + FORTHWITH_MS - 1, RequestState::Waiting, Compliance::NoData);
    check(&forthwith, None, TOLD + FORTHWITH_MS, RequestState::Missed, Compliance::NonCompliant);
}

#[test]
fn only_a_proved_communication_starts_the_clock() {
    let proved = |method, proof| told(method, proof).is_proved();
    assert!(proved(CommunicationMethod::InPerson, None));
    for method in [
        CommunicationMethod::ByPhone,
        CommunicationMethod::InWriting,
        CommunicationMethod::LeftAtAddress,
    ] {
        assert!(!proved(method, None), "{method}");
        assert!(!proved(method, Some("  ")), "{method}");
        assert!(proved(method, Some("signed copy")), "{method}");
    }
    let left = told(CommunicationMethod::LeftAtAddress, None);
    let never = request(Deadline::Forthwith, &[left]);
    let years = TOLD + 20_000 * HOUR_MS;
    check(&never, None, years, RequestState::NotProvedCommunicated, Compliance::NoData);
}

#[test]
fn the_first_proved_communication_after_the_request_counts() {
    let mut early = told(CommunicationMethod::InPerson, None);
    early.at = at(TOLD - 2 * HOUR_MS);
    let mut again = told(CommunicationMethod::InWriting, Some("a reply"));
    again.at = at(TOLD + HOUR_MS);
    let [first] = in_person();
    let asked = request(Deadline::Forthwith, &[again, early, first]);
    assert_eq!(asked.communicated_at(), Some(at(TOLD)));
}

#[test]
fn a_request_that_became_known_after_its_deadline_cannot_be_missed() {
    let late = request(Deadline::At(at(TOLD)), &in_person());
    check(&late, None, TOLD + 9, RequestState::CommunicatedTooLate, Compliance::NoData);
}

#[test]
fn each_answer_means_what_it_is() {
    use Compliance::{AwaitingEvidence, Compliant, NonCompliant};
    let asked = request(Deadline::Forthwith, &in_person());
    let due = TOLD + FORTHWITH_MS;
    let answers = |kind, ms, state, compliance| {
        check(&asked, Some((kind, ms)), due + HOUR_MS, state, compliance);
    };
    answers(ResponseKind::Presented, due - 1, RequestState::Presented, Compliant);
    answers(ResponseKind::Presented, due, RequestState::PresentedLate, NonCompliant);
    answers(ResponseKind::Refused, TOLD, RequestState::Refused, NonCompliant);
    answers(ResponseKind::PinRefused, TOLD, RequestState::PinRefused, NonCompliant);
    answers(ResponseKind::NotHeld, TOLD, RequestState::NotHeld, AwaitingEvidence);
    answers(ResponseKind::ClaimedLost, TOLD, RequestState::ClaimedLost, AwaitingEvidence);
}

#[test]
fn not_held_is_held_against_the_register() {
    let codes = |is_on_register| {
        let asked =
            PresentationRequest { is_on_register, ..request(Deadline::Forthwith, &in_person()) };
        let response = Response { kind: ResponseKind::NotHeld, at: at(TOLD) };
        let finding = assess_request(&asked, Some(&response), at(TOLD));
        finding.reasons.iter().map(|reason| reason.code).collect::<Vec<_>>()
    };
    assert_eq!(codes(true), ["not-held", "on-register"]);
    assert_eq!(codes(false), ["not-held"]);
}

#[test]
fn who_refuses_or_presents_has_been_reached_however_it_was_communicated() {
    let unproved = request(Deadline::Forthwith, &[]);
    let refused = Some((ResponseKind::Refused, TOLD));
    check(&unproved, refused, TOLD, RequestState::Refused, Compliance::NonCompliant);
    let presented = Some((ResponseKind::Presented, TOLD + 99 * HOUR_MS));
    check(&unproved, presented, TOLD, RequestState::Presented, Compliance::Compliant);
}

fn identifier(kind: IdentifierKind, text: &str) -> Result<Identifier, DeviceRefusal> {
    Identifier::parse(kind, text)
}

#[test]
fn identifiers_are_read_and_wrong_digits_found() {
    let imei = identifier(IdentifierKind::Imei, "49 015420 323751-8").unwrap();
    assert_eq!(imei.text(), "490154203237518");
    for wrong in ["490154203237519", "490154203237581", "49015420323751", "49015420323751x", ""] {
        assert!(identifier(IdentifierKind::Imei, wrong).is_err(), "{wrong}");
    }
    let number = identifier(IdentifierKind::Number, "+44 7700 900123").unwrap();
    assert_eq!(number.text(), "+447700900123");
    for wrong in ["07700 900123", "+0447700900123", "+44", "+44770090012345678"] {
        assert!(identifier(IdentifierKind::Number, wrong).is_err(), "{wrong}");
    }
    assert!(identifier(IdentifierKind::AccountName, "@somebody").is_ok());
    assert!(identifier(IdentifierKind::Serial, " ").is_err());
}

fn phone(number: &str, registered: Registered) -> Device {
    let number = identifier(IdentifierKind::Number, number).unwrap();
    Device::new(DeviceKind::Phone, "black phone", vec![number], registered).unwrap()
}

#[test]
fn a_device_that_was_found_but_not_declared_is_undeclared() {
    let one = "+447700900001";
    let register =
        [phone(one, Registered::DeclaredBySubject), phone("+447700900002", Registered::Found)];
    let seen =
        ["+447700900001", "+447700900002", "+447700900003"].map(|n| phone(n, Registered::Found));
    let undeclared = undeclared(&register, &seen);
    assert_eq!(undeclared, [&seen[1], &seen[2]]);
    assert!(Device::new(DeviceKind::Phone, " ", vec![], Registered::Found).is_err());
}

#[test]
fn an_exhibit_reference_is_initials_and_a_number() {
    for good in ["AB/1", "JSM/12", "ABCD/99999", " KL/7 "] {
        assert!(ExhibitRef::parse(good).is_ok(), "{good}");
    }
    for bad in ["", "A/1", "ABCDE/1", "ab/1", "AB1", "AB/", "AB/0", "AB/01", "AB/1/2", "AB/x"] {
        assert!(ExhibitRef::parse(bad).is_err(), "{bad}");
    }
}

fn examined(answers: &[(InspectionCheck, Answer)]) -> Result<Examination, DeviceRefusal> {
    let method = ExaminationMethod::ByHand;
    Examination::new((at(TOLD), at(TOLD + 9)), Uuid::from_u128(7), method, answers, None)
}

#[test]
fn a_finding_is_suspicious_only_under_the_orders_own_rules() {
    let all: Vec<_> = InspectionCheck::ALL.iter().map(|check| (*check, Answer::Yes)).collect();
    let examination = examined(&all).unwrap();
    let suspected = |rules: &[InternetRule]| {
        assess_examination(&examination, &InternetUse::new(rules).unwrap())
    };
    assert!(suspected(&[InternetRule::MakeAvailable]).is_empty());
    assert!(suspected(&[InternetRule::RetainHistory]).is_empty(), "it does retain it");
    let found = suspected(&[InternetRule::NoDeletion, InternetRule::DeclareAccounts]);
    let checks: Vec<_> = found
        .iter()
        .map(|suspicion| match suspicion {
            Suspicion::NonCompliance { check, .. } => *check,
            Suspicion::NotEstablished { .. } => panic!("all were answered"),
        })
        .collect();
    assert_eq!(checks, [InspectionCheck::HistoryDeleted, InspectionCheck::UndeclaredAccountFound]);
}

#[test]
fn what_nobody_looked_at_is_said() {
    let rules = InternetUse::new(&[InternetRule::RetainHistory, InternetRule::NoDeletion]).unwrap();
    let answers = [(InspectionCheck::HistoryDeleted, Answer::CouldNotTell)];
    let found = assess_examination(&examined(&answers).unwrap(), &rules);
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|one| matches!(one, Suspicion::NotEstablished { .. })));
    let answers = [(InspectionCheck::RetainsHistory, Answer::No)];
    let found = assess_examination(&examined(&answers).unwrap(), &rules);
    assert!(matches!(found[0], Suspicion::NonCompliance { .. }));
}

#[test]
fn an_examination_has_an_order_of_times_and_one_answer_each() {
    let check = InspectionCheck::HistoryDeleted;
    let twice = examined(&[(check, Answer::No), (check, Answer::Yes)]);
    assert_eq!(twice, Err(DeviceRefusal::AnsweredTwice { check }));
    let method = ExaminationMethod::Extraction;
    let backwards = Examination::new((at(9), at(8)), Uuid::nil(), method, &[], None);
    assert_eq!(backwards, Err(DeviceRefusal::EndsBeforeItBegins));
}

fn some_communications() -> impl Strategy<Value = Vec<Communication>> {
    let one = (0..CommunicationMethod::ALL.len(), 0..40 * HOUR_MS, any::<bool>()).prop_map(
        |(method, ms, has_proof)| Communication {
            method: CommunicationMethod::ALL[method],
            at: at(ms),
            proof: has_proof.then(|| "signed".to_owned()),
        },
    );
    proptest::collection::vec(one, 0..5)
}

proptest! {
    #[test]
    fn nothing_is_missed_that_was_not_proved_communicated_in_time(
        communications in some_communications(),
        deadline in proptest::option::of(0..40 * HOUR_MS),
        now in 0..100 * HOUR_MS,
    ) {
        let deadline = deadline.map_or(Deadline::Forthwith, |ms| Deadline::At(at(ms)));
        let asked = request(deadline, &communications);
        let finding = assess_request(&asked, None, at(now));
        if finding.compliance == Compliance::NonCompliant {
            let known_at = asked.communicated_at().unwrap();
            prop_assert!(communications.iter().any(|told| told.is_proved() && told.at == known_at));
            prop_assert!(finding.due_at.unwrap() > known_at);
            prop_assert!(finding.due_at.unwrap() <= at(now));
        }
    }
}
