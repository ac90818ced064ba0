//! Connections to either database, set up the one way that loses nothing.

use std::fmt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::r2d2::{ManageConnection, R2D2Connection};
use diesel::{Connection, ConnectionError, PgConnection, QueryResult, SqliteConnection};

#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

/// Either database, as diesel's type of what a statement is written for.
pub(in crate::store) type AnyBackend = <AnyConnection as Connection>::Backend;

/// Runs one expression on whichever connection it is, for the statements that the multi-backend
/// cannot say: batch inserts and upserts.
macro_rules! on_each {
    ($conn:expr, $each:ident => $body:expr) => {
        match $conn {
            $crate::store::connection::AnyConnection::Postgres($each) => $body,
            $crate::store::connection::AnyConnection::Sqlite($each) => $body,
        }
    };
}
pub(in crate::store) use on_each;

/// Which database, chosen by its URL.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    Sqlite(PathBuf),
    /// Does not wait for the disk: for making the demo's history, which can be made again.
    SqliteWithoutSync(PathBuf),
    Postgres(String),
}

/// WAL with `synchronous=FULL`: a receipt that was given survives a power cut. `busy_timeout` comes
/// first, so that every later statement waits for its turn. A confirmation touches about ten pages
/// in as many places: checkpoints far apart (64 MB) let a page that many touched be copied once.
/// What `checkpointer.rs` leaves, the writer copies then.
const SQLITE_SETTINGS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; \
    PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; \
    PRAGMA cell_size_check = ON; PRAGMA cache_size = -4096; \
    PRAGMA wal_autocheckpoint = 16000; PRAGMA temp_store = MEMORY;";

/// The one connection that writes keeps the pages it goes back to: up to 64 MB of them.
const SQLITE_WRITER_SETTINGS: &str = "PRAGMA cache_size = -65536;";

/// A transaction of a process that has stopped must not hold its rows for ever.
const POSTGRES_SETTINGS: &str = "SET synchronous_commit = on; SET lock_timeout = '5s'; \
    SET statement_timeout = '30s'; SET idle_in_transaction_session_timeout = '30s'; \
    SET client_min_messages = warning";

impl DatabaseUrl {
    /// `sqlite:PATH` or `postgres://…`; anything else is refused rather than guessed at.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() {
                return Err("sqlite: needs the path of a file".to_owned());
            }
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err("a database is sqlite:PATH or postgres://USER@HOST/NAME".to_owned())
    }

    /// Makes the file of a SQLite database that is not there yet.
    pub fn connect(&self) -> Result<AnyConnection, ConnectionError> {
        self.connect_as("rwc")
    }

    /// To a database that is open already: where its file has gone, none must come in its place.
    pub fn connect_again(&self) -> Result<AnyConnection, ConnectionError> {
        self.connect_as("rw")
    }

    fn connect_as(&self, mode: &str) -> Result<AnyConnection, ConnectionError> {
        match self {
            Self::Sqlite(path) => sqlite((path, mode), SQLITE_SETTINGS),
            Self::SqliteWithoutSync(path) => {
                sqlite((path, mode), &format!("{SQLITE_SETTINGS} PRAGMA synchronous = OFF;"))
            }
            Self::Postgres(url) => {
                let mut conn = PgConnection::establish(url)?;
                conn.batch_execute(POSTGRES_SETTINGS)
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(AnyConnection::Postgres(conn))
            }
        }
    }
}

/// Makes a connection the one that writes.
pub fn prepare_writer(conn: &mut AnyConnection) -> QueryResult<()> {
    match conn {
        AnyConnection::Sqlite(conn) => conn.batch_execute(SQLITE_WRITER_SETTINGS),
        AnyConnection::Postgres(_) => Ok(()),
    }
}

fn sqlite((path, mode): (&Path, &str), settings: &str) -> Result<AnyConnection, ConnectionError> {
    // What means something in a URI (https://sqlite.org/uri.html, section 3.1).
    let path = path.to_string_lossy();
    let path = path.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let mut conn = SqliteConnection::establish(&format!("file:{path}?mode={mode}"))?;
    conn.batch_execute(settings).map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(AnyConnection::Sqlite(conn))
}

/// The file that a SQLite database was opened as. Moved, removed or replaced, it can still be written to, and
/// what is written is lost.
#[derive(Debug)]
pub struct OpenFile {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl OpenFile {
    pub fn of(path: &Path) -> std::io::Result<Self> {
        let file = std::fs::metadata(path)?;
        Ok(Self { path: path.to_owned(), device: file.dev(), inode: file.ino() })
    }

    pub fn is_in_place(&self) -> bool {
        let found = std::fs::metadata(&self.path);
        found.is_ok_and(|file| (file.dev(), file.ino()) == (self.device, self.inode))
    }
}

impl fmt::Debug for DatabaseUrl {
    /// A PostgreSQL URL may carry a password, so it is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) | Self::SqliteWithoutSync(path) => {
                write!(f, "SQLite, {}", path.display())
            }
            Self::Postgres(_) => f.write_str("PostgreSQL"),
        }
    }
}

#[derive(Debug, Clone)]
pub struct Manager {
    url: DatabaseUrl,
}

impl Manager {
    pub fn new(url: DatabaseUrl) -> Self {
        Self { url }
    }
}

impl ManageConnection for Manager {
    type Connection = AnyConnection;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<AnyConnection, Self::Error> {
        self.url.connect_again().map_err(diesel::r2d2::Error::ConnectionError)
    }

    fn is_valid(&self, conn: &mut AnyConnection) -> Result<(), Self::Error> {
        conn.ping().map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, conn: &mut AnyConnection) -> bool {
        conn.is_broken()
    }
}

/// The SQLite that is linked in. Versions 3.7.0 to 3.51.2 (but for two repaired ones) can lose
/// commits in WAL mode; start-up refuses them.
pub fn check_sqlite_version(conn: &mut AnyConnection) -> QueryResult<Result<(), String>> {
    use diesel::prelude::*;
    use diesel::sql_types::Text;

    #[derive(QueryableByName)]
    struct Version {
        #[diesel(sql_type = Text)]
        version: String,
    }
    let AnyConnection::Sqlite(conn) = conn else { return Ok(Ok(())) };
    let Version { version } =
        diesel::sql_query("SELECT sqlite_version() AS version").get_result(conn)?;
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    let found = (next(), next(), next());
    let is_sound =
        matches!(found, (3, 44, 6..) | (3, 50, 7..) | (3, 51, 3..)) || found >= (3, 53, 0);
    Ok(if is_sound {
        Ok(())
    } else {
        Err(format!("SQLite {version} can lose commits in WAL mode"))
    })
}
