//! `record_rota_entry`: somebody is on duty, or away.

use actix_web::{HttpResponse, put, web};
use compliance::Word;
use compliance::escalation::Rung;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::wire::{Body, RotaKindWord, RungWord, Spelled, Timestamp};
use crate::operations::rota::record_rota_entry as record;
use crate::store::StoreError;
use crate::store::id::{AccountId, RotaEntryId, StationId};
use crate::store::rota::RotaEntry;

/// Somebody on duty, or away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRotaEntry {
    pub kind: RotaKindWord,
    pub account_id: AccountId,
    /// Of a duty: `supervisor`, `coordinator` or `control_room`.
    #[serde(default)]
    pub rung: Option<RungWord>,
    /// Of a duty at one station; else at every one.
    #[serde(default)]
    pub station_id: Option<StationId>,
    /// Of an absence: who is told instead. Without one, nobody is.
    #[serde(default)]
    pub covered_by: Option<AccountId>,
    pub from: Timestamp,
    /// Not included; at most 92 days after `from`.
    pub until: Timestamp,
}

/// A line of the rota.
#[derive(Serialize, ToSchema)]
#[schema(as = RotaEntry)]
pub struct WireRotaEntry {
    pub rota_entry_id: RotaEntryId,
    pub kind: RotaKindWord,
    pub account_id: AccountId,
    pub rung: Option<RungWord>,
    pub station_id: Option<StationId>,
    pub covered_by: Option<AccountId>,
    pub from: Timestamp,
    pub until: Timestamp,
}

impl TryFrom<RotaEntry> for WireRotaEntry {
    type Error = StoreError;

    fn try_from(entry: RotaEntry) -> Result<Self, StoreError> {
        let rung = entry.entry()?.rung.map(Spelled);
        Ok(Self {
            rota_entry_id: entry.id,
            kind: Spelled(entry.kind),
            account_id: entry.account_id,
            rung,
            station_id: entry.station_id,
            covered_by: entry.covered_by,
            from: entry.from_at.into(),
            until: entry.until_at.into(),
        })
    }
}

/// Puts somebody on duty, or notes that they are away and who covers for them.
///
/// Where nobody is on duty on a step, everybody whose post it is is told. Whoever is away without cover
/// is told of nothing.
#[utoipa::path(
    tag = "Escalation",
    params(("rota_entry_id" = RotaEntryId, Path, description = "A UUIDv7 made by the caller")),
    request_body = NewRotaEntry,
    responses((status = 201, description = "On file, now or before", body = WireRotaEntry)),
)]
#[put("/rota/{rota_entry_id}")]
pub async fn record_rota_entry(
    caller: Caller<act::KeepRota>,
    id: web::Path<RotaEntryId>,
    asked: Body<NewRotaEntry>,
) -> Result<HttpResponse, Problem> {
    let asked = asked.read().await?;
    let rung = asked.rung.map(|Spelled(rung): Spelled<Rung>| rung.as_str().to_owned());
    let new = RotaEntry {
        id: *id,
        kind: asked.kind.0,
        account_id: asked.account_id,
        rung,
        station_id: asked.station_id,
        covered_by: asked.covered_by,
        from_at: asked.from.0,
        until_at: asked.until.0,
        recorded_at: caller.now,
        recorded_by: caller.account.id,
        ended_at: None,
    };
    let actor = caller.actor();
    let recorded = caller.write(move |tx| record(tx, &actor, &new)).await?;
    Ok(HttpResponse::Created().json(WireRotaEntry::try_from(recorded)?))
}
