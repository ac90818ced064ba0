//! How an attempt to tell somebody of an alert ends, whatever the channel: its row, its job, and what
//! becomes of the alert.

use compliance::Instant;
use compliance::alert::{AlertState, retry_at};
use compliance::delivery::{Channel, DeliveryStatus};

use super::Worker;
use crate::operations::escalate::send_on;
use crate::push::Sent;
use crate::store::alerts::{self, Alert};
use crate::store::deliveries::{self, NewDelivery};
use crate::store::id::{AlertId, DeliveryId, LeaseId};
use crate::store::jobs::{self, ACCEPTED, Job};
use crate::store::{StoreError, Tx, channels, receipts};

/// A job under its lease.
#[derive(Debug, Clone)]
pub struct Held {
    pub job: Job,
    pub lease: LeaseId,
}

impl Held {
    /// The alert, if somebody is still to be told of it; else the job is over.
    pub async fn waiting(&self, worker: &Worker) -> Result<Option<Alert>, StoreError> {
        let Some(id) = self.job.alert_id else {
            return self.end(worker, "nothing_to_send").await.map(|()| None);
        };
        match worker.store.read(move |tx| alerts::find_to_send(tx, id)).await? {
            Some(alert) if alert.state == AlertState::Triggered => Ok(Some(alert)),
            Some(_) => self.end(worker, "no_longer_needed").await.map(|()| None),
            None => self.end(worker, "nothing_to_send").await.map(|()| None),
        }
    }

    pub async fn end(&self, worker: &Worker, outcome: &'static str) -> Result<(), StoreError> {
        let (held, now) = (self.clone(), worker.clock.now());
        worker.store.write(move |tx| held.settle(tx, outcome, now)).await
    }

    pub fn settle(&self, tx: &mut Tx<'_>, outcome: &str, now: Instant) -> Result<(), StoreError> {
        jobs::settle(tx, &self.job.id, self.lease, outcome, now).map(drop)
    }

    /// The channel was closed meanwhile, or is open to other instances only: those will send it.
    pub fn without_channel(
        &self,
        tx: &mut Tx<'_>,
        (channel, now): (Channel, Instant),
        alert: AlertId,
    ) -> Result<(), StoreError> {
        if channels::open(tx)?.contains(&channel) {
            let run_at = retry_at(now, self.job.attempts, None);
            return jobs::put_off(tx, &self.job.id, self.lease, run_at);
        }
        self.gone(tx, ("channel_closed", now), alert)
    }

    /// It cannot arrive there: whoever can be reached is told instead. The alert is read once more, because
    /// somebody may have taken it while the message was on its way.
    pub fn gone(
        &self,
        tx: &mut Tx<'_>,
        (outcome, now): (&str, Instant),
        alert: AlertId,
    ) -> Result<(), StoreError> {
        self.settle(tx, outcome, now)?;
        match alerts::find_to_send(tx, alert)? {
            Some(alert) if self.job.is_counted_upon => {
                send_on(tx, now, (&alert, self.job.created_at))
            }
            _ => Ok(()),
        }
    }
}

/// An attempt that has been made.
pub struct Attempt {
    pub held: Held,
    pub delivery: DeliveryId,
    pub alert: Alert,
    pub channel: Channel,
    pub sent: Sent,
    /// What the job's outcome says when nothing sent there can arrive.
    pub gone: &'static str,
}

impl Attempt {
    pub fn settle(&self, tx: &mut Tx<'_>, now: Instant) -> Result<(), StoreError> {
        let Held { job, lease } = &self.held;
        deliveries::record(tx, &self.row(now))?;
        match &self.sent {
            Sent::Accepted { .. } => {
                self.held.settle(tx, ACCEPTED, now)?;
                let is_taken = job.is_counted_upon || receipts::is_there(tx, self.delivery)?;
                match is_taken {
                    true => alerts::reached(tx, (self.alert.id, job.group_id)),
                    false => Ok(()),
                }
            }
            Sent::Gone { .. } => self.held.gone(tx, (self.gone, now), self.alert.id),
            Sent::Failed { retry_after_ms, .. } => {
                let run_at = retry_at(now, job.attempts, *retry_after_ms);
                jobs::put_off(tx, &job.id, *lease, run_at)
            }
        }
    }

    fn row(&self, now: Instant) -> NewDelivery {
        let job = &self.held.job;
        let (status, http_status, detail) = match &self.sent {
            Sent::Accepted { http_status } => {
                (DeliveryStatus::Accepted, *http_status, String::new())
            }
            Sent::Gone { http_status } => {
                (DeliveryStatus::FailedPermanent, *http_status, String::new())
            }
            Sent::Failed { http_status, reason, .. } => {
                (DeliveryStatus::FailedTemporary, *http_status, reason.clone())
            }
        };
        NewDelivery {
            id: self.delivery,
            alert: self.alert.id,
            group: job.group_id,
            step: self.alert.step,
            channel: self.channel,
            account: job.account_id,
            subscription: job.subscription_id,
            is_counted_upon: job.is_counted_upon,
            attempt: job.attempts,
            status,
            http_status: http_status.map(i64::from),
            detail,
            attempted_at: now,
        }
    }
}
