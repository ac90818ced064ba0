//! What the facts about a treatment session come to, which alerts they ask for, and when to look
//! again. `compliance::treatment` says what it means.

use std::collections::BTreeMap;

use compliance::alert::AlertKind;
use compliance::fact::{FactKind, TimerKind};
use compliance::treatment::{
    Appointment, CHASED_AFTER_MS, Evidence, MovedBy, OutcomeText, RecordedOutcome, Session,
    SessionFinding, SessionState, assess_session, chases, evidence_due_at, next_chase,
};
use compliance::{Instant, Window, Word};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Actor;
use super::raise_alerts::{Raise, Settling};
use super::record_fact::{order_in_scope, record_reading};
use super::ring_timers::{Rung, about};
use crate::ZONE;
use crate::refusal::Refusal;
use crate::store::facts::{self, Fact};
use crate::store::id::{AccountId, FactId, OrderId, ProviderId};
use crate::store::orders::Order;
use crate::store::timers::{self, Timer};
use crate::store::{StoreError, Tx, accounts, providers};

/// Every kind of fact that a session has.
pub const SESSION_FACTS: [FactKind; 5] = [
    FactKind::SessionScheduled,
    FactKind::SessionMoved,
    FactKind::SessionCancelled,
    FactKind::SessionOutcome,
    FactKind::SessionEvidence,
];

/// Bodies of facts. Instants are milliseconds, words are spelled as everywhere.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Scheduled {
    pub provider: ProviderId,
    /// The condition that asks for it.
    pub label: String,
    pub programme: String,
    pub starts_at: i64,
    pub ends_at: i64,
    pub place: String,
    /// Why it stands although it falls in a protected time (s.2(3)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clash_reason: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Moved {
    pub starts_at: i64,
    pub ends_at: i64,
    pub place: Option<String>,
    pub by: String,
    pub agreed_at: i64,
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clash_reason: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Cancelled {
    pub cause: String,
    pub reason: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Outcome {
    pub code: String,
    pub action: Option<String>,
    pub reason: Option<String>,
    pub note: String,
    /// Said by the provider through a link, not entered by an officer.
    pub is_providers_word: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EvidenceSeen {
    pub evidence: String,
    pub note: String,
}

/// A session as its facts have it.
#[derive(Debug, Clone)]
pub struct SessionOnFile {
    pub id: FactId,
    pub order: OrderId,
    pub provider: ProviderId,
    pub label: String,
    pub programme: String,
    pub place: String,
    /// The window that counts now.
    pub session: Session,
    pub moves: usize,
    pub outcome: Option<OutcomeOnFile>,
    pub evidence: Evidence,
}

#[derive(Debug, Clone)]
pub struct OutcomeOnFile {
    pub recorded: RecordedOutcome,
    pub body: Outcome,
    pub recorded_at: Instant,
    pub recorded_by: Option<AccountId>,
}

fn corrupt(vocabulary: &'static str, value: impl ToString) -> StoreError {
    StoreError::Corrupt { vocabulary, value: value.to_string() }
}

fn word<W: Word>(text: &str) -> Result<W, StoreError> {
    W::parse(text).ok_or_else(|| corrupt(W::NAME, text))
}

pub fn window(starts_at: i64, ends_at: i64) -> Window {
    Window { opens_at: Instant::from_ms(starts_at), closes_at: Instant::from_ms(ends_at) }
}

/// What is known of a session from facts in the order in which they were recorded. Nothing when
/// there is none that scheduled it.
pub fn reckon(mut known: Vec<Fact>) -> Result<Option<SessionOnFile>, StoreError> {
    known.sort_by_key(|fact| (fact.recorded_at, fact.id));
    let Some(first) = known.iter().find(|fact| fact.kind == FactKind::SessionScheduled) else {
        return Ok(None);
    };
    let body: Scheduled = first.read()?;
    let mut found = SessionOnFile {
        id: first.id,
        order: first.order_id,
        provider: body.provider,
        label: body.label,
        programme: body.programme,
        place: body.place,
        session: Session {
            window: window(body.starts_at, body.ends_at),
            appointment: Appointment::Stands,
        },
        moves: 0,
        outcome: None,
        evidence: Evidence::NotReceived,
    };
    for fact in &known {
        match fact.kind {
            FactKind::SessionMoved => found.move_to(fact.read()?)?,
            FactKind::SessionCancelled => found.cancel(&fact.read()?)?,
            FactKind::SessionOutcome => found.hear(fact, fact.read()?)?,
            FactKind::SessionEvidence => {
                found.evidence = word(&fact.read::<EvidenceSeen>()?.evidence)?;
            }
            _ => {}
        }
    }
    Ok(Some(found))
}

impl SessionOnFile {
    /// A move that was agreed in time gives the session its new window; one that was not leaves the
    /// old one standing.
    fn move_to(&mut self, moved: Moved) -> Result<(), StoreError> {
        let agreed_at = Instant::from_ms(moved.agreed_at);
        let by = word::<MovedBy>(&moved.by)?;
        self.session.appointment = Appointment::Moved { by, agreed_at };
        if assess_session(&self.session, None, agreed_at).state == SessionState::Moved {
            self.session = Session {
                window: window(moved.starts_at, moved.ends_at),
                appointment: Appointment::Stands,
            };
            self.place = moved.place.unwrap_or_else(|| std::mem::take(&mut self.place));
            self.moves += 1;
        }
        Ok(())
    }

    fn cancel(&mut self, cancelled: &Cancelled) -> Result<(), StoreError> {
        self.session.appointment = appointment(&cancelled.cause)?;
        Ok(())
    }

    /// A later outcome takes the place of an earlier one, but a provider's word never that of an
    /// officer.
    fn hear(&mut self, fact: &Fact, body: Outcome) -> Result<(), StoreError> {
        let is_officers = |known: &OutcomeOnFile| !known.body.is_providers_word;
        if body.is_providers_word && self.outcome.as_ref().is_some_and(is_officers) {
            return Ok(());
        }
        let text = OutcomeText {
            outcome: &body.code,
            action: body.action.as_deref(),
            reason: body.reason.as_deref(),
            recorded_at: fact.recorded_at,
        };
        let recorded = RecordedOutcome::read(&self.session, &text)
            .map_err(|refusal| corrupt("session outcome", refusal))?;
        let (recorded_at, recorded_by) = (fact.recorded_at, fact.recorded_by);
        self.outcome = Some(OutcomeOnFile { recorded, body, recorded_at, recorded_by });
        Ok(())
    }

    pub fn recorded(&self) -> Option<RecordedOutcome> {
        self.outcome.as_ref().map(|outcome| outcome.recorded.with_evidence(self.evidence))
    }

    pub fn assess(&self, now: Instant) -> SessionFinding {
        assess_session(&self.session, self.recorded().as_ref(), now)
    }

    /// When the evidence for the outcome is due, if it is one that needs some.
    pub fn evidence_due_at(&self) -> Option<Instant> {
        let needs = |recorded: &RecordedOutcome| recorded.outcome().needs_evidence;
        self.recorded().filter(needs).map(|_| evidence_due_at(&self.session))
    }

    pub fn in_words(&self) -> String {
        in_words(self.session.window)
    }

    /// Whether it takes place, as far as is known.
    pub fn stands(&self) -> bool {
        let off = [Appointment::CancelledByProvider, Appointment::ReferralNeverMade];
        !off.contains(&self.session.appointment)
    }

    pub fn is_to_be_attended(&self, order: &Order) -> bool {
        self.stands() && self.is_asked(order)
    }

    /// Nothing is asked any more of a session that the order did not live to see.
    pub fn is_asked(&self, order: &Order) -> bool {
        order.ended_at.is_none_or(|ended_at| self.session.window.closes_at <= ended_at)
    }

    /// What has to be looked at, by key.
    pub fn raises(&self, order: &Order, now: Instant) -> Vec<Raise> {
        let id = self.id;
        let when = self.in_words();
        let closes_at = self.session.window.closes_at;
        let finding = self.assess(now);
        let raise = |kind: AlertKind, key: String, at: Instant, says: &str| {
            about(order, kind, (key, at), format!("Treatment session {when}: {says}"))
        };
        match finding.state {
            _ if !self.is_asked(order) => Vec::new(),
            SessionState::OutcomeMissing => {
                let due = (1..).zip(chases(&self.session)).filter(|(_, at)| *at <= now);
                due.map(|(number, at)| {
                    let says = format!(
                        "the provider has not said what happened (asked {number} of {}).",
                        CHASED_AFTER_MS.len()
                    );
                    let kind = AlertKind::OutcomeMissing;
                    raise(kind, format!("{kind}:{id}:{number}"), at, &says)
                })
                .collect()
            }
            SessionState::NonCompliant => {
                let lapsed = finding.reasons.iter().any(|it| it.code == "evidence-lapsed");
                let (kind, at, says) = if lapsed {
                    let due_at = evidence_due_at(&self.session);
                    (AlertKind::EvidenceOverdue, due_at, "the evidence for the absence is overdue.")
                } else {
                    let says = "suspected not complied with; a person decides.";
                    (AlertKind::SessionNotComplied, closes_at, says)
                };
                let is_served = order.served_at.is_some_and(|at| at <= closes_at);
                let unserved = if is_served { "" } else { " The order was not served then." };
                vec![raise(kind, format!("{kind}:{id}"), at, &format!("{says}{unserved}"))]
            }
            SessionState::ServiceFault => {
                let kind = AlertKind::ServiceFault;
                let says = "the service did not do its part; nothing is held against the subject.";
                vec![raise(kind, format!("{kind}:{id}"), closes_at, says)]
            }
            _ => Vec::new(),
        }
    }

    /// When chases and evidence are next to be looked at.
    fn next_at(&self, order: &Order, now: Instant) -> [(TimerKind, Option<Instant>); 2] {
        let state = self.assess(now).state;
        let is_awaited = matches!(state, SessionState::Ahead | SessionState::OutcomeMissing);
        let chase_at = next_chase(&self.session, now).filter(|_| is_awaited);
        let lapse_at = self.evidence_due_at().filter(|_| state == SessionState::AwaitingEvidence);
        let lapse_at = lapse_at.filter(|at| *at > now);
        let is_asked = self.is_asked(order);
        [
            (TimerKind::SessionOutcome, chase_at.filter(|_| is_asked)),
            (TimerKind::SessionEvidence, lapse_at.filter(|_| is_asked)),
        ]
    }
}

pub fn in_words(window: Window) -> String {
    let until = window.closes_at.utc().with_timezone(&ZONE).format("%H:%M");
    format!("{} to {until}", window.opens_at.in_words(ZONE))
}

/// Why a session does not take place: the service's doing, whichever it is.
pub fn appointment(cause: &str) -> Result<Appointment, StoreError> {
    match cause {
        CANCELLED_BY_PROVIDER => Ok(Appointment::CancelledByProvider),
        REFERRAL_NEVER_MADE => Ok(Appointment::ReferralNeverMade),
        ORDER_VARIED => Ok(Appointment::OrderVaried),
        other => Err(corrupt("cancellation", other)),
    }
}

pub const CANCELLED_BY_PROVIDER: &str = "cancelled_by_provider";
pub const REFERRAL_NEVER_MADE: &str = "referral_never_made";
pub const ORDER_VARIED: &str = "order_varied";

/// The session of which the caller may know, by having its order or its provider.
pub fn session(tx: &mut Tx<'_>, id: FactId) -> Result<SessionOnFile, Refusal> {
    let known = facts::of_object(tx, id.uuid())?;
    reckon(known)?.ok_or(Refusal::NotFound("session"))
}

/// Those of many facts, the earliest first.
pub fn sessions_of(known: Vec<Fact>) -> Result<Vec<SessionOnFile>, StoreError> {
    let mut by_object: BTreeMap<FactId, Vec<Fact>> = BTreeMap::new();
    for fact in known {
        by_object.entry(fact.object_id).or_default().push(fact);
    }
    let found: Result<Vec<_>, _> = by_object.into_values().map(reckon).collect();
    let mut found: Vec<SessionOnFile> = found?.into_iter().flatten().collect();
    found.sort_by_key(|session| (session.session.window, session.id));
    Ok(found)
}

/// A session as it is listed, with the names of those in it.
pub struct ListedSession {
    pub session: SessionOnFile,
    pub finding: SessionFinding,
    pub provider_name: String,
    pub recorded_by_name: Option<String>,
}

pub fn list_sessions(
    tx: &mut Tx<'_>,
    actor: &Actor,
    order: OrderId,
) -> Result<Vec<ListedSession>, Refusal> {
    let order = order_in_scope(tx, actor, order)?;
    let known = facts::of_order(tx, order.id, &SESSION_FACTS)?;
    let mut listed = Vec::new();
    for session in sessions_of(known)? {
        let provider = providers::find(tx, session.provider)?;
        let by = session.outcome.as_ref().and_then(|outcome| outcome.recorded_by);
        let by = by.map(|by| accounts::find(tx, by)).transpose()?.flatten();
        listed.push(ListedSession {
            finding: session.assess(actor.now),
            provider_name: provider.map(|provider| provider.name).unwrap_or_default(),
            recorded_by_name: by.map(|account| account.display_name),
            session,
        });
    }
    record_reading(tx, actor, "list_sessions", order.id)?;
    Ok(listed)
}

/// Closes what the facts have settled and sets when to look again: at once when there is something
/// to raise. Of a session that was never arranged nothing is asked.
pub fn settle_session(
    tx: &mut Tx<'_>,
    order: &Order,
    id: FactId,
    settling: Settling,
) -> Result<(), StoreError> {
    let session = reckon(facts::of_object(tx, id.uuid())?)?;
    let raises = session.as_ref().map(|it| it.raises(order, settling.now)).unwrap_or_default();
    for key in keys(id) {
        if !raises.iter().any(|raise| raise.dedupe_key == key) {
            settling.close(tx, &key)?;
        }
    }
    let next_at = session.map(|it| it.next_at(order, settling.now).map(|(_, at)| at));
    let [outcome_at, evidence_at] = next_at.unwrap_or_default();
    let outcome_at = if raises.is_empty() { outcome_at } else { Some(settling.now) };
    timers::set(tx, order.id, (TimerKind::SessionOutcome, id.uuid()), outcome_at)?;
    timers::set(tx, order.id, (TimerKind::SessionEvidence, id.uuid()), evidence_at)
}

/// Every alert that a session can have.
fn keys(id: FactId) -> Vec<String> {
    let chase = AlertKind::OutcomeMissing;
    let chases = (1..=CHASED_AFTER_MS.len()).map(|number| format!("{chase}:{id}:{number}"));
    let others =
        [AlertKind::EvidenceOverdue, AlertKind::SessionNotComplied, AlertKind::ServiceFault];
    chases.chain(others.map(|kind| format!("{kind}:{id}"))).collect()
}

pub fn ring_session(
    tx: &mut Tx<'_>,
    now: Instant,
    timer: &Timer,
    order: &Order,
) -> Result<Rung, StoreError> {
    let id: Uuid = timer.object_id.uuid();
    let Some(session) = reckon(facts::of_object(tx, id)?)? else { return Ok(Rung::default()) };
    let next = session.next_at(order, now).into_iter().find(|(kind, _)| *kind == timer.kind);
    let next_at = next.and_then(|(_, at)| at);
    Ok(Rung { raises: session.raises(order, now), next_at })
}
