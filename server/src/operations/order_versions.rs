//! Takes in the versions of an order, whoever brings them: a file or a request. A new version ends what
//! the one before still asks for, and leaves alone what has happened.

use compliance::order::{
    BACKDATED_MS, CancelReason, ConditionKind, Polarity, Span, VersionReason, span,
};

use super::enumerate::end_duties;
use super::import_orders::{Import, instant, json_digest, word};
use crate::ZONE;
use crate::import_file::{ConditionEntry, OrderEntry, ScheduleEntry, SignOnEntry, VersionEntry};
use crate::store::id::{ConditionId, OrderId, OrderVersionId, StationId};
use crate::store::ledger::Chain;
use crate::store::orders::{self, Condition, Order, OrderVersion};
use crate::store::schedules::{self, Schedule};
use crate::store::{StoreError, Tx, stations};

impl Import<'_> {
    /// Adds the versions that are not on file; says how many.
    pub(super) fn versions(
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
            let id = self.identity.id(self.now);
            on_file.push(self.add(tx, &at, order, (version, id))?);
            added += 1;
        }
        self.done.versions += added;
        Ok(added)
    }

    /// A version that follows those on file.
    pub(super) fn add(
        &mut self,
        tx: &mut Tx<'_>,
        at: &str,
        order: &Order,
        (entry, id): (&VersionEntry, OrderVersionId),
    ) -> Result<OrderVersion, StoreError> {
        let row = self.version(tx, order, entry, id)?;
        end_duties(tx, order.id, row.in_force_from, CancelReason::OrderVaried)?;
        self.conditions(tx, at, (order, &row), entry)?;
        self.drop_sessions(tx, order, &row, entry)?;
        Ok(row)
    }

    fn version(
        &self,
        tx: &mut Tx<'_>,
        order: &Order,
        entry: &VersionEntry,
        id: OrderVersionId,
    ) -> Result<OrderVersion, StoreError> {
        let digest = json_digest(entry);
        let version = OrderVersion {
            id,
            order_id: order.id,
            number: entry.number,
            reason: word::<VersionReason>(&entry.reason)?,
            note: entry.note.clone(),
            in_force_from: instant(&entry.in_force_from)?,
            recorded_at: self.now,
            recorded_by: self.by,
            content_digest: digest.to_vec(),
        };
        orders::insert_version(tx, &version)?;
        let object = format!("order_version:{}", version.id);
        self.record(
            tx,
            Chain::Order(order.id),
            (self.act("import_version", "record_version"), object),
            digest,
        )?;
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
