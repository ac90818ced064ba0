//! `list_tasks`: what has to be done beside sign-ons.

use actix_web::{HttpResponse, get, web};
use compliance::Instant;
use compliance::task::TaskState;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::{Caller, act};
use super::problem::Problem;
use super::wire::{
    Limit, Spelled, TaskCancelReasonWord, TaskCauseWord, TaskKindWord, TaskStateWord, Timestamp,
    next_page, page_mark,
};
use crate::operations::Actor;
use crate::refusal::Refusal;
use crate::store::id::{AccountId, OrderId, StationId, TaskId};
use crate::store::tasks::{self, Page, TaskInContext};
use crate::store::{Tx, ledger};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TaskQuery {
    /// Only the caller's own.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    mine: bool,
    /// Only those of orders that name this station.
    station_id: Option<StationId>,
    /// The open ones when left out.
    state: Option<TaskStateWord>,
    kind: Option<TaskKindWord>,
    /// Only those that are due before this; the late ones when it is now.
    due_before: Option<Timestamp>,
    /// `next` of the page before.
    #[serde(default)]
    #[param(value_type = Option<String>, max_length = 80)]
    after: String,
    /// How many at most; 100 when left out.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 500)]
    limit: Limit,
}

/// A page of tasks, by when they are due.
#[derive(Serialize, ToSchema)]
pub struct TaskList {
    /// When the list was true.
    pub as_of: Timestamp,
    pub tasks: Vec<TaskEntry>,
    /// For `after`, when there may be more.
    pub next: Option<String>,
}

/// Something that has to be done about an order. Nothing is told to a victim by itself: a person does.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Task)]
pub struct TaskEntry {
    pub task_id: TaskId,
    pub kind: TaskKindWord,
    pub cause: TaskCauseWord,
    pub state: TaskStateWord,
    /// What to do. Neither a victim nor where they are is named in it.
    #[schema(example = "Tell the victim that the order was served and now binds.")]
    pub says: String,
    pub order_id: OrderId,
    pub order_reference: String,
    pub subject_name: String,
    /// When what asks for it happened.
    pub happened_at: Timestamp,
    /// At this instant it is late.
    pub due_at: Timestamp,
    #[schema(example = "1 working day after Mon 23 Nov 2026: Tue 24 Nov 23:59:59")]
    pub arithmetic: String,
    #[schema(example = "Victims' Code, Right 6")]
    pub basis: String,
    pub is_overdue: bool,
    pub owner_id: Option<AccountId>,
    pub owner_name: Option<String>,
    /// Somebody gave it to its owner; else it goes with whoever answers for the order.
    pub is_reassigned: bool,
    pub done_at: Option<Timestamp>,
    /// Of an answered victim update: false when the victim was not told, and the reason is on file.
    pub was_done: Option<bool>,
    pub cancelled_at: Option<Timestamp>,
    pub cancel_reason: Option<TaskCancelReasonWord>,
}

impl TaskEntry {
    pub fn at(now: Instant, found: TaskInContext) -> Self {
        let task = found.task;
        Self {
            task_id: task.id,
            kind: Spelled(task.kind),
            cause: Spelled(task.cause),
            state: Spelled(task.state),
            order_id: task.order_id,
            order_reference: found.order_reference,
            subject_name: found.subject_name,
            happened_at: task.happened_at.into(),
            due_at: task.due_at.into(),
            is_overdue: task.is_late(now),
            owner_id: task.owner_id,
            owner_name: found.owner_name,
            is_reassigned: task.is_reassigned,
            done_at: task.done_at.map(Timestamp),
            was_done: task.was_done,
            cancelled_at: task.cancelled_at.map(Timestamp),
            cancel_reason: task.cancelled_because().map(Spelled),
            says: task.says,
            arithmetic: task.arithmetic,
            basis: task.basis,
        }
    }
}

/// Lists what has to be done about the orders that the caller may know of.
///
/// What is due first comes first. A task that somebody was given is in their list, whatever else they may
/// know of. The reading is in the ledger.
#[utoipa::path(
    tag = "Tasks",
    params(TaskQuery),
    responses((status = 200, description = "A page of tasks", body = TaskList)),
)]
#[get("/tasks")]
pub async fn list_tasks(
    caller: Caller<act::ReadCase>,
    query: web::Query<TaskQuery>,
) -> Result<HttpResponse, Problem> {
    let asked = query.into_inner();
    let Limit(at_most) = asked.limit;
    let page = Page {
        owner: asked.mine.then_some(caller.account.id),
        station: asked.station_id,
        state: asked.state.map_or(TaskState::Open, |Spelled(state)| state),
        kind: asked.kind.map(|Spelled(kind)| kind),
        due_before: asked.due_before.map(|Timestamp(at)| at),
        after: page_mark(&asked.after)?,
        at_most,
    };
    let (actor, now) = (caller.actor(), caller.now);
    let found = caller.write(move |tx| listed(tx, &actor, page)).await?;
    let next = next_page(&found, at_most, |it| (it.task.due_at, it.task.id));
    let tasks = found.into_iter().map(|it| TaskEntry::at(now, it)).collect();
    Ok(HttpResponse::Ok().json(TaskList { as_of: now.into(), tasks, next }))
}

fn listed(tx: &mut Tx<'_>, actor: &Actor, page: Page) -> Result<Vec<TaskInContext>, Refusal> {
    let found = tasks::list(tx, actor.scope, page)?;
    let orders = found.iter().map(|found| found.task.order_id);
    let object = format!("account:{}", actor.scope.account);
    let entry = actor.reading("list_tasks", object, orders);
    ledger::append(tx, actor.now, vec![entry])?;
    Ok(found)
}
