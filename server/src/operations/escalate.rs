//! Lets alerts climb: whom each is told to at first and next, until a named person has decided.

use std::collections::{BTreeMap, BTreeSet};

use compliance::Instant;
use compliance::alert::{AlertEventKind, AlertState, Risk, Severity};
use compliance::escalation::{Climbed, Ladder, climb};

use super::Actor;
use super::raise_alerts::chain;
use crate::identity::{Identity, sha256};
use crate::store::alert_events::{self, AlertEvent};
use crate::store::alerts::{self, Alert};
use crate::store::id::{AccountId, AlertGroupId, AlertId, OrderId, StationId};
use crate::store::jobs::{self, NewPush};
use crate::store::ladders::Ladders;
use crate::store::ledger::{self, NewEntry};
use crate::store::orders::{self, Answering};
use crate::store::rota::{Concerned, Roster};
use crate::store::{StoreError, Tx};

/// Of one phone, so many alerts are told each by itself; more that were raised together are told as one.
pub const TOLD_SINGLY_MAX: usize = 5;

/// As much of an alert as says whom it climbs to.
#[derive(Debug, Clone, Copy)]
pub struct About {
    pub severity: Severity,
    pub order: Option<OrderId>,
    pub station: Option<StationId>,
    /// Whose own phone or task it is about.
    pub account: Option<AccountId>,
}

impl From<&Alert> for About {
    fn from(alert: &Alert) -> Self {
        Self {
            severity: alert.severity,
            order: alert.order_id,
            station: alert.station_id,
            account: alert.account_id,
        }
    }
}

/// Who can be told of what, at one instant.
pub struct Reach {
    pub now: Instant,
    pub roster: Roster,
    ladders: Ladders,
    answering: BTreeMap<OrderId, Answering>,
}

impl Reach {
    pub fn load(
        tx: &mut Tx<'_>,
        now: Instant,
        about: impl Iterator<Item = Option<OrderId>>,
    ) -> Result<Self, StoreError> {
        let orders: Vec<OrderId> = about.flatten().collect();
        Ok(Self {
            now,
            roster: Roster::load(tx, now)?,
            ladders: Ladders::load(tx)?,
            answering: orders::answering(tx, &orders)?,
        })
    }

    fn answering(&self, about: About) -> Option<&Answering> {
        self.answering.get(&about.order?)
    }

    pub fn concerned(&self, about: About) -> Concerned {
        let answering = self.answering(about);
        Concerned {
            owner: about.account.or(answering.and_then(|order| order.owner)),
            deputy: answering.and_then(|order| order.deputy),
            station: about.station,
        }
    }

    pub fn ladder(&self, about: About) -> Ladder {
        let risk = self.answering(about).map_or(Risk::Standard, |order| order.risk);
        self.ladders.of(about.station, about.severity, risk)
    }

    /// The next step from one, or the first.
    pub fn climb(&self, about: About, from: Option<usize>) -> Climbed<AccountId> {
        let concerned = self.concerned(about);
        climb(&self.ladder(about), from, self.now, |rung| {
            self.roster.candidates(rung, concerned, self.now)
        })
    }

    pub fn pushes(&self, alert: AlertId, told: &[AccountId]) -> Vec<NewPush> {
        let phones = told.iter().flat_map(|account| self.roster.phones_of(*account));
        phones.map(|phone| NewPush { alert, subscription: *phone }).collect()
    }
}

fn step_of(alert: &Alert) -> usize {
    usize::try_from(alert.step).unwrap_or(0)
}

/// Lets climb what is due, the most overdue first; says how many did.
pub fn climb_due(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
    at_most: i64,
) -> Result<usize, StoreError> {
    let due = alerts::to_climb(tx, now, at_most)?;
    let reach = Reach::load(tx, now, due.iter().map(|alert| alert.order_id))?;
    let (mut pushes, mut events, mut entries) = (Vec::new(), Vec::new(), Vec::new());
    for alert in &due {
        let climbed = reach.climb(alert.into(), Some(step_of(alert)));
        alerts::stand(tx, alert.id, (&climbed).into())?;
        jobs::withdraw(tx, alert.id, "climbed", now)?;
        pushes.extend(reach.pushes(alert.id, &climbed.told));
        let event = climb_event(identity, alert, &reach, &climbed);
        entries.push(event_entry(alert, &event));
        events.push(event);
    }
    let group_of = due.iter().filter_map(|alert| Some((alert.id, alert.group_id?))).collect();
    jobs::enqueue(tx, &told_as_one(pushes, &group_of), now)?;
    alert_events::insert(tx, &events)?;
    ledger::append(tx, now, entries)?;
    Ok(due.len())
}

fn climb_event(
    identity: &Identity,
    alert: &Alert,
    reach: &Reach,
    climbed: &Climbed<AccountId>,
) -> AlertEvent {
    let step = reach.ladder(alert.into()).steps.get(climbed.step).copied();
    let rung = step.map_or_else(String::new, |step| format!(" ({})", step.rung));
    let told = match climbed.told.len() {
        1 => "1 person".to_owned(),
        more => format!("{more} people"),
    };
    let number = climbed.step + 1;
    let (kind, why) = match alert.state {
        AlertState::Acknowledged => (AlertEventKind::DecisionOverdue, "Not decided in time."),
        AlertState::Triggered | AlertState::Closed => {
            (AlertEventKind::Escalated, "Nobody acknowledged it in time.")
        }
    };
    let (kind, says) = match climbed.is_nobody_reachable() {
        true => (AlertEventKind::NobodyReachable, format!("{why} Nobody on any step can be told.")),
        false => (kind, format!("{why} Step {number}{rung}: told {told}.")),
    };
    AlertEvent {
        id: identity.id(reach.now),
        alert_id: alert.id,
        kind,
        happened_at: reach.now,
        actor: None,
        to_account: None,
        says,
    }
}

/// What somebody does with an alert.
pub fn event_by(actor: &Actor, alert: &Alert, kind: AlertEventKind) -> AlertEvent {
    AlertEvent {
        id: actor.identity.id(actor.now),
        alert_id: alert.id,
        kind,
        happened_at: actor.now,
        actor: Some(actor.scope.account),
        to_account: None,
        says: String::new(),
    }
}

/// The ledger's entry of what happened to an alert.
pub fn event_entry(alert: &Alert, event: &AlertEvent) -> NewEntry {
    NewEntry {
        chain: chain(alert.order_id, alert.account_id),
        actor: event.actor,
        act: "alert_event",
        object: format!("alert:{}", alert.id),
        detail: format!("{} event:{}", event.kind, event.id),
        body_digest: sha256(event.says.as_bytes()),
    }
}

/// When more alerts of one group reach a phone than a person can look at one by one, the phone is told
/// once. Each of them waits and climbs for itself all the same.
pub fn told_as_one(
    pushes: Vec<NewPush>,
    group_of: &BTreeMap<AlertId, AlertGroupId>,
) -> Vec<NewPush> {
    let mut seen = BTreeSet::new();
    pushes
        .into_iter()
        .filter(|push| match group_of.get(&push.alert) {
            Some(group) => seen.insert((*group, push.subscription)),
            None => true,
        })
        .collect()
}

/// Tells whoever can be reached now, because a phone it was sent to cannot be. When there is nobody, the
/// alert says so.
pub fn send_on(tx: &mut Tx<'_>, now: Instant, alert: &Alert) -> Result<(), StoreError> {
    if alert.state != AlertState::Triggered || jobs::is_on_its_way(tx, alert.id)? {
        return Ok(());
    }
    let reach = Reach::load(tx, now, std::iter::once(alert.order_id))?;
    // The same step again, in case somebody else stands there.
    let climbed = reach.climb(alert.into(), step_of(alert).checked_sub(1));
    alerts::stand(tx, alert.id, (&climbed).into())?;
    jobs::enqueue(tx, &reach.pushes(alert.id, &climbed.told), now)
}

/// Stops what is still to be sent about an alert. What its group was told through it, another alert of
/// the group tells.
pub fn stop_sending(
    tx: &mut Tx<'_>,
    now: Instant,
    alert: &Alert,
    outcome: &str,
) -> Result<(), StoreError> {
    let was_pending = jobs::withdraw(tx, alert.id, outcome, now)? > 0;
    let Some(group) = alert.group_id.filter(|_| was_pending) else { return Ok(()) };
    match alerts::waiting_in_group(tx, group, alert.id)? {
        Some(next) => send_on(tx, now, &next),
        None => Ok(()),
    }
}
