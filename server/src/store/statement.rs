//! A statement written out by hand, for the few that run with every confirmation: it stays prepared,
//! where diesel prepares an update anew each time, and no text is put together for each row.

use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Binary, Bool, Double, Nullable, Text};

use super::connection::{AnyBackend, AnyConnection};

/// Written the same for both databases, with a `?` for each value.
pub struct Statement<'a> {
    sql: &'static str,
    values: &'a [Value<'a>],
}

#[derive(Clone, Copy)]
pub enum Value<'a> {
    Int(i64),
    Bool(bool),
    Bytes(&'a [u8]),
    Text(&'a str),
    MaybeBytes(Option<&'a [u8]>),
    MaybeDouble(Option<f64>),
}

impl<'a> Statement<'a> {
    pub fn new(sql: &'static str, values: &'a [Value<'a>]) -> Self {
        Self { sql, values }
    }
}

impl QueryFragment<AnyBackend> for Statement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, AnyBackend>) -> QueryResult<()> {
        let mut values = self.values.iter();
        for text in self.sql.split_inclusive('?') {
            let Some(before) = text.strip_suffix('?') else {
                out.push_sql(text);
                continue;
            };
            out.push_sql(before);
            match values.next() {
                Some(Value::Int(value)) => out.push_bind_param::<BigInt, _>(value)?,
                Some(Value::Bool(value)) => out.push_bind_param::<Bool, _>(value)?,
                Some(Value::Bytes(value)) => out.push_bind_param::<Binary, _>(*value)?,
                Some(Value::Text(value)) => out.push_bind_param::<Text, _>(*value)?,
                Some(Value::MaybeBytes(value)) => {
                    out.push_bind_param::<Nullable<Binary>, _>(value)?;
                }
                Some(Value::MaybeDouble(value)) => {
                    out.push_bind_param::<Nullable<Double>, _>(value)?;
                }
                // Fewer values than marks: the database refuses it, with this text in its words.
                None => out.push_sql("?"),
            }
        }
        Ok(())
    }
}

impl QueryId for Statement<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<AnyConnection> for Statement<'_> {}
