//! `explain_alert`: on what an alert rests, as known then and as known now.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::caller::{Caller, act};
use super::explain_finding::{CitedFact, WhyQuery, WireDifference, WireRules};
use super::problem::Problem;
use super::wire::{AlertKindWord, ComplianceWord, Spelled, Timestamp};
use crate::operations::explain_alert::{
    Reckoned, Replayed, RestsOn, WhyAlert, explain_alert as explain,
};
use crate::operations::explain_finding::rules_in_force;
use crate::store::findings::{RecordedReason, recorded};
use crate::store::id::{AlertId, FindingId};

/// On what an alert rests: exactly one of `finding_id`, `facts` and `not_explained` is there.
#[derive(Serialize, ToSchema)]
pub struct AlertExplanation {
    pub alert_id: AlertId,
    pub kind: AlertKindWord,
    pub triggered_at: Timestamp,
    /// Of a sign-on: `explain_finding` says why it is what it is.
    pub finding_id: Option<FindingId>,
    /// Of a treatment session, a request to present a device, a duty to notify, a tag that is silent, or a
    /// place where the subject was seen.
    pub facts: Option<FactsExplanation>,
    /// Why it cannot be replayed, and where what it rests on is told.
    pub not_explained: Option<&'static str>,
    pub rules: WireRules,
}

/// What the facts come to.
#[derive(Serialize, ToSchema)]
pub struct FactsExplanation {
    /// The law, or the guidance, that the rules stand on.
    pub basis: &'static str,
    pub as_known_then: FactsVerdict,
    pub as_known_now: FactsVerdict,
    /// What came on file, and what was called a mistake, between the two.
    pub differences: Vec<WireDifference>,
    /// Everything on file about it, as it came in.
    pub facts: Vec<CitedFact>,
}

/// What they come to by what was known at an instant.
#[derive(Serialize, ToSchema)]
pub struct FactsVerdict {
    pub known_at: Timestamp,
    /// A word of `SessionState`, `RequestState`, `DutyState` or, of a zone, `ZoneVerdict`; of a tag
    /// `silent` or `heard`; null while nothing was on file.
    #[schema(example = "non_compliant")]
    pub state: Option<&'static str>,
    pub compliance: ComplianceWord,
    pub reasons: Vec<RecordedReason>,
    pub fact_ids: Vec<Uuid>,
    /// Whether the rules ask for this very alert by that.
    pub asks_for_alert: bool,
}

fn verdict(reckoned: Reckoned) -> FactsVerdict {
    FactsVerdict {
        known_at: reckoned.known_at.into(),
        state: reckoned.state,
        compliance: Spelled(reckoned.compliance),
        reasons: reckoned.reasons.iter().map(recorded).collect(),
        fact_ids: reckoned.facts,
        asks_for_alert: reckoned.asks_for_it,
    }
}

impl From<Replayed> for FactsExplanation {
    fn from(replayed: Replayed) -> Self {
        Self {
            basis: replayed.basis,
            as_known_then: verdict(replayed.then),
            as_known_now: verdict(replayed.now),
            differences: replayed.differences.into_iter().map(WireDifference::from).collect(),
            facts: replayed.cited.into_iter().map(CitedFact::from).collect(),
        }
    }
}

impl From<WhyAlert> for AlertExplanation {
    fn from(why: WhyAlert) -> Self {
        let (finding_id, facts, not_explained) = match why.rests_on {
            RestsOn::Finding(finding) => (Some(finding), None, None),
            RestsOn::Facts(replayed) => (None, Some((*replayed).into()), None),
            RestsOn::NotExplained(says) => (None, None, Some(says)),
        };
        Self {
            alert_id: why.alert.id,
            kind: Spelled(why.alert.kind),
            triggered_at: why.alert.triggered_at.into(),
            finding_id,
            facts,
            not_explained,
            rules: rules_in_force().into(),
        }
    }
}

/// Says on what an alert rests, as it was known then and as it is known now.
///
/// Of a sign-on it names the finding, which `explain_finding` explains. Of treatment, devices, zones, tags and
/// duties to notify it says what the facts came to by what was known when the alert was raised, or at another
/// instant, and what they come to now. Of the others it says why there is no explanation. The
/// reading is in the ledger.
#[utoipa::path(
    tag = "Alerts",
    params(("alert_id" = AlertId, Path, description = "The alert"), WhyQuery),
    responses((status = 200, description = "On what it rests", body = AlertExplanation)),
)]
#[get("/alerts/{alert_id}/why")]
pub async fn explain_alert(
    caller: Caller<act::ReceiveAlerts>,
    id: web::Path<AlertId>,
    query: web::Query<WhyQuery>,
) -> Result<HttpResponse, Problem> {
    let known_at = query.known_at();
    let (actor, id) = (caller.actor(), *id);
    let why = caller.write(move |tx| explain(tx, &actor, id, known_at)).await?;
    Ok(HttpResponse::Ok().json(AlertExplanation::from(why)))
}
