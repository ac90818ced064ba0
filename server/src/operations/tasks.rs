//! Keeps the tasks of an order in line with what is on file about it: what asks for one has one, what does
//! not any more is cancelled and says why, and what is late is raised. To be called whenever something
//! of that has changed; a second time it changes nothing.

use std::collections::BTreeMap;

use compliance::alert::{AlertCloseReason, AlertKind};
use compliance::breach_case::Decided;
use compliance::fact::{FactKind, TimerKind};
use compliance::order_status::{EndReason, ServiceOutcome};
use compliance::status_period::Whereabouts;
use compliance::task::{
    self, Asked, Event, OrderOnFile, Reviewed, Stay, TaskCause, TaskKind, TaskState, Told,
    cancelled_because,
};
use compliance::{Instant, Word};

use super::breach_cases::cases_of;
use super::order_life::ServiceBody;
use super::raise_alerts::{Raise, Settling, raise_alerts};
use super::ring_timers::{Rung, about};
use super::status_periods::PeriodBody;
use super::task_answers::{AnswerBody, DoneBody, ReassignedBody};
use crate::identity::{Identity, sha256};
use crate::store::facts::{self, Fact};
use crate::store::id::{AccountId, FactId, OrderId, TaskId};
use crate::store::ledger::{self, Chain, NewEntry};
use crate::store::orders::{self, Order};
use crate::store::tasks::{self, Task};
use crate::store::{StoreError, Tx, accounts, alerts, timers};

/// What tasks are reckoned from, beside versions and breach cases.
const KINDS: [FactKind; 6] = [
    FactKind::ServiceAttempted,
    FactKind::OrderEnded,
    FactKind::StatusPeriod,
    FactKind::TaskAdded,
    FactKind::TaskReassigned,
    FactKind::TaskDone,
];

pub fn overdue_key(task: TaskId) -> String {
    format!("{}:{task}", AlertKind::TaskOverdue)
}

/// Puts the tasks, their alerts and the timer of an order in line with what is on file.
pub fn settle_tasks(
    tx: &mut Tx<'_>,
    identity: &Identity,
    order: &Order,
    (now, by): (Instant, Option<AccountId>),
) -> Result<(), StoreError> {
    let rung = Reckoning::of(tx, identity, order, (now, by))?.settle(tx)?;
    timers::set(tx, order.id, (TimerKind::Tasks, order.id.uuid()), rung.next_at)?;
    raise_alerts(tx, identity, now, rung.raises).map(drop)
}

/// Something has become due or late by itself.
pub fn ring_tasks(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
    order: &Order,
) -> Result<Rung, StoreError> {
    Reckoning::of(tx, identity, order, (now, None))?.settle(tx)
}

/// Whoever had open tasks has none any more: their account is not in use.
pub fn give_on(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
    from: AccountId,
) -> Result<(), StoreError> {
    for id in tasks::orders_of_owner(tx, from)? {
        if let Some(order) = orders::find_for_service(tx, id)? {
            settle_tasks(tx, identity, &order, (now, None))?;
        }
    }
    Ok(())
}

/// What was recorded of the tasks of an order, by task, and what else they are reckoned from.
struct Recorded {
    done: BTreeMap<FactId, Fact>,
    given_to: BTreeMap<FactId, AccountId>,
    added: Vec<FactId>,
    others: Vec<Fact>,
}

impl Recorded {
    fn load(tx: &mut Tx<'_>, order: OrderId) -> Result<Self, StoreError> {
        let mut found = facts::of_order(tx, order, &KINDS)?;
        found.sort_by_key(|fact| (fact.recorded_at, fact.id));
        let mut all = Self {
            done: BTreeMap::new(),
            given_to: BTreeMap::new(),
            added: Vec::new(),
            others: Vec::new(),
        };
        for fact in found {
            match fact.kind {
                FactKind::TaskDone => drop(all.done.insert(fact.object_id, fact)),
                FactKind::TaskAdded => all.added.push(fact.object_id),
                FactKind::TaskReassigned => {
                    let body: ReassignedBody = fact.read()?;
                    all.given_to.insert(fact.object_id, body.to);
                }
                _ => all.others.push(fact),
            }
        }
        Ok(all)
    }

    fn of(&self, task: &Task) -> Option<&Fact> {
        self.done.get(&FactId::from(task.id.uuid()))
    }

    /// Whether it was done, and by which record; that it was not, with the reason, is an answer too.
    fn answer(&self, task: &Task) -> Result<Option<(&Fact, AnswerBody)>, StoreError> {
        self.of(task).map(|fact| Ok((fact, fact.read::<DoneBody>()?.answer))).transpose()
    }
}

/// The tasks of one order as they are and as they have to be.
struct Reckoning<'r> {
    identity: &'r Identity,
    order: &'r Order,
    now: Instant,
    by: Option<AccountId>,
    recorded: Recorded,
    on_file: OrderOnFile,
    rows: Vec<Task>,
    /// Who has what nobody gave to somebody else.
    owner: Option<AccountId>,
    raises: Vec<Raise>,
    entries: Vec<NewEntry>,
}

impl<'r> Reckoning<'r> {
    fn of(
        tx: &mut Tx<'_>,
        identity: &'r Identity,
        order: &'r Order,
        (now, by): (Instant, Option<AccountId>),
    ) -> Result<Self, StoreError> {
        let recorded = Recorded::load(tx, order.id)?;
        let rows = tasks::of_order(tx, order.id)?;
        let on_file = on_file(tx, order, (&recorded, &rows))?;
        let owner = owner(tx, order)?;
        let (raises, entries) = (Vec::new(), Vec::new());
        Ok(Self { identity, order, now, by, recorded, on_file, rows, owner, raises, entries })
    }

    fn settle(mut self, tx: &mut Tx<'_>) -> Result<Rung, StoreError> {
        let asked = task::asked(&self.on_file, self.now);
        let rows: Vec<Task> = self.rows.clone();
        let mut next_at = task::next_change(&self.on_file, self.now);
        for of in &asked {
            let on_file = rows.iter().find(|row| row.dedupe_key == of.key).cloned();
            let row = match on_file {
                Some(row) => self.keep(tx, row, Some(of))?,
                None => self.raise(tx, of)?,
            };
            next_at = next_at.into_iter().chain(self.late_from(&row)).min();
        }
        for row in rows {
            if asked.iter().all(|of| of.key != row.dedupe_key) {
                let row = self.keep(tx, row, None)?;
                next_at = next_at.into_iter().chain(self.late_from(&row)).min();
            }
        }
        let is_renewal_asked = asked.iter().any(|of| of.kind == TaskKind::RenewalDecision);
        if !is_renewal_asked {
            self.close_warnings(tx)?;
        }
        ledger::append(tx, self.now, self.entries)?;
        Ok(Rung { raises: self.raises, next_at })
    }

    fn late_from(&self, task: &Task) -> Option<Instant> {
        (task.is_open() && task.due_at > self.now).then_some(task.due_at)
    }

    fn raise(&mut self, tx: &mut Tx<'_>, of: &Asked) -> Result<Task, StoreError> {
        let task = Task {
            id: self.identity.id(self.now),
            dedupe_key: of.key.clone(),
            order_id: self.order.id,
            kind: of.kind,
            cause: of.cause,
            event_id: of.event.into(),
            happened_at: of.happened_at,
            says: of.cause.says(of.kind).to_owned(),
            raised_at: self.now,
            due_at: of.due.closes_at,
            arithmetic: of.due.arithmetic.clone(),
            basis: of.due.basis.to_owned(),
            owner_id: self.owner,
            is_reassigned: false,
            state: TaskState::Open,
            chased_at: None,
            done_by: None,
            done_at: None,
            was_done: None,
            cancelled_at: None,
            cancel_reason: None,
        };
        tasks::insert(tx, &task)?;
        self.entries.push(self.entry(&task, "raise_task"));
        let chased = self.chased(&task);
        if chased != task {
            tasks::update(tx, &chased)?;
        }
        Ok(chased)
    }

    /// A row as it has to be, written if that is not how it is.
    fn keep(&mut self, tx: &mut Tx<'_>, row: Task, of: Option<&Asked>) -> Result<Task, StoreError> {
        let is_by_hand = row.cause == TaskCause::Asked;
        let is_added = self.recorded.added.contains(&FactId::from(row.id.uuid()));
        let is_asked = of.is_some() || (is_by_hand && is_added);
        let mut kept = self.owned(tx, row.clone())?;
        kept.cancelled_at = None;
        kept.cancel_reason = None;
        kept.state = TaskState::Open;
        (kept.done_by, kept.done_at, kept.was_done) = (None, None, None);
        if let Some((fact, body)) = self.recorded.answer(&row)? {
            kept.state = TaskState::Done;
            kept.done_by = Some(fact.id);
            kept.done_at = Some(fact.happened_at);
            kept.was_done = Some(body.was_done());
        } else if !is_asked {
            let reason = cancelled_because(row.kind, &self.on_file, self.now);
            let before = row.cancel_reason.clone();
            kept.state = TaskState::Cancelled;
            kept.cancelled_at = row.cancelled_at.or(Some(self.now));
            kept.cancel_reason = before.or_else(|| Some(reason.to_string()));
        } else if let Some(of) = of {
            kept.happened_at = of.happened_at;
            kept.due_at = of.due.closes_at;
            kept.arithmetic.clone_from(&of.due.arithmetic);
        }
        let kept = self.chased(&kept);
        if kept != row {
            self.changed(tx, &row, &kept)?;
        }
        Ok(kept)
    }

    /// An open task goes with whoever it was given to, or who answers for the order.
    fn owned(&self, tx: &mut Tx<'_>, row: Task) -> Result<Task, StoreError> {
        let given_to = self.recorded.given_to.get(&FactId::from(row.id.uuid())).copied();
        let given_to = match given_to {
            Some(to) if is_in_use(tx, to)? => Some(to),
            _ => None,
        };
        if !row.is_open() && self.recorded.of(&row).is_some() {
            return Ok(row);
        }
        let owner_id = given_to.or(self.owner);
        Ok(Task { owner_id, is_reassigned: given_to.is_some(), ..row })
    }

    /// Raises what is late and was not raised.
    fn chased(&mut self, task: &Task) -> Task {
        let mut chased = task.clone();
        if !task.is_late(self.now) {
            chased.chased_at = None;
        } else if task.chased_at.is_none() {
            chased.chased_at = Some(self.now);
            self.raises.push(overdue(self.order, task));
        }
        chased
    }

    fn changed(&mut self, tx: &mut Tx<'_>, row: &Task, kept: &Task) -> Result<(), StoreError> {
        tasks::update(tx, kept)?;
        if row.chased_at.is_some() && kept.chased_at.is_none() {
            self.settling(kept).close(tx, &overdue_key(kept.id))?;
        } else if row.chased_at.is_some() && row.owner_id != kept.owner_id {
            // Somebody else has it now, and is told from the first step on.
            self.settling(kept).close(tx, &overdue_key(kept.id))?;
            self.raises.push(overdue(self.order, kept));
        }
        let is_decided = kept.kind == TaskKind::RenewalDecision && kept.state == TaskState::Done;
        if is_decided && row.state != TaskState::Done {
            self.close_warnings(tx)?;
        }
        let act = match (row.state, kept.state) {
            (before, now) if before == now => return Ok(()),
            (_, TaskState::Open) => "reopen_task",
            (_, TaskState::Done) => "settle_task",
            (_, TaskState::Cancelled) => "cancel_task",
        };
        self.entries.push(self.entry(kept, act));
        Ok(())
    }

    fn settling(&self, task: &Task) -> Settling {
        let why = match task.state {
            TaskState::Cancelled => AlertCloseReason::EnteredInError,
            TaskState::Open | TaskState::Done => AlertCloseReason::Resolved,
        };
        Settling { now: self.now, by: self.by, why }
    }

    /// Warnings of the last day ask for the decision that is made, or are of a day that is not the last.
    fn close_warnings(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let settling = Settling::resolved(self.now, self.by);
        for key in alerts::open_keys_of(tx, self.order.id, AlertKind::OrderExpiring)? {
            settling.close(tx, &key)?;
        }
        Ok(())
    }

    fn entry(&self, task: &Task, act: &'static str) -> NewEntry {
        NewEntry {
            chain: Chain::Order(task.order_id),
            actor: self.by,
            act,
            object: format!("task:{}", task.id),
            detail: task.dedupe_key.clone(),
            body_digest: sha256(task.says.as_bytes()),
        }
    }
}

fn overdue(order: &Order, task: &Task) -> Raise {
    let says = format!("{} It was due {} ({}).", task.says, task.arithmetic, task.basis);
    let at = (overdue_key(task.id), task.due_at);
    Raise { account: task.owner_id, ..about(order, AlertKind::TaskOverdue, at, says) }
}

fn is_in_use(tx: &mut Tx<'_>, id: AccountId) -> Result<bool, StoreError> {
    Ok(accounts::find(tx, id)?.is_some_and(|account| account.disabled_at.is_none()))
}

/// Who has the tasks of an order.
fn owner(tx: &mut Tx<'_>, order: &Order) -> Result<Option<AccountId>, StoreError> {
    let answering = [order.owner_id, order.deputy_id, order.supervisor_id];
    let mut in_use = Vec::new();
    for account in answering.into_iter().flatten() {
        if is_in_use(tx, account)? {
            in_use.push(account);
            break;
        }
    }
    let supervisors =
        if in_use.is_empty() { tasks::supervisors(tx, order.id)? } else { Vec::new() };
    in_use.extend(&supervisors);
    Ok(task::owner(answering, &supervisors, |account| in_use.contains(&account)))
}

fn event(fact: &Fact) -> Event {
    Event { id: fact.id.uuid(), happened_at: fact.happened_at, known_at: fact.recorded_at }
}

fn on_file(
    tx: &mut Tx<'_>,
    order: &Order,
    (recorded, rows): (&Recorded, &[Task]),
) -> Result<OrderOnFile, StoreError> {
    let versions = orders::versions(tx, order.id)?.into_iter().map(|version| Event {
        id: version.id.uuid(),
        // What is in force later is known from when it is on file.
        happened_at: version.in_force_from.min(version.recorded_at),
        known_at: version.recorded_at,
    });
    let versions: Vec<Event> = versions.collect();
    let filed_at = versions.iter().map(|version| version.known_at).min();
    let mut on_file = OrderOnFile {
        id: order.id.uuid(),
        kind: order.kind,
        risk: order.risk,
        begun_at: tasks::begun_at(tx)?,
        served: served(order, recorded, filed_at)?,
        versions,
        ended: ended(order, recorded),
        ends_on: order.ends_on,
        breaches: Vec::new(),
        arrests: Vec::new(),
        custody: custody(recorded)?,
        reviews: reviews(recorded, rows)?,
        told: told(recorded, rows)?,
    };
    for case in cases_of(tx, order)? {
        let decisions = case.decisions.iter().zip(&case.case.decisions);
        on_file.breaches.extend(decisions.filter_map(|((fact, _), of)| decision(fact, of)));
        let arrests = case.progress.iter().filter(|(_, body)| body.step == "arrest");
        on_file.arrests.extend(arrests.map(|(fact, _)| event(fact)));
    }
    Ok(on_file)
}

/// A decision stands from when a second person has agreed, where one has to.
fn decision(fact: &Fact, of: &Decided) -> Option<Event> {
    let agreed = of.authorised.filter(|by| by.is_agreed).map(|by| by.at);
    let is_refused = of.authorised.is_some_and(|by| !by.is_agreed);
    let stands_from = match of.disposition.needs_authorisation() {
        true => agreed?,
        false if is_refused => return None,
        false => fact.happened_at,
    };
    let known_at = fact.recorded_at.max(stands_from);
    Some(Event { id: fact.id.uuid(), happened_at: stands_from, known_at })
}

fn served(
    order: &Order,
    recorded: &Recorded,
    filed_at: Option<Instant>,
) -> Result<Vec<Event>, StoreError> {
    let mut served = Vec::new();
    if let Some((happened_at, known_at)) = order.intake_served_at.zip(filed_at) {
        served.push(Event { id: order.id.uuid(), happened_at, known_at });
    }
    for fact in recorded.others.iter().filter(|it| it.kind == FactKind::ServiceAttempted) {
        let body: ServiceBody = fact.read()?;
        if body.outcome == ServiceOutcome::Served.as_str() {
            served.push(event(fact));
        }
    }
    served.sort_by_key(|event| event.happened_at);
    Ok(served)
}

fn ended(order: &Order, recorded: &Recorded) -> Option<(Event, EndReason)> {
    let ended_at = order.ended_at?;
    let reason = order.end_reason.as_deref().and_then(EndReason::parse)?;
    let fact = recorded
        .others
        .iter()
        .find(|it| it.kind == FactKind::OrderEnded && it.happened_at == ended_at)?;
    Some((event(fact), reason))
}

fn custody(recorded: &Recorded) -> Result<Vec<Stay>, StoreError> {
    let mut stays = Vec::new();
    for fact in recorded.others.iter().filter(|it| it.kind == FactKind::StatusPeriod) {
        let body: PeriodBody = fact.read()?;
        if body.whereabouts == Whereabouts::Custody.as_str() {
            stays.push(Stay {
                id: fact.id.uuid(),
                from: Instant::from_ms(body.from),
                until: Instant::from_ms(body.until),
                known_at: fact.recorded_at,
            });
        }
    }
    Ok(stays)
}

fn reviews(recorded: &Recorded, rows: &[Task]) -> Result<Vec<Reviewed>, StoreError> {
    let mut reviews = Vec::new();
    for row in rows.iter().filter(|row| row.kind == TaskKind::OrderReview) {
        if let Some((_, AnswerBody::Reviewed { next_on, .. })) = recorded.answer(row)? {
            reviews.push(Reviewed { next_on });
        }
    }
    Ok(reviews)
}

fn told(recorded: &Recorded, rows: &[Task]) -> Result<Vec<Told>, StoreError> {
    let mut told = Vec::new();
    for row in rows {
        let is_of_event = matches!(row.kind, TaskKind::VictimUpdate | TaskKind::PncUpdate)
            && row.cause != TaskCause::Asked;
        let answer = recorded.answer(row)?.filter(|_| is_of_event);
        if answer.is_some_and(|(_, body)| body.was_done()) {
            let key = task::key(row.kind, TaskCause::Corrected, row.id.uuid());
            let correction = rows.iter().find(|row| row.dedupe_key == key);
            told.push(Told {
                task: row.id.uuid(),
                key: row.dedupe_key.clone(),
                kind: row.kind,
                cause: row.cause,
                noticed_at: correction.map(|row| row.happened_at),
            });
        }
    }
    Ok(told)
}
