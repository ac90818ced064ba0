//! How each kind of task is answered, and what an answer has to say.

use chrono::NaiveDate;

use super::TaskKind;
use crate::alert::Risk;
use crate::instant::{Instant, UK};
use crate::order::start_of_day;
use crate::word::{Word, words};

/// The farthest off that the next look at an order may be put.
const REVIEW_DAYS_MAX: u64 = 31;
const REVIEW_AT_HIGH_RISK_DAYS_MAX: u64 = 7;

words! {
    /// How the victim was told.
    ToldHow {
        Phone = "phone",
        InPerson = "in_person",
        Letter = "letter",
        /// By their stalking advocate (ISAC).
        ThroughIsac = "through_isac",
        /// By another advocate or a liaison officer.
        ThroughAdvocate = "through_advocate",
    }
}

words! {
    /// What a look at the order as a whole came to.
    ReviewConclusion {
        NoChange = "no_change",
        SeekVariation = "seek_variation",
        SeekDischarge = "seek_discharge",
        RiskChanged = "risk_changed",
        /// Something has to be looked into first.
        Enquiries = "enquiries",
    }
}

words! {
    /// What is to become of an order whose last day is near.
    RenewalChoice {
        Renew = "renew",
        LetLapse = "let_lapse",
        /// Apply for other terms.
        ApplyToVary = "apply_to_vary",
    }
}

/// What somebody says was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Told {
        how: ToldHow,
        by: String,
    },
    /// The victim was not told, and why.
    NotTold {
        reason: String,
    },
    Entered {
        reference: String,
    },
    Reviewed {
        conclusion: ReviewConclusion,
        note: String,
        next_on: NaiveDate,
    },
    Decided {
        choice: RenewalChoice,
        reason: String,
    },
    Done {
        note: String,
    },
}

impl Answer {
    pub fn kind(&self) -> TaskKind {
        match self {
            Self::Told { .. } | Self::NotTold { .. } => TaskKind::VictimUpdate,
            Self::Entered { .. } => TaskKind::PncUpdate,
            Self::Reviewed { .. } => TaskKind::OrderReview,
            Self::Decided { .. } => TaskKind::RenewalDecision,
            Self::Done { .. } => TaskKind::ByHand,
        }
    }

    /// The answer as a sentence for the timeline. What people wrote stays out of it: more people read it.
    pub fn says(&self) -> String {
        match self {
            Self::Told { how, .. } => format!("The victim was told, {}.", in_words(*how)),
            Self::NotTold { .. } => "The victim was not told; the reason is on file.".to_owned(),
            Self::Entered { reference } => format!("Entered in the PNC: {reference}."),
            Self::Reviewed { conclusion, next_on, .. } => {
                let conclusion = in_words(*conclusion);
                let next_on = next_on.format("%a %-d %b %Y");
                format!("The order was reviewed: {conclusion}. The next review is on {next_on}.")
            }
            Self::Decided { choice, .. } => {
                format!("Decided about the end of the order: {}.", in_words(*choice))
            }
            Self::Done { .. } => "The task was done.".to_owned(),
        }
    }
}

fn in_words(word: impl Word) -> String {
    word.as_str().replace('_', " ")
}

/// As much of a task as its answer is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    pub kind: TaskKind,
    pub happened_at: Instant,
    pub risk: Risk,
    /// The last day of the order.
    pub ends_on: Option<NaiveDate>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerRefusal {
    #[error("is missing: the task is a {0}, and is answered as one")]
    OtherKind(TaskKind),
    #[error("must say something")]
    NothingSaid(&'static str),
    #[error("is in the future")]
    InFuture,
    #[error("is before what it answers")]
    BeforeItHappened,
    #[error("is not after today")]
    ReviewNotAhead,
    #[error("is later than {last}: an order is looked at again within {days} days")]
    ReviewTooFar { last: NaiveDate, days: u64 },
    #[error("is not possible any more: the last day of the order was {0}")]
    TooLateToRenew(NaiveDate),
}

/// Whether an answer answers. `done_at`: when it was done. Late is no reason to refuse.
pub fn check_answer(
    question: &Question,
    answer: &Answer,
    (done_at, now): (Instant, Instant),
) -> Result<(), AnswerRefusal> {
    if answer.kind() != question.kind {
        return Err(AnswerRefusal::OtherKind(question.kind));
    }
    if done_at > now {
        return Err(AnswerRefusal::InFuture);
    }
    // Of what happened on a day, the hour is not always known.
    if done_at < start_of_day(question.happened_at.local_date(UK), UK) {
        return Err(AnswerRefusal::BeforeItHappened);
    }
    let said = |field, text: &str| match text.trim().is_empty() {
        true => Err(AnswerRefusal::NothingSaid(field)),
        false => Ok(()),
    };
    match answer {
        Answer::Told { by, .. } => said("told_by", by),
        Answer::NotTold { reason } => said("reason", reason),
        Answer::Entered { reference } => said("reference", reference),
        Answer::Reviewed { note, next_on, .. } => {
            said("note", note)?;
            check_next_review(*next_on, question.risk, now)
        }
        Answer::Decided { choice, reason } => {
            said("reason", reason)?;
            check_choice(*choice, question.ends_on, done_at)
        }
        Answer::Done { note } => said("note", note),
    }
}

fn check_next_review(next_on: NaiveDate, risk: Risk, now: Instant) -> Result<(), AnswerRefusal> {
    let today = now.local_date(UK);
    let days = match risk {
        Risk::Standard => REVIEW_DAYS_MAX,
        Risk::High => REVIEW_AT_HIGH_RISK_DAYS_MAX,
    };
    let last = today + chrono::Days::new(days);
    if next_on <= today {
        return Err(AnswerRefusal::ReviewNotAhead);
    }
    match next_on > last {
        true => Err(AnswerRefusal::ReviewTooFar { last, days }),
        false => Ok(()),
    }
}

/// After the last day there is nothing left to renew or to vary.
fn check_choice(
    choice: RenewalChoice,
    ends_on: Option<NaiveDate>,
    done_at: Instant,
) -> Result<(), AnswerRefusal> {
    match ends_on.filter(|last| *last < done_at.local_date(UK)) {
        Some(last) if choice != RenewalChoice::LetLapse => Err(AnswerRefusal::TooLateToRenew(last)),
        _ => Ok(()),
    }
}
