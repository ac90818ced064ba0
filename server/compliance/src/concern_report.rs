//! A report of concern: every one is investigated. No path closes one without somebody it was given to,
//! something that they did, an outcome with its reasons, another person's sign-off, and word to whoever
//! reported or the reason why not (`domain.md`, R5, J16, J17).

pub mod pattern;
#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use uuid::Uuid;

use crate::alert::{AlertKind, Risk};
use crate::deadline::{Deadline, clocks};
use crate::instant::{Instant, UK};
use crate::word::words;

words! {
    /// Who is concerned.
    Reporter {
        Victim = "victim",
        FamilyMember = "family_member",
        Organisation = "organisation",
        Officer = "officer",
        ControlRoom = "control_room",
        Anonymous = "anonymous",
    }
}

words! {
    ReportStatus {
        /// Nobody has looked at it yet.
        New = "new",
        /// Looked at, and given to nobody yet.
        Triaged = "triaged",
        /// Somebody investigates.
        Allocated = "allocated",
        /// Has an outcome, which another person has not signed off.
        AwaitingSignOff = "awaiting_sign_off",
        /// Signed off; whoever reported has not been told, and no reason why not is on file.
        AwaitingUpdate = "awaiting_update",
        Closed = "closed",
    }
}

words! {
    /// What was done to find out.
    InvestigativeAction {
        SpokeToReporter = "spoke_to_reporter",
        SpokeToSubject = "spoke_to_subject",
        SpokeToWitness = "spoke_to_witness",
        Visited = "visited",
        StatementTaken = "statement_taken",
        FootageViewed = "footage_viewed",
        DeviceOrAccountChecked = "device_or_account_checked",
        RecordsChecked = "records_checked",
        SafetyPlanned = "safety_planned",
        /// Looked at together with a report about the same.
        LookedAtWithLinkedReport = "looked_at_with_linked_report",
        Other = "other",
    }
}

words! {
    ReportOutcome {
        /// A breach is suspected; the case says what becomes of it.
        BreachSuspected = "breach_suspected",
        CrimeRecorded = "crime_recorded",
        /// No offence shown; steps were taken to keep somebody safe.
        Safeguarding = "safeguarding",
        NoOffence = "no_offence",
        NotEstablished = "not_established",
        /// Made to harm somebody: investigated all the same (`domain.md`, J16).
        Malicious = "malicious",
    }
}

words! {
    /// An act as it is on file. What the rules do not ask about, such as a link, is one too.
    ReportActKind {
        Triaged = "triaged",
        Allocated = "allocated",
        Investigated = "investigated",
        Concluded = "concluded",
        SignedOff = "signed_off",
        SentBack = "sent_back",
        ReporterTold = "reporter_told",
        /// Why whoever reported was not told is on file.
        ReporterNotTold = "reporter_not_told",
        Reviewed = "reviewed",
        Reopened = "reopened",
        /// It is about the same as another one. Both stay, and both are investigated.
        Linked = "linked",
    }
}

/// What somebody does with a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    Triage {
        risk: Risk,
    },
    Allocate {
        to: Uuid,
    },
    Investigate {
        action: InvestigativeAction,
    },
    Conclude {
        outcome: ReportOutcome,
        rationale: String,
    },
    /// Agreed, or sent back to the investigator.
    SignOff {
        is_agreed: bool,
    },
    /// Whoever reported was told, or why not.
    Update {
        is_told: bool,
        note: String,
    },
    Review,
    /// It was closed, and something new has come up.
    Reopen {
        reason: String,
    },
}

/// A report, as what was done with it makes it. It only grows by [`Report::after`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub reported_at: Instant,
    pub reporter: Reporter,
    /// As the force last assessed it; high until somebody has looked, if the subject or the reporter is.
    pub risk: Risk,
    pub triaged_at: Option<Instant>,
    pub investigator: Option<Uuid>,
    /// Since it was made or reopened; who took each.
    pub actions: Vec<Uuid>,
    pub outcome: Option<Concluded>,
    pub signed_off_by: Option<Uuid>,
    /// Told at any time, which is what the 24 hours are about.
    pub contacted_at: Option<Instant>,
    /// Told of the outcome, or the reason why not is on file.
    pub is_updated: bool,
    pub last_reviewed_on: Option<NaiveDate>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Concluded {
    pub outcome: ReportOutcome,
    pub by: Uuid,
    pub at: Instant,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportRefusal {
    #[error("Look at it first: say how high the risk is.")]
    NotTriaged,
    #[error("Give it to somebody first: nobody investigates it yet.")]
    NotAllocated,
    #[error("Nothing was done to find out. Record at least one investigative action first.")]
    NotInvestigated,
    #[error("It has no outcome yet.")]
    NoOutcome,
    #[error("It has an outcome, which awaits another person's sign-off.")]
    HasOutcome,
    #[error("It is signed off already.")]
    SignedOff,
    #[error("Somebody else signs it off: not who investigated it or found the outcome.")]
    OtherPersonNeeded,
    #[error("Say why: another person must be able to follow it.")]
    NoRationale,
    #[error("The report is closed. Reopen it first, with what has come up.")]
    Closed,
    #[error("The report is open as it is.")]
    NotClosed,
}

words! {
    ReportClock {
        Triage = "triage",
        Allocation = "allocation",
        ReporterContact = "reporter_contact",
        SupervisorReview = "supervisor_review",
    }
}

impl ReportClock {
    /// What is raised when it is over.
    pub fn alert(self) -> AlertKind {
        match self {
            Self::Triage => AlertKind::ReportUntriaged,
            Self::Allocation => AlertKind::ReportUnallocated,
            Self::ReporterContact => AlertKind::ReporterNotContacted,
            Self::SupervisorReview => AlertKind::ReportReviewDue,
        }
    }
}

impl Report {
    pub fn new(reported_at: Instant, reporter: Reporter, risk: Risk) -> Self {
        Self {
            reported_at,
            reporter,
            risk,
            triaged_at: None,
            investigator: None,
            actions: Vec::new(),
            outcome: None,
            signed_off_by: None,
            contacted_at: None,
            is_updated: false,
            last_reviewed_on: None,
        }
    }

    pub fn status(&self) -> ReportStatus {
        if self.triaged_at.is_none() {
            ReportStatus::New
        } else if self.investigator.is_none() {
            ReportStatus::Triaged
        } else if self.outcome.is_none() {
            ReportStatus::Allocated
        } else if self.signed_off_by.is_none() {
            ReportStatus::AwaitingSignOff
        } else if !self.is_updated {
            ReportStatus::AwaitingUpdate
        } else {
            ReportStatus::Closed
        }
    }

    /// The report after somebody has done something with it, or why that cannot be.
    pub fn after(&self, act: &Act, by: Uuid, at: Instant) -> Result<Self, ReportRefusal> {
        let is_closed = self.status() == ReportStatus::Closed;
        if is_closed && !matches!(act, Act::Reopen { .. }) {
            return Err(ReportRefusal::Closed);
        }
        let mut next = self.clone();
        match act {
            Act::Triage { risk } => {
                next.risk = *risk;
                next.triaged_at = Some(at);
            }
            Act::Allocate { to } => {
                self.triaged_at.ok_or(ReportRefusal::NotTriaged)?;
                next.investigator = Some(*to);
            }
            Act::Investigate { action } => {
                self.investigator.ok_or(ReportRefusal::NotAllocated)?;
                next.actions.push(by);
                // What comes to light afterwards has to be signed off, too.
                next.signed_off_by = None;
                if *action == InvestigativeAction::SpokeToReporter {
                    next.contacted_at = self.contacted_at.or(Some(at));
                }
            }
            Act::Conclude { outcome, rationale } => {
                self.check_conclusion(rationale)?;
                next.outcome = Some(Concluded { outcome: *outcome, by, at });
            }
            Act::SignOff { is_agreed } => {
                self.check_sign_off(by)?;
                if *is_agreed {
                    next.signed_off_by = Some(by);
                } else {
                    next.outcome = None;
                }
            }
            Act::Update { is_told, note } => {
                if !is_told && note.trim().is_empty() {
                    return Err(ReportRefusal::NoRationale);
                }
                next.contacted_at = self.contacted_at.or(Some(at));
                next.is_updated = self.signed_off_by.is_some();
            }
            Act::Review => next.last_reviewed_on = Some(at.local_date(UK)),
            Act::Reopen { reason } => {
                if !is_closed {
                    return Err(ReportRefusal::NotClosed);
                }
                if reason.trim().is_empty() {
                    return Err(ReportRefusal::NoRationale);
                }
                // What is new has to be looked at anew: an action, an outcome, a sign-off, an update.
                next.actions.clear();
                next.outcome = None;
                next.signed_off_by = None;
                next.is_updated = false;
                next.last_reviewed_on = Some(at.local_date(UK));
            }
        }
        Ok(next)
    }

    fn check_conclusion(&self, rationale: &str) -> Result<(), ReportRefusal> {
        self.investigator.ok_or(ReportRefusal::NotAllocated)?;
        if self.outcome.is_some() {
            return Err(ReportRefusal::HasOutcome);
        }
        if self.actions.is_empty() {
            return Err(ReportRefusal::NotInvestigated);
        }
        if rationale.trim().is_empty() {
            return Err(ReportRefusal::NoRationale);
        }
        Ok(())
    }

    fn check_sign_off(&self, by: Uuid) -> Result<(), ReportRefusal> {
        let concluded = self.outcome.ok_or(ReportRefusal::NoOutcome)?;
        if self.signed_off_by.is_some() {
            return Err(ReportRefusal::SignedOff);
        }
        let has_investigated = self.investigator == Some(by) || self.actions.contains(&by);
        if concluded.by == by || has_investigated {
            return Err(ReportRefusal::OtherPersonNeeded);
        }
        Ok(())
    }

    /// What has to happen, and until when, the soonest first. Nothing once it is closed.
    pub fn due(&self) -> Vec<(ReportClock, Deadline)> {
        let status = self.status();
        if status == ReportStatus::Closed {
            return Vec::new();
        }
        let mut due = Vec::new();
        let triage = clocks::concern_triage(self.reported_at, self.risk);
        match status {
            ReportStatus::New => due.push((ReportClock::Triage, triage)),
            ReportStatus::Triaged => due.push((ReportClock::Allocation, triage)),
            _ => {}
        }
        let can_be_told = self.reporter != Reporter::Anonymous;
        if can_be_told && self.contacted_at.is_none() {
            due.push((ReportClock::ReporterContact, clocks::reporter_contact(self.reported_at)));
        }
        let review = clocks::concern_review(self.reported_at, self.last_reviewed_on);
        due.push((ReportClock::SupervisorReview, review));
        due.sort_by_key(|(_, deadline)| deadline.closes_at);
        due
    }
}
