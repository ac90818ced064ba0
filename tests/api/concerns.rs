//! Reports of concern: every one is investigated, and no path closes one that was not.

use compliance::access::Role;
use compliance::alert::AlertKind;
use compliance::instant::{DAY_MS, HOUR_MS};
use holdfast::store::concerns::closed_without_investigation;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::builders::{self, OneOrder};
use crate::harness::caller::{Answer, Caller};
use crate::harness::{TestApp, on_each_database};
use crate::scene::concerns::{act, told};
use crate::zones::entry_with;

mod any_order;
mod clocks;
mod context;
mod public_form;

/// When `told` says that it was told.
const TOLD_AT: &str = "2026-11-24T10:30:00Z";

/// A force with one order, and those who deal with reports about it.
struct Desk<'a> {
    app: &'a TestApp,
    order: Uuid,
    owner: Caller<'a>,
    officer: Caller<'a>,
    supervisor: Caller<'a>,
    other_supervisor: Caller<'a>,
    control_room: Caller<'a>,
}

impl<'a> Desk<'a> {
    fn open(app: &'a TestApp) -> Self {
        Self::open_with(app, OneOrder::default(), &[])
    }

    fn open_with(app: &'a TestApp, order: OneOrder, prohibitions: &[Value]) -> Self {
        app.clock.set(TOLD_AT);
        app.import(&builders::file(&[]));
        let owner = app.owner();
        let order = OneOrder {
            starts_on: "2026-11-25",
            owner: Some(owner.account.username.clone()),
            ..order
        };
        app.import(&builders::file(&[entry_with(&order, prohibitions)]));
        let found = owner.get("/orders").expect(200);
        let order = found["orders"][0]["order_id"].as_str().unwrap().parse().unwrap();
        Self {
            app,
            order,
            owner,
            officer: app.officer_at("ALD"),
            supervisor: app.supervisor_at("ALD"),
            other_supervisor: app.supervisor_at("ALD"),
            control_room: app.somebody(Role::ControlRoom, &[]),
        }
    }

    /// Told to the control room, about the order.
    fn told(&self) -> Uuid {
        self.told_of(Some(self.order))
    }

    fn told_of(&self, order: Option<Uuid>) -> Uuid {
        let id = self.app.new_id();
        let body = json!({ "reported_at": self.app.clock.now().to_rfc3339() });
        self.control_room.put(&format!("/concerns/{id}"), &with(told(order), body)).expect(201);
        id
    }

    fn send(&self, who: &Caller<'_>, report: Uuid, what: &str, body: &Value) -> Answer {
        who.put(&format!("/concerns/{report}/{what}/{}", self.app.new_id()), body)
    }

    #[track_caller]
    fn does(&self, who: &Caller<'_>, report: Uuid, what: &str) -> Value {
        self.send(who, report, what, &act(what, self.officer.account.id.uuid())).expect(201)
    }

    /// Somebody who may do it.
    fn whose(&self, what: &str) -> &Caller<'a> {
        match what {
            "actions" | "conclusions" | "updates" => &self.officer,
            _ => &self.supervisor,
        }
    }

    #[track_caller]
    fn done(&self, report: Uuid, acts: &[&str]) {
        for what in acts {
            self.does(self.whose(what), report, what);
        }
    }

    #[track_caller]
    fn file(&self, report: Uuid) -> Value {
        self.supervisor.get(&format!("/concerns/{report}")).expect(200)
    }

    fn status(&self, report: Uuid) -> String {
        self.file(report)["concern"]["status"].as_str().unwrap().to_owned()
    }

    fn open_kinds(&self) -> Vec<String> {
        let alerts = self.app.alerts();
        let open = alerts.iter().filter(|alert| alert.close_reason.is_none());
        let of_reports = [
            AlertKind::ConcernReported,
            AlertKind::ReportUntriaged,
            AlertKind::ReportUnallocated,
            AlertKind::ReporterNotContacted,
            AlertKind::ReportReviewDue,
        ];
        let mut kinds: Vec<String> = open
            .filter(|alert| of_reports.contains(&alert.kind))
            .map(|alert| alert.kind.to_string())
            .collect();
        kinds.sort();
        kinds
    }

    fn violations(&self) -> usize {
        self.app.read(closed_without_investigation).len()
    }
}

/// The whole way, in its order.
const WAY: [&str; 6] = ["triages", "allocations", "actions", "conclusions", "sign-offs", "updates"];

fn with(mut body: Value, more: Value) -> Value {
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

#[test]
fn a_report_goes_from_whoever_is_told_to_whoever_signs_off_and_is_closed_with_word_to_the_reporter()
{
    on_each_database(|app| {
        let desk = Desk::open(app);
        let report = desk.told();

        let mut statuses = vec![desk.status(report)];
        for what in WAY {
            let answer = desk.does(desk.whose(what), report, what);
            statuses.push(answer["status"].as_str().unwrap().to_owned());
        }

        let expected = [
            "new",
            "triaged",
            "allocated",
            "allocated",
            "awaiting_sign_off",
            "awaiting_update",
            "closed",
        ];
        assert_eq!(statuses, expected);
        let file = desk.file(report);
        assert_eq!(file["concern"]["reference"], "C/26/000001");
        assert_eq!(file["concern"]["next_due_at"], Value::Null);
        assert_eq!(file["clocks"], json!([]));
        assert_eq!(file["reporter_details"]["contact"], "07700 900123");
        let kinds: Vec<&str> = file["acts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["kind"].as_str().unwrap())
            .collect();
        let acts =
            ["triaged", "allocated", "investigated", "concluded", "signed_off", "reporter_told"];
        assert_eq!(kinds, acts);
        assert_eq!(file["acts"][3]["note"], "The camera was off that day.");
        assert_eq!(desk.open_kinds(), Vec::<String>::new());
        assert_eq!(desk.violations(), 0);

        let timeline = desk.supervisor.get(&format!("/orders/{}/timeline", desk.order)).expect(200);
        let says: Vec<&str> = timeline["events"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|event| event["kind"].as_str().unwrap().starts_with("concern"))
            .map(|event| event["says"].as_str().unwrap())
            .collect();
        assert_eq!(says.len(), 7, "{says:?}");
        assert_eq!(says[0], "Report C/26/000001, from: family member.");
    });
}

#[test]
fn no_step_of_the_way_can_be_left_out() {
    on_each_database(|app| {
        let desk = Desk::open(app);
        for left_out in WAY {
            let report = desk.told();
            for what in WAY.into_iter().filter(|what| *what != left_out) {
                let body = act(what, desk.officer.account.id.uuid());
                // An officer does only what they were given, so the owner stands in for one.
                let who = if desk.whose(what).account.role == Role::Officer {
                    &desk.owner
                } else {
                    &desk.supervisor
                };
                let answer = desk.send(who, report, what, &body);
                let is_refused = answer.status == 409;
                assert!(answer.status == 201 || is_refused, "{left_out} {what}: {answer:?}");
                if is_refused {
                    answer.refused("report-not-ready");
                }
            }
            assert_ne!(desk.status(report), "closed", "{left_out}");
        }
        assert_eq!(desk.violations(), 0);
    });
}

#[test]
fn whoever_investigated_or_concluded_does_not_sign_off() {
    on_each_database(|app| {
        let desk = Desk::open(app);
        let report = desk.told();
        desk.done(report, &["triages", "allocations"]);
        desk.does(&desk.supervisor, report, "actions");
        desk.does(&desk.officer, report, "conclusions");

        let body = act("sign-offs", Uuid::nil());
        desk.send(&desk.supervisor, report, "sign-offs", &body).refused("other-person-needed");
        let back = json!({ "is_agreed": false });
        desk.send(&desk.other_supervisor, report, "sign-offs", &back).refused("invalid-field");
        let back = json!({ "is_agreed": false, "note": "Ask the shop next door, too." });
        let sent = desk.send(&desk.other_supervisor, report, "sign-offs", &back).expect(201);
        assert_eq!(sent["status"], "allocated");

        desk.does(&desk.other_supervisor, report, "conclusions");
        desk.send(&desk.other_supervisor, report, "sign-offs", &body)
            .refused("other-person-needed");
        assert_eq!(desk.status(report), "awaiting_sign_off");
    });
}

#[test]
fn a_closed_report_is_opened_again_only_with_what_has_come_up_and_goes_the_whole_way_again() {
    on_each_database(|app| {
        let desk = Desk::open(app);
        let report = desk.told();
        desk.done(report, &WAY);
        for what in WAY {
            let body = act(what, desk.officer.account.id.uuid());
            desk.send(desk.whose(what), report, what, &body).refused("report-not-ready");
        }

        desk.does(&desk.supervisor, report, "reopenings");

        assert_eq!(desk.status(report), "allocated");
        let body = act("conclusions", Uuid::nil());
        desk.send(&desk.officer, report, "conclusions", &body).refused("report-not-ready");
        desk.done(report, &["actions", "conclusions", "sign-offs", "updates"]);
        assert_eq!((desk.status(report).as_str(), desk.violations()), ("closed", 0));
    });
}

#[test]
fn a_duplicate_is_linked_and_both_stay_and_are_investigated() {
    on_each_database(|app| {
        let desk = Desk::open(app);
        let (first, again) = (desk.told(), desk.told());
        let link = |to: Uuid| json!({ "to_concern_id": to });

        let linked = desk.send(&desk.officer, again, "links", &link(first)).expect(201);

        assert_eq!(linked["linked_to_id"], first.to_string());
        assert_eq!(linked["status"], "new");
        desk.send(&desk.officer, again, "links", &link(again)).refused("invalid-field");
        desk.send(&desk.officer, first, "links", &link(again)).refused("invalid-field");
        desk.send(&desk.officer, first, "links", &link(Uuid::nil())).refused("invalid-field");
        let listed = desk.supervisor.get("/concerns").expect(200);
        assert_eq!(listed["concerns"].as_array().unwrap().len(), 2);
        let body = act("conclusions", Uuid::nil());
        desk.send(&desk.owner, again, "conclusions", &body).refused("report-not-ready");
        for (report, other) in [(first, again), (again, first)] {
            let beside = &desk.file(report)["context"]["concerns"];
            assert_eq!(beside[0]["concern_id"], other.to_string());
        }
    });
}

#[test]
fn an_anonymous_report_is_taken_and_closes_with_the_reason_why_nobody_was_told() {
    on_each_database(|app| {
        let desk = Desk::open(app);
        let path = format!("/concerns/{}", app.new_id());
        let anonymous = with(told(Some(desk.order)), json!({ "reporter": "anonymous" }));
        desk.officer.put(&path, &anonymous).refused("invalid-field");
        let unnamed = with(anonymous, json!({ "name": "", "contact": "", "contact_safely": "" }));
        let report = desk.officer.put(&path, &unnamed).expect(201);
        let report: Uuid = report["concern_id"].as_str().unwrap().parse().unwrap();
        desk.done(report, &["triages", "allocations", "actions", "conclusions", "sign-offs"]);

        let untold = json!({ "is_told": false, "note": "" });
        desk.send(&desk.officer, report, "updates", &untold).refused("invalid-field");
        let untold = json!({ "is_told": false, "note": "Nobody knows who it was." });
        desk.send(&desk.officer, report, "updates", &untold).expect(201);

        assert_eq!((desk.status(report).as_str(), desk.violations()), ("closed", 0));
    });
}

#[test]
fn what_is_sent_again_is_done_once_and_another_under_its_id_is_refused() {
    on_each_database(|app| {
        let desk = Desk::open(app);
        let report = desk.told();
        let path = format!("/concerns/{report}");
        desk.control_room.put(&path, &told(Some(desk.order))).expect(201);
        desk.officer.put(&path, &told(Some(desk.order))).refused("record-conflict");
        let another = with(told(Some(desk.order)), json!({ "place": "Elsewhere" }));
        desk.control_room.put(&path, &another).refused("record-conflict");

        let path = format!("{path}/triages/{}", app.new_id());
        for _ in 0..2 {
            desk.supervisor.put(&path, &json!({ "risk": "high" })).expect(201);
        }
        desk.supervisor.put(&path, &json!({ "risk": "standard" })).refused("record-conflict");
        desk.other_supervisor.put(&path, &json!({ "risk": "high" })).refused("record-conflict");

        assert_eq!(app.count("concern_reports"), 1);
        assert_eq!(app.count("concern_acts"), 1);
        assert_eq!(app.count("alerts WHERE kind = 'concern_reported'"), 1);
    });
}

#[test]
fn a_report_about_nobody_known_is_for_supervisors_the_control_room_and_whoever_has_it() {
    on_each_database(|app| {
        let desk = Desk::open(app);
        let report = desk.told_of(None);
        let auditor = app.somebody(Role::Auditor, &[]);
        let path = format!("/concerns/{report}");
        for knows in [&desk.supervisor, &desk.control_room, &app.supervisor_at("HEX")] {
            knows.get(&path).expect(200);
        }
        for knows_not in [&desk.owner, &desk.officer, &auditor] {
            knows_not.get(&path).refused("not-found");
            assert_eq!(knows_not.get("/concerns").expect(200)["concerns"], json!([]));
        }
        let alerts = desk.supervisor.get("/alerts").expect(200);
        assert_eq!(alerts["alerts"][0]["kind"], "concern_reported");

        desk.done(report, &["triages", "allocations"]);

        assert!(desk.officer.get(&path).expect(200)["reporter_details"].is_object());
        desk.owner.get(&path).refused("not-found");

        // Somebody finds out that it is about the order.
        let placed = json!({ "risk": "high", "order_id": desk.order });
        let triaged = desk.send(&desk.control_room, report, "triages", &placed).expect(201);
        assert_eq!(triaged["order_reference"], "SPO/26/0001");
        assert_eq!(auditor.get(&path).expect(200)["reporter_details"], Value::Null);
        desk.owner.get(&path).expect(200);
        app.supervisor_at("HEX").get(&path).refused("not-found");
    });
}

#[test]
fn a_report_is_given_only_to_somebody_who_investigates_and_may_know_of_the_order() {
    on_each_database(|app| {
        let desk = Desk::open(app);
        let report = desk.told();
        desk.done(report, &["triages"]);
        let auditor = app.somebody(Role::Auditor, &[]);
        let elsewhere = app.officer_at("HEX");
        for nobody in [&auditor, &elsewhere, &desk.control_room, &app.administrator()] {
            let to = json!({ "to_account_id": nobody.account.id });
            desk.send(&desk.supervisor, report, "allocations", &to).refused("invalid-field");
        }
        desk.does(&desk.supervisor, report, "allocations");
        let colleague = app.officer_at("ALD");
        for what in ["actions", "conclusions", "updates"] {
            let body = act(what, Uuid::nil());
            desk.send(&colleague, report, what, &body).refused("role-may-not");
        }
        assert_eq!(desk.file(report)["acts"].as_array().unwrap().len(), 2);
    });
}

/// Each row of what is planted must be found, and be the only one.
#[test]
fn the_nightly_look_finds_a_report_that_was_closed_past_the_rules() {
    on_each_database(|app| {
        let desk = Desk::open(app);
        let report = desk.told();
        desk.done(report, &WAY);
        assert_eq!(desk.violations(), 0);
        let mut sql = app.sql();
        let id = sql.bytes(report.as_bytes());
        let officer = sql.bytes(desk.officer.account.id.as_bytes());
        let supervisor = sql.bytes(desk.supervisor.account.id.as_bytes());
        let plants = [
            ("kind = 'reviewed'", "kind = 'allocated'", "allocated"),
            ("kind = 'reviewed'", "kind = 'investigated'", "investigated"),
            ("kind = 'reviewed'", "kind = 'concluded'", "concluded"),
            ("kind = 'reviewed'", "kind = 'signed_off'", "signed_off"),
            ("kind = 'reviewed'", "kind = 'reporter_told'", "reporter_told"),
            ("kind = 'sent_back'", "kind = 'signed_off'", "signed_off"),
            ("note = ' '", "note = 'The camera was off that day.'", "concluded"),
        ];
        for (planted, was, kind) in plants {
            let number = WAY_KINDS.iter().position(|it| *it == kind).unwrap() + 1;
            let row = format!("report_id = {id} AND number = {number}");
            sql.execute(&format!("UPDATE concern_acts SET {planted} WHERE {row}"));
            assert_eq!(desk.violations(), 1, "{planted} {kind}");
            sql.execute(&format!("UPDATE concern_acts SET {was} WHERE {row}"));
            assert_eq!(desk.violations(), 0, "{was}");
        }
        // Whoever signed it off had investigated it, concluded it, or been given it.
        for (column, kind) in
            [("actor", "investigated"), ("actor", "concluded"), ("to_account", "allocated")]
        {
            let row = format!("report_id = {id} AND kind = '{kind}'");
            for (who, violations) in [(&supervisor, 1), (&officer, 0)] {
                sql.execute(&format!("UPDATE concern_acts SET {column} = {who} WHERE {row}"));
                assert_eq!(desk.violations(), violations, "{column} {kind}");
            }
        }
        let open = desk.told();
        assert_eq!(desk.violations(), 0);
        let open = sql.bytes(open.as_bytes());
        sql.execute(&format!("UPDATE concern_reports SET status = 'closed' WHERE id = {open}"));
        assert_eq!(desk.violations(), 1);
    });
}

const WAY_KINDS: [&str; 6] =
    ["triaged", "allocated", "investigated", "concluded", "signed_off", "reporter_told"];

/// So that both sides of a clock can be looked at.
fn after(desk: &Desk<'_>, ms: i64) {
    desk.app.clock.advance(ms);
    desk.app.sweep();
}

const A_DAY: i64 = DAY_MS;
const AN_HOUR: i64 = HOUR_MS;
