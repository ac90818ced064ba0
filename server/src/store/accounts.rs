//! Accounts: who may use the service, as what, and where.

use std::collections::{BTreeMap, BTreeSet};

use compliance::Instant;
use compliance::access::Role;
use diesel::prelude::*;

use super::id::{AccountId, OrderId, StationId};
use super::schema::{account_orders, account_stations, accounts, sign_in_failures};
use super::scope::Scope;
use super::types::{MaybeMs, Ms, Spelled};
use super::{StoreError, Tx};
use compliance::Word;

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = accounts)]
pub struct Account {
    pub id: AccountId,
    pub username: String,
    pub display_name: String,
    #[diesel(deserialize_as = Spelled)]
    pub role: Role,
    #[diesel(deserialize_as = Ms)]
    pub created_at: Instant,
    #[diesel(deserialize_as = MaybeMs)]
    pub disabled_at: Option<Instant>,
    /// Where they are told of alerts besides their phones.
    pub email: Option<String>,
}

pub fn find(tx: &mut Tx<'_>, id: AccountId) -> Result<Option<Account>, StoreError> {
    let query = accounts::table.find(id).select(Account::as_select());
    Ok(query.first(tx.conn).optional()?)
}

/// Names are compared without case; they are stored in lower case.
pub fn find_by_username(tx: &mut Tx<'_>, username: &str) -> Result<Option<Account>, StoreError> {
    let query = accounts::table
        .filter(accounts::username.eq(username.to_lowercase()))
        .select(Account::as_select());
    Ok(query.first(tx.conn).optional()?)
}

pub fn password_hash(tx: &mut Tx<'_>, id: AccountId) -> Result<Option<String>, StoreError> {
    let query = accounts::table.find(id).select(accounts::password_hash);
    Ok(query.first(tx.conn).optional()?)
}

pub fn all(tx: &mut Tx<'_>) -> Result<Vec<Account>, StoreError> {
    Ok(accounts::table.select(Account::as_select()).order(accounts::username).load(tx.conn)?)
}

/// What everybody is called.
pub fn names(tx: &mut Tx<'_>) -> Result<BTreeMap<AccountId, String>, StoreError> {
    let rows: Vec<(AccountId, String)> =
        accounts::table.select((accounts::id, accounts::display_name)).load(tx.conn)?;
    Ok(rows.into_iter().collect())
}

pub fn stations_of(tx: &mut Tx<'_>, id: AccountId) -> Result<Vec<StationId>, StoreError> {
    let query = account_stations::table
        .filter(account_stations::account_id.eq(id))
        .select(account_stations::station_id);
    Ok(query.load(tx.conn)?)
}

/// Where everybody works.
pub fn stations_by_account(
    tx: &mut Tx<'_>,
) -> Result<BTreeMap<AccountId, Vec<StationId>>, StoreError> {
    let rows: Vec<(AccountId, StationId)> = account_stations::table
        .select((account_stations::account_id, account_stations::station_id))
        .order((account_stations::account_id, account_stations::station_id))
        .load(tx.conn)?;
    let mut stations: BTreeMap<AccountId, Vec<StationId>> = BTreeMap::new();
    for (account, station) in rows {
        stations.entry(account).or_default().push(station);
    }
    Ok(stations)
}

/// A new account. The caller has made sure that the name is free.
pub fn insert(
    tx: &mut Tx<'_>,
    account: &Account,
    password_hash: &str,
    stations: &BTreeSet<StationId>,
) -> Result<(), StoreError> {
    diesel::insert_into(accounts::table)
        .values((
            accounts::id.eq(account.id),
            accounts::username.eq(account.username.to_lowercase()),
            accounts::display_name.eq(&account.display_name),
            accounts::role.eq(account.role.as_str()),
            accounts::password_hash.eq(password_hash),
            accounts::created_at.eq(account.created_at.ms()),
            accounts::disabled_at.eq(account.disabled_at.map(Instant::ms)),
        ))
        .execute(tx.conn)?;
    for station in stations {
        diesel::insert_into(account_stations::table)
            .values((
                account_stations::account_id.eq(account.id),
                account_stations::station_id.eq(station),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}

pub fn set_email(tx: &mut Tx<'_>, id: AccountId, email: Option<&str>) -> Result<(), StoreError> {
    diesel::update(accounts::table.find(id)).set(accounts::email.eq(email)).execute(tx.conn)?;
    Ok(())
}

/// Takes effect with the account's next request, on every instance.
pub fn disable(tx: &mut Tx<'_>, id: AccountId, now: Instant) -> Result<(), StoreError> {
    diesel::update(accounts::table.find(id))
        .set(accounts::disabled_at.eq(now.ms()))
        .execute(tx.conn)?;
    Ok(())
}

/// The same, unless the account may know of the case anyway.
pub fn keep_open(tx: &mut Tx<'_>, scope: Scope, order: OrderId) -> Result<(), StoreError> {
    if scope.sees_order(tx, order)? { Ok(()) } else { open_case(tx, scope.account, order) }
}

pub fn open_case(tx: &mut Tx<'_>, id: AccountId, order: OrderId) -> Result<(), StoreError> {
    diesel::insert_into(account_orders::table)
        .values((account_orders::account_id.eq(id), account_orders::order_id.eq(order)))
        .execute(tx.conn)?;
    Ok(())
}

/// How often signing in under a name has failed since it last succeeded, and until when it waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInFailures {
    pub failures: i64,
    pub locked_until: Instant,
}

pub fn sign_in_failures(
    tx: &mut Tx<'_>,
    username_digest: &[u8],
) -> Result<Option<SignInFailures>, StoreError> {
    let found = sign_in_failures::table
        .find(username_digest)
        .select((sign_in_failures::failures, sign_in_failures::locked_until))
        .first::<(i64, i64)>(tx.conn)
        .optional()?;
    Ok(found.map(|(failures, locked_until)| SignInFailures {
        failures,
        locked_until: Instant::from_ms(locked_until),
    }))
}

pub fn set_sign_in_failures(
    tx: &mut Tx<'_>,
    username_digest: &[u8],
    now: SignInFailures,
) -> Result<(), StoreError> {
    forget_sign_in_failures(tx, username_digest)?;
    diesel::insert_into(sign_in_failures::table)
        .values((
            sign_in_failures::username_digest.eq(username_digest),
            sign_in_failures::failures.eq(now.failures),
            sign_in_failures::locked_until.eq(now.locked_until.ms()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

pub fn forget_sign_in_failures(tx: &mut Tx<'_>, username_digest: &[u8]) -> Result<(), StoreError> {
    diesel::delete(sign_in_failures::table.find(username_digest)).execute(tx.conn)?;
    Ok(())
}
