//! To whom the caller can hand an alert or give a task: who is near, and what the rota and their
//! phones say of them.

use std::collections::BTreeSet;

use compliance::access::{Act, Reach};
use compliance::alert::AlertState;
use compliance::escalation::Presence;

use super::Actor;
use super::decide_alert::may_see;
use super::task_answers::{check_open, may_do, task_in_scope};
use crate::refusal::Refusal;
use crate::store::accounts::{self, Account};
use crate::store::alerts::{self, Alert};
use crate::store::id::{AccountId, AlertId, OrderId, StationId, TaskId};
use crate::store::orders::{self, Order};
use crate::store::rota::Roster;
use crate::store::{StoreError, Tx, ledger};

/// For what somebody is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sought {
    ForAnything,
    ToTakeAlert(AlertId),
    ToDoTask(TaskId),
}

#[derive(Debug, Clone)]
pub struct Colleague {
    pub account: Account,
    pub stations: Vec<StationId>,
    pub presence: Presence,
    pub can_be_told: bool,
}

/// The same, as it is on file.
enum About {
    Anything,
    Alert(Alert),
    Task(Order),
}

impl About {
    fn order(&self) -> Option<OrderId> {
        match self {
            Self::Anything => None,
            Self::Alert(alert) => alert.order_id,
            Self::Task(order) => Some(order.id),
        }
    }
}

/// By name. Whoever is listed for an alert or a task would be accepted.
pub fn list_colleagues(
    tx: &mut Tx<'_>,
    actor: &Actor,
    sought: Sought,
) -> Result<Vec<Colleague>, Refusal> {
    let about = about(tx, actor, sought)?;
    let roster = Roster::load(tx, actor.now)?;
    let near = Near::load(tx, actor, &about)?;
    let mut stations = accounts::stations_by_account(tx)?;
    let mut found = Vec::new();
    for account in accounts::all(tx)? {
        let stations = stations.remove(&account.id).unwrap_or_default();
        if !near.holds(actor, &roster, (&account, &stations)) {
            continue;
        }
        let can_be_told = roster.is_reachable(account.id);
        let is_accepted = match &about {
            About::Anything => true,
            About::Alert(alert) => can_be_told && may_see(tx, alert, &account)?,
            About::Task(order) => may_do(tx, order, &account)?,
        };
        if is_accepted {
            let presence = roster.presence(account.id);
            found.push(Colleague { account, stations, presence, can_be_told });
        }
    }
    found.sort_by(|one, other| {
        let name = |it: &Colleague| (it.account.display_name.clone(), it.account.id);
        name(one).cmp(&name(other))
    });
    Ok(found)
}

/// Who may know of a case is said of the case: it is a reading.
fn about(tx: &mut Tx<'_>, actor: &Actor, sought: Sought) -> Result<About, Refusal> {
    let (object, about) = match sought {
        Sought::ForAnything => return Ok(About::Anything),
        Sought::ToTakeAlert(id) => {
            let alert = alerts::find(tx, actor.scope, id)?.ok_or(Refusal::NotFound("alert"))?;
            if alert.state == AlertState::Closed {
                return Err(Refusal::AlertIsClosed);
            }
            (format!("alert:{id}"), About::Alert(alert))
        }
        Sought::ToDoTask(id) => {
            let (task, order) = task_in_scope(tx, actor, id)?;
            check_open(&task)?;
            (format!("task:{id}"), About::Task(order))
        }
    };
    let entry = actor.reading("list_colleagues", object, about.order());
    ledger::append(tx, actor.now, vec![entry])?;
    Ok(about)
}

/// What brings somebody near: a station of the caller's or of the case, or that they answer for the
/// case.
struct Near {
    stations: BTreeSet<StationId>,
    answering: BTreeSet<AccountId>,
}

impl Near {
    fn load(tx: &mut Tx<'_>, actor: &Actor, about: &About) -> Result<Self, StoreError> {
        let mut stations: BTreeSet<StationId> =
            accounts::stations_of(tx, actor.scope.account)?.into_iter().collect();
        let mut answering = BTreeSet::new();
        if let Some(id) = about.order() {
            stations.extend(orders::stations_of(tx, id)?);
            let order = orders::find_for_service(tx, id)?;
            let named = order.map(|it| [it.owner_id, it.deputy_id, it.supervisor_id]);
            answering.extend(named.into_iter().flatten().flatten());
        }
        Ok(Self { stations, answering })
    }

    /// The control room is near to everybody, and everybody to it.
    fn holds(
        &self,
        actor: &Actor,
        roster: &Roster,
        (account, stations): (&Account, &[StationId]),
    ) -> bool {
        let is_another = account.id != actor.scope.account && account.disabled_at.is_none();
        let is_near = actor.scope.role.reach() == Reach::Everything
            || account.role.reach() == Reach::Everything
            || self.answering.contains(&account.id)
            || stations.iter().any(|station| self.stations.contains(station))
            || roster.is_above(account.id, &self.stations);
        is_another && account.role.may(Act::AcknowledgeAlert) && is_near
    }
}
