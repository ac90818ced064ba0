//! What a desk with the live stream open is told, and that it was.

use std::collections::BTreeSet;

use compliance::access::Role;
use compliance::alert::AlertState;
use compliance::delivery::{Channel, DeliveryStatus};
use uuid::Uuid;

use super::Actor;
use crate::refusal::Refusal;
use crate::store::alerts::{self, Alert};
use crate::store::deliveries::{self, NewDelivery};
use crate::store::id::{AlertId, StreamId};
use crate::store::ledger;
use crate::store::obligations::{self, ChangeCursor, Changes};
use crate::store::scope::Scope;
use crate::store::streams::{self, Open};
use crate::store::{StoreError, Tx};

/// A desk, a telephone and a page that was left open somewhere.
pub const OF_ACCOUNT_MAX: i64 = 5;
/// Every desk of a large force. Each costs a connection and a look at each change.
pub const IN_ALL_MAX: i64 = 300;
/// Handed out at once; what is left comes right after.
pub const PAGE: usize = 200;
/// A stream that was cut off without a word counts until its row is old.
const TRY_AGAIN_MS: i64 = streams::GONE_MS;

/// Where a stream is. What lay in the past when it began is left out, but for what is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamCursor {
    pub begun_at: i64,
    pub after: ChangeCursor,
}

/// Opens one, unless there are too many. The opening is in the ledger; what is told afterwards names
/// nobody.
pub fn open(tx: &mut Tx<'_>, actor: &Actor, id: StreamId) -> Result<(), Refusal> {
    let Open { of_account, in_all } = streams::count(tx, actor.scope.account, actor.now)?;
    if of_account >= OF_ACCOUNT_MAX {
        return Err(Refusal::TooOften { wait_ms: TRY_AGAIN_MS });
    }
    if in_all >= IN_ALL_MAX {
        return Err(StoreError::Overloaded.into());
    }
    streams::open(tx, id, actor.scope.account, actor.now)?;
    Ok(note_reading(tx, actor)?)
}

pub fn note_reading(tx: &mut Tx<'_>, actor: &Actor) -> Result<(), StoreError> {
    let object = format!("account:{}", actor.scope.account);
    let entry = actor.reading("stream_alerts", object, []);
    ledger::append(tx, actor.now, vec![entry])
}

/// Where a stream begins. A place that the database has not come to yet is of another one.
pub fn begin(
    tx: &mut Tx<'_>,
    at: Option<StreamCursor>,
) -> Result<Option<StreamCursor>, StoreError> {
    let horizon = obligations::horizon(tx)?;
    let start = ChangeCursor { change: 0, id: Uuid::nil() };
    let begins = at.unwrap_or(StreamCursor { begun_at: horizon, after: start });
    let is_ours = begins.begun_at.max(begins.after.change) <= horizon;
    Ok(is_ours.then_some(begins))
}

/// What has changed since then, the first first; no more than a page.
pub fn changes(
    tx: &mut Tx<'_>,
    scope: Scope,
    cursor: StreamCursor,
) -> Result<Vec<Alert>, StoreError> {
    let horizon = obligations::horizon(tx)?;
    let changes = Changes { after: cursor.after, horizon, begun_at: cursor.begun_at };
    let at_most = i64::try_from(PAGE).unwrap_or(i64::MAX);
    let found = alerts::changed(tx, scope, changes, at_most)?;
    Ok(found.into_iter().map(|found| found.alert).collect())
}

/// Whether what is shown there is noted as a delivery: at a desk, not on an officer's phone.
pub fn is_desk(role: Role) -> bool {
    matches!(role, Role::ControlRoom | Role::Supervisor)
}

/// Notes what a desk shows that somebody still has to look at. The control room is there day and night:
/// nobody could be told, and now it is.
pub fn note_shown(tx: &mut Tx<'_>, actor: &Actor, shown: &[Alert]) -> Result<(), StoreError> {
    let waiting: Vec<&Alert> =
        shown.iter().filter(|alert| alert.state == AlertState::Triggered).collect();
    let ids: Vec<AlertId> = waiting.iter().map(|alert| alert.id).collect();
    let known: BTreeSet<AlertId> = deliveries::shown_at_desk(tx, actor.scope.account, &ids)?;
    let is_counted_upon = actor.scope.role == Role::ControlRoom;
    for alert in waiting {
        if !known.contains(&alert.id) {
            deliveries::record(tx, &delivery(actor, alert, is_counted_upon))?;
        }
        if is_counted_upon && alert.nobody_reachable {
            alerts::reached(tx, (alert.id, None))?;
        }
    }
    Ok(())
}

fn delivery(actor: &Actor, alert: &Alert, is_counted_upon: bool) -> NewDelivery {
    NewDelivery {
        id: actor.identity.id(actor.now),
        alert: alert.id,
        group: None,
        step: alert.step,
        channel: Channel::Stream,
        account: Some(actor.scope.account),
        subscription: None,
        is_counted_upon,
        attempt: 1,
        status: DeliveryStatus::Accepted,
        http_status: None,
        detail: String::new(),
        attempted_at: actor.now,
    }
}
