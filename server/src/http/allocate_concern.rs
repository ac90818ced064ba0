//! `allocate_concern`: gives a report to somebody.

use actix_web::{HttpResponse, put};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::concern_act::{ActPath, NOTE_CHARS_MAX, done};
use super::list_concerns::ConcernEntry;
use super::problem::Problem;
use super::wire::{Body, checked_text};
use crate::operations::concerns::Deed;
use crate::store::id::{AccountId, ConcernActId, ConcernId};

/// Who is to find out.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAllocation {
    /// An officer, owner or supervisor who may know of the order.
    pub to_account_id: AccountId,
    /// What to look at first.
    #[serde(default)]
    #[schema(max_length = 4000)]
    pub note: String,
}

/// Gives a report to somebody who investigates it.
///
/// Again, when somebody else is to go on with it.
#[utoipa::path(
    tag = "Concerns",
    params(
        ("concern_id" = ConcernId, Path, description = "The report"),
        ("act_id" = ConcernActId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = NewAllocation,
    responses((status = 201, description = "Done, now or before", body = ConcernEntry)),
)]
#[put("/concerns/{concern_id}/allocations/{act_id}")]
pub async fn allocate_concern(
    caller: Caller<act::OverseeConcern>,
    path: ActPath,
    asked: Body<NewAllocation>,
) -> Result<HttpResponse, Problem> {
    let NewAllocation { to_account_id: to, note } = asked.read().await?;
    checked_text("/note", &note, NOTE_CHARS_MAX)?;
    done(&caller, &path, Deed::Allocate { to }, &note).await
}
