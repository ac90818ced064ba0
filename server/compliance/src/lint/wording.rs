//! Words that two people read differently, and duties that the wording has and the entry lacks.

use super::{DescribedCondition, LintCode, LintWarning, Term};

/// A phrase, and why it is not enough.
struct Vague {
    phrase: &'static str,
    why: &'static str,
    /// The words after it with which it is not vague but the law's own.
    unless_before: &'static [&'static str],
}

const fn vague(phrase: &'static str, why: &'static str) -> Vague {
    Vague { phrase, why, unless_before: &[] }
}

const NO_DISTANCE: &str = "it gives no distance";
const NO_TIME: &str = "it gives no day or time";
const NO_MEASURE: &str = "people measure it differently";

const VAGUE: &[Vague] = &[
    vague("near", NO_DISTANCE),
    vague("nearby", NO_DISTANCE),
    vague("close to", NO_DISTANCE),
    vague("vicinity", NO_DISTANCE),
    vague("in the area of", NO_DISTANCE),
    vague("surrounding", NO_DISTANCE),
    vague("regular", NO_TIME),
    vague("regularly", NO_TIME),
    vague("frequently", NO_TIME),
    vague("from time to time", NO_TIME),
    vague("as soon as possible", NO_TIME),
    vague("promptly", NO_TIME),
    // "Without reasonable excuse" is the offence's own wording (s.8).
    Vague { unless_before: &["excuse"], ..vague("reasonable", NO_MEASURE) },
    vague("reasonably", NO_MEASURE),
    vague("appropriate", NO_MEASURE),
    vague("unnecessary", NO_MEASURE),
    vague("excessive", NO_MEASURE),
    vague("as directed", "it does not say by whom, or what"),
    vague("local police station", "it does not name the station"),
    vague("associate with", "it does not say what counts as associating"),
    vague("knows or believes", "what the subject knows cannot be checked, only proved"),
];

const SIGNS_ON: &[&str] =
    &["sign on", "signs on", "signing on", "report to", "attend at", "police station"];

pub(super) fn lint(condition: &DescribedCondition) -> Vec<LintWarning> {
    let words = words(&condition.wording);
    let label = condition.label.as_str();
    let mut warnings = Vec::new();
    let is_sign_on = SIGNS_ON.iter().any(|phrase| has(&words, phrase, &[]));
    if is_sign_on && matches!(condition.term, Term::Other) {
        let why = "The wording speaks of signing on, and no sign-on is entered, so none will ever \
                   be due.";
        warnings.push(LintCode::MissingSchedule.warn(&[label], why.to_owned()));
    }
    let found: Vec<String> = VAGUE
        .iter()
        .filter(|vague| has(&words, vague.phrase, vague.unless_before))
        .map(|vague| format!("\"{}\": {}", vague.phrase, vague.why))
        .collect();
    if !found.is_empty() {
        let why = format!("The wording leaves room. {}.", found.join("; "));
        warnings.push(LintCode::VagueWords.warn(&[label], why));
    }
    warnings
}

/// Whole words in lower case, so that "nearest" is not "near" and a line break parts nothing.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

fn has(words: &[String], phrase: &str, unless_before: &[&str]) -> bool {
    let phrase: Vec<&str> = phrase.split(' ').collect();
    (0..words.len()).any(|from| {
        let mut here = words.iter().skip(from);
        let is_here = phrase.iter().all(|word| here.next().is_some_and(|at| at == word));
        is_here && !here.next().is_some_and(|next| unless_before.contains(&next.as_str()))
    })
}
