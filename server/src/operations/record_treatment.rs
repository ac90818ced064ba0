//! Records what is arranged, what became of it and what was shown for it: treatment sessions.

use compliance::fact::FactKind;
use compliance::order::ConditionKind;
use compliance::treatment::{
    Appointment, Evidence, MovedBy, OutcomeText, RecordedOutcome, TreatmentRefusal,
};
use compliance::{Instant, Window, Word};
use serde::Serialize;

use super::Actor;
use super::clashes::{Clash, answer_clashes, settle_clashes};
use super::plans::settle_plans;
use super::raise_alerts::Settling;
use super::record_fact::{
    NewFact, Recorded, fact_in_scope, order_in_scope, record_fact, record_fact_for_service,
};
use super::referrals::rearm_referrals;
use super::treatment::{
    Cancelled, EvidenceSeen, Moved, Outcome, Scheduled, SessionOnFile, in_words, session,
    settle_session,
};
use crate::ZONE;
use crate::refusal::Refusal;
use crate::store::id::{FactId, OrderId, ProviderId};
use crate::store::orders::{self, Order};
use crate::store::{Tx, facts, providers};

/// An appointment as it is arranged.
#[derive(Debug, Clone)]
pub struct NewSession {
    pub id: FactId,
    pub order: OrderId,
    pub provider: ProviderId,
    pub label: String,
    pub programme: String,
    pub window: Window,
    pub place: String,
    pub clash_reason: Option<String>,
}

impl NewSession {
    pub fn fact(&self, happened_at: Instant) -> NewFact<Scheduled> {
        NewFact {
            id: self.id,
            kind: FactKind::SessionScheduled,
            order: self.order,
            object: self.id.uuid(),
            party: Some(self.provider.uuid()),
            happened_at,
            body: Scheduled {
                provider: self.provider,
                label: self.label.clone(),
                programme: self.programme.clone(),
                starts_at: self.window.opens_at.ms(),
                ends_at: self.window.closes_at.ms(),
                place: self.place.clone(),
                clash_reason: self.clash_reason.clone(),
            },
            says: format!("A treatment session was arranged for {}.", in_words(self.window)),
        }
    }
}

/// A session belongs to a condition that the court made: without one there is nothing to attend.
pub fn schedule_session(
    tx: &mut Tx<'_>,
    actor: &Actor,
    new: &NewSession,
) -> Result<(Recorded, Vec<Clash>), Refusal> {
    let order = order_in_scope(tx, actor, new.order)?;
    if facts::find_taken(tx, new.id)?.is_none() {
        if providers::find(tx, new.provider)?.is_none() {
            return Err(Refusal::field("/provider_id", "is no provider that we know"));
        }
        if !has_treatment(tx, order.id, &new.label)? {
            let says = "is no condition of this order that asks for treatment";
            return Err(Refusal::field("/label", says));
        }
    }
    let recorded = record_fact(tx, actor, new.fact(actor.now))?;
    settle_session(tx, &order, new.id, actor.settling())?;
    settle_plans(tx, &actor.identity, &order, actor.settling())?;
    rearm_referrals(tx, &order, actor.settling())?;
    let left = answer_clashes(tx, actor, (&order, new.id), new.clash_reason.as_deref())?;
    Ok((recorded, left))
}

pub fn has_treatment(tx: &mut Tx<'_>, order: OrderId, label: &str) -> Result<bool, Refusal> {
    for version in orders::versions(tx, order)? {
        let conditions = orders::conditions(tx, version.id)?;
        let mut conditions = conditions.iter().map(|(condition, _)| condition);
        if conditions.any(|it| it.kind == ConditionKind::Treatment && it.label == label) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// One happening to a session, not yet on file.
struct Happening<B> {
    id: FactId,
    kind: FactKind,
    happened_at: Instant,
    body: B,
    says: String,
}

/// The session and its order, if the actor may know of them.
fn known(tx: &mut Tx<'_>, actor: &Actor, id: FactId) -> Result<(SessionOnFile, Order), Refusal> {
    let kinds = [FactKind::SessionScheduled];
    let fact = fact_in_scope(tx, actor, id, &kinds, "session")?;
    Ok((session(tx, id)?, order_in_scope(tx, actor, fact.order_id)?))
}

fn add<B: Serialize>(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (session, order): (&SessionOnFile, &Order),
    happening: Happening<B>,
) -> Result<Recorded, Refusal> {
    let recorded = record_fact(tx, actor, new_fact(session, happening))?;
    settle_session(tx, order, session.id, actor.settling())?;
    Ok(recorded)
}

fn new_fact<B>(session: &SessionOnFile, happening: Happening<B>) -> NewFact<B> {
    NewFact {
        id: happening.id,
        kind: happening.kind,
        order: session.order,
        object: session.id.uuid(),
        party: Some(session.provider.uuid()),
        happened_at: happening.happened_at,
        body: happening.body,
        says: happening.says,
    }
}

/// To another time, as somebody agreed.
#[derive(Debug, Clone)]
pub struct Move {
    pub window: Window,
    pub place: Option<String>,
    pub by: MovedBy,
    pub agreed_at: Instant,
    pub reason: String,
    pub clash_reason: Option<String>,
}

pub fn move_session(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (session, id): (FactId, FactId),
    asked: &Move,
) -> Result<(Recorded, Vec<Clash>), Refusal> {
    let (session, order) = known(tx, actor, session)?;
    if facts::find_taken(tx, id)?.is_none() {
        if session.outcome.is_some() {
            return Err(Refusal::SessionHasOutcome);
        }
        if actor.now < asked.agreed_at {
            return Err(Refusal::field("/agreed_at", "is in the future"));
        }
    }
    let body = Moved {
        starts_at: asked.window.opens_at.ms(),
        ends_at: asked.window.closes_at.ms(),
        place: asked.place.clone(),
        by: asked.by.to_string(),
        agreed_at: asked.agreed_at.ms(),
        reason: asked.reason.clone(),
        clash_reason: asked.clash_reason.clone(),
    };
    let says = format!(
        "At the {}'s request, agreed on {}, the treatment session was moved to {}.",
        asked.by,
        asked.agreed_at.in_words(ZONE),
        in_words(asked.window),
    );
    let (kind, happened_at) = (FactKind::SessionMoved, asked.agreed_at);
    let happening = Happening { id, kind, happened_at, body, says };
    let recorded = add(tx, actor, (&session, &order), happening)?;
    let reason = asked.clash_reason.as_deref();
    Ok((recorded, answer_clashes(tx, actor, (&order, session.id), reason)?))
}

/// The provider or the police did not do their part.
pub fn cancel_session(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (session, id): (FactId, FactId),
    cancelled: &Cancelled,
) -> Result<Recorded, Refusal> {
    let (session, order) = known(tx, actor, session)?;
    let why = match super::treatment::appointment(&cancelled.cause)? {
        Appointment::ReferralNeverMade => "the referral was never made",
        _ => "the provider cancelled",
    };
    let says = format!(
        "The treatment session {} did not take place: {why}. That is not the subject's fault.",
        session.in_words()
    );
    let (kind, body) = (FactKind::SessionCancelled, cancelled.clone());
    let happening = Happening { id, kind, happened_at: actor.now, body, says };
    let recorded = add(tx, actor, (&session, &order), happening)?;
    settle_clashes(tx, &actor.identity, &order, actor.settling())?;
    Ok(recorded)
}

/// What the outcome is, if it can be one.
fn read_outcome(
    session: &SessionOnFile,
    outcome: &Outcome,
    now: Instant,
) -> Result<RecordedOutcome, Refusal> {
    let text = OutcomeText {
        outcome: &outcome.code,
        action: outcome.action.as_deref(),
        reason: outcome.reason.as_deref(),
        recorded_at: now,
    };
    RecordedOutcome::read(&session.session, &text).map_err(|refusal| {
        let pointer = match refusal {
            TreatmentRefusal::UnknownOutcome { .. } | TreatmentRefusal::NotYetBegun { .. } => {
                "/code"
            }
            TreatmentRefusal::UnknownAction { .. } | TreatmentRefusal::ActionRequired { .. } => {
                "/action"
            }
            TreatmentRefusal::ReasonRequired { .. } => "/reason",
        };
        Refusal::field(pointer, refusal.to_string())
    })
}

fn outcome_happening(
    session: &SessionOnFile,
    id: FactId,
    outcome: &Outcome,
    now: Instant,
) -> Result<Happening<Outcome>, Refusal> {
    let words = read_outcome(session, outcome, now)?.outcome().words;
    let whose = if outcome.is_providers_word { ", as the provider says" } else { "" };
    let says = format!("Treatment session {}: {words}{whose}.", session.in_words());
    let (kind, body) = (FactKind::SessionOutcome, outcome.clone());
    Ok(Happening { id, kind, happened_at: now, body, says })
}

/// A later outcome takes the place of an earlier one; both stay on file.
pub fn record_session_outcome(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (session, id): (FactId, FactId),
    outcome: &Outcome,
) -> Result<Recorded, Refusal> {
    let (session, order) = known(tx, actor, session)?;
    let happening = outcome_happening(&session, id, outcome, actor.now)?;
    add(tx, actor, (&session, &order), happening)
}

/// The provider's own word, through a link.
pub fn record_providers_outcome(
    tx: &mut Tx<'_>,
    now: Instant,
    (session, order): (&SessionOnFile, &Order),
    (id, outcome): (FactId, &Outcome),
) -> Result<Recorded, Refusal> {
    let happening =
        outcome_happening(session, id, outcome, now).map_err(|refusal| match refusal {
            // A provider says no code.
            Refusal::Field { says, .. } => Refusal::field("/attendance", says),
            other => other,
        })?;
    let recorded = record_fact_for_service(tx, now, new_fact(session, happening))?;
    settle_session(tx, order, session.id, Settling::resolved(now, None))?;
    Ok(recorded)
}

/// Whoever recorded an absence does not decide whether the evidence for it is good enough.
pub fn record_session_evidence(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (session, id): (FactId, FactId),
    (evidence, note): (Evidence, &str),
) -> Result<Recorded, Refusal> {
    let (session, order) = known(tx, actor, session)?;
    let is_decided = matches!(evidence, Evidence::Accepted | Evidence::Rejected);
    let recorded_by = session.outcome.as_ref().and_then(|outcome| outcome.recorded_by);
    let is_new = facts::find_taken(tx, id)?.is_none();
    if is_new && is_decided && recorded_by == Some(actor.scope.account) {
        return Err(Refusal::OtherPersonNeeded);
    }
    let body = EvidenceSeen { evidence: evidence.to_string(), note: note.to_owned() };
    let says = format!(
        "Evidence about the treatment session {} was {}.",
        session.in_words(),
        evidence.as_str()
    );
    let kind = FactKind::SessionEvidence;
    let happening = Happening { id, kind, happened_at: actor.now, body, says };
    add(tx, actor, (&session, &order), happening)
}
