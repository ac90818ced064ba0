//! Somebody who calls the service over HTTP.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::sync::OnceLock;

use compliance::Instant;
use compliance::instant::HOUR_MS;
use holdfast::store::accounts::Account;
use reqwest::blocking::Client;
use serde_json::Value;

use super::{TestApp, contract};

#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// As it came, of what is no text.
    pub bytes: Vec<u8>,
    /// Null when the body is no JSON.
    pub json: Value,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(is, _)| is == name).map(|(_, value)| value.as_str())
    }

    /// What went wrong, by its lasting name; empty when nothing did.
    pub fn slug(&self) -> String {
        let kind = self.json["type"].as_str().unwrap_or_default();
        kind.strip_prefix("/problems/").unwrap_or_default().to_owned()
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.json
    }

    #[track_caller]
    pub fn refused(self, slug: &str) -> Value {
        assert_eq!(self.slug(), slug, "{} {}", self.status, self.body);
        self.json
    }
}

/// One for the whole process, without connections that outlive their answer: an idle one would hold
/// back the end of the service that it leads to.
fn client() -> &'static Client {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    CLIENT.get_or_init(|| {
        Client::builder()
            .pool_max_idle_per_host(0)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap()
    })
}

/// Sends one request and holds the answer against the description of the API.
#[track_caller]
pub fn send(
    address: SocketAddr,
    (method, path): (&str, &str),
    headers: &[(&str, &str)],
    sent: Option<&[u8]>,
) -> Answer {
    let url = format!("http://{address}{path}");
    let mut request = client().request(method.parse().unwrap(), url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if let Some(sent) = sent {
        request = request.body(sent.to_vec());
    }
    let response = request.send().unwrap();
    let status = response.status().as_u16();
    let text = |value: &reqwest::header::HeaderValue| value.to_str().unwrap().to_owned();
    let headers =
        response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    let bytes = response.bytes().unwrap().to_vec();
    let body = String::from_utf8_lossy(&bytes).into_owned();
    let json = serde_json::from_str(&body).unwrap_or_default();
    let answer = Answer { status, headers, body, bytes, json };
    contract::check((method, path), sent, &answer);
    answer
}

/// A text is sent as it is: lines of JSON.
pub fn kind_of(body: &Value) -> &'static str {
    if body.is_string() { "application/x-ndjson" } else { "application/json" }
}

pub fn bytes_of(body: &Value) -> Vec<u8> {
    body.as_str().map_or_else(|| body.to_string(), str::to_owned).into_bytes()
}

/// A token and when it was made.
pub type Session = (String, Instant);

pub struct Caller<'a> {
    pub app: &'a TestApp,
    pub account: Account,
    token: RefCell<Session>,
}

impl<'a> Caller<'a> {
    pub fn new(app: &'a TestApp, account: Account) -> Self {
        let token = app.token_for(&account);
        let token = RefCell::new((token, app.clock.now()));
        Self { app, account, token }
    }

    /// With a session that was begun before, as it is after what was done with it.
    pub fn going_on(app: &'a TestApp, account: Account, session: Session) -> Self {
        Self { app, account, token: RefCell::new(session) }
    }

    pub fn session(&self) -> Session {
        self.token.borrow().clone()
    }

    /// Signed in again when a shift is over: tests let months pass.
    pub fn token(&self) -> String {
        let now = self.app.clock.now();
        let since = self.token.borrow().1;
        if !(0..10 * HOUR_MS).contains(&(now - since)) {
            self.sign_in_again();
        }
        self.token.borrow().0.clone()
    }

    /// After signing out.
    pub fn sign_in_again(&self) {
        let token = self.app.token_for(&self.account);
        self.token.replace((token, self.app.clock.now()));
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.send(("GET", path), &[], None)
    }

    #[track_caller]
    pub fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(("PUT", path), &[], Some(body))
    }

    #[track_caller]
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(("POST", path), &[], Some(body))
    }

    #[track_caller]
    pub fn delete(&self, path: &str) -> Answer {
        self.send(("DELETE", path), &[], None)
    }

    /// `path` is what follows `/api/v1`.
    #[track_caller]
    pub fn send(
        &self,
        (method, path): (&str, &str),
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let bearer = format!("Bearer {}", self.token());
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend(body.map(|body| ("content-type", kind_of(body))));
        all.extend(headers);
        let path = format!("/api/v1{path}");
        let body = body.map(bytes_of);
        send(self.app.address, (method, &path), &all, body.as_deref())
    }
}
