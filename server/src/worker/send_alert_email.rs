//! `send_alert_email`: tells one person by e-mail that an alert waits.

use compliance::delivery::Channel;

use super::Worker;
use super::settle::{Attempt, Held};
use crate::identity::derived;
use crate::operations::accounts::mailbox_lost;
use crate::push::Sent;
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
    let Some(address) = address else {
        let gone = move |tx: &mut Tx<'_>| held.gone(tx, ("mailbox_gone", now), alert.id);
        return worker.store.write(gone).await;
    };
    let Some(mail) = worker.mail.clone() else {
        let closed =
            move |tx: &mut Tx<'_>| held.without_channel(tx, (Channel::Email, now), alert.id);
        return worker.store.write(closed).await;
    };
    let delivery: DeliveryId = worker.identity.id(now);
    let id = derived(&held.job.id);
    let sent = mail.send((id, now), &address, (&alert, station.as_deref())).await;
    let (channel, gone) = (Channel::Email, "mailbox_gone");
    let is_gone = matches!(sent, Sent::Gone { .. });
    let attempt = Attempt { held, delivery, alert, channel, sent, gone };
    let (now, identity) = (worker.clock.now(), worker.identity.clone());
    let settle = move |tx: &mut Tx<'_>| {
        if is_gone {
            mailbox_lost(tx, &identity, now, (account, &address))?;
        }
        attempt.settle(tx, now)
    };
    worker.store.write(settle).await
}
