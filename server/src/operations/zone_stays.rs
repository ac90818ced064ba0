//! One stay in a zone is one alert, however many positions show it.
//!
//! A stay goes from the first position that is in the zone, or may be, to the last. It ends with one
//! that is surely elsewhere, or when none has come for some time. Positions may come in any order.

use std::collections::BTreeMap;

use compliance::Instant;
use compliance::alert::AlertKind;
use compliance::instant::HOUR_MS;
use compliance::zone::ZoneVerdict;
use uuid::Uuid;

use super::judge_zones::{Ground, Grounds};
use super::raise_alerts::Raise;
use super::ring_timers::about;
use crate::identity::Identity;
use crate::store::id::{ConditionId, FactId};
use crate::store::zone_stays::{self, Stay};
use crate::store::{StoreError, Tx};

/// Two sightings further apart than this are two stays: the second deserves a look of its own.
pub const GAP_MS: i64 = HOUR_MS;

const STAYED: &str =
    " The court had suspended the order then, until it decides the appeal: verify.";

/// A sighting or position, and what it shows about one zone.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    pub record: FactId,
    pub at: Instant,
    pub verdict: ZoneVerdict,
    /// Who or what says so, for people: "seen by an officer".
    pub by: &'a str,
    pub accuracy_m: f64,
}

/// The stays that a batch of records may belong to, and what is to be raised about them.
pub struct Stays<'i> {
    identity: &'i Identity,
    now: Instant,
    gap_ms: i64,
    stays: Vec<(Stay, bool)>,
    raises: BTreeMap<String, Raise>,
}

impl<'i> Stays<'i> {
    /// For records between two instants, the ends included.
    pub fn load(
        tx: &mut Tx<'_>,
        (identity, now): (&'i Identity, Instant),
        grounds: &Grounds,
        (from, until): (Instant, Instant),
        gap_ms: i64,
    ) -> Result<Self, StoreError> {
        let around = (from + -gap_ms, until + gap_ms);
        let stays = zone_stays::between(tx, &grounds.conditions(), around)?;
        let stays = stays.into_iter().map(|stay| (stay, false)).collect();
        Ok(Self { identity, now, gap_ms, stays, raises: BTreeMap::new() })
    }

    /// With none on file: to see what records alone come to.
    pub fn none((identity, now): (&'i Identity, Instant), gap_ms: i64) -> Self {
        Self { identity, now, gap_ms, stays: Vec::new(), raises: BTreeMap::new() }
    }

    /// What is to be raised since it was asked last, by its key.
    pub fn take_raises(&mut self) -> BTreeMap<String, Raise> {
        std::mem::take(&mut self.raises)
    }

    /// Forgets stays that nothing from an instant on belongs to any more.
    pub fn forget_before(&mut self, at: Instant) {
        let gap_ms = self.gap_ms;
        self.stays.retain(|(stay, _)| stay.last_at + gap_ms >= at);
    }

    /// Takes in what a record shows about a zone, the older records of a batch first.
    pub fn take(&mut self, ground: &Ground, shown: &Shown<'_>) {
        if shown.verdict.needs_a_look() {
            self.stay(ground, shown);
        } else if shown.verdict != ZoneVerdict::NoFix {
            self.end(ground, shown.at);
        }
    }

    fn stay(&mut self, ground: &Ground, shown: &Shown<'_>) {
        let gap_ms = self.gap_ms;
        let is_its = |stay: &Stay| {
            stay.condition_id == ground.condition
                && stay.began_at <= shown.at + gap_ms
                && shown.at <= stay.last_at + gap_ms
                && stay.ended_at.is_none_or(|ended_at| shown.at < ended_at)
        };
        let found = self.stays.iter_mut().find(|(stay, _)| is_its(stay));
        let mut stay = match found {
            Some((stay, _)) => stay.clone(),
            None => Stay {
                id: self.identity.id(self.now),
                condition_id: ground.condition,
                began_at: shown.at,
                last_at: shown.at,
                ended_at: None,
                begun_by: shown.record,
                entered_by: None,
            },
        };
        stay.began_at = stay.began_at.min(shown.at);
        stay.last_at = stay.last_at.max(shown.at);
        if shown.verdict == ZoneVerdict::Inside {
            stay.entered_by.get_or_insert(shown.record);
        }
        if let Some(kind) = raised_as(ground, shown.verdict, shown.at) {
            match stay.entered_by {
                Some(by) if shown.verdict == ZoneVerdict::Inside => {
                    self.raise(ground, kind, by, shown);
                }
                // That the subject surely was inside is told already.
                Some(_) => {}
                None => self.raise(ground, kind, stay.begun_by, shown),
            }
        }
        match self.stays.iter_mut().find(|(it, _)| it.id == stay.id) {
            Some(on_file) => *on_file = (stay, true),
            None => self.stays.push((stay, true)),
        }
    }

    fn end(&mut self, ground: &Ground, at: Instant) {
        for (stay, is_changed) in &mut self.stays {
            let is_over = stay.condition_id == ground.condition
                && stay.last_at < at
                && stay.ended_at.is_none_or(|ended_at| at < ended_at);
            if is_over {
                stay.ended_at = Some(at);
                *is_changed = true;
            }
        }
    }

    fn raise(&mut self, ground: &Ground, kind: AlertKind, by: FactId, shown: &Shown<'_>) {
        let key = zone_key(kind, ground.condition, by);
        let says = says(ground, shown);
        let raise = || about(&ground.order, kind, (key.clone(), shown.at), says);
        self.raises.entry(key.clone()).or_insert_with(raise);
    }

    /// Puts what has changed on file; what is to be raised is the caller's.
    pub fn put(self, tx: &mut Tx<'_>) -> Result<Vec<Raise>, StoreError> {
        for (stay, is_changed) in &self.stays {
            if *is_changed {
                zone_stays::put(tx, stay)?;
            }
        }
        Ok(self.raises.into_values().collect())
    }
}

fn zone_key(kind: AlertKind, condition: ConditionId, by: FactId) -> String {
    format!("{kind}:{condition}:{by}")
}

/// The condition of an alert about a zone, and the record that it was raised by.
pub fn of_zone_key(key: &str) -> Option<(ConditionId, FactId)> {
    let mut parts = key.split(':').skip(1);
    let mut id = || parts.next()?.parse::<Uuid>().ok();
    Some((id()?.into(), id()?.into()))
}

/// What a verdict about a zone is raised as, if it is.
pub fn raised_as(ground: &Ground, verdict: ZoneVerdict, at: Instant) -> Option<AlertKind> {
    match verdict {
        ZoneVerdict::Inside if ground.is_stayed_at(at) => Some(AlertKind::ZoneEnteredToVerify),
        ZoneVerdict::Inside => Some(AlertKind::ZoneEntered),
        verdict => verdict.needs_a_look().then_some(AlertKind::ZoneUncertain),
    }
}

/// Read by whoever gets the alert, perhaps on a locked screen: nothing in it tells where the zone is.
fn says(ground: &Ground, shown: &Shown<'_>) -> String {
    let what = match shown.verdict {
        ZoneVerdict::Inside => "in the zone",
        ZoneVerdict::Transit => {
            "in the zone, on or near a way that the order allows to be travelled"
        }
        ZoneVerdict::Buffer => "near the zone and outside it",
        _ => "perhaps in the zone: the position does not tell",
    };
    let at = shown.at.in_words(crate::ZONE);
    let stayed = if ground.is_stayed_at(shown.at) { STAYED } else { "" };
    let (label, by, accuracy_m) = (&ground.label, shown.by, shown.accuracy_m);
    format!("{label} {at}, {what}; {by}, accurate to {accuracy_m:.0} m.{stayed}")
}
