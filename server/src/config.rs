//! Settings: a file, then `HOLDFAST_*` variables over it. What is not understood stops the start,
//! not the night.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use url::Url;

use crate::mail::MailConfig;
use crate::store::connection::DatabaseUrl;
use crate::watchdog::{NOT_PUBLIC, WatchdogConfig, outward};
use crate::webhook::WebhookConfig;

/// Every setting, each with its default; `holdfast.example.toml` says what they are for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    listen: SocketAddr,
    database: String,
    database_connections: u32,
    force_name: String,
    behind_tls_proxy: bool,
    sweep_every_ms: u64,
    push_contact: String,
    push_hosts: Vec<String>,
    push_allow_loopback: bool,
    watchdog_url: String,
    watchdog_allow_private: bool,
    watchdog_every_s: u64,
    public_url: String,
    smtp_url: String,
    smtp_from: String,
    webhook_url: String,
    webhook_secret: String,
    webhook_secret_file: String,
    webhook_allow_private: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            database: "sqlite:holdfast.sqlite".to_owned(),
            database_connections: 8,
            force_name: "Holdfast".to_owned(),
            behind_tls_proxy: false,
            sweep_every_ms: 250,
            push_contact: "mailto:holdfast@example.invalid".to_owned(),
            push_hosts: PUSH_HOSTS.map(str::to_owned).to_vec(),
            push_allow_loopback: false,
            watchdog_url: String::new(),
            watchdog_allow_private: false,
            watchdog_every_s: 60,
            public_url: String::new(),
            smtp_url: String::new(),
            smtp_from: String::new(),
            webhook_url: String::new(),
            webhook_secret: String::new(),
            webhook_secret_file: String::new(),
            webhook_allow_private: false,
        }
    }
}

/// The push services of Chrome, Firefox, Safari and Edge. A leading dot allows any host below.
const PUSH_HOSTS: [&str; 4] = [
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "web.push.apple.com",
    ".notify.windows.com",
];

/// Settings that can be started with.
#[derive(Debug, Clone)]
pub struct Config {
    pub listen: SocketAddr,
    pub database: DatabaseUrl,
    pub database_connections: u32,
    pub force_name: String,
    pub sweep_every: Duration,
    /// Whether whoever calls is who `X-Forwarded-For` says.
    pub is_behind_proxy: bool,
    pub push: PushConfig,
    pub watchdog: Option<WatchdogConfig>,
    /// The channels besides web push.
    pub mail: Option<MailConfig>,
    pub webhook: Option<WebhookConfig>,
}

#[derive(Debug, Clone)]
pub struct PushConfig {
    /// Whom a push service can write to: `mailto:` or `https:` (RFC 8292 section 2.1).
    pub contact: String,
    pub hosts: Vec<String>,
    /// For tests: lets plain HTTP to loopback addresses through.
    pub allow_loopback: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{path}: {reason}")]
    File { path: String, reason: String },
    #[error("{0}: no such setting; `holdfast.example.toml` lists them all")]
    UnknownVariable(String),
    #[error("{name}: {reason}")]
    Value { name: String, reason: String },
}

const PREFIX: &str = "HOLDFAST_";

impl Config {
    /// `variables` are the process's; only those that begin with `HOLDFAST_` count.
    pub fn load(
        file: Option<&Path>,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut table = match file {
            Some(path) => read_file(path)?,
            None => toml::Table::new(),
        };
        let overrides: BTreeMap<String, String> = variables
            .filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?.to_owned(), value)))
            .collect();
        for (name, value) in overrides {
            let key = name.to_lowercase();
            let value = variable(&key, &value)
                .ok_or_else(|| ConfigError::UnknownVariable(format!("{PREFIX}{name}")))?;
            table.insert(key, value);
        }
        let read = serde_path_to_error::deserialize::<_, Settings>(toml::Value::Table(table));
        let settings = read.map_err(|error| ConfigError::Value {
            name: match (file, error.path().to_string().as_str()) {
                (Some(file), ".") => file.display().to_string(),
                (None, ".") => "settings".to_owned(),
                (_, setting) => setting.to_owned(),
            },
            reason: error.inner().message().to_owned(),
        })?;
        settings.checked()
    }
}

fn read_file(path: &Path) -> Result<toml::Table, ConfigError> {
    let refuse = |reason: String| ConfigError::File { path: path.display().to_string(), reason };
    let text = std::fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?;
    text.parse().map_err(|error: toml::de::Error| refuse(error.to_string()))
}

/// A variable's text as the kind of value that its setting has.
fn variable(key: &str, text: &str) -> Option<toml::Value> {
    let value = match key {
        "listen"
        | "database"
        | "force_name"
        | "push_contact"
        | "watchdog_url"
        | "public_url"
        | "smtp_url"
        | "smtp_from"
        | "webhook_url"
        | "webhook_secret"
        | "webhook_secret_file" => toml::Value::from(text),
        "push_hosts" => {
            text.split(',').map(str::trim).map(toml::Value::from).collect::<Vec<_>>().into()
        }
        "behind_tls_proxy"
        | "push_allow_loopback"
        | "watchdog_allow_private"
        | "webhook_allow_private" => {
            text.parse::<bool>().map_or_else(|_| text.into(), toml::Value::from)
        }
        "database_connections" | "sweep_every_ms" | "watchdog_every_s" => {
            text.parse::<i64>().map_or_else(|_| text.into(), toml::Value::from)
        }
        _ => return None,
    };
    Some(value)
}

impl Settings {
    fn checked(self) -> Result<Config, ConfigError> {
        let refuse = |name: &str, reason: &str| {
            Err(ConfigError::Value { name: name.to_owned(), reason: reason.to_owned() })
        };
        let database = DatabaseUrl::parse(&self.database)
            .map_err(|reason| ConfigError::Value { name: "database".to_owned(), reason })?;
        if !self.listen.ip().is_loopback() && !self.behind_tls_proxy {
            return refuse(
                "listen",
                "is not a loopback address: cookies and tokens would travel in the clear. Put a \
                 TLS proxy in front and set behind_tls_proxy = true",
            );
        }
        if !(1..=100).contains(&self.database_connections) {
            return refuse("database_connections", "is 1 to 100");
        }
        if !(10..=1_000).contains(&self.sweep_every_ms) {
            return refuse("sweep_every_ms", "is 10 to 1000: a silence is noticed within a second");
        }
        let is_contact =
            self.push_contact.starts_with("mailto:") || self.push_contact.starts_with("https:");
        if !is_contact {
            return refuse("push_contact", "begins with mailto: or https:");
        }
        let watchdog = self.watchdog()?;
        let (mail, webhook) = (self.mail()?, self.webhook()?);
        Ok(Config {
            listen: self.listen,
            database,
            database_connections: self.database_connections,
            force_name: self.force_name,
            sweep_every: Duration::from_millis(self.sweep_every_ms),
            is_behind_proxy: self.behind_tls_proxy,
            push: PushConfig {
                contact: self.push_contact,
                hosts: self.push_hosts,
                allow_loopback: self.push_allow_loopback,
            },
            watchdog,
            mail,
            webhook,
        })
    }

    fn watchdog(&self) -> Result<Option<WatchdogConfig>, ConfigError> {
        if !(1..=300).contains(&self.watchdog_every_s) {
            let says = "is 1 to 300: whoever listens raises the alarm within minutes";
            return Err(value("watchdog_every_s", says));
        }
        if self.watchdog_url.is_empty() {
            return Ok(None);
        }
        let read = WatchdogConfig::parse(&self.watchdog_url, self.watchdog_allow_private)
            .map_err(|reason| not_let("watchdog", reason))?;
        Ok(Some(WatchdogConfig { every: Duration::from_secs(self.watchdog_every_s), ..read }))
    }

    /// What links in messages begin with.
    fn public_url(&self, needed_by: &str) -> Result<Url, ConfigError> {
        let reason = match Url::parse(&self.public_url) {
            Ok(url) if ["http", "https"].contains(&url.scheme()) => return Ok(url),
            _ if self.public_url.is_empty() => {
                format!("is empty, and {needed_by} needs it: messages hold a link")
            }
            _ => "is not the http or https address at which people reach the service".to_owned(),
        };
        Err(value("public_url", reason))
    }

    fn mail(&self) -> Result<Option<MailConfig>, ConfigError> {
        match (self.smtp_url.as_str(), self.smtp_from.as_str()) {
            ("", "") => Ok(None),
            ("", _) => Err(value("smtp_from", "is of no use without smtp_url")),
            (url, from) => {
                let public_url = self.public_url("smtp_url")?;
                let read = MailConfig::parse(url, from, &public_url);
                read.map(Some).map_err(|(name, reason)| value(name, reason))
            }
        }
    }

    fn webhook(&self) -> Result<Option<WebhookConfig>, ConfigError> {
        let (secret, file) = (self.webhook_secret.as_str(), self.webhook_secret_file.as_str());
        if self.webhook_url.is_empty() {
            return match (secret, file) {
                ("", "") => Ok(None),
                ("", _) => Err(value("webhook_secret_file", "is of no use without webhook_url")),
                _ => Err(value("webhook_secret", "is of no use without webhook_url")),
            };
        }
        let url = outward(&self.webhook_url, self.webhook_allow_private)
            .map_err(|reason| not_let("webhook", reason))?;
        let (name, secret) = match (secret, file) {
            ("", "") => {
                let says = "is empty: without a secret nobody can tell our messages from others'";
                return Err(value("webhook_secret", says));
            }
            (secret, "") => ("webhook_secret", secret.to_owned()),
            ("", path) => {
                let read = std::fs::read_to_string(path);
                let name = "webhook_secret_file";
                (name, read.map_err(|error| value(name, format!("{path}: {error}")))?)
            }
            _ => return Err(value("webhook_secret", "is given twice: see webhook_secret_file")),
        };
        let public_url = self.public_url("webhook_url")?;
        let read = WebhookConfig::new((url, self.webhook_allow_private), &secret, &public_url);
        read.map(Some).map_err(|reason| value(name, reason))
    }
}

fn value(name: &str, reason: impl Into<String>) -> ConfigError {
    ConfigError::Value { name: name.to_owned(), reason: reason.into() }
}

/// Of an address that something is sent to: why not there, and which setting allows it.
fn not_let(of: &str, reason: &str) -> ConfigError {
    let reason = match reason {
        NOT_PUBLIC => format!("{reason}: set {of}_allow_private = true if that is meant"),
        other => other.to_owned(),
    };
    value(&format!("{of}_url"), reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let variables = variables.iter().map(|(name, value)| (name.to_string(), value.to_string()));
        Config::load(None, variables)
    }

    #[track_caller]
    fn check_refused(variables: &[(&str, &str)], about: &str) {
        let error = load(variables).unwrap_err().to_string();
        assert!(error.contains(about), "{error}");
    }

    #[test]
    fn variables_go_over_the_defaults() {
        let config = load(&[("HOLDFAST_LISTEN", "127.0.0.1:9"), ("PATH", "x")]).unwrap();
        assert_eq!(config.listen.port(), 9);
    }

    #[test]
    fn what_is_not_understood_stops_the_start() {
        check_refused(&[("HOLDFAST_LISTNE", "127.0.0.1:9")], "HOLDFAST_LISTNE");
        check_refused(&[("HOLDFAST_LISTEN", "here")], "listen");
        check_refused(&[("HOLDFAST_DATABASE", "mysql://x")], "database");
        check_refused(&[("HOLDFAST_SWEEP_EVERY_MS", "60000")], "sweep_every_ms");
        check_refused(&[("HOLDFAST_WATCHDOG_URL", "http://hc.example.org/")], "watchdog_url");
        check_refused(&[("HOLDFAST_WATCHDOG_URL", "https://10.0.0.7/")], "watchdog_allow_private");
        check_refused(&[("HOLDFAST_WATCHDOG_ALLOW_PRIVATE", "perhaps")], "watchdog_allow_private");
        check_refused(&[("HOLDFAST_WATCHDOG_EVERY_S", "0")], "watchdog_every_s");
        check_refused(&[("HOLDFAST_WATCHDOG_EVERY_S", "301")], "watchdog_every_s");
        check_refused(&[("HOLDFAST_WATCHDOG", "https://hc.example.org/")], "no such setting");
        check_refused(&[("HOLDFAST_BEHIND_TLS_PROXY", "perhaps")], "behind_tls_proxy");
        check_refused(&[("HOLDFAST_WEBHOOK_ALLOW_PRIVATE", "perhaps")], "webhook_allow_private");
        check_refused(&[("HOLDFAST_LISTEN", "0.0.0.0:80")], "behind_tls_proxy");
    }

    const SECRET: (&str, &str) =
        ("HOLDFAST_WEBHOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    const HERE: (&str, &str) = ("HOLDFAST_PUBLIC_URL", "https://holdfast.force.example/");
    const FROM: (&str, &str) = ("HOLDFAST_SMTP_FROM", "Holdfast <holdfast@force.example>");

    #[test]
    fn a_channel_that_is_half_configured_stops_the_start() {
        let smtp = |url| ("HOLDFAST_SMTP_URL", url);
        let hook = |url| ("HOLDFAST_WEBHOOK_URL", url);
        let (server, url) = (smtp("smtps://mail.force.example"), hook("https://hook.example.org/"));
        assert!(load(&[server, FROM, HERE]).unwrap().mail.is_some());
        assert!(load(&[url, SECRET, HERE]).unwrap().webhook.is_some());
        check_refused(&[server, HERE], "smtp_from");
        check_refused(&[FROM, HERE], "smtp_url");
        check_refused(&[server, FROM], "public_url");
        check_refused(&[server, FROM, ("HOLDFAST_PUBLIC_URL", "ftp://x/")], "public_url");
        check_refused(&[smtp("smtp://mail.force.example"), FROM, HERE], "TLS");
        check_refused(&[url, HERE], "webhook_secret");
        check_refused(&[SECRET, HERE], "webhook_url");
        check_refused(&[url, SECRET], "public_url");
        check_refused(&[url, ("HOLDFAST_WEBHOOK_SECRET", "whsec_c2hvcnQ="), HERE], "24 bytes");
        check_refused(&[hook("http://hook.example.org/"), SECRET, HERE], "https:");
        check_refused(&[hook("https://10.0.0.7/"), SECRET, HERE], "webhook_allow_private");
        let file = ("HOLDFAST_WEBHOOK_SECRET_FILE", "/nowhere/secret");
        check_refused(&[url, file, HERE], "/nowhere/secret");
        check_refused(&[url, file, SECRET, HERE], "twice");
    }

    #[test]
    fn an_unknown_line_of_the_file_stops_the_start() {
        let path =
            std::env::temp_dir().join(format!("holdfast-config-{}.toml", std::process::id()));
        std::fs::write(&path, "listne = \"127.0.0.1:9\"\n").unwrap();
        let error = Config::load(Some(&path), std::iter::empty()).unwrap_err().to_string();
        std::fs::remove_file(&path).unwrap();
        assert!(error.contains("listne"), "{error}");
    }
}
