//! What another policy would have meant: the same windows, counted twice.

use std::collections::BTreeMap;
use std::sync::Barrier;

use compliance::access::Role;
use compliance::instant::{HOUR_MS, MINUTE_MS};
use serde_json::{Value, json};

use crate::builders::{self, OneOrder, sign_on};
use crate::harness::caller::{Answer, Caller, send};
use crate::harness::push_service::{Phone, PushService};
use crate::harness::{TestApp, on_each_database};

const FROM: &str = "2026-11-23T00:00:00Z";

fn asked(app: &TestApp, mut proposal: Value) -> Value {
    proposal["from"] = json!(FROM);
    proposal["until"] = json!(app.clock.now().to_rfc3339());
    proposal
}

pub fn run(caller: &Caller<'_>, proposal: Value) -> Value {
    caller.post("/back-tests", &asked(caller.app, proposal)).expect(200)
}

/// How many alerts of each kind there are, and how many of them something closed by itself.
pub fn raised(side: &Value) -> BTreeMap<String, (i64, i64)> {
    let number = |count: &Value, name: &str| count[name].as_i64().unwrap();
    let counts = side["alerts"].as_array().unwrap().iter();
    counts
        .map(|count| {
            let kind = count["kind"].as_str().unwrap().to_owned();
            (kind, (number(count, "raised"), number(count, "superseded")))
        })
        .collect()
}

/// The same of what is on file, about windows that have closed.
pub fn on_file(app: &TestApp) -> BTreeMap<String, (i64, i64)> {
    let mut sql = app.sql();
    let of = format!(
        "FROM alerts a JOIN obligations o ON o.id = a.obligation_id WHERE o.closes_at < {}",
        app.clock.now().ms()
    );
    let kinds = sql.texts(&format!("SELECT DISTINCT a.kind AS value {of}"));
    kinds
        .into_iter()
        .map(|kind| {
            let counted = format!("SELECT count(*) AS value {of} AND a.kind = '{kind}'");
            let closed = "a.close_reason IN ('attendance_found', 'entered_in_error')";
            let superseded = sql.number(&format!("{counted} AND {closed}"));
            (kind, (sql.number(&counted), superseded))
        })
        .collect()
}

fn standings(side: &Value) -> BTreeMap<String, i64> {
    let counts = side["standings"].as_array().unwrap().iter();
    counts
        .map(|it| (it["standing"].as_str().unwrap().to_owned(), it["duties"].as_i64().unwrap()))
        .collect()
}

/// Tuesday's duties of as many subjects, each to be confirmed by the officer.
struct Counter<'a> {
    app: &'a TestApp,
    officer: Caller<'a>,
    supervisor: Caller<'a>,
    due: Vec<Value>,
}

impl<'a> Counter<'a> {
    fn with(app: &'a TestApp, subjects: usize, order: &OneOrder) -> Self {
        app.import(&order.times(subjects));
        app.sweep();
        let (officer, supervisor) = (app.officer_at("ALD"), app.supervisor_at("ALD"));
        let list = format!("/stations/{}/due?date=2026-11-24", app.station("ALD"));
        let due = officer.get(&list).expect(200)["due"].as_array().unwrap().clone();
        assert_eq!(due.len(), subjects);
        Self { app, officer, supervisor, due }
    }

    /// Now, of an attendance at another time by the same clock.
    fn confirm(&self, which: usize, attended_at: &str) {
        let body = sign_on(&self.due[which], self.app.station("ALD"), attended_at);
        let path = format!("/check-ins/{}", self.app.new_id());
        let now = self.app.clock.now().to_rfc3339();
        self.officer
            .send(("PUT", &path), &[("Phone-Clock", now.as_str())], Some(&body))
            .expect(201);
    }

    fn at(&self, time: &str) {
        self.app.clock.set(time);
        self.app.sweep();
    }
}

/// On time; three minutes late; half an hour early; missed; held on a phone until the evening; in custody.
fn one_of_each(app: &TestApp) -> Counter<'_> {
    let counter = Counter::with(app, 6, &OneOrder::default());
    let period = json!({
        "whereabouts": "custody",
        "from": "2026-11-24T02:00:00Z",
        "until": "2026-11-24T20:00:00Z",
        "evidence": "Custody record 12/26",
    });
    let order = counter.due[5]["order_id"].as_str().unwrap();
    let path = format!("/orders/{order}/status-periods/{}", app.new_id());
    counter.supervisor.put(&path, &period).expect(201);
    counter.at("2026-11-24T09:30:00Z");
    counter.confirm(2, "2026-11-24T09:30:00Z");
    counter.at("2026-11-24T10:30:00Z");
    counter.confirm(0, "2026-11-24T10:30:00Z");
    counter.at("2026-11-24T12:01:00Z");
    counter.at("2026-11-24T12:04:00Z");
    counter.confirm(1, "2026-11-24T12:04:00Z");
    counter.at("2026-11-24T19:00:00Z");
    counter.confirm(4, "2026-11-24T11:00:00Z");
    counter.at("2026-11-24T20:00:00Z");
    counter
}

#[test]
fn a_back_test_that_changes_nothing_counts_what_there_was() {
    on_each_database(|app| {
        let counter = one_of_each(app);

        let report = run(&counter.supervisor, json!({}));

        assert_eq!(report["windows"], 6);
        assert_eq!(raised(&report["current"]), on_file(app));
        assert_eq!(report["current"], report["proposed"]);
        assert_eq!(report["differing"], json!([]));
        let missed = ("missed_sign_on".to_owned(), (4, 1));
        assert!(raised(&report["current"]).into_iter().any(|count| count == missed), "{report:#}");
        let expected = [("fulfilled", 2), ("missed", 4)];
        let expected = expected.map(|(standing, duties)| (standing.to_owned(), duties));
        assert_eq!(standings(&report["current"]), expected.into());
        let states = |state: &str| app.count(&format!("obligations WHERE state = '{state}'"));
        assert_eq!((states("fulfilled"), states("missed")), (2, 4));
    });
}

#[test]
fn grace_and_a_margin_take_in_who_came_in_them_and_name_whose_duty_it_is() {
    on_each_database(|app| {
        let counter = one_of_each(app);

        let report = run(
            &counter.supervisor,
            json!({ "grace_ms": 5 * MINUTE_MS, "early_ms": 45 * MINUTE_MS }),
        );

        let (before, after) = (raised(&report["current"]), raised(&report["proposed"]));
        assert_eq!(before, on_file(app));
        assert_eq!((before["missed_sign_on"], after["missed_sign_on"]), ((4, 1), (2, 1)));
        assert_eq!((before["attended_late"], before["attended_early"]), ((1, 0), (1, 0)));
        assert!(!after.contains_key("attended_late") && !after.contains_key("attended_early"));
        assert_eq!(after["missed_sign_on_to_verify"], (1, 0), "custody is what it was");
        assert_eq!(standings(&report["proposed"])["fulfilled"], 4);
        let named: Vec<&Value> = report["differing"].as_array().unwrap().iter().collect();
        let of = |which: usize| &counter.due[which]["obligation_id"];
        assert_eq!(named.len(), 2);
        assert!(named.iter().any(|it| it["obligation_id"] == *of(1)));
        assert!(named.iter().any(|it| it["obligation_id"] == *of(2)));
        assert_eq!(named[0]["current"], "missed");
        assert_eq!(named[0]["proposed"], "fulfilled");
        let narrow = run(&counter.supervisor, json!({ "grace_ms": 2 * MINUTE_MS }));
        assert_eq!(raised(&narrow["proposed"]), before, "three minutes are more than two");
    });
}

#[test]
fn who_was_told_is_who_would_have_been_told_and_shorter_waits_wake_more() {
    on_each_database(|app| {
        app.import(&builders::file(&[]));
        let service = PushService::start();
        let (owner, supervisor) = (app.owner(), app.supervisor_at("ALD"));
        let phones = [&owner, &supervisor].map(|caller| Phone::of(caller, &service));
        let order = OneOrder {
            opens: "21:00",
            closes: "23:00",
            ..OneOrder::owned_by(&owner.account.username)
        };
        app.import(&order.file());
        app.sweep();
        app.clock.set("2026-11-24T22:00:00Z");
        app.sweep();
        app.clock.set("2026-11-24T23:01:00Z");
        app.sweep();
        app.run_jobs();
        app.clock.advance(15 * MINUTE_MS);
        app.sweep();
        app.run_jobs();
        app.clock.advance(5 * MINUTE_MS);
        let alert = app.alerts()[0].id;
        supervisor.put(&format!("/alerts/{alert}/acknowledgement"), &Value::Null).expect(200);
        let sent = service.take();
        app.clock.advance(HOUR_MS);

        let report =
            run(&supervisor, json!({ "escalation": { "waits_ms": [5 * MINUTE_MS, MINUTE_MS] } }));

        let told = |side: &Value, caller: &Caller<'_>, what: &str| {
            let people = side["told"].as_array().unwrap();
            let id = json!(caller.account.id);
            let found = people.iter().find(|person| person["account_id"] == id);
            found.map_or(0, |person| person[what].as_u64().unwrap())
        };
        let really = |phone: &Phone| {
            let mine = sent.iter().filter(|message| phone.is_for(message)).count();
            u64::try_from(mine).unwrap()
        };
        assert_eq!(told(&report["current"], &owner, "times"), really(&phones[0]));
        assert_eq!(told(&report["current"], &supervisor, "times"), really(&phones[1]));
        assert_eq!(told(&report["current"], &owner, "woken"), 1);
        assert!(told(&report["proposed"], &supervisor, "woken") > 1, "{report:#}");
        let first = &report["current"]["first_woken"];
        assert_eq!(first["account_id"], json!(owner.account.id));
        assert_eq!(first["at"], "2026-11-24T23:01:00.000Z");
        assert_eq!(first["rung"], "owner");
        assert_eq!(report["current"]["nobody_reachable"], 0);
        assert_eq!(report["differing"], json!([]), "when people are told changes no duty");
    });
}

#[test]
fn a_back_test_is_asked_of_what_is_over_in_bounds_and_writes_one_entry() {
    on_each_database(|app| {
        let counter = one_of_each(app);
        let supervisor = &counter.supervisor;
        let refused = |proposal: Value, field: &str| {
            let answer = supervisor.post("/back-tests", &proposal);
            let problem = answer.refused("invalid-field");
            assert_eq!(problem["errors"][0]["pointer"], field, "{problem}");
        };
        let with = |name: &str, value: Value| {
            let mut proposal = asked(app, json!({}));
            proposal[name] = value;
            proposal
        };
        refused(with("until", json!("2026-11-24T20:00:00.001Z")), "/until");
        refused(with("until", json!(FROM)), "/until");
        refused(with("from", json!("2025-11-20T00:00:00Z")), "/until");
        refused(with("grace_ms", json!(-1)), "/grace_ms");
        refused(with("grace_ms", json!(4 * HOUR_MS + 1)), "/grace_ms");
        refused(with("early_ms", json!(-1)), "/early_ms");
        refused(with("zone_buffer_m", json!(-1.0)), "/zone_buffer_m");
        refused(with("zone_buffer_m", json!(10_000.5)), "/zone_buffer_m");
        let mut at_station = with("zone_buffer_m", json!(50.0));
        at_station["station_id"] = json!(app.station("ALD"));
        refused(at_station, "/station_id");
        let waits = json!({ "waits_ms": [MINUTE_MS - 1] });
        refused(with("escalation", waits), "/escalation/waits_ms");
        let waits = json!({ "waits_ms": vec![MINUTE_MS; 9] });
        refused(with("escalation", waits), "/escalation/waits_ms");
        supervisor
            .post("/back-tests", &with("station_id", json!(app.new_id())))
            .refused("not-found");
        counter.officer.post("/back-tests", &asked(app, json!({}))).refused("role-may-not");

        let before = app.sql().row_counts();
        run(supervisor, json!({ "grace_ms": MINUTE_MS }));
        let changed: Vec<(String, i64)> = app
            .sql()
            .row_counts()
            .into_iter()
            .zip(before)
            .filter(|(after, before)| after != before)
            .map(|((table, after), (_, before))| (table, after - before))
            .collect();
        assert_eq!(changed, [("ledger_entries".to_owned(), 1)]);
        assert_eq!(app.count("ledger_entries WHERE act = 'back_test'"), 1);
    });
}

#[test]
fn only_what_the_caller_may_know_of_is_counted() {
    on_each_database(|app| {
        one_of_each(app);
        let elsewhere = run(&app.supervisor_at("HEX"), json!({}));
        assert_eq!(elsewhere["windows"], 0);
        let auditor = app.somebody(Role::Auditor, &[]);
        assert_eq!(run(&auditor, json!({}))["windows"], 6);
        let station = |code: &str| json!({ "station_id": app.station(code) });
        assert_eq!(run(&auditor, station("ALD"))["windows"], 6);
        assert_eq!(run(&auditor, station("HEX"))["windows"], 0);
        let mut report = run(&auditor, json!({})).to_string();
        report.make_ascii_lowercase();
        assert!(!report.contains("vane"), "no subject is named");
    });
}

#[test]
fn more_windows_than_a_page_are_each_counted_once() {
    on_each_database(|app| {
        let subjects = 510;
        app.import(&OneOrder::default().times(subjects));
        app.sweep();
        app.clock.set("2026-11-24T12:01:00Z");
        app.sweep();
        app.clock.advance(1);

        let report = run(&app.supervisor_at("ALD"), json!({ "grace_ms": MINUTE_MS }));

        assert_eq!(report["windows"], subjects);
        assert_eq!(raised(&report["current"])["missed_sign_on"].0, 510);
        assert_eq!(raised(&report["current"]), on_file(app));
    });
}

#[test]
fn back_tests_run_one_at_a_time_and_another_is_asked_to_wait() {
    on_each_database(|app| {
        app.import(&OneOrder::default().times(510));
        app.sweep();
        app.clock.set("2026-11-24T12:01:00Z");
        app.sweep();
        app.clock.advance(1);
        let supervisor = app.supervisor_at("ALD");
        let (address, token) = (app.address, app.token_for(&supervisor.account));
        let text = asked(app, json!({})).to_string();
        let start = Barrier::new(6);

        let answers: Vec<Answer> = std::thread::scope(|scope| {
            let ask = || {
                let bearer = format!("Bearer {token}");
                let headers =
                    [("authorization", bearer.as_str()), ("content-type", "application/json")];
                start.wait();
                send(address, ("POST", "/api/v1/back-tests"), &headers, Some(text.as_bytes()))
            };
            let asking: Vec<_> = (0..6).map(|_| scope.spawn(ask)).collect();
            asking.into_iter().map(|asked| asked.join().unwrap()).collect()
        });

        let (done, refused): (Vec<_>, Vec<_>) =
            answers.into_iter().partition(|answer| answer.status == 200);
        assert!(!done.is_empty() && !refused.is_empty(), "{} were done", done.len());
        for answer in refused {
            assert_eq!(answer.status, 503);
            assert_eq!(answer.header("retry-after"), Some("5"));
            answer.refused("busy");
        }
        let entries = app.count("ledger_entries WHERE act = 'back_test'");
        assert_eq!(
            entries,
            i64::try_from(done.len()).unwrap(),
            "who was refused asked for nothing"
        );
        run(&supervisor, json!({}));
    });
}
