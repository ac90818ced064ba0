//! What a clerk should ask the court or the owner about, with all that is on file: zones, the
//! subject's home, sessions and where they are held, protected times, closures and bank holidays.

use compliance::Instant;
use compliance::holidays::{Division, Holidays};
use compliance::lint::{
    DescribedCondition, LintWarning, OrderDescription, ProtectedTime, StationFacts, Term, lint,
};
use compliance::order::ConditionKind;
use compliance::place::Position;

use super::Actor;
use super::clashes::{Clash, clashes};
use super::grade_condition::details;
use super::homes::home_of;
use super::judge_zones::zone;
use super::order_terms::{SignOn, latest, position, sign_on};
use super::protected_times::of_subject;
use super::record_fact::{order_in_scope, record_reading};
use super::treatment::{SESSION_FACTS, SessionOnFile, sessions_of};
use crate::ZONE;
use crate::refusal::Refusal;
use crate::store::id::{OrderId, ProviderId};
use crate::store::orders::{Condition, Order};
use crate::store::stations::{self, Station};
use crate::store::{StoreError, Tx, facts, providers};

/// Warnings as of now, and the clashes with protected times that they speak of.
pub struct Linted {
    pub warnings: Vec<LintWarning>,
    pub clashes: Vec<Clash>,
}

pub fn lint_order(tx: &mut Tx<'_>, actor: &Actor, id: OrderId) -> Result<Linted, Refusal> {
    let order = order_in_scope(tx, actor, id)?;
    record_reading(tx, actor, "lint_order", id)?;
    let warnings = warnings(tx, &order, actor.now)?;
    Ok(Linted { warnings, clashes: clashes(tx, &order, actor.now)? })
}

/// Warnings about the latest version of an order, the worst first. They never block.
pub fn warnings(
    tx: &mut Tx<'_>,
    order: &Order,
    now: Instant,
) -> Result<Vec<LintWarning>, StoreError> {
    let sessions = sessions_ahead(tx, order, now)?;
    let mut conditions = Vec::new();
    for found in latest(tx, order)? {
        let (condition, _) = &found;
        let term = match condition.kind {
            ConditionKind::SignOn => {
                let SignOn { stations, windows, .. } = sign_on(tx, &found, now)?;
                let stations = stations.iter().map(|of| station_facts(tx, of));
                Term::SignOn { windows, stations: stations.collect::<Result<_, _>>()? }
            }
            ConditionKind::Treatment => treatment(tx, condition, &sessions)?,
            _ => zone(condition)?.map_or(Term::Other, |zone| Term::Zone(Box::new(zone))),
        };
        conditions.push(DescribedCondition {
            label: condition.label.clone(),
            wording: condition.wording.clone(),
            term,
        });
    }
    let times = of_subject(tx, order.subject_id)?;
    let description = OrderDescription {
        kind: order.kind,
        made_by: order.made_by,
        zone: ZONE,
        conditions,
        home: home_of(tx, order.subject_id, now)?,
        protected_times: times
            .into_iter()
            .map(|on_file| on_file.time)
            .collect::<Vec<ProtectedTime>>(),
        holidays: Holidays::shipped(Division::EnglandAndWales),
    };
    Ok(lint(&description))
}

/// Those that are still to be attended.
fn sessions_ahead(
    tx: &mut Tx<'_>,
    order: &Order,
    now: Instant,
) -> Result<Vec<SessionOnFile>, StoreError> {
    let mut found = sessions_of(facts::of_order(tx, order.id, &SESSION_FACTS)?)?;
    found.retain(|session| {
        now < session.session.window.closes_at && session.is_to_be_attended(order)
    });
    Ok(found)
}

/// The way to a session is to its provider's; where its sessions are at several, none is known.
fn treatment(
    tx: &mut Tx<'_>,
    condition: &Condition,
    sessions: &[SessionOnFile],
) -> Result<Term, StoreError> {
    let of_it = || sessions.iter().filter(|session| session.label == condition.label);
    let mut ids: Vec<ProviderId> = of_it().map(|session| session.provider).collect();
    ids.sort_unstable();
    ids.dedup();
    let provider = match (ids.as_slice(), details(condition)?.treatment) {
        ([only], _) => providers::find(tx, *only)?,
        ([], Some(treatment)) => providers::find_by_code(tx, &treatment.provider)?,
        _ => None,
    };
    let place: Option<Position> = provider.and_then(|provider| provider.position());
    Ok(Term::Treatment { sessions: of_it().map(|it| it.session.window).collect(), place })
}

fn station_facts(tx: &mut Tx<'_>, station: &Station) -> Result<StationFacts, StoreError> {
    Ok(StationFacts {
        name: station.name.clone(),
        position: Some(position(station)),
        opening: stations::hours(tx, station.id)?,
    })
}
