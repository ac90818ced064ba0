//! `end_order`: an order has ended before its time.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, EndReasonWord, Timestamp, checked_text};
use crate::operations::order_life::{EndBody, Event, end_order as end};
use crate::store::id::{FactId, OrderId};

/// The end of an order before its last day.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderEnd {
    pub happened_at: Timestamp,
    pub reason: EndReasonWord,
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub note: String,
}

/// Ends an order: discharged, determined, replaced or quashed.
///
/// What closes afterwards is cancelled; what was missed before stays missed.
#[utoipa::path(
    tag = "Orders",
    params(
        ("order_id" = OrderId, Path, description = "The order"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the client"),
    ),
    request_body = OrderEnd,
    responses((status = 201, description = "Recorded, now or before", body = Record)),
)]
#[put("/orders/{order_id}/end/{record_id}")]
pub async fn end_order(
    caller: Caller<act::KeepCase>,
    ids: web::Path<(OrderId, FactId)>,
    asked: Body<OrderEnd>,
) -> Result<HttpResponse, Problem> {
    let OrderEnd { happened_at, reason, note } = asked.read().await?;
    checked_text("/note", &note, 2_000)?;
    let (order, record) = *ids;
    let event = Event { order, record, happened_at: happened_at.0 };
    let body = EndBody { reason: reason.0.to_string(), note };
    let actor = caller.actor();
    let recorded = caller.write(move |tx| end(tx, &actor, event, reason.0, body.clone())).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
