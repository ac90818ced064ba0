//! `triage_concern`: somebody has looked at a report, and says how high the risk is.

use actix_web::{HttpResponse, put};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::concern_act::{ActPath, NOTE_CHARS_MAX, done};
use super::list_concerns::ConcernEntry;
use super::problem::Problem;
use super::wire::{Body, RiskWord, Spelled, checked_text};
use crate::operations::concerns::Deed;
use crate::store::id::{ConcernActId, ConcernId, OrderId};

/// How high the risk is, and what it turns out to be about.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTriage {
    pub risk: RiskWord,
    /// The order that it is about, when it has become known or was wrong.
    #[serde(default)]
    pub order_id: Option<OrderId>,
    /// Why.
    #[serde(default)]
    #[schema(max_length = 4000)]
    pub note: String,
}

/// Says how high the risk of a report is.
///
/// Within an hour at high risk, else within a day. Naming an order places the report: from then on it
/// belongs to those who may know of the order.
#[utoipa::path(
    tag = "Concerns",
    params(
        ("concern_id" = ConcernId, Path, description = "The report"),
        ("act_id" = ConcernActId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = NewTriage,
    responses((status = 201, description = "Done, now or before", body = ConcernEntry)),
)]
#[put("/concerns/{concern_id}/triages/{act_id}")]
pub async fn triage_concern(
    caller: Caller<act::TriageConcern>,
    path: ActPath,
    asked: Body<NewTriage>,
) -> Result<HttpResponse, Problem> {
    let NewTriage { risk: Spelled(risk), order_id: order, note } = asked.read().await?;
    checked_text("/note", &note, NOTE_CHARS_MAX)?;
    done(&caller, &path, Deed::Triage { risk, order }, &note).await
}
