//! Figures of tasks: whether victims were told, and the PNC, in time.

use compliance::Instant;
use compliance::instant::{DAY_MS, HOUR_MS};
use compliance::order_status::OrderStatus;
use compliance::task::{TaskCause, TaskKind, TaskState};

use super::figures::{Figure, count, ratio};
use super::order_life::life_of_row;
use crate::store::figures::Extent;
use crate::store::orders::Order;
use crate::store::tasks::{self, Counted};
use crate::store::{StoreError, Tx};

const GROUP: &str = "tasks";
/// Within these, the code of practice asks for commencements in the PNC (`domain.md`, P8).
const PNC_FIRST_MS: i64 = 24 * HOUR_MS;
const PNC_LAST_MS: i64 = 3 * DAY_MS;

/// Of what happened in the time. Whoever was rightly not told counts neither as told nor as late.
pub fn of_tasks(
    tx: &mut Tx<'_>,
    of: Extent,
    (orders, now): (&[Order], Instant),
) -> Result<Vec<Figure>, StoreError> {
    let counted = tasks::counted(tx, of)?;
    let late = |task: &&Counted| task.state == TaskState::Open && task.due_at <= now;
    let of_kind = |kind| counted.iter().filter(move |task| task.kind == kind);
    let mut all = Vec::new();
    for (kind, asked, overdue, on_time) in KINDS {
        let tasks: Vec<&Counted> = of_kind(kind).collect();
        all.push(count(GROUP, asked, tasks.len()));
        all.push(count(GROUP, overdue, tasks.iter().copied().filter(late).count()));
        all.push(ratio(GROUP, on_time, in_time(&tasks, now, |task| task.due_at)));
    }
    let not_told = of_kind(TaskKind::VictimUpdate).filter(|task| task.was_done == Some(false));
    all.push(count(GROUP, "victim_updates_not_told", not_told.count()));
    let made: Vec<&Counted> =
        of_kind(TaskKind::PncUpdate).filter(|task| task.cause == TaskCause::Made).collect();
    for (name, ms) in [("pnc_within_24_hours", PNC_FIRST_MS), ("pnc_within_3_days", PNC_LAST_MS)] {
        // The hour itself counts.
        all.push(ratio(GROUP, name, in_time(&made, now, |task| task.happened_at + (ms + 1))));
    }
    let is_live = |order: &&Order| {
        matches!(life_of_row(order).status_at(now), OrderStatus::Made | OrderStatus::InForce)
    };
    let entered = tasks::in_pnc(tx)?;
    let without = orders.iter().filter(is_live).filter(|order| !entered.contains(&order.id));
    all.push(count(GROUP, "live_orders_without_pnc_reference", without.count()));
    Ok(all)
}

const KINDS: [(TaskKind, &str, &str, &str); 4] = [
    (
        TaskKind::VictimUpdate,
        "victim_updates",
        "victim_updates_overdue",
        "victim_updates_on_time_share",
    ),
    (TaskKind::PncUpdate, "pnc_updates", "pnc_updates_overdue", "pnc_updates_on_time_share"),
    (
        TaskKind::OrderReview,
        "order_reviews",
        "order_reviews_overdue",
        "order_reviews_on_time_share",
    ),
    (
        TaskKind::RenewalDecision,
        "renewal_decisions",
        "renewal_decisions_overdue",
        "renewal_decisions_on_time_share",
    ),
];

/// How many were done before their time was over, of those that were or should have been.
fn in_time(
    tasks: &[&Counted],
    now: Instant,
    over_at: impl Fn(&Counted) -> Instant,
) -> (usize, usize) {
    let is_in_time = |task: &&&Counted| {
        task.was_done == Some(true) && task.done_at.is_some_and(|at| at < over_at(task))
    };
    let counts = |task: &&&Counted| match task.was_done {
        Some(was_done) => was_done,
        None => over_at(task) <= now,
    };
    (tasks.iter().filter(is_in_time).count(), tasks.iter().filter(counts).count())
}
