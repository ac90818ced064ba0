//! What people open first: the index, the page that checks the pack, what to know about it.

use compliance::evidence::PackProfile;
use compliance::instant::DAY_MS;

use super::chronology::Moment;
use super::duty::state_of;
use super::order::{served_at, subject_name};
use super::{PackFile, exact_words, software, title, words};
use crate::app::escaped;
use crate::operations::breach_cases::offence_of;
use crate::operations::evidence_pack::CaseFile;

const INDEX: &str = include_str!("../../../app/evidence/index.html");
const VERIFIER: &str = include_str!("../../../app/evidence/verify.html");

/// How much of the chronology the index shows before the failure.
const BEFORE_MS: i64 = 7 * DAY_MS;
const MOMENTS_MAX: usize = 60;

pub fn verifier() -> PackFile {
    let holds = "Checks every file and the ledger, without a network";
    PackFile::text("verify.html", holds, VERIFIER.to_owned())
}

pub fn index(found: &CaseFile, files: &[PackFile], told: &[Moment]) -> PackFile {
    let mut text = INDEX.to_owned();
    for (name, value) in values(found, files, told) {
        text = text.replace(&format!("{{{{{name}}}}}"), &value);
    }
    PackFile::text("00-index.html", "Where to begin", text)
}

/// A brace in a value is not a place for another one.
fn safe(text: &str) -> String {
    escaped(text).replace('{', "&#123;")
}

fn values(found: &CaseFile, files: &[PackFile], told: &[Moment]) -> Vec<(&'static str, String)> {
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
            let says: Vec<&str> =
                it.of_window.reasons.iter().map(|reason| reason.says.as_str()).collect();
            match says.is_empty() {
                true => "By its hours, open for the whole window".to_owned(),
                false => says.join(" "),
            }
        },
    );
    let served = match served_at(found) {
        Ok(Some(at)) => exact_words(at),
        _ => "NO SERVICE IS ON RECORD".to_owned(),
    };
    vec![
        ("reference", safe(&found.order.reference)),
        ("title", safe(title(found.profile))),
        ("mark", mark(found.profile).to_owned()),
        ("order", safe(&format!("{}, {}", found.order.kind.row().title, found.order.court))),
        ("subject", safe(&format!("{} ({})", subject_name(found), found.subject.reference))),
        ("offence", safe(&offence)),
        ("failed", exact_words(found.failed_at())),
        ("served", served),
        ("state", safe(state)),
        ("opening", safe(&opening)),
        ("known", format!("{} (ledger entry {})", exact_words(found.known.at), found.known.seq)),
        ("software", software()),
        ("wording", wording(found)),
        ("moments", moments(found, told)),
        ("files", listed(files)),
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
    let condition = found.duty.as_ref().and_then(|duty| found.condition_of(&duty.obligation));
    match condition {
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
            file.digest(),
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
             (00-index.html and chronology.pdf repeat what is in chronology.json).\n\
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
         ledger. Asked again with the same position it has the same bytes, as long as the software and\n\
         the station's hours are the same (hours keep no history). Making it is in the ledger.\n\n\
         WHAT IS NOT IN IT\n\
         - The court's sealed copy of the order, and the last day that it states.\n\
         - Signed statements. Drafts are drafts: nothing here is signed, and nothing is signed for\n  \
           anyone.\n\
         - Sensitive material: reports of concern and who made them, positions of tags, sightings in\n  \
           the profile `disclosure`. It is scheduled by the disclosure officer, not here.\n\
         - Photographs, footage, custody and hospital records: only what was noted about them.\n\
         - Messages by other ways than web push, and whatever is in notebooks.\n\
         - Duties under other orders on the same person.\n\n\
         HOW TO READ IT\n\
         A failure is suspected until a person of rank has decided. history.csv has every duty that\n\
         was over, met or missed. Times in JSON and CSV are UTC; `uk` is the time on the wall. By the\n\
         phone's clock and by the server's clock a record has two times; between `not before` and\n\
         `not after` lies the true one.\n",
        reference = found.order.reference,
        software = software(),
        at = exact_words(found.known.at),
        seq = found.known.seq,
    );
    PackFile::text("README.txt", "What this is, and what it is not", text.replace('\n', "\r\n"))
}
