//! The outgoing webhook: another system of the force is told of each alert and tells people in its own way.
//! Signed as Standard Webhooks has it (webhook-id, webhook-timestamp, webhook-signature).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use compliance::Instant;
use compliance::Word;
use compliance::instant::SECOND_MS;
use hmac::{Hmac, Mac};
use serde::Serialize;
use sha2::Sha256;
use url::Url;
use uuid::Uuid;

use crate::officer_app;
use crate::push::{self, Sent};
use crate::store::alerts::Alert;
use crate::store::id::AlertId;

/// The specification asks for 24 to 64 bytes.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
const SECRET_PREFIX: &str = "whsec_";

/// Whom to tell, and what it is signed with.
#[derive(Clone)]
pub struct WebhookConfig {
    pub url: Url,
    /// Whether it may be inside: by plain HTTP on this machine, or at an address that is not public.
    pub allow_private: bool,
    secret: Vec<u8>,
    /// What links begin with.
    pub public_url: Url,
}

impl std::fmt::Debug for WebhookConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebhookConfig").field("url", &self.url).finish_non_exhaustive()
    }
}

impl WebhookConfig {
    /// The words of a refusal follow `webhook_secret`.
    pub fn new(
        (url, allow_private): (Url, bool),
        secret: &str,
        public_url: &Url,
    ) -> Result<Self, &'static str> {
        let text = secret.trim();
        let text = text.strip_prefix(SECRET_PREFIX).unwrap_or(text);
        let secret = STANDARD.decode(text).map_err(|_unreadable| "is not whsec_ and base64")?;
        if !SECRET_BYTES.contains(&secret.len()) {
            return Err("holds less than 24 bytes or more than 64");
        }
        Ok(Self { url, allow_private, secret, public_url: public_url.clone() })
    }
}

/// What is told. It names nobody.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    timestamp: String,
    data: ToldAlert<'a>,
}

#[derive(Serialize)]
struct ToldAlert<'a> {
    alert_id: AlertId,
    kind: &'static str,
    severity: &'static str,
    /// The step of its ladder on which it stands, from 1.
    step: i64,
    nobody_reachable: bool,
    station_name: Option<&'a str>,
    url: String,
}

pub struct Webhook {
    config: WebhookConfig,
    client: reqwest::Client,
}

impl Webhook {
    pub fn new(config: &WebhookConfig) -> Result<Self, reqwest::Error> {
        let is_fit = if config.allow_private { |_| true } else { push::is_public };
        Ok(Self { config: config.clone(), client: push::client(is_fit)? })
    }

    /// `id`: the same for each attempt, so that a second copy can be told for one.
    pub async fn send(
        &self,
        (id, now): (Uuid, Instant),
        (alert, station_name): (&Alert, Option<&str>),
    ) -> Sent {
        let told = Told {
            kind: "alert.told",
            timestamp: now.to_rfc3339(),
            data: ToldAlert {
                alert_id: alert.id,
                kind: alert.kind.as_str(),
                severity: alert.severity.as_str(),
                step: alert.step + 1,
                nobody_reachable: alert.nobody_reachable,
                station_name,
                url: officer_app::alert_link(&self.config.public_url, alert.id),
            },
        };
        let body = serde_json::json!(told).to_string();
        let (id, timestamp) = (id.to_string(), (now.ms() / SECOND_MS).to_string());
        let signature = signature(&self.config.secret, (&id, &timestamp, &body));
        let request = self
            .client
            .post(self.config.url.clone())
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature)
            .body(body);
        push::answered(request, "the webhook").await
    }
}

fn signature(secret: &[u8], (id, timestamp, body): (&str, &str, &str)) -> String {
    // A key of any length will do for HMAC, so there is nothing that could be refused.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return String::new() };
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    #[test]
    fn it_is_signed_as_the_specification_has_it() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let body = "{\"test\": 2432232314}";
        let signed = signature(&secret, ("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body));
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_that_is_short_or_unreadable_is_refused() {
        let url = Url::parse("https://hook.example.org/").unwrap();
        let make = |secret: &str| WebhookConfig::new((url.clone(), false), secret, &url).map(drop);
        assert_eq!(make("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n"), Ok(()));
        assert_eq!(make("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), Ok(()));
        assert!(make("whsec_c2hvcnQ=").is_err());
        assert!(make("whsec_!").is_err());
        assert!(make("").is_err());
        assert!(make(&STANDARD.encode([7; 65])).is_err());
    }
}
