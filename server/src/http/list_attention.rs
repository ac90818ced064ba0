//! `list_attention`: what a supervisor has to look at.

use actix_web::{HttpResponse, get, web};
use compliance::Instant;
use compliance::alert::{AlertKind, AlertState};
use compliance::instant::DAY_MS;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::{Caller, act};
use super::list_alerts::WireAlert;
use super::list_due::DueSignOn;
use super::problem::{Kind, Problem};
use super::wire::Timestamp;
use crate::operations::Actor;
use crate::operations::persons::{DueInContext, in_context};
use crate::refusal::Refusal;
use crate::store::alerts::{self, AlertInContext, Page};
use crate::store::obligations;
use crate::store::{Tx, ledger};

/// More than a person looks through; the total says what is not shown.
const LISTED_MAX: i64 = 200;
/// A quarter of a year.
const DAYS_MAX: i64 = 92;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AttentionQuery {
    /// How far back missed sign-ons are listed; 7 days when left out.
    #[serde(default = "a_week")]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 92)]
    days: i64,
}

fn a_week() -> i64 {
    7
}

/// What a supervisor has to look at.
#[derive(Serialize, ToSchema)]
pub struct Attention {
    /// When it was true.
    pub as_of: Timestamp,
    pub unacknowledged: UnacknowledgedAlerts,
    pub overdue: OverdueSignOns,
    pub missed: MissedSignOns,
    pub unanswered: UnansweredWarnings,
}

/// What asks for an answer, whoever has acknowledged it: duties in protected times without a reason,
/// conditions that only a person can check without a plan, and reviews that are overdue.
#[derive(Serialize, ToSchema)]
pub struct UnansweredWarnings {
    pub total: i64,
    /// The first 200, the oldest first.
    pub warnings: Vec<WireAlert>,
}

/// They stay open until what they ask for is there.
const ASKS_FOR_AN_ANSWER: [AlertKind; 4] = [
    AlertKind::ProtectedTimeClash,
    AlertKind::PlanMissing,
    AlertKind::PlanReviewDue,
    AlertKind::TaskOverdue,
];

/// Alerts that nobody has.
#[derive(Serialize, ToSchema)]
pub struct UnacknowledgedAlerts {
    pub total: i64,
    /// The first 200, the oldest first.
    pub alerts: Vec<WireAlert>,
}

/// Missed sign-ons whose alert is open.
#[derive(Serialize, ToSchema)]
pub struct OverdueSignOns {
    pub total: i64,
    /// The first 200, the longest overdue first.
    pub overdue: Vec<OverdueSignOn>,
}

/// A missed sign-on, and for how long.
#[derive(Serialize, ToSchema)]
pub struct OverdueSignOn {
    pub sign_on: DueSignOn,
    /// Since the window closed.
    pub overdue_ms: i64,
}

/// Missed sign-ons of the last days.
#[derive(Serialize, ToSchema)]
pub struct MissedSignOns {
    pub total: i64,
    /// The first 200, the latest first.
    pub missed: Vec<DueSignOn>,
}

struct Found {
    unacknowledged: (Vec<AlertInContext>, i64),
    overdue: (Vec<DueInContext>, i64),
    missed: (Vec<DueInContext>, i64),
    unanswered: (Vec<AlertInContext>, i64),
}

/// Lists what a supervisor has to look at.
///
/// Alerts that nobody has acknowledged, missed sign-ons whose alert is open with the longest overdue
/// first, what was missed in the last days, and warnings that nobody has answered. The reading is in the ledger.
#[utoipa::path(
    tag = "Supervision",
    params(AttentionQuery),
    responses((status = 200, description = "What needs attention", body = Attention)),
)]
#[get("/supervision/attention")]
pub async fn list_attention(
    caller: Caller<act::Supervise>,
    query: web::Query<AttentionQuery>,
) -> Result<HttpResponse, Problem> {
    if !(1..=DAYS_MAX).contains(&query.days) {
        return Err(Problem::because(Kind::InvalidParameter, "days is 1 to 92"));
    }
    let (actor, now) = (caller.actor(), caller.now);
    let since = now + -query.days * DAY_MS;
    let found = caller.write(move |tx| read(tx, &actor, since)).await?;
    Ok(HttpResponse::Ok().json(attention(found, now)))
}

fn read(tx: &mut Tx<'_>, actor: &Actor, since: Instant) -> Result<Found, Refusal> {
    let scope = actor.scope;
    let page =
        Page { state: Some(AlertState::Triggered), group: None, after: None, at_most: LISTED_MAX };
    let listed = alerts::list(tx, scope, page)?;
    let total = alerts::count_visible_unacknowledged(tx, scope)?;
    let (overdue, overdue_total) = obligations::overdue(tx, scope, LISTED_MAX)?;
    let (missed, missed_total) = obligations::missed(tx, scope, since, LISTED_MAX)?;
    let found = Found {
        unacknowledged: (listed, total),
        overdue: (in_context(tx, overdue, actor.now)?, overdue_total),
        missed: (in_context(tx, missed, actor.now)?, missed_total),
        unanswered: alerts::open_of_kinds(tx, scope, &ASKS_FOR_AN_ANSWER, LISTED_MAX)?,
    };
    let dues = found.overdue.0.iter().chain(&found.missed.0);
    let orders = dues.map(|found| found.due.obligation.order_id);
    let alerts = found.unacknowledged.0.iter().chain(&found.unanswered.0);
    let orders = orders.chain(alerts.filter_map(|found| found.alert.order_id));
    let object = format!("account:{}", scope.account);
    let entry = actor.reading("list_attention", object, orders);
    ledger::append(tx, actor.now, vec![entry])?;
    Ok(found)
}

fn attention(found: Found, now: Instant) -> Attention {
    let overdue = |found: DueInContext| OverdueSignOn {
        overdue_ms: now - found.due.obligation.closes_at,
        sign_on: found.into(),
    };
    let (alerts, alerts_total) = found.unacknowledged;
    let (late, late_total) = found.overdue;
    let (missed, missed_total) = found.missed;
    let (unanswered, unanswered_total) = found.unanswered;
    Attention {
        as_of: now.into(),
        unacknowledged: UnacknowledgedAlerts {
            total: alerts_total,
            alerts: alerts.into_iter().map(WireAlert::from).collect(),
        },
        overdue: OverdueSignOns {
            total: late_total,
            overdue: late.into_iter().map(overdue).collect(),
        },
        missed: MissedSignOns {
            total: missed_total,
            missed: missed.into_iter().map(DueSignOn::from).collect(),
        },
        unanswered: UnansweredWarnings {
            total: unanswered_total,
            warnings: unanswered.into_iter().map(WireAlert::from).collect(),
        },
    }
}
