//! `revoke_phone_key`: nothing that a phone signs is taken in any more.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::wire::{Body, required_text};
use crate::operations::phone_keys::revoke;
use crate::store::id::PhoneKeyId;

/// Why nothing that the phone signs is taken in any more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PhoneKeyRevocation {
    #[schema(min_length = 1, max_length = 500, example = "Two phones sign with it.")]
    pub reason: String,
}

/// Says that nothing that a key signs is taken in any more.
///
/// By the officer whose key it is, or a supervisor of a station at which they work. The session that
/// enrolled the key ends, and the phone takes off what it knows of people. What it has not handed over stays
/// on it: the officer signs in anew, with another key, and signs it again. Misses go on waiting for the
/// phone; say with `report_phone_lost` that it will not come back. Revoking twice changes nothing.
#[utoipa::path(
    tag = "Sign-ons",
    params(("phone_key_id" = PhoneKeyId, Path, description = "As `list_phone_keys` names it")),
    request_body = PhoneKeyRevocation,
    responses((status = 204, description = "Nothing that it signs is taken in any more")),
)]
#[put("/phone-keys/{phone_key_id}/revocation")]
pub async fn revoke_phone_key(
    caller: Caller<act::ConfirmSignOn>,
    id: web::Path<PhoneKeyId>,
    revocation: Body<PhoneKeyRevocation>,
) -> Result<HttpResponse, Problem> {
    let PhoneKeyRevocation { reason } = revocation.read().await?;
    required_text("/reason", &reason, 500)?;
    let (actor, id) = (caller.actor(), *id);
    caller.write(move |tx| revoke(tx, &actor, id, &reason)).await?;
    Ok(HttpResponse::NoContent().finish())
}
