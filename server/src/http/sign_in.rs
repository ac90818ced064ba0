//! `sign_in`: starts a session.

use std::sync::Arc;

use actix_web::cookie::{Cookie, SameSite};
use actix_web::{HttpRequest, HttpResponse, post, web};
use compliance::Instant;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::{COOKIE, check_same_site};
use super::get_me::OwnAccount;
use super::problem::{Kind, Problem};
use super::wire::{Body, Timestamp, checked_text};
use crate::identity::Token;
use crate::operations::accounts::{PASSWORD_CHARS_MAX, USERNAME_CHARS_MAX};
use crate::operations::sign_in::{
    Carrier, Claim, claim, is_password_right, sign_in_failed, signed_in,
};
use crate::refusal::Refusal;
use crate::service::App;
use crate::store::accounts::Account;

/// What a person types, and how their program keeps the session.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    #[schema(max_length = 64)]
    pub username: String,
    #[schema(max_length = 200)]
    pub password: String,
    pub carrier: WireCarrier,
}

/// `cookie` for the web pages, `bearer` for an app. A session is good only the way it was begun.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = Carrier)]
pub enum WireCarrier {
    Bearer,
    Cookie,
}

impl From<WireCarrier> for Carrier {
    fn from(carrier: WireCarrier) -> Self {
        match carrier {
            WireCarrier::Bearer => Self::Bearer,
            WireCarrier::Cookie => Self::Cookie,
        }
    }
}

/// The session that has begun.
#[derive(Serialize, ToSchema)]
pub struct SessionStarted {
    /// For `Authorization: Bearer`; only with the carrier `bearer`, and only this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Sign in again after this, however much the session was used.
    pub expires_at: Timestamp,
    pub account: OwnAccount,
}

/// Starts a session.
///
/// A wrong name and a wrong password look the same and take the same time. Failures slow the next
/// try under that name down; `Retry-After` says how long. A browser is given a cookie, an app a
/// bearer token.
#[utoipa::path(
    tag = "Session",
    security(()),
    request_body = SignIn,
    responses((status = 201, description = "Signed in", body = SessionStarted,
        headers(("Set-Cookie" = Option<String>, description = "With the carrier `cookie`")))),
)]
#[post("/session")]
pub async fn sign_in(
    request: HttpRequest,
    app: web::Data<App>,
    typed: Body<SignIn>,
) -> Result<HttpResponse, Problem> {
    let typed = typed.read().await?;
    let carrier = Carrier::from(typed.carrier);
    if carrier == Carrier::Cookie {
        check_same_site(&request)?;
    }
    typed.check_lengths()?;
    let (token, expires_at, account) = enter(&app, typed, carrier).await?;
    let mut response = HttpResponse::Created();
    if carrier == Carrier::Cookie {
        response.cookie(cookie(token.as_str()));
    }
    Ok(response.json(SessionStarted {
        token: (carrier == Carrier::Bearer).then(|| token.as_str().to_owned()),
        expires_at: expires_at.into(),
        account: account.into(),
    }))
}

impl SignIn {
    /// Before anything slow is done with them.
    fn check_lengths(&self) -> Result<(), Problem> {
        checked_text("/username", &self.username, USERNAME_CHARS_MAX)?;
        if self.password.chars().count() > PASSWORD_CHARS_MAX {
            return Err(Problem::field("/password", "is longer than 200 characters"));
        }
        Ok(())
    }
}

async fn enter(
    app: &App,
    typed: SignIn,
    carrier: Carrier,
) -> Result<(Arc<Token>, Instant, Account), Problem> {
    let now = app.clock.now();
    // Kept until a failure is on file, so that many tries at once do not get past the lock.
    let _permit = app.password_checks.acquire().await.map_err(internal)?;
    let (username, password) = (typed.username.clone(), typed.password);
    let Claim { account, password_hash } =
        app.store.read(move |tx| claim(tx, &username, now)).await?;
    let check = tokio::task::spawn_blocking(move || is_password_right(&password, &password_hash));
    let is_right = check.await.map_err(internal)?;
    let Some(account) = account.filter(|_| is_right) else {
        let username = typed.username;
        app.store.write(move |tx| sign_in_failed(tx, &username, now)).await?;
        return Err(Refusal::WrongCredentials.into());
    };
    let token = Arc::new(app.identity.token());
    let (shown, entering) = (token.clone(), account.clone());
    let expires_at =
        app.store.write(move |tx| signed_in(tx, &entering, &shown, carrier, now)).await?;
    Ok((token, expires_at, account))
}

fn internal(error: impl std::fmt::Display) -> Problem {
    tracing::error!(%error, "a password could not be checked");
    Problem::new(Kind::Internal)
}

/// Ends with the browser, if the session has not ended before.
pub fn cookie(value: &str) -> Cookie<'_> {
    Cookie::build(COOKIE, value)
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Strict)
        .finish()
}
