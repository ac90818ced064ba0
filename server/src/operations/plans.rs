//! Plans for conditions that only a person can check: who looks, and when next. A condition without
//! one is raised at intake; a review that is not recorded on its day is raised the day after.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use compliance::alert::AlertKind;
use compliance::checkability::{Checkability, Plan, PlanRefusal, ReviewOutcome};
use compliance::fact::{FactKind, TimerKind};
use compliance::order::start_of_day;
use compliance::{Instant, Word};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Actor;
use super::grade_condition::grade;
use super::raise_alerts::{Raise, Settling, raise_alerts};
use super::record_fact::{NewFact, Recorded, order_in_scope, record_fact};
use super::ring_timers::{Rung, about};
use crate::ZONE;
use crate::identity::{Identity, derived};
use crate::refusal::Refusal;
use crate::store::facts::{self, Fact};
use crate::store::id::{FactId, OrderId};
use crate::store::orders::{self, Condition, Order, OrderVersion};
use crate::store::timers::{self, Timer};
use crate::store::{StoreError, Tx, accounts, schedules};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PlanBody {
    pub label: String,
    pub person: String,
    pub review_on: NaiveDate,
    pub note: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReviewBody {
    pub label: String,
    pub looked_at: String,
    pub outcome: String,
    /// Who looks next.
    pub person: Option<String>,
    pub next_review_on: NaiveDate,
}

/// What is planned for one condition, and what was found last.
#[derive(Debug, Clone)]
pub struct PlanOnFile {
    pub person: String,
    pub review_on: NaiveDate,
    pub last_review: Option<Review>,
}

#[derive(Debug, Clone)]
pub struct Review {
    pub happened_at: Instant,
    pub outcome: ReviewOutcome,
    pub looked_at: String,
    pub recorded_by_name: Option<String>,
}

impl PlanOnFile {
    /// The review is late from the end of its day.
    pub fn late_from(&self) -> Instant {
        start_of_day(self.review_on.succ_opt().unwrap_or(self.review_on), ZONE)
    }
}

/// What timers know a condition by: it keeps its plan through variations that keep its label.
fn object(order: OrderId, label: &str) -> Uuid {
    derived(&format!("plan {order} {label}"))
}

fn missing_key(order: OrderId, label: &str) -> String {
    format!("{}:{order}:{label}", AlertKind::PlanMissing)
}

fn due_key(order: OrderId, label: &str, review_on: NaiveDate) -> String {
    format!("{}:{order}:{label}:{review_on}", AlertKind::PlanReviewDue)
}

/// Everything that was recorded about an order's plans, as it was recorded.
pub struct Plans(Vec<Fact>);

impl Plans {
    pub fn load(tx: &mut Tx<'_>, order: OrderId) -> Result<Self, StoreError> {
        let kinds = [FactKind::PlanSet, FactKind::PlanReviewed];
        let mut found = facts::of_order(tx, order, &kinds)?;
        found.sort_by_key(|fact| (fact.recorded_at, fact.id));
        Ok(Self(found))
    }

    /// What stands now for a condition of a version: what came with it, and what was recorded since.
    pub fn of(
        &self,
        tx: &mut Tx<'_>,
        version: &OrderVersion,
        condition: &Condition,
    ) -> Result<Option<PlanOnFile>, StoreError> {
        let object = FactId::from(object(version.order_id, &condition.label));
        let imported = condition.plan_person.clone().zip(condition.plan_review_on);
        let mut plan = None;
        let mut last_review = None;
        let mut is_imported_read = false;
        for fact in self.0.iter().filter(|fact| fact.object_id == object) {
            if !is_imported_read && version.recorded_at <= fact.recorded_at {
                plan = imported.clone().or(plan);
                is_imported_read = true;
            }
            match fact.kind {
                FactKind::PlanSet => {
                    let body: PlanBody = fact.read()?;
                    plan = Some((body.person, body.review_on));
                }
                _ => {
                    let body: ReviewBody = fact.read()?;
                    let before = plan.map(|(person, _)| person).unwrap_or_default();
                    plan = Some((body.person.clone().unwrap_or(before), body.next_review_on));
                    last_review = Some(review(tx, fact, body)?);
                }
            }
        }
        if !is_imported_read {
            plan = imported.or(plan);
        }
        Ok(plan.map(|(person, review_on)| PlanOnFile { person, review_on, last_review }))
    }
}

fn review(tx: &mut Tx<'_>, fact: &Fact, body: ReviewBody) -> Result<Review, StoreError> {
    let corrupt =
        || StoreError::Corrupt { vocabulary: ReviewOutcome::NAME, value: body.outcome.clone() };
    let by = fact.recorded_by.map(|by| accounts::find(tx, by)).transpose()?.flatten();
    Ok(Review {
        happened_at: fact.happened_at,
        outcome: ReviewOutcome::parse(&body.outcome).ok_or_else(corrupt)?,
        looked_at: body.looked_at,
        recorded_by_name: by.map(|account| account.display_name),
    })
}

/// A condition that is asked for now or later, by the last version that has it.
struct Standing {
    plan: Option<PlanOnFile>,
    needs_plan: bool,
}

/// Of every label that the order ever had, what stands; nothing for one that is over.
fn standing(
    tx: &mut Tx<'_>,
    order: &Order,
    now: Instant,
) -> Result<BTreeMap<String, Option<Standing>>, StoreError> {
    let plans = Plans::load(tx, order.id)?;
    let versions = orders::versions(tx, order.id)?;
    let current = versions.iter().rposition(|version| version.in_force_from <= now).unwrap_or(0);
    let mut found: BTreeMap<String, Option<Standing>> = BTreeMap::new();
    for (at, version) in versions.iter().enumerate() {
        for (condition, _) in orders::conditions(tx, version.id)? {
            let is_over = at < current || order.ended_at.is_some();
            let stands = if is_over {
                None
            } else {
                let has_schedule = !schedules::of_condition(tx, condition.id)?.is_empty();
                let graded = grade(tx, order.id, &condition, has_schedule)?;
                Some(Standing {
                    plan: plans.of(tx, version, &condition)?,
                    needs_plan: graded.checkability == Checkability::OnlyByPerson,
                })
            };
            found.insert(condition.label, stands);
        }
    }
    Ok(found)
}

/// To be called whenever terms, plans or what makes a condition checkable have changed.
pub fn settle_plans(
    tx: &mut Tx<'_>,
    identity: &Identity,
    order: &Order,
    settling: Settling,
) -> Result<(), StoreError> {
    let now = settling.now;
    let mut raises = Vec::new();
    let mut stand = Vec::new();
    for (label, standing) in standing(tx, order, now)? {
        let timer = (TimerKind::PlanReview, object(order.id, &label));
        let plan = standing.as_ref().and_then(|standing| standing.plan.as_ref());
        timers::set(tx, order.id, timer, plan.map(PlanOnFile::late_from))?;
        stand.extend(plan.map(|plan| due_key(order.id, &label, plan.review_on)));
        if plan.is_none() && standing.is_some_and(|standing| standing.needs_plan) {
            let key = missing_key(order.id, &label);
            let says = format!(
                "Only a person can check {label}. Name who looks whether it is kept, and when next."
            );
            stand.push(key.clone());
            raises.push(about(order, AlertKind::PlanMissing, (key, now), says));
        }
    }
    for kind in [AlertKind::PlanMissing, AlertKind::PlanReviewDue] {
        for open in crate::store::alerts::open_keys_of(tx, order.id, kind)? {
            if !stand.contains(&open) {
                settling.close(tx, &open)?;
            }
        }
    }
    raise_alerts(tx, identity, now, raises).map(drop)
}

/// The day of a review has passed, and nothing was recorded.
pub fn ring_plan(
    tx: &mut Tx<'_>,
    now: Instant,
    timer: &Timer,
    order: &Order,
) -> Result<Rung, StoreError> {
    for (label, standing) in standing(tx, order, now)? {
        if FactId::from(object(order.id, &label)) != timer.object_id {
            continue;
        }
        let Some(plan) = standing.and_then(|standing| standing.plan) else { break };
        let late_from = plan.late_from();
        if now < late_from {
            return Ok(Rung { raises: Vec::new(), next_at: Some(late_from) });
        }
        let says = format!(
            "{} was to look at {label} on {}; no review is on record.",
            plan.person,
            plan.review_on.format("%a %-d %b %Y")
        );
        let at = (due_key(order.id, &label, plan.review_on), late_from);
        let raises = vec![about(order, AlertKind::PlanReviewDue, at, says)];
        return Ok(Rung { raises, next_at: None });
    }
    Ok(Rung::default())
}

fn refused(refusal: PlanRefusal, day: &'static str) -> Refusal {
    let pointer = match refusal {
        PlanRefusal::NobodyNamed | PlanRefusal::PlanMissing { .. } => "/person",
        PlanRefusal::ReviewNotAhead { .. } | PlanRefusal::ReviewTooFar { .. } => day,
    };
    Refusal::field(pointer, refusal.to_string())
}

/// The latest version that has the label and what is planned for it.
fn planned(tx: &mut Tx<'_>, order: &Order, label: &str) -> Result<Option<PlanOnFile>, Refusal> {
    let plans = Plans::load(tx, order.id)?;
    for version in orders::versions(tx, order.id)?.iter().rev() {
        for (condition, _) in orders::conditions(tx, version.id)? {
            if condition.label == label {
                return Ok(plans.of(tx, version, &condition)?);
            }
        }
    }
    Err(Refusal::NotFound("condition"))
}

/// Which condition of which order is meant, and under which id it is recorded.
#[derive(Debug, Clone)]
pub struct OfCondition {
    pub order: OrderId,
    pub label: String,
    pub record: FactId,
}

/// Says who looks whether a condition is kept, and when next.
pub fn set_condition_plan(
    tx: &mut Tx<'_>,
    actor: &Actor,
    of: &OfCondition,
    body: PlanBody,
) -> Result<Recorded, Refusal> {
    let order = order_in_scope(tx, actor, of.order)?;
    planned(tx, &order, &of.label)?;
    if facts::find_taken(tx, of.record)?.is_none() {
        Plan::new(&body.person, body.review_on, actor.now.local_date(ZONE))
            .map_err(|refusal| refused(refusal, "/review_on"))?;
    }
    let says = format!(
        "{} looks whether {} is kept, next on {}.",
        body.person,
        of.label,
        body.review_on.format("%a %-d %b %Y")
    );
    let new = fact(of, (FactKind::PlanSet, actor.now), body, says);
    let recorded = record_fact(tx, actor, new)?;
    settle_plans(tx, &actor.identity, &order, actor.settling())?;
    Ok(recorded)
}

/// Records what whoever looked has found. Not kept is suspected, and somebody is told.
pub fn record_plan_review(
    tx: &mut Tx<'_>,
    actor: &Actor,
    of: &OfCondition,
    (happened_at, outcome, body): (Instant, ReviewOutcome, ReviewBody),
) -> Result<Recorded, Refusal> {
    let order = order_in_scope(tx, actor, of.order)?;
    let plan = planned(tx, &order, &of.label)?;
    let taken = facts::find_taken(tx, of.record)?;
    let before = match &taken {
        Some(fact) if fact.kind == FactKind::PlanReviewed => fact.read::<ReviewBody>()?.person,
        _ => plan.map(|plan| plan.person),
    };
    let body = ReviewBody { person: body.person.or(before), ..body };
    if taken.is_none() {
        let event = super::order_life::Event { order: order.id, record: of.record, happened_at };
        super::order_life::check_happened(actor, &order, event)?;
        let person = body.person.as_deref().unwrap_or_default();
        Plan::new(person, body.next_review_on, actor.now.local_date(ZONE))
            .map_err(|refusal| refused(refusal, "/next_review_on"))?;
    }
    let found = match outcome {
        ReviewOutcome::Kept => "nothing against it was found",
        ReviewOutcome::NotKept => "it is suspected not to be kept",
        ReviewOutcome::CannotTell => "whether it is kept cannot be told",
    };
    let says = format!(
        "{} was looked at: {found}. The next review is on {}.",
        of.label,
        body.next_review_on.format("%a %-d %b %Y")
    );
    let new = fact(of, (FactKind::PlanReviewed, happened_at), body, says.clone());
    let recorded = record_fact(tx, actor, new)?;
    if matches!(recorded, Recorded::New(_)) && outcome == ReviewOutcome::NotKept {
        let kind = AlertKind::ConditionNotKept;
        let key = format!("{kind}:{}", of.record);
        let says = format!("{says} A person decides what it is.");
        let raise: Raise = about(&order, kind, (key, happened_at), says);
        raise_alerts(tx, &actor.identity, actor.now, vec![raise])?;
    }
    settle_plans(tx, &actor.identity, &order, actor.settling())?;
    Ok(recorded)
}

fn fact<B>(
    of: &OfCondition,
    (kind, happened_at): (FactKind, Instant),
    body: B,
    says: String,
) -> NewFact<B> {
    NewFact {
        id: of.record,
        kind,
        order: of.order,
        object: object(of.order, &of.label),
        party: None,
        happened_at,
        body,
        says,
    }
}
