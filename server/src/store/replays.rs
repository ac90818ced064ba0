//! Everything that was ever on file about many duties, mistakes too: what replaying them asks for. The
//! caller has shown that the duties are in scope by having them.

use std::collections::BTreeMap;

use compliance::fact::FactKind;
use compliance::{Instant, Word};
use diesel::prelude::*;

use super::check_ins::CheckIn;
use super::facts::Fact;
use super::findings::RecordedFinding;
use super::id::{ConditionId, FactId, ObligationId, OrderId, StationId};
use super::orders::OrderVersion;
use super::schema::{
    alerts, check_ins, condition_alternates, facts, findings, order_versions, orders,
};
use super::{StoreError, Tx};

/// Every record of an attendance, the first received first.
pub fn records(tx: &mut Tx<'_>, duties: &[ObligationId]) -> Result<Vec<CheckIn>, StoreError> {
    let query = check_ins::table
        .filter(check_ins::obligation_id.eq_any(duties))
        .order((check_ins::received_at, check_ins::id))
        .select(CheckIn::as_select());
    Ok(query.load(tx.conn)?)
}

/// When silence was found about which, whatever became of the finding.
pub fn silences(
    tx: &mut Tx<'_>,
    duties: &[ObligationId],
) -> Result<Vec<(ObligationId, Instant)>, StoreError> {
    let rows: Vec<(ObligationId, i64)> = findings::table
        .filter(findings::obligation_id.eq_any(duties))
        .filter(findings::check_in_id.is_null())
        .select((findings::obligation_id, findings::found_at))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(duty, at)| (duty, Instant::from_ms(at))).collect())
}

/// The same of one duty, each finding as it was found.
pub fn silences_of(
    tx: &mut Tx<'_>,
    duty: ObligationId,
) -> Result<Vec<RecordedFinding>, StoreError> {
    let query = findings::table
        .filter(findings::obligation_id.eq(duty))
        .filter(findings::check_in_id.is_null())
        .order((findings::found_at, findings::id))
        .select(RecordedFinding::as_select());
    Ok(query.load(tx.conn)?)
}

/// The versions of these orders, by number.
pub fn versions(tx: &mut Tx<'_>, ids: &[OrderId]) -> Result<Vec<OrderVersion>, StoreError> {
    let query = order_versions::table
        .filter(order_versions::order_id.eq_any(ids))
        .order((order_versions::order_id, order_versions::number))
        .select(OrderVersion::as_select());
    Ok(query.load(tx.conn)?)
}

/// Which other stations each condition allows.
pub fn alternates(
    tx: &mut Tx<'_>,
    ids: &[ConditionId],
) -> Result<Vec<(ConditionId, StationId)>, StoreError> {
    let query = condition_alternates::table
        .filter(condition_alternates::condition_id.eq_any(ids))
        .select((condition_alternates::condition_id, condition_alternates::station_id));
    Ok(query.load(tx.conn)?)
}

/// Facts of these kinds, those that were called mistakes too.
pub fn facts_ever(
    tx: &mut Tx<'_>,
    ids: &[OrderId],
    kinds: &[FactKind],
) -> Result<Vec<Fact>, StoreError> {
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    let query = facts::table
        .filter(facts::order_id.eq_any(ids))
        .filter(facts::kind.eq_any(kinds))
        .order((facts::happened_at, facts::recorded_at, facts::id))
        .select(Fact::as_select());
    Ok(query.load(tx.conn)?)
}

/// Every fact about one session or request, those that were called mistakes too.
pub fn facts_about(tx: &mut Tx<'_>, object: FactId) -> Result<Vec<Fact>, StoreError> {
    let query = facts::table
        .filter(facts::object_id.eq(object))
        .order((facts::happened_at, facts::recorded_at, facts::id))
        .select(Fact::as_select());
    Ok(query.load(tx.conn)?)
}

/// When the orders were served, by what was stated as they were put on file.
pub fn intake_services(
    tx: &mut Tx<'_>,
    ids: &[OrderId],
) -> Result<Vec<(OrderId, Instant)>, StoreError> {
    let rows: Vec<(OrderId, Option<i64>)> = orders::table
        .filter(orders::id.eq_any(ids))
        .filter(orders::intake_served_at.is_not_null())
        .select((orders::id, orders::intake_served_at))
        .load(tx.conn)?;
    let served = |(id, at): (OrderId, Option<i64>)| Some((id, Instant::from_ms(at?)));
    Ok(rows.into_iter().filter_map(served).collect())
}

/// What people did with an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    pub triggered_at: Instant,
    /// Acknowledged or closed, whichever was first; nothing while nobody has.
    pub answered_at: Option<Instant>,
}

/// The alerts about these duties, by their keys.
pub fn answers(
    tx: &mut Tx<'_>,
    duties: &[ObligationId],
) -> Result<BTreeMap<String, Answered>, StoreError> {
    let some: Vec<Option<ObligationId>> = duties.iter().copied().map(Some).collect();
    let rows = alerts::table
        .filter(alerts::obligation_id.eq_any(some))
        .select(ANSWERED)
        .load::<AnsweredRow>(tx.conn)?;
    Ok(rows.into_iter().map(answered).collect())
}

/// The alerts under these keys.
pub fn answers_under(
    tx: &mut Tx<'_>,
    keys: &[&str],
) -> Result<BTreeMap<String, Answered>, StoreError> {
    const AT_ONCE: usize = 1_000;
    let mut found = BTreeMap::new();
    for some in keys.chunks(AT_ONCE) {
        let rows = alerts::table
            .filter(alerts::dedupe_key.eq_any(some))
            .select(ANSWERED)
            .load::<AnsweredRow>(tx.conn)?;
        found.extend(rows.into_iter().map(answered));
    }
    Ok(found)
}

type AnsweredRow = (String, i64, Option<i64>, Option<i64>);

const ANSWERED: (
    alerts::dedupe_key,
    alerts::triggered_at,
    alerts::acknowledged_at,
    alerts::closed_at,
) = (alerts::dedupe_key, alerts::triggered_at, alerts::acknowledged_at, alerts::closed_at);

fn answered((key, triggered_at, acknowledged_at, closed_at): AnsweredRow) -> (String, Answered) {
    let answered_at = [acknowledged_at, closed_at].into_iter().flatten().min();
    let triggered_at = Instant::from_ms(triggered_at);
    (key, Answered { triggered_at, answered_at: answered_at.map(Instant::from_ms) })
}
