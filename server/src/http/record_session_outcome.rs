//! `record_session_outcome`: what became of a treatment session.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::confirm_sign_on::REASON_CHARS_MAX;
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, checked_text};
use crate::operations::record_treatment::record_session_outcome as record;
use crate::operations::treatment::Outcome;
use crate::store::id::FactId;

/// Room for who came, none for what was said there: attendance is all that is the police's business.
pub const NOTE_CHARS_MAX: usize = 280;

/// What became of a session.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSessionOutcome)]
pub struct OutcomeSubmission {
    /// One of `list_session_outcomes`.
    #[schema(example = "ATTC", max_length = 16)]
    pub code: String,
    /// What is done about it, where that must be said.
    #[schema(example = "ROM", max_length = 16)]
    pub action: Option<String>,
    /// Why that action, where it must be explained.
    #[schema(max_length = 500)]
    pub reason: Option<String>,
    /// About attendance only; nothing about health or what was said.
    #[serde(default)]
    #[schema(max_length = 280)]
    pub note: String,
}

/// Records what became of a session.
///
/// A later outcome takes the place of an earlier one; both stay on file. What is not complied with
/// is suspected until a person decides.
#[utoipa::path(
    tag = "Treatment",
    params(
        ("session_id" = FactId, Path, description = "The session"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = OutcomeSubmission,
    responses((status = 201, description = "On file, now or before", body = Record)),
)]
#[put("/sessions/{session_id}/outcomes/{record_id}")]
pub async fn record_session_outcome(
    caller: Caller<act::KeepCase>,
    path: web::Path<(FactId, FactId)>,
    said: Body<OutcomeSubmission>,
) -> Result<HttpResponse, Problem> {
    let OutcomeSubmission { code, action, reason, note } = said.read().await?;
    checked_text("/code", &code, 16)?;
    checked_text("/action", action.as_deref().unwrap_or_default(), 16)?;
    checked_text("/reason", reason.as_deref().unwrap_or_default(), REASON_CHARS_MAX)?;
    checked_text("/note", &note, NOTE_CHARS_MAX)?;
    let outcome = Outcome { code, action, reason, note, is_providers_word: false };
    let (actor, ids) = (caller.actor(), *path);
    let recorded = caller.write(move |tx| record(tx, &actor, ids, &outcome)).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
