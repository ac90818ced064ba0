//! Phones that ask to be told, and phones that cannot be told any more.

use compliance::Instant;
use compliance::alert::{AlertKind, Risk};
use compliance::delivery::{ASK_EVERY_MS, ReceiptEvent};

use super::Actor;
use super::follow_concern::check_often;
use super::raise_alerts::{Raise, Settling, raise_alerts};
use crate::identity::{Identity, sha256};
use crate::refusal::Refusal;
use crate::store::id::{DeliveryId, PushSubscriptionId};
use crate::store::jobs;
use crate::store::ledger::{self, Chain, NewEntry};
use crate::store::push_subscriptions::{self, LivePhone, PushSubscription};
use crate::store::{StoreError, Tx, alerts, deliveries, receipts};

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
        end(tx, actor.now, old.id, "replaced")?;
    }
    push_subscriptions::insert(tx, new)?;
    Ok(record(tx, actor.now, Some(actor), "subscribe_push", new)?)
}

pub fn unsubscribe(tx: &mut Tx<'_>, actor: &Actor, id: PushSubscriptionId) -> Result<(), Refusal> {
    let found = push_subscriptions::find(tx, id)?
        .filter(|found| found.account_id == actor.scope.account)
        .ok_or(Refusal::NotFound("push subscription"))?;
    if found.ended_at.is_none() {
        end(tx, actor.now, id, "unsubscribed")?;
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
    end(tx, now, lost.id, "gone")?;
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

/// Nothing is sent there any more, and nobody needs to be told that it is silent.
fn end(
    tx: &mut Tx<'_>,
    now: Instant,
    id: PushSubscriptionId,
    reason: &str,
) -> Result<(), StoreError> {
    push_subscriptions::end(tx, id, reason, now)?;
    Settling::resolved(now, None).close(tx, &silent_key(id))
}

fn silent_key(id: PushSubscriptionId) -> String {
    format!("phone_silent:{id}")
}

/// Asks those phones whether they are there that have not been asked for a day, and tells of those that
/// do not answer. Says how many were asked, and how many were told of.
pub fn ask_phones(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
    at_most: i64,
) -> Result<(usize, usize), StoreError> {
    let due = push_subscriptions::to_ask(tx, now, at_most)?;
    let silent = due.iter().filter(|phone| !phone.signs.is_counted_upon(now));
    let raises = silent.map(|phone| phone_silent(phone, now)).collect();
    for phone in &due {
        let signs = phone.signs.ask(now);
        push_subscriptions::set_signs(tx, phone.id, signs, Some(now + ASK_EVERY_MS))?;
        jobs::enqueue_question(tx, (phone.account, phone.id), now)?;
    }
    let raised = raise_alerts(tx, identity, now, raises)?;
    Ok((due.len(), raised.len()))
}

fn phone_silent(phone: &LivePhone, now: Instant) -> Raise {
    Raise {
        dedupe_key: silent_key(phone.id),
        kind: AlertKind::PhoneSilent,
        severity: AlertKind::PhoneSilent.severity(Risk::Standard),
        order: None,
        obligation: None,
        station: None,
        account: Some(phone.account),
        detail:
            "A phone does not say that it shows alerts; it is not counted upon. Open the app on it."
                .to_owned(),
        concerns_at: phone.signs.asked_at.unwrap_or(now),
    }
}

/// What one phone can say in an hour without having gone wrong: it is sent no more.
const RECEIPTS_MAX: i64 = 600;
/// Of tokens that are none, from one address. Behind one are all the phones of a station, and some of
/// them have slept for a week.
const REFUSED_MAX: i64 = 60;

/// A phone says that it has shown, or somebody has opened, what it was sent. The first word stands; any
/// word shows that the phone lives.
pub fn record_receipt(
    tx: &mut Tx<'_>,
    (delivery, subscription): (DeliveryId, PushSubscriptionId),
    event: ReceiptEvent,
    now: Instant,
) -> Result<(), Refusal> {
    check_often(tx, &format!("receipt:{subscription}"), RECEIPTS_MAX, now)?;
    let is_news = receipts::record(tx, (delivery, subscription), event, now)?;
    if !is_news {
        return Ok(());
    }
    if let Some(phone) = push_subscriptions::find_phone(tx, subscription)? {
        push_subscriptions::set_signs(tx, phone.id, phone.signs.answer(now), None)?;
        jobs::end_question(tx, phone.id, "answered", now)?;
        Settling::resolved(now, None).close(tx, &silent_key(phone.id))?;
    }
    match deliveries::told_by(tx, delivery)? {
        Some(told) => Ok(alerts::reached(tx, told)?),
        None => Ok(()),
    }
}

/// Counts a token that is none.
pub fn refuse_receipt(tx: &mut Tx<'_>, address: &str, now: Instant) -> Result<(), Refusal> {
    check_often(tx, &format!("no-receipt:{address}"), REFUSED_MAX, now)
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
