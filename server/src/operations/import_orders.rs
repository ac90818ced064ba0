//! Takes in a file of stations and orders, whole or not at all. The same file a second time changes
//! nothing; a new version of an order ends what the one before still asks for.

use std::collections::BTreeMap;

use compliance::alert::{AlertCloseReason, AlertKind, Risk};
use compliance::lint::LintWarning;
use compliance::order::OrderKind;
use compliance::order_kind::MadeBy;
use compliance::{Instant, Word};

use super::lint_order::warnings;
use super::notification::rearm_notification;
use super::order_life::{rearm_expiry, rearm_serving, resolve_serving};
use super::order_terms;
use super::raise_alerts::{close_alert, raise_alerts};
use crate::identity::{Identity, sha256};
use crate::import_file::{Fault, ImportFile, OrderEntry, StationEntry};
use crate::refusal::Refusal;
use crate::store::id::{AccountId, OrderId, StationId, SubjectId};
use crate::store::ledger::{self, Chain, NewEntry};
use crate::store::orders::{self, Order};
use crate::store::stations::{self, Station};
use crate::store::{StoreError, Tx, WriteError, accounts};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    pub stations: usize,
    pub providers: usize,
    pub orders: usize,
    pub versions: usize,
    /// Orders and stations of which something changed that is no version: an owner, proof of service.
    pub changed: usize,
    pub unchanged: usize,
    /// About the terms of new versions, each with the order's reference. They never block.
    pub warnings: Vec<(String, LintWarning)>,
}

#[derive(Debug, thiserror::Error)]
pub enum ImportRefusal {
    #[error("the file does not fit what is on file")]
    Faults(Vec<Fault>),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl WriteError for ImportRefusal {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            Self::Faults(_) => None,
        }
    }
}

/// The import of one file: where it is, and what was wrong so far.
pub(super) struct Import<'i> {
    pub(super) identity: &'i Identity,
    pub(super) now: Instant,
    /// Whose request it is; nobody's, when it came in a file.
    pub(super) by: Option<AccountId>,
    pub(super) stations: BTreeMap<String, StationId>,
    pub(super) faults: Vec<Fault>,
    pub(super) done: Imported,
}

/// `file` has been read by `import_file::read`, so its words are words and its rules can be kept.
pub fn import_orders(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
    file: &ImportFile,
) -> Result<Imported, ImportRefusal> {
    let mut import = Import::new(identity, now, None);
    for station in &file.stations {
        import.station(tx, station)?;
    }
    for provider in &file.providers {
        import.provider(tx, provider)?;
    }
    for (at, order) in file.orders.iter().enumerate() {
        import.order(tx, &format!("/orders/{at}"), order, None)?;
    }
    if import.faults.is_empty() {
        Ok(import.done)
    } else {
        Err(ImportRefusal::Faults(import.faults))
    }
}

/// A word that `import_file::read` has checked.
pub(super) fn word<W: Word>(text: &str) -> Result<W, StoreError> {
    W::parse(text).ok_or(StoreError::Corrupt { vocabulary: W::NAME, value: text.to_owned() })
}

pub(super) fn instant(text: &str) -> Result<Instant, StoreError> {
    Instant::parse_rfc3339(text)
        .ok_or(StoreError::Corrupt { vocabulary: "RFC 3339", value: text.to_owned() })
}

pub(super) fn json_digest(value: &impl serde::Serialize) -> [u8; 32] {
    sha256(serde_json::json!(value).to_string().as_bytes())
}

/// A record that is made here is new: its id was looked for in the same transaction.
pub(super) fn stored(refusal: Refusal) -> StoreError {
    match refusal {
        Refusal::Store(error) => error,
        other => StoreError::Corrupt { vocabulary: "record", value: other.to_string() },
    }
}

/// Who answers for an order.
#[derive(Debug, Clone, Copy)]
struct Owners {
    owner: Option<AccountId>,
    deputy: Option<AccountId>,
    supervisor: Option<AccountId>,
}

impl<'i> Import<'i> {
    pub(super) fn new(identity: &'i Identity, now: Instant, by: Option<AccountId>) -> Self {
        let done = Imported::default();
        Self { identity, now, by, stations: BTreeMap::new(), faults: Vec::new(), done }
    }
}

impl Import<'_> {
    /// How the ledger names it: taken from a file, or asked for by somebody.
    pub(super) fn act(&self, from_file: &'static str, asked: &'static str) -> &'static str {
        if self.by.is_some() { asked } else { from_file }
    }

    pub(super) fn fault(&mut self, pointer: String, says: impl Into<String>) {
        self.faults.push(Fault { line: None, pointer, says: says.into() });
    }

    fn station(&mut self, tx: &mut Tx<'_>, entry: &StationEntry) -> Result<(), StoreError> {
        let on_file = stations::find_by_code(tx, &entry.code)?;
        let id = on_file.as_ref().map_or_else(|| self.identity.id(self.now), |found| found.id);
        let station = Station {
            id,
            code: entry.code.clone(),
            name: entry.name.clone(),
            latitude: entry.position.latitude,
            longitude: entry.position.longitude,
            radius_m: entry.radius_m,
            opening_hours: serde_json::json!(entry.opening_hours).to_string(),
            on_bank_holidays: entry.on_bank_holidays.as_str().to_owned(),
            police_area: entry.police_area.clone(),
        };
        self.stations.insert(entry.code.clone(), id);
        match &on_file {
            Some(found) if *found == station => {
                self.done.unchanged += 1;
                return Ok(());
            }
            Some(_) => {
                stations::update(tx, &station)?;
                self.done.changed += 1;
            }
            None => {
                stations::insert(tx, &station)?;
                self.done.stations += 1;
            }
        }
        let digest = json_digest(entry);
        self.record(tx, Chain::Station(id), ("import_station", format!("station:{id}")), digest)
    }

    pub(super) fn record(
        &self,
        tx: &mut Tx<'_>,
        chain: Chain,
        (act, object): (&'static str, String),
        body_digest: [u8; 32],
    ) -> Result<(), StoreError> {
        let entry =
            NewEntry { chain, actor: self.by, act, object, detail: String::new(), body_digest };
        ledger::append(tx, self.now, vec![entry])
    }

    /// `new_id` is that of an order that nothing is on file of yet.
    pub(super) fn order(
        &mut self,
        tx: &mut Tx<'_>,
        at: &str,
        entry: &OrderEntry,
        new_id: Option<OrderId>,
    ) -> Result<(), StoreError> {
        let Some(owners) = self.owners(tx, at, entry)? else { return Ok(()) };
        let Some(subject) = self.subject(tx, at, entry)? else { return Ok(()) };
        let on_file = orders::find_by_reference(tx, &entry.reference)?;
        let mut order = self.order_of(tx, at, (entry, on_file.as_ref()), (owners, subject))?;
        if let Some(new_id) = new_id {
            order.id = new_id;
        }
        let is_new = on_file.is_none();
        match &on_file {
            Some(found) if entry.drafted && !found.is_drafted() => {
                self.fault(format!("{at}/drafted"), "is on file as made");
                return Ok(());
            }
            Some(found) if !is_same_order(found, &order) => {
                self.fault(
                    format!("{at}/reference"),
                    "is on file with another subject, kind, court or date",
                );
                return Ok(());
            }
            Some(_) => {}
            None => {
                orders::insert(tx, &order, self.now)?;
                self.done.orders += 1;
            }
        }
        if is_new {
            let object = format!("order:{}", order.id);
            let digest = json_digest(entry);
            self.record(
                tx,
                Chain::Order(order.id),
                (self.act("import_order", "record_order"), object),
                digest,
            )?;
        }
        let added = self.versions(tx, at, entry, &order)?;
        match on_file {
            Some(found) => self.update(tx, at, (&found, &order), added)?,
            None => rearm_notification(tx, &order, self.now)?,
        }
        rearm_serving(tx, &order, self.now)?;
        let is_news = self.about_subject(tx, &order, &entry.subject)?;
        if !self.faults.is_empty() {
            return Ok(());
        }
        if added > 0 || is_news {
            self.look_at_terms(tx, &order)?;
        }
        let latest = entry.versions.last().map_or(&[][..], |version| &version.conditions);
        self.settle(tx, &order, latest)
    }

    /// Warns of what cannot be kept, and arms the clocks of the order's last day.
    pub(super) fn look_at_terms(
        &mut self,
        tx: &mut Tx<'_>,
        order: &Order,
    ) -> Result<(), StoreError> {
        let found = warnings(tx, order, self.now)?;
        let reference = &order.reference;
        self.done.warnings.extend(found.into_iter().map(|it| (reference.clone(), it)));
        let conflicts = order_terms::conflicts(tx, order, self.now)?;
        raise_alerts(tx, self.identity, self.now, conflicts)?;
        rearm_expiry(tx, order, self.now)
    }

    /// Those who answer for the order; nothing at all when one of them has no account.
    fn owners(
        &mut self,
        tx: &mut Tx<'_>,
        at: &str,
        entry: &OrderEntry,
    ) -> Result<Option<Owners>, StoreError> {
        let faults = self.faults.len();
        let mut named = |field: &str, username: &Option<String>| {
            let Some(username) = username else { return Ok(None) };
            let found = accounts::find_by_username(tx, username)?;
            if found.is_none() {
                let says = format!("there is no account named {username:?}");
                self.fault(format!("{at}/{field}"), says);
            }
            Ok::<_, StoreError>(found.map(|account| account.id))
        };
        let owners = Owners {
            owner: named("owner", &entry.owner)?,
            deputy: named("deputy", &entry.deputy)?,
            supervisor: named("supervisor", &entry.supervisor)?,
        };
        Ok((self.faults.len() == faults).then_some(owners))
    }

    /// The order as it is to be on file. What the entry leaves open stays as it is.
    fn order_of(
        &mut self,
        tx: &mut Tx<'_>,
        at: &str,
        (entry, on_file): (&OrderEntry, Option<&Order>),
        (owners, subject): (Owners, SubjectId),
    ) -> Result<Order, StoreError> {
        let served_at = entry.served_at.as_deref().map(instant).transpose()?;
        let made_by = entry.made_by.as_deref().map(word::<MadeBy>).transpose()?;
        let managing_force = on_file.map_or(&entry.making_force, |found| &found.managing_force);
        Ok(Order {
            id: on_file.map_or_else(|| self.identity.id(self.now), |found| found.id),
            reference: entry.reference.clone(),
            subject_id: subject,
            kind: word::<OrderKind>(&entry.kind)?,
            court: entry.court.clone(),
            made_on: entry.made_on,
            served_at: served_at.or(on_file.and_then(|found| found.served_at)),
            intake_served_at: served_at.or(on_file.and_then(|found| found.intake_served_at)),
            ends_on: entry.ends_on,
            risk: word::<Risk>(&entry.risk)?,
            owner_id: owners.owner.or(on_file.and_then(|found| found.owner_id)),
            made_by: made_by.unwrap_or(MadeBy::Application),
            making_force: entry.making_force.clone(),
            managing_force: managing_force.clone(),
            takes_effect_on: entry.takes_effect_on,
            replaces_id: self.replaced(tx, at, entry, subject)?,
            deputy_id: owners.deputy.or(on_file.and_then(|found| found.deputy_id)),
            supervisor_id: owners.supervisor.or(on_file.and_then(|found| found.supervisor_id)),
            ended_at: on_file.and_then(|found| found.ended_at),
            end_reason: on_file.and_then(|found| found.end_reason.clone()),
        })
    }

    /// The interim order whose place this one takes.
    fn replaced(
        &mut self,
        tx: &mut Tx<'_>,
        at: &str,
        entry: &OrderEntry,
        subject: SubjectId,
    ) -> Result<Option<OrderId>, StoreError> {
        let Some(reference) = &entry.replaces else { return Ok(None) };
        let kind = word::<OrderKind>(&entry.kind)?;
        let found = orders::find_by_reference(tx, reference)?;
        let is_fit = |found: &Order| found.subject_id == subject && kind.replaces(found.kind);
        match found.filter(is_fit) {
            Some(found) => Ok(Some(found.id)),
            None => {
                let says =
                    "is no interim order of this subject that an order of this kind replaces";
                self.fault(format!("{at}/replaces"), says);
                Ok(None)
            }
        }
    }

    fn update(
        &mut self,
        tx: &mut Tx<'_>,
        at: &str,
        (found, order): (&Order, &Order),
        added: usize,
    ) -> Result<(), StoreError> {
        if found == order && added == 0 {
            self.done.unchanged += 1;
            return Ok(());
        }
        if found.ends_on != order.ends_on && added == 0 {
            self.fault(format!("{at}/ends_on"), "changes only with a new version that says why");
            return Ok(());
        }
        orders::update(tx, order, self.now)?;
        if found != order {
            self.done.changed += 1;
            let digest = sha256(format!("{order:?}").as_bytes());
            let object = format!("order:{}", order.id);
            self.record(tx, Chain::Order(order.id), ("update_order", object), digest)?;
            rearm_notification(tx, order, self.now)?;
        }
        if order.served_at.is_some() {
            resolve_serving(tx, self.now, order, self.by)?;
        }
        if order.owner_id.is_some() {
            let key = format!("{}:{}", AlertKind::OrderUnowned, order.id);
            close_alert(tx, self.now, &key, AlertCloseReason::Resolved, self.by)?;
        }
        Ok(())
    }
}

/// What never changes about an order. The court and the day are not known before it is made.
fn is_same_order(found: &Order, order: &Order) -> bool {
    (found.subject_id, found.kind) == (order.subject_id, order.kind)
        && (found.is_drafted() || (&found.court, found.made_on) == (&order.court, order.made_on))
}
