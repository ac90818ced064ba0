//! The order's chain of the ledger, as a file that can be checked without this service, and the check.

use compliance::Instant;
use compliance::evidence::{Withheld, is_open_entry};
use compliance::ledger::{Covered, Entry, Misfit, Verifier};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::redaction::Redactor;
use super::{PackError, PackFile};
use crate::identity::hex;
use crate::operations::evidence_pack::CaseFile;
use crate::store::ledger::LedgerEntry;

pub const FILE: &str = "ledger.json";
const FORMAT: &str = "holdfast-ledger-extract/1";

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Extract {
    format: String,
    chain: String,
    head: Head,
    entries: Vec<ExtractEntry>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    seq: i64,
    digest: String,
}

/// An entry, or only its place and its digest.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExtractEntry {
    seq: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Content>,
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld: Option<String>,
    digest: String,
}

/// The chain covers the seal, and so a pack is checked without a salt. With the salt, whoever has what
/// was recorded finds out that it is what was sealed; so could whoever guesses it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    recorded_at: String,
    actor: Option<Uuid>,
    act: String,
    object: String,
    detail: String,
    /// In place of a seal, of an entry of before there were seals.
    #[serde(skip_serializing_if = "Option::is_none")]
    body_digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seal: Option<String>,
    /// Only for the prosecution.
    #[serde(skip_serializing_if = "Option::is_none")]
    salt: Option<String>,
}

pub fn file(found: &CaseFile, redactor: &mut Redactor) -> Result<PackFile, PackError> {
    let extracted = |entry: &LedgerEntry| extracted(entry, is_open(found, entry), redactor);
    let entries = found.entries.iter().map(extracted).collect();
    let last = found.entries.last();
    let extract = Extract {
        format: FORMAT.to_owned(),
        chain: format!("order:{}", found.order.id),
        head: Head {
            seq: last.map_or(0, |entry| entry.seq),
            digest: last.map(|entry| hex(&entry.digest)).unwrap_or_default(),
        },
        entries,
    };
    PackFile::json(FILE, "The ledger of the order, entry by entry", &extract)
}

/// Whether the defence may read what an entry says.
fn is_open(found: &CaseFile, entry: &LedgerEntry) -> bool {
    let is_sensitive = entry.object.starts_with("alert:") && found.is_sensitive(&entry.object);
    entry.salt.is_some() && is_open_entry(&entry.act) && !is_sensitive
}

fn extracted(entry: &LedgerEntry, is_open: bool, redactor: &mut Redactor) -> ExtractEntry {
    let digest = hex(&entry.digest);
    let what = Withheld::LedgerEntry;
    if !is_open && redactor.leaves_out(what, FILE, format!("entry {}", entry.seq)) {
        let marker = Some(what.marker().to_owned());
        return ExtractEntry { seq: entry.seq, content: None, withheld: marker, digest };
    }
    let seal = entry.seal();
    let content = Content {
        recorded_at: entry.recorded_at.to_rfc3339(),
        actor: entry.actor.map(|actor| actor.uuid()),
        act: entry.act.clone(),
        object: entry.object.clone(),
        detail: entry.detail.clone(),
        body_digest: seal.is_none().then(|| hex(&entry.body_digest)),
        seal: seal.map(|seal| hex(&seal)),
        salt: entry.salt.as_deref().filter(|_| redactor.is_whole()).map(hex),
    };
    ExtractEntry { seq: entry.seq, content: Some(content), withheld: None, digest }
}

/// What a check of an extract found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    pub chain: String,
    /// Entries whose content gives their digest.
    pub proven: usize,
    /// Entries that are only links: their content is not in the extract.
    pub withheld: usize,
    /// The number of the last entry, and its digest in hex.
    pub head: (i64, String),
}

/// Why an extract is not what it says it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExtractFault {
    #[error("it is no extract of a ledger: {0}")]
    Unreadable(String),
    #[error("entry {0} has not one of `seal` and `body_digest`")]
    Covered(i64),
    #[error("{0}")]
    Misfit(#[from] Misfit),
    #[error("its last entry is not the one that it names as its head, so entries are missing")]
    Head,
}

/// Walks the chain of an extract from its beginning, by the same rules as the ledger itself.
pub fn check_extract(text: &[u8]) -> Result<Checked, ExtractFault> {
    let unreadable = |error: serde_json::Error| ExtractFault::Unreadable(error.to_string());
    let extract: Extract = serde_json::from_slice(text).map_err(unreadable)?;
    if extract.format != FORMAT {
        return Err(ExtractFault::Unreadable(format!("its format is {:?}", extract.format)));
    }
    let mut verifier = Verifier::new();
    let (mut proven, mut withheld) = (0, 0);
    for entry in &extract.entries {
        let digest = bytes(&entry.digest)?;
        let Some(content) = &entry.content else {
            verifier.pass_withheld(entry.seq, &digest)?;
            withheld += 1;
            continue;
        };
        let recorded_at = Instant::parse_rfc3339(&content.recorded_at);
        let actor = content.actor.map(|actor| actor.as_bytes().to_vec()).unwrap_or_default();
        let seal = content.seal.as_deref().map(bytes).transpose()?;
        let body_digest = content.body_digest.as_deref().map(bytes).transpose()?;
        let read = Entry {
            chain: &extract.chain,
            seq: entry.seq,
            recorded_at: recorded_at
                .ok_or_else(|| ExtractFault::Unreadable(content.recorded_at.clone()))?,
            actor: &actor,
            act: &content.act,
            object: &content.object,
            detail: &content.detail,
            covered: match (&seal, &body_digest) {
                (Some(seal), None) => Covered::Seal(seal),
                (None, Some(digest)) => Covered::Digest(digest),
                _ => return Err(ExtractFault::Covered(entry.seq)),
            },
        };
        verifier.check(&read, &digest)?;
        proven += 1;
    }
    let (seq, digest) = verifier.head();
    if seq != extract.head.seq || hex(digest) != extract.head.digest {
        return Err(ExtractFault::Head);
    }
    Ok(Checked { chain: extract.chain, proven, withheld, head: (seq, hex(digest)) })
}

fn bytes(digits: &str) -> Result<Vec<u8>, ExtractFault> {
    let unreadable = || ExtractFault::Unreadable(format!("{digits:?} is no hexadecimal"));
    let pairs = digits.as_bytes().chunks(2);
    let read = |pair: &[u8]| {
        let text = std::str::from_utf8(pair).ok().filter(|text| text.len() == 2)?;
        u8::from_str_radix(text, 16).ok()
    };
    pairs.map(|pair| read(pair).ok_or_else(unreadable)).collect()
}
