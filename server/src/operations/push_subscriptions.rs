//! Phones that ask to be told, and phones that cannot be told any more.

use compliance::Instant;
use compliance::alert::{AlertKind, Risk};

use super::Actor;
use super::raise_alerts::{Raise, raise_alerts};
use crate::identity::{Identity, sha256};
use crate::refusal::Refusal;
use crate::store::id::PushSubscriptionId;
use crate::store::ledger::{self, Chain, NewEntry};
use crate::store::push_subscriptions::{self, PushSubscription};
use crate::store::{StoreError, Tx};

/// Keeps a subscription. The same phone under a new id or another account replaces the old one.
pub fn subscribe(tx: &mut Tx<'_>, actor: &Actor, new: &PushSubscription) -> Result<(), Refusal> {
    if let Some(found) = push_subscriptions::find(tx, new.id)? {
        let same = |s: &PushSubscription| {
            (s.account_id, s.endpoint.clone(), s.p256dh.clone(), s.auth.clone())
        };
        let is_same = same(&found) == same(new) && found.ended_at.is_none();
        return if is_same { Ok(()) } else { Err(Refusal::SubscriptionConflict) };
    }
    if let Some(old) = push_subscriptions::find_live(tx, &new.endpoint)? {
        push_subscriptions::end(tx, old.id, "replaced", actor.now)?;
    }
    push_subscriptions::insert(tx, new)?;
    Ok(record(tx, actor.now, Some(actor), "subscribe_push", new)?)
}

pub fn unsubscribe(tx: &mut Tx<'_>, actor: &Actor, id: PushSubscriptionId) -> Result<(), Refusal> {
    let found = push_subscriptions::find(tx, id)?
        .filter(|found| found.account_id == actor.scope.account)
        .ok_or(Refusal::NotFound("push subscription"))?;
    if found.ended_at.is_none() {
        push_subscriptions::end(tx, id, "unsubscribed", actor.now)?;
        record(tx, actor.now, Some(actor), "unsubscribe_push", &found)?;
    }
    Ok(())
}

/// The push service says that the phone is gone (404 or 410): nothing is sent there any more, and
/// its owner is told, because alerts no longer reach it.
pub fn phone_lost(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
    lost: &PushSubscription,
) -> Result<(), StoreError> {
    if lost.ended_at.is_some() {
        return Ok(());
    }
    push_subscriptions::end(tx, lost.id, "gone", now)?;
    record(tx, now, None, "lose_phone", lost)?;
    let raise = Raise {
        dedupe_key: format!("phone_lost:{}", lost.id),
        kind: AlertKind::PhoneLost,
        severity: AlertKind::PhoneLost.severity(Risk::Standard),
        order: None,
        obligation: None,
        station: None,
        account: Some(lost.account_id),
        detail: "A phone can no longer be reached. Sign in on it again to get alerts.".to_owned(),
        concerns_at: now,
    };
    raise_alerts(tx, identity, now, vec![raise]).map(drop)
}

fn record(
    tx: &mut Tx<'_>,
    now: Instant,
    actor: Option<&Actor>,
    act: &'static str,
    subscription: &PushSubscription,
) -> Result<(), StoreError> {
    let entry = NewEntry {
        chain: Chain::Account(subscription.account_id),
        actor: actor.map(|actor| actor.scope.account),
        act,
        object: format!("push_subscription:{}", subscription.id),
        detail: String::new(),
        body_digest: sha256(subscription.endpoint.as_bytes()),
    };
    ledger::append(tx, now, vec![entry])
}
