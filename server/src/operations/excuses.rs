//! What was said to excuse a failure: the claim, its evidence and the decision, all facts of the case.
//! While a claim is open its alert waits for it; only an accepted claim closes the alert.

use compliance::Instant;
use compliance::alert::{AlertCloseReason, AlertKind, AlertState};
use compliance::excuse::{
    Claim, ClaimedBy, EVIDENCE_MS_MAX, ExcuseDecision, ExcuseGround, ExcuseRefusal, ExcuseStatus,
};
use compliance::fact::{FactKind, TimerKind};
use compliance::{Word, deadline::Deadline};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Actor;
use super::decide_alert::{check_is_decided, involved};
use super::escalate::{Reach, stop_sending};
use super::raise_alerts::{Settling, close};
use super::record_fact::{NewFact, Recorded, fact_in_scope, record_fact};
use super::ring_timers::{Rung, about};
use crate::refusal::Refusal;
use crate::store::alerts::{self, Alert};
use crate::store::facts::{self, Fact};
use crate::store::id::{AlertId, FactId};
use crate::store::orders::{self, Order};
use crate::store::timers::{self, Timer};
use crate::store::{StoreError, Tx};

/// Everything that is recorded of a claim.
pub const EXCUSE_FACTS: [FactKind; 3] =
    [FactKind::ExcuseClaimed, FactKind::ExcuseEvidence, FactKind::ExcuseDecided];

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ClaimBody {
    pub alert: AlertId,
    pub ground: String,
    pub claimed_by: String,
    /// What was said.
    pub words: String,
    /// A last day that was agreed; milliseconds.
    pub evidence_due_at: Option<i64>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EvidenceBody {
    /// What it is: a discharge letter, a custody record.
    pub what: String,
    pub exhibit: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DecisionBody {
    pub decision: String,
    pub rationale: String,
}

/// A claim as its facts make it.
#[derive(Debug, Clone)]
pub struct ClaimOnFile {
    pub fact: Fact,
    pub body: ClaimBody,
    pub claim: Claim,
    pub evidence: Vec<(Fact, EvidenceBody)>,
    pub decided: Option<(Fact, DecisionBody)>,
}

impl ClaimOnFile {
    pub fn status(&self, now: Instant) -> ExcuseStatus {
        self.claim.status(now)
    }

    pub fn evidence_due(&self) -> Deadline {
        self.claim.evidence_due()
    }
}

fn read_claim(tx: &mut Tx<'_>, fact: Fact) -> Result<ClaimOnFile, StoreError> {
    let body: ClaimBody = fact.read()?;
    let about = facts::of_object(tx, fact.id.uuid())?;
    let mut evidence = Vec::new();
    let mut decided = None;
    for fact in about {
        match fact.kind {
            FactKind::ExcuseEvidence => evidence.push((fact.clone(), fact.read()?)),
            FactKind::ExcuseDecided => decided = Some((fact.clone(), fact.read()?)),
            _ => {}
        }
    }
    let failed_at =
        alerts::find_to_send(tx, body.alert)?.map_or(fact.happened_at, |alert| alert.concerns_at);
    let read = |(_, body): &(Fact, DecisionBody)| ExcuseDecision::parse(&body.decision);
    let claim = Claim {
        failed_at,
        taken_by: fact.recorded_by.map_or_else(Uuid::nil, |by| by.uuid()),
        evidence_due_at: body.evidence_due_at.map(Instant::from_ms),
        evidence_at: evidence.first().map(|(fact, _)| fact.happened_at),
        decision: decided.as_ref().and_then(read),
    };
    Ok(ClaimOnFile { fact, body, claim, evidence, decided })
}

/// Of an order, the first recorded first.
pub fn claims_of(tx: &mut Tx<'_>, order: &Order) -> Result<Vec<ClaimOnFile>, StoreError> {
    let found = facts::of_order(tx, order.id, &[FactKind::ExcuseClaimed])?;
    found.into_iter().map(|fact| read_claim(tx, fact)).collect()
}

/// An alert about an order that a person has to decide, and that is not decided yet.
pub fn open_alert(tx: &mut Tx<'_>, actor: &Actor, id: AlertId) -> Result<(Alert, Order), Refusal> {
    let alert = alerts::find(tx, actor.scope, id)?.ok_or(Refusal::NotFound("alert"))?;
    check_is_decided(alert.kind)?;
    let order = match alert.order_id {
        Some(order) => orders::find_for_service(tx, order)?,
        None => None,
    };
    match order {
        None => Err(Refusal::AlertNeedsDeed("It is about no order: decide it outright.")),
        Some(_) if alert.state == AlertState::Closed => Err(Refusal::AlertIsClosed),
        Some(order) => Ok((alert, order)),
    }
}

/// What is claimed, about which alert, and under which id.
#[derive(Debug, Clone)]
pub struct NewClaim {
    pub record: FactId,
    pub alert: AlertId,
    pub happened_at: Instant,
    pub ground: ExcuseGround,
    pub claimed_by: ClaimedBy,
    pub words: String,
    pub evidence_due_at: Option<Instant>,
}

/// Takes a claim down. The alert is the taker's, and waits until the evidence is due.
pub fn claim_excuse(tx: &mut Tx<'_>, actor: &Actor, new: &NewClaim) -> Result<Recorded, Refusal> {
    let before = facts::find_taken(tx, new.record)?.is_some();
    let alert = alerts::find(tx, actor.scope, new.alert)?.ok_or(Refusal::NotFound("alert"))?;
    if !before {
        open_alert(tx, actor, new.alert)?;
    }
    let order = alert.order_id.ok_or(Refusal::NotFound("alert"))?;
    if new.happened_at > actor.now {
        return Err(Refusal::field("/happened_at", "is in the future"));
    }
    let latest = alert.concerns_at + EVIDENCE_MS_MAX;
    if new.evidence_due_at.is_some_and(|due_at| due_at <= new.happened_at || due_at > latest) {
        let says = "is after the claim, and at most 56 days after the failure";
        return Err(Refusal::field("/evidence_due_at", says));
    }
    let body = ClaimBody {
        alert: new.alert,
        ground: new.ground.to_string(),
        claimed_by: new.claimed_by.to_string(),
        words: new.words.clone(),
        evidence_due_at: new.evidence_due_at.map(Instant::ms),
    };
    let ground = new.ground.as_str().replace('_', " ");
    let recorded = record_fact(
        tx,
        actor,
        NewFact {
            id: new.record,
            kind: FactKind::ExcuseClaimed,
            order,
            object: new.record.uuid(),
            party: Some(new.alert.uuid()),
            happened_at: new.happened_at,
            body,
            says: format!("An excuse was claimed: {ground}. It is one when somebody accepts it."),
        },
    )?;
    if let Recorded::New(fact) = &recorded {
        settle_claim(tx, actor, fact.clone())?;
    }
    Ok(recorded)
}

/// Of evidence and decisions: the claim, in the actor's scope.
fn claim_in_scope(tx: &mut Tx<'_>, actor: &Actor, id: FactId) -> Result<ClaimOnFile, Refusal> {
    let fact = fact_in_scope(tx, actor, id, &[FactKind::ExcuseClaimed], "excuse claim")?;
    Ok(read_claim(tx, fact)?)
}

/// Puts evidence on file, also after it was due.
pub fn record_excuse_evidence(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (claim, record): (FactId, FactId),
    (happened_at, body): (Instant, EvidenceBody),
) -> Result<Recorded, Refusal> {
    let on_file = claim_in_scope(tx, actor, claim)?;
    if happened_at > actor.now {
        return Err(Refusal::field("/happened_at", "is in the future"));
    }
    let new = NewFact {
        id: record,
        kind: FactKind::ExcuseEvidence,
        order: on_file.fact.order_id,
        object: claim.uuid(),
        party: Some(on_file.body.alert.uuid()),
        happened_at,
        says: format!("Evidence for the excuse was received: {}.", body.what),
        body,
    };
    let recorded = record_fact(tx, actor, new)?;
    if matches!(recorded, Recorded::New(_)) {
        settle_claim(tx, actor, on_file.fact)?;
    }
    Ok(recorded)
}

/// Somebody other than the one who took it, or confirmed, decides. Accepted, it closes the alert.
pub fn decide_excuse(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (claim, record): (FactId, FactId),
    (decision, rationale): (ExcuseDecision, &str),
) -> Result<Recorded, Refusal> {
    let on_file = claim_in_scope(tx, actor, claim)?;
    let alert = alerts::find(tx, actor.scope, on_file.body.alert)?;
    let alert = alert.ok_or(Refusal::NotFound("alert"))?;
    if facts::find_taken(tx, record)?.is_none() {
        let involved = involved(tx, &alert)?;
        let by = actor.scope.account.uuid();
        on_file.claim.check(decision, (by, &involved), rationale)?;
    }
    let body = DecisionBody { decision: decision.to_string(), rationale: rationale.to_owned() };
    let new = NewFact {
        id: record,
        kind: FactKind::ExcuseDecided,
        order: on_file.fact.order_id,
        object: claim.uuid(),
        party: Some(on_file.body.alert.uuid()),
        happened_at: actor.now,
        body,
        says: format!("The excuse was {decision}."),
    };
    let recorded = record_fact(tx, actor, new)?;
    if matches!(recorded, Recorded::New(_)) {
        settle_claim(tx, actor, on_file.fact)?;
    }
    Ok(recorded)
}

impl From<ExcuseRefusal> for Refusal {
    fn from(refusal: ExcuseRefusal) -> Self {
        match refusal {
            ExcuseRefusal::OtherPersonNeeded => Self::OtherPersonNeeded,
            ExcuseRefusal::Decided => Self::CaseNotReady(refusal.to_string()),
            ExcuseRefusal::NoRationale | ExcuseRefusal::NoEvidence => {
                Self::field("/rationale", refusal.to_string())
            }
        }
    }
}

fn lapsed_key(claim: FactId) -> String {
    format!("{}:{claim}", AlertKind::ExcuseLapsed)
}

/// Puts alert and timer in line with what is on file of a claim.
fn settle_claim(tx: &mut Tx<'_>, actor: &Actor, fact: Fact) -> Result<(), Refusal> {
    let on_file = read_claim(tx, fact)?;
    let (id, order) = (on_file.fact.id, on_file.fact.order_id);
    timers::set(tx, order, (TimerKind::ExcuseEvidence, id.uuid()), on_file.claim.lapses_at())?;
    let status = on_file.status(actor.now);
    if status != ExcuseStatus::Lapsed {
        actor.settling().close(tx, &lapsed_key(id))?;
    }
    let Some(alert) = alerts::find_to_send(tx, on_file.body.alert)? else { return Ok(()) };
    if alert.state == AlertState::Closed {
        return Ok(());
    }
    if status == ExcuseStatus::Accepted {
        let by = Some(actor.scope.account);
        return Ok(close(tx, actor.now, &alert, AlertCloseReason::Excused, by)?);
    }
    // It is in somebody's hands: until the evidence is due, or has to be decided.
    let reach = Reach::load(tx, actor.now, std::iter::once(alert.order_id))?;
    let decide_at = actor.now + reach.ladder((&alert).into()).decide_within_ms;
    let climbs_at =
        on_file.claim.lapses_at().map_or(decide_at, |lapses_at| lapses_at.max(actor.now));
    stop_sending(tx, actor.now, &alert, "excuse_claimed")?;
    let taker = alert.acknowledged_by.unwrap_or(actor.scope.account);
    let taken_at = alert.acknowledged_at.unwrap_or(actor.now);
    alerts::acknowledge(tx, alert.id, (taker, taken_at), climbs_at)?;
    Ok(())
}

/// Without evidence in time a claim has lapsed. That is raised, and closes nothing.
pub fn ring_excuse(
    tx: &mut Tx<'_>,
    now: Instant,
    timer: &Timer,
    order: &Order,
) -> Result<Rung, StoreError> {
    let Some(fact) = facts::find_standing(tx, timer.object_id)? else { return Ok(Rung::default()) };
    let on_file = read_claim(tx, fact)?;
    if on_file.status(now) != ExcuseStatus::Lapsed {
        return Ok(Rung { next_at: on_file.claim.lapses_at(), ..Rung::default() });
    }
    let due = on_file.evidence_due();
    let says = format!(
        "No evidence for the claimed excuse came in time ({}). The failure stands as it was.",
        due.arithmetic
    );
    let key = lapsed_key(on_file.fact.id);
    let raise = about(order, AlertKind::ExcuseLapsed, (key, due.closes_at), says);
    Ok(Rung { raises: vec![raise], next_at: None })
}

/// A claim that was a mistake, or what was recorded of one: what it led to is taken back.
pub fn take_back_excuse(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (order, mistaken): (&Order, &Fact),
    settling: Settling,
) -> Result<(), Refusal> {
    if mistaken.kind == FactKind::ExcuseClaimed {
        timers::set(tx, order.id, (TimerKind::ExcuseEvidence, mistaken.id.uuid()), None)?;
        settling.close(tx, &lapsed_key(mistaken.id))?;
        return Ok(());
    }
    let Some(claim) = facts::find_taken(tx, mistaken.object_id)? else { return Ok(()) };
    let body: ClaimBody = claim.read()?;
    let alert = alerts::find_to_send(tx, body.alert)?;
    let was_excused =
        |alert: &Alert| alert.close_reason.as_deref() == Some(AlertCloseReason::Excused.as_str());
    if mistaken.kind == FactKind::ExcuseDecided
        && let Some(alert) = alert.filter(was_excused)
    {
        super::raise_alerts::reopen(tx, &actor.identity, actor.now, &alert)?;
    }
    settle_claim(tx, actor, claim)
}
