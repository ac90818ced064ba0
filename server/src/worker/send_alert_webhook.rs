//! `send_alert_webhook`: tells another system of the force that an alert waits.

use compliance::delivery::Channel;

use super::Worker;
use super::settle::{Attempt, Held};
use crate::identity::derived;
use crate::store::id::{DeliveryId, LeaseId};
use crate::store::jobs::Job;
use crate::store::{StoreError, Tx, stations};

pub async fn run(worker: &Worker, job: Job, lease: LeaseId) -> Result<(), StoreError> {
    let held = Held { job, lease };
    let Some(alert) = held.waiting(worker).await? else { return Ok(()) };
    let Some(webhook) = &worker.webhook else {
        let (at, now) = (alert.id, worker.clock.now());
        let closed = move |tx: &mut Tx<'_>| held.without_channel(tx, (Channel::Webhook, now), at);
        return worker.store.write(closed).await;
    };
    let station = alert.station_id;
    let read = move |tx: &mut Tx<'_>| match station {
        Some(id) => Ok::<_, StoreError>(stations::find(tx, id)?.map(|station| station.name)),
        None => Ok(None),
    };
    let station = worker.store.read(read).await?;
    let now = worker.clock.now();
    let delivery: DeliveryId = worker.identity.id(now);
    let sent = webhook.send((derived(&held.job.id), now), (&alert, station.as_deref())).await;
    let (channel, gone) = (Channel::Webhook, "system_gone");
    let attempt = Attempt { held, delivery, alert, channel, sent, gone };
    let now = worker.clock.now();
    worker.store.write(move |tx| attempt.settle(tx, now)).await
}
