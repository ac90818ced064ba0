//! `record_warning`: what officers should know before they meet a subject.

use actix_web::{HttpResponse, put, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, WarningKindWord, required_text};
use crate::operations::warnings::record_warning as record;
use crate::store::id::{FactId, OrderId};

/// Why to take care.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWarning {
    pub kind: WarningKindWord,
    /// What was seen or heard, in a sentence. It is shown at every counter: name no victim and
    /// nobody else, and say nothing of where they are.
    #[schema(
        min_length = 1,
        max_length = 300,
        example = "Struck an officer when he was searched."
    )]
    pub says: String,
}

/// Records a warning about a subject, for the safety of officers and of the subject.
///
/// It concerns the person: whoever may know of any order of the same subject sees it, in lists of
/// other stations too. It stands until somebody ends it, or calls it a mistake.
#[utoipa::path(
    tag = "Cases",
    params(
        ("order_id" = OrderId, Path, description = "An order of the subject"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the client"),
    ),
    request_body = NewWarning,
    responses((status = 201, description = "Recorded, now or before", body = Record)),
)]
#[put("/orders/{order_id}/warnings/{record_id}")]
pub async fn record_warning(
    caller: Caller<act::RecordFact>,
    ids: web::Path<(OrderId, FactId)>,
    warning: Body<NewWarning>,
) -> Result<HttpResponse, Problem> {
    let NewWarning { kind, says } = warning.read().await?;
    required_text("/says", &says, 300)?;
    let (actor, ids) = (caller.actor(), *ids);
    let recorded = caller.write(move |tx| record(tx, &actor, ids, (kind.0, &says))).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
