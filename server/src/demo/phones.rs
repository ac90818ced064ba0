//! A push service for the demo's phones: takes every message and forgets it.

use std::net::{Ipv4Addr, SocketAddr};

use actix_web::{App, HttpResponse, HttpServer, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use compliance::Instant;
use openssl::bn::BigNumContext;
use openssl::ec::{EcGroup, EcKey, PointConversionForm};
use openssl::nid::Nid;

use crate::identity::Identity;
use crate::store::id::AccountId;
use crate::store::push_subscriptions::PushSubscription;

/// Starts listening on a free loopback port; lives as long as the process.
pub fn start() -> std::io::Result<SocketAddr> {
    let taken = || async { HttpResponse::Created().finish() };
    let server = HttpServer::new(move || App::new().default_service(web::to(taken)))
        .workers(1)
        .disable_signals()
        .bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = server.addrs().first().copied();
    actix_web::rt::spawn(server.run());
    address.ok_or_else(|| std::io::Error::other("no address for the demo's phones"))
}

/// A phone of an account, as a browser would hand it over.
pub fn phone(
    identity: &Identity,
    now: Instant,
    account: AccountId,
    service: SocketAddr,
) -> Result<PushSubscription, openssl::error::ErrorStack> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    let key = EcKey::generate(&group)?;
    let mut context = BigNumContext::new()?;
    let public =
        key.public_key().to_bytes(&group, PointConversionForm::UNCOMPRESSED, &mut context)?;
    let mut auth = [0; 16];
    identity.fill(&mut auth);
    Ok(PushSubscription {
        id: identity.id(now),
        account_id: account,
        endpoint: format!("http://{service}/{account}"),
        p256dh: URL_SAFE_NO_PAD.encode(public),
        auth: URL_SAFE_NO_PAD.encode(auth),
        created_at: now,
        ended_at: None,
        end_reason: None,
    })
}
