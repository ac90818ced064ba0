//! Treatment providers, and the links through which they say who came.

use compliance::Instant;
use compliance::place::Position;
use diesel::prelude::*;

use super::id::{AccountId, ProviderId, ProviderLinkId};
use super::schema::{accounts, provider_links, providers};
use super::types::{MaybeMs, Ms};
use super::{StoreError, Tx};

#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = providers)]
pub struct Provider {
    pub id: ProviderId,
    pub code: String,
    pub name: String,
    /// Whom to ask when an outcome is missing.
    pub contact: String,
    /// Where sessions are held, if that is known.
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
}

impl Provider {
    pub fn position(&self) -> Option<Position> {
        let (latitude, longitude) = self.latitude.zip(self.longitude)?;
        Some(Position { latitude, longitude })
    }
}

/// The right to speak for a provider until it runs out or is ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLink {
    pub id: ProviderLinkId,
    pub token_digest: [u8; 32],
    pub provider: ProviderId,
    pub created_at: Instant,
    pub created_by: AccountId,
    pub expires_at: Instant,
}

pub fn find(tx: &mut Tx<'_>, id: ProviderId) -> Result<Option<Provider>, StoreError> {
    let query = providers::table.find(id).select(Provider::as_select());
    Ok(query.first(tx.conn).optional()?)
}

pub fn find_by_code(tx: &mut Tx<'_>, code: &str) -> Result<Option<Provider>, StoreError> {
    let query = providers::table.filter(providers::code.eq(code)).select(Provider::as_select());
    Ok(query.first(tx.conn).optional()?)
}

pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Provider>, StoreError> {
    let query = providers::table.order(providers::code).select(Provider::as_select());
    Ok(query.load(tx.conn)?)
}

pub fn insert(tx: &mut Tx<'_>, provider: &Provider) -> Result<(), StoreError> {
    diesel::insert_into(providers::table)
        .values((
            providers::id.eq(provider.id),
            providers::code.eq(&provider.code),
            providers::name.eq(&provider.name),
            providers::contact.eq(&provider.contact),
            providers::latitude.eq(provider.latitude),
            providers::longitude.eq(provider.longitude),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Changes what is on file under the provider's id; its code stays.
pub fn update(tx: &mut Tx<'_>, provider: &Provider) -> Result<(), StoreError> {
    diesel::update(providers::table.find(provider.id))
        .set((
            providers::name.eq(&provider.name),
            providers::contact.eq(&provider.contact),
            providers::latitude.eq(provider.latitude),
            providers::longitude.eq(provider.longitude),
        ))
        .execute(tx.conn)?;
    Ok(())
}

pub fn insert_link(tx: &mut Tx<'_>, link: &NewLink) -> Result<(), StoreError> {
    diesel::insert_into(provider_links::table)
        .values((
            provider_links::id.eq(link.id),
            provider_links::token_digest.eq(link.token_digest.as_slice()),
            provider_links::provider_id.eq(link.provider),
            provider_links::created_at.eq(link.created_at.ms()),
            provider_links::created_by.eq(link.created_by),
            provider_links::expires_at.eq(link.expires_at.ms()),
            provider_links::ended_at.eq(None::<i64>),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The provider for whom a token speaks at `now`.
pub fn find_by_token(
    tx: &mut Tx<'_>,
    token_digest: &[u8],
    now: Instant,
) -> Result<Option<Provider>, StoreError> {
    let query = provider_links::table
        .inner_join(providers::table.on(providers::id.eq(provider_links::provider_id)))
        .filter(provider_links::token_digest.eq(token_digest))
        .filter(provider_links::expires_at.gt(now.ms()))
        .filter(provider_links::ended_at.is_null())
        .select(Provider::as_select());
    Ok(query.first(tx.conn).optional()?)
}

/// A link as it is on file: everything but its token.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = provider_links)]
pub struct Link {
    pub id: ProviderLinkId,
    pub provider_id: ProviderId,
    #[diesel(deserialize_as = Ms)]
    pub created_at: Instant,
    #[diesel(deserialize_as = Ms)]
    pub expires_at: Instant,
    #[diesel(deserialize_as = MaybeMs)]
    pub ended_at: Option<Instant>,
    pub ended_by: Option<AccountId>,
}

impl Link {
    pub fn is_good(&self, now: Instant) -> bool {
        self.ended_at.is_none() && now < self.expires_at
    }
}

/// A provider's links, each with who made it, the latest first.
pub fn links(tx: &mut Tx<'_>, provider: ProviderId) -> Result<Vec<(Link, String)>, StoreError> {
    let query = provider_links::table
        .inner_join(accounts::table.on(accounts::id.eq(provider_links::created_by)))
        .filter(provider_links::provider_id.eq(provider))
        .order((provider_links::created_at.desc(), provider_links::id.desc()))
        .select((Link::as_select(), accounts::display_name));
    Ok(query.load(tx.conn)?)
}

pub fn find_link(tx: &mut Tx<'_>, id: ProviderLinkId) -> Result<Option<Link>, StoreError> {
    let query = provider_links::table.filter(provider_links::id.eq(id)).select(Link::as_select());
    Ok(query.first(tx.conn).optional()?)
}

/// The token is good for nothing from now on.
pub fn end_link(
    tx: &mut Tx<'_>,
    id: ProviderLinkId,
    (by, now): (AccountId, Instant),
) -> Result<(), StoreError> {
    diesel::update(provider_links::table.filter(provider_links::id.eq(id)))
        .set((provider_links::ended_at.eq(now.ms()), provider_links::ended_by.eq(by)))
        .execute(tx.conn)?;
    Ok(())
}
