//! `send_test_alarm`: tries whether alerts arrive.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::caller::{Caller, act};
use super::list_alerts::WireAlert;
use super::problem::Problem;
use super::wire::Body;
use crate::operations::test_alarm::send_test_alarm as send;
use crate::store::id::AccountId;

/// Whom to try it on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTestAlarm {
    pub to_account_id: AccountId,
}

/// Sends somebody a test alarm.
///
/// It goes the way of every alert: to their phones, and up the ladder until somebody acknowledges it, which
/// closes it.
#[utoipa::path(
    tag = "Escalation",
    params(("test_alarm_id" = Uuid, Path, description = "A UUIDv7 made by the caller")),
    request_body = NewTestAlarm,
    responses((status = 201, description = "On its way, now or before", body = WireAlert)),
)]
#[put("/test-alarms/{test_alarm_id}")]
pub async fn send_test_alarm(
    caller: Caller<act::KeepRota>,
    id: web::Path<Uuid>,
    asked: Body<NewTestAlarm>,
) -> Result<HttpResponse, Problem> {
    let to = asked.read().await?.to_account_id;
    let (actor, id) = (caller.actor(), *id);
    let alert = caller.write(move |tx| send(tx, &actor, (id, to))).await?;
    Ok(HttpResponse::Created().json(WireAlert::from(alert)))
}
