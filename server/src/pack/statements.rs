//! Drafts of witness statements (MG11), one for each officer who confirmed an attendance and one for
//! whoever opened the case. Never signed here, and never more than what is on file: what the service does
//! not know is left blank for the witness.

use compliance::evidence::{Withheld, initials};

use super::order::subject_name;
use super::redaction::Redactor;
use super::{PackFile, exact_words, software, spaced};
use crate::operations::evidence_pack::CaseFile;
use crate::store::check_ins::CheckIn;
use crate::store::id::AccountId;

const HOLDS: &str = "DRAFT statement, not signed: for the witness to complete";
const BLANK: &str = "[TO BE COMPLETED BY THE WITNESS]";

pub fn files(found: &CaseFile, redactor: &mut Redactor) -> Vec<PackFile> {
    // A draft is no statement: only what a witness has signed is served.
    if redactor.leaves_out(Withheld::Record, "statements/", "draft statements, not signed") {
        return Vec::new();
    }
    let mut officers: Vec<AccountId> = Vec::new();
    for check_in in &found.check_ins {
        if !officers.contains(&check_in.confirmed_by) {
            officers.push(check_in.confirmed_by);
        }
    }
    let mut files: Vec<PackFile> = officers
        .iter()
        .enumerate()
        .map(|(index, officer)| {
            let name = found.name(Some(*officer)).unwrap_or(BLANK);
            let file = format!("statements/MG11-draft-{:02}-{}.txt", index + 1, plain(name));
            PackFile::text(file, HOLDS, draft(name, &confirmations(found, *officer)))
        })
        .collect();
    let producer = found.name(found.case.recorded_by).unwrap_or(BLANK);
    let file = format!("statements/MG11-draft-00-{}.txt", plain(producer));
    files.push(PackFile::text(file, HOLDS, draft(producer, &production(found))));
    files
}

/// A name as part of a file's name.
fn plain(name: &str) -> String {
    let lower = name.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let joined = words.collect::<Vec<_>>().join("-");
    joined.chars().filter(char::is_ascii).take(40).collect()
}

fn draft(name: &str, body: &str) -> String {
    let text = format!(
        "DRAFT - NOT SIGNED\n\
         This is not a statement. It becomes one when the witness has read it, corrected it in their\n\
         own words, and signed the declaration on the force's own form MG11 (Criminal Justice Act\n\
         1967, s.9; Criminal Procedure Rules, Part 16). Nothing here is signed, and nothing is known\n\
         of the witness but the name of their account.\n\
         \n\
         STATEMENT OF:            {name}\n\
         AGE IF UNDER 18:         {BLANK}\n\
         OCCUPATION:              {BLANK}\n\
         RANK AND COLLAR NUMBER:  {BLANK}\n\
         \n\
         {body}\n\
         SIGNATURE:  [NOT SIGNED]                 DATE:  [NOT SIGNED]\n\
         \n\
         DRAFT - NOT SIGNED\n"
    );
    text.replace('\n', "\r\n")
}

/// What is on file of the attendances that one officer confirmed.
fn confirmations(found: &CaseFile, officer: AccountId) -> String {
    let mut text = format!(
        "1.  {BLANK}: who I am, where I am posted, how I came to be\n    at the counter.\n\n\
         2.  Records on the system {} under my account say what follows.\n    Whether I have looked \
         at each, and whether it is right: {BLANK}\n\n",
        software()
    );
    let of_officer = found.check_ins.iter().filter(|it| it.confirmed_by == officer);
    for (index, check_in) in of_officer.enumerate() {
        text += &paragraph(found, index + 3, check_in);
    }
    text
}

fn paragraph(found: &CaseFile, number: usize, of: &CheckIn) -> String {
    let outcome = found.finding_of(of).map_or_else(String::new, |it| {
        format!("    The system found: {}.\n", spaced(&it.outcome.to_string()))
    });
    let note = match of.note.is_empty() {
        true => String::new(),
        false => format!("    Note on the record: {}\n", of.note),
    };
    let mistake = of.superseded_at.map_or_else(String::new, |at| {
        format!("    THIS RECORD WAS CALLED A MISTAKE on {}.\n", exact_words(at))
    });
    format!(
        "{number}.  Record {}\n    Who: {} ({}), born {}.\n    Where: {}.\n    By the phone's clock: \
         {}.\n    Received by the server: {}.\n    True time between {}\n    and {}.\n    \
         Identity, as recorded: {}; result: {}.\n{note}{outcome}{mistake}    In my own words: {BLANK}\n\n",
        of.id,
        subject_name(found),
        found.subject.reference,
        found.subject.born_on.format("%-d %B %Y"),
        found.station(of.station_id),
        exact_words(of.attended_at),
        exact_words(of.received_at),
        exact_words(of.earliest_at),
        exact_words(of.latest_at),
        spaced(&of.identity_method.to_string()),
        spaced(&of.identity_result.to_string()),
    )
}

/// What whoever opened the case would have to say to produce the records.
fn production(found: &CaseFile) -> String {
    let producer = found.name(found.case.recorded_by).unwrap_or_default();
    let letters = initials(producer);
    let letters = if letters.is_empty() { "[INITIALS]".to_owned() } else { letters };
    format!(
        "1.  {BLANK}: who I am, and how I have access to the system.\n\n\
         2.  The system {} holds records about order {}, made by {}.\n    On {} I opened a case on \
         it about a suspected breach (offence {}).\n\n\
         3.  If I produce them: the files that are listed in exhibits.csv as\n    \
         {letters}/1 and following. Their SHA-256 digests are in that list and in\n    \
         manifest.json. They are as known on {}\n    (entry {} of the order's ledger).\n\n\
         4.  How the files were made and handed over: {BLANK}\n\n\
         5.  Whether the system was working as it should, as far as I know: {BLANK}\n\n",
        software(),
        found.order.reference,
        found.order.court,
        exact_words(found.case.recorded_at),
        found.opened.offence,
        exact_words(found.known.at),
        found.known.seq,
    )
}
