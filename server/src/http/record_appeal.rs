//! `record_appeal`: somebody has appealed.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, Timestamp, checked_text};
use crate::operations::order_life::{AppealBody, Event, record_appeal as record};
use crate::store::id::{FactId, OrderId};

/// An appeal to the Crown Court (s.7).
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Appeal {
    pub happened_at: Timestamp,
    /// From when the court suspended the order until it decides; without it the conditions stay live.
    pub stayed_from: Option<Timestamp>,
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub note: String,
}

/// Records that somebody has appealed against an order.
#[utoipa::path(
    tag = "Orders",
    params(
        ("order_id" = OrderId, Path, description = "The order"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the client; the appeal's id"),
    ),
    request_body = Appeal,
    responses((status = 201, description = "Recorded, now or before", body = Record)),
)]
#[put("/orders/{order_id}/appeals/{record_id}")]
pub async fn record_appeal(
    caller: Caller<act::KeepCase>,
    ids: web::Path<(OrderId, FactId)>,
    appeal: Body<Appeal>,
) -> Result<HttpResponse, Problem> {
    let Appeal { happened_at, stayed_from, note } = appeal.read().await?;
    checked_text("/note", &note, 2_000)?;
    let (order, record_id) = *ids;
    let event = Event { order, record: record_id, happened_at: happened_at.0 };
    let body = AppealBody { stayed_from: stayed_from.map(|at| at.0.ms()), note };
    let actor = caller.actor();
    let recorded = caller.write(move |tx| record(tx, &actor, event, body.clone())).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
