//! Takes in what a file says of a subject, and what it answers about protected times.

use compliance::place::Position;

use super::clashes::answer_imported;
use super::import_orders::{Import, json_digest, stored};
use super::protected_times::{ProtectedTimeBody, new_fact};
use super::raise_alerts::Settling;
use super::record_fact::record_fact_for_service;
use super::settle_terms::settle_terms;
use crate::identity::derived;
use crate::import_file::subject::{HomeEntry, ProtectedTimeEntry, SubjectEntry};
use crate::import_file::{ConditionEntry, OrderEntry};
use crate::store::id::{FactId, SubjectId};
use crate::store::ledger::Chain;
use crate::store::orders::Order;
use crate::store::subjects::{self, Subject};
use crate::store::{StoreError, Tx, facts, subject_homes};

impl Import<'_> {
    pub(super) fn subject(
        &mut self,
        tx: &mut Tx<'_>,
        at: &str,
        entry: &OrderEntry,
    ) -> Result<Option<SubjectId>, StoreError> {
        let on_file = subjects::find_by_reference(tx, &entry.subject.reference)?;
        let id = on_file.as_ref().map_or_else(|| self.identity.id(self.now), |found| found.id);
        let subject = Subject {
            id,
            reference: entry.subject.reference.clone(),
            given_names: entry.subject.given_names.clone(),
            family_name: entry.subject.family_name.clone(),
            born_on: entry.subject.born_on,
        };
        match on_file {
            None => subjects::insert(tx, &subject)?,
            Some(found) if found == subject => {}
            Some(_) => {
                let at = format!("{at}/subject/reference");
                self.fault(at, "is on file as a person of another name or date of birth");
                return Ok(None);
            }
        }
        Ok(Some(id))
    }

    /// Where the subject lives, and their protected times. Says whether anything of it is new.
    pub(super) fn about_subject(
        &mut self,
        tx: &mut Tx<'_>,
        order: &Order,
        entry: &SubjectEntry,
    ) -> Result<bool, StoreError> {
        let mut is_new = false;
        if let Some(home) = &entry.home {
            is_new |= self.home(tx, order, home)?;
        }
        for time in &entry.protected_times {
            is_new |= self.protected_time(tx, order, time)?;
        }
        Ok(is_new)
    }

    fn home(&self, tx: &mut Tx<'_>, order: &Order, home: &HomeEntry) -> Result<bool, StoreError> {
        let position = home.position.map(Position::from);
        let last = subject_homes::of_subject(tx, order.subject_id)?.pop();
        if last.is_some_and(|last| last.address == home.address && last.position() == position) {
            return Ok(false);
        }
        let id = self.identity.id(self.now);
        let of = (id, order.subject_id, self.now);
        subject_homes::insert(tx, of, &home.address, position)?;
        let object = format!("subject_home:{id}");
        let act = ("import_subject_home", object);
        self.record(tx, Chain::Order(order.id), act, json_digest(home))?;
        Ok(true)
    }

    /// The same as one on file when all that it says is.
    fn protected_time(
        &self,
        tx: &mut Tx<'_>,
        order: &Order,
        entry: &ProtectedTimeEntry,
    ) -> Result<bool, StoreError> {
        let key = format!("protected {} {}", order.subject_id, serde_json::json!(entry));
        let id: FactId = derived(&key);
        if facts::find_taken(tx, id)?.is_some() {
            return Ok(false);
        }
        let body = ProtectedTimeBody {
            kind: entry.kind.clone(),
            hours: entry.hours.clone(),
            from: entry.from,
            until: entry.until,
            source: entry.source.clone(),
        };
        record_fact_for_service(tx, self.now, new_fact(id, order, self.now, body))
            .map_err(stored)?;
        Ok(true)
    }

    /// What has to be said about an order as it now stands: reasons for clashes, plans, referrals.
    /// What a file leaves open is raised.
    pub(super) fn settle(
        &mut self,
        tx: &mut Tx<'_>,
        order: &Order,
        conditions: &[ConditionEntry],
    ) -> Result<(), StoreError> {
        let reasons: Vec<(String, String)> = conditions
            .iter()
            .filter_map(|it| it.clash_reason.clone().map(|reason| (it.label.clone(), reason)))
            .collect();
        answer_imported(tx, (self.identity, self.now), order, &reasons)?;
        settle_terms(tx, self.identity, order, Settling::resolved(self.now, self.by))
    }
}
