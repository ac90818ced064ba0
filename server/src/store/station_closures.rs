//! Days on which a station is shut although its hours say that it is open.

use chrono::NaiveDate;
use compliance::Instant;
use compliance::opening::Closure;
use diesel::prelude::*;

use super::id::{AccountId, ClosureId, StationId};
use super::schema::station_closures;
use super::types::Ms;
use super::{StoreError, Tx};

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = station_closures)]
pub struct StationClosure {
    pub id: ClosureId,
    pub station_id: StationId,
    pub from_on: NaiveDate,
    /// Without one, until further notice.
    pub until_on: Option<NaiveDate>,
    pub reason: String,
    #[diesel(deserialize_as = Ms)]
    pub recorded_at: Instant,
    pub recorded_by: Option<AccountId>,
}

impl StationClosure {
    /// As the rules see it; nothing of one that they would refuse.
    pub fn closure(&self) -> Option<Closure> {
        Closure::new(self.from_on, self.until_on, &self.reason).ok()
    }
}

pub fn find(tx: &mut Tx<'_>, id: ClosureId) -> Result<Option<StationClosure>, StoreError> {
    let query = station_closures::table.find(id).select(StationClosure::as_select());
    Ok(query.first(tx.conn).optional()?)
}

pub fn insert(tx: &mut Tx<'_>, closure: &StationClosure) -> Result<(), StoreError> {
    diesel::insert_into(station_closures::table)
        .values((
            station_closures::id.eq(closure.id),
            station_closures::station_id.eq(closure.station_id),
            station_closures::from_on.eq(closure.from_on),
            station_closures::until_on.eq(closure.until_on),
            station_closures::reason.eq(&closure.reason),
            station_closures::recorded_at.eq(closure.recorded_at.ms()),
            station_closures::recorded_by.eq(closure.recorded_by),
        ))
        .execute(tx.conn)?;
    Ok(())
}

pub fn of_station(tx: &mut Tx<'_>, station: StationId) -> Result<Vec<StationClosure>, StoreError> {
    let query = station_closures::table
        .filter(station_closures::station_id.eq(station))
        .order((station_closures::from_on, station_closures::id))
        .select(StationClosure::as_select());
    Ok(query.load(tx.conn)?)
}
