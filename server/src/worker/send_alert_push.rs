//! `send_alert_push`: tells one phone that an alert waits. Sent at least once; a second copy takes
//! the first one's place.

use compliance::delivery::Channel;

use super::Worker;
use super::settle::{Attempt, Held};
use crate::operations::push_subscriptions::phone_lost;
use crate::push::{Message, Sent};
use crate::receipt::Receipt;
use crate::store::id::{DeliveryId, LeaseId};
use crate::store::jobs::Job;
use crate::store::{StoreError, Tx, push_subscriptions};

pub async fn run(worker: &Worker, job: Job, lease: LeaseId) -> Result<(), StoreError> {
    let held = Held { job, lease };
    let Some(alert) = held.waiting(worker).await? else { return Ok(()) };
    let Some(subscription) = held.job.subscription_id else {
        return held.end(worker, "nothing_to_send").await;
    };
    let found = worker.store.read(move |tx| push_subscriptions::find(tx, subscription)).await?;
    let Some(phone) = found else { return held.end(worker, "nothing_to_send").await };
    let now = worker.clock.now();
    if phone.ended_at.is_some() {
        let gone = move |tx: &mut Tx<'_>| held.gone(tx, ("phone_gone", now), alert.id);
        return worker.store.write(gone).await;
    }
    let delivery: DeliveryId = worker.identity.id(now);
    let token = worker.push.receipts.sign(Receipt { delivery, subscription }, now);
    let message = Message::of_alert(alert.id, alert.severity, token);
    let sent = worker.push.send(&phone, &message).await;
    let is_gone = matches!(sent, Sent::Gone { .. });
    let (channel, gone) = (Channel::Push, "phone_gone");
    let attempt = Attempt { held, delivery, alert, channel, sent, gone };
    let (now, identity) = (worker.clock.now(), worker.identity.clone());
    let settle = move |tx: &mut Tx<'_>| {
        if is_gone {
            phone_lost(tx, &identity, now, &phone)?;
        }
        attempt.settle(tx, now)
    };
    worker.store.write(settle).await
}
