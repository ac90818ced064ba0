//! `claim_excuse`: what was said to excuse a failure.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, ClaimedByWord, ExcuseGroundWord, Timestamp, required_text};
use crate::operations::excuses::{NewClaim, claim_excuse as claim};
use crate::store::id::{AlertId, FactId};

/// An excuse as it was claimed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewExcuseClaim {
    pub ground: ExcuseGroundWord,
    pub claimed_by: ClaimedByWord,
    /// What was said; of health no more than that there is a note.
    #[schema(min_length = 1, max_length = 2000)]
    pub words: String,
    /// When it was said; not in the future.
    pub happened_at: Timestamp,
    /// A later last day for evidence that was agreed, at most 56 days after the failure. Else it is 7 days.
    #[serde(default)]
    pub evidence_due_at: Option<Timestamp>,
}

/// Takes down what was said to excuse the failure that an alert is about.
///
/// It excuses nothing until somebody else has accepted it. The alert waits until the evidence is due; a
/// claim without evidence by then has lapsed, which is raised and closes nothing.
#[utoipa::path(
    tag = "Triage",
    params(
        ("alert_id" = AlertId, Path, description = "The alert about the failure"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the caller; the claim's id"),
    ),
    request_body = NewExcuseClaim,
    responses((status = 201, description = "On file, now or before", body = Record)),
)]
#[put("/alerts/{alert_id}/excuse-claims/{record_id}")]
pub async fn claim_excuse(
    caller: Caller<act::RecordFact>,
    path: web::Path<(AlertId, FactId)>,
    asked: Body<NewExcuseClaim>,
) -> Result<HttpResponse, Problem> {
    let asked = asked.read().await?;
    required_text("/words", &asked.words, 2000)?;
    let (alert, record) = *path;
    let new = NewClaim {
        record,
        alert,
        happened_at: asked.happened_at.0,
        ground: asked.ground.0,
        claimed_by: asked.claimed_by.0,
        words: asked.words,
        evidence_due_at: asked.evidence_due_at.map(|at| at.0),
    };
    let actor = caller.actor();
    let recorded = caller.write(move |tx| claim(tx, &actor, &new)).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
