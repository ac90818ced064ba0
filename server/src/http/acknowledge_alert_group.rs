//! `acknowledge_alert_group`: somebody has all that was raised together.

use actix_web::{HttpResponse, put, web};

use super::caller::{Caller, act};
use super::list_alerts::{AlertList, WireAlert, listed};
use super::problem::Problem;
use crate::operations::acknowledge_alert::acknowledge_group;
use crate::store::alerts::Page;
use crate::store::id::AlertGroupId;

/// More than are ever raised together.
const LISTED_MAX: i64 = 1_000;

/// Says that the caller has all the alerts of a group.
///
/// More than five alerts of one kind at one place in one moment (a station that did not open, an outage
/// that is over) are told as one and can be acknowledged as one. Those that the caller may not know of
/// stay as they are. None is decided by this: each stays open until somebody has decided it, and climbs
/// again when that takes too long. A second time changes nothing.
#[utoipa::path(
    tag = "Alerts",
    params(("group_id" = AlertGroupId, Path, description = "`group_id` of an alert")),
    responses((status = 200, description = "The open alerts of the group", body = AlertList)),
)]
#[put("/alert-groups/{group_id}/acknowledgement")]
pub async fn acknowledge_alert_group(
    caller: Caller<act::AcknowledgeAlert>,
    id: web::Path<AlertGroupId>,
) -> Result<HttpResponse, Problem> {
    let (actor, id) = (caller.actor(), *id);
    let found = caller
        .write(move |tx| {
            acknowledge_group(tx, &actor, id)?;
            let page = Page { state: None, group: Some(id), after: None, at_most: LISTED_MAX };
            listed(tx, &actor, page)
        })
        .await?;
    let alerts = found.into_iter().map(WireAlert::from).collect();
    Ok(HttpResponse::Ok().json(AlertList { as_of: caller.now.into(), alerts, next: None }))
}
