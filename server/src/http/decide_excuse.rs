//! `decide_excuse`: whether a claimed excuse is one.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, ExcuseDecisionWord, required_text};
use crate::operations::excuses::decide_excuse as decide;
use crate::store::id::FactId;

/// Whether it is one, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewExcuseDecision {
    pub decision: ExcuseDecisionWord,
    #[schema(min_length = 1, max_length = 2000)]
    pub rationale: String,
}

/// Accepts or rejects a claimed excuse, or notes that it was taken back.
///
/// Somebody other than the one who took it down, and than whoever confirmed the attendance, accepts or
/// rejects. Accepted, it closes the alert; otherwise the alert is still to be decided.
#[utoipa::path(
    tag = "Triage",
    params(
        ("claim_id" = FactId, Path, description = "The claim"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = NewExcuseDecision,
    responses((status = 201, description = "Decided, now or before", body = Record)),
)]
#[put("/excuse-claims/{claim_id}/decisions/{record_id}")]
pub async fn decide_excuse(
    caller: Caller<act::KeepCase>,
    path: web::Path<(FactId, FactId)>,
    asked: Body<NewExcuseDecision>,
) -> Result<HttpResponse, Problem> {
    let NewExcuseDecision { decision, rationale } = asked.read().await?;
    required_text("/rationale", &rationale, 2000)?;
    let (actor, ids) = (caller.actor(), *path);
    let recorded =
        caller.write(move |tx| decide(tx, &actor, ids, (decision.0, &rationale))).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
