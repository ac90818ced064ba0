//! `list_notifications`: what the subject of an order owes the police by statute, and what was told.

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use compliance::Instant;
use compliance::notification::{Cause, Judged};
use compliance::offence::Offence;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::wire::{
    ChangeDutyWord, DutyStateWord, IdentityAnswerWord, IdentityAskedWord, MannerWord, RegimeWord,
    Spelled, StandingWord, TakenByWord, Timestamp,
};
use crate::operations::notification::{
    ChangeOnFile, DutyOnFile, GivenOnFile, IdentityOnFile, Meets, NotificationsOnFile,
};
use crate::operations::record_notification::list_notifications as list;
use crate::store::StoreError;
use crate::store::findings::{RecordedReason, recorded};
use crate::store::id::{FactId, OrderId, StationId};

/// What is owed under an order's statute, and what was told.
#[derive(Serialize, ToSchema)]
pub struct NotificationList {
    pub duties: Vec<DutyEntry>,
    /// Why other duties that might be looked for are not owed.
    pub not_owed: Vec<RecordedReason>,
    pub given: Vec<GivenEntry>,
    pub changes: Vec<ChangeEntry>,
    pub identity_requests: Vec<IdentityEntry>,
}

/// A duty to notify.
#[derive(Serialize, ToSchema)]
#[schema(as = NotificationDuty)]
pub struct DutyEntry {
    #[schema(example = "initial")]
    pub cause: String,
    /// Of a change: its record.
    pub change_id: Option<FactId>,
    /// Of an exemption that ended.
    pub regime: Option<RegimeWord>,
    /// From when on telling it counts; a change may be told before.
    pub counts_from: Option<Timestamp>,
    /// The first instant at which it is too late.
    pub closes_at: Timestamp,
    #[schema(example = "3 days beginning with Thu 24 Dec 2026: Sat 26 Dec 23:59:59")]
    pub arithmetic: String,
    pub basis: &'static str,
    pub state: DutyStateWord,
    pub met_at: Option<Timestamp>,
    /// Suspected only, until a person decides.
    pub suspected_offence: Option<OffenceEntry>,
}

/// Under which offence a failure would be recorded.
#[derive(Serialize, ToSchema)]
#[schema(as = SuspectedOffence)]
pub struct OffenceEntry {
    #[schema(example = "ST19002")]
    pub code: &'static str,
    pub wording: &'static str,
}

/// What was told, when, where and to whom.
#[derive(Serialize, ToSchema)]
#[schema(as = NotificationGiven)]
pub struct GivenEntry {
    pub record_id: FactId,
    /// None for what cannot be acknowledged.
    #[schema(example = "N/SPO/26/0001/1")]
    pub receipt_number: Option<String>,
    pub given_at: Timestamp,
    pub recorded_at: Timestamp,
    pub manner: MannerWord,
    pub station_id: Option<StationId>,
    pub in_local_police_area: bool,
    pub taken_by: TakenByWord,
    pub taken_by_name: String,
    pub names: Vec<String>,
    pub home_address: Option<String>,
    pub no_fixed_abode: bool,
    pub judged: Vec<JudgedEntry>,
    /// When it is suspected to have been false.
    pub suspected_offence: Option<OffenceEntry>,
}

/// What a notification is for one duty.
#[derive(Serialize, ToSchema)]
#[schema(as = JudgedNotification)]
pub struct JudgedEntry {
    #[schema(example = "initial")]
    pub cause: String,
    pub change_id: Option<FactId>,
    pub standing: StandingWord,
    pub reasons: Vec<RecordedReason>,
}

/// A change that may have to be notified.
#[derive(Serialize, ToSchema)]
#[schema(as = RecordedDetailsChange)]
pub struct ChangeEntry {
    pub record_id: FactId,
    pub duty: ChangeDutyWord,
    pub on: NaiveDate,
    pub name: Option<String>,
}

/// A request for fingerprints or a photograph, and the answer.
#[derive(Serialize, ToSchema)]
#[schema(as = RecordedIdentityRequest)]
pub struct IdentityEntry {
    pub record_id: FactId,
    pub requested_at: Timestamp,
    pub asked: IdentityAskedWord,
    pub answer: Option<IdentityAnswerWord>,
    pub suspected_offence: Option<OffenceEntry>,
}

fn offence(offence: &'static Offence) -> OffenceEntry {
    OffenceEntry { code: offence.code, wording: offence.wording }
}

impl From<DutyOnFile> for DutyEntry {
    fn from(found: DutyOnFile) -> Self {
        let DutyOnFile { duty, change, settled } = found;
        let regime = match &duty.cause {
            Cause::ExemptionEnded(regime) => Some(Spelled(*regime)),
            _ => None,
        };
        Self {
            cause: duty.cause.code().to_owned(),
            change_id: change,
            regime,
            counts_from: duty.counts_from.map(Timestamp),
            closes_at: duty.deadline.closes_at.into(),
            arithmetic: duty.deadline.arithmetic,
            basis: duty.deadline.basis,
            state: Spelled(settled.state),
            met_at: settled.given_at.map(Timestamp),
            suspected_offence: settled.suspected.map(offence),
        }
    }
}

impl From<(Meets, Judged)> for JudgedEntry {
    fn from((meets, judged): (Meets, Judged)) -> Self {
        Self {
            cause: meets.cause,
            change_id: meets.change,
            standing: Spelled(judged.standing),
            reasons: judged.reasons.iter().map(recorded).collect(),
        }
    }
}

impl TryFrom<GivenOnFile> for GivenEntry {
    type Error = StoreError;

    fn try_from(found: GivenOnFile) -> Result<Self, StoreError> {
        let GivenOnFile { fact, body, receipt, judged, suspected } = found;
        Ok(Self {
            record_id: fact.id,
            receipt_number: receipt,
            given_at: Instant::from_ms(body.given_at).into(),
            recorded_at: fact.recorded_at.into(),
            manner: spelled(&body.manner)?,
            station_id: body.station,
            in_local_police_area: body.in_local_police_area,
            taken_by: spelled(&body.taken_by)?,
            taken_by_name: body.taken_by_name,
            names: body.names,
            home_address: body.address,
            no_fixed_abode: body.no_fixed_abode,
            judged: judged.into_iter().map(JudgedEntry::from).collect(),
            suspected_offence: suspected.map(offence),
        })
    }
}

fn spelled<W: compliance::Word>(text: &str) -> Result<Spelled<W>, StoreError> {
    let corrupt = || StoreError::Corrupt { vocabulary: W::NAME, value: text.to_owned() };
    W::parse(text).map(Spelled).ok_or_else(corrupt)
}

impl From<ChangeOnFile> for ChangeEntry {
    fn from(change: ChangeOnFile) -> Self {
        let ChangeOnFile { id, duty, on, name } = change;
        Self { record_id: id, duty: Spelled(duty), on, name }
    }
}

impl From<IdentityOnFile> for IdentityEntry {
    fn from(found: IdentityOnFile) -> Self {
        Self {
            record_id: found.id,
            requested_at: found.request.requested_at.into(),
            asked: Spelled(found.request.asked),
            answer: found.request.answer.map(Spelled),
            suspected_offence: found.suspected.map(offence),
        }
    }
}

impl TryFrom<NotificationsOnFile> for NotificationList {
    type Error = StoreError;

    fn try_from(found: NotificationsOnFile) -> Result<Self, StoreError> {
        let given: Result<Vec<_>, _> = found.given.into_iter().map(GivenEntry::try_from).collect();
        Ok(Self {
            duties: found.duties.into_iter().map(DutyEntry::from).collect(),
            not_owed: found.not_owed.iter().map(recorded).collect(),
            given: given?,
            changes: found.changes.into_iter().map(ChangeEntry::from).collect(),
            identity_requests: found.identity.into_iter().map(IdentityEntry::from).collect(),
        })
    }
}

/// Lists what the subject owes the police by statute, and what was told.
///
/// The reading is in the ledger.
#[utoipa::path(
    tag = "Notification",
    params(("order_id" = OrderId, Path, description = "The order whose statute asks for it")),
    responses((status = 200, description = "Duties and what was told", body = NotificationList)),
)]
#[get("/orders/{order_id}/notifications")]
pub async fn list_notifications(
    caller: Caller<act::ReadCase>,
    order: web::Path<OrderId>,
) -> Result<HttpResponse, Problem> {
    let (actor, order) = (caller.actor(), *order);
    let found = caller.write(move |tx| list(tx, &actor, order)).await?;
    Ok(HttpResponse::Ok().json(NotificationList::try_from(found)?))
}
