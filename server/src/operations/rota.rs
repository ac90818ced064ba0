//! Puts people on duty, notes who is away, and takes such lines back.

use compliance::escalation::RotaFault;

use super::Actor;
use crate::identity::sha256;
use crate::refusal::Refusal;
use crate::store::id::{AccountId, RotaEntryId};
use crate::store::ledger::{self, Chain, NewEntry};
use crate::store::rota::{self, RotaEntry};
use crate::store::{Tx, accounts, stations};

/// The same again changes nothing.
pub fn record_rota_entry(
    tx: &mut Tx<'_>,
    actor: &Actor,
    new: &RotaEntry,
) -> Result<RotaEntry, Refusal> {
    if let Some(found) = rota::find(tx, new.id)? {
        let before = RotaEntry { recorded_at: found.recorded_at, ..new.clone() };
        let is_same = before == RotaEntry { ended_at: None, ..found.clone() };
        return if is_same { Ok(found) } else { Err(Refusal::RecordConflict) };
    }
    let refuse = |fault: RotaFault| Refusal::field(pointer(&fault), fault.to_string());
    new.entry()?.check(actor.now).map_err(refuse)?;
    check_person(tx, "/account_id", new.account_id)?;
    if let Some(cover) = new.covered_by {
        check_person(tx, "/covered_by", cover)?;
    }
    if let Some(station) = new.station_id
        && stations::find(tx, station)?.is_none()
    {
        return Err(Refusal::field("/station_id", "is no station"));
    }
    rota::insert(tx, new)?;
    note(tx, actor, "record_rota_entry", new)?;
    Ok(new.clone())
}

fn pointer(fault: &RotaFault) -> &'static str {
    match fault {
        RotaFault::EndsFirst | RotaFault::TooLong | RotaFault::Over => "/until",
        RotaFault::NoRung | RotaFault::NotForAbsence => "/rung",
        RotaFault::NotForDuty | RotaFault::CoversThemselves => "/covered_by",
    }
}

/// Takes a line back before its time. Doing it twice changes nothing.
pub fn end_rota_entry(tx: &mut Tx<'_>, actor: &Actor, id: RotaEntryId) -> Result<(), Refusal> {
    let found = rota::find(tx, id)?.ok_or(Refusal::NotFound("line of the rota"))?;
    if found.ended_at.is_none() {
        rota::end(tx, id, actor.now)?;
        note(tx, actor, "end_rota_entry", &found)?;
    }
    Ok(())
}

/// Whether somebody can be on duty at all: an administrator and an auditor get no alerts.
fn check_person(tx: &mut Tx<'_>, pointer: &'static str, account: AccountId) -> Result<(), Refusal> {
    let found = accounts::find(tx, account)?.filter(|account| account.disabled_at.is_none());
    match found.is_some_and(|found| found.role.may(compliance::access::Act::ReceiveAlerts)) {
        true => Ok(()),
        false => Err(Refusal::field(pointer, "is nobody who gets alerts")),
    }
}

fn note(
    tx: &mut Tx<'_>,
    actor: &Actor,
    act: &'static str,
    entry: &RotaEntry,
) -> Result<(), Refusal> {
    let entry = NewEntry {
        chain: Chain::Service,
        actor: Some(actor.scope.account),
        act,
        object: format!("rota_entry:{}", entry.id),
        detail: format!("{} account:{}", entry.kind, entry.account_id),
        body_digest: sha256(format!("{entry:?}").as_bytes()),
    };
    Ok(ledger::append(tx, actor.now, vec![entry])?)
}
