//! `record_order`: an order is put on file, made or drafted.

use actix_web::{HttpResponse, put, web};

use super::caller::{Caller, act};
use super::problem::Problem;
use super::taken_version::TakenVersion;
use super::wire::Body;
use crate::import_file::OrderEntry;
use crate::operations::record_order::record_order as record;
use crate::store::id::OrderId;

/// Puts an order on file: one that a court has made, or a draft.
///
/// In the shape of the orders file (`import.schema.json`), and checked as it is. A draft (`drafted`)
/// has no date, no version and no obligations, and raises nothing until a court has made it. Whoever
/// records an order may know of it.
#[utoipa::path(
    tag = "Orders",
    params(("order_id" = OrderId, Path, description = "A UUIDv7 made by the client")),
    request_body = OrderEntry,
    responses((status = 201, description = "Recorded, now or before", body = TakenVersion)),
)]
#[put("/orders/{order_id}")]
pub async fn record_order(
    caller: Caller<act::KeepCase>,
    id: web::Path<OrderId>,
    order: Body<OrderEntry>,
) -> Result<HttpResponse, Problem> {
    let (order, id, actor) = (order.read().await?, *id, caller.actor());
    let taken = caller.write(move |tx| record(tx, &actor, id, &order)).await?;
    Ok(HttpResponse::Created().json(TakenVersion::from(taken)))
}
