//! Alerts about zones: the position or the sighting that raised one, held once more against the order's
//! map as it was known at an instant.

use compliance::alert::AlertKind;
use compliance::attendance::{Reason, TrueTime};
use compliance::place::Fix;
use compliance::zone::Judgement;
use compliance::{Instant, Word};

use super::known_order::{KnownOrder, OrderThen};
use super::{Reckoned, Replayed, RestsOn, nothing_on_file};
use crate::operations::explain_finding::Cited;
use crate::operations::ingest_positions::sighting;
use crate::operations::judge_zones::{Ground, Grounds};
use crate::operations::load_cases::known;
use crate::operations::order_life::appeals_in;
use crate::operations::record_sighting::{judged, seen};
use crate::operations::zone_stays::{of_zone_key, raised_as};
use crate::store::alerts::{self, Alert};
use crate::store::facts::{self, Fact};
use crate::store::id::{ConditionId, FactId, PositionId};
use crate::store::positions::{self, TagPosition};
use crate::store::{StoreError, Tx};

/// On what alerts about zones stand.
const BASIS: &str = "The order's prohibition and its map; a position counts as inside only when the whole \
    circle of its accuracy is";

/// What raised the alert.
enum Record {
    Sighting(Box<Fact>),
    Position(Box<Placed>),
}

/// A position, with those before and after it on the same tag.
struct Placed {
    here: TagPosition,
    before: Option<TagPosition>,
    after: Option<TagPosition>,
}

/// Nothing if its order or what its key names is not on file.
pub fn facts_of(
    tx: &mut Tx<'_>,
    alert: &Alert,
    (then, now): (Instant, Instant),
) -> Result<Option<RestsOn>, StoreError> {
    let Some(id) = alert.order_id else { return Ok(None) };
    let Some(on_file) = KnownOrder::load(tx, id, &[])? else { return Ok(None) };
    let key = alerts::key_of(tx, alert.id)?.unwrap_or_default();
    let Some((condition, record)) = of_zone_key(&key) else { return Ok(None) };
    let Some(record) = Record::load(tx, record)? else { return Ok(None) };
    let mut at = |at| reckon(tx, &on_file, (alert.kind, condition), &record, at);
    let (then, now) = (at(then)?, at(now)?);
    let cited = on_file.cited([record.cited()]);
    Ok(Some(RestsOn::Facts(Box::new(Replayed::of(BASIS, then, now, cited)))))
}

impl Record {
    fn load(tx: &mut Tx<'_>, id: FactId) -> Result<Option<Self>, StoreError> {
        if let Some(fact) = facts::find_taken(tx, id)? {
            return Ok(Some(Self::Sighting(Box::new(fact))));
        }
        let Some(here) = positions::find_for_service(tx, PositionId::from(id.uuid()))? else {
            return Ok(None);
        };
        let at = here.fixed_at;
        let around = positions::around(tx, here.feed_id, (at, at))?;
        let before = around.iter().find(|it| it.fixed_at < at).cloned();
        let after = around.into_iter().find(|it| it.fixed_at > at);
        Ok(Some(Self::Position(Box::new(Placed { here, before, after }))))
    }

    fn is_known_at(&self, at: Instant) -> bool {
        match self {
            Self::Sighting(fact) => known(fact, ()).is_known_at(at),
            Self::Position(placed) => placed.here.received_at <= at,
        }
    }

    fn cited(self) -> Cited {
        match self {
            Self::Sighting(fact) => Cited::from(*fact),
            Self::Position(placed) => Cited::from(placed.here),
        }
    }

    fn id(&self) -> FactId {
        match self {
            Self::Sighting(fact) => fact.id,
            Self::Position(placed) => FactId::from(placed.here.id.uuid()),
        }
    }

    /// The gravest that it shows about a condition, by what was known at an instant.
    fn shows<'g>(
        &self,
        grounds: &'g Grounds,
        condition: ConditionId,
        known_at: Instant,
    ) -> Result<Option<(&'g Ground, Judgement, Instant)>, StoreError> {
        let (found, at) = match self {
            Self::Sighting(fact) => {
                let (fix, time, _) = seen(fact)?;
                (judged(grounds, fix, time), time.latest_at)
            }
            Self::Position(placed) => {
                let Placed { here, before, after } = placed.as_ref();
                let (fix, at): (Fix, _) = (here.fix(), here.fixed_at);
                let time = TrueTime { earliest_at: at, latest_at: at };
                let mut found = judged(grounds, fix, time);
                let here = sighting(fix, at);
                let is_known = |it: &&TagPosition| it.received_at <= known_at;
                if let Some(before) = before.as_ref().filter(is_known) {
                    let from = sighting(before.fix(), before.fixed_at);
                    found.extend(grounds.judge_way(&from, &here).crossed);
                }
                if let Some(after) = after.as_ref().filter(is_known) {
                    let to = sighting(after.fix(), after.fixed_at);
                    found.extend(grounds.judge_way(&here, &to).crossed);
                }
                (found, at)
            }
        };
        let of_it = found.into_iter().filter(|(ground, _)| ground.condition == condition);
        let gravest = of_it.max_by_key(|(_, judgement)| judgement.verdict.gravity());
        Ok(gravest.map(|(ground, judgement)| (ground, judgement, at)))
    }
}

fn reckon(
    tx: &mut Tx<'_>,
    on_file: &KnownOrder,
    (kind, condition): (AlertKind, ConditionId),
    record: &Record,
    at: Instant,
) -> Result<Reckoned, StoreError> {
    if !record.is_known_at(at) {
        return Ok(nothing_on_file(at));
    }
    let OrderThen { order, versions, facts } = on_file.at(at)?;
    let grounds = Grounds::of_order(tx, &order, &versions, appeals_in(&facts)?)?;
    let facts = vec![record.id().uuid()];
    let Some((ground, judgement, seen_at)) = record.shows(&grounds, condition, at)? else {
        return Ok(Reckoned { facts, ..nothing_on_file(at) });
    };
    let verdict = judgement.verdict;
    Ok(Reckoned {
        known_at: at,
        state: Some(verdict.as_str()),
        compliance: verdict.compliance(),
        reasons: vec![Reason { code: verdict.as_str(), says: judgement.reason }],
        facts,
        asks_for_it: raised_as(ground, verdict, seen_at) == Some(kind),
    })
}
