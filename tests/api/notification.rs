//! The statute's own duty to notify (s.9, s.10): what is owed until when, and what was told.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::builders::{self, OneOrder};
use crate::harness::caller::{Answer, Caller};
use crate::harness::{TestApp, on_each_database};

const ADDRESS: &str = "17 Tanners Row, Alderbridge";

struct Case<'a> {
    owner: Caller<'a>,
    order: Uuid,
}

fn order(app: &TestApp, served_at: Option<&'static str>) -> (OneOrder, String) {
    let owner = app.owner().account.username;
    let order = OneOrder { starts_on: "2027-11-24", served_at, ..OneOrder::owned_by(&owner) };
    (order, owner)
}

impl<'a> Case<'a> {
    /// Put on file at a time, served before.
    fn set(app: &'a TestApp, filed_at: &str, served_at: Option<&'static str>) -> Self {
        app.clock.set(filed_at);
        let owner = app.owner();
        let order = OneOrder {
            starts_on: "2027-11-24",
            served_at,
            ..OneOrder::owned_by(&owner.account.username)
        };
        app.import(&order.file());
        Self::of(owner, "SPO/26/0001")
    }

    fn of(owner: Caller<'a>, reference: &str) -> Self {
        let orders = owner.get("/orders").expect(200);
        let mut orders = orders["orders"].as_array().unwrap().iter();
        let order = orders.find(|order| order["reference"] == reference).unwrap();
        let order = order["order_id"].as_str().unwrap().parse().unwrap();
        Self { owner, order }
    }

    #[track_caller]
    fn listed(&self) -> Value {
        self.owner.get(&format!("/orders/{}/notifications", self.order)).expect(200)
    }

    #[track_caller]
    fn duty(&self, cause: &str) -> Value {
        let listed = self.listed();
        let mut duties = listed["duties"].as_array().unwrap().iter();
        duties.find(|duty| duty["cause"] == cause).unwrap_or(&Value::Null).clone()
    }

    #[track_caller]
    fn put(&self, what: &str, body: &Value) -> Answer {
        let record = self.owner.app.new_id();
        self.owner.put(&format!("/orders/{}/{what}/{record}", self.order), body)
    }

    /// What is told about the first notification at a station, with changes.
    fn told(&self, given_at: &str, changes: Value) -> Value {
        let mut body = json!({
            "duties": [{ "cause": "initial" }],
            "given_at": given_at,
            "manner": "oral_in_person",
            "station_id": self.owner.app.station("ALD"),
            "in_local_police_area": true,
            "taken_by": "officer",
            "taken_by_name": "PC Lena Frost",
            "names": ["Terence Vane"],
            "home_address": ADDRESS,
        });
        for (name, value) in changes.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    }

    fn alerts_at(&self, time: &str, kind: &str) -> Vec<String> {
        let app = self.owner.app;
        app.clock.set(time);
        app.sweep();
        let open = app.alerts().into_iter().filter(|alert| {
            alert.state != compliance::alert::AlertState::Closed && alert.kind.to_string() == kind
        });
        open.map(|alert| alert.detail).collect()
    }

    fn overdue_at(&self, time: &str) -> usize {
        self.alerts_at(time, "notification_overdue").len()
    }
}

#[test]
fn served_at_23_59_on_christmas_eve_the_deadline_is_the_end_of_boxing_day() {
    on_each_database(|app| {
        let case = Case::set(app, "2026-12-24T23:59:30Z", Some("2026-12-24T23:59:00Z"));
        let duty = case.duty("initial");
        let arithmetic = "3 days beginning with Thu 24 Dec 2026: Sat 26 Dec 23:59:59";
        assert_eq!(duty["arithmetic"], arithmetic);
        assert_eq!(duty["closes_at"], "2026-12-27T00:00:00.000Z");
        assert_eq!(duty["state"], "open");
        assert_eq!(duty["suspected_offence"], Value::Null);

        assert_eq!(case.overdue_at("2026-12-26T23:59:59.999Z"), 0);
        let details = case.alerts_at("2026-12-27T00:00:00Z", "notification_overdue");
        assert_eq!(details.len(), 1);
        assert!(details[0].contains(arithmetic), "{details:?}");
        assert!(details[0].contains("Suspected: ST19002"), "{details:?}");
        assert_eq!(case.duty("initial")["state"], "failed");
        assert_eq!(case.duty("initial")["suspected_offence"]["code"], "ST19002");
        assert_eq!(case.overdue_at("2027-06-01T00:00:00Z"), 1, "it stays open until it is cured");
    });
}

#[test]
fn told_in_time_it_is_complied_with_and_nothing_is_raised() {
    on_each_database(|app| {
        let case = Case::set(app, "2026-12-24T23:59:30Z", Some("2026-12-24T23:59:00Z"));
        app.clock.set("2026-12-26T23:59:59.999Z");
        let told = case.told("2026-12-26T23:59:59.999Z", json!({}));
        let given = case.put("notifications", &told).expect(201);
        assert_eq!(given["receipt_number"], "N/SPO/26/0001/1");
        assert_eq!(given["judged"][0]["standing"], "complied");
        assert_eq!(given["judged"][0]["reasons"], json!([]));
        assert_eq!(case.overdue_at("2026-12-28T00:00:00Z"), 0);
        assert_eq!(case.duty("initial")["state"], "complied");
    });
}

#[test]
fn cured_late_the_alert_closes_and_the_duty_stays_late() {
    on_each_database(|app| {
        let case = Case::set(app, "2026-12-24T23:59:30Z", Some("2026-12-24T23:59:00Z"));
        assert_eq!(case.overdue_at("2026-12-27T00:00:00Z"), 1);
        let told = case.told("2026-12-27T00:00:00Z", json!({}));
        let given = case.put("notifications", &told).expect(201);
        assert_eq!(given["judged"][0]["standing"], "late");

        assert_eq!(case.overdue_at("2026-12-27T00:01:00Z"), 0);
        let closed = app.alerts();
        let alert = closed.iter().find(|alert| alert.kind.to_string() == "notification_overdue");
        assert_eq!(alert.unwrap().close_reason.as_deref(), Some("resolved"));
        let again = case.told("2026-12-27T00:00:30Z", json!({}));
        case.put("notifications", &again).expect(201);
        let duty = case.duty("initial");
        assert_eq!(duty["state"], "late");
        assert_eq!(duty["met_at"], "2026-12-27T00:00:00.000Z");
        assert_eq!(duty["suspected_offence"]["code"], "ST19002");
        assert_eq!(case.overdue_at("2027-03-27T00:01:00Z"), 0);
    });
}

#[test]
fn an_alert_about_a_duty_to_notify_says_what_was_known_then_and_what_is_known_now() {
    on_each_database(|app| {
        let case = Case::set(app, "2026-12-24T23:59:30Z", Some("2026-12-24T23:59:00Z"));
        assert_eq!(case.overdue_at("2026-12-27T00:00:00Z"), 1);
        let kind = "notification_overdue";
        let alert = app.alerts().into_iter().find(|it| it.kind.to_string() == kind).unwrap();
        let why = |query: &str| {
            let path = format!("/alerts/{}/why{query}", alert.id);
            case.owner.get(&path).expect(200)["facts"].clone()
        };
        let before = why("");
        assert_eq!(before["as_known_then"]["state"], "failed");
        assert_eq!(before["as_known_then"]["asks_for_alert"], true);
        let says = before["as_known_then"]["reasons"][0]["says"].as_str().unwrap();
        assert!(says.starts_with("3 days beginning with Thu 24 Dec 2026"), "{says}");
        assert_eq!(before["differences"], json!([]));
        // It had been told in time, at the desk, and came on file later.
        app.clock.set("2026-12-28T09:00:00Z");
        let told = case.told("2026-12-26T11:00:00Z", json!({}));
        let record = case.put("notifications", &told).expect(201)["record_id"].clone();
        let after = why("");
        assert_eq!(after["as_known_then"]["state"], "failed");
        assert_eq!(after["as_known_then"]["asks_for_alert"], true);
        assert_eq!(after["as_known_now"]["state"], "complied");
        assert_eq!(after["as_known_now"]["asks_for_alert"], false);
        assert_eq!(after["as_known_now"]["fact_ids"], json!([record]));
        assert_eq!(after["differences"][0]["change"], "came_later");
        assert!(!after.to_string().contains(ADDRESS), "{after}");
        let open = why("?as_known_at=2026-12-26T12:00:00Z");
        assert_eq!(open["as_known_then"]["state"], "open");
        assert_eq!(open["as_known_then"]["asks_for_alert"], false);
    });
}

#[test]
fn what_is_told_by_telephone_is_no_notification_and_gets_no_receipt() {
    on_each_database(|app| {
        let case = Case::set(app, "2026-12-24T12:00:00Z", Some("2026-12-24T10:00:00Z"));
        let told = json!({ "manner": "phone", "station_id": null });
        let told = case.told("2026-12-24T11:00:00Z", told);
        let given = case.put("notifications", &told).expect(201);
        assert_eq!(given["receipt_number"], Value::Null);
        assert_eq!(given["judged"][0]["standing"], "invalid");
        assert_eq!(given["judged"][0]["reasons"][0]["code"], "not-oral-in-person");
        let record = given["record_id"].as_str().unwrap();
        case.owner.get(&format!("/notifications/{record}/receipt")).refused("not-found");
        assert_eq!(case.alerts_at("2026-12-24T12:00:01Z", "notification_invalid").len(), 1);
        assert_eq!(case.overdue_at("2026-12-27T00:00:00Z"), 1);

        let told = case.told("2026-12-26T11:00:00Z", json!({}));
        case.put("notifications", &told).expect(201);
        assert_eq!(case.overdue_at("2026-12-27T00:01:00Z"), 0);
        assert!(case.alerts_at("2026-12-27T00:01:00Z", "notification_invalid").is_empty());
    });
}

#[test]
fn what_takes_place_elsewhere_or_with_nobody_authorised_is_invalid() {
    let wrong = [
        (json!({ "station_id": null }), "not-at-police-station"),
        (json!({ "in_local_police_area": false }), "wrong-police-area"),
        (json!({ "taken_by": "unauthorised" }), "taken-by-unauthorised"),
        (json!({ "names": [] }), "no-name"),
        (json!({ "home_address": null }), "no-address"),
        (json!({ "given_at": "2026-12-24T09:59:59Z" }), "before-the-duty"),
    ];
    on_each_database(|app| {
        let case = Case::set(app, "2026-12-24T12:00:00Z", Some("2026-12-24T10:00:00Z"));
        for (changes, code) in &wrong {
            let told = case.told("2026-12-24T11:00:00Z", changes.clone());
            let given = case.put("notifications", &told).expect(201);
            assert_eq!(given["judged"][0]["standing"], "invalid", "{changes}");
            assert_eq!(given["judged"][0]["reasons"][0]["code"], *code, "{given}");
        }
        assert_eq!(case.duty("initial")["state"], "open");
    });
}

#[test]
fn a_full_order_that_replaces_an_interim_one_asks_for_no_new_notification() {
    on_each_database(|app| {
        app.clock.set("2026-12-24T12:00:00Z");
        let (one, owner) = order(app, Some("2026-12-24T10:00:00Z"));
        let mut interim = OneOrder { reference: "ISPO/26/0001".to_owned(), ..one.clone() }.entry();
        interim["kind"] = json!("interim");
        interim["ends_on"] = json!("2027-06-30");
        let mut full = one.entry();
        full["replaces"] = json!("ISPO/26/0001");
        full["subject"] = interim["subject"].clone();
        app.import(&builders::file(&[interim, full]));
        let owner = Caller::new(
            app,
            app.read(move |tx| holdfast::store::accounts::find_by_username(tx, &owner)).unwrap(),
        );
        let case = Case::of(owner, "SPO/26/0001");

        let listed = case.listed();
        assert_eq!(listed["duties"], json!([]));
        assert_eq!(listed["not_owed"][0]["code"], "replaces-interim");
        let says = listed["not_owed"][0]["says"].as_str().unwrap().to_owned();
        assert!(says.contains("stays open"), "{says}");
        // The interim order's own duty goes on, and only that.
        assert_eq!(case.overdue_at("2026-12-27T00:00:00Z"), 1);
    });
}

#[test]
fn while_another_regime_applies_nothing_is_owed_and_when_it_ends_the_days_run_again() {
    on_each_database(|app| {
        let case = Case::set(app, "2026-12-24T12:00:00Z", Some("2026-12-24T10:00:00Z"));
        let exempt = |until: Value| {
            json!({
                "regime": "sexual_offences_part_2",
                "from": "2026-01-01",
                "until": until,
                "evidence": "Court register",
            })
        };
        assert_eq!(case.overdue_at("2026-12-27T00:00:00Z"), 1);
        case.put("notification-exemptions", &exempt(Value::Null)).expect(201);
        assert_eq!(case.overdue_at("2026-12-27T00:00:01Z"), 0);
        let listed = case.listed();
        assert_eq!(listed["duties"], json!([]));
        assert_eq!(listed["not_owed"][0]["code"], "exempt");

        case.put("notification-exemptions", &exempt(json!("2026-12-30"))).expect(201);
        let duty = case.duty("exemption_ended");
        assert_eq!(duty["regime"], "sexual_offences_part_2");
        assert_eq!(duty["closes_at"], "2027-01-02T00:00:00.000Z");
        assert_eq!(case.overdue_at("2027-01-01T23:59:59Z"), 0);
        assert_eq!(case.overdue_at("2027-01-02T00:00:00Z"), 1);
        let duties = json!([{ "cause": "exemption_ended" }]);
        let told = case.told("2027-01-02T00:00:00Z", json!({ "duties": duties }));
        case.put("notifications", &told).expect(201);
        assert_eq!(case.overdue_at("2027-01-02T00:00:01Z"), 0);
        assert_eq!(case.duty("exemption_ended")["state"], "late");
    });
}

#[test]
fn a_new_name_has_its_own_three_days_and_must_be_told_itself() {
    on_each_database(|app| {
        let case = Case::set(app, "2026-12-24T12:00:00Z", Some("2026-12-24T10:00:00Z"));
        case.put("notifications", &case.told("2026-12-24T11:00:00Z", json!({}))).expect(201);
        let used = json!({ "duty": "name", "on": "2027-01-04", "name": "Terry Vance" });
        let change = case.put("details-changes", &used).expect(201);
        let duty = case.duty("name");
        assert_eq!(duty["change_id"], change["record_id"]);
        assert_eq!(duty["closes_at"], "2027-01-07T00:00:00.000Z");
        let details = case.alerts_at("2027-01-07T00:00:00Z", "notification_overdue");
        assert!(details[0].contains("ST19003") && !details[0].contains("Vance"), "{details:?}");

        let duties = json!([{ "cause": "name", "change_id": change["record_id"] }]);
        let told = |names: Value| {
            case.told("2027-01-06T11:00:00Z", json!({ "duties": duties, "names": names }))
        };
        let given = case.put("notifications", &told(json!(["Terence Vane"]))).expect(201);
        assert_eq!(given["judged"][0]["reasons"][0]["code"], "name-not-told");
        assert_eq!(case.overdue_at("2027-01-07T00:00:01Z"), 1);
        case.put("notifications", &told(json!(["terry  vance"]))).expect(201);
        assert_eq!(case.overdue_at("2027-01-07T00:00:02Z"), 0);
        assert_eq!(case.duty("name")["state"], "complied");

        case.put("details-changes", &json!({ "duty": "name", "on": "2027-01-04" }))
            .refused("invalid-field");
        let moved = json!({ "duty": "home_address", "on": "2027-01-05" });
        case.put("details-changes", &moved).expect(201);
        case.put("details-changes", &json!({ "duty": "home_address", "on": "2027-01-09" }))
            .expect(201);
        // One notification is for one change: the later move is not told with the earlier.
        let listed = case.listed();
        let duties = listed["duties"].as_array().unwrap().iter();
        assert_eq!(duties.filter(|duty| duty["cause"] == "home_address").count(), 2);
    });
}

#[test]
fn receipts_are_numbered_without_a_gap_on_each_order_and_keep_their_number() {
    on_each_database(|app| {
        let case = Case::set(app, "2026-12-24T12:00:00Z", Some("2026-12-24T10:00:00Z"));
        let path = format!("/orders/{}/notifications/{}", case.order, app.new_id());
        let told = case.told("2026-12-24T11:00:00Z", json!({}));
        let first = case.owner.put(&path, &told).expect(201);
        assert_eq!(first["receipt_number"], "N/SPO/26/0001/1");
        let phone = case.told("2026-12-24T11:10:00Z", json!({ "manner": "phone" }));
        case.put("notifications", &phone).expect(201);
        let second = case.put("notifications", &told).expect(201);
        assert_eq!(second["receipt_number"], "N/SPO/26/0001/2");
        let again = case.owner.put(&path, &told).expect(201);
        assert_eq!(again["receipt_number"], "N/SPO/26/0001/1");
        let other = case.told("2026-12-24T11:30:00Z", json!({}));
        case.owner.put(&path, &other).refused("record-conflict");
        let third = case.put("notifications", &told).expect(201);
        assert_eq!(third["receipt_number"], "N/SPO/26/0001/3");
    });
}

#[test]
fn a_receipt_can_be_printed_and_whatever_was_told_is_text_in_it() {
    on_each_database(|app| {
        let case = Case::set(app, "2026-12-24T12:00:00Z", Some("2026-12-24T10:00:00Z"));
        let names = json!(["<script>alert(1)</script>", "{{address}}"]);
        let told = case.told("2026-12-24T11:00:00Z", json!({ "names": names }));
        let given = case.put("notifications", &told).expect(201);
        let path = format!("/notifications/{}/receipt", given["record_id"].as_str().unwrap());

        let page = case.owner.get(&path);

        assert_eq!(page.status, 200);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        for held in [
            "N/SPO/26/0001/1",
            "&lt;script&gt;",
            ADDRESS,
            "Thursday 24 December 2026, 11:00",
            "PC Lena Frost",
            "ALD Police Station",
            "s.10",
        ] {
            assert!(page.body.contains(held), "{held}: {}", page.body);
        }
        assert!(!page.body.contains("<script>"), "{}", page.body);
        assert_eq!(page.body.matches(ADDRESS).count(), 1, "{}", page.body);
        assert!(!page.body.contains("{{"), "{}", page.body);
        assert_eq!(app.count("ledger_entries WHERE act = 'get_notification_receipt'"), 1);
        app.officer_at("HEX").get(&path).refused("not-found");
        let style =
            crate::harness::caller::send(app.address, ("GET", "/app/receipt.css"), &[], None);
        assert!(style.body.contains("@media print"));
    });
}

#[test]
fn the_home_address_is_in_no_alert_sentence_or_ledger() {
    on_each_database(|app| {
        let case = Case::set(app, "2026-12-24T12:00:00Z", Some("2026-12-24T10:00:00Z"));
        let phone = case.told("2026-12-24T11:00:00Z", json!({ "manner": "phone" }));
        case.put("notifications", &phone).expect(201);
        case.put("notifications", &case.told("2026-12-24T11:00:00Z", json!({}))).expect(201);
        let moved = json!({ "duty": "home_address", "on": "2026-12-25" });
        case.put("details-changes", &moved).expect(201);
        assert_eq!(case.overdue_at("2026-12-30T00:00:00Z"), 1);
        assert!(case.listed().to_string().contains(ADDRESS));

        let supervisor = app.supervisor_at("ALD");
        let order = case.order;
        for path in [format!("/orders/{order}/timeline"), "/alerts".to_owned()] {
            let answer = supervisor.get(&path);
            assert_eq!(answer.status, 200);
            assert!(!answer.body.contains("Tanners"), "{}", answer.body);
        }
        let places = [
            "facts WHERE says LIKE '%Tanners%'",
            "alerts WHERE detail LIKE '%Tanners%'",
            "ledger_entries WHERE detail LIKE '%Tanners%' OR object LIKE '%Tanners%'",
        ];
        for place in places {
            assert_eq!(app.count(place), 0, "{place}");
        }
    });
}

#[test]
fn refused_fingerprints_and_false_information_are_suspicions_with_their_codes() {
    on_each_database(|app| {
        let case = Case::set(app, "2026-12-24T12:00:00Z", Some("2026-12-24T10:00:00Z"));
        let asked = |answer: &str| {
            json!({
                "requested_at": "2026-12-24T11:00:00Z",
                "asked": "fingerprints",
                "answer": answer,
            })
        };
        case.put("identity-requests", &asked("complied")).expect(201);
        case.put("identity-requests", &asked("refused")).expect(201);
        let told = json!({ "is_suspected_false": true });
        let told = case.told("2026-12-24T11:00:00Z", told);
        case.put("notifications", &told).expect(201);
        let listed = case.listed();
        let codes: Vec<&Value> = listed["identity_requests"]
            .as_array()
            .unwrap()
            .iter()
            .map(|request| &request["suspected_offence"]["code"])
            .collect();
        assert!(codes.contains(&&json!("ST19005")) && codes.contains(&&Value::Null), "{codes:?}");
        assert_eq!(listed["given"][0]["suspected_offence"]["code"], "ST19006");
    });
}

#[test]
fn no_period_runs_before_service_and_proof_of_service_begins_it() {
    on_each_database(|app| {
        let case = Case::set(app, "2026-12-24T12:00:00Z", None);
        assert_eq!(case.listed()["not_owed"][0]["code"], "not-triggered");
        assert_eq!(app.count("timers WHERE kind = 'notification'"), 0);
        let username = case.owner.account.username.clone();
        let served = OneOrder {
            starts_on: "2027-11-24",
            served_at: Some("2026-12-24T12:30:00Z"),
            ..OneOrder::owned_by(&username)
        };
        app.clock.set("2026-12-24T13:00:00Z");
        app.import(&served.file());
        assert_eq!(case.duty("initial")["closes_at"], "2026-12-27T00:00:00.000Z");
        assert_eq!(case.overdue_at("2026-12-27T00:00:00Z"), 1);
    });
}

#[test]
fn a_period_that_was_over_long_before_the_order_was_put_on_file_is_not_known_and_not_raised() {
    on_each_database(|app| {
        let case = Case::set(app, "2026-12-24T12:00:00Z", Some("2026-11-02T16:00:00Z"));
        assert_eq!(case.overdue_at("2026-12-24T12:00:01Z"), 0);
        let duty = case.duty("initial");
        assert_eq!(duty["state"], "not_known");
        assert_eq!(duty["suspected_offence"], Value::Null, "nothing is held against the subject");

        // Once something is on record about it, it is known.
        let told = case.told("2026-11-20T10:00:00Z", json!({}));
        case.put("notifications", &told).expect(201);
        assert_eq!(case.duty("initial")["state"], "late");
    });
}
