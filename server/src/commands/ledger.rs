//! `holdfast ledger verify`: names the first entry that does not fit.

use super::{Failure, Settings};
use crate::store::ledger;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Walk every chain; name the first entry that does not fit
    Verify(Settings),
}

pub async fn run(command: Command) -> Result<(), Failure> {
    let Command::Verify(settings) = command;
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
