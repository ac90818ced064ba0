//! `complete_task`: somebody did what a task asks for, or says why not.

use actix_web::{HttpResponse, put, web};
use chrono::NaiveDate;
use compliance::task::answer::Answer;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{
    Body, RenewalChoiceWord, ReviewConclusionWord, Spelled, Timestamp, ToldHowWord, checked_text,
    required_day,
};
use crate::operations::task_answers::{NewAnswer, complete_task as complete};
use crate::store::id::{FactId, TaskId};

/// When a task was done, and how it is answered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskCompletion {
    /// When it was done; when that was decided, if it was not.
    pub happened_at: Timestamp,
    pub answer: TaskAnswer,
}

/// How a task is answered: the one part that is named like its kind.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskAnswer {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub victim_update: Option<VictimUpdateAnswer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pnc_update: Option<PncUpdateAnswer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_review: Option<OrderReviewAnswer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewal_decision: Option<RenewalAnswer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_hand: Option<ByHandAnswer>,
}

/// How the victim was told; or that they were not, and why. Leave names and addresses out of it.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VictimUpdateAnswer {
    pub was_told: bool,
    /// How, if they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub how: Option<ToldHowWord>,
    /// Who told them, if they were.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schema(max_length = 200, example = "PC Ines Okafor")]
    pub told_by: String,
    /// Why not, if they were not.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schema(max_length = 2000)]
    pub reason: String,
}

/// Under which reference the PNC has it.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PncUpdateAnswer {
    #[schema(min_length = 1, max_length = 60, example = "26/204471K")]
    pub reference: String,
}

/// What a look at the order as a whole came to.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderReviewAnswer {
    pub conclusion: ReviewConclusionWord,
    #[schema(min_length = 1, max_length = 2000)]
    pub note: String,
    /// The day of the next look: at most 31 days ahead, 7 at high risk.
    #[serde(deserialize_with = "required_day")]
    pub next_on: NaiveDate,
}

/// What is to become of an order whose last day is near.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenewalAnswer {
    pub choice: RenewalChoiceWord,
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

/// What was done.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ByHandAnswer {
    #[schema(min_length = 1, max_length = 2000)]
    pub note: String,
}

impl VictimUpdateAnswer {
    fn read(self) -> Result<Answer, Problem> {
        let refuse = |field: &str, says: &str| {
            Err(Problem::field(format!("/answer/victim_update/{field}"), says))
        };
        checked_text("/answer/victim_update/told_by", &self.told_by, 200)?;
        checked_text("/answer/victim_update/reason", &self.reason, 2000)?;
        match (self.was_told, self.how) {
            (true, Some(Spelled(how))) if self.reason.is_empty() => {
                Ok(Answer::Told { how, by: self.told_by })
            }
            (true, Some(_)) => refuse("reason", "is for a victim who was not told"),
            (true, None) => refuse("how", "is missing: say how the victim was told"),
            (false, None) if self.told_by.is_empty() => Ok(Answer::NotTold { reason: self.reason }),
            (false, Some(_)) => refuse("how", "is for a victim who was told"),
            (false, None) => refuse("told_by", "is for a victim who was told"),
        }
    }
}

impl TaskAnswer {
    fn read(self) -> Result<Answer, Problem> {
        let Self { victim_update, pnc_update, order_review, renewal_decision, by_hand } = self;
        match (victim_update, pnc_update, order_review, renewal_decision, by_hand) {
            (Some(told), None, None, None, None) => told.read(),
            (None, Some(PncUpdateAnswer { reference }), None, None, None) => {
                checked_text("/answer/pnc_update/reference", &reference, 60)?;
                Ok(Answer::Entered { reference })
            }
            (None, None, Some(review), None, None) => {
                let OrderReviewAnswer { conclusion: Spelled(conclusion), note, next_on } = review;
                checked_text("/answer/order_review/note", &note, 2000)?;
                Ok(Answer::Reviewed { conclusion, note, next_on })
            }
            (None, None, None, Some(renewal), None) => {
                let RenewalAnswer { choice: Spelled(choice), reason } = renewal;
                checked_text("/answer/renewal_decision/reason", &reason, 2000)?;
                Ok(Answer::Decided { choice, reason })
            }
            (None, None, None, None, Some(ByHandAnswer { note })) => {
                checked_text("/answer/by_hand/note", &note, 2000)?;
                Ok(Answer::Done { note })
            }
            _ => Err(Problem::field("/answer", "holds the one part that is named like the kind")),
        }
    }
}

/// An answer on file as it was sent.
pub fn answered(answer: Answer) -> TaskAnswer {
    let mut sent = TaskAnswer::default();
    match answer {
        Answer::Told { how, by } => {
            let how = Some(Spelled(how));
            let told =
                VictimUpdateAnswer { was_told: true, how, told_by: by, reason: String::new() };
            sent.victim_update = Some(told);
        }
        Answer::NotTold { reason } => {
            let told_by = String::new();
            let not = VictimUpdateAnswer { was_told: false, how: None, told_by, reason };
            sent.victim_update = Some(not);
        }
        Answer::Entered { reference } => sent.pnc_update = Some(PncUpdateAnswer { reference }),
        Answer::Reviewed { conclusion, note, next_on } => {
            let conclusion = Spelled(conclusion);
            sent.order_review = Some(OrderReviewAnswer { conclusion, note, next_on });
        }
        Answer::Decided { choice, reason } => {
            sent.renewal_decision = Some(RenewalAnswer { choice: Spelled(choice), reason });
        }
        Answer::Done { note } => sent.by_hand = Some(ByHandAnswer { note }),
    }
    sent
}

/// Answers a task: what it asked for was done, or why not.
///
/// Late is recorded as late and never refused. A review and a decision about the end of an order are for
/// those who keep the case. An answer that was a mistake is called one, and the task is open again.
#[utoipa::path(
    tag = "Tasks",
    params(
        ("task_id" = TaskId, Path, description = "The task"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = TaskCompletion,
    responses((status = 201, description = "Answered, now or before", body = Record)),
)]
#[put("/tasks/{task_id}/completions/{record_id}")]
pub async fn complete_task(
    caller: Caller<act::RecordFact>,
    path: web::Path<(TaskId, FactId)>,
    asked: Body<TaskCompletion>,
) -> Result<HttpResponse, Problem> {
    let TaskCompletion { happened_at: Timestamp(done_at), answer } = asked.read().await?;
    let (task, record) = *path;
    let new = NewAnswer { record, done_at, answer: answer.read()? };
    let actor = caller.actor();
    let recorded = caller.write(move |tx| complete(tx, &actor, task, &new)).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
