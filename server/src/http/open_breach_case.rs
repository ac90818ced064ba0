//! `open_breach_case`: a breach is suspected.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, required_text};
use crate::operations::breach_cases::{NewCase, open_breach_case as open};
use crate::store::id::{AlertId, FactId};

/// What is suspected.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBreachCase {
    /// The CJS code; one of those of the order's kind.
    #[schema(min_length = 1, max_length = 20, example = "ST19001")]
    pub offence: String,
    #[schema(min_length = 1, max_length = 2000)]
    pub summary: String,
}

/// Opens a case out of an alert: a breach is suspected.
///
/// It decides the alert. The case has clocks of its own: decided within 4 hours at high risk, else 24.
/// Until a sergeant or above has decided, nobody has breached anything.
#[utoipa::path(
    tag = "Triage",
    params(
        ("alert_id" = AlertId, Path, description = "The alert about the failure"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the caller; the case's id"),
    ),
    request_body = NewBreachCase,
    responses((status = 201, description = "Open, now or before", body = Record)),
)]
#[put("/alerts/{alert_id}/breach-cases/{record_id}")]
pub async fn open_breach_case(
    caller: Caller<act::KeepCase>,
    path: web::Path<(AlertId, FactId)>,
    asked: Body<NewBreachCase>,
) -> Result<HttpResponse, Problem> {
    let NewBreachCase { offence, summary } = asked.read().await?;
    required_text("/offence", &offence, 20)?;
    required_text("/summary", &summary, 2000)?;
    let (alert, record) = *path;
    let (actor, new) = (caller.actor(), NewCase { record, alert, offence, summary });
    let recorded = caller.write(move |tx| open(tx, &actor, &new)).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
