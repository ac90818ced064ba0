//! `record_session_evidence`: what was shown for an absence, and whether it is good enough.

use actix_web::{HttpResponse, put, web};
use compliance::treatment::Evidence;
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::record_session_outcome::NOTE_CHARS_MAX;
use super::wire::{Body, checked_text};
use crate::operations::record_treatment::record_session_evidence as record;
use crate::store::id::FactId;

/// What was shown for an absence.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSessionEvidence)]
pub struct EvidenceSubmission {
    pub state: EvidenceState,
    /// What kind of paper it is; nothing of what it says about health.
    #[serde(default)]
    #[schema(max_length = 280)]
    pub note: String,
}

/// How far the evidence has come.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceState {
    /// It is here, and nobody has decided.
    Received,
    Accepted,
    Rejected,
}

impl From<EvidenceState> for Evidence {
    fn from(state: EvidenceState) -> Self {
        match state {
            EvidenceState::Received => Self::Received,
            EvidenceState::Accepted => Self::Accepted,
            EvidenceState::Rejected => Self::Rejected,
        }
    }
}

/// Records that evidence came, or what was decided on it.
///
/// Whoever recorded the outcome does not decide on the evidence for it.
#[utoipa::path(
    tag = "Treatment",
    params(
        ("session_id" = FactId, Path, description = "The session"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = EvidenceSubmission,
    responses((status = 201, description = "On file, now or before", body = Record)),
)]
#[put("/sessions/{session_id}/evidence/{record_id}")]
pub async fn record_session_evidence(
    caller: Caller<act::KeepCase>,
    path: web::Path<(FactId, FactId)>,
    seen: Body<EvidenceSubmission>,
) -> Result<HttpResponse, Problem> {
    let EvidenceSubmission { state, note } = seen.read().await?;
    checked_text("/note", &note, NOTE_CHARS_MAX)?;
    let (actor, ids) = (caller.actor(), *path);
    let recorded = caller.write(move |tx| record(tx, &actor, ids, (state.into(), &note))).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
