//! `reopen_concern`: something new has come up about a report that is closed.

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

/// What has come up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReopening {
    /// What has come up.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// Opens a closed report again.
///
/// What is new is investigated, concluded, signed off and told as the first time.
#[utoipa::path(
    tag = "Concerns",
    params(
        ("concern_id" = ConcernId, Path, description = "The report"),
        ("act_id" = ConcernActId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = NewReopening,
    responses((status = 201, description = "Done, now or before", body = ConcernEntry)),
)]
#[put("/concerns/{concern_id}/reopenings/{act_id}")]
pub async fn reopen_concern(
    caller: Caller<act::OverseeConcern>,
    path: ActPath,
    asked: Body<NewReopening>,
) -> Result<HttpResponse, Problem> {
    let NewReopening { reason } = asked.read().await?;
    required_text("/reason", &reason, NOTE_CHARS_MAX)?;
    done(&caller, &path, Deed::Reopen, &reason).await
}
