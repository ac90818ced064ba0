//! `note_on_alert`: what somebody found out about an alert.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::get_alert::read_alert;
use super::list_alerts::WireAlert;
use super::problem::Problem;
use super::wire::{Body, required_text};
use crate::operations::decide_alert::{Said, Saying, say_of_alert};
use crate::store::id::{AlertEventId, AlertId};

/// What somebody found out.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAlertNote {
    #[schema(min_length = 1, max_length = 2000, example = "Rang the hospital: not admitted.")]
    pub note: String,
}

/// Notes what somebody found out about an alert.
///
/// It changes nothing else: the alert climbs on until somebody has acknowledged and decided.
#[utoipa::path(
    tag = "Alerts",
    params(
        ("alert_id" = AlertId, Path, description = "The alert"),
        ("event_id" = AlertEventId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = NewAlertNote,
    responses((status = 201, description = "On file, now or before", body = WireAlert)),
)]
#[put("/alerts/{alert_id}/notes/{event_id}")]
pub async fn note_on_alert(
    caller: Caller<act::AcknowledgeAlert>,
    path: web::Path<(AlertId, AlertEventId)>,
    asked: Body<NewAlertNote>,
) -> Result<HttpResponse, Problem> {
    let NewAlertNote { note: says } = asked.read().await?;
    required_text("/note", &says, 2000)?;
    let (alert, id) = *path;
    let (actor, saying) = (caller.actor(), Saying { id, said: Said::Note, says });
    let found = caller
        .write(move |tx| {
            say_of_alert(tx, &actor, alert, &saying)?;
            read_alert(tx, &actor, alert)
        })
        .await?;
    Ok(HttpResponse::Created().json(WireAlert::from(found)))
}
