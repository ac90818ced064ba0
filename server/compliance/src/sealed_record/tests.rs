use super::*;
use crate::instant::HOUR_MS;
use proptest::prelude::*;

const MADE: Instant = Instant::from_ms(50 * DAY_MS);

fn digest(of: u8) -> [u8; 32] {
    [of; 32]
}

/// The record of a number: of the first phone 1, 2, 3 …, of its copy 101, 102 …
fn link(sequence: i64, own: u8, before: u8) -> Link {
    let previous = (before != 0).then(|| digest(before));
    Link { sequence, digest: digest(own), previous }
}

fn shown() -> Shown {
    let key = KeyOnFile { is_callers: true, is_revoked: false, expires_at: MADE + 1 };
    let made = TrueTime { earliest_at: MADE, latest_at: MADE + HOUR_MS };
    Shown { key: Some(key), does_signature_fit: true, said: Some((true, made)) }
}

#[test]
fn a_seal_holds_when_all_of_it_does() {
    let key = shown().key.unwrap();
    let made = shown().said.unwrap().1;
    let with = |key: KeyOnFile| Shown { key: Some(key), ..shown() };
    let rows = [
        (shown(), Ok(())),
        (Shown { key: None, ..shown() }, Err(SealFault::KeyUnknown)),
        (with(KeyOnFile { is_callers: false, ..key }), Err(SealFault::KeyOfAnother)),
        (with(KeyOnFile { is_revoked: true, ..key }), Err(SealFault::KeyRevoked)),
        // Made at the last moment, or perhaps after it.
        (with(KeyOnFile { expires_at: MADE, ..key }), Err(SealFault::KeyExpired)),
        (Shown { does_signature_fit: false, ..shown() }, Err(SealFault::Altered)),
        (Shown { said: None, ..shown() }, Err(SealFault::Unreadable)),
        (Shown { said: Some((false, made)), ..shown() }, Err(SealFault::OtherCheckIn)),
    ];
    for (shown, expected) in rows {
        assert_eq!(judge_seal(shown), expected, "{shown:?}");
    }
    // Nothing is told of what another's key signs.
    let key = KeyOnFile { is_callers: false, is_revoked: true, ..key };
    let all_wrong = Shown { key: Some(key), does_signature_fit: false, said: None };
    assert_eq!(judge_seal(all_wrong), Err(SealFault::KeyOfAnother));
}

#[test]
fn numbers_that_never_came_are_missing_below_the_highest() {
    /// What was checked before, what has come, and what is missing.
    type Row = (i64, &'static [i64], &'static [RangeInclusive<i64>]);
    let rows: [Row; 7] = [
        (0, &[], &[]),
        (0, &[1, 2, 3], &[]),
        (0, &[2], &[1..=1]),
        (0, &[1, 1, 4, 4, 7], &[2..=3, 5..=6]),
        (4, &[5, 6], &[]),
        (4, &[9], &[5..=8]),
        (0, &[SEQUENCE_MAX], &[1..=SEQUENCE_MAX - 1]),
    ];
    for (checked_to, come, expected) in rows {
        assert_eq!(missing(checked_to, come.iter().copied()), expected, "{checked_to} {come:?}");
    }
    assert_eq!(numbers_in_words(&(3..=3)), "number 3");
    assert_eq!(numbers_in_words(&(3..=5)), "numbers 3 to 5");
}

#[test]
fn two_records_under_a_number_and_one_that_does_not_follow_are_forks() {
    use Fork::{DoesNotFollow, SameNumber};
    let (one, two, three) = (link(1, 1, 0), link(2, 2, 1), link(3, 3, 2));
    let rows: [(Link, &[Link], Option<Fork>); 13] = [
        (one, &[], None),
        (two, &[one], None),
        (two, &[one, three], None),
        // The one before has not come yet.
        (three, &[], None),
        (link(2, 102, 1), &[one, two, three], Some(SameNumber(2))),
        (link(3, 103, 102), &[two, three], Some(SameNumber(3))),
        // Along a branch that was found.
        (link(3, 103, 102), &[two, link(2, 102, 1), three], None),
        (link(2, 102, 1), &[one, two, three, link(3, 103, 102)], None),
        (link(2, 2, 9), &[one], Some(DoesNotFollow(2))),
        (link(1, 1, 9), &[], Some(DoesNotFollow(1))),
        (link(2, 2, 0), &[], Some(DoesNotFollow(2))),
        // What comes last shows that the one after it does not follow.
        (two, &[one, link(3, 3, 9)], Some(DoesNotFollow(3))),
        (two, &[link(1, 1, 0), link(1, 101, 0)], None),
    ];
    for (new, around, expected) in rows {
        assert_eq!(fork_at(&new, around), expected, "{new:?} beside {around:?}");
    }
}

/// What is found as records come, those that came before being known by their digests.
fn found(come: &[Link]) -> (Vec<Fork>, Vec<RangeInclusive<i64>>) {
    let mut known: Vec<Link> = Vec::new();
    let mut forks = Vec::new();
    for new in come {
        if known.contains(new) {
            continue;
        }
        let is_near = |link: &&Link| (link.sequence - new.sequence).abs() <= 1;
        let around: Vec<Link> = known.iter().filter(is_near).copied().collect();
        forks.extend(fork_at(new, &around));
        known.push(*new);
    }
    let mut numbers: Vec<i64> = known.iter().map(|link| link.sequence).collect();
    numbers.sort_unstable();
    (forks, missing(0, numbers))
}

fn chain(length: u8) -> Vec<Link> {
    (1..=length).map(|own| link(i64::from(own), own, own - 1)).collect()
}

proptest! {
    #[test]
    fn late_twice_and_out_of_turn_is_neither_a_gap_nor_a_fork(
        turns in prop::collection::vec((0..12_usize, any::<u16>()), 12..40),
    ) {
        let links = chain(12);
        let mut come: Vec<(u16, Link)> =
            turns.iter().map(|(which, turn)| (*turn, links[*which])).collect();
        come.extend(links.iter().enumerate().map(|(at, link)| (turns[at].1, *link)));
        come.sort_by_key(|(turn, _)| *turn);
        let come: Vec<Link> = come.into_iter().map(|(_, link)| link).collect();
        prop_assert_eq!(found(&come), (vec![], vec![]));
    }

    /// A phone that was restored from a copy goes on from an earlier number.
    #[test]
    fn a_restored_copy_is_found_in_whatever_turn_its_records_come(
        restored_after in 0..6_u8,
        more in 1..8_u8,
        turns in prop::collection::vec(any::<u16>(), 14),
    ) {
        let mut all = chain(6);
        for step in 1..=more {
            let before = if step == 1 { restored_after } else { 100 + step - 1 };
            all.push(link(i64::from(restored_after + step), 100 + step, before));
        }
        let (forks, gaps) = found(&all);
        prop_assert_eq!(forks, vec![Fork::SameNumber(i64::from(restored_after) + 1)]);
        prop_assert_eq!(gaps, vec![]);
        let mut by_chance: Vec<(u16, Link)> = turns.iter().copied().zip(all).collect();
        by_chance.sort_by_key(|(turn, _)| *turn);
        let by_chance: Vec<Link> = by_chance.into_iter().map(|(_, link)| link).collect();
        prop_assert!(!found(&by_chance).0.is_empty());
    }

    #[test]
    fn what_is_left_out_is_missing_and_nothing_else(left_out in prop::collection::btree_set(1..12_u8, 0..6)) {
        let mut come = chain(12);
        come.retain(|link| !left_out.iter().any(|out| i64::from(*out) == link.sequence));
        let (forks, gaps) = found(&come);
        prop_assert_eq!(forks, vec![]);
        let numbers: Vec<i64> = gaps.into_iter().flatten().collect();
        let expected: Vec<i64> = left_out.into_iter().map(i64::from).collect();
        prop_assert_eq!(numbers, expected);
    }
}
