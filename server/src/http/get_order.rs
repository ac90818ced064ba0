//! `get_order`: one order whole.

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use compliance::Instant;
use compliance::deadline::Warning as DueWarning;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::lint_order::Warning;
use super::list_due::DueSubject;
use super::problem::Problem;
use super::set_condition_plan::ConditionPlan;
use super::wire::{
    ConditionKindWord, MadeByWord, OrderKindWord, OrderStatusWord, PolarityWord, RiskWord, Spelled,
    Timestamp, VersionReasonWord,
};
use crate::operations::get_order::{Planned, WholeOrder, get_order as read};
use crate::operations::order_life::ServiceBody;
use crate::store::facts::Fact;
use crate::store::id::{FactId, OrderId};
use crate::store::orders::OrderVersion;

/// One order whole.
#[derive(Serialize, ToSchema)]
#[schema(as = WholeOrder)]
pub struct Order {
    pub order_id: OrderId,
    pub reference: String,
    pub subject: DueSubject,
    pub kind: OrderKindWord,
    /// The kind in words, and the Act it is made under.
    pub title: &'static str,
    pub statute: &'static str,
    pub court: String,
    pub made_by: MadeByWord,
    /// Nothing while it is drafted.
    pub made_on: Option<NaiveDate>,
    pub status: OrderStatusWord,
    pub binds_from: Option<Timestamp>,
    pub binds_until: Option<Timestamp>,
    /// Whether it binds now: in force, and not suspended by a court that hears an appeal.
    pub is_binding: bool,
    pub is_appeal_pending: bool,
    pub served_at: Option<Timestamp>,
    pub ends_on: Option<NaiveDate>,
    pub ended_at: Option<Timestamp>,
    pub end_reason: Option<String>,
    /// The interim order whose place it took.
    pub replaces_id: Option<OrderId>,
    pub risk: RiskWord,
    pub making_force: String,
    pub managing_force: String,
    pub owner_name: Option<String>,
    pub deputy_name: Option<String>,
    pub supervisor_name: Option<String>,
    pub service_attempts: Vec<WireServiceAttempt>,
    pub expiry_warnings: Vec<ExpiryWarning>,
    pub versions: Vec<WholeVersion>,
    /// What to ask about the latest version, as `lint_order` says it.
    pub warnings: Vec<Warning>,
}

/// An attempt to serve an order, as recorded.
#[derive(Serialize, ToSchema)]
#[schema(as = RecordedServiceAttempt)]
pub struct WireServiceAttempt {
    pub record_id: FactId,
    pub happened_at: Timestamp,
    pub outcome: String,
    pub method: String,
    pub place: String,
    pub served_by: String,
    pub proof: String,
    pub note: String,
}

/// When somebody is warned that an order is about to end.
#[derive(Serialize, ToSchema)]
pub struct ExpiryWarning {
    pub days_before: u16,
    pub due_at: Timestamp,
    pub arithmetic: String,
}

/// A version of an order with all that is on file about it.
#[derive(Serialize, ToSchema)]
pub struct WholeVersion {
    pub number: i64,
    pub reason: VersionReasonWord,
    pub note: String,
    pub in_force_from: Timestamp,
    pub recorded_at: Timestamp,
    pub conditions: Vec<WholeCondition>,
}

/// A condition with what the court said around it.
#[derive(Serialize, ToSchema)]
pub struct WholeCondition {
    pub label: String,
    pub polarity: PolarityWord,
    pub kind: ConditionKindWord,
    pub wording: String,
    pub plain_words: String,
    pub valid_from: Option<NaiveDate>,
    pub valid_until: Option<NaiveDate>,
    /// Without one, it has effect in all parts of the United Kingdom (s.2(4)).
    pub locality: Option<String>,
    pub supervised_by: String,
    pub necessity: String,
    /// Who looks whether it is kept, and when next.
    pub plan: Option<ConditionPlan>,
}

impl WholeCondition {
    pub fn at(now: Instant, (condition, plan): Planned) -> Self {
        Self {
            label: condition.label,
            polarity: Spelled(condition.polarity),
            kind: Spelled(condition.kind),
            wording: condition.wording,
            plain_words: condition.plain_words,
            valid_from: condition.valid_from,
            valid_until: condition.valid_until,
            locality: condition.locality,
            supervised_by: condition.supervised_by,
            necessity: condition.necessity,
            plan: plan.map(|plan| ConditionPlan::at(now, plan)),
        }
    }
}

impl WholeVersion {
    fn at(now: Instant, (version, conditions): (OrderVersion, Vec<Planned>)) -> Self {
        Self {
            number: version.number,
            reason: Spelled(version.reason),
            note: version.note,
            in_force_from: version.in_force_from.into(),
            recorded_at: version.recorded_at.into(),
            conditions: conditions.into_iter().map(|it| WholeCondition::at(now, it)).collect(),
        }
    }
}

impl From<(Fact, ServiceBody)> for WireServiceAttempt {
    fn from((fact, body): (Fact, ServiceBody)) -> Self {
        Self {
            record_id: fact.id,
            happened_at: fact.happened_at.into(),
            outcome: body.outcome,
            method: body.method,
            place: body.place,
            served_by: body.served_by,
            proof: body.proof,
            note: body.note,
        }
    }
}

impl From<DueWarning> for ExpiryWarning {
    fn from(warning: DueWarning) -> Self {
        Self {
            days_before: warning.days_before,
            due_at: warning.due_at.into(),
            arithmetic: warning.arithmetic,
        }
    }
}

impl Order {
    fn at(now: Instant, found: WholeOrder) -> Self {
        let WholeOrder { order, life, .. } = found;
        let (row, binding) = (order.kind.row(), life.binding());
        Self {
            order_id: order.id,
            reference: order.reference,
            subject: DueSubject::new(found.subject, found.person),
            kind: Spelled(order.kind),
            title: row.title,
            statute: row.statute,
            court: order.court,
            made_by: Spelled(order.made_by),
            made_on: order.made_on,
            status: Spelled(life.status_at(now)),
            binds_from: binding.map(|binding| binding.from.into()),
            binds_until: binding.and_then(|binding| binding.until).map(Timestamp),
            is_binding: life.binds_at(now),
            is_appeal_pending: life.is_appeal_pending_at(now),
            served_at: order.served_at.map(Timestamp),
            ends_on: order.ends_on,
            ended_at: order.ended_at.map(Timestamp),
            end_reason: order.end_reason,
            replaces_id: order.replaces_id,
            risk: Spelled(order.risk),
            making_force: order.making_force,
            managing_force: order.managing_force,
            owner_name: found.owner_name,
            deputy_name: found.deputy_name,
            supervisor_name: found.supervisor_name,
            service_attempts: found.service_attempts.into_iter().map(Into::into).collect(),
            expiry_warnings: found.expiry_warnings.into_iter().map(Into::into).collect(),
            versions: found.versions.into_iter().map(|it| WholeVersion::at(now, it)).collect(),
            warnings: found.warnings.into_iter().map(Warning::from).collect(),
        }
    }
}

/// Shows one order whole.
///
/// What has become of it and from when to when it binds are reckoned from what is on record, as of
/// now. The reading is in the ledger.
#[utoipa::path(
    tag = "Orders",
    params(("order_id" = OrderId, Path, description = "The order")),
    responses((status = 200, description = "The order", body = Order)),
)]
#[get("/orders/{order_id}")]
pub async fn get_order(
    caller: Caller<act::ReadCase>,
    id: web::Path<OrderId>,
) -> Result<HttpResponse, Problem> {
    let (actor, id) = (caller.actor(), *id);
    let found = caller.write(move |tx| read(tx, &actor, id)).await?;
    Ok(HttpResponse::Ok().json(Order::at(caller.now, found)))
}
