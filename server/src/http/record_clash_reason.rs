//! `record_clash_reason`: why a duty stands although it falls in a protected time.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, required_text};
use crate::operations::clashes::{REASON_CHARS_MAX, record_clash_reason as record};
use crate::store::id::{FactId, OrderId};

/// Why a duty stands although it falls in a protected time.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClashReason {
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// Says why a duty stands although it falls in a time of work, education or religion (s.2(3)).
///
/// The warning is off the supervisors' list from then on, until the duty or the time changes.
#[utoipa::path(
    tag = "Orders",
    params(
        ("order_id" = OrderId, Path, description = "The order"),
        ("clash_id" = FactId, Path, description = "The clash, as `lint_order` lists it"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = NewClashReason,
    responses((status = 201, description = "On file, now or before", body = Record)),
)]
#[put("/orders/{order_id}/clashes/{clash_id}/reasons/{record_id}")]
pub async fn record_clash_reason(
    caller: Caller<act::KeepCase>,
    path: web::Path<(OrderId, FactId, FactId)>,
    asked: Body<NewClashReason>,
) -> Result<HttpResponse, Problem> {
    let NewClashReason { reason } = asked.read().await?;
    required_text("/reason", &reason, REASON_CHARS_MAX)?;
    let (actor, ids) = (caller.actor(), *path);
    let recorded = caller.write(move |tx| record(tx, &actor, ids, &reason)).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
