//! Duties that fall in times of work, education or religion (s.2(3)). Such a duty is taken, and asks
//! for a reason: an alert stays open until there is one, or until the duty falls elsewhere.

use compliance::alert::AlertKind;
use compliance::fact::FactKind;
use compliance::lint::{ProtectedKind, clashing};
use compliance::{Instant, Window};
use serde::{Deserialize, Serialize};

use super::Actor;
use super::enumerate::{next_windows, rule};
use super::order_terms::latest;
use super::protected_times::{self, TimeOnFile};
use super::raise_alerts::{Settling, raise_alerts};
use super::record_fact::{NewFact, Recorded, order_in_scope, record_fact, record_fact_for_service};
use super::ring_timers::about;
use super::treatment::{SESSION_FACTS, sessions_of};
use crate::ZONE;
use crate::identity::{Identity, derived};
use crate::refusal::Refusal;
use crate::store::facts::{self, Fact};
use crate::store::id::{FactId, OrderId};
use crate::store::orders::Order;
use crate::store::{StoreError, Tx, accounts, alerts, schedules};

/// Ten weeks of a duty a day.
const WINDOWS_MAX: usize = 70;
pub const REASON_CHARS_MAX: usize = 500;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReasonBody {
    pub label: String,
    pub reason: String,
}

/// One duty and one protected time that it falls in.
#[derive(Debug, Clone)]
pub struct Clash {
    /// The same as long as the duty, its times and the protected time are.
    pub id: FactId,
    /// The condition that asks for the duty.
    pub label: String,
    /// The session, unless it is a sign-on.
    pub session: Option<FactId>,
    pub kind: ProtectedKind,
    pub first: Window,
    pub says: String,
    pub reason: Option<ReasonOnFile>,
}

#[derive(Debug, Clone)]
pub struct ReasonOnFile {
    pub reason: String,
    pub given_at: Instant,
    /// Nobody, when it came with an import.
    pub given_by_name: Option<String>,
}

/// A duty, by what makes it the same duty.
struct Duty {
    key: String,
    label: String,
    session: Option<FactId>,
    is_momentary: bool,
}

impl Duty {
    fn clash(&self, order: &Order, time: &TimeOnFile, windows: &[Window]) -> Option<Clash> {
        let known: Vec<Window> =
            windows.iter().copied().filter(|window| time.was_known(*window)).collect();
        let first = *clashing(&known, &time.time, self.is_momentary).first()?;
        let what = if self.session.is_some() { "The session" } else { "The sign-on" };
        let says = format!(
            "{what} of {} falls in the subject's times of {}: on {}. Say why it stands, or move \
             it (s.2(3)).",
            self.label,
            time.time.kind,
            first.opens_at.in_words(ZONE)
        );
        Some(Clash {
            id: derived(&format!("clash {} {} {}", order.id, self.key, time.fact.id)),
            label: self.label.clone(),
            session: self.session,
            kind: time.time.kind,
            first,
            says,
            reason: None,
        })
    }
}

/// Every clash of the latest version's sign-ons and of every session, with its reason if it has one;
/// none of an order that has ended.
pub fn clashes(tx: &mut Tx<'_>, order: &Order, now: Instant) -> Result<Vec<Clash>, StoreError> {
    if order.ended_at.is_some() { Ok(Vec::new()) } else { reckon(tx, order, now) }
}

fn reckon(tx: &mut Tx<'_>, order: &Order, now: Instant) -> Result<Vec<Clash>, StoreError> {
    let times = protected_times::of_subject(tx, order.subject_id)?;
    if times.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = sign_on_clashes(tx, order, &times, now)?;
    for session in sessions_of(facts::of_order(tx, order.id, &SESSION_FACTS)?)? {
        if !session.stands() {
            continue;
        }
        let window = session.session.window;
        let duty = Duty {
            key: format!("{} {}", session.id, window.opens_at.ms()),
            label: session.label.clone(),
            session: Some(session.id),
            is_momentary: false,
        };
        found.extend(times.iter().filter_map(|time| duty.clash(order, time, &[window])));
    }
    with_reasons(tx, order, found)
}

fn sign_on_clashes(
    tx: &mut Tx<'_>,
    order: &Order,
    times: &[TimeOnFile],
    now: Instant,
) -> Result<Vec<Clash>, StoreError> {
    let mut found = Vec::new();
    for (condition, _) in latest(tx, order)? {
        for schedule in schedules::of_condition(tx, condition.id)? {
            let rule = rule(&schedule)?;
            let duty = Duty {
                // A variation that leaves the times alone leaves the reason standing.
                key: format!("{} {}", condition.label, rule.in_words()),
                label: condition.label.clone(),
                session: None,
                is_momentary: true,
            };
            for time in times {
                let from = time.counts_from(now);
                let windows = next_windows(&rule, schedule.span(), from, WINDOWS_MAX);
                found.extend(duty.clash(order, time, &windows));
            }
        }
    }
    Ok(found)
}

fn with_reasons(
    tx: &mut Tx<'_>,
    order: &Order,
    mut found: Vec<Clash>,
) -> Result<Vec<Clash>, StoreError> {
    if found.is_empty() {
        return Ok(found);
    }
    let given = facts::of_order(tx, order.id, &[FactKind::ClashReasonGiven])?;
    for clash in &mut found {
        let of_it = |fact: &&Fact| fact.object_id == clash.id;
        let Some(fact) = given.iter().rfind(of_it) else { continue };
        let by = fact.recorded_by.map(|by| accounts::find(tx, by)).transpose()?.flatten();
        clash.reason = Some(ReasonOnFile {
            reason: fact.read::<ReasonBody>()?.reason,
            given_at: fact.recorded_at,
            given_by_name: by.map(|account| account.display_name),
        });
    }
    Ok(found)
}

fn key(id: FactId) -> String {
    format!("{}:{id}", AlertKind::ProtectedTimeClash)
}

/// To be called whenever a duty or a protected time is new or changed: raises each clash without a
/// reason, and closes what has one or is none any more.
pub fn settle_clashes(
    tx: &mut Tx<'_>,
    identity: &Identity,
    order: &Order,
    settling: Settling,
) -> Result<Vec<Clash>, StoreError> {
    let found = clashes(tx, order, settling.now)?;
    let unanswered = || found.iter().filter(|clash| clash.reason.is_none());
    let keys: Vec<String> = unanswered().map(|clash| key(clash.id)).collect();
    for open in alerts::open_keys_of(tx, order.id, AlertKind::ProtectedTimeClash)? {
        if !keys.contains(&open) {
            settling.close(tx, &open)?;
        }
    }
    let raise = |clash: &Clash| {
        let at = (key(clash.id), clash.first.opens_at);
        about(order, AlertKind::ProtectedTimeClash, at, clash.says.clone())
    };
    raise_alerts(tx, identity, settling.now, unanswered().map(raise).collect())?;
    Ok(found)
}

fn reason_fact(
    id: FactId,
    (order, clash): (OrderId, FactId),
    now: Instant,
    body: ReasonBody,
) -> NewFact<ReasonBody> {
    NewFact {
        id,
        kind: FactKind::ClashReasonGiven,
        order,
        object: clash.uuid(),
        party: None,
        happened_at: now,
        says: format!(
            "{} stands although it falls in a protected time: {}",
            body.label, body.reason
        ),
        body,
    }
}

/// The condition of a clash, also of one that is over: a reason can still be put better then.
fn label_of(
    tx: &mut Tx<'_>,
    (order, clash): (&Order, FactId),
    now: Instant,
) -> Result<Option<String>, StoreError> {
    if let Some(found) = reckon(tx, order, now)?.into_iter().find(|it| it.id == clash) {
        return Ok(Some(found.label));
    }
    let given = facts::of_order(tx, order.id, &[FactKind::ClashReasonGiven])?;
    let before = given.iter().find(|fact| fact.object_id == clash);
    before.map(|fact| fact.read::<ReasonBody>().map(|body| body.label)).transpose()
}

/// Says why a duty stands although it falls in a protected time.
pub fn record_clash_reason(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (order, clash, id): (OrderId, FactId, FactId),
    reason: &str,
) -> Result<Recorded, Refusal> {
    let order = order_in_scope(tx, actor, order)?;
    let label = match facts::find_taken(tx, id)? {
        Some(taken) if taken.kind == FactKind::ClashReasonGiven && taken.object_id == clash => {
            taken.read::<ReasonBody>()?.label
        }
        Some(_) => return Err(Refusal::RecordConflict),
        None => label_of(tx, (&order, clash), actor.now)?.ok_or(Refusal::NotFound("clash"))?,
    };
    let body = ReasonBody { label, reason: reason.to_owned() };
    let recorded = record_fact(tx, actor, reason_fact(id, (order.id, clash), actor.now, body))?;
    settle_clashes(tx, &actor.identity, &order, actor.settling())?;
    Ok(recorded)
}

/// After a session was arranged or moved: the reason that came with it is that of every clash it has
/// now. Gives what is still without one.
pub fn answer_clashes(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (order, session): (&Order, FactId),
    reason: Option<&str>,
) -> Result<Vec<Clash>, Refusal> {
    if let Some(reason) = reason {
        let found = clashes(tx, order, actor.now)?.into_iter();
        let of_it = found.filter(|it| it.session == Some(session) && it.reason.is_none());
        for clash in of_it.collect::<Vec<_>>() {
            let body = ReasonBody { label: clash.label.clone(), reason: reason.to_owned() };
            let id = actor.identity.id(actor.now);
            record_fact(tx, actor, reason_fact(id, (order.id, clash.id), actor.now, body))?;
        }
    }
    let settled = settle_clashes(tx, &actor.identity, order, actor.settling())?;
    let is_left = |it: &Clash| it.session == Some(session) && it.reason.is_none();
    Ok(settled.into_iter().filter(is_left).collect())
}

/// The same of an import, for the conditions that come with a reason.
pub fn answer_imported(
    tx: &mut Tx<'_>,
    (identity, now): (&Identity, Instant),
    order: &Order,
    reasons: &[(String, String)],
) -> Result<(), StoreError> {
    if reasons.is_empty() {
        return Ok(());
    }
    for clash in clashes(tx, order, now)?.into_iter().filter(|clash| clash.reason.is_none()) {
        let Some((label, reason)) = reasons.iter().find(|(label, _)| *label == clash.label) else {
            continue;
        };
        let body = ReasonBody { label: label.clone(), reason: reason.clone() };
        let id = identity.id(now);
        let fact = reason_fact(id, (order.id, clash.id), now, body);
        record_fact_for_service(tx, now, fact).map_err(|refusal| match refusal {
            Refusal::Store(error) => error,
            other => StoreError::Corrupt { vocabulary: "clash", value: other.to_string() },
        })?;
    }
    Ok(())
}
