//! Takes in what tags report, line by line: one that cannot be used loses none of the others, and one
//! that came before changes nothing.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use compliance::Instant;
use compliance::place::{Fix, Sighting, SightingSource};
use compliance::zone::{ZoneVerdict, feed_is_silent, feed_silent_from};

use super::Actor;
use super::feeds::{AHEAD_MS_MAX, heard_again, watch};
use super::judge_zones::Grounds;
use super::raise_alerts::{Raise, raise_alerts};
use super::zone_stays::{GAP_MS, Shown, Stays};
use crate::identity::sha256;
use crate::refusal::Refusal;
use crate::store::feeds::{self, Feed};
use crate::store::id::{FactId, FeedId, PositionId, SubjectId};
use crate::store::ledger::{self, Chain, NewEntry};
use crate::store::positions::{self, NewPosition};
use crate::store::{StoreError, Tx, orders};

/// A position as a line holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reported {
    pub feed: FeedId,
    pub fixed_at: Instant,
    pub fix: Fix,
}

/// A line, from 1, and what is in it or why nothing is.
#[derive(Debug, Clone)]
pub struct Line {
    pub number: usize,
    pub read: Result<Reported, String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    Accepted,
    Duplicate,
    Rejected(String),
}

/// One position of a feed, on file or new.
struct Known {
    id: PositionId,
    fix: Fix,
    is_new: bool,
    verdict: Option<(ZoneVerdict, Option<f64>)>,
}

type Track = BTreeMap<Instant, Known>;

/// What became of each line, in their order.
pub fn ingest_positions(
    tx: &mut Tx<'_>,
    actor: &Actor,
    lines: &[Line],
) -> Result<Vec<(usize, Taken)>, Refusal> {
    let mut taken: Vec<(usize, Taken)> = Vec::with_capacity(lines.len());
    let mut of_feeds: BTreeMap<FeedId, Vec<(usize, &Reported)>> = BTreeMap::new();
    for line in lines {
        match &line.read {
            Ok(reported) => {
                of_feeds.entry(reported.feed).or_default().push((line.number, reported));
            }
            Err(reason) => taken.push((line.number, Taken::Rejected(reason.clone()))),
        }
    }
    let mut grounds = HashMap::new();
    let mut raises = Vec::new();
    for (id, reported) in of_feeds {
        match feeds::find(tx, actor.scope, id)? {
            Some(feed) => {
                let mut track = known(tx, &feed, &reported)?;
                taken.extend(sort_in(actor, &feed, &mut track, &reported));
                raises.extend(take_in(tx, actor, feed, track, &mut grounds)?);
            }
            None => {
                let nothing = Taken::Rejected("there is no such feed".to_owned());
                taken.extend(reported.iter().map(|(number, _)| (*number, nothing.clone())));
            }
        }
    }
    raise_alerts(tx, &actor.identity, actor.now, raises)?;
    taken.sort_by_key(|(number, _)| *number);
    Ok(taken)
}

/// What is on file of the feed in the time of the batch, and the neighbours of that.
fn known(
    tx: &mut Tx<'_>,
    feed: &Feed,
    reported: &[(usize, &Reported)],
) -> Result<Track, StoreError> {
    let times = || reported.iter().map(|(_, reported)| reported.fixed_at);
    let span = times().min().zip(times().max());
    let Some(span) = span else { return Ok(Track::new()) };
    let on_file = positions::around(tx, feed.id, span)?.into_iter().map(|position| {
        let known = Known { id: position.id, fix: position.fix(), is_new: false, verdict: None };
        (position.fixed_at, known)
    });
    Ok(on_file.collect())
}

/// Puts each new position in its place among the others.
fn sort_in(
    actor: &Actor,
    feed: &Feed,
    track: &mut Track,
    reported: &[(usize, &Reported)],
) -> Vec<(usize, Taken)> {
    let one = |(number, reported): &(usize, &Reported)| {
        let at = reported.fixed_at;
        let reject = |says: &str| Taken::Rejected(says.to_owned());
        let taken = match track.get(&at) {
            Some(known) if known.fix == reported.fix => Taken::Duplicate,
            Some(_) => reject("another position of the feed has this time"),
            None if at < feed.started_at => reject("is from before the feed began"),
            None if feed.ended_at.is_some_and(|ended_at| ended_at < at) => {
                reject("is from after the feed ended")
            }
            None if at > actor.now + AHEAD_MS_MAX => reject("is in the future"),
            None => {
                let id = actor.identity.id(actor.now);
                track.insert(at, Known { id, fix: reported.fix, is_new: true, verdict: None });
                Taken::Accepted
            }
        };
        (*number, taken)
    };
    reported.iter().map(one).collect()
}

/// Judges and records what is new of a feed; says what is to be raised.
fn take_in(
    tx: &mut Tx<'_>,
    actor: &Actor,
    mut feed: Feed,
    mut track: Track,
    grounds: &mut HashMap<SubjectId, Grounds>,
) -> Result<Vec<Raise>, Refusal> {
    let new = || track.iter().filter(|(_, known)| known.is_new).map(|(at, _)| *at);
    let Some(span) = new().min().zip(new().max()) else { return Ok(Vec::new()) };
    let order = orders::find(tx, actor.scope, feed.order_id)?;
    let subject = order.ok_or(Refusal::NotFound("order"))?.subject_id;
    let grounds = match grounds.entry(subject) {
        Entry::Occupied(read) => read.into_mut(),
        Entry::Vacant(unread) => unread.insert(Grounds::of_subject(tx, subject)?),
    };
    let silence_ms = feed_silent_from(feed.started_at, feed.interval_ms) - feed.started_at;
    let clock = (&actor.identity, actor.now);
    let mut stays = Stays::load(tx, clock, grounds, span, GAP_MS.max(silence_ms))?;
    judge(&feed, grounds, &mut track, &mut stays);
    let raises = stays.put(tx)?;
    record(tx, actor, &feed, &track)?;
    feed.last_fix_at = feed.last_fix_at.max(Some(span.1));
    if !feed_is_silent(feed.heard_at(), feed.interval_ms, actor.now) {
        heard_again(tx, actor.now, &mut feed)?;
    }
    feeds::update(tx, &feed)?;
    watch(tx, &feed)?;
    Ok(raises)
}

/// Each new position by itself, and each way to or from a new one, the oldest first.
fn judge(feed: &Feed, grounds: &Grounds, track: &mut Track, stays: &mut Stays<'_>) {
    let mut before: Option<(Instant, Known)> = None;
    for (at, known) in std::mem::take(track) {
        let mut known = known;
        let ends = before.as_ref().filter(|(_, before)| before.is_new || known.is_new);
        let way = ends.map(|(from, before)| {
            grounds.judge_way(&sighting(before.fix, *from), &sighting(known.fix, at))
        });
        let way = way.unwrap_or_default();
        let by = way.by();
        let shown = |record: PositionId, at, verdict, fix: Fix| Shown {
            record: FactId::from(record.uuid()),
            at,
            verdict,
            by,
            accuracy_m: fix.accuracy_m,
        };
        if known.is_new {
            for (ground, found) in grounds.judge(known.fix, at) {
                stays.take(ground, &shown(known.id, at, found.verdict, known.fix));
                if ground.order.id == feed.order_id {
                    known.show(found.verdict, found.margin_m);
                }
            }
        }
        for (ground, found) in way.crossed {
            // Of the two ends, the one that was not judged yet.
            let (record, when, end) = match before.as_mut().filter(|_| !known.is_new) {
                Some((from, before)) => (before.id, *from, before),
                None => (known.id, at, &mut known),
            };
            stays.take(ground, &shown(record, when, found.verdict, end.fix));
            if ground.order.id == feed.order_id {
                end.show(found.verdict, found.margin_m);
            }
        }
        track.extend(before.replace((at, known)));
    }
    track.extend(before);
}

/// Where a tag says that it was.
pub fn sighting(fix: Fix, at: Instant) -> Sighting {
    Sighting { fix, at, source: SightingSource::Tag }
}

impl Known {
    /// Of what a position shows about several zones, the gravest is kept with it.
    fn show(&mut self, verdict: ZoneVerdict, margin_m: Option<f64>) {
        if self.verdict.is_none_or(|(kept, _)| kept.gravity() < verdict.gravity()) {
            self.verdict = Some((verdict, margin_m));
        }
    }
}

fn record(tx: &mut Tx<'_>, actor: &Actor, feed: &Feed, track: &Track) -> Result<(), StoreError> {
    let new: Vec<NewPosition> = track
        .iter()
        .filter(|(_, known)| known.is_new)
        .map(|(at, known)| NewPosition {
            id: known.id,
            order: feed.order_id,
            feed: feed.id,
            fixed_at: *at,
            fix: known.fix,
            received_at: actor.now,
            verdict: known.verdict.map(|(verdict, _)| verdict),
            margin_m: known.verdict.and_then(|(_, margin_m)| margin_m),
        })
        .collect();
    positions::insert(tx, &new)?;
    let content: Vec<String> =
        new.iter().map(|it| format!("{} {:?} {:?}", it.fixed_at, it.fix, it.verdict)).collect();
    let entry = NewEntry {
        chain: Chain::Order(feed.order_id),
        actor: Some(actor.scope.account),
        act: "ingest_positions",
        object: format!("feed:{}", feed.id),
        detail: format!("accepted:{}", new.len()),
        body_digest: sha256(content.join("\n").as_bytes()),
    };
    ledger::append(tx, actor.now, vec![entry])
}
