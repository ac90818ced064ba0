//! Devices of the subject: the register, requests to present them and what came of each, and
//! examinations. All of it is reckoned from facts.

use std::collections::{BTreeMap, BTreeSet};

use compliance::alert::{AlertCloseReason, AlertKind};
use compliance::attendance::Compliance;
use compliance::device::{
    Answer, Communication, CommunicationMethod, Deadline, Examination, ExaminationMethod,
    FORTHWITH_MS, InspectionCheck, PresentationRequest, Registered, RequestFinding, RequestState,
    Response, ResponseKind, Suspicion, assess_examination, assess_request,
};
use compliance::fact::{FactKind, TimerKind};
use compliance::prohibition::{InternetRule, InternetUse};
use compliance::{Instant, Word};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Actor;
use super::grade_condition::details;
use super::order_life::{Event, check_happened};
use super::raise_alerts::{Raise, close_alert, raise_alerts};
use super::record_fact::{
    NewFact, Recorded, fact_in_scope, order_in_scope, record_fact, record_reading,
};
use super::ring_timers::{Rung, about};
use crate::ZONE;
use crate::refusal::Refusal;
use crate::store::facts::{self, Fact};
use crate::store::id::{FactId, OrderId};
use crate::store::orders::{self, Order};
use crate::store::timers::{self, Timer};
use crate::store::{StoreError, Tx, obligations};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeviceBody {
    pub kind: String,
    pub description: String,
    /// Kind and text of each.
    pub identifiers: Vec<(String, String)>,
    pub registered: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RequestBody {
    /// Without one, every device.
    pub device: Option<FactId>,
    /// Without one, forthwith.
    pub due_at: Option<i64>,
    /// The exact term that it rests on.
    pub condition_label: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CommunicationBody {
    pub method: String,
    pub proof: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AnswerBody {
    pub kind: String,
    pub note: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExaminationBody {
    pub device: Option<FactId>,
    pub started_at: i64,
    pub ended_at: i64,
    pub method: String,
    /// Check and answer of each.
    pub answers: Vec<(String, String)>,
    pub finding: String,
    pub seized_as: Option<String>,
}

/// A request and what it has come to.
#[derive(Debug, Clone)]
pub struct RequestOnFile {
    pub fact: Fact,
    pub body: RequestBody,
    pub request: PresentationRequest,
    pub response: Option<Response>,
    pub finding: RequestFinding,
}

#[derive(Debug, Clone)]
pub struct ExaminationOnFile {
    pub fact: Fact,
    pub body: ExaminationBody,
    pub suspicions: Vec<Suspicion>,
}

/// What is on file about the devices of one order's subject.
#[derive(Debug, Clone)]
pub struct Devices {
    pub register: Vec<(Fact, DeviceBody)>,
    pub requests: Vec<RequestOnFile>,
    pub examinations: Vec<ExaminationOnFile>,
}

fn corrupt(fact: &Fact) -> StoreError {
    StoreError::Corrupt { vocabulary: "device fact", value: fact.id.to_string() }
}

fn word<W: Word>(fact: &Fact, text: &str) -> Result<W, StoreError> {
    W::parse(text).ok_or_else(|| corrupt(fact))
}

fn new<B>(event: Event, (kind, object): (FactKind, Uuid), body: B, says: String) -> NewFact<B> {
    let Event { order, record, happened_at } = event;
    NewFact { id: record, kind, order, object, party: None, happened_at, body, says }
}

/// Puts a device on the register. One that was found and that the order asks to declare is raised.
pub fn register_device(
    tx: &mut Tx<'_>,
    actor: &Actor,
    event: Event,
    (registered, body): (Registered, DeviceBody),
) -> Result<Recorded, Refusal> {
    let order = order_in_scope(tx, actor, event.order)?;
    check_happened(actor, &order, event)?;
    let how = registered.as_str().replace('_', " ");
    let says = format!("Device on the register ({how}): {}, {}.", body.kind, body.description);
    let about_it = (FactKind::DeviceRegistered, event.record.uuid());
    let recorded = record_fact(tx, actor, new(event, about_it, body, says.clone()))?;
    let is_new = matches!(recorded, Recorded::New(_));
    if is_new && registered == Registered::Found {
        let rules = internet_rules(tx, &order, event.happened_at)?;
        if rules.is_some_and(|rules| rules.has(InternetRule::DeclareDevices)) {
            let key = format!("device_suspicion:{}", event.record);
            let detail = format!("{says} The order asks for devices to be declared.");
            raise(tx, actor, about(&order, AlertKind::DeviceSuspicion, (key, actor.now), detail))?;
        }
    }
    Ok(recorded)
}

fn raise(tx: &mut Tx<'_>, actor: &Actor, raise: Raise) -> Result<(), StoreError> {
    raise_alerts(tx, &actor.identity, actor.now, vec![raise]).map(drop)
}

/// The rules on internet use in the version in force at an instant.
fn internet_rules(
    tx: &mut Tx<'_>,
    order: &Order,
    at: Instant,
) -> Result<Option<InternetUse>, StoreError> {
    let versions = orders::versions(tx, order.id)?;
    let Some(version) = versions.iter().rev().find(|version| version.in_force_from <= at) else {
        return Ok(None);
    };
    let mut rules: Vec<InternetRule> = Vec::new();
    for (condition, _) in orders::conditions(tx, version.id)? {
        let internet_use = details(&condition)?.internet_use;
        let listed = internet_use.into_iter().flat_map(|of| of.rules);
        rules.extend(listed.filter_map(|rule| InternetRule::parse(&rule)));
    }
    rules.sort_unstable();
    rules.dedup();
    Ok(InternetUse::new(&rules).ok())
}

/// Asks for a device to be presented. Until it is proved communicated, silence is nobody's failure.
pub fn request_presentation(
    tx: &mut Tx<'_>,
    actor: &Actor,
    event: Event,
    body: RequestBody,
) -> Result<Recorded, Refusal> {
    let order = order_in_scope(tx, actor, event.order)?;
    check_happened(actor, &order, event)?;
    if let Some(device) = body.device {
        device_of(tx, actor, &order, device)?;
    }
    let due_at = body.due_at.map(Instant::from_ms);
    if due_at.is_some_and(|due_at| due_at <= event.happened_at) {
        return Err(Refusal::field("/due_at", "is not after the request"));
    }
    let until =
        due_at.map_or_else(|| "forthwith".to_owned(), |at| format!("by {}", at.in_words(ZONE)));
    let says = format!("Presentation of devices asked for, {until} ({}).", body.condition_label);
    let about_it = (FactKind::PresentationRequested, event.record.uuid());
    let recorded = record_fact(tx, actor, new(event, about_it, body, says))?;
    if matches!(recorded, Recorded::New(_)) {
        let look_at = due_at.unwrap_or(event.happened_at + FORTHWITH_MS);
        let timer = (TimerKind::PresentationRequest, event.record.uuid());
        timers::set(tx, order.id, timer, Some(look_at))?;
        obligations::touch(tx, &[order.id], actor.now)?;
    }
    Ok(recorded)
}

fn device_of(tx: &mut Tx<'_>, actor: &Actor, order: &Order, id: FactId) -> Result<Fact, Refusal> {
    let device = fact_in_scope(tx, actor, id, &[FactKind::DeviceRegistered], "device")?;
    if device.order_id == order.id { Ok(device) } else { Err(Refusal::NotFound("device")) }
}

/// What is recorded about a request: its id, the record's, and when it happened.
#[derive(Debug, Clone, Copy)]
pub struct OfRequest {
    pub request: FactId,
    pub record: FactId,
    pub happened_at: Instant,
}

fn of_request(
    tx: &mut Tx<'_>,
    actor: &Actor,
    of: OfRequest,
) -> Result<(Order, Fact, Event), Refusal> {
    let kinds = [FactKind::PresentationRequested];
    let request = fact_in_scope(tx, actor, of.request, &kinds, "presentation request")?;
    let order = order_in_scope(tx, actor, request.order_id)?;
    let event = Event { order: order.id, record: of.record, happened_at: of.happened_at };
    check_happened(actor, &order, event)?;
    Ok((order, request, event))
}

/// Looks at a request again within the next sweep, because something about it has changed; lists of
/// who is due say how many are open.
pub fn look_again(
    tx: &mut Tx<'_>,
    actor: &Actor,
    order: OrderId,
    id: FactId,
) -> Result<(), StoreError> {
    timers::set(tx, order, (TimerKind::PresentationRequest, id.uuid()), Some(actor.now))?;
    obligations::touch(tx, &[order], actor.now)
}

pub fn record_request_communication(
    tx: &mut Tx<'_>,
    actor: &Actor,
    of: OfRequest,
    body: CommunicationBody,
) -> Result<Recorded, Refusal> {
    let (order, request, event) = of_request(tx, actor, of)?;
    let says = format!("The request to present was made known, {}.", body.method.replace('_', " "));
    let about_it = (FactKind::RequestCommunicated, request.id.uuid());
    let recorded = record_fact(tx, actor, new(event, about_it, body, says))?;
    if matches!(recorded, Recorded::New(_)) {
        look_again(tx, actor, order.id, request.id)?;
    }
    Ok(recorded)
}

pub fn record_presentation_answer(
    tx: &mut Tx<'_>,
    actor: &Actor,
    of: OfRequest,
    body: AnswerBody,
) -> Result<Recorded, Refusal> {
    let (order, request, event) = of_request(tx, actor, of)?;
    let says = format!("Answer to the request to present: {}.", body.kind.replace('_', " "));
    let about_it = (FactKind::PresentationAnswered, request.id.uuid());
    let recorded = record_fact(tx, actor, new(event, about_it, body, says))?;
    if matches!(recorded, Recorded::New(_)) {
        look_again(tx, actor, order.id, request.id)?;
        let by = Some(actor.scope.account);
        for kind in [AlertKind::DeviceNotPresented, AlertKind::RequestNotProved] {
            let key = request_key(kind, request.id);
            close_alert(tx, actor.now, &key, AlertCloseReason::Resolved, by)?;
        }
    }
    Ok(recorded)
}

fn request_key(kind: AlertKind, request: FactId) -> String {
    format!("{kind}:{request}")
}

/// Records an examination and raises what it suggests under the order's own rules.
pub fn record_examination(
    tx: &mut Tx<'_>,
    actor: &Actor,
    event: Event,
    (examination, body): (Examination, ExaminationBody),
) -> Result<Recorded, Refusal> {
    let order = order_in_scope(tx, actor, event.order)?;
    check_happened(actor, &order, event)?;
    if let Some(device) = body.device {
        device_of(tx, actor, &order, device)?;
    }
    let seized = body.seized_as.as_ref().map(|exhibit| format!(" Seized as {exhibit}."));
    let method = body.method.replace('_', " ");
    let says = format!("Device examined, {method}.{}", seized.unwrap_or_default());
    let about_it = (FactKind::DeviceExamined, event.record.uuid());
    let recorded = record_fact(tx, actor, new(event, about_it, body, says))?;
    let rules = internet_rules(tx, &order, event.happened_at)?;
    if matches!(recorded, Recorded::New(_))
        && let Some(rules) = rules
    {
        let found = assess_examination(&examination, &rules);
        let says: Vec<&str> = found.iter().filter_map(suspected).collect();
        if !says.is_empty() {
            let key = format!("device_suspicion:{}", event.record);
            let kind = AlertKind::DeviceSuspicion;
            raise(tx, actor, about(&order, kind, (key, actor.now), says.join(" ")))?;
        }
    }
    Ok(recorded)
}

fn suspected(suspicion: &Suspicion) -> Option<&'static str> {
    match suspicion {
        Suspicion::NonCompliance { says, .. } => Some(says),
        Suspicion::NotEstablished { .. } => None,
    }
}

/// Whatever says what a request has come to.
const REQUEST_FACTS: [FactKind; 3] = [
    FactKind::PresentationRequested,
    FactKind::RequestCommunicated,
    FactKind::PresentationAnswered,
];

/// How many requests of each order are still to be made known or answered. The caller has shown
/// that the orders are in scope by having them.
pub fn open_requests(
    tx: &mut Tx<'_>,
    orders: &BTreeSet<OrderId>,
    now: Instant,
) -> Result<BTreeMap<OrderId, usize>, StoreError> {
    let orders: Vec<OrderId> = orders.iter().copied().collect();
    let mut by_request: BTreeMap<FactId, Vec<Fact>> = BTreeMap::new();
    if !orders.is_empty() {
        for fact in facts::of_orders(tx, &orders, &REQUEST_FACTS)? {
            by_request.entry(fact.object_id).or_default().push(fact);
        }
    }
    let mut open: BTreeMap<OrderId, usize> = BTreeMap::new();
    for known in by_request.into_values() {
        let asked = known.iter().find(|fact| fact.kind == FactKind::PresentationRequested);
        let Some(asked) = asked.cloned() else { continue };
        // Whether the device is on the register says nothing of this.
        let found = reckon(asked, &known, (false, now))?;
        if found.is_open() {
            *open.entry(found.fact.order_id).or_default() += 1;
        }
    }
    Ok(open)
}

pub fn list_devices(tx: &mut Tx<'_>, actor: &Actor, id: OrderId) -> Result<Devices, Refusal> {
    let order = order_in_scope(tx, actor, id)?;
    let mut register = Vec::new();
    for fact in facts::of_order(tx, id, &[FactKind::DeviceRegistered])? {
        let body = fact.read()?;
        register.push((fact, body));
    }
    let requests = requests_of(tx, id, actor.now)?;
    let mut examinations = Vec::new();
    for fact in facts::of_order(tx, id, &[FactKind::DeviceExamined])? {
        let body: ExaminationBody = fact.read()?;
        let rules = internet_rules(tx, &order, fact.happened_at)?;
        let examination = examination(&fact, &body)?;
        let suspicions = rules.map(|rules| assess_examination(&examination, &rules));
        let suspicions = suspicions.unwrap_or_default();
        examinations.push(ExaminationOnFile { fact, body, suspicions });
    }
    record_reading(tx, actor, "list_devices", id)?;
    Ok(Devices { register, requests, examinations })
}

/// Every request under an order, and what each has come to. The caller has shown that the order is in
/// scope by having it.
pub fn requests_of(
    tx: &mut Tx<'_>,
    order: OrderId,
    now: Instant,
) -> Result<Vec<RequestOnFile>, StoreError> {
    let asked = facts::of_order(tx, order, &[FactKind::PresentationRequested])?;
    asked.into_iter().map(|fact| request_on_file(tx, fact, now)).collect()
}

fn examination(fact: &Fact, body: &ExaminationBody) -> Result<Examination, StoreError> {
    let mut answers = Vec::new();
    for (check, answer) in &body.answers {
        answers.push((word::<InspectionCheck>(fact, check)?, word::<Answer>(fact, answer)?));
    }
    let times = (Instant::from_ms(body.started_at), Instant::from_ms(body.ended_at));
    let by = fact.recorded_by.map(|by| by.uuid()).unwrap_or_default();
    let method = word::<ExaminationMethod>(fact, &body.method)?;
    Examination::new(times, by, method, &answers, None).map_err(|_unfit| corrupt(fact))
}

fn request_on_file(tx: &mut Tx<'_>, fact: Fact, now: Instant) -> Result<RequestOnFile, StoreError> {
    let known = facts::of_object(tx, fact.id.uuid())?;
    reckon_request(tx, fact, &known, now)
}

/// What a request has come to by the facts that are known of it.
pub fn reckon_request(
    tx: &mut Tx<'_>,
    fact: Fact,
    known: &[Fact],
    now: Instant,
) -> Result<RequestOnFile, StoreError> {
    let is_on_register = match fact.read::<RequestBody>()?.device {
        Some(device) => is_declared(tx, device)?,
        None => false,
    };
    reckon(fact, known, (is_on_register, now))
}

fn reckon(
    fact: Fact,
    known: &[Fact],
    (is_on_register, now): (bool, Instant),
) -> Result<RequestOnFile, StoreError> {
    let body: RequestBody = fact.read()?;
    let mut request = PresentationRequest {
        made_at: fact.happened_at,
        made_by: fact.recorded_by.map(|by| by.uuid()).unwrap_or_default(),
        deadline: body.due_at.map_or(Deadline::Forthwith, |at| Deadline::At(Instant::from_ms(at))),
        communications: Vec::new(),
        is_on_register,
    };
    let mut response = None;
    for of in known {
        match of.kind {
            FactKind::RequestCommunicated => {
                let body: CommunicationBody = of.read()?;
                request.communications.push(Communication {
                    method: word::<CommunicationMethod>(of, &body.method)?,
                    at: of.happened_at,
                    proof: Some(body.proof),
                });
            }
            FactKind::PresentationAnswered => {
                let body: AnswerBody = of.read()?;
                let kind = word::<ResponseKind>(of, &body.kind)?;
                response = Some(Response { kind, at: of.happened_at });
            }
            _ => {}
        }
    }
    let finding = assess_request(&request, response.as_ref(), now);
    Ok(RequestOnFile { fact, body, request, response, finding })
}

fn is_declared(tx: &mut Tx<'_>, device: FactId) -> Result<bool, StoreError> {
    let Some(fact) = facts::find_taken(tx, device)? else { return Ok(false) };
    let body: DeviceBody = fact.read()?;
    Ok(word::<Registered>(&fact, &body.registered)? == Registered::DeclaredBySubject)
}

/// A request whose time has come, or about which something changed.
pub fn ring_request(
    tx: &mut Tx<'_>,
    now: Instant,
    timer: &Timer,
    order: &Order,
) -> Result<Rung, StoreError> {
    let Some(fact) = facts::find_standing(tx, timer.object_id)? else { return Ok(Rung::default()) };
    let found = request_on_file(tx, fact, now)?;
    let (raise, next_at) = found.asks(order, now);
    Ok(Rung { raises: raise.into_iter().collect(), next_at })
}

impl RequestOnFile {
    /// Whether it is still to be made known, or to be answered.
    pub fn is_open(&self) -> bool {
        use RequestState::{Missed, NotProvedCommunicated, Waiting};
        matches!(self.finding.state, Waiting | Missed | NotProvedCommunicated)
    }

    fn last_at(&self) -> Instant {
        let stated = self.body.due_at.map(Instant::from_ms);
        stated.unwrap_or(self.fact.happened_at + FORTHWITH_MS)
    }

    /// Nothing is asked any more of a request that the order did not live to see answered.
    pub fn is_asked(&self, order: &Order) -> bool {
        order.ended_at.is_none_or(|ended_at| self.last_at() <= ended_at)
    }

    /// What has to be looked at, and when to look again.
    pub fn asks(&self, order: &Order, now: Instant) -> (Option<Raise>, Option<Instant>) {
        let last_at = self.last_at();
        if !self.is_asked(order) {
            return (None, None);
        }
        let (kind, next_at) = match self.finding.state {
            RequestState::Waiting => (None, self.finding.due_at),
            RequestState::NotProvedCommunicated if now < last_at => (None, Some(last_at)),
            RequestState::NotProvedCommunicated | RequestState::CommunicatedTooLate => {
                (Some(AlertKind::RequestNotProved), None)
            }
            // It was raised when it was late, and is there now.
            RequestState::PresentedLate => (None, None),
            _ if self.finding.compliance == Compliance::Compliant => (None, None),
            _ => (Some(AlertKind::DeviceNotPresented), None),
        };
        let reasons = self.finding.reasons.iter();
        let says: Vec<&str> = reasons.map(|reason| reason.says.as_str()).collect();
        let alert = |kind| {
            let at = (request_key(kind, self.fact.id), last_at);
            about(order, kind, at, says.join(" "))
        };
        (kind.map(alert), next_at)
    }
}
