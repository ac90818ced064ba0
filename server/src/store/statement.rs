//! A statement written out by hand, for the few that run with every confirmation: it stays prepared,
//! where diesel prepares an update anew each time, and no text is put together for each row.

use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Binary};

use super::connection::{AnyBackend, AnyConnection};

/// Written the same for both databases, with a `?` for each value.
pub struct Statement<'a> {
    sql: &'static str,
    values: &'a [Value<'a>],
}

pub enum Value<'a> {
    Int(i64),
    Bytes(&'a [u8]),
}

impl<'a> Statement<'a> {
    pub fn new(sql: &'static str, values: &'a [Value<'a>]) -> Self {
        Self { sql, values }
    }
}

impl QueryFragment<AnyBackend> for Statement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, AnyBackend>) -> QueryResult<()> {
        let mut values = self.values.iter();
        for (at, text) in self.sql.split('?').enumerate() {
            if at > 0 {
                match values.next() {
                    Some(Value::Int(value)) => out.push_bind_param::<BigInt, _>(value)?,
                    Some(Value::Bytes(value)) => out.push_bind_param::<Binary, _>(*value)?,
                    None => {}
                }
            }
            out.push_sql(text);
        }
        Ok(())
    }
}

impl QueryId for Statement<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<AnyConnection> for Statement<'_> {}
