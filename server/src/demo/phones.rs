//! A push service for the demo's phones: takes every message and forgets it.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use actix_web::{App, HttpResponse, HttpServer, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use compliance::Instant;
use compliance::delivery::ReceiptEvent;
use openssl::bn::BigNumContext;
use openssl::ec::{EcGroup, EcKey, PointConversionForm};
use openssl::nid::Nid;

use crate::identity::Identity;
use crate::operations::push_subscriptions::record_receipt;
use crate::refusal::Refusal;
use crate::store::id::AccountId;
use crate::store::push_subscriptions::{self, LivePhone, PushSubscription};
use crate::store::{StoreError, Tx};
use crate::worker::Worker;

const ANSWER_EVERY: Duration = Duration::from_secs(1);

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

/// The same within a write.
pub fn answer(tx: &mut Tx<'_>, identity: &Identity, now: Instant) -> Result<(), Refusal> {
    for phone in asked(tx)? {
        let message = (identity.id(now), phone.id);
        record_receipt(tx, message, ReceiptEvent::Displayed, now)?;
    }
    Ok(())
}

fn asked(tx: &mut Tx<'_>) -> Result<Vec<LivePhone>, StoreError> {
    let live = push_subscriptions::live(tx)?;
    Ok(live.into_iter().filter(|phone| phone.signs.asked_at.is_some()).collect())
}

/// They do so for as long as the demo runs.
pub async fn answer_always(worker: Worker) {
    let mut ticks = tokio::time::interval(ANSWER_EVERY);
    loop {
        ticks.tick().await;
        if let Err(error) = answer_once(&worker).await {
            tracing::error!(%error, "the demo's phones cannot answer");
        }
    }
}

/// Every phone that was asked whether it is there says that it is.
pub async fn answer_once(worker: &Worker) -> Result<(), Refusal> {
    let asked = worker.store.read(asked).await?;
    let (identity, now) = (worker.identity.clone(), worker.clock.now());
    match asked.is_empty() {
        true => Ok(()),
        false => worker.store.write(move |tx| answer(tx, &identity, now)).await,
    }
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
