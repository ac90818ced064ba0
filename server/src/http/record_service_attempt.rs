//! `record_service_attempt`: somebody tried to give the order to the subject.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, ServiceMethodWord, ServiceOutcomeWord, Timestamp, checked_text};
use crate::operations::order_life::{Event, ServiceBody, record_service_attempt as record};
use crate::store::id::{FactId, OrderId};

/// An attempt to serve the order.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceAttempt {
    pub happened_at: Timestamp,
    pub outcome: ServiceOutcomeWord,
    pub method: ServiceMethodWord,
    #[schema(max_length = 200)]
    pub place: String,
    /// Who handed it over.
    #[schema(max_length = 100)]
    pub served_by: String,
    /// What proves it: a statement, a court record. Asked for when it was served.
    #[schema(max_length = 500)]
    pub proof: String,
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub note: String,
}

impl ServiceAttempt {
    fn body(self) -> Result<ServiceBody, Problem> {
        checked_text("/place", &self.place, 200)?;
        checked_text("/served_by", &self.served_by, 100)?;
        checked_text("/proof", &self.proof, 500)?;
        checked_text("/note", &self.note, 2_000)?;
        Ok(ServiceBody {
            outcome: self.outcome.0.to_string(),
            method: self.method.0.to_string(),
            place: self.place,
            served_by: self.served_by,
            proof: self.proof,
            note: self.note,
        })
    }
}

/// Records an attempt to serve the order, with its proof.
///
/// The order binds from the first attempt that succeeded; the statutory clocks begin with it.
#[utoipa::path(
    tag = "Orders",
    params(
        ("order_id" = OrderId, Path, description = "The order"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the client"),
    ),
    request_body = ServiceAttempt,
    responses((status = 201, description = "Recorded, now or before", body = Record)),
)]
#[put("/orders/{order_id}/service-attempts/{record_id}")]
pub async fn record_service_attempt(
    caller: Caller<act::RecordFact>,
    ids: web::Path<(OrderId, FactId)>,
    attempt: Body<ServiceAttempt>,
) -> Result<HttpResponse, Problem> {
    let attempt = attempt.read().await?;
    let (order, record_id) = *ids;
    let event = Event { order, record: record_id, happened_at: attempt.happened_at.0 };
    let words = (attempt.outcome.0, attempt.method.0);
    let (actor, body) = (caller.actor(), attempt.body()?);
    let recorded = caller.write(move |tx| record(tx, &actor, event, words, body.clone())).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
