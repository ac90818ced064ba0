//! `unsubscribe_push`: a phone asks not to be told any more.

use actix_web::{HttpResponse, delete, web};

use super::caller::{Caller, act};
use super::problem::Problem;
use crate::operations::push_subscriptions::unsubscribe;
use crate::store::id::PushSubscriptionId;

/// Asks not to be told of alerts on a phone any more.
///
/// An app does this before it signs out on a shared phone. Doing it twice changes nothing.
#[utoipa::path(
    tag = "Push",
    params(("push_subscription_id" = PushSubscriptionId, Path,
        description = "One of the caller's own")),
    responses((status = 204, description = "Nothing is sent there any more")),
)]
#[delete("/push-subscriptions/{push_subscription_id}")]
pub async fn unsubscribe_push(
    caller: Caller<act::ReceiveAlerts>,
    id: web::Path<PushSubscriptionId>,
) -> Result<HttpResponse, Problem> {
    let (actor, id) = (caller.actor(), *id);
    caller.write(move |tx| unsubscribe(tx, &actor, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
