//! What a record shows that a phone has signed, numbered and chained: whether its seal holds, which
//! numbers never came, and where two records claim one place.
//!
//! Records come late, twice and out of turn. That alone is neither a gap nor a fork, and what is found in
//! the end does not depend on the turn in which they came.

#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;

use crate::attendance::TrueTime;
use crate::instant::{DAY_MS, Instant};
use crate::word::words;

/// How long a phone's key is good without being enrolled again. A phone in use enrols at each sign-in.
pub const KEY_GOOD_FOR_MS: i64 = 30 * DAY_MS;
/// More than anybody confirms in a life: a number beyond it is no count.
pub const SEQUENCE_MAX: i64 = 1_000_000_000;

words! {
    /// What a time of the service's own, in a record, says of when the record was made.
    BeaconSays {
        Absent = "absent",
        /// The phone's clock puts it later, as it must.
        Agrees = "agrees",
        /// The phone's clock puts it before a time that the service had told the phone already.
        Overrides = "overrides",
        /// It is none that this service has given out.
        NotOurs = "not_ours",
    }
}

/// The service's own time in a record, as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beacon {
    Absent,
    /// The record was made after this instant, whatever the phone's clock says.
    At(Instant),
    /// Left out of account, and said so. It is no reason to doubt the seal: a database that was restored
    /// from a copy of another day reads none of the beacons that honest phones hold.
    NotOurs,
}

/// Why a seal does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealFault {
    #[error("was signed with a key that is not enrolled")]
    KeyUnknown,
    #[error("was signed with the key of another account")]
    KeyOfAnother,
    #[error("was signed with a key that was revoked")]
    KeyRevoked,
    #[error("was signed with a key that had expired")]
    KeyExpired,
    #[error("was changed after it was signed")]
    Altered,
    #[error("cannot be read, although its signature fits")]
    Unreadable,
    #[error("was signed under another number than the one that it is sent under")]
    OtherCheckIn,
}

impl SealFault {
    /// Whether people have to look. What the phone puts right by enrolling, it puts right.
    pub fn asks_for_a_look(self) -> bool {
        !matches!(self, Self::KeyUnknown | Self::KeyExpired)
    }
}

/// What is on file of the key that a record names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyOnFile {
    pub is_callers: bool,
    pub is_revoked: bool,
    pub expires_at: Instant,
}

/// A record and its seal, as far as they can be told without deciding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    pub key: Option<KeyOnFile>,
    pub does_signature_fit: bool,
    /// What is signed: the id of the check-in is the one outside, and when it was made. Nothing when it
    /// cannot be read.
    pub said: Option<(bool, TrueTime)>,
}

/// Whether a seal holds. Whose key it is comes first, because nothing else is told to others; a revoked key
/// signs nothing, whenever that was, because the phone alone says when.
pub fn judge_seal(shown: Shown) -> Result<(), SealFault> {
    let key = shown.key.ok_or(SealFault::KeyUnknown)?;
    if !key.is_callers {
        return Err(SealFault::KeyOfAnother);
    }
    if key.is_revoked {
        return Err(SealFault::KeyRevoked);
    }
    if !shown.does_signature_fit {
        return Err(SealFault::Altered);
    }
    match shown.said {
        None => Err(SealFault::Unreadable),
        Some((false, _)) => Err(SealFault::OtherCheckIn),
        Some((true, made)) if key.expires_at <= made.earliest_at => Err(SealFault::KeyExpired),
        Some((true, _)) => Ok(()),
    }
}

/// One record in the chain of a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// From 1.
    pub sequence: i64,
    pub digest: [u8; 32],
    /// The digest of the record before; the first has none.
    pub previous: Option<[u8; 32]>,
}

impl Link {
    fn follows(&self, before: &Link) -> bool {
        self.sequence == before.sequence + 1 && self.previous == Some(before.digest)
    }
}

/// Where two phones may be at work with one key: a copy, or one that was restored from a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fork {
    /// Another record has the number.
    SameNumber(i64),
    /// It names another record before it than the one that came.
    DoesNotFollow(i64),
}

impl Fork {
    pub fn sequence(self) -> i64 {
        match self {
            Self::SameNumber(sequence) | Self::DoesNotFollow(sequence) => sequence,
        }
    }
}

/// What a record that has come shows beside those that came before it; `around` are those of its own
/// number, the one before and the one after. What goes on along a branch that was found is not found
/// again.
pub fn fork_at(new: &Link, around: &[Link]) -> Option<Fork> {
    let at = |sequence: i64| around.iter().filter(move |link| link.sequence == sequence);
    let (before, after) = (new.sequence - 1, new.sequence + 1);
    if at(new.sequence).next().is_some() {
        let goes_on = at(before).count() > 1 && at(before).any(|link| new.follows(link));
        let was_found_after = at(after).count() > 1 && at(after).any(|link| link.follows(new));
        return (!goes_on && !was_found_after).then_some(Fork::SameNumber(new.sequence));
    }
    let is_first = new.sequence == 1;
    let has_before = at(before).next().is_some();
    let is_misplaced = (is_first && new.previous.is_some())
        || (!is_first && new.previous.is_none())
        || (has_before && !at(before).any(|link| new.follows(link)));
    if is_misplaced {
        return Some(Fork::DoesNotFollow(new.sequence));
    }
    let is_passed_over = at(after).any(|link| !link.follows(new)) && at(after).count() == 1;
    is_passed_over.then_some(Fork::DoesNotFollow(after))
}

/// The numbers after `checked_to` that a phone has given and that have not come. `come` are those that
/// have, in order.
pub fn missing(checked_to: i64, come: impl IntoIterator<Item = i64>) -> Vec<RangeInclusive<i64>> {
    let mut found = Vec::new();
    let mut last = checked_to;
    for sequence in come {
        if sequence > last + 1 {
            found.push(last + 1..=sequence - 1);
        }
        last = last.max(sequence);
    }
    found
}

/// "number 3", "numbers 3 to 5"
pub fn numbers_in_words(gap: &RangeInclusive<i64>) -> String {
    match gap.start() == gap.end() {
        true => format!("number {}", gap.start()),
        false => format!("numbers {} to {}", gap.start(), gap.end()),
    }
}
