//! The dead man's switch: as long as sweeps complete, somebody outside is told so. What they act on is
//! silence, so nothing is sent when anything is in doubt.

use std::time::Duration;

use compliance::Instant;
use compliance::instant::MINUTE_MS;
use tokio::sync::watch;
use url::{Host, Url};

use crate::clock::Clock;
use crate::push;
use crate::store::{Store, StoreError, heartbeats};

const EVERY: Duration = Duration::from_secs(60);
/// A sweep that completed longer ago than this, by the service's clock, says nothing about now.
const FRESH_MS: i64 = MINUTE_MS;

/// Whom to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchdogConfig {
    pub url: Url,
    /// Whether it may be inside: by plain HTTP on this machine, or at an address that is not public.
    pub allow_private: bool,
    /// How often, as long as there is something to tell.
    pub every: Duration,
}

impl WatchdogConfig {
    /// Once a minute. The words of a refusal follow the setting's name.
    pub fn parse(url: &str, allow_private: bool) -> Result<Self, &'static str> {
        Ok(Self { url: outward(url, allow_private)?, allow_private, every: EVERY })
    }
}

/// What is refused unless a setting allows it.
pub const NOT_PUBLIC: &str = "is at an address that is not public";

/// An address that a setting names and that something is sent to.
pub fn outward(url: &str, allow_private: bool) -> Result<Url, &'static str> {
    let url = Url::parse(url).map_err(|_unreadable| "is no URL")?;
    let literal = match url.host() {
        Some(Host::Ipv4(v4)) => Some(v4.into()),
        Some(Host::Ipv6(v6)) => Some(v6.into()),
        Some(Host::Domain(_)) => None,
        None => return Err("names no host"),
    };
    let is_loopback = literal.is_some_and(|at: std::net::IpAddr| at.is_loopback());
    match url.scheme() {
        "https" => {}
        "http" if is_loopback && allow_private => {}
        _ => return Err("does not begin with https:"),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("carries a name or password");
    }
    if literal.is_some_and(|at| !push::is_public(at)) && !allow_private {
        return Err(NOT_PUBLIC);
    }
    Ok(url)
}

/// What became of one look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watched {
    Told,
    /// No sweep has completed since the last time, or lately.
    Silent,
    /// It was to be told and did not say that it was.
    NotHeard,
}

pub struct Watchdog {
    store: Store,
    clock: Clock,
    url: Url,
    client: reqwest::Client,
    every: Duration,
    /// The sweep that was told of last.
    told_of: Option<Instant>,
}

impl Watchdog {
    pub fn new(
        store: Store,
        clock: Clock,
        config: &WatchdogConfig,
    ) -> Result<Self, reqwest::Error> {
        let is_fit = if config.allow_private { |_| true } else { push::is_public };
        let client = push::client(is_fit)?;
        let (url, every) = (config.url.clone(), config.every);
        Ok(Self { store, clock, url, client, every, told_of: None })
    }

    /// Reads the sweep's heartbeat from the database, as anybody else would, and tells of a fresh one.
    pub async fn watch(&mut self) -> Watched {
        let last = self.store.read(|tx| heartbeats::last(tx, heartbeats::SWEEP)).await;
        let beat_at = match last {
            Ok(beat) => beat.map(|beat| beat.beat_at),
            Err(error) => {
                let error: StoreError = error;
                tracing::error!(%error, source = ?error, "the watchdog cannot read the heartbeat");
                None
            }
        };
        let (now, fresh_ms) = (self.clock.now(), FRESH_MS * self.clock.speed());
        let is_news = |at: &Instant| {
            (now - *at).abs() <= fresh_ms && self.told_of.is_none_or(|told_of| *at != told_of)
        };
        let Some(beat_at) = beat_at.filter(is_news) else { return Watched::Silent };
        match self.client.get(self.url.clone()).send().await {
            Ok(answer) if answer.status().is_success() => {
                self.told_of = Some(beat_at);
                Watched::Told
            }
            Ok(answer) => {
                tracing::warn!(status = answer.status().as_u16(), "the watchdog was not heard");
                Watched::NotHeard
            }
            Err(error) => {
                // The address lets whoever has it feign life: it is not written into logs.
                tracing::warn!(error = %error.without_url(), "the watchdog was not heard");
                Watched::NotHeard
            }
        }
    }

    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut ticks = tokio::time::interval(self.every);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
            self.watch().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_open_internet_is_told_unless_a_setting_says_otherwise() {
        let table = [
            ("https://hc.example.org/ping/1", Ok(()), Ok(())),
            ("https://8.8.8.8/ping", Ok(()), Ok(())),
            ("http://hc.example.org/ping", Err("https:"), Err("https:")),
            ("http://127.0.0.1:9/ping", Err("https:"), Ok(())),
            ("http://10.0.0.7/ping", Err("https:"), Err("https:")),
            ("https://10.0.0.7/ping", Err("not public"), Ok(())),
            ("https://[::1]/ping", Err("not public"), Ok(())),
            ("https://169.254.169.254/latest", Err("not public"), Ok(())),
            ("https://0x7f000001/ping", Err("not public"), Ok(())),
            ("https://me:secret@hc.example.org/", Err("password"), Err("password")),
            ("ftp://hc.example.org/", Err("https:"), Err("https:")),
            ("data:text/plain,x", Err("host"), Err("host")),
            ("here", Err("no URL"), Err("no URL")),
        ];
        for (url, public, private) in table {
            for (allow_private, expected) in [(false, public), (true, private)] {
                let found = WatchdogConfig::parse(url, allow_private).map(drop);
                let is_so = match (&found, expected) {
                    (Ok(()), Ok(())) => true,
                    (Err(says), Err(word)) => says.contains(word),
                    _ => false,
                };
                assert!(is_so, "{url} {allow_private}: {found:?}");
            }
        }
    }
}
