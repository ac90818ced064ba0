//! `report_provider_outcome`: a treatment provider says who came.

use actix_web::{HttpResponse, put, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::problem::Problem;
use super::provider_caller::ProviderCaller;
use super::record_session_outcome::NOTE_CHARS_MAX;
use super::wire::{Body, Timestamp, checked_text};
use crate::operations::provider_access::report_provider_outcome as report;
use crate::operations::treatment::Outcome;
use crate::store::id::FactId;

/// Whether somebody came. Whether an absence can be accepted, the police decide.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderReport {
    pub attendance: Attendance,
    /// About attendance only; nothing about health or what was said.
    #[serde(default)]
    #[schema(max_length = 280)]
    pub note: String,
}

/// What a provider can know.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ProviderAttendance)]
pub enum Attendance {
    Attended,
    AttendedAndFailed,
    SentHomeForBehaviour,
    /// The provider's doing.
    SentHomeByService,
    DidNotAttend,
    /// The provider's doing.
    CancelledByService,
}

impl Attendance {
    /// The outcome's code, and what is done about it: what is not in order goes to the officer in
    /// the case.
    fn codes(self) -> (&'static str, Option<&'static str>) {
        const REFER: Option<&str> = Some("ROM");
        match self {
            Self::Attended => ("ATTC", None),
            Self::AttendedAndFailed => ("AFTC", REFER),
            Self::SentHomeForBehaviour => ("ATSH", REFER),
            Self::SentHomeByService => ("ATSS", None),
            Self::DidNotAttend => ("UAAB", REFER),
            Self::CancelledByService => ("RSSR", None),
        }
    }
}

/// What was taken in.
#[derive(Serialize, ToSchema)]
pub struct ProviderReceipt {
    pub record_id: FactId,
    pub session_id: FactId,
    pub recorded_at: Timestamp,
}

/// Takes in a provider's word on who came.
///
/// It is marked as the provider's and never takes the place of what an officer recorded.
#[utoipa::path(
    tag = "Treatment",
    security(("provider" = [])),
    params(
        ("session_id" = FactId, Path, description = "A session of the calling provider"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = ProviderReport,
    responses((status = 201, description = "On file, now or before", body = ProviderReceipt)),
)]
#[put("/provider/sessions/{session_id}/outcomes/{record_id}")]
pub async fn report_provider_outcome(
    caller: ProviderCaller,
    path: web::Path<(FactId, FactId)>,
    said: Body<ProviderReport>,
) -> Result<HttpResponse, Problem> {
    let ProviderReport { attendance, note } = said.read().await?;
    checked_text("/note", &note, NOTE_CHARS_MAX)?;
    let (code, action) = attendance.codes();
    let outcome = Outcome {
        code: code.to_owned(),
        action: action.map(str::to_owned),
        reason: None,
        note,
        is_providers_word: true,
    };
    let (who, ids) = ((caller.provider.id, caller.now), *path);
    let recorded = caller.write(move |tx| report(tx, who, ids, &outcome)).await?;
    let fact = recorded.fact();
    Ok(HttpResponse::Created().json(ProviderReceipt {
        record_id: fact.id,
        session_id: fact.object_id,
        recorded_at: fact.recorded_at.into(),
    }))
}
