//! The feed of a tag: its beginning, its end, and its silence, which is never compliance.

use compliance::Instant;
use compliance::alert::{AlertCloseReason, AlertKind};
use compliance::fact::{FactKind, TimerKind};
use compliance::instant::{MINUTE_MS, SECOND_MS};
use compliance::zone::feed_silent_from;
use serde::Serialize;

use super::Actor;
use super::raise_alerts::close_alert;
use super::record_fact::{NewFact, Recorded, order_in_scope, record_fact, record_reading};
use super::ring_timers::{Rung, about};
use crate::ZONE;
use crate::refusal::Refusal;
use crate::store::feeds::{self, Feed};
use crate::store::id::{FactId, FeedId, OrderId};
use crate::store::orders::Order;
use crate::store::timers::{self, Timer};
use crate::store::{StoreError, Tx};

/// Somebody else's clock may be ahead of ours by this much.
pub const AHEAD_MS_MAX: i64 = 5 * MINUTE_MS;

#[derive(Debug, Clone)]
pub struct NewFeed {
    pub id: FeedId,
    pub order: OrderId,
    pub device_reference: String,
    pub interval_ms: i64,
    pub started_at: Instant,
}

#[derive(Debug, Clone)]
pub struct FeedEnd {
    pub ended_at: Instant,
    pub reason: String,
}

#[derive(Serialize)]
struct Begun<'a> {
    device_reference: &'a str,
    interval_ms: i64,
    started_at: String,
}

#[derive(Serialize)]
struct Ended<'a> {
    ended_at: String,
    reason: &'a str,
}

/// From now on the tag is to report, and its silence is noticed.
pub fn start_feed(tx: &mut Tx<'_>, actor: &Actor, new: &NewFeed) -> Result<Feed, Refusal> {
    order_in_scope(tx, actor, new.order)?;
    if new.started_at > actor.now + AHEAD_MS_MAX {
        return Err(Refusal::field("/started_at", "is in the future"));
    }
    let fact = NewFact {
        id: FactId::from(new.id.uuid()),
        kind: FactKind::FeedStarted,
        order: new.order,
        object: new.id.uuid(),
        party: None,
        happened_at: new.started_at,
        body: Begun {
            device_reference: &new.device_reference,
            interval_ms: new.interval_ms,
            started_at: new.started_at.to_rfc3339(),
        },
        says: format!("A tag was fitted that reports every {}.", in_words(new.interval_ms)),
    };
    if let Recorded::Before(_) = record_fact(tx, actor, fact)? {
        return feed_in_scope(tx, actor, new.id);
    }
    let feed = Feed {
        id: new.id,
        order_id: new.order,
        device_reference: new.device_reference.clone(),
        interval_ms: new.interval_ms,
        started_at: new.started_at,
        ended_at: None,
        end_reason: None,
        last_fix_at: None,
        silent_since: None,
    };
    feeds::insert(tx, &feed)?;
    watch(tx, &feed)?;
    Ok(feed)
}

/// The tag is off: nothing more is to come, and its silence says nothing.
pub fn end_feed(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: FeedId,
    end: &FeedEnd,
) -> Result<Feed, Refusal> {
    let mut feed = feed_in_scope(tx, actor, id)?;
    if let Some(ended_at) = feed.ended_at {
        let is_same = ended_at == end.ended_at && feed.end_reason.as_ref() == Some(&end.reason);
        return if is_same { Ok(feed) } else { Err(Refusal::RecordConflict) };
    }
    if end.ended_at < feed.started_at {
        return Err(Refusal::field("/ended_at", "is before the feed began"));
    }
    if end.ended_at > actor.now + AHEAD_MS_MAX {
        return Err(Refusal::field("/ended_at", "is in the future"));
    }
    let fact = NewFact {
        id: actor.identity.id(actor.now),
        kind: FactKind::FeedEnded,
        order: feed.order_id,
        object: id.uuid(),
        party: None,
        happened_at: end.ended_at,
        body: Ended { ended_at: end.ended_at.to_rfc3339(), reason: &end.reason },
        says: format!("The tag reports no more: {}", end.reason),
    };
    record_fact(tx, actor, fact)?;
    feed.ended_at = Some(end.ended_at);
    feed.end_reason = Some(end.reason.clone());
    heard_again(tx, actor.now, &mut feed)?;
    feeds::update(tx, &feed)?;
    timers::set(tx, feed.order_id, (TimerKind::FeedSilence, id.uuid()), None)?;
    Ok(feed)
}

/// Those of an order, the latest first.
pub fn list_feeds(tx: &mut Tx<'_>, actor: &Actor, order: OrderId) -> Result<Vec<Feed>, Refusal> {
    let order = order_in_scope(tx, actor, order)?;
    let found = feeds::of_order(tx, order.id)?;
    record_reading(tx, actor, "list_feeds", order.id)?;
    Ok(found)
}

fn feed_in_scope(tx: &mut Tx<'_>, actor: &Actor, id: FeedId) -> Result<Feed, Refusal> {
    feeds::find(tx, actor.scope, id)?.ok_or(Refusal::NotFound("feed"))
}

/// Looks again when the feed will be silent, unless something comes.
pub fn watch(tx: &mut Tx<'_>, feed: &Feed) -> Result<(), StoreError> {
    let silent_from = feed_silent_from(feed.heard_at(), feed.interval_ms);
    let timer = (TimerKind::FeedSilence, feed.id.uuid());
    timers::set(tx, feed.order_id, timer, Some(silent_from).filter(|_| feed.ended_at.is_none()))
}

/// The same for every tag of an order.
pub fn watch_order(tx: &mut Tx<'_>, order: OrderId) -> Result<(), StoreError> {
    for feed in feeds::of_order(tx, order)? {
        watch(tx, &feed)?;
    }
    Ok(())
}

/// The silence that somebody was told of is over.
pub fn heard_again(tx: &mut Tx<'_>, now: Instant, feed: &mut Feed) -> Result<(), StoreError> {
    let Some(since) = feed.silent_since.take() else { return Ok(()) };
    close_alert(tx, now, &silence_key(feed, since), AlertCloseReason::Resolved, None)
}

/// Each silence is an alert of its own.
fn silence_key(feed: &Feed, since: Instant) -> String {
    format!("{}:{}:{}", AlertKind::FeedSilent, feed.id, since.ms())
}

/// When the silence of such an alert began.
pub fn of_silence_key(key: &str) -> Option<Instant> {
    key.rsplit(':').next()?.parse().ok().map(Instant::from_ms)
}

/// Whether a feed is silent, and who has to know.
pub fn ring_feed(
    tx: &mut Tx<'_>,
    now: Instant,
    timer: &Timer,
    order: &Order,
) -> Result<Rung, StoreError> {
    let found = feeds::find_for_service(tx, FeedId::from(timer.object_id.uuid()))?;
    let is_open = |feed: &Feed| feed.ended_at.is_none() && order.ended_at.is_none();
    let Some(mut feed) = found.filter(is_open) else { return Ok(Rung::default()) };
    let silent_from = feed_silent_from(feed.heard_at(), feed.interval_ms);
    if now < silent_from {
        return Ok(Rung { raises: Vec::new(), next_at: Some(silent_from) });
    }
    let since = feed.silent_since.unwrap_or(feed.heard_at());
    if feed.silent_since.is_none() {
        feed.silent_since = Some(since);
        feeds::update(tx, &feed)?;
    }
    let detail = format!(
        "Nothing has come from the tag since {}; it is to report every {}. Silence is not \
         compliance.",
        since.in_words(ZONE),
        in_words(feed.interval_ms)
    );
    let raise =
        about(order, AlertKind::FeedSilent, (silence_key(&feed, since), silent_from), detail);
    // What comes next sets the timer anew.
    Ok(Rung { raises: vec![raise], next_at: None })
}

fn in_words(interval_ms: i64) -> String {
    if interval_ms % MINUTE_MS == 0 {
        format!("{} min", interval_ms / MINUTE_MS)
    } else {
        format!("{} s", interval_ms / SECOND_MS)
    }
}
