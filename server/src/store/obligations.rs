//! Obligations: dated duties, each in exactly one state.

mod touch;

use compliance::alert::Risk;
use compliance::attendance::Duty;
use compliance::order::{CancelReason, ObligationState, start_of_day};
use compliance::{Instant, Window, Word};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

pub use self::touch::touch;
use super::connection::on_each;
use super::id::{
    AccountId, CheckInId, ConditionId, ObligationId, OrderId, OrderVersionId, ScheduleId, StationId,
};
use super::schedules::ScheduleOfOrder;
use super::schema::{conditions, obligations, orders, stations, subjects};
use super::scope::Scope;
use super::statement::{Statement, Value};
use super::subjects::Subject;
use super::types::{Ms, Spelled};
use super::{StoreError, Tx};

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = obligations)]
pub struct Obligation {
    pub id: ObligationId,
    pub order_id: OrderId,
    pub condition_id: ConditionId,
    pub schedule_id: ScheduleId,
    pub station_id: StationId,
    #[diesel(deserialize_as = Ms)]
    pub opens_at: Instant,
    #[diesel(deserialize_as = Ms)]
    pub closes_at: Instant,
    #[diesel(deserialize_as = Spelled)]
    pub state: ObligationState,
    pub state_reason: Option<String>,
    pub fulfilled_by: Option<CheckInId>,
    /// The number of the transaction that last changed it.
    pub changed_in: i64,
}

impl Obligation {
    pub fn window(&self) -> Window {
        Window { opens_at: self.opens_at, closes_at: self.closes_at }
    }
}

/// An obligation and what of its order decides how it is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    pub obligation: Obligation,
    /// The version that asks for it.
    pub order_version_id: OrderVersionId,
    pub early_counts: bool,
    pub risk: Risk,
    pub served_at: Option<Instant>,
    pub owner: Option<AccountId>,
}

impl Charge {
    pub fn duty(&self) -> Duty {
        let window = self.obligation.window();
        let day = window.opens_at.local_date(crate::ZONE);
        let early_from = self.early_counts.then(|| start_of_day(day, crate::ZONE));
        Duty { window, early_from }
    }
}

type ChargeRow = (Obligation, OrderVersionId, bool, String, Option<i64>, Option<AccountId>);

fn charge(row: ChargeRow) -> Result<Charge, StoreError> {
    let (obligation, order_version_id, early_counts, risk, served_at, owner) = row;
    let risk =
        Risk::parse(&risk).ok_or(StoreError::Corrupt { vocabulary: Risk::NAME, value: risk })?;
    let served_at = served_at.map(Instant::from_ms);
    Ok(Charge { obligation, order_version_id, early_counts, risk, served_at, owner })
}

#[diesel::dsl::auto_type(no_type_alias)]
fn charges() -> _ {
    let selected: diesel::dsl::AsSelect<Obligation, super::connection::AnyBackend> =
        Obligation::as_select();
    obligations::table
        .inner_join(conditions::table.on(conditions::id.eq(obligations::condition_id)))
        .inner_join(orders::table.on(orders::id.eq(obligations::order_id)))
        .select((
            selected,
            conditions::order_version_id,
            conditions::early_counts,
            orders::risk,
            orders::served_at,
            orders::owner_id,
        ))
}

pub fn charge_of(
    tx: &mut Tx<'_>,
    scope: Scope,
    id: ObligationId,
) -> Result<Option<Charge>, StoreError> {
    let found: Option<ChargeRow> =
        charges().filter(obligations::id.eq(id)).first(tx.conn).optional()?;
    let Some(charge) = found.map(charge).transpose()? else { return Ok(None) };
    let place = (charge.obligation.order_id, charge.obligation.station_id, charge.owner);
    Ok(scope.knows(tx, place)?.then_some(charge))
}

/// Obligations whose window has closed without one being fulfilled, the oldest first.
pub fn closed(tx: &mut Tx<'_>, now: Instant, at_most: i64) -> Result<Vec<Charge>, StoreError> {
    let rows: Vec<ChargeRow> = charges()
        .filter(obligations::next_transition_at.le(now.ms()))
        .filter(obligations::state.eq(ObligationState::Open.as_str()))
        .order(obligations::next_transition_at)
        .limit(at_most)
        .load(tx.conn)?;
    rows.into_iter().map(charge).collect()
}

/// Those of a station that closed in `[from, until)`, a page of them after the last of the page before.
pub fn closed_at(
    tx: &mut Tx<'_>,
    (scope, station): (Scope, StationId),
    (from, until): (Instant, Instant),
    after: Option<(Instant, ObligationId)>,
    at_most: i64,
) -> Result<Vec<Charge>, StoreError> {
    let mut query = charges()
        .filter(obligations::station_id.eq(station))
        .filter(obligations::closes_at.ge(after.map_or(from, |(at, _)| at).ms()))
        .filter(obligations::closes_at.lt(until.ms()))
        .filter(scope.sees("obligations.order_id"))
        .order((obligations::closes_at, obligations::id))
        .limit(at_most)
        .into_boxed();
    if let Some((at, id)) = after {
        let is_past = obligations::closes_at.gt(at.ms()).or(obligations::id.gt(id));
        query = query.filter(is_past);
    }
    let rows: Vec<ChargeRow> = query.load(tx.conn)?;
    rows.into_iter().map(charge).collect()
}

/// How many closed in `[from, until)`, whoever may know of them; at one station if one is named.
pub fn count_closed_at(
    tx: &mut Tx<'_>,
    station: Option<StationId>,
    (from, until): (Instant, Instant),
) -> Result<i64, StoreError> {
    let closed = obligations::table
        .filter(obligations::closes_at.ge(from.ms()))
        .filter(obligations::closes_at.lt(until.ms()));
    let counted = match station {
        Some(id) => closed.filter(obligations::station_id.eq(id)).count().get_result(tx.conn),
        // Named, because the index goes by station.
        None => {
            let all = stations::table.select(stations::id);
            closed.filter(obligations::station_id.eq_any(all)).count().get_result(tx.conn)
        }
    };
    Ok(counted?)
}

/// Those of an order that were missed and closed after an instant.
pub fn missed_after(
    tx: &mut Tx<'_>,
    order: OrderId,
    after: Instant,
) -> Result<Vec<Charge>, StoreError> {
    let rows: Vec<ChargeRow> = charges()
        .filter(obligations::order_id.eq(order))
        .filter(obligations::closes_at.gt(after.ms()))
        .filter(obligations::state.eq(ObligationState::Missed.as_str()))
        .order(obligations::closes_at)
        .load(tx.conn)?;
    rows.into_iter().map(charge).collect()
}

/// Sets aside a miss of what was, after all, no duty.
pub fn cancel_missed(
    tx: &mut Tx<'_>,
    id: ObligationId,
    reason: CancelReason,
) -> Result<(), StoreError> {
    let change = tx.change()?;
    diesel::update(obligations::table.find(id))
        .set((
            obligations::state.eq(ObligationState::Cancelled.as_str()),
            obligations::state_reason.eq(reason.as_str()),
            obligations::changed_in.eq(change),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Opens every obligation whose window has begun; says how many.
pub fn open_due(tx: &mut Tx<'_>, now: Instant) -> Result<usize, StoreError> {
    let change = tx.change()?;
    let opened = diesel::update(
        obligations::table
            .filter(obligations::next_transition_at.le(now.ms()))
            .filter(obligations::state.eq(ObligationState::Scheduled.as_str())),
    )
    .set((
        obligations::state.eq(ObligationState::Open.as_str()),
        obligations::next_transition_at.eq(obligations::closes_at.nullable()),
        obligations::changed_in.eq(change),
    ))
    .execute(tx.conn)?;
    Ok(opened)
}

/// The next instant at which an obligation changes by itself.
pub fn earliest_transition(tx: &mut Tx<'_>) -> Result<Option<Instant>, StoreError> {
    let query = obligations::table
        .filter(obligations::next_transition_at.is_not_null())
        .order(obligations::next_transition_at)
        .select(obligations::next_transition_at);
    let found: Option<Option<i64>> = query.first(tx.conn).optional()?;
    Ok(found.flatten().map(Instant::from_ms))
}

/// Flips those that are still open; says which were. Whoever else got there first, flipped them.
pub fn miss(tx: &mut Tx<'_>, ids: &[ObligationId]) -> Result<Vec<ObligationId>, StoreError> {
    let change = tx.change()?;
    let flipped = diesel::update(
        obligations::table
            .filter(obligations::id.eq_any(ids))
            .filter(obligations::state.eq(ObligationState::Open.as_str())),
    )
    .set((
        obligations::state.eq(ObligationState::Missed.as_str()),
        obligations::next_transition_at.eq(None::<i64>),
        obligations::changed_in.eq(change),
    ))
    .returning(obligations::id)
    .get_results(tx.conn)?;
    Ok(flipped)
}

/// Cancels what is still ahead or open.
pub fn cancel(
    tx: &mut Tx<'_>,
    ids: &[ObligationId],
    reason: CancelReason,
) -> Result<(), StoreError> {
    let change = tx.change()?;
    diesel::update(
        obligations::table
            .filter(obligations::id.eq_any(ids))
            .filter(obligations::next_transition_at.is_not_null()),
    )
    .set((
        obligations::state.eq(ObligationState::Cancelled.as_str()),
        obligations::state_reason.eq(reason.as_str()),
        obligations::next_transition_at.eq(None::<i64>),
        obligations::changed_in.eq(change),
    ))
    .execute(tx.conn)?;
    Ok(())
}

pub fn fulfil(tx: &mut Tx<'_>, id: ObligationId, by: CheckInId) -> Result<(), StoreError> {
    let change = tx.change()?;
    let values = [Value::Bytes(by.as_bytes()), Value::Int(change), Value::Bytes(id.as_bytes())];
    Statement::new(
        "UPDATE obligations SET state = 'fulfilled', fulfilled_by = ?, next_transition_at = NULL, \
         changed_in = ? WHERE id = ?",
        &values,
    )
    .execute(tx.conn)?;
    Ok(())
}

/// Puts an obligation back to where time has it, because what fulfilled it was a mistake. One whose
/// window has closed is found by the next sweep.
pub fn reopen(tx: &mut Tx<'_>, obligation: &Obligation, now: Instant) -> Result<(), StoreError> {
    let change = tx.change()?;
    let (state, next_at) = if now < obligation.opens_at {
        (ObligationState::Scheduled, obligation.opens_at)
    } else {
        (ObligationState::Open, obligation.closes_at)
    };
    diesel::update(obligations::table.find(obligation.id))
        .set((
            obligations::state.eq(state.as_str()),
            obligations::state_reason.eq(None::<String>),
            obligations::fulfilled_by.eq(None::<CheckInId>),
            obligations::next_transition_at.eq(next_at.ms()),
            obligations::changed_in.eq(change),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// One duty to be written out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewObligation {
    pub id: ObligationId,
    pub order: OrderId,
    pub condition: ConditionId,
    pub schedule: ScheduleId,
    pub station: StationId,
    pub window: Window,
}

#[derive(Insertable)]
#[diesel(table_name = obligations)]
#[diesel(treat_none_as_default_value = false)]
struct Row {
    id: ObligationId,
    order_id: OrderId,
    condition_id: ConditionId,
    schedule_id: ScheduleId,
    station_id: StationId,
    opens_at: i64,
    closes_at: i64,
    state: &'static str,
    next_transition_at: i64,
    changed_in: i64,
}

pub fn insert(tx: &mut Tx<'_>, new: &[NewObligation]) -> Result<(), StoreError> {
    /// SQLite takes 32,766 values in a statement.
    const ROWS_MAX: usize = 1_000;
    let change = tx.change()?;
    for some in new.chunks(ROWS_MAX) {
        let rows: Vec<Row> = some.iter().map(|obligation| row(obligation, change)).collect();
        on_each!(tx.conn, conn => {
            diesel::insert_into(obligations::table).values(rows).execute(conn)
        })?;
    }
    Ok(())
}

fn row(new: &NewObligation, changed_in: i64) -> Row {
    Row {
        id: new.id,
        order_id: new.order,
        condition_id: new.condition,
        schedule_id: new.schedule,
        station_id: new.station,
        opens_at: new.window.opens_at.ms(),
        closes_at: new.window.closes_at.ms(),
        state: ObligationState::Scheduled.as_str(),
        next_transition_at: new.window.opens_at.ms(),
        changed_in,
    }
}

/// An obligation with the person whom it is about, as phones show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub obligation: Obligation,
    pub order_reference: String,
    pub condition_label: String,
    pub risk: Risk,
    pub is_served: bool,
    pub subject: Subject,
}

type DueRow = (Obligation, String, String, String, Option<i64>, Subject);

fn due(row: DueRow) -> Result<Due, StoreError> {
    let (obligation, order_reference, condition_label, risk, served_at, subject) = row;
    let risk =
        Risk::parse(&risk).ok_or(StoreError::Corrupt { vocabulary: Risk::NAME, value: risk })?;
    let is_served = served_at.is_some();
    Ok(Due { obligation, order_reference, condition_label, risk, is_served, subject })
}

#[diesel::dsl::auto_type(no_type_alias)]
fn dues() -> _ {
    let selected: diesel::dsl::AsSelect<Obligation, super::connection::AnyBackend> =
        Obligation::as_select();
    let subject: diesel::dsl::AsSelect<Subject, super::connection::AnyBackend> =
        Subject::as_select();
    obligations::table
        .inner_join(conditions::table.on(conditions::id.eq(obligations::condition_id)))
        .inner_join(orders::table.on(orders::id.eq(obligations::order_id)))
        .inner_join(subjects::table.on(subjects::id.eq(orders::subject_id)))
        .select((
            selected,
            orders::reference,
            conditions::label,
            orders::risk,
            orders::served_at,
            subject,
        ))
}

/// What is due at a station in windows that touch `[from, until)`, in the order of closing. Leaves
/// out what was cancelled: it is not due.
pub fn due_at(
    tx: &mut Tx<'_>,
    scope: Scope,
    station: StationId,
    from: Instant,
    until: Instant,
) -> Result<Vec<Due>, StoreError> {
    let rows: Vec<DueRow> = dues()
        .filter(obligations::station_id.eq(station))
        .filter(obligations::closes_at.gt(from.ms()))
        // A window lasts less than two days, which bounds the walk over the index.
        .filter(obligations::closes_at.lt((until + 2 * compliance::instant::DAY_MS).ms()))
        .filter(obligations::opens_at.lt(until.ms()))
        .filter(obligations::state.ne(ObligationState::Cancelled.as_str()))
        .filter(scope.sees("obligations.order_id"))
        .order((obligations::closes_at, obligations::id))
        .load(tx.conn)?;
    rows.into_iter().map(due).collect()
}

/// The latest change of any obligation of a station, as a mark that a list of them can carry: equal
/// marks mean equal lists. Empty while a change is under way that the mark could pass over.
pub fn change_mark(tx: &mut Tx<'_>, station: StationId) -> Result<Option<i64>, StoreError> {
    let horizon = tx.horizon()?;
    let latest: Option<i64> = obligations::table
        .filter(obligations::station_id.eq(station))
        .order(obligations::changed_in.desc())
        .select(obligations::changed_in)
        .first(tx.conn)
        .optional()?;
    Ok(latest.or(Some(0)).filter(|latest| *latest < horizon))
}

/// A place in a stream of changes: everything before it has been handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChangeCursor {
    pub change: i64,
    pub id: uuid::Uuid,
}

/// Which changes to hand out: those between a place and the horizon. Of what has not changed since
/// the first answer was made at `begun_at`, only what is still of interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changes {
    pub after: ChangeCursor,
    pub horizon: i64,
    pub begun_at: i64,
}

/// Obligations among the changes at these stations, in the order of change. Of those that have not
/// changed since the beginning, the ones that close after `closing_after`.
pub fn changed(
    tx: &mut Tx<'_>,
    scope: Scope,
    stations: &[StationId],
    changes: Changes,
    (closing_after, at_most): (Instant, i64),
) -> Result<Vec<Due>, StoreError> {
    let (change, id) = (changes.after.change, ObligationId::from(changes.after.id));
    let rows: Vec<DueRow> = dues()
        .filter(obligations::station_id.eq_any(stations))
        .filter(obligations::changed_in.lt(changes.horizon))
        .filter(obligations::changed_in.ge(change))
        .filter(obligations::changed_in.gt(change).or(obligations::id.gt(id)))
        .filter(
            obligations::changed_in
                .ge(changes.begun_at)
                .or(obligations::closes_at.gt(closing_after.ms())),
        )
        .filter(scope.sees("obligations.order_id"))
        .order((obligations::changed_in, obligations::id))
        .limit(at_most)
        .load(tx.conn)?;
    rows.into_iter().map(due).collect()
}

pub fn horizon(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    tx.horizon()
}

/// The duties of an order that close after `after`, in order, each with its condition's plain words.
pub fn of_order_closing_after(
    tx: &mut Tx<'_>,
    order: OrderId,
    after: Instant,
) -> Result<Vec<(Obligation, String)>, StoreError> {
    let query = obligations::table
        .inner_join(conditions::table.on(conditions::id.eq(obligations::condition_id)))
        .filter(obligations::order_id.eq(order))
        .filter(obligations::closes_at.gt(after.ms()))
        .order((obligations::closes_at, obligations::id))
        .select((Obligation::as_select(), conditions::plain_words));
    Ok(query.load(tx.conn)?)
}

/// What of a schedule is on file and closes after `after`.
pub fn of_schedule_closing_after(
    tx: &mut Tx<'_>,
    schedule: ScheduleId,
    after: Instant,
) -> Result<Vec<Obligation>, StoreError> {
    let query = obligations::table
        .filter(obligations::schedule_id.eq(schedule))
        .filter(obligations::closes_at.gt(after.ms()))
        .select(Obligation::as_select());
    Ok(query.load(tx.conn)?)
}

/// Whether there is a fulfilled duty under another version of the schedule's condition whose window
/// touches `window`.
pub fn fulfilled_around(
    tx: &mut Tx<'_>,
    of: &ScheduleOfOrder,
    window: Window,
) -> Result<bool, StoreError> {
    let found = obligations::table
        .inner_join(conditions::table.on(conditions::id.eq(obligations::condition_id)))
        .filter(obligations::order_id.eq(of.order))
        .filter(conditions::label.eq(&of.condition_label))
        .filter(obligations::condition_id.ne(of.schedule.condition_id))
        .filter(obligations::closes_at.gt(window.opens_at.ms()))
        .filter(obligations::opens_at.lt(window.closes_at.ms()))
        .filter(obligations::state.eq(ObligationState::Fulfilled.as_str()))
        .select(obligations::id)
        .first::<ObligationId>(tx.conn)
        .optional()?;
    Ok(found.is_some())
}

/// When the last of an order's obligations that are still ahead or open closes.
pub fn last_pending_close(tx: &mut Tx<'_>, order: OrderId) -> Result<Option<Instant>, StoreError> {
    let found: Option<i64> = obligations::table
        .filter(obligations::order_id.eq(order))
        .filter(obligations::next_transition_at.is_not_null())
        .order(obligations::closes_at.desc())
        .select(obligations::closes_at)
        .first(tx.conn)
        .optional()?;
    Ok(found.map(Instant::from_ms))
}

/// "The alert about this obligation's miss is still open."
const OPEN_ALERT: &str = "EXISTS (SELECT 1 FROM alerts raised \
    WHERE raised.obligation_id = obligations.id AND raised.kind = 'missed_sign_on' \
    AND raised.state <> 'closed')";

/// Missed obligations whose alert nobody has closed, the longest overdue first, and how many there
/// are in all.
pub fn overdue(tx: &mut Tx<'_>, scope: Scope, at_most: i64) -> Result<(Vec<Due>, i64), StoreError> {
    let rows: Vec<DueRow> = dues()
        .filter(obligations::state.eq(ObligationState::Missed.as_str()))
        .filter(sql::<Bool>(OPEN_ALERT))
        .filter(scope.sees("obligations.order_id"))
        .order((obligations::closes_at, obligations::id))
        .limit(at_most)
        .load(tx.conn)?;
    let total = obligations::table
        .filter(obligations::state.eq(ObligationState::Missed.as_str()))
        .filter(sql::<Bool>(OPEN_ALERT))
        .filter(scope.sees::<obligations::table>("obligations.order_id"))
        .count()
        .get_result(tx.conn)?;
    let dues: Result<Vec<Due>, StoreError> = rows.into_iter().map(due).collect();
    Ok((dues?, total))
}

/// Obligations whose window closed at `since` or later and that are missed, the latest first, and
/// how many there are in all.
pub fn missed(
    tx: &mut Tx<'_>,
    scope: Scope,
    since: Instant,
    at_most: i64,
) -> Result<(Vec<Due>, i64), StoreError> {
    let rows: Vec<DueRow> = dues()
        .filter(obligations::state.eq(ObligationState::Missed.as_str()))
        .filter(obligations::closes_at.ge(since.ms()))
        .filter(scope.sees("obligations.order_id"))
        .order((obligations::closes_at.desc(), obligations::id))
        .limit(at_most)
        .load(tx.conn)?;
    let total = obligations::table
        .filter(obligations::state.eq(ObligationState::Missed.as_str()))
        .filter(obligations::closes_at.ge(since.ms()))
        .filter(scope.sees::<obligations::table>("obligations.order_id"))
        .count()
        .get_result(tx.conn)?;
    let dues: Result<Vec<Due>, StoreError> = rows.into_iter().map(due).collect();
    Ok((dues?, total))
}

pub fn count(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    Ok(obligations::table.count().get_result(tx.conn)?)
}
