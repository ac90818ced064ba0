//! `enrol_phone_key`: makes known the key with which a phone signs.

use actix_web::{HttpResponse, put, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::wire::{Body, Timestamp, required_text};
use crate::operations::phone_keys::{NewPhoneKey, enrol};
use crate::phone_seal;
use crate::store::id::PhoneKeyId;

const NAME_CHARS_MAX: usize = 100;

/// The public half of a key that the phone keeps to itself.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// A point of P-256, uncompressed (65 bytes), base64url without padding.
    #[schema(min_length = 87, max_length = 87)]
    pub public_key: String,
    /// By which people tell the phone from others.
    #[schema(min_length = 1, max_length = 100, example = "Android")]
    pub name: String,
}

/// The key that is on file.
#[derive(Serialize, ToSchema)]
pub struct EnrolledKey {
    pub phone_key_id: PhoneKeyId,
    pub enrolled_at: Timestamp,
    /// Enrol it again before then.
    pub expires_at: Timestamp,
}

/// Makes known the key with which a phone signs what it holds.
///
/// Made on the phone, never leaving it, one for each officer who uses the phone; good for thirty days.
/// Enrolling the same key again makes it good for thirty days more, also when it had expired, and changes
/// nothing else; do it with each sign-in. Another key under the same id, or the same key by another account,
/// is a `phone-key-conflict`; a key that was revoked stays so: `phone-key-revoked`.
#[utoipa::path(
    tag = "Sign-ons",
    params(("phone_key_id" = PhoneKeyId, Path, description = "A UUIDv7 made by the phone")),
    request_body = NewKey,
    responses((status = 201, description = "On file, now or before", body = EnrolledKey)),
)]
#[put("/phone-keys/{phone_key_id}")]
pub async fn enrol_phone_key(
    caller: Caller<act::ConfirmSignOn>,
    id: web::Path<PhoneKeyId>,
    new: Body<NewKey>,
) -> Result<HttpResponse, Problem> {
    let NewKey { public_key, name } = new.read().await?;
    required_text("/name", &name, NAME_CHARS_MAX)?;
    let public_key = URL_SAFE_NO_PAD.decode(&public_key).ok();
    let public_key =
        public_key.filter(|point| phone_seal::is_public_key(point)).ok_or_else(|| {
            Problem::field("/public_key", "is no uncompressed point of P-256 in base64url")
        })?;
    let (actor, phone) = (caller.actor(), caller.phone());
    let new = NewPhoneKey { id: *id, public_key, name };
    let key = caller.write(move |tx| enrol(tx, &actor, phone, &new)).await?;
    Ok(HttpResponse::Created().json(EnrolledKey {
        phone_key_id: key.id,
        enrolled_at: key.enrolled_at.into(),
        expires_at: key.expires_at.into(),
    }))
}
