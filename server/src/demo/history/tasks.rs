//! Who does what has to be done beside sign-ons: most of it in time, some of it late, and a little of
//! the last days not yet.

use chrono::Days;
use compliance::Instant;
use compliance::access::Role;
use compliance::alert::Risk;
use compliance::instant::{DAY_MS, HOUR_MS, MINUTE_MS};
use compliance::order_kind::OrderKind;
use compliance::task::answer::{Answer, RenewalChoice, ReviewConclusion, ToldHow};
use compliance::task::{TaskKind, TaskState};

use super::{Event, History, HistoryError};
use crate::ZONE;
use crate::operations::Actor;
use crate::operations::task_answers::{NewAnswer, complete_task};
use crate::refusal::Refusal;
use crate::store::id::TaskId;
use crate::store::orders::{self, Order};
use crate::store::scope::Scope;
use crate::store::tasks::{self, Page, Task};

/// Of the tasks, one in so many is done late, and of those that are due at the end one is not done.
const LATE_ONE_IN: i64 = 11;
const LEFT_ONE_IN: i64 = 4;
const LEFT_DUE_MS: i64 = 10 * DAY_MS;
const AT_MOST: i64 = 500;

impl History {
    /// Decides when each task is done that nobody has planned to do yet.
    pub(super) async fn plan_tasks(&mut self, now: Instant) -> Result<(), HistoryError> {
        let scope = self.scope(&self.cast.observer);
        let page = Page {
            owner: None,
            station: None,
            state: TaskState::Open,
            kind: None,
            due_before: None,
            after: None,
            at_most: AT_MOST,
        };
        for open in self.store.read(move |tx| tasks::list(tx, scope, page)).await? {
            if self.tasks_seen.insert(open.task.id)
                && let Some(at) = self.does_at(&open.task, now)
            {
                self.plan(at, Event::Task(open.task.id));
            }
        }
        Ok(())
    }

    fn does_at(&mut self, task: &Task, now: Instant) -> Option<Instant> {
        let is_left = task.due_at > self.ends_at + -LEFT_DUE_MS && task.due_at <= self.ends_at;
        if is_left {
            self.tasks_near_end += 1;
            if self.tasks_near_end % LEFT_ONE_IN == 1 {
                return None;
            }
        }
        let wait_ms = HOUR_MS + self.random_ms(6 * HOUR_MS);
        match task.kind {
            _ if self.random_ms(LATE_ONE_IN) == 0 => Some(task.due_at + wait_ms),
            TaskKind::VictimUpdate | TaskKind::PncUpdate => Some(now + wait_ms),
            TaskKind::OrderReview | TaskKind::RenewalDecision => {
                Some((task.due_at + -12 * HOUR_MS + wait_ms).max(now + MINUTE_MS))
            }
            TaskKind::ByHand => None,
        }
    }

    /// By whoever has it. What is not asked for any more is left.
    pub(super) async fn do_task(&self, id: TaskId, now: Instant) -> Result<(), HistoryError> {
        let (identity, turn) = (self.identity.clone(), self.random_ms(12));
        let write = self.store.write(move |tx| {
            let Some(task) = tasks::find_for_service(tx, id)? else { return Ok(()) };
            let order = orders::find_for_service(tx, task.order_id)?;
            let (Some(order), Some(owner)) = (order, task.owner_id) else { return Ok(()) };
            let Some(answer) = answer(&task, (&order, turn), now) else { return Ok(()) };
            let scope = Scope { account: owner, role: Role::Owner };
            let actor = Actor { scope, now, identity: identity.clone() };
            let new = NewAnswer { record: identity.id(now), done_at: now, answer };
            complete_task(tx, &actor, id, &new).map(drop)
        });
        match write.await {
            Ok(()) | Err(Refusal::CaseNotReady(_)) => Ok(()),
            Err(refusal) => Err(refusal.into()),
        }
    }
}

/// What is about to end is left for whoever is being trained, but for bail, which ends anyway.
fn answer(task: &Task, (order, turn): (&Order, i64), now: Instant) -> Option<Answer> {
    Some(match task.kind {
        TaskKind::VictimUpdate if turn == 0 => {
            Answer::NotTold { reason: "Has asked not to be rung before the hearing.".to_owned() }
        }
        TaskKind::VictimUpdate => {
            let how = match turn % 3 {
                0 => ToldHow::InPerson,
                1 => ToldHow::Phone,
                _ => ToldHow::ThroughIsac,
            };
            Answer::Told { how, by: "The officer in the case".to_owned() }
        }
        TaskKind::PncUpdate => Answer::Entered { reference: format!("26/{}K", 204_400 + turn) },
        TaskKind::OrderReview => {
            let days = match order.risk {
                Risk::Standard => 28,
                Risk::High => 7,
            };
            Answer::Reviewed {
                conclusion: match turn {
                    0 => ReviewConclusion::Enquiries,
                    _ => ReviewConclusion::NoChange,
                },
                note: "Read the file, the counter's records and the concerns of the month."
                    .to_owned(),
                next_on: now.local_date(ZONE) + Days::new(days),
            }
        }
        TaskKind::RenewalDecision if order.kind == OrderKind::BAIL => {
            let reason = "Bail ends with the hearing.".to_owned();
            Answer::Decided { choice: RenewalChoice::LetLapse, reason }
        }
        TaskKind::RenewalDecision | TaskKind::ByHand => return None,
    })
}
