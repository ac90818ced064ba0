//! Says of misses when they are certain: once no phone may hold a record of an attendance any more. What
//! comes later all the same still takes the miss back, and everything stays on file.

use std::collections::BTreeMap;

use compliance::alert::AlertEventKind;
use compliance::attendance::{Certainty, HELD_MS_MAX};
use compliance::held_record::{HeldRecords, NO_RECORD_HELD, PhoneAtStation, held_records};
use compliance::instant::DAY_MS;
use compliance::{Instant, Word};

use super::Actor;
use super::escalate::event_entry;
use super::phone_keys::revoke_all;
use super::raise_alerts::missed_key;
use crate::identity::{Identity, sha256};
use crate::refusal::Refusal;
use crate::store::alert_events::{self, AlertEvent};
use crate::store::findings::{self, RecordedReason};
use crate::store::id::{ConditionId, ObligationId, PhoneId, StationId};
use crate::store::ledger::{self, Chain, NewEntry};
use crate::store::misses::{self, Miss, NewMiss};
use crate::store::obligations::Charge;
use crate::store::phones::{self, HandedOver, PhoneInContext};
use crate::store::{StoreError, Tx, alerts, phone_keys, replays, sessions, stations};

/// That a phone is still in use where it was yesterday need not be written down each time.
const NOTED_EVERY_MS: i64 = DAY_MS;

/// The session that a request came with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThisPhone {
    pub token_digest: [u8; 32],
}

/// Somebody confirms at a station: their phone may hold records of it from now on.
pub fn note_use(
    tx: &mut Tx<'_>,
    actor: &Actor,
    phone: ThisPhone,
    station: StationId,
) -> Result<(), StoreError> {
    let used_at = phones::used_at(tx, &phone.token_digest, station)?;
    if used_at.is_some_and(|used_at| actor.now - used_at < NOTED_EVERY_MS) {
        return Ok(());
    }
    let id: PhoneId = actor.identity.id(actor.now);
    phones::use_at(tx, id, (&phone.token_digest, station), actor.now)
}

/// A phone has handed over everything that it held.
pub fn note_sync(tx: &mut Tx<'_>, actor: &Actor, phone: ThisPhone) -> Result<(), StoreError> {
    for station in phones::workplaces(tx, actor.scope.account)? {
        note_use(tx, actor, phone, station)?;
    }
    let mut looked_at = phones::synced(tx, &phone.token_digest, actor.now)?;
    for run_out in phones::run_out(tx, actor.scope.account, actor.now)? {
        looked_at.extend(phones::gone(tx, &run_out, ("signed_in_anew", actor.now))?);
    }
    settle_misses(tx, &actor.identity, actor.now, looked_at)
}

/// A session was ended: signed out by its officer, or the phone is lost.
pub fn note_gone(
    tx: &mut Tx<'_>,
    identity: &Identity,
    (token_digest, because): (&[u8], &str),
    now: Instant,
) -> Result<(), StoreError> {
    let looked_at = phones::gone(tx, token_digest, (because, now))?;
    settle_misses(tx, identity, now, looked_at)
}

/// A supervisor says that a phone will not come back: its session ends, its key is revoked, and nothing
/// waits for it. The same again changes nothing.
pub fn report_phone_lost(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: PhoneId,
    reason: &str,
) -> Result<(), Refusal> {
    let phone = phones::find(tx, id)?.ok_or(Refusal::NotFound("phone"))?;
    if !stations::is_in_scope(tx, actor.scope, phone.station_id)? {
        return Err(Refusal::NotFound("phone"));
    }
    let keys = phone_keys::of_session(tx, &phone.token_digest)?;
    revoke_all(tx, actor.now, (Some(actor.scope.account), reason), keys)?;
    if phone.gone_at.is_some() {
        return Ok(());
    }
    sessions::end(tx, &phone.token_digest, actor.now)?;
    let entry = NewEntry {
        chain: Chain::Account(phone.account_id),
        actor: Some(actor.scope.account),
        act: "report_phone_lost",
        object: format!("phone:{id}"),
        detail: String::new(),
        body_digest: sha256(reason.as_bytes()),
    };
    ledger::append(tx, actor.now, vec![entry])?;
    Ok(note_gone(tx, &actor.identity, (&phone.token_digest, phones::LOST), actor.now)?)
}

/// Windows have closed in silence. A phone may hold a record.
pub fn note_misses(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
    missed: &[Charge],
) -> Result<(), StoreError> {
    if missed.is_empty() {
        return Ok(());
    }
    let conditions: Vec<ConditionId> =
        missed.iter().map(|charge| charge.obligation.condition_id).collect();
    let mut alternates: BTreeMap<ConditionId, Vec<StationId>> = BTreeMap::new();
    for (condition, station) in replays::alternates(tx, &conditions)? {
        alternates.entry(condition).or_default().push(station);
    }
    let new = missed.iter().map(|Charge { obligation: of, .. }| NewMiss {
        miss: Miss { obligation_id: of.id, closes_at: of.closes_at },
        station: of.station_id,
        alternates: alternates.get(&of.condition_id).map_or(&[], Vec::as_slice),
        look_at: of.closes_at + HELD_MS_MAX,
    });
    let new: Vec<NewMiss<'_>> = new.collect();
    misses::insert(tx, &new)?;
    // Found late, they may be past what every phone has handed over.
    let misses: Vec<Miss> = new.iter().map(|new| new.miss).collect();
    confirm_certain(tx, identity, now, &misses).map(drop)
}

/// Looks whether what is missed at some stations is certain now. Of what a phone had spoken for before,
/// it says nothing new.
fn settle_misses(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
    handed_over: Vec<HandedOver>,
) -> Result<(), StoreError> {
    for HandedOver { station_id, until } in handed_over {
        let misses = misses::of_station(tx, station_id, until)?;
        confirm_certain(tx, identity, now, &misses)?;
    }
    Ok(())
}

/// Looks at misses of which no phone is known by when it would be too late anyway. Says how many.
pub fn look_at_misses(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
    at_most: i64,
) -> Result<usize, StoreError> {
    let due = misses::due(tx, now, at_most)?;
    for miss in confirm_certain(tx, identity, now, &due)? {
        misses::looked_at(tx, miss.obligation_id)?;
    }
    Ok(due.len())
}

/// Confirms those that are certain, and gives the others.
fn confirm_certain(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
    of: &[Miss],
) -> Result<Vec<Miss>, StoreError> {
    let phones = PhonesOf::load(tx, of)?;
    let mut uncertain = Vec::new();
    for miss in of {
        let known: Vec<PhoneAtStation> =
            phones.of(*miss).iter().map(|of| of.phone.known()).collect();
        let held = held_records(&known, miss.closes_at, now);
        match held.is_certain() {
            true => confirm(tx, identity, now, (*miss, held))?,
            false => uncertain.push(*miss),
        }
    }
    Ok(uncertain)
}

/// The phones that may hold records of some misses.
struct PhonesOf {
    places: BTreeMap<ObligationId, Vec<StationId>>,
    phones: Vec<PhoneInContext>,
}

impl PhonesOf {
    fn load(tx: &mut Tx<'_>, misses: &[Miss]) -> Result<Self, StoreError> {
        let Some(first_closed_at) = misses.iter().map(|miss| miss.closes_at).min() else {
            return Ok(Self { places: BTreeMap::new(), phones: Vec::new() });
        };
        let obligations: Vec<ObligationId> = misses.iter().map(|miss| miss.obligation_id).collect();
        let mut places: BTreeMap<ObligationId, Vec<StationId>> = BTreeMap::new();
        let mut stations = Vec::new();
        for (obligation, station) in misses::places(tx, &obligations)? {
            places.entry(obligation).or_default().push(station);
            stations.push(station);
        }
        stations.sort();
        stations.dedup();
        let phones = phones::at_stations(tx, &stations, first_closed_at)?;
        Ok(Self { places, phones })
    }

    /// One that was in use at several of the places is one phone.
    fn of(&self, miss: Miss) -> Vec<PhoneInContext> {
        let places = self.places.get(&miss.obligation_id).map_or(&[][..], Vec::as_slice);
        let mut found: Vec<PhoneInContext> = Vec::new();
        for of in self.phones.iter().filter(|of| places.contains(&of.phone.station_id)) {
            let same = |it: &&mut PhoneInContext| it.phone.token_digest == of.phone.token_digest;
            match found.iter_mut().find(same) {
                Some(known) => known.phone.used_at = known.phone.used_at.max(of.phone.used_at),
                None => found.push(of.clone()),
            }
        }
        found
    }
}

/// The phones that a miss still waits for; nothing once it is certain or was taken back.
pub fn waited_for(
    tx: &mut Tx<'_>,
    obligation: ObligationId,
    closes_at: Instant,
) -> Result<Vec<PhoneInContext>, StoreError> {
    let miss = Miss { obligation_id: obligation, closes_at };
    let mut phones = PhonesOf::load(tx, &[miss])?.of(miss);
    phones.retain(|of| of.phone.known().is_waited_for(closes_at));
    Ok(phones)
}

/// No phone holds a record: the finding says so, and so does its alert. What is no miss any more is only
/// taken off the list.
fn confirm(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
    (miss, held): (Miss, HeldRecords),
) -> Result<(), StoreError> {
    misses::delete(tx, &[miss.obligation_id])?;
    let Some(silence) = findings::standing_silence(tx, miss.obligation_id)? else {
        return Ok(());
    };
    if silence.certainty == Certainty::Confirmed {
        return Ok(());
    }
    let reason = RecordedReason { code: NO_RECORD_HELD.to_owned(), says: held.says().to_owned() };
    let id = identity.id(now);
    findings::confirm_silence(tx, id, (&silence, reason), now)?;
    let Some(alert) = alerts::under_key(tx, &missed_key(miss.obligation_id))? else {
        return Ok(());
    };
    alerts::set_certainty(tx, alert.id, Certainty::Confirmed)?;
    let event = AlertEvent {
        id: identity.id(now),
        alert_id: alert.id,
        kind: AlertEventKind::Confirmed,
        happened_at: now,
        actor: None,
        to_account: None,
        says: held.says().to_owned(),
    };
    let found = NewEntry {
        chain: super::raise_alerts::chain(alert.order_id, None),
        actor: None,
        act: "confirm_missed",
        object: format!("obligation:{}", miss.obligation_id),
        detail: format!("finding:{id} {}", Certainty::Confirmed.as_str()),
        body_digest: sha256(event.says.as_bytes()),
    };
    let entries = vec![found, event_entry(&alert, &event)];
    alert_events::insert(tx, &[event])?;
    ledger::append(tx, now, entries)
}
