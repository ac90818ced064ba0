//! `make_order`: a court has made what was drafted.

use actix_web::{HttpResponse, put, web};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::taken_version::TakenVersion;
use super::wire::{Body, MadeByWord, Timestamp, day, required_day};
use crate::import_file::{ConditionEntry, VersionEntry};
use crate::operations::record_order::{Making, make_order as make};
use crate::store::id::{FactId, OrderId};

/// What the court decided.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderMaking {
    #[schema(min_length = 1, max_length = 200)]
    pub court: String,
    #[serde(deserialize_with = "required_day")]
    pub made_on: NaiveDate,
    /// On application, when left out.
    #[serde(default)]
    pub made_by: Option<MadeByWord>,
    /// When it was given to the subject, if it was: in court, say.
    #[serde(default)]
    pub served_at: Option<Timestamp>,
    /// The last day, included; without one, until a further order.
    #[serde(default, deserialize_with = "day")]
    pub ends_on: Option<NaiveDate>,
    /// Where the order says that it takes effect on a later day.
    #[serde(default, deserialize_with = "day")]
    pub takes_effect_on: Option<NaiveDate>,
    /// Reference of the interim order whose place it takes.
    #[serde(default)]
    #[schema(max_length = 40)]
    pub replaces: Option<String>,
    pub in_force_from: Timestamp,
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub note: String,
    #[schema(min_items = 1)]
    pub conditions: Vec<ConditionEntry>,
}

impl From<OrderMaking> for Making {
    fn from(making: OrderMaking) -> Self {
        Self {
            court: making.court,
            made_on: making.made_on,
            made_by: making.made_by.map(|word| word.0.to_string()),
            served_at: making.served_at.map(|at| at.0.to_rfc3339()),
            ends_on: making.ends_on,
            takes_effect_on: making.takes_effect_on,
            replaces: making.replaces,
            version: VersionEntry {
                number: 1,
                reason: String::new(),
                note: making.note,
                in_force_from: making.in_force_from.0.to_rfc3339(),
                conditions: making.conditions,
            },
        }
    }
}

/// Records that a court has made a drafted order, with its first version.
///
/// From now on it is an order like any other: it asks to be owned and served, and what it asks for
/// is written out.
#[utoipa::path(
    tag = "Orders",
    params(
        ("order_id" = OrderId, Path, description = "The draft"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the client"),
    ),
    request_body = OrderMaking,
    responses((status = 201, description = "Recorded, now or before", body = TakenVersion)),
)]
#[put("/orders/{order_id}/making/{record_id}")]
pub async fn make_order(
    caller: Caller<act::KeepCase>,
    ids: web::Path<(OrderId, FactId)>,
    making: Body<OrderMaking>,
) -> Result<HttpResponse, Problem> {
    let (making, ids, actor) = (Making::from(making.read().await?), *ids, caller.actor());
    let taken = caller.write(move |tx| make(tx, &actor, ids, &making)).await?;
    Ok(HttpResponse::Created().json(TakenVersion::from(taken)))
}
