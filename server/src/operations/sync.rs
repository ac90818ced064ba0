//! What has changed since a phone last asked. Nothing is passed over: only what every transaction
//! before it has settled is handed out, and the place in the stream moves no further than that.

use compliance::Instant;
use compliance::instant::DAY_MS;
use uuid::Uuid;

use super::Actor;
use super::persons::{DueInContext, in_context};
use crate::refusal::Refusal;
use crate::store::alerts::{self, AlertInContext};
use crate::store::id::StationId;
use crate::store::obligations::{self, ChangeCursor, Changes, Due};
use crate::store::{Tx, ledger, stations};

/// Of each stream; a shift's worth at a busy station.
const PAGE: usize = 500;
/// What a phone that starts afresh still needs of the past.
const PAST_MS: i64 = DAY_MS;

/// Where a phone is in both streams. What lay in the past when it began stays left out, until it
/// changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The horizon when the phone began.
    pub begun_at: i64,
    pub closing_after: Instant,
    pub obligations: ChangeCursor,
    pub alerts: ChangeCursor,
}

#[derive(Debug, Clone)]
pub struct Changed {
    pub obligations: Vec<DueInContext>,
    pub alerts: Vec<AlertInContext>,
    pub cursor: Cursor,
    pub has_more: bool,
}

pub fn changes_since(
    tx: &mut Tx<'_>,
    actor: &Actor,
    cursor: Option<Cursor>,
) -> Result<Changed, Refusal> {
    let horizon = obligations::horizon(tx)?;
    let cursor = cursor.unwrap_or_else(|| beginning(horizon, actor.now));
    if [cursor.begun_at, cursor.obligations.change, cursor.alerts.change].iter().max()
        > Some(&horizon)
    {
        return Err(Refusal::field("/cursor", "is of another time or place: leave it out"));
    }
    let changes = |after| Changes { after, horizon, begun_at: cursor.begun_at };
    let at_most = i64::try_from(PAGE).unwrap_or(i64::MAX);
    let stations: Vec<StationId> =
        stations::of_scope(tx, actor.scope)?.into_iter().map(|station| station.id).collect();
    let dues = obligations::changed(
        tx,
        actor.scope,
        &stations,
        changes(cursor.obligations),
        (cursor.closing_after, at_most),
    )?;
    let alerts = alerts::changed(tx, actor.scope, changes(cursor.alerts), at_most)?;
    record(tx, actor, &dues, &alerts)?;
    let last_due = dues.last().map(|due| (due.obligation.changed_in, due.obligation.id.uuid()));
    let last_alert = alerts.last().map(|found| (found.alert.changed_in, found.alert.id.uuid()));
    let cursor = Cursor {
        obligations: place_after(dues.len(), last_due, horizon),
        alerts: place_after(alerts.len(), last_alert, horizon),
        ..cursor
    };
    let has_more = dues.len() == PAGE || alerts.len() == PAGE;
    let obligations = in_context(tx, dues, actor.now)?;
    Ok(Changed { obligations, alerts, cursor, has_more })
}

fn beginning(horizon: i64, now: Instant) -> Cursor {
    let start = ChangeCursor { change: 0, id: Uuid::nil() };
    Cursor { begun_at: horizon, closing_after: now + -PAST_MS, obligations: start, alerts: start }
}

/// After a full page, its last row; else everything before the horizon has been handed out.
fn place_after(rows: usize, last: Option<(i64, Uuid)>, horizon: i64) -> ChangeCursor {
    match last {
        Some((change, id)) if rows == PAGE => ChangeCursor { change, id },
        _ => ChangeCursor { change: horizon, id: Uuid::nil() },
    }
}

fn record(
    tx: &mut Tx<'_>,
    actor: &Actor,
    dues: &[Due],
    alerts: &[AlertInContext],
) -> Result<(), Refusal> {
    if dues.is_empty() && alerts.is_empty() {
        return Ok(());
    }
    let orders = dues.iter().map(|due| due.obligation.order_id);
    let orders = orders.chain(alerts.iter().filter_map(|found| found.alert.order_id));
    let account = actor.scope.account;
    let entry = ledger::NewEntry {
        chain: ledger::Chain::Account(account),
        ..actor.reading("sync", format!("account:{account}"), orders)
    };
    Ok(ledger::append(tx, actor.now, vec![entry])?)
}
