//! `record_concern_action`: what was done to find out.

use actix_web::{HttpResponse, put};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::concern_act::{ActPath, NOTE_CHARS_MAX, done};
use super::list_concerns::ConcernEntry;
use super::problem::Problem;
use super::wire::{Body, InvestigativeActionWord, Spelled, required_text};
use crate::operations::concerns::Deed;
use crate::store::id::{ConcernActId, ConcernId};

/// What was done, and what came of it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConcernAction {
    pub action: InvestigativeActionWord,
    /// What came of it.
    #[schema(min_length = 1, max_length = 4000)]
    pub note: String,
}

/// Records what was done to find out.
///
/// By whom the report was given to, its owner or a supervisor. What comes to light after a sign-off has
/// to be signed off, too.
#[utoipa::path(
    tag = "Concerns",
    params(
        ("concern_id" = ConcernId, Path, description = "The report"),
        ("act_id" = ConcernActId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = NewConcernAction,
    responses((status = 201, description = "Done, now or before", body = ConcernEntry)),
)]
#[put("/concerns/{concern_id}/actions/{act_id}")]
pub async fn record_concern_action(
    caller: Caller<act::InvestigateConcern>,
    path: ActPath,
    asked: Body<NewConcernAction>,
) -> Result<HttpResponse, Problem> {
    let NewConcernAction { action: Spelled(action), note } = asked.read().await?;
    required_text("/note", &note, NOTE_CHARS_MAX)?;
    done(&caller, &path, Deed::Investigate { action }, &note).await
}
