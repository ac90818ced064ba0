//! `report_phone_lost`: nothing waits for a phone any more.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::wire::{Body, required_text};
use crate::operations::held_records::report_phone_lost as report;
use crate::store::id::PhoneId;

/// What happened to it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PhoneLoss {
    #[schema(min_length = 1, max_length = 2000, example = "Left on a bus, and wiped.")]
    pub reason: String,
}

/// Says that a phone will not come back.
///
/// Its session ends at once, the key with which it signs is revoked, and misses at its station do not wait for it any more. What it held may be
/// lost: a miss that is certain without it says so. Saying it again changes nothing.
#[utoipa::path(
    tag = "Sign-ons",
    params(("phone_id" = PhoneId, Path, description = "As `get_alert` names it")),
    request_body = PhoneLoss,
    responses((status = 204, description = "Nothing waits for it any more")),
)]
#[put("/phones/{phone_id}/loss")]
pub async fn report_phone_lost(
    caller: Caller<act::KeepPhones>,
    id: web::Path<PhoneId>,
    loss: Body<PhoneLoss>,
) -> Result<HttpResponse, Problem> {
    let PhoneLoss { reason } = loss.read().await?;
    required_text("/reason", &reason, 2000)?;
    let (actor, id) = (caller.actor(), *id);
    caller.write(move |tx| report(tx, &actor, id, &reason)).await?;
    Ok(HttpResponse::NoContent().finish())
}
