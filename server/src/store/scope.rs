//! What a caller may know of. Every query about a case takes a scope; there is no other finder.

use compliance::access::{Reach, Role};
use diesel::dsl::sql;
use diesel::expression::BoxableExpression;
use diesel::prelude::*;
use diesel::sql_types::{Binary, Bool};

use super::connection::AnyBackend;
use super::id::{AccountId, OrderId};
use super::schema::orders;
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
    /// theirs, or was opened to them. An order that names no station is every supervisor's.
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
