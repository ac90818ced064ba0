//! `list_order_versions`: what an order said when, and who put it on file.

use actix_web::{HttpResponse, get, web};
use compliance::Instant;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::get_order::WholeCondition;
use super::list_subject_conditions::Condition;
use super::problem::Problem;
use super::wire::{Spelled, Timestamp, VersionReasonWord};
use crate::operations::record_order::{VersionOnFile, list_order_versions as list};
use crate::operations::subject_conditions::ConditionText;
use crate::store::id::OrderId;

/// Every version of an order, the first first.
#[derive(Serialize, ToSchema)]
pub struct OrderVersions {
    pub versions: Vec<ListedVersion>,
}

/// A version, with the exact words of the court.
#[derive(Serialize, ToSchema)]
pub struct ListedVersion {
    pub number: i64,
    pub reason: VersionReasonWord,
    pub note: String,
    pub in_force_from: Timestamp,
    /// Until the next version is in force.
    pub in_force_until: Option<Timestamp>,
    pub recorded_at: Timestamp,
    /// Nobody, of one that came in a file.
    pub recorded_by_name: Option<String>,
    pub conditions: Vec<ListedCondition>,
}

/// A condition: what it says and asks for, and what the court said around it.
#[derive(Serialize, ToSchema)]
pub struct ListedCondition {
    pub terms: Condition,
    pub around: WholeCondition,
}

impl ListedCondition {
    fn at(now: Instant, text: ConditionText) -> Self {
        let planned = (text.condition.clone(), text.plan.clone());
        Self { around: WholeCondition::at(now, planned), terms: Condition::at(now, text) }
    }
}

impl ListedVersion {
    fn at(now: Instant, found: VersionOnFile) -> Self {
        let conditions = found.conditions.into_iter();
        Self {
            number: found.version.number,
            reason: Spelled(found.version.reason),
            note: found.version.note,
            in_force_from: found.version.in_force_from.into(),
            in_force_until: found.in_force_until.map(Timestamp),
            recorded_at: found.version.recorded_at.into(),
            recorded_by_name: found.recorded_by_name,
            conditions: conditions.map(|text| ListedCondition::at(now, text)).collect(),
        }
    }
}

/// Lists the versions of an order: exact words, validity, reason, who recorded each and when.
///
/// The reading is in the ledger.
#[utoipa::path(
    tag = "Orders",
    params(("order_id" = OrderId, Path, description = "The order")),
    responses((status = 200, description = "Its versions", body = OrderVersions)),
)]
#[get("/orders/{order_id}/versions")]
pub async fn list_order_versions(
    caller: Caller<act::ReadCase>,
    id: web::Path<OrderId>,
) -> Result<HttpResponse, Problem> {
    let (actor, id) = (caller.actor(), *id);
    let now = actor.now;
    let found = caller.write(move |tx| list(tx, &actor, id)).await?;
    let versions = found.into_iter().map(|it| ListedVersion::at(now, it)).collect();
    Ok(HttpResponse::Ok().json(OrderVersions { versions }))
}
