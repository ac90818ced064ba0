//! Suspected breaches: opened out of an alert, decided by a sergeant or above, authorised by a second
//! person, and what became of them. All of it is facts; `compliance::breach_case` says where it stands.

use compliance::Instant;
use compliance::alert::{AlertCloseReason, AlertKind};
use compliance::breach_case::{
    Authorised, BreachCase, BreachRefusal, BreachStatus, Decided, Disposition, Rank,
};
use compliance::fact::{FactKind, TimerKind};
use compliance::offence::Offence;
use compliance::{Word, deadline::Deadline};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Actor;
use super::decide_alert::involved;
use super::excuses::open_alert;
use super::raise_alerts::{Settling, close, reopen};
use super::record_fact::{NewFact, Recorded, fact_in_scope, record_fact};
use super::ring_timers::{Rung, about};
use super::tasks::settle_tasks;
use crate::refusal::Refusal;
use crate::store::alerts;
use crate::store::facts::{self, Fact};
use crate::store::id::{AlertId, FactId};
use crate::store::orders::{self, Order};
use crate::store::timers::{self, Timer};
use crate::store::{StoreError, Tx};

/// Everything that is recorded of a case.
pub const CASE_FACTS: [FactKind; 4] = [
    FactKind::BreachCaseOpened,
    FactKind::BreachDecided,
    FactKind::BreachAuthorised,
    FactKind::BreachProgressed,
];

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OpenedBody {
    pub alert: AlertId,
    /// The CJS code of the offence that is suspected.
    pub offence: String,
    pub summary: String,
    /// Whoever confirmed what it rests on, when it was opened.
    pub involved: Vec<Uuid>,
    pub failed_at: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DecidedBody {
    pub disposition: String,
    pub rank: String,
    pub rationale: String,
    pub crime_reference: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuthorisedBody {
    pub is_agreed: bool,
    pub rationale: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProgressedBody {
    /// `arrest`, `charge`, `hearing`, `result`.
    pub step: String,
    pub reference: String,
    pub note: String,
}

/// A case as its facts make it.
#[derive(Debug, Clone)]
pub struct CaseOnFile {
    pub fact: Fact,
    pub body: OpenedBody,
    pub case: BreachCase,
    pub decisions: Vec<(Fact, DecidedBody)>,
    pub authorisations: Vec<(Fact, AuthorisedBody)>,
    pub progress: Vec<(Fact, ProgressedBody)>,
}

impl CaseOnFile {
    pub fn status(&self) -> BreachStatus {
        self.case.status()
    }
}

fn corrupt(fact: &Fact) -> StoreError {
    StoreError::Corrupt { vocabulary: Disposition::NAME, value: fact.id.to_string() }
}

fn author(fact: &Fact) -> Uuid {
    fact.recorded_by.map_or_else(Uuid::nil, |by| by.uuid())
}

fn read_case(tx: &mut Tx<'_>, order: &Order, fact: Fact) -> Result<CaseOnFile, StoreError> {
    let body: OpenedBody = fact.read()?;
    let mut case = BreachCase {
        failed_at: Instant::from_ms(body.failed_at),
        opened_at: fact.recorded_at,
        risk: order.risk,
        involved: body.involved.clone(),
        decisions: Vec::new(),
    };
    let mut on_file = (Vec::new(), Vec::new(), Vec::new());
    // In the order of time: a second person agrees to the decision before.
    for fact in facts::of_object(tx, fact.id.uuid())? {
        match fact.kind {
            FactKind::BreachDecided => {
                let body: DecidedBody = fact.read()?;
                let disposition =
                    Disposition::parse(&body.disposition).ok_or_else(|| corrupt(&fact))?;
                let (by, at) = (author(&fact), fact.happened_at);
                case.decisions.push(Decided { disposition, by, at, authorised: None });
                on_file.0.push((fact, body));
            }
            FactKind::BreachAuthorised => {
                let body: AuthorisedBody = fact.read()?;
                let (is_agreed, by, at) = (body.is_agreed, author(&fact), fact.happened_at);
                if let Some(last) = case.decisions.last_mut() {
                    last.authorised = Some(Authorised { is_agreed, by, at });
                }
                on_file.1.push((fact, body));
            }
            FactKind::BreachProgressed => on_file.2.push((fact.clone(), fact.read()?)),
            _ => {}
        }
    }
    let (decisions, authorisations, progress) = on_file;
    Ok(CaseOnFile { fact, body, case, decisions, authorisations, progress })
}

/// Of an order, the first opened first.
pub fn cases_of(tx: &mut Tx<'_>, order: &Order) -> Result<Vec<CaseOnFile>, StoreError> {
    let found = facts::of_order(tx, order.id, &[FactKind::BreachCaseOpened])?;
    found.into_iter().map(|fact| read_case(tx, order, fact)).collect()
}

/// The offence with a code, as the order's kind has it.
pub fn offence_of(order: &Order, code: &str) -> Option<&'static Offence> {
    order.kind.row().offences.iter().find(|offence| offence.code == code)
}

/// What is suspected, out of which alert, and under which id.
#[derive(Debug, Clone)]
pub struct NewCase {
    pub record: FactId,
    pub alert: AlertId,
    pub offence: String,
    pub summary: String,
}

/// Opens a case. The alert is decided with it; the case has clocks of its own.
pub fn open_breach_case(
    tx: &mut Tx<'_>,
    actor: &Actor,
    new: &NewCase,
) -> Result<Recorded, Refusal> {
    let before = facts::find_taken(tx, new.record)?;
    let alert = alerts::find(tx, actor.scope, new.alert)?.ok_or(Refusal::NotFound("alert"))?;
    let order = match &before {
        None => open_alert(tx, actor, new.alert)?.1,
        Some(fact) => {
            orders::find_for_service(tx, fact.order_id)?.ok_or(Refusal::NotFound("order"))?
        }
    };
    let Some(offence) = offence_of(&order, &new.offence) else {
        let codes: Vec<&str> = order.kind.row().offences.iter().map(|it| it.code).collect();
        let says = match codes.is_empty() {
            true => "is given for a kind of order that has no offences here".to_owned(),
            false => format!("is none of this kind of order: {}", codes.join(", ")),
        };
        return Err(Refusal::field("/offence", says));
    };
    let involved = match &before {
        Some(fact) => fact.read::<OpenedBody>()?.involved,
        None => involved(tx, &alert)?,
    };
    let body = OpenedBody {
        alert: new.alert,
        offence: new.offence.clone(),
        summary: new.summary.clone(),
        involved,
        failed_at: alert.concerns_at.ms(),
    };
    let recorded = record_fact(
        tx,
        actor,
        NewFact {
            id: new.record,
            kind: FactKind::BreachCaseOpened,
            order: order.id,
            object: new.record.uuid(),
            party: Some(new.alert.uuid()),
            happened_at: before.as_ref().map_or(actor.now, |fact| fact.happened_at),
            body,
            says: format!("A breach is suspected: {}. A person of rank decides.", offence.code),
        },
    )?;
    if let Recorded::New(fact) = &recorded {
        let by = Some(actor.scope.account);
        close(tx, actor.now, &alert, AlertCloseReason::BreachCaseOpened, by)?;
        settle_case(tx, &order, fact.clone(), actor.settling())?;
    }
    Ok(recorded)
}

fn case_in_scope(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: FactId,
) -> Result<(Order, CaseOnFile), Refusal> {
    let fact = fact_in_scope(tx, actor, id, &[FactKind::BreachCaseOpened], "breach case")?;
    let order = orders::find_for_service(tx, fact.order_id)?.ok_or(Refusal::NotFound("order"))?;
    let on_file = read_case(tx, &order, fact)?;
    Ok((order, on_file))
}

fn record<B: Serialize>(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (order, on_file): (&Order, &CaseOnFile),
    (record, kind, happened_at): (FactId, FactKind, Instant),
    (body, says): (B, String),
) -> Result<Recorded, Refusal> {
    let new = NewFact {
        id: record,
        kind,
        order: order.id,
        object: on_file.fact.id.uuid(),
        party: Some(on_file.body.alert.uuid()),
        happened_at,
        body,
        says,
    };
    let recorded = record_fact(tx, actor, new)?;
    if matches!(recorded, Recorded::New(_)) {
        settle_case(tx, order, on_file.fact.clone(), actor.settling())?;
        let by = (actor.now, Some(actor.scope.account));
        settle_tasks(tx, &actor.identity, order, by)?;
    }
    Ok(recorded)
}

/// A decision is made when it is recorded, and after the one before it, so that their order is certain.
fn decided_at(
    tx: &mut Tx<'_>,
    id: FactId,
    (on_file, now): (&CaseOnFile, Instant),
) -> Result<Instant, StoreError> {
    if let Some(before) = facts::find_taken(tx, id)? {
        return Ok(before.happened_at);
    }
    let decisions = on_file.decisions.iter().map(|(fact, _)| fact.happened_at);
    let authorisations = on_file.authorisations.iter().map(|(fact, _)| fact.happened_at);
    Ok(decisions.chain(authorisations).map(|last| last + 1).chain([now]).max().unwrap_or(now))
}

/// What a decision says.
#[derive(Debug, Clone)]
pub struct NewDecision {
    pub disposition: Disposition,
    pub rank: Rank,
    pub rationale: String,
    pub crime_reference: Option<String>,
}

/// A sergeant or above decides. What ends the case without a court awaits a second person.
pub fn decide_breach(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (case, id): (FactId, FactId),
    new: &NewDecision,
) -> Result<Recorded, Refusal> {
    let (order, on_file) = case_in_scope(tx, actor, case)?;
    if facts::find_taken(tx, id)?.is_none() {
        on_file.case.check_decision(actor.scope.account.uuid(), &new.rationale)?;
    }
    let body = DecidedBody {
        disposition: new.disposition.to_string(),
        rank: new.rank.to_string(),
        rationale: new.rationale.clone(),
        crime_reference: new.crime_reference.clone(),
    };
    let what = new.disposition.as_str().replace('_', " ");
    let says = match new.disposition.needs_authorisation() {
        true => format!("Decided on the suspected breach: {what}. A second person has to agree."),
        false => format!("Decided on the suspected breach: {what}."),
    };
    let at = decided_at(tx, id, (&on_file, actor.now))?;
    record(tx, actor, (&order, &on_file), (id, FactKind::BreachDecided, at), (body, says))
}

/// A second person agrees, or sends it back.
pub fn authorise_breach(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (case, id): (FactId, FactId),
    body: AuthorisedBody,
) -> Result<Recorded, Refusal> {
    let (order, on_file) = case_in_scope(tx, actor, case)?;
    if facts::find_taken(tx, id)?.is_none() {
        on_file.case.check_authorisation(actor.scope.account.uuid(), &body.rationale)?;
    }
    let says = match body.is_agreed {
        true => "A second person agreed to the decision.",
        false => "A second person sent the decision back.",
    };
    let at = decided_at(tx, id, (&on_file, actor.now))?;
    let of = (id, FactKind::BreachAuthorised, at);
    record(tx, actor, (&order, &on_file), of, (body, says.to_owned()))
}

/// An arrest, a charge, a hearing, a result, with its reference. It decides nothing.
pub fn record_breach_progress(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (case, id): (FactId, FactId),
    (happened_at, body): (Instant, ProgressedBody),
) -> Result<Recorded, Refusal> {
    let (order, on_file) = case_in_scope(tx, actor, case)?;
    if happened_at > actor.now {
        return Err(Refusal::field("/happened_at", "is in the future"));
    }
    let says = format!("{}: {}.", capitalised(&body.step), body.reference);
    let of = (id, FactKind::BreachProgressed, happened_at);
    record(tx, actor, (&order, &on_file), of, (body, says))
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

impl From<BreachRefusal> for Refusal {
    fn from(refusal: BreachRefusal) -> Self {
        match refusal {
            BreachRefusal::OtherPersonNeeded => Self::OtherPersonNeeded,
            BreachRefusal::NoRationale => Self::field("/rationale", refusal.to_string()),
            BreachRefusal::Concluded
            | BreachRefusal::AwaitsAuthorisation
            | BreachRefusal::NothingToAuthorise => Self::CaseNotReady(refusal.to_string()),
        }
    }
}

fn due_prefix(case: FactId) -> String {
    format!("{}:{case}:", AlertKind::BreachCaseDue)
}

/// The alert of a clock: one for each stretch of time that it measures.
fn due_key(case: FactId, due: &Deadline) -> String {
    format!("{}{}", due_prefix(case), due.closes_at.ms())
}

/// Puts the timer and what was raised in line with where a case stands.
fn settle_case(
    tx: &mut Tx<'_>,
    order: &Order,
    fact: Fact,
    settling: Settling,
) -> Result<(), Refusal> {
    let on_file = read_case(tx, order, fact)?;
    let id = on_file.fact.id;
    let due = on_file.case.next_due().map(|(_, due)| due);
    timers::set(
        tx,
        order.id,
        (TimerKind::BreachCase, id.uuid()),
        due.as_ref().map(|due| due.closes_at),
    )?;
    let stands = due.map(|due| due_key(id, &due));
    close_due(tx, (order, id), stands.as_deref(), settling)
}

/// Closes what a case's clocks raised, but for the one that stands.
fn close_due(
    tx: &mut Tx<'_>,
    (order, case): (&Order, FactId),
    stands: Option<&str>,
    settling: Settling,
) -> Result<(), Refusal> {
    for open in alerts::open_keys_of(tx, order.id, AlertKind::BreachCaseDue)? {
        if open.starts_with(&due_prefix(case)) && Some(open.as_str()) != stands {
            settling.close(tx, &open)?;
        }
    }
    Ok(())
}

/// What had to happen with a case by now has not.
pub fn ring_breach_case(
    tx: &mut Tx<'_>,
    now: Instant,
    timer: &Timer,
    order: &Order,
) -> Result<Rung, StoreError> {
    let Some(fact) = facts::find_standing(tx, timer.object_id)? else { return Ok(Rung::default()) };
    let on_file = read_case(tx, order, fact)?;
    let Some((clock, due)) = on_file.case.next_due() else { return Ok(Rung::default()) };
    if !due.is_over(now) {
        return Ok(Rung { next_at: Some(due.closes_at), ..Rung::default() });
    }
    let what = match clock {
        compliance::breach_case::BreachClock::Decision => "is not decided",
        compliance::breach_case::BreachClock::Authorisation => "awaits a second person",
        compliance::breach_case::BreachClock::EnquiryReview => "has to be looked at again",
    };
    let says = format!("The suspected breach {what} ({}).", due.arithmetic);
    let key = due_key(on_file.fact.id, &due);
    let raise = about(order, AlertKind::BreachCaseDue, (key, due.closes_at), says);
    Ok(Rung { raises: vec![raise], next_at: None })
}

/// A case that was a mistake gives its alert back; anything else is reckoned anew without it.
pub fn take_back_case(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (order, mistaken): (&Order, &Fact),
    settling: Settling,
) -> Result<(), Refusal> {
    if mistaken.kind != FactKind::BreachCaseOpened {
        let Some(case) = facts::find_taken(tx, mistaken.object_id)? else { return Ok(()) };
        return settle_case(tx, order, case, settling);
    }
    timers::set(tx, order.id, (TimerKind::BreachCase, mistaken.id.uuid()), None)?;
    close_due(tx, (order, mistaken.id), None, settling)?;
    let body: OpenedBody = mistaken.read()?;
    let alert = alerts::find_to_send(tx, body.alert)?;
    let reason = AlertCloseReason::BreachCaseOpened.as_str();
    if let Some(alert) = alert.filter(|alert| alert.close_reason.as_deref() == Some(reason)) {
        reopen(tx, &actor.identity, actor.now, &alert)?;
    }
    Ok(())
}
