//! `record_plan_review`: what whoever looked at a condition has found.

use actix_web::{HttpResponse, put, web};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::set_condition_plan::{NOTE_CHARS_MAX, PERSON_CHARS_MAX};
use super::wire::{Body, ReviewOutcomeWord, Timestamp, checked_text, required_day, required_text};
use crate::operations::plans::{OfCondition, ReviewBody, record_plan_review as record};
use crate::store::id::{FactId, OrderId};

/// What whoever looked has found, and when the condition is looked at again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPlanReview {
    /// The condition.
    #[schema(max_length = 3, example = "P2")]
    pub label: String,
    /// Not in the future.
    pub happened_at: Timestamp,
    #[schema(min_length = 1, max_length = 2000)]
    pub looked_at: String,
    /// Not kept is suspected only, and raised.
    pub outcome: ReviewOutcomeWord,
    /// Who looks next; the same as before when left out.
    #[schema(min_length = 1, max_length = 100)]
    pub person: Option<String>,
    /// From tomorrow to 92 days ahead.
    #[serde(deserialize_with = "required_day")]
    #[schema(value_type = NaiveDate)]
    pub next_review_on: NaiveDate,
}

/// Records what was looked at of a condition that only a person can check, and what was found.
///
/// It settles a review that is overdue, and plans the next one.
#[utoipa::path(
    tag = "Orders",
    params(
        ("order_id" = OrderId, Path, description = "The order"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = NewPlanReview,
    responses((status = 201, description = "On file, now or before", body = Record)),
)]
#[put("/orders/{order_id}/plan-reviews/{record_id}")]
pub async fn record_plan_review(
    caller: Caller<act::RecordFact>,
    path: web::Path<(OrderId, FactId)>,
    asked: Body<NewPlanReview>,
) -> Result<HttpResponse, Problem> {
    let asked = asked.read().await?;
    checked_text("/label", &asked.label, 3)?;
    required_text("/looked_at", &asked.looked_at, NOTE_CHARS_MAX)?;
    if let Some(person) = &asked.person {
        required_text("/person", person, PERSON_CHARS_MAX)?;
    }
    let (order, id) = *path;
    let of = OfCondition { order, label: asked.label.clone(), record: id };
    let (happened_at, outcome) = (asked.happened_at.0, asked.outcome.0);
    let body = ReviewBody {
        label: asked.label,
        looked_at: asked.looked_at,
        outcome: outcome.to_string(),
        person: asked.person,
        next_review_on: asked.next_review_on,
    };
    let actor = caller.actor();
    let act = move |tx: &mut crate::store::Tx<'_>| {
        record(tx, &actor, &of, (happened_at, outcome, body.clone()))
    };
    let recorded = caller.write(act).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
