//! What a caller may know of. Every query about a case takes a scope; there is no other finder.

use compliance::access::{Reach, Role};
use diesel::dsl::sql;
use diesel::expression::BoxableExpression;
use diesel::prelude::*;
use diesel::sql_types::{Binary, Bool};

use super::connection::AnyBackend;
use super::id::{AccountId, OrderId, StationId};
use super::schema::{account_stations, orders};
use super::{StoreError, Tx};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    pub account: AccountId,
    pub role: Role,
}

pub(in crate::store) type Condition<Table> =
    Box<dyn BoxableExpression<Table, AnyBackend, SqlType = Bool>>;

impl Scope {
    /// "The order in this column is one the caller may know of": it names a station of theirs, is
    /// theirs to answer for, or was opened to them. An order that names no station is every supervisor's.
    pub(in crate::store) fn sees<Table: 'static>(self, order_id: &'static str) -> Condition<Table> {
        let sees_all = self.role.reach() == Reach::Everything;
        let sees_none = self.role.reach() == Reach::Nothing;
        Box::new(
            sql::<Bool>("(")
                .bind::<Bool, _>(sees_all)
                .sql(" OR EXISTS (SELECT 1 FROM orders seen WHERE seen.id = ")
                .sql(order_id)
                .sql(" AND NOT ")
                .bind::<Bool, _>(sees_none)
                .sql(" AND (seen.owner_id = ")
                .bind::<Binary, _>(self.account)
                .sql(" OR seen.deputy_id = ")
                .bind::<Binary, _>(self.account)
                .sql(" OR seen.supervisor_id = ")
                .bind::<Binary, _>(self.account)
                .sql(
                    " OR EXISTS (SELECT 1 FROM order_stations named \
                       JOIN account_stations mine ON mine.station_id = named.station_id \
                       WHERE named.order_id = seen.id AND mine.account_id = ",
                )
                .bind::<Binary, _>(self.account)
                .sql(
                    ") OR EXISTS (SELECT 1 FROM account_orders opened \
                       WHERE opened.order_id = seen.id AND opened.account_id = ",
                )
                .bind::<Binary, _>(self.account)
                .sql(") OR (")
                .bind::<Bool, _>(self.role == Role::Supervisor)
                .sql(
                    " AND NOT EXISTS (SELECT 1 FROM order_stations named \
                       WHERE named.order_id = seen.id)))))",
                ),
        )
    }

    /// Whether the caller may know of an order that names a station and has an owner: the same as
    /// `sees_order`, by looks that stay prepared, because every confirmation asks.
    pub(in crate::store) fn knows(
        self,
        tx: &mut Tx<'_>,
        (order, station, owner): (OrderId, StationId, Option<AccountId>),
    ) -> Result<bool, StoreError> {
        match self.role.reach() {
            Reach::Everything => return Ok(true),
            Reach::Nothing => return Ok(false),
            Reach::OwnStationsAndCases if owner == Some(self.account) => return Ok(true),
            Reach::OwnStationsAndCases => {}
        }
        let is_own_station = account_stations::table
            .find((self.account, station))
            .select(account_stations::station_id)
            .first::<StationId>(tx.conn)
            .optional()?;
        if is_own_station.is_some() {
            return Ok(true);
        }
        self.sees_order(tx, order)
    }

    pub fn sees_order(self, tx: &mut Tx<'_>, order: OrderId) -> Result<bool, StoreError> {
        let seen = orders::table
            .filter(orders::id.eq(order))
            .filter(self.sees("orders.id"))
            .select(orders::id)
            .first::<OrderId>(tx.conn)
            .optional()?;
        Ok(seen.is_some())
    }
}
