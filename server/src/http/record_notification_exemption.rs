//! `record_notification_exemption`: another regime takes the place of the order's own duty.

use actix_web::{HttpResponse, put, web};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::confirm_sign_on::REASON_CHARS_MAX;
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, RegimeWord, day, required_day, required_text};
use crate::operations::notification::ExemptedFact;
use crate::operations::record_notification::record_notification_exemption as record;
use crate::store::id::{FactId, OrderId};

/// The time in which another regime applies.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NotificationExemption {
    pub regime: RegimeWord,
    #[serde(deserialize_with = "required_day")]
    pub from: NaiveDate,
    /// The final day; without one, it goes on.
    #[serde(default, deserialize_with = "day")]
    pub until: Option<NaiveDate>,
    /// What shows it.
    #[schema(min_length = 1, max_length = 500)]
    pub evidence: String,
}

/// Records that another regime takes the place of the order's own duty to notify.
///
/// When it ends while the order is there, the days run from its final day (s.9(5)-(7)).
#[utoipa::path(
    tag = "Notification",
    params(
        ("order_id" = OrderId, Path, description = "The order whose duty is suspended"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = NotificationExemption,
    responses((status = 201, description = "On file, now or before", body = Record)),
)]
#[put("/orders/{order_id}/notification-exemptions/{record_id}")]
pub async fn record_notification_exemption(
    caller: Caller<act::KeepCase>,
    path: web::Path<(OrderId, FactId)>,
    exemption: Body<NotificationExemption>,
) -> Result<HttpResponse, Problem> {
    let NotificationExemption { regime, from, until, evidence } = exemption.read().await?;
    required_text("/evidence", &evidence, REASON_CHARS_MAX)?;
    if until.is_some_and(|until| until < from) {
        return Err(Problem::field("/until", "is before the first day"));
    }
    let exempted = ExemptedFact { regime: regime.0.to_string(), from, until, evidence };
    let (actor, ids) = (caller.actor(), *path);
    let recorded = caller.write(move |tx| record(tx, &actor, ids, (regime.0, &exempted))).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
