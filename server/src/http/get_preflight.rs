//! `get_preflight`: when nobody could be told of an alert.

use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::wire::Timestamp;
use crate::operations::preflight::{PREFLIGHT_MS, Preflight, StationGap};
use crate::store::id::StationId;

/// When and where, in the coming week, nobody could be told of an alert.
#[derive(Serialize, ToSchema)]
pub struct PreflightReport {
    pub from: Timestamp,
    pub until: Timestamp,
    /// Every station, by name, also those where somebody can always be told.
    pub stations: Vec<StationPreflight>,
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
/// It goes by the rota, by who is away, and by the phones that can be reached now.
#[utoipa::path(
    tag = "Escalation",
    responses((status = 200, description = "The coming week", body = PreflightReport)),
)]
#[get("/supervision/preflight")]
pub async fn get_preflight(caller: Caller<act::KeepRota>) -> Result<HttpResponse, Problem> {
    let (from, until) = (caller.now, caller.now + PREFLIGHT_MS);
    let preflight = caller.read(move |tx| Preflight::load(tx, from)).await?;
    let station = |station: &crate::store::stations::Station| StationPreflight {
        station_id: station.id,
        station_name: station.name.clone(),
        gaps: preflight.gaps(station.id, (from, until)).into_iter().map(Gap::from).collect(),
    };
    let stations = preflight.stations.iter().map(station).collect();
    Ok(HttpResponse::Ok().json(PreflightReport {
        from: from.into(),
        until: until.into(),
        stations,
    }))
}
