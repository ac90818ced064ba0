//! `move_session`: a treatment session is moved to another time.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::confirm_sign_on::REASON_CHARS_MAX;
use super::problem::Problem;
use super::record::Record;
use super::schedule_session::{PLACE_CHARS_MAX, checked_window, clash_reason};
use super::wire::{Body, MovedByWord, Timestamp, required_text};
use crate::operations::record_treatment::{Move, move_session as move_it};
use crate::store::id::FactId;

/// Another time for a session.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionMove {
    pub starts_at: Timestamp,
    /// At most a day later.
    pub ends_at: Timestamp,
    /// Left out when it stays.
    #[schema(min_length = 1, max_length = 200)]
    pub place: Option<String>,
    /// At whose request.
    pub by: MovedByWord,
    /// When it was agreed; not in the future.
    pub agreed_at: Timestamp,
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
    /// Why it stands although it falls in a time of work, education or religion (s.2(3)). Without
    /// one such a session is recorded, and stays a warning without a reason.
    #[schema(min_length = 1, max_length = 500)]
    pub clash_reason: Option<String>,
}

impl SessionMove {
    fn checked(self) -> Result<Move, Problem> {
        required_text("/reason", &self.reason, REASON_CHARS_MAX)?;
        if let Some(place) = &self.place {
            required_text("/place", place, PLACE_CHARS_MAX)?;
        }
        clash_reason(&self.clash_reason)?;
        Ok(Move {
            window: checked_window(self.starts_at, self.ends_at)?,
            place: self.place,
            by: self.by.0,
            agreed_at: self.agreed_at.0,
            reason: self.reason,
            clash_reason: self.clash_reason,
        })
    }
}

/// Moves a treatment session to another time.
///
/// At the subject's request it counts only if it was agreed before the session began; otherwise it
/// is recorded, and the old time stands. A session with an outcome is not moved any more.
#[utoipa::path(
    tag = "Treatment",
    params(
        ("session_id" = FactId, Path, description = "The session"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = SessionMove,
    responses((status = 201, description = "On file, now or before", body = Record)),
)]
#[put("/sessions/{session_id}/moves/{record_id}")]
pub async fn move_session(
    caller: Caller<act::KeepCase>,
    path: web::Path<(FactId, FactId)>,
    asked: Body<SessionMove>,
) -> Result<HttpResponse, Problem> {
    let asked = asked.read().await?.checked()?;
    let (actor, ids) = (caller.actor(), *path);
    let (recorded, clashes) = caller.write(move |tx| move_it(tx, &actor, ids, &asked)).await?;
    Ok(HttpResponse::Created().json(Record::with_clashes(recorded, clashes)))
}
