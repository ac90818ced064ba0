//! The rules of the house that no compiler keeps.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::harness::contract;
use crate::harness::repository;

fn sources(folder: &str) -> Vec<(String, String)> {
    let root = repository();
    let mut files = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let name = path.strip_prefix(&root).unwrap().display().to_string();
                files.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!files.is_empty(), "{folder}");
    files.sort();
    files
}

/// The files in which a line of code, not of comment, contains one of the words.
fn files_with(folder: &str, words: &[&str]) -> BTreeSet<String> {
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    let has_word = |line: &str| words.iter().any(|word| line.contains(word));
    sources(folder)
        .into_iter()
        .filter(|(_, text)| text.lines().filter(is_code).any(has_word))
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn only_the_store_knows_diesel() {
    let inside =
        |name: &String| name == "server/src/store.rs" || name.starts_with("server/src/store/");
    let mut outside = files_with("server/src", &[concat!("die", "sel::"), "#[diesel"]);
    outside.retain(|name| !inside(name));
    assert!(outside.is_empty(), "{outside:?}");
    let tests = files_with("tests/api", &[concat!("die", "sel::")]);
    assert_eq!(tests, ["tests/api/harness/database.rs".to_owned()].into());
}

#[test]
fn only_the_store_asks_which_database_it_is() {
    let variants = ["AnyConnection::", "Backend::Sqlite", "Backend::Postgres"];
    let mut outside = files_with("server/src", &variants);
    outside.retain(|name| name != "server/src/store.rs" && !name.starts_with("server/src/store/"));
    assert!(outside.is_empty(), "{outside:?}");
}

#[test]
fn only_one_file_reads_the_clock_and_one_draws_randomness() {
    let clock = ["SystemTime::now", "Instant::now(", "Utc::now", "Local::now"];
    assert_eq!(files_with("server/src", &clock), ["server/src/clock.rs".to_owned()].into());
    assert!(files_with("server/compliance/src", &clock).is_empty());
    let randomness = ["getrandom::", "now_v7", "new_v4"];
    let drawn = files_with("server/src", &randomness);
    assert_eq!(drawn, ["server/src/identity.rs".to_owned()].into());
}

#[test]
fn the_rules_depend_on_nothing_that_reads_writes_or_waits() {
    let manifest = repository().join("server/compliance/Cargo.toml");
    let manifest: toml::Table = std::fs::read_to_string(manifest).unwrap().parse().unwrap();
    let allowed =
        ["chrono", "chrono-tz", "geo", "hmac", "recurrence", "rstar", "sha2", "thiserror", "uuid"];
    for name in manifest["dependencies"].as_table().unwrap().keys() {
        assert!(allowed.contains(&name.as_str()), "{name}");
    }
    let io = ["std::fs", "std::net", "std::env", "std::thread", "std::process", "println!"];
    let with_io = files_with("server/compliance/src", &io);
    let with_io: Vec<_> = with_io.iter().filter(|name| !name.contains("/tests")).collect();
    assert!(with_io.is_empty(), "{with_io:?}");
}

#[test]
fn no_file_is_longer_than_six_hundred_lines() {
    for (name, text) in sources("server/src").into_iter().chain(sources("tests/api")) {
        assert!(text.lines().count() <= 600, "{name}");
    }
}

#[test]
fn every_problem_can_happen() {
    let used: String = sources("server/src").into_iter().map(|(_, text)| text).collect();
    for kind in holdfast::http::problem::Kind::ALL {
        assert!(used.contains(&format!("Kind::{kind:?}")), "{kind:?} is never answered");
    }
}

#[test]
fn every_operation_has_a_file_of_its_name() {
    let folder: &Path = &repository().join("server/src/http");
    let described = contract::described();
    assert!(!described.is_empty());
    for contract::Operation { id, method, path, .. } in described {
        assert!(folder.join(format!("{id}.rs")).is_file(), "{id}: {method} {path}");
    }
}

/// What a command writes is on file as it would write it now.
#[track_caller]
fn check_on_file(name: &str, command: &str, written: &str) {
    let on_file = std::fs::read_to_string(repository().join("mobile-api-spec").join(name)).unwrap();
    let mut differ = on_file.lines().zip(written.lines()).filter(|(before, now)| before != now);
    assert_eq!(differ.next(), None, "`{command}` would write {name} anew");
    assert_eq!(on_file.lines().count(), written.lines().count(), "{name}");
}

#[test]
fn the_description_that_is_checked_in_is_the_one_the_code_gives() {
    let written = holdfast::http::openapi::yaml();
    check_on_file("openapi.yaml", "holdfast openapi", &written);
}

#[test]
fn whatever_the_description_of_the_api_refers_to_is_in_it() {
    let description = serde_json::json!(holdfast::http::openapi::description());
    let text = description.to_string();
    let named = text.split("#/components/schemas/").skip(1);
    let names = named.map(|rest| rest.split('"').next().unwrap());
    let lost: Vec<&str> =
        names.filter(|name| description["components"]["schemas"].get(name).is_none()).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

#[test]
fn the_problems_that_are_checked_in_are_those_of_the_table() {
    let written = holdfast::http::problem::markdown();
    check_on_file("problems.md", "holdfast problems", &written);
    for kind in holdfast::http::problem::Kind::ALL {
        let (slug, status) = (kind.slug(), kind.status().as_u16());
        let row = format!("| `{slug}` | {status} | {} | {} |\n", kind.title(), kind.advice());
        assert_eq!(written.matches(&row).count(), 1, "{slug}");
    }
}
