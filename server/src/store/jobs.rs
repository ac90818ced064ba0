//! The outbox: what is to be sent, written in the transaction of the fact that asks for it.
//!
//! A job is leased in one short transaction, run outside any, and settled in another. A lease that
//! runs out frees it; nothing is ever discarded.

use std::collections::BTreeSet;

use compliance::Instant;
use compliance::instant::SECOND_MS;
use diesel::prelude::*;

use super::connection::on_each;
use super::id::{AccountId, AlertGroupId, AlertId, LeaseId, PushSubscriptionId};
use super::schema::jobs;
use super::types::Ms;
use super::{StoreError, Tx};

/// Longer than a push service may take to answer; short enough that a crash delays little.
pub const LEASE_MS: i64 = 30 * SECOND_MS;

pub const SEND_ALERT_PUSH: &str = "send_alert_push";
pub const SEND_ALERT_EMAIL: &str = "send_alert_email";
pub const SEND_ALERT_WEBHOOK: &str = "send_alert_webhook";
/// Asks a phone whether it is there.
pub const ASK_PHONE: &str = "ask_phone";
/// What a job can be. Each kind is sent by itself, so that none waits for a slow server of another.
pub const KINDS: [&str; 4] = [SEND_ALERT_PUSH, SEND_ALERT_EMAIL, SEND_ALERT_WEBHOOK, ASK_PHONE];

/// Whoever carries the message took it. Whether a person saw it, only an acknowledgement tells.
pub const ACCEPTED: &str = "accepted";

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = jobs)]
pub struct Job {
    pub id: String,
    pub kind: String,
    /// None when it only asks a phone whether it is there.
    pub alert_id: Option<AlertId>,
    /// All of the group are told by it.
    pub group_id: Option<AlertGroupId>,
    /// Nobody by name when it goes to another system.
    pub account_id: Option<AccountId>,
    /// Of a push.
    pub subscription_id: Option<PushSubscriptionId>,
    pub is_counted_upon: bool,
    #[diesel(deserialize_as = Ms)]
    pub created_at: Instant,
    #[diesel(deserialize_as = Ms)]
    pub run_at: Instant,
    pub attempts: i64,
}

/// Where a message about an alert goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recipient {
    Phone {
        account: AccountId,
        subscription: PushSubscriptionId,
    },
    Mailbox(AccountId),
    /// Another system of the force, which tells people in its own way.
    System,
}

impl Recipient {
    fn kind(self) -> &'static str {
        match self {
            Self::Phone { .. } => SEND_ALERT_PUSH,
            Self::Mailbox(_) => SEND_ALERT_EMAIL,
            Self::System => SEND_ALERT_WEBHOOK,
        }
    }

    fn account(self) -> Option<AccountId> {
        match self {
            Self::Phone { account, .. } | Self::Mailbox(account) => Some(account),
            Self::System => None,
        }
    }

    fn subscription(self) -> Option<PushSubscriptionId> {
        match self {
            Self::Phone { subscription, .. } => Some(subscription),
            Self::Mailbox(_) | Self::System => None,
        }
    }
}

/// A message about an alert that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSending {
    pub alert: AlertId,
    /// When all of the group are told by it.
    pub group: Option<AlertGroupId>,
    pub to: Recipient,
    /// Whether somebody counts as told by it.
    pub is_counted_upon: bool,
}

#[derive(Insertable)]
#[diesel(table_name = jobs)]
#[diesel(treat_none_as_default_value = false)]
struct Row {
    id: String,
    kind: &'static str,
    alert_id: Option<AlertId>,
    group_id: Option<AlertGroupId>,
    account_id: Option<AccountId>,
    subscription_id: Option<PushSubscriptionId>,
    is_counted_upon: bool,
    created_at: i64,
    run_at: i64,
    leased_until: i64,
    attempts: i64,
}

/// What was withdrawn in the same instant, and is to be sent after all, is due again.
pub fn enqueue(tx: &mut Tx<'_>, new: &[NewSending], now: Instant) -> Result<(), StoreError> {
    /// SQLite takes 32,766 values in a statement.
    const ROWS_MAX: usize = 1_000;
    for some in new.chunks(ROWS_MAX) {
        let rows: Vec<Row> = some.iter().map(|sending| row(sending, now)).collect();
        let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        let there = jobs::table.filter(jobs::id.eq_any(&ids)).select(jobs::id);
        let there: BTreeSet<String> = there.load(tx.conn)?.into_iter().collect();
        if !there.is_empty() {
            diesel::update(jobs::table.filter(jobs::id.eq_any(&there)))
                .set((jobs::settled_at.eq(None::<i64>), jobs::outcome.eq(None::<&str>)))
                .execute(tx.conn)?;
        }
        let rows: Vec<Row> = rows.into_iter().filter(|row| !there.contains(&row.id)).collect();
        on_each!(tx.conn, conn => diesel::insert_into(jobs::table).values(rows).execute(conn))?;
    }
    Ok(())
}

fn row(sending: &NewSending, now: Instant) -> Row {
    let NewSending { alert, group, to, is_counted_upon } = *sending;
    let whom = match to {
        Recipient::Phone { subscription, .. } => subscription.to_string(),
        Recipient::Mailbox(account) => account.to_string(),
        Recipient::System => "system".to_owned(),
    };
    Row {
        // An alert that is raised again is sent again, so the instant is part of the job's name.
        id: format!("{}:{alert}:{whom}:{}", to.kind(), now.ms()),
        kind: to.kind(),
        alert_id: Some(alert),
        group_id: group,
        account_id: to.account(),
        subscription_id: to.subscription(),
        is_counted_upon,
        created_at: now.ms(),
        run_at: now.ms(),
        leased_until: 0,
        attempts: 0,
    }
}

/// Asks a phone whether it is there, in the place of a question that is still on its way.
pub fn enqueue_question(
    tx: &mut Tx<'_>,
    (account, subscription): (AccountId, PushSubscriptionId),
    now: Instant,
) -> Result<(), StoreError> {
    end_question(tx, subscription, "asked_again", now)?;
    let row = Row {
        id: format!("{ASK_PHONE}:{subscription}:{}", now.ms()),
        kind: ASK_PHONE,
        alert_id: None,
        group_id: None,
        account_id: Some(account),
        subscription_id: Some(subscription),
        is_counted_upon: false,
        created_at: now.ms(),
        run_at: now.ms(),
        leased_until: 0,
        attempts: 0,
    };
    diesel::insert_into(jobs::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Ends the question that is still on its way to a phone, if there is one.
pub fn end_question(
    tx: &mut Tx<'_>,
    subscription: PushSubscriptionId,
    outcome: &str,
    now: Instant,
) -> Result<(), StoreError> {
    let pending = jobs::table
        .filter(jobs::subscription_id.eq(subscription))
        .filter(jobs::alert_id.is_null())
        .filter(jobs::settled_at.is_null());
    diesel::update(pending)
        .set((jobs::settled_at.eq(now.ms()), jobs::outcome.eq(outcome)))
        .execute(tx.conn)?;
    Ok(())
}

/// Takes jobs of a kind that are due and that nobody holds, the longest due first.
pub fn lease(
    tx: &mut Tx<'_>,
    (kind, lease): (&str, LeaseId),
    now: Instant,
    at_most: i64,
) -> Result<Vec<Job>, StoreError> {
    let free: Vec<String> = jobs::table
        .filter(jobs::settled_at.is_null())
        .filter(jobs::kind.eq(kind))
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

/// Whether anything of a kind is due; what an idle worker asks.
pub fn is_due(tx: &mut Tx<'_>, kind: &str, now: Instant) -> Result<bool, StoreError> {
    let found = jobs::table
        .filter(jobs::settled_at.is_null())
        .filter(jobs::kind.eq(kind))
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

/// Stops what is still to be sent about an alert.
pub fn withdraw(
    tx: &mut Tx<'_>,
    alert: AlertId,
    outcome: &str,
    now: Instant,
) -> Result<(), StoreError> {
    let pending = jobs::table.filter(jobs::alert_id.eq(alert)).filter(jobs::settled_at.is_null());
    diesel::update(pending)
        .set((jobs::settled_at.eq(now.ms()), jobs::outcome.eq(outcome)))
        .execute(tx.conn)?;
    Ok(())
}

/// What a group is still to be told through one alert, it is told through another. Whoever is sending it
/// holds it no more: it is sent once more rather than not at all.
pub fn hand_on(tx: &mut Tx<'_>, from: AlertId, to: AlertId) -> Result<(), StoreError> {
    let pending = jobs::table
        .filter(jobs::alert_id.eq(from))
        .filter(jobs::group_id.is_not_null())
        .filter(jobs::settled_at.is_null());
    diesel::update(pending)
        .set((jobs::alert_id.eq(to), jobs::lease.eq(None::<LeaseId>), jobs::leased_until.eq(0)))
        .execute(tx.conn)?;
    Ok(())
}

/// Whether anybody who can be counted upon still has something coming, or has got something, of what was
/// sent about an alert since then.
pub fn is_on_its_way(tx: &mut Tx<'_>, alert: AlertId, since: Instant) -> Result<bool, StoreError> {
    let found = jobs::table
        .filter(jobs::alert_id.eq(alert))
        .filter(jobs::is_counted_upon.eq(true))
        .filter(jobs::created_at.ge(since.ms()))
        .filter(jobs::settled_at.is_null().or(jobs::outcome.eq(ACCEPTED)))
        .select(jobs::id)
        .first::<String>(tx.conn)
        .optional()?;
    Ok(found.is_some())
}
