//! `update_reporter`: whoever reported was told, or why not.

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

/// Whether whoever reported was told.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReporterUpdate {
    pub is_told: bool,
    /// What they were told; when they were not, why not.
    #[schema(min_length = 1, max_length = 4000)]
    pub note: String,
}

/// Records that whoever reported was told, or why not.
///
/// The first one stops the clock of 24 hours. One after the sign-off closes the report.
#[utoipa::path(
    tag = "Concerns",
    params(
        ("concern_id" = ConcernId, Path, description = "The report"),
        ("act_id" = ConcernActId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = NewReporterUpdate,
    responses((status = 201, description = "Done, now or before", body = ConcernEntry)),
)]
#[put("/concerns/{concern_id}/updates/{act_id}")]
pub async fn update_reporter(
    caller: Caller<act::InvestigateConcern>,
    path: ActPath,
    asked: Body<NewReporterUpdate>,
) -> Result<HttpResponse, Problem> {
    let NewReporterUpdate { is_told, note } = asked.read().await?;
    required_text("/note", &note, NOTE_CHARS_MAX)?;
    done(&caller, &path, Deed::Update { is_told }, &note).await
}
