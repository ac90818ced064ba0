//! Whether what is sent arrives: the channels, what a phone says of what it was sent, and when its
//! silence means that it is not to be counted upon.

use crate::instant::{DAY_MS, Instant};
use crate::word::words;

words! {
    /// A way to tell somebody.
    Channel {
        /// Web push, to one phone.
        Push = "push",
        Email = "email",
        /// Another system of the force, which tells people in its own way.
        Webhook = "webhook",
        /// A desk that has the live stream open.
        Stream = "stream",
    }
}

impl Channel {
    /// As a sentence about an attempt begins.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Push => "Push",
            Self::Email => "E-mail",
            Self::Webhook => "Webhook",
            Self::Stream => "Live stream",
        }
    }
}

words! {
    /// How an attempt ended.
    DeliveryStatus {
        /// Whoever carries it took it. Whether a person saw it, only an acknowledgement tells.
        Accepted = "accepted",
        /// It is tried again.
        FailedTemporary = "failed_temporary",
        /// It goes on to somebody else.
        FailedPermanent = "failed_permanent",
    }
}

words! {
    /// What a phone says of a message.
    ReceiptEvent {
        Displayed = "displayed",
        /// Somebody touched it.
        Opened = "opened",
    }
}

words! {
    /// Whether a phone shows what it is sent.
    PhoneState {
        /// It has not been asked, or its first answer is not overdue: it counts until then.
        Unproved = "unproved",
        Answering = "answering",
        /// It leaves questions unanswered: it is still told, and nobody counts as told by it.
        Silent = "silent",
    }
}

/// A phone is asked so often whether it is there.
pub const ASK_EVERY_MS: i64 = DAY_MS;
/// A phone that has answered before may be switched off over a weekend day: two questions in vain.
const ASKED_IN_VAIN_MAX: i64 = 2;
const ANSWER_MS_MAX: i64 = 2 * DAY_MS;
/// One that has never answered is believed for one question.
const FIRST_ANSWER_MS_MAX: i64 = DAY_MS;

/// What is known of a phone by what it has said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhoneSigns {
    /// The last time that it said it had shown something.
    pub receipt_at: Option<Instant>,
    /// The first time that it was asked since then.
    pub asked_at: Option<Instant>,
    /// How often it was asked since then.
    pub asked: i64,
}

impl PhoneSigns {
    pub fn state(self, now: Instant) -> PhoneState {
        let is_overdue = |ms: i64| self.asked_at.is_some_and(|asked_at| now - asked_at >= ms);
        match self.receipt_at {
            None if is_overdue(FIRST_ANSWER_MS_MAX) => PhoneState::Silent,
            None => PhoneState::Unproved,
            Some(_) if self.asked >= ASKED_IN_VAIN_MAX && is_overdue(ANSWER_MS_MAX) => {
                PhoneState::Silent
            }
            Some(_) => PhoneState::Answering,
        }
    }

    /// Whether somebody counts as told by it.
    pub fn is_counted_upon(self, now: Instant) -> bool {
        self.state(now) != PhoneState::Silent
    }

    #[must_use]
    pub fn ask(self, now: Instant) -> Self {
        Self { asked_at: self.asked_at.or(Some(now)), asked: self.asked + 1, ..self }
    }

    /// Whatever it says it has shown, the phone lives.
    #[must_use]
    pub fn answer(self, now: Instant) -> Self {
        Self { receipt_at: self.receipt_at.max(Some(now)), asked_at: None, asked: 0 }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::instant::HOUR_MS;

    const NEW: PhoneSigns = PhoneSigns { receipt_at: None, asked_at: None, asked: 0 };

    fn hour(hour: i64) -> Instant {
        Instant::from_ms(hour * HOUR_MS)
    }

    /// Asked and answered at these hours, looked at in another.
    #[track_caller]
    fn check(asked: &[i64], answered: &[i64], at: i64, expected: PhoneState) {
        let mut signs = NEW;
        for now in 0..=at {
            if asked.contains(&now) {
                signs = signs.ask(hour(now));
            }
            if answered.contains(&now) {
                signs = signs.answer(hour(now));
            }
        }
        assert_eq!(signs.state(hour(at)), expected, "{asked:?} {answered:?} {at}");
    }

    #[test]
    fn a_phone_is_silent_after_one_question_when_new_and_two_when_it_has_answered_before() {
        use PhoneState::{Answering, Silent, Unproved};
        let daily = &[24, 48, 72, 96];
        check(daily, &[], 23, Unproved);
        check(daily, &[], 47, Unproved);
        check(daily, &[], 48, Silent);
        check(daily, &[49], 49, Answering);
        check(daily, &[25], 95, Answering);
        check(daily, &[25], 96, Silent);
        check(daily, &[25, 60], 120, Silent);
        check(daily, &[25, 60], 119, Answering);
        // One question that was never followed by another says too little of a phone that has answered.
        check(&[24, 48], &[25], 500, Answering);
        // An answer about an alert is as good.
        check(&[], &[3], 1_000, Answering);
    }

    proptest! {
        #[test]
        fn a_phone_that_answers_each_day_is_never_silent_and_one_that_stops_is_within_three_days(
            days in 1_i64..40,
            delay_h in 0_i64..24,
        ) {
            let mut signs = NEW;
            for day in 1..=days {
                signs = signs.ask(hour(24 * day));
                for at in 0..=delay_h {
                    prop_assert!(signs.is_counted_upon(hour(24 * day + at)));
                }
                signs = signs.answer(hour(24 * day + delay_h));
            }
            let last = 24 * days + delay_h;
            for day in days + 1..days + 4 {
                signs = signs.ask(hour(24 * day));
            }
            prop_assert!(!signs.is_counted_upon(hour(last + 72)));
        }

        #[test]
        fn an_answer_makes_any_phone_counted_upon(
            receipt_at in proptest::option::of(0_i64..500),
            asked_at in proptest::option::of(0_i64..500),
            asked in 0_i64..9,
            now in 0_i64..900,
        ) {
            let signs = PhoneSigns {
                receipt_at: receipt_at.map(hour),
                asked_at: asked_at.map(hour),
                asked,
            };
            prop_assert_eq!(signs.answer(hour(now)).state(hour(now)), PhoneState::Answering);
            // Asking never makes a silent phone one that counts.
            if !signs.is_counted_upon(hour(now)) {
                prop_assert!(!signs.ask(hour(now)).is_counted_upon(hour(now)));
            }
        }
    }
}
