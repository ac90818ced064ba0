//! What officers see of a person before they meet them: warnings and the photo. Both are recorded
//! on one order and concern the subject: they are shown with every order of theirs.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use compliance::Instant;
use compliance::fact::FactKind;
use compliance::person::WarningKind;

use super::devices::open_requests;
use super::photos::PhotoBody;
use super::warnings::WarningBody;
use crate::store::facts::{self, Fact};
use crate::store::id::{FactId, OrderId, SubjectId};
use crate::store::obligations::{self, Due};
use crate::store::{StoreError, Tx, orders};

pub const PERSON_FACTS: [FactKind; 3] =
    [FactKind::WarningRecorded, FactKind::WarningEnded, FactKind::PhotoRecorded];

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// The one taken last.
    pub photo: Option<PhotoOnFile>,
    /// That nobody has ended: what endangers officers first, then as recorded.
    pub warnings: Vec<WarningOnFile>,
}

/// Ordered by age: of two taken on a day, the one put on file later is the newer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PhotoOnFile {
    pub taken_on: NaiveDate,
    pub recorded_at: Instant,
    pub id: FactId,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WarningOnFile {
    pub kind: WarningKind,
    pub recorded_at: Instant,
    pub id: FactId,
    pub says: String,
}

/// Of everybody on a page, read at once.
#[derive(Debug, Clone, Default)]
pub struct Persons(BTreeMap<SubjectId, Person>);

impl Persons {
    /// Of subjects whom the caller has shown to be in scope by having them.
    pub fn load(
        tx: &mut Tx<'_>,
        subjects: impl IntoIterator<Item = SubjectId>,
    ) -> Result<Self, StoreError> {
        let subjects: BTreeSet<SubjectId> = subjects.into_iter().collect();
        let subjects: Vec<SubjectId> = subjects.into_iter().collect();
        if subjects.is_empty() {
            return Ok(Self::default());
        }
        let found = facts::of_subjects(tx, &subjects, &PERSON_FACTS)?;
        let is_end = |fact: &&Fact| fact.kind == FactKind::WarningEnded;
        let ended: BTreeSet<FactId> =
            found.iter().map(|(_, fact)| fact).filter(is_end).map(|fact| fact.object_id).collect();
        let mut persons: BTreeMap<SubjectId, Person> = BTreeMap::new();
        for (subject, fact) in found.iter().filter(|(_, fact)| !ended.contains(&fact.id)) {
            persons.entry(*subject).or_default().take(fact)?;
        }
        persons.values_mut().for_each(|person| person.warnings.sort());
        Ok(Self(persons))
    }

    pub fn of(&self, subject: SubjectId) -> Person {
        self.0.get(&subject).cloned().unwrap_or_default()
    }
}

impl Person {
    pub fn load(tx: &mut Tx<'_>, subject: SubjectId) -> Result<Self, StoreError> {
        Ok(Persons::load(tx, [subject])?.of(subject))
    }

    fn take(&mut self, fact: &Fact) -> Result<(), StoreError> {
        let (id, recorded_at) = (fact.id, fact.recorded_at);
        match fact.kind {
            FactKind::PhotoRecorded => {
                let taken_on = fact.read::<PhotoBody>()?.taken_on;
                self.photo = self.photo.max(Some(PhotoOnFile { taken_on, recorded_at, id }));
            }
            FactKind::WarningRecorded => {
                let body: WarningBody = fact.read()?;
                let (kind, says) = (body.kind()?, body.says);
                self.warnings.push(WarningOnFile { kind, recorded_at, id, says });
            }
            _ => {}
        }
        Ok(())
    }
}

/// Something about the person has changed: every list on which they stand is handed out anew.
pub fn show_anew(tx: &mut Tx<'_>, subject: SubjectId, now: Instant) -> Result<(), StoreError> {
    let orders = orders::ids_of_subject(tx, subject)?;
    obligations::touch(tx, &orders, now)
}

/// A duty with what an officer should know when the subject comes for it.
#[derive(Debug, Clone)]
pub struct DueInContext {
    pub due: Due,
    pub person: Person,
    /// To present a device: what is still to be made known or answered.
    pub open_requests: usize,
}

pub fn in_context(
    tx: &mut Tx<'_>,
    dues: Vec<Due>,
    now: Instant,
) -> Result<Vec<DueInContext>, StoreError> {
    let persons = Persons::load(tx, dues.iter().map(|due| due.subject.id))?;
    let orders: BTreeSet<OrderId> = dues.iter().map(|due| due.obligation.order_id).collect();
    let requests = open_requests(tx, &orders, now)?;
    let context = |due: Due| DueInContext {
        person: persons.of(due.subject.id),
        open_requests: requests.get(&due.obligation.order_id).copied().unwrap_or(0),
        due,
    };
    Ok(dues.into_iter().map(context).collect())
}
