//! `acknowledge_alert`: somebody has it.

use actix_web::{HttpResponse, put, web};

use super::caller::{Caller, act};
use super::list_alerts::WireAlert;
use super::problem::Problem;
use crate::operations::Actor;
use crate::operations::acknowledge_alert::acknowledge_alert as acknowledge;
use crate::refusal::Refusal;
use crate::store::alerts::{self, AlertInContext};
use crate::store::id::AlertId;
use crate::store::{Tx, ledger};

/// Says that the caller has an alert.
///
/// Nothing more is sent about it. It is no decision: the alert stays open until what it asks for is
/// done. Who acknowledged first stays; a second time changes nothing.
#[utoipa::path(
    tag = "Alerts",
    params(("alert_id" = AlertId, Path, description = "The alert")),
    responses((status = 200, description = "The alert as it is now", body = WireAlert)),
)]
#[put("/alerts/{alert_id}/acknowledgement")]
pub async fn acknowledge_alert(
    caller: Caller<act::AcknowledgeAlert>,
    id: web::Path<AlertId>,
) -> Result<HttpResponse, Problem> {
    let (actor, id) = (caller.actor(), *id);
    let alert = caller
        .write(move |tx| {
            acknowledge(tx, &actor, id)?;
            read(tx, &actor, id)
        })
        .await?;
    Ok(HttpResponse::Ok().json(WireAlert::from(alert)))
}

fn read(tx: &mut Tx<'_>, actor: &Actor, id: AlertId) -> Result<AlertInContext, Refusal> {
    let found = alerts::find_in_context(tx, actor.scope, id)?.ok_or(Refusal::NotFound("alert"))?;
    let entry = actor.reading("get_alert", format!("alert:{id}"), found.alert.order_id);
    ledger::append(tx, actor.now, vec![entry])?;
    Ok(found)
}
