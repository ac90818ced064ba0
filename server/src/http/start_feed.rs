//! `start_feed`: a tag was fitted, and is to report from now on.

use actix_web::{HttpResponse, put, web};
use compliance::instant::{DAY_MS, SECOND_MS};
use compliance::zone::feed_silent_from;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::wire::{Body, Timestamp, checked_text};
use crate::operations::feeds::{NewFeed, start_feed as start};
use crate::store::feeds::Feed;
use crate::store::id::{FeedId, OrderId};

/// A tag, and how often it is to report.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedStart {
    /// The supplier's own, which says nothing of the subject.
    #[schema(min_length = 1, max_length = 100, example = "TAG-00417")]
    pub device_reference: String,
    /// From a second to a day.
    #[schema(minimum = 1_000, maximum = 86_400_000, example = 60_000)]
    pub interval_ms: i64,
    pub started_at: Timestamp,
}

/// A feed as it is now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Feed)]
pub struct WireFeed {
    pub feed_id: FeedId,
    pub order_id: OrderId,
    pub device_reference: String,
    pub interval_ms: i64,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub end_reason: Option<String>,
    /// The latest position, by when the tag found it.
    pub last_fix_at: Option<Timestamp>,
    /// When its silence is raised unless something comes; nothing once it has ended.
    pub silent_from: Option<Timestamp>,
    /// Since when nothing came, while somebody has been told of that.
    pub silent_since: Option<Timestamp>,
}

impl From<Feed> for WireFeed {
    fn from(feed: Feed) -> Self {
        let silent_from = feed_silent_from(feed.heard_at(), feed.interval_ms);
        Self {
            feed_id: feed.id,
            order_id: feed.order_id,
            device_reference: feed.device_reference,
            interval_ms: feed.interval_ms,
            started_at: feed.started_at.into(),
            silent_from: feed.ended_at.is_none().then(|| silent_from.into()),
            silent_since: feed.silent_since.map(Timestamp),
            ended_at: feed.ended_at.map(Timestamp),
            end_reason: feed.end_reason,
            last_fix_at: feed.last_fix_at.map(Timestamp),
        }
    }
}

impl FeedStart {
    fn checked(self, id: FeedId, order: OrderId) -> Result<NewFeed, Problem> {
        if self.device_reference.trim().is_empty() {
            return Err(Problem::field("/device_reference", "must say something"));
        }
        checked_text("/device_reference", &self.device_reference, 100)?;
        if !(SECOND_MS..=DAY_MS).contains(&self.interval_ms) {
            return Err(Problem::field("/interval_ms", "is from 1000 to 86400000"));
        }
        Ok(NewFeed {
            id,
            order,
            device_reference: self.device_reference,
            interval_ms: self.interval_ms,
            started_at: self.started_at.0,
        })
    }
}

/// Says that a tag was fitted.
///
/// From then on its positions are taken in, and its silence is raised: silence is not compliance.
#[utoipa::path(
    tag = "Places",
    params(
        ("order_id" = OrderId, Path, description = "The order that the tag serves"),
        ("feed_id" = FeedId, Path, description = "A UUIDv7 made by the client"),
    ),
    request_body = FeedStart,
    responses((status = 201, description = "On file, now or before", body = WireFeed)),
)]
#[put("/orders/{order_id}/feeds/{feed_id}")]
pub async fn start_feed(
    caller: Caller<act::KeepCase>,
    ids: web::Path<(OrderId, FeedId)>,
    feed: Body<FeedStart>,
) -> Result<HttpResponse, Problem> {
    let (order, id) = *ids;
    let new = feed.read().await?.checked(id, order)?;
    let actor = caller.actor();
    let feed = caller.write(move |tx| start(tx, &actor, &new)).await?;
    Ok(HttpResponse::Created().json(WireFeed::from(feed)))
}
