//! The keys with which phones sign, bound to accounts.

use compliance::Instant;
use diesel::prelude::*;

use super::id::{AccountId, PhoneKeyId};
use super::schema::{account_stations, accounts, phone_keys};
use super::types::{MaybeMs, Ms};
use super::{StoreError, Tx};

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = phone_keys)]
pub struct PhoneKey {
    pub id: PhoneKeyId,
    pub account_id: AccountId,
    pub public_key: Vec<u8>,
    /// What the phone calls itself.
    pub name: String,
    /// Of the session that enrolled it last.
    pub token_digest: Vec<u8>,
    #[diesel(deserialize_as = Ms)]
    pub enrolled_at: Instant,
    #[diesel(deserialize_as = Ms)]
    pub expires_at: Instant,
    #[diesel(deserialize_as = MaybeMs)]
    pub revoked_at: Option<Instant>,
    pub revoked_by: Option<AccountId>,
    pub revoked_because: Option<String>,
    /// Every number up to this one has come, or was reported missing.
    pub checked_to: i64,
}

/// Whosever it is: a key names its account, and what of it may be told, the caller of this decides by that.
pub fn find(tx: &mut Tx<'_>, id: PhoneKeyId) -> Result<Option<PhoneKey>, StoreError> {
    Ok(phone_keys::table.find(id).select(PhoneKey::as_select()).first(tx.conn).optional()?)
}

/// The public keys of these, whosever they are: they never change.
pub fn public_keys(
    tx: &mut Tx<'_>,
    ids: &[PhoneKeyId],
) -> Result<Vec<(PhoneKeyId, Vec<u8>)>, StoreError> {
    let query = phone_keys::table
        .filter(phone_keys::id.eq_any(ids))
        .select((phone_keys::id, phone_keys::public_key));
    Ok(query.load(tx.conn)?)
}

pub fn is_taken(tx: &mut Tx<'_>, public_key: &[u8]) -> Result<bool, StoreError> {
    let query = phone_keys::table
        .filter(phone_keys::public_key.eq(public_key))
        .select(phone_keys::id)
        .first::<PhoneKeyId>(tx.conn);
    Ok(query.optional()?.is_some())
}

pub fn insert(tx: &mut Tx<'_>, key: &PhoneKey) -> Result<(), StoreError> {
    diesel::insert_into(phone_keys::table)
        .values((
            phone_keys::id.eq(key.id),
            phone_keys::account_id.eq(key.account_id),
            phone_keys::public_key.eq(&key.public_key),
            phone_keys::name.eq(&key.name),
            phone_keys::token_digest.eq(&key.token_digest),
            phone_keys::enrolled_at.eq(key.enrolled_at.ms()),
            phone_keys::expires_at.eq(key.expires_at.ms()),
            phone_keys::checked_to.eq(key.checked_to),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The phone has signed in anew.
pub fn renew(
    tx: &mut Tx<'_>,
    id: PhoneKeyId,
    token_digest: &[u8],
    expires_at: Instant,
) -> Result<(), StoreError> {
    diesel::update(phone_keys::table.find(id))
        .set((
            phone_keys::token_digest.eq(token_digest),
            phone_keys::expires_at.eq(expires_at.ms()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

pub fn revoke(
    tx: &mut Tx<'_>,
    id: PhoneKeyId,
    (by, because): (Option<AccountId>, &str),
    now: Instant,
) -> Result<(), StoreError> {
    diesel::update(phone_keys::table.find(id))
        .set((
            phone_keys::revoked_at.eq(now.ms()),
            phone_keys::revoked_by.eq(by),
            phone_keys::revoked_because.eq(because),
        ))
        .execute(tx.conn)?;
    Ok(())
}

pub fn set_checked_to(tx: &mut Tx<'_>, id: PhoneKeyId, sequence: i64) -> Result<(), StoreError> {
    diesel::update(phone_keys::table.find(id))
        .set(phone_keys::checked_to.eq(sequence))
        .execute(tx.conn)?;
    Ok(())
}

/// Those that a session enrolled last and nobody has revoked.
pub fn of_session(tx: &mut Tx<'_>, token_digest: &[u8]) -> Result<Vec<PhoneKey>, StoreError> {
    let query = phone_keys::table
        .filter(phone_keys::token_digest.eq(token_digest))
        .filter(phone_keys::revoked_at.is_null())
        .select(PhoneKey::as_select());
    Ok(query.load(tx.conn)?)
}

/// Those of an account that nobody has revoked.
pub fn of_account(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<PhoneKey>, StoreError> {
    let query = phone_keys::table
        .filter(phone_keys::account_id.eq(account))
        .filter(phone_keys::revoked_at.is_null())
        .select(PhoneKey::as_select());
    Ok(query.load(tx.conn)?)
}

/// A key with the words that people know it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneKeyInContext {
    pub key: PhoneKey,
    pub account_name: String,
    pub revoked_by_name: Option<String>,
}

diesel::alias!(accounts as revokers: Revokers, account_stations as theirs: Theirs);

/// An account's own keys and, for whoever keeps phones, those of everybody who works where they do; the
/// latest first.
pub fn list(
    tx: &mut Tx<'_>,
    account: AccountId,
    keeps_phones: bool,
) -> Result<Vec<PhoneKeyInContext>, StoreError> {
    let mut query = phone_keys::table
        .inner_join(accounts::table.on(accounts::id.eq(phone_keys::account_id)))
        .left_join(revokers.on(phone_keys::revoked_by.eq(revokers.field(accounts::id).nullable())))
        .select((
            PhoneKey::as_select(),
            accounts::display_name,
            revokers.field(accounts::display_name).nullable(),
        ))
        .into_boxed();
    if keeps_phones {
        let mine = account_stations::table
            .filter(account_stations::account_id.eq(account))
            .select(account_stations::station_id);
        let colleagues = theirs
            .filter(theirs.field(account_stations::station_id).eq_any(mine))
            .select(theirs.field(account_stations::account_id));
        query = query.filter(
            phone_keys::account_id.eq(account).or(phone_keys::account_id.eq_any(colleagues)),
        );
    } else {
        query = query.filter(phone_keys::account_id.eq(account));
    }
    let rows: Vec<(PhoneKey, String, Option<String>)> =
        query.order((phone_keys::enrolled_at.desc(), phone_keys::id.desc())).load(tx.conn)?;
    let in_context = |(key, account_name, revoked_by_name)| PhoneKeyInContext {
        key,
        account_name,
        revoked_by_name,
    };
    Ok(rows.into_iter().map(in_context).collect())
}

/// Whether two accounts work at one station.
pub fn work_together(
    tx: &mut Tx<'_>,
    one: AccountId,
    other: AccountId,
) -> Result<bool, StoreError> {
    let mine = account_stations::table
        .filter(account_stations::account_id.eq(one))
        .select(account_stations::station_id);
    let shared = theirs
        .filter(theirs.field(account_stations::account_id).eq(other))
        .filter(theirs.field(account_stations::station_id).eq_any(mine))
        .select(theirs.field(account_stations::station_id))
        .first::<super::id::StationId>(tx.conn);
    Ok(shared.optional()?.is_some())
}
