//! `send_alert_push`: tells one phone that an alert waits. Sent at least once; a second copy takes
//! the first one's place.

use compliance::Word;
use compliance::alert::{AlertState, retry_at};

use super::Worker;
use crate::operations::escalate::send_on;
use crate::operations::push_subscriptions::phone_lost;
use crate::push::{Message, Sent};
use crate::store::alerts::Alert;
use crate::store::id::LeaseId;
use crate::store::jobs::{self, ACCEPTED, Job, NewDelivery};
use crate::store::push_subscriptions::PushSubscription;
use crate::store::{StoreError, Tx, alerts, push_subscriptions};

pub async fn run(worker: &Worker, job: Job, lease: LeaseId) -> Result<(), StoreError> {
    let (alert_id, subscription_id) = (job.alert_id, job.subscription_id);
    let found = worker
        .store
        .read(move |tx| {
            let alert = alerts::find_to_send(tx, alert_id)?;
            let phone = push_subscriptions::find(tx, subscription_id)?;
            Ok::<_, StoreError>(alert.zip(phone))
        })
        .await?;
    let now = worker.clock.now();
    let Some((alert, phone)) = found else {
        let settle =
            move |tx: &mut Tx<'_>| jobs::settle(tx, &job.id, lease, "nothing_to_send", now);
        return worker.store.write(settle).await.map(drop);
    };
    if alert.state != AlertState::Triggered {
        let settle =
            move |tx: &mut Tx<'_>| jobs::settle(tx, &job.id, lease, "no_longer_needed", now);
        return worker.store.write(settle).await.map(drop);
    }
    if phone.ended_at.is_some() {
        let settle = move |tx: &mut Tx<'_>| {
            jobs::settle(tx, &job.id, lease, "phone_gone", now)?;
            send_on(tx, now, &alert)
        };
        return worker.store.write(settle).await;
    }
    let message = Message { alert_id, priority: alert.severity.as_str() };
    let sent = worker.push.send(&phone, &message).await;
    let attempt = Attempt { job, lease, alert, phone, sent };
    let (now, identity) = (worker.clock.now(), worker.identity.clone());
    worker.store.write(move |tx| attempt.settle(tx, &identity, now)).await
}

struct Attempt {
    job: Job,
    lease: LeaseId,
    alert: Alert,
    phone: PushSubscription,
    sent: Sent,
}

impl Attempt {
    fn settle(
        &self,
        tx: &mut Tx<'_>,
        identity: &crate::identity::Identity,
        now: compliance::Instant,
    ) -> Result<(), StoreError> {
        let (status, http_status, detail) = match &self.sent {
            Sent::Accepted { http_status } => ("accepted", Some(*http_status), String::new()),
            Sent::Gone { http_status } => ("failed_permanent", Some(*http_status), String::new()),
            Sent::Failed { http_status, reason, .. } => {
                ("failed_temporary", *http_status, reason.clone())
            }
        };
        let delivery = NewDelivery {
            id: identity.id(now),
            alert: self.alert.id,
            account: self.phone.account_id,
            subscription: self.phone.id,
            attempt: self.job.attempts,
            status,
            http_status: http_status.map(i64::from),
            detail,
            attempted_at: now,
        };
        jobs::record_delivery(tx, &delivery)?;
        let id = &self.job.id;
        match &self.sent {
            Sent::Accepted { .. } => jobs::settle(tx, id, self.lease, ACCEPTED, now).map(drop),
            Sent::Gone { .. } => {
                jobs::settle(tx, id, self.lease, "phone_gone", now)?;
                phone_lost(tx, identity, now, &self.phone)?;
                send_on(tx, now, &self.alert)
            }
            Sent::Failed { retry_after_ms, .. } => {
                let run_at = retry_at(now, self.job.attempts, *retry_after_ms);
                jobs::put_off(tx, id, self.lease, run_at)
            }
        }
    }
}
