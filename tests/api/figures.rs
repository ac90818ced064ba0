//! Figures over three days of which everything is known.
//!
//! Of Vane's sign-ons at ALD, Tuesday's is found missed until a record that a phone held shows him there;
//! Wednesday's is missed, he comes half an hour late, and an excuse is rejected; Thursday's is missed, and
//! he is arrested two hours later. Another order, at HEX, is neither served nor anybody's.

use std::collections::BTreeMap;

use compliance::access::Role;
use compliance::instant::MINUTE_MS;
use serde_json::{Value, json};

use crate::builders::{OneOrder, file, sign_on};
use crate::harness::caller::Caller;
use crate::harness::push_service::{Phone, PushService};
use crate::harness::{TestApp, at, on_each_database};
use crate::scene::triage::{case, claim, decision};

const DAYS: &str = "from=2026-11-24&until=2026-11-26";

struct Days<'a> {
    app: &'a TestApp,
    counter: Caller<'a>,
    owner: Caller<'a>,
    sergeant: Caller<'a>,
}

impl<'a> Days<'a> {
    fn lived(app: &'a TestApp) -> Self {
        app.import(&file(&[]));
        let (owner, phones) = (app.owner(), PushService::start());
        Phone::of(&owner, &phones);
        let daily = Some("FREQ=DAILY");
        let kept = OneOrder { rrule: daily, ..OneOrder::owned_by(&owner.account.username) };
        let left = OneOrder {
            reference: "SPO/26/0002".to_owned(),
            served_at: None,
            station: "HEX",
            rrule: Some("FREQ=DAILY;COUNT=1"),
            ..OneOrder::default()
        };
        app.import(&file(&[kept.entry(), left.entry()]));
        let (counter, sergeant) = (app.officer_at("ALD"), app.supervisor_at("ALD"));
        let days = Self { app, counter, owner, sergeant };
        days.tuesday();
        days.wednesday();
        days.thursday();
        days
    }

    fn at_minute(&self, day: &str, minute: i64) {
        self.app.clock.set_to(at(&format!("{day}T12:01:00Z")) + minute * MINUTE_MS);
        self.app.sweep();
    }

    fn confirm(&self, day: &str, attended_at: &str) {
        let station = self.app.station("ALD");
        let due = self.counter.get(&format!("/stations/{station}/due?date={day}")).expect(200);
        let body = sign_on(&due["due"][0], station, attended_at);
        let path = format!("/check-ins/{}", self.app.new_id());
        let clock = self.app.clock.now().to_rfc3339();
        let headers = [("Phone-Clock", clock.as_str())];
        self.counter.send(("PUT", &path), &headers, Some(&body)).expect(201);
    }

    fn open(&self, kind: &str) -> String {
        let alerts = self.app.alerts();
        let mut open = alerts.iter().filter(|alert| alert.close_reason.is_none());
        open.find(|alert| alert.kind.to_string() == kind).unwrap().id.to_string()
    }

    fn acknowledge(&self, kind: &str) {
        let path = format!("/alerts/{}/acknowledgement", self.open(kind));
        self.owner.put(&path, &Value::Null).expect(200);
    }

    fn put(&self, by: &Caller<'_>, path: &str, body: &Value) -> String {
        let id = self.app.new_id().to_string();
        by.put(&format!("{path}/{id}"), body).expect(201);
        id
    }

    fn decide(&self, kind: &str) {
        let body = json!({ "decision": "no_further_action", "rationale": "As the file shows." });
        self.put(&self.sergeant, &format!("/alerts/{}/decisions", self.open(kind)), &body);
    }

    fn tuesday(&self) {
        self.at_minute("2026-11-24", 0);
        self.at_minute("2026-11-24", 29);
        self.app.clock.advance(-14 * MINUTE_MS);
        self.confirm("2026-11-24", "2026-11-24T10:15:00Z");
        self.decide("held_on_phone");
    }

    fn wednesday(&self) {
        let day = "2026-11-25";
        self.at_minute(day, 0);
        self.at_minute(day, 10);
        self.acknowledge("missed_sign_on");
        let mut body = claim();
        body["happened_at"] = json!("2026-11-25T12:05:00Z");
        let miss = self.open("missed_sign_on");
        let id = self.put(&self.owner, &format!("/alerts/{miss}/excuse-claims"), &body);
        let rejected = json!({ "decision": "rejected", "rationale": "He was seen in town." });
        self.put(&self.sergeant, &format!("/excuse-claims/{id}/decisions"), &rejected);
        self.at_minute(day, 29);
        self.confirm(day, "2026-11-25T12:30:00Z");
        self.at_minute(day, 30);
        self.decide("missed_sign_on");
        self.at_minute(day, 39);
        self.acknowledge("attended_late");
    }

    fn thursday(&self) {
        let day = "2026-11-26";
        self.at_minute(day, 0);
        self.at_minute(day, 10);
        self.app.clock.advance(10 * MINUTE_MS);
        self.acknowledge("missed_sign_on");
        self.app.clock.advance(20 * MINUTE_MS);
        let miss = self.open("missed_sign_on");
        let id = self.put(&self.owner, &format!("/alerts/{miss}/breach-cases"), &case());
        self.app.clock.advance(80 * MINUTE_MS);
        self.put(&self.sergeant, &format!("/breach-cases/{id}/decisions"), &decision("arrested"));
        // Nobody has decided on Wednesday's late attendance: it is acknowledged a second time.
        self.app.sweep();
        self.acknowledge("attended_late");
    }
}

type Figures = BTreeMap<String, Option<f64>>;

fn figures(of: &Value) -> Figures {
    let text = |it: &Value, name: &str| it[name].as_str().unwrap().to_owned();
    let all = of["figures"].as_array().unwrap().iter();
    let figures: Figures = all
        .map(|it| (format!("{} {}", text(it, "group"), text(it, "name")), it["value"].as_f64()))
        .collect();
    assert_eq!(figures.len(), of["figures"].as_array().unwrap().len(), "one name, one figure");
    figures
}

/// What is said of each, and everything else of those groups is nothing.
#[track_caller]
fn check(figures: &Figures, expected: &[(&str, f64)]) {
    let expected: Figures =
        expected.iter().map(|(name, value)| ((*name).to_owned(), Some(*value))).collect();
    let groups: Vec<&str> = expected.keys().map(|name| name.split(' ').next().unwrap()).collect();
    let is_asked = |name: &str| groups.contains(&name.split(' ').next().unwrap());
    let found: Figures = figures
        .iter()
        .filter(|(name, value)| is_asked(name) && value.is_some_and(|value| value != 0.0))
        .map(|(name, value)| (name.clone(), *value))
        .collect();
    assert_eq!(found, expected);
}

const MINUTES: f64 = 60_000.0;

#[test]
fn three_days_are_counted_and_timed_within_the_scope_of_whoever_asks() {
    on_each_database(|app| {
        let days = Days::lived(app);
        let path = format!("/supervision/figures?{DAYS}");
        let of_sergeant = days.sergeant.get(&path).expect(200);
        check(
            &figures(&of_sergeant),
            &[
                ("orders in_force", 1.0),
                ("sign_ons fulfilled", 1.0),
                ("sign_ons missed", 2.0),
                ("sign_ons missed_provisional", 2.0),
                ("sign_ons attended_late", 1.0),
                ("sign_ons on_time_share", 1.0 / 3.0),
                ("sign_ons provisional_findings_withdrawn", 1.0),
                ("alerts raised", 5.0),
                ("alerts acknowledged", 3.0),
                ("alerts decided", 3.0),
                ("alerts acknowledged_after_median", 10.0 * MINUTES),
                ("alerts acknowledged_after_p90", 20.0 * MINUTES),
                ("alerts decided_after_median", 30.0 * MINUTES),
                ("alerts decided_after_p90", 40.0 * MINUTES),
                ("alerts tellings", 5.0),
                ("alerts people_told", 1.0),
                ("alerts tellings_per_person_and_12_hours", 5.0 / 6.0),
                ("excuses rejected", 1.0),
                ("breach_cases opened", 1.0),
                ("breach_cases under_enquiry", 1.0),
                ("breach_cases opened_per_order", 1.0),
                ("breach_cases arrests", 1.0),
                ("breach_cases arrests_per_case", 1.0),
                ("breach_cases arrested_after_median", 120.0 * MINUTES),
                ("breach_cases arrested_after_p90", 120.0 * MINUTES),
                ("breach_dispositions arrested", 1.0),
            ],
        );
        let auditor = app.somebody(Role::Auditor, &[]);
        let whole = figures(&auditor.get(&path).expect(200));
        let of_whole = |name: &str| whole[name].unwrap();
        let names = ["orders unserved", "orders unowned", "sign_ons cancelled", "alerts raised"];
        let of_other = [
            "nothing_ahead",
            "order_service_overdue",
            "order_unowned",
            "order_unserved",
            "phone_silent",
        ];
        let kinds = app.alert_kinds();
        assert!(of_other.iter().all(|kind| kinds.iter().any(|it| it == kind)), "{kinds:?}");
        assert_eq!(kinds.len(), 5 + of_other.len());
        assert_eq!(names.map(of_whole), [1.0, 1.0, 1.0, 10.0]);
        let hex = app.station("HEX");
        let there = figures(&auditor.get(&format!("{path}&station_id={hex}")).expect(200));
        let of_there = |name: &str| there[name].unwrap();
        assert_eq!(names.map(of_there), [1.0, 1.0, 1.0, 0.0]);
        assert_eq!(there["sign_ons on_time_share"], None);
        assert_eq!(of_there("breach_cases opened"), 0.0);
        let before = "/supervision/figures?from=2026-11-01&until=2026-11-23";
        let before = figures(&days.sergeant.get(before).expect(200));
        assert_eq!(before["alerts acknowledged_after_median"], None);
        check(&before, &[("orders in_force", 1.0)]);
        assert_eq!(app.count("ledger_entries WHERE act = 'get_figures'"), 4);
    });
}

#[test]
fn the_file_holds_the_same_figures_and_no_formula() {
    on_each_database(|app| {
        let days = Days::lived(app);
        let hex = app.station("ALD");
        app.sql().execute("UPDATE stations SET name = '=HYPERLINK(\"x\")' WHERE code = 'ALD'");
        let query = format!("{DAYS}&station_id={hex}");
        let shown = days.sergeant.get(&format!("/supervision/figures?{query}")).expect(200);
        let file = days.sergeant.get(&format!("/supervision/figures.csv?{query}"));
        assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
        let lines: Vec<&str> = file.body.split_terminator("\r\n").collect();
        assert_eq!(lines[0], "from,until,station,group,name,unit,value");
        assert_eq!(lines.len() - 1, shown["figures"].as_array().unwrap().len());
        let raised = "2026-11-24,2026-11-26,\"'=HYPERLINK(\"\"x\"\")\",alerts,raised,count,5";
        assert!(lines.contains(&raised), "{}", file.body);
        for (line, figure) in lines[1..].iter().zip(shown["figures"].as_array().unwrap()) {
            let value = figure["value"].as_f64().map(|value| value.to_string());
            let ends = format!(",{}", value.unwrap_or_default());
            assert!(line.ends_with(&ends), "{line} {figure}");
        }
    });
}

#[test]
fn figures_of_no_time_or_no_station_are_refused() {
    on_each_database(|app| {
        let auditor = app.somebody(Role::Auditor, &[]);
        for path in ["/supervision/figures", "/supervision/figures.csv"] {
            let refused = |query: &str, slug: &str| {
                auditor.get(&format!("{path}?{query}")).refused(slug);
            };
            refused("from=2026-11-25&until=2026-11-24", "invalid-parameter");
            refused("from=2025-11-01&until=2026-11-24", "invalid-parameter");
            refused("from=yesterday", "invalid-parameter");
            refused("since=2026-11-24", "invalid-parameter");
            refused("station_id=ALD", "invalid-parameter");
            refused(&format!("station_id={}", uuid::Uuid::nil()), "not-found");
        }
    });
}
