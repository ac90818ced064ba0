//! Treatment providers, and the links through which they say who came.

use compliance::Instant;
use diesel::prelude::*;

use super::id::{AccountId, ProviderId};
use super::schema::{provider_links, providers};
use super::{StoreError, Tx};

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = providers)]
pub struct Provider {
    pub id: ProviderId,
    pub code: String,
    pub name: String,
    /// Whom to ask when an outcome is missing.
    pub contact: String,
}

/// The right to speak for a provider until it runs out or is ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLink {
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
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Changes what is on file under the provider's id; its code stays.
pub fn update(tx: &mut Tx<'_>, provider: &Provider) -> Result<(), StoreError> {
    diesel::update(providers::table.find(provider.id))
        .set((providers::name.eq(&provider.name), providers::contact.eq(&provider.contact)))
        .execute(tx.conn)?;
    Ok(())
}

pub fn insert_link(tx: &mut Tx<'_>, link: &NewLink) -> Result<(), StoreError> {
    diesel::insert_into(provider_links::table)
        .values((
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
