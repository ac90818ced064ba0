//! What the misses of the last days come to: excuses taken and refused, suspected breaches decided, and
//! both still open.

use compliance::Instant;
use compliance::access::Role;
use compliance::alert::{AlertKind, AlertState};
use compliance::breach_case::{BreachStep, Disposition, Rank};
use compliance::excuse::{ClaimedBy, ExcuseDecision, ExcuseGround};
use compliance::instant::{DAY_MS, HOUR_MS};

use super::{Event, History, HistoryError};
use crate::identity::Identity;
use crate::operations::Actor;
use crate::operations::breach_cases::{
    NewCase, NewDecision, ProgressedBody, decide_breach, open_breach_case, record_breach_progress,
};
use crate::operations::excuses::{
    EvidenceBody, NewClaim, claim_excuse, decide_excuse, record_excuse_evidence,
};
use crate::refusal::Refusal;
use crate::store::id::{AlertId, FactId};
use crate::store::scope::Scope;
use crate::store::{Tx, alerts, orders};

/// Misses before the last days are decided outright.
const LAST_MS: i64 = 5 * DAY_MS;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Excuse(Option<ExcuseDecision>),
    Breach(Option<Disposition>),
}

/// One after the other; what comes after them is decided outright.
const OUTCOMES: [Outcome; 7] = [
    Outcome::Excuse(Some(ExcuseDecision::Accepted)),
    Outcome::Breach(Some(Disposition::Arrested)),
    Outcome::Excuse(Some(ExcuseDecision::Rejected)),
    // A second person has to agree, and has not yet.
    Outcome::Breach(Some(Disposition::Warning)),
    Outcome::Breach(Some(Disposition::VoluntaryInterview)),
    Outcome::Excuse(None),
    Outcome::Breach(None),
];

/// What follows what somebody has begun.
#[derive(Debug, Clone, Copy)]
pub(super) enum Deed {
    Evidence(FactId),
    Excuse(FactId, ExcuseDecision),
    Breach(FactId, Disposition),
    Progress(FactId, BreachStep, &'static str),
}

impl History {
    /// Begins what a miss comes to, if it comes to more than a decision.
    pub(super) async fn begin_outcome(
        &mut self,
        alert: AlertId,
        now: Instant,
    ) -> Result<bool, HistoryError> {
        let Some(outcome) = OUTCOMES.get(self.outcomes).copied() else { return Ok(false) };
        if now < self.ends_at + -LAST_MS {
            return Ok(false);
        }
        let identity = self.identity.clone();
        let record: FactId = identity.id(now);
        let begin = move |tx: &mut Tx<'_>| begin(tx, &identity, now, (alert, record, outcome));
        if !self.store.write(begin).await? {
            return Ok(false);
        }
        self.outcomes += 1;
        for (after_ms, deed) in follows(record, outcome) {
            self.plan(now + after_ms, Event::Deed(deed));
        }
        Ok(true)
    }

    /// By a supervisor, who is not whoever began it.
    pub(super) async fn follow_outcome(
        &self,
        deed: Deed,
        now: Instant,
    ) -> Result<(), HistoryError> {
        let Some(actor) = self.by_supervisor(now) else { return Ok(()) };
        let id: FactId = self.identity.id(now);
        self.store.write(move |tx| act(tx, &actor, id, deed)).await?;
        Ok(())
    }
}

fn follows(record: FactId, outcome: Outcome) -> Vec<(i64, Deed)> {
    match outcome {
        Outcome::Excuse(None) | Outcome::Breach(None) => Vec::new(),
        Outcome::Excuse(Some(decision)) => vec![
            (5 * HOUR_MS, Deed::Evidence(record)),
            (7 * HOUR_MS, Deed::Excuse(record, decision)),
        ],
        Outcome::Breach(Some(Disposition::Arrested)) => vec![
            (HOUR_MS, Deed::Breach(record, Disposition::Arrested)),
            (4 * HOUR_MS, Deed::Progress(record, BreachStep::Arrest, "Custody record 0412/26")),
            (11 * HOUR_MS, Deed::Progress(record, BreachStep::Charge, "Charge sheet 26/1187")),
        ],
        Outcome::Breach(Some(disposition)) => {
            vec![(2 * HOUR_MS, Deed::Breach(record, disposition))]
        }
    }
}

/// By whoever owns the order. Only a miss that is still open, on an order that has offences.
fn begin(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
    (alert, record, outcome): (AlertId, FactId, Outcome),
) -> Result<bool, Refusal> {
    let Some(found) = alerts::find_to_send(tx, alert)? else { return Ok(false) };
    if found.kind != AlertKind::MissedSignOn || found.state == AlertState::Closed {
        return Ok(false);
    }
    let Some(order) = found.order_id else { return Ok(false) };
    let order = orders::find_for_service(tx, order)?;
    let Some((order, owner)) = order.and_then(|it| it.owner_id.map(|owner| (it, owner))) else {
        return Ok(false);
    };
    let Some(offence) = order.kind.row().offences.first() else { return Ok(false) };
    let scope = Scope { account: owner, role: Role::Owner };
    let actor = Actor { scope, now, identity: identity.clone() };
    match outcome {
        Outcome::Excuse(_) => claim_excuse(
            tx,
            &actor,
            &NewClaim {
                record,
                alert,
                happened_at: now,
                ground: ExcuseGround::InHospital,
                claimed_by: ClaimedBy::Relative,
                words: "Rang to say that he was kept in hospital overnight.".to_owned(),
                evidence_due_at: None,
            },
        )?,
        Outcome::Breach(_) => open_breach_case(
            tx,
            &actor,
            &NewCase {
                record,
                alert,
                offence: offence.code.to_owned(),
                summary: "Did not sign on, and was seen in town in the window.".to_owned(),
            },
        )?,
    };
    Ok(true)
}

fn act(tx: &mut Tx<'_>, actor: &Actor, id: FactId, deed: Deed) -> Result<(), Refusal> {
    match deed {
        Deed::Evidence(claim) => {
            let body = EvidenceBody {
                what: "Letter of the ward, with the times of admission and discharge".to_owned(),
                exhibit: Some("RA/1".to_owned()),
            };
            record_excuse_evidence(tx, actor, (claim, id), (actor.now, body)).map(drop)
        }
        Deed::Excuse(claim, decision) => {
            let rationale = match decision {
                ExcuseDecision::Accepted => "The ward confirms the times by telephone.",
                _ => "The letter is of another day, and the ward knows of no stay.",
            };
            decide_excuse(tx, actor, (claim, id), (decision, rationale)).map(drop)
        }
        Deed::Breach(case, disposition) => {
            let new = NewDecision {
                disposition,
                rank: Rank::Sergeant,
                rationale: "No excuse was given, and the counter's records are complete."
                    .to_owned(),
                crime_reference: Some("26/0041877".to_owned()),
            };
            decide_breach(tx, actor, (case, id), &new).map(drop)
        }
        Deed::Progress(case, step, reference) => {
            let body = ProgressedBody {
                step: step.to_string(),
                reference: reference.to_owned(),
                note: String::new(),
            };
            record_breach_progress(tx, actor, (case, id), (actor.now, body)).map(drop)
        }
    }
}
