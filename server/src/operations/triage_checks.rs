//! What a person should know before they decide what a failure was: the automatic checks, and how the
//! subject has kept their orders over twelve months, for and against them.

use compliance::Instant;
use compliance::breach_case::BreachStatus;
use compliance::excuse::ExcuseStatus;
use compliance::fact::FactKind;
use compliance::holidays::{Division, Holidays};
use compliance::instant::DAY_MS;
use compliance::opening::Opening;
use compliance::triage::{Checked, Situation};

use super::Actor;
use super::breach_cases::cases_of;
use super::excuses::claims_of;
use super::order_life::{appeals_of, life_of};
use super::status_periods::read_period;
use crate::ZONE;
use crate::refusal::Refusal;
use crate::store::alerts::{self, Alert};
use crate::store::findings::OutcomeCounts;
use crate::store::id::AlertId;
use crate::store::obligations::Charge;
use crate::store::orders::{self, Order};
use crate::store::{StoreError, Tx, accounts, check_ins, facts, findings, obligations, stations};

/// How far back the subject's record is counted.
const COUNTED_MS: i64 = 365 * DAY_MS;

/// How the subject has kept their orders, as far as the caller may know of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counters {
    pub sign_ons: OutcomeCounts,
    pub excuses_claimed: usize,
    pub excuses_accepted: usize,
    pub breach_cases: usize,
    /// Concluded, with a disposition that counts against the subject.
    pub breaches_concluded: usize,
}

pub struct Triage {
    pub alert: Alert,
    pub checks: Vec<Checked>,
    pub counted_from: Instant,
    pub counters: Counters,
}

/// What is known about the failure that an alert is about.
pub fn triage(tx: &mut Tx<'_>, actor: &Actor, id: AlertId) -> Result<Triage, Refusal> {
    let alert = alerts::find(tx, actor.scope, id)?.ok_or(Refusal::NotFound("alert"))?;
    let order = match alert.order_id {
        Some(order) => orders::find(tx, actor.scope, order)?,
        None => None,
    };
    let Some(order) = order else {
        return Err(Refusal::AlertNeedsDeed("It is about no order, so there is nothing to check."));
    };
    let situation = situation(tx, actor, &alert, &order)?;
    let counted_from = alert.concerns_at + -COUNTED_MS;
    let counters = counters(tx, actor, &order, (counted_from, alert.concerns_at))?;
    Ok(Triage { checks: situation.checks(), alert, counted_from, counters })
}

fn situation(
    tx: &mut Tx<'_>,
    actor: &Actor,
    alert: &Alert,
    order: &Order,
) -> Result<Situation, StoreError> {
    let failed_at = alert.concerns_at;
    // A window's closing instant is no longer in it.
    let last = failed_at + -1;
    let life = life_of(tx, order)?;
    let appeals = appeals_of(tx, &[order.id])?.remove(&order.id).unwrap_or_default();
    let charge = match alert.obligation_id {
        Some(obligation) => obligations::charge_of(tx, actor.scope, obligation)?,
        None => None,
    };
    let mut whereabouts = Vec::new();
    let from = charge.as_ref().map_or(last, |charge| charge.obligation.opens_at);
    for fact in facts::of_order(tx, order.id, &[FactKind::StatusPeriod])? {
        let period = read_period(&fact)?;
        if period.holds(last) || period.holds(from) {
            whereabouts.push(fact.says);
        }
    }
    let opening = charge.as_ref().map(|charge| opening(tx, charge)).transpose()?.flatten();
    let records = charge.as_ref().map(|charge| records(tx, charge)).transpose()?;
    Ok(Situation {
        failed_at,
        raised_at: alert.triggered_at,
        status: life.status_at(last),
        served_at: order.served_at,
        is_stayed: appeals.iter().any(|appeal| appeal.is_stay_at(last)),
        opening,
        is_sign_on: charge.is_some(),
        whereabouts,
        records: records.unwrap_or_default(),
    })
}

fn opening(tx: &mut Tx<'_>, charge: &Charge) -> Result<Option<Opening>, StoreError> {
    let hours = stations::hours(tx, charge.obligation.station_id)?;
    let holidays = Holidays::shipped(Division::EnglandAndWales);
    Ok(hours.map(|hours| hours.judge(charge.obligation.window(), &holidays)))
}

/// Every attendance that is on record for a duty, in words.
fn records(tx: &mut Tx<'_>, charge: &Charge) -> Result<Vec<String>, StoreError> {
    let mut found = Vec::new();
    for record in check_ins::standing(tx, charge.obligation.id)? {
        let by = accounts::find(tx, record.confirmed_by)?.map(|account| account.display_name);
        found.push(format!(
            "{} confirmed an attendance on {}.",
            by.unwrap_or_default(),
            record.attended_at.in_words(ZONE)
        ));
    }
    Ok(found)
}

fn counters(
    tx: &mut Tx<'_>,
    actor: &Actor,
    order: &Order,
    (from, until): (Instant, Instant),
) -> Result<Counters, StoreError> {
    let orders = orders::of_subject(tx, actor.scope, order.subject_id)?;
    let ids: Vec<_> = orders.iter().map(|order| order.id).collect();
    let sign_ons = findings::outcomes(tx, &ids, (from, until))?;
    let mut counters = Counters { sign_ons, ..Counters::default() };
    for order in &orders {
        let is_counted = |at: Instant| from <= at && at <= actor.now;
        for claim in claims_of(tx, order)? {
            if is_counted(claim.claim.failed_at) {
                counters.excuses_claimed += 1;
                let is_accepted = claim.status(actor.now) == ExcuseStatus::Accepted;
                counters.excuses_accepted += usize::from(is_accepted);
            }
        }
        for case in cases_of(tx, order)? {
            if is_counted(case.case.failed_at) {
                counters.breach_cases += 1;
                let counts = case.case.standing().is_some_and(|it| it.disposition.counts());
                let is_concluded = case.status() == BreachStatus::Concluded;
                counters.breaches_concluded += usize::from(counts && is_concluded);
            }
        }
    }
    Ok(counters)
}
