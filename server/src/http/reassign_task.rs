//! `reassign_task`: somebody else is to do it.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, required_text};
use crate::operations::task_answers::{ReassignedBody, reassign_task as reassign};
use crate::store::id::{AccountId, FactId, TaskId};

/// Who is to do it, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTaskOwner {
    /// Somebody who may know of the case.
    pub to_account_id: AccountId,
    #[schema(min_length = 1, max_length = 2000, example = "She is the victim's liaison officer.")]
    pub reason: String,
}

/// Gives an open task to somebody else.
///
/// They have it whoever answers for the order. If it is late, they are told of it first.
#[utoipa::path(
    tag = "Tasks",
    params(
        ("task_id" = TaskId, Path, description = "The task"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = NewTaskOwner,
    responses((status = 201, description = "Given on, now or before", body = Record)),
)]
#[put("/tasks/{task_id}/assignments/{record_id}")]
pub async fn reassign_task(
    caller: Caller<act::KeepCase>,
    path: web::Path<(TaskId, FactId)>,
    asked: Body<NewTaskOwner>,
) -> Result<HttpResponse, Problem> {
    let NewTaskOwner { to_account_id: to, reason } = asked.read().await?;
    required_text("/reason", &reason, 2000)?;
    let (actor, ids, body) = (caller.actor(), *path, ReassignedBody { to, reason });
    let recorded = caller.write(move |tx| reassign(tx, &actor, ids, body.clone())).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
