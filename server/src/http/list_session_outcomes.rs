//! `list_session_outcomes`: what can become of a treatment session, and what can be done about it.

use actix_web::{HttpResponse, get};
use compliance::treatment::{ACTIONS, OUTCOMES};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;

/// Reference data for outcomes of treatment sessions.
#[derive(Serialize, ToSchema)]
pub struct SessionOutcomeList {
    pub outcomes: Vec<OutcomeEntry>,
    pub actions: Vec<ActionEntry>,
}

/// A way in which a session can come out, as probation codes it.
#[derive(Serialize, ToSchema)]
#[schema(as = KnownOutcome)]
pub struct OutcomeEntry {
    #[schema(example = "ATTC")]
    pub code: &'static str,
    pub words: &'static str,
    pub attended: bool,
    pub complied: bool,
    /// An enforcement action must be said with it.
    pub needs_action: bool,
    /// It stands only if evidence is seen within 7 days of the session.
    pub needs_evidence: bool,
    /// The provider's doing, not the subject's.
    pub is_service_fault: bool,
}

/// What is done about an outcome.
#[derive(Serialize, ToSchema)]
#[schema(as = KnownAction)]
pub struct ActionEntry {
    #[schema(example = "ROM")]
    pub code: &'static str,
    pub words: &'static str,
    /// It is a choice that must be explained.
    pub needs_reason: bool,
    pub starts_breach: bool,
}

/// Lists the outcomes and enforcement actions that can be recorded.
#[utoipa::path(
    tag = "Treatment",
    responses((status = 200, description = "Every outcome and action",
        body = SessionOutcomeList)),
)]
#[get("/session-outcomes")]
pub async fn list_session_outcomes(_: Caller<act::ReadCase>) -> Result<HttpResponse, Problem> {
    let outcomes = OUTCOMES.iter().map(|it| OutcomeEntry {
        code: it.code,
        words: it.words,
        attended: it.attended,
        complied: it.complied,
        needs_action: it.enforceable,
        needs_evidence: it.needs_evidence,
        is_service_fault: it.service_fault,
    });
    let actions = ACTIONS.iter().map(|it| ActionEntry {
        code: it.code,
        words: it.words,
        needs_reason: it.needs_reason,
        starts_breach: it.starts_breach,
    });
    let list = SessionOutcomeList { outcomes: outcomes.collect(), actions: actions.collect() };
    Ok(HttpResponse::Ok().json(list))
}
