//! A treatment provider who calls through a link. The token is good for nothing else, and no
//! session's token is good here.

use std::future::Future;
use std::pin::Pin;

use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use compliance::Instant;

use super::problem::{Kind, Problem};
use crate::identity::Token;
use crate::service::App;
use crate::store::providers::{self, Provider};
use crate::store::{StoreError, Tx, WriteError};

pub struct ProviderCaller {
    pub app: web::Data<App>,
    pub provider: Provider,
    /// Read once for the whole request.
    pub now: Instant,
}

impl ProviderCaller {
    /// Runs an operation as one write.
    pub async fn write<T, E, F>(&self, act: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: WriteError,
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + Sync + 'static,
    {
        self.app.store.write(act).await
    }
}

impl FromRequest for ProviderCaller {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { authenticate(&request).await })
    }
}

async fn authenticate(request: &HttpRequest) -> Result<ProviderCaller, Problem> {
    let app = request
        .app_data::<web::Data<App>>()
        .cloned()
        .ok_or_else(|| Problem::new(Kind::Internal))?;
    let now = app.clock.now();
    let token = shown(request).ok_or_else(|| Problem::new(Kind::NotSignedIn))?;
    let digest = token.digest();
    let found = app.store.look(move |tx| providers::find_by_token(tx, &digest, now)).await;
    let found = found.map_err(|error: StoreError| Problem::from(error))?;
    let provider = found.ok_or_else(|| Problem::new(Kind::NotSignedIn))?;
    Ok(ProviderCaller { app, provider, now })
}

fn shown(request: &HttpRequest) -> Option<Token> {
    let header = request.headers().get(AUTHORIZATION)?;
    let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Token::shown(token.trim()))
}
