//! `schedule_session`: arranges a treatment session.

use actix_web::{HttpResponse, put, web};
use compliance::Window;
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, Timestamp, checked_text, required_text};
use crate::import_file::treatment::session_fault;
use crate::operations::clashes::REASON_CHARS_MAX;
use crate::operations::record_treatment::{NewSession, schedule_session as schedule};
use crate::store::id::{FactId, OrderId, ProviderId};

pub const PLACE_CHARS_MAX: usize = 200;

/// A treatment session to be arranged.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSession)]
pub struct SessionSubmission {
    pub provider_id: ProviderId,
    /// The condition of the order that asks for treatment.
    #[schema(max_length = 3, example = "R2")]
    pub label: String,
    #[serde(default)]
    #[schema(max_length = 200)]
    pub programme: String,
    pub starts_at: Timestamp,
    /// At most a day later.
    pub ends_at: Timestamp,
    #[schema(min_length = 1, max_length = 200)]
    pub place: String,
    /// Why it stands although it falls in a time of work, education or religion (s.2(3)). Without
    /// one such a session is recorded, and stays a warning without a reason.
    #[schema(min_length = 1, max_length = 500)]
    pub clash_reason: Option<String>,
}

/// From its start to its end, if that can be a session.
pub fn checked_window(starts_at: Timestamp, ends_at: Timestamp) -> Result<Window, Problem> {
    let window = Window { opens_at: starts_at.0, closes_at: ends_at.0 };
    session_fault(window).map_or(Ok(window), |says| Err(Problem::field("/ends_at", says)))
}

pub fn clash_reason(reason: &Option<String>) -> Result<(), Problem> {
    let check = |reason: &String| required_text("/clash_reason", reason, REASON_CHARS_MAX);
    reason.as_ref().map_or(Ok(()), check)
}

/// Arranges a treatment session.
///
/// Its outcome is asked for when a day has passed since its end. Sending the same again is harmless.
#[utoipa::path(
    tag = "Treatment",
    params(
        ("order_id" = OrderId, Path, description = "The order that asks for treatment"),
        ("session_id" = FactId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = SessionSubmission,
    responses((status = 201, description = "On file, now or before", body = Record)),
)]
#[put("/orders/{order_id}/sessions/{session_id}")]
pub async fn schedule_session(
    caller: Caller<act::KeepCase>,
    path: web::Path<(OrderId, FactId)>,
    asked: Body<SessionSubmission>,
) -> Result<HttpResponse, Problem> {
    let asked = asked.read().await?;
    checked_text("/label", &asked.label, 3)?;
    checked_text("/programme", &asked.programme, PLACE_CHARS_MAX)?;
    required_text("/place", &asked.place, PLACE_CHARS_MAX)?;
    clash_reason(&asked.clash_reason)?;
    let new = NewSession {
        id: path.1,
        order: path.0,
        provider: asked.provider_id,
        label: asked.label,
        programme: asked.programme,
        window: checked_window(asked.starts_at, asked.ends_at)?,
        place: asked.place,
        clash_reason: asked.clash_reason,
    };
    let actor = caller.actor();
    let (recorded, clashes) = caller.write(move |tx| schedule(tx, &actor, &new)).await?;
    Ok(HttpResponse::Created().json(Record::with_clashes(recorded, clashes)))
}
