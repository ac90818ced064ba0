//! `create_account`: lets somebody use the service.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::list_accounts::AccountEntry;
use super::problem::{Kind, Problem};
use super::wire::{Body, RoleWord, checked_text};
use crate::operations::accounts::{NewAccount, check_words, create_account as create};
use crate::operations::sign_in::password_hash;
use crate::service::App;
use crate::store::id::{AccountId, StationId};

/// Somebody who is to use the service.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAccount)]
pub struct AccountSubmission {
    /// Letters, digits, dots, dashes, underlines and @; kept in lower case.
    #[schema(min_length = 1, max_length = 64)]
    pub username: String,
    #[schema(min_length = 1, max_length = 100)]
    pub display_name: String,
    pub role: RoleWord,
    #[schema(min_length = 12, max_length = 200)]
    pub password: String,
    /// Where they work.
    pub stations: Vec<StationId>,
}

/// Lets somebody use the service.
///
/// Putting the same account again changes nothing; the password is not compared.
#[utoipa::path(
    tag = "Accounts",
    params(("account_id" = AccountId, Path, description = "A UUIDv7 made by the caller")),
    request_body = AccountSubmission,
    responses((status = 201, description = "On file, now or before", body = AccountEntry)),
)]
#[put("/accounts/{account_id}")]
pub async fn create_account(
    caller: Caller<act::KeepAccounts>,
    id: web::Path<AccountId>,
    asked: Body<AccountSubmission>,
) -> Result<HttpResponse, Problem> {
    let asked = asked.read().await?;
    check_words(&asked.username, &asked.display_name, &asked.password)?;
    checked_text("/display_name", &asked.display_name, 100)?;
    let new = NewAccount {
        id: *id,
        username: asked.username,
        display_name: asked.display_name,
        role: asked.role.0,
        password_hash: hashed(&caller.app, asked.password).await?,
        stations: asked.stations.into_iter().collect::<BTreeSet<StationId>>(),
    };
    let (actor, now) = (Some(caller.account.id), caller.now);
    let stations = new.stations.iter().copied().collect();
    let account = caller.write(move |tx| create(tx, actor, now, &new)).await?;
    Ok(HttpResponse::Created().json(AccountEntry::new(account, stations)))
}

async fn hashed(app: &App, password: String) -> Result<String, Problem> {
    fn internal(error: impl std::fmt::Display) -> Problem {
        tracing::error!(%error, "a password could not be hashed");
        Problem::new(Kind::Internal)
    }
    let _permit = app.password_checks.acquire().await.map_err(internal)?;
    let identity = app.identity.clone();
    let hash = tokio::task::spawn_blocking(move || password_hash(&identity, &password));
    Ok(hash.await.map_err(internal)??)
}
