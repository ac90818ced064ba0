//! How sign-ons turned out, counted.

use compliance::order::ObligationState;
use compliance::{Instant, Word};
use diesel::dsl::count_star;
use diesel::prelude::*;
use std::collections::BTreeMap;

use super::schema::{obligations, orders, stations, subjects};
use super::scope::Scope;
use super::{StoreError, Tx};

/// Duties that closed in a period, by how they ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    pub fulfilled: i64,
    pub missed: i64,
    pub cancelled: i64,
    /// Closed, but not yet judged; more than a moment of it is a fault.
    pub pending: i64,
}

impl Figures {
    /// Of what was judged, the part that was fulfilled; nothing when nothing was.
    pub fn on_time_share(&self) -> Option<f64> {
        let exact = |count: i64| u32::try_from(count).ok().map(f64::from);
        let judged = exact(self.fulfilled + self.missed).filter(|judged| *judged > 0.0)?;
        Some(exact(self.fulfilled)? / judged)
    }

    fn add(&mut self, state: &str, count: i64) -> Result<(), StoreError> {
        let state = ObligationState::parse(state).ok_or_else(|| StoreError::Corrupt {
            vocabulary: ObligationState::NAME,
            value: state.to_owned(),
        })?;
        let figure = match state {
            ObligationState::Fulfilled => &mut self.fulfilled,
            ObligationState::Missed => &mut self.missed,
            ObligationState::Cancelled => &mut self.cancelled,
            ObligationState::Scheduled | ObligationState::Open => &mut self.pending,
        };
        *figure += count;
        Ok(())
    }
}

/// A line of a table of figures: a key that stays, and a name for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub key: String,
    pub name: String,
    pub figures: Figures,
}

fn lines(rows: Vec<(String, String, String, i64)>) -> Result<Vec<Line>, StoreError> {
    let mut by_key: BTreeMap<String, Line> = BTreeMap::new();
    for (key, name, state, count) in rows {
        let line = by_key.entry(key.clone()).or_insert_with(|| Line {
            key,
            name,
            figures: Figures::default(),
        });
        line.figures.add(&state, count)?;
    }
    Ok(by_key.into_values().collect())
}

/// By subject, for windows that close in `(from, until]`: one that lasts to the end of a day is that
/// day's.
pub fn by_subject(
    tx: &mut Tx<'_>,
    scope: Scope,
    from: Instant,
    until: Instant,
) -> Result<Vec<Line>, StoreError> {
    let rows: Vec<(String, String, String, String, i64)> = obligations::table
        .inner_join(orders::table.on(orders::id.eq(obligations::order_id)))
        .inner_join(subjects::table.on(subjects::id.eq(orders::subject_id)))
        .filter(obligations::closes_at.gt(from.ms()))
        .filter(obligations::closes_at.le(until.ms()))
        .filter(scope.sees("obligations.order_id"))
        .group_by((
            subjects::reference,
            subjects::given_names,
            subjects::family_name,
            obligations::state,
        ))
        .select((
            subjects::reference,
            subjects::given_names,
            subjects::family_name,
            obligations::state,
            count_star(),
        ))
        .load(tx.conn)?;
    let named =
        |(reference, given, family, state, count): (String, String, String, String, i64)| {
            (reference, format!("{given} {family}"), state, count)
        };
    lines(rows.into_iter().map(named).collect())
}

pub fn by_station(
    tx: &mut Tx<'_>,
    scope: Scope,
    from: Instant,
    until: Instant,
) -> Result<Vec<Line>, StoreError> {
    let rows = obligations::table
        .inner_join(stations::table.on(stations::id.eq(obligations::station_id)))
        .filter(obligations::closes_at.gt(from.ms()))
        .filter(obligations::closes_at.le(until.ms()))
        .filter(scope.sees("obligations.order_id"))
        .group_by((stations::code, stations::name, obligations::state))
        .select((stations::code, stations::name, obligations::state, count_star()))
        .load(tx.conn)?;
    lines(rows)
}

pub fn total(
    tx: &mut Tx<'_>,
    scope: Scope,
    from: Instant,
    until: Instant,
) -> Result<Figures, StoreError> {
    let rows: Vec<(String, i64)> = obligations::table
        .filter(obligations::closes_at.gt(from.ms()))
        .filter(obligations::closes_at.le(until.ms()))
        .filter(scope.sees("obligations.order_id"))
        .group_by(obligations::state)
        .select((obligations::state, count_star()))
        .load(tx.conn)?;
    let mut figures = Figures::default();
    rows.iter().try_for_each(|(state, count)| figures.add(state, *count))?;
    Ok(figures)
}
