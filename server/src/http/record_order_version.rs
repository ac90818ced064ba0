//! `record_order_version`: the court has varied, renewed or corrected an order.

use actix_web::{HttpResponse, put, web};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::taken_version::TakenVersion;
use super::wire::{Body, Timestamp, VersionReasonWord, day};
use crate::import_file::{ConditionEntry, VersionEntry};
use crate::operations::record_order::{NewEnd, NewVersion, record_order_version as record};
use crate::store::id::{FactId, OrderId};

/// The next version of an order, with all its conditions.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NextVersion {
    /// Why there is one: `variation`, `renewal`, `appeal` or `correction`.
    pub reason: VersionReasonWord,
    /// Asked for of a correction: what was wrong.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub note: String,
    /// After the version on file. From then on it counts, and that version does not.
    pub in_force_from: Timestamp,
    /// The last day from now on, included. Left out: as before. A renewal says it, or
    /// `until_further_order`.
    #[serde(default, deserialize_with = "day")]
    pub ends_on: Option<NaiveDate>,
    /// It has no last day any more.
    #[serde(default)]
    pub until_further_order: bool,
    #[schema(min_items = 1)]
    pub conditions: Vec<ConditionEntry>,
}

impl NextVersion {
    fn read(self) -> Result<NewVersion, Problem> {
        let end = match (self.ends_on, self.until_further_order) {
            (Some(_), true) => {
                let says = "cannot be told with `until_further_order`";
                return Err(Problem::field("/ends_on", says));
            }
            (Some(day), false) => NewEnd::On(day),
            (None, true) => NewEnd::UntilFurtherOrder,
            (None, false) => NewEnd::AsBefore,
        };
        let version = VersionEntry {
            number: 0,
            reason: self.reason.0.to_string(),
            note: self.note,
            in_force_from: self.in_force_from.0.to_rfc3339(),
            conditions: self.conditions,
        };
        Ok(NewVersion { version, end })
    }
}

/// Records the next version of an order: varied, renewed, changed on appeal, or corrected.
///
/// What the version before still asked for after `in_force_from` is cancelled; what was done or
/// missed stays as it is. Sessions of treatment that the new version does not ask for any more are
/// cancelled with it. Terms that cannot be kept together with another order's raise an alert.
#[utoipa::path(
    tag = "Orders",
    params(
        ("order_id" = OrderId, Path, description = "The order"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the client"),
    ),
    request_body = NextVersion,
    responses((status = 201, description = "Recorded, now or before", body = TakenVersion)),
)]
#[put("/orders/{order_id}/versions/{record_id}")]
pub async fn record_order_version(
    caller: Caller<act::KeepCase>,
    ids: web::Path<(OrderId, FactId)>,
    version: Body<NextVersion>,
) -> Result<HttpResponse, Problem> {
    let (new, ids, actor) = (version.read().await?.read()?, *ids, caller.actor());
    let taken = caller.write(move |tx| record(tx, &actor, ids, &new)).await?;
    Ok(HttpResponse::Created().json(TakenVersion::from(taken)))
}
