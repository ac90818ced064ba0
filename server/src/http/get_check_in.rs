//! `get_check_in`: a record, and what it was found to mean.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::wire::{
    BeaconSaysWord, CertaintyWord, ComplianceWord, IdentityMethodWord, IdentityResultWord,
    OutcomeWord, Spelled, Timestamp, WireFix,
};
use crate::identity::hex;
use crate::operations::get_check_in::{CheckInInContext, get_check_in as read};
use crate::store::check_ins::CheckIn;
use crate::store::findings::{RecordedFinding, RecordedReason};
use crate::store::id::{
    AccountId, CheckInId, FindingId, ObligationId, OrderId, PhoneKeyId, StationId,
};
use crate::store::sealed_records::CheckInSeal;

/// A record that a subject attended: what was said, when, by whom, and what it was found to mean.
#[derive(Serialize, ToSchema)]
#[schema(as = CheckIn)]
pub struct WireCheckIn {
    pub check_in_id: CheckInId,
    pub obligation_id: ObligationId,
    pub order_id: OrderId,
    pub station_id: StationId,
    pub station_name: String,
    pub confirmed_by: AccountId,
    pub confirmed_by_name: String,
    pub identity_method: IdentityMethodWord,
    pub identity_result: IdentityResultWord,
    /// By the phone's clock.
    pub attended_at: Timestamp,
    /// By the server's clock.
    pub received_at: Timestamp,
    /// The true time is not before this.
    pub earliest_at: Timestamp,
    /// The true time is not after this.
    pub latest_at: Timestamp,
    pub position: Option<WireFix>,
    pub note: String,
    /// Whether the record fulfilled the obligation when it came in.
    pub settled: bool,
    pub finding: WireFinding,
    /// How the phone had signed it; nothing when it came unsigned.
    pub seal: Option<WireSeal>,
    /// The record that this one takes the place of.
    pub supersedes: Option<CheckInId>,
    /// When this record was called a mistake.
    pub superseded_at: Option<Timestamp>,
    /// What takes its place; nothing when there should have been no record.
    pub superseded_by: Option<CheckInId>,
    pub superseded_reason: Option<String>,
}

/// The seal under which a record came in. It held: under one that does not, nothing is taken in.
#[derive(Serialize, ToSchema)]
#[schema(as = Seal)]
pub struct WireSeal {
    pub phone_key_id: PhoneKeyId,
    /// What the phone calls itself.
    pub phone_name: String,
    /// The how manieth record it is that the key signed.
    pub sequence: i64,
    /// SHA-256 of what was signed, in hexadecimal.
    pub digest: String,
    /// What the time of the service's own that was signed with it says of when it was made.
    pub beacon_says: BeaconSaysWord,
}

impl From<CheckInSeal> for WireSeal {
    fn from(seal: CheckInSeal) -> Self {
        Self {
            phone_key_id: seal.phone_key_id,
            phone_name: seal.phone_name,
            sequence: seal.sequence,
            digest: hex(&seal.digest),
            beacon_says: Spelled(seal.beacon),
        }
    }
}

/// What a record was found to mean when it came in.
#[derive(Serialize, ToSchema)]
#[schema(as = Finding)]
pub struct WireFinding {
    /// `explain_finding` says why it is what it is.
    pub finding_id: FindingId,
    pub outcome: OutcomeWord,
    pub compliance: ComplianceWord,
    pub certainty: CertaintyWord,
    pub reasons: Vec<RecordedReason>,
    /// Which edition of the rules found it.
    pub policy_version: i64,
    pub found_at: Timestamp,
    /// Set aside because the record was a mistake.
    pub superseded_at: Option<Timestamp>,
}

impl WireFinding {
    pub fn of(found: &RecordedFinding, reasons: Vec<RecordedReason>) -> Self {
        Self {
            finding_id: found.id,
            outcome: Spelled(found.outcome),
            compliance: Spelled(found.compliance),
            certainty: Spelled(found.certainty),
            reasons,
            policy_version: found.policy_version,
            found_at: found.found_at.into(),
            superseded_at: found.superseded_at.map(Timestamp),
        }
    }
}

fn position(check_in: &CheckIn) -> Option<WireFix> {
    let latitude = check_in.latitude?;
    let longitude = check_in.longitude?;
    Some(WireFix { latitude, longitude, accuracy_m: check_in.accuracy_m? })
}

impl From<CheckInInContext> for WireCheckIn {
    fn from(read: CheckInInContext) -> Self {
        let check_in = read.check_in;
        Self {
            check_in_id: check_in.id,
            obligation_id: check_in.obligation_id,
            order_id: check_in.order_id,
            station_id: check_in.station_id,
            station_name: read.station_name,
            confirmed_by: check_in.confirmed_by,
            confirmed_by_name: read.confirmed_by_name,
            identity_method: Spelled(check_in.identity_method),
            identity_result: Spelled(check_in.identity_result),
            attended_at: check_in.attended_at.into(),
            received_at: check_in.received_at.into(),
            earliest_at: check_in.earliest_at.into(),
            latest_at: check_in.latest_at.into(),
            position: position(&check_in),
            note: check_in.note,
            settled: check_in.settled,
            finding: WireFinding::of(&read.finding, read.reasons),
            seal: read.seal.map(WireSeal::from),
            supersedes: check_in.supersedes,
            superseded_at: check_in.superseded_at.map(Timestamp),
            superseded_by: check_in.superseded_by,
            superseded_reason: check_in.superseded_reason,
        }
    }
}

/// Reads a record and what it was found to mean.
///
/// With both clocks, who confirmed it, and what took its place if it was called a mistake. The
/// reading is in the ledger.
#[utoipa::path(
    tag = "Sign-ons",
    params(("check_in_id" = CheckInId, Path, description = "The record")),
    responses((status = 200, description = "The record", body = WireCheckIn)),
)]
#[get("/check-ins/{check_in_id}")]
pub async fn get_check_in(
    caller: Caller<act::ReadCase>,
    id: web::Path<CheckInId>,
) -> Result<HttpResponse, Problem> {
    let (actor, id) = (caller.actor(), *id);
    let found = caller.write(move |tx| read(tx, &actor, id)).await?;
    Ok(HttpResponse::Ok().json(WireCheckIn::from(found)))
}
