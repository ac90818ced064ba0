//! `list_orders`: finds orders.

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use compliance::Instant;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::{Caller, act};
use super::list_due::DueSubject;
use super::problem::Problem;
use super::wire::{
    Limit, OrderKindWord, OrderStatusWord, RiskWord, Spelled, Timestamp, checked_parameter,
};
use crate::ZONE;
use crate::operations::Actor;
use crate::operations::order_life::life_of_row;
use crate::operations::persons::Persons;
use crate::refusal::Refusal;
use crate::store::id::OrderId;
use crate::store::orders::{self, OrderSummary, Search};
use crate::store::{Tx, ledger};

/// Longer than any name or reference.
const QUERY_CHARS_MAX: usize = 200;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OrderQuery {
    /// A part of the order's reference, or of the subject's name or reference, without case.
    #[serde(default)]
    #[param(value_type = Option<String>, max_length = 200)]
    query: String,
    /// Only orders that a court has made, that are not over, and that are not known to be in the PNC.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    without_pnc_reference: bool,
    /// `next` of the page before.
    #[serde(default)]
    #[param(value_type = Option<String>, max_length = 200)]
    after: String,
    /// How many at most; 100 when left out.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 500)]
    limit: Limit,
}

/// A page of orders, by reference.
#[derive(Serialize, ToSchema)]
pub struct OrderList {
    pub orders: Vec<OrderEntry>,
    /// For `after`, when there may be more.
    pub next: Option<String>,
}

/// An order as lists show it.
#[derive(Serialize, ToSchema)]
#[schema(as = Order)]
pub struct OrderEntry {
    pub order_id: OrderId,
    pub reference: String,
    pub kind: OrderKindWord,
    pub status: OrderStatusWord,
    pub court: String,
    /// Nothing while it is drafted.
    pub made_on: Option<NaiveDate>,
    pub served_at: Option<Timestamp>,
    /// An order binds from service.
    pub is_served: bool,
    /// The last day; without one, until a further order.
    pub ends_on: Option<NaiveDate>,
    pub risk: RiskWord,
    pub is_owned: bool,
    /// The officer in the case.
    pub owner_name: Option<String>,
    pub subject: DueSubject,
}

impl OrderEntry {
    pub fn at(now: Instant, summary: OrderSummary, persons: &Persons) -> Self {
        let OrderSummary { order, subject, owner_name } = summary;
        let person = persons.of(subject.id);
        let status = Spelled(life_of_row(&order).status_at(now));
        Self {
            order_id: order.id,
            reference: order.reference,
            kind: Spelled(order.kind),
            status,
            court: order.court,
            made_on: order.made_on,
            served_at: order.served_at.map(Timestamp),
            is_served: order.served_at.is_some(),
            ends_on: order.ends_on,
            risk: Spelled(order.risk),
            is_owned: order.owner_id.is_some(),
            owner_name,
            subject: DueSubject::new(subject, person),
        }
    }
}

/// Finds orders that the caller may know of.
///
/// By reference, a page at a time. The reading is in the ledger.
#[utoipa::path(
    tag = "Cases",
    params(OrderQuery),
    responses((status = 200, description = "A page of orders", body = OrderList)),
)]
#[get("/orders")]
pub async fn list_orders(
    caller: Caller<act::ReadCase>,
    query: web::Query<OrderQuery>,
) -> Result<HttpResponse, Problem> {
    let OrderQuery { query, without_pnc_reference, after, limit: Limit(at_most) } =
        query.into_inner();
    checked_parameter("query", &query, QUERY_CHARS_MAX)?;
    checked_parameter("after", &after, QUERY_CHARS_MAX)?;
    let (actor, now) = (caller.actor(), caller.now);
    let without_pnc_reference_on = without_pnc_reference.then(|| now.local_date(ZONE));
    let asked = Search { text: query, after, without_pnc_reference_on };
    let (found, persons) = caller.write(move |tx| search(tx, &actor, &asked, at_most)).await?;
    let is_full = i64::try_from(found.len()) == Ok(at_most);
    let next = found.last().filter(|_| is_full).map(|last| last.order.reference.clone());
    let orders = found.into_iter().map(|it| OrderEntry::at(now, it, &persons)).collect();
    Ok(HttpResponse::Ok().json(OrderList { orders, next }))
}

fn search(
    tx: &mut Tx<'_>,
    actor: &Actor,
    asked: &Search,
    at_most: i64,
) -> Result<(Vec<OrderSummary>, Persons), Refusal> {
    let found = orders::search(tx, actor.scope, asked, at_most)?;
    let object = format!("account:{}", actor.scope.account);
    let entry = actor.reading("list_orders", object, found.iter().map(|found| found.order.id));
    ledger::append(tx, actor.now, vec![entry])?;
    let persons = Persons::load(tx, found.iter().map(|found| found.subject.id))?;
    Ok((found, persons))
}
