//! `get_push_key`: what a phone subscribes with.

use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;

/// The key that names this service to push services (RFC 8292).
#[derive(Serialize, ToSchema)]
pub struct PushKey {
    /// `applicationServerKey`: an uncompressed P-256 point, base64url.
    pub public_key: String,
}

/// Says which key a phone subscribes to web push with.
///
/// It stays the same for as long as the database does.
#[utoipa::path(
    tag = "Push",
    responses((status = 200, description = "The key", body = PushKey)),
)]
#[get("/push-key")]
pub async fn get_push_key(caller: Caller<act::ReceiveAlerts>) -> Result<HttpResponse, Problem> {
    let public_key = caller.app.push.public_key().to_owned();
    Ok(HttpResponse::Ok().json(PushKey { public_key }))
}
