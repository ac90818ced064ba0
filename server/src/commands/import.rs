//! `holdfast import FILE…`: loads orders, each file whole or not at all.

use std::path::PathBuf;

use compliance::lint::LintWarning;

use super::{Failure, Settings};
use crate::ZONE;
use crate::clock::Clock;
use crate::identity::Identity;
use crate::import_file::{self, Fault};
use crate::operations::import_orders::{ImportRefusal, Imported, import_orders};
use crate::store::Store;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Files in the shape of mobile-api-spec/import.schema.json
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub async fn run(arguments: &Arguments) -> Result<(), Failure> {
    let store = arguments.settings.open()?;
    let mut refused = 0;
    for path in &arguments.files {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|source| Failure::File { path: name.clone(), source })?;
        match import_text(&store, &text).await? {
            Ok(done) => {
                println!("{name}: {}", in_words(&done));
                done.warnings.iter().for_each(|(order, warning)| print_warning(order, warning));
            }
            Err(faults) => {
                refused += 1;
                eprintln!("{name}: refused, nothing of it was taken in");
                faults.iter().for_each(|fault| eprintln!("  {fault}"));
            }
        }
    }
    store.close().await;
    match refused {
        0 => Ok(()),
        1 => Err(Failure::Said("one file was refused".to_owned())),
        more => Err(Failure::Said(format!("{more} files were refused"))),
    }
}

/// Reads one file's text and takes it in, or says what is wrong with it.
async fn import_text(store: &Store, text: &str) -> Result<Result<Imported, Vec<Fault>>, Failure> {
    let now = Clock::System.now();
    let file = match import_file::read(text, now.local_date(ZONE)) {
        Ok(file) => file,
        Err(faults) => return Ok(Err(faults)),
    };
    let done = store.write(move |tx| import_orders(tx, &Identity::System, now, &file)).await;
    match done {
        Ok(done) => Ok(Ok(done)),
        Err(ImportRefusal::Faults(faults)) => Ok(Err(import_file::located(text, faults))),
        Err(ImportRefusal::Store(error)) => Err(error.into()),
    }
}

/// Nothing is refused because of it.
fn print_warning(order: &str, warning: &LintWarning) {
    let of = warning.conditions.join(", ");
    println!("  {order} {of}: {} {}", warning.why, warning.what_to_do);
}

fn in_words(done: &Imported) -> String {
    let Imported { stations, providers, orders, versions, changed, unchanged, .. } = done;
    let providers = match providers {
        0 => String::new(),
        some => format!("{some} new providers, "),
    };
    format!(
        "{stations} new stations, {providers}{orders} new orders, {versions} new versions, \
         {changed} changed, {unchanged} unchanged"
    )
}
