//! `register_device`: a device, number or account of the subject.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{
    Body, DeviceKindWord, IdentifierKindWord, RegisteredWord, Timestamp, checked_text,
};
use compliance::device::{Device, DeviceRefusal, Identifier};

use crate::operations::devices::{DeviceBody, register_device as register};
use crate::operations::order_life::Event;
use crate::store::id::{FactId, OrderId};

/// A device, a number or an account of the subject.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceSubmission {
    pub happened_at: Timestamp,
    pub kind: DeviceKindWord,
    /// As one would recognise it: make, model, colour.
    #[schema(min_length = 1, max_length = 200)]
    pub description: String,
    /// What tells it from another: an IMEI, a serial number, a telephone number, an account's name.
    #[schema(max_items = 10)]
    pub identifiers: Vec<IdentifierSubmission>,
    pub registered: RegisteredWord,
}

/// What tells one device from another.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentifierSubmission {
    pub kind: IdentifierKindWord,
    #[schema(min_length = 1, max_length = 100)]
    pub text: String,
}

impl DeviceSubmission {
    fn body(self) -> Result<DeviceBody, Problem> {
        checked_text("/description", &self.description, 200)?;
        if self.identifiers.len() > 10 {
            return Err(Problem::field("/identifiers", "holds more than 10"));
        }
        let mut identifiers = Vec::new();
        for (index, identifier) in self.identifiers.iter().enumerate() {
            let at = format!("/identifiers/{index}/text");
            checked_text(&at, &identifier.text, 100)?;
            let parsed = Identifier::parse(identifier.kind.0, &identifier.text);
            identifiers.push(parsed.map_err(|refusal| Problem::field(at, refusal.to_string()))?);
        }
        let kept = identifiers.iter().map(|it| (it.kind().to_string(), it.text().to_owned()));
        let kept = kept.collect();
        let device = Device::new(self.kind.0, &self.description, identifiers, self.registered.0);
        let device = device.map_err(|refusal: DeviceRefusal| {
            Problem::field("/description", refusal.to_string())
        })?;
        Ok(DeviceBody {
            kind: device.kind.to_string(),
            description: device.description().to_owned(),
            identifiers: kept,
            registered: device.registered.to_string(),
        })
    }
}

/// Puts a device on the subject's register.
///
/// One that was found although the order asks for devices to be declared raises an alert.
#[utoipa::path(
    tag = "Devices",
    params(
        ("order_id" = OrderId, Path, description = "The order"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the client; the device's id"),
    ),
    request_body = DeviceSubmission,
    responses((status = 201, description = "Recorded, now or before", body = Record)),
)]
#[put("/orders/{order_id}/devices/{record_id}")]
pub async fn register_device(
    caller: Caller<act::RecordFact>,
    ids: web::Path<(OrderId, FactId)>,
    device: Body<DeviceSubmission>,
) -> Result<HttpResponse, Problem> {
    let device = device.read().await?;
    let (order, record) = *ids;
    let event = Event { order, record, happened_at: device.happened_at.0 };
    let registered = device.registered.0;
    let (actor, body) = (caller.actor(), device.body()?);
    let recorded =
        caller.write(move |tx| register(tx, &actor, event, (registered, body.clone()))).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
