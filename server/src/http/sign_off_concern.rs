//! `sign_off_concern`: another person agrees with what was found, or sends it back.

use actix_web::{HttpResponse, put};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::concern_act::{ActPath, NOTE_CHARS_MAX, done};
use super::list_concerns::ConcernEntry;
use super::problem::Problem;
use super::wire::{Body, checked_text, required_text};
use crate::operations::concerns::Deed;
use crate::store::id::{ConcernActId, ConcernId};

/// Whether another person agrees.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSignOff {
    /// Else the report goes back to the investigator.
    pub is_agreed: bool,
    /// Needed when it goes back: what is missing.
    #[serde(default)]
    #[schema(max_length = 4000)]
    pub note: String,
}

/// Agrees with what was found, or sends it back.
///
/// Nobody signs off what they investigated or concluded.
#[utoipa::path(
    tag = "Concerns",
    params(
        ("concern_id" = ConcernId, Path, description = "The report"),
        ("act_id" = ConcernActId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = NewSignOff,
    responses((status = 201, description = "Done, now or before", body = ConcernEntry)),
)]
#[put("/concerns/{concern_id}/sign-offs/{act_id}")]
pub async fn sign_off_concern(
    caller: Caller<act::OverseeConcern>,
    path: ActPath,
    asked: Body<NewSignOff>,
) -> Result<HttpResponse, Problem> {
    let NewSignOff { is_agreed, note } = asked.read().await?;
    match is_agreed {
        true => checked_text("/note", &note, NOTE_CHARS_MAX)?,
        false => required_text("/note", &note, NOTE_CHARS_MAX)?,
    }
    done(&caller, &path, Deed::SignOff { is_agreed }, &note).await
}
