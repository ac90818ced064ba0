//! How a decision was come to, rule by rule. The rules write it as they decide, so that what is told
//! of a verdict cannot differ from the verdict.

use crate::attendance::Reason;
use crate::word::words;

words! {
    /// What came of asking one rule.
    StepAnswer {
        /// As the order asks.
        Met = "met",
        NotMet = "not_met",
        /// Nothing on file tells.
        NotKnown = "not_known",
        /// A circumstance; it decides nothing by itself.
        Noted = "noted",
    }
}

/// What the order itself says. Breaching it without reasonable excuse is the offence.
pub const THE_ORDER: &str = "The order's own words, in the version in force when the window closes \
    (Stalking Protection Act 2019, s.4, s.8)";
/// An order binds whoever has been given it.
pub const SERVICE: &str = "An order is enforced once it has been served (Stalking Protection Act 2019, s.9: date of service)";
/// Only a person can say that there was a reasonable excuse.
pub const EXCUSE: &str = "Stalking Protection Act 2019, s.8: breach is an offence only without \
    reasonable excuse; a person decides";
pub const APPEAL: &str = "Stalking Protection Act 2019, s.7: an appeal suspends nothing unless the \
    court says so";
/// What a force has settled where the law is silent.
pub const POLICY: &str = "Policy of this service; not a rule of law";

/// One rule that was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// A stable name.
    pub rule: &'static str,
    pub answer: StepAnswer,
    /// A sentence for people, with the times and the numbers that were compared.
    pub says: String,
    /// The law, or the guidance, that the rule stands on.
    pub basis: &'static str,
    /// What of it the finding carries; nothing when the rule found nothing to remark on.
    pub reason: Option<Reason>,
}

impl Step {
    pub fn new(rule: &'static str, answer: StepAnswer, basis: &'static str, says: String) -> Self {
        Self { rule, answer, says, basis, reason: None }
    }

    /// With what the finding carries of it.
    #[must_use]
    pub fn because(mut self, code: &'static str, says: String) -> Self {
        self.reason = Some(Reason { code, says });
        self
    }
}

/// The reasons of a finding: what its steps remarked on, as they were taken.
pub fn reasons(steps: &[Step]) -> Vec<Reason> {
    steps.iter().filter_map(|step| step.reason.clone()).collect()
}

/// "2 h 05 min", "35 min", "Under a minute".
pub fn in_hours(ms: i64) -> String {
    let minutes = ms.max(0) / crate::instant::MINUTE_MS;
    match (minutes / 60, minutes % 60) {
        (0, 0) => "Under a minute".to_owned(),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes:02} min"),
    }
}
