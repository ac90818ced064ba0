//! `list_protected_times`: when the subject works, studies or worships.

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::wire::{ProtectedKindWord, Spelled, Timestamp};
use crate::import_file::prohibitions::WeekEntry;
use crate::operations::protected_times::{TimeOnFile, list_protected_times as list};
use crate::store::id::{FactId, OrderId};

/// The protected times of an order's subject.
#[derive(Serialize, ToSchema)]
pub struct ProtectedTimeList {
    pub protected_times: Vec<ProtectedTimeEntry>,
}

/// Times that terms avoid as far as practicable (s.2(3)).
#[derive(Serialize, ToSchema)]
#[schema(as = ProtectedTime)]
pub struct ProtectedTimeEntry {
    pub record_id: FactId,
    /// Under which order it was recorded; it counts for every order on the subject.
    pub order_id: OrderId,
    pub kind: ProtectedKindWord,
    pub hours: WeekEntry,
    pub from: Option<NaiveDate>,
    pub until: Option<NaiveDate>,
    pub source: String,
    pub recorded_at: Timestamp,
}

impl From<TimeOnFile> for ProtectedTimeEntry {
    fn from(found: TimeOnFile) -> Self {
        let TimeOnFile { fact, body, time } = found;
        Self {
            record_id: fact.id,
            order_id: fact.order_id,
            kind: Spelled(time.kind),
            hours: body.hours,
            from: body.from,
            until: body.until,
            source: body.source,
            recorded_at: fact.recorded_at.into(),
        }
    }
}

/// Lists when the subject works, studies or worships.
///
/// Whatever was recorded under an order on them that the caller may know of. The reading is in the
/// ledger.
#[utoipa::path(
    tag = "Orders",
    params(("order_id" = OrderId, Path, description = "An order on the subject")),
    responses((status = 200, description = "Protected times", body = ProtectedTimeList)),
)]
#[get("/orders/{order_id}/protected-times")]
pub async fn list_protected_times(
    caller: Caller<act::ReadCase>,
    order: web::Path<OrderId>,
) -> Result<HttpResponse, Problem> {
    let (actor, order) = (caller.actor(), *order);
    let found = caller.write(move |tx| list(tx, &actor, order)).await?;
    let protected_times = found.into_iter().map(ProtectedTimeEntry::from).collect();
    Ok(HttpResponse::Ok().json(ProtectedTimeList { protected_times }))
}
