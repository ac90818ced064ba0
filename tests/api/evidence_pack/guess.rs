//! What a person typed can be short, and short texts can be tried one after the other. Whoever holds a
//! pack for disclosure and knows all of an entry but the text finds nothing in it to try them against.

use std::collections::BTreeSet;

use compliance::Instant;
use holdfast::identity::{hex, sha256};
use serde_json::{Value, json};

use super::redaction::everything;
use super::{Case, files_of, json_of};
use crate::harness::on_each_database;

const TYPED: &str = "moved to her sister's in Leeds";

fn unhex(digits: &str) -> Vec<u8> {
    let pairs = (0..digits.len()).step_by(2).map(|at| digits.get(at..at + 2).unwrap());
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

fn field<'a>(of: &'a Value, name: &str) -> &'a str {
    of[name].as_str().unwrap_or_default()
}

/// Appends fields as the ledger digests them: each with its length before it.
fn put_fields(bytes: &mut Vec<u8>, fields: &[&[u8]]) {
    for field in fields {
        bytes.extend(u64::try_from(field.len()).unwrap().to_be_bytes());
        bytes.extend(*field);
    }
}

/// An entry's digest as anybody can reckon it, from the digest before it, what the entry says, and what
/// it covers of what was recorded.
fn link(
    edition: &[u8],
    (before, chain): (&str, &str),
    (seq, content): (i64, &Value),
    covered: &[u8],
) -> String {
    let at = Instant::parse_rfc3339(field(content, "recorded_at")).unwrap();
    let mut bytes = edition.to_vec();
    bytes.extend(unhex(before));
    bytes.extend(seq.to_be_bytes());
    bytes.extend(at.ms().to_be_bytes());
    let actor = unhex(&field(content, "actor").replace('-', ""));
    let texts = ["act", "object", "detail"].map(|name| field(content, name).as_bytes());
    put_fields(&mut bytes, &[chain.as_bytes(), &actor, texts[0], texts[1], texts[2], covered]);
    hex(&sha256(&bytes))
}

fn seal(salt: &[u8], digest: &[u8]) -> [u8; 32] {
    let mut bytes = b"holdfast-seal/1".to_vec();
    put_fields(&mut bytes, &[salt, digest]);
    sha256(&bytes)
}

#[test]
fn what_was_typed_cannot_be_tried_against_a_pack_for_disclosure() {
    on_each_database(|app| {
        let case = Case::opened(app);
        for _ in 0..2 {
            let path = format!("/alerts/{}/notes/{}", case.alert, app.new_id());
            case.owner.put(&path, &json!({ "note": TYPED })).expect(201);
        }
        let whole = json_of(&files_of(&case.pack("profile=prosecution")), "ledger.json");
        let (at, seq) = (app.clock.now(), &whole["head"]["seq"]);
        let pack = case.pack(&format!("profile=disclosure&as_known_at={at}&ledger_seq={seq}"));
        let disclosed = files_of(&pack);
        let shown = json_of(&disclosed, "ledger.json");
        let (chain, entries) = (field(&whole, "chain"), whole["entries"].as_array().unwrap());
        let is_note = |of: &Value| field(&of["content"], "detail").starts_with("note event:");
        let notes: Vec<usize> = (0..entries.len()).filter(|at| is_note(&entries[*at])).collect();
        assert_eq!(notes.len(), 2);
        let guessed = sha256(TYPED.as_bytes());
        for at in notes {
            // When, by whom and about what stands in the pack's other files: only the text is guessed.
            let (before, entry) = (&entries[at - 1], &entries[at]);
            let of = (entry["seq"].as_i64().unwrap(), &entry["content"]);
            let after = (field(before, "digest"), chain);
            let digest = field(entry, "digest");
            assert_eq!(field(&shown["entries"][at], "digest"), digest);
            for tried in [guessed, seal(b"", &guessed)] {
                for edition in [b"holdfast-ledger/1", b"holdfast-ledger/2"] {
                    assert_ne!(link(edition, after, of, &tried), digest, "the guess is confirmed");
                }
                assert!(!everything(&disclosed).contains(&hex(&tried)));
            }
            // Nothing but the salt keeps it: with it, which the prosecution has, the guess is confirmed.
            let salt = field(&entry["content"], "salt");
            assert_eq!(salt.len(), 32);
            let sealed = seal(&unhex(salt), &guessed);
            assert_eq!(link(b"holdfast-ledger/2", after, of, &sealed), digest);
            assert_eq!(field(&entry["content"], "seal"), hex(&sealed));
        }
        // The same text twice is not told to be the same.
        let seals = entries.iter().filter(|it| is_note(it)).map(|it| field(&it["content"], "seal"));
        assert_eq!(seals.collect::<BTreeSet<_>>().len(), 2);
        let all = everything(&disclosed);
        let salts = entries.iter().map(|entry| field(&entry["content"], "salt"));
        for salt in salts {
            assert!(salt.len() == 32 && !all.contains(salt), "{salt} is shown");
        }
    });
}
