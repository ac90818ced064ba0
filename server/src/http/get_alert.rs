//! `get_alert`: an alert, what happened to it, and whom it climbs to.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::list_alerts::WireAlert;
use super::problem::Problem;
use super::wire::{
    AlertEventKindWord, ChannelWord, DeliveryStatusWord, RungWord, Spelled, Timestamp,
};
use crate::operations::Actor;
use crate::operations::escalate::Reach;
use crate::operations::explain_finding::finding_of_alert;
use crate::operations::held_records::waited_for;
use crate::refusal::Refusal;
use crate::store::alert_events::{self, AlertEvent};
use crate::store::alerts::{self, AlertInContext};
use crate::store::deliveries::{self, DeliveryInContext};
use crate::store::id::{AccountId, AlertEventId, AlertId, FindingId, PhoneId};
use crate::store::phones::PhoneInContext;
use crate::store::{Tx, ledger};

/// An alert and all that became of it.
#[derive(Serialize, ToSchema)]
pub struct AlertDetails {
    pub alert: WireAlert,
    /// Of a miss that is provisional: the phones that may still hold a record, the longest silent first.
    pub waits_for: Vec<WaitedPhone>,
    /// The finding of a sign-on that it rests on: `explain_finding` says why that is what it is. Of other
    /// alerts `explain_alert` says what they rest on, or why there is no explanation.
    pub finding_id: Option<FindingId>,
    /// Whom it climbs to, the first step first.
    pub ladder: Vec<LadderStep>,
    /// From the acknowledgement to the decision; then it climbs again.
    pub decide_within_ms: i64,
    /// In the order of time.
    pub events: Vec<WireAlertEvent>,
    /// One for each person, channel and attempt, in the order of time; of a group, also what told all of
    /// it.
    pub deliveries: Vec<WireDelivery>,
}

/// A phone in use at the station that has not handed over what it holds since the window closed.
#[derive(Serialize, ToSchema)]
pub struct WaitedPhone {
    /// For `report_phone_lost`.
    pub phone_id: PhoneId,
    pub station_name: String,
    /// Whoever signed in on it.
    pub account_name: String,
    pub used_at: Timestamp,
    /// Nothing when it never handed over anything.
    pub synced_at: Option<Timestamp>,
}

impl From<PhoneInContext> for WaitedPhone {
    fn from(found: PhoneInContext) -> Self {
        Self {
            phone_id: found.phone.id,
            station_name: found.station_name,
            account_name: found.account_name,
            used_at: found.phone.used_at.into(),
            synced_at: found.phone.synced_at.map(Timestamp),
        }
    }
}

/// A step of a ladder.
#[derive(Serialize, ToSchema)]
pub struct LadderStep {
    pub rung: RungWord,
    /// How long it waits here for somebody to acknowledge.
    pub wait_ms: i64,
}

/// What happened to an alert after it was raised.
#[derive(Serialize, ToSchema)]
#[schema(as = AlertEvent)]
pub struct WireAlertEvent {
    pub event_id: AlertEventId,
    pub kind: AlertEventKindWord,
    pub happened_at: Timestamp,
    /// Nobody's name when it happened by itself.
    pub by_name: Option<String>,
    pub to_account_id: Option<AccountId>,
    pub says: String,
}

/// An attempt to reach one person through one channel.
#[derive(Serialize, ToSchema)]
#[schema(as = Delivery)]
pub struct WireDelivery {
    /// Nobody's name when it went to another system of the force.
    pub account_name: Option<String>,
    pub channel: ChannelWord,
    /// The step of the ladder on which the alert stood, from 1; nothing where it was not noted.
    pub step: Option<i64>,
    pub attempt: i64,
    pub attempted_at: Timestamp,
    /// `accepted`: whoever carries it took it. Whether a person saw it, only an acknowledgement tells.
    pub status: DeliveryStatusWord,
    pub http_status: Option<i64>,
    /// Why it failed.
    pub detail: String,
    /// Whether somebody counted as told by it. Nobody does by a phone that had fallen silent, or by
    /// another system.
    pub is_counted_upon: bool,
    /// When the phone said that it had shown it.
    pub displayed_at: Option<Timestamp>,
    /// When the phone said that somebody had opened it.
    pub opened_at: Option<Timestamp>,
}

impl From<compliance::escalation::Step> for LadderStep {
    fn from(step: compliance::escalation::Step) -> Self {
        Self { rung: Spelled(step.rung), wait_ms: step.wait_ms }
    }
}

fn event((event, by_name): (AlertEvent, Option<String>)) -> WireAlertEvent {
    WireAlertEvent {
        event_id: event.id,
        kind: Spelled(event.kind),
        happened_at: event.happened_at.into(),
        by_name,
        to_account_id: event.to_account,
        says: event.says,
    }
}

fn delivery(of: DeliveryInContext) -> WireDelivery {
    WireDelivery {
        account_name: of.account_name,
        channel: Spelled(of.channel),
        step: of.step.map(|step| step + 1),
        attempt: of.attempt,
        attempted_at: of.attempted_at.into(),
        status: Spelled(of.status),
        http_status: of.http_status,
        detail: of.detail,
        is_counted_upon: of.is_counted_upon,
        displayed_at: of.displayed_at.map(Timestamp),
        opened_at: of.opened_at.map(Timestamp),
    }
}

/// Shows an alert: where it stands on its ladder, what happened to it, and who was told how.
///
/// The reading is in the ledger.
#[utoipa::path(
    tag = "Alerts",
    params(("alert_id" = AlertId, Path, description = "The alert")),
    responses((status = 200, description = "The alert", body = AlertDetails)),
)]
#[get("/alerts/{alert_id}")]
pub async fn get_alert(
    caller: Caller<act::ReceiveAlerts>,
    id: web::Path<AlertId>,
) -> Result<HttpResponse, Problem> {
    let (actor, id) = (caller.actor(), *id);
    let details = caller.write(move |tx| details(tx, &actor, id)).await?;
    Ok(HttpResponse::Ok().json(details))
}

fn details(tx: &mut Tx<'_>, actor: &Actor, id: AlertId) -> Result<AlertDetails, Refusal> {
    let found = read_alert(tx, actor, id)?;
    let reach = Reach::load(tx, actor.now, std::iter::once(found.alert.order_id))?;
    let ladder = reach.ladder((&found.alert).into());
    let waits_for = match found.alert.obligation_id.filter(|_| found.alert.kind.is_miss()) {
        Some(obligation) => waited_for(tx, obligation, found.alert.concerns_at)?,
        None => Vec::new(),
    };
    let finding_id = finding_of_alert(tx, &found.alert)?;
    Ok(AlertDetails {
        finding_id,
        waits_for: waits_for.into_iter().map(WaitedPhone::from).collect(),
        ladder: ladder.steps.into_iter().map(LadderStep::from).collect(),
        decide_within_ms: ladder.decide_within_ms,
        events: alert_events::of_alert(tx, id)?.into_iter().map(event).collect(),
        deliveries: deliveries::of_alert(tx, &found.alert)?.into_iter().map(delivery).collect(),
        alert: found.into(),
    })
}

/// The alert, with the ledger's entry for having read it.
pub fn read_alert(tx: &mut Tx<'_>, actor: &Actor, id: AlertId) -> Result<AlertInContext, Refusal> {
    let found = alerts::find_in_context(tx, actor.scope, id)?.ok_or(Refusal::NotFound("alert"))?;
    let entry = actor.reading("get_alert", format!("alert:{id}"), found.alert.order_id);
    ledger::append(tx, actor.now, vec![entry])?;
    Ok(found)
}
