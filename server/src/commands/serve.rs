//! `holdfast serve`: runs until told to stop, then finishes what it has begun.

use tokio::signal::unix::{SignalKind, signal};

use super::{Failure, Settings};
use crate::identity::Identity;
use crate::service::{Circumstances, Service};
use crate::store::Store;

pub async fn run(settings: &Settings) -> Result<(), Failure> {
    let config = settings.load()?;
    let store = Store::open(&config.database, config.database_connections, Identity::System.key())?;
    let service = Service::start(&config, store, Circumstances::real()).await?;
    println!("Holdfast listens on http://{} ({:?}).", service.address, config.database);
    until_stopped(service).await
}

/// Waits for SIGTERM or Ctrl-C, or for a part of the service to end by itself, which is a failure:
/// whoever runs the service must start it again.
pub async fn until_stopped(mut service: Service) -> Result<(), Failure> {
    let said = |error: std::io::Error| Failure::Said(format!("signals cannot be heard: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(said)?;
    let is_broken = tokio::select! {
        _ = terminate.recv() => false,
        _ = tokio::signal::ctrl_c() => false,
        () = service.until_broken() => true,
    };
    service.stop().await;
    if is_broken {
        return Err(Failure::Said("a part of the service ended by itself".to_owned()));
    }
    println!("Stopped.");
    Ok(())
}
