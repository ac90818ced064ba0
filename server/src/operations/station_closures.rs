//! Shuts a station for some days. It excuses nothing; a miss then says that it may be the police's own
//! doing.

use super::Actor;
use crate::identity::sha256;
use crate::refusal::Refusal;
use crate::store::ledger::{self, Chain, NewEntry};
use crate::store::station_closures::{self, StationClosure};
use crate::store::{Tx, stations};

/// The same closure again changes nothing.
pub fn close_station(
    tx: &mut Tx<'_>,
    actor: &Actor,
    new: &StationClosure,
) -> Result<StationClosure, Refusal> {
    if !stations::is_in_scope(tx, actor.scope, new.station_id)? {
        return Err(Refusal::NotFound("station"));
    }
    if let Some(found) = station_closures::find(tx, new.id)? {
        let said = |it: &StationClosure| {
            (it.station_id, it.from_on, it.until_on, it.reason.clone(), it.recorded_by)
        };
        return if said(&found) == said(new) { Ok(found) } else { Err(Refusal::RecordConflict) };
    }
    station_closures::insert(tx, new)?;
    let entry = NewEntry {
        chain: Chain::Station(new.station_id),
        actor: Some(actor.scope.account),
        act: "close_station",
        object: format!("closure:{}", new.id),
        detail: format!("from {}", new.from_on),
        body_digest: sha256(new.reason.as_bytes()),
    };
    ledger::append(tx, actor.now, vec![entry])?;
    Ok(new.clone())
}
