//! Treatment providers, and what a condition of treatment says beside its words.

use std::collections::BTreeSet;

use compliance::Window;
use compliance::order::ConditionKind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Check, ConditionEntry, PositionEntry};

/// Longer than any day of treatment.
const SESSION_MS_MAX: i64 = compliance::instant::DAY_MS;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderEntry {
    pub code: String,
    pub name: String,
    /// Whom to ask when an outcome is missing.
    pub contact: String,
    /// Where sessions are held, so that the way there can be reckoned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<PositionEntry>,
}

/// Who treats, and when.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TreatmentTerms)]
pub struct TreatmentEntry {
    pub provider: String,
    pub programme: String,
    /// Whether the police have referred the subject to the provider.
    pub referred: bool,
    pub sessions: Vec<SessionEntry>,
}

/// What is kept of a treatment condition beside its words; its sessions are records of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = TreatmentDetails)]
pub struct TreatmentDetails {
    /// The provider's code.
    pub provider: String,
    pub programme: String,
    /// Whether the police have referred the subject to the provider.
    pub referred: bool,
}

impl From<&TreatmentEntry> for TreatmentDetails {
    fn from(entry: &TreatmentEntry) -> Self {
        Self {
            provider: entry.provider.clone(),
            programme: entry.programme.clone(),
            referred: entry.referred,
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SessionTerms)]
pub struct SessionEntry {
    pub starts_at: String,
    pub ends_at: String,
    pub place: String,
}

/// Why a window cannot be that of a session, if it cannot.
pub fn session_fault(window: Window) -> Option<&'static str> {
    match window.closes_at - window.opens_at {
        ..=0 => Some("is not after the start"),
        length_ms if length_ms > SESSION_MS_MAX => Some("is more than a day after the start"),
        _ => None,
    }
}

impl Check {
    pub(super) fn providers(&mut self, providers: &[ProviderEntry]) {
        let mut codes = BTreeSet::new();
        for (at, provider) in providers.iter().enumerate() {
            let at = format!("/providers/{at}");
            self.code(&format!("{at}/code"), &provider.code);
            self.text(&format!("{at}/name"), &provider.name, 100);
            self.text(&format!("{at}/contact"), &provider.contact, 200);
            if let Some(position) = provider.position {
                self.position(&format!("{at}/position"), position);
            }
            if !codes.insert(&provider.code) {
                let says = format!("{:?} stands in this file twice", provider.code);
                self.fault(&format!("{at}/code"), says);
            }
        }
    }

    /// Only a condition of treatment may say who treats; it may also leave that open.
    pub(super) fn treatment(
        &mut self,
        at: &str,
        kind: Option<ConditionKind>,
        condition: &ConditionEntry,
    ) {
        let Some(treatment) = &condition.treatment else { return };
        let at = format!("{at}/treatment");
        if kind.is_some_and(|kind| kind != ConditionKind::Treatment) {
            self.fault(&at, "belongs to conditions of kind treatment only");
            return;
        }
        self.text(&format!("{at}/provider"), &treatment.provider, 12);
        self.text(&format!("{at}/programme"), &treatment.programme, 200);
        if !treatment.referred && !treatment.sessions.is_empty() {
            let says = "has sessions, but the subject was not referred to the provider";
            self.fault(&format!("{at}/sessions"), says);
        }
        let mut starts = BTreeSet::new();
        for (index, session) in treatment.sessions.iter().enumerate() {
            let at = format!("{at}/sessions/{index}");
            let opens_at = self.instant(&format!("{at}/starts_at"), &session.starts_at);
            let closes_at = self.instant(&format!("{at}/ends_at"), &session.ends_at);
            self.text(&format!("{at}/place"), &session.place, 200);
            let Some((opens_at, closes_at)) = opens_at.zip(closes_at) else { continue };
            if let Some(says) = session_fault(Window { opens_at, closes_at }) {
                self.fault(&format!("{at}/ends_at"), says);
            }
            if !starts.insert(opens_at) {
                self.fault(&format!("{at}/starts_at"), "is the start of another session too");
            }
        }
    }
}
