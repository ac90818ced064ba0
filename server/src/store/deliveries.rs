//! Attempts to reach somebody about an alert, one row for each person, channel and attempt.

use std::collections::BTreeSet;

use compliance::delivery::{Channel, DeliveryStatus};
use compliance::{Instant, Word};
use diesel::prelude::*;

use super::alerts::Alert;
use super::id::{AccountId, AlertGroupId, AlertId, DeliveryId, PushSubscriptionId};
use super::schema::{accounts, alerts, deliveries, receipts};
use super::types::{MaybeMs, Ms, Spelled};
use super::{StoreError, Tx};

/// One attempt to reach one person through one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    pub id: DeliveryId,
    pub alert: AlertId,
    /// When all of the group are told by it.
    pub group: Option<AlertGroupId>,
    pub step: i64,
    pub channel: Channel,
    /// Nobody by name when it went to another system.
    pub account: Option<AccountId>,
    pub subscription: Option<PushSubscriptionId>,
    pub is_counted_upon: bool,
    pub attempt: i64,
    pub status: DeliveryStatus,
    pub http_status: Option<i64>,
    /// Why it failed; holds no address.
    pub detail: String,
    pub attempted_at: Instant,
}

/// A delivery with the name of whom it was for and what their phone said of it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct DeliveryInContext {
    pub account_name: Option<String>,
    #[diesel(deserialize_as = Spelled)]
    pub channel: Channel,
    pub step: Option<i64>,
    pub attempt: i64,
    #[diesel(deserialize_as = Ms)]
    pub attempted_at: Instant,
    #[diesel(deserialize_as = Spelled)]
    pub status: DeliveryStatus,
    pub http_status: Option<i64>,
    pub detail: String,
    pub is_counted_upon: bool,
    #[diesel(deserialize_as = MaybeMs)]
    pub displayed_at: Option<Instant>,
    #[diesel(deserialize_as = MaybeMs)]
    pub opened_at: Option<Instant>,
}

pub fn record(tx: &mut Tx<'_>, delivery: &NewDelivery) -> Result<(), StoreError> {
    diesel::insert_into(deliveries::table)
        .values((
            deliveries::id.eq(delivery.id),
            deliveries::alert_id.eq(delivery.alert),
            deliveries::group_id.eq(delivery.group),
            deliveries::step.eq(delivery.step),
            deliveries::channel.eq(delivery.channel.as_str()),
            deliveries::account_id.eq(delivery.account),
            deliveries::subscription_id.eq(delivery.subscription),
            deliveries::is_counted_upon.eq(delivery.is_counted_upon),
            deliveries::attempt.eq(delivery.attempt),
            deliveries::status.eq(delivery.status.as_str()),
            deliveries::http_status.eq(delivery.http_status),
            deliveries::detail.eq(&delivery.detail),
            deliveries::attempted_at.eq(delivery.attempted_at.ms()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Every attempt to tell somebody of an alert, in the order of time; of a group, what told all of it
/// while this one waited.
pub fn of_alert(tx: &mut Tx<'_>, alert: &Alert) -> Result<Vec<DeliveryInContext>, StoreError> {
    let until = alert.acknowledged_at.or(alert.closed_at).map_or(i64::MAX, Instant::ms);
    let by_group = deliveries::group_id
        .eq(alert.group_id)
        .and(deliveries::attempted_at.ge(alert.triggered_at.ms()))
        .and(deliveries::attempted_at.le(until));
    let mut query = deliveries::table
        .left_join(accounts::table.on(deliveries::account_id.eq(accounts::id.nullable())))
        .left_join(receipts::table.on(receipts::delivery_id.eq(deliveries::id)))
        .order((deliveries::attempted_at, deliveries::id))
        .select((
            accounts::display_name.nullable(),
            deliveries::channel,
            deliveries::step,
            deliveries::attempt,
            deliveries::attempted_at,
            deliveries::status,
            deliveries::http_status,
            deliveries::detail,
            deliveries::is_counted_upon,
            receipts::displayed_at.nullable(),
            receipts::opened_at.nullable(),
        ))
        .into_boxed();
    query = match alert.group_id {
        None => query.filter(deliveries::alert_id.eq(alert.id)),
        Some(_) => query.filter(deliveries::alert_id.eq(alert.id).nullable().or(by_group)),
    };
    Ok(query.load(tx.conn)?)
}

/// Which of these alerts anybody's phone, mailbox or desk has taken since each was raised.
pub fn taken(tx: &mut Tx<'_>, ids: &[AlertId]) -> Result<BTreeSet<AlertId>, StoreError> {
    let accepted = DeliveryStatus::Accepted.as_str();
    let is_taken = || {
        let is_accepted = deliveries::status.eq(accepted).and(deliveries::is_counted_upon.eq(true));
        receipts::delivery_id.is_not_null().or(is_accepted)
    };
    let singly: Vec<AlertId> = deliveries::table
        .inner_join(alerts::table.on(alerts::id.eq(deliveries::alert_id)))
        .left_join(receipts::table.on(receipts::delivery_id.eq(deliveries::id)))
        .filter(alerts::id.eq_any(ids))
        .filter(deliveries::attempted_at.ge(alerts::triggered_at))
        .filter(is_taken())
        .select(alerts::id)
        .load(tx.conn)?;
    let by_group: Vec<AlertId> = deliveries::table
        .inner_join(alerts::table.on(alerts::group_id.eq(deliveries::group_id)))
        .left_join(receipts::table.on(receipts::delivery_id.eq(deliveries::id)))
        .filter(alerts::id.eq_any(ids))
        .filter(deliveries::attempted_at.ge(alerts::triggered_at))
        .filter(is_taken())
        .select(alerts::id)
        .load(tx.conn)?;
    Ok(singly.into_iter().chain(by_group).collect())
}

/// What a delivery told: an alert, or the group of it.
pub fn told_by(
    tx: &mut Tx<'_>,
    id: DeliveryId,
) -> Result<Option<(AlertId, Option<AlertGroupId>)>, StoreError> {
    let query = deliveries::table.find(id).select((deliveries::alert_id, deliveries::group_id));
    Ok(query.first(tx.conn).optional()?)
}

/// Which of these alerts an account's desk has shown since each stood where it stands.
pub fn shown_at_desk(
    tx: &mut Tx<'_>,
    account: AccountId,
    ids: &[AlertId],
) -> Result<BTreeSet<AlertId>, StoreError> {
    let shown: Vec<AlertId> = deliveries::table
        .inner_join(alerts::table.on(alerts::id.eq(deliveries::alert_id)))
        .filter(deliveries::channel.eq(Channel::Stream.as_str()))
        .filter(deliveries::account_id.eq(account))
        .filter(alerts::id.eq_any(ids))
        .filter(deliveries::attempted_at.ge(alerts::triggered_at))
        .filter(deliveries::step.eq(alerts::step.nullable()))
        .select(alerts::id)
        .load(tx.conn)?;
    Ok(shown.into_iter().collect())
}
