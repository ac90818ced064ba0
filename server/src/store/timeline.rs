//! Everything about one order, in the order in which it happened.

use compliance::Instant;
use compliance::Word;
use compliance::attendance::Outcome;
use compliance::delivery::Channel;
use diesel::prelude::*;
use uuid::Uuid;

use super::alerts::Alert;
use super::check_ins::CheckIn;
use super::findings::RecordedFinding;
use super::id::{DeliveryId, OrderId};
use super::orders::{self, Order};
use super::schema::{accounts, alerts, check_ins, deliveries, findings, obligations};
use super::{StoreError, Tx, concerns, facts};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub at: Instant,
    pub kind: &'static str,
    pub id: Uuid,
    pub says: String,
    pub by: Option<String>,
}

/// The events of an order between two instants, the oldest first. The caller has shown that the
/// order is in scope by having it.
pub fn of_order(
    tx: &mut Tx<'_>,
    order: &Order,
    from: Instant,
    until: Instant,
) -> Result<Vec<Event>, StoreError> {
    let mut events = versions(tx, order)?;
    events.extend(order.served_at.map(|at| Event {
        at,
        kind: "order_served",
        id: order.id.uuid(),
        says: "The order was served on the subject.".to_owned(),
        by: None,
    }));
    events.extend(check_ins_of(tx, order.id)?);
    events.extend(silences(tx, order.id)?);
    events.extend(alerts_of(tx, order.id)?);
    events.extend(deliveries_of(tx, order.id)?);
    events.extend(facts_of(tx, order.id)?);
    events.extend(concerns_of(tx, order.id)?);
    events.retain(|event| from <= event.at && event.at < until);
    events.sort_by_key(|event| (event.at, rank(event.kind), event.id));
    Ok(events)
}

/// Of what happened at one instant, the cause comes before what followed from it.
fn rank(kind: &str) -> Option<usize> {
    const CAUSES_FIRST: [&str; 11] = [
        "order_version",
        "order_served",
        "check_in_superseded",
        "check_in",
        "missed",
        "concern_reported",
        "concern_act",
        "alert_raised",
        "delivery",
        "alert_acknowledged",
        "alert_closed",
    ];
    CAUSES_FIRST.iter().position(|it| *it == kind)
}

fn versions(tx: &mut Tx<'_>, order: &Order) -> Result<Vec<Event>, StoreError> {
    let event = |version: orders::OrderVersion| Event {
        at: version.in_force_from,
        kind: "order_version",
        id: version.id.uuid(),
        says: format!("Version {} ({}) in force. {}", version.number, version.reason, version.note)
            .trim_end()
            .to_owned(),
        by: None,
    };
    Ok(orders::versions(tx, order.id)?.into_iter().map(event).collect())
}

fn check_ins_of(tx: &mut Tx<'_>, order: OrderId) -> Result<Vec<Event>, StoreError> {
    let rows: Vec<(CheckIn, String, Option<String>)> = check_ins::table
        .inner_join(obligations::table.on(obligations::id.eq(check_ins::obligation_id)))
        .inner_join(accounts::table.on(accounts::id.eq(check_ins::confirmed_by)))
        .left_join(
            findings::table.on(findings::obligation_id
                .eq(check_ins::obligation_id)
                .and(findings::check_in_id.eq(check_ins::id.nullable()))),
        )
        .filter(obligations::order_id.eq(order))
        .select((CheckIn::as_select(), accounts::display_name, findings::outcome.nullable()))
        .load(tx.conn)?;
    let mut events = Vec::with_capacity(rows.len());
    for (check_in, officer, outcome) in rows {
        let outcome = outcome.as_deref().and_then(Outcome::parse);
        let outcome = outcome.map_or_else(|| "recorded".to_owned(), |found| found.to_string());
        if let Some(at) = check_in.superseded_at {
            let reason = check_in.superseded_reason.clone().unwrap_or_default();
            events.push(Event {
                at,
                kind: "check_in_superseded",
                id: check_in.id.uuid(),
                says: format!("A record was called a mistake: {reason}"),
                by: None,
            });
        }
        events.push(Event {
            at: check_in.latest_at,
            kind: "check_in",
            id: check_in.id.uuid(),
            says: format!(
                "Attendance, {}; identity {} ({}).",
                outcome.replace('_', " "),
                check_in.identity_result.as_str().replace('_', " "),
                check_in.identity_method.as_str().replace('_', " "),
            ),
            by: Some(officer),
        });
    }
    Ok(events)
}

fn silences(tx: &mut Tx<'_>, order: OrderId) -> Result<Vec<Event>, StoreError> {
    let rows: Vec<RecordedFinding> = findings::table
        .inner_join(obligations::table.on(obligations::id.eq(findings::obligation_id)))
        .filter(obligations::order_id.eq(order))
        .filter(findings::check_in_id.is_null())
        .select(RecordedFinding::as_select())
        .load(tx.conn)?;
    let mut events = Vec::with_capacity(rows.len());
    for finding in rows {
        let reasons: Vec<String> =
            finding.reasons()?.into_iter().map(|reason| reason.says).collect();
        let aside = if finding.superseded_at.is_some() { " Set aside later." } else { "" };
        events.push(Event {
            at: finding.found_at,
            kind: "missed",
            id: finding.obligation_id.uuid(),
            says: format!("Missed sign-on ({}). {}{aside}", finding.certainty, reasons.join(" ")),
            by: None,
        });
    }
    Ok(events)
}

fn alerts_of(tx: &mut Tx<'_>, order: OrderId) -> Result<Vec<Event>, StoreError> {
    let rows: Vec<(Alert, Option<String>)> = alerts::table
        .left_join(accounts::table.on(alerts::acknowledged_by.eq(accounts::id.nullable())))
        .filter(alerts::order_id.eq(order))
        .select((Alert::as_select(), accounts::display_name.nullable()))
        .load(tx.conn)?;
    let mut events = Vec::with_capacity(rows.len());
    for (alert, acknowledged_by) in rows {
        let id = alert.id.uuid();
        let nobody = if alert.nobody_reachable { " Nobody could be reached." } else { "" };
        let says = format!("Alert, {}.{nobody}", alert.kind.as_str().replace('_', " "));
        events.push(Event { at: alert.triggered_at, kind: "alert_raised", id, says, by: None });
        events.extend(alert.acknowledged_at.map(|at| Event {
            at,
            kind: "alert_acknowledged",
            id,
            says: "Alert acknowledged.".to_owned(),
            by: acknowledged_by,
        }));
        events.extend(alert.closed_at.map(|at| Event {
            at,
            kind: "alert_closed",
            id,
            says: format!(
                "Alert closed: {}.",
                alert.close_reason.clone().unwrap_or_default().replace('_', " ")
            ),
            by: None,
        }));
    }
    Ok(events)
}

fn facts_of(tx: &mut Tx<'_>, order: OrderId) -> Result<Vec<Event>, StoreError> {
    let mut events = Vec::new();
    for (fact, by) in facts::all_of_order(tx, order)? {
        let id = fact.id.uuid();
        if let Some(at) = fact.superseded_at {
            let reason = fact.superseded_reason.clone().unwrap_or_default();
            let says = format!("A record was called a mistake: {reason}");
            events.push(Event { at, kind: "record_superseded", id, says, by: None });
        }
        let (kind, says) = (fact.kind.as_str(), fact.says);
        events.push(Event { at: fact.happened_at, kind, id, says, by });
    }
    Ok(events)
}

/// Reports and what was done with each; neither who reported nor anything that was said is in it.
fn concerns_of(tx: &mut Tx<'_>, order: OrderId) -> Result<Vec<Event>, StoreError> {
    let mut events = Vec::new();
    for found in concerns::of_order(tx, order)? {
        let concern = found.concern;
        events.push(Event {
            at: concern.reported_at,
            kind: "concern_reported",
            id: concern.id.uuid(),
            says: concern.says(),
            by: found.recorded_by_name,
        });
        for (act, by, to_name) in concerns::named_acts(tx, concern.id)? {
            let says = format!("Report {}: {}", concern.reference, act.says(to_name.as_deref()));
            let (at, id) = (act.happened_at, act.id.uuid());
            events.push(Event { at, kind: "concern_act", id, says, by: Some(by) });
        }
    }
    Ok(events)
}

fn deliveries_of(tx: &mut Tx<'_>, order: OrderId) -> Result<Vec<Event>, StoreError> {
    type Row = (DeliveryId, String, String, i64, String, i64);
    let rows: Vec<(Row, Option<String>)> = deliveries::table
        .inner_join(alerts::table.on(alerts::id.eq(deliveries::alert_id)))
        .left_join(accounts::table.on(deliveries::account_id.eq(accounts::id.nullable())))
        .filter(alerts::order_id.eq(order))
        .select((
            (
                deliveries::id,
                deliveries::channel,
                deliveries::status,
                deliveries::attempt,
                deliveries::detail,
                deliveries::attempted_at,
            ),
            accounts::display_name.nullable(),
        ))
        .load(tx.conn)?;
    let event = |((id, channel, status, attempt, detail, at), person): (Row, Option<String>)| {
        let whom = person.unwrap_or_else(|| "another system".to_owned());
        let channel = Channel::parse(&channel).map_or("Message", Channel::in_words);
        let status = status.replace('_', " ");
        let says = format!("{channel} to {whom}, attempt {attempt}: {status} {detail}");
        let says = says.trim_end().to_owned();
        Event { at: Instant::from_ms(at), kind: "delivery", id: id.uuid(), says, by: None }
    };
    Ok(rows.into_iter().map(event).collect())
}
