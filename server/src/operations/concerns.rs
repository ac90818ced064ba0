//! Reports of concern: put on file by whoever is told of one, and what is done with each. What an act
//! comes to, the rules say (`compliance/src/concern_report.rs`): a report is folded anew from its acts,
//! and the row and the alerts follow from that in the same write.

use std::collections::BTreeSet;

use chrono::Datelike;
use compliance::access::{Act as Right, Role};
use compliance::alert::{AlertKind, Risk};
use compliance::concern_report::{
    Act, InvestigativeAction, Report, ReportActKind, ReportClock, ReportOutcome, ReportRefusal,
    ReportStatus, Reporter,
};
use compliance::deadline::Deadline;
use compliance::{Instant, Word};

use super::Actor;
use super::raise_alerts::{Raise, Settling, raise_alerts};
use crate::ZONE;
use crate::identity::{Identity, sha256};
use crate::refusal::Refusal;
use crate::store::concerns::{self, Concern, ConcernAct, ReporterDetails};
use crate::store::id::{AccountId, ConcernActId, ConcernId, OrderId, StationId};
use crate::store::ledger::{self, Chain, NewEntry};
use crate::store::scope::Scope;
use crate::store::{StoreError, Tx, accounts, orders, stations};

/// What somebody is told.
#[derive(Debug, Clone)]
pub struct NewConcern {
    pub id: ConcernId,
    pub reporter: Reporter,
    /// Whom it is about, as told.
    pub about: String,
    pub words: String,
    pub happened_at: Option<Instant>,
    pub place: String,
    pub reported_at: Instant,
    pub order: Option<OrderId>,
    pub station: Option<StationId>,
    pub risk: Risk,
    pub details: ReporterDetails,
}

/// What has to be done, and until when.
pub type Clock = (ReportClock, Deadline);

/// Of a report that came without an account, what it is followed with.
type SecretDigest = Option<[u8; 32]>;

impl NewConcern {
    fn digest(&self, by: Option<AccountId>) -> [u8; 32] {
        let details = &self.details;
        let said = serde_json::json!([
            by,
            self.reporter.as_str(),
            self.about,
            self.words,
            self.happened_at.map(Instant::ms),
            self.place,
            self.reported_at.ms(),
            self.order,
            self.station,
            self.risk.as_str(),
            [&details.name, &details.contact, &details.contact_safely],
        ]);
        sha256(said.to_string().as_bytes())
    }

    fn check(&self, now: Instant) -> Result<(), Refusal> {
        if self.reported_at > now {
            return Err(Refusal::field("/reported_at", "is in the future"));
        }
        if self.happened_at.is_some_and(|at| at > now) {
            return Err(Refusal::field("/happened_at", "is in the future"));
        }
        let ReporterDetails { name, contact, contact_safely } = &self.details;
        let is_known = [name, contact, contact_safely].iter().any(|said| !said.is_empty());
        if self.reporter == Reporter::Anonymous && is_known {
            let says = "is anonymous: then leave out the name and how to make contact";
            return Err(Refusal::field("/reporter", says));
        }
        Ok(())
    }
}

/// Puts a report on file for whoever made it. The same again changes nothing.
pub fn record_concern(
    tx: &mut Tx<'_>,
    actor: &Actor,
    new: &NewConcern,
) -> Result<Concern, Refusal> {
    let by = Some(actor.scope.account);
    if let Some(order) = new.order {
        orders::find(tx, actor.scope, order)?.ok_or(Refusal::NotFound("order"))?;
    }
    if let Some(taken) = concerns::find_for_service(tx, new.id)? {
        let is_same = taken.body_digest == new.digest(by);
        return if is_same { Ok(taken) } else { Err(Refusal::RecordConflict) };
    }
    new.check(actor.now)?;
    file(tx, (&actor.identity, actor.now), by, (new, None))
}

/// The same without an account.
pub fn submit_concern(
    tx: &mut Tx<'_>,
    identity: &Identity,
    new: &NewConcern,
    secret: [u8; 32],
) -> Result<Concern, Refusal> {
    let now = new.reported_at;
    new.check(now)?;
    file(tx, (identity, now), None, (new, Some(secret)))
}

fn file(
    tx: &mut Tx<'_>,
    (identity, now): (&Identity, Instant),
    by: Option<AccountId>,
    (new, secret): (&NewConcern, SecretDigest),
) -> Result<Concern, Refusal> {
    let order = match new.order {
        Some(order) => orders::find_for_service(tx, order)?,
        None => None,
    };
    if let Some(station) = new.station {
        let known = stations::find(tx, station)?;
        known.ok_or_else(|| Refusal::field("/station_id", "is no station"))?;
    }
    let risk = order.as_ref().map_or(new.risk, |order| new.risk.max(order.risk));
    let mut concern = Concern {
        id: new.id,
        reference: concerns::next_reference(tx, now.local_date(ZONE).year())?,
        secret_digest: secret.map(|digest| digest.to_vec()),
        reporter: new.reporter,
        about: new.about.clone(),
        words: new.words.clone(),
        happened_at: new.happened_at,
        place: new.place.clone(),
        reported_at: new.reported_at,
        recorded_by: by,
        station_id: new.station,
        first_risk: risk,
        body_digest: new.digest(by).to_vec(),
        order_id: new.order,
        subject_id: order.map(|order| order.subject_id),
        risk,
        status: ReportStatus::New,
        investigator_id: None,
        next_due_at: None,
        linked_to: None,
    };
    let report = begun(&concern);
    derive(&mut concern, &report);
    concerns::insert(tx, &concern, &new.details)?;
    let entry = NewEntry {
        chain: chain(&concern),
        actor: by,
        act: "record_concern",
        object: format!("concern:{}", concern.id),
        detail: format!("{} {}", concern.reporter, concern.risk),
        body_digest: new.digest(by),
    };
    ledger::append(tx, now, vec![entry])?;
    let raise = raise(&concern, AlertKind::ConcernReported, (reported_key(&concern), now));
    raise_alerts(tx, identity, now, vec![raise])?;
    Ok(concern)
}

fn chain(concern: &Concern) -> Chain {
    concern.order_id.map_or(Chain::Concern(concern.id), Chain::Order)
}

/// What somebody does with a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// The order is what it turns out to be about.
    Triage {
        risk: Risk,
        order: Option<OrderId>,
    },
    Allocate {
        to: AccountId,
    },
    Investigate {
        action: InvestigativeAction,
    },
    Conclude {
        outcome: ReportOutcome,
    },
    SignOff {
        is_agreed: bool,
    },
    Update {
        is_told: bool,
    },
    Review,
    Reopen,
    Link {
        to: ConcernId,
    },
}

/// A deed under an id that the client made, with what is to be said about it.
#[derive(Debug, Clone)]
pub struct NewAct {
    pub id: ConcernActId,
    pub deed: Deed,
    pub note: String,
}

impl Deed {
    /// As it is on file.
    fn act(
        self,
        actor: &Actor,
        (id, report, number): (ConcernActId, ConcernId, i64),
    ) -> ConcernAct {
        let mut act = ConcernAct {
            id,
            report_id: report,
            number,
            kind: ReportActKind::Reviewed,
            actor: actor.scope.account,
            happened_at: actor.now,
            word: None,
            to_account: None,
            to_report: None,
            to_order: None,
            note: String::new(),
        };
        act.kind = match self {
            Self::Triage { risk, order } => {
                (act.word, act.to_order) = (Some(risk.to_string()), order);
                ReportActKind::Triaged
            }
            Self::Allocate { to } => {
                act.to_account = Some(to);
                ReportActKind::Allocated
            }
            Self::Investigate { action } => {
                act.word = Some(action.to_string());
                ReportActKind::Investigated
            }
            Self::Conclude { outcome } => {
                act.word = Some(outcome.to_string());
                ReportActKind::Concluded
            }
            Self::SignOff { is_agreed: true } => ReportActKind::SignedOff,
            Self::SignOff { is_agreed: false } => ReportActKind::SentBack,
            Self::Update { is_told: true } => ReportActKind::ReporterTold,
            Self::Update { is_told: false } => ReportActKind::ReporterNotTold,
            Self::Review => ReportActKind::Reviewed,
            Self::Reopen => ReportActKind::Reopened,
            Self::Link { to } => {
                act.to_report = Some(to);
                ReportActKind::Linked
            }
        };
        act
    }
}

/// What the rules are asked about an act on file; nothing about a link.
fn ruled(act: &ConcernAct) -> Result<Option<Act>, StoreError> {
    fn word<W: Word>(act: &ConcernAct) -> Result<W, StoreError> {
        act.word.as_deref().and_then(W::parse).ok_or_else(|| corrupt(act, W::NAME))
    }
    let note = || act.note.clone();
    Ok(Some(match act.kind {
        ReportActKind::Triaged => Act::Triage { risk: word(act)? },
        ReportActKind::Allocated => {
            let to = act.to_account.ok_or_else(|| corrupt(act, "account"))?;
            Act::Allocate { to: to.uuid() }
        }
        ReportActKind::Investigated => Act::Investigate { action: word(act)? },
        ReportActKind::Concluded => Act::Conclude { outcome: word(act)?, rationale: note() },
        ReportActKind::SignedOff => Act::SignOff { is_agreed: true },
        ReportActKind::SentBack => Act::SignOff { is_agreed: false },
        ReportActKind::ReporterTold => Act::Update { is_told: true, note: note() },
        ReportActKind::ReporterNotTold => Act::Update { is_told: false, note: note() },
        ReportActKind::Reviewed => Act::Review,
        ReportActKind::Reopened => Act::Reopen { reason: note() },
        ReportActKind::Linked => return Ok(None),
    }))
}

fn corrupt(act: &ConcernAct, vocabulary: &'static str) -> StoreError {
    StoreError::Corrupt { vocabulary, value: format!("act {}", act.id) }
}

/// The report before anything was done with it.
fn begun(concern: &Concern) -> Report {
    Report::new(concern.reported_at, concern.reporter, concern.first_risk)
}

/// The report as its acts make it.
pub fn folded(concern: &Concern, acts: &[ConcernAct]) -> Result<Report, StoreError> {
    let mut report = begun(concern);
    for act in acts {
        if let Some(ruled) = ruled(act)? {
            let after = report.after(&ruled, act.actor.uuid(), act.happened_at);
            report = after.map_err(|_refused| corrupt(act, "act that the rules refuse"))?;
        }
    }
    Ok(report)
}

fn derive(concern: &mut Concern, report: &Report) {
    concern.risk = report.risk;
    concern.status = report.status();
    concern.investigator_id = report.investigator.map(AccountId::from);
    concern.next_due_at = report.due().iter().map(|(_, due)| due.closes_at).min();
}

/// Does something with a report: whatever the rules refuse is refused, and the same again changes
/// nothing.
pub fn act_on_concern(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: ConcernId,
    new: &NewAct,
) -> Result<(), Refusal> {
    let mut concern = concerns::find(tx, actor.scope, id)?.ok_or(Refusal::NotFound("report"))?;
    let acts = concerns::acts(tx, id)?;
    let number = acts.last().map_or(1, |last| last.number + 1);
    let act = ConcernAct { note: new.note.clone(), ..new.deed.act(actor, (new.id, id, number)) };
    if let Some(taken) = concerns::find_act(tx, new.id)? {
        let ConcernAct { number, happened_at, .. } = taken;
        let is_same = ConcernAct { number, happened_at, ..act } == taken;
        return if is_same { Ok(()) } else { Err(Refusal::RecordConflict) };
    }
    check_investigates(actor, &concern, new.deed)?;
    let before = folded(&concern, &acts)?;
    let after = match ruled(&act)? {
        Some(ruled) => before.after(&ruled, actor.scope.account.uuid(), actor.now)?,
        None => before.clone(),
    };
    let was = concern.clone();
    aim(tx, actor, &mut concern, new.deed)?;
    derive(&mut concern, &after);
    concerns::insert_act(tx, &act)?;
    concerns::set_derived(tx, &concern)?;
    let chains: BTreeSet<Chain> = [chain(&was), chain(&concern)].into();
    let entries = chains.into_iter().map(|chain| entry(&act, chain));
    ledger::append(tx, actor.now, entries.collect())?;
    Ok(settle(tx, actor.settling(), (&was, &before), (&concern, &after))?)
}

fn entry(act: &ConcernAct, chain: Chain) -> NewEntry {
    NewEntry {
        chain,
        actor: Some(act.actor),
        act: "act_on_concern",
        object: format!("concern:{}", act.report_id),
        detail: format!("{} act:{}", act.kind, act.id),
        body_digest: sha256(format!("{:?}\n{}", act.word, act.note).as_bytes()),
    }
}

/// An officer investigates what they were given; owners and supervisors whatever they may know of.
fn check_investigates(actor: &Actor, concern: &Concern, deed: Deed) -> Result<(), Refusal> {
    let Scope { account, role } = actor.scope;
    let of_investigator =
        matches!(deed, Deed::Investigate { .. } | Deed::Conclude { .. } | Deed::Update { .. });
    let is_given = concern.investigator_id == Some(account) || role != Role::Officer;
    if !of_investigator || is_given { Ok(()) } else { Err(Refusal::RoleMayNot) }
}

/// Checks what a deed names, and puts it into the report.
fn aim(tx: &mut Tx<'_>, actor: &Actor, concern: &mut Concern, deed: Deed) -> Result<(), Refusal> {
    match deed {
        Deed::Triage { order: Some(order), .. } => {
            let says = "is no order that you may know of";
            let order = orders::find(tx, actor.scope, order)?;
            let order = order.ok_or_else(|| Refusal::field("/order_id", says))?;
            (concern.order_id, concern.subject_id) = (Some(order.id), Some(order.subject_id));
            Ok(())
        }
        Deed::Allocate { to } => check_can_be_given(tx, concern, to),
        Deed::Link { to } => {
            concern.linked_to = Some(checked_link(tx, actor, concern, to)?);
            Ok(())
        }
        _ => Ok(()),
    }
}

/// To somebody who investigates and may know of the order.
fn check_can_be_given(tx: &mut Tx<'_>, concern: &Concern, to: AccountId) -> Result<(), Refusal> {
    let refuse = || Refusal::field("/to_account_id", "is nobody who can investigate this report");
    let account = accounts::find(tx, to)?.filter(|account| account.disabled_at.is_none());
    let account = account.ok_or_else(refuse)?;
    let scope = Scope { account: account.id, role: account.role };
    let may_know = match concern.order_id {
        Some(order) => scope.sees_order(tx, order)?,
        None => true,
    };
    if may_know && account.role.may(Right::InvestigateConcern) { Ok(()) } else { Err(refuse()) }
}

fn checked_link(
    tx: &mut Tx<'_>,
    actor: &Actor,
    concern: &Concern,
    to: ConcernId,
) -> Result<ConcernId, Refusal> {
    let refuse = |says: &str| Refusal::field("/to_concern_id", says);
    let other = concerns::find(tx, actor.scope, to)?;
    let other = other.ok_or_else(|| refuse("is no report that you may know of"))?;
    if other.id == concern.id {
        return Err(refuse("is the report itself"));
    }
    if other.linked_to == Some(concern.id) {
        return Err(refuse("is linked to this one already"));
    }
    Ok(other.id)
}

fn reported_key(concern: &Concern) -> String {
    format!("{}:{}", AlertKind::ConcernReported, concern.id)
}

/// One alert for each clock each time that it runs out, for whoever answers for the order.
fn clock_key(concern: &Concern, (clock, deadline): &Clock) -> String {
    let order = concern.order_id.map_or_else(|| "none".to_owned(), |order| order.to_string());
    format!("{}:{}:{order}:{}", clock.alert(), concern.id, deadline.closes_at.ms())
}

/// Closes what nothing asks for any more. What is overdue and not raised yet, the sweep raises.
fn settle(
    tx: &mut Tx<'_>,
    settling: Settling,
    (was, before): (&Concern, &Report),
    (concern, after): (&Concern, &Report),
) -> Result<(), StoreError> {
    if after.triaged_at.is_some() {
        settling.close(tx, &reported_key(concern))?;
    }
    let keys = |concern: &Concern, report: &Report| -> BTreeSet<String> {
        report.due().iter().map(|due| clock_key(concern, due)).collect()
    };
    for key in keys(was, before).difference(&keys(concern, after)) {
        settling.close(tx, key)?;
    }
    Ok(())
}

fn raise(concern: &Concern, kind: AlertKind, (key, at): (String, Instant)) -> Raise {
    Raise {
        dedupe_key: key,
        kind,
        severity: kind.severity(concern.risk),
        order: concern.order_id,
        obligation: None,
        station: concern.station_id,
        account: None,
        detail: concern.says(),
        concerns_at: at,
    }
}

/// Raises what was not done in time, the most overdue first; says how many reports were looked at, and
/// how many alerts came of it.
pub fn ring_concerns(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
    at_most: i64,
) -> Result<(usize, usize), StoreError> {
    let due = concerns::due(tx, now, at_most)?;
    let looked_at = due.len();
    let mut raises = Vec::new();
    for mut concern in due {
        let acts = concerns::acts(tx, concern.id)?;
        let clocks = folded(&concern, &acts)?.due();
        let (over, ahead): (Vec<_>, Vec<_>) =
            clocks.into_iter().partition(|(_, deadline)| deadline.is_over(now));
        for clock in &over {
            let about = (clock_key(&concern, clock), clock.1.closes_at);
            raises.push(raise(&concern, clock.0.alert(), about));
        }
        concern.next_due_at = ahead.iter().map(|(_, deadline)| deadline.closes_at).min();
        concerns::set_derived(tx, &concern)?;
    }
    let raised = raise_alerts(tx, identity, now, raises)?.len();
    Ok((looked_at, raised))
}

impl From<ReportRefusal> for Refusal {
    fn from(refusal: ReportRefusal) -> Self {
        match refusal {
            ReportRefusal::OtherPersonNeeded => Self::OtherPersonNeeded,
            refusal => Self::ReportNotReady(refusal),
        }
    }
}
