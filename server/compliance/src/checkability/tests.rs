use uuid::Uuid;

use super::*;
use crate::place::Position;
use crate::prohibition::{ApproachToPerson, ApproachToPlace};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[track_caller]
fn check(data: ConditionData<'_>, checkability: Checkability) {
    assert_eq!(data.grade().checkability, checkability, "{data:?}");
}

#[test]
fn each_kind_is_graded_by_its_data() {
    use Checkability::{ByEvent, BySchedule, OnlyByPerson};
    use ConditionData::{ExclusionZone, SignOn, Treatment};
    check(SignOn { has_schedule: true }, BySchedule);
    check(SignOn { has_schedule: false }, OnlyByPerson);
    check(Treatment { has_sessions: true }, BySchedule);
    check(Treatment { has_sessions: false }, OnlyByPerson);
    check(ConditionData::DevicePresentation, ByEvent);
    check(ConditionData::Notification, ByEvent);
    check(ExclusionZone { has_area: true, is_tagged: true }, BySchedule);
    check(ExclusionZone { has_area: true, is_tagged: false }, ByEvent);
    check(ExclusionZone { has_area: false, is_tagged: true }, OnlyByPerson);
    check(ConditionData::Other, OnlyByPerson);
}

#[test]
fn contact_needs_somebody_who_can_report_it() {
    let named = NoContact::by_any_means(&[Protected::Person(Uuid::from_u128(1))], &[]).unwrap();
    let class = Protected::class("any member of her family").unwrap();
    let unnamed = NoContact::by_any_means(&[class], &[]).unwrap();
    check(ConditionData::NoContact(&named), Checkability::ByEvent);
    check(ConditionData::NoContact(&unnamed), Checkability::OnlyByPerson);
}

#[test]
fn approach_is_never_checked_by_schedule() {
    let home = Position { latitude: 54.66, longitude: -2.75 };
    let place = NoApproach::Place(ApproachToPlace::new(home, 100.0).unwrap());
    let person = NoApproach::Person(ApproachToPerson::new(Uuid::from_u128(1), None).unwrap());
    for term in [place, person] {
        check(ConditionData::NoApproach(&term), Checkability::ByEvent);
    }
}

#[test]
fn use_of_a_device_is_checked_where_it_must_be_shown() {
    use InternetRule::{MakeAvailable, NoDeletion, NoPosts};
    let graded = |rules: &[InternetRule], checkability| {
        check(ConditionData::InternetUse(&InternetUse::new(rules).unwrap()), checkability);
    };
    graded(&[NoDeletion, MakeAvailable], Checkability::ByEvent);
    graded(&[NoPosts], Checkability::ByEvent);
    graded(&[NoDeletion], Checkability::OnlyByPerson);
    graded(&[NoPosts, NoDeletion], Checkability::OnlyByPerson);
}

#[test]
fn only_a_person_can_check_it_so_a_person_is_named() {
    let today = day("2026-11-24");
    let plan = Plan::new(" DC Airey ", day("2026-12-24"), today).unwrap();
    assert_eq!(plan.person(), "DC Airey");
    let refusal = check_plan(&ConditionData::Other, None).unwrap_err().to_string();
    assert!(refusal.contains("name the person and the day of review"), "{refusal}");
    assert!(check_plan(&ConditionData::Other, Some(&plan)).is_ok());
    assert!(check_plan(&ConditionData::Notification, None).is_ok());
    assert!(!plan.is_review_due(day("2026-12-23")));
    assert!(plan.is_review_due(day("2026-12-24")));
}

#[test]
fn a_plan_has_a_name_and_a_day_ahead_but_not_too_far() {
    let today = day("2026-11-24");
    let plan = |person: &str, on: &str| Plan::new(person, day(on), today).map(|_| ());
    assert_eq!(plan(" ", "2026-12-24"), Err(PlanRefusal::NobodyNamed));
    let refusal = plan("DC Airey", "2026-11-24").unwrap_err().to_string();
    assert!(refusal.contains("from 2026-11-25 on"), "{refusal}");
    assert_eq!(plan("DC Airey", "2026-11-25"), Ok(()));
    assert_eq!(plan("DC Airey", "2027-02-24"), Ok(()));
    let review_on = day("2027-02-25");
    assert_eq!(plan("DC Airey", "2027-02-25"), Err(PlanRefusal::ReviewTooFar { review_on }));
}
