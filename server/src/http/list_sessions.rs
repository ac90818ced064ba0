//! `list_sessions`: the treatment sessions of an order.

use actix_web::{HttpResponse, get, web};
use compliance::treatment::Appointment;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::wire::{ComplianceWord, EvidenceWord, SessionStateWord, Spelled, Timestamp};
use crate::operations::treatment::{ListedSession, OutcomeOnFile, list_sessions as list};
use crate::store::findings::{RecordedReason, recorded};
use crate::store::id::{FactId, OrderId, ProviderId};

/// The treatment sessions of an order, the earliest first.
#[derive(Serialize, ToSchema)]
pub struct SessionList {
    pub sessions: Vec<SessionEntry>,
}

/// A treatment session and what is known of it.
#[derive(Serialize, ToSchema)]
#[schema(as = TreatmentSession)]
pub struct SessionEntry {
    pub session_id: FactId,
    pub provider_id: ProviderId,
    pub provider_name: String,
    /// The condition that asks for it.
    pub label: String,
    pub programme: String,
    /// As it stands now, after every move that counts.
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub place: String,
    pub appointment: AppointmentWord,
    pub times_moved: usize,
    /// Without one after the end, it is missing and being asked for: never complied.
    pub outcome: Option<OutcomeEntry>,
    pub evidence: EvidenceWord,
    /// Only of an outcome that needs evidence.
    pub evidence_due_at: Option<Timestamp>,
    pub state: SessionStateWord,
    pub compliance: ComplianceWord,
    pub reasons: Vec<RecordedReason>,
}

/// What became of the appointment itself.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Appointment)]
pub enum AppointmentWord {
    Stands,
    /// Moved too late to count, so that it still stands.
    MovedTooLate,
    CancelledByProvider,
    ReferralNeverMade,
    /// The order was varied and does not ask for it any more.
    OrderVaried,
}

impl From<Appointment> for AppointmentWord {
    fn from(appointment: Appointment) -> Self {
        match appointment {
            Appointment::Stands => Self::Stands,
            Appointment::Moved { .. } => Self::MovedTooLate,
            Appointment::CancelledByProvider => Self::CancelledByProvider,
            Appointment::ReferralNeverMade => Self::ReferralNeverMade,
            Appointment::OrderVaried => Self::OrderVaried,
        }
    }
}

/// An outcome as it was recorded last.
#[derive(Serialize, ToSchema)]
#[schema(as = SessionOutcome)]
pub struct OutcomeEntry {
    #[schema(example = "ATTC")]
    pub code: String,
    pub words: &'static str,
    pub attended: bool,
    pub action: Option<String>,
    pub reason: Option<String>,
    pub note: String,
    /// Said by the provider through a link, and not entered by an officer.
    pub is_providers_word: bool,
    pub recorded_at: Timestamp,
    pub recorded_by_name: Option<String>,
}

impl OutcomeEntry {
    fn new(outcome: OutcomeOnFile, recorded_by_name: Option<String>) -> Self {
        let known = outcome.recorded.outcome();
        Self {
            code: outcome.body.code,
            words: known.words,
            attended: known.attended,
            action: outcome.body.action,
            reason: outcome.body.reason,
            note: outcome.body.note,
            is_providers_word: outcome.body.is_providers_word,
            recorded_at: outcome.recorded_at.into(),
            recorded_by_name,
        }
    }
}

impl From<ListedSession> for SessionEntry {
    fn from(listed: ListedSession) -> Self {
        let ListedSession { session, finding, provider_name, recorded_by_name } = listed;
        Self {
            session_id: session.id,
            provider_id: session.provider,
            provider_name,
            evidence_due_at: session.evidence_due_at().map(Timestamp),
            label: session.label,
            programme: session.programme,
            starts_at: session.session.window.opens_at.into(),
            ends_at: session.session.window.closes_at.into(),
            place: session.place,
            appointment: session.session.appointment.into(),
            times_moved: session.moves,
            outcome: session.outcome.map(|outcome| OutcomeEntry::new(outcome, recorded_by_name)),
            evidence: Spelled(session.evidence),
            state: Spelled(finding.state),
            compliance: Spelled(finding.state.compliance()),
            reasons: finding.reasons.iter().map(recorded).collect(),
        }
    }
}

/// Lists the treatment sessions of an order.
///
/// Each with its window as it stands, its outcome and what that means. The reading is in the ledger.
#[utoipa::path(
    tag = "Treatment",
    params(("order_id" = OrderId, Path, description = "The order that asks for treatment")),
    responses((status = 200, description = "The sessions, the earliest first", body = SessionList)),
)]
#[get("/orders/{order_id}/sessions")]
pub async fn list_sessions(
    caller: Caller<act::ReadCase>,
    order: web::Path<OrderId>,
) -> Result<HttpResponse, Problem> {
    let (actor, order) = (caller.actor(), *order);
    let found = caller.write(move |tx| list(tx, &actor, order)).await?;
    let sessions = found.into_iter().map(SessionEntry::from).collect();
    Ok(HttpResponse::Ok().json(SessionList { sessions }))
}
