//! `withdraw_draft`: no court will be asked to make what was drafted.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, required_text};
use crate::operations::record_order::withdraw_draft as withdraw;
use crate::store::id::{FactId, OrderId};

/// Why a draft is given up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftWithdrawal {
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

/// Withdraws a drafted order, with the reason. It stays on file as withdrawn.
#[utoipa::path(
    tag = "Orders",
    params(
        ("order_id" = OrderId, Path, description = "The draft"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the client"),
    ),
    request_body = DraftWithdrawal,
    responses((status = 201, description = "Recorded, now or before", body = Record)),
)]
#[put("/orders/{order_id}/withdrawal/{record_id}")]
pub async fn withdraw_draft(
    caller: Caller<act::KeepCase>,
    ids: web::Path<(OrderId, FactId)>,
    asked: Body<DraftWithdrawal>,
) -> Result<HttpResponse, Problem> {
    let DraftWithdrawal { reason } = asked.read().await?;
    required_text("/reason", &reason, 2_000)?;
    let (ids, actor) = (*ids, caller.actor());
    let recorded = caller.write(move |tx| withdraw(tx, &actor, ids, &reason)).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
