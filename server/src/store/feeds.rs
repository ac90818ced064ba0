//! Feeds: what a tag reports, one for each time that a tag is fitted.

use compliance::Instant;
use diesel::prelude::*;

use super::id::{FeedId, OrderId};
use super::schema::feeds;
use super::scope::Scope;
use super::types::{MaybeMs, Ms};
use super::{StoreError, Tx};

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = feeds)]
pub struct Feed {
    pub id: FeedId,
    pub order_id: OrderId,
    pub device_reference: String,
    pub interval_ms: i64,
    #[diesel(deserialize_as = Ms)]
    pub started_at: Instant,
    #[diesel(deserialize_as = MaybeMs)]
    pub ended_at: Option<Instant>,
    pub end_reason: Option<String>,
    #[diesel(deserialize_as = MaybeMs)]
    pub last_fix_at: Option<Instant>,
    /// Since when nothing came, while somebody has been told of that.
    #[diesel(deserialize_as = MaybeMs)]
    pub silent_since: Option<Instant>,
}

impl Feed {
    /// Of a tag that never reported, it is when it was fitted.
    pub fn heard_at(&self) -> Instant {
        self.last_fix_at.unwrap_or(self.started_at)
    }
}

pub fn find(tx: &mut Tx<'_>, scope: Scope, id: FeedId) -> Result<Option<Feed>, StoreError> {
    let query = feeds::table
        .filter(feeds::id.eq(id))
        .filter(scope.sees("feeds.order_id"))
        .select(Feed::as_select());
    Ok(query.first(tx.conn).optional()?)
}

/// For the sweep, which acts for nobody.
pub fn find_for_service(tx: &mut Tx<'_>, id: FeedId) -> Result<Option<Feed>, StoreError> {
    Ok(feeds::table.find(id).select(Feed::as_select()).first(tx.conn).optional()?)
}

/// Whether a tag reports on the order. The caller has shown that the order is in scope.
pub fn is_any_open(tx: &mut Tx<'_>, order: OrderId) -> Result<bool, StoreError> {
    let query =
        feeds::table.filter(feeds::order_id.eq(order)).filter(feeds::ended_at.is_null()).count();
    let open: i64 = query.get_result(tx.conn)?;
    Ok(open > 0)
}

/// Puts a feed on file in its present state.
pub fn of_order(tx: &mut Tx<'_>, order: OrderId) -> Result<Vec<Feed>, StoreError> {
    let query = feeds::table.filter(feeds::order_id.eq(order)).select(Feed::as_select());
    Ok(query.load(tx.conn)?)
}

pub fn insert(tx: &mut Tx<'_>, feed: &Feed) -> Result<(), StoreError> {
    diesel::insert_into(feeds::table)
        .values((
            feeds::id.eq(feed.id),
            feeds::order_id.eq(feed.order_id),
            feeds::device_reference.eq(&feed.device_reference),
            feeds::interval_ms.eq(feed.interval_ms),
            feeds::started_at.eq(feed.started_at.ms()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// What changes about a feed: its end, what was heard last, and its silence.
pub fn update(tx: &mut Tx<'_>, feed: &Feed) -> Result<(), StoreError> {
    diesel::update(feeds::table.find(feed.id))
        .set((
            feeds::ended_at.eq(feed.ended_at.map(Instant::ms)),
            feeds::end_reason.eq(&feed.end_reason),
            feeds::last_fix_at.eq(feed.last_fix_at.map(Instant::ms)),
            feeds::silent_since.eq(feed.silent_since.map(Instant::ms)),
        ))
        .execute(tx.conn)?;
    Ok(())
}
