//! `set_condition_plan`: who looks whether a condition is kept, and when next.

use actix_web::{HttpResponse, put, web};
use chrono::NaiveDate;
use compliance::Instant;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{
    Body, ReviewOutcomeWord, Spelled, Timestamp, checked_text, required_day, required_text,
};
use crate::operations::plans::{OfCondition, PlanBody, PlanOnFile, set_condition_plan as set};
use crate::store::id::{FactId, OrderId};

pub const PERSON_CHARS_MAX: usize = 100;
pub const NOTE_CHARS_MAX: usize = 2_000;

/// Who looks whether a condition is kept, and when next.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPlan {
    /// The condition.
    #[schema(max_length = 3, example = "P2")]
    pub label: String,
    /// A person's name; a unit or a role is not enough.
    #[schema(min_length = 1, max_length = 100)]
    pub person: String,
    /// From tomorrow to 92 days ahead.
    #[serde(deserialize_with = "required_day")]
    #[schema(value_type = NaiveDate)]
    pub review_on: NaiveDate,
    /// What to look at, and how.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub note: String,
}

/// What is planned for a condition, and what was found last.
#[derive(Serialize, ToSchema)]
pub struct ConditionPlan {
    pub person: String,
    pub review_on: NaiveDate,
    /// Whether the day has passed without a review.
    pub is_overdue: bool,
    /// Without one, nobody has looked yet: that is not compliance.
    pub last_review: Option<PlanReview>,
}

/// What whoever looked has found.
#[derive(Serialize, ToSchema)]
pub struct PlanReview {
    pub happened_at: Timestamp,
    /// Not kept is suspected only, until a person decides.
    pub outcome: ReviewOutcomeWord,
    pub looked_at: String,
    pub recorded_by_name: Option<String>,
}

impl ConditionPlan {
    pub fn at(now: Instant, plan: PlanOnFile) -> Self {
        Self {
            is_overdue: plan.late_from() <= now,
            person: plan.person,
            review_on: plan.review_on,
            last_review: plan.last_review.map(|review| PlanReview {
                happened_at: review.happened_at.into(),
                outcome: Spelled(review.outcome),
                looked_at: review.looked_at,
                recorded_by_name: review.recorded_by_name,
            }),
        }
    }
}

/// Says who looks whether a condition is kept, and when next.
///
/// A condition that only a person can check needs one; any other may have one. A review that is not
/// on record when its day has passed is raised.
#[utoipa::path(
    tag = "Orders",
    params(
        ("order_id" = OrderId, Path, description = "The order"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = NewPlan,
    responses((status = 201, description = "On file, now or before", body = Record)),
)]
#[put("/orders/{order_id}/condition-plans/{record_id}")]
pub async fn set_condition_plan(
    caller: Caller<act::KeepCase>,
    path: web::Path<(OrderId, FactId)>,
    asked: Body<NewPlan>,
) -> Result<HttpResponse, Problem> {
    let NewPlan { label, person, review_on, note } = asked.read().await?;
    checked_text("/label", &label, 3)?;
    required_text("/person", &person, PERSON_CHARS_MAX)?;
    checked_text("/note", &note, NOTE_CHARS_MAX)?;
    let (order, record) = *path;
    let of = OfCondition { order, label: label.clone(), record };
    let body = PlanBody { label, person: person.trim().to_owned(), review_on, note };
    let actor = caller.actor();
    let recorded = caller.write(move |tx| set(tx, &actor, &of, body.clone())).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
