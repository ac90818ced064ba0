//! `hand_over_alert`: somebody else is to take it.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::get_alert::read_alert;
use super::list_alerts::WireAlert;
use super::problem::Problem;
use super::wire::{Body, checked_text};
use crate::operations::decide_alert::{Said, Saying, say_of_alert};
use crate::store::id::{AccountId, AlertEventId, AlertId};

/// Whom to hand it to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHandover {
    /// Somebody who may see the alert and has a phone that can be told.
    pub to_account_id: AccountId,
    #[serde(default)]
    #[schema(max_length = 2000, example = "My shift ends; the visit is still to be made.")]
    pub note: String,
}

/// Hands an open alert to somebody else, who is told at once.
///
/// It is nobody's until they acknowledge it; if they do not, it climbs from the step where it was.
#[utoipa::path(
    tag = "Alerts",
    params(
        ("alert_id" = AlertId, Path, description = "The alert"),
        ("event_id" = AlertEventId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = NewHandover,
    responses((status = 201, description = "Handed over, now or before", body = WireAlert)),
)]
#[put("/alerts/{alert_id}/handovers/{event_id}")]
pub async fn hand_over_alert(
    caller: Caller<act::AcknowledgeAlert>,
    path: web::Path<(AlertId, AlertEventId)>,
    asked: Body<NewHandover>,
) -> Result<HttpResponse, Problem> {
    let NewHandover { to_account_id: to, note: says } = asked.read().await?;
    checked_text("/note", &says, 2000)?;
    let (alert, id) = *path;
    let (actor, saying) = (caller.actor(), Saying { id, said: Said::HandOver { to }, says });
    let found = caller
        .write(move |tx| {
            say_of_alert(tx, &actor, alert, &saying)?;
            read_alert(tx, &actor, alert)
        })
        .await?;
    Ok(HttpResponse::Created().json(WireAlert::from(found)))
}
