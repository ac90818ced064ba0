//! `list_provider_links`: through which links a treatment provider can say who came.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::wire::Timestamp;
use crate::operations::provider_access::list_links;
use crate::store::id::{ProviderId, ProviderLinkId};

/// The links of a provider, the latest first.
#[derive(Serialize, ToSchema)]
pub struct ProviderLinkList {
    pub links: Vec<ProviderLinkEntry>,
}

/// A link without its token, of which only the digest is kept.
#[derive(Serialize, ToSchema)]
pub struct ProviderLinkEntry {
    pub link_id: ProviderLinkId,
    pub created_at: Timestamp,
    pub created_by_name: String,
    pub expires_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// Whether its token is good now.
    pub is_good: bool,
}

/// Lists the links of a treatment provider, those that are over too.
#[utoipa::path(
    tag = "Treatment",
    params(("provider_id" = ProviderId, Path, description = "Whose")),
    responses((status = 200, description = "The links", body = ProviderLinkList)),
)]
#[get("/providers/{provider_id}/links")]
pub async fn list_provider_links(
    caller: Caller<act::KeepCase>,
    provider: web::Path<ProviderId>,
) -> Result<HttpResponse, Problem> {
    let (provider, now) = (*provider, caller.now);
    let found = caller.write(move |tx| list_links(tx, provider)).await?;
    let entry =
        |(link, created_by_name): (crate::store::providers::Link, String)| ProviderLinkEntry {
            is_good: link.is_good(now),
            link_id: link.id,
            created_at: link.created_at.into(),
            created_by_name,
            expires_at: link.expires_at.into(),
            ended_at: link.ended_at.map(Timestamp),
        };
    Ok(HttpResponse::Ok().json(ProviderLinkList { links: found.into_iter().map(entry).collect() }))
}
