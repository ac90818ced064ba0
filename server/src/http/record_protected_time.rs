//! `record_protected_time`: when the subject works, studies or worships.

use actix_web::{HttpResponse, put, web};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, ProtectedKindWord, day, required_text};
use crate::import_file::prohibitions::WeekEntry;
use crate::operations::protected_times::{ProtectedTimeBody, record_protected_time as record};
use crate::store::id::{FactId, OrderId};

/// Times that terms avoid as far as practicable (Stalking Protection Act 2019 s.2(3)).
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewProtectedTime)]
pub struct ProtectedTimeSubmission {
    pub kind: ProtectedKindWord,
    pub hours: WeekEntry,
    /// The first day; always, when left out.
    #[serde(default, deserialize_with = "day")]
    pub from: Option<NaiveDate>,
    /// The last day; for good, when left out.
    #[serde(default, deserialize_with = "day")]
    pub until: Option<NaiveDate>,
    /// Who or what says so: a payslip, a timetable.
    #[schema(min_length = 1, max_length = 200)]
    pub source: String,
}

impl ProtectedTimeSubmission {
    fn checked(self) -> Result<ProtectedTimeBody, Problem> {
        required_text("/source", &self.source, 200)?;
        self.hours.hours().map_err(|misfit| Problem::field(misfit.pointer, misfit.says))?;
        if self.from.zip(self.until).is_some_and(|(from, until)| until < from) {
            return Err(Problem::field("/until", "is before from"));
        }
        Ok(ProtectedTimeBody {
            kind: self.kind.0.to_string(),
            hours: self.hours,
            from: self.from,
            until: self.until,
            source: self.source,
        })
    }
}

/// Records when the subject works, studies or worships.
///
/// It counts for every order on the subject. Sign-ons and sessions that fall in it go on as they are:
/// each is raised until somebody says why it stands, or moves it.
#[utoipa::path(
    tag = "Orders",
    params(
        ("order_id" = OrderId, Path, description = "An order on the subject"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = ProtectedTimeSubmission,
    responses((status = 201, description = "On file, now or before", body = Record)),
)]
#[put("/orders/{order_id}/protected-times/{record_id}")]
pub async fn record_protected_time(
    caller: Caller<act::RecordFact>,
    path: web::Path<(OrderId, FactId)>,
    asked: Body<ProtectedTimeSubmission>,
) -> Result<HttpResponse, Problem> {
    let body = asked.read().await?.checked()?;
    let (actor, ids) = (caller.actor(), *path);
    let recorded = caller.write(move |tx| record(tx, &actor, ids, body.clone())).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
