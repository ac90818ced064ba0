//! `confirm_sign_on`: an officer says that the subject attended.

use actix_web::http::header::HeaderMap;
use actix_web::{HttpRequest, HttpResponse, put, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::{Kind, Problem};
use super::wire::{
    Body, CertaintyWord, ComplianceWord, IdentityMethodWord, IdentityResultWord, OutcomeWord,
    Spelled, Timestamp, WireFix, checked_text,
};
use crate::operations::Actor;
use crate::operations::confirm_sign_on::{
    Confirmation, Confirmed, Receipt, confirm_sign_on as confirm,
};
use crate::operations::held_records::{ThisPhone, note_use};
use crate::operations::supersede_check_in::Correction;
use crate::refusal::Refusal;
use crate::store::Tx;
use crate::store::findings::RecordedReason;
use crate::store::id::{CheckInId, ObligationId, StationId};

/// Longer notes belong in the case file.
const NOTE_CHARS_MAX: usize = 2_000;
pub const REASON_CHARS_MAX: usize = 500;

/// A sign-on as the officer's phone records it. A body that is sent again must be the same.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignOn {
    pub obligation_id: ObligationId,
    /// Where the officer is, even when the order names another station.
    pub station_id: StationId,
    pub identity: Identity,
    /// By the phone's clock, at the moment of confirming.
    pub attended_at: Timestamp,
    /// Left out when the phone has none; never a reason to refuse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<WireFix>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schema(max_length = 2000)]
    pub note: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<WireCorrection>,
}

/// How the person was identified, and with what result.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    pub method: IdentityMethodWord,
    pub result: IdentityResultWord,
}

/// The record that this one takes the place of, because it was a mistake.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Correction)]
pub struct WireCorrection {
    pub check_in_id: CheckInId,
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// What the record was found to be. The same record gets the same receipt however often it is sent.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SignOnReceipt {
    pub check_in_id: CheckInId,
    pub obligation_id: ObligationId,
    pub received_at: Timestamp,
    pub outcome: OutcomeWord,
    pub compliance: ComplianceWord,
    pub certainty: CertaintyWord,
    pub reasons: Vec<RecordedReason>,
    /// Whether this record fulfilled the obligation; of several, only the first does.
    pub settled: bool,
}

impl From<Receipt> for SignOnReceipt {
    fn from(receipt: Receipt) -> Self {
        Self {
            check_in_id: receipt.check_in,
            obligation_id: receipt.obligation,
            received_at: receipt.received_at.into(),
            outcome: Spelled(receipt.finding.outcome),
            compliance: Spelled(receipt.finding.compliance),
            certainty: Spelled(receipt.finding.certainty),
            reasons: receipt.finding.reasons,
            settled: receipt.settled,
        }
    }
}

impl SignOn {
    /// Refusals name the field, below `at`.
    pub fn read(json: serde_json::Value, at: &str) -> Result<Self, Problem> {
        serde_path_to_error::deserialize(json).map_err(|error| {
            let pointer = format!("{at}{}", crate::import_file::json_pointer(error.path()));
            Problem::field(pointer, error.into_inner().to_string())
        })
    }

    /// `phone_clock` is the phone's clock as the request left it.
    pub fn confirmation(
        self,
        id: CheckInId,
        phone_clock: Option<Timestamp>,
        at: &str,
    ) -> Result<Confirmation, Problem> {
        checked_text(&format!("{at}/note"), &self.note, NOTE_CHARS_MAX)?;
        let fix = self.position.map(|fix| fix.checked(&format!("{at}/position"))).transpose()?;
        if let Some(correction) = &self.corrects {
            let pointer = format!("{at}/corrects/reason");
            if correction.reason.trim().is_empty() {
                return Err(Problem::field(pointer, "must say why the record was a mistake"));
            }
            checked_text(&pointer, &correction.reason, REASON_CHARS_MAX)?;
        }
        let body = serde_json::json!(self).to_string();
        Ok(Confirmation {
            id,
            obligation: self.obligation_id,
            station: self.station_id,
            identity_method: self.identity.method.0,
            identity_result: self.identity.result.0,
            attended_at: self.attended_at.0,
            phone_clock_at: phone_clock.map(|clock| clock.0),
            fix,
            note: self.note,
            corrects: self
                .corrects
                .map(|it| Correction { check_in: it.check_in_id, reason: it.reason }),
            seal: None,
            body,
        })
    }
}

/// The header that tells a phone's wrong clock from a late record.
pub const PHONE_CLOCK: &str = "Phone-Clock";

pub fn phone_clock(headers: &HeaderMap) -> Result<Option<Timestamp>, Problem> {
    let Some(header) = headers.get(PHONE_CLOCK) else { return Ok(None) };
    let text = header.to_str().unwrap_or_default();
    serde_json::from_value(serde_json::json!(text)).map(Some).map_err(|error| {
        Problem::because(Kind::InvalidParameter, format!("{PHONE_CLOCK}: {error}"))
    })
}

/// Confirms, and notes that the phone is in use there.
pub fn confirmed_by(
    tx: &mut Tx<'_>,
    actor: &Actor,
    phone: ThisPhone,
    confirmation: &Confirmation,
) -> Result<Confirmed, Refusal> {
    let confirmed = confirm(tx, actor, confirmation)?;
    note_use(tx, actor, phone, confirmation.station)?;
    Ok(confirmed)
}

/// Records that a subject signed on.
///
/// Early, late, in the wrong place or by the wrong person, it is recorded and found to be what it
/// is. Sending the same record again is harmless and gets the same answer; another record under the
/// same id is a `check-in-conflict`, and both are kept.
#[utoipa::path(
    tag = "Sign-ons",
    params(
        ("check_in_id" = CheckInId, Path, description = "A UUIDv7 made by the phone"),
        ("Phone-Clock" = Option<Timestamp>, Header,
            description = "The phone's clock as the request is sent; bounds the true time of a record that was held"),
    ),
    request_body = SignOn,
    responses((status = 201, description = "Recorded, now or before", body = SignOnReceipt)),
)]
#[put("/check-ins/{check_in_id}")]
pub async fn confirm_sign_on(
    request: HttpRequest,
    caller: Caller<act::ConfirmSignOn>,
    id: web::Path<CheckInId>,
    sign_on: Body<SignOn>,
) -> Result<HttpResponse, Problem> {
    let sign_on = sign_on.read().await?;
    let clock = phone_clock(request.headers())?;
    let confirmation = sign_on.confirmation(*id, clock, "")?;
    let (actor, phone) = (caller.actor(), caller.phone());
    match caller.write(move |tx| confirmed_by(tx, &actor, phone, &confirmation)).await? {
        Confirmed::Recorded(receipt) | Confirmed::Repeated(receipt) => {
            Ok(HttpResponse::Created().json(SignOnReceipt::from(receipt)))
        }
        Confirmed::Conflict => Err(Problem::new(Kind::CheckInConflict)),
    }
}
