//! Somebody is seen next to where he must not go, and a tag reports: what zones are for, to be tried.

use compliance::Instant;
use compliance::instant::{HOUR_MS, MINUTE_MS};
use compliance::place::{Fix, Position, SightingSource};

use super::calendar::Calendar;
use super::force::zoned_reference;
use super::script::Scene;
use crate::identity::Identity;
use crate::import_file::PositionEntry;
use crate::import_file::prohibitions::AreaEntry;
use crate::operations::Actor;
use crate::operations::feeds::{NewFeed, start_feed};
use crate::operations::grade_condition::details;
use crate::operations::ingest_positions::{Line, Reported, ingest_positions};
use crate::operations::record_sighting::{NewSighting, record_sighting};
use crate::refusal::Refusal;
use crate::store::id::OrderId;
use crate::store::orders::{self, Order};
use crate::store::{StoreError, Tx};

const INTERVAL_MS: i64 = 5 * MINUTE_MS;
/// North of the zone's middle, in degrees: in its buffer, and where the tag spends the hour.
const NEAR_DEG: f64 = 0.0045;
const HOME_DEG: f64 = 0.03;

/// On an order that has a zone.
pub fn play(tx: &mut Tx<'_>, actor: &Actor, order: &Order) -> Result<(), Refusal> {
    let Some(centre) = centre(tx, order.id)? else { return Ok(()) };
    record_sighting(
        tx,
        actor,
        &sighting(&actor.identity, order.id, (centre, NEAR_DEG), actor.now),
    )?;
    report(tx, actor, order.id, centre)
}

/// A few days ago, somebody saw him in it.
pub fn enters(calendar: Calendar) -> Scene {
    let at = calendar.ago(5, 18 * HOUR_MS);
    Scene::new(at, zoned_reference(calendar.begins_on), |tx, actor, order| {
        let Some(centre) = centre(tx, order.id)? else { return Ok(()) };
        let seen = sighting(&actor.identity, order.id, (centre, 0.0), actor.now);
        record_sighting(tx, actor, &seen).map(drop)
    })
}

fn centre(tx: &mut Tx<'_>, order: OrderId) -> Result<Option<PositionEntry>, StoreError> {
    for version in orders::versions(tx, order)? {
        for (condition, _) in orders::conditions(tx, version.id)? {
            let zone = details(&condition)?.exclusion_zone;
            if let Some(AreaEntry::Circle { centre, .. }) = zone.map(|zone| zone.area) {
                return Ok(Some(centre));
            }
        }
    }
    Ok(None)
}

fn north_of(centre: PositionEntry, degrees: f64) -> Position {
    Position { latitude: centre.latitude + degrees, longitude: centre.longitude }
}

fn sighting(
    identity: &Identity,
    order: OrderId,
    (centre, degrees): (PositionEntry, f64),
    now: Instant,
) -> NewSighting {
    let note = "On foot, going past; turned back when he saw the car.";
    NewSighting {
        id: identity.id(now),
        order,
        fix: Fix { position: north_of(centre, degrees), accuracy_m: 20.0 },
        seen_at: now + -40 * MINUTE_MS,
        phone_clock_at: None,
        source: SightingSource::OfficerSighting,
        note: note.to_owned(),
        body: note.to_owned(),
    }
}

fn report(
    tx: &mut Tx<'_>,
    actor: &Actor,
    order: OrderId,
    centre: PositionEntry,
) -> Result<(), Refusal> {
    let started_at = actor.now + -HOUR_MS;
    let feed = NewFeed {
        id: actor.identity.id(actor.now),
        order,
        device_reference: "TAG-00417".to_owned(),
        interval_ms: INTERVAL_MS,
        started_at,
    };
    start_feed(tx, actor, &feed)?;
    let fix = Fix { position: north_of(centre, HOME_DEG), accuracy_m: 10.0 };
    let times = (1..=HOUR_MS / INTERVAL_MS).map(|nth| started_at + nth * INTERVAL_MS);
    let lines: Vec<Line> = (1..)
        .zip(times)
        .map(|(number, fixed_at)| Line {
            number,
            read: Ok(Reported { feed: feed.id, fixed_at, fix }),
        })
        .collect();
    ingest_positions(tx, actor, &lines).map(drop)
}
