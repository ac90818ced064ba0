//! `end_warning`: a warning no longer holds.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, required_text};
use crate::operations::warnings::end_warning as end;
use crate::store::id::FactId;

/// Why officers need not be warned any more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WarningEnd {
    /// Name no victim and nobody else.
    #[schema(
        min_length = 1,
        max_length = 2000,
        example = "The doctor says that he is well again."
    )]
    pub reason: String,
}

/// Ends a warning: it is shown no more, and stays on file.
///
/// By whoever keeps a case of the subject. A warning that was never so is a mistake instead.
#[utoipa::path(
    tag = "Cases",
    params(
        ("warning_id" = FactId, Path, description = "The warning"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the client"),
    ),
    request_body = WarningEnd,
    responses((status = 201, description = "Ended, now or before", body = Record)),
)]
#[put("/warnings/{warning_id}/ends/{record_id}")]
pub async fn end_warning(
    caller: Caller<act::KeepCase>,
    ids: web::Path<(FactId, FactId)>,
    ended: Body<WarningEnd>,
) -> Result<HttpResponse, Problem> {
    let WarningEnd { reason } = ended.read().await?;
    required_text("/reason", &reason, 2_000)?;
    let (actor, ids) = (caller.actor(), *ids);
    let recorded = caller.write(move |tx| end(tx, &actor, ids, &reason)).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
