//! `get_order_timeline`: everything about one order, in the order in which it happened.

use actix_web::{HttpResponse, get, web};
use compliance::Instant;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::caller::{Caller, act};
use super::list_orders::OrderEntry;
use super::problem::Problem;
use super::wire::Timestamp;
use crate::operations::Actor;
use crate::operations::persons::Persons;
use crate::refusal::Refusal;
use crate::store::id::OrderId;
use crate::store::orders::{self, OrderSummary};
use crate::store::timeline::{self, Event};
use crate::store::{Tx, ledger};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TimelineQuery {
    /// From the beginning when left out.
    from: Option<Timestamp>,
    /// Not included; to the end when left out.
    until: Option<Timestamp>,
}

/// An order and what happened.
#[derive(Serialize, ToSchema)]
pub struct OrderTimeline {
    pub order: OrderEntry,
    /// The oldest first.
    pub events: Vec<WireEvent>,
}

/// One thing that happened.
#[derive(Serialize, ToSchema)]
#[schema(as = Event)]
pub struct WireEvent {
    pub at: Timestamp,
    #[schema(example = "check_in")]
    pub kind: &'static str,
    /// Of the thing that the kind names.
    pub id: Uuid,
    /// A sentence for people.
    pub says: String,
    /// Who did it, when it was a person.
    pub by: Option<String>,
}

impl From<Event> for WireEvent {
    fn from(event: Event) -> Self {
        let Event { at, kind, id, says, by } = event;
        Self { at: at.into(), kind, id, says, by }
    }
}

/// Tells everything about one order, in the order in which it happened.
///
/// Versions, service, attendances, silences, alerts and every attempt to tell somebody of one. The
/// reading is in the ledger.
#[utoipa::path(
    tag = "Supervision",
    params(("order_id" = OrderId, Path, description = "The order"), TimelineQuery),
    responses((status = 200, description = "The order and what happened", body = OrderTimeline)),
)]
#[get("/orders/{order_id}/timeline")]
pub async fn get_order_timeline(
    caller: Caller<act::Supervise>,
    id: web::Path<OrderId>,
    query: web::Query<TimelineQuery>,
) -> Result<HttpResponse, Problem> {
    let (actor, id) = (caller.actor(), *id);
    let from = query.from.map_or(Instant::from_ms(i64::MIN), |from| from.0);
    let until = query.until.map_or(Instant::from_ms(i64::MAX), |until| until.0);
    let ((order, persons), events) =
        caller.write(move |tx| read(tx, &actor, id, (from, until))).await?;
    Ok(HttpResponse::Ok().json(OrderTimeline {
        order: OrderEntry::at(caller.now, order, &persons),
        events: events.into_iter().map(WireEvent::from).collect(),
    }))
}

fn read(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: OrderId,
    (from, until): (Instant, Instant),
) -> Result<((OrderSummary, Persons), Vec<Event>), Refusal> {
    let summary = orders::summary(tx, actor.scope, id)?.ok_or(Refusal::NotFound("order"))?;
    let events = timeline::of_order(tx, &summary.order, from, until)?;
    let entry = actor.reading("get_order_timeline", format!("order:{id}"), [id]);
    ledger::append(tx, actor.now, vec![entry])?;
    let persons = Persons::load(tx, [summary.subject.id])?;
    Ok(((summary, persons), events))
}
