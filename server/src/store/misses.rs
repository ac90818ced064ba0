//! Misses of which a phone may still hold a record.

use compliance::Instant;
use diesel::prelude::*;

use super::connection::on_each;
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

/// A miss with where a record of it could have been made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMiss<'a> {
    pub miss: Miss,
    pub station: StationId,
    /// The stations that the order allows beside it.
    pub alternates: &'a [StationId],
    pub look_at: Instant,
}

/// A statement binds no more than 32,766 values.
const ROWS_AT_ONCE: usize = 5_000;

#[derive(Insertable)]
#[diesel(table_name = unconfirmed_misses)]
#[diesel(treat_none_as_default_value = false)]
struct Row {
    obligation_id: ObligationId,
    station_id: StationId,
    closes_at: i64,
    look_at: Option<i64>,
}

impl NewMiss<'_> {
    fn rows(&self) -> impl Iterator<Item = Row> {
        let row = |station_id, look_at| Row {
            obligation_id: self.miss.obligation_id,
            station_id,
            closes_at: self.miss.closes_at.ms(),
            look_at,
        };
        let others = self.alternates.iter().filter(|station| **station != self.station);
        std::iter::once(row(self.station, Some(self.look_at.ms())))
            .chain(others.map(move |station| row(*station, None)))
    }
}

pub fn insert(tx: &mut Tx<'_>, new: &[NewMiss<'_>]) -> Result<(), StoreError> {
    let again: Vec<ObligationId> = new.iter().map(|new| new.miss.obligation_id).collect();
    delete(tx, &again)?;
    let rows: Vec<Row> = new.iter().flat_map(NewMiss::rows).collect();
    for some in rows.chunks(ROWS_AT_ONCE) {
        on_each!(tx.conn, conn => {
            diesel::insert_into(unconfirmed_misses::table).values(some).execute(conn)
        })?;
    }
    Ok(())
}

pub fn delete(tx: &mut Tx<'_>, obligations: &[ObligationId]) -> Result<(), StoreError> {
    diesel::delete(
        unconfirmed_misses::table.filter(unconfirmed_misses::obligation_id.eq_any(obligations)),
    )
    .execute(tx.conn)?;
    Ok(())
}

/// Those of a station that closed after a phone had handed over everything.
pub fn of_station(
    tx: &mut Tx<'_>,
    station: StationId,
    after: Option<Instant>,
) -> Result<Vec<Miss>, StoreError> {
    let after = after.map_or(i64::MIN, Instant::ms);
    let query = unconfirmed_misses::table
        .filter(unconfirmed_misses::station_id.eq(station))
        .filter(unconfirmed_misses::closes_at.gt(after))
        .order(unconfirmed_misses::closes_at)
        .select(Miss::as_select());
    Ok(query.load(tx.conn)?)
}

/// Where records of these could have been made.
pub fn places(
    tx: &mut Tx<'_>,
    obligations: &[ObligationId],
) -> Result<Vec<(ObligationId, StationId)>, StoreError> {
    let query = unconfirmed_misses::table
        .filter(unconfirmed_misses::obligation_id.eq_any(obligations))
        .order((unconfirmed_misses::obligation_id, unconfirmed_misses::station_id))
        .select((unconfirmed_misses::obligation_id, unconfirmed_misses::station_id));
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
