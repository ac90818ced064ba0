use proptest::prelude::*;

use super::*;
use crate::alert::{AlertCloseReason, AlertKind};
use crate::attendance::{Compliance, IdentityResult, Outcome, StationMatch, TrueTime};
use crate::holidays::Division;
use crate::instant::{HOUR_MS, MINUTE_MS};
use crate::place::Place;
use crate::sealed_record::BeaconSays;
use crate::status_period::Whereabouts;
use crate::window::Window;
use crate::word::Word;

const OPENS: i64 = 100 * HOUR_MS;
const CLOSES: i64 = 102 * HOUR_MS + MINUTE_MS;
const FOREVER: Instant = Instant::from_ms(1_000 * HOUR_MS);

fn at(ms: i64) -> Instant {
    Instant::from_ms(ms)
}

fn known<T>(id: u32, from: i64, what: T) -> Known<u32, T> {
    Known { id, from: at(from), until: None, what }
}

fn case() -> Case<u32> {
    let window = Window { opens_at: at(OPENS), closes_at: at(CLOSES) };
    Case {
        duty: Duty { window, early_from: None },
        version: known(1, 0, 1),
        services: vec![known(2, 0, at(1))],
        removals: Vec::new(),
        records: Vec::new(),
        looked_at: Vec::new(),
        periods: Vec::new(),
        appeals: Vec::new(),
        decisions: Vec::new(),
        hours: None,
        closures: Vec::new(),
    }
}

/// Made at one time, received at another.
fn record(id: u32, made: i64, received: i64) -> Known<u32, Record<u32>> {
    let (made, received_at) = (at(made), at(received));
    let attendance = Attendance {
        time: TrueTime::bound(made, Some(received_at), received_at),
        received_at,
        beacon: BeaconSays::Absent,
        station: StationMatch::Named,
        place: Place::NotStated,
        identity: IdentityResult::Match,
    };
    known(id, received, Record { attendance, settled: false, replaced_by: None })
}

fn holidays() -> Holidays {
    Holidays::shipped(Division::EnglandAndWales)
}

fn standing(case: &Case<u32>, ms: i64) -> DutyStanding {
    case.verdict(Policy::IN_FORCE, at(ms), &holidays()).standing
}

fn warnings(case: &Case<u32>, policy: Policy) -> Vec<(AlertKind, i64, Option<AlertCloseReason>)> {
    let of = |it: Warning<u32>| (it.kind, it.raised_at.ms(), it.closed.map(|closed| closed.why));
    let replayed = replay(case, policy, FOREVER, &holidays());
    replayed.warnings.into_iter().map(of).collect()
}

#[test]
fn a_late_record_of_an_attendance_in_time_is_a_miss_then_and_met_now() {
    let late = CLOSES + 3 * HOUR_MS;
    let case = Case { records: vec![record(9, OPENS + HOUR_MS, late)], ..case() };

    assert_eq!(standing(&case, CLOSES - 1), DutyStanding::Pending);
    assert_eq!(standing(&case, late - 1), DutyStanding::Missed);
    assert_eq!(standing(&case, late), DutyStanding::Fulfilled);
    let now = case.verdict(Policy::IN_FORCE, at(late), &holidays());
    assert_eq!(now.fulfilled_by, Some(9));
    assert_eq!(now.finding.unwrap().compliance, Compliance::Compliant);
    assert_eq!(
        warnings(&case, Policy::IN_FORCE),
        [
            (AlertKind::MissedSignOn, CLOSES, Some(AlertCloseReason::AttendanceFound)),
            (AlertKind::HeldOnPhone, late, None),
        ]
    );
}

#[test]
fn a_duty_stands_by_what_was_known_of_order_service_and_end() {
    let mut unserved = case();
    unserved.services = vec![known(2, CLOSES + HOUR_MS, at(1))];
    assert_eq!(standing(&unserved, CLOSES), DutyStanding::NotServed);
    let mut varied = case();
    varied.removals = vec![known(3, OPENS, CancelReason::OrderVaried)];
    assert_eq!(standing(&varied, OPENS - 1), DutyStanding::Pending);
    assert_eq!(standing(&varied, OPENS), DutyStanding::NotAskedFor);
    let mut ended = case();
    ended.removals =
        vec![Known { until: Some(at(CLOSES + 5)), ..known(3, OPENS, CancelReason::OrderEnded) }];
    assert_eq!(standing(&ended, CLOSES + 4), DutyStanding::NotAskedFor);
    assert_eq!(standing(&ended, CLOSES + 5), DutyStanding::Missed);
    let mut too_late = case();
    too_late.removals = vec![known(3, CLOSES + 1, CancelReason::OrderVaried)];
    assert_eq!(standing(&too_late, CLOSES + 2), DutyStanding::Missed, "it was missed before");
    let later = Case { version: known(1, CLOSES + HOUR_MS, 1), ..case() };
    assert_eq!(standing(&later, CLOSES), DutyStanding::NotOnFile);
    assert_eq!(standing(&later, CLOSES + HOUR_MS), DutyStanding::Missed);
}

#[test]
fn a_service_called_a_mistake_takes_the_miss_away() {
    let mut served = case();
    served.services = vec![Known { until: Some(at(CLOSES + 9)), ..known(2, 0, at(1)) }];
    assert_eq!(standing(&served, CLOSES + 8), DutyStanding::Missed);
    assert_eq!(standing(&served, CLOSES + 9), DutyStanding::NotServed);
    let closed = warnings(&served, Policy::IN_FORCE);
    assert_eq!(closed, [(AlertKind::MissedSignOn, CLOSES, Some(AlertCloseReason::EnteredInError))]);
}

#[test]
fn a_mistake_gives_the_duty_to_the_next_record_to_its_replacement_or_back() {
    let wrong = |until, by| {
        let mut wrong = record(9, OPENS, OPENS);
        wrong.until = Some(at(until));
        wrong.what.replaced_by = by;
        wrong
    };
    let gone = OPENS + HOUR_MS;
    let back = Case { records: vec![wrong(gone, None)], ..case() };
    assert_eq!(standing(&back, gone - 1), DutyStanding::Fulfilled);
    assert_eq!(standing(&back, gone), DutyStanding::Pending);
    assert_eq!(standing(&back, CLOSES), DutyStanding::Missed);
    let two = vec![wrong(gone, None), record(10, OPENS + 1, OPENS + 1)];
    let next = Case { records: two, ..case() };
    let found = next.verdict(Policy::IN_FORCE, at(gone), &holidays());
    assert_eq!(found.fulfilled_by, Some(10));
    let replaced = vec![wrong(gone, Some(10)), record(10, OPENS + 1, gone)];
    let mut replaced = Case { records: replaced, ..case() };
    replaced.removals = vec![known(3, OPENS + 1, CancelReason::OrderVaried)];
    assert_eq!(standing(&replaced, gone), DutyStanding::Fulfilled, "as it was before");
    replaced.records.truncate(1);
    assert_eq!(standing(&replaced, gone), DutyStanding::NotAskedFor);
}

#[test]
fn a_record_that_is_called_a_mistake_at_once_counts_for_nothing() {
    let mut brief = record(9, OPENS, OPENS);
    brief.until = Some(at(OPENS));
    let case = Case { records: vec![brief], ..case() };
    assert_eq!(standing(&case, OPENS), DutyStanding::Pending);
}

#[test]
fn grace_puts_off_the_miss_and_takes_in_who_came_in_it() {
    let grace = Policy { grace_ms: 10 * MINUTE_MS, early_ms: 0 };
    assert_eq!(
        warnings(&case(), grace),
        [(AlertKind::MissedSignOn, CLOSES + 10 * MINUTE_MS, None)]
    );
    let came = CLOSES + 7 * MINUTE_MS;
    let late = Case { records: vec![record(9, came, came)], ..case() };
    assert_eq!(
        warnings(&late, Policy::IN_FORCE),
        [(AlertKind::MissedSignOn, CLOSES, None), (AlertKind::AttendedLate, came, None)]
    );
    assert_eq!(warnings(&late, grace), []);
    let early = Policy { grace_ms: 0, early_ms: 10 * MINUTE_MS };
    let came = OPENS - 7 * MINUTE_MS;
    let soon = Case { records: vec![record(9, came, came)], ..case() };
    assert_eq!(warnings(&soon, Policy::IN_FORCE).len(), 2);
    assert_eq!(warnings(&soon, early), []);
}

#[test]
fn a_service_that_did_not_look_is_replayed_as_it_was() {
    let found = CLOSES + 3 * HOUR_MS;
    let outage = Case { looked_at: vec![at(found)], ..case() };
    assert_eq!(standing(&outage, found - 1), DutyStanding::Pending);
    assert_eq!(warnings(&outage, Policy::IN_FORCE), [(AlertKind::MissedSignOn, found, None)]);
    let mut settled = record(9, OPENS, CLOSES + HOUR_MS);
    settled.what.settled = true;
    let quiet = Case { records: vec![settled], ..case() };
    assert_eq!(warnings(&quiet, Policy::IN_FORCE), [], "it came before anybody looked");
}

#[test]
fn custody_that_was_a_mistake_is_put_to_people_again() {
    let custody = StatusPeriod::new(
        Whereabouts::Custody,
        at(OPENS - 1),
        Some(at(CLOSES + 1)),
        "custody record",
    );
    let mut held = case();
    let until = Some(at(CLOSES + HOUR_MS));
    held.periods = vec![Known { until, ..known(4, 0, custody.unwrap()) }];
    let then = replay(&held, Policy::IN_FORCE, at(CLOSES), &holidays());
    assert_eq!(then.warnings[0].kind, AlertKind::MissedSignOnToVerify);
    assert_eq!(
        warnings(&held, Policy::IN_FORCE),
        [(AlertKind::MissedSignOn, CLOSES + HOUR_MS, None)]
    );
    let verdict = held.verdict(Policy::IN_FORCE, at(CLOSES), &holidays());
    let line = verdict.lines.iter().find(|line| line.step.rule == "status_period").unwrap();
    assert_eq!(line.facts, [4]);
    assert!(line.step.says.contains("in custody"), "{line:?}");
}

/// In custody, as is found out an hour after the miss.
fn found_in_custody_later() -> Case<u32> {
    let (from, until) = (at(OPENS - 1), Some(at(CLOSES + 1)));
    let custody = StatusPeriod::new(Whereabouts::Custody, from, until, "custody record").unwrap();
    Case { periods: vec![known(4, CLOSES + HOUR_MS, custody)], ..case() }
}

#[test]
fn only_a_mistake_about_a_stay_of_the_window_has_its_miss_judged_anew() {
    let gone = CLOSES + 2 * HOUR_MS;
    let raised_again = |case: &Case<u32>| {
        let raised = warnings(case, Policy::IN_FORCE);
        raised != [(AlertKind::MissedSignOn, CLOSES, None)]
    };
    let lodged = |stayed_from: Option<i64>| Case {
        appeals: vec![Known {
            until: Some(at(gone)),
            ..known(5, OPENS, Lodged { lodged_at: at(OPENS), stayed_from: stayed_from.map(at) })
        }],
        ..found_in_custody_later()
    };
    assert!(!raised_again(&lodged(None)), "nobody had suspended anything");
    assert!(!raised_again(&lodged(Some(CLOSES))), "it was suspended after the window");
    assert!(raised_again(&lodged(Some(CLOSES - 1))));
    let decided = |decided_at: i64| Case {
        decisions: vec![Known { until: Some(at(gone)), ..known(6, OPENS, (5, at(decided_at))) }],
        ..found_in_custody_later()
    };
    assert!(!raised_again(&decided(CLOSES)), "it was decided after the window");
    assert!(raised_again(&decided(CLOSES - 1)));
}

#[test]
fn a_miss_that_is_judged_anew_was_noticed_when_it_was() {
    let custody = found_in_custody_later().periods.remove(0);
    let mut held = case();
    let until = Some(at(CLOSES + HOUR_MS));
    held.periods = vec![Known { from: at(0), until, ..custody }];
    let anew = held.verdict(Policy::IN_FORCE, at(CLOSES + HOUR_MS), &holidays());
    let codes: Vec<_> = anew.finding.unwrap().reasons.iter().map(|reason| reason.code).collect();
    assert_eq!(codes, ["closed-without-attendance"], "the service was watching");
    // What says the same as before is not raised again.
    held.appeals = vec![Known {
        until: Some(at(CLOSES + 2 * HOUR_MS)),
        ..known(5, 0, Lodged { lodged_at: at(1), stayed_from: Some(at(2)) })
    }];
    held.decisions = vec![known(6, 0, (5, at(3)))];
    let raised = warnings(&held, Policy::IN_FORCE);
    assert_eq!(raised, [(AlertKind::MissedSignOn, CLOSES + HOUR_MS, None)]);
}

#[test]
fn a_sentence_says_by_how_much_and_with_what_grace() {
    let came = CLOSES + 2 * HOUR_MS + 5 * MINUTE_MS;
    let attendance = record(9, came, came).what.attendance;
    let (late, steps) = case().duty.explain(Policy::IN_FORCE, &attendance);
    let step = steps.iter().find(|step| step.rule == "within_window").unwrap();
    assert_eq!(late.outcome, Outcome::Late);
    assert_eq!(
        step.says,
        "Signed on at Mon 5 Jan, 09:06, 2 h 05 min after the window closed at the end of \
         Mon 5 Jan, 07:00 plus 0 min of grace."
    );
}

#[test]
fn a_difference_is_what_came_and_what_went_since() {
    let fact = Known { until: Some(at(20)), ..known(1, 10, ()) };
    let (came, gone) = ((FactChange::CameLater, at(10)), (FactChange::CalledAMistake, at(20)));
    let rows = [
        ((0, 9), vec![]),
        ((9, 19), vec![came]),
        ((9, 20), vec![came, gone]),
        ((10, 20), vec![gone]),
        ((20, 30), vec![]),
    ];
    for ((then, now), expected) in rows {
        assert_eq!(fact.changes((at(then), at(now))), expected, "{then} {now}");
    }
}

fn any_record(id: u32) -> impl Strategy<Value = Known<u32, Record<u32>>> {
    let mistake = proptest::option::of(0..6 * HOUR_MS);
    let identity = proptest::sample::select(IdentityResult::ALL);
    (OPENS - HOUR_MS..CLOSES + HOUR_MS, 0..20 * HOUR_MS, mistake, identity).prop_map(
        move |(made, held, mistake, identity)| {
            let received = made + held;
            let until = mistake.map(|after| at(received + after));
            let mut record = Known { until, ..record(id, made, received) };
            record.what.attendance.identity = identity;
            record
        },
    )
}

fn any_place() -> impl Strategy<Value = Place> {
    let distance_m = 120.0;
    proptest::sample::select(vec![
        Place::NotStated,
        Place::Inside { distance_m },
        Place::Uncertain { distance_m },
        Place::Outside { distance_m },
    ])
}

proptest! {
    #[test]
    fn what_comes_on_file_later_never_changes_what_was_known_before(
        first in any_record(9),
        second in any_record(10),
        known_at in OPENS..CLOSES + 12 * HOUR_MS,
    ) {
        let whole = Case { records: vec![first.clone(), second.clone()], ..case() };
        let mut then = whole.clone();
        then.records.retain(|record| record.from <= at(known_at));
        for record in &mut then.records {
            record.until = record.until.filter(|until| *until <= at(known_at));
        }
        let holidays = holidays();
        let verdict = |case: &Case<u32>| case.verdict(Policy::IN_FORCE, at(known_at), &holidays);
        prop_assert_eq!(verdict(&whole), verdict(&then));
    }

    #[test]
    fn whoever_asks_why_is_told_of_the_finding_that_was_made_and_of_every_reason(
        record in any_record(9),
        station in proptest::sample::select(
            vec![StationMatch::Named, StationMatch::Alternate, StationMatch::Other],
        ),
        place in any_place(),
        hides_clock in any::<bool>(),
        early in proptest::option::of(0..2 * HOUR_MS),
        grace_ms in 0..HOUR_MS,
        early_ms in 0..HOUR_MS,
    ) {
        let policy = Policy { grace_ms, early_ms };
        let duty = Duty { early_from: early.map(|ms| at(OPENS - ms)), ..case().duty };
        let mut attendance = Attendance { station, place, ..record.what.attendance };
        if hides_clock {
            let made_at = attendance.time.latest_at;
            attendance.time = TrueTime::bound(made_at, None, attendance.received_at);
        }
        let found = duty.judge(policy, &attendance);
        let (explained, steps) = duty.explain(policy, &attendance);
        prop_assert_eq!(&found, &explained);
        let told: Vec<_> = steps.into_iter().filter_map(|step| step.reason).collect();
        prop_assert_eq!(found.reasons, told);
    }

    #[test]
    fn a_wider_policy_never_asks_for_a_miss_that_the_narrower_does_not(
        first in any_record(9),
        second in any_record(10),
        grace_ms in 0..HOUR_MS,
        early_ms in 0..HOUR_MS,
    ) {
        let case = Case { records: vec![first, second], ..case() };
        let missed = |policy| {
            replay(&case, policy, FOREVER, &holidays()).standing == DutyStanding::Missed
        };
        let wider = Policy { grace_ms, early_ms };
        prop_assert!(missed(Policy::IN_FORCE) || !missed(wider));
    }
}
