//! `request_presentation`: the subject is asked to present a device.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, Timestamp, required_text};
use crate::operations::devices::{RequestBody, request_presentation as request};
use crate::operations::order_life::Event;
use crate::store::id::{FactId, OrderId};

/// A request to present a device to an officer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PresentationSubmission {
    pub happened_at: Timestamp,
    /// One of the register; without it, every device.
    pub device_id: Option<FactId>,
    /// Without one, forthwith.
    pub due_at: Option<Timestamp>,
    /// The term of the order that the request rests on.
    #[schema(min_length = 1, max_length = 10, example = "R2")]
    pub condition_label: String,
}

/// Asks the subject to present a device.
///
/// Record how it was made known: until that is proved, silence is nobody's failure, and at the deadline
/// an alert says so.
#[utoipa::path(
    tag = "Devices",
    params(
        ("order_id" = OrderId, Path, description = "The order"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the client; the request's id"),
    ),
    request_body = PresentationSubmission,
    responses((status = 201, description = "Recorded, now or before", body = Record)),
)]
#[put("/orders/{order_id}/presentation-requests/{record_id}")]
pub async fn request_presentation(
    caller: Caller<act::RecordFact>,
    ids: web::Path<(OrderId, FactId)>,
    asked: Body<PresentationSubmission>,
) -> Result<HttpResponse, Problem> {
    let asked = asked.read().await?;
    required_text("/condition_label", &asked.condition_label, 10)?;
    let (order, record) = *ids;
    let event = Event { order, record, happened_at: asked.happened_at.0 };
    let body = RequestBody {
        device: asked.device_id,
        due_at: asked.due_at.map(|at| at.0.ms()),
        condition_label: asked.condition_label,
    };
    let actor = caller.actor();
    let recorded = caller.write(move |tx| request(tx, &actor, event, body.clone())).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
