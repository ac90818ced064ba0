//! Looks again at what asked for it, when its time has come: what to raise, and when to look next.

use compliance::Instant;
use compliance::alert::AlertKind;
use compliance::fact::TimerKind;

use super::feeds::ring_feed;
use super::raise_alerts::{Raise, raise_alerts};
use super::{
    breach_cases, devices, excuses, notification, order_life, plans, referrals, settle_terms,
    status_periods, tasks, transfer, treatment,
};
use crate::identity::Identity;
use crate::store::orders::Order;
use crate::store::timers::{self, Timer};
use crate::store::{StoreError, Tx, orders};

/// What a look at one object came to.
#[derive(Debug, Default)]
pub struct Rung {
    pub raises: Vec<Raise>,
    /// When to look again; without one, never.
    pub next_at: Option<Instant>,
}

/// Rings what is due, the most overdue first; says how many, and how many alerts came of it.
pub fn ring_due(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
    at_most: i64,
) -> Result<(usize, usize), StoreError> {
    let due = timers::due(tx, now, at_most)?;
    let mut raises = Vec::new();
    for timer in &due {
        let Some(order) = orders::find_for_service(tx, timer.order_id)? else { continue };
        let rung = ring(tx, identity, now, (timer, &order))?;
        // A look that asks to look again at once would be rung for ever.
        let next_at = rung.next_at.map(|at| at.max(now + 1));
        timers::set(tx, timer.order_id, (timer.kind, timer.object_id.uuid()), next_at)?;
        raises.extend(rung.raises);
    }
    let raised = raise_alerts(tx, identity, now, raises)?.len();
    Ok((due.len(), raised))
}

fn ring(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
    (timer, order): (&Timer, &Order),
) -> Result<Rung, StoreError> {
    match timer.kind {
        TimerKind::OrderExpiry => order_life::ring_expiry(tx, now, order),
        TimerKind::TransferAnswer => transfer::ring_answer(timer, order),
        TimerKind::StatusPeriodEnd => status_periods::ring_end(tx, now, timer, order),
        TimerKind::PresentationRequest => devices::ring_request(tx, now, timer, order),
        TimerKind::SessionOutcome | TimerKind::SessionEvidence => {
            treatment::ring_session(tx, now, timer, order)
        }
        TimerKind::Notification => notification::ring_notification(tx, now, order),
        TimerKind::ExcuseEvidence => excuses::ring_excuse(tx, now, timer, order),
        TimerKind::BreachCase => breach_cases::ring_breach_case(tx, now, timer, order),
        TimerKind::FeedSilence => ring_feed(tx, now, timer, order),
        TimerKind::OrderServing => order_life::ring_serving(tx, now, order),
        TimerKind::VersionBegins => settle_terms::ring_version(tx, identity, now, order),
        TimerKind::PlanReview => plans::ring_plan(tx, now, timer, order),
        TimerKind::Referral => referrals::ring_referral(tx, now, order),
        TimerKind::Tasks => tasks::ring_tasks(tx, identity, now, order),
    }
}

/// An alert about an order and one thing of it. The key says which, so that there is one for each.
pub fn about(
    order: &Order,
    kind: AlertKind,
    (key, concerns_at): (String, Instant),
    detail: impl Into<String>,
) -> Raise {
    Raise {
        dedupe_key: key,
        kind,
        severity: kind.severity(order.risk),
        order: Some(order.id),
        obligation: None,
        station: None,
        account: None,
        detail: detail.into(),
        concerns_at,
    }
}
