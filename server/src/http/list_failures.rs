//! `list_failures`: what the failures under an order came to.

use actix_web::{HttpResponse, get, web};
use compliance::deadline::Deadline;
use compliance::{Instant, Word};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{BreachStatusWord, ExcuseStatusWord, Spelled, Timestamp};
use crate::operations::Actor;
use crate::operations::breach_cases::{CaseOnFile, DecidedBody, cases_of, offence_of};
use crate::operations::excuses::{ClaimOnFile, claims_of};
use crate::operations::record_fact::{order_in_scope, record_reading};
use crate::refusal::Refusal;
use crate::store::Tx;
use crate::store::facts::Fact;
use crate::store::id::{AlertId, FactId, OrderId};
use crate::store::orders::Order;

/// What the failures under an order came to, the first first.
#[derive(Serialize, ToSchema)]
pub struct FailureList {
    pub excuse_claims: Vec<WireExcuseClaim>,
    pub breach_cases: Vec<WireBreachCase>,
}

/// A claimed excuse, and what became of it.
#[derive(Serialize, ToSchema)]
#[schema(as = ExcuseClaim)]
pub struct WireExcuseClaim {
    pub claim_id: FactId,
    pub alert_id: AlertId,
    pub status: ExcuseStatusWord,
    pub ground: String,
    pub claimed_by: String,
    pub words: String,
    pub evidence_due: WireDeadline,
    /// The claim, its evidence and its decision, in the order of time.
    pub records: Vec<Record>,
    pub rationale: Option<String>,
}

/// A suspected breach, and what became of it.
#[derive(Serialize, ToSchema)]
#[schema(as = BreachCase)]
pub struct WireBreachCase {
    pub case_id: FactId,
    pub alert_id: AlertId,
    pub status: BreachStatusWord,
    pub offence: String,
    pub offence_wording: Option<&'static str>,
    pub summary: String,
    /// When the failure was.
    pub failed_at: Timestamp,
    /// What has to happen next, and until when; nothing once it is concluded.
    pub next_due: Option<NextDue>,
    pub decisions: Vec<WireBreachDecision>,
    pub progress: Vec<Record>,
    /// From the failure to the first decision.
    pub decided_after_ms: Option<i64>,
    /// From the failure to the arrest.
    pub arrested_after_ms: Option<i64>,
}

/// When something must have been done, with its arithmetic and its basis.
#[derive(Serialize, ToSchema)]
#[schema(as = Deadline)]
pub struct WireDeadline {
    /// At this instant it is over, a millisecond before it is not.
    pub closes_at: Timestamp,
    #[schema(example = "7 days after Mon 23 Nov 2026: Mon 30 Nov 23:59:59")]
    pub arithmetic: String,
    pub basis: &'static str,
}

impl From<Deadline> for WireDeadline {
    fn from(deadline: Deadline) -> Self {
        let Deadline { closes_at, arithmetic, basis } = deadline;
        Self { closes_at: closes_at.into(), arithmetic, basis }
    }
}

/// What has to happen next with a case.
#[derive(Serialize, ToSchema)]
pub struct NextDue {
    #[schema(example = "decision")]
    pub what: &'static str,
    pub deadline: WireDeadline,
}

/// A decision, and whether a second person agreed.
#[derive(Serialize, ToSchema)]
pub struct WireBreachDecision {
    pub record: Record,
    pub disposition: String,
    pub rank: String,
    pub rationale: String,
    pub crime_reference: Option<String>,
    /// Nothing while nobody has said.
    pub is_agreed: Option<bool>,
}

fn claim(now: Instant, of: ClaimOnFile) -> WireExcuseClaim {
    let status = Spelled(of.status(now));
    let evidence_due = of.evidence_due().into();
    let rationale = of.decided.as_ref().map(|(_, body)| body.rationale.clone());
    let evidence = of.evidence.into_iter().map(|(fact, _)| fact);
    let decided = of.decided.into_iter().map(|(fact, _)| fact);
    WireExcuseClaim {
        claim_id: of.fact.id,
        alert_id: of.body.alert,
        status,
        ground: of.body.ground,
        claimed_by: of.body.claimed_by,
        words: of.body.words,
        evidence_due,
        records: std::iter::once(of.fact)
            .chain(evidence)
            .chain(decided)
            .map(Record::from)
            .collect(),
        rationale,
    }
}

fn decision(((fact, body), is_agreed): ((Fact, DecidedBody), Option<bool>)) -> WireBreachDecision {
    WireBreachDecision {
        record: fact.into(),
        disposition: body.disposition,
        rank: body.rank,
        rationale: body.rationale,
        crime_reference: body.crime_reference,
        is_agreed,
    }
}

fn case(order: &Order, of: CaseOnFile) -> WireBreachCase {
    let agreed: Vec<Option<bool>> =
        of.case.decisions.iter().map(|of| of.authorised.map(|by| by.is_agreed)).collect();
    let next_due = of
        .case
        .next_due()
        .map(|(clock, deadline)| NextDue { what: clock.as_str(), deadline: deadline.into() });
    WireBreachCase {
        case_id: of.fact.id,
        alert_id: of.body.alert,
        status: Spelled(of.status()),
        offence_wording: offence_of(order, &of.body.offence).map(|offence| offence.wording),
        offence: of.body.offence,
        summary: of.body.summary,
        failed_at: of.case.failed_at.into(),
        next_due,
        decided_after_ms: of.case.decided_after_ms(),
        arrested_after_ms: of.case.arrested_after_ms(),
        decisions: of.decisions.into_iter().zip(agreed).map(decision).collect(),
        progress: of.progress.into_iter().map(|(fact, _)| fact.into()).collect(),
    }
}

/// Lists what the failures under an order came to: claimed excuses and suspected breaches.
///
/// The reading is in the ledger.
#[utoipa::path(
    tag = "Triage",
    params(("order_id" = OrderId, Path, description = "The order")),
    responses((status = 200, description = "What they came to", body = FailureList)),
)]
#[get("/orders/{order_id}/failures")]
pub async fn list_failures(
    caller: Caller<act::ReadCase>,
    order: web::Path<OrderId>,
) -> Result<HttpResponse, Problem> {
    let (actor, id) = (caller.actor(), *order);
    let found = caller.write(move |tx| failures(tx, &actor, id)).await?;
    Ok(HttpResponse::Ok().json(found))
}

fn failures(tx: &mut Tx<'_>, actor: &Actor, id: OrderId) -> Result<FailureList, Refusal> {
    let order = order_in_scope(tx, actor, id)?;
    record_reading(tx, actor, "list_failures", id)?;
    let claims = claims_of(tx, &order)?.into_iter().map(|of| claim(actor.now, of));
    let excuse_claims = claims.collect();
    let cases = cases_of(tx, &order)?.into_iter().map(|of| case(&order, of));
    Ok(FailureList { excuse_claims, breach_cases: cases.collect() })
}
