//! Tasks: what has to be done about an order beside sign-ons, who has it, and until when. None is deleted.

use std::collections::BTreeSet;

use compliance::access::Role;
use compliance::task::{TaskCancelReason, TaskCause, TaskKind, TaskState};
use compliance::{Instant, Word};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Binary, Bool};

use super::id::{AccountId, FactId, OrderId, StationId, TaskId};
use super::schema::{
    account_stations, accounts, order_stations, orders, subjects, task_beginnings, tasks,
};
use super::scope::{Condition, Scope};
use super::types::{MaybeMs, Ms, Spelled};
use super::{StoreError, Tx};

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = tasks)]
pub struct Task {
    pub id: TaskId,
    /// One task for each thing that asks for one.
    pub dedupe_key: String,
    pub order_id: OrderId,
    #[diesel(deserialize_as = Spelled)]
    pub kind: TaskKind,
    #[diesel(deserialize_as = Spelled)]
    pub cause: TaskCause,
    /// The version, record or order that asks for it.
    pub event_id: FactId,
    #[diesel(deserialize_as = Ms)]
    pub happened_at: Instant,
    /// The task as a sentence. It names neither a victim nor where they are.
    pub says: String,
    #[diesel(deserialize_as = Ms)]
    pub raised_at: Instant,
    #[diesel(deserialize_as = Ms)]
    pub due_at: Instant,
    pub arithmetic: String,
    pub basis: String,
    /// Nobody, when there is nobody who could have it.
    pub owner_id: Option<AccountId>,
    /// Somebody gave it to its owner; else it follows whoever answers for the order.
    pub is_reassigned: bool,
    #[diesel(deserialize_as = Spelled)]
    pub state: TaskState,
    /// When its alert was raised, while it is open and late.
    #[diesel(deserialize_as = MaybeMs)]
    pub chased_at: Option<Instant>,
    /// The fact that answers it.
    pub done_by: Option<FactId>,
    #[diesel(deserialize_as = MaybeMs)]
    pub done_at: Option<Instant>,
    /// Whether it was done; else there is a reason why not.
    pub was_done: Option<bool>,
    #[diesel(deserialize_as = MaybeMs)]
    pub cancelled_at: Option<Instant>,
    pub cancel_reason: Option<String>,
}

impl Task {
    pub fn is_open(&self) -> bool {
        self.state == TaskState::Open
    }

    pub fn is_late(&self, now: Instant) -> bool {
        self.is_open() && self.due_at <= now
    }

    /// Why it is not asked for any more, if it is not.
    pub fn cancelled_because(&self) -> Option<TaskCancelReason> {
        self.cancel_reason.as_deref().and_then(TaskCancelReason::parse)
    }
}

/// A task with the words that a list needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskInContext {
    pub task: Task,
    pub order_reference: String,
    pub subject_name: String,
    pub owner_name: Option<String>,
}

/// Since when tasks are kept at all.
pub fn begun_at(tx: &mut Tx<'_>) -> Result<Instant, StoreError> {
    let query = task_beginnings::table.select(task_beginnings::begun_at);
    let begun: Option<i64> = query.first(tx.conn).optional()?;
    Ok(Instant::from_ms(begun.unwrap_or(0)))
}

/// Whether any task has this id: one that was asked for, or one of the service's own.
pub fn is_id_taken(tx: &mut Tx<'_>, id: TaskId) -> Result<bool, StoreError> {
    let query = tasks::table.find(id).select(tasks::id);
    Ok(query.first::<TaskId>(tx.conn).optional()?.is_some())
}

pub fn insert(tx: &mut Tx<'_>, task: &Task) -> Result<(), StoreError> {
    diesel::insert_into(tasks::table)
        .values((
            tasks::id.eq(task.id),
            tasks::dedupe_key.eq(&task.dedupe_key),
            tasks::order_id.eq(task.order_id),
            tasks::kind.eq(task.kind.as_str()),
            tasks::cause.eq(task.cause.as_str()),
            tasks::event_id.eq(task.event_id),
            tasks::happened_at.eq(task.happened_at.ms()),
            tasks::says.eq(&task.says),
            tasks::raised_at.eq(task.raised_at.ms()),
            tasks::due_at.eq(task.due_at.ms()),
            tasks::arithmetic.eq(&task.arithmetic),
            tasks::basis.eq(&task.basis),
            tasks::owner_id.eq(task.owner_id),
            tasks::is_reassigned.eq(task.is_reassigned),
            tasks::state.eq(task.state.as_str()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Writes what can change about a task.
pub fn update(tx: &mut Tx<'_>, task: &Task) -> Result<(), StoreError> {
    diesel::update(tasks::table.find(task.id))
        .set((
            tasks::happened_at.eq(task.happened_at.ms()),
            tasks::due_at.eq(task.due_at.ms()),
            tasks::arithmetic.eq(&task.arithmetic),
            tasks::owner_id.eq(task.owner_id),
            tasks::is_reassigned.eq(task.is_reassigned),
            tasks::state.eq(task.state.as_str()),
            tasks::chased_at.eq(task.chased_at.map(Instant::ms)),
            tasks::done_by.eq(task.done_by),
            tasks::done_at.eq(task.done_at.map(Instant::ms)),
            tasks::was_done.eq(task.was_done),
            tasks::cancelled_at.eq(task.cancelled_at.map(Instant::ms)),
            tasks::cancel_reason.eq(&task.cancel_reason),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Of an order that the caller has, whatever their state.
pub fn of_order(tx: &mut Tx<'_>, order: OrderId) -> Result<Vec<Task>, StoreError> {
    let query = tasks::table
        .filter(tasks::order_id.eq(order))
        .order((tasks::raised_at, tasks::id))
        .select(Task::as_select());
    Ok(query.load(tx.conn)?)
}

/// The orders of which somebody has an open task.
pub fn orders_of_owner(tx: &mut Tx<'_>, owner: AccountId) -> Result<Vec<OrderId>, StoreError> {
    let query = tasks::table
        .filter(tasks::owner_id.eq(owner))
        .filter(tasks::state.eq(TaskState::Open.as_str()))
        .select(tasks::order_id)
        .distinct();
    Ok(query.load(tx.conn)?)
}

/// A task about an order in the caller's scope, or the caller's own.
fn visible<Table: 'static>(scope: Scope) -> Condition<Table> {
    let is_mine = sql::<Bool>("(tasks.owner_id IS NOT NULL AND tasks.owner_id = ")
        .bind::<Binary, _>(scope.account)
        .sql(")");
    Box::new(scope.sees::<Table>("tasks.order_id").or(is_mine))
}

pub fn find(tx: &mut Tx<'_>, scope: Scope, id: TaskId) -> Result<Option<Task>, StoreError> {
    let query = tasks::table
        .filter(tasks::id.eq(id))
        .filter(visible::<tasks::table>(scope))
        .select(Task::as_select());
    Ok(query.first(tx.conn).optional()?)
}

/// Whatever the caller's scope: an id that is taken is taken.
pub fn find_for_service(tx: &mut Tx<'_>, id: TaskId) -> Result<Option<Task>, StoreError> {
    Ok(tasks::table.find(id).select(Task::as_select()).first(tx.conn).optional()?)
}

type ContextRow = (Task, String, String, String, Option<String>);

fn in_context((task, order_reference, given, family, owner_name): ContextRow) -> TaskInContext {
    TaskInContext { task, order_reference, subject_name: format!("{given} {family}"), owner_name }
}

#[diesel::dsl::auto_type(no_type_alias)]
fn contexts() -> _ {
    let selected: diesel::dsl::AsSelect<Task, super::connection::AnyBackend> = Task::as_select();
    tasks::table
        .inner_join(orders::table.on(orders::id.eq(tasks::order_id)))
        .inner_join(subjects::table.on(subjects::id.eq(orders::subject_id)))
        .left_join(accounts::table.on(tasks::owner_id.eq(accounts::id.nullable())))
        .select((
            selected,
            orders::reference,
            subjects::given_names,
            subjects::family_name,
            accounts::display_name.nullable(),
        ))
}

pub fn find_in_context(
    tx: &mut Tx<'_>,
    scope: Scope,
    id: TaskId,
) -> Result<Option<TaskInContext>, StoreError> {
    let query = contexts().filter(tasks::id.eq(id)).filter(visible(scope));
    let found: Option<ContextRow> = query.first(tx.conn).optional()?;
    Ok(found.map(in_context))
}

/// Which tasks to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    pub owner: Option<AccountId>,
    /// Of orders that name this station.
    pub station: Option<StationId>,
    pub state: TaskState,
    pub kind: Option<TaskKind>,
    pub due_before: Option<Instant>,
    /// Behind this one.
    pub after: Option<(Instant, TaskId)>,
    pub at_most: i64,
}

/// What is due first comes first.
pub fn list(tx: &mut Tx<'_>, scope: Scope, page: Page) -> Result<Vec<TaskInContext>, StoreError> {
    let mut query =
        contexts().filter(visible(scope)).filter(tasks::state.eq(page.state.as_str())).into_boxed();
    if let Some(owner) = page.owner {
        query = query.filter(tasks::owner_id.eq(owner));
    }
    if let Some(station) = page.station {
        let named = order_stations::table
            .filter(order_stations::station_id.eq(station))
            .select(order_stations::order_id);
        query = query.filter(tasks::order_id.eq_any(named));
    }
    if let Some(kind) = page.kind {
        query = query.filter(tasks::kind.eq(kind.as_str()));
    }
    if let Some(before) = page.due_before {
        query = query.filter(tasks::due_at.lt(before.ms()));
    }
    if let Some((at, id)) = page.after {
        let is_same_instant = tasks::due_at.eq(at.ms()).and(tasks::id.gt(id));
        query = query.filter(tasks::due_at.gt(at.ms()).or(is_same_instant));
    }
    let rows: Vec<ContextRow> =
        query.order((tasks::due_at, tasks::id)).limit(page.at_most).load(tx.conn)?;
    Ok(rows.into_iter().map(in_context).collect())
}

/// The supervisors whose account is in use: those of a station that an order names first.
pub fn supervisors(tx: &mut Tx<'_>, order: OrderId) -> Result<Vec<AccountId>, StoreError> {
    let in_use = accounts::table
        .filter(accounts::disabled_at.is_null())
        .filter(accounts::role.eq(Role::Supervisor.as_str()))
        .order(accounts::id)
        .select(accounts::id);
    let all: Vec<AccountId> = in_use.load(tx.conn)?;
    let named = order_stations::table
        .filter(order_stations::order_id.eq(order))
        .select(order_stations::station_id);
    let near: Vec<AccountId> = account_stations::table
        .filter(account_stations::station_id.eq_any(named))
        .select(account_stations::account_id)
        .load(tx.conn)?;
    let (near, far): (Vec<_>, Vec<_>) = all.into_iter().partition(|id| near.contains(id));
    Ok(near.into_iter().chain(far).collect())
}

/// "The order in this column is not known to be in the PNC."
pub(in crate::store) fn without_pnc_reference<Table: 'static>(
    order_id: &'static str,
) -> Condition<Table> {
    Box::new(
        sql::<Bool>("NOT EXISTS (SELECT 1 FROM tasks entered WHERE entered.order_id = ")
            .sql(order_id)
            .sql(" AND entered.kind = 'pnc_update' AND entered.state = 'done')"),
    )
}

/// Every order that is known to be in the PNC.
pub fn in_pnc(tx: &mut Tx<'_>) -> Result<BTreeSet<OrderId>, StoreError> {
    let query = tasks::table
        .filter(tasks::kind.eq(TaskKind::PncUpdate.as_str()))
        .filter(tasks::state.eq(TaskState::Done.as_str()))
        .select(tasks::order_id);
    let found: Vec<OrderId> = query.load(tx.conn)?;
    Ok(found.into_iter().collect())
}

/// What asks for these goes on for long: they belong to the time in which they are due.
const BY_DUE_TIME: [TaskKind; 2] = [TaskKind::OrderReview, TaskKind::RenewalDecision];

/// A task as figures count it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = tasks)]
pub struct Counted {
    #[diesel(deserialize_as = Spelled)]
    pub kind: TaskKind,
    #[diesel(deserialize_as = Spelled)]
    pub cause: TaskCause,
    #[diesel(deserialize_as = Spelled)]
    pub state: TaskState,
    #[diesel(deserialize_as = Ms)]
    pub happened_at: Instant,
    #[diesel(deserialize_as = Ms)]
    pub due_at: Instant,
    #[diesel(deserialize_as = MaybeMs)]
    pub done_at: Option<Instant>,
    pub was_done: Option<bool>,
}

/// Those that what happened in the time asks for, and the reviews and decisions that were due in it; but
/// for what was a mistake.
pub fn counted(tx: &mut Tx<'_>, of: super::figures::Extent) -> Result<Vec<Counted>, StoreError> {
    let mut query = tasks::table
        .filter(of.scope.sees("tasks.order_id"))
        .filter(tasks::state.ne(TaskState::Cancelled.as_str()))
        .filter(
            tasks::kind
                .ne_all(BY_DUE_TIME.map(TaskKind::as_str))
                .and(tasks::happened_at.ge(of.from.ms()))
                .and(tasks::happened_at.lt(of.until.ms()))
                .or(tasks::kind
                    .eq_any(BY_DUE_TIME.map(TaskKind::as_str))
                    .and(tasks::due_at.ge(of.from.ms()))
                    .and(tasks::due_at.lt(of.until.ms()))),
        )
        .select(Counted::as_select())
        .into_boxed();
    if let Some(station) = of.station {
        let named = order_stations::table
            .filter(order_stations::station_id.eq(station))
            .select(order_stations::order_id);
        query = query.filter(tasks::order_id.eq_any(named));
    }
    Ok(query.load(tx.conn)?)
}
