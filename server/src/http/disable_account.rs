//! `disable_account`: somebody may not use the service any more.

use actix_web::{HttpResponse, put, web};

use super::caller::{Caller, act};
use super::problem::Problem;
use crate::operations::accounts::disable_account as disable;
use crate::store::id::AccountId;

/// Says that somebody may not use the service any more.
///
/// Takes effect with their next request. The account stays, because what it did is on record. Doing
/// it twice changes nothing; nobody disables their own. Open tasks go to whoever answers for the order
/// next.
#[utoipa::path(
    tag = "Accounts",
    params(("account_id" = AccountId, Path, description = "The account")),
    responses((status = 204, description = "The account cannot be used any more")),
)]
#[put("/accounts/{account_id}/disablement")]
pub async fn disable_account(
    caller: Caller<act::KeepAccounts>,
    id: web::Path<AccountId>,
) -> Result<HttpResponse, Problem> {
    let (actor, id) = (caller.actor(), *id);
    let disabled = caller
        .write(move |tx| disable(tx, Some(actor.scope.account), (actor.now, &actor.identity), id));
    disabled.await?;
    Ok(HttpResponse::NoContent().finish())
}
