//! Subjects: the people whom orders bind.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::id::SubjectId;
use super::schema::{orders, subjects};
use super::scope::Scope;
use super::{StoreError, Tx};

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = subjects)]
pub struct Subject {
    pub id: SubjectId,
    pub reference: String,
    pub given_names: String,
    pub family_name: String,
    pub born_on: NaiveDate,
}

/// A subject of whom the caller may know, because of one of their orders.
pub fn find(tx: &mut Tx<'_>, scope: Scope, id: SubjectId) -> Result<Option<Subject>, StoreError> {
    let query = subjects::table
        .inner_join(orders::table.on(orders::subject_id.eq(subjects::id)))
        .filter(subjects::id.eq(id))
        .filter(scope.sees("orders.id"))
        .select(Subject::as_select());
    Ok(query.first(tx.conn).optional()?)
}

/// For intake, which knows everybody.
pub fn find_by_reference(tx: &mut Tx<'_>, reference: &str) -> Result<Option<Subject>, StoreError> {
    let query =
        subjects::table.filter(subjects::reference.eq(reference)).select(Subject::as_select());
    Ok(query.first(tx.conn).optional()?)
}

pub fn insert(tx: &mut Tx<'_>, subject: &Subject) -> Result<(), StoreError> {
    diesel::insert_into(subjects::table)
        .values((
            subjects::id.eq(subject.id),
            subjects::reference.eq(&subject.reference),
            subjects::given_names.eq(&subject.given_names),
            subjects::family_name.eq(&subject.family_name),
            subjects::born_on.eq(subject.born_on),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// For what is told to a provider, who has no scope.
pub fn find_for_service(tx: &mut Tx<'_>, id: SubjectId) -> Result<Option<Subject>, StoreError> {
    Ok(subjects::table.find(id).select(Subject::as_select()).first(tx.conn).optional()?)
}
