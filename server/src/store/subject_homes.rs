//! Where subjects live, as intake heard it. Added to, never edited; the latest counts.

use compliance::Instant;
use compliance::place::Position;
use diesel::prelude::*;
use uuid::Uuid;

use super::id::{FactId, SubjectId};
use super::schema::subject_homes;
use super::types::Ms;
use super::{StoreError, Tx};

#[derive(Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = subject_homes)]
pub struct SubjectHome {
    pub id: FactId,
    pub subject_id: SubjectId,
    #[diesel(deserialize_as = Ms)]
    pub recorded_at: Instant,
    /// Empty when only the place on the map is known.
    pub address: String,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
}

impl SubjectHome {
    pub fn position(&self) -> Option<Position> {
        let (latitude, longitude) = self.latitude.zip(self.longitude)?;
        Some(Position { latitude, longitude })
    }
}

/// Nobody's address gets into a log by being printed.
impl std::fmt::Debug for SubjectHome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SubjectHome({}, not shown)", self.id)
    }
}

/// The earliest first. The caller has shown that the subject is in scope by having one of their
/// orders.
pub fn of_subject(tx: &mut Tx<'_>, subject: SubjectId) -> Result<Vec<SubjectHome>, StoreError> {
    let query = subject_homes::table
        .filter(subject_homes::subject_id.eq(subject))
        .order((subject_homes::recorded_at, subject_homes::id))
        .select(SubjectHome::as_select());
    Ok(query.load(tx.conn)?)
}

pub fn insert(
    tx: &mut Tx<'_>,
    (id, subject, now): (Uuid, SubjectId, Instant),
    address: &str,
    position: Option<Position>,
) -> Result<(), StoreError> {
    diesel::insert_into(subject_homes::table)
        .values((
            subject_homes::id.eq(FactId::from(id)),
            subject_homes::subject_id.eq(subject),
            subject_homes::recorded_at.eq(now.ms()),
            subject_homes::address.eq(address),
            subject_homes::latitude.eq(position.map(|position| position.latitude)),
            subject_homes::longitude.eq(position.map(|position| position.longitude)),
        ))
        .execute(tx.conn)?;
    Ok(())
}
