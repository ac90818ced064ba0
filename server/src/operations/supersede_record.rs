//! Calls a fact a mistake, and takes back what followed from it: what is reckoned from facts is reckoned
//! anew, alerts that hung on the fact close and say so, obligations are put back. Facts whose
//! consequences cannot be taken back are refused, with what to do instead.

use compliance::alert::{AlertCloseReason, AlertKind};
use compliance::fact::{FactKind, TimerKind};
use compliance::order_status::{EndReason, ServiceOutcome};
use compliance::{Instant, Word};

use super::Actor;
use super::breach_cases::{CASE_FACTS, take_back_case};
use super::devices::look_again;
use super::excuses::{EXCUSE_FACTS, take_back_excuse};
use super::notification::rearm_because;
use super::order_life::{
    AppealBody, EndBody, ServiceBody, rearm_expiry, rearm_serving, service_attempts,
};
use super::persons::{PERSON_FACTS, show_anew};
use super::put_back::{ask_again_after, judge_anew, not_bound_until};
use super::raise_alerts::Settling;
use super::record_fact::{fact_in_scope, supersede_fact};
use super::settle_terms::settle_terms;
use super::transfer::{AnswerBody, TransferBody, rearm_answer};
use super::treatment::{SESSION_FACTS, sessions_of, settle_session};
use crate::refusal::Refusal;
use crate::store::facts::{self, Fact};
use crate::store::id::FactId;
use crate::store::orders::{self, Order};
use crate::store::{Tx, obligations, timers, zone_stays};

/// How a kind of fact is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenBack {
    /// What it led to is reckoned anew without it.
    Reckoned,
    /// It is not: what to do instead.
    Refused(&'static str),
}

/// Exhaustive: a new kind of fact does not compile until somebody has said what hangs on it.
pub fn taken_back(kind: FactKind) -> TakenBack {
    match kind {
        FactKind::OrderRecorded | FactKind::VersionRecorded | FactKind::OrderMade => {
            TakenBack::Refused(
                "what the court made stays on file: record a version that corrects it, or end the \
                 order",
            )
        }
        FactKind::DraftWithdrawn => {
            TakenBack::Refused("the draft was given up: put a new one on file")
        }
        FactKind::OwnersAssigned => {
            TakenBack::Refused("say who answers for the order now: assign the owners anew")
        }
        FactKind::FeedStarted => {
            TakenBack::Refused("positions hang on the feed: end it, and begin the right one")
        }
        FactKind::FeedEnded => {
            TakenBack::Refused("a feed that has ended stays so: begin another one")
        }
        FactKind::ServiceAttempted
        | FactKind::OrderEnded
        | FactKind::AppealLodged
        | FactKind::AppealDecided
        | FactKind::TransferRequested
        | FactKind::TransferAnswered
        | FactKind::StatusPeriod
        | FactKind::ProtectedTime
        | FactKind::ClashReasonGiven
        | FactKind::PlanSet
        | FactKind::PlanReviewed
        | FactKind::ReferralMade
        | FactKind::SessionScheduled
        | FactKind::SessionMoved
        | FactKind::SessionCancelled
        | FactKind::SessionOutcome
        | FactKind::SessionEvidence
        | FactKind::DeviceRegistered
        | FactKind::PresentationRequested
        | FactKind::RequestCommunicated
        | FactKind::PresentationAnswered
        | FactKind::DeviceExamined
        | FactKind::NotificationGiven
        | FactKind::DetailsChanged
        | FactKind::IdentityAsked
        | FactKind::NotificationExempted
        | FactKind::ExcuseClaimed
        | FactKind::ExcuseEvidence
        | FactKind::ExcuseDecided
        | FactKind::BreachCaseOpened
        | FactKind::BreachDecided
        | FactKind::BreachAuthorised
        | FactKind::BreachProgressed
        | FactKind::WarningRecorded
        | FactKind::WarningEnded
        | FactKind::PhotoRecorded
        | FactKind::Sighting
        | FactKind::TaskAdded
        | FactKind::TaskReassigned
        | FactKind::TaskDone => TakenBack::Reckoned,
    }
}

/// The same again is answered as before.
pub fn supersede_record(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: FactId,
    (by, reason): (Option<FactId>, &str),
) -> Result<Fact, Refusal> {
    let mistaken = fact_in_scope(tx, actor, id, FactKind::ALL, "record")?;
    if mistaken.superseded_at.is_some() {
        let is_same =
            mistaken.superseded_by == by && mistaken.superseded_reason.as_deref() == Some(reason);
        let refusal = Refusal::AlreadySuperseded(id.to_string());
        return if is_same { Ok(mistaken) } else { Err(refusal) };
    }
    if let TakenBack::Refused(instead) = taken_back(mistaken.kind) {
        return Err(Refusal::CannotSupersede(instead.to_owned()));
    }
    if let Some(by) = by {
        let found = facts::find(tx, actor.scope, by)?.filter(|found| {
            found.id != id
                && found.superseded_at.is_none()
                && (found.kind, found.order_id) == (mistaken.kind, mistaken.order_id)
        });
        if found.is_none() {
            let says = "is no record of this kind about this order";
            return Err(Refusal::field("/replaced_by", says));
        }
    }
    check_nothing_hangs_on(tx, &mistaken)?;
    supersede_fact(tx, actor, (&mistaken, by), reason)?;
    let order =
        orders::find_for_service(tx, mistaken.order_id)?.ok_or(Refusal::NotFound("order"))?;
    take_back(tx, actor, &order, &mistaken)?;
    // Taking it back may have changed the order's own row.
    let order = orders::find_for_service(tx, order.id)?.ok_or(Refusal::NotFound("order"))?;
    settle_terms(tx, &actor.identity, &order, in_error(actor))?;
    facts::find(tx, actor.scope, id)?.ok_or(Refusal::NotFound("record"))
}

/// A fact that others are about cannot go before they do.
fn check_nothing_hangs_on(tx: &mut Tx<'_>, mistaken: &Fact) -> Result<(), Refusal> {
    let begins = [
        FactKind::AppealLodged,
        FactKind::TransferRequested,
        FactKind::SessionScheduled,
        FactKind::PresentationRequested,
        FactKind::ExcuseClaimed,
        FactKind::BreachCaseOpened,
        FactKind::TaskAdded,
    ];
    let others = facts::of_object(tx, mistaken.id.uuid())?;
    let hangs = begins.contains(&mistaken.kind) && others.iter().any(|it| it.id != mistaken.id);
    // An outcome is that of the session at the time that it was moved to.
    let is_outcome = |it: &Fact| it.kind == FactKind::SessionOutcome;
    let is_held = mistaken.kind == FactKind::SessionMoved
        && facts::of_object(tx, mistaken.object_id.uuid())?.iter().any(is_outcome);
    let named = match mistaken.kind {
        FactKind::DeviceRegistered => {
            let kinds = [FactKind::PresentationRequested, FactKind::DeviceExamined];
            let id = mistaken.id.to_string();
            facts::of_order(tx, mistaken.order_id, &kinds)?.iter().any(|it| it.body.contains(&id))
        }
        FactKind::Sighting => {
            zone_stays::of_record(tx, mistaken.id)?.iter().any(|stay| stay.began_at != stay.last_at)
        }
        FactKind::DetailsChanged => {
            let id = mistaken.id.to_string();
            let given = facts::of_order(tx, mistaken.order_id, &[FactKind::NotificationGiven])?;
            given.iter().any(|it| it.body.contains(&id))
        }
        _ => false,
    };
    if hangs || is_held || named {
        let says = "other records are about it: call those mistakes first";
        return Err(Refusal::CannotSupersede(says.to_owned()));
    }
    Ok(())
}

fn in_error(actor: &Actor) -> Settling {
    Settling { why: AlertCloseReason::EnteredInError, ..actor.settling() }
}

fn close(tx: &mut Tx<'_>, actor: &Actor, key: &str) -> Result<(), Refusal> {
    Ok(in_error(actor).close(tx, key)?)
}

fn take_back(
    tx: &mut Tx<'_>,
    actor: &Actor,
    order: &Order,
    mistaken: &Fact,
) -> Result<(), Refusal> {
    match mistaken.kind {
        FactKind::ServiceAttempted => take_back_service(tx, actor, order, mistaken)?,
        FactKind::OrderEnded => take_back_end(tx, actor, order)?,
        FactKind::AppealLodged => {
            let body: AppealBody = mistaken.read()?;
            if let Some(from) = body.stayed_from {
                judge_anew(tx, actor, order, Instant::from_ms(from))?;
            }
        }
        FactKind::AppealDecided => judge_anew(tx, actor, order, mistaken.happened_at)?,
        FactKind::StatusPeriod => {
            timers::set(tx, order.id, (TimerKind::StatusPeriodEnd, mistaken.id.uuid()), None)?;
            close(tx, actor, &format!("status_period_ended:{}", mistaken.id))?;
            judge_anew(tx, actor, order, mistaken.happened_at)?;
        }
        FactKind::TransferRequested => {
            timers::set(tx, order.id, (TimerKind::TransferAnswer, mistaken.id.uuid()), None)?;
            close(tx, actor, &format!("transfer_unanswered:{}", mistaken.id))?;
        }
        FactKind::TransferAnswered => take_back_answer(tx, actor, order, mistaken)?,
        kind if SESSION_FACTS.contains(&kind) => {
            settle_session(tx, order, mistaken.object_id, in_error(actor))?;
        }
        FactKind::PresentationRequested => {
            timers::set(tx, order.id, (TimerKind::PresentationRequest, mistaken.id.uuid()), None)?;
            close_request(tx, actor, mistaken.id)?;
            obligations::touch(tx, &[order.id], actor.now)?;
        }
        FactKind::RequestCommunicated | FactKind::PresentationAnswered => {
            close_request(tx, actor, mistaken.object_id)?;
            look_again(tx, actor, order.id, mistaken.object_id)?;
        }
        FactKind::DeviceRegistered | FactKind::DeviceExamined => {
            close(tx, actor, &format!("device_suspicion:{}", mistaken.id))?;
        }
        FactKind::NotificationGiven
        | FactKind::DetailsChanged
        | FactKind::IdentityAsked
        | FactKind::NotificationExempted => {
            rearm_because(tx, order, actor.now, AlertCloseReason::EnteredInError)?;
        }
        kind if PERSON_FACTS.contains(&kind) => show_anew(tx, order.subject_id, actor.now)?,
        kind if EXCUSE_FACTS.contains(&kind) => {
            take_back_excuse(tx, actor, (order, mistaken), in_error(actor))?;
        }
        kind if CASE_FACTS.contains(&kind) => {
            take_back_case(tx, actor, (order, mistaken), in_error(actor))?;
        }
        FactKind::Sighting => take_back_sighting(tx, actor, mistaken)?,
        FactKind::PlanReviewed => close(tx, actor, &format!("condition_not_kept:{}", mistaken.id))?,
        _ => {}
    }
    Ok(())
}

fn close_request(tx: &mut Tx<'_>, actor: &Actor, request: FactId) -> Result<(), Refusal> {
    for kind in [AlertKind::DeviceNotPresented, AlertKind::RequestNotProved] {
        close(tx, actor, &format!("{kind}:{request}"))?;
    }
    Ok(())
}

/// The earliest service that is still on record makes the order bind.
fn take_back_service(
    tx: &mut Tx<'_>,
    actor: &Actor,
    order: &Order,
    mistaken: &Fact,
) -> Result<(), Refusal> {
    let body: ServiceBody = mistaken.read()?;
    if body.outcome != ServiceOutcome::Served.as_str() {
        return Ok(());
    }
    let attempts = service_attempts(tx, order)?.into_iter();
    let served = attempts.filter(|(_, body)| body.outcome == ServiceOutcome::Served.as_str());
    let served_at = served.map(|(fact, _)| fact.happened_at).chain(order.intake_served_at).min();
    if served_at == order.served_at {
        return Ok(());
    }
    let changed = Order { served_at, ..order.clone() };
    orders::update(tx, &changed, actor.now)?;
    not_bound_until(tx, actor, &changed)?;
    rearm_serving(tx, &changed, actor.now)?;
    rearm_because(tx, &changed, actor.now, AlertCloseReason::EnteredInError).map_err(Refusal::from)
}

/// What ended it before, if anything did, is what ends it; what the mistake took away is due again.
fn take_back_end(tx: &mut Tx<'_>, actor: &Actor, order: &Order) -> Result<(), Refusal> {
    let Some(ended_at) = order.ended_at else { return Ok(()) };
    let first = facts::of_order(tx, order.id, &[FactKind::OrderEnded])?.into_iter().next();
    let reason = match &first {
        Some(fact) => EndReason::parse(&fact.read::<EndBody>()?.reason),
        None => None,
    };
    let changed = Order {
        ended_at: first.map(|fact| fact.happened_at),
        end_reason: reason.map(|reason| reason.to_string()),
        ..order.clone()
    };
    orders::update(tx, &changed, actor.now)?;
    ask_again_after(tx, &changed, ended_at, actor.now)?;
    rearm_expiry(tx, &changed, actor.now)?;
    rearm_serving(tx, &changed, actor.now)?;
    rearm_because(tx, &changed, actor.now, AlertCloseReason::EnteredInError)?;
    for session in sessions_of(facts::of_order(tx, order.id, &SESSION_FACTS)?)? {
        settle_session(tx, &changed, session.id, in_error(actor))?;
    }
    rearm_others(tx, &changed, actor.now)
}

/// The timers of what was begun and is not finished: they went with the order's end.
fn rearm_others(tx: &mut Tx<'_>, order: &Order, now: Instant) -> Result<(), Refusal> {
    for fact in facts::of_order(tx, order.id, &[FactKind::PresentationRequested])? {
        timers::set(tx, order.id, (TimerKind::PresentationRequest, fact.id.uuid()), Some(now))?;
    }
    for fact in facts::of_order(tx, order.id, &[FactKind::StatusPeriod])? {
        timers::set(tx, order.id, (TimerKind::StatusPeriodEnd, fact.id.uuid()), Some(now))?;
    }
    for fact in facts::of_order(tx, order.id, &[FactKind::TransferRequested])? {
        rearm_answer(tx, &fact)?;
    }
    super::feeds::watch_order(tx, order.id)?;
    Ok(())
}

/// The force that was the last to accept the order has it; the one that asked for it before any did.
fn take_back_answer(
    tx: &mut Tx<'_>,
    actor: &Actor,
    order: &Order,
    mistaken: &Fact,
) -> Result<(), Refusal> {
    let mut force = order.making_force.clone();
    for fact in facts::of_order(tx, order.id, &[FactKind::TransferAnswered])? {
        let asked = facts::find_taken(tx, fact.object_id)?;
        if fact.read::<AnswerBody>()?.is_accepted
            && let Some(asked) = asked
        {
            force = asked.read::<TransferBody>()?.to_force;
        }
    }
    orders::update(tx, &Order { managing_force: force, ..order.clone() }, actor.now)?;
    if let Some(asked) = facts::find_taken(tx, mistaken.object_id)? {
        rearm_answer(tx, &asked)?;
    }
    Ok(())
}

fn take_back_sighting(tx: &mut Tx<'_>, actor: &Actor, mistaken: &Fact) -> Result<(), Refusal> {
    for stay in zone_stays::of_record(tx, mistaken.id)? {
        let kinds =
            [AlertKind::ZoneEntered, AlertKind::ZoneEnteredToVerify, AlertKind::ZoneUncertain];
        for kind in kinds {
            close(tx, actor, &format!("{kind}:{}:{}", stay.condition_id, mistaken.id))?;
        }
        zone_stays::delete(tx, stay.id)?;
    }
    Ok(())
}
