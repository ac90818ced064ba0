//! Everything about one order that an evidence pack is made of, whole and unfiltered; what of it was
//! known when, the operation decides. The caller has shown that the order is in scope by having it.

use compliance::Instant;
use compliance::delivery::Channel;
use diesel::prelude::*;

use super::alert_events::AlertEvent;
use super::alerts::Alert;
use super::check_ins::CheckIn;
use super::findings::RecordedFinding;
use super::id::{AccountId, AlertId, DeliveryId, OrderId};
use super::obligations::Obligation;
use super::schema::{
    alert_events, alerts, check_in_conflicts, check_ins, deliveries, findings, obligations,
};
use super::types::{Ms, Spelled};
use super::{StoreError, Tx};

/// The duties whose windows had closed at an instant, in the order of closing.
pub fn duties(
    tx: &mut Tx<'_>,
    order: OrderId,
    closed_at: Instant,
) -> Result<Vec<Obligation>, StoreError> {
    let query = obligations::table
        .filter(obligations::order_id.eq(order))
        .filter(obligations::closes_at.le(closed_at.ms()))
        .order((obligations::closes_at, obligations::id))
        .select(Obligation::as_select());
    Ok(query.load(tx.conn)?)
}

/// In the order of receipt, mistakes too.
pub fn check_ins(tx: &mut Tx<'_>, order: OrderId) -> Result<Vec<CheckIn>, StoreError> {
    let query = check_ins::table
        .filter(check_ins::order_id.eq(order))
        .order((check_ins::received_at, check_ins::id))
        .select(CheckIn::as_select());
    Ok(query.load(tx.conn)?)
}

/// In the order in which they were found, those set aside too.
pub fn findings(tx: &mut Tx<'_>, order: OrderId) -> Result<Vec<RecordedFinding>, StoreError> {
    let query = findings::table
        .inner_join(obligations::table.on(obligations::id.eq(findings::obligation_id)))
        .filter(obligations::order_id.eq(order))
        .order((findings::found_at, findings::id))
        .select(RecordedFinding::as_select());
    Ok(query.load(tx.conn)?)
}

pub fn alerts(tx: &mut Tx<'_>, order: OrderId) -> Result<Vec<Alert>, StoreError> {
    let query = alerts::table
        .filter(alerts::order_id.eq(order))
        .order((alerts::concerns_at, alerts::id))
        .select(Alert::as_select());
    Ok(query.load(tx.conn)?)
}

pub fn events(tx: &mut Tx<'_>, order: OrderId) -> Result<Vec<AlertEvent>, StoreError> {
    let query = alert_events::table
        .inner_join(alerts::table.on(alerts::id.eq(alert_events::alert_id)))
        .filter(alerts::order_id.eq(order))
        .order((alert_events::happened_at, alert_events::id))
        .select(AlertEvent::as_select());
    Ok(query.load(tx.conn)?)
}

/// One attempt to reach one person's phone.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct DeliveryOnFile {
    pub id: DeliveryId,
    pub alert_id: AlertId,
    /// Nobody by name when it went to another system of the force.
    pub account_id: Option<AccountId>,
    #[diesel(deserialize_as = Spelled)]
    pub channel: Channel,
    pub attempt: i64,
    pub status: String,
    pub http_status: Option<i64>,
    pub detail: String,
    #[diesel(deserialize_as = Ms)]
    pub attempted_at: Instant,
}

pub fn deliveries(tx: &mut Tx<'_>, order: OrderId) -> Result<Vec<DeliveryOnFile>, StoreError> {
    let query = deliveries::table
        .inner_join(alerts::table.on(alerts::id.eq(deliveries::alert_id)))
        .filter(alerts::order_id.eq(order))
        .order((deliveries::attempted_at, deliveries::id))
        .select((
            deliveries::id,
            deliveries::alert_id,
            deliveries::account_id,
            deliveries::channel,
            deliveries::attempt,
            deliveries::status,
            deliveries::http_status,
            deliveries::detail,
            deliveries::attempted_at,
        ));
    Ok(query.load(tx.conn)?)
}

/// When other records came under an id that was taken; both are kept.
pub fn conflicts(tx: &mut Tx<'_>, order: OrderId) -> Result<Vec<Instant>, StoreError> {
    let query = check_in_conflicts::table
        .inner_join(check_ins::table.on(check_ins::id.eq(check_in_conflicts::check_in_id)))
        .filter(check_ins::order_id.eq(order))
        .order((check_in_conflicts::received_at, check_in_conflicts::id))
        .select(check_in_conflicts::received_at);
    let found: Vec<i64> = query.load(tx.conn)?;
    Ok(found.into_iter().map(Instant::from_ms).collect())
}
