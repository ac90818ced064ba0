//! Alerts: somebody must look. Exactly one about each thing, by constraint; none ages out.

mod climbing;

use compliance::access::Role;
use compliance::alert::{AlertCloseReason, AlertKind, AlertState, Severity};
use compliance::attendance::Certainty;
use compliance::{Instant, Word};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Binary, Bool};

use super::connection::on_each;
use super::id::{AccountId, AlertGroupId, AlertId, ObligationId, OrderId, StationId};
use super::obligations::Changes;
use super::schema::{accounts, alerts, orders, stations, subjects};
use super::scope::{Condition, Scope};
use super::types::{MaybeMs, MaybeSpelled, Ms, Spelled};
use super::{StoreError, Tx};

pub use self::climbing::{
    Stand, earliest_climb, of_group, reached, stand, to_climb, waiting_in_group,
};

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = alerts)]
pub struct Alert {
    pub id: AlertId,
    #[diesel(deserialize_as = Spelled)]
    pub kind: AlertKind,
    #[diesel(deserialize_as = Spelled)]
    pub severity: Severity,
    pub order_id: Option<OrderId>,
    pub obligation_id: Option<ObligationId>,
    pub station_id: Option<StationId>,
    pub account_id: Option<AccountId>,
    pub detail: String,
    /// The instant that the alert is about: a deadline, an attendance.
    #[diesel(deserialize_as = Ms)]
    pub concerns_at: Instant,
    #[diesel(deserialize_as = Ms)]
    pub triggered_at: Instant,
    #[diesel(deserialize_as = Spelled)]
    pub state: AlertState,
    pub nobody_reachable: bool,
    #[diesel(deserialize_as = MaybeMs)]
    pub nobody_reachable_since: Option<Instant>,
    /// The step of its ladder on which it stands, from 0.
    pub step: i64,
    /// When it goes on if nobody does anything; nothing once it is closed.
    #[diesel(deserialize_as = MaybeMs)]
    pub climbs_at: Option<Instant>,
    /// What was raised together and is told as one.
    pub group_id: Option<AlertGroupId>,
    #[diesel(deserialize_as = MaybeMs)]
    pub acknowledged_at: Option<Instant>,
    pub acknowledged_by: Option<AccountId>,
    #[diesel(deserialize_as = MaybeMs)]
    pub closed_at: Option<Instant>,
    pub closed_by: Option<AccountId>,
    pub close_reason: Option<String>,
    /// Of a miss: whether a phone may still hold a record.
    #[diesel(deserialize_as = MaybeSpelled)]
    pub certainty: Option<Certainty>,
    /// The number of the transaction that last changed it.
    pub changed_in: i64,
}

/// An alert with the words that a list needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertInContext {
    pub alert: Alert,
    pub order_reference: Option<String>,
    pub subject_name: Option<String>,
    pub station_name: Option<String>,
    pub acknowledged_by_name: Option<String>,
    pub closed_by_name: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAlert {
    pub id: AlertId,
    /// What the alert is about: there is never a second one with the same key.
    pub dedupe_key: String,
    pub kind: AlertKind,
    pub severity: Severity,
    pub order: Option<OrderId>,
    pub obligation: Option<ObligationId>,
    pub station: Option<StationId>,
    pub account: Option<AccountId>,
    pub detail: String,
    pub concerns_at: Instant,
    pub triggered_at: Instant,
    pub group: Option<AlertGroupId>,
    pub stand: Stand,
}

#[derive(Insertable)]
#[diesel(table_name = alerts)]
#[diesel(treat_none_as_default_value = false)]
struct Row<'a> {
    id: AlertId,
    dedupe_key: &'a str,
    kind: &'static str,
    severity: &'static str,
    order_id: Option<OrderId>,
    obligation_id: Option<ObligationId>,
    station_id: Option<StationId>,
    account_id: Option<AccountId>,
    detail: &'a str,
    concerns_at: i64,
    triggered_at: i64,
    state: &'static str,
    nobody_reachable: bool,
    nobody_reachable_since: Option<i64>,
    step: i64,
    climbs_at: i64,
    group_id: Option<AlertGroupId>,
    changed_in: i64,
    certainty: Option<&'static str>,
}

fn row(new: &NewAlert, changed_in: i64) -> Row<'_> {
    Row {
        id: new.id,
        dedupe_key: &new.dedupe_key,
        kind: new.kind.as_str(),
        severity: new.severity.as_str(),
        order_id: new.order,
        obligation_id: new.obligation,
        station_id: new.station,
        account_id: new.account,
        detail: &new.detail,
        concerns_at: new.concerns_at.ms(),
        triggered_at: new.triggered_at.ms(),
        state: AlertState::Triggered.as_str(),
        nobody_reachable: new.stand.nobody_reachable(),
        nobody_reachable_since: new.stand.since(),
        step: new.stand.step(),
        climbs_at: new.stand.climbs_at.ms(),
        group_id: new.group,
        changed_in,
        certainty: first_certainty(new.kind),
    }
}

/// A miss is raised while a phone may still hold a record.
fn first_certainty(kind: AlertKind) -> Option<&'static str> {
    kind.is_miss().then_some(Certainty::Provisional.as_str())
}

/// Says of a miss that it is certain.
pub fn set_certainty(tx: &mut Tx<'_>, id: AlertId, certainty: Certainty) -> Result<(), StoreError> {
    let change = tx.change()?;
    diesel::update(alerts::table.find(id))
        .set((alerts::certainty.eq(certainty.as_str()), alerts::changed_in.eq(change)))
        .execute(tx.conn)?;
    Ok(())
}

/// The alert under a key, open or closed.
pub fn under_key(tx: &mut Tx<'_>, dedupe_key: &str) -> Result<Option<Alert>, StoreError> {
    let query = alerts::table.filter(alerts::dedupe_key.eq(dedupe_key)).select(Alert::as_select());
    Ok(query.first(tx.conn).optional()?)
}

/// The alerts that exist under these keys.
pub fn under_keys(
    tx: &mut Tx<'_>,
    keys: &[&str],
) -> Result<Vec<(String, AlertId, AlertState)>, StoreError> {
    let rows: Vec<(String, AlertId, String)> = alerts::table
        .filter(alerts::dedupe_key.eq_any(keys))
        .select((alerts::dedupe_key, alerts::id, alerts::state))
        .load(tx.conn)?;
    let parsed = |(key, id, state): (String, AlertId, String)| {
        let state = AlertState::parse(&state)
            .ok_or(StoreError::Corrupt { vocabulary: AlertState::NAME, value: state })?;
        Ok((key, id, state))
    };
    rows.into_iter().map(parsed).collect()
}

/// Raises a closed alert once more in the words of now, because what closed it turned out to be a mistake.
pub fn reopen(tx: &mut Tx<'_>, again: &NewAlert) -> Result<(), StoreError> {
    reopen_as_it_was(tx, again.id, again.stand, again.triggered_at)?;
    diesel::update(alerts::table.find(again.id))
        .set((
            alerts::kind.eq(again.kind.as_str()),
            alerts::account_id.eq(again.account),
            alerts::certainty.eq(first_certainty(again.kind)),
            alerts::severity.eq(again.severity.as_str()),
            alerts::detail.eq(&again.detail),
            alerts::concerns_at.eq(again.concerns_at.ms()),
            alerts::group_id.eq(again.group),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The same, and what it says stays.
pub fn reopen_as_it_was(
    tx: &mut Tx<'_>,
    id: AlertId,
    stand: Stand,
    now: Instant,
) -> Result<(), StoreError> {
    let change = tx.change()?;
    diesel::update(alerts::table.find(id))
        .set((
            alerts::state.eq(AlertState::Triggered.as_str()),
            alerts::triggered_at.eq(now.ms()),
            alerts::nobody_reachable.eq(stand.nobody_reachable()),
            alerts::nobody_reachable_since.eq(stand.since()),
            alerts::step.eq(stand.step()),
            alerts::climbs_at.eq(stand.climbs_at.ms()),
            alerts::acknowledged_at.eq(None::<i64>),
            alerts::acknowledged_by.eq(None::<AccountId>),
            alerts::closed_at.eq(None::<i64>),
            alerts::closed_by.eq(None::<AccountId>),
            alerts::close_reason.eq(None::<&str>),
            alerts::changed_in.eq(change),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// For the worker, which acts for nobody.
pub fn find_to_send(tx: &mut Tx<'_>, id: AlertId) -> Result<Option<Alert>, StoreError> {
    Ok(alerts::table.find(id).select(Alert::as_select()).first(tx.conn).optional()?)
}

pub fn insert(tx: &mut Tx<'_>, new: &[NewAlert]) -> Result<(), StoreError> {
    let change = tx.change()?;
    if new.is_empty() {
        return Ok(());
    }
    let rows: Vec<Row<'_>> = new.iter().map(|alert| row(alert, change)).collect();
    on_each!(tx.conn, conn => diesel::insert_into(alerts::table).values(rows).execute(conn))?;
    Ok(())
}

/// An alert that the caller may know of: about an order in their scope, or about themselves; one about
/// neither, such as a report that nobody has placed yet, is every supervisor's.
fn visible<Table: 'static>(scope: Scope) -> Condition<Table> {
    let about_me = sql::<Bool>("(alerts.account_id IS NOT NULL AND alerts.account_id = ")
        .bind::<Binary, _>(scope.account)
        .sql(")");
    let about_nobody = sql::<Bool>("(")
        .bind::<Bool, _>(scope.role == Role::Supervisor)
        .sql(" AND alerts.order_id IS NULL AND alerts.account_id IS NULL)");
    Box::new(scope.sees::<Table>("alerts.order_id").or(about_me).or(about_nobody))
}

pub fn find(tx: &mut Tx<'_>, scope: Scope, id: AlertId) -> Result<Option<Alert>, StoreError> {
    let query = alerts::table
        .filter(alerts::id.eq(id))
        .filter(visible::<alerts::table>(scope))
        .select(Alert::as_select());
    Ok(query.first(tx.conn).optional()?)
}

/// What an alert is about, as its key has it. The caller has shown that it is in scope by having it.
pub fn key_of(tx: &mut Tx<'_>, id: AlertId) -> Result<Option<String>, StoreError> {
    Ok(alerts::table.find(id).select(alerts::dedupe_key).first(tx.conn).optional()?)
}

type Name = Option<String>;
type ContextRow = (Alert, Name, Name, Name, Name, Name, Name);

diesel::alias!(accounts as closers: Closers);

fn in_context(row: ContextRow) -> AlertInContext {
    let (alert, order_reference, given_names, family_name, station_name, taker, closer) = row;
    let subject_name =
        given_names.zip(family_name).map(|(given, family)| format!("{given} {family}"));
    AlertInContext {
        alert,
        order_reference,
        subject_name,
        station_name,
        acknowledged_by_name: taker,
        closed_by_name: closer,
    }
}

#[diesel::dsl::auto_type(no_type_alias)]
fn contexts() -> _ {
    let selected: diesel::dsl::AsSelect<Alert, super::connection::AnyBackend> = Alert::as_select();
    alerts::table
        .left_join(orders::table.on(alerts::order_id.eq(orders::id.nullable())))
        .left_join(subjects::table.on(orders::subject_id.nullable().eq(subjects::id.nullable())))
        .left_join(stations::table.on(alerts::station_id.eq(stations::id.nullable())))
        .left_join(accounts::table.on(alerts::acknowledged_by.eq(accounts::id.nullable())))
        .left_join(closers.on(alerts::closed_by.eq(closers.field(accounts::id).nullable())))
        .select((
            selected,
            orders::reference.nullable(),
            subjects::given_names.nullable(),
            subjects::family_name.nullable(),
            stations::name.nullable(),
            accounts::display_name.nullable(),
            closers.field(accounts::display_name).nullable(),
        ))
}

/// Which alerts to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// The two open states when nothing is said.
    pub state: Option<AlertState>,
    /// Only those that were raised together.
    pub group: Option<AlertGroupId>,
    /// Behind this one.
    pub after: Option<(Instant, AlertId)>,
    pub at_most: i64,
}

/// The oldest first, because it has waited longest.
pub fn list(tx: &mut Tx<'_>, scope: Scope, page: Page) -> Result<Vec<AlertInContext>, StoreError> {
    let mut query = contexts().filter(visible(scope)).into_boxed();
    query = match page.state {
        None => query.filter(alerts::close_reason.is_null()),
        Some(state) => query.filter(alerts::state.eq(state.as_str())),
    };
    if let Some(group) = page.group {
        query = query.filter(alerts::group_id.eq(group));
    }
    if let Some((at, id)) = page.after {
        let is_same_instant = alerts::triggered_at.eq(at.ms()).and(alerts::id.gt(id));
        query = query.filter(alerts::triggered_at.gt(at.ms()).or(is_same_instant));
    }
    let rows: Vec<ContextRow> =
        query.order((alerts::triggered_at, alerts::id)).limit(page.at_most).load(tx.conn)?;
    Ok(rows.into_iter().map(in_context).collect())
}

/// The last change of any alert that can be handed out; 0 when there is none.
pub fn latest_change(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    let horizon = tx.horizon()?;
    let query = alerts::table
        .filter(alerts::changed_in.lt(horizon))
        .order(alerts::changed_in.desc())
        .select(alerts::changed_in);
    Ok(query.first(tx.conn).optional()?.unwrap_or(0))
}

/// Alerts among the changes, in the order of change; closed ones too. Of those that have not changed
/// since the beginning, the open ones.
pub fn changed(
    tx: &mut Tx<'_>,
    scope: Scope,
    changes: Changes,
    at_most: i64,
) -> Result<Vec<AlertInContext>, StoreError> {
    let (change, id) = (changes.after.change, AlertId::from(changes.after.id));
    let rows: Vec<ContextRow> = contexts()
        .filter(visible(scope))
        .filter(alerts::changed_in.lt(changes.horizon))
        .filter(alerts::changed_in.ge(change))
        .filter(alerts::changed_in.gt(change).or(alerts::id.gt(id)))
        .filter(alerts::changed_in.ge(changes.begun_at).or(alerts::close_reason.is_null()))
        .order((alerts::changed_in, alerts::id))
        .limit(at_most)
        .load(tx.conn)?;
    Ok(rows.into_iter().map(in_context).collect())
}

pub fn find_in_context(
    tx: &mut Tx<'_>,
    scope: Scope,
    id: AlertId,
) -> Result<Option<AlertInContext>, StoreError> {
    let query = contexts().filter(alerts::id.eq(id)).filter(visible(scope));
    let found: Option<ContextRow> = query.first(tx.conn).optional()?;
    Ok(found.map(in_context))
}

/// Of those that the caller may know of, the ones that nobody has taken yet.
pub fn count_visible_unacknowledged(tx: &mut Tx<'_>, scope: Scope) -> Result<i64, StoreError> {
    let query = alerts::table
        .filter(visible::<alerts::table>(scope))
        .filter(alerts::close_reason.is_null())
        .filter(alerts::state.eq(AlertState::Triggered.as_str()))
        .count();
    Ok(query.get_result(tx.conn)?)
}

/// `climbs_at`: when it climbs again, unless somebody has decided.
pub fn acknowledge(
    tx: &mut Tx<'_>,
    id: AlertId,
    (by, now): (AccountId, Instant),
    climbs_at: Instant,
) -> Result<(), StoreError> {
    let change = tx.change()?;
    diesel::update(alerts::table.find(id))
        .set((
            alerts::state.eq(AlertState::Acknowledged.as_str()),
            alerts::acknowledged_at.eq(now.ms()),
            alerts::acknowledged_by.eq(by),
            alerts::nobody_reachable.eq(false),
            alerts::nobody_reachable_since.eq(None::<i64>),
            alerts::climbs_at.eq(climbs_at.ms()),
            alerts::changed_in.eq(change),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The alert that is still open under a key, if there is one.
pub fn open_under(tx: &mut Tx<'_>, dedupe_key: &str) -> Result<Option<Alert>, StoreError> {
    let query = alerts::table
        .filter(alerts::dedupe_key.eq(dedupe_key))
        .filter(alerts::close_reason.is_null())
        .select(Alert::as_select());
    Ok(query.first(tx.conn).optional()?)
}

pub fn close(
    tx: &mut Tx<'_>,
    id: AlertId,
    (reason, by): (AlertCloseReason, Option<AccountId>),
    now: Instant,
) -> Result<(), StoreError> {
    let change = tx.change()?;
    diesel::update(alerts::table.find(id))
        .set((
            alerts::state.eq(AlertState::Closed.as_str()),
            alerts::closed_at.eq(now.ms()),
            alerts::closed_by.eq(by),
            alerts::close_reason.eq(reason.as_str()),
            alerts::climbs_at.eq(None::<i64>),
            alerts::changed_in.eq(change),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// What the alert under a key tells people.
pub fn says(tx: &mut Tx<'_>, dedupe_key: &str) -> Result<Option<String>, StoreError> {
    let query = alerts::table.filter(alerts::dedupe_key.eq(dedupe_key)).select(alerts::detail);
    Ok(query.first(tx.conn).optional()?)
}

/// Of the service as a whole, for its front page.
pub fn count_open(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    let query = alerts::table.filter(alerts::close_reason.is_null()).count();
    Ok(query.get_result(tx.conn)?)
}

/// Of those, the ones that nobody has taken yet.
pub fn count_unacknowledged(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    let query = alerts::table
        .filter(alerts::close_reason.is_null())
        .filter(alerts::state.eq(AlertState::Triggered.as_str()))
        .count();
    Ok(query.get_result(tx.conn)?)
}

/// Of those, the ones of which nobody could be told.
pub fn count_nobody_reachable(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    let query = alerts::table
        .filter(alerts::close_reason.is_null())
        .filter(alerts::state.eq(AlertState::Triggered.as_str()))
        .filter(alerts::nobody_reachable.eq(true))
        .count();
    Ok(query.get_result(tx.conn)?)
}

/// The keys of the open alerts of one kind about an order.
pub fn open_keys_of(
    tx: &mut Tx<'_>,
    order: OrderId,
    kind: AlertKind,
) -> Result<Vec<String>, StoreError> {
    let query = alerts::table
        .filter(alerts::order_id.eq(order))
        .filter(alerts::kind.eq(kind.as_str()))
        .filter(alerts::close_reason.is_null())
        .order(alerts::dedupe_key)
        .select(alerts::dedupe_key);
    Ok(query.load(tx.conn)?)
}

/// The open alerts of these kinds, whoever has taken them, the oldest first; and how many there are.
pub fn open_of_kinds(
    tx: &mut Tx<'_>,
    scope: Scope,
    kinds: &[AlertKind],
    at_most: i64,
) -> Result<(Vec<AlertInContext>, i64), StoreError> {
    let words: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    let rows: Vec<ContextRow> = contexts()
        .filter(visible(scope))
        .filter(alerts::close_reason.is_null())
        .filter(alerts::kind.eq_any(words.clone()))
        .order((alerts::triggered_at, alerts::id))
        .limit(at_most)
        .load(tx.conn)?;
    let total: i64 = alerts::table
        .filter(visible::<alerts::table>(scope))
        .filter(alerts::close_reason.is_null())
        .filter(alerts::kind.eq_any(words))
        .count()
        .get_result(tx.conn)?;
    Ok((rows.into_iter().map(in_context).collect(), total))
}
