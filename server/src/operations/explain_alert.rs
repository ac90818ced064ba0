//! Says on what an alert rests: the finding of a sign-on, or what the facts about a session, a request or a
//! place come to, as known at an instant and as known now, by the rules that raised it. Of what cannot be
//! replayed it says so.

use compliance::alert::{NO_FINDING, RestsOn as Grounds};
use compliance::attendance::{Compliance, Reason};
use compliance::fact::FactKind;
use compliance::{Instant, Word};
use uuid::Uuid;

mod feed;
mod known_order;
mod notification;
mod place;

use super::Actor;
use super::devices::reckon_request;
use super::explain_finding::{Cited, Difference, check_known_at, differences, finding_of_alert};
use super::load_cases::known;
use super::raise_alerts::object_of_key;
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

impl Replayed {
    /// With what has come on file, or was called a mistake, between the two.
    fn of(basis: &'static str, then: Reckoned, now: Reckoned, cited: Vec<Cited>) -> Self {
        let differences = differences(&cited, then.known_at, now.known_at);
        Self { basis, then, now, differences, cited }
    }
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

/// What is on file about an object: what was recorded of it, and ends of its order.
struct OnFile {
    facts: Vec<Fact>,
    ends: Vec<Fact>,
}

/// Without `known_at`, what was known when it was raised, the last time.
pub fn explain_alert(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: AlertId,
    known_at: Option<Instant>,
) -> Result<WhyAlert, Refusal> {
    check_known_at(known_at, actor.now)?;
    let alert = alerts::find(tx, actor.scope, id)?.ok_or(Refusal::NotFound("alert"))?;
    let entry = actor.reading("explain_alert", format!("alert:{id}"), alert.order_id);
    ledger::append(tx, actor.now, vec![entry])?;
    let when = (known_at.unwrap_or(alert.triggered_at), actor.now);
    let found = match alert.kind.rests_on() {
        Grounds::Silence | Grounds::Attendance => {
            finding_of_alert(tx, &alert)?.map(RestsOn::Finding)
        }
        Grounds::Session => facts_of(tx, &alert, Object::Session, when)?,
        Grounds::Request => facts_of(tx, &alert, Object::Request, when)?,
        Grounds::Place => place::facts_of(tx, &alert, when)?,
        Grounds::Feed => feed::facts_of(tx, &alert, when)?,
        Grounds::Notification => notification::facts_of(tx, &alert, when)?,
        Grounds::NotReplayed(says) => Some(RestsOn::NotExplained(says)),
    };
    let rests_on = found.unwrap_or(RestsOn::NotExplained(NO_FINDING));
    Ok(WhyAlert { alert, rests_on })
}

/// Nothing if its order or what its key names is not on file.
fn facts_of(
    tx: &mut Tx<'_>,
    alert: &Alert,
    object: impl FnOnce(FactId) -> Object,
    when: (Instant, Instant),
) -> Result<Option<RestsOn>, StoreError> {
    let Some(order) = alert.order_id else { return Ok(None) };
    let Some(order) = orders::find_for_service(tx, order)? else { return Ok(None) };
    let key = alerts::key_of(tx, alert.id)?.unwrap_or_default();
    let Some(id) = object_of_key(&key) else { return Ok(None) };
    let replayed = replayed(tx, (&order, &key), object(id.into()), when)?;
    Ok(Some(RestsOn::Facts(Box::new(replayed))))
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
    let on_file = OnFile {
        facts: replays::facts_about(tx, id)?,
        ends: replays::facts_ever(tx, &[of.0.id], &[FactKind::OrderEnded])?,
    };
    let mut reckoned = |at| match object {
        Object::Session(_) => of_session(of, &on_file, at),
        Object::Request(id) => of_request(tx, of, (id, &on_file), at),
    };
    let (at_then, at_now) = (reckoned(then)?, reckoned(now)?);
    let OnFile { facts, mut ends } = on_file;
    ends.retain(|end| [&at_then, &at_now].iter().any(|it| it.facts.contains(&end.id.uuid())));
    let mut cited: Vec<Cited> = facts.into_iter().chain(ends).map(Cited::from).collect();
    cited.sort_by_key(|it| (it.received_at, it.id));
    Ok(Replayed::of(basis, at_then, at_now, cited))
}

impl OnFile {
    fn known_at(&self, at: Instant) -> Vec<Fact> {
        self.facts.iter().filter(|fact| known(fact, ()).is_known_at(at)).cloned().collect()
    }

    /// The end of the order that counts, as far as it is known at an instant: the earliest.
    fn end_at(&self, at: Instant) -> Option<&Fact> {
        let known = self.ends.iter().filter(|fact| known(fact, ()).is_known_at(at));
        known.min_by_key(|fact| fact.happened_at)
    }
}

/// The order as its end was known.
fn ended(order: &Order, end: Option<&Fact>) -> Order {
    Order { ended_at: end.map(|fact| fact.happened_at), ..order.clone() }
}

/// The facts that it was reckoned on, and the end of the order if that took it away.
fn ids(known: &[Fact], end: Option<&Fact>, is_asked: bool) -> Vec<Uuid> {
    let end = end.filter(|_| !is_asked);
    known.iter().chain(end).map(|fact| fact.id.uuid()).collect()
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
    on_file: &OnFile,
    at: Instant,
) -> Result<Reckoned, StoreError> {
    let (known, end) = (on_file.known_at(at), on_file.end_at(at));
    let Some(session) = reckon(known.clone())? else { return Ok(nothing_on_file(at)) };
    let order = ended(order, end);
    let finding = session.assess(at);
    Ok(Reckoned {
        known_at: at,
        state: Some(finding.state.as_str()),
        compliance: finding.state.compliance(),
        reasons: finding.reasons,
        facts: ids(&known, end, session.is_asked(&order)),
        asks_for_it: session.raises(&order, at).iter().any(|raise| raise.dedupe_key == key),
    })
}

fn of_request(
    tx: &mut Tx<'_>,
    (order, key): (&Order, &str),
    (id, on_file): (FactId, &OnFile),
    at: Instant,
) -> Result<Reckoned, StoreError> {
    let (known, end) = (on_file.known_at(at), on_file.end_at(at));
    let Some(asked) = known.iter().find(|fact| fact.id == id).cloned() else {
        return Ok(nothing_on_file(at));
    };
    let order = ended(order, end);
    let request = reckon_request(tx, asked, &known, at)?;
    let (raise, _) = request.asks(&order, at);
    Ok(Reckoned {
        known_at: at,
        state: Some(request.finding.state.as_str()),
        compliance: request.finding.compliance,
        asks_for_it: raise.is_some_and(|raise| raise.dedupe_key == key),
        facts: ids(&known, end, request.is_asked(&order)),
        reasons: request.finding.reasons,
    })
}
