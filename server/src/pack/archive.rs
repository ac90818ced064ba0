//! The archive. Files are stored as they are: without compression, the bytes depend on nothing but the
//! files, and a reader needs no library to take them out again.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::{PackError, PackFault, PackFile};

/// In the order given, all with the same date: the oldest that the format knows.
pub fn zip(files: &[PackFile]) -> Result<Vec<u8>, PackError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for file in files {
        archive.start_file(file.name.as_str(), options)?;
        archive.write_all(&file.bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}

/// The files of an archive, by name, as they are in it: whether they are as they were made, the manifest
/// says and not the archive's own checksums.
pub fn unzip(bytes: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, PackFault> {
    let unreadable = |error: &dyn std::fmt::Display| PackFault::Archive(error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| unreadable(&error))?;
    if archive.has_duplicate_names() {
        return Err(PackFault::Twice);
    }
    let mut files = BTreeMap::new();
    for index in 0..archive.len() {
        let name = archive.name_for_index(index).transpose().map_err(|error| unreadable(&error))?;
        let name = name.unwrap_or_default().into_owned();
        let damaged = |error: &dyn std::fmt::Display| unreadable(&format!("{name}: {error}"));
        let mut file = archive.by_index_raw(index).map_err(|error| damaged(&error))?;
        if file.compression() != CompressionMethod::Stored {
            return Err(damaged(&"it is compressed, so it was not packed by Holdfast"));
        }
        let mut found = Vec::new();
        file.read_to_end(&mut found).map_err(|error| damaged(&error))?;
        files.insert(name, found);
    }
    Ok(files)
}
