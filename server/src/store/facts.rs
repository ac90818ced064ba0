//! Facts: what somebody recorded about a case. Added to and called mistakes, never edited.

use compliance::fact::FactKind;
use compliance::{Instant, Word};
use diesel::prelude::*;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::id::{AccountId, FactId, OrderId, SubjectId};
use super::schema::facts;
use super::scope::Scope;
use super::types::{MaybeMs, Ms, Spelled};
use super::{StoreError, Tx};

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = facts)]
pub struct Fact {
    pub id: FactId,
    #[diesel(deserialize_as = Spelled)]
    pub kind: FactKind,
    pub order_id: OrderId,
    /// What it is about; see `FactId::about`.
    pub object_id: FactId,
    pub party_id: Option<FactId>,
    #[diesel(deserialize_as = Ms)]
    pub happened_at: Instant,
    #[diesel(deserialize_as = Ms)]
    pub recorded_at: Instant,
    pub recorded_by: Option<AccountId>,
    pub body: String,
    pub body_digest: Vec<u8>,
    pub says: String,
    #[diesel(deserialize_as = MaybeMs)]
    pub superseded_at: Option<Instant>,
    pub superseded_by: Option<FactId>,
    pub superseded_reason: Option<String>,
}

impl Fact {
    /// The body as what it was recorded from.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, StoreError> {
        serde_json::from_str(&self.body).map_err(|error| StoreError::Corrupt {
            vocabulary: "fact",
            value: format!("{} {}: {error}", self.kind, self.id),
        })
    }
}

/// Whatever the caller's scope: an id that is taken is taken.
pub fn find_taken(tx: &mut Tx<'_>, id: FactId) -> Result<Option<Fact>, StoreError> {
    Ok(facts::table.find(id).select(Fact::as_select()).first(tx.conn).optional()?)
}

/// The same, unless it was called a mistake.
pub fn find_standing(tx: &mut Tx<'_>, id: FactId) -> Result<Option<Fact>, StoreError> {
    Ok(find_taken(tx, id)?.filter(|fact| fact.superseded_at.is_none()))
}

pub fn find(tx: &mut Tx<'_>, scope: Scope, id: FactId) -> Result<Option<Fact>, StoreError> {
    let query = facts::table
        .filter(facts::id.eq(id))
        .filter(scope.sees("facts.order_id"))
        .select(Fact::as_select());
    Ok(query.first(tx.conn).optional()?)
}

/// A standing fact about a person: whoever may know of any order of theirs may know of it. With
/// whose it is.
pub fn find_of_person(
    tx: &mut Tx<'_>,
    scope: Scope,
    id: FactId,
) -> Result<Option<(SubjectId, Fact)>, StoreError> {
    let Some(fact) = find_standing(tx, id)? else { return Ok(None) };
    let order = super::orders::find_for_service(tx, fact.order_id)?;
    let Some(subject) = order.map(|order| order.subject_id) else { return Ok(None) };
    let is_known = super::subjects::find(tx, scope, subject)?.is_some();
    Ok(is_known.then_some((subject, fact)))
}

pub fn insert(tx: &mut Tx<'_>, fact: &Fact) -> Result<(), StoreError> {
    diesel::insert_into(facts::table)
        .values((
            facts::id.eq(fact.id),
            facts::kind.eq(fact.kind.as_str()),
            facts::order_id.eq(fact.order_id),
            facts::object_id.eq(fact.object_id),
            facts::party_id.eq(fact.party_id),
            facts::happened_at.eq(fact.happened_at.ms()),
            facts::recorded_at.eq(fact.recorded_at.ms()),
            facts::recorded_by.eq(fact.recorded_by),
            facts::body.eq(&fact.body),
            facts::body_digest.eq(&fact.body_digest),
            facts::says.eq(&fact.says),
        ))
        .execute(tx.conn)?;
    Ok(())
}

pub fn supersede(
    tx: &mut Tx<'_>,
    id: FactId,
    by: Option<FactId>,
    reason: &str,
    now: Instant,
) -> Result<(), StoreError> {
    diesel::update(facts::table.find(id))
        .set((
            facts::superseded_at.eq(now.ms()),
            facts::superseded_by.eq(by),
            facts::superseded_reason.eq(reason),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// What nobody has called a mistake of these kinds about an order, as it happened. The caller has
/// shown that the order is in scope by having it.
pub fn of_order(
    tx: &mut Tx<'_>,
    order: OrderId,
    kinds: &[FactKind],
) -> Result<Vec<Fact>, StoreError> {
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    let query = facts::table
        .filter(facts::order_id.eq(order))
        .filter(facts::kind.eq_any(kinds))
        .filter(facts::superseded_at.is_null())
        .order((facts::happened_at, facts::recorded_at, facts::id))
        .select(Fact::as_select());
    Ok(query.load(tx.conn)?)
}

/// The same about many orders.
pub fn of_orders(
    tx: &mut Tx<'_>,
    orders: &[OrderId],
    kinds: &[FactKind],
) -> Result<Vec<Fact>, StoreError> {
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    let query = facts::table
        .filter(facts::order_id.eq_any(orders))
        .filter(facts::kind.eq_any(kinds))
        .filter(facts::superseded_at.is_null())
        .order((facts::happened_at, facts::recorded_at, facts::id))
        .select(Fact::as_select());
    Ok(query.load(tx.conn)?)
}

/// The orders with such a fact in `[from, until)` that the caller may know of.
pub fn orders_with(
    tx: &mut Tx<'_>,
    scope: Scope,
    kind: FactKind,
    (from, until): (Instant, Instant),
) -> Result<Vec<OrderId>, StoreError> {
    let query = facts::table
        .filter(facts::kind.eq(kind.as_str()))
        .filter(facts::happened_at.ge(from.ms()))
        .filter(facts::happened_at.lt(until.ms()))
        .filter(facts::superseded_at.is_null())
        .filter(scope.sees("facts.order_id"))
        .select(facts::order_id)
        .distinct();
    Ok(query.load(tx.conn)?)
}

/// The same of these kinds about every order of some subjects, with whose it is. Whoever may know
/// of one order of a subject may be told what concerns the person.
pub fn of_subjects(
    tx: &mut Tx<'_>,
    subjects: &[SubjectId],
    kinds: &[FactKind],
) -> Result<Vec<(SubjectId, Fact)>, StoreError> {
    use super::schema::orders;
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    let query = facts::table
        .inner_join(orders::table.on(orders::id.eq(facts::order_id)))
        .filter(orders::subject_id.eq_any(subjects))
        .filter(facts::kind.eq_any(kinds))
        .filter(facts::superseded_at.is_null())
        .order((facts::recorded_at, facts::id))
        .select((orders::subject_id, Fact::as_select()));
    Ok(query.load(tx.conn)?)
}

/// The same about one session, request, device or duty.
pub fn of_object(tx: &mut Tx<'_>, object: Uuid) -> Result<Vec<Fact>, StoreError> {
    let query = facts::table
        .filter(facts::object_id.eq(FactId::from(object)))
        .filter(facts::superseded_at.is_null())
        .order((facts::happened_at, facts::recorded_at, facts::id))
        .select(Fact::as_select());
    Ok(query.load(tx.conn)?)
}

/// The same, mistakes too, as it was recorded, with who did.
pub fn all_of_object(
    tx: &mut Tx<'_>,
    object: Uuid,
) -> Result<Vec<(Fact, Option<String>)>, StoreError> {
    use super::schema::accounts;
    let query = facts::table
        .left_join(accounts::table.on(facts::recorded_by.eq(accounts::id.nullable())))
        .filter(facts::object_id.eq(FactId::from(object)))
        .order((facts::recorded_at, facts::id))
        .select((Fact::as_select(), accounts::display_name.nullable()));
    Ok(query.load(tx.conn)?)
}

/// The same of one provider, from `from` on.
pub fn of_party(tx: &mut Tx<'_>, party: Uuid, from: Instant) -> Result<Vec<Fact>, StoreError> {
    let query = facts::table
        .filter(facts::party_id.eq(FactId::from(party)))
        .filter(facts::happened_at.ge(from.ms()))
        .filter(facts::superseded_at.is_null())
        .order((facts::happened_at, facts::recorded_at, facts::id))
        .select(Fact::as_select());
    Ok(query.load(tx.conn)?)
}

/// Everything on an order, mistakes too, for its timeline.
pub fn all_of_order(
    tx: &mut Tx<'_>,
    order: OrderId,
) -> Result<Vec<(Fact, Option<String>)>, StoreError> {
    use super::schema::accounts;
    let query = facts::table
        .left_join(accounts::table.on(facts::recorded_by.eq(accounts::id.nullable())))
        .filter(facts::order_id.eq(order))
        .select((Fact::as_select(), accounts::display_name.nullable()));
    Ok(query.load(tx.conn)?)
}
