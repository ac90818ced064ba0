//! Alerts about zones: the position or the sighting that raised one, held once more against the order's
//! map as it was known at an instant.

use compliance::alert::AlertKind;
use compliance::attendance::{Compliance, Reason, TrueTime};
use compliance::fact::FactKind;
use compliance::place::Fix;
use compliance::zone::{Judgement, ZoneVerdict};
use compliance::{Instant, Word};

use super::{Reckoned, Replayed, RestsOn, ended, nothing_on_file};
use crate::operations::explain_finding::{Cited, cite_version, differences};
use crate::operations::ingest_positions::{gravity, sighting};
use crate::operations::judge_zones::{Ground, Grounds};
use crate::operations::load_cases::{BEARING, known, services};
use crate::operations::order_life::appeals_in;
use crate::operations::record_sighting::{judged, seen};
use crate::operations::zone_stays::{of_zone_key, raised_as};
use crate::store::alerts::{self, Alert};
use crate::store::facts::{self, Fact};
use crate::store::id::{ConditionId, FactId, PositionId};
use crate::store::orders::{self, Order, OrderVersion};
use crate::store::positions::{self, TagPosition};
use crate::store::{StoreError, Tx, replays};

/// On what alerts about zones stand.
const BASIS: &str = "The order's prohibition and its map; a position counts as inside only when the whole \
    circle of its accuracy is";

/// What raised the alert.
enum Record {
    Sighting(Box<Fact>),
    /// With those before and after it on the same tag.
    Position {
        here: TagPosition,
        before: Option<TagPosition>,
        after: Option<TagPosition>,
    },
}

/// What is on file about the order, mistakes too.
struct OnFile {
    order: Order,
    versions: Vec<OrderVersion>,
    facts: Vec<Fact>,
}

/// Nothing if its order or what its key names is not on file.
pub fn facts_of(
    tx: &mut Tx<'_>,
    alert: &Alert,
    (then, now): (Instant, Instant),
) -> Result<Option<RestsOn>, StoreError> {
    let Some(id) = alert.order_id else { return Ok(None) };
    let Some(order) = orders::find_for_service(tx, id)? else { return Ok(None) };
    let key = alerts::key_of(tx, alert.id)?.unwrap_or_default();
    let Some((condition, record)) = of_zone_key(&key) else { return Ok(None) };
    let Some(record) = Record::load(tx, record)? else { return Ok(None) };
    let versions = orders::versions(tx, id)?;
    let facts = replays::facts_ever(tx, &[id], &BEARING)?;
    let on_file = OnFile { order, versions, facts };
    let mut at = |at| on_file.reckon(tx, (alert.kind, condition), &record, at);
    let (then, now) = (at(then)?, at(now)?);
    let cited = cite(on_file, record);
    let differences = differences(&cited, then.known_at, now.known_at);
    Ok(Some(RestsOn::Facts(Box::new(Replayed { basis: BASIS, then, now, differences, cited }))))
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
        Ok(Some(Self::Position { here, before, after }))
    }

    fn is_known_at(&self, at: Instant) -> bool {
        match self {
            Self::Sighting(fact) => known(fact, ()).is_known_at(at),
            Self::Position { here, .. } => here.received_at <= at,
        }
    }

    fn id(&self) -> FactId {
        match self {
            Self::Sighting(fact) => fact.id,
            Self::Position { here, .. } => FactId::from(here.id.uuid()),
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
            Self::Position { here, before, after } => {
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
        let gravest = of_it.max_by_key(|(_, judgement)| gravity(judgement.verdict));
        Ok(gravest.map(|(ground, judgement)| (ground, judgement, at)))
    }
}

impl OnFile {
    fn reckon(
        &self,
        tx: &mut Tx<'_>,
        (kind, condition): (AlertKind, ConditionId),
        record: &Record,
        at: Instant,
    ) -> Result<Reckoned, StoreError> {
        if !record.is_known_at(at) {
            return Ok(nothing_on_file(at));
        }
        let grounds = self.grounds_at(tx, at)?;
        let facts = vec![record.id().uuid()];
        let Some((ground, judgement, seen_at)) = record.shows(&grounds, condition, at)? else {
            return Ok(Reckoned { facts, ..nothing_on_file(at) });
        };
        let verdict = judgement.verdict;
        let compliance = match verdict {
            ZoneVerdict::NoFix => Compliance::NoData,
            verdict if verdict.needs_a_look() => Compliance::AwaitingEvidence,
            _ => Compliance::Compliant,
        };
        Ok(Reckoned {
            known_at: at,
            state: Some(verdict.as_str()),
            compliance,
            reasons: vec![Reason { code: verdict.as_str(), says: judgement.reason }],
            facts,
            asks_for_it: raised_as(ground, verdict, seen_at) == Some(kind),
        })
    }

    /// The order's zones by the versions, the service, the end and the appeals that were known.
    fn grounds_at(&self, tx: &mut Tx<'_>, at: Instant) -> Result<Grounds, StoreError> {
        let versions: Vec<OrderVersion> =
            self.versions.iter().filter(|it| it.recorded_at <= at).cloned().collect();
        let known: Vec<Fact> =
            self.facts.iter().filter(|fact| known(fact, ()).is_known_at(at)).cloned().collect();
        let intake = replays::intake_services(tx, &[self.order.id])?.into_iter().map(|it| it.1);
        let served = services(&known)?.into_iter().map(|service| service.what);
        let served_at = served.chain(intake).min();
        let end = known.iter().filter(|fact| fact.kind == FactKind::OrderEnded);
        let order = ended(&self.order, end.min_by_key(|fact| fact.happened_at));
        // What was called a mistake later stood then.
        let stood = known.iter().cloned().map(|fact| Fact { superseded_at: None, ..fact });
        let appeals = appeals_in(&stood.collect::<Vec<_>>())?;
        Grounds::of_order(tx, &Order { served_at, ..order }, &versions, appeals)
    }
}

/// What raised it, and what says whether the order bound the subject there.
fn cite(on_file: OnFile, record: Record) -> Vec<Cited> {
    let versions = on_file.versions.into_iter().map(cite_version);
    let mut cited: Vec<Cited> =
        versions.chain(on_file.facts.into_iter().map(Cited::from)).collect();
    cited.push(match record {
        Record::Sighting(fact) => Cited::from(*fact),
        Record::Position { here, .. } => Cited {
            id: here.id.uuid(),
            kind: "position",
            happened_at: here.fixed_at,
            stated_at: None,
            received_at: here.received_at,
            mistake_at: None,
            says: format!("The tag reported a position, accurate to {:.0} m.", here.accuracy_m),
        },
    });
    cited.sort_by_key(|it| (it.received_at, it.id));
    cited
}
