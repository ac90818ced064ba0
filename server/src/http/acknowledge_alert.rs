//! `acknowledge_alert`: somebody has it.

use actix_web::{HttpResponse, put, web};

use super::caller::{Caller, act};
use super::get_alert::read_alert;
use super::list_alerts::WireAlert;
use super::problem::Problem;
use crate::operations::acknowledge_alert::acknowledge_alert as acknowledge;
use crate::store::id::AlertId;

/// Says that the caller has an alert.
///
/// Nothing more is sent about it. It is no decision: the alert stays open until somebody has decided or
/// what it asks for is done, and climbs again when that takes too long. Who acknowledged first stays; a
/// second time changes nothing.
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
            read_alert(tx, &actor, id)
        })
        .await?;
    Ok(HttpResponse::Ok().json(WireAlert::from(alert)))
}
