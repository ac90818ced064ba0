//! Findings: kept for ever; a later one supersedes.

use std::collections::BTreeMap;

use compliance::attendance::{Certainty, Compliance, Finding, Outcome, POLICY_VERSION};
use compliance::order::ObligationState;
use compliance::{Instant, Word};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::connection::on_each;
use super::id::{CheckInId, FindingId, ObligationId, OrderId};
use super::schema::{findings, obligations};
use super::scope::Scope;
use super::statement::{Statement, Value};
use super::types::{MaybeMs, Ms, Spelled};
use super::{StoreError, Tx};

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = findings)]
pub struct RecordedFinding {
    pub id: FindingId,
    pub obligation_id: ObligationId,
    pub check_in_id: Option<CheckInId>,
    #[diesel(deserialize_as = Spelled)]
    pub outcome: Outcome,
    #[diesel(deserialize_as = Spelled)]
    pub compliance: Compliance,
    #[diesel(deserialize_as = Spelled)]
    pub certainty: Certainty,
    /// JSON: a list of `RecordedReason`.
    pub reasons: String,
    pub policy_version: i64,
    #[diesel(deserialize_as = Ms)]
    pub found_at: Instant,
    #[diesel(deserialize_as = MaybeMs)]
    pub superseded_at: Option<Instant>,
}

/// Why a finding is what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RecordedReason {
    /// A stable code.
    pub code: String,
    /// A sentence for people.
    pub says: String,
}

impl RecordedFinding {
    pub fn reasons(&self) -> Result<Vec<RecordedReason>, StoreError> {
        serde_json::from_str(&self.reasons).map_err(|_unreadable| StoreError::Corrupt {
            vocabulary: "reasons",
            value: self.reasons.clone(),
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFinding {
    pub id: FindingId,
    pub obligation: ObligationId,
    pub check_in: Option<CheckInId>,
    pub finding: Finding,
    pub found_at: Instant,
}

#[derive(Insertable)]
#[diesel(table_name = findings)]
#[diesel(treat_none_as_default_value = false)]
struct Row {
    id: FindingId,
    obligation_id: ObligationId,
    check_in_id: Option<CheckInId>,
    outcome: &'static str,
    compliance: &'static str,
    certainty: &'static str,
    reasons: String,
    policy_version: i64,
    found_at: i64,
}

impl From<NewFinding> for Row {
    fn from(new: NewFinding) -> Self {
        let reasons: Vec<_> = new.finding.reasons.iter().map(recorded).collect();
        Self {
            id: new.id,
            obligation_id: new.obligation,
            check_in_id: new.check_in,
            outcome: new.finding.outcome.as_str(),
            compliance: new.finding.compliance.as_str(),
            certainty: new.finding.certainty.as_str(),
            reasons: serde_json::json!(reasons).to_string(),
            policy_version: POLICY_VERSION,
            found_at: new.found_at.ms(),
        }
    }
}

pub fn recorded(reason: &compliance::attendance::Reason) -> RecordedReason {
    RecordedReason { code: reason.code.to_owned(), says: reason.says.clone() }
}

pub fn insert(tx: &mut Tx<'_>, new: NewFinding) -> Result<(), StoreError> {
    let row = Row::from(new);
    let values = [
        Value::Bytes(row.id.as_bytes()),
        Value::Bytes(row.obligation_id.as_bytes()),
        Value::MaybeBytes(row.check_in_id.as_ref().map(CheckInId::as_bytes)),
        Value::Text(row.outcome),
        Value::Text(row.compliance),
        Value::Text(row.certainty),
        Value::Text(&row.reasons),
        Value::Int(row.policy_version),
        Value::Int(row.found_at),
    ];
    Statement::new(
        "INSERT INTO findings (id, obligation_id, check_in_id, outcome, compliance, certainty, \
         reasons, policy_version, found_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        &values,
    )
    .execute(tx.conn)?;
    Ok(())
}

pub fn insert_many(tx: &mut Tx<'_>, new: Vec<NewFinding>) -> Result<(), StoreError> {
    if new.is_empty() {
        return Ok(());
    }
    let rows: Vec<Row> = new.into_iter().map(Row::from).collect();
    on_each!(tx.conn, conn => diesel::insert_into(findings::table).values(rows).execute(conn))?;
    Ok(())
}

/// A finding, and the sign-on that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfObligation {
    pub finding: RecordedFinding,
    pub order_id: OrderId,
    pub closes_at: Instant,
}

/// What stands of sign-ons of these orders that were not as they were due, by when they closed. The
/// caller has shown that the orders are in scope by having them.
pub fn not_as_due(
    tx: &mut Tx<'_>,
    orders: &[OrderId],
    (from, until): (Instant, Instant),
) -> Result<Vec<OfObligation>, StoreError> {
    let rows: Vec<(RecordedFinding, OrderId, i64)> = findings::table
        .inner_join(obligations::table.on(obligations::id.eq(findings::obligation_id)))
        .filter(obligations::order_id.eq_any(orders))
        .filter(obligations::closes_at.ge(from.ms()))
        .filter(obligations::closes_at.le(until.ms()))
        .filter(findings::superseded_at.is_null())
        .filter(findings::outcome.ne(Outcome::OnTime.as_str()))
        .order((obligations::closes_at, findings::id))
        .select((RecordedFinding::as_select(), obligations::order_id, obligations::closes_at))
        .load(tx.conn)?;
    let of_obligation = |(finding, order_id, closes_at)| OfObligation {
        finding,
        order_id,
        closes_at: Instant::from_ms(closes_at),
    };
    Ok(rows.into_iter().map(of_obligation).collect())
}

pub fn find(
    tx: &mut Tx<'_>,
    scope: Scope,
    id: FindingId,
) -> Result<Option<RecordedFinding>, StoreError> {
    let query = findings::table
        .inner_join(obligations::table.on(obligations::id.eq(findings::obligation_id)))
        .filter(findings::id.eq(id))
        .filter(scope.sees("obligations.order_id"))
        .select(RecordedFinding::as_select());
    Ok(query.first(tx.conn).optional()?)
}

pub fn of_check_in(
    tx: &mut Tx<'_>,
    check_in: CheckInId,
    obligation: ObligationId,
) -> Result<Option<RecordedFinding>, StoreError> {
    let query = findings::table
        .filter(findings::obligation_id.eq(obligation))
        .filter(findings::check_in_id.eq(check_in))
        .order(findings::found_at)
        .select(RecordedFinding::as_select());
    Ok(query.first(tx.conn).optional()?)
}

/// Sign-ons by what was found of them, the last finding of each duty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OutcomeCounts {
    pub on_time: i64,
    pub early: i64,
    pub late: i64,
    pub missed: i64,
    pub otherwise: i64,
}

/// Of the duties of some orders that closed in `(from, until]` and were not cancelled.
pub fn outcomes(
    tx: &mut Tx<'_>,
    orders: &[OrderId],
    (from, until): (Instant, Instant),
) -> Result<OutcomeCounts, StoreError> {
    let rows: Vec<(ObligationId, String)> = findings::table
        .inner_join(obligations::table.on(obligations::id.eq(findings::obligation_id)))
        .filter(obligations::order_id.eq_any(orders))
        .filter(obligations::closes_at.gt(from.ms()))
        .filter(obligations::closes_at.le(until.ms()))
        .filter(obligations::state.ne(ObligationState::Cancelled.as_str()))
        .filter(findings::superseded_at.is_null())
        .order((findings::found_at, findings::id))
        .select((findings::obligation_id, findings::outcome))
        .load(tx.conn)?;
    // A later attendance says more than the silence before it.
    let last: BTreeMap<ObligationId, String> = rows.into_iter().collect();
    let mut counts = OutcomeCounts::default();
    for outcome in last.into_values() {
        let outcome = Outcome::parse(&outcome)
            .ok_or(StoreError::Corrupt { vocabulary: Outcome::NAME, value: outcome })?;
        let count = match outcome {
            Outcome::OnTime => &mut counts.on_time,
            Outcome::Early => &mut counts.early,
            Outcome::Late => &mut counts.late,
            Outcome::NotAttended => &mut counts.missed,
            Outcome::WrongPlace
            | Outcome::WrongPerson
            | Outcome::IdentityNotChecked
            | Outcome::Indeterminate => &mut counts.otherwise,
        };
        *count += 1;
    }
    Ok(counts)
}

/// What the silence of a sign-on is taken to mean, if it still is one.
pub fn standing_silence(
    tx: &mut Tx<'_>,
    obligation: ObligationId,
) -> Result<Option<RecordedFinding>, StoreError> {
    let query = findings::table
        .filter(findings::obligation_id.eq(obligation))
        .filter(findings::outcome.eq(Outcome::NotAttended.as_str()))
        .filter(findings::superseded_at.is_null())
        .select(RecordedFinding::as_select());
    Ok(query.first(tx.conn).optional()?)
}

/// The same silence, and it is certain now. The finding before stays on file.
pub fn confirm_silence(
    tx: &mut Tx<'_>,
    id: FindingId,
    (before, why): (&RecordedFinding, RecordedReason),
    now: Instant,
) -> Result<(), StoreError> {
    supersede_silence(tx, before.obligation_id, now)?;
    let mut reasons = before.reasons()?;
    reasons.push(why);
    let row = Row {
        id,
        obligation_id: before.obligation_id,
        check_in_id: None,
        outcome: before.outcome.as_str(),
        compliance: before.compliance.as_str(),
        certainty: Certainty::Confirmed.as_str(),
        reasons: serde_json::json!(reasons).to_string(),
        policy_version: POLICY_VERSION,
        found_at: now.ms(),
    };
    diesel::insert_into(findings::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Sets aside what silence was taken to mean, because it was no silence.
pub fn supersede_silence(
    tx: &mut Tx<'_>,
    obligation: ObligationId,
    now: Instant,
) -> Result<(), StoreError> {
    diesel::update(
        findings::table
            .filter(findings::obligation_id.eq(obligation))
            .filter(findings::outcome.eq(Outcome::NotAttended.as_str()))
            .filter(findings::superseded_at.is_null()),
    )
    .set(findings::superseded_at.eq(now.ms()))
    .execute(tx.conn)?;
    Ok(())
}

/// Sets aside what a record was found to mean, because the record was a mistake.
pub fn supersede_of_check_in(
    tx: &mut Tx<'_>,
    check_in: CheckInId,
    obligation: ObligationId,
    now: Instant,
) -> Result<(), StoreError> {
    diesel::update(
        findings::table
            .filter(findings::obligation_id.eq(obligation))
            .filter(findings::check_in_id.eq(check_in))
            .filter(findings::superseded_at.is_null()),
    )
    .set(findings::superseded_at.eq(now.ms()))
    .execute(tx.conn)?;
    Ok(())
}
