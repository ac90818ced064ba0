use proptest::prelude::*;

use super::*;
use crate::instant::HOUR_MS;
use crate::word::Word;

const NOW: Instant = Instant::from_ms(1_000_000_000);

fn usual() -> Ladder {
    Ladder::usual(Severity::High, Risk::Standard)
}

/// On each rung one person, who can be reached or not.
fn only(reachable: &[Rung]) -> impl Fn(Rung) -> Vec<Candidate<Rung>> {
    move |rung| vec![Candidate { account: rung, reachable: reachable.contains(&rung) }]
}

#[track_caller]
fn check(reachable: &[Rung], from: Option<usize>, told: &[Rung], wait_ms: i64) {
    let climbed = climb(&usual(), from, NOW, only(reachable));
    assert_eq!((climbed.told.as_slice(), climbed.climbs_at), (told, NOW + wait_ms));
}

#[test]
fn an_alert_goes_to_the_next_step_on_which_anybody_can_be_reached() {
    use Rung::{ControlRoom, Coordinator, Owner, Supervisor};
    check(Rung::ALL, None, &[Owner], URGENT_WAIT_MS);
    check(Rung::ALL, Some(0), &[Supervisor], URGENT_WAIT_MS);
    check(Rung::ALL, Some(1), &[Coordinator], URGENT_WAIT_MS);
    check(Rung::ALL, Some(2), &[ControlRoom], URGENT_WAIT_MS);
    check(&[Owner, ControlRoom], Some(0), &[ControlRoom], URGENT_WAIT_MS);
    check(&[ControlRoom], None, &[ControlRoom], URGENT_WAIT_MS);
}

#[test]
fn past_the_top_it_begins_again_there_and_else_below() {
    use Rung::{ControlRoom, Owner, Supervisor};
    check(Rung::ALL, Some(3), &[ControlRoom], URGENT_WAIT_MS);
    check(Rung::ALL, Some(9), &[ControlRoom], URGENT_WAIT_MS);
    check(&[Owner, Supervisor], Some(3), &[Supervisor], URGENT_WAIT_MS);
    check(&[Owner], Some(1), &[Owner], URGENT_WAIT_MS);
}

#[test]
fn with_nobody_reachable_it_says_so_and_is_looked_at_again_soon() {
    check(&[], None, &[], NOBODY_RETRY_MS);
    check(&[], Some(3), &[], NOBODY_RETRY_MS);
    assert!(climb(&usual(), Some(1), NOW, only(&[])).is_nobody_reachable());
}

#[test]
fn whoever_is_passed_over_is_known_so_that_they_are_tried_all_the_same() {
    use Rung::{ControlRoom, Coordinator, Owner, Supervisor};
    let passed = |reachable: &[Rung], from| climb(&usual(), from, NOW, only(reachable)).passed;
    assert_eq!(passed(&[Coordinator], None), [Owner, Supervisor]);
    assert_eq!(passed(&[Owner], Some(1)), [Coordinator, ControlRoom, Supervisor]);
    assert_eq!(passed(Rung::ALL, None), []);
    assert_eq!(passed(&[], Some(3)), [ControlRoom, Coordinator, Supervisor, Owner]);
}

#[test]
fn a_ladder_is_exhausted_when_nothing_was_taken_and_no_step_is_left() {
    // From which step to which, whether anything was taken.
    let table = [
        ((0, 1), false, false),
        ((2, 3), false, false),
        ((3, 3), false, true),
        ((3, 3), true, false),
        // Only the owner can be reached: told again and again in vain.
        ((0, 0), false, true),
        ((1, 0), false, true),
        ((0, 0), true, false),
    ];
    for (way, was_taken, expected) in table {
        assert_eq!(is_exhausted(way, was_taken), expected, "{way:?} {was_taken}");
    }
}

#[test]
fn the_usual_clocks_are_those_of_the_policy() {
    let waits = |severity, risk| {
        let ladder = Ladder::usual(severity, risk);
        (ladder.steps[0].wait_ms / MINUTE_MS, ladder.decide_within_ms / HOUR_MS)
    };
    assert_eq!(waits(Severity::Warning, Risk::Standard), (30, 24));
    assert_eq!(waits(Severity::Warning, Risk::High), (30, 4));
    assert_eq!(waits(Severity::High, Risk::Standard), (15, 24));
    assert_eq!(waits(Severity::High, Risk::High), (15, 4));
    assert_eq!(waits(Severity::Critical, Risk::Standard), (15, 4));
}

#[test]
fn a_ladder_is_refused_with_what_is_wrong_with_it() {
    let step = |rung, wait_ms| Step { rung, wait_ms };
    let owner = step(Rung::Owner, MINUTE_MS);
    let room = step(Rung::ControlRoom, MINUTE_MS);
    let check = |steps: &[Step], decide_within_ms| {
        Ladder { steps: steps.to_vec(), decide_within_ms }.check(|rung| rung != Rung::Coordinator)
    };
    assert_eq!(check(&[owner, room], DAY_MS), Ok(()));
    assert_eq!(check(&[owner, room, owner], DAY_MS), Ok(()));
    assert_eq!(check(&[], DAY_MS), Err(LadderFault::NoStep));
    assert_eq!(check(&[owner, room].repeat(5), DAY_MS), Err(LadderFault::TooManySteps));
    assert_eq!(
        check(&[owner, step(Rung::Supervisor, MINUTE_MS - 1)], DAY_MS),
        Err(LadderFault::Wait { number: 2 })
    );
    assert_eq!(
        check(&[step(Rung::Owner, DAY_MS + 1)], DAY_MS),
        Err(LadderFault::Wait { number: 1 })
    );
    assert_eq!(check(&[owner, owner], DAY_MS), Err(LadderFault::Repeated { number: 2 }));
    assert_eq!(check(&[owner], 0), Err(LadderFault::Decision));
    assert_eq!(check(&[owner], DECIDE_MS_MAX + 1), Err(LadderFault::Decision));
    let empty = step(Rung::Coordinator, MINUTE_MS);
    let nobody = LadderFault::NobodyReachable { number: 2, rung: Rung::Coordinator };
    assert_eq!(check(&[owner, empty], DAY_MS), Err(nobody));
}

#[test]
fn the_preflight_names_the_spans_in_which_nobody_can_be_told() {
    let at = |hour: i64| Instant::from_ms(hour * HOUR_MS);
    let gap = |from, until| Gap { from: at(from), until: at(until) };
    // The control room is there from 6 to 22, the owner from 8 to 16 and from 20 to 24.
    let on_duty = |rung, when: Instant| {
        let hour = when.ms() / HOUR_MS;
        match rung {
            Rung::ControlRoom => (6..22).contains(&hour),
            Rung::Owner => (8..16).contains(&hour) || (20..24).contains(&hour),
            _ => false,
        }
    };
    let changes = [6, 22, 8, 16, 20, 24, 3, 6].map(at);
    let gaps = |from, until| preflight(&usual(), (at(from), at(until)), &changes, on_duty);
    assert_eq!(gaps(0, 30), [gap(0, 6), gap(24, 30)]);
    assert_eq!(gaps(7, 23), []);
    assert_eq!(gaps(2, 4), [gap(2, 4)]);
}

proptest! {
    #[test]
    fn whoever_can_be_reached_is_told_sooner_or_later(
        reachable in proptest::sample::subsequence(Rung::ALL.to_vec(), 0..=4),
        from in proptest::option::of(0_usize..6),
    ) {
        let mut at = from;
        let mut told = Vec::new();
        for _ in 0..6 {
            let climbed = climb(&usual(), at, NOW, only(&reachable));
            prop_assert_eq!(climbed.is_nobody_reachable(), reachable.is_empty());
            prop_assert!(climbed.climbs_at > NOW);
            prop_assert!(climbed.told.iter().all(|rung| reachable.contains(rung)));
            told.extend(climbed.told);
            at = Some(climbed.step);
        }
        // From the ground, everybody who can be reached was told; from above, at least the highest.
        if from.is_none() {
            prop_assert!(reachable.iter().all(|rung| told.contains(rung)));
        }
        prop_assert!(reachable.last().is_none_or(|highest| told.contains(highest)));
    }
}
