//! Calls a record a mistake. The record stays; what followed from it is taken back.

use compliance::alert::AlertCloseReason;
use compliance::attendance::Compliance;
use compliance::order::{CancelReason, ObligationState};

use super::Actor;
use super::enumerate::ask_after_all;
use super::raise_alerts::{check_in_key, close_alert};
use crate::identity::sha256;
use crate::refusal::Refusal;
use crate::store::id::{CheckInId, ObligationId};
use crate::store::ledger::{self, Chain, NewEntry};
use crate::store::{Tx, check_ins, findings, obligations, schedules};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    pub check_in: CheckInId,
    pub reason: String,
}

/// There should have been no record.
pub fn supersede_check_in(
    tx: &mut Tx<'_>,
    actor: &Actor,
    correction: &Correction,
) -> Result<(), Refusal> {
    if let Some(obligation) = supersede(tx, actor, correction, None)? {
        leave_to_next_version(tx, actor, obligation)?;
    }
    Ok(())
}

/// `by` is the record that takes its place, or nothing when there should have been none. Gives the
/// obligation that it was about, unless that was said before; once the record in its place is on
/// file, it may have to be left to the next version of the order.
pub fn supersede(
    tx: &mut Tx<'_>,
    actor: &Actor,
    correction: &Correction,
    by: Option<CheckInId>,
) -> Result<Option<ObligationId>, Refusal> {
    let mistaken = check_ins::find(tx, actor.scope, correction.check_in)?
        .ok_or(Refusal::NotFound("check-in"))?;
    if mistaken.superseded_at.is_some() {
        if by.is_none() && mistaken.superseded_by.is_none() {
            return Ok(None);
        }
        return Err(Refusal::AlreadySuperseded(mistaken.id.to_string()));
    }
    check_ins::supersede(tx, mistaken.id, by, &correction.reason, actor.now)?;
    findings::supersede_of_check_in(tx, mistaken.id, mistaken.obligation_id, actor.now)?;
    take_back(tx, actor, &mistaken)?;
    let key = check_in_key(mistaken.id);
    let person = Some(actor.scope.account);
    close_alert(tx, actor.now, &key, AlertCloseReason::EnteredInError, person)?;
    let replacement = by.map_or_else(|| "nothing".to_owned(), |by| format!("check_in:{by}"));
    let entry = NewEntry {
        chain: Chain::Order(mistaken.order_id),
        actor: Some(actor.scope.account),
        act: "supersede_check_in",
        object: format!("check_in:{}", mistaken.id),
        detail: format!("by {replacement}"),
        body_digest: sha256(correction.reason.as_bytes()),
    };
    ledger::append(tx, actor.now, vec![entry])?;
    Ok(Some(mistaken.obligation_id))
}

/// A window is judged by the version in force when it closes. One that was put back although another
/// version is in force by then is not asked for again; that version asks in its place.
pub fn leave_to_next_version(
    tx: &mut Tx<'_>,
    actor: &Actor,
    obligation: ObligationId,
) -> Result<(), Refusal> {
    let charge = obligations::charge_of(tx, actor.scope, obligation)?
        .ok_or(Refusal::NotFound("obligation"))?;
    let obligation = charge.obligation;
    let is_asked_for =
        matches!(obligation.state, ObligationState::Scheduled | ObligationState::Open);
    let span = schedules::span(tx, obligation.schedule_id)?;
    if is_asked_for && span.is_some_and(|span| !span.holds(obligation.closes_at)) {
        obligations::cancel(tx, &[obligation.id], CancelReason::OrderVaried)?;
        ask_after_all(tx, &actor.identity, actor.now, &obligation)?;
    }
    Ok(())
}

/// The obligation is fulfilled by the next record that complies, or goes back to where time has it.
fn take_back(tx: &mut Tx<'_>, actor: &Actor, mistaken: &check_ins::CheckIn) -> Result<(), Refusal> {
    let charge = obligations::charge_of(tx, actor.scope, mistaken.obligation_id)?
        .ok_or(Refusal::NotFound("obligation"))?;
    let obligation = charge.obligation;
    let is_settled_by_it = obligation.state == ObligationState::Fulfilled
        && obligation.fulfilled_by == Some(mistaken.id);
    if !is_settled_by_it {
        return Ok(());
    }
    for other in check_ins::standing(tx, obligation.id)? {
        let found = findings::of_check_in(tx, other.id, obligation.id)?;
        if found.is_some_and(|found| found.compliance == Compliance::Compliant) {
            return Ok(obligations::fulfil(tx, obligation.id, other.id)?);
        }
    }
    Ok(obligations::reopen(tx, &obligation, actor.now)?)
}
