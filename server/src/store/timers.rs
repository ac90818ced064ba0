//! Timers: when something is looked at again. One for each kind and object.

use compliance::fact::TimerKind;
use compliance::{Instant, Word};
use diesel::prelude::*;
use uuid::Uuid;

use super::id::{FactId, OrderId};
use super::schema::timers;
use super::types::{Ms, Spelled};
use super::{StoreError, Tx};

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = timers)]
pub struct Timer {
    #[diesel(deserialize_as = Spelled)]
    pub kind: TimerKind,
    pub object_id: FactId,
    pub order_id: OrderId,
    #[diesel(deserialize_as = Ms)]
    pub due_at: Instant,
}

/// Sets when to look at an object again; nothing takes its timer away.
pub fn set(
    tx: &mut Tx<'_>,
    order: OrderId,
    (kind, object): (TimerKind, Uuid),
    due_at: Option<Instant>,
) -> Result<(), StoreError> {
    let object = FactId::from(object);
    diesel::delete(timers::table.find((kind.as_str(), object))).execute(tx.conn)?;
    if let Some(due_at) = due_at {
        diesel::insert_into(timers::table)
            .values((
                timers::kind.eq(kind.as_str()),
                timers::object_id.eq(object),
                timers::order_id.eq(order),
                timers::due_at.eq(due_at.ms()),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// Those whose time has come, the most overdue first.
pub fn due(tx: &mut Tx<'_>, now: Instant, at_most: i64) -> Result<Vec<Timer>, StoreError> {
    let query = timers::table
        .filter(timers::due_at.le(now.ms()))
        .order(timers::due_at)
        .limit(at_most)
        .select(Timer::as_select());
    Ok(query.load(tx.conn)?)
}

pub fn earliest(tx: &mut Tx<'_>) -> Result<Option<Instant>, StoreError> {
    let query = timers::table.order(timers::due_at).select(timers::due_at);
    let found: Option<i64> = query.first(tx.conn).optional()?;
    Ok(found.map(Instant::from_ms))
}

/// Of an order that has ended there is nothing to look at any more.
pub fn clear_order(tx: &mut Tx<'_>, order: OrderId) -> Result<(), StoreError> {
    diesel::delete(timers::table.filter(timers::order_id.eq(order))).execute(tx.conn)?;
    Ok(())
}
