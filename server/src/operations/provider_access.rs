//! What a treatment provider may know and say through a link: who is expected when, and who came.
//! Nothing of the case.

use compliance::Instant;
use compliance::instant::DAY_MS;
use compliance::treatment::SessionFinding;

use super::Actor;
use super::record_fact::Recorded;
use super::record_treatment::record_providers_outcome;
use super::treatment::{Outcome, SessionOnFile, session, sessions_of};
use crate::identity::{Token, sha256};
use crate::refusal::Refusal;
use crate::store::facts;
use crate::store::id::{FactId, ProviderId, ProviderLinkId};
use crate::store::ledger::{self, Chain, NewEntry};
use crate::store::providers::{self, Link, NewLink, Provider};
use crate::store::{StoreError, Tx, orders, subjects};

/// A link outlives a course of treatment's quarter, not the people who work there.
pub const LINK_MS_MAX: i64 = 90 * DAY_MS;
/// What ended longer ago is settled with the officer in the case.
const LISTED_MS: i64 = 30 * DAY_MS;
/// A programme is over within this time of being arranged.
const ARRANGED_MS: i64 = 800 * DAY_MS;

pub fn create_link(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (provider, id, expires_at): (ProviderId, ProviderLinkId, Instant),
    token: &Token,
) -> Result<Provider, Refusal> {
    let found = providers::find(tx, provider)?.ok_or(Refusal::NotFound("provider"))?;
    if expires_at <= actor.now || actor.now + LINK_MS_MAX < expires_at {
        return Err(Refusal::field("/expires_at", "is at most 90 days ahead"));
    }
    let link = NewLink {
        id,
        token_digest: token.digest(),
        provider,
        created_at: actor.now,
        created_by: actor.scope.account,
        expires_at,
    };
    providers::insert_link(tx, &link)?;
    let entry = NewEntry {
        chain: Chain::Account(actor.scope.account),
        actor: Some(actor.scope.account),
        act: "create_provider_link",
        object: format!("provider_link:{id}"),
        detail: format!("provider:{provider} until {expires_at}"),
        body_digest: sha256(&link.token_digest),
    };
    ledger::append(tx, actor.now, vec![entry])?;
    Ok(found)
}

/// A provider's links, without their tokens.
pub fn list_links(tx: &mut Tx<'_>, provider: ProviderId) -> Result<Vec<(Link, String)>, Refusal> {
    providers::find(tx, provider)?.ok_or(Refusal::NotFound("provider"))?;
    Ok(providers::links(tx, provider)?)
}

/// From now on its token is good for nothing. Ending it twice changes nothing.
pub fn end_link(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (provider, id): (ProviderId, ProviderLinkId),
) -> Result<(), Refusal> {
    let found = providers::find_link(tx, id)?.filter(|link| link.provider_id == provider);
    let link = found.ok_or(Refusal::NotFound("provider link"))?;
    if link.ended_at.is_some() {
        return Ok(());
    }
    let by = actor.scope.account;
    providers::end_link(tx, id, (by, actor.now))?;
    let entry = NewEntry {
        chain: Chain::Account(by),
        actor: Some(by),
        act: "end_provider_link",
        object: format!("provider_link:{id}"),
        detail: format!("provider:{provider}"),
        body_digest: sha256(id.as_bytes()),
    };
    Ok(ledger::append(tx, actor.now, vec![entry])?)
}

/// A session as its provider sees it.
pub struct ProviderSession {
    pub session: SessionOnFile,
    pub finding: SessionFinding,
    pub given_name: String,
    pub initials: String,
}

/// The provider's own sessions. What was disclosed to whom is in the ledger.
pub fn list_provider_sessions(
    tx: &mut Tx<'_>,
    provider: ProviderId,
    now: Instant,
) -> Result<Vec<ProviderSession>, StoreError> {
    let known = facts::of_party(tx, provider.uuid(), now + -ARRANGED_MS)?;
    let mut listed = Vec::new();
    let mut told = Vec::new();
    for session in sessions_of(known)? {
        if session.session.window.closes_at < now + -LISTED_MS {
            continue;
        }
        let Some(order) = orders::find_for_service(tx, session.order)? else { continue };
        let Some(subject) = subjects::find_for_service(tx, order.subject_id)? else { continue };
        let given_name = subject.given_names.split_whitespace().next().unwrap_or_default();
        let initials = [&subject.given_names, &subject.family_name];
        told.push(NewEntry {
            chain: Chain::Order(order.id),
            actor: None,
            act: "list_provider_sessions",
            object: format!("session:{}", session.id),
            detail: format!("provider:{provider}"),
            body_digest: sha256(session.id.as_bytes()),
        });
        listed.push(ProviderSession {
            finding: session.assess(now),
            given_name: given_name.to_owned(),
            initials: initials.iter().filter_map(|name| name.chars().next()).collect(),
            session,
        });
    }
    ledger::append(tx, now, told)?;
    Ok(listed)
}

/// Another provider's session is not there.
pub fn report_provider_outcome(
    tx: &mut Tx<'_>,
    (provider, now): (ProviderId, Instant),
    (id, record): (FactId, FactId),
    outcome: &Outcome,
) -> Result<Recorded, Refusal> {
    let found = session(tx, id)?;
    if found.provider != provider {
        return Err(Refusal::NotFound("session"));
    }
    let order = orders::find_for_service(tx, found.order)?.ok_or(Refusal::NotFound("session"))?;
    record_providers_outcome(tx, now, (&found, &order), (record, outcome))
}
