//! How a decision was come to, rule by rule. The rules write it as they decide, so that what is told
//! of a verdict cannot differ from the verdict. What nobody asks for is not put into words.

use crate::attendance::Reason;
use crate::order_kind::OrderKind;
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

words! {
    /// What a rule stands on.
    StepBasis {
        /// The court's own words.
        TheOrder = "the_order",
        /// Breach is an offence only without reasonable excuse; a person decides.
        Excuse = "excuse",
        /// An appeal suspends nothing unless the court says so.
        Appeal = "appeal",
        /// What this service has settled where no law is quoted: no rule of law.
        Policy = "policy",
    }
}

impl StepBasis {
    /// The reference under an order of a kind. Sections are given where they are known: those of the
    /// Stalking Protection Act 2019 (`domain.md`, L8, L11, L12); else the statute alone.
    pub fn reference(self, kind: OrderKind) -> String {
        let is_spa = [OrderKind::FULL, OrderKind::INTERIM].contains(&kind);
        let statute = kind.row().statute;
        match self {
            Self::TheOrder => format!("The order's own words ({statute})"),
            Self::Excuse if is_spa => {
                "Stalking Protection Act 2019 s.8: breach is an offence without reasonable excuse only; a \
                 person decides"
                    .to_owned()
            }
            Self::Excuse => format!("Whether there was an excuse, a person decides ({statute})"),
            Self::Appeal if is_spa => {
                "Stalking Protection Act 2019 s.7; conditions stay live unless the court suspends them"
                    .to_owned()
            }
            Self::Appeal => format!("What the court that hears an appeal has ordered ({statute})"),
            Self::Policy => "Policy of this service; not a rule of law".to_owned(),
        }
    }
}

/// One rule that was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// A stable name.
    pub rule: &'static str,
    pub answer: StepAnswer,
    /// A sentence for people, with the times and the numbers that were compared.
    pub says: String,
    pub basis: StepBasis,
    /// What of it the finding carries; nothing when the rule found nothing to remark on.
    pub reason: Option<Reason>,
}

/// A rule by its stable name, what it answered, and what it stands on.
pub type Asked = (&'static str, StepAnswer, StepBasis);

impl Step {
    pub fn new((rule, answer, basis): Asked, says: String) -> Self {
        Self { rule, answer, says, basis, reason: None }
    }
}

/// What a decision writes down while it is made: always the reasons that a finding keeps, and every
/// rule only where somebody asks why.
#[derive(Debug)]
pub struct Trace {
    steps: Option<Vec<Step>>,
    reasons: Vec<Reason>,
}

impl Trace {
    /// Of the reasons only: deadlines are judged by the thousand, and nobody asks yet.
    pub fn of_reasons() -> Self {
        Self { steps: None, reasons: Vec::new() }
    }

    /// Of every rule.
    pub fn of_steps() -> Self {
        Self { steps: Some(Vec::new()), reasons: Vec::new() }
    }

    /// A rule that found nothing to remark on.
    pub fn note(&mut self, asked: Asked, says: impl FnOnce() -> String) {
        if let Some(steps) = &mut self.steps {
            steps.push(Step::new(asked, says()));
        }
    }

    /// A rule whose sentence the finding carries.
    pub fn remark(&mut self, asked: Asked, reason: Reason) {
        self.remark_at_length(asked, reason, |reason| reason.says.clone());
    }

    /// A rule that has more to say than the finding carries.
    pub fn remark_at_length(
        &mut self,
        asked: Asked,
        reason: Reason,
        says: impl FnOnce(&Reason) -> String,
    ) {
        if let Some(steps) = &mut self.steps {
            steps.push(Step { reason: Some(reason.clone()), ..Step::new(asked, says(&reason)) });
        }
        self.reasons.push(reason);
    }

    /// The reasons, and the steps if they were asked for.
    pub fn written(self) -> (Vec<Reason>, Vec<Step>) {
        (self.reasons, self.steps.unwrap_or_default())
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::word::Word;

    #[test]
    fn a_section_is_quoted_of_the_act_that_the_order_is_made_under_and_of_no_other() {
        let says = |basis: StepBasis| basis.reference(OrderKind::FULL);
        assert_eq!(
            says(StepBasis::TheOrder),
            "The order's own words (Stalking Protection Act 2019 s.2)"
        );
        assert!(says(StepBasis::Excuse).starts_with("Stalking Protection Act 2019 s.8: breach"));
        assert!(says(StepBasis::Appeal).starts_with("Stalking Protection Act 2019 s.7;"));
        assert_eq!(says(StepBasis::Policy), "Policy of this service; not a rule of law");
        let is_other = |kind: &&OrderKind| ![OrderKind::FULL, OrderKind::INTERIM].contains(kind);
        for kind in OrderKind::ALL.iter().filter(is_other) {
            for basis in StepBasis::ALL {
                let says = basis.reference(*kind);
                assert!(!says.contains("Stalking Protection Act"), "{kind}: {says}");
            }
        }
    }
}
