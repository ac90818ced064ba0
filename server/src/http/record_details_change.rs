//! `record_details_change`: a name, the home or a stay has changed, which has to be notified.

use actix_web::{HttpResponse, put, web};
use chrono::NaiveDate;
use compliance::order_kind::ChangeDuty;
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, ChangeDutyWord, required_day, required_text};
use crate::operations::notification::DetailsChanged;
use crate::operations::record_notification::record_details_change as record;
use crate::store::id::{FactId, OrderId};

/// What has changed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DetailsChange {
    pub duty: ChangeDutyWord,
    /// The day of the first use or of the move; it may be ahead.
    #[serde(deserialize_with = "required_day")]
    pub on: NaiveDate,
    /// The name, when it is a name. An address is told in the notification itself.
    #[schema(min_length = 1, max_length = 100)]
    pub name: Option<String>,
}

impl DetailsChange {
    fn checked(self) -> Result<(ChangeDuty, DetailsChanged), Problem> {
        let duty = self.duty.0;
        match &self.name {
            Some(name) => required_text("/name", name, 100)?,
            None if duty == ChangeDuty::Name => {
                return Err(Problem::field("/name", "says which name was used"));
            }
            None => {}
        }
        let name = self.name.filter(|_| duty == ChangeDuty::Name);
        Ok((duty, DetailsChanged { duty: duty.to_string(), on: self.on, name }))
    }
}

/// Records a change that the subject may have to notify.
///
/// The period begins with the day of the change, whenever it is found out.
#[utoipa::path(
    tag = "Notification",
    params(
        ("order_id" = OrderId, Path, description = "The order whose statute asks for it"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = DetailsChange,
    responses((status = 201, description = "On file, now or before", body = Record)),
)]
#[put("/orders/{order_id}/details-changes/{record_id}")]
pub async fn record_details_change(
    caller: Caller<act::RecordFact>,
    path: web::Path<(OrderId, FactId)>,
    change: Body<DetailsChange>,
) -> Result<HttpResponse, Problem> {
    let (duty, changed) = change.read().await?.checked()?;
    let (actor, ids) = (caller.actor(), *path);
    let recorded = caller.write(move |tx| record(tx, &actor, ids, (duty, &changed))).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
