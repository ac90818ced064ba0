//! Schedules: when a condition asks for a sign-on, and how far that has been written out.

use chrono::NaiveDate;
use compliance::Instant;
use compliance::order::Span;
use diesel::prelude::*;

use super::id::{ConditionId, OrderId, ScheduleId, StationId};
use super::schema::{conditions, order_versions, schedules};
use super::types::{MaybeMs, Ms};
use super::{StoreError, Tx};

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = schedules)]
pub struct Schedule {
    pub id: ScheduleId,
    pub condition_id: ConditionId,
    pub zone: String,
    pub starts_on: NaiveDate,
    pub rrule: Option<String>,
    /// Dates with a space between them.
    pub exdates: String,
    pub rdates: String,
    /// `HH:MM`, local; the closing minute is included.
    pub opens: String,
    pub closes: String,
    #[diesel(deserialize_as = Ms)]
    pub applies_from: Instant,
    #[diesel(deserialize_as = MaybeMs)]
    pub applies_until: Option<Instant>,
    #[diesel(deserialize_as = Ms)]
    pub enumerated_until: Instant,
    /// When to write it out further; empty when the rule or its version has ended.
    #[diesel(deserialize_as = MaybeMs)]
    pub enumerate_at: Option<Instant>,
}

impl Schedule {
    pub fn span(&self) -> Span {
        Span { from: self.applies_from, until: self.applies_until }
    }
}

/// A schedule and what its obligations carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleOfOrder {
    pub schedule: Schedule,
    pub order: OrderId,
    pub condition_label: String,
    pub station: StationId,
}

pub fn insert(tx: &mut Tx<'_>, schedule: &Schedule) -> Result<(), StoreError> {
    diesel::insert_into(schedules::table)
        .values((
            schedules::id.eq(schedule.id),
            schedules::condition_id.eq(schedule.condition_id),
            schedules::zone.eq(&schedule.zone),
            schedules::starts_on.eq(schedule.starts_on),
            schedules::rrule.eq(&schedule.rrule),
            schedules::exdates.eq(&schedule.exdates),
            schedules::rdates.eq(&schedule.rdates),
            schedules::opens.eq(&schedule.opens),
            schedules::closes.eq(&schedule.closes),
            schedules::applies_from.eq(schedule.applies_from.ms()),
            schedules::applies_until.eq(schedule.applies_until.map(Instant::ms)),
            schedules::enumerated_until.eq(schedule.enumerated_until.ms()),
            schedules::enumerate_at.eq(schedule.enumerate_at.map(Instant::ms)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The schedules that are due to be written out further, the most overdue first.
pub fn to_enumerate(
    tx: &mut Tx<'_>,
    now: Instant,
    at_most: i64,
) -> Result<Vec<ScheduleOfOrder>, StoreError> {
    let rows: Vec<(Schedule, OrderId, String, Option<StationId>)> = of_orders()
        .filter(schedules::enumerate_at.le(now.ms()))
        .order(schedules::enumerate_at)
        .limit(at_most)
        .load(tx.conn)?;
    Ok(rows.into_iter().filter_map(with_station).collect())
}

/// In which closings the schedule makes duties.
pub fn span(tx: &mut Tx<'_>, id: ScheduleId) -> Result<Option<Span>, StoreError> {
    let found: Option<Schedule> =
        schedules::table.find(id).select(Schedule::as_select()).first(tx.conn).optional()?;
    Ok(found.map(|schedule| schedule.span()))
}

/// The schedules of every version of an order.
pub fn of_order(tx: &mut Tx<'_>, order: OrderId) -> Result<Vec<ScheduleOfOrder>, StoreError> {
    let rows: Vec<(Schedule, OrderId, String, Option<StationId>)> =
        of_orders().filter(order_versions::order_id.eq(order)).load(tx.conn)?;
    Ok(rows.into_iter().filter_map(with_station).collect())
}

#[diesel::dsl::auto_type(no_type_alias)]
fn of_orders() -> _ {
    let selected: diesel::dsl::AsSelect<Schedule, super::connection::AnyBackend> =
        Schedule::as_select();
    schedules::table
        .inner_join(conditions::table.on(conditions::id.eq(schedules::condition_id)))
        .inner_join(order_versions::table.on(order_versions::id.eq(conditions::order_version_id)))
        .select((selected, order_versions::order_id, conditions::label, conditions::station_id))
}

fn with_station(
    (schedule, order, condition_label, station): (Schedule, OrderId, String, Option<StationId>),
) -> Option<ScheduleOfOrder> {
    station.map(|station| ScheduleOfOrder { schedule, order, condition_label, station })
}

pub fn of_condition(tx: &mut Tx<'_>, condition: ConditionId) -> Result<Vec<Schedule>, StoreError> {
    let query = schedules::table
        .filter(schedules::condition_id.eq(condition))
        .order(schedules::id)
        .select(Schedule::as_select());
    Ok(query.load(tx.conn)?)
}

/// Every window that closes before `until` is on file; look again at `enumerate_at`, or never.
pub fn set_enumerated(
    tx: &mut Tx<'_>,
    id: ScheduleId,
    until: Instant,
    enumerate_at: Option<Instant>,
) -> Result<(), StoreError> {
    diesel::update(schedules::table.find(id))
        .set((
            schedules::enumerated_until.eq(until.ms()),
            schedules::enumerate_at.eq(enumerate_at.map(Instant::ms)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Ends or extends the span in which the schedule makes duties.
pub fn set_span(
    tx: &mut Tx<'_>,
    id: ScheduleId,
    until: Option<Instant>,
    enumerate_at: Option<Instant>,
) -> Result<(), StoreError> {
    diesel::update(schedules::table.find(id))
        .set((
            schedules::applies_until.eq(until.map(Instant::ms)),
            schedules::enumerate_at.eq(enumerate_at.map(Instant::ms)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

pub fn earliest_enumerate_at(tx: &mut Tx<'_>) -> Result<Option<Instant>, StoreError> {
    let query = schedules::table
        .filter(schedules::enumerate_at.is_not_null())
        .order(schedules::enumerate_at)
        .select(schedules::enumerate_at);
    let found: Option<Option<i64>> = query.first(tx.conn).optional()?;
    Ok(found.flatten().map(Instant::from_ms))
}
