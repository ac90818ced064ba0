//! What happened to an alert after it was raised.

use compliance::alert::AlertEventKind;
use compliance::{Instant, Word};
use diesel::prelude::*;

use super::connection::on_each;
use super::id::{AccountId, AlertEventId, AlertId};
use super::schema::{accounts, alert_events};
use super::types::{Ms, Spelled};
use super::{StoreError, Tx};

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = alert_events)]
pub struct AlertEvent {
    pub id: AlertEventId,
    pub alert_id: AlertId,
    #[diesel(deserialize_as = Spelled)]
    pub kind: AlertEventKind,
    #[diesel(deserialize_as = Ms)]
    pub happened_at: Instant,
    pub actor: Option<AccountId>,
    pub to_account: Option<AccountId>,
    /// A sentence for people.
    pub says: String,
}

#[derive(Insertable)]
#[diesel(table_name = alert_events)]
#[diesel(treat_none_as_default_value = false)]
struct Row<'a> {
    id: AlertEventId,
    alert_id: AlertId,
    kind: &'static str,
    happened_at: i64,
    actor: Option<AccountId>,
    to_account: Option<AccountId>,
    says: &'a str,
}

fn row(event: &AlertEvent) -> Row<'_> {
    Row {
        id: event.id,
        alert_id: event.alert_id,
        kind: event.kind.as_str(),
        happened_at: event.happened_at.ms(),
        actor: event.actor,
        to_account: event.to_account,
        says: &event.says,
    }
}

pub fn insert(tx: &mut Tx<'_>, events: &[AlertEvent]) -> Result<(), StoreError> {
    if events.is_empty() {
        return Ok(());
    }
    let rows: Vec<Row<'_>> = events.iter().map(row).collect();
    on_each!(tx.conn, conn => diesel::insert_into(alert_events::table).values(rows).execute(conn))?;
    Ok(())
}

pub fn find(tx: &mut Tx<'_>, id: AlertEventId) -> Result<Option<AlertEvent>, StoreError> {
    Ok(alert_events::table.find(id).select(AlertEvent::as_select()).first(tx.conn).optional()?)
}

/// Of one alert, in the order of time, each with the name of whoever did it.
pub fn of_alert(
    tx: &mut Tx<'_>,
    alert: AlertId,
) -> Result<Vec<(AlertEvent, Option<String>)>, StoreError> {
    let query = alert_events::table
        .left_join(accounts::table.on(alert_events::actor.eq(accounts::id.nullable())))
        .filter(alert_events::alert_id.eq(alert))
        .order((alert_events::happened_at, alert_events::id))
        .select((AlertEvent::as_select(), accounts::display_name.nullable()));
    Ok(query.load(tx.conn)?)
}
