//! How often something that asks for no session was done. A window begins with the first time and is
//! over by itself; what is over is swept out with the next count.

use compliance::Instant;
use diesel::prelude::*;

use super::schema::throttles;
use super::{StoreError, Tx};

/// Counts once more; says how long to wait when it was too often, and then counts nothing.
pub fn count(
    tx: &mut Tx<'_>,
    key_digest: &[u8],
    (times_max, window_ms): (i64, i64),
    now: Instant,
) -> Result<Result<(), i64>, StoreError> {
    diesel::delete(throttles::table.filter(throttles::resets_at.le(now.ms()))).execute(tx.conn)?;
    let found: Option<(i64, i64)> = throttles::table
        .find(key_digest)
        .select((throttles::times, throttles::resets_at))
        .first(tx.conn)
        .optional()?;
    match found {
        Some((times, resets_at)) if times >= times_max => {
            return Ok(Err(Instant::from_ms(resets_at) - now));
        }
        Some((times, _)) => {
            diesel::update(throttles::table.find(key_digest))
                .set(throttles::times.eq(times + 1))
                .execute(tx.conn)?;
        }
        None => {
            diesel::insert_into(throttles::table)
                .values((
                    throttles::key_digest.eq(key_digest),
                    throttles::times.eq(1),
                    throttles::resets_at.eq((now + window_ms).ms()),
                ))
                .execute(tx.conn)?;
        }
    }
    Ok(Ok(()))
}
