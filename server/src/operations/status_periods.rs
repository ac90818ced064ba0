//! Custody, hospital, abroad: while it lasts, a miss is put as "verify". Nothing is excused by it, and
//! it ends by itself.

use compliance::alert::AlertKind;
use compliance::fact::{FactKind, TimerKind};
use compliance::status_period::{StatusPeriod, Whereabouts};
use compliance::{Instant, Word};
use serde::{Deserialize, Serialize};

use super::Actor;
use super::record_fact::{NewFact, Recorded, order_in_scope, record_fact};
use super::ring_timers::{Rung, about};
use super::tasks::settle_tasks;
use crate::ZONE;
use crate::refusal::Refusal;
use crate::store::facts::{self, Fact};
use crate::store::id::{FactId, OrderId};
use crate::store::orders::Order;
use crate::store::timers::{self, Timer};
use crate::store::{StoreError, Tx};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PeriodBody {
    pub whereabouts: String,
    pub from: i64,
    pub until: i64,
    pub evidence: String,
}

pub fn read_period(fact: &Fact) -> Result<StatusPeriod, StoreError> {
    let body: PeriodBody = fact.read()?;
    let corrupt =
        || StoreError::Corrupt { vocabulary: "status period", value: fact.id.to_string() };
    let whereabouts = Whereabouts::parse(&body.whereabouts).ok_or_else(corrupt)?;
    let (from, until) = (Instant::from_ms(body.from), Instant::from_ms(body.until));
    StatusPeriod::new(whereabouts, from, Some(until), &body.evidence).map_err(|_unfit| corrupt())
}

/// Records where the subject is; alerts about misses then ask to verify.
pub fn record_status_period(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (order, id): (OrderId, FactId),
    body: PeriodBody,
) -> Result<Recorded, Refusal> {
    let order = order_in_scope(tx, actor, order)?;
    let (from, until) = (Instant::from_ms(body.from), Instant::from_ms(body.until));
    let says = format!(
        "On record as {}: from {} until {}.",
        body.whereabouts,
        from.in_words(ZONE),
        until.in_words(ZONE)
    );
    let new = NewFact {
        id,
        kind: FactKind::StatusPeriod,
        order: order.id,
        object: id.uuid(),
        party: None,
        happened_at: from,
        body,
        says,
    };
    let recorded = record_fact(tx, actor, new)?;
    if matches!(recorded, Recorded::New(_)) {
        let timer = (TimerKind::StatusPeriodEnd, id.uuid());
        timers::set(tx, order.id, timer, Some(until.max(actor.now)))?;
        let by = (actor.now, Some(actor.scope.account));
        settle_tasks(tx, &actor.identity, &order, by)?;
    }
    Ok(recorded)
}

/// The period is over: what was only verified binds again, and somebody should know.
pub fn ring_end(
    tx: &mut Tx<'_>,
    now: Instant,
    timer: &Timer,
    order: &Order,
) -> Result<Rung, StoreError> {
    let begun = facts::of_object(tx, timer.object_id.uuid())?;
    let Some(fact) = begun.first() else { return Ok(Rung::default()) };
    let period = read_period(fact)?;
    if now < period.rearms_at() {
        return Ok(Rung { raises: Vec::new(), next_at: Some(period.rearms_at()) });
    }
    let key = format!("status_period_ended:{}", fact.id);
    let detail = format!("{} Sign-ons are asked for as before.", fact.says);
    let raise = about(order, AlertKind::StatusPeriodEnded, (key, period.rearms_at()), detail);
    Ok(Rung { raises: vec![raise], next_at: None })
}
