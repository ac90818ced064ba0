//! `assign_owners`: who answers for an order.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::Body;
use crate::operations::order_life::{Event, OwnersBody, assign_owners as assign};
use crate::store::id::{AccountId, FactId, OrderId};

/// Those who answer for an order. An order has exactly one accountable owner.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Owners {
    pub owner: AccountId,
    pub deputy: Option<AccountId>,
    pub supervisor: Option<AccountId>,
}

/// Says who answers for an order, who stands in and who supervises them.
///
/// Whoever answers for it may read it, and is told first of what happens.
#[utoipa::path(
    tag = "Orders",
    params(
        ("order_id" = OrderId, Path, description = "The order"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the client"),
    ),
    request_body = Owners,
    responses((status = 201, description = "Recorded, now or before", body = Record)),
)]
#[put("/orders/{order_id}/owners/{record_id}")]
pub async fn assign_owners(
    caller: Caller<act::KeepCase>,
    ids: web::Path<(OrderId, FactId)>,
    owners: Body<Owners>,
) -> Result<HttpResponse, Problem> {
    let Owners { owner, deputy, supervisor } = owners.read().await?;
    let body = OwnersBody { owner: Some(owner), deputy, supervisor };
    let (order, record) = *ids;
    let actor = caller.actor();
    let event = Event { order, record, happened_at: caller.now };
    let recorded = caller.write(move |tx| assign(tx, &actor, event, body)).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
