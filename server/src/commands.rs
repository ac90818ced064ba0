//! What can be asked for on the command line: one file per command.

mod account;
mod check;
mod demo;
mod import;
mod ledger;
mod serve;

use std::path::PathBuf;

use crate::config::{Config, ConfigError};
use crate::http::openapi;
use crate::identity::Identity;
use crate::service::StartError;
use crate::store::{Store, StoreError};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Start a training environment: a fictional county force with a live day in progress
    Demo(demo::Arguments),
    /// Start the service
    Serve(Settings),
    /// Load orders from files; a file with a fault is refused whole
    Import(import::Arguments),
    /// Make, list and disable accounts
    #[command(subcommand)]
    Account(account::Command),
    /// Check the ledger
    #[command(subcommand)]
    Ledger(ledger::Command),
    /// Look whether what must be true of the records is true; ends with 1 when it is not
    Check(check::Arguments),
    /// Make the tables, or bring them up to date
    Migrate(Settings),
    /// Print the API's description
    Openapi,
    /// Print what every problem means and what a phone does about it
    Problems,
}

/// Where the settings are.
#[derive(Debug, Clone, clap::Args)]
pub struct Settings {
    /// A settings file; `holdfast.example.toml` lists every setting. `HOLDFAST_*` variables go over it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Settings {
    fn load(&self) -> Result<Config, Failure> {
        let variables =
            std::env::vars().filter(|(name, _)| !matches!(name.as_str(), "HOLDFAST_LOG"));
        Ok(Config::load(self.config.as_deref(), variables)?)
    }

    fn open(&self) -> Result<Store, Failure> {
        let config = self.load()?;
        Ok(Store::open(&config.database, config.database_connections, Identity::System.key())?)
    }
}

/// Why a command ended without doing what it was asked; printed as it is.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Refused(#[from] crate::refusal::Refusal),
    #[error("{path}: {source}")]
    File { path: String, source: std::io::Error },
    #[error("{0}")]
    Said(String),
}

pub async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Demo(arguments) => demo::run(arguments).await,
        Command::Serve(settings) => serve::run(&settings).await,
        Command::Import(arguments) => import::run(&arguments).await,
        Command::Account(command) => account::run(command).await,
        Command::Ledger(command) => ledger::run(command).await,
        Command::Check(arguments) => check::run(&arguments).await,
        Command::Migrate(settings) => {
            settings.open()?.close().await;
            println!("The tables are up to date.");
            Ok(())
        }
        Command::Openapi => {
            print!("{}", openapi::yaml());
            Ok(())
        }
        Command::Problems => {
            print!("{}", crate::http::problem::markdown());
            Ok(())
        }
    }
}
