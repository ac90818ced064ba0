//! `record_excuse_evidence`: what shows that a claimed excuse is true, or not.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, Timestamp, checked_text, required_text};
use crate::operations::excuses::{EvidenceBody, record_excuse_evidence as record};
use crate::store::id::FactId;

/// Evidence as it was received.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewExcuseEvidence {
    /// What it is; of health no more than that there is a note.
    #[schema(min_length = 1, max_length = 280, example = "Custody record 44/26, seen")]
    pub what: String,
    #[serde(default)]
    #[schema(max_length = 40, example = "LF/3")]
    pub exhibit: Option<String>,
    /// When it was received; not in the future.
    pub happened_at: Timestamp,
}

/// Puts evidence for a claimed excuse on file, also after it was due.
#[utoipa::path(
    tag = "Triage",
    params(
        ("claim_id" = FactId, Path, description = "The claim"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = NewExcuseEvidence,
    responses((status = 201, description = "On file, now or before", body = Record)),
)]
#[put("/excuse-claims/{claim_id}/evidence/{record_id}")]
pub async fn record_excuse_evidence(
    caller: Caller<act::RecordFact>,
    path: web::Path<(FactId, FactId)>,
    asked: Body<NewExcuseEvidence>,
) -> Result<HttpResponse, Problem> {
    let NewExcuseEvidence { what, exhibit, happened_at } = asked.read().await?;
    required_text("/what", &what, 280)?;
    checked_text("/exhibit", exhibit.as_deref().unwrap_or_default(), 40)?;
    let (actor, ids) = (caller.actor(), *path);
    let (body, at) = (EvidenceBody { what, exhibit }, happened_at.0);
    let recorded = caller.write(move |tx| record(tx, &actor, ids, (at, body.clone()))).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
