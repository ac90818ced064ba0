//! Web push (RFC 8030, 8188, 8291, 8292) behind one type. Endpoints come from phones, so they are
//! treated as hostile: https, allowed hosts, public addresses, no redirects.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use compliance::Word;
use compliance::alert::Severity;
use compliance::instant::SECOND_MS;
use openssl::ec::{EcGroup, EcKey};
use openssl::nid::Nid;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};
use web_push::{
    ContentEncoding, PartialVapidSignatureBuilder, SubscriptionInfo, Urgency,
    VapidSignatureBuilder, WebPushMessage, WebPushMessageBuilder,
};

use crate::beacon::BeaconKey;
use crate::config::PushConfig;
use crate::phone_seal;
use crate::receipt::ReceiptKey;
use crate::store::id::AlertId;
use crate::store::push_subscriptions::PushSubscription;
use crate::store::{Store, StoreError, instance_keys};

/// After an hour a message is of no use: by then the alert has gone on to somebody else.
const TTL_S: u32 = 3_600;
/// A push service that is silent for so long is tried again later.
const TIMEOUT: Duration = Duration::from_secs(5);
/// What is read of an answer; only its status matters.
const ANSWER_BYTES_MAX: usize = 8 * 1024;
const VAPID_KEY: &str = "vapid_private_pem";

/// A question whether the phone is there is of use until the next one.
const ASK_TTL_S: u32 = 86_400;
/// Where a phone says that it has shown or somebody has opened a message: `record_receipt`.
const RECEIPT_PATH: &str = "/api/v1/receipts";

/// What a phone gets: enough to fetch the alert and to say that it has shown something, nothing about
/// anybody.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Message {
    pub kind: MessageKind,
    /// None when the phone is only asked whether it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alert_id: Option<AlertId>,
    pub priority: &'static str,
    pub receipt_url: &'static str,
    pub receipt_token: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    Alert,
    /// Asks the phone whether it is there.
    Heartbeat,
}

impl Message {
    pub fn of_alert(id: AlertId, severity: Severity, receipt_token: String) -> Self {
        let priority = severity.as_str();
        let (kind, alert_id) = (MessageKind::Alert, Some(id));
        Self { kind, alert_id, priority, receipt_url: RECEIPT_PATH, receipt_token }
    }

    pub fn heartbeat(receipt_token: String) -> Self {
        let (kind, priority) = (MessageKind::Heartbeat, Severity::Info.as_str());
        Self { kind, alert_id: None, priority, receipt_url: RECEIPT_PATH, receipt_token }
    }

    /// A later one about the same takes its place (RFC 8030 section 5.4): at most 32 characters.
    fn topic(&self) -> String {
        match self.alert_id {
            Some(id) => URL_SAFE_NO_PAD.encode(id.as_bytes()),
            None => "heartbeat".to_owned(),
        }
    }

    fn ttl_s(&self) -> u32 {
        match self.kind {
            MessageKind::Alert => TTL_S,
            MessageKind::Heartbeat => ASK_TTL_S,
        }
    }

    fn urgency(&self) -> Urgency {
        match self.kind {
            MessageKind::Alert => Urgency::High,
            MessageKind::Heartbeat => Urgency::Low,
        }
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// Whoever carries it took it. That is no delivery.
    Accepted { http_status: Option<u16> },
    /// Of a phone, 404 or 410: nothing sent there arrives.
    Gone { http_status: Option<u16> },
    /// Try again, when the service said so or later.
    Failed { http_status: Option<u16>, retry_after_ms: Option<i64>, reason: String },
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointRefusal {
    #[error("is no URL")]
    Unreadable,
    #[error("does not begin with https:")]
    NotHttps,
    #[error("carries a name or password")]
    UserInfo,
    #[error("has a fragment")]
    Fragment,
    #[error("names a port")]
    Port,
    #[error("is an address and not a name")]
    Address,
    #[error("is at a host that is not an allowed push service")]
    Host,
}

pub struct Push {
    config: PushConfig,
    vapid: PartialVapidSignatureBuilder,
    public_key: String,
    client: reqwest::Client,
    pub receipts: ReceiptKey,
    /// From the same secret, which every instance on the database has.
    pub beacons: BeaconKey,
}

impl Push {
    /// Makes the VAPID keys when there are none on this database.
    pub async fn start(store: &Store, config: PushConfig) -> Result<Self, PushError> {
        let fresh = fresh_key().map_err(|error| PushError::Key(error.to_string()))?;
        let pem = store
            .write(move |tx| {
                if let Some(pem) = instance_keys::find(tx, VAPID_KEY)? {
                    return Ok(pem);
                }
                instance_keys::insert(tx, VAPID_KEY, &fresh)?;
                Ok::<_, StoreError>(fresh.clone())
            })
            .await?;
        let vapid = VapidSignatureBuilder::from_pem_no_sub(pem.as_slice())
            .map_err(|error| PushError::Key(error.to_string()))?;
        let public_key = URL_SAFE_NO_PAD.encode(vapid.get_public_key());
        let receipts =
            ReceiptKey::derived(&pem).map_err(|error| PushError::Key(error.to_string()))?;
        let beacons =
            BeaconKey::derived(&pem).map_err(|error| PushError::Key(error.to_string()))?;
        let is_fit = if config.allow_loopback { is_public_or_loopback } else { is_public };
        let client = client(is_fit).map_err(|error| PushError::Key(error.to_string()))?;
        Ok(Self { config, vapid, public_key, client, receipts, beacons })
    }

    /// The application server key that a phone subscribes with (uncompressed P-256, base64url).
    pub fn public_key(&self) -> &str {
        &self.public_key
    }

    /// Whether anything may be sent there; asked when a phone subscribes and again at each send,
    /// because rows are not trusted either.
    pub fn check_endpoint(&self, endpoint: &str) -> Result<Url, EndpointRefusal> {
        let url = Url::parse(endpoint).map_err(|_unreadable| EndpointRefusal::Unreadable)?;
        if self.config.allow_loopback && is_loopback(&url) {
            return Ok(url);
        }
        if url.scheme() != "https" {
            return Err(EndpointRefusal::NotHttps);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EndpointRefusal::UserInfo);
        }
        if url.fragment().is_some() {
            return Err(EndpointRefusal::Fragment);
        }
        if url.port().is_some() {
            return Err(EndpointRefusal::Port);
        }
        match url.host() {
            Some(Host::Domain(domain)) if self.is_allowed(domain) => Ok(url),
            Some(Host::Domain(_)) => Err(EndpointRefusal::Host),
            _ => Err(EndpointRefusal::Address),
        }
    }

    fn is_allowed(&self, domain: &str) -> bool {
        self.config.hosts.iter().any(|allowed| match allowed.strip_prefix('.') {
            Some(below) => domain.strip_suffix(below).is_some_and(|front| front.ends_with('.')),
            None => domain == allowed,
        })
    }

    /// Whether the keys are what a browser hands out: they are needed to encrypt for it.
    pub fn are_keys_usable(p256dh: &str, auth: &str) -> bool {
        let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('='));
        let is_point = decoded(p256dh).is_ok_and(|key| phone_seal::is_public_key(&key));
        is_point && decoded(auth).is_ok_and(|auth| auth.len() == 16)
    }

    pub async fn send(&self, to: &PushSubscription, message: &Message) -> Sent {
        let failed =
            |reason: String| Sent::Failed { http_status: None, retry_after_ms: None, reason };
        let url = match self.check_endpoint(&to.endpoint) {
            Ok(url) => url,
            Err(refusal) => return failed(format!("the endpoint {refusal}")),
        };
        let built = self.build(to, message);
        let request = match built {
            Ok(built) => self.request(url, built),
            Err(error) => return failed(format!("the message could not be made: {error}")),
        };
        match answered(request, "the push service").await {
            Sent::Failed { http_status: Some(404), .. } => Sent::Gone { http_status: Some(404) },
            sent => sent,
        }
    }

    fn build(
        &self,
        to: &PushSubscription,
        message: &Message,
    ) -> Result<WebPushMessage, web_push::WebPushError> {
        let info = SubscriptionInfo::new(&to.endpoint, &to.p256dh, &to.auth);
        let mut vapid = self.vapid.clone().add_sub_info(&info);
        vapid.add_claim("sub", self.config.contact.as_str());
        let payload = serde_json::json!(message).to_string();
        let mut builder = WebPushMessageBuilder::new(&info);
        builder.set_payload(ContentEncoding::Aes128Gcm, payload.as_bytes());
        builder.set_ttl(message.ttl_s());
        builder.set_urgency(message.urgency());
        builder.set_topic(message.topic());
        builder.set_vapid_signature(vapid.build()?);
        builder.build()
    }

    fn request(&self, url: Url, message: WebPushMessage) -> reqwest::RequestBuilder {
        let built = web_push::request_builder::build_request::<Vec<u8>>(message);
        let mut request = self.client.post(url);
        for (name, value) in built.headers() {
            request = request.header(name.as_str(), value.as_bytes());
        }
        request.body(built.into_body())
    }
}

#[derive(Debug, thiserror::Error)]
pub enum PushError {
    #[error("the push keys cannot be used: {0}")]
    Key(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn fresh_key() -> Result<Vec<u8>, openssl::error::ErrorStack> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    EcKey::generate(&group)?.private_key_to_pem()
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        _ => false,
    }
}

/// Sends it and says what came of it. `whom`: who does not answer, in words.
pub async fn answered(request: reqwest::RequestBuilder, whom: &str) -> Sent {
    match request.send().await {
        Ok(answer) => read(answer, whom).await,
        Err(error) => Sent::Failed {
            http_status: None,
            retry_after_ms: None,
            reason: without_url(error, whom),
        },
    }
}

/// The address of an endpoint is a secret of the phone's: it is not written into logs or tables.
fn without_url(error: reqwest::Error, whom: &str) -> String {
    let error = error.without_url();
    if error.is_timeout() { format!("{whom} did not answer in time") } else { error.to_string() }
}

async fn read(mut answer: reqwest::Response, whom: &str) -> Sent {
    let http_status = answer.status().as_u16();
    let retry_after_ms = answer
        .headers()
        .get("retry-after")
        .and_then(|value| value.to_str().ok()?.trim().parse::<i64>().ok())
        .map(|seconds| seconds.saturating_mul(SECOND_MS));
    let mut read = 0;
    while let Ok(Some(chunk)) = answer.chunk().await {
        read += chunk.len();
        if read > ANSWER_BYTES_MAX {
            break;
        }
    }
    let http_status = Some(http_status);
    match answer.status().as_u16() {
        200..=299 => Sent::Accepted { http_status },
        410 => Sent::Gone { http_status },
        status => {
            let reason = format!("{whom} answered {status}");
            Sent::Failed { http_status, retry_after_ms, reason }
        }
    }
}

/// For what is sent outside: soon given up, not led elsewhere, and to fit addresses only.
pub fn client(is_fit: fn(IpAddr) -> bool) -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(TIMEOUT)
        .no_proxy()
        .dns_resolver(Arc::new(FitOnly { is_fit }))
        .build()
}

/// Looks names up and hands on fit addresses only, so that no name leads inside.
struct FitOnly {
    is_fit: fn(IpAddr) -> bool,
}

impl Resolve for FitOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let is_fit = self.is_fit;
        Box::pin(async move {
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if found.is_empty() || !found.iter().all(|at| is_fit(at.ip())) {
                return Err("the name leads to an address that is not public".into());
            }
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

pub fn is_public_or_loopback(address: IpAddr) -> bool {
    is_public(address) || address.is_loopback()
}

/// Whether an address is one on the open internet (IANA's special-purpose registries).
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            let is_special = v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4.is_broadcast()
                || v4.is_documentation()
                || a == 0
                || (a == 100 && (64..128).contains(&b))
                || (a == 192 && b == 0 && c == 0)
                || (a == 192 && b == 88 && c == 99)
                || (a == 198 && (b == 18 || b == 19))
                || a >= 240;
            !is_special
        }
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_public(IpAddr::V4(v4)),
            None => {
                let [first, second, ..] = v6.segments();
                let is_global_unicast = (0x2000..0x4000).contains(&first);
                let is_special = (first == 0x2001 && (second < 0x0200 || second == 0x0db8))
                    || first == 0x2002
                    || first == 0x3fff;
                is_global_unicast && !is_special
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_on_the_open_internet_are_public() {
        for address in ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8"] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
        let inside = [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2001::1",
        ];
        for address in inside {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }
}
