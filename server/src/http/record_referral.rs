//! `record_referral`: the police have referred the subject to a treatment provider.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, Timestamp, checked_text};
use crate::operations::order_life::Event;
use crate::operations::referrals::{ReferralBody, record_referral as record};
use crate::store::id::{FactId, OrderId};

/// That the police have referred the subject.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReferral {
    /// The condition that asks for treatment.
    #[schema(max_length = 3, example = "R2")]
    pub label: String,
    /// Not in the future.
    pub happened_at: Timestamp,
    /// By whom, to whom, under which reference; nothing of the subject's health.
    #[serde(default)]
    #[schema(max_length = 280)]
    pub note: String,
}

/// Records that the police have referred the subject to a treatment provider.
///
/// A referral that is not made within seven days of the order binding is raised as the service's own
/// fault; nothing is held against the subject.
#[utoipa::path(
    tag = "Treatment",
    params(
        ("order_id" = OrderId, Path, description = "The order that asks for treatment"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = NewReferral,
    responses((status = 201, description = "On file, now or before", body = Record)),
)]
#[put("/orders/{order_id}/referrals/{record_id}")]
pub async fn record_referral(
    caller: Caller<act::KeepCase>,
    path: web::Path<(OrderId, FactId)>,
    asked: Body<NewReferral>,
) -> Result<HttpResponse, Problem> {
    let NewReferral { label, happened_at, note } = asked.read().await?;
    checked_text("/label", &label, 3)?;
    checked_text("/note", &note, 280)?;
    let (order, id) = *path;
    let event = Event { order, record: id, happened_at: happened_at.0 };
    let (actor, body) = (caller.actor(), ReferralBody { label, note });
    let recorded = caller.write(move |tx| record(tx, &actor, event, body.clone())).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
