//! Figures for supervisors and inspectors: each a name, a unit and a value, so that a table of them and a
//! file of them are the same.

use std::collections::BTreeSet;

use compliance::alert::{AlertCloseReason, AlertDecision};
use compliance::breach_case::{BreachStatus, Disposition};
use compliance::excuse::ExcuseStatus;
use compliance::fact::FactKind;
use compliance::order_status::OrderStatus;
use compliance::percentile::percentile;
use compliance::{Instant, Word};

use super::Actor;
use super::breach_cases::{CaseOnFile, cases_of};
use super::compliance_report::Period;
use super::excuses::claims_of;
use super::order_life::life_of_row;
use super::task_figures::of_tasks;
use crate::identity::sha256;
use crate::refusal::Refusal;
use crate::store::compliance_figures::{self, Figures as SignOns};
use crate::store::figures::{self, Answered, Extent};
use crate::store::id::StationId;
use crate::store::ledger::{self, Chain, NewEntry};
use crate::store::orders::Order;
use crate::store::stations::{self, Station};
use crate::store::{StoreError, Tx};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Count,
    Milliseconds,
    /// Of one, or so many for each.
    Ratio,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    pub group: &'static str,
    pub name: &'static str,
    pub unit: Unit,
    /// Nothing when there was nothing to reckon it from.
    pub value: Option<f64>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    pub period: Period,
    pub station: Option<StationId>,
}

/// The station that was asked for, and the figures.
pub fn figures(
    tx: &mut Tx<'_>,
    actor: &Actor,
    asked: Asked,
) -> Result<(Option<Station>, Vec<Figure>), Refusal> {
    let station = match asked.station {
        Some(id) => Some(stations::find(tx, id)?.ok_or(Refusal::NotFound("station"))?),
        None => None,
    };
    let (from, until) = asked.period.instants();
    let of = Extent { scope: actor.scope, station: asked.station, from, until };
    let orders = figures::orders(tx, of)?;
    let mut all = of_orders(&orders, actor.now);
    all.extend(of_sign_ons(tx, of, station.as_ref())?);
    all.extend(of_alerts(tx, of, asked.period.days())?);
    all.extend(of_excuses(tx, of, &orders, actor.now)?);
    all.extend(of_breaches(tx, of, &orders, actor.now)?);
    all.extend(of_tasks(tx, of, (&orders, actor.now))?);
    note(tx, actor, asked)?;
    Ok((station, all))
}

fn note(tx: &mut Tx<'_>, actor: &Actor, asked: Asked) -> Result<(), StoreError> {
    let place = asked.station.map_or_else(|| "everywhere".to_owned(), |id| id.to_string());
    let detail = format!("{place} {} {}", asked.period.from, asked.period.until);
    let entry = NewEntry {
        chain: Chain::Account(actor.scope.account),
        actor: Some(actor.scope.account),
        act: "get_figures",
        object: format!("account:{}", actor.scope.account),
        body_digest: sha256(detail.as_bytes()),
        detail,
    };
    ledger::append(tx, actor.now, vec![entry])
}

/// Exact for every count that a force can have.
fn exact(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

pub(super) fn count(group: &'static str, name: &'static str, count: usize) -> Figure {
    Figure { group, name, unit: Unit::Count, value: Some(exact(count)) }
}

pub(super) fn ratio(group: &'static str, name: &'static str, (part, of): (usize, usize)) -> Figure {
    let value = (of > 0).then(|| exact(part) / exact(of));
    Figure { group, name, unit: Unit::Ratio, value }
}

/// The median and the 90th percentile.
fn times(group: &'static str, names: [&'static str; 2], times_ms: &[i64]) -> [Figure; 2] {
    let at = |name, percent| {
        let ms = percentile(times_ms, percent).and_then(|ms| u32::try_from(ms).ok());
        Figure { group, name, unit: Unit::Milliseconds, value: ms.map(f64::from) }
    };
    let [median, high] = names;
    [at(median, 50), at(high, 90)]
}

/// How many have each word of a vocabulary.
fn by_word<W: Word>(group: &'static str, found: &[W]) -> impl Iterator<Item = Figure> {
    W::ALL
        .iter()
        .map(move |word| count(group, word.as_str(), found.iter().filter(|it| *it == word).count()))
}

fn of_orders(orders: &[Order], now: Instant) -> Vec<Figure> {
    let statuses: Vec<OrderStatus> =
        orders.iter().map(|order| life_of_row(order).status_at(now)).collect();
    let is_live = |order: &&Order| {
        matches!(life_of_row(order).status_at(now), OrderStatus::Made | OrderStatus::InForce)
    };
    let live: Vec<&Order> = orders.iter().filter(is_live).collect();
    let unserved = live.iter().filter(|order| order.served_at.is_none()).count();
    let unowned = live.iter().filter(|order| order.owner_id.is_none()).count();
    let group = "orders";
    let mut all: Vec<Figure> = by_word(group, &statuses).collect();
    all.extend([count(group, "unserved", unserved), count(group, "unowned", unowned)]);
    all
}

fn of_sign_ons(
    tx: &mut Tx<'_>,
    of: Extent,
    station: Option<&Station>,
) -> Result<Vec<Figure>, StoreError> {
    let counted = match station {
        None => compliance_figures::total(tx, of.scope, of.from, of.until)?,
        Some(station) => {
            let lines = compliance_figures::by_station(tx, of.scope, of.from, of.until)?;
            let line = lines.into_iter().find(|line| line.key == station.code);
            line.map_or_else(SignOns::default, |line| line.figures)
        }
    };
    let (early, late) = figures::early_and_late(tx, of)?;
    let withdrawn = figures::provisional_withdrawn(tx, of)?;
    let [provisional, confirmed, confirmed_withdrawn] = figures::misses(tx, of)?;
    let group = "sign_ons";
    let counts = [
        ("fulfilled", counted.fulfilled),
        ("missed", counted.missed),
        ("cancelled", counted.cancelled),
        ("pending", counted.pending),
        ("attended_early", early),
        ("attended_late", late),
        ("missed_provisional", provisional),
        ("missed_confirmed", confirmed),
        ("provisional_findings_withdrawn", withdrawn),
        ("confirmed_misses_withdrawn", confirmed_withdrawn),
    ];
    let counts = counts.map(|(name, n)| count(group, name, usize::try_from(n).unwrap_or(0)));
    let value = counted.on_time_share();
    let share = Figure { group, name: "on_time_share", unit: Unit::Ratio, value };
    Ok(counts.into_iter().chain([share]).collect())
}

/// Whether a named person's decision closed it.
fn is_decided(alert: &Answered) -> bool {
    let decisions = AlertDecision::ALL.iter().map(|decision| AlertCloseReason::from(*decision));
    let more = [AlertCloseReason::Excused, AlertCloseReason::BreachCaseOpened];
    let reason = alert.close_reason.as_deref();
    decisions.chain(more).any(|decided| reason == Some(decided.as_str()))
}

fn of_alerts(tx: &mut Tx<'_>, of: Extent, days: i64) -> Result<Vec<Figure>, StoreError> {
    let alerts = figures::answered(tx, of)?;
    let since = |alert: &Answered, at: Option<Instant>| at.map(|at| at - alert.triggered_at);
    let taken: Vec<i64> =
        alerts.iter().filter_map(|alert| since(alert, alert.acknowledged_at)).collect();
    let decided: Vec<i64> = alerts
        .iter()
        .filter(|alert| is_decided(alert))
        .filter_map(|alert| since(alert, alert.closed_at))
        .collect();
    let told = figures::told(tx, of)?;
    let people: BTreeSet<_> = told.iter().map(|(_, account)| *account).collect();
    let shifts = usize::try_from(days * 2).unwrap_or(0);
    let group = "alerts";
    let mut all = vec![
        count(group, "raised", alerts.len()),
        count(group, "acknowledged", taken.len()),
        count(group, "decided", decided.len()),
    ];
    all.extend(times(group, ["acknowledged_after_median", "acknowledged_after_p90"], &taken));
    all.extend(times(group, ["decided_after_median", "decided_after_p90"], &decided));
    all.extend([
        count(group, "tellings", told.len()),
        count(group, "people_told", people.len()),
        ratio(group, "tellings_per_person_and_12_hours", (told.len(), people.len() * shifts)),
    ]);
    Ok(all)
}

fn of_excuses(
    tx: &mut Tx<'_>,
    of: Extent,
    orders: &[Order],
    now: Instant,
) -> Result<Vec<Figure>, StoreError> {
    let with = figures::with_facts(tx, of, FactKind::ExcuseClaimed)?;
    let mut statuses: Vec<ExcuseStatus> = Vec::new();
    for order in orders.iter().filter(|order| with.contains(&order.id)) {
        let claims = claims_of(tx, order)?.into_iter();
        let claims = claims.filter(|claim| of.holds(claim.fact.happened_at));
        statuses.extend(claims.map(|claim| claim.status(now)));
    }
    Ok(by_word("excuses", &statuses).collect())
}

fn of_breaches(
    tx: &mut Tx<'_>,
    of: Extent,
    orders: &[Order],
    now: Instant,
) -> Result<Vec<Figure>, StoreError> {
    let with = figures::with_facts(tx, of, FactKind::BreachCaseOpened)?;
    let mut cases: Vec<CaseOnFile> = Vec::new();
    for order in orders.iter().filter(|order| with.contains(&order.id)) {
        let found = cases_of(tx, order)?.into_iter();
        cases.extend(found.filter(|case| of.holds(case.fact.happened_at)));
    }
    let statuses: Vec<BreachStatus> = cases.iter().map(CaseOnFile::status).collect();
    let standing = |case: &CaseOnFile| case.case.standing().map(|decided| decided.disposition);
    let dispositions: Vec<Disposition> = cases.iter().filter_map(standing).collect();
    let arrests: Vec<i64> = cases.iter().filter_map(|case| case.case.arrested_after_ms()).collect();
    let is_made = |order: &&Order| {
        !order.is_drafted() && life_of_row(order).status_at(now) != OrderStatus::Withdrawn
    };
    let made = orders.iter().filter(is_made).count();
    let group = "breach_cases";
    let mut all = vec![count(group, "opened", cases.len())];
    all.extend(by_word(group, &statuses));
    all.extend(by_word("breach_dispositions", &dispositions));
    all.extend([
        ratio(group, "opened_per_order", (cases.len(), made)),
        count(group, "arrests", arrests.len()),
        ratio(group, "arrests_per_case", (arrests.len(), cases.len())),
    ]);
    all.extend(times(group, ["arrested_after_median", "arrested_after_p90"], &arrests));
    Ok(all)
}
