//! The life of an order after it was made: service, owners, appeal, end, and the warnings before its
//! fixed period is over.

use std::collections::BTreeMap;

use compliance::alert::{AlertCloseReason, AlertKind};
use compliance::deadline::clocks::{ServingChase, serving_chases};
use compliance::deadline::{clocks, warning_due};
use compliance::fact::{FactKind, TimerKind};
use compliance::order::{CancelReason, start_of_day};
use compliance::order_status::{
    Appeal, AppealOutcome, EndReason, LifeFacts, OrderStatus, ServiceMethod, ServiceOutcome,
};
use compliance::task::answer::RenewalChoice;
use compliance::{Instant, Word};
use serde::{Deserialize, Serialize};

use super::Actor;
use super::enumerate::end_duties;
use super::notification::rearm_notification;
use super::raise_alerts::close_alert;
use super::record_fact::{NewFact, Recorded, fact_in_scope, order_in_scope, record_fact};
use super::referrals::rearm_referrals;
use super::ring_timers::{Rung, about};
use super::settle_terms::settle_terms;
use super::task_answers::renewal_choice;
use super::tasks::settle_tasks;
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

/// What the order's own row says of its life; appeals are facts beside it.
pub fn life_of_row(order: &Order) -> LifeFacts {
    let mut life = LifeFacts {
        made_on: order.made_on,
        served_at: order.served_at,
        takes_effect_at: order.takes_effect_on.map(|day| start_of_day(day, ZONE)),
        ends_on: order.ends_on,
        ..LifeFacts::drafted(order.kind)
    };
    match order.end_reason.as_deref().and_then(EndReason::parse) {
        Some(EndReason::Determined) => life.determined_at = order.ended_at,
        Some(EndReason::Replaced) => life.replaced_at = order.ended_at,
        Some(EndReason::Discharged | EndReason::QuashedOnAppeal) => {
            life.discharged_at = order.ended_at;
        }
        None => life.withdrawn_at = order.ended_at,
    }
    life
}

/// What is on file about an order's life. Of several appeals the one that is pending counts, else the
/// last.
pub fn life_of(tx: &mut Tx<'_>, order: &Order) -> Result<LifeFacts, StoreError> {
    let appeals = appeals_of(tx, &[order.id])?.remove(&order.id).unwrap_or_default();
    let pending = appeals.iter().rfind(|appeal| appeal.decided_at.is_none());
    let appeal = pending.or(appeals.last()).copied();
    Ok(LifeFacts { appeal, ..life_of_row(order) })
}

/// The appeals of many orders, each as it was lodged and decided: what has to be known to say at any
/// instant whether a court had suspended an order.
pub fn appeals_of(
    tx: &mut Tx<'_>,
    orders: &[OrderId],
) -> Result<BTreeMap<OrderId, Vec<Appeal>>, StoreError> {
    let decided = facts::of_orders(tx, orders, &[FactKind::AppealDecided])?;
    let mut found: BTreeMap<OrderId, Vec<Appeal>> = BTreeMap::new();
    for fact in facts::of_orders(tx, orders, &[FactKind::AppealLodged])? {
        found.entry(fact.order_id).or_default().push(appeal(&fact, decided.iter())?);
    }
    Ok(found)
}

/// The appeals that stand among facts.
pub fn appeals_in(facts: &[Fact]) -> Result<Vec<Appeal>, StoreError> {
    let of = |kind| facts.iter().filter(move |it| it.kind == kind && it.superseded_at.is_none());
    of(FactKind::AppealLodged).map(|fact| appeal(fact, of(FactKind::AppealDecided))).collect()
}

fn appeal<'a>(
    lodged: &Fact,
    mut decided: impl Iterator<Item = &'a Fact>,
) -> Result<Appeal, StoreError> {
    let body: AppealBody = lodged.read()?;
    Ok(Appeal {
        lodged_at: lodged.happened_at,
        stayed_from: body.stayed_from.map(Instant::from_ms),
        decided_at: decided.find(|it| it.object_id == lodged.id).map(|it| it.happened_at),
    })
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
    let Some(made_on) = order.made_on else { return Err(Refusal::OrderIsDraft) };
    if event.happened_at < start_of_day(made_on, ZONE) {
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
        resolve_serving(tx, actor.now, &served, Some(actor.scope.account))?;
        rearm_notification(tx, &served, actor.now)?;
        rearm_referrals(tx, &served, actor.settling())?;
        rearm_serving(tx, &served, actor.now)?;
        settle_tasks(tx, &actor.identity, &served, by(actor))?;
    }
    Ok(recorded)
}

fn by(actor: &Actor) -> (Instant, Option<AccountId>) {
    (actor.now, Some(actor.scope.account))
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
        settle_tasks(tx, &actor.identity, &assigned, by(actor))?;
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
        let ended = match order.ended_at {
            Some(before) if before <= event.happened_at => order,
            _ => Order { ended_at: Some(event.happened_at), end_reason, ..order },
        };
        orders::update(tx, &ended, actor.now)?;
        orders::set_watch(tx, ended.id, None)?;
        resolve_serving(tx, actor.now, &ended, Some(actor.scope.account))?;
        timers::clear_order(tx, ended.id)?;
        settle_terms(tx, &actor.identity, &ended, actor.settling())?;
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
    let decided = fact(event, FactKind::AppealDecided, body, says);
    record_fact(tx, actor, NewFact { object: lodged.id.uuid(), ..decided })
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
    let choice = renewal_choice(tx, order)?;
    if choice.is_some_and(|(choice, _)| choice == RenewalChoice::LetLapse) {
        return Ok(Rung { raises: Vec::new(), next_at });
    }
    let says = match choice {
        Some((choice, at)) => {
            let (choice, on) = (choice.as_str().replace('_', " "), at.in_words(ZONE));
            let arithmetic = due.arithmetic;
            format!("{arithmetic}. Decided on {on}: {choice}. No other last day is on file.")
        }
        None => due.arithmetic,
    };
    let key = format!("order_expiring:{}:{}", order.id, due.days_before);
    let raise = about(order, AlertKind::OrderExpiring, (key, due.due_at), says);
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

/// Looks again while an order that was made is not served.
pub fn rearm_serving(tx: &mut Tx<'_>, order: &Order, now: Instant) -> Result<(), StoreError> {
    let timer = (TimerKind::OrderServing, order.id.uuid());
    let next_at = match unserved_chases(tx, order)? {
        Some(chases) => chases.into_iter().map(|chase| chase.due_at.max(now)).min(),
        None => None,
    };
    timers::set(tx, order.id, timer, next_at)
}

/// When serving is chased, of an order that was made, was not served and has not ended. Counted from
/// when it could be known here, so that a late intake is not chased at once as well as raised.
fn unserved_chases(
    tx: &mut Tx<'_>,
    order: &Order,
) -> Result<Option<Vec<ServingChase>>, StoreError> {
    let Some(made_on) = order.made_on else { return Ok(None) };
    if order.served_at.is_some() || order.ended_at.is_some() {
        return Ok(None);
    }
    let versions = orders::versions(tx, order.id)?;
    let filed_at = versions.first().map(|version| version.recorded_at);
    let made_at = start_of_day(made_on, ZONE);
    Ok(Some(serving_chases(order.kind, filed_at.map_or(made_at, |at| at.max(made_at)))))
}

/// One alert for each step, so that what somebody has acknowledged does not fall silent.
pub fn ring_serving(tx: &mut Tx<'_>, now: Instant, order: &Order) -> Result<Rung, StoreError> {
    let Some(chases) = unserved_chases(tx, order)? else { return Ok(Rung::default()) };
    if !matches!(life_of_row(order).status_at(now), OrderStatus::Made) {
        return Ok(Rung::default());
    }
    let attempts = service_attempts(tx, order)?.len();
    let next_at = chases.iter().map(|chase| chase.due_at).filter(|at| *at > now).min();
    let last = chases.iter().rfind(|chase| chase.due_at <= now);
    let raises = last.map(|chase| {
        let key = serving_key(order, chase);
        let detail = format!(
            "Made and not served after {} hours; {attempts} attempts on record. It cannot be \
             enforced before it is served.",
            chase.hours
        );
        about(order, AlertKind::OrderServiceOverdue, (key, chase.due_at), detail)
    });
    Ok(Rung { raises: raises.into_iter().collect(), next_at })
}

fn serving_key(order: &Order, chase: &ServingChase) -> String {
    format!("{}:{}:{}", AlertKind::OrderServiceOverdue, order.id, chase.hours)
}

/// It was served, or nobody will serve it any more.
pub fn resolve_serving(
    tx: &mut Tx<'_>,
    now: Instant,
    order: &Order,
    by: Option<AccountId>,
) -> Result<(), StoreError> {
    let chases = serving_chases(order.kind, now);
    let keys = chases.iter().map(|chase| serving_key(order, chase));
    let first = format!("{}:{}", AlertKind::OrderUnserved, order.id);
    for key in keys.chain([first]) {
        close_alert(tx, now, &key, AlertCloseReason::Resolved, by)?;
    }
    Ok(())
}
