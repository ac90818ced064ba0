//! What is withheld from a pack: each time a visible marker in its place and a line in the list.

use std::collections::BTreeSet;

use compliance::Word;
use compliance::evidence::{PackProfile, Withheld, is_open_reason};

use super::{PackError, PackFile};
use crate::csv::line;
use crate::store::findings::{RecordedFinding, RecordedReason};

pub struct Redactor {
    profile: PackProfile,
    /// File, field and kind.
    rows: BTreeSet<(String, String, Withheld)>,
}

impl Redactor {
    pub fn new(profile: PackProfile) -> Self {
        Self { profile, rows: BTreeSet::new() }
    }

    /// What somebody typed; nothing stays nothing.
    pub fn typed(&mut self, file: &str, field: impl Into<String>, text: &str) -> String {
        self.put(Withheld::FreeText, (file, field.into()), text)
    }

    /// The sentence of a reason, unless it may repeat what somebody typed. `of`: what it is a reason for.
    pub fn reason_says(&mut self, (file, of): (&str, &str), (code, says): (&str, &str)) -> String {
        match is_open_reason(code) {
            true => says.to_owned(),
            false => self.typed(file, format!("sentence {code} of {of}"), says),
        }
    }

    /// The reasons of a finding, each with its sentence as it may be read.
    pub fn reasons(
        &mut self,
        file: &str,
        finding: &RecordedFinding,
    ) -> Result<Vec<RecordedReason>, PackError> {
        let of = format!("finding {}", finding.id);
        let mut reasons = finding.reasons()?;
        for reason in &mut reasons {
            reason.says = self.reason_says((file, &of), (&reason.code, &reason.says));
        }
        Ok(reasons)
    }

    /// The same as one text.
    pub fn sentences(&mut self, file: &str, of: &RecordedFinding) -> Result<String, PackError> {
        let reasons = self.reasons(file, of)?.into_iter();
        Ok(reasons.map(|reason| reason.says).collect::<Vec<_>>().join(" "))
    }

    pub fn put(&mut self, what: Withheld, (file, field): (&str, String), text: &str) -> String {
        if text.is_empty() || !self.profile.withholds() {
            return text.to_owned();
        }
        self.note(what, file, field);
        what.marker().to_owned()
    }

    /// Whether nothing is left out.
    pub fn is_whole(&self) -> bool {
        !self.profile.withholds()
    }

    /// Whether something is left out whole; notes it if so.
    pub fn leaves_out(&mut self, what: Withheld, file: &str, field: impl Into<String>) -> bool {
        if self.profile.withholds() {
            self.note(what, file, field.into());
        }
        self.profile.withholds()
    }

    fn note(&mut self, what: Withheld, file: &str, field: String) {
        self.rows.insert((file.to_owned(), field, what));
    }

    /// The list: what kind, where and why, never what.
    pub fn file(&self) -> PackFile {
        let mut text = line(&["number", "file", "field", "kind", "why"]);
        for (index, (file, field, what)) in self.rows.iter().enumerate() {
            let number = (index + 1).to_string();
            text += &line(&[&number, file, field, what.as_str(), what.why()]);
        }
        PackFile::text("redactions.csv", "What is withheld, where and why", text)
    }
}
