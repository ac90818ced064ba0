//! Records what the subject told the police, and what bears on the duty to tell it. The home address
//! stands in the body of the fact and nowhere else: not in its sentence, in no alert and in no log.

use compliance::Instant;
use compliance::fact::FactKind;
use compliance::notification::{DutyState, IdentityAnswer, IdentityAsked};
use compliance::order_kind::{ChangeDuty, Regime};
use serde::Serialize;

use super::Actor;
use super::notification::{
    DetailsChanged, DutyOnFile, ExemptedFact, GivenOnFile, IdentityFact, NotificationGiven,
    NotificationsOnFile, notifications, rearm_notification, receipt_number,
};
use super::record_fact::{
    NewFact, Recorded, fact_in_scope, order_in_scope, record_fact, record_reading,
};
use crate::ZONE;
use crate::refusal::Refusal;
use crate::store::id::{FactId, OrderId};
use crate::store::orders::Order;
use crate::store::stations::{self, Station};
use crate::store::subjects::{self, Subject};
use crate::store::{Tx, facts, ledger};

pub fn list_notifications(
    tx: &mut Tx<'_>,
    actor: &Actor,
    order: OrderId,
) -> Result<NotificationsOnFile, Refusal> {
    let order = order_in_scope(tx, actor, order)?;
    record_reading(tx, actor, "list_notifications", order.id)?;
    Ok(notifications(tx, &order, actor.now)?)
}

/// One thing about an order's duty to notify.
struct Happening<B> {
    id: FactId,
    kind: FactKind,
    happened_at: Instant,
    body: B,
    says: String,
}

fn add<B: Serialize>(
    tx: &mut Tx<'_>,
    actor: &Actor,
    order: &Order,
    happening: Happening<B>,
) -> Result<Recorded, Refusal> {
    let Happening { id, kind, happened_at, body, says } = happening;
    let object = order.id.uuid();
    let order_id = order.id;
    let new = NewFact { id, kind, order: order_id, object, party: None, happened_at, body, says };
    let recorded = record_fact(tx, actor, new)?;
    rearm_notification(tx, order, actor.now)?;
    Ok(recorded)
}

/// The receipt's number is the next of the order: transactions are serializable, so that none is
/// given twice or left out. Sent again, the record keeps the number that it has.
pub fn record_notification(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (order, id): (OrderId, FactId),
    given: &NotificationGiven,
) -> Result<GivenOnFile, Refusal> {
    let order = order_in_scope(tx, actor, order)?;
    let taken = facts::find_taken(tx, id)?;
    let given_at = Instant::from_ms(given.given_at);
    let number = match &taken {
        Some(fact) if fact.kind == FactKind::NotificationGiven => {
            fact.read::<NotificationGiven>()?.number
        }
        _ => next_number(tx, &order, given)?,
    };
    if taken.is_none() {
        if actor.now < given_at {
            return Err(Refusal::field("/given_at", "is in the future"));
        }
        if let Some(station) = given.station
            && stations::find(tx, station)?.is_none()
        {
            return Err(Refusal::field("/station_id", "is no station that we know"));
        }
    }
    let receipt = number.map(|number| receipt_number(&order, number));
    let says = match &receipt {
        Some(receipt) => {
            format!("A notification was taken at a police station and acknowledged as {receipt}.")
        }
        None => "Something was told that cannot be acknowledged as a notification.".to_owned(),
    };
    let body = NotificationGiven { number, ..given.clone() };
    let kind = FactKind::NotificationGiven;
    let happening = Happening { id, kind, happened_at: given_at, body: body.clone(), says };
    let recorded = add(tx, actor, &order, happening)?;
    let found = notifications(tx, &order, actor.now)?.given.into_iter();
    Ok(found.into_iter().find(|given| given.fact.id == id).unwrap_or_else(|| {
        // Called a mistake since: it is for no duty any more.
        let fact = recorded.fact().clone();
        GivenOnFile { fact, body, receipt, judged: Vec::new(), suspected: None }
    }))
}

/// What was called a mistake keeps its number.
fn next_number(
    tx: &mut Tx<'_>,
    order: &Order,
    given: &NotificationGiven,
) -> Result<Option<u32>, Refusal> {
    if !given.is_acknowledged() {
        return Ok(None);
    }
    let mut last = 0;
    for (fact, _) in facts::all_of_order(tx, order.id)? {
        if fact.kind == FactKind::NotificationGiven {
            last = last.max(fact.read::<NotificationGiven>()?.number.unwrap_or(0));
        }
    }
    Ok(Some(last + 1))
}

pub fn record_details_change(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (order, id): (OrderId, FactId),
    (duty, changed): (ChangeDuty, &DetailsChanged),
) -> Result<Recorded, Refusal> {
    let order = order_in_scope(tx, actor, order)?;
    let what = match duty {
        ChangeDuty::Name => "A name that was not notified was used",
        ChangeDuty::HomeAddress => "The home address changed",
        ChangeDuty::CeasedToHaveHome => "The subject ceased to have a home",
        ChangeDuty::AwayOneMonth => "The subject has lived elsewhere for a month",
        ChangeDuty::SevenDaysElsewhere => "The subject was elsewhere for seven days",
    };
    let says = format!("{what}, on {}.", changed.on.format("%a %-d %b %Y"));
    let (kind, body) = (FactKind::DetailsChanged, changed.clone());
    add(tx, actor, &order, Happening { id, kind, happened_at: actor.now, body, says })
}

pub fn record_identity_request(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (order, id): (OrderId, FactId),
    (asked, answer, at): (IdentityAsked, IdentityAnswer, Instant),
) -> Result<Recorded, Refusal> {
    let order = order_in_scope(tx, actor, order)?;
    if actor.now < at {
        return Err(Refusal::field("/requested_at", "is in the future"));
    }
    let what = match asked {
        IdentityAsked::Fingerprints => "Fingerprints were",
        IdentityAsked::Photograph => "A photograph was",
        IdentityAsked::Both => "Fingerprints and a photograph were",
    };
    let answered = match answer {
        IdentityAnswer::Complied => "the subject complied",
        IdentityAnswer::Refused => "the subject refused",
    };
    let says = format!("{what} asked for, to verify identity; {answered}.");
    let (asked, answer) = (asked.to_string(), answer.to_string());
    let body = IdentityFact { requested_at: at.ms(), asked, answer };
    let kind = FactKind::IdentityAsked;
    add(tx, actor, &order, Happening { id, kind, happened_at: at, body, says })
}

pub fn record_notification_exemption(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (order, id): (OrderId, FactId),
    (regime, exempted): (Regime, &ExemptedFact),
) -> Result<Recorded, Refusal> {
    let order = order_in_scope(tx, actor, order)?;
    let day = |day: chrono::NaiveDate| day.format("%a %-d %b %Y").to_string();
    let until = exempted.until.map_or_else(String::new, |it| format!(" until {}", day(it)));
    let says = format!(
        "{} applies to the subject from {}{until}, and takes the place of the order's own duty.",
        regime.in_words(),
        day(exempted.from)
    );
    let (kind, body) = (FactKind::NotificationExempted, exempted.clone());
    add(tx, actor, &order, Happening { id, kind, happened_at: actor.now, body, says })
}

/// A notification with what it was for, and what is to be told next.
pub struct NotificationInContext {
    pub order: Order,
    pub subject: Subject,
    pub station: Option<Station>,
    pub given: GivenOnFile,
    /// Those it was given for.
    pub duties: Vec<DutyOnFile>,
    /// The one whose time is over first, of those that are still open.
    pub next: Option<DutyOnFile>,
}

/// One that was called a mistake is not there.
pub fn get_notification(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: FactId,
) -> Result<NotificationInContext, Refusal> {
    let kinds = [FactKind::NotificationGiven];
    let fact = fact_in_scope(tx, actor, id, &kinds, "notification")?;
    let order = order_in_scope(tx, actor, fact.order_id)?;
    let subject = subjects::find(tx, actor.scope, order.subject_id)?;
    let subject = subject.ok_or(Refusal::NotFound("subject"))?;
    let NotificationsOnFile { duties, given, .. } = notifications(tx, &order, actor.now)?;
    let given = given.into_iter().find(|given| given.fact.id == id);
    let given = given.ok_or(Refusal::NotFound("notification"))?;
    let station = given.body.station.map(|id| stations::find(tx, id)).transpose()?.flatten();
    let entry = actor.reading("get_notification", format!("fact:{id}"), [order.id]);
    ledger::append(tx, actor.now, vec![entry])?;
    let open = duties.iter().filter(|duty| duty.settled.state == DutyState::Open);
    let next = open.min_by_key(|duty| duty.duty.deadline.closes_at).cloned();
    let duties = duties.into_iter().filter(|duty| given.body.is_for(duty)).collect();
    Ok(NotificationInContext { order, subject, station, given, duties, next })
}

/// What a receipt says.
pub struct Receipt {
    pub order: Order,
    pub subject: Subject,
    pub station: Option<Station>,
    pub given: NotificationGiven,
    pub number: String,
    pub given_in_words: String,
    pub issued_in_words: String,
}

pub fn get_notification_receipt(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: FactId,
) -> Result<Receipt, Refusal> {
    let kinds = [FactKind::NotificationGiven];
    let fact = fact_in_scope(tx, actor, id, &kinds, "notification")?;
    let given: NotificationGiven = fact.read()?;
    let number = given.number.ok_or(Refusal::NotFound("receipt"))?;
    let order = order_in_scope(tx, actor, fact.order_id)?;
    let subject = subjects::find(tx, actor.scope, order.subject_id)?;
    let subject = subject.ok_or(Refusal::NotFound("subject"))?;
    let station = given.station.map(|id| stations::find(tx, id)).transpose()?.flatten();
    let entry = actor.reading("get_notification_receipt", format!("fact:{id}"), [order.id]);
    ledger::append(tx, actor.now, vec![entry])?;
    Ok(Receipt {
        number: receipt_number(&order, number),
        given_in_words: in_words(Instant::from_ms(given.given_at)),
        issued_in_words: in_words(fact.recorded_at),
        order,
        subject,
        station,
        given,
    })
}

/// With the year, because paper is kept.
fn in_words(at: Instant) -> String {
    at.utc().with_timezone(&ZONE).format("%A %-d %B %Y, %H:%M").to_string()
}
