//! `list_positions`: where tags say that the subject was.

use actix_web::{HttpResponse, get, web};
use compliance::{Instant, Word};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record_sighting::to_decimetres;
use super::wire::Timestamp;
use crate::operations::Actor;
use crate::operations::record_fact::{order_in_scope, record_reading};
use crate::refusal::Refusal;
use crate::store::id::OrderId;
use crate::store::positions::{self, TagPosition};
use crate::store::{StoreError, Tx};

/// As many as one batch brings.
const POSITIONS_MAX: usize = 5_000;
const GEO_JSON: &str = "application/geo+json";

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PositionsQuery {
    /// From the beginning when left out.
    from: Option<Timestamp>,
    /// Not included; to the end when left out.
    until: Option<Timestamp>,
}

/// Lists where tags say that the subject was.
///
/// A GeoJSON FeatureCollection (RFC 7946), the oldest first, at most 5000; `is_complete` says whether
/// there are more. The verdict is the gravest that a position shows about a zone of this order, the
/// way to it included. The reading is in the ledger.
#[utoipa::path(
    tag = "Places",
    params(("order_id" = OrderId, Path, description = "The order"), PositionsQuery),
    responses((status = 200, description = "The positions", body = Object,
        content_type = "application/geo+json")),
)]
#[get("/orders/{order_id}/positions")]
pub async fn list_positions(
    caller: Caller<act::ReadCase>,
    order: web::Path<OrderId>,
    query: web::Query<PositionsQuery>,
) -> Result<HttpResponse, Problem> {
    let (actor, order) = (caller.actor(), *order);
    let from = query.from.map_or(Instant::from_ms(i64::MIN), |from| from.0);
    let until = query.until.map_or(Instant::from_ms(i64::MAX), |until| until.0);
    let found = caller.write(move |tx| read(tx, &actor, order, (from, until))).await?;
    let is_complete = found.len() <= POSITIONS_MAX;
    let features = found.iter().take(POSITIONS_MAX).map(feature);
    let features = features.collect::<Result<Vec<_>, StoreError>>()?;
    let collection = json!({
        "type": "FeatureCollection",
        "features": features,
        "is_complete": is_complete,
    });
    Ok(HttpResponse::Ok().content_type(GEO_JSON).body(collection.to_string()))
}

fn read(
    tx: &mut Tx<'_>,
    actor: &Actor,
    order: OrderId,
    between: (Instant, Instant),
) -> Result<Vec<TagPosition>, Refusal> {
    order_in_scope(tx, actor, order)?;
    let one_more = i64::try_from(POSITIONS_MAX).unwrap_or(i64::MAX).saturating_add(1);
    let found = positions::of_order(tx, order, between, one_more)?;
    record_reading(tx, actor, "list_positions", order)?;
    Ok(found)
}

fn feature(position: &TagPosition) -> Result<Value, StoreError> {
    Ok(json!({
        "type": "Feature",
        "id": position.id,
        "geometry": {
            "type": "Point",
            "coordinates": [position.longitude, position.latitude],
        },
        "properties": {
            "feed_id": position.feed_id,
            "fixed_at": Timestamp(position.fixed_at),
            "received_at": Timestamp(position.received_at),
            "accuracy_m": to_decimetres(position.accuracy_m),
            "verdict": position.verdict()?.map(Word::as_str),
            "margin_m": position.margin_m.map(to_decimetres),
        },
    }))
}
