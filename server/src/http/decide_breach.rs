//! `decide_breach`: a sergeant or above decides on a suspected breach.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, DispositionWord, RankWord, checked_text, required_text};
use crate::operations::breach_cases::{NewDecision, decide_breach as decide};
use crate::store::id::FactId;

/// What was decided, by whom, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBreachDecision {
    pub disposition: DispositionWord,
    /// The rank of whoever decides.
    pub rank: RankWord,
    #[schema(min_length = 1, max_length = 4000)]
    pub rationale: String,
    #[serde(default)]
    #[schema(max_length = 40, example = "CR/4417/26")]
    pub crime_reference: Option<String>,
}

/// Decides on a suspected breach.
///
/// An arrest, a circulation or an interview leaves the case open, and it is looked at again after a week.
/// What ends it without a court awaits a second person. Nobody decides on what they recorded.
#[utoipa::path(
    tag = "Triage",
    params(
        ("case_id" = FactId, Path, description = "The case"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = NewBreachDecision,
    responses((status = 201, description = "Decided, now or before", body = Record)),
)]
#[put("/breach-cases/{case_id}/decisions/{record_id}")]
pub async fn decide_breach(
    caller: Caller<act::DecideBreach>,
    path: web::Path<(FactId, FactId)>,
    asked: Body<NewBreachDecision>,
) -> Result<HttpResponse, Problem> {
    let NewBreachDecision { disposition, rank, rationale, crime_reference } = asked.read().await?;
    required_text("/rationale", &rationale, 4000)?;
    checked_text("/crime_reference", crime_reference.as_deref().unwrap_or_default(), 40)?;
    let (disposition, rank) = (disposition.0, rank.0);
    let new = NewDecision { disposition, rank, rationale, crime_reference };
    let (actor, ids) = (caller.actor(), *path);
    let recorded = caller.write(move |tx| decide(tx, &actor, ids, &new)).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
