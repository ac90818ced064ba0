//! Records that the subject was seen, and judges where against every order on them.

use compliance::attendance::TrueTime;
use compliance::fact::FactKind;
use compliance::instant::MINUTE_MS;
use compliance::place::{Fix, Position, SightingSource};
use compliance::zone::{Judgement, ZoneVerdict};
use compliance::{Instant, Word};
use serde::{Deserialize, Serialize};

use super::Actor;
use super::judge_zones::{Ground, Grounds};
use super::raise_alerts::raise_alerts;
use super::record_fact::{NewFact, Recorded, order_in_scope, record_fact};
use super::zone_stays::{GAP_MS, Shown, Stays};
use crate::identity::{hex, sha256};
use crate::refusal::Refusal;
use crate::store::facts::{self, Fact};
use crate::store::id::{ConditionId, FactId, OrderId};
use crate::store::{StoreError, Tx};

/// A phone's clock may be ahead of ours by this much.
const AHEAD_MS_MAX: i64 = 5 * MINUTE_MS;

#[derive(Debug, Clone)]
pub struct NewSighting {
    pub id: FactId,
    pub order: OrderId,
    pub fix: Fix,
    /// By the phone's clock.
    pub seen_at: Instant,
    /// The phone's clock as the request left it; not part of the record.
    pub phone_clock_at: Option<Instant>,
    pub source: SightingSource,
    pub note: String,
    /// As it was sent: the same sent again is the same, whatever the zones are by then.
    pub body: String,
}

/// What a sighting shows about one condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    pub condition: ConditionId,
    pub label: String,
    pub kind: String,
    pub verdict: String,
    pub margin_m: Option<f64>,
    pub accuracy_m: Option<f64>,
    pub reason: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Body {
    /// Of what was sent.
    digest: String,
    /// By the phone's clock, and the true time that the clocks bound.
    seen_at: i64,
    earliest_at: i64,
    latest_at: i64,
    latitude: f64,
    longitude: f64,
    accuracy_m: f64,
    source: String,
    note: String,
    /// About the conditions of this order. Those of another are told to those who may know of it.
    readings: Vec<Reading>,
}

pub fn record_sighting(
    tx: &mut Tx<'_>,
    actor: &Actor,
    seen: &NewSighting,
) -> Result<(Fact, Vec<Reading>), Refusal> {
    let order = order_in_scope(tx, actor, seen.order)?;
    let digest = hex(&sha256(seen.body.as_bytes()));
    if let Some(before) = recorded_before(tx, actor, seen, &digest)? {
        return Ok(before);
    }
    let time = true_time(seen, actor.now)?;
    let grounds = Grounds::of_subject(tx, order.subject_id)?;
    let clock = (&actor.identity, actor.now);
    let mut stays = Stays::load(tx, clock, &grounds, (time.earliest_at, time.latest_at), GAP_MS)?;
    let mut readings = Vec::new();
    for (ground, judgement) in judged(&grounds, seen.fix, time) {
        let shown = Shown {
            record: seen.id,
            at: time.latest_at,
            verdict: judgement.verdict,
            by: by(seen.source),
            accuracy_m: seen.fix.accuracy_m,
        };
        stays.take(ground, &shown);
        if ground.order.id == order.id {
            readings.push(reading(ground, judgement));
        }
    }
    let recorded = record_fact(tx, actor, new_fact(seen, time, digest, readings.clone()))?;
    let raises = stays.put(tx)?;
    raise_alerts(tx, &actor.identity, actor.now, raises)?;
    match recorded {
        Recorded::New(fact) | Recorded::Before(fact) => Ok((fact, readings)),
    }
}

/// The verdicts of then, if this is what was recorded then. A sighting is not judged anew because it
/// is sent again after the order was varied.
fn recorded_before(
    tx: &mut Tx<'_>,
    actor: &Actor,
    seen: &NewSighting,
    digest: &str,
) -> Result<Option<(Fact, Vec<Reading>)>, Refusal> {
    let Some(taken) = facts::find_taken(tx, seen.id)? else { return Ok(None) };
    let is_sighting = taken.kind == FactKind::Sighting
        && taken.order_id == seen.order
        && taken.recorded_by == Some(actor.scope.account);
    if is_sighting {
        let body: Body = taken.read().map_err(Refusal::from)?;
        if body.digest == digest {
            return Ok(Some((taken, body.readings)));
        }
    }
    Err(Refusal::RecordConflict)
}

/// Without the phone's clock, the time is taken as it is said: nothing bounds it but our own clock.
fn true_time(seen: &NewSighting, now: Instant) -> Result<TrueTime, Refusal> {
    let future = |says| Err(Refusal::field("/seen_at", says));
    let Some(clock_at) = seen.phone_clock_at else {
        if seen.seen_at > now + AHEAD_MS_MAX {
            return future("is in the future");
        }
        return Ok(TrueTime { earliest_at: seen.seen_at, latest_at: seen.seen_at });
    };
    if seen.seen_at > clock_at + AHEAD_MS_MAX {
        return future("is in the future of the phone's own clock");
    }
    Ok(TrueTime::bound(seen.seen_at, Some(clock_at.max(seen.seen_at)), now))
}

/// Where and when the subject was seen, and who says so, as it was recorded.
pub fn seen(fact: &Fact) -> Result<(Fix, TrueTime, &'static str), StoreError> {
    let body: Body = fact.read()?;
    let position = Position { latitude: body.latitude, longitude: body.longitude };
    let time = TrueTime {
        earliest_at: Instant::from_ms(body.earliest_at),
        latest_at: Instant::from_ms(body.latest_at),
    };
    let corrupt =
        || StoreError::Corrupt { vocabulary: SightingSource::NAME, value: body.source.clone() };
    let source = SightingSource::parse(&body.source).ok_or_else(corrupt)?;
    Ok((Fix { position, accuracy_m: body.accuracy_m }, time, by(source)))
}

/// What the position shows at both ends of the time in which it was. Where that is not the same, what
/// it shows is uncertain.
pub fn judged(grounds: &Grounds, fix: Fix, time: TrueTime) -> Vec<(&Ground, Judgement)> {
    let mut found: Vec<(&Ground, Judgement)> = grounds.judge(fix, time.latest_at).collect();
    if time.earliest_at == time.latest_at {
        return found;
    }
    let before: Vec<(&Ground, Judgement)> = grounds.judge(fix, time.earliest_at).collect();
    let of = |list: &[(&Ground, Judgement)], condition: ConditionId| {
        let mut of_it = list.iter().filter(|(ground, _)| ground.condition == condition);
        of_it.next().map(|(_, judgement)| judgement.verdict)
    };
    let unsure = |judgement: &mut Judgement| {
        judgement.verdict = ZoneVerdict::Uncertain;
        judgement.reason = format!(
            "The clocks do not tell on which side of a change it was. {}",
            judgement.reason
        );
    };
    for (ground, judgement) in &mut found {
        let earlier = of(&before, ground.condition);
        let is_looked_at =
            judgement.verdict.needs_a_look() || earlier.is_some_and(ZoneVerdict::needs_a_look);
        if earlier != Some(judgement.verdict) && is_looked_at {
            unsure(judgement);
        }
    }
    let known: Vec<ConditionId> = found.iter().map(|(ground, _)| ground.condition).collect();
    for (ground, mut judgement) in before {
        if !known.contains(&ground.condition) && judgement.verdict.needs_a_look() {
            unsure(&mut judgement);
            found.push((ground, judgement));
        }
    }
    found
}

fn new_fact(
    seen: &NewSighting,
    time: TrueTime,
    digest: String,
    readings: Vec<Reading>,
) -> NewFact<Body> {
    NewFact {
        id: seen.id,
        kind: FactKind::Sighting,
        order: seen.order,
        object: seen.id.uuid(),
        party: None,
        happened_at: time.latest_at,
        says: says(seen, &readings),
        body: Body {
            digest,
            seen_at: seen.seen_at.ms(),
            earliest_at: time.earliest_at.ms(),
            latest_at: time.latest_at.ms(),
            latitude: seen.fix.position.latitude,
            longitude: seen.fix.position.longitude,
            accuracy_m: seen.fix.accuracy_m,
            source: seen.source.to_string(),
            note: seen.note.clone(),
            readings,
        },
    }
}

fn reading(ground: &Ground, judgement: Judgement) -> Reading {
    Reading {
        condition: ground.condition,
        label: ground.label.clone(),
        kind: ground.kind.to_string(),
        verdict: judgement.verdict.to_string(),
        margin_m: judgement.margin_m,
        accuracy_m: judgement.accuracy_m,
        reason: judgement.reason,
    }
}

impl Reading {
    pub fn verdict(&self) -> Result<ZoneVerdict, StoreError> {
        let corrupt =
            || StoreError::Corrupt { vocabulary: ZoneVerdict::NAME, value: self.verdict.clone() };
        ZoneVerdict::parse(&self.verdict).ok_or_else(corrupt)
    }
}

fn by(source: SightingSource) -> &'static str {
    match source {
        SightingSource::OfficerSighting => "seen by an officer",
        SightingSource::Reported => "reported by somebody else",
        SightingSource::Tag => "by the tag",
    }
}

/// It is in the timeline, so it tells neither where the subject was nor where a zone is.
fn says(seen: &NewSighting, readings: &[Reading]) -> String {
    let verdicts: Vec<String> = readings
        .iter()
        .map(|reading| format!("{} {}", reading.label, reading.verdict.replace('_', " ")))
        .collect();
    let verdicts = if verdicts.is_empty() {
        "no zone to hold it against".to_owned()
    } else {
        verdicts.join(", ")
    };
    format!(
        "The subject was {}, accurate to {:.0} m: {verdicts}.",
        by(seen.source),
        seen.fix.accuracy_m
    )
}
