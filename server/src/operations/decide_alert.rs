//! What people do with an alert that they have: a note, another person, a decision.

use compliance::alert::{
    AlertCloseReason, AlertDecision, AlertEventKind, AlertKind, AlertState, AnsweredBy,
};
use compliance::escalation::Climbed;
use uuid::Uuid;

use super::Actor;
use super::escalate::{Reach, event_by, event_entry, stop_sending};
use super::raise_alerts::close;
use crate::refusal::Refusal;
use crate::store::accounts::{self, Account};
use crate::store::alert_events::{self, AlertEvent};
use crate::store::alerts::{self, Alert, Stand};
use crate::store::id::{AccountId, AlertEventId, AlertId};
use crate::store::scope::Scope;
use crate::store::{StoreError, Tx, check_ins, jobs, ledger};

/// What somebody says about an alert, under an id that they made.
#[derive(Debug, Clone)]
pub enum Said {
    Note,
    HandOver { to: AccountId },
    Decision(AlertDecision),
}

#[derive(Debug, Clone)]
pub struct Saying {
    pub id: AlertEventId,
    pub said: Said,
    /// A note, or why: another person must be able to follow it.
    pub says: String,
}

/// Records it and does what it says. The same again changes nothing; another under the same id is refused.
pub fn say_of_alert(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: AlertId,
    saying: &Saying,
) -> Result<(), Refusal> {
    let alert = alerts::find(tx, actor.scope, id)?.ok_or(Refusal::NotFound("alert"))?;
    let event = event(actor, &alert, saying);
    if let Some(taken) = alert_events::find(tx, saying.id)? {
        let is_same = AlertEvent { happened_at: taken.happened_at, ..event } == taken;
        return if is_same { Ok(()) } else { Err(Refusal::RecordConflict) };
    }
    match &saying.said {
        Said::Note => {}
        Said::HandOver { to } => hand_over(tx, actor, &alert, *to)?,
        Said::Decision(decision) => decide(tx, actor, &alert, *decision)?,
    }
    let entry = event_entry(&alert, &event);
    alert_events::insert(tx, &[event])?;
    Ok(ledger::append(tx, actor.now, vec![entry])?)
}

fn event(actor: &Actor, alert: &Alert, saying: &Saying) -> AlertEvent {
    let (kind, to_account, says) = match &saying.said {
        Said::Note => (AlertEventKind::Note, None, saying.says.clone()),
        Said::HandOver { to } => (AlertEventKind::HandedOver, Some(*to), saying.says.clone()),
        Said::Decision(decision) => {
            (AlertEventKind::Decided, None, format!("{decision}: {}", saying.says))
        }
    };
    AlertEvent { id: saying.id, to_account, says, ..event_by(actor, alert, kind) }
}

/// A named person says what it was, and it is closed.
fn decide(
    tx: &mut Tx<'_>,
    actor: &Actor,
    alert: &Alert,
    decision: AlertDecision,
) -> Result<(), Refusal> {
    if alert.state == AlertState::Closed {
        return Err(Refusal::AlertIsClosed);
    }
    check_is_decided(alert.kind)?;
    check_other_person(tx, actor, alert)?;
    let by = Some(actor.scope.account);
    Ok(close(tx, actor.now, alert, AlertCloseReason::from(decision), by)?)
}

/// Only what a person has to decide can be decided.
pub fn check_is_decided(kind: AlertKind) -> Result<(), Refusal> {
    match kind.answered_by() {
        AnsweredBy::Decision => Ok(()),
        AnsweredBy::Deed(deed) => Err(Refusal::AlertNeedsDeed(deed)),
        AnsweredBy::Acknowledgement => {
            Err(Refusal::AlertNeedsDeed("Acknowledge it; there is nothing to decide."))
        }
    }
}

/// Nobody decides on what they confirmed themselves.
fn check_other_person(tx: &mut Tx<'_>, actor: &Actor, alert: &Alert) -> Result<(), Refusal> {
    match involved(tx, alert)?.contains(&actor.scope.account.uuid()) {
        true => Err(Refusal::OtherPersonNeeded),
        false => Ok(()),
    }
}

/// Whoever confirmed what an alert is about.
pub fn involved(tx: &mut Tx<'_>, alert: &Alert) -> Result<Vec<Uuid>, StoreError> {
    let Some(obligation) = alert.obligation_id else { return Ok(Vec::new()) };
    let records = check_ins::standing(tx, obligation)?;
    Ok(records.into_iter().map(|record| record.confirmed_by.uuid()).collect())
}

/// Whether an alert can be handed to somebody, if they can be told.
pub fn may_see(tx: &mut Tx<'_>, alert: &Alert, account: &Account) -> Result<bool, StoreError> {
    let scope = Scope { account: account.id, role: account.role };
    Ok(account.disabled_at.is_none() && alerts::find(tx, scope, alert.id)?.is_some())
}

/// Tells one person by name; unless they acknowledge it, it climbs from where it was.
fn hand_over(tx: &mut Tx<'_>, actor: &Actor, alert: &Alert, to: AccountId) -> Result<(), Refusal> {
    if alert.state == AlertState::Closed {
        return Err(Refusal::AlertIsClosed);
    }
    let account = accounts::find(tx, to)?;
    let is_known = match &account {
        Some(account) => may_see(tx, alert, account)?,
        None => false,
    };
    if !is_known {
        return Err(Refusal::field("/to_account_id", "is nobody who may see this alert"));
    }
    let reach = Reach::load(tx, actor.now, std::iter::once(alert.order_id))?;
    if !reach.roster.is_reachable(to) {
        let says = "has no phone that can be told: tell them yourself, or hand it to somebody else";
        return Err(Refusal::field("/to_account_id", says));
    }
    stop_sending(tx, actor.now, alert, "handed_over")?;
    let step = usize::try_from(alert.step).unwrap_or(0);
    let ladder = reach.ladder(alert.into());
    let wait_ms = ladder.steps.get(step).or(ladder.steps.last()).map_or(0, |step| step.wait_ms);
    let climbs_at = actor.now + wait_ms;
    let told = Climbed { step, told: vec![to], passed: Vec::new(), climbs_at };
    alerts::stand(tx, alert.id, Stand::after(&told, None))?;
    Ok(jobs::enqueue(tx, &reach.sendings(alert.id, &told), actor.now)?)
}
