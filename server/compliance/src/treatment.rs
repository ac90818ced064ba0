//! What a treatment session's outcome, or the lack of one, means.
//!
//! The Stalking Protection Act 2019 has no model for this; probation's is used (`domain.md`, 2.6):
//! an outcome says whether the person attended and whether they complied. No outcome is a state of
//! its own, chased, and never counted as complied. What the provider or the police left undone is
//! never the subject's.

mod reference;
#[cfg(test)]
mod tests;

pub use reference::{ACTIONS, EnforcementAction, OUTCOMES, SessionOutcome};

use crate::attendance::{Compliance, Reason};
use crate::instant::{DAY_MS, HOUR_MS, Instant};
use crate::window::Window;
use crate::word::words;

/// Evidence is due this long after the session (probation's default, `domain.md`, 2.6 and J22).
pub const EVIDENCE_DUE_MS: i64 = 7 * DAY_MS;
/// A provider's outcome is due a day after the session; it is asked for then, and once more a day
/// later (`domain.md`, section 5).
pub const CHASED_AFTER_MS: [i64; 2] = [24 * HOUR_MS, 48 * HOUR_MS];

/// Within this time of the order binding, the police refer the subject to the provider. No source
/// says how long; a week is what the evidence for an absence gets, too.
pub const REFERRAL_MS: i64 = 7 * DAY_MS;

/// From when on a referral that was not made is the service's own fault, never the subject's.
/// Nothing is owed while the order, or the version that asks for treatment, does not bind.
pub fn referral_due_at(binds_from: Option<Instant>, in_force_from: Instant) -> Option<Instant> {
    binds_from.map(|from| from.max(in_force_from) + REFERRAL_MS)
}

words! {
    SessionState {
        /// It has not ended, and nothing is known of it yet.
        Ahead = "ahead",
        OutcomeMissing = "outcome_missing",
        Compliant = "compliant",
        AwaitingEvidence = "awaiting_evidence",
        /// Suspected until a person decides.
        NonCompliant = "non_compliant",
        /// The provider or the police did not do their part.
        ServiceFault = "service_fault",
        /// Another session takes its place.
        Moved = "moved",
        /// The court dropped the condition before it began: nothing is asked of anybody.
        NoLongerAsked = "no_longer_asked",
    }
}

impl SessionState {
    pub fn compliance(self) -> Compliance {
        match self {
            Self::Compliant => Compliance::Compliant,
            Self::NonCompliant => Compliance::NonCompliant,
            Self::AwaitingEvidence => Compliance::AwaitingEvidence,
            Self::Ahead
            | Self::OutcomeMissing
            | Self::ServiceFault
            | Self::Moved
            | Self::NoLongerAsked => Compliance::NoData,
        }
    }
}

words! {
    MovedBy {
        Provider = "provider",
        Subject = "subject",
    }
}

/// What became of the appointment itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appointment {
    Stands,
    /// Moved to another time, as agreed at `agreed_at`.
    Moved {
        by: MovedBy,
        agreed_at: Instant,
    },
    CancelledByProvider,
    /// The police never referred the subject, so there was nothing to attend.
    ReferralNeverMade,
    /// The order was varied, and asks for no treatment of this kind any more.
    OrderVaried,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// From its start to its end.
    pub window: Window,
    pub appointment: Appointment,
}

words! {
    /// How far the evidence for an absence has come.
    Evidence {
        NotReceived = "not_received",
        /// It is with us and nobody has decided yet. It does not lapse then.
        Received = "received",
        Accepted = "accepted",
        Rejected = "rejected",
    }
}

/// An outcome as the provider or an officer recorded it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordedOutcome {
    outcome: &'static SessionOutcome,
    action: Option<&'static EnforcementAction>,
    pub evidence: Evidence,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TreatmentRefusal {
    #[error("\"{code}\" is not an outcome that we know; choose one from the list.")]
    UnknownOutcome { code: String },
    #[error("\"{code}\" is not an enforcement action that we know; choose one from the list.")]
    UnknownAction { code: String },
    #[error("\"{words}\" must be followed up: say which enforcement action is taken.")]
    ActionRequired { words: &'static str },
    #[error("\"{words}\" is a choice that must be explained: give the reason for it.")]
    ReasonRequired { words: &'static str },
    #[error(
        "The session has not begun. Until then only an acceptable absence or a move can be \
         recorded, not \"{words}\"."
    )]
    NotYetBegun { words: &'static str },
}

/// An outcome as it is entered.
#[derive(Debug, Clone, Copy)]
pub struct OutcomeText<'a> {
    pub outcome: &'a str,
    pub action: Option<&'a str>,
    /// Why this action; a warning is a policing choice, not a step that the law asks for.
    pub reason: Option<&'a str>,
    pub recorded_at: Instant,
}

impl RecordedOutcome {
    pub fn read(session: &Session, text: &OutcomeText<'_>) -> Result<Self, TreatmentRefusal> {
        let Some(outcome) = SessionOutcome::find(text.outcome) else {
            return Err(TreatmentRefusal::UnknownOutcome { code: cut(text.outcome) });
        };
        let action = match text.action {
            None => None,
            Some(code) => match EnforcementAction::find(code) {
                None => return Err(TreatmentRefusal::UnknownAction { code: cut(code) }),
                found => found,
            },
        };
        let words = outcome.words;
        let has_begun = text.recorded_at >= session.window.opens_at;
        if !has_begun && (outcome.attended || !outcome.complied) {
            return Err(TreatmentRefusal::NotYetBegun { words });
        }
        if outcome.enforceable && action.is_none() {
            return Err(TreatmentRefusal::ActionRequired { words });
        }
        if let Some(action) = action.filter(|action| action.needs_reason)
            && text.reason.is_none_or(|reason| reason.trim().is_empty())
        {
            return Err(TreatmentRefusal::ReasonRequired { words: action.words });
        }
        Ok(Self { outcome, action, evidence: Evidence::NotReceived })
    }

    pub fn with_evidence(self, evidence: Evidence) -> Self {
        Self { evidence, ..self }
    }

    pub fn outcome(&self) -> &'static SessionOutcome {
        self.outcome
    }

    pub fn action(&self) -> Option<&'static EnforcementAction> {
        self.action
    }
}

fn cut(code: &str) -> String {
    code.chars().take(16).collect()
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionFinding {
    pub state: SessionState,
    pub reasons: Vec<Reason>,
}

fn found(state: SessionState, code: &'static str, says: impl Into<String>) -> SessionFinding {
    SessionFinding { state, reasons: vec![Reason { code, says: says.into() }] }
}

/// Total. What the service left undone is looked at first: it is never the subject's fault,
/// whatever outcome was recorded.
pub fn assess_session(
    session: &Session,
    recorded: Option<&RecordedOutcome>,
    now: Instant,
) -> SessionFinding {
    match session.appointment {
        Appointment::CancelledByProvider => found(
            SessionState::ServiceFault,
            "provider-cancelled",
            "The provider cancelled the session; that is not the subject's fault.",
        ),
        Appointment::ReferralNeverMade => found(
            SessionState::ServiceFault,
            "referral-never-made",
            "The subject was never referred to the provider; that is not the subject's fault.",
        ),
        Appointment::OrderVaried => found(
            SessionState::NoLongerAsked,
            "order-varied",
            "The order was varied before the session and does not ask for it any more.",
        ),
        Appointment::Moved { by: MovedBy::Subject, agreed_at }
            if agreed_at >= session.window.opens_at =>
        {
            let mut finding = assess_held(session, recorded, now);
            finding.reasons.push(Reason {
                code: "moved-too-late",
                says: "The move was agreed only after the session had begun, so it still counts."
                    .to_owned(),
            });
            finding
        }
        Appointment::Moved { by, .. } => found(
            SessionState::Moved,
            "moved",
            format!("The session was moved at the {by}'s request; the new one counts."),
        ),
        Appointment::Stands => assess_held(session, recorded, now),
    }
}

fn assess_held(
    session: &Session,
    recorded: Option<&RecordedOutcome>,
    now: Instant,
) -> SessionFinding {
    let Some(recorded) = recorded else {
        return if now < session.window.closes_at {
            found(SessionState::Ahead, "not-ended", "The session has not ended yet.")
        } else {
            found(
                SessionState::OutcomeMissing,
                "outcome-missing",
                "The session has ended and the provider has not said what happened.",
            )
        };
    };
    let outcome = recorded.outcome;
    if outcome.service_fault {
        return found(SessionState::ServiceFault, "service-fault", sentence(outcome));
    }
    if outcome.needs_evidence {
        return assess_evidence(session, recorded, now);
    }
    if outcome.complied {
        found(SessionState::Compliant, "complied", sentence(outcome))
    } else {
        found(SessionState::NonCompliant, "not-complied", sentence(outcome))
    }
}

fn assess_evidence(session: &Session, recorded: &RecordedOutcome, now: Instant) -> SessionFinding {
    let words = recorded.outcome.words;
    match recorded.evidence {
        Evidence::Accepted => found(
            SessionState::Compliant,
            "evidence-accepted",
            format!("{words}, and the evidence was accepted."),
        ),
        Evidence::Rejected => found(
            SessionState::NonCompliant,
            "evidence-rejected",
            format!("{words}, and the evidence was rejected."),
        ),
        Evidence::Received => found(
            SessionState::AwaitingEvidence,
            "evidence-undecided",
            format!("{words}; the evidence is here and nobody has decided on it."),
        ),
        Evidence::NotReceived if now < evidence_due_at(session) => found(
            SessionState::AwaitingEvidence,
            "evidence-awaited",
            format!("{words}; evidence is due within 7 days of the session."),
        ),
        Evidence::NotReceived => found(
            SessionState::NonCompliant,
            "evidence-lapsed",
            format!("{words}, and no evidence came within 7 days of the session."),
        ),
    }
}

fn sentence(outcome: &SessionOutcome) -> String {
    format!("{}.", outcome.words)
}

/// When an absence without its evidence becomes suspected non-compliance. That is raised; it closes
/// nothing by itself.
pub fn evidence_due_at(session: &Session) -> Instant {
    session.window.closes_at + EVIDENCE_DUE_MS
}

/// The instants at which the provider is asked for the outcome while there is none. Empty if no
/// outcome is owed.
pub fn chases(session: &Session) -> Vec<Instant> {
    let is_owed = matches!(
        assess_session(session, None, session.window.closes_at).state,
        SessionState::OutcomeMissing
    );
    let after_ms = CHASED_AFTER_MS.iter().filter(|_| is_owed);
    after_ms.map(|after_ms| session.window.closes_at + *after_ms).collect()
}

/// The next chase after `now`, to wake at.
pub fn next_chase(session: &Session, now: Instant) -> Option<Instant> {
    chases(session).into_iter().find(|at| *at > now)
}
