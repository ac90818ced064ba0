//! `list_feeds`: the tags that report on an order's subject, and those that did.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::start_feed::WireFeed;
use crate::operations::feeds::list_feeds as list;
use crate::store::id::OrderId;

/// The feeds of an order, the latest first.
#[derive(Serialize, ToSchema)]
pub struct FeedList {
    pub feeds: Vec<WireFeed>,
}

/// Lists the feeds of tags on an order, those that have ended too.
///
/// Each says what was heard last and since when it is silent: silence is not compliance. The reading
/// is in the ledger.
#[utoipa::path(
    tag = "Places",
    params(("order_id" = OrderId, Path, description = "The order that the tags serve")),
    responses((status = 200, description = "The feeds, the latest first", body = FeedList)),
)]
#[get("/orders/{order_id}/feeds")]
pub async fn list_feeds(
    caller: Caller<act::ReadCase>,
    order: web::Path<OrderId>,
) -> Result<HttpResponse, Problem> {
    let (actor, order) = (caller.actor(), *order);
    let found = caller.write(move |tx| list(tx, &actor, order)).await?;
    let feeds = found.into_iter().map(WireFeed::from).collect();
    Ok(HttpResponse::Ok().json(FeedList { feeds }))
}
