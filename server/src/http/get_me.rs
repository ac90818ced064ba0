//! `get_me`: the account that is signed in.

use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::wire::{RoleWord, Spelled};
use crate::store::accounts::Account;
use crate::store::id::{AccountId, StationId};
use crate::store::stations::{self, Station};

/// Who is signed in, and where they work.
#[derive(Serialize, ToSchema)]
pub struct Me {
    pub account: OwnAccount,
    /// All of them for a role that sees every case.
    pub stations: Vec<StationName>,
}

/// The account of the person who asks.
#[derive(Serialize, ToSchema)]
pub struct OwnAccount {
    pub account_id: AccountId,
    pub username: String,
    pub display_name: String,
    pub role: RoleWord,
}

impl From<Account> for OwnAccount {
    fn from(account: Account) -> Self {
        Self {
            account_id: account.id,
            username: account.username,
            display_name: account.display_name,
            role: Spelled(account.role),
        }
    }
}

/// A station by its names.
#[derive(Debug, Serialize, ToSchema)]
pub struct StationName {
    pub station_id: StationId,
    pub code: String,
    pub name: String,
}

impl From<Station> for StationName {
    fn from(station: Station) -> Self {
        Self { station_id: station.id, code: station.code, name: station.name }
    }
}

/// Says who is signed in and where they work.
///
/// An app asks this at its start, to offer what the role does.
#[utoipa::path(
    tag = "Session",
    responses((status = 200, description = "The account and its stations", body = Me)),
)]
#[get("/me")]
pub async fn get_me(caller: Caller<act::UseAccount>) -> Result<HttpResponse, Problem> {
    let scope = caller.scope();
    let stations = caller.read(move |tx| stations::of_scope(tx, scope)).await?;
    Ok(HttpResponse::Ok().json(Me {
        account: caller.account.into(),
        stations: stations.into_iter().map(StationName::from).collect(),
    }))
}
