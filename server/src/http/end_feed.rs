//! `end_feed`: a tag is off.

use actix_web::{HttpResponse, put, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::confirm_sign_on::REASON_CHARS_MAX;
use super::problem::Problem;
use super::start_feed::WireFeed;
use super::wire::{Body, Timestamp, checked_text};
use crate::operations::feeds::{FeedEnd as End, end_feed as end};
use crate::store::id::FeedId;

/// When and why a tag reports no more.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedEnd {
    pub ended_at: Timestamp,
    #[schema(min_length = 1, max_length = 500, example = "The tag was taken off.")]
    pub reason: String,
}

/// Says that a tag is off.
///
/// Its silence is raised no more. The same again is harmless; another end is a `record-conflict`.
#[utoipa::path(
    tag = "Places",
    params(("feed_id" = FeedId, Path, description = "The feed")),
    request_body = FeedEnd,
    responses((status = 200, description = "The feed, ended", body = WireFeed)),
)]
#[put("/feeds/{feed_id}/end")]
pub async fn end_feed(
    caller: Caller<act::KeepCase>,
    id: web::Path<FeedId>,
    body: Body<FeedEnd>,
) -> Result<HttpResponse, Problem> {
    let FeedEnd { ended_at, reason } = body.read().await?;
    if reason.trim().is_empty() {
        return Err(Problem::field("/reason", "must say why the feed ended"));
    }
    checked_text("/reason", &reason, REASON_CHARS_MAX)?;
    let (actor, id) = (caller.actor(), *id);
    let asked = End { ended_at: ended_at.0, reason };
    let feed = caller.write(move |tx| end(tx, &actor, id, &asked)).await?;
    Ok(HttpResponse::Ok().json(WireFeed::from(feed)))
}
