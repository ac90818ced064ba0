//! The life of an order after it was made: service, owners, appeal, end, and the warnings before its
//! fixed period is over.

use compliance::alert::{AlertCloseReason, AlertKind};
use compliance::deadline::{clocks, warning_due};
use compliance::fact::{FactKind, TimerKind};
use compliance::order::{CancelReason, start_of_day};
use compliance::order_status::{
    Appeal, AppealOutcome, EndReason, LifeFacts, OrderStatus, ServiceMethod, ServiceOutcome,
};
use compliance::{Instant, Word};
use serde::{Deserialize, Serialize};

use super::Actor;
use super::clashes::settle_clashes;
use super::enumerate::end_duties;
use super::notification::rearm_notification;
use super::plans::settle_plans;
use super::raise_alerts::close_alert;
use super::record_fact::{NewFact, Recorded, fact_in_scope, order_in_scope, record_fact};
use super::referrals::rearm_referrals;
use super::ring_timers::{Rung, about};
use crate::ZONE;
use crate::refusal::Refusal;
use crate::store::facts::{self, Fact};
use crate::store::id::{AccountId, FactId, OrderId};
use crate::store::orders::Order;
use crate::store::{StoreError, Tx, accounts, orders, timers};

/// An attempt to give the order to the subject.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ServiceBody {
    pub outcome: String,
    pub method: String,
    pub place: String,
    /// Who handed it over, and what proves it: a statement, a court record.
    pub served_by: String,
    pub proof: String,
    pub note: String,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct OwnersBody {
    pub owner: Option<AccountId>,
    pub deputy: Option<AccountId>,
    pub supervisor: Option<AccountId>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EndBody {
    pub reason: String,
    pub note: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AppealBody {
    /// From when the court suspended the order until it decides; an appeal alone suspends nothing.
    pub stayed_from: Option<i64>,
    pub note: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AppealDecisionBody {
    pub outcome: String,
    pub note: String,
}

/// What is on file about an order's life.
pub fn life_of(tx: &mut Tx<'_>, order: &Order) -> Result<LifeFacts, StoreError> {
    let kinds = [FactKind::OrderEnded, FactKind::AppealLodged, FactKind::AppealDecided];
    let mut life = LifeFacts {
        made_on: Some(order.made_on),
        served_at: order.served_at,
        takes_effect_at: order.takes_effect_on.map(|day| start_of_day(day, ZONE)),
        ends_on: order.ends_on,
        ..LifeFacts::drafted(order.kind)
    };
    for fact in facts::of_order(tx, order.id, &kinds)? {
        match fact.kind {
            FactKind::OrderEnded => {
                let body: EndBody = fact.read()?;
                match EndReason::parse(&body.reason) {
                    Some(EndReason::Determined) => life.determined_at = Some(fact.happened_at),
                    Some(EndReason::Replaced) => life.replaced_at = Some(fact.happened_at),
                    _ => life.discharged_at = Some(fact.happened_at),
                }
            }
            FactKind::AppealLodged => {
                let body: AppealBody = fact.read()?;
                life.appeal = Some(Appeal {
                    lodged_at: fact.happened_at,
                    stayed_from: body.stayed_from.map(Instant::from_ms),
                    decided_at: None,
                });
            }
            _ => {
                let decided_at = Some(fact.happened_at);
                life.appeal = life.appeal.map(|appeal| Appeal { decided_at, ..appeal });
            }
        }
    }
    Ok(life)
}

/// What is to be recorded about an order: by which id, and when it happened.
#[derive(Debug, Clone, Copy)]
pub struct Event {
    pub order: OrderId,
    pub record: FactId,
    pub happened_at: Instant,
}

fn fact<B>(event: Event, kind: FactKind, body: B, says: String) -> NewFact<B> {
    NewFact {
        id: event.record,
        kind,
        order: event.order,
        object: event.order.uuid(),
        party: None,
        happened_at: event.happened_at,
        body,
        says,
    }
}

/// Nothing is on record before it happened, and nothing happens to an order before it is made.
pub fn check_happened(actor: &Actor, order: &Order, event: Event) -> Result<(), Refusal> {
    /// How far a phone's clock may run ahead.
    const AHEAD_MS: i64 = 5 * compliance::instant::MINUTE_MS;
    if event.happened_at > actor.now + AHEAD_MS {
        return Err(Refusal::field("/happened_at", "is in the future"));
    }
    if event.happened_at < start_of_day(order.made_on, ZONE) {
        return Err(Refusal::field("/happened_at", "is before the order was made"));
    }
    Ok(())
}

/// Records an attempt to serve the order. The first that succeeds makes it bind.
pub fn record_service_attempt(
    tx: &mut Tx<'_>,
    actor: &Actor,
    event: Event,
    (outcome, method): (ServiceOutcome, ServiceMethod),
    body: ServiceBody,
) -> Result<Recorded, Refusal> {
    let order = order_in_scope(tx, actor, event.order)?;
    check_happened(actor, &order, event)?;
    if outcome == ServiceOutcome::Served && body.proof.trim().is_empty() {
        return Err(Refusal::field("/proof", "must say what proves that the order was served"));
    }
    let says = match outcome {
        ServiceOutcome::Served => format!("Served, {}.", method.as_str().replace('_', " ")),
        _ => format!("Not served: {}.", outcome.as_str().replace('_', " ")),
    };
    let recorded = record_fact(tx, actor, fact(event, FactKind::ServiceAttempted, body, says))?;
    let is_first = order.served_at.is_none_or(|served_at| event.happened_at < served_at);
    if matches!(recorded, Recorded::New(_)) && outcome == ServiceOutcome::Served && is_first {
        let served = Order { served_at: Some(event.happened_at), ..order };
        orders::update(tx, &served, actor.now)?;
        resolve(tx, actor, &served, AlertKind::OrderUnserved)?;
        rearm_notification(tx, &served, actor.now)?;
        rearm_referrals(tx, &served, (actor.now, Some(actor.scope.account)))?;
    }
    Ok(recorded)
}

fn resolve(
    tx: &mut Tx<'_>,
    actor: &Actor,
    order: &Order,
    kind: AlertKind,
) -> Result<(), StoreError> {
    let key = format!("{kind}:{}", order.id);
    let by = Some(actor.scope.account);
    close_alert(tx, actor.now, &key, AlertCloseReason::Resolved, by)
}

/// Says who answers for the order, who stands in and who supervises them.
pub fn assign_owners(
    tx: &mut Tx<'_>,
    actor: &Actor,
    event: Event,
    body: OwnersBody,
) -> Result<Recorded, Refusal> {
    let order = order_in_scope(tx, actor, event.order)?;
    let mut names = Vec::new();
    let named =
        [("/owner", body.owner), ("/deputy", body.deputy), ("/supervisor", body.supervisor)];
    for (field, id) in named {
        let Some(id) = id else { continue };
        let account = accounts::find(tx, id)?
            .filter(|account| account.role.may(compliance::access::Act::ReceiveAlerts))
            .ok_or_else(|| Refusal::field(field, "is nobody who can answer for an order"))?;
        names.push(format!("{} {}", field.trim_start_matches('/'), account.display_name));
    }
    if body.owner.is_none() {
        return Err(Refusal::field("/owner", "is missing: every order has one accountable owner"));
    }
    let says = format!("Answering for the order: {}.", names.join(", "));
    let recorded = record_fact(tx, actor, fact(event, FactKind::OwnersAssigned, body, says))?;
    if matches!(recorded, Recorded::New(_)) {
        let assigned = Order {
            owner_id: body.owner,
            deputy_id: body.deputy,
            supervisor_id: body.supervisor,
            ..order
        };
        orders::update(tx, &assigned, actor.now)?;
        resolve(tx, actor, &assigned, AlertKind::OrderUnowned)?;
    }
    Ok(recorded)
}

/// Ends an order before its time. What closes afterwards is not asked for; what was missed before
/// stays missed.
pub fn end_order(
    tx: &mut Tx<'_>,
    actor: &Actor,
    event: Event,
    reason: EndReason,
    body: EndBody,
) -> Result<Recorded, Refusal> {
    let order = order_in_scope(tx, actor, event.order)?;
    check_happened(actor, &order, event)?;
    if reason == EndReason::Determined && !order.kind.is_interim() {
        return Err(Refusal::field("/reason", "is for interim orders only (s.5(7))"));
    }
    let says = format!("The order has ended: {}.", reason.as_str().replace('_', " "));
    let recorded = record_fact(tx, actor, fact(event, FactKind::OrderEnded, body, says))?;
    if matches!(recorded, Recorded::New(_)) {
        end_duties(tx, order.id, event.happened_at, CancelReason::OrderEnded)?;
        let end_reason = Some(reason.as_str().to_owned());
        let ended = Order { ended_at: Some(event.happened_at), end_reason, ..order };
        orders::update(tx, &ended, actor.now)?;
        orders::set_watch(tx, ended.id, None)?;
        timers::clear_order(tx, ended.id)?;
        let by = (actor.now, Some(actor.scope.account));
        settle_clashes(tx, &actor.identity, &ended, by)?;
        settle_plans(tx, &actor.identity, &ended, by)?;
        rearm_referrals(tx, &ended, by)?;
    }
    Ok(recorded)
}

/// Records that somebody has appealed (s.7). The conditions stay live unless the court says otherwise.
pub fn record_appeal(
    tx: &mut Tx<'_>,
    actor: &Actor,
    event: Event,
    body: AppealBody,
) -> Result<Recorded, Refusal> {
    let order = order_in_scope(tx, actor, event.order)?;
    check_happened(actor, &order, event)?;
    let stay = body.stayed_from.map(|at| Instant::from_ms(at).in_words(ZONE));
    let stay = stay.map_or_else(
        || "The conditions stay live.".to_owned(),
        |at| format!("The court suspended the order from {at}."),
    );
    let says = format!("Appeal lodged. {stay}");
    record_fact(tx, actor, fact(event, FactKind::AppealLodged, body, says))
}

/// Records how an appeal ended. One that was allowed ends the order; one that varied it comes with a
/// version of its own.
pub fn decide_appeal(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (appeal, event_at): (FactId, (FactId, Instant)),
    outcome: AppealOutcome,
    body: AppealDecisionBody,
) -> Result<Recorded, Refusal> {
    let lodged = fact_in_scope(tx, actor, appeal, &[FactKind::AppealLodged], "appeal")?;
    let (record, happened_at) = event_at;
    let order = order_in_scope(tx, actor, lodged.order_id)?;
    let event = Event { order: order.id, record, happened_at };
    check_happened(actor, &order, event)?;
    if happened_at < lodged.happened_at {
        return Err(Refusal::field("/happened_at", "is before the appeal was lodged"));
    }
    let says = format!("Appeal {}.", outcome.as_str());
    record_fact(tx, actor, fact(event, FactKind::AppealDecided, body, says))
}

/// Looks again when the next warning before the last day is due.
pub fn rearm_expiry(tx: &mut Tx<'_>, order: &Order, now: Instant) -> Result<(), StoreError> {
    let timer = (TimerKind::OrderExpiry, order.id.uuid());
    timers::set(tx, order.id, timer, next_warning(order, now))
}

fn warnings(order: &Order) -> Vec<compliance::deadline::Warning> {
    let warnings = |last_day| clocks::expiry_warnings(order.kind, last_day);
    order.ends_on.filter(|_| order.ended_at.is_none()).map(warnings).unwrap_or_default()
}

/// The latest that has come counts as next too: an order that is taken in late is warned of at once.
fn next_warning(order: &Order, now: Instant) -> Option<Instant> {
    let all = warnings(order);
    let has_come = all.iter().any(|warning| warning.due_at <= now);
    let to_come = all.iter().map(|warning| warning.due_at).filter(|due_at| *due_at > now).min();
    if has_come { Some(now) } else { to_come }
}

pub fn ring_expiry(tx: &mut Tx<'_>, now: Instant, order: &Order) -> Result<Rung, StoreError> {
    let life = life_of(tx, order)?;
    let is_live = matches!(life.status_at(now), OrderStatus::Made | OrderStatus::InForce);
    let Some(last_day) = order.ends_on.filter(|_| is_live) else { return Ok(Rung::default()) };
    let next_at = warnings(order).iter().map(|it| it.due_at).filter(|at| *at > now).min();
    let days = order.kind.row().expiry_warnings_days;
    let Some(due) = warning_due(last_day, days, now) else {
        return Ok(Rung { raises: Vec::new(), next_at });
    };
    let key = format!("order_expiring:{}:{}", order.id, due.days_before);
    let raise = about(order, AlertKind::OrderExpiring, (key, due.due_at), due.arithmetic);
    Ok(Rung { raises: vec![raise], next_at })
}

/// The attempts to serve an order, as they were made.
pub fn service_attempts(
    tx: &mut Tx<'_>,
    order: &Order,
) -> Result<Vec<(Fact, ServiceBody)>, StoreError> {
    let found = facts::of_order(tx, order.id, &[FactKind::ServiceAttempted])?;
    found.into_iter().map(|fact| fact.read().map(|body| (fact, body))).collect()
}
