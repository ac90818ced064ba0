//! `ask_phone`: asks one phone whether it is there. Its answer is a receipt; what is known of it was noted
//! when the question was asked, so that no answer counts as none, whatever kept the question back.

use compliance::alert::retry_at;

use super::Worker;
use super::settle::Held;
use crate::operations::push_subscriptions::phone_lost;
use crate::push::{Message, Sent};
use crate::receipt::Receipt;
use crate::store::id::{DeliveryId, LeaseId};
use crate::store::jobs::{self, ACCEPTED, Job};
use crate::store::{StoreError, Tx, push_subscriptions};

pub async fn run(worker: &Worker, job: Job, lease: LeaseId) -> Result<(), StoreError> {
    let held = Held { job, lease };
    let Some(subscription) = held.job.subscription_id else {
        return held.end(worker, "nothing_to_send").await;
    };
    let found = worker.store.read(move |tx| push_subscriptions::find(tx, subscription)).await?;
    let Some(phone) = found.filter(|phone| phone.ended_at.is_none()) else {
        return held.end(worker, "phone_gone").await;
    };
    let now = worker.clock.now();
    let delivery: DeliveryId = worker.identity.id(now);
    let token = worker.push.receipts.sign(Receipt { delivery, subscription }, now);
    let sent = worker.push.send(&phone, &Message::heartbeat(token)).await;
    let (now, identity) = (worker.clock.now(), worker.identity.clone());
    let settle = move |tx: &mut Tx<'_>| match &sent {
        Sent::Accepted { .. } => held.settle(tx, ACCEPTED, now),
        Sent::Gone { .. } => {
            held.settle(tx, "phone_gone", now)?;
            phone_lost(tx, &identity, now, &phone)
        }
        Sent::Failed { retry_after_ms, .. } => {
            let run_at = retry_at(now, held.job.attempts, *retry_after_ms);
            jobs::put_off(tx, &held.job.id, held.lease, run_at)
        }
    };
    worker.store.write(settle).await
}
