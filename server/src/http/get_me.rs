//! `get_me`: the account that is signed in.

use actix_web::{HttpResponse, get};
use compliance::Instant;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::wire::{PhoneStateWord, RoleWord, Spelled, Timestamp};
use crate::store::accounts::Account;
use crate::store::id::{AccountId, PushSubscriptionId, StationId};
use crate::store::push_subscriptions::{self, LivePhone};
use crate::store::stations::{self, Station};
use crate::store::{StoreError, Tx};

/// Who is signed in, where they work, and on which phones they are told.
#[derive(Serialize, ToSchema)]
pub struct Me {
    pub account: OwnAccount,
    /// All of them for a role that sees every case.
    pub stations: Vec<StationName>,
    /// The phones that get the account's alerts.
    pub phones: Vec<OwnPhone>,
}

/// A phone of the person who asks.
#[derive(Serialize, ToSchema)]
pub struct OwnPhone {
    pub push_subscription_id: PushSubscriptionId,
    pub subscribed_at: Timestamp,
    /// When it said last that it had shown something.
    pub last_receipt_at: Option<Timestamp>,
    /// Show `silent` in red: nobody counts as told by the phone.
    pub state: PhoneStateWord,
}

impl OwnPhone {
    fn new(phone: LivePhone, now: Instant) -> Self {
        Self {
            push_subscription_id: phone.id,
            subscribed_at: phone.created_at.into(),
            last_receipt_at: phone.signs.receipt_at.map(Timestamp),
            state: Spelled(phone.signs.state(now)),
        }
    }
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

/// Says who is signed in, where they work, and whether their phones can be counted upon.
///
/// An app asks this at its start, to offer what the role does.
#[utoipa::path(
    tag = "Session",
    responses((status = 200, description = "The account and its stations", body = Me)),
)]
#[get("/me")]
pub async fn get_me(caller: Caller<act::UseAccount>) -> Result<HttpResponse, Problem> {
    let (scope, now) = (caller.scope(), caller.now);
    let read = move |tx: &mut Tx<'_>| {
        let phones = push_subscriptions::live_of(tx, scope.account)?;
        Ok::<_, StoreError>((stations::of_scope(tx, scope)?, phones))
    };
    let (stations, phones) =
        caller.read(read).await.map_err(|error: StoreError| Problem::from(error))?;
    Ok(HttpResponse::Ok().json(Me {
        account: caller.account.into(),
        stations: stations.into_iter().map(StationName::from).collect(),
        phones: phones.into_iter().map(|phone| OwnPhone::new(phone, now)).collect(),
    }))
}
