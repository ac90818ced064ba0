use proptest::prelude::*;

use super::*;
use crate::instant::Instant;
use crate::place::Fix;
use crate::zone::ZoneVerdict;

const HOME: Position = Position { latitude: 54.66, longitude: -2.75 };

fn person(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn solicitor() -> ContactException {
    ContactException::new(PermittedContact::ThroughSolicitor, "save through solicitors").unwrap()
}

#[test]
fn contact_is_read_by_person_channel_and_way() {
    let named = [Protected::Person(person(1))];
    let term = NoContact::new(&named, &[Channel::Telephone, Channel::Email], false, &[]).unwrap();
    let read = |who, channel, is_indirect| term.read(person(who), channel, is_indirect);
    assert_eq!(read(1, Channel::Email, false), ContactReading::Forbidden);
    assert_eq!(read(2, Channel::Email, false), ContactReading::NotForbidden);
    assert_eq!(read(1, Channel::Post, false), ContactReading::NotForbidden);
    assert_eq!(read(1, Channel::Email, true), ContactReading::NotForbidden);
}

#[test]
fn by_any_means_reaches_through_third_parties() {
    let term = NoContact::by_any_means(&[Protected::Person(person(1))], &[]).unwrap();
    for channel in Channel::ALL {
        assert_eq!(term.read(person(1), *channel, true), ContactReading::Forbidden);
    }
}

#[test]
fn exceptions_and_classes_are_for_a_person_to_read() {
    let protected =
        [Protected::Person(person(1)), Protected::class("any member of her family").unwrap()];
    let term = NoContact::by_any_means(&protected, &[solicitor()]).unwrap();
    let read = |who| term.read(person(who), Channel::Post, false);
    assert_eq!(read(1), ContactReading::UnlessExcepted(&[solicitor()]));
    assert_eq!(read(2), ContactReading::MayBeOfClass);
}

#[test]
fn a_term_without_people_means_or_words_is_refused() {
    let named = [Protected::Person(person(1))];
    let refused = |term: Result<NoContact, _>| term.unwrap_err();
    assert_eq!(refused(NoContact::by_any_means(&[], &[])), ProhibitionRefusal::NobodyProtected);
    assert_eq!(refused(NoContact::new(&named, &[], true, &[])), ProhibitionRefusal::NoChannel);
    assert!(Protected::class("   ").is_err());
    assert!(ContactException::new(PermittedContact::Other, "").is_err());
    assert!(ContactException::new(PermittedContact::Other, &"x".repeat(501)).is_err());
}

#[test]
fn a_place_not_to_approach_becomes_a_circle() {
    let term = ApproachToPlace::new(HOME, 100.0).unwrap();
    let zone = term.zone(50.0).unwrap();
    let verdict = |north_deg: f64| {
        let position = Position { latitude: HOME.latitude + north_deg, ..HOME };
        zone.judge(Some(Fix { position, accuracy_m: 5.0 }), Instant::from_ms(0)).verdict
    };
    assert_eq!(verdict(0.0), ZoneVerdict::Inside);
    assert_eq!(verdict(0.0011), ZoneVerdict::Buffer);
    assert_eq!(verdict(0.002), ZoneVerdict::Outside);
}

#[test]
fn a_distance_out_of_range_or_a_place_off_the_map_is_refused() {
    for distance_m in [0.0, -1.0, f64::NAN, 6_000.0] {
        assert!(ApproachToPlace::new(HOME, distance_m).is_err(), "{distance_m}");
        assert!(ApproachToPerson::new(person(1), Some(distance_m)).is_err(), "{distance_m}");
    }
    assert!(ApproachToPerson::new(person(1), None).is_ok());
    let nowhere = Position { latitude: 95.0, longitude: 0.0 };
    let refusal = ApproachToPlace::new(nowhere, 100.0).unwrap_err().to_string();
    assert!(refusal.contains("longitude before latitude"), "{refusal}");
}

#[test]
fn a_ban_on_all_devices_leaves_no_use_to_regulate() {
    use InternetRule::{MakeAvailable, NoDeletion, NoInternetDevice, RetainHistory};
    assert!(InternetUse::new(&[RetainHistory, NoDeletion, MakeAvailable]).is_ok());
    assert!(InternetUse::new(&[NoInternetDevice, MakeAvailable]).is_ok());
    let refusal = InternetUse::new(&[NoDeletion, NoInternetDevice]).unwrap_err();
    assert_eq!(refusal, ProhibitionRefusal::RuleWithoutUse { rule: NoDeletion });
    assert_eq!(InternetUse::new(&[]), Err(ProhibitionRefusal::NoRule));
    let twice = InternetUse::new(&[NoDeletion, RetainHistory, NoDeletion]).unwrap_err();
    assert_eq!(twice, ProhibitionRefusal::RuleTwice { rule: NoDeletion });
}

proptest! {
    #[test]
    fn only_a_person_whom_the_term_names_is_ever_plainly_forbidden(
        named in proptest::collection::vec(0_u128..5, 1..4),
        who in 0_u128..6,
        channel in 0..Channel::ALL.len(),
        is_indirect: bool,
        reaches: bool,
    ) {
        let protected: Vec<_> = named.iter().map(|n| Protected::Person(person(*n))).collect();
        let channels = &Channel::ALL[..4];
        let term = NoContact::new(&protected, channels, reaches, &[]).unwrap();
        let channel = Channel::ALL[channel];
        let is_forbidden =
            term.read(person(who), channel, is_indirect) == ContactReading::Forbidden;
        prop_assert_eq!(
            is_forbidden,
            named.contains(&who) && channels.contains(&channel) && (reaches || !is_indirect)
        );
    }
}
