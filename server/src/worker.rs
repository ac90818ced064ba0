//! Runs what is in the outbox: leases jobs, runs them outside any transaction, settles them.

mod ask_phone;
mod send_alert_email;
mod send_alert_push;
mod send_alert_webhook;
mod settle;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::identity::Identity;
use crate::mail::Mail;
use crate::push::Push;
use crate::store::id::LeaseId;
use crate::store::jobs::{self, Job};
use crate::store::{Store, StoreError};
use crate::webhook::Webhook;

/// So many of a kind are on their way at once; a slow push service holds back no more than these.
const AT_ONCE: i64 = 32;
const EVERY: Duration = Duration::from_millis(100);

/// What a job needs.
#[derive(Clone)]
pub struct Worker {
    pub store: Store,
    pub clock: Clock,
    pub identity: Identity,
    pub push: Arc<Push>,
    /// The channels besides web push, as far as the settings name them.
    pub mail: Option<Arc<Mail>>,
    pub webhook: Option<Arc<Webhook>>,
}

impl Worker {
    /// Runs what is due now; says how many jobs were run. Run until 0 to drain the outbox.
    pub async fn run_due(&self) -> Result<usize, StoreError> {
        let mut count = 0;
        for kind in jobs::KINDS {
            count += self.run_due_of(kind).await?;
        }
        Ok(count)
    }

    async fn run_due_of(&self, kind: &'static str) -> Result<usize, StoreError> {
        let now = self.clock.now();
        if !self.store.read(move |tx| jobs::is_due(tx, kind, now)).await? {
            return Ok(0);
        }
        let lease: LeaseId = self.identity.id(now);
        let leased =
            self.store.write(move |tx| jobs::lease(tx, (kind, lease), now, AT_ONCE)).await?;
        let count = leased.len();
        let runs = leased.into_iter().map(|job| self.run_one(job, lease));
        for done in join_all(runs).await {
            done?;
        }
        Ok(count)
    }

    async fn run_one(&self, job: Job, lease: LeaseId) -> Result<(), StoreError> {
        match job.kind.as_str() {
            jobs::SEND_ALERT_PUSH => send_alert_push::run(self, job, lease).await,
            jobs::SEND_ALERT_EMAIL => send_alert_email::run(self, job, lease).await,
            jobs::SEND_ALERT_WEBHOOK => send_alert_webhook::run(self, job, lease).await,
            jobs::ASK_PHONE => ask_phone::run(self, job, lease).await,
            kind => {
                tracing::error!(kind, "a job of a kind that nobody runs");
                Ok(())
            }
        }
    }

    /// Runs jobs until told to stop. A job that fails here is free again when its lease runs out.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        join_all(jobs::KINDS.map(|kind| self.run_kind(kind, stop.clone()))).await;
    }

    async fn run_kind(&self, kind: &'static str, mut stop: watch::Receiver<bool>) {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
            if let Err(error) = self.run_due_of(kind).await {
                tracing::error!(kind, %error, source = ?error, "jobs could not be run");
            }
        }
    }
}
