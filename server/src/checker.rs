//! Looks once a day whether the invariants hold. It runs beside the sweep and not in it: whoever checks
//! does not depend on what is checked, and a walk over the ledger holds no deadline up.

use std::time::Duration;

use compliance::Instant;
use compliance::instant::{DAY_MS, HOUR_MS, MINUTE_MS};
use tokio::sync::watch;

use crate::clock::Clock;
use crate::identity::Identity;
use crate::operations::check_invariants::settle_invariants;
use crate::store::invariants::{self, Found};
use crate::store::{Store, StoreError, Tx, heartbeats};

/// How often it is asked whether the day is over.
const EVERY: Duration = Duration::from_secs(60);
/// After a standstill the sweep catches up first; it is waited for so long.
const SWEEP_WAIT_MS: i64 = HOUR_MS;

/// Looks for all of them and raises what does not hold.
pub async fn check(
    store: &Store,
    clock: &Clock,
    identity: &Identity,
) -> Result<Vec<Found>, StoreError> {
    let (now, identity) = (clock.now(), identity.clone());
    let found = store.read(move |tx| invariants::look(tx, now)).await?;
    let all = found.clone();
    store.write(move |tx| settle_invariants(tx, &identity, now, &all)).await?;
    Ok(found)
}

/// Whether a day has passed. While the sweep has not caught up, what is overdue is its business.
pub fn is_due(tx: &mut Tx<'_>, now: Instant, fresh_ms: i64) -> Result<bool, StoreError> {
    let Some(last) = heartbeats::last(tx, heartbeats::CHECK)? else {
        let swept = heartbeats::last(tx, heartbeats::SWEEP)?;
        return Ok(swept.is_some_and(|beat| now - beat.beat_at <= fresh_ms));
    };
    let over_ms = now - last.beat_at - DAY_MS;
    let swept = heartbeats::last(tx, heartbeats::SWEEP)?;
    let has_caught_up = swept.is_some_and(|beat| now - beat.beat_at <= fresh_ms);
    Ok(over_ms >= SWEEP_WAIT_MS || (over_ms >= 0 && has_caught_up))
}

/// Checks once a day until told to stop. The first question comes a minute after the start.
pub async fn run(store: Store, clock: Clock, identity: Identity, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    ticks.tick().await;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        let (now, fresh_ms) = (clock.now(), MINUTE_MS * clock.speed());
        let checked = match store.read(move |tx| is_due(tx, now, fresh_ms)).await {
            Ok(false) => continue,
            Ok(true) => check(&store, &clock, &identity).await,
            Err(error) => Err(error),
        };
        match checked {
            Ok(found) => {
                let violated = found.iter().filter(|found| found.count > 0).count();
                tracing::info!(violated, "the invariants were checked");
            }
            Err(error) => {
                tracing::error!(%error, source = ?error, "the invariants were not checked")
            }
        }
    }
}
