//! Which duties follow from the facts, and until when.

use super::*;

/// Each owed duty as its code and its last day, each other as the code of its reason.
#[track_caller]
fn check(facts: NotificationFacts<'_>, owed: &[(&str, &str)], not_owed: &[&str]) {
    let found = facts.duties();
    let last_days: Vec<_> = found
        .owed
        .iter()
        .map(|duty| (duty.cause.code(), duty.deadline.last_day().to_string()))
        .collect();
    let last_days: Vec<_> = last_days.iter().map(|(code, on)| (*code, on.as_str())).collect();
    let codes: Vec<_> = found.not_owed.iter().map(|reason| reason.code).collect();
    assert_eq!((last_days.as_slice(), codes.as_slice()), (owed, not_owed));
}

#[test]
fn the_first_notification_counts_from_the_kinds_trigger() {
    check(facts(), &[("initial", "2026-12-26")], &[]);
    check(NotificationFacts { served_at: None, ..facts() }, &[], &["not-triggered"]);
    let dapo = NotificationFacts { kind: OrderKind::DAPO, served_at: None, ..facts() };
    check(dapo, &[("initial", "2026-12-24")], &[]);
    let kcpo = NotificationFacts { kind: OrderKind::KCPO, ..facts() };
    check(kcpo, &[], &["not-triggered"]);
    let takes_effect_on = Some(day("2027-02-27"));
    check(NotificationFacts { takes_effect_on, ..kcpo }, &[("initial", "2027-03-01")], &[]);
    let convicted_on = Some(day("2026-12-31"));
    let shpo = NotificationFacts { kind: OrderKind::SHPO, convicted_on, ..facts() };
    check(shpo, &[("initial", "2027-01-02")], &[]);
    check(NotificationFacts { kind: OrderKind::CBO, ..facts() }, &[], &["no-duty-by-statute"]);
}

#[test]
fn a_deadline_says_its_arithmetic_and_its_section() {
    let found = facts().duties();
    let deadline = &found.owed[0].deadline;
    assert_eq!(deadline.arithmetic, "3 days beginning with Thu 24 Dec 2026: Sat 26 Dec 23:59:59");
    assert_eq!(deadline.basis, "Stalking Protection Act 2019 s.9(1)");
}

#[test]
fn a_full_order_that_replaces_an_interim_one_asks_for_nothing_new() {
    let replaces = |kind, is_notified| NotificationFacts {
        replaces: Some(Replaced { kind, is_notified }),
        ..facts()
    };
    let says = |is_notified| {
        check(replaces(OrderKind::INTERIM, is_notified), &[], &["replaces-interim"]);
        replaces(OrderKind::INTERIM, is_notified).duties().not_owed.remove(0).says
    };
    assert!(says(Some(true)).contains(" stands "), "{}", says(Some(true)));
    assert!(says(Some(false)).ends_with("that duty stays open."), "{}", says(Some(false)));
    assert!(says(None).contains("is not known"), "{}", says(None));
    check(replaces(OrderKind::BAIL, Some(true)), &[("initial", "2026-12-26")], &[]);
    check(replaces(OrderKind::FULL, Some(true)), &[("initial", "2026-12-26")], &[]);
}

#[test]
fn an_exemption_suspends_and_its_final_day_reactivates() {
    let with = |exemption: &[Exemption], owed: &[(&str, &str)], not_owed: &[&str]| {
        check(NotificationFacts { exemptions: exemption, ..facts() }, owed, not_owed);
    };
    with(&[under_part_2("2020-01-01", None)], &[], &["exempt"]);
    let reactivated = [("exemption_ended", "2027-06-12")];
    with(&[under_part_2("2020-01-01", Some("2027-06-10"))], &reactivated, &["exempt"]);
    // Over before service; on the day of service; begun within the three days.
    let initial = [("initial", "2026-12-26")];
    with(&[under_part_2("2020-01-01", Some("2026-12-23"))], &initial, &[]);
    let same_day = [("exemption_ended", "2026-12-26")];
    with(&[under_part_2("2020-01-01", Some("2026-12-24"))], &same_day, &["exempt"]);
    with(&[under_part_2("2026-12-26", None)], &[], &["exempt"]);
    with(&[under_part_2("2026-12-27", None)], &initial, &[]);
    // Another one goes on when the first ends.
    let two = [
        under_part_2("2020-01-01", Some("2027-06-10")),
        under_part_2("2027-06-11", Some("2028-01-31")),
    ];
    with(&two, &[("exemption_ended", "2028-02-02")], &["exempt"]);
    // A regime that this kind's row does not name suspends nothing.
    let trafficking = Exemption { regime: Regime::Trafficking, ..under_part_2("2020-01-01", None) };
    with(&[trafficking], &initial, &[]);
}

#[test]
fn northern_ireland_and_domestic_abuse_orders_have_exemptions_of_their_own() {
    let trafficking =
        [Exemption { regime: Regime::Trafficking, ..under_part_2("2020-01-01", None) }];
    let ni = NotificationFacts { kind: OrderKind::FULL_NI, exemptions: &trafficking, ..facts() };
    check(ni, &[], &["exempt"]);
    let stalking =
        [Exemption { regime: Regime::StalkingProtection, ..under_part_2("2020-01-01", None) }];
    check(
        NotificationFacts { kind: OrderKind::DAPO, exemptions: &stalking, ..ni },
        &[],
        &["exempt"],
    );
}

#[test]
fn each_change_opens_a_duty_of_its_own() {
    let changes = [
        change(ChangeDuty::Name, "2027-03-26", "Jack Winter"),
        change(ChangeDuty::HomeAddress, "2027-03-27", "2 Low Road"),
        change(ChangeDuty::AwayOneMonth, "2027-05-01", "Hostel"),
        change(ChangeDuty::Name, "2026-11-01", "J. W."),
    ];
    let changed = NotificationFacts { changes: &changes, ..facts() };
    check(
        changed,
        &[("initial", "2026-12-26"), ("name", "2027-03-28"), ("home_address", "2027-03-29")],
        &["change-not-notifiable", "before-the-order"],
    );
    let exempt = [under_part_2("2027-03-01", Some("2027-03-27"))];
    check(
        NotificationFacts { exemptions: &exempt, ..changed },
        &[("initial", "2026-12-26"), ("exemption_ended", "2027-03-29")],
        &["exempt", "exempt", "change-not-notifiable", "before-the-order"],
    );
}

/// The first notification need not have named what was first used after it, on the same day.
#[test]
fn a_change_on_the_day_of_service_is_a_duty_of_its_own() {
    let changes = [change(ChangeDuty::Name, "2026-12-24", "Jack Winter")];
    let owed = [("initial", "2026-12-26"), ("name", "2026-12-26")];
    check(NotificationFacts { changes: &changes, ..facts() }, &owed, &[]);
}

#[test]
fn what_the_order_did_not_outlast_is_not_owed() {
    let ended = |at_text| NotificationFacts { ended_at: Some(at(at_text)), ..facts() };
    check(ended("2026-12-26T23:59:59Z"), &[], &["order-over"]);
    check(ended("2026-12-27T00:00:00Z"), &[("initial", "2026-12-26")], &[]);
}

#[test]
fn a_periodic_duty_counts_from_the_last_notification() {
    let shpo = NotificationFacts {
        kind: OrderKind::SHPO,
        convicted_on: Some(day("2026-12-31")),
        last_notified_on: Some(day("2027-01-02")),
        ..facts()
    };
    check(shpo, &[("initial", "2027-01-02"), ("periodic", "2028-01-02")], &[]);
    let without = NotificationFacts { has_fixed_abode: false, ..shpo };
    check(without, &[("initial", "2027-01-02"), ("periodic", "2027-01-09")], &[]);
    let full = NotificationFacts { kind: OrderKind::FULL, ..shpo };
    check(full, &[("initial", "2026-12-26")], &[]);
}
