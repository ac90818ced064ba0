//! The outbox: what is to be sent, written in the transaction of the fact that asks for it.
//!
//! A job is leased in one short transaction, run outside any, and settled in another. A lease that
//! runs out frees it; nothing is ever discarded.

use std::collections::BTreeSet;

use compliance::Instant;
use compliance::instant::SECOND_MS;
use diesel::prelude::*;

use super::connection::on_each;
use super::id::{AccountId, AlertId, DeliveryId, LeaseId, PushSubscriptionId};
use super::schema::{accounts, deliveries, jobs};
use super::types::Ms;
use super::{StoreError, Tx};

/// Longer than a push service may take to answer; short enough that a crash delays little.
pub const LEASE_MS: i64 = 30 * SECOND_MS;

pub const SEND_ALERT_PUSH: &str = "send_alert_push";

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = jobs)]
pub struct Job {
    pub id: String,
    pub kind: String,
    pub alert_id: AlertId,
    pub subscription_id: PushSubscriptionId,
    #[diesel(deserialize_as = Ms)]
    pub run_at: Instant,
    pub attempts: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPush {
    pub alert: AlertId,
    pub subscription: PushSubscriptionId,
}

#[derive(Insertable)]
#[diesel(table_name = jobs)]
struct Row {
    id: String,
    kind: &'static str,
    alert_id: AlertId,
    subscription_id: PushSubscriptionId,
    created_at: i64,
    run_at: i64,
    leased_until: i64,
    attempts: i64,
}

/// What was withdrawn in the same instant, and is to be sent after all, is due again.
pub fn enqueue(tx: &mut Tx<'_>, new: &[NewPush], now: Instant) -> Result<(), StoreError> {
    /// SQLite takes 32,766 values in a statement.
    const ROWS_MAX: usize = 1_000;
    for some in new.chunks(ROWS_MAX) {
        let rows: Vec<Row> = some.iter().map(|push| row(push, now)).collect();
        let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        let there = jobs::table.filter(jobs::id.eq_any(&ids)).select(jobs::id);
        let there: BTreeSet<String> = there.load(tx.conn)?.into_iter().collect();
        diesel::update(jobs::table.filter(jobs::id.eq_any(&there)))
            .set((jobs::settled_at.eq(None::<i64>), jobs::outcome.eq(None::<&str>)))
            .execute(tx.conn)?;
        let rows: Vec<Row> = rows.into_iter().filter(|row| !there.contains(&row.id)).collect();
        on_each!(tx.conn, conn => diesel::insert_into(jobs::table).values(rows).execute(conn))?;
    }
    Ok(())
}

fn row(push: &NewPush, now: Instant) -> Row {
    Row {
        // An alert that is raised again is sent again, so the instant is part of the job's name.
        id: format!("{SEND_ALERT_PUSH}:{}:{}:{}", push.alert, push.subscription, now.ms()),
        kind: SEND_ALERT_PUSH,
        alert_id: push.alert,
        subscription_id: push.subscription,
        created_at: now.ms(),
        run_at: now.ms(),
        leased_until: 0,
        attempts: 0,
    }
}

/// Takes jobs that are due and that nobody holds, the longest due first.
pub fn lease(
    tx: &mut Tx<'_>,
    lease: LeaseId,
    now: Instant,
    at_most: i64,
) -> Result<Vec<Job>, StoreError> {
    let free: Vec<String> = jobs::table
        .filter(jobs::settled_at.is_null())
        .filter(jobs::run_at.le(now.ms()))
        .filter(jobs::leased_until.le(now.ms()))
        .order(jobs::run_at)
        .limit(at_most)
        .select(jobs::id)
        .load(tx.conn)?;
    if free.is_empty() {
        return Ok(Vec::new());
    }
    diesel::update(
        jobs::table
            .filter(jobs::id.eq_any(&free))
            .filter(jobs::settled_at.is_null())
            .filter(jobs::leased_until.le(now.ms())),
    )
    .set((
        jobs::lease.eq(lease),
        jobs::leased_until.eq((now + LEASE_MS).ms()),
        jobs::attempts.eq(jobs::attempts + 1),
    ))
    .execute(tx.conn)?;
    let query = jobs::table
        .filter(jobs::id.eq_any(&free))
        .filter(jobs::lease.eq(lease))
        .order(jobs::run_at)
        .select(Job::as_select());
    Ok(query.load(tx.conn)?)
}

/// Whether anything is due; what an idle worker asks.
pub fn is_due(tx: &mut Tx<'_>, now: Instant) -> Result<bool, StoreError> {
    let found = jobs::table
        .filter(jobs::settled_at.is_null())
        .filter(jobs::run_at.le(now.ms()))
        .filter(jobs::leased_until.le(now.ms()))
        .select(jobs::id)
        .first::<String>(tx.conn)
        .optional()?;
    Ok(found.is_some())
}

/// Ends a job, if the lease under which it ran is still the last one.
pub fn settle(
    tx: &mut Tx<'_>,
    id: &str,
    lease: LeaseId,
    outcome: &str,
    now: Instant,
) -> Result<bool, StoreError> {
    let settled = diesel::update(
        jobs::table.find(id).filter(jobs::lease.eq(lease)).filter(jobs::settled_at.is_null()),
    )
    .set((jobs::settled_at.eq(now.ms()), jobs::outcome.eq(outcome)))
    .execute(tx.conn)?;
    Ok(settled == 1)
}

pub fn put_off(
    tx: &mut Tx<'_>,
    id: &str,
    lease: LeaseId,
    run_at: Instant,
) -> Result<(), StoreError> {
    diesel::update(
        jobs::table.find(id).filter(jobs::lease.eq(lease)).filter(jobs::settled_at.is_null()),
    )
    .set((jobs::run_at.eq(run_at.ms()), jobs::leased_until.eq(0)))
    .execute(tx.conn)?;
    Ok(())
}

/// Stops what is still to be sent about an alert; says how much that was.
pub fn withdraw(
    tx: &mut Tx<'_>,
    alert: AlertId,
    outcome: &str,
    now: Instant,
) -> Result<usize, StoreError> {
    let pending = jobs::table.filter(jobs::alert_id.eq(alert)).filter(jobs::settled_at.is_null());
    let withdrawn = diesel::update(pending)
        .set((jobs::settled_at.eq(now.ms()), jobs::outcome.eq(outcome)))
        .execute(tx.conn)?;
    Ok(withdrawn)
}

/// Whether any phone still has something coming, or has got something, about an alert.
pub fn is_on_its_way(tx: &mut Tx<'_>, alert: AlertId) -> Result<bool, StoreError> {
    let found = jobs::table
        .filter(jobs::alert_id.eq(alert))
        .filter(jobs::settled_at.is_null().or(jobs::outcome.eq(ACCEPTED)))
        .select(jobs::id)
        .first::<String>(tx.conn)
        .optional()?;
    Ok(found.is_some())
}

/// The push service took the message. Whether a person saw it, only an acknowledgement tells.
pub const ACCEPTED: &str = "accepted";

/// One attempt to reach one person's phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    pub id: DeliveryId,
    pub alert: AlertId,
    pub account: AccountId,
    pub subscription: PushSubscriptionId,
    pub attempt: i64,
    pub status: &'static str,
    pub http_status: Option<i64>,
    pub detail: String,
    pub attempted_at: Instant,
}

/// A delivery with the name of whom it was for.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct DeliveryInContext {
    pub account_name: String,
    pub attempt: i64,
    #[diesel(deserialize_as = Ms)]
    pub attempted_at: Instant,
    pub status: String,
    pub http_status: Option<i64>,
    pub detail: String,
}

/// Every attempt to tell somebody of an alert, in the order of time.
pub fn deliveries_of(
    tx: &mut Tx<'_>,
    alert: AlertId,
) -> Result<Vec<DeliveryInContext>, StoreError> {
    let query = deliveries::table
        .inner_join(accounts::table.on(deliveries::account_id.eq(accounts::id)))
        .filter(deliveries::alert_id.eq(alert))
        .order((deliveries::attempted_at, deliveries::id))
        .select((
            accounts::display_name,
            deliveries::attempt,
            deliveries::attempted_at,
            deliveries::status,
            deliveries::http_status,
            deliveries::detail,
        ));
    Ok(query.load(tx.conn)?)
}

pub fn record_delivery(tx: &mut Tx<'_>, delivery: &NewDelivery) -> Result<(), StoreError> {
    diesel::insert_into(deliveries::table)
        .values((
            deliveries::id.eq(delivery.id),
            deliveries::alert_id.eq(delivery.alert),
            deliveries::account_id.eq(delivery.account),
            deliveries::subscription_id.eq(delivery.subscription),
            deliveries::attempt.eq(delivery.attempt),
            deliveries::status.eq(delivery.status),
            deliveries::http_status.eq(delivery.http_status),
            deliveries::detail.eq(&delivery.detail),
            deliveries::attempted_at.eq(delivery.attempted_at.ms()),
        ))
        .execute(tx.conn)?;
    Ok(())
}
