//! `record_receipt`: a phone says that it has shown a message, or that somebody has opened it.

use actix_web::{HttpRequest, HttpResponse, post, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::problem::Problem;
use super::submit_concern::address;
use super::wire::{Body, ReceiptEventWord, Spelled};
use crate::operations::push_subscriptions::{record_receipt as record, refuse_receipt};
use crate::refusal::Refusal;
use crate::service::App;

/// Ours are 98 characters long.
const TOKEN_CHARS_MAX: usize = 200;

/// What a phone says of a message.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiptSubmission {
    /// `receipt_token` of the message.
    #[schema(max_length = 200)]
    pub token: String,
    pub event: ReceiptEventWord,
}

/// Says that a phone has shown a message, or that somebody has opened it.
///
/// Asks for no session, because the service worker has none: the token of the message is enough, for a
/// week. The first word of each kind stands; saying it again changes nothing.
///
/// A service worker sends `displayed` once `showNotification` has resolved, and `opened` in
/// `notificationclick`. A message of kind `heartbeat` comes once a day and only asks whether the phone is
/// there. Browsers take the right to push away from whoever shows nothing, so it is shown like any
/// other, with the tag `heartbeat` and without sound, and may be closed again at once; with a page of
/// the app visible nothing needs to be shown. It is answered with `displayed` either way. A phone that
/// does not answer for two days, or a new one that does not answer for one, is `silent`: it is still told,
/// and nobody counts as told by it.
#[utoipa::path(
    tag = "Push",
    security(()),
    request_body = ReceiptSubmission,
    responses((status = 204, description = "Noted, now or before")),
)]
#[post("/receipts")]
pub async fn record_receipt(
    request: HttpRequest,
    app: web::Data<App>,
    told: Body<ReceiptSubmission>,
) -> Result<HttpResponse, Problem> {
    let ReceiptSubmission { token, event: Spelled(event) } = told.read().await?;
    let now = app.clock.now();
    let is_short = token.len() <= TOKEN_CHARS_MAX;
    let receipt = if is_short { app.push.receipts.read(&token, now) } else { None };
    let Some(receipt) = receipt else {
        let address = address(&request, &app);
        let refused = app.store.write(move |tx| refuse_receipt(tx, &address, now)).await;
        refused.map_err(|refusal: Refusal| Problem::from(refusal))?;
        return Err(Problem::field("/token", "is none that was given out in the last week"));
    };
    let told = (receipt.delivery, receipt.subscription);
    let recorded = app.store.write(move |tx| record(tx, told, event, now)).await;
    recorded.map_err(|refusal: Refusal| Problem::from(refusal))?;
    Ok(HttpResponse::NoContent().finish())
}
