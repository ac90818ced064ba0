//! Who is calling, and whether they may: one extractor that hands a handler all it may use.
//!
//! The act stands in the handler's signature, `Caller<act::ReadCase>`; a handler without one stands
//! out, and the access table in `tests/` finds it.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use actix_web::cookie::Cookie;
use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, HOST, HeaderMap, ORIGIN};
use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use compliance::Instant;
use compliance::instant::MINUTE_MS;

use super::problem::{Kind, Problem};
use crate::identity::Token;
use crate::operations::Actor;
use crate::operations::held_records::ThisPhone;
use crate::operations::sign_in::{COOKIE_IDLE_MS, Carrier};
use crate::refusal::Refusal;
use crate::service::App;
use crate::store::accounts::Account;
use crate::store::scope::Scope;
use crate::store::sessions::{self, Session};
use crate::store::{StoreError, Tx, WriteError};

/// `__Host-`: only this host, only over TLS, for every path (RFC 6265bis).
pub const COOKIE: &str = "__Host-holdfast";

/// How often a session notes that it is in use.
const SEEN_EVERY_MS: i64 = MINUTE_MS;

/// Acts as types, so that a handler's signature says what it takes.
pub mod act {
    use compliance::access::Act;

    pub trait Allowed: 'static {
        const ACT: Act;
    }

    macro_rules! acts {
        ($($name:ident,)+) => {$(
            pub struct $name;
            impl Allowed for $name {
                const ACT: Act = Act::$name;
            }
        )+};
    }

    acts! {
        UseAccount,
        ReadStations,
        ReadCase,
        ConfirmSignOn,
        RecordFact,
        KeepCase,
        DecideBreach,
        ReceiveAlerts,
        AcknowledgeAlert,
        Supervise,
        TriageConcern,
        OverseeConcern,
        KeepPhones,
        InvestigateConcern,
        KeepRota,
        ReadLedger,
        KeepAccounts,
    }
}

pub struct Caller<A> {
    pub app: web::Data<App>,
    pub account: Account,
    pub token_digest: [u8; 32],
    /// How the token was shown.
    pub carrier: Carrier,
    /// Read once for the whole request.
    pub now: Instant,
    act: PhantomData<A>,
}

impl<A> Caller<A> {
    pub fn scope(&self) -> Scope {
        Scope { account: self.account.id, role: self.account.role }
    }

    pub fn actor(&self) -> Actor {
        Actor { scope: self.scope(), now: self.now, identity: self.app.identity.clone() }
    }

    /// The session that the request came with.
    pub fn phone(&self) -> ThisPhone {
        ThisPhone { token_digest: self.token_digest }
    }

    /// Runs an operation as one write.
    pub async fn write<T, E, F>(&self, act: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: WriteError,
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + Sync + 'static,
    {
        self.app.store.write(act).await
    }

    /// Reads what is no case: reading a case is recorded, and so it is a write.
    pub async fn read<T, E, F>(&self, act: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: WriteError,
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.app.store.read(act).await
    }
}

impl<A: act::Allowed> FromRequest for Caller<A> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { authenticate(&request).await })
    }
}

async fn authenticate<A: act::Allowed>(request: &HttpRequest) -> Result<Caller<A>, Problem> {
    let app = request
        .app_data::<web::Data<App>>()
        .cloned()
        .ok_or_else(|| Problem::new(Kind::Internal))?;
    let now = app.clock.now();
    let (token, carrier) = shown(request).ok_or_else(|| Problem::new(Kind::NotSignedIn))?;
    if carrier == Carrier::Cookie {
        check_same_site(request)?;
    }
    let token_digest = token.digest();
    let found = signed_in(&app, (token_digest, carrier), now).await;
    let found = found.map_err(|error: StoreError| Problem::from(error))?;
    let (session, account) = found.ok_or_else(|| Problem::new(Kind::NotSignedIn))?;
    let idle_ms = now - session.last_seen_at;
    if !account.role.may(A::ACT) {
        return Err(Refusal::RoleMayNot.into());
    }
    if idle_ms >= SEEN_EVERY_MS {
        let seen = app.store.write(move |tx| sessions::seen(tx, &token_digest, now)).await;
        seen.map_err(|error: StoreError| Problem::from(error))?;
    }
    Ok(Caller { app, account, token_digest, carrier, now, act: PhantomData })
}

/// The session that a token is good for, and whose it is; nothing once it has ended or run out.
pub async fn signed_in(
    app: &App,
    (token_digest, carrier): ([u8; 32], Carrier),
    now: Instant,
) -> Result<Option<(Session, Account)>, StoreError> {
    let find = move |tx: &mut Tx<'_>| sessions::find(tx, &token_digest, carrier.as_str());
    let found: Option<(Session, Account)> = app.store.look(find).await?;
    Ok(found.filter(|(session, _)| {
        let is_idle = now - session.last_seen_at >= COOKIE_IDLE_MS;
        now < session.expires_at && !(carrier == Carrier::Cookie && is_idle)
    }))
}

fn shown(request: &HttpRequest) -> Option<(Token, Carrier)> {
    if let Some(header) = request.headers().get(AUTHORIZATION) {
        let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
        let is_bearer = scheme.eq_ignore_ascii_case("bearer");
        return is_bearer.then(|| (Token::shown(token.trim()), Carrier::Bearer));
    }
    let cookie: Cookie<'static> = request.cookie(COOKIE)?;
    Some((Token::shown(cookie.value()), Carrier::Cookie))
}

/// Refuses what a browser was made to send by somebody else's page.
pub fn check_same_site(request: &HttpRequest) -> Result<(), Problem> {
    let is_same = is_same_site(request.method(), request.headers());
    if is_same { Ok(()) } else { Err(Problem::new(Kind::CrossSite)) }
}

/// A browser adds the cookie to whatever page asks, so what changes something must come from our own
/// (`Sec-Fetch-Site`, else `Origin`, as OWASP's CSRF guidance has it).
fn is_same_site(method: &Method, headers: &HeaderMap) -> bool {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return true;
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text("sec-fetch-site") {
        Some(site) => site == "same-origin" || site == "none",
        None => text(ORIGIN.as_str())
            .and_then(|origin| origin.split_once("://"))
            .is_some_and(|(_, host)| text(HOST.as_str()) == Some(host)),
    }
}
