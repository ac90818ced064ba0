//! `record_identity_request`: fingerprints or a photograph were asked for, to verify who notifies.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, IdentityAnswerWord, IdentityAskedWord, Timestamp};
use crate::operations::record_notification::record_identity_request as record;
use crate::store::id::{FactId, OrderId};

/// A request under s.10(5), and the answer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = IdentityRequest)]
pub struct IdentitySubmission {
    /// Not in the future.
    pub requested_at: Timestamp,
    pub asked: IdentityAskedWord,
    pub answer: IdentityAnswerWord,
}

/// Records that fingerprints or a photograph were asked for, and whether the subject complied.
#[utoipa::path(
    tag = "Notification",
    params(
        ("order_id" = OrderId, Path, description = "The order whose statute allows it"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = IdentitySubmission,
    responses((status = 201, description = "On file, now or before", body = Record)),
)]
#[put("/orders/{order_id}/identity-requests/{record_id}")]
pub async fn record_identity_request(
    caller: Caller<act::RecordFact>,
    path: web::Path<(OrderId, FactId)>,
    request: Body<IdentitySubmission>,
) -> Result<HttpResponse, Problem> {
    let IdentitySubmission { requested_at, asked, answer } = request.read().await?;
    let request = (asked.0, answer.0, requested_at.0);
    let (actor, ids) = (caller.actor(), *path);
    let recorded = caller.write(move |tx| record(tx, &actor, ids, request)).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
