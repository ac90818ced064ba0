//! What the file says of a subject: who they are, where they live, and which times are protected.

use std::fmt;

use chrono::{Datelike, NaiveDate};
use compliance::lint::ProtectedKind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::prohibitions::WeekEntry;
use super::{Check, PositionEntry};

/// Nobody alive was born before.
const BORN_FROM: i32 = 1900;

#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SubjectSubmission)]
pub struct SubjectEntry {
    pub reference: String,
    pub given_names: String,
    pub family_name: String,
    pub born_on: NaiveDate,
    /// The subject's own home. What is on file stays when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<HomeEntry>,
    /// Times of work, education and religion (s.2(3)).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub protected_times: Vec<ProtectedTimeEntry>,
}

/// The address, the place on the map, or both.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HomeSubmission)]
pub struct HomeEntry {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<PositionEntry>,
}

impl fmt::Debug for HomeEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HomeEntry(not shown)")
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProtectedTimeSubmission)]
pub struct ProtectedTimeEntry {
    pub kind: String,
    pub hours: WeekEntry,
    /// From the beginning of time when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// The last day; for good when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// Who says so: a payslip, a timetable.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
}

impl Check {
    pub(super) fn subject(&mut self, at: &str, subject: &SubjectEntry) {
        self.text(&format!("{at}/reference"), &subject.reference, 40);
        self.text(&format!("{at}/given_names"), &subject.given_names, 100);
        self.text(&format!("{at}/family_name"), &subject.family_name, 100);
        match subject.born_on {
            on if on >= self.today => self.fault(&format!("{at}/born_on"), "is in the future"),
            on if on.year() < BORN_FROM => {
                let says = format!("is in the years before {BORN_FROM}");
                self.fault(&format!("{at}/born_on"), says);
            }
            _ => {}
        }
        if let Some(home) = &subject.home {
            let at = format!("{at}/home");
            match home.position {
                Some(position) => self.position(&format!("{at}/position"), position),
                None => self.text(&format!("{at}/address"), &home.address, 300),
            }
            if !home.address.is_empty() {
                self.text(&format!("{at}/address"), &home.address, 300);
            }
        }
        for (index, time) in subject.protected_times.iter().enumerate() {
            self.protected_time(&format!("{at}/protected_times/{index}"), time);
        }
    }

    fn protected_time(&mut self, at: &str, time: &ProtectedTimeEntry) {
        self.word::<ProtectedKind>(&format!("{at}/kind"), &time.kind);
        if let Err(misfit) = time.hours.hours() {
            self.fault(&format!("{at}{}", misfit.pointer), misfit.says);
        }
        self.days(at, &[("from", time.from), ("until", time.until)]);
        if time.from.zip(time.until).is_some_and(|(from, until)| until < from) {
            self.fault(&format!("{at}/until"), "is before from");
        }
        if !time.source.is_empty() {
            self.text(&format!("{at}/source"), &time.source, 200);
        }
    }

    pub(super) fn position(&mut self, at: &str, position: PositionEntry) {
        let PositionEntry { latitude, longitude } = position;
        if !(-90.0..=90.0).contains(&latitude) {
            self.fault(&format!("{at}/latitude"), "is between -90 and 90 degrees");
        }
        if !(-180.0..=180.0).contains(&longitude) {
            self.fault(&format!("{at}/longitude"), "is between -180 and 180 degrees");
        }
    }
}
