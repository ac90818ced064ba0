//! Whether a phone may still hold a record of an attendance that nobody else knows of. A miss is certain
//! when none can: until then it is raised all the same, and put as provisional.
//!
//! As far as it is known today, a phone is a session that has confirmed or synced at a station. One that
//! has run out can hand nothing over; what it held comes with the next session of the same officer, so
//! their next sync speaks for it too. Who signs out has handed everything over first.

use crate::attendance::{Certainty, Finding, HELD_MS_MAX, Reason};
use crate::instant::{DAY_MS, Instant};
use crate::trace::{Step, StepAnswer, StepBasis};

/// A phone that was last used at a station longer ago than this before a window closed holds nothing of
/// it.
pub const USED_WITHIN_MS: i64 = 14 * DAY_MS;

/// What is known of a phone at one station.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhoneAtStation {
    pub signed_in_at: Instant,
    /// When it was last used there.
    pub used_at: Instant,
    /// When it last handed over everything that it held.
    pub synced_at: Option<Instant>,
    /// Signed out, or said to be lost.
    pub gone_at: Option<Instant>,
    /// What it had not handed over is lost with it.
    pub is_lost: bool,
}

impl PhoneAtStation {
    /// Whether it may have been there when a window closed.
    fn is_of(&self, closes_at: Instant) -> bool {
        self.signed_in_at < closes_at
            && self.used_at >= closes_at + -USED_WITHIN_MS
            && self.gone_at.is_none_or(|at| at >= closes_at)
    }

    /// Whether it may hold a record of a window that it has not handed over.
    pub fn is_waited_for(&self, closes_at: Instant) -> bool {
        self.is_of(closes_at)
            && self.gone_at.is_none()
            && self.synced_at.is_none_or(|at| at < closes_at)
    }

    /// Whether a record of a window that would still count may be lost with it.
    fn may_have_lost_a_record(&self, closes_at: Instant) -> bool {
        self.is_lost
            && self.signed_in_at < closes_at
            && self.gone_at.is_some_and(|at| at >= closes_at + -HELD_MS_MAX)
            && self.synced_at.is_none_or(|at| at < closes_at)
    }
}

/// What phones have to say of a miss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldRecords {
    /// So many phones may still hold a record.
    WaitsFor(usize),
    /// Every phone that was there has handed over what it held.
    AllHandedOver,
    /// No phone that is left holds a record. One that was there is lost.
    WithoutLost,
    /// No phone is known to have been there, and what one would hand over now was held too long to count
    /// by itself.
    HeldTooLong,
    /// No phone is known to have been there; one may come until then.
    Until(Instant),
}

impl HeldRecords {
    pub fn is_certain(self) -> bool {
        matches!(self, Self::AllHandedOver | Self::WithoutLost | Self::HeldTooLong)
    }

    /// Why a miss is certain now.
    pub fn says(self) -> &'static str {
        match self {
            Self::AllHandedOver => {
                "Every phone that was in use at the station has handed over what it held since the \
                 window closed: nobody has recorded an attendance."
            }
            Self::WithoutLost => {
                "A phone that was in use at the station is lost, and what it held with it. No other \
                 phone has a record of an attendance."
            }
            Self::HeldTooLong => {
                "No phone is known to have been in use at the station, and 12 hours have passed: nobody \
                 has recorded an attendance."
            }
            Self::WaitsFor(_) | Self::Until(_) => "A phone may still hold a record.",
        }
    }
}

/// The code of the reason that a miss is certain.
pub const NO_RECORD_HELD: &str = "no-record-held";

/// What made a miss certain, by the sentence that was put on file.
pub fn said(text: &str) -> Option<HeldRecords> {
    let certain = [HeldRecords::AllHandedOver, HeldRecords::WithoutLost, HeldRecords::HeldTooLong];
    certain.into_iter().find(|it| it.says() == text)
}

/// Makes a silence certain: no phone holds a record that would take it back. The step says why; phones go
/// on handing over, so it is not replayed.
pub fn make_certain(silence: &mut Finding, held: HeldRecords) -> Step {
    let reason = Reason { code: NO_RECORD_HELD, says: held.says().to_owned() };
    silence.certainty = Certainty::Confirmed;
    silence.reasons.push(reason.clone());
    let asked = ("no_record_held", StepAnswer::Noted, StepBasis::Policy);
    Step { reason: Some(reason), ..Step::new(asked, held.says().to_owned()) }
}

/// What is known at `now` of records that phones may hold about a window.
pub fn held_records(phones: &[PhoneAtStation], closes_at: Instant, now: Instant) -> HeldRecords {
    let waited_for = phones.iter().filter(|phone| phone.is_waited_for(closes_at)).count();
    let is_lost = phones.iter().any(|phone| phone.may_have_lost_a_record(closes_at));
    let too_long_at = closes_at + HELD_MS_MAX;
    if waited_for > 0 {
        HeldRecords::WaitsFor(waited_for)
    } else if phones.iter().any(|phone| phone.is_of(closes_at)) {
        if is_lost { HeldRecords::WithoutLost } else { HeldRecords::AllHandedOver }
    } else if too_long_at <= now {
        if is_lost { HeldRecords::WithoutLost } else { HeldRecords::HeldTooLong }
    } else {
        HeldRecords::Until(too_long_at)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::instant::HOUR_MS;

    const CLOSES: Instant = Instant::from_ms(100 * DAY_MS);

    fn before(ms: i64) -> Instant {
        CLOSES + -ms
    }

    /// Signed in that morning, used an hour before, and not heard of since.
    fn phone() -> PhoneAtStation {
        PhoneAtStation {
            signed_in_at: before(3 * HOUR_MS),
            used_at: before(HOUR_MS),
            synced_at: Some(before(HOUR_MS)),
            gone_at: None,
            is_lost: false,
        }
    }

    fn lost_at(gone_at: Instant) -> PhoneAtStation {
        PhoneAtStation { gone_at: Some(gone_at), is_lost: true, ..phone() }
    }

    #[test]
    fn a_phone_is_waited_for_until_it_has_synced_past_the_close_or_is_gone() {
        let rows = [
            (phone(), true),
            (PhoneAtStation { synced_at: None, ..phone() }, true),
            (PhoneAtStation { synced_at: Some(before(1)), ..phone() }, true),
            (PhoneAtStation { synced_at: Some(CLOSES), ..phone() }, false),
            (PhoneAtStation { gone_at: Some(before(HOUR_MS)), ..phone() }, false),
            // It was not there yet.
            (PhoneAtStation { signed_in_at: CLOSES, ..phone() }, false),
            (PhoneAtStation { signed_in_at: before(1), ..phone() }, true),
            // It has not been there for a fortnight.
            (PhoneAtStation { used_at: before(14 * DAY_MS), ..phone() }, true),
            (PhoneAtStation { used_at: before(14 * DAY_MS + 1), ..phone() }, false),
        ];
        for (phone, is_waited_for) in rows {
            assert_eq!(phone.is_waited_for(CLOSES), is_waited_for, "{phone:?}");
        }
    }

    #[test]
    fn a_miss_is_certain_when_the_last_phone_has_synced_or_none_is_known_for_twelve_hours() {
        use HeldRecords::{AllHandedOver, HeldTooLong, Until, WaitsFor, WithoutLost};
        let synced = PhoneAtStation { synced_at: Some(CLOSES + 1), ..phone() };
        let elsewhere = PhoneAtStation { used_at: before(15 * DAY_MS), ..phone() };
        let signed_out = PhoneAtStation { gone_at: Some(before(1)), ..phone() };
        let lost = lost_at(CLOSES + HOUR_MS);
        let lost_before = lost_at(before(HOUR_MS));
        let lost_yesterday = lost_at(before(12 * HOUR_MS + 1));
        let lost_with_nothing = PhoneAtStation { synced_at: Some(CLOSES), ..lost };
        let (hour, day) = (HOUR_MS, DAY_MS);
        let rows: [(&[PhoneAtStation], i64, HeldRecords); 18] = [
            (&[], hour, Until(CLOSES + 12 * HOUR_MS)),
            (&[], 12 * hour - 1, Until(CLOSES + 12 * HOUR_MS)),
            (&[], 12 * hour, HeldTooLong),
            (&[elsewhere], 12 * hour, HeldTooLong),
            (&[phone(), synced], hour, WaitsFor(1)),
            // However long it takes.
            (&[phone(), phone(), synced], 100 * day, WaitsFor(2)),
            (&[synced, elsewhere], hour, AllHandedOver),
            (&[synced, synced], 0, AllHandedOver),
            // Who went before it closed says nothing of it.
            (&[signed_out], hour, Until(CLOSES + 12 * HOUR_MS)),
            (&[signed_out], 12 * hour, HeldTooLong),
            // What a lost phone held, nobody knows.
            (&[lost], hour, WithoutLost),
            (&[lost, synced], hour, WithoutLost),
            (&[lost, phone()], hour, WaitsFor(1)),
            (&[lost_with_nothing], hour, AllHandedOver),
            (&[lost_before], hour, Until(CLOSES + 12 * HOUR_MS)),
            (&[lost_before], 12 * hour, WithoutLost),
            (&[lost_before, synced], hour, WithoutLost),
            (&[lost_yesterday, synced], hour, AllHandedOver),
        ];
        for (phones, after_ms, expected) in rows {
            assert_eq!(held_records(phones, CLOSES, CLOSES + after_ms), expected, "{phones:?}");
        }
    }

    prop_compose! {
        fn a_phone()(
            signed_in in -20 * DAY_MS..DAY_MS,
            used in -20 * DAY_MS..DAY_MS,
            synced in prop::option::of(-20 * DAY_MS..DAY_MS),
            gone in prop::option::of(-20 * DAY_MS..DAY_MS),
            is_lost: bool,
        ) -> PhoneAtStation {
            PhoneAtStation {
                signed_in_at: CLOSES + signed_in,
                used_at: CLOSES + used,
                synced_at: synced.map(|ms| CLOSES + ms),
                gone_at: gone.map(|ms| CLOSES + ms),
                is_lost: is_lost && gone.is_some(),
            }
        }
    }

    proptest! {
        /// What is certain stays so whatever the same phones do next, and however late it is.
        #[test]
        fn certainty_is_not_lost_again(
            phones in prop::collection::vec(a_phone(), 0..5),
            after in 0..3 * DAY_MS,
            later in 0..3 * DAY_MS,
            which in 0..5_usize,
        ) {
            let now = CLOSES + after;
            if held_records(&phones, CLOSES, now).is_certain() {
                let mut next = phones.clone();
                if let Some(phone) = next.get_mut(which) {
                    phone.synced_at = Some(now + later);
                    phone.used_at = phone.used_at.max(now + later);
                }
                // One that was not used there for a fortnight may have been there after all.
                let is_known = |of: &[PhoneAtStation]| of.iter().filter(|it| it.is_of(CLOSES)).count();
                if is_known(&next) == is_known(&phones) {
                    prop_assert!(held_records(&next, CLOSES, now + later).is_certain());
                }
            }
        }

        #[test]
        fn every_phone_that_is_waited_for_holds_it_back(
            phones in prop::collection::vec(a_phone(), 0..5),
            after in 0..3 * DAY_MS,
        ) {
            let held = held_records(&phones, CLOSES, CLOSES + after);
            let waited_for = phones.iter().filter(|phone| phone.is_waited_for(CLOSES)).count();
            prop_assert_eq!(held == HeldRecords::WaitsFor(waited_for), waited_for > 0);
            prop_assert_eq!(held.is_certain() && waited_for > 0, false);
        }
    }
}
