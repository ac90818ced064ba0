//! `end_provider_link`: a treatment provider can no longer speak through a link.

use actix_web::{HttpResponse, delete, web};

use super::caller::{Caller, act};
use super::problem::Problem;
use crate::operations::provider_access::end_link;
use crate::store::id::{ProviderId, ProviderLinkId};

/// Ends a link before its time.
///
/// Its token is good for nothing from the next request on. What was said through it stays on record.
/// Doing it twice changes nothing.
#[utoipa::path(
    tag = "Treatment",
    params(
        ("provider_id" = ProviderId, Path, description = "Whose"),
        ("link_id" = ProviderLinkId, Path, description = "The link"),
    ),
    responses((status = 204, description = "The link is over")),
)]
#[delete("/providers/{provider_id}/links/{link_id}")]
pub async fn end_provider_link(
    caller: Caller<act::KeepCase>,
    path: web::Path<(ProviderId, ProviderLinkId)>,
) -> Result<HttpResponse, Problem> {
    let (actor, ids) = (caller.actor(), *path);
    caller.write(move |tx| end_link(tx, &actor, ids)).await?;
    Ok(HttpResponse::NoContent().finish())
}
