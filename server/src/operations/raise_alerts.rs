//! Raises alerts: the alert, what is to be sent about it and its ledger entry, in the transaction of
//! the fact that asks for it.

use std::collections::BTreeMap;

use compliance::Instant;
use compliance::alert::{AlertCloseReason, AlertKind, AlertState, Severity, first_rung};

use crate::identity::{Identity, sha256};
use crate::store::alerts::{self, NewAlert};
use crate::store::id::{AccountId, AlertId, ObligationId, OrderId, StationId};
use crate::store::jobs::{self, NewPush};
use crate::store::ledger::{self, Chain, NewEntry};
use crate::store::push_subscriptions::Roster;
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
    pub owner: Option<AccountId>,
    /// Whose phone the alert is about, if it is about one.
    pub account: Option<AccountId>,
    pub detail: String,
    pub concerns_at: Instant,
}

pub fn missed_key(obligation: ObligationId) -> String {
    format!("missed:{obligation}")
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
    let roster = Roster::load(tx)?;
    let keys: Vec<&str> = asked.iter().map(|raise| raise.dedupe_key.as_str()).collect();
    let mut known: BTreeMap<String, (AlertId, AlertState)> = alerts::under_keys(tx, &keys)?
        .into_iter()
        .map(|(key, id, state)| (key, (id, state)))
        .collect();
    let (mut new, mut pushes, mut entries, mut raised) = (vec![], vec![], vec![], vec![]);
    for raise in asked {
        let told = told_first(&roster, &raise);
        let id = match known.get(&raise.dedupe_key) {
            Some((_, AlertState::Triggered | AlertState::Acknowledged)) => continue,
            Some((id, AlertState::Closed)) => {
                let id = *id;
                alerts::reopen(tx, &new_alert(id, raise.clone(), told.is_empty(), now))?;
                id
            }
            None => identity.id(now),
        };
        entries.push(entry(id, &raise, told.len()));
        let phones = told.iter().flat_map(|account| roster.phones_of(*account));
        pushes.extend(phones.map(|phone| NewPush { alert: id, subscription: *phone }));
        let is_new = !known.contains_key(&raise.dedupe_key);
        known.insert(raise.dedupe_key.clone(), (id, AlertState::Triggered));
        if is_new {
            new.push(new_alert(id, raise, told.is_empty(), now));
        }
        raised.push(id);
    }
    alerts::insert(tx, &new)?;
    jobs::enqueue(tx, &pushes, now)?;
    ledger::append(tx, now, entries)?;
    Ok(raised)
}

/// Sends an alert on to whoever can be reached now, because a phone it was sent to cannot be. When
/// there is nobody, the alert says so.
pub fn send_on(
    tx: &mut Tx<'_>,
    now: Instant,
    alert: &alerts::Alert,
    owner: Option<AccountId>,
) -> Result<(), StoreError> {
    if alert.state != AlertState::Triggered || jobs::is_on_its_way(tx, alert.id)? {
        return Ok(());
    }
    let roster = Roster::load(tx)?;
    let told = rungs(&roster, owner.or(alert.account_id), alert.station_id);
    let pushes: Vec<NewPush> = told
        .iter()
        .flat_map(|account| roster.phones_of(*account))
        .map(|phone| NewPush { alert: alert.id, subscription: *phone })
        .collect();
    jobs::enqueue(tx, &pushes, now)?;
    alerts::set_nobody_reachable(tx, alert.id, pushes.is_empty())
}

fn told_first(roster: &Roster, raise: &Raise) -> Vec<AccountId> {
    rungs(roster, raise.owner.or(raise.account), raise.station)
}

fn rungs(roster: &Roster, owner: Option<AccountId>, station: Option<StationId>) -> Vec<AccountId> {
    let (owner, supervisors) = (roster.owner(owner), roster.supervisors(station));
    let control_room = roster.control_room();
    first_rung([owner.as_slice(), supervisors.as_slice(), control_room.as_slice()])
}

fn entry(id: AlertId, raise: &Raise, told: usize) -> NewEntry {
    let chain = match (raise.order, raise.account) {
        (Some(order), _) => Chain::Order(order),
        (None, Some(account)) => Chain::Account(account),
        (None, None) => Chain::Service,
    };
    NewEntry {
        chain,
        actor: None,
        act: "raise_alert",
        object: format!("alert:{id}"),
        detail: format!("{} {} told:{told}", raise.kind, raise.dedupe_key),
        body_digest: sha256(raise.detail.as_bytes()),
    }
}

fn new_alert(id: AlertId, raise: Raise, nobody_reachable: bool, now: Instant) -> NewAlert {
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
        nobody_reachable,
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
    let Some(alert) = alerts::open_under(tx, dedupe_key)? else { return Ok(()) };
    alerts::close(tx, alert.id, reason, now)?;
    jobs::withdraw(tx, alert.id, "alert_closed", now)?;
    let chain = alert.order_id.map_or(Chain::Service, Chain::Order);
    let entry = NewEntry {
        chain,
        actor,
        act: "close_alert",
        object: format!("alert:{}", alert.id),
        detail: reason.to_string(),
        body_digest: sha256(dedupe_key.as_bytes()),
    };
    ledger::append(tx, now, vec![entry])
}
