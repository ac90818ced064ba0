//! `record_presentation_answer`: what the subject did about a request to present.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, ResponseKindWord, Timestamp, checked_text};
use crate::operations::devices::{AnswerBody, OfRequest, record_presentation_answer as record};
use crate::store::id::FactId;

/// What the subject did about a request to present.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PresentationAnswer {
    pub happened_at: Timestamp,
    pub kind: ResponseKindWord,
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub note: String,
}

/// Records whether the subject presented what was asked for.
///
/// What does not comply raises an alert; whether it is a breach, a person decides.
#[utoipa::path(
    tag = "Devices",
    params(
        ("request_id" = FactId, Path, description = "The request"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the client"),
    ),
    request_body = PresentationAnswer,
    responses((status = 201, description = "Recorded, now or before", body = Record)),
)]
#[put("/presentation-requests/{request_id}/answers/{record_id}")]
pub async fn record_presentation_answer(
    caller: Caller<act::RecordFact>,
    ids: web::Path<(FactId, FactId)>,
    answer: Body<PresentationAnswer>,
) -> Result<HttpResponse, Problem> {
    let PresentationAnswer { happened_at, kind, note } = answer.read().await?;
    checked_text("/note", &note, 2_000)?;
    let (request, record_id) = *ids;
    let of = OfRequest { request, record: record_id, happened_at: happened_at.0 };
    let (actor, body) = (caller.actor(), AnswerBody { kind: kind.0.to_string(), note });
    let recorded = caller.write(move |tx| record(tx, &actor, of, body.clone())).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
