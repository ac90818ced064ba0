//! Keys made at first start and shared by every instance on this database.

use diesel::prelude::*;

use super::connection::{AnyConnection, on_each};
use super::schema::instance_keys;
use super::{StoreError, Tx};

pub fn find(tx: &mut Tx<'_>, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let query = instance_keys::table.find(name).select(instance_keys::value);
    Ok(query.first(tx.conn).optional()?)
}

pub fn insert(tx: &mut Tx<'_>, name: &str, value: &[u8]) -> Result<(), StoreError> {
    diesel::insert_into(instance_keys::table)
        .values((instance_keys::name.eq(name), instance_keys::value.eq(value)))
        .execute(tx.conn)?;
    Ok(())
}

/// The key of that name; `fresh` from now on when there is none. Of two who ask at once both are given
/// the same.
pub(in crate::store) fn kept(
    conn: &mut AnyConnection,
    name: &str,
    fresh: &[u8],
) -> Result<Vec<u8>, StoreError> {
    let query = || instance_keys::table.find(name).select(instance_keys::value);
    if let Some(found) = query().first(conn).optional()? {
        return Ok(found);
    }
    let row = (instance_keys::name.eq(name), instance_keys::value.eq(fresh));
    on_each!(conn, conn => {
        diesel::insert_into(instance_keys::table).values(row).on_conflict_do_nothing().execute(conn)
    })?;
    Ok(query().first(conn)?)
}
