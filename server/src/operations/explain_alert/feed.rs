//! Alerts about tags that fell silent: what had come in by an instant.

use compliance::attendance::{Compliance, Reason};
use compliance::zone::{FeedSilence, feed_silence};
use compliance::{Instant, Word};

use super::{Reckoned, Replayed, RestsOn, nothing_on_file};
use crate::ZONE;
use crate::operations::explain_finding::Cited;
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
    let mut at = |at| positions::last_known(tx, (feed.id, since), at);
    let last = (at(then)?, at(now)?);
    let reckoned = (reckon(&feed, since, &last.0, then), reckon(&feed, since, &last.1, now));
    let mut cited: Vec<Cited> = [last.0, last.1].into_iter().flatten().map(Cited::from).collect();
    cited.sort_by_key(|it| (it.received_at, it.id));
    cited.dedup_by_key(|it| it.id);
    let replayed = Replayed::of(BASIS, reckoned.0, reckoned.1, cited);
    Ok(Some(RestsOn::Facts(Box::new(replayed))))
}

/// `last`: the next position after the silence began, or the one before it while there is none.
fn reckon(feed: &Feed, since: Instant, last: &Option<TagPosition>, at: Instant) -> Reckoned {
    let facts = last.iter().map(|it| it.id.uuid()).collect();
    let heard_at = last.as_ref().map(|it| it.fixed_at).filter(|at| since < *at);
    let Some(silence) = feed_silence((since, feed.interval_ms), heard_at, at) else {
        return Reckoned { facts, ..nothing_on_file(at) };
    };
    let begun = since.in_words(ZONE);
    let until = heard_at.map(|at| at.in_words(ZONE));
    let says = match (silence, until) {
        (FeedSilence::Heard, Some(until)) => format!("A position of {until} came in."),
        (_, Some(until)) => format!("Nothing is on file from {begun} to {until}."),
        (_, None) => format!("Nothing is on file since {begun}."),
    };
    Reckoned {
        known_at: at,
        state: Some(silence.as_str()),
        compliance: Compliance::NoData,
        reasons: vec![Reason { code: "tag-silence", says }],
        facts,
        asks_for_it: silence == FeedSilence::Silent,
    }
}
