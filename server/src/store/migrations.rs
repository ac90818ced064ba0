//! The tables, brought up to date at start.

use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::StoreError;
use super::connection::{AnyConnection, check_sqlite_version};

const COMMON: EmbeddedMigrations = embed_migrations!("../migrations/common");

/// Refuses a database engine that is known to lose commits, then runs what is pending.
pub fn run(conn: &mut AnyConnection) -> Result<(), StoreError> {
    check_sqlite_version(conn)?.map_err(StoreError::Connect)?;
    let run = conn.run_pending_migrations(COMMON);
    run.map(drop).map_err(|error| StoreError::Connect(format!("migration: {error}")))
}

/// Takes every table away again; the tests check that nothing is left.
pub fn revert(conn: &mut AnyConnection) -> Result<(), StoreError> {
    let reverted = conn.revert_all_migrations(COMMON);
    reverted.map(drop).map_err(|error| StoreError::Connect(format!("migration: {error}")))
}
