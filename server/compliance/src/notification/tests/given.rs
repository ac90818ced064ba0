//! What a notification that was given means.

use super::*;
use crate::instant::DAY_MS;
use crate::notification::given::*;

fn given<'a>(given_at: &str, names: &'a [String]) -> Given<'a> {
    Given {
        given_at: at(given_at),
        manner: Manner::OralInPerson,
        is_at_police_station: true,
        is_local_police_area: true,
        taken_by: TakenBy::AuthorisedPerson,
        names,
        address: Some("1 High Street, Penrith"),
        receipt_number: Some("N-0001"),
    }
}

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|name| (*name).to_owned()).collect()
}

fn initial() -> NotificationDuty {
    facts().duties().owed.remove(0)
}

#[track_caller]
fn check(duty: &NotificationDuty, given: Given<'_>, standing: Standing, codes: &[&str]) {
    let found = duty.judge(&given);
    let reasons: Vec<_> = found.reasons.iter().map(|reason| reason.code).collect();
    assert_eq!((found.standing, reasons.as_slice()), (standing, codes));
}

#[test]
fn a_notification_is_in_time_to_the_last_second_of_the_third_day() {
    let names = names(&["John Winter"]);
    let on = |text| given(text, &names);
    check(&initial(), on("2026-12-24T17:00:00Z"), Standing::Complied, &[]);
    check(&initial(), on("2026-12-26T23:59:59.999Z"), Standing::Complied, &[]);
    check(&initial(), on("2026-12-27T00:00:00Z"), Standing::Late, &["after-deadline"]);
    check(&initial(), on("2026-12-24T16:59:59Z"), Standing::Invalid, &["before-the-duty"]);
}

#[test]
fn only_attending_and_saying_it_to_the_right_person_in_the_right_place_counts() {
    let names = names(&["John Winter"]);
    let good = given("2026-12-25T10:00:00Z", &names);
    let rows = [
        (Given { manner: Manner::Phone, ..good }, "not-oral-in-person"),
        (Given { manner: Manner::WrittenInPerson, ..good }, "not-oral-in-person"),
        (Given { is_at_police_station: false, ..good }, "not-at-police-station"),
        (Given { is_local_police_area: false, ..good }, "wrong-police-area"),
        (Given { taken_by: TakenBy::Unauthorised, ..good }, "taken-by-unauthorised"),
        (Given { names: &[], ..good }, "no-name"),
        (Given { address: Some(" "), ..good }, "no-address"),
    ];
    for (given, code) in rows {
        check(&initial(), given, Standing::Invalid, &[code]);
    }
    let all = Given { manner: Manner::Online, is_at_police_station: false, address: None, ..good };
    let codes = ["not-oral-in-person", "not-at-police-station", "no-address"];
    check(&initial(), all, Standing::Invalid, &codes);
    let officer = Given { taken_by: TakenBy::Officer, ..good };
    check(&initial(), officer, Standing::Complied, &[]);
}

#[test]
fn a_receipt_that_the_police_forgot_is_not_the_subjects_failure() {
    let names = names(&["John Winter"]);
    let good = given("2026-12-25T10:00:00Z", &names);
    let unacknowledged = Given { receipt_number: None, ..good };
    check(&initial(), unacknowledged, Standing::Complied, &["not-acknowledged"]);
}

#[test]
fn a_change_is_told_by_what_changed_and_may_be_told_before() {
    let changes = [
        change(ChangeDuty::Name, "2027-03-26", "Jack  WINTER"),
        change(ChangeDuty::HomeAddress, "2027-03-27", "2 Low Road"),
    ];
    let duties = NotificationFacts { changes: &changes, ..facts() }.duties().owed;
    let (name, address) = (&duties[1], &duties[2]);
    let both = names(&["John Winter", "jack winter"]);
    let old = names(&["John Winter"]);
    let without_address = Given { address: None, ..given("2027-03-20T10:00:00Z", &both) };
    check(name, without_address, Standing::Complied, &[]);
    check(name, given("2027-03-26T10:00:00Z", &old), Standing::Invalid, &["name-not-told"]);
    check(address, given("2027-03-20T10:00:00Z", &[]), Standing::Complied, &[]);
    check(address, without_address, Standing::Invalid, &["no-address"]);
    // British Summer Time begins on the last day of the address's period.
    check(address, given("2027-03-29T22:59:59Z", &[]), Standing::Complied, &[]);
    check(address, given("2027-03-29T23:00:00Z", &[]), Standing::Late, &["after-deadline"]);
}

#[test]
fn a_duty_is_open_then_failed_until_cured_and_stays_late() {
    let names = names(&["John Winter"]);
    let duty = initial();
    let phoned = Given { manner: Manner::Phone, ..given("2026-12-25T10:00:00Z", &names) };
    let late = given("2026-12-28T10:00:00Z", &names);
    let state = |given: &[Given<'_>], now: &str| {
        let settled = duty.settle(given, at(now));
        (settled.state, settled.suspected.map(|offence| offence.code))
    };
    let open = (DutyState::Open, None);
    assert_eq!(state(&[phoned, late], "2026-12-26T23:59:59.999Z"), open);
    let failed = (DutyState::Failed, Some("ST19002"));
    assert_eq!(state(&[phoned, late], "2026-12-27T00:00:00Z"), failed);
    let cured = (DutyState::Late, Some("ST19002"));
    assert_eq!(state(&[phoned, late], "2026-12-28T10:00:00Z"), cured);
    let good = given("2026-12-26T10:00:00Z", &names);
    assert_eq!(state(&[late, good], "2026-12-29T10:00:00Z"), (DutyState::Complied, None));
}

#[test]
fn each_failure_suggests_its_offence() {
    let changes = [
        change(ChangeDuty::Name, "2027-03-26", "Jack Winter"),
        change(ChangeDuty::HomeAddress, "2027-03-27", "2 Low Road"),
    ];
    let duties = NotificationFacts { changes: &changes, ..facts() }.duties().owed;
    let codes: Vec<_> = duties.iter().map(|duty| duty.offence().unwrap().code).collect();
    assert_eq!(codes, ["ST19002", "ST19003", "ST19004"]);
    let kcpo = NotificationFacts {
        kind: OrderKind::KCPO,
        takes_effect_on: Some(day("2027-01-01")),
        ..facts()
    };
    assert_eq!(kcpo.duties().owed[0].offence(), None, "its code is not confirmed");
}

#[test]
fn only_a_refusal_of_fingerprints_suggests_an_offence() {
    let request = |answer| {
        let requested_at = Instant::from_ms(DAY_MS);
        let request = IdentityRequest { requested_at, asked: IdentityAsked::Both, answer };
        request.suspected(OrderKind::INTERIM).map(|offence| offence.code)
    };
    assert_eq!(request(None), None);
    assert_eq!(request(Some(IdentityAnswer::Complied)), None);
    assert_eq!(request(Some(IdentityAnswer::Refused)), Some("ST19005"));
}

#[test]
fn without_a_home_in_england_and_wales_the_court_decides_the_area() {
    assert_eq!(local_police_area(Some("03"), "04"), "03");
    assert_eq!(local_police_area(None, "04"), "04");
}

#[test]
fn silence_from_long_before_the_order_was_put_on_file_is_not_known_and_nobodys_failure() {
    let names = names(&["John Winter"]);
    // The period is over with the 26th.
    let filed = |filed_at: &str, given: &[Given<'_>]| {
        let settled = initial().settle_filed(given, at("2027-02-01T00:00:00Z"), at(filed_at));
        (settled.state, settled.suspected.is_some())
    };
    assert_eq!(filed("2026-12-24T18:00:00Z", &[]), (DutyState::Failed, true));
    assert_eq!(filed("2027-01-03T00:00:00Z", &[]), (DutyState::Failed, true));
    assert_eq!(filed("2027-01-03T00:00:00.001Z", &[]), (DutyState::NotKnown, false));
    let late = given("2027-01-20T10:00:00Z", &names);
    assert_eq!(filed("2027-01-31T00:00:00Z", &[late]), (DutyState::Late, true));
    let by_phone = Given { manner: Manner::Phone, ..late };
    assert_eq!(filed("2027-01-31T00:00:00Z", &[by_phone]), (DutyState::Failed, true));
    let in_time = given("2026-12-25T10:00:00Z", &names);
    assert_eq!(filed("2027-01-31T00:00:00Z", &[in_time]), (DutyState::Complied, false));
}
