//! `answer_transfer`: whether the other force takes an order.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, Timestamp, checked_text, required_text};
use crate::operations::transfer::{AnswerBody, answer_transfer as answer};
use crate::store::id::FactId;

/// What the other force said.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferAnswer {
    pub happened_at: Timestamp,
    pub is_accepted: bool,
    /// Who said so there.
    #[schema(min_length = 1, max_length = 100)]
    pub answered_by: String,
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub note: String,
}

/// Records whether the other force takes the order.
#[utoipa::path(
    tag = "Orders",
    params(
        ("transfer_id" = FactId, Path, description = "The transfer"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the client"),
    ),
    request_body = TransferAnswer,
    responses((status = 201, description = "Recorded, now or before", body = Record)),
)]
#[put("/transfers/{transfer_id}/answers/{record_id}")]
pub async fn answer_transfer(
    caller: Caller<act::KeepCase>,
    ids: web::Path<(FactId, FactId)>,
    asked: Body<TransferAnswer>,
) -> Result<HttpResponse, Problem> {
    let TransferAnswer { happened_at, is_accepted, answered_by, note } = asked.read().await?;
    required_text("/answered_by", &answered_by, 100)?;
    checked_text("/note", &note, 2_000)?;
    let (transfer, record) = *ids;
    let (actor, body) = (caller.actor(), AnswerBody { is_accepted, answered_by, note });
    let of = (transfer, record, happened_at.0);
    let recorded = caller.write(move |tx| answer(tx, &actor, of, body.clone())).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
