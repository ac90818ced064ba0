//! `list_alerts`: what waits for the caller.

use actix_web::{HttpResponse, get, web};
use compliance::alert::AlertKind;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::{Caller, act};
use super::problem::Problem;
use super::wire::{
    AlertCloseReasonWord, AlertKindWord, AlertStateWord, CertaintyWord, Limit, SeverityWord,
    Spelled, Timestamp, next_page, page_mark,
};
use crate::operations::Actor;
use crate::refusal::Refusal;
use crate::store::alerts::{self, Alert, AlertInContext, Page};
use crate::store::id::{AlertGroupId, AlertId, ObligationId, OrderId};
use crate::store::{Tx, ledger};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AlertQuery {
    /// Only those in this state; the open ones when left out.
    state: Option<AlertStateWord>,
    /// Only those that were raised together with others: one place, one reason, one moment.
    group_id: Option<AlertGroupId>,
    /// `next` of the page before.
    #[serde(default)]
    #[param(value_type = Option<String>, max_length = 80)]
    after: String,
    /// How many at most; 100 when left out.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 500)]
    limit: Limit,
}

/// The caller's alerts, the oldest first.
#[derive(Serialize, ToSchema)]
pub struct AlertList {
    /// When the list was true.
    pub as_of: Timestamp,
    pub alerts: Vec<WireAlert>,
    /// For `after`, when there may be more.
    pub next: Option<String>,
}

/// Somebody must look. It is not a breach: that, a person decides.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Alert)]
pub struct WireAlert {
    pub alert_id: AlertId,
    pub kind: AlertKindWord,
    pub severity: SeverityWord,
    pub state: AlertStateWord,
    pub order_id: Option<OrderId>,
    pub order_reference: Option<String>,
    pub subject_name: Option<String>,
    pub station_name: Option<String>,
    pub obligation_id: Option<ObligationId>,
    /// A sentence for people; often empty, because the kind says it.
    pub detail: String,
    /// The instant that the alert is about: a deadline, an attendance.
    pub concerns_at: Timestamp,
    pub triggered_at: Timestamp,
    /// Of a missed sign-on: how long after the window closed the alert was raised.
    pub late_by_ms: Option<i64>,
    /// Of a missed sign-on: provisional while a phone may still hold a record, then confirmed.
    pub certainty: Option<CertaintyWord>,
    /// Whether nobody who should be told can be, or nothing that was sent has been taken. Show it in red.
    pub nobody_reachable: bool,
    /// Since when.
    pub nobody_reachable_since: Option<Timestamp>,
    /// The step of its ladder on which it stands, from 1.
    pub step: i64,
    /// When it goes on to the next step unless somebody acknowledges it, or decides; nothing once it is
    /// closed.
    pub climbs_at: Option<Timestamp>,
    /// Alerts that were raised together and told as one.
    pub group_id: Option<AlertGroupId>,
    pub acknowledged_at: Option<Timestamp>,
    pub acknowledged_by_name: Option<String>,
    pub closed_at: Option<Timestamp>,
    /// Nobody's name when it closed by itself.
    pub closed_by_name: Option<String>,
    #[schema(value_type = Option<AlertCloseReasonWord>)]
    pub close_reason: Option<String>,
}

fn late_by_ms(alert: &Alert) -> Option<i64> {
    let is_miss = alert.kind == AlertKind::MissedSignOn;
    is_miss.then_some(alert.triggered_at - alert.concerns_at)
}

impl From<AlertInContext> for WireAlert {
    fn from(found: AlertInContext) -> Self {
        let alert = found.alert;
        Self {
            alert_id: alert.id,
            kind: Spelled(alert.kind),
            severity: Spelled(alert.severity),
            state: Spelled(alert.state),
            order_id: alert.order_id,
            order_reference: found.order_reference,
            subject_name: found.subject_name,
            station_name: found.station_name,
            obligation_id: alert.obligation_id,
            concerns_at: alert.concerns_at.into(),
            triggered_at: alert.triggered_at.into(),
            late_by_ms: late_by_ms(&alert),
            detail: alert.detail,
            certainty: alert.certainty.map(Spelled),
            nobody_reachable: alert.nobody_reachable,
            nobody_reachable_since: alert.nobody_reachable_since.map(Timestamp),
            step: alert.step + 1,
            climbs_at: alert.climbs_at.map(Timestamp),
            group_id: alert.group_id,
            acknowledged_at: alert.acknowledged_at.map(Timestamp),
            acknowledged_by_name: found.acknowledged_by_name,
            closed_at: alert.closed_at.map(Timestamp),
            closed_by_name: found.closed_by_name,
            close_reason: alert.close_reason,
        }
    }
}

/// Lists the caller's alerts.
///
/// Triggered and acknowledged ones unless closed ones are asked for, about the orders that the caller
/// may know of and about their own phones; the oldest first, because it has waited longest. None ages
/// out. The reading is in the ledger.
#[utoipa::path(
    tag = "Alerts",
    params(AlertQuery),
    responses((status = 200, description = "A page of alerts", body = AlertList)),
)]
#[get("/alerts")]
pub async fn list_alerts(
    caller: Caller<act::ReceiveAlerts>,
    query: web::Query<AlertQuery>,
) -> Result<HttpResponse, Problem> {
    let AlertQuery { state, group_id: group, after, limit: Limit(at_most) } = query.into_inner();
    let state = state.map(|Spelled(state)| state);
    let page = Page { state, group, after: page_mark(&after)?, at_most };
    let actor = caller.actor();
    let found = caller.write(move |tx| listed(tx, &actor, page)).await?;
    let next = next_page(&found, at_most, |it| (it.alert.triggered_at, it.alert.id));
    let alerts = found.into_iter().map(WireAlert::from).collect();
    Ok(HttpResponse::Ok().json(AlertList { as_of: caller.now.into(), alerts, next }))
}

/// A page of what the actor may know of, with the reading in the ledger.
pub fn listed(tx: &mut Tx<'_>, actor: &Actor, page: Page) -> Result<Vec<AlertInContext>, Refusal> {
    let found = alerts::list(tx, actor.scope, page)?;
    let orders = found.iter().filter_map(|found| found.alert.order_id);
    let object = format!("account:{}", actor.scope.account);
    let entry = actor.reading("list_alerts", object, orders);
    ledger::append(tx, actor.now, vec![entry])?;
    Ok(found)
}
