//! `decide_alert`: a named person says what it was.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::get_alert::read_alert;
use super::list_alerts::WireAlert;
use super::problem::Problem;
use super::wire::{AlertDecisionWord, Body, Spelled, required_text};
use crate::operations::decide_alert::{Said, Saying, say_of_alert};
use crate::store::id::{AlertEventId, AlertId};

/// What it was, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAlertDecision {
    pub decision: AlertDecisionWord,
    /// So that another person can follow it.
    #[schema(
        min_length = 1,
        max_length = 2000,
        example = "The counter was shut; PS Dunn was there."
    )]
    pub rationale: String,
}

/// Decides on an alert and closes it.
///
/// Nobody decides on what they confirmed themselves. An alert that asks for something to be done is not
/// decided: it closes by itself once that is done. An excuse and a suspected breach have records of
/// their own.
#[utoipa::path(
    tag = "Alerts",
    params(
        ("alert_id" = AlertId, Path, description = "The alert"),
        ("event_id" = AlertEventId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = NewAlertDecision,
    responses((status = 201, description = "Decided, now or before", body = WireAlert)),
)]
#[put("/alerts/{alert_id}/decisions/{event_id}")]
pub async fn decide_alert(
    caller: Caller<act::KeepCase>,
    path: web::Path<(AlertId, AlertEventId)>,
    asked: Body<NewAlertDecision>,
) -> Result<HttpResponse, Problem> {
    let NewAlertDecision { decision: Spelled(decision), rationale: says } = asked.read().await?;
    required_text("/rationale", &says, 2000)?;
    let (alert, id) = *path;
    let (actor, saying) = (caller.actor(), Saying { id, said: Said::Decision(decision), says });
    let found = caller
        .write(move |tx| {
            say_of_alert(tx, &actor, alert, &saying)?;
            read_alert(tx, &actor, alert)
        })
        .await?;
    Ok(HttpResponse::Created().json(WireAlert::from(found)))
}
