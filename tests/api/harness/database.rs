//! A database of its own for each test, and SQL on it. The only place in the tests that knows diesel.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use holdfast::store::Store;
use holdfast::store::connection::{AnyConnection, DatabaseUrl};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

pub struct Database {
    pub kind: Kind,
    /// What the service is told.
    pub url: String,
    name: String,
}

const NO_POSTGRES: &str = "there is no PostgreSQL to test on: run the suite with tests/run, which \
    brings one. A suite that leaves half of itself out is not green.";

/// A number for the name of each database of this process.
fn next_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::SeqCst)
}

/// The folder that `tests/run` made and takes away again.
pub fn folder() -> PathBuf {
    PathBuf::from(std::env::var("HOLDFAST_TEST_FOLDER").expect(NO_POSTGRES))
}

fn postgres_url(database: &str) -> String {
    let server = std::env::var("HOLDFAST_TEST_POSTGRES").expect(NO_POSTGRES);
    let (server, _) = server.rsplit_once('/').expect("postgres://USER@HOST/NAME");
    format!("{server}/{database}")
}

/// The connection over which databases are made, once it is sure that nobody else's are at stake.
fn server() -> Sql {
    let mut server = Sql::connect(&postgres_url("postgres"));
    let data = server.texts("SELECT current_setting('data_directory') AS value");
    let inside = folder().canonicalize().unwrap();
    assert!(
        Path::new(&data[0]).canonicalize().is_ok_and(|data| data.starts_with(&inside)),
        "the PostgreSQL at hand is not the one that tests/run has started"
    );
    server
}

/// Opened and migrated once for each process; tests get copies.
fn template(kind: Kind) -> &'static str {
    static SQLITE: OnceLock<String> = OnceLock::new();
    static POSTGRES: OnceLock<String> = OnceLock::new();
    let migrated = |url: String| {
        let store = Store::open(&DatabaseUrl::parse(&url).unwrap(), 1, [1; 32]).unwrap();
        super::runtime().block_on(store.close());
    };
    match kind {
        Kind::Sqlite => SQLITE.get_or_init(|| {
            let path = folder().join(format!("work/template-{}.sqlite", std::process::id()));
            migrated(format!("sqlite:{}", path.display()));
            path.display().to_string()
        }),
        Kind::Postgres => POSTGRES.get_or_init(|| {
            let name = format!("template_{}", std::process::id());
            let mut server = server();
            server.execute(&format!("CREATE DATABASE {name}"));
            migrated(postgres_url(&name));
            // A template can be copied only while nobody is connected to it.
            let others = format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            );
            server.execute(&others);
            let connected =
                format!("SELECT count(*) AS value FROM pg_stat_activity WHERE datname = '{name}'");
            while server.number(&connected) > 0 {
                std::thread::yield_now();
            }
            name
        }),
    }
}

impl Database {
    /// With all tables and nothing in them.
    pub fn migrated(kind: Kind) -> Self {
        let template = template(kind);
        let database = Self::named(kind);
        match kind {
            Kind::Sqlite => {
                std::fs::copy(template, &database.name).unwrap();
            }
            Kind::Postgres => {
                server().execute(&format!("CREATE DATABASE {} TEMPLATE {template}", database.name))
            }
        }
        database
    }

    /// Without tables.
    pub fn empty(kind: Kind) -> Self {
        let database = Self::named(kind);
        if kind == Kind::Postgres {
            server().execute(&format!("CREATE DATABASE {}", database.name));
        }
        database
    }

    fn named(kind: Kind) -> Self {
        let (process, number) = (std::process::id(), next_number());
        match kind {
            Kind::Sqlite => {
                let path = folder().join(format!("work/test-{process}-{number}.sqlite"));
                let name = path.display().to_string();
                Self { kind, url: format!("sqlite:{name}"), name }
            }
            Kind::Postgres => {
                let name = format!("test_{process}_{number}");
                Self { kind, url: postgres_url(&name), name }
            }
        }
    }

    pub fn sql(&self) -> Sql {
        Sql::connect(&self.url)
    }

    /// Whoever is connected to it loses it, and nobody finds it where it was.
    pub fn goes(&self) {
        match self.kind {
            Kind::Sqlite => std::fs::rename(&self.name, self.elsewhere()).unwrap(),
            Kind::Postgres => {
                let mut server = server();
                server.execute(&format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", self.name));
                server.execute(&format!(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'",
                    self.name
                ));
            }
        }
    }

    pub fn comes_back(&self) {
        match self.kind {
            Kind::Sqlite => std::fs::rename(self.elsewhere(), &self.name).unwrap(),
            Kind::Postgres => {
                server().execute(&format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", self.name))
            }
        }
    }

    fn elsewhere(&self) -> String {
        format!("{}-elsewhere", self.name)
    }

    /// How long the write-ahead log of a database in files is.
    pub fn wal_bytes(&self) -> u64 {
        std::fs::metadata(format!("{}-wal", self.name)).map_or(0, |file| file.len())
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        match self.kind {
            Kind::Sqlite => {
                for suffix in ["", "-wal", "-shm", "-elsewhere"] {
                    let _not_there = std::fs::remove_file(format!("{}{suffix}", self.name));
                }
            }
            Kind::Postgres => {
                server().execute(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
            }
        }
    }
}

/// A connection beside the service's own, for looking and for planting faults.
pub struct Sql {
    connection: AnyConnection,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    value: i64,
}

#[derive(QueryableByName)]
struct Words {
    #[diesel(sql_type = Text)]
    value: String,
}

impl Sql {
    fn connect(url: &str) -> Self {
        Self { connection: DatabaseUrl::parse(url).unwrap().connect().unwrap() }
    }

    pub fn kind(&self) -> Kind {
        match self.connection {
            AnyConnection::Postgres(_) => Kind::Postgres,
            AnyConnection::Sqlite(_) => Kind::Sqlite,
        }
    }

    #[track_caller]
    pub fn execute(&mut self, statements: &str) {
        let done = self.connection.batch_execute(statements);
        done.unwrap_or_else(|error| panic!("{error}: {statements}"));
    }

    /// The numbers in the column `value`.
    #[track_caller]
    pub fn numbers(&mut self, query: &str) -> Vec<i64> {
        let rows: QueryResult<Vec<Number>> = diesel::sql_query(query).load(&mut self.connection);
        let rows = rows.unwrap_or_else(|error| panic!("{error}: {query}"));
        rows.into_iter().map(|row| row.value).collect()
    }

    #[track_caller]
    pub fn number(&mut self, query: &str) -> i64 {
        self.numbers(query)[0]
    }

    /// The texts in the column `value`.
    #[track_caller]
    pub fn texts(&mut self, query: &str) -> Vec<String> {
        let rows: QueryResult<Vec<Words>> = diesel::sql_query(query).load(&mut self.connection);
        let rows = rows.unwrap_or_else(|error| panic!("{error}: {query}"));
        rows.into_iter().map(|row| row.value).collect()
    }

    pub fn count(&mut self, table: &str) -> i64 {
        self.number(&format!("SELECT count(*) AS value FROM {table}"))
    }

    pub fn bytes(&self, bytes: &[u8]) -> String {
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        match self.kind() {
            Kind::Sqlite => format!("x'{digits}'"),
            Kind::Postgres => format!("'\\x{digits}'::bytea"),
        }
    }

    /// An expression that shows a column of bytes as lower-case digits.
    pub fn hex(&self, column: &str) -> String {
        match self.kind() {
            Kind::Sqlite => format!("lower(hex({column}))"),
            Kind::Postgres => format!("encode({column}, 'hex')"),
        }
    }

    /// Every table of the service, in alphabetical order.
    pub fn tables(&mut self) -> Vec<String> {
        self.texts(match self.kind() {
            Kind::Sqlite => {
                "SELECT name AS value FROM sqlite_master WHERE type = 'table' \
                 AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY name"
            }
            Kind::Postgres => {
                "SELECT table_name::text AS value FROM information_schema.tables \
                 WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%' ORDER BY 1"
            }
        })
    }

    /// Everything that a table holds, as one text; bytes are in it as digits.
    pub fn dump(&mut self, table: &str) -> String {
        let row = match self.kind() {
            Kind::Postgres => format!("SELECT t::text AS value FROM {table} t"),
            Kind::Sqlite => {
                let columns = self.texts(&format!(
                    "SELECT 'quote(' || name || ')' AS value FROM pragma_table_info('{table}')"
                ));
                format!("SELECT {} AS value FROM {table}", columns.join(" || ' ' || "))
            }
        };
        self.texts(&row).join("\n")
    }

    /// How many rows each table has. Two equal answers mean that nothing was added or taken away.
    pub fn row_counts(&mut self) -> Vec<(String, i64)> {
        let tables = self.tables();
        tables.into_iter().map(|table| (table.clone(), self.count(&table))).collect()
    }
}
