//! The sweep: every silence is noticed, once, whatever happens.

use std::sync::{Arc, Barrier};

use compliance::alert::{AlertKind, AlertState, Severity};
use compliance::instant::{DAY_MS, HOUR_MS, MINUTE_MS};
use holdfast::identity::Identity;
use holdfast::store::Store;
use holdfast::store::connection::DatabaseUrl;
use holdfast::store::id::AlertId;
use holdfast::sweeper::{self, Swept};

use crate::builders::OneOrder;
use crate::harness::database::{Database, Kind, Sql};
use crate::harness::{TestApp, at, on_each_database, runtime};

/// The first window of `OneOrder` is over.
const CLOSES_AT: &str = "2026-11-24T12:01:00Z";

#[test]
fn silence_becomes_missed_at_the_closing_instant_once_with_one_alert() {
    on_each_database(|app| {
        app.import(&OneOrder::owned_by(&app.asha_mercer().username).file());
        app.sweep();

        app.clock.set_to(at(CLOSES_AT) + -1);
        assert_eq!(app.sweep(), Swept { opened: 1, ..Swept::default() });
        app.clock.set(CLOSES_AT);
        assert_eq!(app.sweep(), Swept { missed: 1, raised: 1, ..Swept::default() });

        let alerts = app.alerts();
        assert_eq!(alerts.len(), 1);
        assert_eq!(alerts[0].kind, AlertKind::MissedSignOn);
        assert_eq!(alerts[0].severity, Severity::High);
        assert_eq!(alerts[0].state, AlertState::Triggered);
        assert_eq!(alerts[0].concerns_at, at(CLOSES_AT));
        assert_eq!(alerts[0].triggered_at, at(CLOSES_AT));
        assert!(alerts[0].nobody_reachable);
        let mut sql = app.sql();
        let findings = sql
            .texts("SELECT outcome || ' ' || certainty || ' ' || reasons AS value FROM findings");
        assert_eq!(findings.len(), 1);
        assert!(findings[0].starts_with("not_attended provisional"), "{findings:?}");
        assert!(findings[0].contains("closed-without-attendance"), "{findings:?}");
        let acts = "SELECT act AS value FROM ledger_entries WHERE actor IS NULL \
                    AND chain LIKE 'order:%' ORDER BY seq DESC LIMIT 2";
        assert_eq!(sql.texts(acts), ["raise_alert", "find_missed"]);
    });
}

#[test]
fn a_sweep_that_runs_again_or_late_changes_nothing() {
    on_each_database(|app| {
        app.import(&OneOrder::owned_by(&app.asha_mercer().username).times(5));
        app.clock.set(CLOSES_AT);
        assert_eq!(app.sweep().missed, 5);
        let before = app.sql().row_counts();

        assert_eq!(app.sweep(), Swept::default());
        app.clock.advance(-DAY_MS);
        assert_eq!(app.sweep(), Swept::default());
        assert_eq!(app.sql().row_counts(), before);

        // Later, no phone can hold a record any more, and what nobody has taken climbs; that is all.
        app.clock.advance(3 * DAY_MS);
        assert_eq!(app.sweep(), Swept { rung: 5, climbed: 5, ..Swept::default() });
        assert_eq!(app.sweep(), Swept::default());
    });
}

#[test]
fn after_an_outage_everything_is_raised_and_says_how_late() {
    on_each_database(|app| {
        app.import(&OneOrder::owned_by(&app.asha_mercer().username).times(7));
        app.sweep();

        app.clock.set_to(at(CLOSES_AT) + 3 * HOUR_MS + 12 * MINUTE_MS);
        let swept = app.sweep();

        assert_eq!((swept.missed, swept.raised), (7, 7));
        for alert in app.alerts() {
            assert!(alert.detail.contains("3 h 12 min"), "{}", alert.detail);
            assert_eq!(alert.concerns_at, at(CLOSES_AT));
        }
        let late = app.sql().count("findings WHERE reasons LIKE '%raised-late%'");
        assert_eq!(late, 7);
    });
}

#[test]
fn the_heartbeat_comes_after_a_complete_pass_only() {
    on_each_database(|app| {
        let beat = "SELECT beat_at AS value FROM heartbeats WHERE name = 'sweep'";
        app.import(&OneOrder::owned_by(&app.asha_mercer().username).file());
        app.sweep();
        let first = app.sql().number(beat);
        assert_eq!(first, app.clock.now().ms());

        app.sql().execute("ALTER TABLE alerts RENAME TO alerts_out_of_reach");
        app.clock.set(CLOSES_AT);
        assert!(app.try_sweep().is_err());
        assert_eq!(app.sql().number(beat), first);
        assert_eq!(app.count("findings"), 0, "half a settlement stays");

        app.sql().execute("ALTER TABLE alerts_out_of_reach RENAME TO alerts");
        assert_eq!(app.sweep().missed, 1);
        assert_eq!(app.sql().number(beat), app.clock.now().ms());
    });
}

#[test]
fn an_order_that_has_no_sign_on_ahead_is_reported_once() {
    on_each_database(|app| {
        let owner = app.asha_mercer().username;
        let twice = Some("FREQ=WEEKLY;BYDAY=TU;COUNT=2");
        app.import(&OneOrder { rrule: twice, ..OneOrder::owned_by(&owner) }.file());
        app.clock.set("2026-12-01T12:00:00Z");
        app.sweep();
        assert_eq!(app.alert_kinds(), ["missed_sign_on"]);

        app.clock.set("2026-12-01T12:01:00Z");
        app.sweep();
        let reported = ["missed_sign_on", "missed_sign_on", "nothing_ahead"];
        assert_eq!(app.alert_kinds(), reported);

        for _ in 0..3 {
            app.clock.advance(10 * DAY_MS);
            app.sweep();
        }
        let kinds = app.alert_kinds();
        // In a month, the order was to be reviewed.
        assert_eq!(kinds.iter().filter(|kind| *kind != "task_overdue").count(), reported.len());
        assert_eq!(kinds.iter().filter(|kind| *kind == "nothing_ahead").count(), 1);
    });
}

#[test]
fn an_order_that_has_ended_is_not_reported() {
    on_each_database(|app| {
        let owner = app.asha_mercer().username;
        let ends = OneOrder { ends_on: Some("2028-11-01"), ..OneOrder::owned_by(&owner) };
        app.import(&ends.file());
        let mut sweeps = 0;
        while app.clock.now() < at("2028-12-01T00:00:00Z") {
            app.clock.advance(20 * DAY_MS);
            app.sweep();
            sweeps += 1;
        }
        assert!(sweeps > 30);
        assert_eq!(
            app.sql().count(
                "alerts WHERE kind NOT IN ('missed_sign_on', 'order_expiring', 'task_overdue')"
            ),
            0
        );
        let last = "SELECT max(closes_at) AS value FROM obligations";
        assert_eq!(app.sql().number(last), at("2028-10-31T12:01:00Z").ms());
    });
}

#[test]
fn an_order_that_was_not_served_binds_nobody_and_says_so() {
    on_each_database(|app| {
        let owner = app.asha_mercer().username;
        app.import(&OneOrder { served_at: None, ..OneOrder::owned_by(&owner) }.file());

        app.sweep();
        assert_eq!(app.alert_kinds(), ["order_unserved"]);
        app.clock.set(CLOSES_AT);
        let swept = app.sweep();

        assert_eq!((swept.missed, swept.cancelled), (0, 1));
        assert_eq!(app.alert_kinds(), ["order_unserved"]);
        let cancelled = "SELECT state_reason AS value FROM obligations WHERE state = 'cancelled'";
        assert_eq!(app.sql().texts(cancelled), ["order_not_served"]);
    });
}

#[test]
fn an_order_served_as_the_window_closes_does_not_bind_in_that_window() {
    for (served_at, missed) in [("2026-11-24T12:00:59Z", 1), (CLOSES_AT, 0)] {
        on_each_database(|app| {
            let owner = app.asha_mercer().username;
            let served_at = Some(served_at);
            app.import(&OneOrder { served_at, ..OneOrder::owned_by(&owner) }.file());
            app.clock.set(CLOSES_AT);
            assert_eq!(app.sweep().missed, missed);
        });
    }
}

#[test]
fn proof_of_service_and_an_owner_close_what_asked_for_them() {
    on_each_database(|app| {
        app.import(&OneOrder { served_at: None, ..OneOrder::default() }.file());
        app.sweep();
        assert_eq!(app.alert_kinds(), ["order_unowned", "order_unserved"]);

        app.import(&OneOrder::owned_by(&app.asha_mercer().username).file());

        for alert in app.alerts() {
            assert_eq!(alert.state, AlertState::Closed);
            assert_eq!(alert.close_reason.as_deref(), Some("resolved"));
        }
        app.clock.advance(HOUR_MS);
        app.sweep();
        assert_eq!(app.alerts().len(), 2);
    });
}

/// What must never be: two alerts about one missed sign-on, or one that is missing. The checker of
/// the test with teeth and of the one that shows that it has them.
fn duplicates_and_gaps(sql: &mut Sql) -> (i64, i64) {
    let duplicates = sql.number(
        "SELECT count(*) AS value FROM (SELECT obligation_id FROM alerts \
         WHERE kind = 'missed_sign_on' GROUP BY obligation_id HAVING count(*) > 1) twice",
    );
    let gaps = sql.number(
        "SELECT count(*) AS value FROM obligations o WHERE o.state = 'missed' AND NOT EXISTS \
         (SELECT 1 FROM alerts a WHERE a.obligation_id = o.id AND a.kind = 'missed_sign_on')",
    );
    (duplicates, gaps)
}

#[test]
fn two_sweeps_at_once_raise_exactly_one_alert_for_each_miss() {
    on_each_database(|app| {
        app.import(&OneOrder::owned_by(&app.asha_mercer().username).times(300));
        app.sweep();
        app.clock.set(CLOSES_AT);

        let url = DatabaseUrl::parse(&app.database.url).unwrap();
        let stores: Vec<Store> = (0..2).map(|_| Store::open(&url, 4, [1; 32]).unwrap()).collect();
        let start = Barrier::new(stores.len());
        std::thread::scope(|scope| {
            for (store, seed) in stores.iter().zip(100..) {
                let (start, clock) = (&start, &app.clock.0);
                scope.spawn(move || {
                    let identity = Identity::seeded(seed);
                    start.wait();
                    let sweep = sweeper::sweep(store, clock, &identity);
                    // A sweep that gives way to the other is tried again by the loop.
                    let _gave_way = runtime().block_on(sweep);
                });
            }
        });
        app.sweep();
        for store in &stores {
            runtime().block_on(store.close());
        }

        let mut sql = app.sql();
        assert_eq!(sql.count("obligations WHERE state = 'missed'"), 300);
        assert_eq!(sql.count("findings"), 300);
        assert_eq!(sql.count("alerts"), 300);
        assert_eq!(duplicates_and_gaps(&mut sql), (0, 0));
    });
}

fn without_the_constraint(sql: &mut Sql) {
    match sql.kind() {
        Kind::Postgres => {
            sql.execute("ALTER TABLE alerts DROP CONSTRAINT alerts_dedupe_key_key");
        }
        Kind::Sqlite => {
            let made = "SELECT sql AS value FROM sqlite_master WHERE name = 'alerts'";
            let made = sql.texts(made)[0].clone();
            let weaker =
                made.replace("dedupe_key TEXT NOT NULL UNIQUE", "dedupe_key TEXT NOT NULL");
            assert_ne!(made, weaker);
            sql.execute(&format!("PRAGMA foreign_keys = OFF; DROP TABLE alerts; {weaker}"));
        }
    }
}

/// A sweeper as it must not be: looks whether there is an alert and then puts one in, each by itself.
fn planted_sweeper(sql: &mut Sql, identity: &Identity, obligations: &[String]) {
    for obligation in obligations {
        let key = format!("missed:{obligation}");
        if sql.count(&format!("alerts WHERE dedupe_key = '{key}'")) > 0 {
            continue;
        }
        let id: AlertId = identity.id(at(CLOSES_AT));
        let id = sql.bytes(id.uuid().as_bytes());
        let about = match sql.kind() {
            Kind::Sqlite => format!("x'{obligation}'"),
            Kind::Postgres => format!("'\\x{obligation}'::bytea"),
        };
        sql.execute(&format!(
            "INSERT INTO alerts (id, dedupe_key, kind, severity, obligation_id, detail, \
             concerns_at, triggered_at, state, nobody_reachable, step, climbs_at, changed_in) \
             VALUES ({id}, '{key}', 'missed_sign_on', 'high', {about}, '', 0, 0, 'triggered', \
             TRUE, 0, 0, 1)"
        ));
    }
}

#[test]
fn the_checker_sees_the_duplicates_of_a_sweeper_that_only_looks_first() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let app = TestApp::start(Database::migrated(kind));
        app.import(&OneOrder::owned_by(&app.asha_mercer().username).times(40));
        app.sweep();
        let mut sql = app.sql();
        without_the_constraint(&mut sql);
        let due = format!(
            "SELECT {} AS value FROM obligations WHERE closes_at <= {}",
            sql.hex("id"),
            at(CLOSES_AT).ms()
        );
        let due = Arc::new(sql.texts(&due));
        assert_eq!(due.len(), 40);

        let caught = (0..20).any(|round| {
            sql.execute("DELETE FROM alerts");
            let start = Barrier::new(4);
            std::thread::scope(|scope| {
                for number in 0..4 {
                    let (mut sql, start, due) = (app.sql(), &start, due.clone());
                    let identity = Identity::seeded(1_000 + round * 4 + number);
                    scope.spawn(move || {
                        start.wait();
                        planted_sweeper(&mut sql, &identity, &due);
                    });
                }
            });
            duplicates_and_gaps(&mut sql).0 > 0
        });
        assert!(caught, "twenty rounds of a wrong sweeper on {kind:?} and no duplicate was seen");
    }
}

#[test]
fn a_part_of_the_sweep_that_fails_keeps_no_other_from_its_work_and_the_pass_is_not_complete() {
    on_each_database(|app| {
        app.import(&OneOrder::owned_by(&app.asha_mercer().username).times(2));
        app.sweep();
        let beat = "SELECT beat_at AS value FROM heartbeats WHERE name = 'sweep'";
        let before = app.sql().number(beat);
        // A rule that nobody can read: writing schedules out fails.
        let broken = "UPDATE schedules SET opens = 'noon', enumerate_at = 0 \
            WHERE id = (SELECT id FROM schedules ORDER BY id LIMIT 1)";
        app.sql().execute(broken);
        app.clock.set(CLOSES_AT);
        assert!(app.try_sweep().is_err());
        assert_eq!(app.alerts().len(), 2);
        app.clock.advance(DAY_MS);
        assert!(app.try_sweep().is_err());
        assert_eq!(app.count("alert_events WHERE kind = 'nobody_reachable'"), 2);
        assert_eq!(app.sql().number(beat), before);
    });
}

#[test]
fn a_deadline_that_passes_during_a_long_pass_does_not_wait_for_its_end() {
    on_each_database(|app| {
        let username = app.asha_mercer().username;
        app.import(&OneOrder::owned_by(&username).file());
        app.clock.set_to(at(CLOSES_AT) + -1);
        app.sweep();
        // Ten writes of it.
        app.import(&OneOrder::owned_by(&username).times(200));
        let written_out = app.count("obligations");
        let swept = std::thread::scope(|scope| {
            let pass = scope.spawn(|| app.sweep());
            while app.count("obligations") == written_out {
                assert!(!pass.is_finished(), "nothing was written out");
            }
            app.clock.set(CLOSES_AT);
            pass.join().unwrap()
        });
        assert!(swept.missed > 0, "{swept:?}");
        let of_the_first = "alerts WHERE kind = 'missed_sign_on' AND order_id = \
            (SELECT id FROM orders WHERE reference = 'SPO/26/0001')";
        assert_eq!(app.count(of_the_first), 1);
    });
}
