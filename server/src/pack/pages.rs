//! What people open first: the index, the page that checks the pack, what to know about it.

use compliance::evidence::PackProfile;
use compliance::instant::DAY_MS;

use super::chronology::Moment;
use super::duty::{opening_says, state_of};
use super::order::subject_name;
use super::redaction::Redactor;
use super::{INPUTS_WITHOUT_HISTORY, PackError, PackFile, exact_words, software, title, words};
use crate::app::{self, safe};
use crate::operations::breach_cases::offence_of;
use crate::operations::evidence_pack::CaseFile;

/// How much of the chronology the index shows before the failure.
const BEFORE_MS: i64 = 7 * DAY_MS;
const MOMENTS_MAX: usize = 60;

fn source(name: &'static str) -> Result<String, PackError> {
    app::source(name).ok_or(PackError::Page(name))
}

pub fn verifier() -> Result<PackFile, PackError> {
    let holds = "Checks every file and the ledger, without a network";
    Ok(PackFile::text("verify.html", holds, source("evidence/verify.html")?))
}

/// What of the index does not hang on the other files; `index` adds them.
pub type Summary = Vec<(&'static str, String)>;

pub fn index(
    found: &CaseFile,
    mut values: Summary,
    (files, told): (&[PackFile], &[Moment]),
) -> Result<PackFile, PackError> {
    values.push(("moments", moments(found, told)));
    values.push(("files", listed(files)));
    let text = app::filled(source("evidence/index.html")?, &values);
    Ok(PackFile::text("00-index.html", "Where to begin", text))
}

pub fn summary(found: &CaseFile, redactor: &mut Redactor) -> Summary {
    let offence = offence_of(&found.order, &found.opened.offence);
    let offence = offence.map_or_else(
        || found.opened.offence.clone(),
        |it| format!("{}: {}", found.opened.offence, it.wording),
    );
    let duty = found.duty.as_ref();
    let state = duty.map_or("It is about no sign-on", |it| state_of(found, &it.obligation));
    let opening = duty.and_then(|it| it.opening.as_ref()).map_or_else(
        || "When it was open is not on file".to_owned(),
        |it| {
            let says = opening_says(&it.of_window, redactor);
            match says.is_empty() {
                true => "By its hours, open for the whole window".to_owned(),
                false => says.join(" "),
            }
        },
    );
    let served = found.served_at.map(exact_words);
    vec![
        ("reference", safe(&found.order.reference)),
        ("title", safe(title(found.profile))),
        ("mark", mark(found.profile).to_owned()),
        ("order", safe(&format!("{}, {}", found.order.kind.row().title, found.order.court))),
        ("subject", safe(&format!("{} ({})", subject_name(found), found.subject.reference))),
        ("offence", safe(&offence)),
        ("failed", exact_words(found.failed_at())),
        ("served", served.unwrap_or_else(|| "NO SERVICE IS ON RECORD".to_owned())),
        ("state", safe(state)),
        ("opening", safe(&opening)),
        ("known", format!("{} (ledger entry {})", exact_words(found.known.at), found.known.seq)),
        ("software", software()),
        ("wording", wording(found)),
    ]
}

fn mark(profile: PackProfile) -> &'static str {
    match profile {
        PackProfile::Prosecution => "",
        PackProfile::Disclosure => {
            "<p class=\"mark\">To be reviewed by the disclosure officer before it is served. What is \
             withheld is marked in its place and listed in redactions.csv.</p>"
        }
    }
}

fn wording(found: &CaseFile) -> String {
    match found.relied_on() {
        Some((version, condition)) => format!(
            "<p>{}, version {} ({}), in force from {}.</p>\n<blockquote>{}</blockquote>",
            safe(&condition.label),
            version.number,
            version.reason,
            exact_words(version.in_force_from),
            safe(&condition.wording)
        ),
        None => "<p>The case is about no sign-on. See order/wording.txt.</p>".to_owned(),
    }
}

fn moments(found: &CaseFile, told: &[Moment]) -> String {
    let from = found.failed_at() + -BEFORE_MS;
    let recent = told.iter().filter(|moment| moment.instant >= from).take(MOMENTS_MAX);
    let row = |moment: &Moment| {
        format!(
            "<tr><td class=\"when\">{}</td><td>{}</td><td class=\"who\">{}</td></tr>",
            words(moment.instant),
            safe(&moment.says),
            safe(moment.by.as_deref().unwrap_or("-"))
        )
    };
    recent.map(row).collect::<Vec<_>>().join("\n")
}

fn listed(files: &[PackFile]) -> String {
    let mut files: Vec<&PackFile> = files.iter().collect();
    files.sort_by(|one, other| one.name.cmp(&other.name));
    let row = |file: &&PackFile| {
        format!(
            "<tr><td><a href=\"{name}\">{name}</a></td><td>{}</td><td>{}</td></tr>",
            safe(file.holds),
            file.digest,
            name = safe(&file.name)
        )
    };
    files.iter().map(row).collect::<Vec<_>>().join("\n")
}

pub fn readme(found: &CaseFile) -> PackFile {
    let about = match found.profile {
        PackProfile::Prosecution => {
            "FOR THE PROSECUTION AND THE CASE FILE. It holds free text and wording that may name a\n\
             victim or where they are. Do not disclose it; ask for the profile `disclosure`."
        }
        PackProfile::Disclosure => {
            "FOR DISCLOSURE, AFTER A PERSON HAS REVIEWED IT. What a person typed is withheld, and so is\n\
             the wording that is not relied on; each place is marked and listed in redactions.csv\n\
             (00-index.html and chronology.pdf repeat what is in chronology.json and obligation.json).\n\
             The names of officers, stations and the court, and the wording that is relied on, stay:\n\
             read them before the pack is served."
        }
    };
    let text = format!(
        "EVIDENCE PACK {reference}\n{about}\n\n\
         Begin with 00-index.html. verify.html checks the files and the ledger, without a network.\n\
         Holdfast can do the same: holdfast ledger verify --pack FILE.\n\n\
         HOW IT WAS MADE\n\
         By {software}, of what was on file on {at}, at entry {seq} of the order's\n\
         ledger. Making it is in the ledger. Asked again with the same position it has the same bytes,\n\
         as long as the software is the same, and what keeps no history:\n{without_history}\n\n\
         WHAT IS NOT IN IT\n\
         - The court's sealed copy of the order, and the last day that it states.\n\
         - Signed statements. Drafts are drafts: nothing here is signed, and nothing is signed for\n  \
           anyone.\n\
         - Sensitive material: reports of concern and who made them, positions of tags, sightings and\n  \
           warnings in the profile `disclosure`. It is scheduled by the disclosure officer, not here.\n\
         - Photographs (but the subject's own, in the profile `prosecution`), footage, custody and\n  \
           hospital records: only what was noted about them.\n\
         - Messages by other ways than web push, and whatever is in notebooks.\n\
         - Duties under other orders on the same person.\n\n\
         HOW TO READ IT\n\
         A failure is suspected until a person of rank has decided. history.csv has every duty that\n\
         was over, met or missed. Times in JSON and CSV are UTC; `uk` is the time on the wall. By the\n\
         phone's clock and by the server's clock a record has two times; between `not before` and\n\
         `not after` lies the true one.\n\n\
         An entry of ledger.json covers what was recorded under a seal, so that nobody can find it by\n\
         trying. The seal is the SHA-256 of `holdfast-seal/1`, of the entry's salt and of the SHA-256\n\
         of what was recorded, each of the two with its length in eight bytes before it. {salts}\n",
        reference = found.order.reference,
        software = software(),
        without_history = INPUTS_WITHOUT_HISTORY.map(|it| format!("- {it}")).join("\n"),
        at = exact_words(found.known.at),
        seq = found.known.seq,
        salts = match found.profile {
            PackProfile::Prosecution => "Its salt\nstands with each entry: do not hand it on.",
            PackProfile::Disclosure => "The force\nkeeps the salts.",
        },
    );
    PackFile::text("README.txt", "What this is, and what it is not", text.replace('\n', "\r\n"))
}
