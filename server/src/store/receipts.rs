//! What phones say of the messages that they were sent. The first word of each kind stands.

use compliance::Instant;
use compliance::delivery::ReceiptEvent;
use diesel::prelude::*;

use super::id::{DeliveryId, PushSubscriptionId};
use super::schema::receipts;
use super::{StoreError, Tx};

/// Says whether it is news.
pub fn record(
    tx: &mut Tx<'_>,
    (delivery, subscription): (DeliveryId, PushSubscriptionId),
    event: ReceiptEvent,
    now: Instant,
) -> Result<bool, StoreError> {
    let found: Option<(Option<i64>, Option<i64>)> = receipts::table
        .find(delivery)
        .select((receipts::displayed_at, receipts::opened_at))
        .first(tx.conn)
        .optional()?;
    let (displayed_at, opened_at) = found.unwrap_or_default();
    let is_known = match event {
        ReceiptEvent::Displayed => displayed_at.is_some(),
        ReceiptEvent::Opened => opened_at.is_some(),
    };
    if is_known {
        return Ok(false);
    }
    if found.is_none() {
        diesel::insert_into(receipts::table)
            .values((
                receipts::delivery_id.eq(delivery),
                receipts::subscription_id.eq(subscription),
            ))
            .execute(tx.conn)?;
    }
    let row = receipts::table.find(delivery);
    match event {
        ReceiptEvent::Displayed => {
            diesel::update(row).set(receipts::displayed_at.eq(now.ms())).execute(tx.conn)?
        }
        ReceiptEvent::Opened => {
            diesel::update(row).set(receipts::opened_at.eq(now.ms())).execute(tx.conn)?
        }
    };
    Ok(true)
}

/// Whether the phone has said anything of it.
pub fn is_there(tx: &mut Tx<'_>, delivery: DeliveryId) -> Result<bool, StoreError> {
    let query = receipts::table.find(delivery).select(receipts::delivery_id);
    Ok(query.first::<DeliveryId>(tx.conn).optional()?.is_some())
}
