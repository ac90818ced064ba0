//! Acknowledges an alert: somebody has it. What is still to be sent about it stops in the same
//! transaction. It is not a decision.

use compliance::alert::AlertState;

use super::Actor;
use crate::identity::sha256;
use crate::refusal::Refusal;
use crate::store::alerts::{self, Alert};
use crate::store::id::AlertId;
use crate::store::ledger::{self, Chain, NewEntry};
use crate::store::{Tx, jobs};

/// The alert as it is afterwards. Who acknowledged first stays: a second time changes nothing.
pub fn acknowledge_alert(tx: &mut Tx<'_>, actor: &Actor, id: AlertId) -> Result<Alert, Refusal> {
    let alert = alerts::find(tx, actor.scope, id)?.ok_or(Refusal::NotFound("alert"))?;
    if alert.state != AlertState::Triggered {
        return Ok(alert);
    }
    alerts::acknowledge(tx, id, actor.scope.account, actor.now)?;
    jobs::withdraw(tx, id, "acknowledged", actor.now)?;
    let entry = NewEntry {
        chain: alert.order_id.map_or(Chain::Account(actor.scope.account), Chain::Order),
        actor: Some(actor.scope.account),
        act: "acknowledge_alert",
        object: format!("alert:{id}"),
        detail: alert.kind.to_string(),
        body_digest: sha256(id.uuid().as_bytes()),
    };
    ledger::append(tx, actor.now, vec![entry])?;
    alerts::find(tx, actor.scope, id)?.ok_or(Refusal::NotFound("alert"))
}
