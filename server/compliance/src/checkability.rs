//! How each condition can be checked, and that nothing which only a person can check is left
//! without one (`domain.md`, section 3 and R15).
//!
//! Most orders consist of terms that no system can poll; saying so at intake is what keeps them
//! from being forgotten.

#[cfg(test)]
mod tests;

use chrono::NaiveDate;

use crate::prohibition::{InternetRule, InternetUse, NoApproach, NoContact, Protected};
use crate::word::words;

/// A quarter. Orders are reviewed monthly (`domain.md`, section 5), so a longer plan would pass
/// over three of those reviews unseen.
pub const REVIEW_DAYS_MAX: i64 = 92;

words! {
    Checkability {
        /// The service itself notices when nothing came.
        BySchedule = "by_schedule",
        /// Somebody or something must report an event.
        ByEvent = "by_event",
        OnlyByPerson = "only_by_person",
    }
}

/// What of a condition decides how it can be checked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ConditionData<'a> {
    SignOn {
        has_schedule: bool,
    },
    Treatment {
        has_sessions: bool,
    },
    DevicePresentation,
    /// The duty to notify name and address, Stalking Protection Act 2019 s.9.
    Notification,
    ExclusionZone {
        has_area: bool,
        is_tagged: bool,
    },
    NoContact(&'a NoContact),
    NoApproach(&'a NoApproach),
    InternetUse(&'a InternetUse),
    Other,
}

/// A grade and the sentence that explains it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grade {
    pub checkability: Checkability,
    pub why: &'static str,
}

const fn grade(checkability: Checkability, why: &'static str) -> Grade {
    Grade { checkability, why }
}

impl ConditionData<'_> {
    pub fn grade(&self) -> Grade {
        use Checkability::{ByEvent, BySchedule, OnlyByPerson};
        match self {
            Self::SignOn { has_schedule: true } => {
                grade(BySchedule, "Each sign-on has its window, and one that is missed is noticed.")
            }
            Self::SignOn { has_schedule: false } => {
                grade(OnlyByPerson, "Without days and times, no sign-on is ever due.")
            }
            Self::Treatment { has_sessions: true } => grade(
                BySchedule,
                "Each session has its time, and an outcome that does not come is noticed. Whether \
                 the subject takes part in earnest, only a person can tell.",
            ),
            Self::Treatment { has_sessions: false } => {
                grade(OnlyByPerson, "Without a list of sessions, none is ever due.")
            }
            Self::DevicePresentation => grade(ByEvent, "It begins with an officer's request."),
            Self::Notification => {
                grade(ByEvent, "It begins with service, or with a new name or address.")
            }
            Self::ExclusionZone { has_area: true, is_tagged: true } => grade(
                BySchedule,
                "A tag reports at intervals, and both a position inside and its silence are \
                 noticed.",
            ),
            Self::ExclusionZone { has_area: true, is_tagged: false } => {
                grade(ByEvent, "Somebody must see the subject there.")
            }
            Self::ExclusionZone { has_area: false, .. } => {
                grade(OnlyByPerson, "Without an area on the map, no position can be judged.")
            }
            Self::NoContact(term) => grade_contact(term),
            Self::NoApproach(NoApproach::Place(_)) => {
                grade(ByEvent, "Somebody must see the subject near the place.")
            }
            Self::NoApproach(NoApproach::Person(_)) => {
                grade(ByEvent, "Somebody must report it: a protected person is never tracked.")
            }
            Self::InternetUse(term) => grade_internet(term),
            Self::Other => grade(OnlyByPerson, "The service does not know what to look for."),
        }
    }
}

fn grade_contact(term: &NoContact) -> Grade {
    if term.protected().iter().any(|who| matches!(who, Protected::Person(_))) {
        grade(Checkability::ByEvent, "The person contacted, or a witness, must report it.")
    } else {
        grade(Checkability::OnlyByPerson, "Nobody is named whose report would show it.")
    }
}

/// Terms on use leave traces only on the device, so they can be checked where it must be shown.
fn grade_internet(term: &InternetUse) -> Grade {
    if term.has(InternetRule::MakeAvailable) {
        grade(Checkability::ByEvent, "Each inspection of a device shows it.")
    } else if term.rules() == [InternetRule::NoPosts] {
        grade(Checkability::ByEvent, "Somebody must see the post and report it.")
    } else {
        grade(Checkability::OnlyByPerson, "The order does not let an officer look at the device.")
    }
}

words! {
    /// What whoever looked found. Not kept is suspected until a person decides.
    ReviewOutcome {
        Kept = "kept",
        NotKept = "not_kept",
        /// Never taken for kept.
        CannotTell = "cannot_tell",
    }
}

/// Who looks after a condition that only a person can check, and when it is looked at again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    person: String,
    review_on: NaiveDate,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanRefusal {
    #[error("Only a person can check this condition: name the person and the day of review. {why}")]
    PlanMissing { why: &'static str },
    #[error("Name the person who checks this condition; a unit or a role is not enough.")]
    NobodyNamed,
    #[error("The review on {review_on} is not ahead; choose a day from {earliest} on.")]
    ReviewNotAhead { review_on: NaiveDate, earliest: NaiveDate },
    #[error(
        "The review on {review_on} is more than {REVIEW_DAYS_MAX} days away; choose an earlier day."
    )]
    ReviewTooFar { review_on: NaiveDate },
}

impl Plan {
    pub fn new(person: &str, review_on: NaiveDate, today: NaiveDate) -> Result<Self, PlanRefusal> {
        let person = person.trim();
        if person.is_empty() {
            return Err(PlanRefusal::NobodyNamed);
        }
        let days = (review_on - today).num_days();
        if days < 1 {
            let earliest = today.succ_opt().unwrap_or(today);
            return Err(PlanRefusal::ReviewNotAhead { review_on, earliest });
        }
        if days > REVIEW_DAYS_MAX {
            return Err(PlanRefusal::ReviewTooFar { review_on });
        }
        Ok(Self { person: person.to_owned(), review_on })
    }

    pub fn person(&self) -> &str {
        &self.person
    }

    pub fn review_on(&self) -> NaiveDate {
        self.review_on
    }

    pub fn is_review_due(&self, today: NaiveDate) -> bool {
        self.review_on <= today
    }
}

/// A condition that only a person can check needs a plan; the others may have one.
pub fn check_plan(data: &ConditionData<'_>, plan: Option<&Plan>) -> Result<Grade, PlanRefusal> {
    let grade = data.grade();
    if grade.checkability == Checkability::OnlyByPerson && plan.is_none() {
        return Err(PlanRefusal::PlanMissing { why: grade.why });
    }
    Ok(grade)
}
