//! `create_provider_link`: lets a treatment provider say who came.

use std::sync::Arc;

use actix_web::{HttpResponse, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::wire::{Body, Timestamp};
use crate::operations::provider_access::create_link;
use crate::store::id::{ProviderId, ProviderLinkId};

/// Until when the link is to be good.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProviderLink {
    /// At most 90 days ahead.
    pub expires_at: Timestamp,
}

/// A link; its token is not shown again.
#[derive(Serialize, ToSchema)]
pub struct ProviderLink {
    /// What it is called by when it is ended; it proves nothing.
    pub link_id: ProviderLinkId,
    pub provider_id: ProviderId,
    pub provider_name: String,
    /// For `Authorization: Bearer` at the provider's own operations, and nowhere else.
    pub token: String,
    pub expires_at: Timestamp,
}

/// Makes a link through which a provider sees its own sessions and says who came.
///
/// The token is shown this once; only its digest is kept.
#[utoipa::path(
    tag = "Treatment",
    params(("provider_id" = ProviderId, Path, description = "For whom")),
    request_body = NewProviderLink,
    responses((status = 201, description = "The link", body = ProviderLink)),
)]
#[post("/providers/{provider_id}/links")]
pub async fn create_provider_link(
    caller: Caller<act::KeepCase>,
    provider: web::Path<ProviderId>,
    asked: Body<NewProviderLink>,
) -> Result<HttpResponse, Problem> {
    let Timestamp(expires_at) = asked.read().await?.expires_at;
    let token = Arc::new(caller.app.identity.token());
    let link_id: ProviderLinkId = caller.app.identity.id(caller.now);
    let for_whom = (*provider, link_id, expires_at);
    let (actor, kept) = (caller.actor(), token.clone());
    let provider = caller.write(move |tx| create_link(tx, &actor, for_whom, &kept)).await?;
    Ok(HttpResponse::Created().json(ProviderLink {
        link_id,
        provider_id: provider.id,
        provider_name: provider.name,
        token: token.as_str().to_owned(),
        expires_at: expires_at.into(),
    }))
}
