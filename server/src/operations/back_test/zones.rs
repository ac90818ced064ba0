//! The part about zones: positions of tags and sightings, judged once more with the buffers on file and
//! with a proposed one.

use std::collections::{BTreeMap, BTreeSet};

use compliance::Instant;
use compliance::fact::FactKind;
use compliance::place::{Fix, Sighting};
use compliance::zone::{Judgement, check_buffer_m, feed_silent_from};

use super::{Asked, BackTest, Raised, Run, Side};
use crate::identity::Identity;
use crate::operations::Actor;
use crate::operations::ingest_positions::sighting;
use crate::operations::judge_zones::{Ground, Grounds};
use crate::operations::raise_alerts::Raise;
use crate::operations::record_sighting::{judged, seen};
use crate::operations::zone_stays::{GAP_MS, Shown, Stays};
use crate::refusal::Refusal;
use crate::store::facts::Fact;
use crate::store::id::{FactId, FeedId, OrderId, SubjectId};
use crate::store::positions::{self, TagPosition};
use crate::store::{StoreError, Tx, facts, feeds, orders, replays};

const PAGE: i64 = 5_000;
/// Twenty tags for a year, a position every five minutes.
const POSITIONS_MAX: i64 = 2_000_000;

/// Whether zones can be replayed, if that is asked.
pub fn check(tx: &mut Tx<'_>, actor: &Actor, asked: &Asked) -> Result<(), Refusal> {
    let Some(buffer_m) = asked.zone_buffer_m else { return Ok(()) };
    if let Err(refusal) = check_buffer_m(buffer_m) {
        return Err(Refusal::field("/zone_buffer_m", refusal.to_string()));
    }
    if asked.station.is_some() {
        let says = "has to be left out with zone_buffer_m: zones have no station";
        return Err(Refusal::field("/station_id", says));
    }
    let span = (asked.from, asked.until);
    let of = positions::orders_between(tx, actor.scope, span)?;
    let count = positions::count_between(tx, &of, span)?;
    if count > POSITIONS_MAX {
        let says = format!(
            "{count} positions came in that time; {POSITIONS_MAX} are replayed at once at the most. Ask \
             for a shorter time."
        );
        return Err(Refusal::field("/until", says));
    }
    Ok(())
}

/// Replays what tags and people saw of the subjects of every order that the actor may know of.
pub fn replay(
    tx: &mut Tx<'_>,
    actor: &Actor,
    run: &Run<'_>,
    found: &mut BackTest,
    buffer_m: f64,
) -> Result<(), StoreError> {
    let span = (run.asked.from, run.asked.until);
    let mut subjects: BTreeMap<SubjectId, Vec<OrderId>> = BTreeMap::new();
    let with_positions = positions::orders_between(tx, actor.scope, span)?;
    let with_sightings = facts::orders_with(tx, actor.scope, FactKind::Sighting, span)?;
    for id in with_positions.into_iter().chain(with_sightings).collect::<BTreeSet<_>>() {
        if let Some(order) = orders::find_for_service(tx, id)? {
            subjects.entry(order.subject_id).or_default().push(id);
        }
    }
    for (subject, of) in subjects {
        let on_file = Grounds::of_subject(tx, subject)?;
        let Ok(proposed) = on_file.with_buffer_m(buffer_m) else { continue };
        let gap_ms = gap_ms(tx, &of)?;
        let clock = (&actor.identity, run.now);
        let mut sides = [Replay::of(&on_file, clock, gap_ms), Replay::of(&proposed, clock, gap_ms)];
        found.positions += walk(tx, &of, span, &mut sides)?;
        let [current, proposed] = sides.map(|side| side.raised);
        run.count_zones(tx, actor, &mut found.current, (current, &[]))?;
        run.count_zones(tx, actor, &mut found.proposed, (proposed, &run.asked.waits_ms))?;
    }
    Ok(())
}

/// As long without a position as none of the subject's tags is silent.
fn gap_ms(tx: &mut Tx<'_>, of: &[OrderId]) -> Result<i64, StoreError> {
    let mut gap_ms = GAP_MS;
    for order in of {
        for feed in feeds::of_order(tx, *order)? {
            let silent_from = feed_silent_from(feed.started_at, feed.interval_ms);
            gap_ms = gap_ms.max(silent_from - feed.started_at);
        }
    }
    Ok(gap_ms)
}

/// Shows both sides what there is in the order of its times; says how much that was.
fn walk(
    tx: &mut Tx<'_>,
    of: &[OrderId],
    (from, until): (Instant, Instant),
    sides: &mut [Replay<'_>; 2],
) -> Result<u64, StoreError> {
    let sightings = facts::of_orders(tx, of, &[FactKind::Sighting])?;
    let mut sightings = sightings
        .into_iter()
        .filter(|fact| from <= fact.happened_at && fact.happened_at < until)
        .peekable();
    let (mut count, mut after) = (0, None);
    loop {
        let page = positions::between(tx, of, (from, until), after, PAGE)?;
        for position in &page {
            while let Some(fact) = sightings.next_if(|it| it.happened_at <= position.fixed_at) {
                count += 1;
                see_with_both(sides, &fact)?;
            }
            count += 1;
            sides.iter_mut().for_each(|side| side.place(position));
        }
        let Some(last) = page.last() else { break };
        after = Some((last.fixed_at, last.id));
        sides.iter_mut().for_each(|side| side.stays.forget_before(last.fixed_at));
    }
    for fact in sightings {
        count += 1;
        see_with_both(sides, &fact)?;
    }
    Ok(count)
}

fn see_with_both(sides: &mut [Replay<'_>; 2], fact: &Fact) -> Result<(), StoreError> {
    sides.iter_mut().try_for_each(|side| side.see(fact))
}

/// What comes of a subject's positions with one set of buffers.
struct Replay<'a> {
    grounds: &'a Grounds,
    stays: Stays<'a>,
    /// Where each tag was last.
    last: BTreeMap<FeedId, Sighting>,
    /// The alerts, by key, and when the record came in that raised each.
    raised: BTreeMap<String, (Raise, Instant)>,
}

impl<'a> Replay<'a> {
    fn of(grounds: &'a Grounds, clock: (&'a Identity, Instant), gap_ms: i64) -> Self {
        let stays = Stays::none(clock, gap_ms);
        Self { grounds, stays, last: BTreeMap::new(), raised: BTreeMap::new() }
    }

    fn place(&mut self, position: &TagPosition) {
        let grounds = self.grounds;
        let here = sighting(position.fix(), position.fixed_at);
        let before = self.last.insert(position.feed_id, here);
        let way = before.map(|before| grounds.judge_way(&before, &here)).unwrap_or_default();
        let by = way.by();
        let found: Vec<(&Ground, Judgement)> =
            grounds.judge(here.fix, here.at).chain(way.crossed).collect();
        let record = FactId::from(position.id.uuid());
        let is_news = found.iter().any(|(_, it)| it.verdict.needs_a_look());
        self.take((record, here.at, by, here.fix), found);
        if is_news {
            self.note(position.received_at);
        }
    }

    fn see(&mut self, fact: &Fact) -> Result<(), StoreError> {
        let (fix, time, by) = seen(fact)?;
        let grounds = self.grounds;
        let found = judged(grounds, fix, time);
        self.take((fact.id, time.latest_at, by, fix), found);
        self.note(fact.recorded_at);
        Ok(())
    }

    fn take(
        &mut self,
        (record, at, by, fix): (FactId, Instant, &str, Fix),
        found: Vec<(&Ground, Judgement)>,
    ) {
        for (ground, Judgement { verdict, .. }) in found {
            let accuracy_m = fix.accuracy_m;
            self.stays.take(ground, &Shown { record, at, verdict, by, accuracy_m });
        }
    }

    /// What was to be raised just now is raised as the record came in.
    fn note(&mut self, received_at: Instant) {
        for (key, raise) in self.stays.take_raises() {
            self.raised.entry(key).or_insert((raise, received_at));
        }
    }
}

impl Run<'_> {
    fn count_zones(
        &self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        side: &mut Side,
        (raised, waits_ms): (BTreeMap<String, (Raise, Instant)>, &[i64]),
    ) -> Result<(), StoreError> {
        let keys: Vec<&str> = raised.keys().map(String::as_str).collect();
        let answers = replays::answers_under(tx, &keys)?;
        let ids: Vec<OrderId> = raised.values().filter_map(|(raise, _)| raise.order).collect();
        let answering = orders::answering(tx, &ids)?;
        for (key, (raise, raised_at)) in &raised {
            let Some(order) = raise.order else { continue };
            // Another order on the subject may be one that the actor knows nothing of.
            if !actor.scope.sees_order(tx, order)? {
                continue;
            }
            side.tally.alerts.entry(raise.kind).or_default().raised += 1;
            let answering = answering.get(&order);
            let Some(risk) = answering.map(|order| order.risk) else { continue };
            let raised = Raised {
                kind: raise.kind,
                order,
                obligation: None,
                station: None,
                risk,
                answering,
            };
            let until = self.answered_at(*raised_at, answers.get(key));
            self.tell(side, &raised, (*raised_at, until), waits_ms);
        }
        Ok(())
    }
}
