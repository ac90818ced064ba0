//! `authorise_breach`: a second person agrees to a decision, or sends it back.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, required_text};
use crate::operations::breach_cases::{AuthorisedBody, authorise_breach as authorise};
use crate::store::id::FactId;

/// Whether a second person agrees, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBreachAuthorisation {
    /// False sends it back: it is to be decided anew.
    pub is_agreed: bool,
    #[schema(min_length = 1, max_length = 4000)]
    pub rationale: String,
}

/// Agrees to a decision that ends a case, or sends it back.
///
/// Somebody other than the one who decided, and than whoever recorded what the case rests on.
#[utoipa::path(
    tag = "Triage",
    params(
        ("case_id" = FactId, Path, description = "The case"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = NewBreachAuthorisation,
    responses((status = 201, description = "On file, now or before", body = Record)),
)]
#[put("/breach-cases/{case_id}/authorisations/{record_id}")]
pub async fn authorise_breach(
    caller: Caller<act::DecideBreach>,
    path: web::Path<(FactId, FactId)>,
    asked: Body<NewBreachAuthorisation>,
) -> Result<HttpResponse, Problem> {
    let NewBreachAuthorisation { is_agreed, rationale } = asked.read().await?;
    required_text("/rationale", &rationale, 4000)?;
    let (actor, ids) = (caller.actor(), *path);
    let body = AuthorisedBody { is_agreed, rationale };
    let recorded = caller.write(move |tx| authorise(tx, &actor, ids, body.clone())).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
