//! Phones that asked to be told by web push.

use compliance::Instant;
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
        ))
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
