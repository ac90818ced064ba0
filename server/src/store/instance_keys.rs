//! Keys made at first start and shared by every instance on this database.

use diesel::prelude::*;

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
