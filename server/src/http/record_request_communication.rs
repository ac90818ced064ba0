//! `record_request_communication`: how a request to present reached the subject.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, CommunicationMethodWord, Timestamp, checked_text};
use crate::operations::devices::{
    CommunicationBody, OfRequest, record_request_communication as record,
};
use crate::store::id::FactId;

/// How a request was made known to the subject.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestCommunication {
    pub happened_at: Timestamp,
    pub method: CommunicationMethodWord,
    /// What shows that the subject has it. Said to the subject's face, the officer's account does.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub proof: String,
}

/// Records how a request to present reached the subject.
#[utoipa::path(
    tag = "Devices",
    params(
        ("request_id" = FactId, Path, description = "The request"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the client"),
    ),
    request_body = RequestCommunication,
    responses((status = 201, description = "Recorded, now or before", body = Record)),
)]
#[put("/presentation-requests/{request_id}/communications/{record_id}")]
pub async fn record_request_communication(
    caller: Caller<act::RecordFact>,
    ids: web::Path<(FactId, FactId)>,
    communication: Body<RequestCommunication>,
) -> Result<HttpResponse, Problem> {
    let RequestCommunication { happened_at, method, proof } = communication.read().await?;
    checked_text("/proof", &proof, 500)?;
    let (request, record_id) = *ids;
    let of = OfRequest { request, record: record_id, happened_at: happened_at.0 };
    let body = CommunicationBody { method: method.0.to_string(), proof };
    let actor = caller.actor();
    let recorded = caller.write(move |tx| record(tx, &actor, of, body.clone())).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
