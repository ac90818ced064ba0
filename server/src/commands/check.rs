//! `holdfast check`: looks whether the invariants hold, and names what contradicts them.

use compliance::{Instant, Word};

use super::{Failure, Settings};
use crate::clock::Clock;
use crate::store::invariants::{self, Found};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// One JSON object instead of lines
    #[arg(long)]
    json: bool,
    /// What time it is where the records were made: of a copy, or of the training environment
    #[arg(long, value_name = "RFC 3339", value_parser = instant)]
    at: Option<Instant>,
}

fn instant(text: &str) -> Result<Instant, String> {
    Instant::parse_rfc3339(text).ok_or_else(|| "2026-11-24T10:30:00Z, for example".to_owned())
}

pub async fn run(arguments: &Arguments) -> Result<(), Failure> {
    let store = arguments.settings.open()?;
    let now = arguments.at.unwrap_or_else(|| Clock::System.now());
    let found = store.read(move |tx| invariants::look(tx, now)).await?;
    store.close().await;
    match arguments.json {
        true => println!("{}", json(&found)),
        false => found.iter().for_each(|found| println!("{}", line(found))),
    }
    match found.iter().filter(|found| found.count > 0).count() {
        0 => Ok(()),
        1 => Err(Failure::Said("one invariant does not hold".to_owned())),
        more => Err(Failure::Said(format!("{more} invariants do not hold"))),
    }
}

fn line(found: &Found) -> String {
    let (invariant, says) = (found.invariant, found.invariant.says());
    match found.count {
        0 => format!("ok    {invariant}: {says}"),
        count => format!(
            "FAULT {invariant} ({}), {count} times: {says} {} {}{}",
            invariant.severity(),
            invariant.names(),
            found.first.join(", "),
            if count > 5 { ", …" } else { "" },
        ),
    }
}

fn json(found: &[Found]) -> serde_json::Value {
    let each = found.iter().map(|found| {
        serde_json::json!({
            "name": found.invariant.as_str(),
            "says": found.invariant.says(),
            "severity": found.invariant.severity().as_str(),
            "violations": found.count,
            "names": found.invariant.names(),
            "first": found.first,
        })
    });
    serde_json::json!({ "invariants": each.collect::<Vec<_>>() })
}
