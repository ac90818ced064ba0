//! A test alarm: whether an alert would arrive, found out before it matters.

use compliance::alert::{AlertKind, AlertState, Risk};

use super::Actor;
use super::raise_alerts::{Raise, raise_alerts};
use crate::refusal::Refusal;
use crate::store::alerts::{self, AlertInContext};
use crate::store::id::AccountId;
use crate::store::{Tx, accounts};

/// Raises it for one person, whose phones are told as of any alert. Unacknowledged, it climbs. The same
/// id again changes nothing.
pub fn send_test_alarm(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (id, to): (uuid::Uuid, AccountId),
) -> Result<AlertInContext, Refusal> {
    let key = format!("{}:{id}", AlertKind::TestAlarm);
    let unknown = || Refusal::field("/to_account_id", "is nobody who gets alerts");
    let person = accounts::find(tx, to)?.filter(|account| account.disabled_at.is_none());
    let person = person.ok_or_else(unknown)?;
    if !person.role.may(compliance::access::Act::ReceiveAlerts) {
        return Err(unknown());
    }
    let known = alerts::under_keys(tx, &[&key])?.into_iter().next();
    let alert = match known {
        Some((_, id, AlertState::Triggered | AlertState::Acknowledged | AlertState::Closed)) => id,
        None => {
            let raise = Raise {
                dedupe_key: key,
                kind: AlertKind::TestAlarm,
                severity: AlertKind::TestAlarm.severity(Risk::Standard),
                order: None,
                obligation: None,
                station: None,
                account: Some(to),
                detail: "A test: acknowledge it to show that alerts reach you.".to_owned(),
                concerns_at: actor.now,
            };
            let raised = raise_alerts(tx, &actor.identity, actor.now, vec![raise])?;
            raised.into_iter().next().ok_or(Refusal::NotFound("alert"))?
        }
    };
    let scope = crate::store::scope::Scope { account: person.id, role: person.role };
    alerts::find_in_context(tx, scope, alert)?.ok_or(Refusal::NotFound("alert"))
}
