//! `supersede_check_in`: there should have been no record.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::confirm_sign_on::REASON_CHARS_MAX;
use super::get_check_in::WireCheckIn;
use super::problem::Problem;
use super::wire::{Body, checked_text};
use crate::operations::get_check_in::get_check_in;
use crate::operations::supersede_check_in::{Correction, supersede_check_in as supersede};
use crate::store::id::CheckInId;

/// Why there should have been no record.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Supersession {
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

impl Supersession {
    fn correction(self, check_in: CheckInId) -> Result<Correction, Problem> {
        if self.reason.trim().is_empty() {
            return Err(Problem::field("/reason", "must say why the record was a mistake"));
        }
        checked_text("/reason", &self.reason, REASON_CHARS_MAX)?;
        Ok(Correction { check_in, reason: self.reason })
    }
}

/// Says that there should have been no record.
///
/// The record stays and is marked; what followed from it is taken back. A record that was right but
/// for a slip is corrected instead: confirm it anew with `corrects`. Doing it twice changes nothing.
#[utoipa::path(
    tag = "Sign-ons",
    params(("check_in_id" = CheckInId, Path, description = "The mistaken record")),
    request_body = Supersession,
    responses((status = 200, description = "The record as it stands now", body = WireCheckIn)),
)]
#[put("/check-ins/{check_in_id}/supersession")]
pub async fn supersede_check_in(
    caller: Caller<act::ConfirmSignOn>,
    id: web::Path<CheckInId>,
    supersession: Body<Supersession>,
) -> Result<HttpResponse, Problem> {
    let supersession = supersession.read().await?;
    let (actor, id) = (caller.actor(), *id);
    let correction = supersession.correction(id)?;
    let found = caller
        .write(move |tx| {
            supersede(tx, &actor, &correction)?;
            get_check_in(tx, &actor, id)
        })
        .await?;
    Ok(HttpResponse::Ok().json(WireCheckIn::from(found)))
}
