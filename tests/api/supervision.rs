//! Figures, attention and timeline over a week of which everything is known.
//!
//! Three orders, from Sunday 22 November 2026 to Saturday. Of Vane's seven days at ALD, Sunday and
//! Thursday count as kept. Another signs on at HEX late on Sunday; the third order was never served.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::builders::{OneOrder, file, sign_on};
use crate::harness::caller::Caller;
use crate::harness::{TestApp, at, on_each_database};

/// Before the last window opens.
const SATURDAY: &str = "2026-11-28T09:00:00Z";

fn orders(owner: &str) -> String {
    let days = |number, rrule, station| OneOrder {
        reference: format!("SPO/26/000{number}"),
        starts_on: "2026-11-22",
        rrule: Some(rrule),
        station,
        ..OneOrder::owned_by(owner)
    };
    let daily = days(1, "FREQ=DAILY;COUNT=7", "ALD");
    let late = days(2, "FREQ=DAILY;COUNT=1", "HEX");
    let late = OneOrder { opens: "22:00", closes: "23:59", ..late };
    let unserved = days(3, "FREQ=DAILY;COUNT=1", "ALD");
    let unserved = OneOrder { served_at: None, starts_on: "2026-11-23", ..unserved };
    file(&[daily.entry(), late.entry(), unserved.entry()])
}

/// Somebody at a counter, day by day.
struct Counter<'a> {
    officer: Caller<'a>,
    station: String,
}

impl<'a> Counter<'a> {
    fn at(app: &'a TestApp, code: &str) -> Self {
        Self { officer: app.officer_at(code), station: app.station(code).to_string() }
    }

    /// Confirms the day's sign-on as attended `attended_at`, and tells the service so `now`.
    fn confirm(&self, day: &str, attended_at: &str, now: &str) -> Uuid {
        let app = self.officer.app;
        app.clock.set(now);
        app.sweep();
        let list = format!("/stations/{}/due?date={day}", self.station);
        let list = self.officer.get(&list).expect(200);
        let of_vane = |due: &&Value| due["order_reference"] != "SPO/26/0003";
        let due = list["due"].as_array().unwrap().iter().find(of_vane).unwrap().clone();
        let id = app.new_id();
        let path = format!("/check-ins/{id}");
        let body = sign_on(&due, &self.station, attended_at);
        self.officer.send(("PUT", &path), &[("phone-clock", now)], Some(&body)).expect(201);
        id
    }
}

fn a_week(app: &TestApp) {
    app.clock.set("2026-11-22T09:00:00Z");
    app.import(&orders(&app.asha_mercer().username));
    let (ald, hex) = (Counter::at(app, "ALD"), Counter::at(app, "HEX"));
    let at_once = |counter: &Counter<'_>, day: &str, time: &str| {
        let now = format!("{day}T{time}:00Z");
        counter.confirm(day, &now, &now)
    };
    let closes = |day: &str| {
        app.clock.set(&format!("{day}T12:01:00Z"));
        app.sweep();
    };
    at_once(&ald, "2026-11-22", "10:30");
    at_once(&hex, "2026-11-22", "22:30");
    at_once(&ald, "2026-11-23", "09:00");
    closes("2026-11-23");
    closes("2026-11-24");
    at_once(&ald, "2026-11-24", "12:30");
    closes("2026-11-25");
    closes("2026-11-26");
    ald.confirm("2026-11-26", "2026-11-26T10:30:00Z", "2026-11-26T15:00:00Z");
    let mistaken = at_once(&ald, "2026-11-27", "10:15");
    app.clock.set("2026-11-27T11:00:00Z");
    let reason = json!({ "reason": "It was his brother." });
    ald.officer.put(&format!("/check-ins/{mistaken}/supersession"), &reason).expect(200);
    closes("2026-11-27");
    app.clock.set(SATURDAY);
    app.sweep();
}

/// Fulfilled, missed, cancelled, pending.
type Figures = [i64; 4];

fn figures(of: &Value) -> Figures {
    let judged = of["fulfilled"].as_f64().unwrap() + of["missed"].as_f64().unwrap();
    let share = of["on_time_share"].as_f64();
    assert_eq!(share, (judged > 0.0).then(|| of["fulfilled"].as_f64().unwrap() / judged));
    ["fulfilled", "missed", "cancelled", "pending"].map(|name| of[name].as_i64().unwrap())
}

#[track_caller]
fn check_figures(caller: &Caller<'_>, query: &str, lines: &[(&str, Figures)], total: Figures) {
    let report = caller.get(&format!("/supervision/compliance?{query}")).expect(200);
    let found = report["lines"].as_array().unwrap().iter();
    let found: Vec<(&str, Figures)> =
        found.map(|line| (line["key"].as_str().unwrap(), figures(&line["figures"]))).collect();
    assert_eq!(found, lines, "{query}");
    assert_eq!(figures(&report["total"]), total, "{query}");
}

#[test]
fn compliance_is_counted_by_subject_station_and_week() {
    on_each_database(|app| {
        a_week(app);
        let auditor = app.somebody(compliance::access::Role::Auditor, &[]);
        let all = "from=2026-11-16&until=2026-11-29";
        let total = [3, 4, 1, 1];
        let subjects = [
            ("P-SPO/26/0001", [2, 4, 0, 1]),
            ("P-SPO/26/0002", [1, 0, 0, 0]),
            ("P-SPO/26/0003", [0, 0, 1, 0]),
        ];
        check_figures(&auditor, &format!("by=subject&{all}"), &subjects, total);
        let stations = [("ALD", [2, 4, 1, 1]), ("HEX", [1, 0, 0, 0])];
        check_figures(&auditor, &format!("by=station&{all}"), &stations, total);
        // A window that closes at the end of Sunday is Sunday's.
        let weeks = [("2026-W47", [2, 0, 0, 0]), ("2026-W48", [1, 4, 1, 1])];
        check_figures(&auditor, &format!("by=week&{all}"), &weeks, total);
        let monday = "from=2026-11-23&until=2026-11-23";
        let of_monday = [("ALD", [0, 1, 1, 0])];
        check_figures(&auditor, &format!("by=station&{monday}"), &of_monday, [0, 1, 1, 0]);
        let sunday = "from=2026-11-22&until=2026-11-22";
        let of_sunday = [("ALD", [1, 0, 0, 0]), ("HEX", [1, 0, 0, 0])];
        check_figures(&auditor, &format!("by=station&{sunday}"), &of_sunday, [2, 0, 0, 0]);

        let elsewhere = app.supervisor_at("HEX");
        check_figures(&elsewhere, &format!("by=station&{all}"), &stations[1..], [1, 0, 0, 0]);
    });
}

fn acknowledge_wednesday(app: &TestApp, supervisor: &Caller<'_>) {
    let alerts = app.alerts();
    let of_wednesday = alerts.iter().find(|it| it.concerns_at == at("2026-11-25T12:01:00Z"));
    let path = format!("/alerts/{}/acknowledgement", of_wednesday.unwrap().id);
    supervisor.send(("PUT", &path), &[], None).expect(200);
}

fn pairs(events: &[(String, String)]) -> Vec<(&str, &str)> {
    events.iter().map(|(at, kind)| (at.as_str(), kind.as_str())).collect()
}

/// When and what, in the order given.
fn events(caller: &Caller<'_>, order: &Value, query: &str) -> Vec<(String, String)> {
    let path = format!("/orders/{}/timeline{query}", order.as_str().unwrap());
    let timeline = caller.get(&path).expect(200);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let events = timeline["events"].as_array().unwrap().iter();
    events.map(|event| (text(&event["at"]).replace(":00.000Z", ""), text(&event["kind"]))).collect()
}

#[test]
fn the_timeline_tells_everything_once_in_the_order_in_which_it_happened() {
    on_each_database(|app| {
        a_week(app);
        let supervisor = app.supervisor_at("ALD");
        let order =
            supervisor.get("/orders?query=0001").expect(200)["orders"][0]["order_id"].clone();

        acknowledge_wednesday(app, &supervisor);
        let found = events(&supervisor, &order, "");

        let expected = [
            ("2026-11-02T11:00", "order_version"),
            ("2026-11-02T16:00", "order_served"),
            ("2026-11-22T10:30", "check_in"),
            // Too early, and then nobody.
            ("2026-11-23T09:00", "check_in"),
            ("2026-11-23T09:00", "alert_raised"),
            ("2026-11-23T12:01", "missed"),
            ("2026-11-23T12:01", "alert_raised"),
            // Too late.
            ("2026-11-24T12:01", "missed"),
            ("2026-11-24T12:01", "alert_raised"),
            ("2026-11-24T12:30", "check_in"),
            ("2026-11-24T12:30", "alert_raised"),
            // Acknowledged the day after.
            ("2026-11-25T12:01", "missed"),
            ("2026-11-25T12:01", "alert_raised"),
            // In time, as a record shows that comes later.
            ("2026-11-26T10:30", "check_in"),
            ("2026-11-26T12:01", "missed"),
            ("2026-11-26T12:01", "alert_raised"),
            ("2026-11-26T15:00", "alert_raised"),
            ("2026-11-26T15:00", "alert_closed"),
            // In time, as it seemed.
            ("2026-11-27T10:15", "check_in"),
            ("2026-11-27T11:00", "check_in_superseded"),
            ("2026-11-27T12:01", "missed"),
            ("2026-11-27T12:01", "alert_raised"),
            ("2026-11-28T09:00", "alert_acknowledged"),
        ];
        assert_eq!(pairs(&found), expected);
        let friday = "?from=2026-11-27T10:15:00Z&until=2026-11-27T12:01:00Z";
        let of_friday = events(&supervisor, &order, friday);
        assert_eq!(pairs(&of_friday), expected[18..20]);
    });
}

/// The closing days of what is listed.
fn days(list: &Value, pointer: &str) -> Vec<String> {
    let list = list.as_array().unwrap().iter();
    let times = list.map(|it| it.pointer(pointer).unwrap().as_str().unwrap());
    times.map(|time| time.split('T').next().unwrap().to_owned()).collect()
}

#[test]
fn what_needs_attention_is_unacknowledged_overdue_or_missed() {
    on_each_database(|app| {
        a_week(app);
        let supervisor = app.supervisor_at("ALD");
        acknowledge_wednesday(app, &supervisor);

        let attention = supervisor.get("/supervision/attention").expect(200);

        let unacknowledged = &attention["unacknowledged"];
        let mut kinds: Vec<&str> = unacknowledged["alerts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|alert| alert["kind"].as_str().unwrap())
            .collect();
        assert_eq!(kinds[0], "order_unserved", "the oldest first");
        kinds.sort_unstable();
        let missed = ["missed_sign_on"; 3];
        let others = ["attended_early", "attended_late", "held_on_phone"];
        assert_eq!(
            kinds,
            [
                &others[..],
                &missed[..],
                &["nothing_ahead", "order_service_overdue", "order_unserved"]
            ]
            .concat()
        );
        assert_eq!(unacknowledged["total"], 9);
        let overdue = &attention["overdue"];
        let longest_first = ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-27"];
        assert_eq!(days(&overdue["overdue"], "/sign_on/closes_at"), longest_first);
        let overdue_ms = &overdue["overdue"][0]["overdue_ms"];
        assert_eq!(*overdue_ms, (at(SATURDAY) - at("2026-11-23T12:01:00Z")), "{overdue_ms}");
        assert_eq!(overdue["total"], 4);
        let latest_first = ["2026-11-27", "2026-11-25", "2026-11-24", "2026-11-23"];
        assert_eq!(days(&attention["missed"]["missed"], "/closes_at"), latest_first);
        let three_days = supervisor.get("/supervision/attention?days=3").expect(200);
        assert_eq!(days(&three_days["missed"]["missed"], "/closes_at"), latest_first[..2]);
        assert_eq!(three_days["missed"]["total"], 2);

        let elsewhere = app.supervisor_at("HEX").get("/supervision/attention").expect(200);
        let kinds = &elsewhere["unacknowledged"]["alerts"];
        assert!(kinds.as_array().unwrap().iter().all(|it| it["kind"] == "nothing_ahead"));
        assert_eq!([&elsewhere["overdue"]["total"], &elsewhere["missed"]["total"]], [0, 0]);
    });
}
