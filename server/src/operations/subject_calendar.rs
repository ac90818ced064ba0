//! What a subject has to attend or tell, as a calendar. It says where and when, not why.

use chrono::NaiveDate;
use compliance::device::RequestState;
use compliance::instant::DAY_MS;
use compliance::notification::DutyState;
use compliance::order::ObligationState;
use compliance::{Instant, Window};
use uuid::Uuid;

use super::Actor;
use super::devices::requests_of;
use super::notification::notifications;
use super::treatment::{SESSION_FACTS, sessions_of};
use crate::ZONE;
use crate::identity::derived;
use crate::refusal::Refusal;
use crate::store::id::SubjectId;
use crate::store::orders::Order;
use crate::store::{
    StoreError, Tx, facts, ledger, obligations, orders, providers, stations, subjects,
};

/// A calendar shows what has just been, too.
const PAST_MS: i64 = 7 * DAY_MS;

/// When something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Window(Window),
    /// Until an instant, at any time before it.
    By(Instant),
    /// Until the end of a day.
    LastDay(NaiveDate),
}

/// One entry. The same thing keeps its id, and its sequence goes up when it is moved or called off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: Uuid,
    pub when: When,
    pub summary: String,
    pub description: String,
    pub place: Option<String>,
    pub is_cancelled: bool,
    pub sequence: u32,
}

pub fn subject_calendar(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: SubjectId,
) -> Result<Vec<Entry>, Refusal> {
    subjects::find(tx, actor.scope, id)?.ok_or(Refusal::NotFound("subject"))?;
    let found = orders::of_subject(tx, actor.scope, id)?;
    let act = "get_subject_calendar";
    let entry = actor.reading(act, format!("subject:{id}"), found.iter().map(|order| order.id));
    let mut entries = Vec::new();
    for order in &found {
        let from = actor.now + -PAST_MS;
        entries.extend(sign_ons(tx, order, from)?);
        entries.extend(sessions(tx, order, from)?);
        entries.extend(requests(tx, order, (from, actor.now))?);
        entries.extend(duties_to_notify(tx, order, (from, actor.now))?);
    }
    ledger::append(tx, actor.now, vec![entry])?;
    Ok(entries)
}

fn sign_ons(tx: &mut Tx<'_>, order: &Order, from: Instant) -> Result<Vec<Entry>, StoreError> {
    let mut entries = Vec::new();
    for (obligation, plain_words) in obligations::of_order_closing_after(tx, order.id, from)? {
        let station = stations::find(tx, obligation.station_id)?;
        let Some(station) = station else { continue };
        let is_cancelled = obligation.state == ObligationState::Cancelled;
        entries.push(Entry {
            id: obligation.id.uuid(),
            when: When::Window(obligation.window()),
            summary: format!("Sign on at {}", station.name),
            description: plain_words,
            place: Some(station.name),
            is_cancelled,
            sequence: u32::from(is_cancelled),
        });
    }
    Ok(entries)
}

/// A move keeps the session's id; nothing is asked of one that the order did not live to see.
fn sessions(tx: &mut Tx<'_>, order: &Order, from: Instant) -> Result<Vec<Entry>, StoreError> {
    let mut entries = Vec::new();
    for session in sessions_of(facts::of_order(tx, order.id, &SESSION_FACTS)?)? {
        let window = session.session.window;
        if window.closes_at <= from {
            continue;
        }
        let is_cancelled = !session.is_to_be_attended(order);
        let moves = u32::try_from(session.moves).unwrap_or(u32::MAX - 1);
        let provider = providers::find(tx, session.provider)?;
        let name = provider.map_or_else(|| "the provider".to_owned(), |provider| provider.name);
        entries.push(Entry {
            id: session.id.uuid(),
            when: When::Window(window),
            summary: format!("Appointment with {name}"),
            description: "Be there from the beginning to the end.".to_owned(),
            place: Some(session.place),
            is_cancelled,
            sequence: moves + u32::from(is_cancelled),
        });
    }
    Ok(entries)
}

/// Of a request that nobody can prove to have told the subject, the subject's calendar says nothing.
fn requests(
    tx: &mut Tx<'_>,
    order: &Order,
    (from, now): (Instant, Instant),
) -> Result<Vec<Entry>, StoreError> {
    let mut entries = Vec::new();
    for request in requests_of(tx, order.id, now)? {
        let Some(due_at) = request.finding.due_at.filter(|due_at| from < *due_at) else { continue };
        let is_settled =
            !matches!(request.finding.state, RequestState::Waiting | RequestState::Missed);
        let is_cancelled = is_settled || order.ended_at.is_some_and(|ended_at| ended_at <= due_at);
        entries.push(Entry {
            id: request.fact.id.uuid(),
            when: When::By(due_at),
            summary: "Last time to show your devices to the police".to_owned(),
            description: "Take them to the officer who asked for them.".to_owned(),
            place: None,
            is_cancelled,
            sequence: u32::from(is_cancelled),
        });
    }
    Ok(entries)
}

fn duties_to_notify(
    tx: &mut Tx<'_>,
    order: &Order,
    (from, now): (Instant, Instant),
) -> Result<Vec<Entry>, StoreError> {
    let mut entries = Vec::new();
    for on_file in notifications(tx, order, now)?.duties {
        let deadline = &on_file.duty.deadline;
        let is_known = on_file.settled.state != DutyState::NotKnown;
        if deadline.closes_at <= from || !is_known {
            continue;
        }
        let is_met = matches!(on_file.settled.state, DutyState::Complied | DutyState::Late);
        // One of a regime, a change or a repetition is known by when it runs out, too.
        let change = on_file.change.map_or_else(String::new, |change| change.to_string());
        let cause = on_file.duty.cause.code();
        let key = format!("notify {} {cause} {change}", order.id);
        let which = match (cause, on_file.change) {
            ("periodic" | "exemption_ended", _) => format!("{key} {}", deadline.closes_at.ms()),
            _ => key,
        };
        entries.push(Entry {
            id: derived(&which),
            when: When::LastDay((deadline.closes_at + -1).local_date(ZONE)),
            summary: "Last day to tell the police your names and address".to_owned(),
            description: format!(
                "Go to a police station in your area and say it there. {}",
                deadline.arithmetic
            ),
            place: None,
            is_cancelled: is_met,
            sequence: u32::from(is_met),
        });
    }
    Ok(entries)
}
