//! `link_concern`: a report is about the same as another one.

use actix_web::{HttpResponse, put};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::concern_act::{ActPath, NOTE_CHARS_MAX, done};
use super::list_concerns::ConcernEntry;
use super::problem::Problem;
use super::wire::{Body, checked_text};
use crate::operations::concerns::Deed;
use crate::store::id::{ConcernActId, ConcernId};

/// The other report.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConcernLink {
    pub to_concern_id: ConcernId,
    /// What they have in common.
    #[serde(default)]
    #[schema(max_length = 4000)]
    pub note: String,
}

/// Links a report to another one that is about the same.
///
/// Both stay, and both are investigated: a link closes nothing.
#[utoipa::path(
    tag = "Concerns",
    params(
        ("concern_id" = ConcernId, Path, description = "The report"),
        ("act_id" = ConcernActId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = NewConcernLink,
    responses((status = 201, description = "Done, now or before", body = ConcernEntry)),
)]
#[put("/concerns/{concern_id}/links/{act_id}")]
pub async fn link_concern(
    caller: Caller<act::RecordFact>,
    path: ActPath,
    asked: Body<NewConcernLink>,
) -> Result<HttpResponse, Problem> {
    let NewConcernLink { to_concern_id: to, note } = asked.read().await?;
    checked_text("/note", &note, NOTE_CHARS_MAX)?;
    done(&caller, &path, Deed::Link { to }, &note).await
}
