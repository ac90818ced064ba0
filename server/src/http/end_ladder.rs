//! `end_ladder`: the usual ladder holds again.

use actix_web::{HttpResponse, delete, web};

use super::caller::{Caller, act};
use super::problem::Problem;
use crate::operations::ladders::end_ladder as end;
use crate::store::id::LadderId;

/// Ends a ladder that was set: what holds elsewhere holds there again.
///
/// Doing it twice changes nothing.
#[utoipa::path(
    tag = "Escalation",
    params(("ladder_id" = LadderId, Path, description = "The ladder")),
    responses((status = 204, description = "It is over")),
)]
#[delete("/ladders/{ladder_id}")]
pub async fn end_ladder(
    caller: Caller<act::KeepRota>,
    id: web::Path<LadderId>,
) -> Result<HttpResponse, Problem> {
    let (actor, id) = (caller.actor(), *id);
    caller.write(move |tx| end(tx, &actor, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
