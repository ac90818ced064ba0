//! `request_transfer`: hands an order to another force.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, Timestamp, required_text};
use crate::operations::order_life::Event;
use crate::operations::transfer::{TransferBody, request_transfer as request};
use crate::store::id::{FactId, OrderId};

/// A request to another force to take the order.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    pub happened_at: Timestamp,
    /// The force's two-digit code.
    #[schema(pattern = "^[0-9]{2}$", example = "04")]
    pub to_force: String,
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// Asks another force to take the order.
///
/// Until it has accepted, the order stays ours; without an answer within a day somebody is alerted.
#[utoipa::path(
    tag = "Orders",
    params(
        ("order_id" = OrderId, Path, description = "The order"),
        ("record_id" = FactId, Path,
            description = "A UUIDv7 made by the client; the transfer's id"),
    ),
    request_body = Transfer,
    responses((status = 201, description = "Recorded, now or before", body = Record)),
)]
#[put("/orders/{order_id}/transfers/{record_id}")]
pub async fn request_transfer(
    caller: Caller<act::KeepCase>,
    ids: web::Path<(OrderId, FactId)>,
    transfer: Body<Transfer>,
) -> Result<HttpResponse, Problem> {
    let Transfer { happened_at, to_force, reason } = transfer.read().await?;
    if to_force.len() != 2 || !to_force.chars().all(|c| c.is_ascii_digit()) {
        return Err(Problem::field("/to_force", "is a force's code: two digits"));
    }
    required_text("/reason", &reason, 500)?;
    let (order, record) = *ids;
    let event = Event { order, record, happened_at: happened_at.0 };
    let (actor, body) = (caller.actor(), TransferBody { to_force, reason });
    let recorded = caller.write(move |tx| request(tx, &actor, event, body.clone())).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
