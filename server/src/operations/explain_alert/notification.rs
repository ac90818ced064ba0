//! Alerts about duties to notify: what the facts came to by what was known at an instant.

use compliance::Instant;
use compliance::Word;
use compliance::attendance::Reason;

use super::known_order::KnownOrder;
use super::{Reckoned, Replayed, RestsOn, nothing_on_file};
use crate::operations::notification::{NOTIFICATION_FACTS, notifications_from};
use crate::store::alerts::{self, Alert};
use crate::store::{StoreError, Tx};

/// On what alerts about notification stand; each duty names its section.
const BASIS: &str = "The duties to notify that the order's own Act lays on the subject";

/// Nothing if its order is not on file.
pub fn facts_of(
    tx: &mut Tx<'_>,
    alert: &Alert,
    (then, now): (Instant, Instant),
) -> Result<Option<RestsOn>, StoreError> {
    let Some(id) = alert.order_id else { return Ok(None) };
    let Some(known) = KnownOrder::load(tx, id, &NOTIFICATION_FACTS)? else { return Ok(None) };
    let key = alerts::key_of(tx, alert.id)?.unwrap_or_default();
    let mut at = |at| reckon(tx, &known, &key, at);
    let (then, now) = (at(then)?, at(now)?);
    let cited = known.cited([]);
    Ok(Some(RestsOn::Facts(Box::new(Replayed::of(BASIS, then, now, cited)))))
}

fn reckon(
    tx: &mut Tx<'_>,
    known: &KnownOrder,
    key: &str,
    at: Instant,
) -> Result<Reckoned, StoreError> {
    let then = known.at(at)?;
    let given = then.facts.iter().filter(|fact| NOTIFICATION_FACTS.contains(&fact.kind)).cloned();
    let given: Vec<_> = given.collect();
    let facts = given.iter().map(|fact| fact.id.uuid()).collect();
    let found = notifications_from(tx, &then.order, given, at)?;
    let Some((state, says)) = found.asked_under(&then.order, key) else {
        return Ok(Reckoned { facts, ..nothing_on_file(at) });
    };
    Ok(Reckoned {
        known_at: at,
        state: Some(state.as_str()),
        compliance: state.compliance(),
        reasons: vec![Reason { code: "notification-duty", says }],
        facts,
        asks_for_it: found.raises(&then.order).iter().any(|raise| raise.dedupe_key == key),
    })
}
