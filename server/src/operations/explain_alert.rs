//! Says on what an alert rests: the finding of a sign-on, or what the facts about a session or a request
//! come to, as known at an instant and as known now, by the rules that raised it. Of what cannot be
//! replayed it says so.

use compliance::attendance::{Compliance, Reason};
use compliance::replay::Known;
use compliance::{Instant, Word};
use uuid::Uuid;

use super::Actor;
use super::devices::reckon_request;
use super::explain_finding::{Cited, Difference, differences, finding_of_alert};
use super::treatment::reckon;
use crate::refusal::Refusal;
use crate::store::alerts::{self, Alert};
use crate::store::facts::Fact;
use crate::store::id::{AlertId, FactId, FindingId};
use crate::store::orders::{self, Order};
use crate::store::{StoreError, Tx, ledger, replays};

/// On what alerts about treatment stand.
const TREATMENT: &str = "The order's requirement of treatment; outcomes as probation counts them";
/// On what alerts about requests to present a device stand.
const DEVICE: &str = "The order's requirement to present devices when asked; silence counts only once \
    it is proved that the subject knew of the request";

/// What the facts come to by what was known at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reckoned {
    pub known_at: Instant,
    /// Of the session or the request; nothing while it was not on file.
    pub state: Option<&'static str>,
    pub compliance: Compliance,
    pub reasons: Vec<Reason>,
    /// On which facts.
    pub facts: Vec<Uuid>,
    /// Whether the rules ask for this very alert by that.
    pub asks_for_it: bool,
}

/// What an alert's facts come to, then and now.
pub struct Replayed {
    pub basis: &'static str,
    pub then: Reckoned,
    pub now: Reckoned,
    pub differences: Vec<Difference>,
    pub cited: Vec<Cited>,
}

/// On what an alert rests.
pub enum RestsOn {
    Finding(FindingId),
    Facts(Box<Replayed>),
    /// Why that cannot be replayed.
    NotExplained(&'static str),
}

pub struct WhyAlert {
    pub alert: Alert,
    pub rests_on: RestsOn,
}

/// A session or a request, as its facts have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Object {
    Session(FactId),
    Request(FactId),
}

/// What the key of an alert names.
fn object_of(key: &str) -> Option<Object> {
    let mut parts = key.split(':');
    let kind = parts.next()?;
    let id: FactId = parts.next()?.parse().ok()?;
    match kind {
        "outcome_missing" | "evidence_overdue" | "session_not_complied" | "service_fault" => {
            Some(Object::Session(id))
        }
        "device_not_presented" | "request_not_proved" => Some(Object::Request(id)),
        _ => None,
    }
}

/// Without `known_at`, what was known when it was raised, the last time.
pub fn explain_alert(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: AlertId,
    known_at: Option<Instant>,
) -> Result<WhyAlert, Refusal> {
    let alert = alerts::find(tx, actor.scope, id)?.ok_or(Refusal::NotFound("alert"))?;
    let entry = actor.reading("explain_alert", format!("alert:{id}"), alert.order_id);
    ledger::append(tx, actor.now, vec![entry])?;
    if let Some(finding) = finding_of_alert(tx, &alert)? {
        return Ok(WhyAlert { alert, rests_on: RestsOn::Finding(finding) });
    }
    let key = alerts::key_of(tx, id)?.unwrap_or_default();
    let order = match alert.order_id {
        Some(order) => orders::find_for_service(tx, order)?,
        None => None,
    };
    let rests_on = match (object_of(&key), order) {
        (Some(object), Some(order)) => {
            let when = (known_at.unwrap_or(alert.triggered_at), actor.now);
            RestsOn::Facts(Box::new(replayed(tx, (&order, &key), object, when)?))
        }
        _ => RestsOn::NotExplained(alert.kind.not_explained()),
    };
    Ok(WhyAlert { alert, rests_on })
}

fn replayed(
    tx: &mut Tx<'_>,
    of: (&Order, &str),
    object: Object,
    (then, now): (Instant, Instant),
) -> Result<Replayed, StoreError> {
    let (id, basis) = match object {
        Object::Session(id) => (id, TREATMENT),
        Object::Request(id) => (id, DEVICE),
    };
    let facts = replays::facts_about(tx, id)?;
    let mut reckoned = |at| match object {
        Object::Session(_) => of_session(of, &facts, at),
        Object::Request(id) => of_request(tx, of, (id, &facts), at),
    };
    let (at_then, at_now) = (reckoned(then)?, reckoned(now)?);
    let mut cited: Vec<Cited> = facts.into_iter().map(Cited::from).collect();
    cited.sort_by_key(|it| (it.received_at, it.id));
    let differences = differences(&cited, then, now);
    Ok(Replayed { basis, then: at_then, now: at_now, differences, cited })
}

fn known_at(facts: &[Fact], at: Instant) -> Vec<Fact> {
    let known = |fact: &&Fact| {
        let (from, until) = (fact.recorded_at, fact.superseded_at);
        Known { id: fact.id.uuid(), from, until, what: () }.is_known_at(at)
    };
    facts.iter().filter(known).cloned().collect()
}

fn nothing_on_file(at: Instant) -> Reckoned {
    Reckoned {
        known_at: at,
        state: None,
        compliance: Compliance::NoData,
        reasons: Vec::new(),
        facts: Vec::new(),
        asks_for_it: false,
    }
}

fn of_session(
    (order, key): (&Order, &str),
    facts: &[Fact],
    at: Instant,
) -> Result<Reckoned, StoreError> {
    let known = known_at(facts, at);
    let ids = known.iter().map(|fact| fact.id.uuid()).collect();
    let Some(session) = reckon(known)? else { return Ok(nothing_on_file(at)) };
    let finding = session.assess(at);
    Ok(Reckoned {
        known_at: at,
        state: Some(finding.state.as_str()),
        compliance: finding.state.compliance(),
        reasons: finding.reasons,
        facts: ids,
        asks_for_it: session.raises(order, at).iter().any(|raise| raise.dedupe_key == key),
    })
}

fn of_request(
    tx: &mut Tx<'_>,
    (order, key): (&Order, &str),
    (id, facts): (FactId, &[Fact]),
    at: Instant,
) -> Result<Reckoned, StoreError> {
    let known = known_at(facts, at);
    let Some(asked) = known.iter().find(|fact| fact.id == id).cloned() else {
        return Ok(nothing_on_file(at));
    };
    let request = reckon_request(tx, asked, &known, at)?;
    let (raise, _) = request.asks(order, at);
    Ok(Reckoned {
        known_at: at,
        state: Some(request.finding.state.as_str()),
        compliance: request.finding.compliance,
        asks_for_it: raise.is_some_and(|raise| raise.dedupe_key == key),
        reasons: request.finding.reasons,
        facts: known.iter().map(|fact| fact.id.uuid()).collect(),
    })
}
