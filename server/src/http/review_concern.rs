//! `review_concern`: a supervisor has looked at an open report.

use actix_web::{HttpResponse, put};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::concern_act::{ActPath, NOTE_CHARS_MAX, done};
use super::list_concerns::ConcernEntry;
use super::problem::Problem;
use super::wire::{Body, required_text};
use crate::operations::concerns::Deed;
use crate::store::id::{ConcernActId, ConcernId};

/// What the supervisor found.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConcernReview {
    /// What is to be done next.
    #[schema(min_length = 1, max_length = 4000)]
    pub note: String,
}

/// Records that a supervisor has looked at an open report.
///
/// After 72 hours, then weekly, until it is closed.
#[utoipa::path(
    tag = "Concerns",
    params(
        ("concern_id" = ConcernId, Path, description = "The report"),
        ("act_id" = ConcernActId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = NewConcernReview,
    responses((status = 201, description = "Done, now or before", body = ConcernEntry)),
)]
#[put("/concerns/{concern_id}/reviews/{act_id}")]
pub async fn review_concern(
    caller: Caller<act::OverseeConcern>,
    path: ActPath,
    asked: Body<NewConcernReview>,
) -> Result<HttpResponse, Problem> {
    let NewConcernReview { note } = asked.read().await?;
    required_text("/note", &note, NOTE_CHARS_MAX)?;
    done(&caller, &path, Deed::Review, &note).await
}
