//! `list_devices`: the register, requests to present, and examinations.

use actix_web::{HttpResponse, get, web};
use compliance::device::Suspicion;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::wire::{ComplianceWord, RequestStateWord, Spelled, Timestamp};
use crate::operations::devices::{
    DeviceBody, Devices, ExaminationOnFile, RequestOnFile, list_devices as read,
};
use crate::store::facts::Fact;
use crate::store::id::{FactId, OrderId};

/// What is on file about a subject's devices under an order.
#[derive(Serialize, ToSchema)]
pub struct DeviceFile {
    pub devices: Vec<RegisteredDevice>,
    pub requests: Vec<PresentationRequest>,
    pub examinations: Vec<Examination>,
}

/// A device on the register.
#[derive(Serialize, ToSchema)]
pub struct RegisteredDevice {
    pub device_id: FactId,
    pub kind: String,
    pub description: String,
    pub identifiers: Vec<DeviceIdentifier>,
    pub registered: String,
    pub happened_at: Timestamp,
}

/// What tells one device from another.
#[derive(Serialize, ToSchema)]
pub struct DeviceIdentifier {
    pub kind: String,
    pub text: String,
}

/// A request to present, and what it has come to.
#[derive(Serialize, ToSchema)]
pub struct PresentationRequest {
    pub request_id: FactId,
    pub device_id: Option<FactId>,
    pub condition_label: String,
    pub made_at: Timestamp,
    /// As stated; without one, forthwith.
    pub stated_due_at: Option<Timestamp>,
    pub communicated_at: Option<Timestamp>,
    /// From when on silence is a miss; never, while it is not proved communicated.
    pub due_at: Option<Timestamp>,
    pub state: RequestStateWord,
    pub compliance: ComplianceWord,
    pub reasons: Vec<String>,
    pub answered_at: Option<Timestamp>,
}

/// An examination, and what it suggests under the order's own rules.
#[derive(Serialize, ToSchema)]
pub struct Examination {
    pub record_id: FactId,
    pub device_id: Option<FactId>,
    pub started_at: Timestamp,
    pub ended_at: Timestamp,
    pub method: String,
    pub finding: String,
    pub seized_as: Option<String>,
    /// Suspected, until a person decides.
    pub suspected: Vec<String>,
    /// What the order asks for and nobody could establish.
    pub not_established: Vec<String>,
}

impl From<(Fact, DeviceBody)> for RegisteredDevice {
    fn from((fact, body): (Fact, DeviceBody)) -> Self {
        let identifier = |(kind, text)| DeviceIdentifier { kind, text };
        Self {
            device_id: fact.id,
            kind: body.kind,
            description: body.description,
            identifiers: body.identifiers.into_iter().map(identifier).collect(),
            registered: body.registered,
            happened_at: fact.happened_at.into(),
        }
    }
}

impl From<RequestOnFile> for PresentationRequest {
    fn from(found: RequestOnFile) -> Self {
        let RequestOnFile { fact, body, request, response, finding } = found;
        Self {
            request_id: fact.id,
            device_id: body.device,
            condition_label: body.condition_label,
            made_at: fact.happened_at.into(),
            stated_due_at: body.due_at.map(|at| compliance::Instant::from_ms(at).into()),
            communicated_at: request.communicated_at().map(Timestamp),
            due_at: finding.due_at.map(Timestamp),
            state: Spelled(finding.state),
            compliance: Spelled(finding.compliance),
            reasons: finding.reasons.into_iter().map(|reason| reason.says).collect(),
            answered_at: response.map(|response| response.at.into()),
        }
    }
}

impl From<ExaminationOnFile> for Examination {
    fn from(found: ExaminationOnFile) -> Self {
        let ExaminationOnFile { fact, body, suspicions } = found;
        let (mut suspected, mut not_established) = (Vec::new(), Vec::new());
        for suspicion in suspicions {
            match suspicion {
                Suspicion::NonCompliance { says, .. } => suspected.push(says.to_owned()),
                Suspicion::NotEstablished { check, .. } => not_established.push(check.to_string()),
            }
        }
        Self {
            record_id: fact.id,
            device_id: body.device,
            started_at: compliance::Instant::from_ms(body.started_at).into(),
            ended_at: compliance::Instant::from_ms(body.ended_at).into(),
            method: body.method,
            finding: body.finding,
            seized_as: body.seized_as,
            suspected,
            not_established,
        }
    }
}

impl From<Devices> for DeviceFile {
    fn from(found: Devices) -> Self {
        Self {
            devices: found.register.into_iter().map(Into::into).collect(),
            requests: found.requests.into_iter().map(Into::into).collect(),
            examinations: found.examinations.into_iter().map(Into::into).collect(),
        }
    }
}

/// Lists a subject's devices, requests to present them, and examinations.
///
/// What each request has come to is reckoned as of now. The reading is in the ledger.
#[utoipa::path(
    tag = "Devices",
    params(("order_id" = OrderId, Path, description = "The order")),
    responses((status = 200, description = "What is on file", body = DeviceFile)),
)]
#[get("/orders/{order_id}/devices")]
pub async fn list_devices(
    caller: Caller<act::ReadCase>,
    id: web::Path<OrderId>,
) -> Result<HttpResponse, Problem> {
    let (actor, id) = (caller.actor(), *id);
    let found = caller.write(move |tx| read(tx, &actor, id)).await?;
    Ok(HttpResponse::Ok().json(DeviceFile::from(found)))
}
