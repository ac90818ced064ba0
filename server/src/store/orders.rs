//! Orders, their versions and the conditions in them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use compliance::alert::Risk;
use compliance::order::{ConditionKind, OrderKind, Polarity, VersionReason};
use compliance::order_kind::MadeBy;
use compliance::{Instant, Word};
use diesel::prelude::*;

use super::id::{AccountId, ConditionId, OrderId, OrderVersionId, StationId, SubjectId};
use super::rota::Concerned;
use super::schema::{
    accounts, condition_alternates, conditions, obligations, order_stations, order_versions,
    orders, subjects,
};
use super::scope::Scope;
use super::types::{MaybeMs, Ms, Spelled};
use super::{StoreError, Tx};

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = orders)]
pub struct Order {
    pub id: OrderId,
    pub reference: String,
    pub subject_id: SubjectId,
    #[diesel(deserialize_as = Spelled)]
    pub kind: OrderKind,
    pub court: String,
    /// Nothing while it is drafted.
    pub made_on: Option<NaiveDate>,
    #[diesel(deserialize_as = MaybeMs)]
    pub served_at: Option<Instant>,
    /// As stated when the order was put on file; later services are facts.
    #[diesel(deserialize_as = MaybeMs)]
    pub intake_served_at: Option<Instant>,
    pub ends_on: Option<NaiveDate>,
    #[diesel(deserialize_as = Spelled)]
    pub risk: Risk,
    pub owner_id: Option<AccountId>,
    #[diesel(deserialize_as = Spelled)]
    pub made_by: MadeBy,
    pub making_force: String,
    pub managing_force: String,
    pub takes_effect_on: Option<NaiveDate>,
    pub replaces_id: Option<OrderId>,
    pub deputy_id: Option<AccountId>,
    pub supervisor_id: Option<AccountId>,
    #[diesel(deserialize_as = MaybeMs)]
    pub ended_at: Option<Instant>,
    pub end_reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = order_versions)]
pub struct OrderVersion {
    pub id: OrderVersionId,
    pub order_id: OrderId,
    pub number: i64,
    #[diesel(deserialize_as = Spelled)]
    pub reason: VersionReason,
    pub note: String,
    #[diesel(deserialize_as = Ms)]
    pub in_force_from: Instant,
    #[diesel(deserialize_as = Ms)]
    pub recorded_at: Instant,
    /// Nobody, when it came in a file.
    pub recorded_by: Option<AccountId>,
    /// SHA-256 of the version as imported: the same version comes out the same.
    pub content_digest: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = conditions)]
pub struct Condition {
    pub id: ConditionId,
    pub order_version_id: OrderVersionId,
    pub label: String,
    #[diesel(deserialize_as = Spelled)]
    pub polarity: Polarity,
    #[diesel(deserialize_as = Spelled)]
    pub kind: ConditionKind,
    pub wording: String,
    pub plain_words: String,
    pub valid_from: Option<NaiveDate>,
    pub valid_until: Option<NaiveDate>,
    pub station_id: Option<StationId>,
    pub early_counts: bool,
    pub locality: Option<String>,
    pub supervised_by: String,
    pub necessity: String,
    pub plan_person: Option<String>,
    pub plan_review_on: Option<NaiveDate>,
    /// JSON: what only conditions of its kind have.
    pub details: String,
}

impl Order {
    /// On file, and not made by any court yet.
    pub fn is_drafted(&self) -> bool {
        self.made_on.is_none()
    }
}

/// An order as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderSummary {
    pub order: Order,
    pub subject: super::subjects::Subject,
    pub owner_name: Option<String>,
}

pub fn find(tx: &mut Tx<'_>, scope: Scope, id: OrderId) -> Result<Option<Order>, StoreError> {
    let query = orders::table
        .filter(orders::id.eq(id))
        .filter(scope.sees("orders.id"))
        .select(Order::as_select());
    Ok(query.first(tx.conn).optional()?)
}

/// For intake and the sweep, which act for nobody.
pub fn find_by_reference(tx: &mut Tx<'_>, reference: &str) -> Result<Option<Order>, StoreError> {
    let query = orders::table.filter(orders::reference.eq(reference)).select(Order::as_select());
    Ok(query.first(tx.conn).optional()?)
}

/// The orders on a subject that the caller may know of.
pub fn of_subject(
    tx: &mut Tx<'_>,
    scope: Scope,
    subject: SubjectId,
) -> Result<Vec<Order>, StoreError> {
    let query = orders::table
        .filter(orders::subject_id.eq(subject))
        .filter(scope.sees("orders.id"))
        .order(orders::reference)
        .select(Order::as_select());
    Ok(query.load(tx.conn)?)
}

/// Every order on a subject, for what the service does by itself.
pub fn of_subject_for_service(
    tx: &mut Tx<'_>,
    subject: SubjectId,
) -> Result<Vec<Order>, StoreError> {
    let query = orders::table
        .filter(orders::subject_id.eq(subject))
        .order(orders::reference)
        .select(Order::as_select());
    Ok(query.load(tx.conn)?)
}

/// Whatever the caller's scope.
pub fn ids_of_subject(tx: &mut Tx<'_>, subject: SubjectId) -> Result<Vec<OrderId>, StoreError> {
    Ok(orders::table.filter(orders::subject_id.eq(subject)).select(orders::id).load(tx.conn)?)
}

/// Which orders to find.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// A part of the order's reference, or of the subject's name or reference, without case.
    pub text: String,
    /// The reference behind which the page begins.
    pub after: String,
    /// Only orders that are made and not over on this day, and not known to be in the PNC.
    pub without_pnc_reference_on: Option<NaiveDate>,
}

pub fn search(
    tx: &mut Tx<'_>,
    scope: Scope,
    asked: &Search,
    at_most: i64,
) -> Result<Vec<OrderSummary>, StoreError> {
    diesel::define_sql_function!(fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text);
    let escaped =
        asked.text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let pattern = format!("%{escaped}%");
    let mut query = orders::table
        .inner_join(subjects::table.on(subjects::id.eq(orders::subject_id)))
        .left_join(accounts::table.on(orders::owner_id.eq(accounts::id.nullable())))
        .filter(scope.sees("orders.id"))
        .filter(orders::reference.gt(&asked.after))
        .filter(
            lower(orders::reference)
                .like(pattern.clone())
                .escape('\\')
                .or(lower(subjects::family_name).like(pattern.clone()).escape('\\'))
                .or(lower(subjects::given_names).like(pattern.clone()).escape('\\'))
                .or(lower(subjects::reference).like(pattern).escape('\\')),
        )
        .order(orders::reference)
        .limit(at_most)
        .select((
            Order::as_select(),
            super::subjects::Subject::as_select(),
            accounts::display_name.nullable(),
        ))
        .into_boxed();
    if let Some(today) = asked.without_pnc_reference_on {
        query = query
            .filter(orders::made_on.is_not_null())
            .filter(orders::ended_at.is_null())
            .filter(orders::ends_on.is_null().or(orders::ends_on.ge(today)))
            .filter(super::tasks::without_pnc_reference("orders.id"));
    }
    let rows: Vec<(Order, super::subjects::Subject, Option<String>)> = query.load(tx.conn)?;
    let summary = |(order, subject, owner_name)| OrderSummary { order, subject, owner_name };
    Ok(rows.into_iter().map(summary).collect())
}

pub fn summary(
    tx: &mut Tx<'_>,
    scope: Scope,
    id: OrderId,
) -> Result<Option<OrderSummary>, StoreError> {
    let found: Option<(Order, super::subjects::Subject, Option<String>)> = orders::table
        .inner_join(subjects::table.on(subjects::id.eq(orders::subject_id)))
        .left_join(accounts::table.on(orders::owner_id.eq(accounts::id.nullable())))
        .filter(orders::id.eq(id))
        .filter(scope.sees("orders.id"))
        .select((
            Order::as_select(),
            super::subjects::Subject::as_select(),
            accounts::display_name.nullable(),
        ))
        .first(tx.conn)
        .optional()?;
    Ok(found.map(|(order, subject, owner_name)| OrderSummary { order, subject, owner_name }))
}

pub fn versions(tx: &mut Tx<'_>, order: OrderId) -> Result<Vec<OrderVersion>, StoreError> {
    let query = order_versions::table
        .filter(order_versions::order_id.eq(order))
        .order(order_versions::number)
        .select(OrderVersion::as_select());
    Ok(query.load(tx.conn)?)
}

/// The conditions of a version and the stations each allows beside its named one.
pub fn conditions(
    tx: &mut Tx<'_>,
    version: OrderVersionId,
) -> Result<Vec<(Condition, Vec<StationId>)>, StoreError> {
    let found: Vec<Condition> = conditions::table
        .filter(conditions::order_version_id.eq(version))
        .order(conditions::label)
        .select(Condition::as_select())
        .load(tx.conn)?;
    found
        .into_iter()
        .map(|condition| {
            let alternates = alternates(tx, condition.id)?;
            Ok((condition, alternates))
        })
        .collect()
}

pub fn alternates(tx: &mut Tx<'_>, condition: ConditionId) -> Result<Vec<StationId>, StoreError> {
    let query = condition_alternates::table
        .filter(condition_alternates::condition_id.eq(condition))
        .select(condition_alternates::station_id);
    Ok(query.load(tx.conn)?)
}

/// A new order; `watch_at` says when the sweep first looks whether it has an obligation ahead.
pub fn insert(tx: &mut Tx<'_>, order: &Order, watch_at: Instant) -> Result<(), StoreError> {
    let change = tx.change()?;
    diesel::insert_into(orders::table)
        .values((
            orders::id.eq(order.id),
            orders::reference.eq(&order.reference),
            orders::subject_id.eq(order.subject_id),
            orders::kind.eq(order.kind.as_str()),
            orders::court.eq(&order.court),
            orders::made_on.eq(order.made_on),
            orders::served_at.eq(order.served_at.map(Instant::ms)),
            orders::intake_served_at.eq(order.intake_served_at.map(Instant::ms)),
            orders::ends_on.eq(order.ends_on),
            orders::risk.eq(order.risk.as_str()),
            orders::owner_id.eq(order.owner_id),
            orders::made_by.eq(order.made_by.as_str()),
            orders::making_force.eq(&order.making_force),
            orders::managing_force.eq(&order.managing_force),
            orders::takes_effect_on.eq(order.takes_effect_on),
            orders::replaces_id.eq(order.replaces_id),
            orders::deputy_id.eq(order.deputy_id),
            orders::supervisor_id.eq(order.supervisor_id),
            orders::watch_at.eq(watch_at.ms()),
            orders::changed_in.eq(change),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Records what has changed about an order that is on file: its making, service, owners, risk, force,
/// its end.
pub fn update(tx: &mut Tx<'_>, order: &Order, watch_at: Instant) -> Result<(), StoreError> {
    let change = tx.change()?;
    diesel::update(orders::table.find(order.id))
        .set((
            orders::court.eq(&order.court),
            orders::made_on.eq(order.made_on),
            orders::made_by.eq(order.made_by.as_str()),
            orders::making_force.eq(&order.making_force),
            orders::takes_effect_on.eq(order.takes_effect_on),
            orders::replaces_id.eq(order.replaces_id),
            orders::served_at.eq(order.served_at.map(Instant::ms)),
            orders::intake_served_at.eq(order.intake_served_at.map(Instant::ms)),
            orders::ends_on.eq(order.ends_on),
            orders::risk.eq(order.risk.as_str()),
            orders::owner_id.eq(order.owner_id),
            orders::managing_force.eq(&order.managing_force),
            orders::deputy_id.eq(order.deputy_id),
            orders::supervisor_id.eq(order.supervisor_id),
            orders::ended_at.eq(order.ended_at.map(Instant::ms)),
            orders::end_reason.eq(&order.end_reason),
            orders::watch_at.eq(watch_at.ms()),
            orders::changed_in.eq(change),
        ))
        .execute(tx.conn)?;
    // Lists of what is due show the order's risk and service: they have changed too.
    diesel::update(obligations::table.filter(obligations::order_id.eq(order.id)))
        .set(obligations::changed_in.eq(change))
        .execute(tx.conn)?;
    Ok(())
}

pub fn insert_version(tx: &mut Tx<'_>, version: &OrderVersion) -> Result<(), StoreError> {
    diesel::insert_into(order_versions::table)
        .values((
            order_versions::id.eq(version.id),
            order_versions::order_id.eq(version.order_id),
            order_versions::number.eq(version.number),
            order_versions::reason.eq(version.reason.as_str()),
            order_versions::note.eq(&version.note),
            order_versions::in_force_from.eq(version.in_force_from.ms()),
            order_versions::recorded_at.eq(version.recorded_at.ms()),
            order_versions::recorded_by.eq(version.recorded_by),
            order_versions::content_digest.eq(&version.content_digest),
        ))
        .execute(tx.conn)?;
    Ok(())
}

pub fn insert_condition(
    tx: &mut Tx<'_>,
    condition: &Condition,
    alternates: &[StationId],
) -> Result<(), StoreError> {
    diesel::insert_into(conditions::table)
        .values((
            conditions::id.eq(condition.id),
            conditions::order_version_id.eq(condition.order_version_id),
            conditions::label.eq(&condition.label),
            conditions::polarity.eq(condition.polarity.as_str()),
            conditions::kind.eq(condition.kind.as_str()),
            conditions::wording.eq(&condition.wording),
            conditions::plain_words.eq(&condition.plain_words),
            conditions::valid_from.eq(condition.valid_from),
            conditions::valid_until.eq(condition.valid_until),
            conditions::station_id.eq(condition.station_id),
            conditions::early_counts.eq(condition.early_counts),
            conditions::locality.eq(&condition.locality),
            conditions::supervised_by.eq(&condition.supervised_by),
            conditions::necessity.eq(&condition.necessity),
            conditions::plan_person.eq(&condition.plan_person),
            conditions::plan_review_on.eq(condition.plan_review_on),
            conditions::details.eq(&condition.details),
        ))
        .execute(tx.conn)?;
    for station in alternates {
        diesel::insert_into(condition_alternates::table)
            .values((
                condition_alternates::condition_id.eq(condition.id),
                condition_alternates::station_id.eq(station),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}

pub fn stations_of(tx: &mut Tx<'_>, order: OrderId) -> Result<Vec<StationId>, StoreError> {
    let named = order_stations::table.filter(order_stations::order_id.eq(order));
    Ok(named.select(order_stations::station_id).load(tx.conn)?)
}

/// Lets whoever works at the station know of the order.
pub fn name_station(tx: &mut Tx<'_>, order: OrderId, station: StationId) -> Result<(), StoreError> {
    let named = order_stations::table
        .find((order, station))
        .select(order_stations::station_id)
        .first::<StationId>(tx.conn)
        .optional()?;
    if named.is_none() {
        diesel::insert_into(order_stations::table)
            .values((order_stations::order_id.eq(order), order_stations::station_id.eq(station)))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// The orders that are due for a look whether an obligation is ahead of them.
pub fn to_watch(tx: &mut Tx<'_>, now: Instant, at_most: i64) -> Result<Vec<Order>, StoreError> {
    let query = orders::table
        .filter(orders::watch_at.le(now.ms()))
        .order(orders::watch_at)
        .limit(at_most)
        .select(Order::as_select());
    Ok(query.load(tx.conn)?)
}

pub fn earliest_watch_at(tx: &mut Tx<'_>) -> Result<Option<Instant>, StoreError> {
    let found: Option<Option<i64>> = orders::table
        .filter(orders::watch_at.is_not_null())
        .order(orders::watch_at)
        .select(orders::watch_at)
        .first(tx.conn)
        .optional()?;
    Ok(found.flatten().map(Instant::from_ms))
}

pub fn set_watch(
    tx: &mut Tx<'_>,
    order: OrderId,
    watch_at: Option<Instant>,
) -> Result<(), StoreError> {
    diesel::update(orders::table.find(order))
        .set(orders::watch_at.eq(watch_at.map(Instant::ms)))
        .execute(tx.conn)?;
    Ok(())
}

pub fn count(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    Ok(orders::table.count().get_result(tx.conn)?)
}

/// Who answers for an order, and how high its risk is.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = orders)]
pub struct Answering {
    id: OrderId,
    #[diesel(column_name = owner_id)]
    pub owner: Option<AccountId>,
    #[diesel(column_name = deputy_id)]
    pub deputy: Option<AccountId>,
    #[diesel(deserialize_as = Spelled)]
    pub risk: Risk,
}

pub fn answering(
    tx: &mut Tx<'_>,
    ids: &[OrderId],
) -> Result<BTreeMap<OrderId, Answering>, StoreError> {
    let query = orders::table.filter(orders::id.eq_any(ids)).select(Answering::as_select());
    let found: Vec<Answering> = query.load(tx.conn)?;
    Ok(found.into_iter().map(|answering| (answering.id, answering)).collect())
}

/// Who answers for each order that has not ended, at each station that it names.
pub fn answering_by_station(tx: &mut Tx<'_>) -> Result<Vec<Concerned>, StoreError> {
    let query = order_stations::table
        .inner_join(orders::table.on(orders::id.eq(order_stations::order_id)))
        .filter(orders::ended_at.is_null())
        .select((order_stations::station_id, orders::owner_id, orders::deputy_id));
    let rows: Vec<(StationId, Option<AccountId>, Option<AccountId>)> = query.load(tx.conn)?;
    let concerned = |(station, owner, deputy)| Concerned { owner, deputy, station: Some(station) };
    Ok(rows.into_iter().map(concerned).collect())
}

/// For what the service does by itself, in nobody's name.
pub fn find_for_service(tx: &mut Tx<'_>, id: OrderId) -> Result<Option<Order>, StoreError> {
    Ok(orders::table.find(id).select(Order::as_select()).first(tx.conn).optional()?)
}
