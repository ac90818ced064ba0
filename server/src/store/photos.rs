//! Photos: the files themselves. What each shows, and of whom, is in its fact.

use diesel::prelude::*;

use super::id::FactId;
use super::schema::photos;
use super::{StoreError, Tx};

/// The caller has shown that the photo is in scope by having its fact.
pub fn find(tx: &mut Tx<'_>, id: FactId) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(photos::table.find(id).select(photos::image).first(tx.conn).optional()?)
}

pub fn insert(tx: &mut Tx<'_>, id: FactId, image: &[u8]) -> Result<(), StoreError> {
    diesel::insert_into(photos::table)
        .values((photos::fact_id.eq(id), photos::image.eq(image)))
        .execute(tx.conn)?;
    Ok(())
}
