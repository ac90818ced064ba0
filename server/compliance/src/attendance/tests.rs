use super::*;
use proptest::prelude::*;

const OPENS: i64 = 10 * HOUR_MS;
const CLOSES: i64 = 12 * HOUR_MS + MINUTE_MS;

fn duty() -> Duty {
    let window = Window { opens_at: Instant::from_ms(OPENS), closes_at: Instant::from_ms(CLOSES) };
    Duty { window, early_from: None }
}

fn at(ms: i64) -> Attendance {
    let now = Instant::from_ms(ms);
    Attendance {
        time: TrueTime::bound(now, Some(now), now),
        received_at: now,
        beacon: BeaconSays::Absent,
        station: StationMatch::Named,
        place: Place::NotStated,
        identity: IdentityResult::Match,
    }
}

#[track_caller]
fn check(attendance: Attendance, outcome: Outcome, compliance: Compliance) {
    let finding = duty().assess(&attendance);
    assert_eq!((finding.outcome, finding.compliance), (outcome, compliance), "{finding:?}");
}

#[test]
fn the_window_is_judged_to_the_millisecond() {
    check(at(OPENS - 1), Outcome::Early, Compliance::NonCompliant);
    check(at(OPENS), Outcome::OnTime, Compliance::Compliant);
    check(at(CLOSES - 1), Outcome::OnTime, Compliance::Compliant);
    check(at(CLOSES), Outcome::Indeterminate, Compliance::AwaitingEvidence);
    check(at(CLOSES + TRAVEL_MS), Outcome::Late, Compliance::NonCompliant);
}

#[test]
fn early_complies_only_when_the_order_says_by() {
    let by = Duty { early_from: Some(Instant::from_ms(OPENS - 2 * HOUR_MS)), ..duty() };
    assert!(by.assess(&at(OPENS - HOUR_MS)).fulfils());
    assert!(!by.assess(&at(OPENS - 3 * HOUR_MS)).fulfils(), "another day is not by the time");
    assert!(!duty().assess(&at(OPENS - HOUR_MS)).fulfils());
}

#[test]
fn who_came_outweighs_where_and_where_outweighs_when() {
    let stranger = Attendance {
        identity: IdentityResult::NoMatch,
        station: StationMatch::Other,
        ..at(OPENS - 1)
    };
    check(stranger, Outcome::WrongPerson, Compliance::AwaitingEvidence);
    let elsewhere = Attendance { station: StationMatch::Other, ..at(OPENS - 1) };
    check(elsewhere, Outcome::WrongPlace, Compliance::AwaitingEvidence);
    let far = Attendance { place: Place::Outside { distance_m: 4200.0 }, ..at(OPENS) };
    check(far, Outcome::WrongPlace, Compliance::AwaitingEvidence);
    let unchecked = Attendance { identity: IdentityResult::NotChecked, ..at(OPENS) };
    check(unchecked, Outcome::IdentityNotChecked, Compliance::AwaitingEvidence);
}

#[test]
fn an_allowed_station_and_an_inaccurate_fix_do_not_stand_against_the_officer() {
    let alternate = Attendance { station: StationMatch::Alternate, ..at(OPENS) };
    check(alternate, Outcome::OnTime, Compliance::Compliant);
    let vague = Attendance { place: Place::Uncertain { distance_m: 300.0 }, ..at(OPENS) };
    check(vague, Outcome::OnTime, Compliance::Compliant);
}

#[test]
fn a_concern_about_identity_fulfils_provisionally() {
    let concern = Attendance { identity: IdentityResult::MatchWithConcern, ..at(OPENS) };
    let finding = duty().assess(&concern);
    assert!(finding.fulfils());
    assert_eq!(finding.certainty, Certainty::Provisional);
}

#[test]
fn a_record_held_without_signal_is_judged_by_when_it_was_made_whatever_the_clock_said() {
    let wrong_by_ms = 3 * HOUR_MS;
    let made = Instant::from_ms(OPENS + wrong_by_ms);
    let sent = Instant::from_ms(CLOSES + HOUR_MS + wrong_by_ms);
    let received_at = Instant::from_ms(CLOSES + HOUR_MS);
    let time = TrueTime::bound(made, Some(sent), received_at);
    check(Attendance { time, received_at, ..at(0) }, Outcome::OnTime, Compliance::Compliant);
}

#[test]
fn a_record_held_longer_than_twelve_hours_needs_a_second_look() {
    let received_at = Instant::from_ms(OPENS + HELD_MS_MAX + MINUTE_MS);
    let time = TrueTime::bound(Instant::from_ms(OPENS), Some(received_at), received_at);
    let held = Attendance { time, received_at, ..at(0) };
    check(held, Outcome::OnTime, Compliance::AwaitingEvidence);
}

#[test]
fn a_phone_that_hides_its_clock_is_believed_only_on_the_spot() {
    let received_at = Instant::from_ms(CLOSES + HOUR_MS);
    let time = TrueTime::bound(Instant::from_ms(OPENS), None, received_at);
    let late = Attendance { time, received_at, ..at(0) };
    check(late, Outcome::Indeterminate, Compliance::AwaitingEvidence);
    let received_at = Instant::from_ms(OPENS + MINUTE_MS);
    let time = TrueTime::bound(Instant::from_ms(OPENS), None, received_at);
    let live = Attendance { time, received_at, ..at(0) };
    check(live, Outcome::OnTime, Compliance::Compliant);
}

fn time(earliest: i64, latest: i64) -> TrueTime {
    TrueTime { earliest_at: Instant::from_ms(earliest), latest_at: Instant::from_ms(latest) }
}

#[test]
fn a_record_is_made_after_the_time_that_the_service_had_told_the_phone() {
    const RECEIVED: i64 = CLOSES + HOUR_MS;
    let received_at = Instant::from_ms(RECEIVED);
    let by_clock = time(OPENS, OPENS + TRAVEL_MS);
    let at = |ms| Beacon::At(Instant::from_ms(ms));
    let most = OPENS + TRAVEL_MS + BEACON_MARGIN_MS;
    let rows = [
        (Beacon::Absent, by_clock, BeaconSays::Absent),
        (Beacon::NotOurs, by_clock, BeaconSays::NotOurs),
        (at(OPENS - HOUR_MS), by_clock, BeaconSays::Agrees),
        (at(OPENS + 1), time(OPENS + 1, OPENS + TRAVEL_MS), BeaconSays::Agrees),
        (at(most), time(OPENS + TRAVEL_MS, OPENS + TRAVEL_MS), BeaconSays::Agrees),
        (at(most + 1), time(most + 1, RECEIVED), BeaconSays::Overrides),
        (at(RECEIVED + 1), time(RECEIVED, RECEIVED), BeaconSays::Overrides),
    ];
    for (beacon, bounded, says) in rows {
        assert_eq!(by_clock.after(beacon, received_at), (bounded, says), "{beacon:?}");
    }
}

/// An attendance is not refused for its time: what the clocks leave open, a person decides.
#[test]
fn a_clock_that_was_set_back_does_not_put_an_attendance_into_the_window() {
    let received_at = Instant::from_ms(CLOSES + HOUR_MS);
    let set_back = time(OPENS, OPENS + TRAVEL_MS);
    let judged = |told_at: i64| {
        let beacon = Beacon::At(Instant::from_ms(told_at));
        let (time, beacon) = set_back.after(beacon, received_at);
        let attendance = Attendance { time, received_at, beacon, ..at(0) };
        let finding = duty().assess(&attendance);
        let codes: Vec<_> = finding.reasons.iter().map(|reason| reason.code).collect();
        (finding.outcome, codes)
    };
    assert_eq!(judged(OPENS - 1), (Outcome::OnTime, vec!["within-window"]));
    let open = (Outcome::Indeterminate, vec!["clock-before-beacon", "time-uncertain"]);
    assert_eq!(judged(CLOSES - MINUTE_MS), open);
    assert_eq!(judged(CLOSES), (Outcome::Late, vec!["clock-before-beacon", "after-closing"]));
}

proptest! {
    /// However wrong the clock of an honest phone is, it goes on as it goes.
    #[test]
    fn an_honest_phone_is_never_contradicted(
        told in 0..24 * HOUR_MS,
        later in 0..HOUR_MS,
        held in 0..HOUR_MS,
        wrong_by in -30 * HOUR_MS..30 * HOUR_MS,
    ) {
        let made = told + later;
        let received_at = Instant::from_ms(made + held);
        let clock = |ms: i64| Instant::from_ms(ms + wrong_by);
        let by_clocks = TrueTime::bound(clock(made), Some(clock(made + held)), received_at);
        let (time, says) = by_clocks.after(Beacon::At(Instant::from_ms(told)), received_at);
        prop_assert_eq!(says, BeaconSays::Agrees);
        prop_assert!(time.earliest_at.ms() >= told && time.latest_at == by_clocks.latest_at);
    }

    #[test]
    fn a_bounded_time_lies_between_the_beacon_and_the_receipt(
        attended in 0..24 * HOUR_MS,
        clock in proptest::option::of(0..24 * HOUR_MS),
        told in 0..24 * HOUR_MS,
        received in 0..24 * HOUR_MS,
    ) {
        let received_at = Instant::from_ms(received);
        let attended_at = Instant::from_ms(attended);
        let by_clocks = TrueTime::bound(attended_at, clock.map(Instant::from_ms), received_at);
        let (time, _) = by_clocks.after(Beacon::At(Instant::from_ms(told)), received_at);
        prop_assert!(time.earliest_at <= time.latest_at && time.latest_at <= received_at);
        prop_assert!(time.earliest_at.ms() >= told.min(received) - BEACON_MARGIN_MS);
    }

    #[test]
    fn a_wrong_phone_clock_never_changes_a_finding(
        attended in 0..24 * HOUR_MS,
        held in 0..HOUR_MS,
        wrong_by in -30 * HOUR_MS..30 * HOUR_MS,
    ) {
        let received_at = Instant::from_ms(attended + held);
        let judged = |wrong_by: i64| {
            let made = Instant::from_ms(attended + wrong_by);
            let time = TrueTime::bound(made, Some(received_at + wrong_by), received_at);
            duty().assess(&Attendance { time, received_at, ..at(0) })
        };
        prop_assert_eq!(judged(0), judged(wrong_by));
    }

    #[test]
    fn only_a_possible_attendance_inside_the_window_fulfils(
        attended in 0..24 * HOUR_MS,
        clock in proptest::option::of(0..24 * HOUR_MS),
        received in 0..24 * HOUR_MS,
    ) {
        let received_at = Instant::from_ms(received);
        let time = TrueTime::bound(
            Instant::from_ms(attended),
            clock.map(Instant::from_ms),
            received_at,
        );
        prop_assert!(time.earliest_at <= time.latest_at);
        prop_assert!(time.latest_at <= received_at);
        if duty().assess(&Attendance { time, received_at, ..at(0) }).fulfils() {
            prop_assert!(duty().window.contains(time.latest_at));
        }
    }
}
