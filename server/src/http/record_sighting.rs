//! `record_sighting`: somebody saw the subject.

use actix_web::{HttpRequest, HttpResponse, put, web};
use compliance::place::SightingSource;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::confirm_sign_on::phone_clock;
use super::problem::Problem;
use super::record::Record;
use super::wire::{
    Body, SightingSourceWord, Spelled, Timestamp, WireFix, ZoneVerdictWord, checked_text,
};
use crate::operations::record_sighting::{NewSighting, Reading, record_sighting as record};
use crate::store::StoreError;
use crate::store::id::{ConditionId, FactId, OrderId};

/// Longer notes belong in the case file.
const NOTE_CHARS_MAX: usize = 2_000;

/// Where and when the subject was seen: the subject, never a protected person.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Sighting {
    pub position: WireFix,
    /// By the phone's clock. With `Phone-Clock`, the true time is reckoned from the two; without it,
    /// the time is taken as it is said.
    pub seen_at: Timestamp,
    /// A tag's positions come by its feed.
    pub source: SightingSourceWord,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schema(max_length = 2000)]
    pub note: String,
}

/// A sighting on file, and what it shows about each condition of the order that names ground.
#[derive(Debug, Serialize, ToSchema)]
pub struct SightingReceipt {
    pub record: Record,
    pub readings: Vec<ZoneReading>,
}

/// What a position shows about one condition. It is no breach: that, a named person decides.
#[derive(Debug, Serialize, ToSchema)]
pub struct ZoneReading {
    pub condition_id: ConditionId,
    #[schema(example = "P1")]
    pub label: String,
    pub verdict: ZoneVerdictWord,
    /// Metres from the zone's line, negative inside.
    pub margin_m: Option<f64>,
    pub accuracy_m: Option<f64>,
    /// A sentence for the officer. It may name roads of the zone: not for the subject's ears.
    pub reason: String,
}

impl TryFrom<Reading> for ZoneReading {
    type Error = StoreError;

    fn try_from(reading: Reading) -> Result<Self, StoreError> {
        Ok(Self {
            verdict: Spelled(reading.verdict()?),
            condition_id: reading.condition,
            label: reading.label,
            margin_m: reading.margin_m.map(to_decimetres),
            accuracy_m: reading.accuracy_m,
            reason: reading.reason,
        })
    }
}

/// Finer is not known.
pub fn to_decimetres(metres: f64) -> f64 {
    (metres * 10.0).round() / 10.0
}

impl Sighting {
    fn checked(
        self,
        (id, order): (FactId, OrderId),
        phone_clock: Option<Timestamp>,
    ) -> Result<NewSighting, Problem> {
        checked_text("/note", &self.note, NOTE_CHARS_MAX)?;
        if self.source.0 == SightingSource::Tag {
            return Err(Problem::field("/source", "is tag: a tag's positions come by its feed"));
        }
        let body = serde_json::json!(self).to_string();
        Ok(NewSighting {
            id,
            order,
            fix: self.position.checked("/position")?,
            seen_at: self.seen_at.0,
            phone_clock_at: phone_clock.map(|clock| clock.0),
            source: self.source.0,
            note: self.note,
            body,
        })
    }
}

/// Records that the subject was seen.
///
/// The position is held against every zone, and every place not to be approached, of the version in
/// force at that time. "Inside" is said only when the whole circle of its accuracy is inside. Inside,
/// and perhaps inside, raise an alert; one stay is one alert. Where the clocks leave it open on which
/// side of a change it was, of a zone's hours or of the order, the verdict is uncertain. Sending the same again is harmless and
/// gets the same answer, whatever the order says by then.
#[utoipa::path(
    tag = "Places",
    params(
        ("order_id" = OrderId, Path, description = "An order on the subject"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the client"),
        ("Phone-Clock" = Option<Timestamp>, Header,
            description = "The phone's clock as the request is sent; bounds the true time of a sighting that was held"),
    ),
    request_body = Sighting,
    responses((status = 201, description = "Recorded, now or before", body = SightingReceipt)),
)]
#[put("/orders/{order_id}/sightings/{record_id}")]
pub async fn record_sighting(
    request: HttpRequest,
    caller: Caller<act::RecordFact>,
    ids: web::Path<(OrderId, FactId)>,
    sighting: Body<Sighting>,
) -> Result<HttpResponse, Problem> {
    let (order, id) = *ids;
    let sighting = sighting.read().await?;
    let seen = sighting.checked((id, order), phone_clock(request.headers())?)?;
    let actor = caller.actor();
    let (fact, readings) = caller.write(move |tx| record(tx, &actor, &seen)).await?;
    let readings = readings.into_iter().map(ZoneReading::try_from);
    let readings = readings.collect::<Result<Vec<_>, StoreError>>()?;
    Ok(HttpResponse::Created().json(SightingReceipt { record: fact.into(), readings }))
}
