//! A suspected breach, from the suspicion to what became of it (SPA 2019 s.8). Only a sergeant or above
//! decides, and what ends a case without a court needs a second person (`domain.md`, J1, R3).

#[cfg(test)]
mod tests;

use uuid::Uuid;

use crate::alert::Risk;
use crate::deadline::{Deadline, clocks};
use crate::instant::{DAY_MS, Instant};
use crate::word::words;

/// An enquiry that goes on is looked at again after a week.
pub const ENQUIRY_REVIEW_MS: i64 = 7 * DAY_MS;

words! {
    /// What was decided.
    Disposition {
        Arrested = "arrested",
        /// Wanted, and circulated.
        Circulated = "circulated",
        VoluntaryInterview = "voluntary_interview",
        Charged = "charged",
        OutOfCourt = "out_of_court",
        NfaReasonableExcuse = "nfa_reasonable_excuse",
        NfaEvidential = "nfa_evidential",
        NfaVictimNotSupporting = "nfa_victim_not_supporting",
        Warning = "warning",
        MergedIntoLinkedCrime = "merged_into_linked_crime",
        NotProceededPoliceFault = "not_proceeded_police_fault",
    }
}

impl Disposition {
    /// Whether nothing more is to be done by the police after it.
    pub fn ends_case(self) -> bool {
        match self {
            Self::Arrested | Self::Circulated | Self::VoluntaryInterview => false,
            Self::Charged
            | Self::OutOfCourt
            | Self::NfaReasonableExcuse
            | Self::NfaEvidential
            | Self::NfaVictimNotSupporting
            | Self::Warning
            | Self::MergedIntoLinkedCrime
            | Self::NotProceededPoliceFault => true,
        }
    }

    /// A court looks at a charge; at everything else that ends a case, a second person does.
    pub fn needs_authorisation(self) -> bool {
        self.ends_case() && self != Self::Charged
    }

    /// Whether the failure still counts against the subject.
    pub fn counts(self) -> bool {
        !matches!(
            self,
            Self::NfaReasonableExcuse | Self::NfaEvidential | Self::NotProceededPoliceFault
        )
    }
}

words! {
    /// A constable does not decide, so there is none here.
    Rank {
        Sergeant = "sergeant",
        Inspector = "inspector",
        ChiefInspector = "chief_inspector",
        Superintendent = "superintendent",
        ChiefSuperintendent = "chief_superintendent",
        ChiefOfficer = "chief_officer",
    }
}

words! {
    /// What happens to a case outside the police's own deciding.
    BreachStep {
        Arrest = "arrest",
        Charge = "charge",
        Hearing = "hearing",
        Result = "result",
    }
}

words! {
    BreachStatus {
        /// Nobody of rank has decided yet.
        Suspected = "suspected",
        /// Decided upon, and it goes on: an arrest, an interview, somebody wanted.
        UnderEnquiry = "under_enquiry",
        AwaitingAuthorisation = "awaiting_authorisation",
        Concluded = "concluded",
    }
}

/// A decision, and whether a second person has agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    pub disposition: Disposition,
    pub by: Uuid,
    pub at: Instant,
    pub authorised: Option<Authorised>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authorised {
    /// False: sent back, and to be decided anew.
    pub is_agreed: bool,
    pub by: Uuid,
    pub at: Instant,
}

/// A case, as its facts make it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreachCase {
    /// When the failure was.
    pub failed_at: Instant,
    pub opened_at: Instant,
    pub risk: Risk,
    /// Whoever confirmed or recorded what the case rests on: they do not decide it.
    pub involved: Vec<Uuid>,
    /// In the order of time.
    pub decisions: Vec<Decided>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BreachRefusal {
    #[error("The case is concluded. If that was wrong, call the decision a mistake first.")]
    Concluded,
    #[error("The last decision awaits a second person: let them agree, or send it back.")]
    AwaitsAuthorisation,
    #[error("There is no decision that awaits a second person.")]
    NothingToAuthorise,
    #[error("Somebody else decides: nobody decides on what they recorded or decided themselves.")]
    OtherPersonNeeded,
    #[error("Say why: another person must be able to follow it.")]
    NoRationale,
}

words! {
    BreachClock {
        Decision = "decision",
        Authorisation = "authorisation",
        EnquiryReview = "enquiry_review",
    }
}

impl BreachCase {
    /// The decision that stands: the last one that was not sent back.
    pub fn standing(&self) -> Option<&Decided> {
        let is_refused = |of: &Decided| of.authorised.is_some_and(|by| !by.is_agreed);
        self.decisions.iter().rev().find(|decided| !is_refused(decided))
    }

    pub fn status(&self) -> BreachStatus {
        match self.standing() {
            None => BreachStatus::Suspected,
            Some(of) if !of.disposition.ends_case() => BreachStatus::UnderEnquiry,
            Some(of) if of.disposition.needs_authorisation() && of.authorised.is_none() => {
                BreachStatus::AwaitingAuthorisation
            }
            Some(_) => BreachStatus::Concluded,
        }
    }

    pub fn check_decision(&self, by: Uuid, rationale: &str) -> Result<(), BreachRefusal> {
        match self.status() {
            BreachStatus::Concluded => return Err(BreachRefusal::Concluded),
            BreachStatus::AwaitingAuthorisation => return Err(BreachRefusal::AwaitsAuthorisation),
            BreachStatus::Suspected | BreachStatus::UnderEnquiry => {}
        }
        if self.involved.contains(&by) {
            return Err(BreachRefusal::OtherPersonNeeded);
        }
        if rationale.trim().is_empty() {
            return Err(BreachRefusal::NoRationale);
        }
        Ok(())
    }

    pub fn check_authorisation(&self, by: Uuid, rationale: &str) -> Result<(), BreachRefusal> {
        let awaits = self.status() == BreachStatus::AwaitingAuthorisation;
        let Some(decided) = self.standing().filter(|_| awaits) else {
            return Err(BreachRefusal::NothingToAuthorise);
        };
        if decided.by == by || self.involved.contains(&by) {
            return Err(BreachRefusal::OtherPersonNeeded);
        }
        if rationale.trim().is_empty() {
            return Err(BreachRefusal::NoRationale);
        }
        Ok(())
    }

    /// What has to happen next, and until when. Nothing, once it is concluded.
    pub fn next_due(&self) -> Option<(BreachClock, Deadline)> {
        let decided_at = self.standing().map_or(self.opened_at, |decided| decided.at);
        match self.status() {
            BreachStatus::Suspected => {
                let begins = self.decisions.last().and_then(|last| last.authorised);
                let begins_at = begins.map_or(self.opened_at, |sent_back| sent_back.at);
                Some((BreachClock::Decision, clocks::miss_decision(begins_at, self.risk)))
            }
            BreachStatus::AwaitingAuthorisation => Some((
                BreachClock::Authorisation,
                clocks::miss_decision(decided_at, Risk::Standard),
            )),
            BreachStatus::UnderEnquiry => {
                let closes_at = decided_at + ENQUIRY_REVIEW_MS;
                let arithmetic = format!(
                    "7 days after {}: {}",
                    decided_at.in_words(crate::instant::UK),
                    closes_at.in_words(crate::instant::UK)
                );
                let deadline = Deadline { closes_at, arithmetic, basis: "Force policy" };
                Some((BreachClock::EnquiryReview, deadline))
            }
            BreachStatus::Concluded => None,
        }
    }

    /// From the failure to the first decision, in milliseconds.
    pub fn decided_after_ms(&self) -> Option<i64> {
        self.decisions.first().map(|decided| decided.at - self.failed_at)
    }

    /// From the failure to the arrest, in milliseconds.
    pub fn arrested_after_ms(&self) -> Option<i64> {
        let arrests = |decided: &&Decided| decided.disposition == Disposition::Arrested;
        self.decisions.iter().find(arrests).map(|decided| decided.at - self.failed_at)
    }
}
