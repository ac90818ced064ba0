//! Acknowledges alerts: somebody has them. What is still to be sent about them stops in the same
//! transaction. It is not a decision: the decision's clock begins, and when it is over the alert climbs.

use compliance::alert::{AlertCloseReason, AlertEventKind, AlertState, AnsweredBy};

use super::Actor;
use super::escalate::{Reach, event_by, stop_sending};
use super::raise_alerts::{chain, close};
use crate::identity::sha256;
use crate::refusal::Refusal;
use crate::store::alerts::{self, Alert};
use crate::store::id::{AlertGroupId, AlertId};
use crate::store::ledger::{self, NewEntry};
use crate::store::{StoreError, Tx, alert_events};

/// The alert as it is afterwards. Who acknowledged first stays: a second time changes nothing.
pub fn acknowledge_alert(tx: &mut Tx<'_>, actor: &Actor, id: AlertId) -> Result<Alert, Refusal> {
    let alert = alerts::find(tx, actor.scope, id)?.ok_or(Refusal::NotFound("alert"))?;
    acknowledge(tx, actor, &[alert])?;
    alerts::find(tx, actor.scope, id)?.ok_or(Refusal::NotFound("alert"))
}

/// Acknowledges all of a group that the caller may know of. Each still has to be decided by itself.
pub fn acknowledge_group(
    tx: &mut Tx<'_>,
    actor: &Actor,
    group: AlertGroupId,
) -> Result<(), Refusal> {
    let known = alerts::of_group(tx, actor.scope, group)?;
    if known.is_empty() {
        return Err(Refusal::NotFound("alert group"));
    }
    Ok(acknowledge(tx, actor, &known)?)
}

fn acknowledge(tx: &mut Tx<'_>, actor: &Actor, known: &[Alert]) -> Result<(), StoreError> {
    let waiting: Vec<&Alert> =
        known.iter().filter(|alert| alert.state == AlertState::Triggered).collect();
    if waiting.is_empty() {
        return Ok(());
    }
    let reach = Reach::load(tx, actor.now, waiting.iter().map(|alert| alert.order_id))?;
    let (mut events, mut entries) = (Vec::new(), Vec::new());
    for alert in &waiting {
        let climbs_at = actor.now + reach.ladder((*alert).into()).decide_within_ms;
        alerts::acknowledge(tx, alert.id, (actor.scope.account, actor.now), climbs_at)?;
        events.push(event_by(actor, alert, AlertEventKind::Acknowledged));
        entries.push(NewEntry {
            chain: chain(alert.order_id, alert.account_id),
            actor: Some(actor.scope.account),
            act: "acknowledge_alert",
            object: format!("alert:{}", alert.id),
            detail: alert.kind.to_string(),
            body_digest: sha256(alert.id.uuid().as_bytes()),
        });
    }
    alert_events::insert(tx, &events)?;
    ledger::append(tx, actor.now, entries)?;
    // After all are acknowledged, so that none is told of in the place of another.
    for alert in &waiting {
        stop_sending(tx, actor.now, alert, "acknowledged")?;
        if alert.kind.answered_by() == AnsweredBy::Acknowledgement {
            let by = Some(actor.scope.account);
            close(tx, actor.now, alert, AlertCloseReason::Resolved, by)?;
        }
    }
    Ok(())
}
