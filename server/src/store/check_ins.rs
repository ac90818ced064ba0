//! Check-ins: facts. None is edited; a later one may say that it was a mistake.

use compliance::attendance::{IdentityMethod, IdentityResult};
use compliance::{Instant, Word};
use diesel::prelude::*;

use super::id::{AccountId, CheckInId, ConflictId, ObligationId, OrderId, StationId};
use super::schema::{check_in_conflicts, check_ins};
use super::scope::Scope;
use super::statement::{Statement, Value};
use super::types::{MaybeMs, Ms, Spelled};
use super::{StoreError, Tx};

#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = check_ins)]
pub struct CheckIn {
    pub id: CheckInId,
    pub obligation_id: ObligationId,
    pub order_id: OrderId,
    pub station_id: StationId,
    pub confirmed_by: AccountId,
    #[diesel(deserialize_as = Spelled)]
    pub identity_method: IdentityMethod,
    #[diesel(deserialize_as = Spelled)]
    pub identity_result: IdentityResult,
    #[diesel(deserialize_as = Ms)]
    pub attended_at: Instant,
    #[diesel(deserialize_as = Ms)]
    pub received_at: Instant,
    #[diesel(deserialize_as = Ms)]
    pub earliest_at: Instant,
    #[diesel(deserialize_as = Ms)]
    pub latest_at: Instant,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    pub accuracy_m: Option<f64>,
    pub note: String,
    pub body_digest: Vec<u8>,
    /// Whether this record fulfilled the obligation when it came in.
    pub settled: bool,
    pub supersedes: Option<CheckInId>,
    #[diesel(deserialize_as = MaybeMs)]
    pub superseded_at: Option<Instant>,
    pub superseded_by: Option<CheckInId>,
    pub superseded_reason: Option<String>,
}

/// Whatever the caller's scope: an id that is taken is taken. What of it may be told, the caller of
/// this decides by who confirmed it.
pub fn find_taken(tx: &mut Tx<'_>, id: CheckInId) -> Result<Option<CheckIn>, StoreError> {
    // Nearly every id is new, and asking for one column costs a third of asking for all.
    let taken: Option<CheckInId> =
        check_ins::table.find(id).select(check_ins::id).first(tx.conn).optional()?;
    if taken.is_none() {
        return Ok(None);
    }
    Ok(check_ins::table.find(id).select(CheckIn::as_select()).first(tx.conn).optional()?)
}

pub fn find(tx: &mut Tx<'_>, scope: Scope, id: CheckInId) -> Result<Option<CheckIn>, StoreError> {
    let query = check_ins::table
        .filter(check_ins::id.eq(id))
        .filter(scope.sees("check_ins.order_id"))
        .select(CheckIn::as_select());
    Ok(query.first(tx.conn).optional()?)
}

pub fn insert(tx: &mut Tx<'_>, check_in: &CheckIn) -> Result<(), StoreError> {
    let values = [
        Value::Bytes(check_in.id.as_bytes()),
        Value::Bytes(check_in.obligation_id.as_bytes()),
        Value::Bytes(check_in.order_id.as_bytes()),
        Value::Bytes(check_in.station_id.as_bytes()),
        Value::Bytes(check_in.confirmed_by.as_bytes()),
        Value::Text(check_in.identity_method.as_str()),
        Value::Text(check_in.identity_result.as_str()),
        Value::Int(check_in.attended_at.ms()),
        Value::Int(check_in.received_at.ms()),
        Value::Int(check_in.earliest_at.ms()),
        Value::Int(check_in.latest_at.ms()),
        Value::MaybeDouble(check_in.latitude),
        Value::MaybeDouble(check_in.longitude),
        Value::MaybeDouble(check_in.accuracy_m),
        Value::Text(&check_in.note),
        Value::Bytes(&check_in.body_digest),
        Value::Bool(check_in.settled),
        Value::MaybeBytes(check_in.supersedes.as_ref().map(CheckInId::as_bytes)),
    ];
    Statement::new(
        "INSERT INTO check_ins (id, obligation_id, order_id, station_id, confirmed_by, \
         identity_method, identity_result, attended_at, received_at, earliest_at, latest_at, \
         latitude, longitude, accuracy_m, note, body_digest, settled, supersedes) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        &values,
    )
    .execute(tx.conn)?;
    Ok(())
}

/// Marks a record as a mistake; by another record or by nothing.
pub fn supersede(
    tx: &mut Tx<'_>,
    id: CheckInId,
    by: Option<CheckInId>,
    reason: &str,
    now: Instant,
) -> Result<(), StoreError> {
    diesel::update(check_ins::table.find(id))
        .set((
            check_ins::superseded_at.eq(now.ms()),
            check_ins::superseded_by.eq(by),
            check_ins::superseded_reason.eq(reason),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The records of an obligation that nobody has called a mistake, the first received first.
pub fn standing(tx: &mut Tx<'_>, obligation: ObligationId) -> Result<Vec<CheckIn>, StoreError> {
    let query = check_ins::table
        .filter(check_ins::obligation_id.eq(obligation))
        .filter(check_ins::superseded_at.is_null())
        .order((check_ins::received_at, check_ins::id))
        .select(CheckIn::as_select());
    Ok(query.load(tx.conn)?)
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    pub id: ConflictId,
    pub check_in: CheckInId,
    pub received_from: AccountId,
    pub received_at: Instant,
    pub body: String,
    pub body_digest: [u8; 32],
}

/// Keeps another body under a taken id; says whether it is a new one.
pub fn keep_conflict(tx: &mut Tx<'_>, conflict: &Conflict) -> Result<bool, StoreError> {
    let kept: Option<ConflictId> = check_in_conflicts::table
        .filter(check_in_conflicts::check_in_id.eq(conflict.check_in))
        .filter(check_in_conflicts::body_digest.eq(conflict.body_digest.as_slice()))
        .select(check_in_conflicts::id)
        .first(tx.conn)
        .optional()?;
    if kept.is_some() {
        return Ok(false);
    }
    diesel::insert_into(check_in_conflicts::table)
        .values((
            check_in_conflicts::id.eq(conflict.id),
            check_in_conflicts::check_in_id.eq(conflict.check_in),
            check_in_conflicts::received_from.eq(conflict.received_from),
            check_in_conflicts::received_at.eq(conflict.received_at.ms()),
            check_in_conflicts::body.eq(&conflict.body),
            check_in_conflicts::body_digest.eq(conflict.body_digest.as_slice()),
        ))
        .execute(tx.conn)?;
    Ok(true)
}
