//! Times of work, education and religion, which terms avoid as far as practicable (s.2(3)). They are
//! the subject's, so those recorded under one order count for every other.

use chrono::NaiveDate;
use compliance::Word;
use compliance::fact::FactKind;
use compliance::lint::{ProtectedKind, ProtectedTime};
use compliance::order::{Span, span};
use compliance::{Instant, window::Window};
use serde::{Deserialize, Serialize};

use super::Actor;
use super::clashes::settle_clashes;
use super::record_fact::{NewFact, Recorded, order_in_scope, record_fact, record_reading};
use crate::ZONE;
use crate::import_file::prohibitions::WeekEntry;
use crate::refusal::Refusal;
use crate::store::facts::{self, Fact};
use crate::store::id::{FactId, OrderId, SubjectId};
use crate::store::orders::{self, Order};
use crate::store::{StoreError, Tx};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProtectedTimeBody {
    pub kind: String,
    pub hours: WeekEntry,
    /// First and last day; without one, always.
    pub from: Option<NaiveDate>,
    pub until: Option<NaiveDate>,
    /// Who says so.
    pub source: String,
}

/// A protected time on file, as recorded and as the rules take it.
#[derive(Debug, Clone)]
pub struct TimeOnFile {
    pub fact: Fact,
    pub body: ProtectedTimeBody,
    pub time: ProtectedTime,
}

impl TimeOnFile {
    fn of(fact: Fact) -> Result<Self, StoreError> {
        let body: ProtectedTimeBody = fact.read()?;
        let corrupt =
            || StoreError::Corrupt { vocabulary: "protected time", value: fact.id.to_string() };
        let kind = ProtectedKind::parse(&body.kind).ok_or_else(corrupt)?;
        let hours = body.hours.hours().map_err(|_unfit| corrupt())?;
        let always = Span { from: Instant::from_ms(i64::MIN), until: None };
        let span = span(always, body.from, [body.until, None], ZONE);
        Ok(Self { time: ProtectedTime { kind, hours, span }, fact, body })
    }

    /// From when on windows can fall in it.
    pub fn counts_from(&self, now: Instant) -> Instant {
        now.max(self.time.span.from)
    }

    /// Whether it was known before the window was over: nobody is asked about what had been before.
    pub fn was_known(&self, window: Window) -> bool {
        self.fact.recorded_at < window.closes_at
    }
}

pub fn of_subject(tx: &mut Tx<'_>, subject: SubjectId) -> Result<Vec<TimeOnFile>, StoreError> {
    let orders = orders::of_subject_for_service(tx, subject)?;
    let ids: Vec<OrderId> = orders.iter().map(|order| order.id).collect();
    facts::of_orders(tx, &ids, &[FactKind::ProtectedTime])?
        .into_iter()
        .map(TimeOnFile::of)
        .collect()
}

pub fn new_fact(
    id: FactId,
    order: &Order,
    now: Instant,
    body: ProtectedTimeBody,
) -> NewFact<ProtectedTimeBody> {
    let day = |day: NaiveDate| day.format("%-d %b %Y").to_string();
    let from = body.from.map_or_else(String::new, |it| format!(" from {}", day(it)));
    let until = body.until.map_or_else(String::new, |it| format!(" until {}", day(it)));
    NewFact {
        id,
        kind: FactKind::ProtectedTime,
        order: order.id,
        object: id.uuid(),
        party: None,
        happened_at: now,
        says: format!("Times of {} were put on file{from}{until}.", body.kind),
        body,
    }
}

/// Every duty that falls in it is raised until somebody says why it stands; none is moved or refused.
pub fn record_protected_time(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (order, id): (OrderId, FactId),
    body: ProtectedTimeBody,
) -> Result<Recorded, Refusal> {
    let order = order_in_scope(tx, actor, order)?;
    let recorded = record_fact(tx, actor, new_fact(id, &order, actor.now, body))?;
    for order in orders::of_subject_for_service(tx, order.subject_id)? {
        settle_clashes(tx, &actor.identity, &order, actor.settling())?;
    }
    Ok(recorded)
}

/// Those recorded under any order on the subject that the caller may know of.
pub fn list_protected_times(
    tx: &mut Tx<'_>,
    actor: &Actor,
    order: OrderId,
) -> Result<Vec<TimeOnFile>, Refusal> {
    let order = order_in_scope(tx, actor, order)?;
    let known = orders::of_subject(tx, actor.scope, order.subject_id)?;
    let ids: Vec<OrderId> = known.iter().map(|order| order.id).collect();
    let found = facts::of_orders(tx, &ids, &[FactKind::ProtectedTime])?;
    record_reading(tx, actor, "list_protected_times", order.id)?;
    Ok(found.into_iter().map(TimeOnFile::of).collect::<Result<_, _>>()?)
}
