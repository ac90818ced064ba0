//! Reads a record with what it was found to mean and who made it.

use super::Actor;
use crate::refusal::Refusal;
use crate::store::check_ins::{self, CheckIn};
use crate::store::findings::{self, RecordedFinding, RecordedReason};
use crate::store::id::CheckInId;
use crate::store::sealed_records::{self, CheckInSeal};
use crate::store::{Tx, accounts, ledger, stations};

#[derive(Debug, Clone)]
pub struct CheckInInContext {
    pub check_in: CheckIn,
    pub finding: RecordedFinding,
    pub reasons: Vec<RecordedReason>,
    pub confirmed_by_name: String,
    pub station_name: String,
    /// Under which it came in, if a phone has signed it.
    pub seal: Option<CheckInSeal>,
}

pub fn get_check_in(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: CheckInId,
) -> Result<CheckInInContext, Refusal> {
    let check_in = check_ins::find(tx, actor.scope, id)?.ok_or(Refusal::NotFound("check-in"))?;
    let finding = findings::of_check_in(tx, id, check_in.obligation_id)?
        .ok_or(Refusal::NotFound("finding"))?;
    let officer = accounts::find(tx, check_in.confirmed_by)?;
    let station = stations::find(tx, check_in.station_id)?;
    let seal = sealed_records::of_check_in(tx, id)?;
    let entry = actor.reading("get_check_in", format!("check_in:{id}"), [check_in.order_id]);
    ledger::append(tx, actor.now, vec![entry])?;
    Ok(CheckInInContext {
        check_in,
        seal,
        reasons: finding.reasons()?,
        finding,
        confirmed_by_name: officer.map(|officer| officer.display_name).unwrap_or_default(),
        station_name: station.map(|station| station.name).unwrap_or_default(),
    })
}
