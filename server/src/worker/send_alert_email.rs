//! `send_alert_email`: tells one person by e-mail that an alert waits.

use compliance::delivery::Channel;

use super::Worker;
use super::settle::{Attempt, Held};
use crate::identity::derived;
use crate::store::id::{DeliveryId, LeaseId};
use crate::store::jobs::Job;
use crate::store::{StoreError, Tx, accounts, stations};

pub async fn run(worker: &Worker, job: Job, lease: LeaseId) -> Result<(), StoreError> {
    let held = Held { job, lease };
    let Some(alert) = held.waiting(worker).await? else { return Ok(()) };
    let Some(account) = held.job.account_id else {
        return held.end(worker, "nothing_to_send").await;
    };
    let station = alert.station_id;
    let read = move |tx: &mut Tx<'_>| {
        let found = accounts::find(tx, account)?;
        let address = found.filter(|found| found.disabled_at.is_none()).and_then(|it| it.email);
        let station = station.map(|id| stations::find(tx, id)).transpose()?.flatten();
        Ok::<_, StoreError>((address, station.map(|station| station.name)))
    };
    let (address, station) = worker.store.read(read).await?;
    let now = worker.clock.now();
    let Some((mail, address)) = worker.mail.as_ref().zip(address) else {
        let gone = move |tx: &mut Tx<'_>| held.gone(tx, ("mailbox_gone", now), alert.id);
        return worker.store.write(gone).await;
    };
    let delivery: DeliveryId = worker.identity.id(now);
    let id = derived(&held.job.id);
    let sent = mail.send((id, now), &address, (&alert, station.as_deref())).await;
    let (channel, gone) = (Channel::Email, "mailbox_gone");
    let attempt = Attempt { held, delivery, alert, channel, sent, gone };
    let now = worker.clock.now();
    worker.store.write(move |tx| attempt.settle(tx, now)).await
}
