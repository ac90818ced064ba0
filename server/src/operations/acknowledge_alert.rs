//! Acknowledges an alert: somebody has it. What is still to be sent about it stops in the same
//! transaction. It is not a decision: the decision's clock begins, and when it is over the alert climbs.

use compliance::alert::{AlertCloseReason, AlertEventKind, AlertState, AnsweredBy};

use super::Actor;
use super::escalate::{Reach, event_by, stop_sending};
use super::raise_alerts::{chain, close};
use crate::identity::sha256;
use crate::refusal::Refusal;
use crate::store::alerts::{self, Alert};
use crate::store::id::AlertId;
use crate::store::ledger::{self, NewEntry};
use crate::store::{Tx, alert_events};

/// The alert as it is afterwards. Who acknowledged first stays: a second time changes nothing.
pub fn acknowledge_alert(tx: &mut Tx<'_>, actor: &Actor, id: AlertId) -> Result<Alert, Refusal> {
    let alert = alerts::find(tx, actor.scope, id)?.ok_or(Refusal::NotFound("alert"))?;
    if alert.state != AlertState::Triggered {
        return Ok(alert);
    }
    let reach = Reach::load(tx, actor.now, std::iter::once(alert.order_id))?;
    let climbs_at = actor.now + reach.ladder((&alert).into()).decide_within_ms;
    alerts::acknowledge(tx, id, (actor.scope.account, actor.now), climbs_at)?;
    stop_sending(tx, actor.now, &alert, "acknowledged")?;
    let event = event_by(actor, &alert, AlertEventKind::Acknowledged);
    alert_events::insert(tx, &[event])?;
    let entry = NewEntry {
        chain: chain(alert.order_id, alert.account_id),
        actor: Some(actor.scope.account),
        act: "acknowledge_alert",
        object: format!("alert:{id}"),
        detail: alert.kind.to_string(),
        body_digest: sha256(id.uuid().as_bytes()),
    };
    ledger::append(tx, actor.now, vec![entry])?;
    if alert.kind.answered_by() == AnsweredBy::Acknowledgement {
        let by = Some(actor.scope.account);
        close(tx, actor.now, &alert, AlertCloseReason::Resolved, by)?;
    }
    alerts::find(tx, actor.scope, id)?.ok_or(Refusal::NotFound("alert"))
}
