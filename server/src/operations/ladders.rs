//! Sets whom alerts climb to, and looks each day whether they still can be told.

use compliance::alert::{AlertCloseReason, AlertKind, Risk};
use compliance::escalation::{Ladder, LadderFault};
use compliance::{Instant, Word};

use super::Actor;
use super::preflight::{PREFLIGHT_MS, Preflight};
use super::raise_alerts::{Raise, close_alert, raise_alerts};
use crate::ZONE;
use crate::identity::{Identity, sha256};
use crate::refusal::Refusal;
use crate::store::id::{LadderId, StationId};
use crate::store::ladders::{self, RecordedLadder};
use crate::store::ledger::{self, Chain, NewEntry};
use crate::store::stations::{self, Station};
use crate::store::{StoreError, Tx};

/// Takes the place of the ladder that held for that station and severity. The same again changes nothing.
pub fn set_ladder(
    tx: &mut Tx<'_>,
    actor: &Actor,
    new: &RecordedLadder,
) -> Result<RecordedLadder, Refusal> {
    if let Some(found) = ladders::find(tx, new.id)? {
        let before = RecordedLadder { recorded_at: found.recorded_at, ..new.clone() };
        let is_same = before == RecordedLadder { ended_at: None, ..found.clone() };
        return if is_same { Ok(found) } else { Err(Refusal::RecordConflict) };
    }
    if let Some(station) = new.station_id
        && stations::find(tx, station)?.is_none()
    {
        return Err(Refusal::field("/station_id", "is no station"));
    }
    let preflight = Preflight::load(tx, actor.now)?;
    let can_receive = |rung| preflight.can_receive(rung, new.station_id);
    let refuse = |fault: LadderFault| {
        let pointer = match fault {
            LadderFault::Decision => "/decide_within_ms",
            _ => "/steps",
        };
        Refusal::field(pointer, fault.to_string())
    };
    new.ladder()?.check(can_receive).map_err(refuse)?;
    for old in ladders::standing(tx)? {
        if (old.station_id, old.severity) == (new.station_id, new.severity) {
            ladders::end(tx, old.id, actor.now)?;
        }
    }
    ladders::insert(tx, new)?;
    note(tx, actor, "set_ladder", new)?;
    let key = unreachable_key(new.station_id, new.severity.as_str());
    settle(tx, actor.now, new.station_id, key, None)?;
    Ok(new.clone())
}

/// The usual ladder holds again. Doing it twice changes nothing.
pub fn end_ladder(tx: &mut Tx<'_>, actor: &Actor, id: LadderId) -> Result<(), Refusal> {
    let found = ladders::find(tx, id)?.ok_or(Refusal::NotFound("ladder"))?;
    if found.ended_at.is_none() {
        ladders::end(tx, id, actor.now)?;
        note(tx, actor, "end_ladder", &found)?;
        let key = unreachable_key(found.station_id, found.severity.as_str());
        settle(tx, actor.now, found.station_id, key, None)?;
    }
    Ok(())
}

fn note(
    tx: &mut Tx<'_>,
    actor: &Actor,
    act: &'static str,
    ladder: &RecordedLadder,
) -> Result<(), Refusal> {
    let entry = NewEntry {
        chain: Chain::Service,
        actor: Some(actor.scope.account),
        act,
        object: format!("ladder:{}", ladder.id),
        detail: ladder.severity.to_string(),
        body_digest: sha256(format!("{} {}", ladder.steps, ladder.decide_within_ms).as_bytes()),
    };
    Ok(ledger::append(tx, actor.now, vec![entry])?)
}

fn unreachable_key(station: Option<StationId>, what: &str) -> String {
    let place = station.map_or_else(|| "everywhere".to_owned(), |station| station.to_string());
    format!("{}:{place}:{what}", AlertKind::LadderUnreachable)
}

/// What a look found: a fault, which is raised, or none, which settles what was raised before.
fn settle(
    tx: &mut Tx<'_>,
    now: Instant,
    station: Option<StationId>,
    key: String,
    fault: Option<String>,
) -> Result<Option<Raise>, StoreError> {
    let Some(fault) = fault else {
        close_alert(tx, now, &key, AlertCloseReason::Resolved, None)?;
        return Ok(None);
    };
    let kind = AlertKind::LadderUnreachable;
    Ok(Some(Raise {
        dedupe_key: key,
        kind,
        severity: kind.severity(Risk::Standard),
        order: None,
        obligation: None,
        station,
        account: None,
        detail: fault,
        concerns_at: now,
    }))
}

/// Cover that runs out in the coming week. Where nobody can be told already, nobody could be told of
/// this either: that is red on every screen.
fn gap_ahead(
    tx: &mut Tx<'_>,
    preflight: &Preflight,
    station: &Station,
) -> Result<Option<Raise>, StoreError> {
    let now = preflight.now;
    let gaps = preflight.gaps(station.id, (now, now + PREFLIGHT_MS));
    let key = unreachable_key(Some(station.id), "ahead");
    let Some(ahead) = gaps.iter().find(|gap| now < gap.from) else {
        return match gaps.is_empty() {
            true => settle(tx, now, Some(station.id), key, None),
            false => Ok(None),
        };
    };
    let orders = match ahead.orders {
        1 => "1 order".to_owned(),
        more => format!("{more} orders"),
    };
    let [from, until] = [ahead.from, ahead.until].map(|at| at.in_words(ZONE));
    let place = &station.name;
    let says = format!("From {from} until {until} nobody can be told about {orders} at {place}.");
    settle(tx, now, Some(station.id), key, Some(says))
}

/// The daily look: whether every step of every ladder that was set still has somebody who can be told,
/// and whether somebody can be everywhere in the coming week. Says how many alerts came of it.
pub fn check_ladders(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
) -> Result<usize, StoreError> {
    let preflight = Preflight::load(tx, now)?;
    let mut raises = Vec::new();
    for recorded in ladders::standing(tx)? {
        let (station, severity) = (recorded.station_id, recorded.severity);
        let ladder: Ladder = recorded.ladder()?;
        let found = ladder.unreachable(|rung| preflight.can_receive(rung, station));
        let fault = found.err().map(|fault| fault.to_string());
        let key = unreachable_key(station, severity.as_str());
        raises.extend(settle(tx, now, station, key, fault)?);
    }
    for station in &preflight.stations {
        raises.extend(gap_ahead(tx, &preflight, station)?);
    }
    Ok(raise_alerts(tx, identity, now, raises)?.len())
}
