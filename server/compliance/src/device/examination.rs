//! The examination of a device, and what its checklist suggests under the order's own rules.

use uuid::Uuid;

use super::DeviceRefusal;
use crate::instant::Instant;
use crate::prohibition::{InternetRule, InternetUse};
use crate::word::{Word, words};

words! {
    ExaminationMethod {
        /// An officer went through the device by hand.
        ByHand = "by_hand",
        /// A forensic tool copied it.
        Extraction = "extraction",
        /// Somebody else examined it and reported.
        Laboratory = "laboratory",
    }
}

words! {
    /// What is looked at on every device; the wording follows *Connor* [2019] EWCA Crim 234.
    InspectionCheck {
        RetainsHistory = "retains_history",
        HistoryDeleted = "history_deleted",
        PrivateModeUsed = "private_mode_used",
        WipingToolFound = "wiping_tool_found",
        MonitoringRemoved = "monitoring_removed",
        UndeclaredDeviceFound = "undeclared_device_found",
        UndeclaredAccountFound = "undeclared_account_found",
    }
}

words! {
    Answer {
        Yes = "yes",
        No = "no",
        CouldNotTell = "could_not_tell",
    }
}

impl InspectionCheck {
    /// The answer that an order with the rule does not want.
    fn unwanted(self) -> Answer {
        if self == Self::RetainsHistory { Answer::No } else { Answer::Yes }
    }

    /// The rule that makes the answer matter. Without it in the order, the answer is only a fact.
    pub fn rule(self) -> InternetRule {
        match self {
            Self::RetainsHistory => InternetRule::RetainHistory,
            Self::HistoryDeleted => InternetRule::NoDeletion,
            Self::PrivateModeUsed => InternetRule::NoPrivateMode,
            Self::WipingToolFound => InternetRule::NoWipingTools,
            Self::MonitoringRemoved => InternetRule::KeepMonitoring,
            Self::UndeclaredDeviceFound => InternetRule::DeclareDevices,
            Self::UndeclaredAccountFound => InternetRule::DeclareAccounts,
        }
    }

    fn says(self) -> &'static str {
        match self {
            Self::RetainsHistory => "The device cannot keep or show its history.",
            Self::HistoryDeleted => "History was deleted from the device.",
            Self::PrivateModeUsed => "A mode that leaves no history was used.",
            Self::WipingToolFound => "A tool that wipes data is on the device.",
            Self::MonitoringRemoved => "Monitoring software was removed or disabled.",
            Self::UndeclaredDeviceFound => "The device shows another one that was not declared.",
            Self::UndeclaredAccountFound => "The device shows an account that was not declared.",
        }
    }
}

/// Initials and a number, as on the exhibit's label: "ABC/1".
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ExhibitRef(String);

impl ExhibitRef {
    pub fn parse(text: &str) -> Result<Self, DeviceRefusal> {
        let text = text.trim();
        let is_sound = text.split_once('/').is_some_and(|(initials, number)| {
            (2..=4).contains(&initials.len())
                && initials.bytes().all(|letter| letter.is_ascii_uppercase())
                && (1..=5).contains(&number.len())
                && number.bytes().all(|digit| digit.is_ascii_digit())
                && !number.starts_with('0')
        });
        if is_sound {
            Ok(Self(text.to_owned()))
        } else {
            Err(DeviceRefusal::NotAnExhibit { text: text.chars().take(40).collect() })
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examination {
    pub started_at: Instant,
    pub ended_at: Instant,
    pub examined_by: Uuid,
    pub method: ExaminationMethod,
    answers: Vec<(InspectionCheck, Answer)>,
    /// The exhibit's reference if the device was seized.
    pub seized_as: Option<ExhibitRef>,
}

impl Examination {
    pub fn new(
        (started_at, ended_at): (Instant, Instant),
        examined_by: Uuid,
        method: ExaminationMethod,
        answers: &[(InspectionCheck, Answer)],
        seized_as: Option<ExhibitRef>,
    ) -> Result<Self, DeviceRefusal> {
        if ended_at < started_at {
            return Err(DeviceRefusal::EndsBeforeItBegins);
        }
        let mut answers = answers.to_vec();
        answers.sort_unstable();
        let pairs = answers.iter().zip(answers.iter().skip(1));
        if let Some((twice, _)) = pairs.into_iter().find(|(one, other)| one.0 == other.0) {
            return Err(DeviceRefusal::AnsweredTwice { check: twice.0 });
        }
        Ok(Self { started_at, ended_at, examined_by, method, answers, seized_as })
    }

    pub fn answer(&self, check: InspectionCheck) -> Option<Answer> {
        self.answers.iter().find(|(of, _)| *of == check).map(|(_, answer)| *answer)
    }
}

/// What one line of the checklist suggests under the order. A person decides whether it is so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Suspicion {
    /// The order has the rule and the device does not fit it.
    NonCompliance { check: InspectionCheck, rule: InternetRule, says: &'static str },
    /// The order has the rule and nobody could tell, or looked.
    NotEstablished { check: InspectionCheck, rule: InternetRule },
}

/// Holds the checklist against the rules that the order has, and no others: what it does not
/// forbid is not suspicious.
pub fn assess_examination(examination: &Examination, rules: &InternetUse) -> Vec<Suspicion> {
    let checks = InspectionCheck::ALL.iter().copied();
    checks
        .filter(|check| rules.has(check.rule()))
        .filter_map(|check| {
            let rule = check.rule();
            match examination.answer(check) {
                Some(answer) if answer == check.unwanted() => {
                    Some(Suspicion::NonCompliance { check, rule, says: check.says() })
                }
                Some(Answer::Yes | Answer::No) => None,
                Some(Answer::CouldNotTell) | None => {
                    Some(Suspicion::NotEstablished { check, rule })
                }
            }
        })
        .collect()
}
