//! `sign_out`: ends the session at hand.

use actix_web::{HttpResponse, delete};

use super::caller::{Caller, act};
use super::problem::Problem;
use super::sign_in::cookie;
use crate::operations::sign_in::sign_out as end;

/// Ends the session at hand.
///
/// Takes effect at once and everywhere; the browser's cookie is taken back.
#[utoipa::path(
    tag = "Session",
    responses((status = 204, description = "The session has ended")),
)]
#[delete("/session")]
pub async fn sign_out(caller: Caller<act::UseAccount>) -> Result<HttpResponse, Problem> {
    let (account, digest, actor) = (caller.account.clone(), caller.token_digest, caller.actor());
    caller.write(move |tx| end(tx, &account, &digest, (actor.now, &actor.identity))).await?;
    let mut removal = cookie("");
    removal.make_removal();
    Ok(HttpResponse::NoContent().cookie(removal).finish())
}
