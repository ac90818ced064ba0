//! The lists: what is exhibited, and what else is held and not relied on (as on form MG6C).

use compliance::Word;
use compliance::evidence::{FactPlace, initials, place_of};
use compliance::fact::FactKind;

use super::redaction::Redactor;
use super::{PackError, PackFile, exact_words, spaced};
use crate::csv::line;
use crate::operations::evidence_pack::CaseFile;
use crate::operations::excuses::EvidenceBody;

const EXHIBITS: &str = "exhibits.csv";

/// Every file that states facts, and what evidence is named and held elsewhere. Who produces them is a
/// proposal: the officer who opened the case.
pub fn exhibits(
    found: &CaseFile,
    files: &[PackFile],
    redactor: &mut Redactor,
) -> Result<PackFile, PackError> {
    let producer = found.name(found.case.recorded_by).unwrap_or_default();
    let letters = initials(producer);
    let mut text =
        line(&["exhibit", "description", "produced_by_proposed", "held", "file", "sha256"]);
    let mut exhibited: Vec<&PackFile> =
        files.iter().filter(|file| !file.name.starts_with("statements/")).collect();
    exhibited.sort_by(|one, other| one.name.cmp(&other.name));
    let mut number = 0;
    let mut reference = || {
        number += 1;
        if letters.is_empty() { number.to_string() } else { format!("{letters}/{number}") }
    };
    for file in exhibited {
        let (name, digest) = (&file.name, &file.digest);
        let cells = [&reference(), file.holds, producer, "in this pack", name, digest];
        text += &line(&cells);
    }
    let sealed = "The court's sealed copy of the order";
    text += &line(&[&reference(), sealed, "", "to be obtained", "", ""]);
    for fact in found.standing().filter(|fact| fact.kind == FactKind::ExcuseEvidence) {
        let body: EvidenceBody = fact.read()?;
        let field = |name: &str| format!("{name} of {}", fact.id);
        let what = redactor.typed(EXHIBITS, field("what"), &body.what);
        let named = body.exhibit.unwrap_or_default();
        let held = redactor.typed(EXHIBITS, field("exhibit"), &named);
        let held = if held.is_empty() { "named, not attached".to_owned() } else { held };
        text += &line(&[&reference(), &what, "", &held, "", ""]);
    }
    Ok(PackFile::text(EXHIBITS, "What can be exhibited, with SHA-256", text))
}

/// Held, relevant and not relied on. Descriptions are by kind and date only, so that this list can go to
/// the defence as it is; what is sensitive is on no line of it.
pub fn unused_material(found: &CaseFile) -> PackFile {
    let mut text = line(&["item", "description", "date", "where_it_is"]);
    let mut number = 0;
    let mut add = |description: &str, date: &str, place: &str| {
        number += 1;
        text += &line(&[&number.to_string(), description, date, place]);
    };
    for fact in found.facts.iter().filter(|fact| place_of(fact.kind) == FactPlace::Unused) {
        let mistake = if fact.superseded_at.is_some() { " (called a mistake)" } else { "" };
        let description = format!("Record: {}{mistake}", spaced(fact.kind.as_str()));
        let place = format!("Holdfast, record {}", fact.id);
        add(&description, &exact_words(fact.happened_at), &place);
    }
    if found.conflicts > 0 {
        let description =
            format!("Other records that came under an id that was taken: {}", found.conflicts);
        add(&description, "", "Holdfast, conflicts of the order");
    }
    for (description, place) in [
        ("Drafts of witness statements, not signed", "The pack for the prosecution, statements/"),
        ("Alerts about the order that are not about this failure", "Holdfast, alerts of the order"),
        ("Who read the case and when", "Holdfast, ledger of the order"),
        (
            "Readings of lists in which the order stands",
            "Holdfast, ledgers of stations and accounts",
        ),
        ("Running log of the service for the period", "Whoever runs the service"),
        ("Notebooks and bodies of messages outside this system", "To be asked of each officer"),
    ] {
        add(description, "", place);
    }
    PackFile::text(
        "unused-material.csv",
        "Schedule of non-sensitive unused material, to be reviewed",
        text,
    )
}
