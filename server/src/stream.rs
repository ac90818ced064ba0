//! The live stream: who has it open, and when there is something new for them. One look at the database
//! serves every stream of the instance.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::watch;

use crate::store::{Store, StoreError, alerts};

/// How often it is looked whether any alert has changed, while a stream is open.
pub const EVERY: Duration = Duration::from_millis(250);

/// What the streams of an instance share.
pub struct Streams {
    open: AtomicUsize,
    /// The last change of an alert that can be handed out.
    latest: watch::Sender<i64>,
    is_over: watch::Sender<bool>,
}

impl Default for Streams {
    fn default() -> Self {
        let (latest, is_over) = (watch::Sender::new(0), watch::Sender::new(false));
        Self { open: AtomicUsize::new(0), latest, is_over }
    }
}

impl Streams {
    pub fn opened(&self) {
        self.open.fetch_add(1, Ordering::SeqCst);
    }

    pub fn closed(&self) {
        self.open.fetch_sub(1, Ordering::SeqCst);
    }

    pub fn latest(&self) -> i64 {
        *self.latest.borrow()
    }

    /// Becomes true when every stream is to end, because the service does: its server waits for them.
    pub fn ending(&self) -> watch::Receiver<bool> {
        self.is_over.subscribe()
    }

    pub fn end(&self) {
        self.is_over.send_replace(true);
    }

    /// Looks until the service ends.
    pub async fn run(&self, store: Store) {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut ending = self.ending();
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                _ = ending.wait_for(|is_over| *is_over) => return,
            }
            if self.open.load(Ordering::SeqCst) == 0 {
                continue;
            }
            match store.read(alerts::latest_change).await {
                Ok(latest) => {
                    self.latest
                        .send_if_modified(|known| std::mem::replace(known, latest) != latest);
                }
                Err(error) => {
                    let error: StoreError = error;
                    tracing::error!(%error, source = ?error, "the streams cannot look for alerts");
                }
            }
        }
    }
}
