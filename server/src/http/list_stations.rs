//! `list_stations`: where sign-ons are made.

use actix_web::{HttpResponse, get};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use crate::store::StoreError;
use crate::store::id::StationId;
use crate::store::stations::{self, Station};

/// The caller's stations, by name.
#[derive(Serialize, ToSchema)]
pub struct StationList {
    pub stations: Vec<StationEntry>,
}

/// A station and the ground on which it counts as attended.
#[derive(Serialize, ToSchema)]
#[schema(as = Station)]
pub struct StationEntry {
    pub station_id: StationId,
    pub code: String,
    pub name: String,
    pub position: WirePosition,
    /// Around the position.
    pub radius_m: f64,
    pub opening_hours: Vec<OpeningHours>,
}

/// WGS 84, degrees.
#[derive(Serialize, ToSchema)]
#[schema(as = Position)]
pub struct WirePosition {
    pub latitude: f64,
    pub longitude: f64,
}

/// When the public may come in; local time.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct OpeningHours {
    pub days: Vec<Day>,
    #[schema(example = "08:00")]
    pub opens: String,
    #[schema(example = "20:00")]
    pub closes: String,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl TryFrom<Station> for StationEntry {
    type Error = StoreError;

    fn try_from(station: Station) -> Result<Self, StoreError> {
        let opening_hours =
            serde_json::from_str(&station.opening_hours).map_err(|_unreadable| {
                StoreError::Corrupt { vocabulary: "opening hours", value: station.code.clone() }
            })?;
        Ok(Self {
            station_id: station.id,
            code: station.code,
            name: station.name,
            position: WirePosition { latitude: station.latitude, longitude: station.longitude },
            radius_m: station.radius_m,
            opening_hours,
        })
    }
}

/// Lists the caller's stations.
///
/// Those they work at; all of them for a role that sees every case.
#[utoipa::path(
    tag = "Stations",
    responses((status = 200, description = "The stations, by name", body = StationList)),
)]
#[get("/stations")]
pub async fn list_stations(caller: Caller<act::ReadStations>) -> Result<HttpResponse, Problem> {
    let scope = caller.scope();
    let found = caller.read(move |tx| stations::of_scope(tx, scope)).await?;
    let stations: Result<Vec<StationEntry>, StoreError> =
        found.into_iter().map(StationEntry::try_from).collect();
    Ok(HttpResponse::Ok().json(StationList { stations: stations? }))
}
