//! `supersede_record`: a record was a mistake.

use actix_web::{HttpResponse, put, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, Timestamp, required_text};
use crate::operations::supersede_record::supersede_record as supersede;
use crate::store::facts::Fact;
use crate::store::id::FactId;

/// Why a record was a mistake, and what takes its place.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordSupersession {
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
    /// A record of the same kind about the same order, if one takes its place.
    #[serde(default)]
    pub replaced_by: Option<FactId>,
}

/// A record that somebody called a mistake. It stays on file.
#[derive(Serialize, ToSchema)]
pub struct SupersededRecord {
    pub record: Record,
    pub superseded_at: Option<Timestamp>,
    pub replaced_by: Option<FactId>,
    pub reason: Option<String>,
}

impl From<Fact> for SupersededRecord {
    fn from(fact: Fact) -> Self {
        Self {
            superseded_at: fact.superseded_at.map(Timestamp),
            replaced_by: fact.superseded_by,
            reason: fact.superseded_reason.clone(),
            record: fact.into(),
        }
    }
}

/// Calls a record a mistake, and takes back what followed from it.
///
/// The record stays on file. What is reckoned from records is reckoned without it, alerts that hung
/// on it close as `entered_in_error`, and what it had cancelled is due again. Where what followed
/// cannot be taken back, the refusal says what to do instead.
#[utoipa::path(
    tag = "Cases",
    params(("record_id" = FactId, Path, description = "The record")),
    request_body = RecordSupersession,
    responses((status = 200, description = "It is a mistake, since now or before",
        body = SupersededRecord)),
)]
#[put("/records/{record_id}/supersession")]
pub async fn supersede_record(
    caller: Caller<act::KeepCase>,
    id: web::Path<FactId>,
    asked: Body<RecordSupersession>,
) -> Result<HttpResponse, Problem> {
    let RecordSupersession { reason, replaced_by } = asked.read().await?;
    required_text("/reason", &reason, 2_000)?;
    let (actor, id) = (caller.actor(), *id);
    let found = caller.write(move |tx| supersede(tx, &actor, id, (replaced_by, &reason))).await?;
    Ok(HttpResponse::Ok().json(SupersededRecord::from(found)))
}
