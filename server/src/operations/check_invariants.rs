//! Puts what the look at the invariants found where people see it: one alert for each that is violated,
//! until it is not any more.

use compliance::Instant;
use compliance::Word;
use compliance::alert::{AlertKind, Risk};
use compliance::invariant::Invariant;

use super::raise_alerts::{Raise, Settling, raise_alerts};
use crate::identity::Identity;
use crate::store::invariants::{self, Found};
use crate::store::{StoreError, Tx, heartbeats};

/// Says how many alerts came of it.
pub fn settle_invariants(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
    all: &[Found],
) -> Result<usize, StoreError> {
    let mut raises = Vec::new();
    for found in all {
        invariants::record(tx, found, now)?;
        match found.count {
            0 => Settling::resolved(now, None).close(tx, &key(found.invariant))?,
            _ => raises.push(raise(found, now)),
        }
    }
    heartbeats::beat(tx, heartbeats::CHECK, now, 0)?;
    Ok(raise_alerts(tx, identity, now, raises)?.len())
}

fn key(invariant: Invariant) -> String {
    format!("{}:{}", AlertKind::InvariantViolated, invariant.as_str())
}

/// Counts and sentences only: it reaches people who may not know of the cases.
fn raise(found: &Found, now: Instant) -> Raise {
    let (kind, says) = (AlertKind::InvariantViolated, found.invariant.says());
    Raise {
        dedupe_key: key(found.invariant),
        kind,
        severity: kind.severity(Risk::Standard),
        order: None,
        obligation: None,
        station: None,
        account: None,
        detail: format!("Does not hold, {} times: {says}", found.count),
        concerns_at: now,
    }
}
