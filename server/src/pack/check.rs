//! Checks a pack without the service that made it: every file against the manifest, and the ledger's
//! chain by the rules of the ledger itself. `verify.html` does the same in a browser.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::FORMAT;
use super::archive::unzip;
use super::ledger_extract::{self, Checked, ExtractFault, check_extract};
use crate::identity::{hex, sha256};

const MANIFEST: &str = "manifest.json";

/// As much of a manifest as the check needs.
#[derive(Debug, Deserialize)]
struct Manifest {
    format: String,
    ledger: Head,
    files: Vec<Listed>,
}

#[derive(Debug, Deserialize)]
struct Head {
    chain: String,
    seq: i64,
    digest: String,
}

#[derive(Debug, Deserialize)]
struct Listed {
    name: String,
    sha256: String,
}

/// A pack that is as it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedPack {
    pub files: usize,
    /// Of the whole archive, in hex: to compare with the entry `made_evidence_pack` of the ledger.
    pub digest: String,
    pub ledger: Checked,
}

/// Why a pack is not as it was made.
#[derive(Debug, thiserror::Error)]
pub enum PackFault {
    #[error("the archive cannot be read: {0}")]
    Archive(String),
    #[error("a name is in the archive twice")]
    Twice,
    #[error("manifest.json cannot be read: {0}")]
    Manifest(String),
    #[error("{0} is missing")]
    Missing(String),
    #[error("{0} is not the file that the manifest names")]
    Changed(String),
    #[error("{0} is not in the manifest")]
    Added(String),
    #[error("ledger: {0}")]
    Ledger(#[from] ExtractFault),
    #[error("ledger: it is not the one that the manifest names")]
    OtherLedger,
}

pub fn check_pack(bytes: &[u8]) -> Result<CheckedPack, PackFault> {
    let mut files = unzip(bytes)?;
    let text = take(&mut files, MANIFEST)?;
    let manifest: Manifest =
        serde_json::from_slice(&text).map_err(|error| PackFault::Manifest(error.to_string()))?;
    if manifest.format != FORMAT {
        return Err(PackFault::Manifest(format!("its format is {:?}", manifest.format)));
    }
    let mut extract = None;
    for Listed { name, sha256: wanted } in &manifest.files {
        let file = take(&mut files, name)?;
        if hex(&sha256(&file)) != *wanted {
            return Err(PackFault::Changed(name.clone()));
        }
        if name == ledger_extract::FILE {
            extract = Some(file);
        }
    }
    if let Some(name) = files.into_keys().next() {
        return Err(PackFault::Added(name));
    }
    let extract = extract.ok_or_else(|| PackFault::Missing(ledger_extract::FILE.to_owned()))?;
    let ledger = check_extract(&extract)?;
    let Head { chain, seq, digest } = manifest.ledger;
    if (chain, seq, digest) != (ledger.chain.clone(), ledger.head.0, ledger.head.1.clone()) {
        return Err(PackFault::OtherLedger);
    }
    Ok(CheckedPack { files: manifest.files.len(), digest: hex(&sha256(bytes)), ledger })
}

fn take(files: &mut BTreeMap<String, Vec<u8>>, name: &str) -> Result<Vec<u8>, PackFault> {
    files.remove(name).ok_or_else(|| PackFault::Missing(name.to_owned()))
}
