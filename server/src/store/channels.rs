//! The channels besides web push: what the settings name is on file, so that whoever raises an alert,
//! in whatever process, knows which there are.

use compliance::Word;
use compliance::delivery::Channel;
use diesel::prelude::*;

use super::schema::channels;
use super::types::Spelled;
use super::{StoreError, Tx};

pub fn open(tx: &mut Tx<'_>) -> Result<Vec<Channel>, StoreError> {
    let names: Vec<Spelled> = channels::table.select(channels::name).load(tx.conn)?;
    names.into_iter().map(Channel::try_from).collect()
}

/// These and no others.
pub fn set(tx: &mut Tx<'_>, to: &[Channel]) -> Result<(), StoreError> {
    diesel::delete(channels::table).execute(tx.conn)?;
    for channel in to {
        diesel::insert_into(channels::table)
            .values(channels::name.eq(channel.as_str()))
            .execute(tx.conn)?;
    }
    Ok(())
}
