//! Alerts about tags that fell silent: what had come in by an instant.

use compliance::Instant;
use compliance::attendance::{Compliance, Reason};
use compliance::zone::feed_silent_from;

use super::{Reckoned, Replayed, RestsOn, nothing_on_file};
use crate::ZONE;
use crate::operations::explain_finding::{Cited, differences};
use crate::operations::feeds::of_silence_key;
use crate::operations::raise_alerts::object_of_key;
use crate::store::alerts::{self, Alert};
use crate::store::feeds::{self, Feed};
use crate::store::id::FeedId;
use crate::store::positions::{self, TagPosition};
use crate::store::{StoreError, Tx};

/// On what alerts about silent tags stand.
const BASIS: &str =
    "How often the tag was set to report; silence is not compliance, and no breach by itself";

/// Nothing if the tag is not on file.
pub fn facts_of(
    tx: &mut Tx<'_>,
    alert: &Alert,
    (then, now): (Instant, Instant),
) -> Result<Option<RestsOn>, StoreError> {
    let key = alerts::key_of(tx, alert.id)?.unwrap_or_default();
    let Some((id, since)) = object_of_key(&key).zip(of_silence_key(&key)) else { return Ok(None) };
    let Some(feed) = feeds::find_for_service(tx, FeedId::from(id))? else { return Ok(None) };
    let (last_then, last_now) = (
        positions::last_known(tx, (feed.id, since), then)?,
        positions::last_known(tx, (feed.id, since), now)?,
    );
    let (at_then, at_now) =
        (reckon(&feed, since, &last_then, then), reckon(&feed, since, &last_now, now));
    let mut cited: Vec<Cited> = last_then.into_iter().chain(last_now).map(Cited::from).collect();
    cited.sort_by_key(|it| (it.received_at, it.id));
    cited.dedup_by_key(|it| it.id);
    let differences = differences(&cited, then, now);
    let replayed = Replayed { basis: BASIS, then: at_then, now: at_now, differences, cited };
    Ok(Some(RestsOn::Facts(Box::new(replayed))))
}

/// `last`: the next position after the silence began, or the one before it while there is none.
fn reckon(feed: &Feed, since: Instant, last: &Option<TagPosition>, at: Instant) -> Reckoned {
    let silent_from = feed_silent_from(since, feed.interval_ms);
    let facts = last.iter().map(|it| it.id.uuid()).collect();
    let broken_at = last.as_ref().map(|it| it.fixed_at).filter(|at| since < *at);
    let (state, says) = match broken_at {
        Some(heard_at) if heard_at < silent_from => {
            ("heard", format!("A position of {} came in.", heard_at.in_words(ZONE)))
        }
        Some(heard_at) => (
            "silent",
            format!(
                "Nothing is on file from {} to {}.",
                since.in_words(ZONE),
                heard_at.in_words(ZONE)
            ),
        ),
        None if at < silent_from => return Reckoned { facts, ..nothing_on_file(at) },
        None => ("silent", format!("Nothing is on file since {}.", since.in_words(ZONE))),
    };
    Reckoned {
        known_at: at,
        state: Some(state),
        compliance: Compliance::NoData,
        reasons: vec![Reason { code: "tag-silence", says }],
        facts,
        asks_for_it: state == "silent",
    }
}
