//! Hands an order to another force. Until that force has accepted it, the old one answers for it.

use std::num::NonZeroU16;

use compliance::Instant;
use compliance::alert::{AlertCloseReason, AlertKind};
use compliance::deadline::hours_after;
use compliance::fact::{FactKind, TimerKind};
use serde::{Deserialize, Serialize};

use super::Actor;
use super::order_life::{Event, check_happened};
use super::raise_alerts::close_alert;
use super::record_fact::{NewFact, Recorded, fact_in_scope, order_in_scope, record_fact};
use super::ring_timers::{Rung, about};
use crate::refusal::Refusal;
use crate::store::facts::{self, Fact};
use crate::store::id::FactId;
use crate::store::orders::Order;
use crate::store::timers::Timer;
use crate::store::{StoreError, Tx, orders, timers};

/// An answer is asked for within a day; after that somebody must ring them.
const ANSWER_HOURS: NonZeroU16 = NonZeroU16::new(24).unwrap();

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TransferBody {
    pub to_force: String,
    pub reason: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AnswerBody {
    pub is_accepted: bool,
    pub answered_by: String,
    pub note: String,
}

pub fn request_transfer(
    tx: &mut Tx<'_>,
    actor: &Actor,
    event: Event,
    body: TransferBody,
) -> Result<Recorded, Refusal> {
    let order = order_in_scope(tx, actor, event.order)?;
    check_happened(actor, &order, event)?;
    if body.to_force == order.managing_force {
        return Err(Refusal::field("/to_force", "is the force that has the order"));
    }
    let says = format!("Transfer to force {} asked for: {}", body.to_force, body.reason);
    let new = NewFact {
        id: event.record,
        kind: FactKind::TransferRequested,
        order: order.id,
        object: event.record.uuid(),
        party: None,
        happened_at: event.happened_at,
        body,
        says,
    };
    let recorded = record_fact(tx, actor, new)?;
    if matches!(recorded, Recorded::New(_)) {
        let answer = hours_after(ANSWER_HOURS, event.happened_at, "the force's own rule");
        let timer = (TimerKind::TransferAnswer, event.record.uuid());
        timers::set(tx, order.id, timer, Some(answer.closes_at))?;
    }
    Ok(recorded)
}

pub fn answer_transfer(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (transfer, record, happened_at): (FactId, FactId, Instant),
    body: AnswerBody,
) -> Result<Recorded, Refusal> {
    let requests = [FactKind::TransferRequested];
    let requested = fact_in_scope(tx, actor, transfer, &requests, "transfer")?;
    let order = order_in_scope(tx, actor, requested.order_id)?;
    let event = Event { order: order.id, record, happened_at };
    check_happened(actor, &order, event)?;
    let asked: TransferBody = requested.read()?;
    let is_accepted = body.is_accepted;
    let verb = if is_accepted { "accepted" } else { "refused" };
    let says = format!("Transfer {verb} by {} of force {}.", body.answered_by, asked.to_force);
    let new = NewFact {
        id: record,
        kind: FactKind::TransferAnswered,
        order: order.id,
        object: requested.id.uuid(),
        party: None,
        happened_at,
        body,
        says,
    };
    let recorded = record_fact(tx, actor, new)?;
    if matches!(recorded, Recorded::New(_)) {
        timers::set(tx, order.id, (TimerKind::TransferAnswer, requested.id.uuid()), None)?;
        let by = Some(actor.scope.account);
        close_alert(tx, actor.now, &key(requested.id), AlertCloseReason::Resolved, by)?;
        if is_accepted {
            let moved = Order { managing_force: asked.to_force, ..order };
            orders::update(tx, &moved, actor.now)?;
        }
    }
    Ok(recorded)
}

/// Asks again when the other force should have answered, unless it has.
pub fn rearm_answer(tx: &mut Tx<'_>, requested: &Fact) -> Result<(), StoreError> {
    let others = facts::of_object(tx, requested.id.uuid())?;
    let is_answered = others.iter().any(|it| it.kind == FactKind::TransferAnswered);
    let answer = hours_after(ANSWER_HOURS, requested.happened_at, "the force's own rule");
    let due_at = Some(answer.closes_at).filter(|_| !is_answered);
    timers::set(tx, requested.order_id, (TimerKind::TransferAnswer, requested.id.uuid()), due_at)
}

fn key(transfer: FactId) -> String {
    format!("transfer_unanswered:{transfer}")
}

pub fn ring_answer(timer: &Timer, order: &Order) -> Result<Rung, StoreError> {
    // Nobody takes over an order that has ended.
    if order.ended_at.is_some() {
        return Ok(Rung::default());
    }
    let detail = "The other force has not said whether it takes the order. It is still ours.";
    let at = (key(timer.object_id), timer.due_at);
    let raise = about(order, AlertKind::TransferUnanswered, at, detail);
    Ok(Rung { raises: vec![raise], next_at: None })
}
