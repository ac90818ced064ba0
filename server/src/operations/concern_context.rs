//! A report together with everything else of the last ninety days: misses, other reports, where the
//! subject was. One thing alone often says little (`domain.md`, R4).

use std::collections::{BTreeMap, BTreeSet};

use compliance::Instant;
use compliance::access::{Act, Role};
use compliance::attendance::Outcome;
use compliance::concern_report::Report;
use compliance::concern_report::pattern::{History, LOOK_BACK_MS, Pattern, patterns};
use compliance::fact::FactKind;

use super::Actor;
use super::concerns::folded;
use crate::refusal::Refusal;
use crate::store::concerns::{self, Concern, ConcernAct, ConcernInContext, ReporterDetails};
use crate::store::facts::{self, Fact};
use crate::store::findings::{self, OfObligation};
use crate::store::id::{ConcernId, OrderId};
use crate::store::zone_stays::{self, Stay};
use crate::store::{StoreError, Tx, ledger, orders};

/// A report as somebody who looks into it needs it.
#[derive(Debug, Clone)]
pub struct WholeConcern {
    pub found: ConcernInContext,
    pub report: Report,
    pub acts: Vec<(ConcernAct, String, Option<String>)>,
    /// Only for those who investigate.
    pub reporter: Option<ReporterDetails>,
    pub context: Context,
}

/// What else is on file, of the orders that the reader may know of.
#[derive(Debug, Clone)]
pub struct Context {
    pub from: Instant,
    /// Sign-ons that were missed, and those that were not as they should be.
    pub attendances: Vec<OfObligation>,
    pub reports: Vec<ConcernInContext>,
    pub sightings: Vec<Fact>,
    pub stays: Vec<(OrderId, Stay)>,
    pub patterns: Vec<Pattern>,
}

/// Reads a report; the reading is in the ledger.
pub fn get_concern(tx: &mut Tx<'_>, actor: &Actor, id: ConcernId) -> Result<WholeConcern, Refusal> {
    let found = concerns::find_in_context(tx, actor.scope, id)?;
    let found = found.ok_or(Refusal::NotFound("report"))?;
    let acts = concerns::named_acts(tx, id)?;
    let plain: Vec<ConcernAct> = acts.iter().map(|(act, _, _)| act.clone()).collect();
    let report = folded(&found.concern, &plain)?;
    let reporter = match investigates(actor, &found.concern) {
        true => concerns::reporter(tx, id)?,
        false => None,
    };
    let mut known = orders_of_subject(tx, actor, &found.concern)?;
    let context = context(tx, actor, &found.concern, &known)?;
    known.extend(found.concern.order_id);
    let object = format!("concern:{id}");
    let entry = actor.reading("get_concern", object, known);
    ledger::append(tx, actor.now, vec![entry])?;
    Ok(WholeConcern { found, report, acts, reporter, context })
}

/// Whoever answers for such reports, and the officer who was given this one.
fn investigates(actor: &Actor, concern: &Concern) -> bool {
    let role = actor.scope.role;
    let answers =
        role == Role::ControlRoom || (role.may(Act::InvestigateConcern) && role != Role::Officer);
    answers || concern.investigator_id == Some(actor.scope.account)
}

fn orders_of_subject(
    tx: &mut Tx<'_>,
    actor: &Actor,
    concern: &Concern,
) -> Result<Vec<OrderId>, StoreError> {
    let Some(subject) = concern.subject_id else { return Ok(Vec::new()) };
    let known = orders::of_subject(tx, actor.scope, subject)?;
    Ok(known.into_iter().map(|order| order.id).collect())
}

fn context(
    tx: &mut Tx<'_>,
    actor: &Actor,
    concern: &Concern,
    known: &[OrderId],
) -> Result<Context, StoreError> {
    let from = actor.now + -LOOK_BACK_MS;
    let reports = concerns::beside(tx, actor.scope, concern, (known, from))?;
    let attendances = findings::not_as_due(tx, known, (from, actor.now))?;
    let mut sightings = facts::of_orders(tx, known, &[FactKind::Sighting])?;
    sightings.retain(|sighting| from <= sighting.happened_at);
    let stays = stays(tx, known, (from, actor.now))?;
    let of = |outcome: Outcome| attendances.iter().filter(move |it| it.finding.outcome == outcome);
    // Whoever came late was missed first: that is one thing, not two.
    let late: BTreeSet<_> = of(Outcome::Late).map(|it| it.finding.obligation_id).collect();
    let missed = of(Outcome::NotAttended).filter(|it| !late.contains(&it.finding.obligation_id));
    let history = History {
        lates: of(Outcome::Late).map(|it| it.closes_at).collect(),
        misses: missed.map(|it| it.closes_at).collect(),
        reports: reporters(tx, concern, &reports)?,
        zone_stays: stays.iter().map(|(_, stay)| stay.last_at).collect(),
    };
    let patterns = patterns(&history, actor.now);
    Ok(Context { from, attendances, reports, sightings, stays, patterns })
}

fn stays(
    tx: &mut Tx<'_>,
    ids: &[OrderId],
    between: (Instant, Instant),
) -> Result<Vec<(OrderId, Stay)>, StoreError> {
    let mut found = Vec::new();
    for order in ids {
        let mut conditions = Vec::new();
        for version in orders::versions(tx, *order)? {
            let of_version = orders::conditions(tx, version.id)?;
            conditions.extend(of_version.into_iter().map(|(condition, _)| condition.id));
        }
        let stays = zone_stays::between(tx, &conditions, between)?;
        found.extend(stays.into_iter().map(|stay| (*order, stay)));
    }
    Ok(found)
}

/// When each report was made, this one too, and by whom: by name where one was given, else by who they
/// said they are. The names stay here.
fn reporters(
    tx: &mut Tx<'_>,
    concern: &Concern,
    beside: &[ConcernInContext],
) -> Result<Vec<(Instant, String)>, StoreError> {
    let all: Vec<&Concern> =
        beside.iter().map(|it| &it.concern).chain(std::iter::once(concern)).collect();
    let ids: Vec<ConcernId> = all.iter().map(|it| it.id).collect();
    let names: BTreeMap<ConcernId, String> =
        concerns::reporter_names(tx, &ids)?.into_iter().collect();
    let named = all.into_iter().map(|it| {
        let name = names.get(&it.id).map(|name| name.trim().to_lowercase()).unwrap_or_default();
        let by = if name.is_empty() { it.reporter.to_string() } else { name };
        (it.reported_at, by)
    });
    Ok(named.collect())
}
