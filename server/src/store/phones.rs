//! Phones at stations: sessions that have confirmed or synced there.

use compliance::Instant;
use compliance::held_record::{PhoneAtStation, USED_WITHIN_MS};
use diesel::prelude::*;

use super::id::{AccountId, PhoneId, StationId};
use super::schema::{account_stations, accounts, sessions, station_phones, stations};
use super::types::{MaybeMs, Ms};
use super::{StoreError, Tx};

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = station_phones)]
pub struct Phone {
    pub id: PhoneId,
    pub token_digest: Vec<u8>,
    pub station_id: StationId,
    pub account_id: AccountId,
    #[diesel(deserialize_as = Ms)]
    pub signed_in_at: Instant,
    #[diesel(deserialize_as = Ms)]
    pub used_at: Instant,
    #[diesel(deserialize_as = MaybeMs)]
    pub synced_at: Option<Instant>,
    #[diesel(deserialize_as = MaybeMs)]
    pub gone_at: Option<Instant>,
    pub gone_because: Option<String>,
}

/// Why a phone is gone whose session a supervisor ended, because it will not come back.
pub const LOST: &str = "lost";

impl Phone {
    pub fn known(&self) -> PhoneAtStation {
        PhoneAtStation {
            signed_in_at: self.signed_in_at,
            used_at: self.used_at,
            synced_at: self.synced_at,
            gone_at: self.gone_at,
            is_lost: self.gone_because.as_deref() == Some(LOST),
        }
    }
}

/// When a session was last noted to be in use at a station. Asked with every confirmation.
pub fn used_at(
    tx: &mut Tx<'_>,
    token_digest: &[u8],
    station: StationId,
) -> Result<Option<Instant>, StoreError> {
    let query = station_phones::table
        .filter(station_phones::token_digest.eq(token_digest))
        .filter(station_phones::station_id.eq(station))
        .select(station_phones::used_at);
    let found: Option<i64> = query.first(tx.conn).optional()?;
    Ok(found.map(Instant::from_ms))
}

/// Notes that a session is in use at a station.
pub fn use_at(
    tx: &mut Tx<'_>,
    id: PhoneId,
    (token_digest, station): (&[u8], StationId),
    now: Instant,
) -> Result<(), StoreError> {
    let of_session = station_phones::token_digest.eq(token_digest);
    let updated = diesel::update(
        station_phones::table.filter(of_session).filter(station_phones::station_id.eq(station)),
    )
    .set(station_phones::used_at.eq(now.ms()))
    .execute(tx.conn)?;
    if updated > 0 {
        return Ok(());
    }
    let (account, signed_in_at, expires_at): (AccountId, i64, i64) = sessions::table
        .find(token_digest)
        .select((sessions::account_id, sessions::created_at, sessions::expires_at))
        .first(tx.conn)?;
    diesel::insert_into(station_phones::table)
        .values((
            station_phones::id.eq(id),
            station_phones::token_digest.eq(token_digest),
            station_phones::station_id.eq(station),
            station_phones::account_id.eq(account),
            station_phones::signed_in_at.eq(signed_in_at),
            station_phones::expires_at.eq(expires_at),
            station_phones::used_at.eq(now.ms()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The stations at which an account works, whatever else it may see.
pub fn workplaces(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<StationId>, StoreError> {
    let query = account_stations::table
        .filter(account_stations::account_id.eq(account))
        .order(account_stations::station_id)
        .select(account_stations::station_id);
    Ok(query.load(tx.conn)?)
}

/// A station at which a phone was in use, and up to when it had handed over everything before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = station_phones)]
pub struct HandedOver {
    pub station_id: StationId,
    #[diesel(deserialize_as = MaybeMs, column_name = synced_at)]
    pub until: Option<Instant>,
}

/// A session has handed over everything; says at which stations it is in use.
pub fn synced(
    tx: &mut Tx<'_>,
    token_digest: &[u8],
    now: Instant,
) -> Result<Vec<HandedOver>, StoreError> {
    let of_session = station_phones::table.filter(station_phones::token_digest.eq(token_digest));
    let before = of_session.select(HandedOver::as_select()).load(tx.conn)?;
    diesel::update(of_session)
        .set((station_phones::used_at.eq(now.ms()), station_phones::synced_at.eq(now.ms())))
        .execute(tx.conn)?;
    Ok(before)
}

/// The sessions of an account that have run out: what they held comes with a later one.
pub fn run_out(
    tx: &mut Tx<'_>,
    account: AccountId,
    now: Instant,
) -> Result<Vec<Vec<u8>>, StoreError> {
    let query = station_phones::table
        .filter(station_phones::account_id.eq(account))
        .filter(station_phones::gone_at.is_null())
        .filter(station_phones::expires_at.le(now.ms()))
        .select(station_phones::token_digest)
        .distinct();
    Ok(query.load(tx.conn)?)
}

/// A session holds nothing any more; says at which stations it was in use.
pub fn gone(
    tx: &mut Tx<'_>,
    token_digest: &[u8],
    (because, now): (&str, Instant),
) -> Result<Vec<HandedOver>, StoreError> {
    let of_session = station_phones::table
        .filter(station_phones::token_digest.eq(token_digest))
        .filter(station_phones::gone_at.is_null());
    let before = of_session.select(HandedOver::as_select()).load(tx.conn)?;
    diesel::update(of_session)
        .set((station_phones::gone_at.eq(now.ms()), station_phones::gone_because.eq(because)))
        .execute(tx.conn)?;
    Ok(before)
}

pub fn find(tx: &mut Tx<'_>, id: PhoneId) -> Result<Option<Phone>, StoreError> {
    Ok(station_phones::table.find(id).select(Phone::as_select()).first(tx.conn).optional()?)
}

/// A phone with the words that people know it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneInContext {
    pub phone: Phone,
    pub station_name: String,
    pub account_name: String,
}

/// The phones that may have been at these stations when a window closed, or since.
pub fn at_stations(
    tx: &mut Tx<'_>,
    at: &[StationId],
    closes_at: Instant,
) -> Result<Vec<PhoneInContext>, StoreError> {
    let rows: Vec<(Phone, String, String)> = station_phones::table
        .inner_join(stations::table.on(stations::id.eq(station_phones::station_id)))
        .inner_join(accounts::table.on(accounts::id.eq(station_phones::account_id)))
        .filter(station_phones::station_id.eq_any(at))
        .filter(station_phones::used_at.ge((closes_at + -USED_WITHIN_MS).ms()))
        .order((station_phones::synced_at, station_phones::id))
        .select((Phone::as_select(), stations::name, accounts::display_name))
        .load(tx.conn)?;
    let in_context =
        |(phone, station_name, account_name)| PhoneInContext { phone, station_name, account_name };
    Ok(rows.into_iter().map(in_context).collect())
}
