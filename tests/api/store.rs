//! What only the databases themselves can get wrong.

use std::collections::BTreeMap;

use holdfast::store::connection::DatabaseUrl;
use holdfast::store::{Store, StoreError, heartbeats, instance_keys, migrations};

use crate::harness::database::{Database, Kind, Sql};
use crate::harness::{TestApp, at, eventually, on_each_database, repository, runtime};

/// Each column as `table.column`, with its type in diesel's words.
type Columns = BTreeMap<String, String>;

fn columns(sql: &mut Sql) -> Columns {
    let described = match sql.kind() {
        Kind::Sqlite => {
            "SELECT m.name || '.' || c.name || ' ' || upper(c.type) || ' ' || c.\"notnull\" AS value \
             FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' \
             AND m.name NOT LIKE 'sqlite%'"
        }
        Kind::Postgres => {
            "SELECT table_name || '.' || column_name || ' ' || upper(data_type) || ' ' || \
             CASE is_nullable WHEN 'NO' THEN '1' ELSE '0' END AS value \
             FROM information_schema.columns WHERE table_schema = 'public'"
        }
    };
    let mut columns = Columns::new();
    for column in sql.texts(described) {
        let (name, kind) = column.split_once(' ').unwrap();
        let (kind, not_null) = kind.rsplit_once(' ').unwrap();
        let kind = match kind {
            "BYTEA" => "Binary",
            "TEXT" => "Text",
            "BIGINT" => "BigInt",
            "INTEGER" => "Integer",
            "BOOLEAN" => "Bool",
            "DOUBLE PRECISION" => "Double",
            "DATE" => "Date",
            other => other,
        };
        if name.starts_with("__diesel") {
            continue;
        }
        let kind = if not_null == "1" { kind.to_owned() } else { format!("Nullable<{kind}>") };
        columns.insert(name.to_owned(), kind);
    }
    columns
}

/// As the schema's files have them.
fn columns_in_code() -> Columns {
    let folder = repository().join("server/src/store");
    let files = [
        "schema.rs",
        "schema/concerns.rs",
        "schema/delivery.rs",
        "schema/tasks.rs",
        "schema/held_records.rs",
        "schema/sealed_records.rs",
    ]
    .map(|name| folder.join(name));
    let text: String = files.map(|file| std::fs::read_to_string(file).unwrap()).concat();
    let mut columns = Columns::new();
    let mut table = String::new();
    for line in text.lines().map(str::trim) {
        if let Some((name, kind)) = line.split_once(" -> ") {
            columns.insert(format!("{table}.{name}"), kind.trim_end_matches(',').to_owned());
        } else if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with(") {")) {
            table = name.to_owned();
        }
    }
    columns
}

#[test]
fn both_databases_and_the_code_have_the_same_columns() {
    let in_code = columns_in_code();
    assert!(in_code.len() > 150, "{}", in_code.len());
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let found = columns(&mut Database::migrated(kind).sql());
        let differ: Vec<_> = found
            .iter()
            .filter(|(name, kind)| in_code.get(*name) != Some(*kind))
            .chain(in_code.iter().filter(|(name, kind)| found.get(*name) != Some(*kind)))
            .collect();
        assert!(differ.is_empty(), "{kind:?}: {differ:?}");
    }
}

#[test]
fn migrations_undone_and_done_again_leave_the_same_tables() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let database = Database::empty(kind);
        let mut connection = DatabaseUrl::parse(&database.url).unwrap().connect().unwrap();
        migrations::run(&mut connection).unwrap();
        let indexes = match kind {
            Kind::Sqlite => "SELECT coalesce(sql, name) AS value FROM sqlite_master ORDER BY 1",
            Kind::Postgres => {
                "SELECT indexdef AS value FROM pg_indexes \
                WHERE schemaname = 'public' ORDER BY 1"
            }
        };
        let before = (columns(&mut database.sql()), database.sql().texts(indexes));

        migrations::revert(&mut connection).unwrap();
        assert!(database.sql().tables().is_empty(), "{:?}", database.sql().tables());
        migrations::run(&mut connection).unwrap();

        let after = (columns(&mut database.sql()), database.sql().texts(indexes));
        assert!(!before.1.is_empty());
        assert_eq!(before, after);
    }
}

#[test]
fn a_write_that_fails_takes_no_neighbour_with_it() {
    on_each_database(|app| {
        let store: &Store = &app.worker.store;
        let now = at("2026-11-24T12:00:00Z");
        let writes: Vec<_> = (0..64)
            .map(|number: i32| {
                let store = store.clone();
                runtime().spawn(async move {
                    store
                        .write(move |tx| {
                            instance_keys::insert(tx, &format!("key {number}"), b"value")?;
                            if number % 7 == 3 {
                                return Err(StoreError::Overloaded);
                            }
                            heartbeats::beat(tx, &format!("beat {number}"), now, 0)
                        })
                        .await
                })
            })
            .collect();
        let failed: Vec<bool> =
            writes.into_iter().map(|write| runtime().block_on(write).unwrap().is_err()).collect();

        for (number, failed) in failed.iter().enumerate() {
            assert_eq!(*failed, number % 7 == 3, "{number}");
        }
        assert_eq!(app.count("instance_keys WHERE name LIKE 'key %'"), 64 - 9);
        assert_eq!(app.count("heartbeats WHERE name LIKE 'beat %'"), 64 - 9);
    });
}

#[test]
fn a_write_that_panics_ends_no_other_and_leaves_nothing() {
    on_each_database(|app| {
        let store = &app.worker.store;
        let stops = store.write(|tx| {
            instance_keys::insert(tx, "of a panic", b"value")?;
            if tx_is_fated() {
                panic!("planted in a write");
            }
            Ok::<_, StoreError>(())
        });
        assert!(matches!(runtime().block_on(stops), Err(StoreError::Abandoned)));
        app.write(|tx| instance_keys::insert(tx, "after a panic", b"value"));
        assert_eq!(app.count("instance_keys WHERE name LIKE '%a panic'"), 1);
    });
}

/// Keeps the compiler from seeing that what follows cannot be reached.
fn tx_is_fated() -> bool {
    std::hint::black_box(true)
}

#[test]
fn counters_raised_by_many_at_once_lose_no_step() {
    on_each_database(|app| {
        app.write(|tx| heartbeats::beat(tx, "counter", at("1970-01-01T00:00:00Z"), 0));
        let steps: Vec<_> = (0..40)
            .map(|_| {
                let store = app.worker.store.clone();
                runtime().spawn(async move {
                    store
                        .write(|tx| {
                            let last = heartbeats::last(tx, "counter")?;
                            let last = last.map_or(0, |beat| beat.took_ms);
                            heartbeats::beat(tx, "counter", at("1970-01-01T00:00:00Z"), last + 1)
                        })
                        .await
                })
            })
            .collect();
        let done = steps.into_iter().map(|step| runtime().block_on(step).unwrap());
        // Who met the others too often is told so; nobody is told of a step that was lost.
        let kept = done.filter(Result::is_ok).count();
        let counted = "SELECT took_ms AS value FROM heartbeats WHERE name = 'counter'";
        assert_eq!(app.sql().number(counted), i64::try_from(kept).unwrap());
        assert!(kept > 0);
    });
}

#[test]
fn what_is_committed_reaches_sqlites_database_file_while_the_writer_goes_on() {
    let database = Database::migrated(Kind::Sqlite);
    let store = Store::open(&DatabaseUrl::parse(&database.url).unwrap(), 1, [1; 32]).unwrap();
    let path = database.url.strip_prefix("sqlite:").unwrap();
    let is_in_file = || {
        let file = std::fs::read(path).unwrap();
        file.windows(12).any(|found| found == b"of a neighbo")
    };
    for number in 0..600 {
        let name = format!("of a neighbour {number}");
        let written = store.write(move |tx| {
            heartbeats::beat(tx, &name, at("2026-11-24T12:00:00Z"), 0)?;
            Ok::<_, StoreError>(())
        });
        runtime().block_on(written).unwrap();
    }
    eventually(|| is_in_file().then_some(()));
    runtime().block_on(store.close());
}

#[test]
fn a_file_that_was_moved_away_takes_no_write_and_none_comes_in_its_place() {
    let app = TestApp::start(Database::migrated(Kind::Sqlite));
    let beat = || {
        let now = app.clock.now();
        let write =
            app.worker.store.write(move |tx| heartbeats::beat(tx, heartbeats::SWEEP, now, 0));
        runtime().block_on(write)
    };
    let path = std::path::Path::new(app.database.url.strip_prefix("sqlite:").unwrap());
    beat().unwrap();
    app.database.goes();
    assert!(matches!(beat(), Err(StoreError::FileGone)));
    // More readers at once than have a connection: others are asked for.
    let reads = (0..24).map(|_| {
        let store = app.worker.store.clone();
        runtime().spawn(async move {
            let read = store.read(|tx| {
                std::thread::park_timeout(std::time::Duration::from_millis(50));
                heartbeats::last(tx, heartbeats::SWEEP)
            });
            read.await
        })
    });
    for read in reads.collect::<Vec<_>>() {
        let _from_the_file_as_it_was: Result<_, StoreError> = runtime().block_on(read).unwrap();
    }
    assert!(!path.exists(), "another file has come in its place");
    app.database.comes_back();
    beat().unwrap();
}
