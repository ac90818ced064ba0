//! Phones that asked to be told by web push.

use compliance::Instant;
use compliance::delivery::{ASK_EVERY_MS, PhoneSigns};
use diesel::prelude::*;

use super::id::{AccountId, PushSubscriptionId};
use super::schema::push_subscriptions;
use super::types::{MaybeMs, Ms};
use super::{StoreError, Tx};

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = push_subscriptions)]
pub struct PushSubscription {
    pub id: PushSubscriptionId,
    pub account_id: AccountId,
    pub endpoint: String,
    pub p256dh: String,
    pub auth: String,
    #[diesel(deserialize_as = Ms)]
    pub created_at: Instant,
    #[diesel(deserialize_as = MaybeMs)]
    pub ended_at: Option<Instant>,
    pub end_reason: Option<String>,
}

/// A phone that is still told, and what is known of it by what it has said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LivePhone {
    pub id: PushSubscriptionId,
    pub account: AccountId,
    pub created_at: Instant,
    pub signs: PhoneSigns,
}

type LiveRow = (PushSubscriptionId, AccountId, i64, Option<i64>, Option<i64>, i64);

const LIVE_COLUMNS: (
    push_subscriptions::id,
    push_subscriptions::account_id,
    push_subscriptions::created_at,
    push_subscriptions::receipt_at,
    push_subscriptions::asked_at,
    push_subscriptions::asked,
) = (
    push_subscriptions::id,
    push_subscriptions::account_id,
    push_subscriptions::created_at,
    push_subscriptions::receipt_at,
    push_subscriptions::asked_at,
    push_subscriptions::asked,
);

impl From<LiveRow> for LivePhone {
    fn from((id, account, created_at, receipt_at, asked_at, asked): LiveRow) -> Self {
        let signs = PhoneSigns {
            receipt_at: receipt_at.map(Instant::from_ms),
            asked_at: asked_at.map(Instant::from_ms),
            asked,
        };
        Self { id, account, created_at: Instant::from_ms(created_at), signs }
    }
}

/// Every phone that is still told, in the order in which they asked to be.
pub fn live(tx: &mut Tx<'_>) -> Result<Vec<LivePhone>, StoreError> {
    let rows: Vec<LiveRow> = push_subscriptions::table
        .filter(push_subscriptions::ended_at.is_null())
        .order(push_subscriptions::id)
        .select(LIVE_COLUMNS)
        .load(tx.conn)?;
    Ok(rows.into_iter().map(LivePhone::from).collect())
}

pub fn live_of(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<LivePhone>, StoreError> {
    let rows: Vec<LiveRow> = push_subscriptions::table
        .filter(push_subscriptions::ended_at.is_null())
        .filter(push_subscriptions::account_id.eq(account))
        .order(push_subscriptions::id)
        .select(LIVE_COLUMNS)
        .load(tx.conn)?;
    Ok(rows.into_iter().map(LivePhone::from).collect())
}

/// Those to be asked whether they are there, the longest due first.
pub fn to_ask(tx: &mut Tx<'_>, now: Instant, at_most: i64) -> Result<Vec<LivePhone>, StoreError> {
    let rows: Vec<LiveRow> = push_subscriptions::table
        .filter(push_subscriptions::ended_at.is_null())
        .filter(push_subscriptions::ask_at.le(now.ms()))
        .order((push_subscriptions::ask_at, push_subscriptions::id))
        .limit(at_most)
        .select(LIVE_COLUMNS)
        .load(tx.conn)?;
    Ok(rows.into_iter().map(LivePhone::from).collect())
}

pub fn earliest_ask(tx: &mut Tx<'_>) -> Result<Option<Instant>, StoreError> {
    let query = push_subscriptions::table
        .filter(push_subscriptions::ended_at.is_null())
        .order(push_subscriptions::ask_at)
        .select(push_subscriptions::ask_at);
    Ok(query.first(tx.conn).optional()?.map(Instant::from_ms))
}

/// What is known of a phone from now on. `ask_at`: when it is asked next.
pub fn set_signs(
    tx: &mut Tx<'_>,
    id: PushSubscriptionId,
    signs: PhoneSigns,
    ask_at: Option<Instant>,
) -> Result<(), StoreError> {
    diesel::update(push_subscriptions::table.find(id))
        .set((
            push_subscriptions::receipt_at.eq(signs.receipt_at.map(Instant::ms)),
            push_subscriptions::asked_at.eq(signs.asked_at.map(Instant::ms)),
            push_subscriptions::asked.eq(signs.asked),
            ask_at.map(|at| push_subscriptions::ask_at.eq(at.ms())),
        ))
        .execute(tx.conn)?;
    Ok(())
}

pub fn find_phone(
    tx: &mut Tx<'_>,
    id: PushSubscriptionId,
) -> Result<Option<LivePhone>, StoreError> {
    let query = push_subscriptions::table
        .find(id)
        .filter(push_subscriptions::ended_at.is_null())
        .select(LIVE_COLUMNS);
    Ok(query.first::<LiveRow>(tx.conn).optional()?.map(LivePhone::from))
}

pub fn find(
    tx: &mut Tx<'_>,
    id: PushSubscriptionId,
) -> Result<Option<PushSubscription>, StoreError> {
    let query = push_subscriptions::table.find(id).select(PushSubscription::as_select());
    Ok(query.first(tx.conn).optional()?)
}

pub fn find_live(tx: &mut Tx<'_>, endpoint: &str) -> Result<Option<PushSubscription>, StoreError> {
    let query = push_subscriptions::table
        .filter(push_subscriptions::endpoint.eq(endpoint))
        .filter(push_subscriptions::ended_at.is_null())
        .select(PushSubscription::as_select());
    Ok(query.first(tx.conn).optional()?)
}

pub fn insert(tx: &mut Tx<'_>, subscription: &PushSubscription) -> Result<(), StoreError> {
    diesel::insert_into(push_subscriptions::table)
        .values((
            push_subscriptions::id.eq(subscription.id),
            push_subscriptions::account_id.eq(subscription.account_id),
            push_subscriptions::endpoint.eq(&subscription.endpoint),
            push_subscriptions::p256dh.eq(&subscription.p256dh),
            push_subscriptions::auth.eq(&subscription.auth),
            push_subscriptions::created_at.eq(subscription.created_at.ms()),
            push_subscriptions::ask_at.eq((subscription.created_at + ASK_EVERY_MS).ms()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Nothing is sent to any phone of an account any more.
pub fn end_all(
    tx: &mut Tx<'_>,
    account: AccountId,
    reason: &str,
    now: Instant,
) -> Result<(), StoreError> {
    let live = push_subscriptions::table
        .filter(push_subscriptions::account_id.eq(account))
        .filter(push_subscriptions::ended_at.is_null());
    diesel::update(live)
        .set((push_subscriptions::ended_at.eq(now.ms()), push_subscriptions::end_reason.eq(reason)))
        .execute(tx.conn)?;
    Ok(())
}

/// Nothing is sent there any more. The row stays, because deliveries were made through it.
pub fn end(
    tx: &mut Tx<'_>,
    id: PushSubscriptionId,
    reason: &str,
    now: Instant,
) -> Result<(), StoreError> {
    diesel::update(
        push_subscriptions::table.find(id).filter(push_subscriptions::ended_at.is_null()),
    )
    .set((push_subscriptions::ended_at.eq(now.ms()), push_subscriptions::end_reason.eq(reason)))
    .execute(tx.conn)?;
    Ok(())
}
