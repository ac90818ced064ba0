//! `record_status_period`: the subject is in custody, in hospital or abroad.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, Timestamp, WhereaboutsWord, checked_text};
use compliance::status_period::StatusPeriod;

use crate::operations::status_periods::{PeriodBody, record_status_period as record};
use crate::store::id::{FactId, OrderId};

/// A time in which a miss is verified before anything else. It excuses nothing.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusPeriodSubmission {
    pub whereabouts: WhereaboutsWord,
    pub from: Timestamp,
    /// What is known of its end; a longer stay is another period.
    pub until: Timestamp,
    /// What shows it: a custody record, a doctor's note, a ticket.
    #[schema(min_length = 1, max_length = 500)]
    pub evidence: String,
}

/// Records that the subject is in custody, in hospital or abroad.
///
/// Until it ends, an alert about a miss asks to verify; then alerts are what they were, by themselves.
#[utoipa::path(
    tag = "Orders",
    params(
        ("order_id" = OrderId, Path, description = "The order"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the client"),
    ),
    request_body = StatusPeriodSubmission,
    responses((status = 201, description = "Recorded, now or before", body = Record)),
)]
#[put("/orders/{order_id}/status-periods/{record_id}")]
pub async fn record_status_period(
    caller: Caller<act::KeepCase>,
    ids: web::Path<(OrderId, FactId)>,
    period: Body<StatusPeriodSubmission>,
) -> Result<HttpResponse, Problem> {
    let StatusPeriodSubmission { whereabouts, from, until, evidence } = period.read().await?;
    checked_text("/evidence", &evidence, 500)?;
    StatusPeriod::new(whereabouts.0, from.0, Some(until.0), &evidence).map_err(|refusal| {
        use compliance::status_period::StatusPeriodRefusal::WithoutEvidence;
        let field = if refusal == WithoutEvidence { "/evidence" } else { "/until" };
        Problem::field(field, refusal.to_string())
    })?;
    let body = PeriodBody {
        whereabouts: whereabouts.0.to_string(),
        from: from.0.ms(),
        until: until.0.ms(),
        evidence,
    };
    let (actor, ids) = (caller.actor(), *ids);
    let recorded = caller.write(move |tx| record(tx, &actor, ids, body.clone())).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
