//! Sessions: opaque, kept here, so that ending one takes effect at once and everywhere.

use compliance::Instant;
use diesel::prelude::*;

use super::accounts::Account;
use super::id::AccountId;
use super::schema::{accounts, sessions};
use super::types::Ms;
use super::{StoreError, Tx};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    pub token_digest: [u8; 32],
    pub account: AccountId,
    /// `cookie` or `bearer`: a token is good only the way it was given out.
    pub carrier: &'static str,
    pub created_at: Instant,
    pub expires_at: Instant,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub struct Session {
    #[diesel(deserialize_as = Ms)]
    pub last_seen_at: Instant,
    #[diesel(deserialize_as = Ms)]
    pub expires_at: Instant,
}

pub fn insert(tx: &mut Tx<'_>, session: &NewSession) -> Result<(), StoreError> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::token_digest.eq(session.token_digest.as_slice()),
            sessions::account_id.eq(session.account),
            sessions::carrier.eq(session.carrier),
            sessions::created_at.eq(session.created_at.ms()),
            sessions::last_seen_at.eq(session.created_at.ms()),
            sessions::expires_at.eq(session.expires_at.ms()),
            sessions::ended_at.eq(None::<i64>),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// A session that has not ended, with its account if that is not disabled. Whether it has run out,
/// the caller judges.
pub fn find(
    tx: &mut Tx<'_>,
    token_digest: &[u8],
    carrier: &str,
) -> Result<Option<(Session, Account)>, StoreError> {
    let query = sessions::table
        .inner_join(accounts::table.on(accounts::id.eq(sessions::account_id)))
        .filter(sessions::token_digest.eq(token_digest))
        .filter(sessions::carrier.eq(carrier))
        .filter(sessions::ended_at.is_null())
        .filter(accounts::disabled_at.is_null())
        .select((Session::as_select(), Account::as_select()));
    Ok(query.first(tx.conn).optional()?)
}

pub fn seen(tx: &mut Tx<'_>, token_digest: &[u8], now: Instant) -> Result<(), StoreError> {
    diesel::update(sessions::table.find(token_digest))
        .set(sessions::last_seen_at.eq(now.ms()))
        .execute(tx.conn)?;
    Ok(())
}

pub fn end(tx: &mut Tx<'_>, token_digest: &[u8], now: Instant) -> Result<(), StoreError> {
    diesel::update(sessions::table.find(token_digest).filter(sessions::ended_at.is_null()))
        .set(sessions::ended_at.eq(now.ms()))
        .execute(tx.conn)?;
    Ok(())
}
