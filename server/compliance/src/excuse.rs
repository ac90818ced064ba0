//! What was said to excuse a failure, and what became of it. A claim is not an excuse: it is one when
//! somebody other than the one who took it has accepted it. Until then the failure stands.

#[cfg(test)]
mod tests;

use uuid::Uuid;

use crate::deadline::{Deadline, clocks};
use crate::instant::{DAY_MS, Instant, UK};
use crate::word::words;

/// How far the last day for evidence may be put off.
pub const EVIDENCE_MS_MAX: i64 = 56 * DAY_MS;

words! {
    /// What is claimed. Which of these the courts have taken is `domain.md`, P1; a person decides.
    ExcuseGround {
        InCustody = "in_custody",
        InHospital = "in_hospital",
        Ill = "ill",
        CourtOrLegal = "court_or_legal",
        /// The station was closed, the provider cancelled, the service was down.
        PoliceOrProvider = "police_or_provider",
        Employment = "employment",
        Religion = "religion",
        FamilyOrBereavement = "family_or_bereavement",
        Transport = "transport",
        Other = "other",
    }
}

words! {
    /// How a claim reached the police.
    ClaimedBy {
        Subject = "subject",
        Solicitor = "solicitor",
        Relative = "relative",
        Hospital = "hospital",
        Provider = "provider",
        Officer = "officer",
    }
}

words! {
    ExcuseStatus {
        /// Evidence is awaited.
        Claimed = "claimed",
        EvidenceReceived = "evidence_received",
        /// The last day for evidence has passed without any. It is raised and closes nothing.
        Lapsed = "lapsed",
        Accepted = "accepted",
        Rejected = "rejected",
        Withdrawn = "withdrawn",
    }
}

words! {
    ExcuseDecision {
        Accepted = "accepted",
        Rejected = "rejected",
        /// Whoever claimed it takes it back.
        Withdrawn = "withdrawn",
    }
}

/// A claim as it was taken down, and what followed, in the order of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// When the failure was that it is to excuse.
    pub failed_at: Instant,
    pub taken_by: Uuid,
    /// A later last day for evidence that was agreed; else 7 days after the failure.
    pub evidence_due_at: Option<Instant>,
    pub evidence_at: Option<Instant>,
    pub decision: Option<ExcuseDecision>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExcuseRefusal {
    #[error("It has been decided already; a new claim says what is new.")]
    Decided,
    #[error("Somebody other than the one who took the claim down, or confirmed, decides on it.")]
    OtherPersonNeeded,
    #[error("Say why: another person must be able to follow it.")]
    NoRationale,
    #[error("No evidence is on file. Say in the reason why it is accepted without.")]
    NoEvidence,
}

impl Claim {
    /// The last day for evidence, with its arithmetic (`domain.md`, J22).
    pub fn evidence_due(&self) -> Deadline {
        let usual = clocks::excuse_evidence(self.failed_at.local_date(UK));
        match self.evidence_due_at {
            Some(closes_at) => {
                let arithmetic = format!("agreed: {}", closes_at.in_words(UK));
                Deadline { closes_at, arithmetic, basis: usual.basis }
            }
            None => usual,
        }
    }

    pub fn status(&self, now: Instant) -> ExcuseStatus {
        match self.decision {
            Some(ExcuseDecision::Accepted) => ExcuseStatus::Accepted,
            Some(ExcuseDecision::Rejected) => ExcuseStatus::Rejected,
            Some(ExcuseDecision::Withdrawn) => ExcuseStatus::Withdrawn,
            None if self.evidence_at.is_some() => ExcuseStatus::EvidenceReceived,
            None if self.evidence_due().is_over(now) => ExcuseStatus::Lapsed,
            None => ExcuseStatus::Claimed,
        }
    }

    /// When it lapses, while it can.
    pub fn lapses_at(&self) -> Option<Instant> {
        let awaits = self.decision.is_none() && self.evidence_at.is_none();
        awaits.then(|| self.evidence_due().closes_at)
    }

    /// Whether somebody may decide so. `involved`: whoever confirmed what it is about, too.
    pub fn check(
        &self,
        decision: ExcuseDecision,
        (by, involved): (Uuid, &[Uuid]),
        rationale: &str,
    ) -> Result<(), ExcuseRefusal> {
        if self.decision.is_some() {
            return Err(ExcuseRefusal::Decided);
        }
        let is_involved = by == self.taken_by || involved.contains(&by);
        if is_involved && decision != ExcuseDecision::Withdrawn {
            return Err(ExcuseRefusal::OtherPersonNeeded);
        }
        match rationale.trim().is_empty() {
            false => Ok(()),
            true if decision == ExcuseDecision::Accepted && self.evidence_at.is_none() => {
                Err(ExcuseRefusal::NoEvidence)
            }
            true => Err(ExcuseRefusal::NoRationale),
        }
    }
}
