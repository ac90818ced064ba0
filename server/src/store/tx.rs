//! One transaction, and how it begins and ends on each database.

use compliance::ledger::SaltKey;
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::connection::AnyConnection;
use super::{StoreError, WriteError};

/// A transaction in hand. Only `store` can reach the connection in it.
pub struct Tx<'c> {
    pub(in crate::store) conn: &'c mut AnyConnection,
    pub(in crate::store) salts: &'c SaltKey,
    change: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    Read,
    Write,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    value: i64,
}

impl<'c> Tx<'c> {
    pub(in crate::store) fn new(conn: &'c mut AnyConnection, salts: &'c SaltKey) -> Self {
        Self { conn, salts, change: None }
    }

    /// The number of this transaction, written into every row it changes. On PostgreSQL it is the
    /// transaction's own number; on SQLite, where one writer works at a time, a counter.
    pub(in crate::store) fn change(&mut self) -> Result<i64, StoreError> {
        if let Some(change) = self.change {
            return Ok(change);
        }
        let statement = match self.conn {
            AnyConnection::Postgres(_) => "SELECT pg_current_xact_id()::text::bigint AS value",
            AnyConnection::Sqlite(_) => {
                "UPDATE change_counter SET value = value + 1 WHERE id = 1 RETURNING value"
            }
        };
        let Number { value } = diesel::sql_query(statement).get_result(self.conn)?;
        self.change = Some(value);
        Ok(value)
    }

    /// Every change with a smaller number has been committed or undone, and is seen or never will
    /// be. A cursor may advance to here without passing over a transaction still under way. This
    /// very one is under way too: what shares it, and its number, may be yet to come.
    pub(in crate::store) fn horizon(&mut self) -> Result<i64, StoreError> {
        let statement = match (&self.conn, self.change) {
            (AnyConnection::Sqlite(_), Some(change)) => return Ok(change),
            (AnyConnection::Sqlite(_), None) => {
                "SELECT value + 1 AS value FROM change_counter WHERE id = 1"
            }
            (AnyConnection::Postgres(_), _) => {
                "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS value"
            }
        };
        Ok(diesel::sql_query(statement).get_result::<Number>(self.conn)?.value)
    }
}

pub fn begin(conn: &mut AnyConnection, begin: Begin) -> QueryResult<()> {
    match (conn, begin) {
        // A deferred transaction that turns into a write is refused at once, however long the
        // busy timeout: a write says so from the start.
        (AnyConnection::Sqlite(conn), Begin::Write) => {
            AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE")
        }
        (AnyConnection::Sqlite(conn), Begin::Read) => {
            AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN DEFERRED")
        }
        (AnyConnection::Postgres(conn), Begin::Write) => {
            AnsiTransactionManager::begin_transaction_sql(
                conn,
                "BEGIN ISOLATION LEVEL SERIALIZABLE",
            )
        }
        (AnyConnection::Postgres(conn), Begin::Read) => {
            AnsiTransactionManager::begin_transaction_sql(
                conn,
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            )
        }
    }
}

pub fn commit(conn: &mut AnyConnection) -> QueryResult<()> {
    <AnyConnection as Connection>::TransactionManager::commit_transaction(conn)
}

/// A connection that cannot roll back is broken; the pool and the next `BEGIN` find that out.
pub fn rollback(conn: &mut AnyConnection) {
    let rolled_back = <AnyConnection as Connection>::TransactionManager::rollback_transaction(conn);
    if let Err(error) = rolled_back {
        tracing::warn!(%error, "a transaction could not be rolled back");
    }
}

pub fn transact<T, E: WriteError>(
    conn: &mut AnyConnection,
    salts: &SaltKey,
    how: Begin,
    act: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    begin(conn, how).map_err(StoreError::from)?;
    let done = act(&mut Tx::new(conn, salts));
    match done {
        Ok(value) => match commit(conn) {
            Ok(()) => Ok(value),
            Err(error) => Err(StoreError::from(error).into()),
        },
        Err(error) => {
            rollback(conn);
            Err(error)
        }
    }
}
