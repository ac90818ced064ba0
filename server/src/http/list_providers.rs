//! `list_providers`: who gives treatment.

use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use crate::store::id::ProviderId;
use crate::store::providers::{self, Provider};

/// Who gives treatment.
#[derive(Serialize, ToSchema)]
pub struct ProviderList {
    pub providers: Vec<ProviderEntry>,
}

/// A treatment provider.
#[derive(Serialize, ToSchema)]
#[schema(as = Provider)]
pub struct ProviderEntry {
    pub provider_id: ProviderId,
    pub code: String,
    pub name: String,
    /// Whom to ask when an outcome is missing.
    pub contact: String,
}

impl From<Provider> for ProviderEntry {
    fn from(provider: Provider) -> Self {
        let Provider { id, code, name, contact, .. } = provider;
        Self { provider_id: id, code, name, contact }
    }
}

/// Lists treatment providers, by code.
#[utoipa::path(
    tag = "Treatment",
    responses((status = 200, description = "Every provider", body = ProviderList)),
)]
#[get("/providers")]
pub async fn list_providers(caller: Caller<act::ReadCase>) -> Result<HttpResponse, Problem> {
    let found = caller.read(providers::list).await?;
    let providers = found.into_iter().map(ProviderEntry::from).collect();
    Ok(HttpResponse::Ok().json(ProviderList { providers }))
}
