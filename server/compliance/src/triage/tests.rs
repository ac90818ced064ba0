use super::*;
use crate::attendance::Reason;

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

fn opening(extent: Extent, says: &str) -> Opening {
    let reason = Reason { code: "station-closed", says: says.to_owned() };
    let reasons = if says.is_empty() { vec![] } else { vec![reason] };
    Opening { extent, open: vec![], reasons }
}

/// A miss about which nothing speaks for the subject.
fn miss() -> Situation {
    Situation {
        failed_at: at("2026-11-24T12:01:00Z"),
        raised_at: at("2026-11-24T12:01:00Z"),
        status: OrderStatus::InForce,
        served_at: Some(at("2026-11-02T16:00:00Z")),
        is_stayed: false,
        opening: Some(opening(Extent::Whole, "")),
        is_sign_on: true,
        whereabouts: vec![],
        records: vec![],
    }
}

#[track_caller]
fn check(situation: &Situation, check: TriageCheck, answer: TriageAnswer, says: &str) {
    let found = situation.checks().into_iter().find(|found| found.check == check).unwrap();
    assert_eq!((found.answer, found.says.as_str()), (answer, says));
}

#[test]
fn each_check_says_whether_a_person_has_to_look_and_why() {
    use TriageAnswer::{Clear, Look, NotKnown};
    let says = "On Tue 24 Nov, 12:01 the order was in force.";
    check(&miss(), TriageCheck::OrderInForce, Clear, says);
    let expired = Situation { status: OrderStatus::Expired, ..miss() };
    let says = "On Tue 24 Nov, 12:01 the order was expired.";
    check(&expired, TriageCheck::OrderInForce, Look, says);

    check(&miss(), TriageCheck::OrderServed, Clear, "It was served on Mon 2 Nov, 16:00.");
    let later = Situation { served_at: Some(at("2026-11-24T12:01:00Z")), ..miss() };
    let says = "It was served afterwards, on Tue 24 Nov, 12:01.";
    check(&later, TriageCheck::OrderServed, Look, says);
    let unserved = Situation { served_at: None, ..miss() };
    check(&unserved, TriageCheck::OrderServed, Look, "No service is on record.");

    let stayed = Situation { is_stayed: true, ..miss() };
    check(&stayed, TriageCheck::OrderStayed, Look, "A court had suspended the order.");

    let shut = opening(Extent::Closed, "On Tue 24 Nov the station is closed.");
    let shut = Situation { opening: Some(shut), ..miss() };
    check(&shut, TriageCheck::StationOpen, Look, "On Tue 24 Nov the station is closed.");
    let unknown = Situation { opening: None, ..miss() };
    let says = "When the counter was open is not on file.";
    check(&unknown, TriageCheck::StationOpen, NotKnown, says);

    let late = Situation { raised_at: at("2026-11-24T15:13:00Z"), ..miss() };
    let says = "It was raised 192 min late: this service may have been down, and phones may have \
                been unable to send.";
    check(&late, TriageCheck::ServiceUp, Look, says);
    let held = Situation { records: vec!["Late, by PC Frost.".to_owned()], ..miss() };
    check(&held, TriageCheck::Records, Look, "Late, by PC Frost.");
}

#[test]
fn nothing_on_record_about_whereabouts_is_never_shown_as_clear() {
    let found = miss().checks();
    let whereabouts = found.iter().find(|found| found.check == TriageCheck::Whereabouts).unwrap();
    assert_eq!(whereabouts.answer, TriageAnswer::NotKnown);
}

#[test]
fn what_is_no_sign_on_is_not_asked_about_a_station() {
    let other = Situation { is_sign_on: false, opening: None, ..miss() };
    let checks: Vec<TriageCheck> = other.checks().into_iter().map(|found| found.check).collect();
    let expected = [
        TriageCheck::OrderInForce,
        TriageCheck::OrderServed,
        TriageCheck::OrderStayed,
        TriageCheck::Whereabouts,
        TriageCheck::ServiceUp,
    ];
    assert_eq!(checks, expected);
}
