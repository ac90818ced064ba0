//! Who has the live stream open. Every instance keeps the rows of its own streams fresh; a row that
//! nobody keeps fresh counts for nothing and is swept out with the next opening.

use compliance::access::Role;
use compliance::instant::MINUTE_MS;
use compliance::{Instant, Word};
use diesel::prelude::*;

use super::id::{AccountId, StreamId};
use super::schema::{accounts, streams};
use super::{StoreError, Tx};

/// A row that was seen longer ago is of an instance that has ended.
pub const GONE_MS: i64 = MINUTE_MS;

/// How many are open: of an account, and in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Open {
    pub of_account: i64,
    pub in_all: i64,
}

pub fn count(tx: &mut Tx<'_>, account: AccountId, now: Instant) -> Result<Open, StoreError> {
    let fresh = streams::table.filter(streams::seen_at.gt((now + -GONE_MS).ms()));
    let of_account = fresh.filter(streams::account_id.eq(account)).count();
    Ok(Open {
        of_account: of_account.get_result(tx.conn)?,
        in_all: fresh.count().get_result(tx.conn)?,
    })
}

pub fn open(
    tx: &mut Tx<'_>,
    id: StreamId,
    account: AccountId,
    now: Instant,
) -> Result<(), StoreError> {
    let gone = streams::table.filter(streams::seen_at.le((now + -GONE_MS).ms()));
    diesel::delete(gone).execute(tx.conn)?;
    diesel::insert_into(streams::table)
        .values((
            streams::id.eq(id),
            streams::account_id.eq(account),
            streams::opened_at.eq(now.ms()),
            streams::seen_at.eq(now.ms()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Says whether the row is still there: after a long pause another opening may have swept it out.
pub fn seen(tx: &mut Tx<'_>, id: StreamId, now: Instant) -> Result<bool, StoreError> {
    let seen = diesel::update(streams::table.find(id))
        .set(streams::seen_at.eq(now.ms()))
        .execute(tx.conn)?;
    Ok(seen == 1)
}

pub fn close(tx: &mut Tx<'_>, id: StreamId) -> Result<(), StoreError> {
    diesel::delete(streams::table.find(id)).execute(tx.conn)?;
    Ok(())
}

/// Who sits at a desk of the control room with the stream open.
pub fn desks(tx: &mut Tx<'_>, now: Instant) -> Result<Vec<AccountId>, StoreError> {
    let query = streams::table
        .inner_join(accounts::table.on(accounts::id.eq(streams::account_id)))
        .filter(streams::seen_at.gt((now + -GONE_MS).ms()))
        .filter(accounts::disabled_at.is_null())
        .filter(accounts::role.eq(Role::ControlRoom.as_str()))
        .order(accounts::id)
        .select(accounts::id)
        .distinct();
    Ok(query.load(tx.conn)?)
}
