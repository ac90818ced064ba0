//! Positions that tags report. Kept as they came, each with what it was found to show.

use compliance::place::{Fix, Position};
use compliance::zone::ZoneVerdict;
use compliance::{Instant, Word};
use diesel::dsl::exists;
use diesel::prelude::*;

use super::connection::on_each;
use super::id::{FeedId, OrderId, PositionId};
use super::schema::{orders, positions};
use super::scope::Scope;
use super::types::Ms;
use super::{StoreError, Tx};

/// Values in one statement: SQLite takes no more than 32,766.
const ROWS_IN_STATEMENT: usize = 1_000;

#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = positions)]
pub struct TagPosition {
    pub id: PositionId,
    pub order_id: OrderId,
    pub feed_id: FeedId,
    #[diesel(deserialize_as = Ms)]
    pub fixed_at: Instant,
    pub latitude: f64,
    pub longitude: f64,
    pub accuracy_m: f64,
    #[diesel(deserialize_as = Ms)]
    pub received_at: Instant,
    verdict: Option<String>,
    pub margin_m: Option<f64>,
}

/// A position to be put on file.
#[derive(Debug, Clone)]
pub struct NewPosition {
    pub id: PositionId,
    pub order: OrderId,
    pub feed: FeedId,
    pub fixed_at: Instant,
    pub fix: Fix,
    pub received_at: Instant,
    pub verdict: Option<ZoneVerdict>,
    pub margin_m: Option<f64>,
}

#[derive(Insertable)]
#[diesel(table_name = positions)]
#[diesel(treat_none_as_default_value = false)]
struct Row {
    id: PositionId,
    order_id: OrderId,
    feed_id: FeedId,
    fixed_at: i64,
    latitude: f64,
    longitude: f64,
    accuracy_m: f64,
    received_at: i64,
    verdict: Option<&'static str>,
    margin_m: Option<f64>,
}

impl TagPosition {
    pub fn fix(&self) -> Fix {
        let position = Position { latitude: self.latitude, longitude: self.longitude };
        Fix { position, accuracy_m: self.accuracy_m }
    }

    pub fn verdict(&self) -> Result<Option<ZoneVerdict>, StoreError> {
        let Some(text) = &self.verdict else { return Ok(None) };
        let corrupt = || StoreError::Corrupt { vocabulary: ZoneVerdict::NAME, value: text.clone() };
        ZoneVerdict::parse(text).map(Some).ok_or_else(corrupt)
    }
}

/// For the service: who asks has shown that they may know of its order.
pub fn find_for_service(
    tx: &mut Tx<'_>,
    id: PositionId,
) -> Result<Option<TagPosition>, StoreError> {
    Ok(positions::table.find(id).select(TagPosition::as_select()).first(tx.conn).optional()?)
}

/// Of a feed, the first position after an instant that was on file at another; while there is none, the
/// last one until then.
pub fn last_known(
    tx: &mut Tx<'_>,
    (feed, since): (FeedId, Instant),
    known_at: Instant,
) -> Result<Option<TagPosition>, StoreError> {
    let of_feed = || {
        positions::table
            .filter(positions::feed_id.eq(feed))
            .filter(positions::received_at.le(known_at.ms()))
            .select(TagPosition::as_select())
    };
    let after = of_feed().filter(positions::fixed_at.gt(since.ms())).order(positions::fixed_at);
    if let Some(after) = after.first(tx.conn).optional()? {
        return Ok(Some(after));
    }
    let until = of_feed().filter(positions::fixed_at.le(since.ms()));
    Ok(until.order(positions::fixed_at.desc()).first(tx.conn).optional()?)
}

/// Of a feed, those between two instants (the ends included) and the neighbour on each side.
pub fn around(
    tx: &mut Tx<'_>,
    feed: FeedId,
    (from, until): (Instant, Instant),
) -> Result<Vec<TagPosition>, StoreError> {
    let of_feed = || {
        positions::table
            .filter(positions::feed_id.eq(feed))
            .select(TagPosition::as_select())
            .into_boxed()
    };
    let mut found: Vec<TagPosition> =
        of_feed().filter(positions::fixed_at.between(from.ms(), until.ms())).load(tx.conn)?;
    let before: Option<TagPosition> = of_feed()
        .filter(positions::fixed_at.lt(from.ms()))
        .order(positions::fixed_at.desc())
        .first(tx.conn)
        .optional()?;
    let after: Option<TagPosition> = of_feed()
        .filter(positions::fixed_at.gt(until.ms()))
        .order(positions::fixed_at)
        .first(tx.conn)
        .optional()?;
    found.extend(before);
    found.extend(after);
    Ok(found)
}

/// The orders with a position in `[from, until)` that the caller may know of.
pub fn orders_between(
    tx: &mut Tx<'_>,
    scope: Scope,
    (from, until): (Instant, Instant),
) -> Result<Vec<OrderId>, StoreError> {
    let query = orders::table
        .filter(scope.sees("orders.id"))
        .filter(exists(
            positions::table
                .filter(positions::order_id.eq(orders::id))
                .filter(positions::fixed_at.ge(from.ms()))
                .filter(positions::fixed_at.lt(until.ms())),
        ))
        .order(orders::id)
        .select(orders::id);
    Ok(query.load(tx.conn)?)
}

/// How many positions these orders have in `[from, until)`.
pub fn count_between(
    tx: &mut Tx<'_>,
    of: &[OrderId],
    (from, until): (Instant, Instant),
) -> Result<i64, StoreError> {
    let query = positions::table
        .filter(positions::order_id.eq_any(of))
        .filter(positions::fixed_at.ge(from.ms()))
        .filter(positions::fixed_at.lt(until.ms()));
    Ok(query.count().get_result(tx.conn)?)
}

/// A page of these orders' positions in `[from, until)` after the last of the page before, the oldest
/// first.
pub fn between(
    tx: &mut Tx<'_>,
    of: &[OrderId],
    (from, until): (Instant, Instant),
    after: Option<(Instant, PositionId)>,
    at_most: i64,
) -> Result<Vec<TagPosition>, StoreError> {
    let mut query = positions::table
        .filter(positions::order_id.eq_any(of))
        .filter(positions::fixed_at.ge(after.map_or(from, |(at, _)| at).ms()))
        .filter(positions::fixed_at.lt(until.ms()))
        .order((positions::fixed_at, positions::id))
        .limit(at_most)
        .select(TagPosition::as_select())
        .into_boxed();
    if let Some((at, id)) = after {
        query = query.filter(positions::fixed_at.gt(at.ms()).or(positions::id.gt(id)));
    }
    Ok(query.load(tx.conn)?)
}

pub fn insert(tx: &mut Tx<'_>, new: &[NewPosition]) -> Result<(), StoreError> {
    for chunk in new.chunks(ROWS_IN_STATEMENT) {
        let rows: Vec<Row> = chunk.iter().map(row).collect();
        on_each!(tx.conn, conn => diesel::insert_into(positions::table).values(rows).execute(conn))?;
    }
    Ok(())
}

fn row(new: &NewPosition) -> Row {
    Row {
        id: new.id,
        order_id: new.order,
        feed_id: new.feed,
        fixed_at: new.fixed_at.ms(),
        latitude: new.fix.position.latitude,
        longitude: new.fix.position.longitude,
        accuracy_m: new.fix.accuracy_m,
        received_at: new.received_at.ms(),
        verdict: new.verdict.map(Word::as_str),
        margin_m: new.margin_m,
    }
}

/// Of an order, from `from` until before `until`, the oldest first. The caller has shown that the
/// order is in scope by having it.
pub fn of_order(
    tx: &mut Tx<'_>,
    order: OrderId,
    (from, until): (Instant, Instant),
    at_most: i64,
) -> Result<Vec<TagPosition>, StoreError> {
    let query = positions::table
        .filter(positions::order_id.eq(order))
        .filter(positions::fixed_at.ge(from.ms()))
        .filter(positions::fixed_at.lt(until.ms()))
        .order((positions::fixed_at, positions::id))
        .limit(at_most)
        .select(TagPosition::as_select());
    Ok(query.load(tx.conn)?)
}
