//! `get_notification`: what was told, what it was for, and what is to be told next.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::list_notifications::{DutyEntry, GivenEntry};
use super::problem::Problem;
use super::wire::{OrderKindWord, Spelled};
use crate::operations::record_notification::{NotificationInContext, get_notification as read};
use crate::store::StoreError;
use crate::store::id::{FactId, OrderId};

/// A notification as its receipt has it (s.10(4)), and what comes next.
#[derive(Serialize, ToSchema)]
#[schema(as = NotificationInContext)]
pub struct NotificationEntry {
    pub order_id: OrderId,
    pub order_reference: String,
    pub order_kind: OrderKindWord,
    /// The kind in words, and the Act that asks for it.
    pub order_title: &'static str,
    pub statute: &'static str,
    /// Where the Act says how it is to be told.
    pub method_basis: &'static str,
    pub subject_name: String,
    pub station_name: Option<String>,
    /// Without a receipt's number, it cannot be acknowledged.
    pub notification: GivenEntry,
    /// Those it was given for, as they stand now.
    pub duties: Vec<DutyEntry>,
    /// What has to be told next, if anything is open.
    pub next_duty: Option<DutyEntry>,
}

impl TryFrom<NotificationInContext> for NotificationEntry {
    type Error = StoreError;

    fn try_from(found: NotificationInContext) -> Result<Self, StoreError> {
        let NotificationInContext { order, subject, station, given, duties, next } = found;
        let row = order.kind.row();
        Ok(Self {
            order_id: order.id,
            order_reference: order.reference,
            order_kind: Spelled(order.kind),
            order_title: row.title,
            statute: row.statute,
            method_basis: row.notification.map(|rule| rule.method_basis).unwrap_or_default(),
            subject_name: format!("{} {}", subject.given_names, subject.family_name),
            station_name: station.map(|station| station.name),
            notification: given.try_into()?,
            duties: duties.into_iter().map(DutyEntry::from).collect(),
            next_duty: next.map(DutyEntry::from),
        })
    }
}

/// Shows one notification: what was told, when, where and to whom, what it was for, and what comes
/// next.
///
/// What `get_notification_receipt` prints, for a phone to show. The reading is in the ledger.
#[utoipa::path(
    tag = "Notification",
    params(("record_id" = FactId, Path, description = "The notification")),
    responses((status = 200, description = "The notification", body = NotificationEntry)),
)]
#[get("/notifications/{record_id}")]
pub async fn get_notification(
    caller: Caller<act::ReadCase>,
    id: web::Path<FactId>,
) -> Result<HttpResponse, Problem> {
    let (actor, id) = (caller.actor(), *id);
    let found = caller.write(move |tx| read(tx, &actor, id)).await?;
    Ok(HttpResponse::Ok().json(NotificationEntry::try_from(found)?))
}
