//! Raises alerts: the alert, what is to be sent about it and its ledger entry, in the transaction of
//! the fact that asks for it.

use std::collections::BTreeMap;

use compliance::Instant;
use compliance::alert::{AlertCloseReason, AlertEventKind, AlertKind, AlertState, Severity};
use uuid::Uuid;

use super::escalate::{About, Reach, TOLD_SINGLY_MAX, event_entry, stop_sending, told_as_one};
use crate::identity::{Identity, sha256};
use crate::store::alert_events::{self, AlertEvent};
use crate::store::alerts::{self, Alert, NewAlert, Stand};
use crate::store::id::{
    AccountId, AlertGroupId, AlertId, CheckInId, ObligationId, OrderId, StationId,
};
use crate::store::jobs;
use crate::store::ledger::{self, Chain, NewEntry};
use crate::store::{StoreError, Tx};

/// What people are to look at, and whom it concerns.
#[derive(Debug, Clone)]
pub struct Raise {
    /// One alert for each key, whatever happens.
    pub dedupe_key: String,
    pub kind: AlertKind,
    pub severity: Severity,
    pub order: Option<OrderId>,
    pub obligation: Option<ObligationId>,
    pub station: Option<StationId>,
    /// Whose phone or task the alert is about, if it is about one.
    pub account: Option<AccountId>,
    pub detail: String,
    pub concerns_at: Instant,
}

pub fn missed_key(obligation: ObligationId) -> String {
    format!("missed:{obligation}")
}

pub fn check_in_key(check_in: CheckInId) -> String {
    format!("check_in:{check_in}")
}

/// What a key names: a duty, a record, a session.
pub fn object_of_key(key: &str) -> Option<Uuid> {
    key.split(':').nth(1)?.parse().ok()
}

/// Raises what has not been raised; raises again what was closed. Says which alerts are now open
/// because of this call.
pub fn raise_alerts(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
    asked: Vec<Raise>,
) -> Result<Vec<AlertId>, StoreError> {
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let reach = Reach::load(tx, now, asked.iter().map(|raise| raise.order))?;
    let keys: Vec<&str> = asked.iter().map(|raise| raise.dedupe_key.as_str()).collect();
    let mut known: BTreeMap<String, (AlertId, AlertState)> = alerts::under_keys(tx, &keys)?
        .into_iter()
        .map(|(key, id, state)| (key, (id, state)))
        .collect();
    let groups = groups(identity, now, &asked);
    let (mut new, mut sendings, mut entries, mut raised) = (vec![], vec![], vec![], vec![]);
    for raise in asked {
        let climbed = reach.climb((&raise).into(), None);
        let id = match known.get(&raise.dedupe_key) {
            Some((_, AlertState::Triggered | AlertState::Acknowledged)) => continue,
            Some((id, AlertState::Closed)) => {
                let id = *id;
                let stand = Stand::first(&climbed, now);
                alerts::reopen(tx, &new_alert(id, raise.clone(), (None, stand), now))?;
                alert_events::insert(tx, &[reopened(identity, id, now)])?;
                id
            }
            None => identity.id(now),
        };
        entries.push(entry(id, &raise, climbed.told.len()));
        sendings.extend(reach.sendings(id, &climbed));
        let is_new = !known.contains_key(&raise.dedupe_key);
        known.insert(raise.dedupe_key.clone(), (id, AlertState::Triggered));
        if is_new {
            let group = groups.get(&group_key(&raise)).copied();
            new.push(new_alert(id, raise, (group, Stand::first(&climbed, now)), now));
        }
        raised.push(id);
    }
    alerts::insert(tx, &new)?;
    let group_of = new.iter().filter_map(|alert| Some((alert.id, alert.group?))).collect();
    jobs::enqueue(tx, &told_as_one(sendings, &group_of), now)?;
    ledger::append(tx, now, entries)?;
    Ok(raised)
}

/// Opens a closed alert again as it was, because the decision that closed it was a mistake.
pub fn reopen(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
    alert: &Alert,
) -> Result<(), StoreError> {
    let reach = Reach::load(tx, now, std::iter::once(alert.order_id))?;
    let climbed = reach.climb(alert.into(), None);
    alerts::reopen_as_it_was(tx, alert.id, Stand::first(&climbed, now), now)?;
    let event = reopened(identity, alert.id, now);
    let entry = event_entry(alert, &event);
    alert_events::insert(tx, &[event])?;
    jobs::enqueue(tx, &reach.sendings(alert.id, &climbed), now)?;
    ledger::append(tx, now, vec![entry])
}

type GroupKey = (AlertKind, Option<StationId>);

fn group_key(raise: &Raise) -> GroupKey {
    (raise.kind, raise.station)
}

/// What is raised at once about one place for one reason, when it is more than a person looks at one by
/// one: a station that did not open, an outage that is over.
fn groups(identity: &Identity, now: Instant, asked: &[Raise]) -> BTreeMap<GroupKey, AlertGroupId> {
    let mut counts: BTreeMap<GroupKey, usize> = BTreeMap::new();
    for raise in asked {
        *counts.entry(group_key(raise)).or_default() += 1;
    }
    let many = counts.into_iter().filter(|(_, count)| *count > TOLD_SINGLY_MAX);
    many.map(|(key, _)| (key, identity.id(now))).collect()
}

impl From<&Raise> for About {
    fn from(raise: &Raise) -> Self {
        Self {
            severity: raise.severity,
            order: raise.order,
            station: raise.station,
            account: raise.account,
        }
    }
}

fn reopened(identity: &Identity, alert: AlertId, now: Instant) -> AlertEvent {
    AlertEvent {
        id: identity.id(now),
        alert_id: alert,
        kind: AlertEventKind::Reopened,
        happened_at: now,
        actor: None,
        to_account: None,
        says: "What closed it turned out to be a mistake.".to_owned(),
    }
}

fn entry(id: AlertId, raise: &Raise, told: usize) -> NewEntry {
    NewEntry {
        chain: chain(raise.order, raise.account),
        actor: None,
        act: "raise_alert",
        object: format!("alert:{id}"),
        detail: format!("{} {} told:{told}", raise.kind, raise.dedupe_key),
        body_digest: sha256(raise.detail.as_bytes()),
    }
}

fn new_alert(
    id: AlertId,
    raise: Raise,
    (group, stand): (Option<AlertGroupId>, Stand),
    now: Instant,
) -> NewAlert {
    NewAlert {
        id,
        dedupe_key: raise.dedupe_key,
        kind: raise.kind,
        severity: raise.severity,
        order: raise.order,
        obligation: raise.obligation,
        station: raise.station,
        account: raise.account,
        detail: raise.detail,
        concerns_at: raise.concerns_at,
        triggered_at: now,
        group,
        stand,
    }
}

/// When, by whom and why alerts close that nothing asks for any more.
#[derive(Debug, Clone, Copy)]
pub struct Settling {
    pub now: Instant,
    pub by: Option<AccountId>,
    pub why: AlertCloseReason,
}

impl Settling {
    pub fn resolved(now: Instant, by: Option<AccountId>) -> Self {
        Self { now, by, why: AlertCloseReason::Resolved }
    }

    pub fn close(self, tx: &mut Tx<'_>, dedupe_key: &str) -> Result<(), StoreError> {
        close_alert(tx, self.now, dedupe_key, self.why, self.by)
    }
}

/// Closes the alert under a key, if it is open, and stops what is still to be sent about it.
pub fn close_alert(
    tx: &mut Tx<'_>,
    now: Instant,
    dedupe_key: &str,
    reason: AlertCloseReason,
    actor: Option<AccountId>,
) -> Result<(), StoreError> {
    match alerts::open_under(tx, dedupe_key)? {
        Some(alert) => close(tx, now, &alert, reason, actor),
        None => Ok(()),
    }
}

/// Closes an open alert.
pub fn close(
    tx: &mut Tx<'_>,
    now: Instant,
    alert: &Alert,
    reason: AlertCloseReason,
    actor: Option<AccountId>,
) -> Result<(), StoreError> {
    alerts::close(tx, alert.id, (reason, actor), now)?;
    stop_sending(tx, now, alert, "alert_closed")?;
    let entry = NewEntry {
        chain: chain(alert.order_id, alert.account_id),
        actor,
        act: "close_alert",
        object: format!("alert:{}", alert.id),
        detail: reason.to_string(),
        body_digest: sha256(alert.id.as_bytes()),
    };
    ledger::append(tx, now, vec![entry])
}

/// Where the ledger keeps what happens to an alert.
pub fn chain(order: Option<OrderId>, account: Option<AccountId>) -> Chain {
    match (order, account) {
        (Some(order), _) => Chain::Order(order),
        (None, Some(account)) => Chain::Account(account),
        (None, None) => Chain::Service,
    }
}
