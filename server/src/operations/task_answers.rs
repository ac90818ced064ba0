//! What people do with tasks: do them, give them to somebody else, ask for one. Each is a fact, so that it
//! can be called a mistake like any other.

use chrono::NaiveDate;
use compliance::access::Act;
use compliance::fact::FactKind;
use compliance::task::answer::{
    Answer, AnswerRefusal, Question, RenewalChoice, ReviewConclusion, ToldHow, check_answer,
};
use compliance::task::{TaskCause, TaskKind, TaskState, key, renewal_key};
use compliance::{Instant, Word};
use serde::{Deserialize, Serialize};

use super::Actor;
use super::record_fact::{NewFact, Recorded, order_in_scope, record_fact};
use super::tasks::settle_tasks;
use crate::refusal::Refusal;
use crate::store::accounts::{self, Account};
use crate::store::id::{AccountId, FactId, OrderId, TaskId};
use crate::store::orders::{self, Order};
use crate::store::scope::Scope;
use crate::store::tasks::{self, Task};
use crate::store::{StoreError, Tx, facts};

/// When a task was done and how it was answered, as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DoneBody {
    pub done_at: i64,
    #[serde(flatten)]
    pub answer: AnswerBody,
}

/// How a task was answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum AnswerBody {
    Told { how: String, by: String },
    NotTold { reason: String },
    Entered { reference: String },
    Reviewed { conclusion: String, note: String, next_on: NaiveDate },
    Decided { choice: String, reason: String },
    Done { note: String },
}

impl AnswerBody {
    /// A victim who was not told was not told, whatever the reason.
    pub fn was_done(&self) -> bool {
        !matches!(self, Self::NotTold { .. })
    }

    /// What it was recorded from.
    pub fn read(&self) -> Result<Answer, StoreError> {
        fn word<W: Word>(text: &str) -> Result<W, StoreError> {
            W::parse(text)
                .ok_or_else(|| StoreError::Corrupt { vocabulary: W::NAME, value: text.to_owned() })
        }
        Ok(match self {
            Self::Told { how, by } => Answer::Told { how: word::<ToldHow>(how)?, by: by.clone() },
            Self::NotTold { reason } => Answer::NotTold { reason: reason.clone() },
            Self::Entered { reference } => Answer::Entered { reference: reference.clone() },
            Self::Reviewed { conclusion, note, next_on } => Answer::Reviewed {
                conclusion: word::<ReviewConclusion>(conclusion)?,
                note: note.clone(),
                next_on: *next_on,
            },
            Self::Decided { choice, reason } => {
                Answer::Decided { choice: word::<RenewalChoice>(choice)?, reason: reason.clone() }
            }
            Self::Done { note } => Answer::Done { note: note.clone() },
        })
    }
}

impl From<&Answer> for AnswerBody {
    fn from(answer: &Answer) -> Self {
        match answer.clone() {
            Answer::Told { how, by } => Self::Told { how: how.to_string(), by },
            Answer::NotTold { reason } => Self::NotTold { reason },
            Answer::Entered { reference } => Self::Entered { reference },
            Answer::Reviewed { conclusion, note, next_on } => {
                Self::Reviewed { conclusion: conclusion.to_string(), note, next_on }
            }
            Answer::Decided { choice, reason } => {
                Self::Decided { choice: choice.to_string(), reason }
            }
            Answer::Done { note } => Self::Done { note },
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReassignedBody {
    pub to: AccountId,
    pub reason: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AddedBody {
    pub kind: String,
    pub says: String,
    pub due_at: i64,
}

/// Whether a task about an order can be given to somebody.
pub fn may_do(tx: &mut Tx<'_>, order: &Order, account: &Account) -> Result<bool, StoreError> {
    let scope = Scope { account: account.id, role: account.role };
    let is_able = account.disabled_at.is_none() && account.role.may(Act::RecordFact);
    Ok(is_able && scope.sees_order(tx, order.id)?)
}

pub fn task_in_scope(tx: &mut Tx<'_>, actor: &Actor, id: TaskId) -> Result<(Task, Order), Refusal> {
    let task = tasks::find(tx, actor.scope, id)?.ok_or(Refusal::NotFound("task"))?;
    let order = orders::find_for_service(tx, task.order_id)?.ok_or(Refusal::NotFound("order"))?;
    Ok((task, order))
}

pub fn check_open(task: &Task) -> Result<(), Refusal> {
    let says = match task.state {
        TaskState::Open => return Ok(()),
        TaskState::Done => {
            "The task is answered already. If that was wrong, call the record a mistake first."
        }
        TaskState::Cancelled => "The task is not asked for any more; `cancel_reason` says why.",
    };
    Err(Refusal::CaseNotReady(says.to_owned()))
}

/// What was said in answer to a task, and when it was done.
#[derive(Debug, Clone)]
pub struct NewAnswer {
    pub record: FactId,
    pub done_at: Instant,
    pub answer: Answer,
}

/// Records that a task was done, or why not. Late is recorded as late and never refused.
pub fn complete_task(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: TaskId,
    new: &NewAnswer,
) -> Result<Recorded, Refusal> {
    let (task, order) = task_in_scope(tx, actor, id)?;
    if facts::find_taken(tx, new.record)?.is_none() {
        let decides = matches!(task.kind, TaskKind::OrderReview | TaskKind::RenewalDecision);
        if decides && !actor.scope.role.may(Act::KeepCase) {
            return Err(Refusal::RoleMayNot);
        }
        check_open(&task)?;
        let question = Question {
            kind: task.kind,
            happened_at: task.happened_at,
            risk: order.risk,
            ends_on: order.ends_on,
        };
        check_answer(&question, &new.answer, (new.done_at, actor.now))
            .map_err(|refusal| refused(refusal, task.kind))?;
    }
    let fact = NewFact {
        id: new.record,
        kind: FactKind::TaskDone,
        order: order.id,
        object: task.id.uuid(),
        party: None,
        happened_at: new.done_at,
        body: DoneBody { done_at: new.done_at.ms(), answer: (&new.answer).into() },
        says: format!("{} {}", task.says, new.answer.says()),
    };
    record(tx, actor, &order, fact)
}

fn record<B: Serialize>(
    tx: &mut Tx<'_>,
    actor: &Actor,
    order: &Order,
    fact: NewFact<B>,
) -> Result<Recorded, Refusal> {
    let recorded = record_fact(tx, actor, fact)?;
    if matches!(recorded, Recorded::New(_)) {
        let at = (actor.now, Some(actor.scope.account));
        settle_tasks(tx, &actor.identity, order, at)?;
    }
    Ok(recorded)
}

fn refused(refusal: AnswerRefusal, kind: TaskKind) -> Refusal {
    let pointer = match (&refusal, kind) {
        (AnswerRefusal::InFuture | AnswerRefusal::BeforeItHappened, _) => "/happened_at",
        (AnswerRefusal::ReviewNotAhead | AnswerRefusal::ReviewTooFar { .. }, _) => {
            "/answer/order_review/next_on"
        }
        (AnswerRefusal::TooLateToRenew(_), _) => "/answer/renewal_decision/choice",
        (AnswerRefusal::NothingSaid("told_by"), _) => "/answer/victim_update/told_by",
        (AnswerRefusal::NothingSaid("reason"), TaskKind::VictimUpdate) => {
            "/answer/victim_update/reason"
        }
        (AnswerRefusal::NothingSaid("reason"), _) => "/answer/renewal_decision/reason",
        (AnswerRefusal::NothingSaid(_), TaskKind::OrderReview) => "/answer/order_review/note",
        (AnswerRefusal::NothingSaid(_), TaskKind::ByHand) => "/answer/by_hand/note",
        (AnswerRefusal::NothingSaid(_), _) => "/answer/pnc_update/reference",
        (AnswerRefusal::OtherKind(_), TaskKind::VictimUpdate) => "/answer/victim_update",
        (AnswerRefusal::OtherKind(_), TaskKind::PncUpdate) => "/answer/pnc_update",
        (AnswerRefusal::OtherKind(_), TaskKind::OrderReview) => "/answer/order_review",
        (AnswerRefusal::OtherKind(_), TaskKind::RenewalDecision) => "/answer/renewal_decision",
        (AnswerRefusal::OtherKind(_), TaskKind::ByHand) => "/answer/by_hand",
    };
    Refusal::field(pointer, refusal.to_string())
}

/// Gives an open task to somebody else who may know of the case.
pub fn reassign_task(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (id, record_id): (TaskId, FactId),
    body: ReassignedBody,
) -> Result<Recorded, Refusal> {
    let (task, order) = task_in_scope(tx, actor, id)?;
    let unknown = || Refusal::field("/to_account_id", "is nobody who may do this task");
    let to = accounts::find(tx, body.to)?.ok_or_else(unknown)?;
    if !may_do(tx, &order, &to)? {
        return Err(unknown());
    }
    if facts::find_taken(tx, record_id)?.is_none() {
        check_open(&task)?;
    }
    let fact = NewFact {
        id: record_id,
        kind: FactKind::TaskReassigned,
        order: order.id,
        object: task.id.uuid(),
        party: None,
        happened_at: actor.now,
        says: format!("{} Given to {}.", task.says, to.display_name),
        body,
    };
    record(tx, actor, &order, fact)
}

/// What somebody asks for.
#[derive(Debug, Clone)]
pub struct NewTask {
    pub id: TaskId,
    pub order: OrderId,
    pub kind: TaskKind,
    /// Empty of a PNC update, which says it by itself.
    pub says: String,
    pub due_at: Instant,
}

/// Asks for a task: anything, or the entry in the PNC of an order from before tasks were kept.
pub fn add_task(tx: &mut Tx<'_>, actor: &Actor, new: &NewTask) -> Result<Recorded, Refusal> {
    let order = order_in_scope(tx, actor, new.order)?;
    let says = match new.kind {
        TaskKind::PncUpdate => TaskCause::Asked.says(TaskKind::PncUpdate).to_owned(),
        _ => new.says.clone(),
    };
    let record_id = FactId::from(new.id.uuid());
    let before = facts::find_taken(tx, record_id)?;
    if before.is_none() && new.due_at <= actor.now {
        return Err(Refusal::field("/due_at", "is not ahead"));
    }
    let fact = NewFact {
        id: record_id,
        kind: FactKind::TaskAdded,
        order: order.id,
        object: new.id.uuid(),
        party: None,
        happened_at: actor.now,
        body: AddedBody { kind: new.kind.to_string(), says: says.clone(), due_at: new.due_at.ms() },
        says: format!("Asked for: {says}"),
    };
    if before.is_none() {
        if tasks::is_id_taken(tx, new.id)? {
            return Err(Refusal::RecordConflict);
        }
        let recorded = record_fact(tx, actor, fact)?;
        tasks::insert(tx, &added(actor, &order, (new, says)))?;
        let at = (actor.now, Some(actor.scope.account));
        settle_tasks(tx, &actor.identity, &order, at)?;
        return Ok(recorded);
    }
    record_fact(tx, actor, fact)
}

fn added(actor: &Actor, order: &Order, (new, says): (&NewTask, String)) -> Task {
    Task {
        id: new.id,
        dedupe_key: key(new.kind, TaskCause::Asked, new.id.uuid()),
        order_id: order.id,
        kind: new.kind,
        cause: TaskCause::Asked,
        event_id: new.id.uuid().into(),
        happened_at: actor.now,
        says,
        raised_at: actor.now,
        due_at: new.due_at,
        arithmetic: format!("as asked: {}", new.due_at.in_words(crate::ZONE)),
        basis: "Asked for by an officer".to_owned(),
        owner_id: None,
        is_reassigned: false,
        state: TaskState::Open,
        chased_at: None,
        done_by: None,
        done_at: None,
        was_done: None,
        cancelled_at: None,
        cancel_reason: None,
    }
}

/// What was decided about the last day that the order has, if anything was.
pub fn renewal_choice(
    tx: &mut Tx<'_>,
    order: &Order,
) -> Result<Option<(RenewalChoice, Instant)>, StoreError> {
    let Some(last_day) = order.ends_on else { return Ok(None) };
    let key = renewal_key(order.id.uuid(), last_day);
    let rows = tasks::of_order(tx, order.id)?;
    let Some(id) = rows.into_iter().find(|row| row.dedupe_key == key).and_then(|row| row.done_by)
    else {
        return Ok(None);
    };
    let Some(fact) = facts::find_taken(tx, id)? else { return Ok(None) };
    match fact.read::<DoneBody>()?.answer.read()? {
        Answer::Decided { choice, .. } => Ok(Some((choice, fact.happened_at))),
        _ => Ok(None),
    }
}
