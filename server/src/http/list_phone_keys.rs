//! `list_phone_keys`: which phones may sign for whom.

use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::wire::Timestamp;
use crate::operations::phone_keys::list;
use crate::store::id::{AccountId, PhoneKeyId};
use crate::store::phone_keys::PhoneKeyInContext;

/// The keys with which phones sign.
#[derive(Serialize, ToSchema)]
pub struct PhoneKeys {
    /// The latest first.
    pub phone_keys: Vec<WirePhoneKey>,
}

/// The key with which a phone signs what an officer records on it.
#[derive(Serialize, ToSchema)]
#[schema(as = PhoneKey)]
pub struct WirePhoneKey {
    pub phone_key_id: PhoneKeyId,
    pub account_id: AccountId,
    pub account_name: String,
    /// What the phone calls itself.
    #[schema(example = "Android")]
    pub name: String,
    pub enrolled_at: Timestamp,
    /// What is signed from then on is turned away until the key is enrolled again.
    pub expires_at: Timestamp,
    /// From then on nothing that it signs is taken in.
    pub revoked_at: Option<Timestamp>,
    /// Nobody when it went with the account.
    pub revoked_by_name: Option<String>,
    pub revoked_because: Option<String>,
}

impl From<PhoneKeyInContext> for WirePhoneKey {
    fn from(found: PhoneKeyInContext) -> Self {
        let PhoneKeyInContext { key, account_name, revoked_by_name } = found;
        Self {
            phone_key_id: key.id,
            account_id: key.account_id,
            account_name,
            name: key.name,
            enrolled_at: key.enrolled_at.into(),
            expires_at: key.expires_at.into(),
            revoked_at: key.revoked_at.map(Timestamp),
            revoked_by_name,
            revoked_because: key.revoked_because,
        }
    }
}

/// Lists the keys with which phones sign, also those that have expired or were revoked.
///
/// The caller's own; for a supervisor also those of everybody who works at a station of theirs.
#[utoipa::path(
    tag = "Sign-ons",
    responses((status = 200, description = "The keys", body = PhoneKeys)),
)]
#[get("/phone-keys")]
pub async fn list_phone_keys(caller: Caller<act::ConfirmSignOn>) -> Result<HttpResponse, Problem> {
    let actor = caller.actor();
    let found = caller.read(move |tx| list(tx, &actor)).await?;
    let phone_keys = found.into_iter().map(WirePhoneKey::from).collect();
    Ok(HttpResponse::Ok().json(PhoneKeys { phone_keys }))
}
