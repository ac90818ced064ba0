//! Lists of what is due show more than the duty: when that has changed, they are handed out anew.

use compliance::Instant;
use compliance::instant::DAY_MS;
use diesel::dsl::max;
use diesel::prelude::*;

use super::super::id::{OrderId, StationId};
use super::super::schema::obligations;
use super::super::{StoreError, Tx};

/// What is older is on no phone any more.
const PAST_MS: i64 = 2 * DAY_MS;

/// Marks as changed what these orders ask for from two days ago on, and at each station at least
/// the last of it, so that no list on which they stand keeps its mark.
pub fn touch(tx: &mut Tx<'_>, orders: &[OrderId], now: Instant) -> Result<(), StoreError> {
    let change = tx.change()?;
    let lasts: Vec<(OrderId, StationId, Option<i64>)> = obligations::table
        .filter(obligations::order_id.eq_any(orders))
        .group_by((obligations::order_id, obligations::station_id))
        .select((obligations::order_id, obligations::station_id, max(obligations::closes_at)))
        .load(tx.conn)?;
    let since = (now + -PAST_MS).ms();
    for (order, station, last) in lasts {
        let touched = obligations::table
            .filter(obligations::order_id.eq(order))
            .filter(obligations::station_id.eq(station))
            .filter(obligations::closes_at.ge(last.map_or(since, |last| last.min(since))));
        diesel::update(touched).set(obligations::changed_in.eq(change)).execute(tx.conn)?;
    }
    Ok(())
}
