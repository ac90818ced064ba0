//! `decide_appeal`: how an appeal ended.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{AppealOutcomeWord, Body, Timestamp, checked_text};
use crate::operations::order_life::{AppealDecisionBody, decide_appeal as decide};
use crate::store::id::FactId;

/// What the court decided on an appeal.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppealDecision {
    pub happened_at: Timestamp,
    pub outcome: AppealOutcomeWord,
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub note: String,
}

/// Records how an appeal ended.
///
/// Where it was allowed, end the order too; where it varied the order, load the new version.
#[utoipa::path(
    tag = "Orders",
    params(
        ("appeal_id" = FactId, Path, description = "The appeal"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the client"),
    ),
    request_body = AppealDecision,
    responses((status = 201, description = "Recorded, now or before", body = Record)),
)]
#[put("/appeals/{appeal_id}/decisions/{record_id}")]
pub async fn decide_appeal(
    caller: Caller<act::KeepCase>,
    ids: web::Path<(FactId, FactId)>,
    decision: Body<AppealDecision>,
) -> Result<HttpResponse, Problem> {
    let AppealDecision { happened_at, outcome, note } = decision.read().await?;
    checked_text("/note", &note, 2_000)?;
    let (appeal, record) = *ids;
    let body = AppealDecisionBody { outcome: outcome.0.to_string(), note };
    let actor = caller.actor();
    let of = (appeal, (record, happened_at.0));
    let recorded = caller.write(move |tx| decide(tx, &actor, of, outcome.0, body.clone())).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
