//! `get_task`: a task, and everything that was recorded of it.

use actix_web::{HttpResponse, get, web};
use compliance::Instant;
use compliance::fact::FactKind;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::complete_task::{TaskAnswer, answered};
use super::list_tasks::TaskEntry;
use super::problem::Problem;
use super::wire::{FactKindWord, Spelled, Timestamp};
use crate::operations::Actor;
use crate::operations::task_answers::DoneBody;
use crate::refusal::Refusal;
use crate::store::facts::{self, Fact};
use crate::store::id::{FactId, TaskId};
use crate::store::tasks::{self, TaskInContext};
use crate::store::{StoreError, Tx, ledger};

/// A task and what was recorded of it.
#[derive(Serialize, ToSchema)]
pub struct TaskDetails {
    pub task: TaskEntry,
    /// In the order in which it was recorded; mistakes stay, and say so.
    pub records: Vec<TaskRecord>,
}

/// Something that was recorded of a task.
#[derive(Serialize, ToSchema)]
pub struct TaskRecord {
    pub record_id: FactId,
    pub kind: FactKindWord,
    pub happened_at: Timestamp,
    pub recorded_at: Timestamp,
    pub recorded_by_name: Option<String>,
    pub says: String,
    /// How it was answered, if this is an answer.
    pub answer: Option<TaskAnswer>,
    /// Somebody called the record a mistake.
    pub superseded_at: Option<Timestamp>,
    pub superseded_reason: Option<String>,
}

type Found = (TaskInContext, Vec<(Fact, Option<String>)>);

fn record((fact, recorded_by_name): (Fact, Option<String>)) -> Result<TaskRecord, StoreError> {
    let answer = match fact.kind {
        FactKind::TaskDone => Some(answered(fact.read::<DoneBody>()?.answer.read()?)),
        _ => None,
    };
    Ok(TaskRecord {
        record_id: fact.id,
        kind: Spelled(fact.kind),
        happened_at: fact.happened_at.into(),
        recorded_at: fact.recorded_at.into(),
        recorded_by_name,
        says: fact.says,
        answer,
        superseded_at: fact.superseded_at.map(Timestamp),
        superseded_reason: fact.superseded_reason,
    })
}

fn details(now: Instant, (task, records): Found) -> Result<TaskDetails, StoreError> {
    let records = records.into_iter().map(record).collect::<Result<_, _>>()?;
    Ok(TaskDetails { task: TaskEntry::at(now, task), records })
}

/// Shows a task: until when by which rule, who has it, and how it was answered.
///
/// The reading is in the ledger.
#[utoipa::path(
    tag = "Tasks",
    params(("task_id" = TaskId, Path, description = "The task")),
    responses((status = 200, description = "The task", body = TaskDetails)),
)]
#[get("/tasks/{task_id}")]
pub async fn get_task(
    caller: Caller<act::ReadCase>,
    id: web::Path<TaskId>,
) -> Result<HttpResponse, Problem> {
    let (actor, id) = (caller.actor(), *id);
    let found = caller.write(move |tx| read(tx, &actor, id)).await?;
    Ok(HttpResponse::Ok().json(details(caller.now, found)?))
}

fn read(tx: &mut Tx<'_>, actor: &Actor, id: TaskId) -> Result<Found, Refusal> {
    let found = tasks::find_in_context(tx, actor.scope, id)?.ok_or(Refusal::NotFound("task"))?;
    let entry = actor.reading("get_task", format!("task:{id}"), [found.task.order_id]);
    ledger::append(tx, actor.now, vec![entry])?;
    let records = facts::all_of_object(tx, id.uuid())?;
    Ok((found, records))
}
