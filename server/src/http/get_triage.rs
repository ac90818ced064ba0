//! `get_triage`: what should be known before somebody decides what a failure was.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::get_alert::read_alert;
use super::list_alerts::WireAlert;
use super::problem::Problem;
use super::wire::{Spelled, Timestamp, TriageAnswerWord, TriageCheckWord};
use crate::operations::triage_checks::{Counters, triage};
use crate::store::id::AlertId;

/// What should be known before somebody decides. None of it excuses, and none of it accuses.
#[derive(Serialize, ToSchema)]
pub struct TriageReport {
    pub alert: WireAlert,
    pub checks: Vec<WireCheck>,
    /// The subject's record from this instant to the failure, under every order on them that the caller
    /// may know of.
    pub counted_from: Timestamp,
    pub counters: WireCounters,
}

/// Something that was looked at by itself.
#[derive(Serialize, ToSchema)]
#[schema(as = TriageChecked)]
pub struct WireCheck {
    pub check: TriageCheckWord,
    /// `not_known` is not clear: somebody has to ask.
    pub answer: TriageAnswerWord,
    pub says: String,
}

/// How the subject has kept their orders: sign-ons by what was found of them, the last finding each.
#[derive(Serialize, ToSchema)]
#[schema(as = TriageCounters)]
pub struct WireCounters {
    pub attended_on_time: i64,
    pub attended_early: i64,
    pub attended_late: i64,
    pub missed: i64,
    /// At another place, unidentified, or at a time that is not certain.
    pub otherwise: i64,
    pub excuses_claimed: usize,
    pub excuses_accepted: usize,
    pub breach_cases: usize,
    /// Concluded, with a disposition that counts.
    pub breaches_concluded: usize,
}

impl From<Counters> for WireCounters {
    fn from(of: Counters) -> Self {
        Self {
            attended_on_time: of.sign_ons.on_time,
            attended_early: of.sign_ons.early,
            attended_late: of.sign_ons.late,
            missed: of.sign_ons.missed,
            otherwise: of.sign_ons.otherwise,
            excuses_claimed: of.excuses_claimed,
            excuses_accepted: of.excuses_accepted,
            breach_cases: of.breach_cases,
            breaches_concluded: of.breaches_concluded,
        }
    }
}

/// Shows what was checked by itself about the failure that an alert is about, and the subject's record.
///
/// Was the order in force and served? Was the station open? Was this service up? Is custody, hospital or a
/// stay abroad on record? It decides nothing. The reading is in the ledger.
#[utoipa::path(
    tag = "Triage",
    params(("alert_id" = AlertId, Path, description = "The alert about the failure")),
    responses((status = 200, description = "What is known", body = TriageReport)),
)]
#[get("/alerts/{alert_id}/triage")]
pub async fn get_triage(
    caller: Caller<act::ReceiveAlerts>,
    id: web::Path<AlertId>,
) -> Result<HttpResponse, Problem> {
    let (actor, id) = (caller.actor(), *id);
    let report = caller
        .write(move |tx| {
            let found = triage(tx, &actor, id)?;
            let check = |of: compliance::triage::Checked| WireCheck {
                check: Spelled(of.check),
                answer: Spelled(of.answer),
                says: of.says,
            };
            Ok::<_, crate::refusal::Refusal>(TriageReport {
                alert: read_alert(tx, &actor, id)?.into(),
                checks: found.checks.into_iter().map(check).collect(),
                counted_from: found.counted_from.into(),
                counters: found.counters.into(),
            })
        })
        .await?;
    Ok(HttpResponse::Ok().json(report))
}
