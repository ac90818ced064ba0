//! `list_accounts`: who may use the service.

use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::wire::{RoleWord, Spelled, Timestamp};
use crate::store::StoreError;
use crate::store::accounts::{self, Account};
use crate::store::id::{AccountId, StationId};

/// Every account, by username.
#[derive(Serialize, ToSchema)]
pub struct AccountList {
    pub accounts: Vec<AccountEntry>,
}

/// An account: who may use the service, as what, and where.
#[derive(Serialize, ToSchema)]
#[schema(as = Account)]
pub struct AccountEntry {
    pub account_id: AccountId,
    /// In lower case.
    pub username: String,
    pub display_name: String,
    pub role: RoleWord,
    pub stations: Vec<StationId>,
    /// Where they are told of alerts besides their phones.
    pub email: Option<String>,
    pub created_at: Timestamp,
    /// Since then it cannot be used.
    pub disabled_at: Option<Timestamp>,
}

impl AccountEntry {
    pub fn new(account: Account, stations: Vec<StationId>) -> Self {
        Self {
            account_id: account.id,
            username: account.username,
            display_name: account.display_name,
            role: Spelled(account.role),
            stations,
            email: account.email,
            created_at: account.created_at.into(),
            disabled_at: account.disabled_at.map(Timestamp),
        }
    }
}

/// Lists the accounts.
///
/// Disabled ones too, because what they did is on record.
#[utoipa::path(
    tag = "Accounts",
    responses((status = 200, description = "The accounts, by username", body = AccountList)),
)]
#[get("/accounts")]
pub async fn list_accounts(caller: Caller<act::KeepAccounts>) -> Result<HttpResponse, Problem> {
    let (accounts, mut stations) = caller
        .read(|tx| Ok::<_, StoreError>((accounts::all(tx)?, accounts::stations_by_account(tx)?)))
        .await?;
    let entry = |account: Account| {
        let stations = stations.remove(&account.id).unwrap_or_default();
        AccountEntry::new(account, stations)
    };
    let accounts = accounts.into_iter().map(entry).collect();
    Ok(HttpResponse::Ok().json(AccountList { accounts }))
}
