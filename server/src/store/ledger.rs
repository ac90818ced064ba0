//! The ledger's rows. An entry is appended in the transaction of the fact that it records.

use std::collections::BTreeMap;

use compliance::Instant;
use compliance::ledger::{Covered, Entry, GENESIS, LedgerDigest, Misfit, SaltKey, Verifier, seal};
use diesel::dsl::max;
use diesel::prelude::*;

use super::connection::on_each;
use super::id::{AccountId, ConcernId, OrderId, StationId};
use super::schema::ledger_entries;
use super::statement::{Statement, Value};
use super::types::Ms;
use super::{StoreError, Tx};

/// One chain for each case, so that cases never wait for each other; the rest is split by whom or
/// what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Chain {
    Order(OrderId),
    Station(StationId),
    Account(AccountId),
    /// A report of concern while it is not known which order it is about.
    Concern(ConcernId),
    Service,
}

impl std::fmt::Display for Chain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Order(id) => write!(f, "order:{id}"),
            Self::Station(id) => write!(f, "station:{id}"),
            Self::Account(id) => write!(f, "account:{id}"),
            Self::Concern(id) => write!(f, "concern:{id}"),
            Self::Service => f.write_str("service"),
        }
    }
}

impl std::str::FromStr for Chain {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unknown =
            || "is no chain: order:ID, station:ID, account:ID, concern:ID or service".to_owned();
        let id = |id: &str| uuid::Uuid::parse_str(id).map_err(|_unreadable| unknown());
        match text.split_once(':') {
            None if text == "service" => Ok(Self::Service),
            Some(("order", order)) => Ok(Self::Order(id(order)?.into())),
            Some(("station", station)) => Ok(Self::Station(id(station)?.into())),
            Some(("account", account)) => Ok(Self::Account(id(account)?.into())),
            Some(("concern", concern)) => Ok(Self::Concern(id(concern)?.into())),
            _ => Err(unknown()),
        }
    }
}

/// What to record. `object` names a thing by kind and id; `body` is the fact, of which only a digest
/// is kept.
#[derive(Debug, Clone)]
pub struct NewEntry {
    pub chain: Chain,
    pub actor: Option<AccountId>,
    pub act: &'static str,
    pub object: String,
    /// Opaque ids and codes only: the ledger outlives erasure.
    pub detail: String,
    pub body_digest: [u8; 32],
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = ledger_entries)]
pub struct LedgerEntry {
    pub chain: String,
    pub seq: i64,
    #[diesel(deserialize_as = Ms)]
    pub recorded_at: Instant,
    pub actor: Option<AccountId>,
    pub act: String,
    pub object: String,
    pub detail: String,
    pub body_digest: Vec<u8>,
    pub digest: Vec<u8>,
    /// What `body_digest` is sealed with; none in entries of before there were seals.
    pub salt: Option<Vec<u8>>,
}

#[derive(Insertable)]
#[diesel(table_name = ledger_entries)]
#[diesel(treat_none_as_default_value = false)]
struct Row {
    chain: String,
    seq: i64,
    recorded_at: i64,
    actor: Option<AccountId>,
    act: &'static str,
    object: String,
    detail: String,
    body_digest: Vec<u8>,
    digest: Vec<u8>,
    salt: Vec<u8>,
}

impl LedgerEntry {
    /// What the chain covers of the fact, if it is sealed.
    pub fn seal(&self) -> Option<LedgerDigest> {
        self.salt.as_ref().map(|salt| seal(salt, &self.body_digest))
    }

    fn check(&self, verifier: &mut Verifier) -> Result<(), Misfit> {
        let (actor, seal) = (actor_bytes(self.actor), self.seal());
        let covered = match &seal {
            Some(seal) => Covered::Seal(seal),
            None => Covered::Digest(&self.body_digest),
        };
        let entry = Entry {
            chain: &self.chain,
            seq: self.seq,
            recorded_at: self.recorded_at,
            actor: &actor,
            act: &self.act,
            object: &self.object,
            detail: &self.detail,
            covered,
        };
        verifier.check(&entry, &self.digest)
    }
}

fn actor_bytes(actor: Option<AccountId>) -> Vec<u8> {
    actor.map(|actor| actor.uuid().as_bytes().to_vec()).unwrap_or_default()
}

type Heads = BTreeMap<String, (i64, LedgerDigest)>;

/// Appends entries in the order given.
pub fn append(tx: &mut Tx<'_>, now: Instant, entries: Vec<NewEntry>) -> Result<(), StoreError> {
    let mut heads = Heads::new();
    let mut rows = Vec::with_capacity(entries.len());
    for entry in entries {
        let chain = entry.chain.to_string();
        let (seq, previous) = match heads.get(&chain) {
            Some(head) => *head,
            None => head(tx, &chain)?,
        };
        let row = row_after(tx.salts, (seq, &previous), now, entry);
        let digest = LedgerDigest::try_from(row.digest.as_slice()).unwrap_or(GENESIS);
        heads.insert(chain, (row.seq, digest));
        rows.push(row);
    }
    insert(tx, rows)
}

/// A few rows one by one, because a statement of fixed size stays prepared; many together.
fn insert(tx: &mut Tx<'_>, rows: Vec<Row>) -> Result<(), StoreError> {
    const FEW: usize = 3;
    /// SQLite takes 32,766 values in a statement.
    const ROWS_MAX: usize = 1_000;
    if rows.len() <= FEW {
        for row in rows {
            insert_one(tx, &row)?;
        }
        return Ok(());
    }
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let some: Vec<Row> = rows.by_ref().take(ROWS_MAX).collect();
        on_each!(tx.conn, conn => {
            diesel::insert_into(ledger_entries::table).values(some).execute(conn)
        })?;
    }
    Ok(())
}

fn insert_one(tx: &mut Tx<'_>, row: &Row) -> Result<(), StoreError> {
    let values = [
        Value::Text(&row.chain),
        Value::Int(row.seq),
        Value::Int(row.recorded_at),
        Value::MaybeBytes(row.actor.as_ref().map(AccountId::as_bytes)),
        Value::Text(row.act),
        Value::Text(&row.object),
        Value::Text(&row.detail),
        Value::Bytes(&row.body_digest),
        Value::Bytes(&row.digest),
        Value::Bytes(&row.salt),
    ];
    Statement::new(
        "INSERT INTO ledger_entries (chain, seq, recorded_at, actor, act, object, detail, \
         body_digest, digest, salt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        &values,
    )
    .execute(tx.conn)?;
    Ok(())
}

fn row_after(
    salts: &SaltKey,
    (last, previous): (i64, &LedgerDigest),
    now: Instant,
    entry: NewEntry,
) -> Row {
    let chain = entry.chain.to_string();
    let seq = last + 1;
    let unsealed = Entry {
        chain: &chain,
        seq,
        recorded_at: now,
        actor: &actor_bytes(entry.actor),
        act: entry.act,
        object: &entry.object,
        detail: &entry.detail,
        covered: Covered::Digest(&entry.body_digest),
    };
    let salt = salts.salt(&unsealed.digest(previous));
    let seal = seal(&salt, &entry.body_digest);
    let digest = Entry { covered: Covered::Seal(&seal), ..unsealed }.digest(previous);
    Row {
        chain,
        seq,
        recorded_at: now.ms(),
        actor: entry.actor,
        act: entry.act,
        object: entry.object,
        detail: entry.detail,
        body_digest: entry.body_digest.to_vec(),
        digest: digest.to_vec(),
        salt: salt.to_vec(),
    }
}

fn head(tx: &mut Tx<'_>, chain: &str) -> Result<(i64, LedgerDigest), StoreError> {
    let found = ledger_entries::table
        .filter(ledger_entries::chain.eq(chain))
        .order(ledger_entries::seq.desc())
        .select((ledger_entries::seq, ledger_entries::digest))
        .first::<(i64, Vec<u8>)>(tx.conn)
        .optional()?;
    Ok(match found {
        Some((seq, digest)) => (seq, LedgerDigest::try_from(digest.as_slice()).unwrap_or(GENESIS)),
        None => (0, GENESIS),
    })
}

/// The latest entries of a chain, newest first, before `before_seq`.
pub fn page(
    tx: &mut Tx<'_>,
    chain: &str,
    before_seq: i64,
    at_most: i64,
) -> Result<Vec<LedgerEntry>, StoreError> {
    let query = ledger_entries::table
        .filter(ledger_entries::chain.eq(chain))
        .filter(ledger_entries::seq.lt(before_seq))
        .order(ledger_entries::seq.desc())
        .limit(at_most)
        .select(LedgerEntry::as_select());
    Ok(query.load(tx.conn)?)
}

/// A chain from its beginning.
pub fn whole(tx: &mut Tx<'_>, chain: Chain) -> Result<Vec<LedgerEntry>, StoreError> {
    let query = ledger_entries::table
        .filter(ledger_entries::chain.eq(chain.to_string()))
        .order(ledger_entries::seq)
        .select(LedgerEntry::as_select());
    Ok(query.load(tx.conn)?)
}

/// What a walk over the whole ledger found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    pub chains: u64,
    pub entries: u64,
    /// The first entry that does not fit: its chain, and why.
    pub misfit: Option<(String, Misfit)>,
}

/// Walks every chain from its beginning and stops at the first entry that does not fit.
pub fn verify(tx: &mut Tx<'_>) -> Result<Verification, StoreError> {
    const PAGE: i64 = 5_000;
    let chains: Vec<(String, Option<i64>)> = ledger_entries::table
        .group_by(ledger_entries::chain)
        .select((ledger_entries::chain, max(ledger_entries::seq)))
        .order(ledger_entries::chain)
        .load(tx.conn)?;
    let mut verification = Verification { chains: 0, entries: 0, misfit: None };
    for (chain, _) in chains {
        verification.chains += 1;
        let mut verifier = Verifier::new();
        let mut after = i64::MIN;
        loop {
            let entries: Vec<LedgerEntry> = ledger_entries::table
                .filter(ledger_entries::chain.eq(&chain))
                .filter(ledger_entries::seq.gt(after))
                .order(ledger_entries::seq)
                .limit(PAGE)
                .select(LedgerEntry::as_select())
                .load(tx.conn)?;
            for found in &entries {
                if let Err(misfit) = found.check(&mut verifier) {
                    verification.misfit = Some((chain, misfit));
                    return Ok(verification);
                }
                verification.entries += 1;
                after = found.seq;
            }
            if entries.is_empty() {
                break;
            }
        }
    }
    Ok(verification)
}
