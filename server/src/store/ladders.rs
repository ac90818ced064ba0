//! Ladders that a force has set: whom alerts climb to.

use std::collections::BTreeMap;

use compliance::alert::{Risk, Severity};
use compliance::escalation::{Ladder, Rung, Step};
use compliance::{Instant, Word};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::id::{AccountId, LadderId, StationId};
use super::schema::ladders;
use super::types::{MaybeMs, Ms, Spelled};
use super::{StoreError, Tx};

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = ladders)]
pub struct RecordedLadder {
    pub id: LadderId,
    pub station_id: Option<StationId>,
    #[diesel(deserialize_as = Spelled)]
    pub severity: Severity,
    /// JSON: a list of steps.
    pub steps: String,
    pub decide_within_ms: i64,
    #[diesel(deserialize_as = Ms)]
    pub recorded_at: Instant,
    pub recorded_by: AccountId,
    #[diesel(deserialize_as = MaybeMs)]
    pub ended_at: Option<Instant>,
}

#[derive(Serialize, Deserialize)]
struct RecordedStep {
    rung: String,
    wait_ms: i64,
}

/// Steps as they are kept.
pub fn steps_text(ladder: &Ladder) -> String {
    let recorded =
        |step: &Step| RecordedStep { rung: step.rung.as_str().to_owned(), wait_ms: step.wait_ms };
    serde_json::json!(ladder.steps.iter().map(recorded).collect::<Vec<_>>()).to_string()
}

impl RecordedLadder {
    pub fn ladder(&self) -> Result<Ladder, StoreError> {
        let corrupt = || StoreError::Corrupt { vocabulary: "steps", value: self.steps.clone() };
        let read: Vec<RecordedStep> =
            serde_json::from_str(&self.steps).map_err(|_unreadable| corrupt())?;
        let step = |step: RecordedStep| {
            let rung = Rung::parse(&step.rung).ok_or_else(corrupt)?;
            Ok::<_, StoreError>(Step { rung, wait_ms: step.wait_ms })
        };
        let steps = read.into_iter().map(step).collect::<Result<_, _>>()?;
        Ok(Ladder { steps, decide_within_ms: self.decide_within_ms })
    }
}

/// Those that hold, of every station and severity that has one.
pub fn standing(tx: &mut Tx<'_>) -> Result<Vec<RecordedLadder>, StoreError> {
    let query = ladders::table
        .filter(ladders::ended_at.is_null())
        .order((ladders::recorded_at, ladders::id))
        .select(RecordedLadder::as_select());
    Ok(query.load(tx.conn)?)
}

pub fn find(tx: &mut Tx<'_>, id: LadderId) -> Result<Option<RecordedLadder>, StoreError> {
    Ok(ladders::table.find(id).select(RecordedLadder::as_select()).first(tx.conn).optional()?)
}

pub fn insert(tx: &mut Tx<'_>, ladder: &RecordedLadder) -> Result<(), StoreError> {
    diesel::insert_into(ladders::table)
        .values((
            ladders::id.eq(ladder.id),
            ladders::station_id.eq(ladder.station_id),
            ladders::severity.eq(ladder.severity.as_str()),
            ladders::steps.eq(&ladder.steps),
            ladders::decide_within_ms.eq(ladder.decide_within_ms),
            ladders::recorded_at.eq(ladder.recorded_at.ms()),
            ladders::recorded_by.eq(ladder.recorded_by),
        ))
        .execute(tx.conn)?;
    Ok(())
}

pub fn end(tx: &mut Tx<'_>, id: LadderId, now: Instant) -> Result<(), StoreError> {
    diesel::update(ladders::table.find(id).filter(ladders::ended_at.is_null()))
        .set(ladders::ended_at.eq(now.ms()))
        .execute(tx.conn)?;
    Ok(())
}

/// The ladder for every alert.
#[derive(Debug, Clone, Default)]
pub struct Ladders {
    set: BTreeMap<(Option<StationId>, Severity), Ladder>,
}

impl Ladders {
    pub fn load(tx: &mut Tx<'_>) -> Result<Self, StoreError> {
        let mut set = BTreeMap::new();
        for recorded in standing(tx)? {
            set.insert((recorded.station_id, recorded.severity), recorded.ladder()?);
        }
        Ok(Self { set })
    }

    /// The station's own, else the force's, else the usual one.
    pub fn of(&self, station: Option<StationId>, severity: Severity, risk: Risk) -> Ladder {
        let own = station.and_then(|station| self.set.get(&(Some(station), severity)));
        let found = own.or_else(|| self.set.get(&(None, severity)));
        found.cloned().unwrap_or_else(|| Ladder::usual(severity, risk))
    }
}
