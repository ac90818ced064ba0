//! Records. The only user of diesel: one query code base for SQLite and PostgreSQL.
//!
//! There is one isolation rule: every write is serializable. On SQLite one thread owns the writing
//! connection and commits what has queued up meanwhile as one transaction; on PostgreSQL a write is
//! a `SERIALIZABLE` transaction, run again from its start when it collides.

pub mod accounts;
pub mod alert_events;
pub mod alerts;
pub mod channels;
pub mod check_ins;
mod checkpointer;
pub mod compliance_figures;
pub mod concerns;
pub mod connection;
pub mod deliveries;
pub mod evidence;
pub mod facts;
pub mod feeds;
pub mod figures;
pub mod findings;
pub mod heartbeats;
pub mod id;
pub mod instance_keys;
pub mod invariants;
pub mod jobs;
pub mod ladders;
pub mod ledger;
pub mod migrations;
pub mod misses;
pub mod obligations;
pub mod orders;
pub mod phone_keys;
pub mod phones;
pub mod photos;
pub mod positions;
pub mod providers;
pub mod push_subscriptions;
pub mod receipts;
pub mod replays;
pub mod rota;
pub mod schedules;
mod schema;
pub mod scope;
pub mod sealed_records;
pub mod sessions;
mod statement;
pub mod station_closures;
pub mod stations;
pub mod streams;
pub mod subject_homes;
pub mod subjects;
pub mod tasks;
pub mod throttles;
pub mod timeline;
pub mod timers;
mod tx;
mod types;
mod writer;
pub mod zone_stays;

use std::sync::Arc;
use std::time::Duration;

use compliance::ledger::SaltKey;
use diesel::r2d2::{Pool, PooledConnection};

use self::checkpointer::Checkpointer;
use self::connection::{DatabaseUrl, Manager, OpenFile};
pub use self::tx::{Begin, Tx};
use self::writer::Writer;

/// How often a write that collided is run again before the caller is told to come back.
const ATTEMPTS_MAX: u32 = 12;

/// The name of the secret from which the ledger's salts are made.
const LEDGER_SALTS: &str = "ledger_salts";

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database refused a statement")]
    Query(#[from] diesel::result::Error),
    #[error("no connection to the database: {0}")]
    Connect(String),
    #[error("the same rows are being written by others; try again")]
    Contended,
    #[error("too many writes are waiting")]
    Overloaded,
    #[error("a row says {value:?}, which is no word of {vocabulary}")]
    Corrupt { vocabulary: &'static str, value: String },
    #[error("the database's file is not where it was opened: what is written would be lost")]
    FileGone,
    #[error("a write stopped before it had an answer")]
    Abandoned,
}

impl StoreError {
    /// Whether running the whole write again can succeed: it met another one, nothing else.
    fn is_collision(&self) -> bool {
        use diesel::result::{DatabaseErrorKind, Error};
        match self {
            Self::Query(Error::DatabaseError(kind, about)) => match kind {
                DatabaseErrorKind::SerializationFailure | DatabaseErrorKind::UniqueViolation => {
                    true
                }
                _ => about.message().contains("deadlock detected"),
            },
            _ => false,
        }
    }
}

/// What a write can end with besides its result. Anything but success undoes the whole write.
pub trait WriteError: From<StoreError> + Send + 'static {
    fn store_error(&self) -> Option<&StoreError>;
}

impl WriteError for StoreError {
    fn store_error(&self) -> Option<&StoreError> {
        Some(self)
    }
}

#[derive(Clone)]
pub struct Store {
    backend: Backend,
    salts: Arc<SaltKey>,
}

#[derive(Clone)]
enum Backend {
    Sqlite { writer: Writer, readers: Pool<Manager> },
    Postgres { pool: Pool<Manager> },
}

impl Store {
    /// Opens the database and brings its tables up to date. `fresh_key` becomes the secret of the
    /// ledger's salts when the database has none yet.
    pub fn open(
        url: &DatabaseUrl,
        connections: u32,
        fresh_key: [u8; 32],
    ) -> Result<Self, StoreError> {
        let connect = || url.connect().map_err(|error| StoreError::Connect(error.to_string()));
        let mut first = connect()?;
        migrations::run(&mut first)?;
        let secret = instance_keys::kept(&mut first, LEDGER_SALTS, &fresh_key)?;
        let salts = SaltKey::new(&secret).map_err(|_length| StoreError::Corrupt {
            vocabulary: "the keys of HMAC",
            value: LEDGER_SALTS.to_owned(),
        })?;
        let manager = Manager::new(url.clone());
        let pool = |connections| {
            Pool::builder()
                .max_size(connections)
                .min_idle(Some(1))
                .connection_timeout(Duration::from_secs(5))
                .test_on_check_out(false)
                .build(manager)
                .map_err(|error| StoreError::Connect(error.to_string()))
        };
        let backend = match url {
            DatabaseUrl::Sqlite(path) | DatabaseUrl::SqliteWithoutSync(path) => {
                let file = OpenFile::of(path);
                let file = file.map_err(|error| StoreError::Connect(error.to_string()))?;
                // Memory that making a history once took, its process would keep.
                if matches!(url, DatabaseUrl::Sqlite(_)) {
                    connection::prepare_writer(&mut first)?;
                }
                let checkpointer = Checkpointer::start(connect()?);
                let readers = pool(connections)?;
                let writer = Writer::start((first, file), salts.clone(), checkpointer);
                Backend::Sqlite { writer, readers }
            }
            DatabaseUrl::Postgres(_) => Backend::Postgres { pool: pool(connections)? },
        };
        Ok(Self { backend, salts: Arc::new(salts) })
    }

    /// Runs `act` as one serializable transaction. It may run more than once, so it must have no
    /// effect but on `tx`; it cannot wait for anything, because it is not async.
    pub async fn write<T, E, F>(&self, act: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: WriteError,
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + Sync + 'static,
    {
        match &self.backend {
            Backend::Sqlite { writer, .. } => writer.write(act).await,
            Backend::Postgres { pool } => write_retried((pool, &self.salts), act).await,
        }
    }

    /// Runs `act` on one unchanging picture of the database; it cannot write.
    pub async fn read<T, E, F>(&self, act: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: WriteError,
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let (pool, salts) = (self.readers().clone(), self.salts.clone());
        let read = tokio::task::spawn_blocking(move || {
            let mut conn = checked_out(&pool)?;
            tx::transact(&mut conn, &salts, Begin::Read, |tx| act(tx))
        });
        read.await.unwrap_or_else(|_| Err(StoreError::Abandoned.into()))
    }

    /// Runs one statement that reads a row by its key, without the cost of a transaction around it.
    /// SQLite answers that in microseconds, sooner than another thread would wake up.
    pub async fn look<T, E, F>(&self, act: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: WriteError,
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        if let Backend::Sqlite { readers, .. } = &self.backend
            && let Some(mut conn) = readers.try_get()
        {
            return act(&mut Tx::new(&mut conn, &self.salts));
        }
        let (pool, salts) = (self.readers().clone(), self.salts.clone());
        let look = tokio::task::spawn_blocking(move || {
            let mut conn = checked_out(&pool)?;
            act(&mut Tx::new(&mut conn, &salts))
        });
        look.await.unwrap_or_else(|_| Err(StoreError::Abandoned.into()))
    }

    fn readers(&self) -> &Pool<Manager> {
        match &self.backend {
            Backend::Sqlite { readers, .. } => readers,
            Backend::Postgres { pool } => pool,
        }
    }

    /// Ends the writer after what has queued up is on disk.
    pub async fn close(&self) {
        if let Backend::Sqlite { writer, .. } = &self.backend {
            writer.close().await;
        }
    }
}

fn checked_out(pool: &Pool<Manager>) -> Result<PooledConnection<Manager>, StoreError> {
    pool.get().map_err(|error| StoreError::Connect(error.to_string()))
}

async fn write_retried<T, E, F>(
    (pool, salts): (&Pool<Manager>, &Arc<SaltKey>),
    act: F,
) -> Result<T, E>
where
    T: Send + 'static,
    E: WriteError,
    F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + Sync + 'static,
{
    let act = Arc::new(act);
    for attempt in 0..ATTEMPTS_MAX {
        let (pool, salts, act) = (pool.clone(), salts.clone(), act.clone());
        let run = tokio::task::spawn_blocking(move || {
            let mut conn = checked_out(&pool)?;
            tx::transact(&mut conn, &salts, Begin::Write, |tx| act(tx))
        });
        match run.await.unwrap_or_else(|_| Err(StoreError::Abandoned.into())) {
            Err(error) if error.store_error().is_some_and(StoreError::is_collision) => {
                tokio::time::sleep(Duration::from_millis(1 << attempt.min(6))).await;
            }
            done => return done,
        }
    }
    Err(StoreError::Contended.into())
}
