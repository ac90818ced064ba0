//! `end_rota_entry`: takes a line of the rota back.

use actix_web::{HttpResponse, delete, web};

use super::caller::{Caller, act};
use super::problem::Problem;
use crate::operations::rota::end_rota_entry as end;
use crate::store::id::RotaEntryId;

/// Takes a line of the rota back before its time.
///
/// Doing it twice changes nothing.
#[utoipa::path(
    tag = "Escalation",
    params(("rota_entry_id" = RotaEntryId, Path, description = "The line")),
    responses((status = 204, description = "It is over")),
)]
#[delete("/rota/{rota_entry_id}")]
pub async fn end_rota_entry(
    caller: Caller<act::KeepRota>,
    id: web::Path<RotaEntryId>,
) -> Result<HttpResponse, Problem> {
    let (actor, id) = (caller.actor(), *id);
    caller.write(move |tx| end(tx, &actor, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
