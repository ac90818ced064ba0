//! An evidence pack: the files about a breach case, made of what was on file at one position of the
//! case's ledger. Nothing here reads a clock, a database or randomness, so the same inputs give the same
//! bytes.

mod archive;
mod case_file;
mod check;
mod chronology;
mod chronology_pdf;
mod duty;
mod ledger_extract;
mod order;
mod pages;
mod photos;
mod redaction;
mod schedules;
mod statements;
mod typeset;

use compliance::Instant;
use compliance::evidence::PackProfile;
use serde::Serialize;
use serde_json::{Value, json};

pub use self::check::{PackFault, check_pack};
pub use self::ledger_extract::{Checked, ExtractFault, check_extract};
use self::redaction::Redactor;
use crate::ZONE;
use crate::identity::{hex, sha256};
use crate::operations::evidence_pack::CaseFile;

pub const FORMAT: &str = "holdfast-evidence-pack/1";

/// What stands in a row that is changed in place: a pack that is made later has it as it is then.
const INPUTS_WITHOUT_HISTORY: [&str; 4] = [
    "the names of stations and their opening hours",
    "the court",
    "the day on which the order was made",
    "its service as stated at intake",
];

/// A file of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackFile {
    pub name: String,
    /// What it holds, for the index.
    pub holds: &'static str,
    pub bytes: Vec<u8>,
    /// SHA-256, in hex.
    pub digest: String,
}

/// A pack as it is handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    /// What to call it: `SPO-26-0001-prosecution-2026-11-24.zip`.
    pub file_name: String,
    pub bytes: Vec<u8>,
    pub digest: [u8; 32],
}

/// A pack that cannot be made: text that has no JSON, a page that has no place.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    #[error("a file cannot be written as JSON")]
    Json(#[from] serde_json::Error),
    #[error("the archive cannot be written")]
    Archive(#[from] zip::result::ZipError),
    #[error("the archive cannot be written")]
    Write(#[from] std::io::Error),
    #[error("what is on file cannot be read")]
    Store(#[from] crate::store::StoreError),
    #[error("the chronology cannot be set: {0}")]
    Pdf(String),
    #[error("the program has no page {0}")]
    Page(&'static str),
}

impl PackFile {
    fn new(name: impl Into<String>, holds: &'static str, bytes: Vec<u8>) -> Self {
        Self { name: name.into(), holds, digest: hex(&sha256(&bytes)), bytes }
    }

    fn text(name: impl Into<String>, holds: &'static str, text: String) -> Self {
        Self::new(name, holds, text.into_bytes())
    }

    fn json<T: Serialize>(
        name: impl Into<String>,
        holds: &'static str,
        value: &T,
    ) -> Result<Self, PackError> {
        let text = serde_json::to_string_pretty(value)? + "\n";
        Ok(Self::text(name, holds, text))
    }
}

/// Makes the pack of a case.
pub fn make(found: &CaseFile) -> Result<Pack, PackError> {
    let mut redactor = Redactor::new(found.profile);
    let mut files = order::files(found, &mut redactor)?;
    files.extend(duty::files(found, &mut redactor)?);
    files.extend(case_file::files(found, &mut redactor)?);
    let told = chronology::chronology(found, &mut redactor)?;
    files.push(PackFile::json("chronology.json", chronology::HOLDS, &told)?);
    files.push(chronology_pdf::file(found, &told)?);
    files.extend(statements::files(found, &mut redactor));
    files.extend(photos::files(found));
    files.push(ledger_extract::file(found, &mut redactor)?);
    files.push(schedules::exhibits(found, &files, &mut redactor)?);
    files.push(schedules::unused_material(found));
    let summary = pages::summary(found, &mut redactor);
    files.push(redactor.file());
    files.push(pages::readme(found));
    files.push(pages::verifier()?);
    files.push(pages::index(found, summary, (&files, &told))?);
    files.sort_by(|one, other| one.name.cmp(&other.name));
    files.push(manifest(found, &files)?);
    let bytes = archive::zip(&files)?;
    Ok(Pack { file_name: file_name(found), digest: sha256(&bytes), bytes })
}

fn file_name(found: &CaseFile) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let reference: String = found.order.reference.chars().map(plain).collect();
    let day = found.known.at.local_date(ZONE);
    format!("{reference}-{}-{day}.zip", found.profile)
}

fn manifest(found: &CaseFile, files: &[PackFile]) -> Result<PackFile, PackError> {
    let listed: Vec<Value> = files
        .iter()
        .map(|file| {
            json!({
                "name": file.name,
                "bytes": file.bytes.len(),
                "sha256": file.digest,
                "holds": file.holds,
            })
        })
        .collect();
    let (at, seq) = (found.known.at, found.known.seq);
    let again = format!(
        "{}/breach-cases/{}/evidence-pack?profile={}&as_known_at={at}&ledger_seq={seq}",
        crate::http::BASE,
        found.case.id,
        found.profile
    );
    let head = found.entries.last().map(|entry| hex(&entry.digest)).unwrap_or_default();
    let value = json!({
        "format": FORMAT,
        "software": software(),
        "profile": found.profile.to_string(),
        "as_known_at": at.to_rfc3339(),
        "ledger": { "chain": format!("order:{}", found.order.id), "seq": seq, "digest": head },
        "case": {
            "case_id": found.case.id,
            "alert_id": found.opened.alert,
            "order_id": found.order.id,
            "order_reference": found.order.reference,
            "offence": found.opened.offence,
        },
        "ask_again": again,
        "inputs_without_history": INPUTS_WITHOUT_HISTORY,
        "files": listed,
    });
    PackFile::json("manifest.json", "Every file with its size and SHA-256", &value)
}

pub fn software() -> String {
    format!("holdfast {}", env!("CARGO_PKG_VERSION"))
}

/// "Mon 23 Nov, 14:05", in the order's own local time.
fn words(at: Instant) -> String {
    at.in_words(ZONE)
}

/// "Mon 23 Nov 2026, 14:05:30": where seconds and years matter.
fn exact_words(at: Instant) -> String {
    at.in_full(ZONE)
}

/// For machines and for people.
fn when(at: Instant) -> Value {
    json!({ "at": at.to_rfc3339(), "uk": exact_words(at) })
}

fn maybe_when(at: Option<Instant>) -> Value {
    at.map_or(Value::Null, when)
}

/// A word of a vocabulary as people read it.
fn spaced(word: &str) -> String {
    word.replace('_', " ")
}

fn title(profile: PackProfile) -> &'static str {
    match profile {
        PackProfile::Prosecution => "Evidence pack for the prosecution",
        PackProfile::Disclosure => {
            "Evidence pack for disclosure, to be reviewed before it is served"
        }
    }
}
