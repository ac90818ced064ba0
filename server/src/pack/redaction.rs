//! What is withheld from a pack: each time a visible marker in its place and a line in the list.

use std::collections::BTreeSet;

use compliance::Word;
use compliance::evidence::{PackProfile, Withheld};

use super::PackFile;
use crate::csv::line;

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

    pub fn put(&mut self, what: Withheld, (file, field): (&str, String), text: &str) -> String {
        if text.is_empty() || !self.profile.withholds() {
            return text.to_owned();
        }
        self.note(what, file, field);
        what.marker().to_owned()
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
