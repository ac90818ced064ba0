//! `explain_finding`: why a finding is what it is, as known then and as known now.

use actix_web::{HttpResponse, get, web};
use compliance::Instant;
use compliance::attendance::Finding as FoundByRules;
use compliance::order::OrderKind;
use compliance::replay::{Line, Verdict};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::caller::{Caller, act};
use super::get_check_in::WireFinding;
use super::problem::Problem;
use super::wire::{
    CertaintyWord, ComplianceWord, DutyStandingWord, FactChangeWord, ObligationStateWord,
    OutcomeWord, Spelled, StepAnswerWord, StepBasisWord, Timestamp, VersionReasonWord,
};
use crate::identity::hex;
use crate::operations::explain_finding::{
    Cited, Difference, RulesInForce, Why, explain_finding as explain,
};
use crate::store::id::{
    CheckInId, ConditionId, FindingId, ObligationId, OrderId, OrderVersionId, StationId,
};

/// What the explanation cannot tell, said in every answer.
const NOT_EXPLAINED: [&str; 2] = [
    "A station's ground and opening hours are taken as they are now: what they were before a change is \
     not on file. Closures are taken as they were known.",
    "What the order's intake stated of its service is taken as known from the day the order was put on \
     file.",
];

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhyQuery {
    /// By what was on file at this instant; when the finding was made, or the alert raised, if left out.
    as_known_at: Option<Timestamp>,
}

impl WhyQuery {
    pub fn known_at(&self) -> Option<Instant> {
        self.as_known_at.map(|at| at.0)
    }
}

/// Why a finding is what it is.
#[derive(Serialize, ToSchema)]
pub struct FindingExplanation {
    pub finding: WireFinding,
    pub duty: ExplainedDuty,
    pub order_version: ExplainedVersion,
    pub condition: ExplainedCondition,
    pub rules: WireRules,
    /// The very finding again, from what was known when it was made, by the rules of now.
    pub made_again: FindingAgain,
    /// What the duty came to, by what was on file at the instant that was asked for.
    pub as_known_then: KnownVerdict,
    /// The same by what is on file now.
    pub as_known_now: KnownVerdict,
    /// What came on file, and what was called a mistake, between the two.
    pub differences: Vec<WireDifference>,
    /// Everything on file that bears on the duty, as it came in; steps name these by id.
    pub facts: Vec<CitedFact>,
    /// What this explanation cannot tell.
    pub not_explained: Vec<&'static str>,
}

/// The duty that a finding is about.
#[derive(Serialize, ToSchema)]
pub struct ExplainedDuty {
    pub obligation_id: ObligationId,
    pub order_id: OrderId,
    #[schema(example = "SPO/26/0001")]
    pub order_reference: String,
    pub check_in_id: Option<CheckInId>,
    pub station_id: StationId,
    pub opens_at: Timestamp,
    /// At this instant it is over, a millisecond before it is not.
    pub closes_at: Timestamp,
    pub state: ObligationStateWord,
}

/// The version of the order in force when the window closes.
#[derive(Serialize, ToSchema)]
pub struct ExplainedVersion {
    pub order_version_id: OrderVersionId,
    pub number: i64,
    pub reason: VersionReasonWord,
    pub in_force_from: Timestamp,
    /// When it was put on file.
    pub recorded_at: Timestamp,
}

/// The condition that asks for the duty, in the court's words.
#[derive(Serialize, ToSchema)]
pub struct ExplainedCondition {
    pub condition_id: ConditionId,
    #[schema(example = "R1")]
    pub label: String,
    pub wording: String,
    /// Whether the order says "by" a time, so that coming earlier on the day complies.
    pub early_counts: bool,
}

/// The edition of the rules that explained, and every number that they compare with.
#[derive(Serialize, ToSchema)]
#[schema(as = RulesInForce)]
pub struct WireRules {
    /// Goes up when a change of the rules could change a finding; the finding has its own.
    pub policy_version: i64,
    #[schema(example = "0.1.0")]
    pub edition: &'static str,
    /// SHA-256 of edition, policy version and parameters, in hexadecimal.
    pub rules_digest: String,
    pub parameters: Vec<RuleParameter>,
}

#[derive(Serialize, ToSchema)]
pub struct RuleParameter {
    #[schema(example = "grace_ms")]
    pub name: &'static str,
    pub value: i64,
}

/// A finding made again.
#[derive(Serialize, ToSchema)]
pub struct FindingAgain {
    /// Whether it comes out as it is on file, reasons and all. If not, what it was made from has been
    /// changed since where no earlier state is kept, or the rules have.
    pub agrees: bool,
    pub found: Found,
    pub steps: Vec<WireStep>,
}

/// What rules make of an attendance or a silence.
#[derive(Serialize, ToSchema)]
pub struct Found {
    pub outcome: OutcomeWord,
    pub compliance: ComplianceWord,
    pub certainty: CertaintyWord,
}

/// What a duty came to by what was known at an instant.
#[derive(Serialize, ToSchema)]
pub struct KnownVerdict {
    pub known_at: Timestamp,
    pub standing: DutyStandingWord,
    /// Of the attendance that fulfils it, else of the silence, else of the last attendance; null while
    /// nothing has been found.
    pub found: Option<Found>,
    pub fulfilled_by: Option<CheckInId>,
    /// In the order in which the rules were asked.
    pub steps: Vec<WireStep>,
}

/// One rule that was asked.
#[derive(Serialize, ToSchema)]
#[schema(as = Step)]
pub struct WireStep {
    /// A stable name.
    #[schema(example = "within_window")]
    pub rule: &'static str,
    pub answer: StepAnswerWord,
    /// A sentence for people, with the times and numbers that were compared.
    pub says: String,
    pub basis: StepBasisWord,
    /// The law that the rule stands on, by the kind of the order; or that it is policy.
    #[schema(example = "The order's own words (Stalking Protection Act 2019 s.2)")]
    pub reference: String,
    /// Under which code the finding carries it; null when there was nothing to remark on.
    pub reason_code: Option<&'static str>,
    /// On which facts.
    pub fact_ids: Vec<Uuid>,
}

/// Something on file that bears on the duty.
#[derive(Serialize, ToSchema)]
pub struct CitedFact {
    /// Of an order's intake, the order's.
    pub fact_id: Uuid,
    /// The kind of a record, or `order_version`, `order_intake`, `check_in`, `station_closure`.
    #[schema(example = "check_in")]
    pub kind: &'static str,
    /// Of an attendance, the latest instant at which it can have been.
    pub happened_at: Timestamp,
    /// By the phone's own clock, where it has one.
    pub stated_at: Option<Timestamp>,
    /// When it came on file: from then on it was known.
    pub received_at: Timestamp,
    /// From when on it counts as a mistake.
    pub mistake_at: Option<Timestamp>,
    pub says: String,
}

/// What was not known then, or counts no more.
#[derive(Serialize, ToSchema)]
#[schema(as = KnownDifference)]
pub struct WireDifference {
    pub change: FactChangeWord,
    pub at: Timestamp,
    pub fact: CitedFact,
}

fn found(finding: FoundByRules) -> Found {
    Found {
        outcome: Spelled(finding.outcome),
        compliance: Spelled(finding.compliance),
        certainty: Spelled(finding.certainty),
    }
}

fn step(kind: OrderKind, line: Line<Uuid>) -> WireStep {
    let Line { step, facts } = line;
    WireStep {
        rule: step.rule,
        answer: Spelled(step.answer),
        says: step.says,
        basis: Spelled(step.basis),
        reference: step.basis.reference(kind),
        reason_code: step.reason.map(|reason| reason.code),
        fact_ids: facts,
    }
}

fn known(kind: OrderKind, (at, verdict): (Instant, Verdict<Uuid>)) -> KnownVerdict {
    KnownVerdict {
        known_at: at.into(),
        standing: Spelled(verdict.standing),
        found: verdict.finding.map(found),
        fulfilled_by: verdict.fulfilled_by.map(CheckInId::from),
        steps: verdict.lines.into_iter().map(|line| step(kind, line)).collect(),
    }
}

impl From<Cited> for CitedFact {
    fn from(cited: Cited) -> Self {
        let Cited { id, kind, happened_at, stated_at, received_at, mistake_at, says } = cited;
        Self {
            fact_id: id,
            kind,
            happened_at: happened_at.into(),
            stated_at: stated_at.map(Timestamp),
            received_at: received_at.into(),
            mistake_at: mistake_at.map(Timestamp),
            says,
        }
    }
}

impl From<Difference> for WireDifference {
    fn from(difference: Difference) -> Self {
        let Difference { change, at, fact } = difference;
        Self { change: Spelled(change), at: at.into(), fact: fact.into() }
    }
}

impl From<RulesInForce> for WireRules {
    fn from(rules: RulesInForce) -> Self {
        let parameter = |(name, value)| RuleParameter { name, value };
        Self {
            policy_version: rules.policy_version,
            edition: rules.edition,
            rules_digest: hex(&rules.digest),
            parameters: rules.parameters.into_iter().map(parameter).collect(),
        }
    }
}

impl From<Why> for FindingExplanation {
    fn from(why: Why) -> Self {
        let obligation = &why.on_file.charge.obligation;
        let version = &why.on_file.version;
        let kind = why.order.kind;
        Self {
            duty: ExplainedDuty {
                obligation_id: obligation.id,
                order_id: obligation.order_id,
                order_reference: why.order.reference,
                check_in_id: why.finding.check_in_id,
                station_id: obligation.station_id,
                opens_at: obligation.opens_at.into(),
                closes_at: obligation.closes_at.into(),
                state: Spelled(obligation.state),
            },
            order_version: ExplainedVersion {
                order_version_id: version.id,
                number: version.number,
                reason: Spelled(version.reason),
                in_force_from: version.in_force_from.into(),
                recorded_at: version.recorded_at.into(),
            },
            condition: ExplainedCondition {
                condition_id: why.condition.id,
                label: why.condition.label,
                wording: why.condition.wording,
                early_counts: why.condition.early_counts,
            },
            rules: why.rules.into(),
            made_again: FindingAgain {
                agrees: why.again.agrees,
                found: found(why.again.finding),
                steps: why.again.lines.into_iter().map(|line| step(kind, line)).collect(),
            },
            as_known_then: known(kind, why.then),
            as_known_now: known(kind, why.now),
            differences: why.differences.into_iter().map(WireDifference::from).collect(),
            facts: why.cited.into_iter().map(CitedFact::from).collect(),
            not_explained: NOT_EXPLAINED.to_vec(),
            finding: WireFinding::of(&why.finding, why.reasons),
        }
    }
}

/// Says why a finding is what it is, as it was known then and as it is known now.
///
/// Each rule that was asked, what it answered, on which facts, and the law it stands on; what the duty
/// came to by what was on file at an instant, beside what it comes to now, and what made the difference.
/// The rules that explain are those that decided. The reading is in the ledger.
#[utoipa::path(
    tag = "Sign-ons",
    params(("finding_id" = FindingId, Path, description = "The finding"), WhyQuery),
    responses((status = 200, description = "Why", body = FindingExplanation)),
)]
#[get("/findings/{finding_id}/why")]
pub async fn explain_finding(
    caller: Caller<act::ReadCase>,
    id: web::Path<FindingId>,
    query: web::Query<WhyQuery>,
) -> Result<HttpResponse, Problem> {
    let known_at = query.known_at();
    let (actor, id) = (caller.actor(), *id);
    let why = caller.write(move |tx| explain(tx, &actor, id, known_at)).await?;
    Ok(HttpResponse::Ok().json(FindingExplanation::from(why)))
}
