//! Import: whole or not at all, and a second time without any effect.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::builders::OneOrder;
use crate::harness::{example, on_each_database, repository};

fn examples() -> Vec<String> {
    let folder = repository().join("examples/orders");
    let names = std::fs::read_dir(folder).unwrap();
    let names: BTreeSet<String> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".json"))
        .collect();
    assert!(names.len() >= 14, "{names:?}");
    names.into_iter().collect()
}

#[test]
fn every_example_is_taken_in_and_a_second_time_changes_nothing() {
    on_each_database(|app| {
        app.asha_mercer();
        for name in examples() {
            let done = app.import(&example(&name));
            assert!(done.orders == 1 || done.stations == 6, "{name}: {done:?}");
        }
        app.sweep();
        let before = app.sql().row_counts();

        for name in examples() {
            let done = app.import(&example(&name));
            let changed = (done.stations, done.orders, done.versions, done.changed);
            assert_eq!(changed, (0, 0, 0, 0), "{name}");
        }
        app.sweep();

        assert_eq!(app.sql().row_counts(), before);
    });
}

#[test]
fn a_file_with_a_mistake_is_refused_whole_with_line_field_and_reason() {
    let folder = repository().join("tests/data/refused");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let expected: Vec<Value> = serde_json::from_str(&read("expected.json")).unwrap();
    let files = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(expected.len(), files - 2, "a file is in no row of expected.json");
    on_each_database(|app| {
        let before = app.sql().row_counts();
        let mut wrong = Vec::new();
        for row in &expected {
            let name = row["file"].as_str().unwrap();
            let Err(faults) = app.try_import(&read(name)) else {
                wrong.push(format!("{name} was taken in"));
                continue;
            };
            let fault = &faults[0];
            let is_as_expected = faults.len() == 1
                && serde_json::json!(fault.line) == row["line"]
                && row["field"] == fault.pointer.as_str()
                && fault.to_string().contains(row["reason_contains"].as_str().unwrap());
            if !is_as_expected {
                wrong.push(format!("{row}\n    was refused with {faults:?}"));
            }
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
        assert_eq!(app.sql().row_counts(), before);
    });
}

#[test]
fn one_wrong_order_keeps_the_others_out_too() {
    on_each_database(|app| {
        let before = app.sql().row_counts();
        let good = OneOrder::default().entry();
        let reference = "SPO/26/0002".to_owned();
        let bad = OneOrder { reference, ..OneOrder::owned_by("nobody.here") }.entry();

        let faults = app.try_import(&crate::builders::file(&[good, bad])).unwrap_err();

        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].pointer, "/orders/1/owner");
        assert_eq!(app.sql().row_counts(), before);
    });
}

#[test]
fn a_version_on_file_cannot_be_changed_by_importing_it_again() {
    on_each_database(|app| {
        app.import(&OneOrder::default().file());
        let before = app.sql().row_counts();

        let other = OneOrder { closes: "12:30", ..OneOrder::default() };
        let faults = app.try_import(&other.file()).unwrap_err();

        assert_eq!(faults[0].pointer, "/orders/0/versions/0/number");
        assert_eq!(app.sql().row_counts(), before);
    });
}
