//! What must be true of the records: nothing is found while all is well, however much has happened, and
//! every planted fault is.

use compliance::Word;
use compliance::access::Role;
use compliance::alert::AlertKind;
use compliance::instant::{DAY_MS, HOUR_MS};
use holdfast::store::invariants;
use serde_json::{Value, json};

use crate::builders::{self, OneOrder, sign_on};
use crate::harness::caller::Caller;
use crate::harness::database::Kind;
use crate::harness::push_service::{Phone, PushService};
use crate::harness::{TestApp, at, on_each_database};
use crate::scene::triage::{case, claim};
use crate::sealed_records::phone::Phone as SealingPhone;

const SATURDAY: &str = "2026-11-28T16:01:00Z";

/// A week in which something of everything happens, with a phone for whoever is told.
///
/// Every day from Tuesday 24 November 2026 a sign-on at ALD: Tuesday kept, Wednesday missed and decided,
/// Thursday missed and excused, Friday missed and a suspected breach, Saturday missed, and nobody has it
/// yet. On Thursday a second version gave it other times.
struct Week<'a> {
    app: &'a TestApp,
    owner: Caller<'a>,
    sergeant: Caller<'a>,
    _phones: PushService,
}

impl<'a> Week<'a> {
    fn lived(app: &'a TestApp) -> Self {
        app.import(&builders::file(&[]));
        let phones = PushService::start();
        let (owner, sergeant) = (app.owner(), app.supervisor_at("ALD"));
        for person in [&owner, &sergeant, &app.somebody(Role::ControlRoom, &[])] {
            Phone::of(person, &phones);
        }
        let daily = Some("FREQ=DAILY");
        let order = OneOrder { rrule: daily, ..OneOrder::owned_by(&owner.account.username) };
        app.import(&order.file());
        let week = Self { app, owner, sergeant, _phones: phones };
        week.sign_on("2026-11-24T10:15:00Z");
        week.missed("2026-11-25T12:01:00Z");
        week.decided();
        let later = OneOrder { opens: "14:00", closes: "16:00", ..order.clone() };
        app.import(&order.varied(&later, "2026-11-26T08:00:00Z"));
        week.missed("2026-11-26T16:01:00Z");
        week.excused();
        week.missed("2026-11-27T16:01:00Z");
        week.acknowledged();
        let path = format!("/alerts/{}/breach-cases/{}", week.alert(), app.new_id());
        week.owner.put(&path, &case()).expect(201);
        week.missed(SATURDAY);
        let concern = format!("/concerns/{}", app.new_id());
        week.sergeant.put(&concern, &crate::scene::concerns::told(None)).expect(201);
        week
    }

    fn sign_on(&self, time: &str) {
        self.app.clock.set(time);
        self.app.sweep();
        let station = self.app.station("ALD");
        let due = self.sergeant.get(&format!("/stations/{station}/due")).expect(200);
        let body = sign_on(&due["due"][0], station, time);
        let mut phone = SealingPhone::new(self.app.new_id());
        phone.enrol(&self.sergeant).expect(201);
        // Of another duty, which is not there: it has come, and nothing comes of it.
        let nowhere = json!({ "obligation_id": self.app.new_id(), "attended_at": time });
        let held = [&body, &nowhere].map(|sign_on| phone.seal(self.app.new_id(), sign_on));
        let sync = |held: &[Value]| {
            let asked = json!({ "cursor": null, "check_ins": held });
            self.sergeant.post("/sync", &asked).expect(200)["results"].clone()
        };
        let results = sync(&held);
        let words = [&results[0]["result"], &results[1]["result"]];
        assert_eq!(words, ["accepted", "rejected"]);
        sync(&[]);
    }

    /// Nobody comes, and whoever is told is told.
    fn missed(&self, time: &str) {
        self.app.clock.set(time);
        assert_eq!(self.app.sweep().missed, 1);
        assert!(self.app.run_jobs() > 0);
    }

    fn alert(&self) -> String {
        let alerts = self.app.alerts();
        let mut misses = alerts.iter().filter(|alert| alert.kind == AlertKind::MissedSignOn);
        misses.rfind(|alert| alert.close_reason.is_none()).unwrap().id.to_string()
    }

    fn acknowledged(&self) {
        let path = format!("/alerts/{}/acknowledgement", self.alert());
        self.owner.put(&path, &Value::Null).expect(200);
    }

    fn decided(&self) {
        let path = format!("/alerts/{}/decisions/{}", self.alert(), self.app.new_id());
        let nothing =
            json!({ "decision": "no_further_action", "rationale": "The bus broke down." });
        self.sergeant.put(&path, &nothing).expect(201);
    }

    fn excused(&self) {
        let id = self.app.new_id();
        let path = format!("/alerts/{}/excuse-claims/{id}", self.alert());
        let mut body = claim();
        body["happened_at"] = json!(self.app.clock.now().to_rfc3339());
        self.owner.put(&path, &body).expect(201);
        let path = format!("/excuse-claims/{id}/decisions/{}", self.app.new_id());
        let accepted = json!({ "decision": "accepted", "rationale": "The ward was rung." });
        self.sergeant.put(&path, &accepted).expect(201);
    }
}

/// Every table as it was, to be put back after each fault.
struct Saved(Vec<String>);

impl Saved {
    fn of(app: &TestApp) -> Self {
        let mut sql = app.sql();
        let tables = sql.tables();
        for table in &tables {
            sql.execute(&format!("CREATE TABLE saved_{table} AS SELECT * FROM {table}"));
        }
        Self(tables)
    }

    fn put_back(&self, app: &TestApp) {
        let mut sql = app.sql();
        sql.execute(match sql.kind() {
            Kind::Sqlite => "PRAGMA foreign_keys = OFF",
            Kind::Postgres => "SET session_replication_role = replica",
        });
        for table in &self.0 {
            let again = format!("INSERT INTO {table} SELECT * FROM saved_{table}");
            sql.execute(&format!("BEGIN; DELETE FROM {table}; {again}; COMMIT"));
        }
    }
}

/// What is done to the records behind the service's back, and which invariants that contradicts.
const PLANTS: &[(&str, &[&str])] = &[
    ("UPDATE orders SET owner_id = NULL", &["order_owned"]),
    (
        "UPDATE accounts SET disabled_at = 1 WHERE id = (SELECT owner_id FROM orders)",
        &["order_owned", "task_owned"],
    ),
    (
        "DELETE FROM obligations WHERE id = \
         (SELECT id FROM obligations WHERE state = 'scheduled' ORDER BY id LIMIT 1)",
        &["window_on_file"],
    ),
    ("UPDATE schedules SET rrule = 'FREQ=NEVER'", &["window_on_file"]),
    (
        "UPDATE obligations SET state = 'open', next_transition_at = 4000000000000 WHERE id = \
         (SELECT id FROM obligations WHERE state = 'missed' ORDER BY id LIMIT 1)",
        &["window_judged", "state_proved"],
    ),
    (
        "UPDATE obligations SET state = 'cancelled', state_reason = 'order_varied' WHERE id = \
         (SELECT id FROM obligations WHERE state = 'missed' ORDER BY id LIMIT 1)",
        &["state_proved"],
    ),
    ("UPDATE check_ins SET superseded_at = 1", &["state_proved"]),
    (
        "UPDATE obligations SET state = 'missed', next_transition_at = NULL WHERE id = \
         (SELECT id FROM obligations WHERE state = 'scheduled' ORDER BY id LIMIT 1)",
        &["state_proved", "miss_raised"],
    ),
    (
        "DELETE FROM findings WHERE id = \
         (SELECT id FROM findings WHERE outcome = 'not_attended' ORDER BY id LIMIT 1)",
        &["miss_raised"],
    ),
    ("UPDATE alerts SET obligation_id = NULL WHERE state = 'triggered'", &["miss_raised"]),
    (
        "DELETE FROM deliveries WHERE alert_id IN \
           (SELECT id FROM alerts WHERE state = 'triggered'); \
         DELETE FROM jobs WHERE alert_id IN (SELECT id FROM alerts WHERE state = 'triggered')",
        &["alert_told"],
    ),
    (
        "DELETE FROM jobs WHERE alert_id IN (SELECT id FROM alerts WHERE state = 'closed')",
        &["delivery_proved"],
    ),
    ("DELETE FROM deliveries", &["delivery_proved"]),
    ("UPDATE deliveries SET status = 'failed_temporary'", &["delivery_proved"]),
    ("UPDATE alerts SET climbs_at = 1 WHERE state = 'triggered'", &["alert_climbs"]),
    ("UPDATE alerts SET climbs_at = 4000000000000 WHERE state = 'triggered'", &["alert_climbs"]),
    (
        "UPDATE alerts SET state = 'closed', climbs_at = NULL, closed_at = 1, \
         close_reason = 'resolved' WHERE state = 'triggered'",
        &["closing_proved", "task_chased"],
    ),
    (
        "UPDATE alerts SET closed_by = NULL WHERE close_reason = 'no_further_action'",
        &["closing_proved"],
    ),
    (
        "UPDATE alerts SET close_reason = 'never_mind' WHERE close_reason = 'no_further_action'",
        &["closing_proved"],
    ),
    (
        "UPDATE alerts SET close_reason = 'excused' WHERE close_reason = 'no_further_action'",
        &["closing_proved"],
    ),
    ("UPDATE facts SET superseded_at = 1 WHERE kind = 'excuse_decided'", &["closing_proved"]),
    ("UPDATE facts SET superseded_at = 1 WHERE kind = 'breach_case_opened'", &["closing_proved"]),
    ("UPDATE alerts SET state = 'acknowledged' WHERE state = 'triggered'", &["closing_proved"]),
    (
        "UPDATE jobs SET settled_at = NULL, outcome = NULL, leased_until = 4000000000000 \
         WHERE id = (SELECT min(id) FROM jobs)",
        &["lease_frees"],
    ),
    (
        "UPDATE jobs SET settled_at = NULL, outcome = NULL, run_at = 4000000000000, \
         leased_until = 0 WHERE id = (SELECT min(id) FROM jobs)",
        &["job_moves"],
    ),
    (
        "UPDATE jobs SET settled_at = NULL, outcome = NULL, run_at = 1, leased_until = 0 \
         WHERE id = (SELECT min(id) FROM jobs)",
        &["job_moves"],
    ),
    ("INSERT INTO timers SELECT 'excuse_evidence', id, id, 1 FROM orders", &["look_taken"]),
    ("UPDATE orders SET watch_at = 1", &["look_taken"]),
    ("UPDATE schedules SET enumerate_at = 1", &["look_taken"]),
    ("UPDATE concern_reports SET status = 'closed', next_due_at = NULL", &["report_investigated"]),
    ("DELETE FROM tasks WHERE kind = 'victim_update'", &["task_asked", "task_chased"]),
    (
        "UPDATE tasks SET state = 'cancelled', cancel_reason = 'order_over' \
         WHERE kind = 'pnc_update'",
        &["task_asked", "task_chased"],
    ),
    ("UPDATE tasks SET owner_id = NULL WHERE state = 'open'", &["task_owned"]),
    ("UPDATE tasks SET due_at = 1 WHERE kind = 'order_review'", &["task_chased"]),
    (
        "UPDATE alerts SET state = 'closed', climbs_at = NULL, closed_at = 1, \
         close_reason = 'resolved' WHERE kind = 'task_overdue'",
        &["task_chased"],
    ),
    ("UPDATE sealed_records SET check_in_id = phone_key_id", &["seal_proved"]),
    ("UPDATE sealed_records SET received_at = received_at + 1", &["seal_proved"]),
    ("UPDATE phone_keys SET account_id = (SELECT owner_id FROM orders)", &["seal_proved"]),
    (
        "UPDATE sealed_records SET sequence = 4 WHERE sequence = 2; \
         UPDATE phone_keys SET checked_to = 4",
        &["numbers_checked"],
    ),
    ("UPDATE ledger_entries SET detail = 'edited' WHERE seq = 2", &["ledger_fits"]),
    ("DELETE FROM ledger_entries WHERE seq = 1 AND chain LIKE 'order:%'", &["ledger_fits"]),
];

#[test]
fn a_week_of_everything_contradicts_nothing_and_every_planted_fault_is_found() {
    on_each_database(|app| {
        let _week = Week::lived(app);
        assert_eq!(app.check(), [""; 0], "a false alarm");
        let saved = Saved::of(app);
        for (plant, violated) in PLANTS {
            app.sql().execute(plant);
            let found = app.read(|tx| invariants::look(tx, at(SATURDAY)));
            let found: Vec<_> = found.iter().filter(|found| found.count > 0).collect();
            let names: Vec<_> = found.iter().map(|found| found.invariant.as_str()).collect();
            assert_eq!(&names, violated, "{plant}");
            assert!(found.iter().all(|found| !found.first.is_empty()), "{found:?}");
            saved.put_back(app);
        }
        assert_eq!(app.check(), [""; 0], "it is as it was");
    });
}

#[test]
fn a_violated_invariant_is_raised_once_and_settled_by_the_look_that_finds_nothing() {
    on_each_database(|app| {
        let week = Week::lived(app);
        let violated = |app: &TestApp| {
            let open = app.alerts().into_iter().filter(|alert| alert.close_reason.is_none());
            open.filter(|alert| alert.kind.to_string() == "invariant_violated").count()
        };
        let shown = |name: &str| {
            let report = week.sergeant.get("/supervision/invariants").expect(200);
            let all = report["invariants"].as_array().unwrap().clone();
            all.into_iter().find(|it| it["name"] == name).unwrap()
        };
        assert_eq!(shown("lease_frees")["looked_at"], Value::Null);
        app.sql().execute(
            "UPDATE jobs SET settled_at = NULL, outcome = NULL, \
                           leased_until = 4000000000000",
        );
        assert_eq!(app.check(), ["lease_frees"]);
        assert_eq!(violated(app), 1);
        let found = shown("lease_frees");
        assert!(found["violations"].as_i64().unwrap() > 1, "{found}");
        assert_eq!(found["looked_at"], app.clock.now().to_rfc3339());
        assert_eq!(app.check(), ["lease_frees"]);
        assert_eq!(violated(app), 1, "raised once");

        app.sql().execute("UPDATE jobs SET leased_until = 0");
        app.run_jobs();

        assert_eq!(app.check(), [""; 0]);
        assert_eq!(violated(app), 0);
        assert_eq!(shown("lease_frees")["violations"], 0);
    });
}

#[test]
fn a_miss_that_nobody_decides_is_found_after_three_times_its_time_unless_an_excuse_waits() {
    on_each_database(|app| {
        let week = Week::lived(app);
        let later = |ms: i64| {
            app.clock.set_to(at(SATURDAY) + ms);
            app.sweep();
            app.run_jobs();
            app.check()
        };
        app.sql().execute(
            "UPDATE schedules SET enumerate_at = NULL; \
                           UPDATE obligations SET state = 'cancelled', next_transition_at = NULL, \
                           state_reason = 'order_varied' WHERE state = 'scheduled'",
        );
        assert_eq!(later(3 * DAY_MS), [""; 0]);
        assert_eq!(later(3 * DAY_MS + 1), ["miss_decided"]);
        let miss = app.alerts().into_iter().find(|alert| {
            alert.close_reason.is_none() && alert.kind.to_string() == "missed_sign_on"
        });
        let path = format!("/alerts/{}/excuse-claims/{}", miss.unwrap().id, app.new_id());
        let mut body = claim();
        body["happened_at"] = json!(app.clock.now().to_rfc3339());
        week.owner.put(&path, &body).expect(201);
        assert_eq!(later(3 * DAY_MS + HOUR_MS), [""; 0], "its evidence is awaited");
    });
}
