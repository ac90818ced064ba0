//! A change to a pack is found: by the page that is in it, whose script runs here under Node.js as it
//! would in a browser, and by the program itself.

use std::io::{Cursor, Write};
use std::process::Command;

use holdfast::identity::{hex, sha256};
use holdfast::pack::check_pack;
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;

use super::{Case, Files, files_of, json_of};
use crate::commands::said;
use crate::harness::TestApp;
use crate::harness::database::{Database, Kind, folder};

fn zipped(files: &Files) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(name.as_str(), options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// Runs the page's own script on packs, each with what was done to it; gives what it found of each.
///
/// # Panics
/// Without Node.js: what is not run is not checked. `tests/run` installs it.
fn checked_by_the_page(page: &[u8], packs: &[(String, Vec<u8>)]) -> Vec<Value> {
    let page = std::str::from_utf8(page).unwrap();
    let script = page.split_once("<script>").unwrap().1.split_once("</script>").unwrap().0;
    let work = folder().join("work").join(format!("packs-{}", std::process::id()));
    std::fs::create_dir_all(&work).unwrap();
    let paths: Vec<String> =
        (0..packs.len()).map(|n| work.join(format!("{n}.zip")).display().to_string()).collect();
    for (path, (_, bytes)) in paths.iter().zip(packs) {
        std::fs::write(path, bytes).unwrap();
    }
    // Browsers and newer versions of Node.js have it by that name already.
    let run = format!(
        "globalThis.crypto ??= require('crypto').webcrypto;\n{script}\n(async () => {{ const found \
         = []; for (const path of {}) {{ const bytes = new \
         Uint8Array(require('fs').readFileSync(path)); found.push(await checkArchive(bytes)); }} \
         console.log(JSON.stringify(found)); }})();",
        json!(paths)
    );
    let file = work.join("verify.js");
    std::fs::write(&file, run).unwrap();
    let output = Command::new("node").arg(&file).output().unwrap_or_else(|error| {
        panic!("install Node.js (18 or later): the page that checks a pack runs under it: {error}")
    });
    let _left_over = std::fs::remove_dir_all(&work);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Writes the manifest anew, as somebody would who hides a change.
fn with_manifest(mut files: Files) -> Files {
    let mut manifest = json_of(&files, "manifest.json");
    for entry in manifest["files"].as_array_mut().unwrap() {
        let bytes = &files[entry["name"].as_str().unwrap()];
        entry["sha256"] = json!(hex(&sha256(bytes)));
        entry["bytes"] = json!(bytes.len());
    }
    files.insert("manifest.json".to_owned(), manifest.to_string().into_bytes());
    files
}

fn with_ledger(files: &Files, change: impl FnOnce(&mut Vec<Value>)) -> Vec<u8> {
    let mut files = files.clone();
    let mut ledger = json_of(&files, "ledger.json");
    change(ledger["entries"].as_array_mut().unwrap());
    files.insert("ledger.json".to_owned(), ledger.to_string().into_bytes());
    zipped(&with_manifest(files))
}

/// Two files of one name: a reader that takes the one shows what a reader that takes the other does not.
fn with_second(files: &Files) -> Vec<u8> {
    let mut other = files.clone();
    let history = other["history.csv"].clone();
    other.insert("history.cs_".to_owned(), history);
    let (name, taken) = (b"history.cs_", b"history.csv");
    let mut bytes = zipped(&other);
    while let Some(at) = bytes.windows(name.len()).position(|it| it == name) {
        bytes[at..at + taken.len()].copy_from_slice(taken);
    }
    bytes
}

/// What somebody did to a pack, what it is then, and the word that names the place.
fn tampered(pack: &[u8]) -> Vec<(String, Vec<u8>, String)> {
    let files = files_of(pack);
    let mut found = Vec::new();
    for name in files.keys() {
        let mut changed = files.clone();
        let bytes = changed.get_mut(name).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        // A changed manifest may name another digest, or be no JSON at all.
        let names = if name == "manifest.json" { String::new() } else { name.clone() };
        found.push((format!("one bit of {name}"), zipped(&changed), names));
        if name != "manifest.json" {
            let mut without = files.clone();
            without.remove(name);
            found.push((format!("{name} taken out"), zipped(&without), name.clone()));
        }
    }
    let mut added = files.clone();
    added.insert("statements/MG11-signed.txt".to_owned(), b"Signed".to_vec());
    found.push(("a file added".to_owned(), zipped(&added), "MG11-signed".to_owned()));
    let entries = json_of(&files, "ledger.json")["entries"].as_array().unwrap().len();
    let shown = |of: &Value| of["content"].is_object();
    let first =
        json_of(&files, "ledger.json")["entries"].as_array().unwrap().iter().position(shown);
    let first = first.unwrap();
    let edits: [(&str, &str, Value); 4] = [
        ("detail", "/detail", json!("obligation:x on_time")),
        ("time", "/recorded_at", json!("2026-11-24T10:00:00.000Z")),
        ("actor", "/actor", Value::Null),
        ("seal of what was recorded", "/seal", json!("00".repeat(32))),
    ];
    for (what, at, value) in edits {
        let bytes = with_ledger(&files, |entries| {
            let content = entries.iter_mut().rfind(|it| it["content"].is_object()).unwrap();
            let field = content["content"].pointer_mut(at).unwrap();
            let is_other = *field != value;
            *field = if is_other { value } else { json!("019aaf6e-7c00-7000-8000-000000000001") };
        });
        found.push((format!("the {what} of an entry edited"), bytes, "entry".to_owned()));
    }
    let named = format!("entry {} is missing", first + 1);
    for (what, at, names) in
        [("first shown", first, named.as_str()), ("last", entries - 1, "missing at its end")]
    {
        let bytes = with_ledger(&files, |entries| drop(entries.remove(at)));
        found.push((format!("the {what} entry taken out"), bytes, names.to_owned()));
    }
    let swapped = with_ledger(&files, |entries| entries.swap(first, first + 1));
    found.push(("two entries swapped".to_owned(), swapped, format!("{}", first + 1)));
    found.push(("a second history.csv".to_owned(), with_second(&files), "history.csv".to_owned()));
    let mut in_place = pack.to_vec();
    let begin = b"window_opens,window_closes";
    let at = pack.windows(begin.len()).position(|it| it == begin).unwrap();
    in_place[at] ^= 1;
    found.push(("one bit of the archive".to_owned(), in_place, "history.csv".to_owned()));
    found.push(("cut off".to_owned(), pack[..pack.len() - 40].to_vec(), "archive".to_owned()));
    found
}

#[test]
fn a_pack_as_it_was_made_fits_and_any_change_to_it_is_found_and_named() {
    let app = TestApp::start(Database::migrated(Kind::Sqlite));
    let case = Case::opened(&app);
    for profile in ["prosecution", "disclosure"] {
        let pack = case.pack(&format!("profile={profile}"));
        let files = files_of(&pack);
        let changed = tampered(&pack);
        let mut asked = vec![("as it was".to_owned(), pack.clone())];
        asked.extend(changed.iter().map(|(what, bytes, _)| (what.clone(), bytes.clone())));
        let found = checked_by_the_page(&files["verify.html"], &asked);
        let intact = &found[0];
        assert_eq!(intact["faults"], json!([]), "{profile}");
        let checked = check_pack(&pack).unwrap();
        assert_eq!(intact["digest"], checked.digest);
        assert_eq!(intact["files"], checked.files);
        assert_eq!(intact["proven"], checked.ledger.proven);
        assert_eq!(intact["withheld"], checked.ledger.withheld);
        for ((what, bytes, names), found) in changed.iter().zip(&found[1..]) {
            let faults = found["faults"].to_string();
            assert_ne!(found["faults"], json!([]), "{profile}: {what} was not found");
            assert!(faults.contains(names.as_str()), "{profile}: {what}: {faults}");
            let fault = check_pack(bytes).expect_err(what).to_string();
            // The program's words; of a name that is there twice it does not say which.
            let names = match names.as_str() {
                "missing at its end" => "are missing",
                _ if what == "a second history.csv" => "twice",
                names => names,
            };
            assert!(fault.contains(names), "{profile}: {what}: {fault}");
        }
    }
}

#[test]
fn the_program_checks_a_pack_without_a_database() {
    let app = TestApp::start(Database::migrated(Kind::Sqlite));
    let case = Case::opened(&app);
    let pack = case.pack("profile=prosecution");
    let file = folder().join("work").join(format!("pack-{}.zip", std::process::id()));
    let path = file.display().to_string();
    std::fs::write(&file, &pack).unwrap();
    let fits = said(&["ledger", "verify", "--pack", &path], &[]);
    assert!(fits.is_done, "{fits:?}");
    assert!(fits.out.contains(&hex(&sha256(&pack))), "{fits:?}");
    let mut files = files_of(&pack);
    files.get_mut("history.csv").unwrap()[10] ^= 1;
    let begin = b"window_opens,window_closes";
    let at = pack.windows(begin.len()).position(|it| it == begin).unwrap();
    let mut in_place = pack.clone();
    in_place[at + 10] ^= 1;
    for bytes in [zipped(&files), in_place] {
        std::fs::write(&file, bytes).unwrap();
        let changed = said(&["ledger", "verify", "--pack", &path], &[]);
        assert!(!changed.is_done && changed.err.contains("history.csv"), "{changed:?}");
    }
    std::fs::write(&file, &pack[..pack.len() / 2]).unwrap();
    let cut = said(&["ledger", "verify", "--pack", &path], &[]);
    assert!(!cut.is_done && cut.err.contains("the archive cannot be read"), "{cut:?}");
    std::fs::remove_file(&file).unwrap();
}
