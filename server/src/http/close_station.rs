//! `close_station`: a station is shut for some days.

use actix_web::{HttpResponse, put, web};
use chrono::NaiveDate;
use compliance::opening::Closure;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::wire::{Body, checked_text, day, required_day};
use crate::operations::station_closures::close_station as close;
use crate::store::id::{ClosureId, StationId};
use crate::store::station_closures::StationClosure;

/// Days on which a station is shut although its hours say that it is open.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosureSubmission {
    #[serde(deserialize_with = "required_day")]
    pub from_on: NaiveDate,
    /// The last day; without one, until further notice.
    #[serde(default, deserialize_with = "day")]
    pub until_on: Option<NaiveDate>,
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// A closure on file.
#[derive(Serialize, ToSchema)]
pub struct StationClosed {
    pub closure_id: ClosureId,
    pub station_id: StationId,
    pub from_on: NaiveDate,
    pub until_on: Option<NaiveDate>,
    pub reason: String,
}

/// Shuts a station for some days.
///
/// A miss in that time is still a miss; its alert says that it may be the police's own doing.
#[utoipa::path(
    tag = "Sign-ons",
    params(
        ("station_id" = StationId, Path, description = "The station"),
        ("closure_id" = ClosureId, Path, description = "A UUIDv7 made by the client"),
    ),
    request_body = ClosureSubmission,
    responses((status = 201, description = "On file, now or before", body = StationClosed)),
)]
#[put("/stations/{station_id}/closures/{closure_id}")]
pub async fn close_station(
    caller: Caller<act::KeepCase>,
    ids: web::Path<(StationId, ClosureId)>,
    asked: Body<ClosureSubmission>,
) -> Result<HttpResponse, Problem> {
    let ClosureSubmission { from_on, until_on, reason } = asked.read().await?;
    checked_text("/reason", &reason, 200)?;
    if reason.trim().is_empty() {
        return Err(Problem::field("/reason", "must say why"));
    }
    Closure::new(from_on, until_on, &reason)
        .map_err(|refusal| Problem::field("/until_on", refusal.to_string()))?;
    let (station_id, id) = *ids;
    let new = StationClosure {
        id,
        station_id,
        from_on,
        until_on,
        reason,
        recorded_at: caller.now,
        recorded_by: Some(caller.account.id),
    };
    let actor = caller.actor();
    let closed = caller.write(move |tx| close(tx, &actor, &new)).await?;
    Ok(HttpResponse::Created().json(StationClosed {
        closure_id: closed.id,
        station_id: closed.station_id,
        from_on: closed.from_on,
        until_on: closed.until_on,
        reason: closed.reason,
    }))
}
