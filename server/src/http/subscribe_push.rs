//! `subscribe_push`: a phone asks to be told.

use actix_web::{HttpResponse, put, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::wire::Body;
use crate::operations::push_subscriptions::subscribe;
use crate::push::Push;
use crate::store::id::PushSubscriptionId;
use crate::store::push_subscriptions::PushSubscription;

/// Push services' addresses are some hundred characters long.
const ENDPOINT_CHARS_MAX: usize = 2_000;
/// A point of 65 bytes is 88 characters of base64.
const KEY_CHARS_MAX: usize = 100;

/// What a browser's `PushSubscription.toJSON()` holds, but for `expirationTime`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// Where the phone's push service takes messages for it.
    #[schema(max_length = 2000)]
    pub endpoint: String,
    pub keys: SubscriptionKeys,
}

/// What messages to the phone are encrypted with (RFC 8291).
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionKeys {
    /// The phone's public key, base64url.
    #[schema(max_length = 100)]
    pub p256dh: String,
    /// The phone's secret, base64url.
    #[schema(max_length = 100)]
    pub auth: String,
}

/// The subscription that is on file.
#[derive(Serialize, ToSchema)]
pub struct Subscribed {
    pub push_subscription_id: PushSubscriptionId,
}

impl Subscription {
    fn check(&self, push: &Push) -> Result<(), Problem> {
        if self.endpoint.chars().count() > ENDPOINT_CHARS_MAX {
            return Err(Problem::field("/endpoint", "is longer than 2000 characters"));
        }
        push.check_endpoint(&self.endpoint)
            .map_err(|refusal| Problem::field("/endpoint", refusal.to_string()))?;
        let SubscriptionKeys { p256dh, auth } = &self.keys;
        let are_short = [p256dh, auth].iter().all(|key| key.len() <= KEY_CHARS_MAX);
        if !are_short || !Push::are_keys_usable(p256dh, auth) {
            return Err(Problem::field("/keys", "are not those of a browser's subscription"));
        }
        Ok(())
    }
}

/// Asks to be told of alerts on a phone.
///
/// Messages carry the alert's id and how urgent it is, nothing about anybody. The same phone under a
/// new id or another account takes the old subscription's place. Putting the same one again changes
/// nothing.
#[utoipa::path(
    tag = "Push",
    params(("push_subscription_id" = PushSubscriptionId, Path,
        description = "A UUIDv7 made by the phone")),
    request_body = Subscription,
    responses((status = 201, description = "On file, now or before", body = Subscribed)),
)]
#[put("/push-subscriptions/{push_subscription_id}")]
pub async fn subscribe_push(
    caller: Caller<act::ReceiveAlerts>,
    id: web::Path<PushSubscriptionId>,
    asked: Body<Subscription>,
) -> Result<HttpResponse, Problem> {
    let asked = asked.read().await?;
    asked.check(&caller.app.push)?;
    let new = PushSubscription {
        id: *id,
        account_id: caller.account.id,
        endpoint: asked.endpoint,
        p256dh: asked.keys.p256dh,
        auth: asked.keys.auth,
        created_at: caller.now,
        ended_at: None,
        end_reason: None,
    };
    let actor = caller.actor();
    caller.write(move |tx| subscribe(tx, &actor, &new)).await?;
    Ok(HttpResponse::Created().json(Subscribed { push_subscription_id: *id }))
}
