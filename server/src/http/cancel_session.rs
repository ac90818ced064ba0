//! `cancel_session`: a treatment session does not take place, and that is the service's doing.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::confirm_sign_on::REASON_CHARS_MAX;
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, required_text};
use crate::operations::record_treatment::cancel_session as cancel;
use crate::operations::treatment::{CANCELLED_BY_PROVIDER, Cancelled, REFERRAL_NEVER_MADE};
use crate::store::id::FactId;

/// Why a session does not take place.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionCancellation {
    pub cause: CancellationCause,
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// Whose doing it is; never the subject's.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CancellationCause {
    CancelledByProvider,
    /// The police never referred the subject to the provider.
    ReferralNeverMade,
}

/// Says that a session does not take place, through no fault of the subject.
#[utoipa::path(
    tag = "Treatment",
    params(
        ("session_id" = FactId, Path, description = "The session"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = SessionCancellation,
    responses((status = 201, description = "On file, now or before", body = Record)),
)]
#[put("/sessions/{session_id}/cancellations/{record_id}")]
pub async fn cancel_session(
    caller: Caller<act::KeepCase>,
    path: web::Path<(FactId, FactId)>,
    asked: Body<SessionCancellation>,
) -> Result<HttpResponse, Problem> {
    let asked = asked.read().await?;
    required_text("/reason", &asked.reason, REASON_CHARS_MAX)?;
    let cause = match asked.cause {
        CancellationCause::CancelledByProvider => CANCELLED_BY_PROVIDER,
        CancellationCause::ReferralNeverMade => REFERRAL_NEVER_MADE,
    };
    let cancelled = Cancelled { cause: cause.to_owned(), reason: asked.reason };
    let (actor, ids) = (caller.actor(), *path);
    let recorded = caller.write(move |tx| cancel(tx, &actor, ids, &cancelled)).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
