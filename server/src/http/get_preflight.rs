//! `get_preflight`: when nobody could be told of an alert.

use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::wire::Timestamp;
use crate::operations::preflight::{PREFLIGHT_MS, Preflight, StationGap};
use crate::store::id::{AccountId, StationId};
use crate::store::{StoreError, Tx, accounts};

/// When and where, in the coming week, nobody could be told of an alert.
#[derive(Serialize, ToSchema)]
pub struct PreflightReport {
    pub from: Timestamp,
    pub until: Timestamp,
    /// Every station, by name, also those where somebody can always be told.
    pub stations: Vec<StationPreflight>,
    /// People who have phones, none of which says that it shows what it is sent: nobody counts upon them.
    pub silent: Vec<SilentPerson>,
}

/// Somebody whose every phone is silent.
#[derive(Serialize, ToSchema)]
pub struct SilentPerson {
    pub account_id: AccountId,
    pub account_name: String,
    pub phones: usize,
}

/// A station's coming week.
#[derive(Serialize, ToSchema)]
pub struct StationPreflight {
    pub station_id: StationId,
    pub station_name: String,
    /// Empty when somebody can always be told of every order there.
    pub gaps: Vec<Gap>,
}

/// A time at which nobody could be told.
#[derive(Serialize, ToSchema)]
pub struct Gap {
    pub from: Timestamp,
    /// Not included.
    pub until: Timestamp,
    /// How many orders it concerns.
    pub orders: usize,
}

impl From<StationGap> for Gap {
    fn from(gap: StationGap) -> Self {
        Self { from: gap.from.into(), until: gap.until.into(), orders: gap.orders }
    }
}

/// Shows when and where, in the coming week, nobody could be told of a critical alert.
///
/// It goes by the rota, by who is away, and by the phones that can be reached now and have not fallen
/// silent. E-mail wakes nobody, so nothing is planned upon it.
#[utoipa::path(
    tag = "Escalation",
    responses((status = 200, description = "The coming week", body = PreflightReport)),
)]
#[get("/supervision/preflight")]
pub async fn get_preflight(caller: Caller<act::KeepRota>) -> Result<HttpResponse, Problem> {
    let (from, until) = (caller.now, caller.now + PREFLIGHT_MS);
    let read = move |tx: &mut Tx<'_>| {
        Ok::<_, StoreError>((Preflight::load(tx, from)?, accounts::names(tx)?))
    };
    let (preflight, mut names) =
        caller.read(read).await.map_err(|error: StoreError| Problem::from(error))?;
    let station = |station: &crate::store::stations::Station| StationPreflight {
        station_id: station.id,
        station_name: station.name.clone(),
        gaps: preflight.gaps(station.id, (from, until)).into_iter().map(Gap::from).collect(),
    };
    let stations = preflight.stations.iter().map(station).collect();
    let silent = preflight.silent().into_iter().map(|(account_id, phones)| SilentPerson {
        account_id,
        account_name: names.remove(&account_id).unwrap_or_default(),
        phones,
    });
    let silent = silent.collect();
    Ok(HttpResponse::Ok().json(PreflightReport {
        from: from.into(),
        until: until.into(),
        stations,
        silent,
    }))
}
