//! Takes in a file of stations and orders, whole or not at all. The same file a second time changes
//! nothing; a new version of an order ends what the one before still asks for.

use std::collections::BTreeMap;

use compliance::alert::{AlertCloseReason, AlertKind, Risk};
use compliance::instant::DAY_MS;
use compliance::lint::LintWarning;
use compliance::order::{
    CancelReason, ConditionKind, OrderKind, Polarity, Span, VersionReason, span,
};
use compliance::order_kind::MadeBy;
use compliance::{Instant, Word};

use super::enumerate::end_duties;
use super::lint_order::warnings;
use super::notification::rearm_notification;
use super::order_life::rearm_expiry;
use super::order_terms;
use super::raise_alerts::{close_alert, raise_alerts};
use crate::ZONE;
use crate::identity::{Identity, sha256};
use crate::import_file::{
    ConditionEntry, Fault, ImportFile, OrderEntry, ScheduleEntry, SignOnEntry, StationEntry,
    VersionEntry,
};
use crate::refusal::Refusal;
use crate::store::id::{AccountId, ConditionId, OrderId, StationId, SubjectId};
use crate::store::ledger::{self, Chain, NewEntry};
use crate::store::orders::{self, Condition, Order, OrderVersion};
use crate::store::schedules::{self, Schedule};
use crate::store::stations::{self, Station};
use crate::store::{StoreError, Tx, WriteError, accounts};

/// Windows that closed this long before an order was put on file are not asked for any more: an
/// order on paper reaches the system within a week, and older silence is for people to look into.
const BACKDATED_MS: i64 = 7 * DAY_MS;

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
    stations: BTreeMap<String, StationId>,
    faults: Vec<Fault>,
    pub(super) done: Imported,
}

/// `file` has been read by `import_file::read`, so its words are words and its rules can be kept.
pub fn import_orders(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
    file: &ImportFile,
) -> Result<Imported, ImportRefusal> {
    let done = Imported::default();
    let mut import = Import { identity, now, stations: BTreeMap::new(), faults: vec![], done };
    for station in &file.stations {
        import.station(tx, station)?;
    }
    for provider in &file.providers {
        import.provider(tx, provider)?;
    }
    for (at, order) in file.orders.iter().enumerate() {
        import.order(tx, &format!("/orders/{at}"), order)?;
    }
    if import.faults.is_empty() {
        Ok(import.done)
    } else {
        Err(ImportRefusal::Faults(import.faults))
    }
}

/// A word that `import_file::read` has checked.
fn word<W: Word>(text: &str) -> Result<W, StoreError> {
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

impl Import<'_> {
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
            NewEntry { chain, actor: None, act, object, detail: String::new(), body_digest };
        ledger::append(tx, self.now, vec![entry])
    }

    fn order(&mut self, tx: &mut Tx<'_>, at: &str, entry: &OrderEntry) -> Result<(), StoreError> {
        let Some(owners) = self.owners(tx, at, entry)? else { return Ok(()) };
        let Some(subject) = self.subject(tx, at, entry)? else { return Ok(()) };
        let on_file = orders::find_by_reference(tx, &entry.reference)?;
        let order = self.order_of(tx, at, (entry, on_file.as_ref()), (owners, subject))?;
        let is_new = on_file.is_none();
        match &on_file {
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
            self.record(tx, Chain::Order(order.id), ("import_order", object), digest)?;
        }
        let added = self.versions(tx, at, entry, &order)?;
        match on_file {
            Some(found) => self.update(tx, at, (&found, &order), added)?,
            None => rearm_notification(tx, &order, self.now)?,
        }
        let is_news = self.about_subject(tx, &order, &entry.subject)?;
        if !self.faults.is_empty() {
            return Ok(());
        }
        if added > 0 || is_news {
            self.look_at_terms(tx, &order)?;
        }
        self.settle(tx, &order, entry)
    }

    /// Warns of what cannot be kept, and arms the clocks of the order's last day.
    fn look_at_terms(&mut self, tx: &mut Tx<'_>, order: &Order) -> Result<(), StoreError> {
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
        let settled = [
            (AlertKind::OrderUnserved, order.served_at.is_some()),
            (AlertKind::OrderUnowned, order.owner_id.is_some()),
        ];
        for (kind, is_settled) in settled {
            if is_settled {
                let key = format!("{kind}:{}", order.id);
                close_alert(tx, self.now, &key, AlertCloseReason::Resolved, None)?;
            }
        }
        Ok(())
    }

    /// Adds the versions that are not on file; says how many.
    fn versions(
        &mut self,
        tx: &mut Tx<'_>,
        at: &str,
        entry: &OrderEntry,
        order: &Order,
    ) -> Result<usize, StoreError> {
        let mut on_file = orders::versions(tx, order.id)?;
        let mut added = 0;
        for (index, version) in entry.versions.iter().enumerate() {
            let at = format!("{at}/versions/{index}");
            let digest = json_digest(version);
            if let Some(same) = on_file.iter().find(|found| found.number == version.number) {
                if same.content_digest != digest {
                    self.fault(
                        format!("{at}/number"),
                        "is on file with other content; a correction is a new version",
                    );
                }
                continue;
            }
            let from = instant(&version.in_force_from)?;
            let follows = on_file
                .last()
                .is_none_or(|last| last.number < version.number && last.in_force_from < from);
            if !follows {
                self.fault(format!("{at}/in_force_from"), "is not after the versions on file");
                continue;
            }
            let row = self.version(tx, order, version, digest)?;
            end_duties(tx, order.id, from, CancelReason::OrderVaried)?;
            self.conditions(tx, &at, (order, &row), version)?;
            on_file.push(row);
            added += 1;
        }
        self.done.versions += added;
        Ok(added)
    }

    fn version(
        &self,
        tx: &mut Tx<'_>,
        order: &Order,
        entry: &VersionEntry,
        digest: [u8; 32],
    ) -> Result<OrderVersion, StoreError> {
        let version = OrderVersion {
            id: self.identity.id(self.now),
            order_id: order.id,
            number: entry.number,
            reason: word::<VersionReason>(&entry.reason)?,
            note: entry.note.clone(),
            in_force_from: instant(&entry.in_force_from)?,
            recorded_at: self.now,
            content_digest: digest.to_vec(),
        };
        orders::insert_version(tx, &version)?;
        let object = format!("order_version:{}", version.id);
        self.record(tx, Chain::Order(order.id), ("import_version", object), digest)?;
        Ok(version)
    }

    fn conditions(
        &mut self,
        tx: &mut Tx<'_>,
        at: &str,
        (order, version): (&Order, &OrderVersion),
        entry: &VersionEntry,
    ) -> Result<(), StoreError> {
        for (index, entry) in entry.conditions.iter().enumerate() {
            let at = format!("{at}/conditions/{index}");
            let id: ConditionId = self.identity.id(self.now);
            let mut station = None;
            let mut alternates = Vec::new();
            if let Some(sign_on) = &entry.sign_on {
                (station, alternates) = self.places(tx, &at, order.id, sign_on)?;
            }
            let condition = Condition {
                id,
                order_version_id: version.id,
                label: entry.label.clone(),
                polarity: word::<Polarity>(&entry.polarity)?,
                kind: word::<ConditionKind>(&entry.kind)?,
                wording: entry.wording.clone(),
                plain_words: entry.plain_words.clone(),
                valid_from: entry.valid_from,
                valid_until: entry.valid_until,
                station_id: station,
                early_counts: entry.sign_on.as_ref().is_some_and(|sign_on| sign_on.early_counts),
                locality: entry.locality.clone(),
                supervised_by: entry.supervised_by.clone(),
                necessity: entry.necessity.clone(),
                plan_person: entry.plan.as_ref().map(|plan| plan.person.clone()),
                plan_review_on: entry.plan.as_ref().map(|plan| plan.review_on),
                details: serde_json::json!(entry.details()).to_string(),
            };
            orders::insert_condition(tx, &condition, &alternates)?;
            self.sessions(tx, &at, order, entry)?;
            self.schedules(tx, order, version, (entry, id))?;
        }
        Ok(())
    }

    /// The named station and the alternates; a code that is nowhere on file is a fault.
    fn places(
        &mut self,
        tx: &mut Tx<'_>,
        at: &str,
        order: OrderId,
        sign_on: &SignOnEntry,
    ) -> Result<(Option<StationId>, Vec<StationId>), StoreError> {
        let station = self.place(tx, format!("{at}/sign_on/station"), &sign_on.station)?;
        let mut alternates = Vec::new();
        for (index, code) in sign_on.alternates.iter().enumerate() {
            let at = format!("{at}/sign_on/alternates/{index}");
            alternates.extend(self.place(tx, at, code)?);
        }
        for named in station.iter().chain(&alternates) {
            orders::name_station(tx, order, *named)?;
        }
        Ok((station, alternates))
    }

    fn place(
        &mut self,
        tx: &mut Tx<'_>,
        at: String,
        code: &str,
    ) -> Result<Option<StationId>, StoreError> {
        if let Some(id) = self.stations.get(code) {
            return Ok(Some(*id));
        }
        match stations::find_by_code(tx, code)? {
            Some(station) => {
                self.stations.insert(code.to_owned(), station.id);
                Ok(Some(station.id))
            }
            None => {
                self.fault(at, format!("there is no station {code:?} on file or in this file"));
                Ok(None)
            }
        }
    }

    fn schedules(
        &self,
        tx: &mut Tx<'_>,
        order: &Order,
        version: &OrderVersion,
        (condition, id): (&ConditionEntry, ConditionId),
    ) -> Result<(), StoreError> {
        let recent = self.now + -BACKDATED_MS;
        let in_force = Span { from: version.in_force_from.max(recent), until: None };
        let last_days = [condition.valid_until, order.ends_on];
        let applies = span(in_force, condition.valid_from, last_days, ZONE);
        let entries = condition.sign_on.iter().flat_map(|sign_on| &sign_on.schedules);
        for entry in entries {
            schedules::insert(tx, &self.schedule(id, entry, applies))?;
        }
        Ok(())
    }

    fn schedule(&self, condition: ConditionId, entry: &ScheduleEntry, applies: Span) -> Schedule {
        let dates = |dates: &[chrono::NaiveDate]| {
            dates.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        let is_ever = applies.until.is_none_or(|until| applies.from < until);
        Schedule {
            id: self.identity.id(self.now),
            condition_id: condition,
            zone: entry.zone.clone(),
            starts_on: entry.starts_on,
            rrule: entry.rrule.clone(),
            exdates: dates(&entry.exdates),
            rdates: dates(&entry.rdates),
            opens: entry.opens.clone(),
            closes: entry.closes.clone(),
            applies_from: applies.from,
            applies_until: applies.until,
            enumerated_until: applies.from,
            enumerate_at: is_ever.then_some(self.now),
        }
    }
}

/// What never changes about an order.
fn is_same_order(found: &Order, order: &Order) -> bool {
    (found.subject_id, found.kind, &found.court, found.made_on)
        == (order.subject_id, order.kind, &order.court, order.made_on)
}
