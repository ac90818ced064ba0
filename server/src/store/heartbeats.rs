//! Heartbeats: the last time that a loop completed a pass.

use compliance::Instant;
use diesel::prelude::*;

use super::schema::heartbeats;
use super::types::Ms;
use super::{StoreError, Tx};

pub const SWEEP: &str = "sweep";
/// What is looked at once a day.
pub const DAILY: &str = "daily";
/// The look at the invariants, which runs beside the sweep.
pub const CHECK: &str = "check";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = heartbeats)]
pub struct Heartbeat {
    #[diesel(deserialize_as = Ms)]
    pub beat_at: Instant,
    pub took_ms: i64,
}

pub fn beat(tx: &mut Tx<'_>, name: &str, now: Instant, took_ms: i64) -> Result<(), StoreError> {
    let beat = (heartbeats::beat_at.eq(now.ms()), heartbeats::took_ms.eq(took_ms));
    let updated = diesel::update(heartbeats::table.find(name)).set(beat).execute(tx.conn)?;
    if updated == 0 {
        diesel::insert_into(heartbeats::table)
            .values((heartbeats::name.eq(name), beat.0, beat.1))
            .execute(tx.conn)?;
    }
    Ok(())
}

pub fn last(tx: &mut Tx<'_>, name: &str) -> Result<Option<Heartbeat>, StoreError> {
    Ok(heartbeats::table.find(name).select(Heartbeat::as_select()).first(tx.conn).optional()?)
}
