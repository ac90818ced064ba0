//! `list_ledger_entries`: who did and read what.

use actix_web::{HttpResponse, get, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::{Caller, act};
use super::problem::{Kind, Problem};
use super::wire::{Limit, Timestamp};
use crate::identity::{hex, sha256};
use crate::operations::Actor;
use crate::refusal::Refusal;
use crate::store::Tx;
use crate::store::id::AccountId;
use crate::store::ledger::{self, Chain, LedgerEntry, NewEntry};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LedgerQuery {
    /// `order:ID`, `station:ID`, `account:ID`, `concern:ID` or `service`.
    #[param(example = "service")]
    chain: String,
    /// `next` of the page before; from the newest when left out.
    before: Option<i64>,
    /// How many at most; 100 when left out.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 500)]
    limit: Limit,
}

/// A page of a chain, the newest entry first.
#[derive(Serialize, ToSchema)]
pub struct LedgerPage {
    pub chain: String,
    pub entries: Vec<WireLedgerEntry>,
    /// For `before`, when there are more.
    pub next: Option<i64>,
}

/// Who did or read what. Its digest covers everything in it and the digest of the entry before; of
/// `body_digest` and `salt` it covers the seal, which is all that a pack for disclosure shows of them.
#[derive(Serialize, ToSchema)]
#[schema(as = LedgerEntry)]
pub struct WireLedgerEntry {
    /// From 1, without gaps.
    pub seq: i64,
    pub recorded_at: Timestamp,
    /// Nobody when the service did it by itself.
    pub actor: Option<AccountId>,
    #[schema(example = "confirm_sign_on")]
    pub act: String,
    /// The thing, by kind and id.
    pub object: String,
    /// Ids and codes only.
    pub detail: String,
    /// SHA-256 of the fact, in hex.
    pub body_digest: String,
    /// In hex; with it `body_digest` is sealed. None in entries of before there were seals.
    pub salt: Option<String>,
    /// SHA-256, in hex.
    pub digest: String,
}

impl From<LedgerEntry> for WireLedgerEntry {
    fn from(entry: LedgerEntry) -> Self {
        Self {
            seq: entry.seq,
            recorded_at: entry.recorded_at.into(),
            actor: entry.actor,
            act: entry.act,
            object: entry.object,
            detail: entry.detail,
            body_digest: hex(&entry.body_digest),
            salt: entry.salt.as_deref().map(hex),
            digest: hex(&entry.digest),
        }
    }
}

/// Lists what is recorded in one chain of the ledger.
///
/// The newest entry first. Reading the ledger is recorded too, in the reader's own chain.
#[utoipa::path(
    tag = "Ledger",
    params(LedgerQuery),
    responses((status = 200, description = "A page of the chain", body = LedgerPage)),
)]
#[get("/ledger-entries")]
pub async fn list_ledger_entries(
    caller: Caller<act::ReadLedger>,
    query: web::Query<LedgerQuery>,
) -> Result<HttpResponse, Problem> {
    let chain: Chain = query.chain.parse().map_err(|says: String| {
        Problem::because(Kind::InvalidParameter, format!("chain {says}"))
    })?;
    let (actor, Limit(at_most)) = (caller.actor(), query.limit);
    let before = query.before.unwrap_or(i64::MAX);
    let found = caller.write(move |tx| read(tx, &actor, chain, (before, at_most))).await?;
    let next = found.last().map(|last| last.seq).filter(|seq| *seq > 1);
    Ok(HttpResponse::Ok().json(LedgerPage {
        chain: chain.to_string(),
        entries: found.into_iter().map(WireLedgerEntry::from).collect(),
        next,
    }))
}

fn read(
    tx: &mut Tx<'_>,
    actor: &Actor,
    chain: Chain,
    (before, at_most): (i64, i64),
) -> Result<Vec<LedgerEntry>, Refusal> {
    let found = ledger::page(tx, &chain.to_string(), before, at_most)?;
    let seqs = found.first().zip(found.last());
    let seqs = seqs.map_or_else(String::new, |(new, old)| format!("{}-{}", old.seq, new.seq));
    let entry = NewEntry {
        chain: Chain::Account(actor.scope.account),
        actor: Some(actor.scope.account),
        act: "list_ledger_entries",
        object: chain.to_string(),
        body_digest: sha256(seqs.as_bytes()),
        detail: format!("seq:{seqs}"),
    };
    ledger::append(tx, actor.now, vec![entry])?;
    Ok(found)
}
