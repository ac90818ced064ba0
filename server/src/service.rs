//! The whole service as a value: built from its settings, run until told to stop.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::{App as ActixApp, HttpServer, web};
use compliance::delivery::Channel;
use futures_util::future::{OptionFuture, select_all};
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinError, JoinHandle};

use crate::checker;
use crate::clock::Clock;
use crate::config::Config;
use crate::http;
use crate::identity::Identity;
use crate::mail::Mail;
use crate::push::{Push, PushError};
use crate::store::{self, Store, StoreError};
use crate::stream::Streams;
use crate::sweeper;
use crate::watchdog::Watchdog;
use crate::webhook::Webhook;
use crate::worker::Worker;

/// What handlers share.
pub struct App {
    pub store: Store,
    pub clock: Clock,
    pub identity: Identity,
    pub push: Arc<Push>,
    pub force_name: String,
    /// The training environment says so on every page.
    pub is_training: bool,
    /// Whether who calls is what a proxy of ours says.
    pub is_behind_proxy: bool,
    /// Checking a password takes a core for some time; more at once would starve the phones.
    pub password_checks: Semaphore,
    /// Replaying a year takes a core and a reader for some time: one at once.
    pub back_tests: Arc<Semaphore>,
    /// Who has the live stream open.
    pub streams: Streams,
}

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the database cannot be used: {0}")]
    Store(#[from] StoreError),
    #[error(transparent)]
    Push(#[from] PushError),
    #[error("the watchdog cannot be told: {0}")]
    Watchdog(#[from] reqwest::Error),
    #[error("the webhook cannot be called: {0}")]
    Webhook(reqwest::Error),
    #[error("mail cannot be sent: {0}")]
    Mail(#[from] lettre::transport::smtp::Error),
    #[error("cannot listen on {address}: {source}")]
    Listen { address: SocketAddr, source: std::io::Error },
}

/// How the service runs besides what its settings say: tests and the demo hold the clock and sweep by
/// hand.
#[derive(Debug, Clone)]
pub struct Circumstances {
    pub clock: Clock,
    pub identity: Identity,
    pub is_training: bool,
    /// Whether sweeps and jobs run by themselves.
    pub runs_by_itself: bool,
}

impl Circumstances {
    pub fn real() -> Self {
        Self {
            clock: Clock::System,
            identity: Identity::System,
            is_training: false,
            runs_by_itself: true,
        }
    }
}

/// Opens the channels besides web push that the settings name, and puts on file which these are.
async fn channels(
    store: &Store,
    config: &Config,
) -> Result<(Option<Arc<Mail>>, Option<Arc<Webhook>>), StartError> {
    let mail = config.mail.as_ref().map(Mail::new).transpose()?.map(Arc::new);
    let webhook = config.webhook.as_ref().map(Webhook::new).transpose();
    let webhook = webhook.map_err(StartError::Webhook)?.map(Arc::new);
    let named =
        [mail.is_some().then_some(Channel::Email), webhook.is_some().then_some(Channel::Webhook)];
    let open: Vec<Channel> = named.into_iter().flatten().collect();
    store.write(move |tx| store::channels::set(tx, &open)).await?;
    Ok((mail, webhook))
}

pub struct Service {
    pub app: web::Data<App>,
    pub worker: Worker,
    pub address: SocketAddr,
    server: ServerHandle,
    /// Nothing once it has ended by itself.
    serving: Option<JoinHandle<std::io::Result<()>>>,
    loops: Vec<JoinHandle<()>>,
    stop: watch::Sender<bool>,
}

impl Service {
    /// Starts on a store that is open. Must be called inside an actix runtime.
    pub async fn start(
        config: &Config,
        store: Store,
        how: Circumstances,
    ) -> Result<Self, StartError> {
        let push = Arc::new(Push::start(&store, config.push.clone()).await?);
        let app = web::Data::new(App {
            store: store.clone(),
            clock: how.clock.clone(),
            identity: how.identity.clone(),
            push: push.clone(),
            force_name: config.force_name.clone(),
            is_training: how.is_training,
            is_behind_proxy: config.is_behind_proxy,
            password_checks: Semaphore::new(2),
            back_tests: Arc::new(Semaphore::new(1)),
            streams: Streams::default(),
        });
        let listen = |source| StartError::Listen { address: config.listen, source };
        let listener = TcpListener::bind(config.listen).map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let data = app.clone();
        let server = HttpServer::new(move || {
            ActixApp::new()
                .wrap(actix_web::middleware::from_fn(http::finish))
                .app_data(data.clone())
                .configure(http::configure)
        })
        .workers(2)
        .shutdown_timeout(10)
        .disable_signals()
        .listen(listener)
        .map_err(listen)?
        .run();
        let (stop, stopping) = watch::channel(false);
        let (mail, webhook) = channels(&store, config).await?;
        let worker = Worker {
            store: store.clone(),
            clock: how.clock.clone(),
            identity: how.identity.clone(),
            push,
            mail,
            webhook,
        };
        let mut loops = Vec::new();
        if how.runs_by_itself {
            let checks = checker::run(
                store.clone(),
                how.clock.clone(),
                how.identity.clone(),
                stopping.clone(),
            );
            loops.push(tokio::spawn(checks));
            if let Some(told) = &config.watchdog {
                let watchdog = Watchdog::new(store.clone(), how.clock.clone(), told)?;
                loops.push(tokio::spawn(watchdog.run(stopping.clone())));
            }
            let every = config.sweep_every;
            let sweeps = sweeper::run(store, how.clock, how.identity, every, stopping.clone());
            loops.push(tokio::spawn(sweeps));
            loops.push(tokio::spawn(worker.clone().run(stopping)));
        }
        let (streaming, looks_at) = (app.clone(), app.store.clone());
        loops.push(tokio::spawn(async move { streaming.streams.run(looks_at).await }));
        let handle = server.handle();
        let serving = Some(tokio::spawn(server));
        Ok(Self { app, worker, address, server: handle, serving, loops, stop })
    }

    /// Lets requests under way finish, ends the loops after their pass, and puts what is waiting on
    /// disk.
    pub async fn stop(self) {
        // A server that waits for its answers to end would wait for these for ever.
        self.app.streams.end();
        self.server.stop(true).await;
        let _nobody_listens = self.stop.send(true);
        for ended in self.loops {
            say_end("a loop", ended.await.map(Ok));
        }
        if let Some(serving) = self.serving {
            say_end("the server", serving.await);
        }
        self.app.store.close().await;
    }

    /// Ends when a loop or the server does, which none should by itself. What is left can be stopped.
    pub async fn until_broken(&mut self) {
        let server = OptionFuture::from(self.serving.as_mut());
        let broken = tokio::select! {
            (ended, place, _) = select_all(self.loops.iter_mut()) => {
                say_end("a loop", ended.map(Ok));
                Some(place)
            }
            Some(ended) = server => {
                say_end("the server", ended);
                None
            }
        };
        match broken {
            Some(place) => drop(self.loops.swap_remove(place)),
            None => self.serving = None,
        }
    }
}

/// Only what went wrong.
fn say_end(what: &str, ended: Result<std::io::Result<()>, JoinError>) {
    match ended {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(%error, "{what} had stopped by itself"),
        Err(error) => tracing::error!(%error, "{what} had stopped by itself"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::connection::DatabaseUrl;

    #[actix_web::test]
    async fn a_loop_that_panics_ends_the_service_and_what_is_left_of_it_in_order() {
        let name = format!("holdfast-broken-{}.sqlite", std::process::id());
        let path = std::env::temp_dir().join(name);
        let variables = [
            ("HOLDFAST_DATABASE", format!("sqlite:{}", path.display())),
            ("HOLDFAST_LISTEN", "127.0.0.1:0".to_owned()),
        ];
        let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value));
        let config = Config::load(None, variables).unwrap();
        let store = Store::open(&DatabaseUrl::Sqlite(path.clone()), 2, [1; 32]).unwrap();
        let mut service = Service::start(&config, store, Circumstances::real()).await.unwrap();
        let loops = service.loops.len();
        service.loops.insert(1, tokio::spawn(async { panic!("as a loop must never") }));
        service.until_broken().await;
        assert_eq!(service.loops.len(), loops);
        service.stop().await;
        for suffix in ["", "-wal", "-shm"] {
            let _not_there = std::fs::remove_file(format!("{}{suffix}", path.display()));
        }
    }
}
