//! Figures for supervisors and inspectors: counts and times, of what the caller may know of.

use compliance::attendance::{Certainty, Outcome};
use compliance::{Instant, Word};
use diesel::dsl::{count_star, min, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use std::collections::{BTreeMap, BTreeSet};

use super::id::{AccountId, AlertId, OrderId, StationId};
use super::orders::Order;
use super::schema::{alert_events, alerts, findings, jobs, obligations, order_stations, orders};
use super::scope::Scope;
use super::{StoreError, Tx};

/// What is counted: within a scope, at one station or at all, from an instant until another.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    pub scope: Scope,
    pub station: Option<StationId>,
    pub from: Instant,
    /// Not included, but of windows: one that closes then is the day's before.
    pub until: Instant,
}

impl Extent {
    pub fn holds(&self, at: Instant) -> bool {
        self.from <= at && at < self.until
    }
}

/// Whatever their age: the orders of which anything can be counted.
pub fn orders(tx: &mut Tx<'_>, of: Extent) -> Result<Vec<Order>, StoreError> {
    let mut query = orders::table
        .filter(of.scope.sees("orders.id"))
        .order(orders::reference)
        .select(Order::as_select())
        .into_boxed();
    if let Some(station) = of.station {
        let named = order_stations::table
            .filter(order_stations::station_id.eq(station))
            .select(order_stations::order_id);
        query = query.filter(orders::id.eq_any(named));
    }
    Ok(query.load(tx.conn)?)
}

/// Attendances before and after their windows, which closed in the time.
pub fn early_and_late(tx: &mut Tx<'_>, of: Extent) -> Result<(i64, i64), StoreError> {
    let mut query = findings::table
        .inner_join(obligations::table.on(obligations::id.eq(findings::obligation_id)))
        .filter(of.scope.sees("obligations.order_id"))
        .filter(obligations::closes_at.gt(of.from.ms()))
        .filter(obligations::closes_at.le(of.until.ms()))
        .filter(findings::superseded_at.is_null())
        .filter(findings::outcome.eq_any([Outcome::Early.as_str(), Outcome::Late.as_str()]))
        .select(findings::outcome)
        .into_boxed();
    if let Some(station) = of.station {
        query = query.filter(obligations::station_id.eq(station));
    }
    let outcomes: Vec<String> = query.load(tx.conn)?;
    let early = outcomes.iter().filter(|outcome| *outcome == Outcome::Early.as_str()).count();
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    Ok((count(early), count(outcomes.len() - early)))
}

/// Findings that were provisional and, within the time, turned out otherwise. That the same was found
/// again, and is certain, is not otherwise.
pub fn provisional_withdrawn(tx: &mut Tx<'_>, of: Extent) -> Result<i64, StoreError> {
    let mut query = findings::table
        .inner_join(obligations::table.on(obligations::id.eq(findings::obligation_id)))
        .filter(of.scope.sees("obligations.order_id"))
        .filter(findings::certainty.eq(Certainty::Provisional.as_str()))
        .filter(findings::superseded_at.ge(of.from.ms()))
        .filter(findings::superseded_at.lt(of.until.ms()))
        .filter(sql::<Bool>(
            "NOT EXISTS (SELECT 1 FROM findings again WHERE again.certainty = 'confirmed' \
               AND again.obligation_id = findings.obligation_id \
               AND again.outcome = findings.outcome AND again.found_at = findings.superseded_at)",
        ))
        .select(count_star())
        .into_boxed();
    if let Some(station) = of.station {
        query = query.filter(obligations::station_id.eq(station));
    }
    Ok(query.get_result(tx.conn)?)
}

/// Misses that closed in the time and stand, by whether a phone may still hold a record; and those that
/// were certain and, within the time, were taken back all the same.
pub fn misses(tx: &mut Tx<'_>, of: Extent) -> Result<[i64; 3], StoreError> {
    let silence = || {
        let mut query = findings::table
            .inner_join(obligations::table.on(obligations::id.eq(findings::obligation_id)))
            .filter(of.scope.sees("obligations.order_id"))
            .filter(findings::outcome.eq(Outcome::NotAttended.as_str()))
            .select(count_star())
            .into_boxed();
        if let Some(station) = of.station {
            query = query.filter(obligations::station_id.eq(station));
        }
        query
    };
    let standing = |certainty: Certainty| {
        silence()
            .filter(obligations::closes_at.gt(of.from.ms()))
            .filter(obligations::closes_at.le(of.until.ms()))
            .filter(findings::superseded_at.is_null())
            .filter(findings::certainty.eq(certainty.as_str()))
    };
    let withdrawn = silence()
        .filter(findings::certainty.eq(Certainty::Confirmed.as_str()))
        .filter(findings::superseded_at.ge(of.from.ms()))
        .filter(findings::superseded_at.lt(of.until.ms()));
    Ok([
        standing(Certainty::Provisional).get_result(tx.conn)?,
        standing(Certainty::Confirmed).get_result(tx.conn)?,
        withdrawn.get_result(tx.conn)?,
    ])
}

/// An alert that was raised in the time, and when people answered it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    pub triggered_at: Instant,
    /// The first time that somebody acknowledged it.
    pub acknowledged_at: Option<Instant>,
    pub closed_at: Option<Instant>,
    pub close_reason: Option<String>,
}

type AlertRow = (AlertId, i64, Option<i64>, Option<String>);

pub fn answered(tx: &mut Tx<'_>, of: Extent) -> Result<Vec<Answered>, StoreError> {
    let mut query = alerts::table
        .filter(of.scope.sees("alerts.order_id"))
        .filter(alerts::triggered_at.ge(of.from.ms()))
        .filter(alerts::triggered_at.lt(of.until.ms()))
        .order(alerts::id)
        .select((alerts::id, alerts::triggered_at, alerts::closed_at, alerts::close_reason))
        .into_boxed();
    if let Some(station) = of.station {
        query = query.filter(alerts::station_id.eq(station));
    }
    let rows: Vec<AlertRow> = query.load(tx.conn)?;
    let taken: Vec<(AlertId, Option<i64>)> = alert_events::table
        .inner_join(alerts::table.on(alerts::id.eq(alert_events::alert_id)))
        .filter(alerts::triggered_at.ge(of.from.ms()))
        .filter(alerts::triggered_at.lt(of.until.ms()))
        .filter(alert_events::kind.eq("acknowledged"))
        .filter(alert_events::happened_at.ge(alerts::triggered_at))
        .group_by(alert_events::alert_id)
        .select((alert_events::alert_id, min(alert_events::happened_at)))
        .load(tx.conn)?;
    let taken: BTreeMap<AlertId, Option<i64>> = taken.into_iter().collect();
    let answered = |(id, triggered_at, closed_at, close_reason): AlertRow| Answered {
        triggered_at: Instant::from_ms(triggered_at),
        acknowledged_at: taken.get(&id).copied().flatten().map(Instant::from_ms),
        closed_at: closed_at.map(Instant::from_ms),
        close_reason,
    };
    Ok(rows.into_iter().map(answered).collect())
}

/// Whom an alert was put on its way to in the time: each person once for each alert.
pub fn told(tx: &mut Tx<'_>, of: Extent) -> Result<BTreeSet<(AlertId, AccountId)>, StoreError> {
    let mut query = jobs::table
        .inner_join(alerts::table.on(jobs::alert_id.eq(alerts::id.nullable())))
        .filter(of.scope.sees("alerts.order_id"))
        .filter(jobs::created_at.ge(of.from.ms()))
        .filter(jobs::created_at.lt(of.until.ms()))
        .filter(jobs::account_id.is_not_null())
        .select((alerts::id, jobs::account_id.assume_not_null()))
        .into_boxed();
    if let Some(station) = of.station {
        query = query.filter(alerts::station_id.eq(station));
    }
    let rows: Vec<(AlertId, AccountId)> = query.load(tx.conn)?;
    Ok(rows.into_iter().collect())
}

/// Those of these orders about which facts of a kind are on file that happened in the time.
pub fn with_facts(
    tx: &mut Tx<'_>,
    of: Extent,
    kind: compliance::fact::FactKind,
) -> Result<BTreeSet<OrderId>, StoreError> {
    use super::schema::facts;
    let found: Vec<OrderId> = facts::table
        .filter(of.scope.sees("facts.order_id"))
        .filter(facts::kind.eq(kind.as_str()))
        .filter(facts::superseded_at.is_null())
        .filter(facts::happened_at.ge(of.from.ms()))
        .filter(facts::happened_at.lt(of.until.ms()))
        .select(facts::order_id)
        .load(tx.conn)?;
    Ok(found.into_iter().collect())
}
