//! `set_email`: says where somebody is told of alerts by e-mail.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::list_accounts::AccountEntry;
use super::problem::Problem;
use super::wire::Body;
use crate::mail::is_address;
use crate::operations::accounts::set_email as set;
use crate::store::id::AccountId;

/// Where somebody reads e-mail.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailSubmission {
    /// Nothing to tell them by e-mail no more.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(max_length = 254, required = true)]
    pub email: Option<String>,
}

/// Says where somebody is told of alerts by e-mail, besides their phones.
///
/// It is used when the service has a mail server. What is sent names nobody: the kind of the alert, how
/// urgent it is, the station, and a link.
#[utoipa::path(
    tag = "Accounts",
    params(("account_id" = AccountId, Path, description = "The account")),
    request_body = EmailSubmission,
    responses((status = 200, description = "The account as it is now", body = AccountEntry)),
)]
#[put("/accounts/{account_id}/email")]
pub async fn set_email(
    caller: Caller<act::KeepAccounts>,
    id: web::Path<AccountId>,
    asked: Body<EmailSubmission>,
) -> Result<HttpResponse, Problem> {
    let email = asked.read().await?.email;
    if email.as_deref().is_some_and(|email| !is_address(email)) {
        return Err(Problem::field("/email", "is no e-mail address"));
    }
    let (actor, id, now) = (caller.account.id, *id, caller.now);
    let set = caller.write(move |tx| set(tx, (actor, now), id, email.as_deref())).await;
    let (account, stations) = set?;
    Ok(HttpResponse::Ok().json(AccountEntry::new(account, stations)))
}
