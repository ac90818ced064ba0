//! `holdfast ledger verify`: names the first entry that does not fit, of the ledger or of a pack.

use std::path::{Path, PathBuf};

use super::{Failure, Settings};
use crate::pack::check_pack;
use crate::store::ledger;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Walk every chain; name the first entry that does not fit
    Verify(Verify),
}

#[derive(Debug, clap::Args)]
pub struct Verify {
    /// Check an evidence pack instead: its files and the ledger in it. No database is opened
    #[arg(long, value_name = "FILE")]
    pack: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
}

pub async fn run(command: Command) -> Result<(), Failure> {
    let Command::Verify(Verify { pack, settings }) = command;
    match pack {
        Some(file) => verify_pack(&file),
        None => verify(settings).await,
    }
}

fn verify_pack(file: &Path) -> Result<(), Failure> {
    let said =
        |error: &dyn std::fmt::Display| Failure::Said(format!("{}: {error}", file.display()));
    let bytes = std::fs::read(file).map_err(|error| said(&error))?;
    let found = check_pack(&bytes).map_err(|fault| said(&fault))?;
    println!(
        "The pack fits: {} files; {}: {} entries proven, {} withheld. SHA-256 {}",
        found.files, found.ledger.chain, found.ledger.proven, found.ledger.withheld, found.digest
    );
    Ok(())
}

async fn verify(settings: Settings) -> Result<(), Failure> {
    let store = settings.open()?;
    let found = store.read(ledger::verify).await?;
    store.close().await;
    match found.misfit {
        None => {
            println!("The ledger fits: {} entries in {} chains.", found.entries, found.chains);
            Ok(())
        }
        Some((chain, misfit)) => {
            Err(Failure::Said(format!("the ledger does not fit: {chain}, {misfit}")))
        }
    }
}
