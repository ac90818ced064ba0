//! What is looked at by itself before a person decides what a failure was. It decides nothing: each
//! check says whether it is clear, has to be looked at, or is not known, and why.

#[cfg(test)]
mod tests;

use crate::instant::{Instant, MINUTE_MS, UK};
use crate::opening::{Extent, Opening};
use crate::order_status::OrderStatus;
use crate::word::words;

/// An alert that was raised later than this after its failure says that the service was not up.
pub const RAISED_LATE_MS: i64 = MINUTE_MS;

words! {
    TriageCheck {
        /// Whether the order was in force when it was failed.
        OrderInForce = "order_in_force",
        OrderServed = "order_served",
        /// Whether a court had suspended it.
        OrderStayed = "order_stayed",
        StationOpen = "station_open",
        /// Whether custody, hospital or a stay abroad is on record.
        Whereabouts = "whereabouts",
        /// Whether this service noticed it in time.
        ServiceUp = "service_up",
        /// Whether anything is on record of the subject coming.
        Records = "records",
    }
}

words! {
    TriageAnswer {
        /// Nothing in it speaks for the subject.
        Clear = "clear",
        /// A person has to look at it before deciding.
        Look = "look",
        NotKnown = "not_known",
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    pub check: TriageCheck,
    pub answer: TriageAnswer,
    pub says: String,
}

/// What is on file about the instant at which something was failed.
#[derive(Debug, Clone)]
pub struct Situation {
    pub failed_at: Instant,
    pub raised_at: Instant,
    pub status: OrderStatus,
    pub served_at: Option<Instant>,
    pub is_stayed: bool,
    /// Of a sign-on: when the counter was open in its window. `None`: it is about no station, or its
    /// hours are not on file.
    pub opening: Option<Opening>,
    /// Of a sign-on, whether the station's hours matter at all.
    pub is_sign_on: bool,
    /// Status periods on record at the time, in words.
    pub whereabouts: Vec<String>,
    /// Attendances on record, in words.
    pub records: Vec<String>,
}

impl Situation {
    /// Every check that applies, always in the same order.
    pub fn checks(&self) -> Vec<Checked> {
        let mut found = vec![self.in_force(), self.served(), self.stayed()];
        if self.is_sign_on {
            found.push(self.station());
        }
        found.extend([self.whereabouts(), self.service()]);
        if self.is_sign_on {
            found.push(self.records());
        }
        found
    }

    fn in_force(&self) -> Checked {
        let at = self.failed_at.in_words(UK);
        let word = self.status.to_string().replace('_', " ");
        let answer = match self.status {
            OrderStatus::InForce => TriageAnswer::Clear,
            _ => TriageAnswer::Look,
        };
        checked(TriageCheck::OrderInForce, answer, format!("On {at} the order was {word}."))
    }

    fn served(&self) -> Checked {
        let (answer, says) = match self.served_at {
            Some(at) if at < self.failed_at => {
                (TriageAnswer::Clear, format!("It was served on {}.", at.in_words(UK)))
            }
            Some(at) => {
                (TriageAnswer::Look, format!("It was served afterwards, on {}.", at.in_words(UK)))
            }
            None => (TriageAnswer::Look, "No service is on record.".to_owned()),
        };
        checked(TriageCheck::OrderServed, answer, says)
    }

    fn stayed(&self) -> Checked {
        let (answer, says) = match self.is_stayed {
            true => (TriageAnswer::Look, "A court had suspended the order."),
            false => (TriageAnswer::Clear, "No court had suspended the order."),
        };
        checked(TriageCheck::OrderStayed, answer, says.to_owned())
    }

    fn station(&self) -> Checked {
        let Some(opening) = &self.opening else {
            let says = "When the counter was open is not on file.".to_owned();
            return checked(TriageCheck::StationOpen, TriageAnswer::NotKnown, says);
        };
        let answer = match opening.extent {
            Extent::Whole => TriageAnswer::Clear,
            Extent::Part | Extent::Closed => TriageAnswer::Look,
            Extent::NotKnown => TriageAnswer::NotKnown,
        };
        let reasons: Vec<&str> = opening.reasons.iter().map(|it| it.says.as_str()).collect();
        let says = match reasons.is_empty() {
            true => "By its hours the counter was open for the whole window.".to_owned(),
            false => reasons.join(" "),
        };
        checked(TriageCheck::StationOpen, answer, says)
    }

    fn whereabouts(&self) -> Checked {
        // Nothing on record does not say that the subject was free: somebody has to ask.
        let (answer, says) = match self.whereabouts.is_empty() {
            true => (
                TriageAnswer::NotKnown,
                "No custody, hospital or stay abroad is on record. Ask custody and hospitals."
                    .to_owned(),
            ),
            false => (TriageAnswer::Look, self.whereabouts.join(" ")),
        };
        checked(TriageCheck::Whereabouts, answer, says)
    }

    fn service(&self) -> Checked {
        let late_ms = self.raised_at - self.failed_at;
        let (answer, says) = match late_ms > RAISED_LATE_MS {
            true => (
                TriageAnswer::Look,
                format!(
                    "It was raised {} min late: this service may have been down, and phones may \
                     have been unable to send.",
                    late_ms / MINUTE_MS
                ),
            ),
            false => (TriageAnswer::Clear, "This service noticed it within a minute.".to_owned()),
        };
        checked(TriageCheck::ServiceUp, answer, says)
    }

    fn records(&self) -> Checked {
        let (answer, says) = match self.records.is_empty() {
            true => (TriageAnswer::Clear, "No attendance is on record.".to_owned()),
            false => (TriageAnswer::Look, self.records.join(" ")),
        };
        checked(TriageCheck::Records, answer, says)
    }
}

fn checked(check: TriageCheck, answer: TriageAnswer, says: String) -> Checked {
    Checked { check, answer, says }
}
