//! Lets alerts climb: whom each is told to at first and next, until a named person has decided.

use std::collections::{BTreeMap, BTreeSet};

use compliance::Instant;
use compliance::alert::{AlertEventKind, AlertState, Risk, Severity};
use compliance::escalation::{Climbed, Ladder, climb, is_exhausted};

use super::Actor;
use super::raise_alerts::chain;
use crate::identity::{Identity, sha256};
use crate::store::alert_events::{self, AlertEvent};
use crate::store::alerts::{self, Alert, Stand};
use crate::store::id::{AccountId, AlertGroupId, AlertId, OrderId, StationId};
use crate::store::jobs::{self, NewSending};
use crate::store::ladders::Ladders;
use crate::store::ledger::{self, NewEntry};
use crate::store::orders::{self, Answering};
use crate::store::rota::{Concerned, Roster};
use crate::store::{StoreError, Tx, deliveries, streams};

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
    /// Of the control room, with the live stream open.
    desks: Vec<AccountId>,
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
            desks: streams::desks(tx, now)?,
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

    /// The next step from one, or the first. When nobody on any step can be sent anything, the desks
    /// that have the live stream open.
    pub fn climb(&self, about: About, from: Option<usize>) -> Climbed<AccountId> {
        let concerned = self.concerned(about);
        let climbed = climb(&self.ladder(about), from, self.now, |rung| {
            self.roster.candidates(rung, concerned, self.now)
        });
        match climbed.is_nobody_reachable() {
            true => Climbed { told: self.desks.clone(), ..climbed },
            false => climbed,
        }
    }

    /// What is sent to those who are told, and, in case it arrives after all, to those who were passed.
    pub fn sendings(&self, alert: AlertId, climbed: &Climbed<AccountId>) -> Vec<NewSending> {
        let people: BTreeSet<AccountId> =
            climbed.told.iter().chain(&climbed.passed).copied().collect();
        let to_people = people.into_iter().flat_map(|account| self.roster.recipients(account));
        let to_system = self.roster.system().map(|system| (system, false));
        let sending =
            |(to, is_counted_upon)| NewSending { alert, group: None, to, is_counted_upon };
        to_people.chain(to_system).map(sending).collect()
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
    let climbs: Vec<Climb<'_>> = due
        .iter()
        .map(|alert| Climb { alert, to: reach.climb(alert.into(), Some(step_of(alert))) })
        .collect();
    let in_doubt: Vec<AlertId> =
        climbs.iter().filter(|climb| climb.is_in_doubt()).map(|climb| climb.alert.id).collect();
    let taken = match in_doubt.is_empty() {
        true => BTreeSet::new(),
        false => deliveries::taken(tx, &in_doubt)?,
    };
    // Before any of them is on another step: what is sent from there is not of the step before.
    for alert in &due {
        stop_sending(tx, now, alert, "climbed")?;
    }
    let (mut sendings, mut events, mut entries) = (Vec::new(), Vec::new(), Vec::new());
    for climb in &climbs {
        let Climb { alert, to } = climb;
        let since = climb.nobody_reachable_since(now, &taken);
        alerts::stand(tx, alert.id, Stand::after(to, since))?;
        sendings.extend(reach.sendings(alert.id, to));
        let event = climb_event(identity, climb, &reach, since.is_some());
        entries.push(event_entry(alert, &event));
        events.push(event);
    }
    let group_of = due.iter().filter_map(|alert| Some((alert.id, alert.group_id?))).collect();
    jobs::enqueue(tx, &told_as_one(sendings, &group_of), now)?;
    alert_events::insert(tx, &events)?;
    ledger::append(tx, now, entries)?;
    Ok(due.len())
}

/// An alert on its way to another step.
struct Climb<'a> {
    alert: &'a Alert,
    to: Climbed<AccountId>,
}

impl Climb<'_> {
    /// Whether it may be that what was sent so far has reached nobody.
    fn is_in_doubt(&self) -> bool {
        self.alert.nobody_reachable || self.to.step <= step_of(self.alert)
    }

    /// Nobody can be told, or the ladder was climbed in vain. It lasts until something is taken, or
    /// somebody has had it.
    fn nobody_reachable_since(&self, now: Instant, taken: &BTreeSet<AlertId>) -> Option<Instant> {
        let was_had = self.alert.state == AlertState::Acknowledged;
        let was_taken = was_had || taken.contains(&self.alert.id);
        let before = self.alert.nobody_reachable_since;
        let is_in_vain = is_exhausted((step_of(self.alert), self.to.step), was_taken);
        let lasts = before.is_some() && !was_taken;
        let is_so = self.to.is_nobody_reachable() || is_in_vain || lasts;
        is_so.then(|| before.unwrap_or(now))
    }
}

fn climb_event(
    identity: &Identity,
    climb: &Climb<'_>,
    reach: &Reach,
    is_nobody_reachable: bool,
) -> AlertEvent {
    let Climb { alert, to: climbed } = climb;
    let step = reach.ladder((*alert).into()).steps.get(climbed.step).copied();
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
    let (kind, says) = match (is_nobody_reachable, climbed.is_nobody_reachable()) {
        (_, true) => {
            (AlertEventKind::NobodyReachable, format!("{why} Nobody on any step can be told."))
        }
        (true, false) => {
            let says = format!("{why} Nothing that was sent has arrived.");
            (AlertEventKind::NobodyReachable, format!("{says} Step {number}{rung}: told {told}."))
        }
        (false, false) => (kind, format!("{why} Step {number}{rung}: told {told}.")),
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
    sendings: Vec<NewSending>,
    group_of: &BTreeMap<AlertId, AlertGroupId>,
) -> Vec<NewSending> {
    let mut seen = BTreeSet::new();
    sendings
        .into_iter()
        .filter_map(|sending| match group_of.get(&sending.alert) {
            Some(group) => seen
                .insert((*group, sending.to))
                .then_some(NewSending { group: Some(*group), ..sending }),
            None => Some(sending),
        })
        .collect()
}

/// Tells whoever can be reached now, because what was sent since then cannot arrive. When there is
/// nobody, the alert says so.
pub fn send_on(
    tx: &mut Tx<'_>,
    now: Instant,
    (alert, since): (&Alert, Instant),
) -> Result<(), StoreError> {
    let is_waiting = alert.state == AlertState::Triggered;
    if !is_waiting || jobs::is_on_its_way(tx, alert.id, since)? {
        return Ok(());
    }
    let reach = Reach::load(tx, now, std::iter::once(alert.order_id))?;
    // The same step again, in case somebody else stands there.
    let climbed = reach.climb(alert.into(), step_of(alert).checked_sub(1));
    let is_nobody = climbed.is_nobody_reachable() || alert.nobody_reachable;
    let since = is_nobody.then(|| alert.nobody_reachable_since.unwrap_or(now));
    alerts::stand(tx, alert.id, Stand::after(&climbed, since))?;
    // Of a group, it goes out for all of them.
    let sendings = reach.sendings(alert.id, &climbed).into_iter();
    let sendings: Vec<NewSending> =
        sendings.map(|sending| NewSending { group: alert.group_id, ..sending }).collect();
    jobs::enqueue(tx, &sendings, now)
}

/// Stops what is still to be sent about an alert. What its group was to be told through it, it is told
/// through another that waits.
pub fn stop_sending(
    tx: &mut Tx<'_>,
    now: Instant,
    alert: &Alert,
    outcome: &str,
) -> Result<(), StoreError> {
    if let Some(group) = alert.group_id
        && let Some(next) = alerts::waiting_in_group(tx, (group, alert.id), now)?
    {
        jobs::hand_on(tx, alert.id, next)?;
    }
    jobs::withdraw(tx, alert.id, outcome, now)
}
