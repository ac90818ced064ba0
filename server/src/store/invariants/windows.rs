//! Windows that no obligation is on file for: the recurrence read out again, day by day.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveTime};
use compliance::instant::DAY_MS;
use compliance::schedule::{Schedule, ScheduleText};
use compliance::{Instant, Window};
use diesel::prelude::*;

use crate::store::id::{OrderId, ScheduleId};
use crate::store::schema::{conditions, obligations, order_versions, schedules};
use crate::store::{StoreError, Tx};

#[derive(Queryable, Selectable)]
#[diesel(table_name = schedules)]
struct Row {
    id: ScheduleId,
    zone: String,
    starts_on: NaiveDate,
    rrule: Option<String>,
    exdates: String,
    rdates: String,
    opens: String,
    closes: String,
    applies_from: i64,
    applies_until: Option<i64>,
    enumerated_until: i64,
}

impl Row {
    fn rule(&self) -> Option<Schedule> {
        let dates = |text: &str| -> Option<Vec<NaiveDate>> {
            text.split(' ').filter(|date| !date.is_empty()).map(|date| date.parse().ok()).collect()
        };
        let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").ok();
        let (exdates, rdates) = (dates(&self.exdates)?, dates(&self.rdates)?);
        let text = ScheduleText {
            zone: &self.zone,
            starts_on: self.starts_on,
            rrule: self.rrule.as_deref(),
            exdates: &exdates,
            rdates: &rdates,
            opens: time(&self.opens)?,
            closes: time(&self.closes)?,
        };
        Schedule::parse(&text).ok()
    }

    /// Every window that is said to be on file; nothing when the rule cannot be read.
    fn written_out(&self) -> Option<Vec<Window>> {
        let until = self
            .applies_until
            .map_or(self.enumerated_until, |until| until.min(self.enumerated_until));
        let (from, until) = (Instant::from_ms(self.applies_from), Instant::from_ms(until));
        // A window lasts less than two days.
        let windows = self.rule()?.windows(from + -2 * DAY_MS, until);
        let holds = |window: &Window| from < window.closes_at && window.closes_at <= until;
        Some(windows.into_iter().filter(holds).collect())
    }
}

/// A condition under the name that its versions share.
type Term = (OrderId, String);
type Spans = Vec<(i64, i64)>;

/// The schedules of which a window is missing, or whose rule cannot be read any more. What was done under
/// another version of the condition is not asked for again.
pub fn missing(tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(Row, OrderId, String)> = schedules::table
        .inner_join(conditions::table.on(conditions::id.eq(schedules::condition_id)))
        .inner_join(order_versions::table.on(order_versions::id.eq(conditions::order_version_id)))
        .order(schedules::id)
        .select((Row::as_select(), order_versions::order_id, conditions::label))
        .load(tx.conn)?;
    let mut done: BTreeMap<Term, Spans> = BTreeMap::new();
    for (order, label, opens_at, closes_at) in fulfilled(tx)? {
        done.entry((order, label)).or_default().push((opens_at, closes_at));
    }
    let mut missing = Vec::new();
    for (row, order, label) in rows {
        let on_file: BTreeSet<i64> = obligations::table
            .filter(obligations::schedule_id.eq(row.id))
            .select(obligations::opens_at)
            .load::<i64>(tx.conn)?
            .into_iter()
            .collect();
        let done = done.get(&(order, label)).map_or(&[][..], Vec::as_slice);
        let is_done = |window: &Window| {
            done.iter().any(|(opens_at, closes_at)| {
                *opens_at < window.closes_at.ms() && window.opens_at.ms() < *closes_at
            })
        };
        let is_there = |window: &Window| on_file.contains(&window.opens_at.ms()) || is_done(window);
        if !row.written_out().is_some_and(|windows| windows.iter().all(is_there)) {
            missing.push(row.id.to_string());
        }
    }
    Ok(missing)
}

fn fulfilled(tx: &mut Tx<'_>) -> Result<Vec<(OrderId, String, i64, i64)>, StoreError> {
    let query = obligations::table
        .inner_join(conditions::table.on(conditions::id.eq(obligations::condition_id)))
        .filter(obligations::state.eq("fulfilled"))
        .select((
            obligations::order_id,
            conditions::label,
            obligations::opens_at,
            obligations::closes_at,
        ));
    Ok(query.load(tx.conn)?)
}
