//! `add_task`: somebody asks for something to be done.

use actix_web::{HttpResponse, put, web};
use compliance::task::TaskKind;
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, Spelled, TaskKindWord, Timestamp, checked_text, required_text};
use crate::operations::task_answers::{NewTask, add_task as add};
use crate::store::id::{OrderId, TaskId};

/// What is to be done, and until when.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskToAdd {
    /// `by_hand`, or `pnc_update` of an order that the PNC is not known to have. The others are asked for
    /// by what happens.
    pub kind: TaskKindWord,
    /// As a sentence; empty of a `pnc_update`. Leave names and addresses out of it.
    #[serde(default)]
    #[schema(max_length = 500, example = "Ask the school whether he was seen there.")]
    pub says: String,
    /// At this instant it is late.
    pub due_at: Timestamp,
}

/// Asks for something to be done about an order.
///
/// Whoever answers for the order has it, until it is given to somebody else.
#[utoipa::path(
    tag = "Tasks",
    params(
        ("order_id" = OrderId, Path, description = "The order"),
        ("task_id" = TaskId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = TaskToAdd,
    responses((status = 201, description = "Asked for, now or before", body = Record)),
)]
#[put("/orders/{order_id}/tasks/{task_id}")]
pub async fn add_task(
    caller: Caller<act::KeepCase>,
    path: web::Path<(OrderId, TaskId)>,
    asked: Body<TaskToAdd>,
) -> Result<HttpResponse, Problem> {
    let TaskToAdd { kind: Spelled(kind), says, due_at: Timestamp(due_at) } = asked.read().await?;
    match kind {
        TaskKind::ByHand => required_text("/says", &says, 500)?,
        TaskKind::PncUpdate if says.is_empty() => {}
        TaskKind::PncUpdate => return Err(Problem::field("/says", "is empty of a pnc_update")),
        _ => return Err(Problem::field("/kind", "can be by_hand or pnc_update here")),
    }
    checked_text("/says", &says, 500)?;
    let (order, id) = *path;
    let (actor, new) = (caller.actor(), NewTask { id, order, kind, says, due_at });
    let recorded = caller.write(move |tx| add(tx, &actor, &new)).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
