//! How alerts stand on their ladders, and what climbs next.

use compliance::Instant;
use compliance::Word;
use compliance::alert::AlertState;
use compliance::escalation::Climbed;
use diesel::prelude::*;

use super::super::id::{AccountId, AlertGroupId, AlertId};
use super::super::schema::alerts;
use super::super::scope::Scope;
use super::super::{StoreError, Tx};
use super::{Alert, visible};

/// Where an alert stands on its ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stand {
    pub step: usize,
    pub climbs_at: Instant,
    /// Since when nobody could be told, or nothing that was sent was taken.
    pub nobody_reachable_since: Option<Instant>,
}

impl Stand {
    /// `since`: when nobody could be told any more, unless somebody can.
    pub fn after<Account>(climbed: &Climbed<Account>, since: Option<Instant>) -> Self {
        Self { step: climbed.step, climbs_at: climbed.climbs_at, nobody_reachable_since: since }
    }

    /// Of an alert that was raised just now.
    pub fn first<Account>(climbed: &Climbed<Account>, now: Instant) -> Self {
        Self::after(climbed, climbed.is_nobody_reachable().then_some(now))
    }

    pub(super) fn nobody_reachable(&self) -> bool {
        self.nobody_reachable_since.is_some()
    }

    pub(super) fn since(&self) -> Option<i64> {
        self.nobody_reachable_since.map(Instant::ms)
    }

    pub(super) fn step(&self) -> i64 {
        i64::try_from(self.step).unwrap_or(i64::MAX)
    }
}

/// Puts an open alert on another step. It is nobody's until somebody acknowledges it there.
pub fn stand(tx: &mut Tx<'_>, id: AlertId, stand: Stand) -> Result<(), StoreError> {
    let change = tx.change()?;
    diesel::update(alerts::table.find(id))
        .set((
            alerts::state.eq(AlertState::Triggered.as_str()),
            alerts::nobody_reachable.eq(stand.nobody_reachable()),
            alerts::nobody_reachable_since.eq(stand.since()),
            alerts::step.eq(stand.step()),
            alerts::climbs_at.eq(stand.climbs_at.ms()),
            alerts::acknowledged_at.eq(None::<i64>),
            alerts::acknowledged_by.eq(None::<AccountId>),
            alerts::changed_in.eq(change),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Something that was sent about an alert, or about its group, was taken: what nobody could be told of is
/// told.
pub fn reached(
    tx: &mut Tx<'_>,
    (id, group): (AlertId, Option<AlertGroupId>),
) -> Result<(), StoreError> {
    let told = alerts::id.eq(id).nullable().or(alerts::group_id.eq(group));
    let unreached = alerts::table.filter(told).filter(alerts::nobody_reachable.eq(true));
    if unreached.select(alerts::id).first::<AlertId>(tx.conn).optional()?.is_none() {
        return Ok(());
    }
    let change = tx.change()?;
    diesel::update(unreached)
        .set((
            alerts::nobody_reachable.eq(false),
            alerts::nobody_reachable_since.eq(None::<i64>),
            alerts::changed_in.eq(change),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Those whose time to climb has come, the most overdue first.
pub fn to_climb(tx: &mut Tx<'_>, now: Instant, at_most: i64) -> Result<Vec<Alert>, StoreError> {
    let query = alerts::table
        .filter(alerts::climbs_at.le(now.ms()))
        .order((alerts::climbs_at, alerts::id))
        .limit(at_most)
        .select(Alert::as_select());
    Ok(query.load(tx.conn)?)
}

pub fn earliest_climb(tx: &mut Tx<'_>) -> Result<Option<Instant>, StoreError> {
    let query = alerts::table
        .filter(alerts::climbs_at.is_not_null())
        .order(alerts::climbs_at)
        .select(alerts::climbs_at);
    let found: Option<Option<i64>> = query.first(tx.conn).optional()?;
    Ok(found.flatten().map(Instant::from_ms))
}

/// Another alert of the same group that still waits for somebody, and does not climb yet.
pub fn waiting_in_group(
    tx: &mut Tx<'_>,
    (group, other_than): (AlertGroupId, AlertId),
    now: Instant,
) -> Result<Option<AlertId>, StoreError> {
    let query = alerts::table
        .filter(alerts::group_id.eq(group))
        .filter(alerts::id.ne(other_than))
        .filter(alerts::state.eq(AlertState::Triggered.as_str()))
        .filter(alerts::climbs_at.gt(now.ms()))
        .order(alerts::id)
        .select(alerts::id);
    Ok(query.first(tx.conn).optional()?)
}

/// Those of a group that the caller may know of, the oldest first.
pub fn of_group(
    tx: &mut Tx<'_>,
    scope: Scope,
    group: AlertGroupId,
) -> Result<Vec<Alert>, StoreError> {
    let query = alerts::table
        .filter(alerts::group_id.eq(group))
        .filter(visible::<alerts::table>(scope))
        .order((alerts::triggered_at, alerts::id))
        .select(Alert::as_select());
    Ok(query.load(tx.conn)?)
}
