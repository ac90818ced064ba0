//! The statute's own duties to notify, as the facts of a case have them: what is owed until when,
//! what has become of it, and when to look again. `compliance::notification` says what it means.

use chrono::NaiveDate;
use compliance::alert::{AlertCloseReason, AlertKind};
use compliance::attendance::Reason;
use compliance::fact::{FactKind, TimerKind};
use compliance::notification::{
    Cause, Change, DutyState, Exemption, Given, IdentityAnswer, IdentityAsked, IdentityRequest,
    Judged, Manner, NotificationDuty, NotificationFacts, Replaced, Settled, TakenBy,
};
use compliance::offence::{Failure, Offence, suggested};
use compliance::order_kind::{ChangeDuty, Regime};
use compliance::{Instant, Word};
use serde::{Deserialize, Serialize};

use super::raise_alerts::{Raise, close_alert};
use super::ring_timers::{Rung, about};
use crate::ZONE;
use crate::import_file::PositionEntry;
use crate::store::facts::{self, Fact};
use crate::store::id::{FactId, StationId};
use crate::store::orders::{self, Order};
use crate::store::{StoreError, Tx, alerts, timers};

pub const NOTIFICATION_FACTS: [FactKind; 4] = [
    FactKind::NotificationGiven,
    FactKind::DetailsChanged,
    FactKind::IdentityAsked,
    FactKind::NotificationExempted,
];

/// Which duty a notification was given for: the change, if it is one about a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meets {
    pub cause: String,
    pub change: Option<FactId>,
}

/// Bodies of facts. Instants are milliseconds, words are spelled as everywhere.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NotificationGiven {
    pub meets: Vec<Meets>,
    pub given_at: i64,
    pub manner: String,
    pub station: Option<StationId>,
    pub in_local_police_area: bool,
    pub taken_by: String,
    pub taken_by_name: String,
    pub names: Vec<String>,
    pub address: Option<String>,
    /// Where that is on the map, if somebody has placed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<PositionEntry>,
    /// The address is the place where the subject is regularly found.
    pub no_fixed_abode: bool,
    pub false_suspected: bool,
    /// Of the receipt, counted from 1 on each order; none for what nobody can acknowledge.
    pub number: Option<u32>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DetailsChanged {
    pub duty: String,
    pub on: NaiveDate,
    pub name: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IdentityFact {
    pub requested_at: i64,
    pub asked: String,
    pub answer: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExemptedFact {
    pub regime: String,
    pub from: NaiveDate,
    pub until: Option<NaiveDate>,
    pub evidence: String,
}

/// A duty that is owed, and what has become of it.
#[derive(Debug, Clone)]
pub struct DutyOnFile {
    pub duty: NotificationDuty,
    pub change: Option<FactId>,
    pub settled: Settled,
}

#[derive(Debug, Clone)]
pub struct GivenOnFile {
    pub fact: Fact,
    pub body: NotificationGiven,
    pub receipt: Option<String>,
    /// For each duty that it was given for and that is owed.
    pub judged: Vec<(Meets, Judged)>,
    pub suspected: Option<&'static Offence>,
}

#[derive(Debug, Clone)]
pub struct ChangeOnFile {
    pub id: FactId,
    pub duty: ChangeDuty,
    pub on: NaiveDate,
    pub name: Option<String>,
}

#[derive(Debug, Clone)]
pub struct IdentityOnFile {
    pub id: FactId,
    pub request: IdentityRequest,
    pub suspected: Option<&'static Offence>,
}

/// Everything that the facts of one order say about notification.
#[derive(Debug, Clone)]
pub struct NotificationsOnFile {
    pub duties: Vec<DutyOnFile>,
    pub not_owed: Vec<Reason>,
    pub given: Vec<GivenOnFile>,
    pub changes: Vec<ChangeOnFile>,
    pub identity: Vec<IdentityOnFile>,
}

fn word<W: Word>(text: &str) -> Result<W, StoreError> {
    W::parse(text).ok_or(StoreError::Corrupt { vocabulary: W::NAME, value: text.to_owned() })
}

impl NotificationGiven {
    /// What was said at a station to somebody who may take it is acknowledged, whatever it is found
    /// to be.
    pub fn is_acknowledged(&self) -> bool {
        self.manner == Manner::OralInPerson.as_str()
            && self.station.is_some()
            && self.taken_by != TakenBy::Unauthorised.as_str()
    }

    fn given<'a>(&'a self, receipt: Option<&'a str>) -> Result<Given<'a>, StoreError> {
        Ok(Given {
            given_at: Instant::from_ms(self.given_at),
            manner: word(&self.manner)?,
            is_at_police_station: self.station.is_some(),
            is_local_police_area: self.in_local_police_area,
            taken_by: word(&self.taken_by)?,
            names: &self.names,
            address: self.address.as_deref(),
            receipt_number: receipt,
        })
    }

    pub fn is_for(&self, duty: &DutyOnFile) -> bool {
        self.meets.contains(&duty.meets())
    }
}

impl DutyOnFile {
    pub fn meets(&self) -> Meets {
        Meets { cause: self.duty.cause.code().to_owned(), change: self.change }
    }

    fn is_unsettled(&self) -> bool {
        matches!(self.settled.state, DutyState::Open | DutyState::Failed)
    }

    fn is_notified(&self) -> Option<bool> {
        match self.settled.state {
            DutyState::Complied | DutyState::Late => Some(true),
            DutyState::Open | DutyState::Failed => Some(false),
            DutyState::NotKnown => None,
        }
    }

    /// One duty, one alert. Nothing about the subject is in it.
    fn key(&self, order: &Order) -> String {
        let cause = self.duty.cause.code();
        match (&self.duty.cause, self.change) {
            (_, Some(change)) => key(order, cause, &change.to_string()),
            (Cause::ExemptionEnded(regime), _) => key(order, cause, regime.as_str()),
            _ => key(order, cause, ""),
        }
    }
}

fn key(order: &Order, cause: &str, which: &str) -> String {
    format!("{}:{}:{cause}:{which}", AlertKind::NotificationOverdue, order.id)
}

pub fn receipt_number(order: &Order, number: u32) -> String {
    format!("N/{}/{number}", order.reference)
}

/// The bodies of the facts, by what they are.
struct Bodies {
    given: Vec<GivenOnFile>,
    changes: Vec<ChangeOnFile>,
    identity: Vec<IdentityOnFile>,
    exemptions: Vec<Exemption>,
}

fn read(order: &Order, known: Vec<Fact>) -> Result<Bodies, StoreError> {
    let offences = order.kind.row().offences;
    let mut found = Bodies { given: vec![], changes: vec![], identity: vec![], exemptions: vec![] };
    for fact in known {
        match fact.kind {
            FactKind::NotificationGiven => {
                let body: NotificationGiven = fact.read()?;
                let receipt = body.number.map(|number| receipt_number(order, number));
                let suspected = suggested(offences, Failure::FalseInformation);
                let suspected = suspected.filter(|_| body.false_suspected);
                found.given.push(GivenOnFile { fact, body, receipt, judged: vec![], suspected });
            }
            FactKind::DetailsChanged => {
                let DetailsChanged { duty, on, name } = fact.read()?;
                found.changes.push(ChangeOnFile { id: fact.id, duty: word(&duty)?, on, name });
            }
            FactKind::IdentityAsked => {
                let body: IdentityFact = fact.read()?;
                let request = IdentityRequest {
                    requested_at: Instant::from_ms(body.requested_at),
                    asked: word::<IdentityAsked>(&body.asked)?,
                    answer: Some(word::<IdentityAnswer>(&body.answer)?),
                };
                let suspected = request.suspected(order.kind);
                found.identity.push(IdentityOnFile { id: fact.id, request, suspected });
            }
            FactKind::NotificationExempted => {
                let body: ExemptedFact = fact.read()?;
                let regime = word::<Regime>(&body.regime)?;
                // A later record says more about the same: above all, when it ends.
                let is_same = |known: &Exemption| (known.regime, known.from) == (regime, body.from);
                found.exemptions.retain(|known| !is_same(known));
                found.exemptions.push(Exemption { regime, from: body.from, final_day: body.until });
            }
            _ => {}
        }
    }
    Ok(found)
}

impl ChangeOnFile {
    /// An address is never spelled out: sentences are read where the address may not be.
    fn change(&self) -> Change {
        let what = match (self.duty, &self.name) {
            (ChangeDuty::Name, Some(name)) => name.clone(),
            (ChangeDuty::CeasedToHaveHome, _) => "Having no home any more".to_owned(),
            (ChangeDuty::HomeAddress, _) => "The home address".to_owned(),
            _ => "Living elsewhere".to_owned(),
        };
        Change { duty: self.duty, on: self.on, what }
    }
}

/// What an order's facts come to at `now`.
pub fn notifications(
    tx: &mut Tx<'_>,
    order: &Order,
    now: Instant,
) -> Result<NotificationsOnFile, StoreError> {
    let known = facts::of_order(tx, order.id, &NOTIFICATION_FACTS)?;
    notifications_from(tx, order, known, now)
}

/// What these facts of an order come to at `now`. What was notified under the order that it replaces is
/// taken as it is on file.
pub fn notifications_from(
    tx: &mut Tx<'_>,
    order: &Order,
    known: Vec<Fact>,
    now: Instant,
) -> Result<NotificationsOnFile, StoreError> {
    let replaced = match order.replaces_id {
        Some(id) => orders::find_for_service(tx, id)?,
        None => None,
    };
    let replaced = match replaced {
        Some(interim) => {
            let known = facts::of_order(tx, interim.id, &NOTIFICATION_FACTS)?;
            let filed_at = filed_at(tx, &interim)?;
            let found = reckon(&interim, known, None, (now, filed_at))?;
            let initial = found.duties.iter().find(|it| it.duty.cause == Cause::Initial);
            let is_notified = initial.map_or(Some(false), |it| it.is_notified());
            Some(Replaced { kind: interim.kind, is_notified })
        }
        None => None,
    };
    let filed_at = filed_at(tx, order)?;
    reckon(order, known, replaced, (now, filed_at))
}

fn reckon(
    order: &Order,
    known: Vec<Fact>,
    replaces: Option<Replaced>,
    (now, filed_at): (Instant, Instant),
) -> Result<NotificationsOnFile, StoreError> {
    let Bodies { mut given, changes, identity, exemptions } = read(order, known)?;
    // A draft asks for nothing.
    let Some(made_on) = order.made_on else {
        let (duties, not_owed) = (Vec::new(), Vec::new());
        return Ok(NotificationsOnFile { duties, not_owed, given, changes, identity });
    };
    let acknowledged = given.iter().filter(|given| given.body.is_acknowledged());
    let last = acknowledged.max_by_key(|given| given.body.given_at);
    let base = NotificationFacts {
        kind: order.kind,
        made_on,
        served_at: order.served_at,
        takes_effect_on: order.takes_effect_on,
        convicted_on: None,
        ended_at: order.ended_at,
        replaces,
        exemptions: &exemptions,
        changes: &[],
        last_notified_on: last.map(|last| Instant::from_ms(last.body.given_at).local_date(ZONE)),
        has_fixed_abode: last.is_none_or(|last| !last.body.no_fixed_abode),
    };
    let mut found = base.duties();
    let mut owed: Vec<(NotificationDuty, Option<FactId>)> =
        found.owed.drain(..).map(|duty| (duty, None)).collect();
    // One at a time, so that each duty is known by its change.
    for change in &changes {
        let one = [change.change()];
        let with_one = NotificationFacts { changes: &one, ..base }.duties();
        let is_of_it = |duty: &NotificationDuty| matches!(duty.cause, Cause::Changed { .. });
        owed.extend(with_one.owed.into_iter().filter(is_of_it).map(|it| (it, Some(change.id))));
        for reason in with_one.not_owed {
            if !found.not_owed.contains(&reason) {
                found.not_owed.push(reason);
            }
        }
    }
    let mut duties = Vec::new();
    for (duty, change) in owed {
        duties.push(settled(duty, change, &mut given, (now, filed_at))?);
    }
    let not_owed = found.not_owed;
    Ok(NotificationsOnFile { duties, not_owed, given, changes, identity })
}

/// Judges what was given for a duty, and says what has become of it.
fn settled(
    duty: NotificationDuty,
    change: Option<FactId>,
    given: &mut [GivenOnFile],
    (now, filed_at): (Instant, Instant),
) -> Result<DutyOnFile, StoreError> {
    let open = Settled { state: DutyState::Open, given_at: None, suspected: None };
    let mut on_file = DutyOnFile { duty, change, settled: open };
    for it in given.iter_mut().filter(|it| it.body.is_for(&on_file)) {
        let judged = on_file.duty.judge(&it.body.given(it.receipt.as_deref())?);
        it.judged.push((on_file.meets(), judged));
    }
    let for_it = given.iter().filter(|it| it.body.is_for(&on_file));
    let for_it: Result<Vec<Given<'_>>, _> =
        for_it.map(|it| it.body.given(it.receipt.as_deref())).collect();
    on_file.settled = on_file.duty.settle_filed(&for_it?, now, filed_at);
    Ok(on_file)
}

impl NotificationsOnFile {
    /// What has become of the duty that an alert under this key is about, and how it was reckoned.
    pub fn asked_under(&self, order: &Order, key: &str) -> Option<(DutyState, String)> {
        let is_about = |duty: &&DutyOnFile| {
            let of_given =
                |it: &GivenOnFile| invalid_key(it.fact.id) == key && it.body.is_for(duty);
            duty.key(order) == key || self.given.iter().any(of_given)
        };
        let duty = self.duties.iter().find(is_about)?;
        let deadline = &duty.duty.deadline;
        Some((duty.settled.state, format!("{} ({}).", deadline.arithmetic, deadline.basis)))
    }

    /// What has to be looked at, by key.
    pub fn raises(&self, order: &Order) -> Vec<Raise> {
        let mut raises = Vec::new();
        for duty in self.duties.iter().filter(|duty| duty.is_unsettled()) {
            let closes_at = duty.duty.deadline.closes_at;
            if duty.settled.state == DutyState::Failed {
                let suspected = duty.settled.suspected.map_or_else(String::new, |offence| {
                    format!(" Suspected: {}; a person decides.", offence.code)
                });
                let arithmetic = &duty.duty.deadline.arithmetic;
                let says = format!("Notification overdue ({arithmetic}).{suspected}");
                let kind = AlertKind::NotificationOverdue;
                raises.push(about(order, kind, (duty.key(order), closes_at), says));
            }
            for given in self.given.iter().filter(|given| given.body.is_for(duty)) {
                let at = Instant::from_ms(given.body.given_at);
                let says = "What was told is no notification under the order's statute; the duty \
                            is still open.";
                let kind = AlertKind::NotificationInvalid;
                raises.push(about(order, kind, (invalid_key(given.fact.id), at), says));
            }
        }
        raises
    }

    /// When the next period is over.
    fn next_at(&self, now: Instant) -> Option<Instant> {
        let open = self.duties.iter().filter(|duty| duty.settled.state == DutyState::Open);
        open.map(|duty| duty.duty.deadline.closes_at).filter(|at| now < *at).min()
    }
}

fn invalid_key(given: FactId) -> String {
    format!("{}:{given}", AlertKind::NotificationInvalid)
}

/// When the order was put on file.
fn filed_at(tx: &mut Tx<'_>, order: &Order) -> Result<Instant, StoreError> {
    let versions = orders::versions(tx, order.id)?;
    Ok(versions.first().map_or(Instant::from_ms(i64::MAX), |version| version.recorded_at))
}

/// To be called whenever the order is served, made, replaced or over, or a fact about notification is
/// recorded: closes what is settled and sets when to look again, at once when there is something to
/// raise.
pub fn rearm_notification(tx: &mut Tx<'_>, order: &Order, now: Instant) -> Result<(), StoreError> {
    rearm_because(tx, order, now, AlertCloseReason::Resolved)
}

/// The same, and why the alerts close that nothing asks for any more.
pub fn rearm_because(
    tx: &mut Tx<'_>,
    order: &Order,
    now: Instant,
    why: AlertCloseReason,
) -> Result<(), StoreError> {
    let found = notifications(tx, order, now)?;
    let raises = found.raises(order);
    for kind in [AlertKind::NotificationOverdue, AlertKind::NotificationInvalid] {
        for open in alerts::open_keys_of(tx, order.id, kind)? {
            if !raises.iter().any(|raise| raise.dedupe_key == open) {
                close_alert(tx, now, &open, why, None)?;
            }
        }
    }
    let at = if raises.is_empty() { found.next_at(now) } else { Some(now) };
    timers::set(tx, order.id, (TimerKind::Notification, order.id.uuid()), at)
}

pub fn ring_notification(tx: &mut Tx<'_>, now: Instant, order: &Order) -> Result<Rung, StoreError> {
    let found = notifications(tx, order, now)?;
    Ok(Rung { raises: found.raises(order), next_at: found.next_at(now) })
}
