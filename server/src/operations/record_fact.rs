//! Records a fact about a case: once, whoever sends it how often, with its ledger entry.

use compliance::Instant;
use compliance::fact::FactKind;
use serde::Serialize;
use uuid::Uuid;

use super::Actor;
use crate::identity::sha256;
use crate::refusal::Refusal;
use crate::store::facts::{self, Fact};
use crate::store::id::{FactId, OrderId};
use crate::store::ledger::{self, Chain, NewEntry};
use crate::store::orders::{self, Order};
use crate::store::{StoreError, Tx};

/// What is to be recorded.
#[derive(Debug, Clone)]
pub struct NewFact<B> {
    /// Made by the client, so that sending again is harmless.
    pub id: FactId,
    pub kind: FactKind,
    pub order: OrderId,
    /// What it is about; the fact itself when it begins something.
    pub object: Uuid,
    pub party: Option<Uuid>,
    pub happened_at: Instant,
    pub body: B,
    /// The fact as a sentence. It is read by whoever may read the case.
    pub says: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    New(Fact),
    /// The very same came before.
    Before(Fact),
}

impl Recorded {
    pub fn fact(&self) -> &Fact {
        match self {
            Self::New(fact) | Self::Before(fact) => fact,
        }
    }
}

/// The order, if the actor may know of it.
pub fn order_in_scope(tx: &mut Tx<'_>, actor: &Actor, id: OrderId) -> Result<Order, Refusal> {
    orders::find(tx, actor.scope, id)?.ok_or(Refusal::NotFound("order"))
}

/// A fact that the actor may know of and that is of one of these kinds.
pub fn fact_in_scope(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: FactId,
    kinds: &[FactKind],
    what: &'static str,
) -> Result<Fact, Refusal> {
    let found = facts::find(tx, actor.scope, id)?.filter(|fact| kinds.contains(&fact.kind));
    found.ok_or(Refusal::NotFound(what))
}

/// What can be recorded of an order that no court has made.
const OF_DRAFTS: [FactKind; 6] = [
    FactKind::OrderRecorded,
    FactKind::OwnersAssigned,
    FactKind::DraftWithdrawn,
    // Officers meet the person before the court has decided.
    FactKind::WarningRecorded,
    FactKind::WarningEnded,
    FactKind::PhotoRecorded,
];

/// Another fact under the same id is refused; what is on file stays.
pub fn record_fact<B: Serialize>(
    tx: &mut Tx<'_>,
    actor: &Actor,
    new: NewFact<B>,
) -> Result<Recorded, Refusal> {
    record(tx, actor.now, Some(actor.scope.account), new)
}

/// In the name of nobody who has an account: a treatment provider, an import, the service.
pub fn record_fact_for_service<B: Serialize>(
    tx: &mut Tx<'_>,
    now: Instant,
    new: NewFact<B>,
) -> Result<Recorded, Refusal> {
    record(tx, now, None, new)
}

fn record<B: Serialize>(
    tx: &mut Tx<'_>,
    now: Instant,
    by: Option<crate::store::id::AccountId>,
    new: NewFact<B>,
) -> Result<Recorded, Refusal> {
    let body = serde_json::json!(new.body).to_string();
    let author = by.map(|by| by.to_string()).unwrap_or_default();
    let key = format!("{author}\n{}\n{}\n{}\n{body}", new.kind, new.order, new.object);
    let body_digest = sha256(key.as_bytes());
    if let Some(taken) = facts::find_taken(tx, new.id)? {
        let is_same = taken.body_digest == body_digest;
        return if is_same { Ok(Recorded::Before(taken)) } else { Err(Refusal::RecordConflict) };
    }
    let is_drafted = orders::find_for_service(tx, new.order)?.is_some_and(|it| it.is_drafted());
    if is_drafted && !OF_DRAFTS.contains(&new.kind) {
        return Err(Refusal::OrderIsDraft);
    }
    let fact = Fact {
        id: new.id,
        kind: new.kind,
        order_id: new.order,
        object_id: new.object.into(),
        party_id: new.party.map(FactId::from),
        happened_at: new.happened_at,
        recorded_at: now,
        recorded_by: by,
        body,
        body_digest: body_digest.to_vec(),
        says: new.says,
        superseded_at: None,
        superseded_by: None,
        superseded_reason: None,
    };
    facts::insert(tx, &fact)?;
    ledger::append(tx, now, vec![entry(&fact, body_digest)])?;
    Ok(Recorded::New(fact))
}

fn entry(fact: &Fact, body_digest: [u8; 32]) -> NewEntry {
    NewEntry {
        chain: Chain::Order(fact.order_id),
        actor: fact.recorded_by,
        act: "record_fact",
        object: format!("fact:{}", fact.id),
        detail: format!("{} about:{}", fact.kind, fact.object_id),
        body_digest,
    }
}

/// Calls a fact a mistake; it stays on file. What followed from it, the caller takes back.
pub fn supersede_fact(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (mistaken, by): (&Fact, Option<FactId>),
    reason: &str,
) -> Result<(), Refusal> {
    if mistaken.superseded_at.is_some() {
        return Err(Refusal::AlreadySuperseded(mistaken.id.to_string()));
    }
    facts::supersede(tx, mistaken.id, by, reason, actor.now)?;
    let entry = NewEntry {
        chain: Chain::Order(mistaken.order_id),
        actor: Some(actor.scope.account),
        act: "supersede_fact",
        object: format!("fact:{}", mistaken.id),
        detail: by.map_or_else(|| "by nothing".to_owned(), |by| format!("by fact:{by}")),
        body_digest: sha256(reason.as_bytes()),
    };
    Ok(ledger::append(tx, actor.now, vec![entry])?)
}

/// The ledger's entry for having read a case.
pub fn record_reading(
    tx: &mut Tx<'_>,
    actor: &Actor,
    act: &'static str,
    order: OrderId,
) -> Result<(), StoreError> {
    let entry = actor.reading(act, format!("order:{order}"), [order]);
    ledger::append(tx, actor.now, vec![entry])
}
