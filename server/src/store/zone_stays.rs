//! Times in which a subject was in a zone, or may have been.

use compliance::Instant;
use diesel::prelude::*;

use super::id::{ConditionId, FactId, StayId};
use super::schema::zone_stays;
use super::types::{MaybeMs, Ms};
use super::{StoreError, Tx};

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = zone_stays)]
pub struct Stay {
    pub id: StayId,
    pub condition_id: ConditionId,
    #[diesel(deserialize_as = Ms)]
    pub began_at: Instant,
    #[diesel(deserialize_as = Ms)]
    pub last_at: Instant,
    #[diesel(deserialize_as = MaybeMs)]
    pub ended_at: Option<Instant>,
    /// The sighting or position with which it began.
    pub begun_by: FactId,
    /// The first of them that was surely inside.
    pub entered_by: Option<FactId>,
}

/// Those about the conditions that touch the time between two instants.
pub fn between(
    tx: &mut Tx<'_>,
    conditions: &[ConditionId],
    (from, until): (Instant, Instant),
) -> Result<Vec<Stay>, StoreError> {
    let query = zone_stays::table
        .filter(zone_stays::condition_id.eq_any(conditions))
        .filter(zone_stays::last_at.ge(from.ms()))
        .filter(zone_stays::began_at.le(until.ms()))
        .order((zone_stays::began_at, zone_stays::id))
        .select(Stay::as_select());
    Ok(query.load(tx.conn)?)
}

/// Those that a sighting or position began, or in which it was the first that was surely inside.
pub fn of_record(tx: &mut Tx<'_>, record: FactId) -> Result<Vec<Stay>, StoreError> {
    let query = zone_stays::table
        .filter(zone_stays::begun_by.eq(record).or(zone_stays::entered_by.eq(record)))
        .order(zone_stays::id)
        .select(Stay::as_select());
    Ok(query.load(tx.conn)?)
}

pub fn delete(tx: &mut Tx<'_>, id: StayId) -> Result<(), StoreError> {
    diesel::delete(zone_stays::table.find(id)).execute(tx.conn)?;
    Ok(())
}

/// Puts a stay on file in place of what was there of it.
pub fn put(tx: &mut Tx<'_>, stay: &Stay) -> Result<(), StoreError> {
    diesel::delete(zone_stays::table.find(stay.id)).execute(tx.conn)?;
    diesel::insert_into(zone_stays::table)
        .values((
            zone_stays::id.eq(stay.id),
            zone_stays::condition_id.eq(stay.condition_id),
            zone_stays::began_at.eq(stay.began_at.ms()),
            zone_stays::last_at.eq(stay.last_at.ms()),
            zone_stays::ended_at.eq(stay.ended_at.map(Instant::ms)),
            zone_stays::begun_by.eq(stay.begun_by),
            zone_stays::entered_by.eq(stay.entered_by),
        ))
        .execute(tx.conn)?;
    Ok(())
}
