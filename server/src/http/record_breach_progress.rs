//! `record_breach_progress`: an arrest, a charge, a hearing, a result.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, BreachStepWord, Timestamp, checked_text, required_text};
use crate::operations::breach_cases::{ProgressedBody, record_breach_progress as record};
use crate::store::id::FactId;

/// What happened, and under which reference it can be found.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBreachProgress {
    pub step: BreachStepWord,
    /// The custody record, the case file, the court's reference.
    #[schema(min_length = 1, max_length = 100, example = "Custody record 44/26")]
    pub reference: String,
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub note: String,
    /// Not in the future.
    pub happened_at: Timestamp,
}

/// Records an arrest, a charge, a hearing or a result of a case.
///
/// It decides nothing.
#[utoipa::path(
    tag = "Triage",
    params(
        ("case_id" = FactId, Path, description = "The case"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = NewBreachProgress,
    responses((status = 201, description = "On file, now or before", body = Record)),
)]
#[put("/breach-cases/{case_id}/progress/{record_id}")]
pub async fn record_breach_progress(
    caller: Caller<act::RecordFact>,
    path: web::Path<(FactId, FactId)>,
    asked: Body<NewBreachProgress>,
) -> Result<HttpResponse, Problem> {
    let NewBreachProgress { step, reference, note, happened_at } = asked.read().await?;
    required_text("/reference", &reference, 100)?;
    checked_text("/note", &note, 2000)?;
    let (actor, ids, at) = (caller.actor(), *path, happened_at.0);
    let body = ProgressedBody { step: step.0.to_string(), reference, note };
    let recorded = caller.write(move |tx| record(tx, &actor, ids, (at, body.clone()))).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
