//! `list_provider_sessions`: whom a treatment provider expects when.

use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::problem::Problem;
use super::provider_caller::ProviderCaller;
use super::wire::{SessionStateWord, Spelled, Timestamp};
use crate::operations::provider_access::{ProviderSession, list_provider_sessions as list};
use crate::store::id::FactId;

/// A provider's own sessions, from 30 days ago on.
#[derive(Serialize, ToSchema)]
pub struct ProviderSessionList {
    pub provider_name: String,
    pub sessions: Vec<ProviderSessionEntry>,
}

/// A session, with as little of the person as it takes to know who is meant.
#[derive(Serialize, ToSchema)]
#[schema(as = ProviderSession)]
pub struct ProviderSessionEntry {
    pub session_id: FactId,
    pub given_name: String,
    #[schema(example = "TV")]
    pub initials: String,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub place: String,
    pub state: SessionStateWord,
}

impl From<ProviderSession> for ProviderSessionEntry {
    fn from(found: ProviderSession) -> Self {
        Self {
            session_id: found.session.id,
            given_name: found.given_name,
            initials: found.initials,
            starts_at: found.session.session.window.opens_at.into(),
            ends_at: found.session.session.window.closes_at.into(),
            place: found.session.place,
            state: Spelled(found.finding.state),
        }
    }
}

/// Lists the calling provider's own sessions.
///
/// Nothing of the case is in it. The disclosure is in the ledger.
#[utoipa::path(
    tag = "Treatment",
    security(("provider" = [])),
    responses((status = 200, description = "The sessions, the earliest first",
        body = ProviderSessionList)),
)]
#[get("/provider/sessions")]
pub async fn list_provider_sessions(caller: ProviderCaller) -> Result<HttpResponse, Problem> {
    let (provider, now) = (caller.provider.id, caller.now);
    let found = caller.write(move |tx| list(tx, provider, now)).await?;
    let sessions = found.into_iter().map(ProviderSessionEntry::from).collect();
    let provider_name = caller.provider.name;
    Ok(HttpResponse::Ok().json(ProviderSessionList { provider_name, sessions }))
}
