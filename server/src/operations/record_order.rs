//! Records orders over HTTP: as drafted or made, the making of a draft, its withdrawal, and every next
//! version. What a version says is read and checked as it is in a file.

use chrono::NaiveDate;
use compliance::fact::FactKind;
use compliance::lint::LintWarning;
use compliance::order::{VersionReason, check_duration};
use compliance::order_status::OrderStatus;
use compliance::{Instant, Word};
use serde::Serialize;

use super::Actor;
use super::import_orders::{Import, json_digest};
use super::lint_order::warnings;
use super::order_life::{life_of_row, rearm_serving};
use super::record_fact::{NewFact, Recorded, order_in_scope, record_fact, record_reading};
use super::subject_conditions::{ConditionText, condition_texts};
use crate::ZONE;
use crate::identity::hex;
use crate::import_file::{
    Fault, OrderEntry, SubjectEntry, VersionEntry, check_order, check_version,
};
use crate::refusal::Refusal;
use crate::store::id::{FactId, OrderId, OrderVersionId};
use crate::store::orders::{self, Order, OrderVersion};
use crate::store::{Tx, accounts, facts, subjects};

/// What came of it, and what is doubtful about the terms. Warnings never block.
#[derive(Debug, Clone)]
pub struct Taken {
    pub recorded: Recorded,
    pub version: Option<i64>,
    pub warnings: Vec<LintWarning>,
}

/// What a fact keeps of what was sent: enough to know it again.
#[derive(Debug, Serialize)]
struct Sent {
    digest: String,
}

fn sent(value: &impl Serialize) -> Sent {
    Sent { digest: hex(&json_digest(value)) }
}

/// An order that nothing is on file of yet. Whoever records it may know of it.
pub fn record_order(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: OrderId,
    entry: &OrderEntry,
) -> Result<Taken, Refusal> {
    let says = match entry.made_on {
        Some(on) => format!("Put on file: made by {} on {}.", entry.court, on.format("%-d %B %Y")),
        None => "Put on file as a draft.".to_owned(),
    };
    let new = NewFact {
        id: id.uuid().into(),
        kind: FactKind::OrderRecorded,
        order: id,
        object: id.uuid(),
        party: None,
        happened_at: actor.now,
        body: sent(entry),
        says,
    };
    if facts::find_taken(tx, new.id)?.is_some() {
        let recorded = record_fact(tx, actor, new)?;
        return taken(tx, actor, id, recorded);
    }
    if orders::find_for_service(tx, id)?.is_some() {
        return Err(Refusal::RecordConflict);
    }
    check_order(entry, actor.now.local_date(ZONE))?;
    if orders::find_by_reference(tx, &entry.reference)?.is_some() {
        let says = "is the reference of another order";
        return Err(Refusal::field("/reference", says));
    }
    let mut import = Import::new(&actor.identity, actor.now, Some(actor.scope.account));
    import.order(tx, "", entry, Some(id))?;
    done(import)?;
    accounts::open_case(tx, actor.scope.account, id)?;
    let recorded = record_fact(tx, actor, new)?;
    taken(tx, actor, id, recorded)
}

fn done(import: Import<'_>) -> Result<(), Refusal> {
    if import.faults.is_empty() { Ok(()) } else { Err(import.faults.into()) }
}

fn taken(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: OrderId,
    recorded: Recorded,
) -> Result<Taken, Refusal> {
    let order = order_in_scope(tx, actor, id)?;
    let version = orders::versions(tx, id)?.last().map(|version| version.number);
    let warnings = warnings(tx, &order, actor.now)?;
    Ok(Taken { recorded, version, warnings })
}

/// The next version of an order, as the court made it.
#[derive(Debug, Clone, Serialize)]
pub struct NewVersion {
    /// Its number is the next one, whatever it says here.
    pub version: VersionEntry,
    pub end: NewEnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum NewEnd {
    AsBefore,
    On(NaiveDate),
    UntilFurtherOrder,
}

impl NewEnd {
    fn applied(self, before: Option<NaiveDate>) -> Option<NaiveDate> {
        match self {
            Self::AsBefore => before,
            Self::On(day) => Some(day),
            Self::UntilFurtherOrder => None,
        }
    }
}

/// What the old version asked for after the new one is in force is cancelled, what was done or missed
/// stays, and the new version is written out.
pub fn record_order_version(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (order, id): (OrderId, FactId),
    new: &NewVersion,
) -> Result<Taken, Refusal> {
    let order = order_in_scope(tx, actor, order)?;
    let mut fact = NewFact {
        id,
        kind: FactKind::VersionRecorded,
        order: order.id,
        object: id.uuid(),
        party: None,
        happened_at: actor.now,
        body: sent(new),
        says: String::new(),
    };
    if facts::find_taken(tx, id)?.is_some() {
        let recorded = record_fact(tx, actor, fact)?;
        return taken(tx, actor, order.id, recorded);
    }
    let on_file = orders::versions(tx, order.id)?;
    check_next(&order, on_file.last(), actor.now, new)?;
    let number = on_file.last().map_or(0, |last| last.number) + 1;
    let entry = VersionEntry { number, ..new.version.clone() };
    let changed = Order { ends_on: new.end.applied(order.ends_on), ..order.clone() };
    let mut import = Import::new(&actor.identity, actor.now, Some(actor.scope.account));
    let version_id = OrderVersionId::from(id.uuid());
    import.add(tx, "", &changed, (&entry, version_id))?;
    if import.faults.is_empty() {
        orders::update(tx, &changed, actor.now)?;
        import.look_at_terms(tx, &changed)?;
        import.settle(tx, &changed, &entry.conditions)?;
    }
    done(import)?;
    accounts::keep_open(tx, actor.scope, order.id)?;
    fact.says = in_words(&entry, (order.ends_on, changed.ends_on));
    let recorded = record_fact(tx, actor, fact)?;
    taken(tx, actor, order.id, recorded)
}

fn in_words(entry: &VersionEntry, (before, now): (Option<NaiveDate>, Option<NaiveDate>)) -> String {
    let end = match now {
        _ if before == now => String::new(),
        Some(day) => format!(" It ends on {}.", day.format("%-d %B %Y")),
        None => " It lasts until a further order.".to_owned(),
    };
    let note = if entry.note.is_empty() { String::new() } else { format!(" {}", entry.note) };
    format!("Version {} ({}) was recorded.{end}{note}", entry.number, entry.reason)
}

/// What can be wrong with a version beside its own text.
fn check_next(
    order: &Order,
    last: Option<&OrderVersion>,
    now: Instant,
    new: &NewVersion,
) -> Result<(), Refusal> {
    let made_on = order.made_on.ok_or(Refusal::OrderIsDraft)?;
    let is_over = !matches!(
        life_of_row(order).status_at(now),
        OrderStatus::Made | OrderStatus::InForce | OrderStatus::Expired
    );
    if is_over {
        return Err(Refusal::OrderHasEnded);
    }
    let entry = VersionEntry { number: 1, ..new.version.clone() };
    let mut faults =
        check_version(order.kind, &entry, now.local_date(ZONE)).err().unwrap_or_default();
    let mut fault = |pointer: &str, says: String| {
        faults.push(Fault { line: None, pointer: pointer.to_owned(), says });
    };
    let reason = VersionReason::parse(&entry.reason);
    if reason == Some(VersionReason::Original) {
        fault("/reason", "is for the first version, which is on file".to_owned());
    }
    if reason == Some(VersionReason::Correction) && entry.note.trim().is_empty() {
        fault("/note", "is missing: a correction says what was wrong".to_owned());
    }
    if reason == Some(VersionReason::Renewal) && new.end == NewEnd::AsBefore {
        fault("/ends_on", "is missing: a renewal says until when".to_owned());
    }
    let ends_on = new.end.applied(order.ends_on);
    if let Err(refusal) = check_duration(order.kind, made_on, ends_on) {
        fault("/ends_on", refusal.to_string());
    }
    let from = Instant::parse_rfc3339(&entry.in_force_from);
    if from.zip(last).is_some_and(|(from, last)| from <= last.in_force_from) {
        fault("/in_force_from", "is not after the version on file".to_owned());
    }
    let is_past_end = |from: Instant| ends_on.is_some_and(|last| last < from.local_date(ZONE));
    if from.is_some_and(is_past_end) {
        fault("/in_force_from", "is after the last day of the order".to_owned());
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.into()) }
}

/// What the court decided about a draft.
#[derive(Debug, Clone, Serialize)]
pub struct Making {
    pub court: String,
    pub made_on: NaiveDate,
    pub made_by: Option<String>,
    pub served_at: Option<String>,
    pub ends_on: Option<NaiveDate>,
    pub takes_effect_on: Option<NaiveDate>,
    pub replaces: Option<String>,
    pub version: VersionEntry,
}

/// A court has made what was drafted: from now on it is an order like any other.
pub fn make_order(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (id, record): (OrderId, FactId),
    making: &Making,
) -> Result<Taken, Refusal> {
    let draft = order_in_scope(tx, actor, id)?;
    let fact = NewFact {
        id: record,
        kind: FactKind::OrderMade,
        order: id,
        object: id.uuid(),
        party: None,
        happened_at: actor.now,
        body: sent(making),
        says: format!("Made by {} on {}.", making.court, making.made_on.format("%-d %B %Y")),
    };
    if facts::find_taken(tx, record)?.is_some() {
        let recorded = record_fact(tx, actor, fact)?;
        return taken(tx, actor, id, recorded);
    }
    match life_of_row(&draft).status_at(actor.now) {
        OrderStatus::Drafted if draft.is_drafted() => {}
        OrderStatus::Withdrawn => return Err(Refusal::OrderHasEnded),
        _ => return Err(Refusal::OrderIsMade),
    }
    let entry = made(tx, actor, &draft, making)?;
    check_order(&entry, actor.now.local_date(ZONE)).map_err(of_making)?;
    let mut import = Import::new(&actor.identity, actor.now, Some(actor.scope.account));
    import.order(tx, "", &entry, None)?;
    if !import.faults.is_empty() {
        return Err(of_making(import.faults));
    }
    // It names stations now, and whoever made it may work at none of them.
    accounts::keep_open(tx, actor.scope, id)?;
    let recorded = record_fact(tx, actor, fact)?;
    taken(tx, actor, id, recorded)
}

/// The version of a making is no list in what was sent.
fn of_making(faults: Vec<Fault>) -> Refusal {
    let own = |fault: Fault| Fault { pointer: fault.pointer.replace("/versions/0", ""), ..fault };
    faults.into_iter().map(own).collect::<Vec<_>>().into()
}

fn made(
    tx: &mut Tx<'_>,
    actor: &Actor,
    draft: &Order,
    making: &Making,
) -> Result<OrderEntry, Refusal> {
    let subject = subjects::find(tx, actor.scope, draft.subject_id)?;
    let subject = subject.ok_or(Refusal::NotFound("subject"))?;
    let version = VersionEntry {
        number: 1,
        reason: VersionReason::Original.to_string(),
        ..making.version.clone()
    };
    Ok(OrderEntry {
        reference: draft.reference.clone(),
        kind: draft.kind.to_string(),
        court: making.court.clone(),
        made_on: Some(making.made_on),
        served_at: making.served_at.clone(),
        ends_on: making.ends_on,
        risk: draft.risk.to_string(),
        made_by: making.made_by.clone(),
        making_force: draft.making_force.clone(),
        takes_effect_on: making.takes_effect_on,
        replaces: making.replaces.clone(),
        subject: SubjectEntry {
            reference: subject.reference,
            given_names: subject.given_names,
            family_name: subject.family_name,
            born_on: subject.born_on,
            ..SubjectEntry::default()
        },
        versions: vec![version],
        ..OrderEntry::default()
    })
}

#[derive(Debug, Serialize)]
struct Withdrawn {
    reason: String,
}

/// No court will be asked to make it.
pub fn withdraw_draft(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (id, record): (OrderId, FactId),
    reason: &str,
) -> Result<Recorded, Refusal> {
    let draft = order_in_scope(tx, actor, id)?;
    let is_new = facts::find_taken(tx, record)?.is_none();
    if is_new && !draft.is_drafted() {
        return Err(Refusal::OrderIsMade);
    }
    if is_new && draft.ended_at.is_some() {
        return Err(Refusal::OrderHasEnded);
    }
    let new = NewFact {
        id: record,
        kind: FactKind::DraftWithdrawn,
        order: id,
        object: id.uuid(),
        party: None,
        happened_at: actor.now,
        body: Withdrawn { reason: reason.to_owned() },
        says: format!("The draft was withdrawn: {reason}"),
    };
    let recorded = record_fact(tx, actor, new)?;
    if matches!(recorded, Recorded::New(_)) {
        let end_reason = Some("withdrawn".to_owned());
        let withdrawn = Order { ended_at: Some(actor.now), end_reason, ..draft };
        orders::update(tx, &withdrawn, actor.now)?;
        rearm_serving(tx, &withdrawn, actor.now)?;
    }
    Ok(recorded)
}

/// A version, whole, and who recorded it.
#[derive(Debug, Clone)]
pub struct VersionOnFile {
    pub version: OrderVersion,
    /// Until the next one is in force.
    pub in_force_until: Option<Instant>,
    pub recorded_by_name: Option<String>,
    pub conditions: Vec<ConditionText>,
}

pub fn list_order_versions(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: OrderId,
) -> Result<Vec<VersionOnFile>, Refusal> {
    let order = order_in_scope(tx, actor, id)?;
    let versions = orders::versions(tx, order.id)?;
    let mut listed = Vec::new();
    for (at, version) in versions.iter().enumerate() {
        let by = match version.recorded_by {
            Some(by) => accounts::find(tx, by)?,
            None => None,
        };
        listed.push(VersionOnFile {
            version: version.clone(),
            in_force_until: versions.get(at + 1).map(|next| next.in_force_from),
            recorded_by_name: by.map(|account| account.display_name),
            conditions: condition_texts(tx, &order, version, actor.now)?,
        });
    }
    record_reading(tx, actor, "list_order_versions", id)?;
    Ok(listed)
}
