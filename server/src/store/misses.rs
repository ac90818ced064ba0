//! Misses of which a phone may still hold a record.

use compliance::Instant;
use diesel::prelude::*;

use super::id::{ObligationId, StationId};
use super::schema::unconfirmed_misses;
use super::types::Ms;
use super::{StoreError, Tx};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Queryable, Selectable)]
#[diesel(table_name = unconfirmed_misses)]
pub struct Miss {
    pub obligation_id: ObligationId,
    #[diesel(deserialize_as = Ms)]
    pub closes_at: Instant,
}

/// From the named station and those that the order allows beside it.
pub fn insert(
    tx: &mut Tx<'_>,
    miss: Miss,
    (named, alternates): (StationId, &[StationId]),
    look_at: Instant,
) -> Result<(), StoreError> {
    delete(tx, miss.obligation_id)?;
    let others = alternates.iter().filter(|station| **station != named);
    let places = std::iter::once((named, Some(look_at.ms())));
    for (station, look_at) in places.chain(others.map(|station| (*station, None))) {
        diesel::insert_into(unconfirmed_misses::table)
            .values((
                unconfirmed_misses::obligation_id.eq(miss.obligation_id),
                unconfirmed_misses::station_id.eq(station),
                unconfirmed_misses::closes_at.eq(miss.closes_at.ms()),
                unconfirmed_misses::look_at.eq(look_at),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}

pub fn delete(tx: &mut Tx<'_>, obligation: ObligationId) -> Result<(), StoreError> {
    diesel::delete(
        unconfirmed_misses::table.filter(unconfirmed_misses::obligation_id.eq(obligation)),
    )
    .execute(tx.conn)?;
    Ok(())
}

/// The oldest of a station.
pub fn of_station(
    tx: &mut Tx<'_>,
    station: StationId,
    at_most: i64,
) -> Result<Vec<Miss>, StoreError> {
    let query = unconfirmed_misses::table
        .filter(unconfirmed_misses::station_id.eq(station))
        .order(unconfirmed_misses::closes_at)
        .limit(at_most)
        .select(Miss::as_select());
    Ok(query.load(tx.conn)?)
}

pub fn places(tx: &mut Tx<'_>, obligation: ObligationId) -> Result<Vec<StationId>, StoreError> {
    let query = unconfirmed_misses::table
        .filter(unconfirmed_misses::obligation_id.eq(obligation))
        .order(unconfirmed_misses::station_id)
        .select(unconfirmed_misses::station_id);
    Ok(query.load(tx.conn)?)
}

/// Those that are to be looked at whatever phones do.
pub fn due(tx: &mut Tx<'_>, now: Instant, at_most: i64) -> Result<Vec<Miss>, StoreError> {
    let query = unconfirmed_misses::table
        .filter(unconfirmed_misses::look_at.le(now.ms()))
        .order(unconfirmed_misses::look_at)
        .limit(at_most)
        .select(Miss::as_select());
    Ok(query.load(tx.conn)?)
}

pub fn earliest_due(tx: &mut Tx<'_>) -> Result<Option<Instant>, StoreError> {
    let query = unconfirmed_misses::table
        .filter(unconfirmed_misses::look_at.is_not_null())
        .order(unconfirmed_misses::look_at)
        .select(unconfirmed_misses::look_at);
    let found: Option<Option<i64>> = query.first(tx.conn).optional()?;
    Ok(found.flatten().map(Instant::from_ms))
}

/// Only phones say more from now on.
pub fn looked_at(tx: &mut Tx<'_>, obligation: ObligationId) -> Result<(), StoreError> {
    diesel::update(
        unconfirmed_misses::table.filter(unconfirmed_misses::obligation_id.eq(obligation)),
    )
    .set(unconfirmed_misses::look_at.eq(None::<i64>))
    .execute(tx.conn)?;
    Ok(())
}
