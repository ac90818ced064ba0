//! `conclude_concern`: what was found, and why.

use actix_web::{HttpResponse, put};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::concern_act::{ActPath, NOTE_CHARS_MAX, done};
use super::list_concerns::ConcernEntry;
use super::problem::Problem;
use super::wire::{Body, ReportOutcomeWord, Spelled, required_text};
use crate::operations::concerns::Deed;
use crate::store::id::{ConcernActId, ConcernId};

/// What was found, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConclusion {
    pub outcome: ReportOutcomeWord,
    /// So that another person can follow it.
    #[schema(min_length = 1, max_length = 4000)]
    pub rationale: String,
}

/// Says what was found.
///
/// Not before something was done to find out, a report that is taken for malicious or for a duplicate
/// included. Another person signs it off.
#[utoipa::path(
    tag = "Concerns",
    params(
        ("concern_id" = ConcernId, Path, description = "The report"),
        ("act_id" = ConcernActId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = NewConclusion,
    responses((status = 201, description = "Done, now or before", body = ConcernEntry)),
)]
#[put("/concerns/{concern_id}/conclusions/{act_id}")]
pub async fn conclude_concern(
    caller: Caller<act::InvestigateConcern>,
    path: ActPath,
    asked: Body<NewConclusion>,
) -> Result<HttpResponse, Problem> {
    let NewConclusion { outcome: Spelled(outcome), rationale } = asked.read().await?;
    required_text("/rationale", &rationale, NOTE_CHARS_MAX)?;
    done(&caller, &path, Deed::Conclude { outcome }, &rationale).await
}
