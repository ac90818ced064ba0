//! Whether the police have referred the subject to the provider of a treatment. What they left undone
//! is raised as their own fault, and never held against the subject.

use compliance::Instant;
use compliance::alert::AlertKind;
use compliance::fact::{FactKind, TimerKind};
use compliance::order::ConditionKind;
use compliance::treatment::referral_due_at;
use serde::{Deserialize, Serialize};

use super::Actor;
use super::grade_condition::details;
use super::order_life::{Event, check_happened, life_of};
use super::raise_alerts::{Raise, Settling};
use super::record_fact::{NewFact, Recorded, order_in_scope, record_fact};
use super::record_treatment::has_treatment;
use super::ring_timers::{Rung, about};
use super::treatment::Scheduled;
use crate::ZONE;
use crate::refusal::Refusal;
use crate::store::facts;
use crate::store::orders::{self, Condition, Order, OrderVersion};
use crate::store::{StoreError, Tx, alerts, timers};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReferralBody {
    pub label: String,
    /// By whom, to whom, under which reference.
    pub note: String,
}

/// Whether the subject was referred under one condition, and until when it was to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referral {
    pub is_made: bool,
    /// From when on it is the service's fault; nothing while the order does not bind.
    pub due_at: Option<Instant>,
}

impl Referral {
    pub fn is_overdue(&self, now: Instant) -> bool {
        !self.is_made && self.due_at.is_some_and(|due_at| due_at <= now)
    }
}

/// A session that is arranged shows that the provider knows of the subject.
pub fn referral_of(
    tx: &mut Tx<'_>,
    order: &Order,
    (version, condition): (&OrderVersion, &Condition),
) -> Result<Referral, StoreError> {
    let said = details(condition)?.treatment.is_none_or(|treatment| treatment.referred);
    let mut is_made = said;
    let kinds = [FactKind::ReferralMade, FactKind::SessionScheduled];
    for fact in facts::of_order(tx, order.id, &kinds)? {
        let label = match fact.kind {
            FactKind::ReferralMade => fact.read::<ReferralBody>()?.label,
            _ => fact.read::<Scheduled>()?.label,
        };
        is_made |= label == condition.label;
    }
    let binds_from = life_of(tx, order)?.binding().map(|binding| binding.from);
    Ok(Referral { is_made, due_at: referral_due_at(binds_from, version.in_force_from) })
}

fn key(order: &Order, label: &str) -> String {
    format!("{}:referral:{}:{label}", AlertKind::ServiceFault, order.id)
}

/// What is overdue, and when the next one will be.
fn look(tx: &mut Tx<'_>, order: &Order, now: Instant) -> Result<Rung, StoreError> {
    let mut rung = Rung::default();
    let versions = orders::versions(tx, order.id)?;
    let current = versions.iter().rev().find(|version| version.in_force_from <= now);
    let Some(version) = current.or(versions.first()) else { return Ok(rung) };
    if order.ended_at.is_some() {
        return Ok(rung);
    }
    for (condition, _) in orders::conditions(tx, version.id)? {
        if condition.kind != ConditionKind::Treatment {
            continue;
        }
        let referral = referral_of(tx, order, (version, &condition))?;
        if referral.is_overdue(now) {
            let raise = overdue(order, &condition.label, referral.due_at.unwrap_or(now));
            rung.raises.push(raise);
        } else if !referral.is_made {
            rung.next_at = rung.next_at.into_iter().chain(referral.due_at).min();
        }
    }
    Ok(rung)
}

fn overdue(order: &Order, label: &str, due_at: Instant) -> Raise {
    let says = format!(
        "The subject was to be referred for {label} by {}, and no referral is on record. That is \
         the service's fault; nothing is held against the subject.",
        due_at.in_words(ZONE)
    );
    about(order, AlertKind::ServiceFault, (key(order, label), due_at), says)
}

/// To be called whenever the order, its service or a referral is new or changed.
pub fn rearm_referrals(
    tx: &mut Tx<'_>,
    order: &Order,
    settling: Settling,
) -> Result<(), StoreError> {
    let now = settling.now;
    let found = look(tx, order, now)?;
    let prefix = key(order, "");
    for open in alerts::open_keys_of(tx, order.id, AlertKind::ServiceFault)? {
        let stands = found.raises.iter().any(|raise| raise.dedupe_key == open);
        if open.starts_with(&prefix) && !stands {
            settling.close(tx, &open)?;
        }
    }
    let at = if found.raises.is_empty() { found.next_at } else { Some(now) };
    timers::set(tx, order.id, (TimerKind::Referral, order.id.uuid()), at)
}

pub fn ring_referral(tx: &mut Tx<'_>, now: Instant, order: &Order) -> Result<Rung, StoreError> {
    look(tx, order, now)
}

/// Records that the subject was referred.
pub fn record_referral(
    tx: &mut Tx<'_>,
    actor: &Actor,
    event: Event,
    body: ReferralBody,
) -> Result<Recorded, Refusal> {
    let order = order_in_scope(tx, actor, event.order)?;
    check_happened(actor, &order, event)?;
    if !has_treatment(tx, order.id, &body.label)? {
        let says = "is no condition of this order that asks for treatment";
        return Err(Refusal::field("/label", says));
    }
    let new = NewFact {
        id: event.record,
        kind: FactKind::ReferralMade,
        order: order.id,
        object: event.record.uuid(),
        party: None,
        happened_at: event.happened_at,
        says: format!("The subject was referred to the provider of {}.", body.label),
        body,
    };
    let recorded = record_fact(tx, actor, new)?;
    rearm_referrals(tx, &order, actor.settling())?;
    Ok(recorded)
}
