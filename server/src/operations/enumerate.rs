//! Writes schedules out as obligations: every window from where the last time ended to the horizon,
//! without gaps, under the version of the order in force when the window closes.

use chrono::{NaiveDate, NaiveTime};
use compliance::instant::{DAY_MS, HOUR_MS};
use compliance::order::{CancelReason, Span};
use compliance::schedule::{Schedule as Rule, ScheduleText};
use compliance::{Instant, Window};

use crate::identity::Identity;
use crate::store::id::OrderId;
use crate::store::obligations::{self, NewObligation, Obligation};
use crate::store::schedules::{self, Schedule, ScheduleOfOrder};
use crate::store::{StoreError, Tx};

/// How far ahead duties are on file, at least; the design asks for 30 days.
const HORIZON_MS: i64 = 35 * DAY_MS;
/// How much further each time, so that a schedule is visited once a week.
const STRIDE_MS: i64 = 7 * DAY_MS;
/// A window lasts less than two days: one that closes after an instant opened at most so long before.
const WINDOW_MS_MAX: i64 = 2 * DAY_MS;

/// From `from` on, nothing of what an order asks for now is a duty any more. What was done or missed
/// stays as it is.
pub fn end_duties(
    tx: &mut Tx<'_>,
    order: OrderId,
    from: Instant,
    reason: CancelReason,
) -> Result<(), StoreError> {
    for of in schedules::of_order(tx, order)? {
        let schedule = of.schedule;
        if schedule.applies_until.is_some_and(|until| until <= from) {
            continue;
        }
        let again_at = schedule.enumerate_at.filter(|_| schedule.enumerated_until < from);
        schedules::set_span(tx, schedule.id, Some(from), again_at)?;
        let after = obligations::of_schedule_closing_after(tx, schedule.id, from)?;
        let ids: Vec<_> = after.iter().map(|obligation| obligation.id).collect();
        obligations::cancel(tx, &ids, reason)?;
    }
    Ok(())
}

/// Reads the rule back out of its row.
pub fn rule(schedule: &Schedule) -> Result<Rule, StoreError> {
    let corrupt =
        |value: &str| StoreError::Corrupt { vocabulary: "schedules", value: value.to_owned() };
    let dates = |text: &str| -> Result<Vec<NaiveDate>, StoreError> {
        text.split_whitespace()
            .map(|date| date.parse().map_err(|_unreadable| corrupt(date)))
            .collect()
    };
    let time =
        |text: &str| NaiveTime::parse_from_str(text, "%H:%M").map_err(|_unreadable| corrupt(text));
    let (exdates, rdates) = (dates(&schedule.exdates)?, dates(&schedule.rdates)?);
    let text = ScheduleText {
        zone: &schedule.zone,
        starts_on: schedule.starts_on,
        rrule: schedule.rrule.as_deref(),
        exdates: &exdates,
        rdates: &rdates,
        opens: time(&schedule.opens)?,
        closes: time(&schedule.closes)?,
    };
    Rule::parse(&text).map_err(|refusal| corrupt(&refusal.to_string()))
}

/// The next windows of a rule that close after `now` and are duties within `span`.
pub fn next_windows(rule: &Rule, span: Span, now: Instant, at_most: usize) -> Vec<Window> {
    let mut from = now.max(span.from) + -WINDOW_MS_MAX;
    let mut next = Vec::with_capacity(at_most);
    while next.len() < at_most
        && let Some(window) = rule.next(from)
        && span.until.is_none_or(|until| window.closes_at <= until)
    {
        if now < window.closes_at && span.holds(window.closes_at) {
            next.push(window);
        }
        from = window.opens_at + 1;
    }
    next
}

/// Writes one schedule out to the horizon; says how many obligations that made.
pub fn enumerate(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
    due: &ScheduleOfOrder,
) -> Result<usize, StoreError> {
    let schedule = &due.schedule;
    let rule = rule(schedule)?;
    let horizon = now + HORIZON_MS + STRIDE_MS;
    let span = schedule.span();
    let until = span.until.map_or(horizon, |until| until.min(horizon));
    let mut new = Vec::new();
    for window in rule.windows(schedule.enumerated_until + -WINDOW_MS_MAX, until) {
        let is_new = schedule.enumerated_until < window.closes_at && window.closes_at <= until;
        if is_new && span.holds(window.closes_at) && !is_done_already(tx, now, due, window)? {
            new.push(obligation(identity, now, due, window));
        }
    }
    obligations::insert(tx, &new)?;
    let has_ended =
        span.until.is_some_and(|end| end <= horizon) || rule.next(until + -WINDOW_MS_MAX).is_none();
    let again_at = (!has_ended).then_some(until + -HORIZON_MS);
    schedules::set_enumerated(tx, schedule.id, until, again_at)?;
    Ok(new.len())
}

/// What was done under another version of the condition is not asked for a second time by this one,
/// whether the order was varied in the window, before it or, on file late, after it.
fn is_done_already(
    tx: &mut Tx<'_>,
    now: Instant,
    due: &ScheduleOfOrder,
    window: Window,
) -> Result<bool, StoreError> {
    // A duty can be done from the first instant of its local day, and no day is longer than this.
    let cannot_be = window.opens_at >= now + 25 * HOUR_MS;
    if cannot_be {
        return Ok(false);
    }
    obligations::fulfilled_around(tx, due, window)
}

/// After all, `undone` was not done and its version has ended: the versions that left it at that ask
/// for what they would have asked for.
pub fn ask_after_all(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
    undone: &Obligation,
) -> Result<(), StoreError> {
    for due in schedules::of_order(tx, undone.order_id)? {
        let schedule = &due.schedule;
        if schedule.id == undone.schedule_id {
            continue;
        }
        let on_file = obligations::of_schedule_closing_after(tx, schedule.id, undone.opens_at)?;
        let mut new = Vec::new();
        let until = schedule.enumerated_until.min(undone.closes_at + WINDOW_MS_MAX);
        for window in rule(schedule)?.windows(undone.opens_at + -WINDOW_MS_MAX, until) {
            let touches = undone.opens_at < window.closes_at && window.opens_at < undone.closes_at;
            let is_left_out = window.closes_at <= schedule.enumerated_until
                && on_file.iter().all(|it| it.opens_at != window.opens_at);
            let is_duty = touches && is_left_out && schedule.span().holds(window.closes_at);
            if is_duty && !is_done_already(tx, now, &due, window)? {
                new.push(obligation(identity, now, &due, window));
            }
        }
        obligations::insert(tx, &new)?;
    }
    Ok(())
}

fn obligation(
    identity: &Identity,
    now: Instant,
    due: &ScheduleOfOrder,
    window: Window,
) -> NewObligation {
    NewObligation {
        id: identity.id(now),
        order: due.order,
        condition: due.schedule.condition_id,
        schedule: due.schedule.id,
        station: due.station,
        window,
    }
}
