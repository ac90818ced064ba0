//! What officers see of a person before they meet them: warnings, a photo, what else can be done
//! now.

mod colleagues;
mod pack;
mod photos;

use compliance::access::Role;
use compliance::instant::DAY_MS;
use serde_json::{Value, json};

use crate::builders::{OneOrder, file};
use crate::harness::caller::Caller;
use crate::harness::{TestApp, eventually, on_each_database};
use crate::scene::orders::drafted;
use crate::scene::person::{PNG, photo, warning};
use crate::zones::order_id;

/// Of the order at ALD; the same subject has one at HEX, and somebody else has one at each.
const REFERENCE: &str = "SPO/26/0001";
const ELSEWHERE: &str = "SPO/26/0002";
const OTHERS: [(&str, &str); 2] = [("SPO/26/0003", "ALD"), ("SPO/26/0004", "HEX")];

/// Two orders on one subject at two stations, and one on somebody else at each.
pub struct Two<'a> {
    pub app: &'a TestApp,
    pub at_ald: Caller<'a>,
    pub at_hex: Caller<'a>,
    pub order: String,
}

impl<'a> Two<'a> {
    fn set(app: &'a TestApp) -> Self {
        let of = |(reference, station): (&str, &'static str)| {
            let order =
                OneOrder { station, reference: reference.to_owned(), ..OneOrder::default() };
            order.entry()
        };
        let subject = of((REFERENCE, "ALD"))["subject"].clone();
        let mut elsewhere = of((ELSEWHERE, "HEX"));
        elsewhere["subject"] = subject;
        let [one, other] = OTHERS.map(of);
        app.import(&file(&[of((REFERENCE, "ALD")), elsewhere, one, other]));
        app.clock.set("2026-11-24T09:00:00Z");
        app.sweep();
        let order = order_id(app, REFERENCE);
        Self { app, at_ald: app.officer_at("ALD"), at_hex: app.officer_at("HEX"), order }
    }

    /// Recorded by whoever may, at ALD; gives the record's id.
    #[track_caller]
    pub fn put(&self, what: &str, body: &Value) -> String {
        let id = self.app.new_id().to_string();
        self.at_ald.put(&format!("/orders/{}/{what}/{id}", self.order), body).expect(201);
        id
    }

    #[track_caller]
    fn call_a_mistake(&self, record: &str) {
        let path = format!("/records/{record}/supersession");
        let reason = json!({ "reason": "Of somebody else." });
        self.app.supervisor_at("ALD").put(&path, &reason).expect(200);
    }

    #[track_caller]
    fn end(&self, by: &Caller<'_>, warning: &str) -> String {
        let id = self.app.new_id().to_string();
        let reason = json!({ "reason": "He is well again." });
        by.put(&format!("/warnings/{warning}/ends/{id}"), &reason).expect(201);
        id
    }
}

fn with_two(test: impl Fn(&Two<'_>)) {
    on_each_database(|app| test(&Two::set(app)));
}

/// Of an order, in the list of who is due that somebody is given.
fn due(by: &Caller<'_>, station: &str, reference: &str) -> Value {
    let listed = by.get(&format!("/stations/{}/due", by.app.station(station))).expect(200);
    let mut listed = listed["due"].as_array().unwrap().iter();
    listed.find(|it| it["order_reference"] == reference).unwrap().clone()
}

fn kinds(subject: &Value) -> Vec<&str> {
    let warnings = subject["warnings"].as_array().unwrap().iter();
    warnings.map(|warning| warning["kind"].as_str().unwrap()).collect()
}

#[test]
fn a_warning_is_shown_with_every_order_of_the_subject_at_every_station_until_it_is_ended() {
    with_two(|two| {
        let says = "Says that he will not go to prison alive.";
        two.put("warnings", &json!({ "kind": "suicidal", "says": says }));
        let violent = two.put("warnings", &warning());

        let seen = due(&two.at_hex, "HEX", ELSEWHERE)["subject"].clone();
        assert_eq!(kinds(&seen), ["violent", "suicidal"], "what endangers officers first");
        assert_eq!(seen["warnings"][1]["says"], says);
        assert_eq!(seen["warnings"][0]["title"], "Violent");
        assert_eq!(seen["warnings"][0]["warning_id"], violent);
        assert_eq!(seen["warnings"][0]["recorded_at"], "2026-11-24T09:00:00.000Z");
        assert_eq!(due(&two.at_ald, "ALD", REFERENCE)["subject"], seen);
        let order = order_id(two.app, ELSEWHERE);
        assert_eq!(two.at_hex.get(&format!("/orders/{order}")).expect(200)["subject"], seen);
        let subject = seen["subject_id"].as_str().unwrap();
        let path = format!("/subjects/{subject}/conditions");
        assert_eq!(two.at_hex.get(&path).expect(200)["subject"], seen);
        let listed = two.at_hex.get("/orders").expect(200)["orders"].clone();
        assert_eq!(listed[0]["subject"], seen);
        assert_eq!(kinds(&listed[1]["subject"]), [""; 0]);
        for (reference, station) in OTHERS {
            let by = if station == "ALD" { &two.at_ald } else { &two.at_hex };
            assert_eq!(kinds(&due(by, station, reference)["subject"]), [""; 0], "somebody else");
        }

        // By somebody who knows only the other order.
        two.end(&two.app.supervisor_at("HEX"), &violent);
        for (by, station, reference) in
            [(&two.at_ald, "ALD", REFERENCE), (&two.at_hex, "HEX", ELSEWHERE)]
        {
            assert_eq!(kinds(&due(by, station, reference)["subject"]), ["suicidal"]);
        }
    });
}

#[test]
fn a_warning_is_ended_once_and_comes_back_when_its_end_was_a_mistake() {
    with_two(|two| {
        let warned = two.put("warnings", &warning());
        let sergeant = two.app.supervisor_at("HEX");
        let end = two.end(&sergeant, &warned);
        let path = format!("/warnings/{warned}/ends/{end}");
        let reason = json!({ "reason": "He is well again." });
        sergeant.put(&path, &reason).expect(201);
        sergeant.put(&path, &json!({ "reason": "Other." })).refused("record-conflict");
        let twice = format!("/warnings/{warned}/ends/{}", two.app.new_id());
        sergeant.put(&twice, &reason).refused("case-not-ready");

        two.call_a_mistake(&end);
        assert_eq!(kinds(&due(&two.at_hex, "HEX", ELSEWHERE)["subject"]), ["violent"]);
        two.call_a_mistake(&warned);
        assert_eq!(kinds(&due(&two.at_hex, "HEX", ELSEWHERE)["subject"]), [""; 0]);
        let gone = format!("/warnings/{warned}/ends/{}", two.app.new_id());
        sergeant.put(&gone, &reason).refused("not-found");
    });
}

#[test]
fn only_whoever_may_know_of_the_subject_can_end_a_warning_and_an_end_is_no_warning() {
    with_two(|two| {
        let warned = two.put("warnings", &warning());
        let reason = json!({ "reason": "He is well again." });
        let path = format!("/warnings/{warned}/ends/{}", two.app.new_id());
        two.app.supervisor_at("THN").put(&path, &reason).refused("not-found");
        two.at_ald.put(&path, &reason).refused("role-may-not");
        let end = two.end(&two.app.supervisor_at("ALD"), &warned);
        let path = format!("/warnings/{end}/ends/{}", two.app.new_id());
        two.app.supervisor_at("ALD").put(&path, &reason).refused("not-found");
    });
}

#[test]
fn a_warning_says_something_of_a_known_kind_and_is_recorded_once() {
    with_two(|two| {
        let path = format!("/orders/{}/warnings/{}", two.order, two.app.new_id());
        let long = "x".repeat(301);
        for (kind, says, field) in
            [("violent", "", "/says"), ("violent", &long, "/says"), ("angry", "Shouts.", "/kind")]
        {
            let body = json!({ "kind": kind, "says": says });
            let problem = two.at_ald.put(&path, &body).refused("invalid-field");
            assert_eq!(problem["errors"][0]["pointer"], field);
        }
        let first = two.at_ald.put(&path, &warning()).expect(201);
        assert_eq!(two.at_ald.put(&path, &warning()).expect(201), first);
        let other = json!({ "kind": "weapons", "says": "Carries a knife." });
        two.at_ald.put(&path, &other).refused("record-conflict");
        assert_eq!(kinds(&due(&two.at_ald, "ALD", REFERENCE)["subject"]), ["violent"]);
    });
}

#[test]
fn a_person_is_warned_of_before_a_court_has_decided() {
    on_each_database(|app| {
        app.import(&file(&[drafted(REFERENCE.to_owned(), None)]));
        let sergeant = app.supervisor_at("ALD");
        let order = order_id(app, REFERENCE);
        let record = |what: &str, body: &Value| {
            let id = app.new_id();
            sergeant.put(&format!("/orders/{order}/{what}/{id}"), body).expect(201);
            id
        };
        let warned = record("warnings", &warning());
        let photo = record("photos", &photo("image/png", "2026-11-20", PNG));
        let shown = || sergeant.get(&format!("/orders/{order}")).expect(200)["subject"].clone();
        assert_eq!(kinds(&shown()), ["violent"]);
        assert_eq!(shown()["photo_id"], photo.to_string());
        for record in [warned, photo] {
            let path = format!("/records/{record}/supersession");
            sergeant.put(&path, &json!({ "reason": "Of another." })).expect(200);
        }
        assert_eq!((kinds(&shown()).len(), shown()["photo_id"].clone()), (0, Value::Null));
    });
}

/// The mark of a list, once nothing under way keeps it from having one.
fn mark(by: &Caller<'_>, station: &str, date: &str) -> String {
    let path = format!("/stations/{}/due?date={date}", by.app.station(station));
    eventually(|| by.get(&path).header("etag").map(str::to_owned))
}

/// Whether a phone that has the list is told that it still holds.
fn holds(by: &Caller<'_>, station: &str, date: &str, mark: &str) -> bool {
    let path = format!("/stations/{}/due?date={date}", by.app.station(station));
    by.send(("GET", &path), &[("if-none-match", mark)], None).status == 304
}

#[test]
fn every_list_on_which_the_subject_stands_changes_with_a_warning_or_a_photo() {
    with_two(|two| {
        // Long after the last duty at either station as well.
        let ended = json!({ "happened_at": "2026-11-24T09:00:00Z", "reason": "discharged" });
        let today = "2026-11-24";
        let changes = |what: &str, change: &dyn Fn() -> String| {
            let seen = [(&two.at_ald, "ALD"), (&two.at_hex, "HEX")];
            let marks = seen.map(|(by, station)| (by, station, mark(by, station, today)));
            for (by, station, mark) in &marks {
                assert!(holds(by, station, today, mark), "before {what} at {station}");
            }
            let id = change();
            for (by, station, mark) in &marks {
                assert!(!holds(by, station, today, mark), "{what} at {station}");
            }
            id
        };
        let a_photo = photo("image/png", "2026-11-20", PNG);
        for is_over in [false, true] {
            if is_over {
                let sergeant = two.app.supervisor_at("ALD");
                let path = format!("/orders/{}/end/{}", two.order, two.app.new_id());
                sergeant.put(&path, &ended).expect(201);
                two.app.clock.advance(60 * DAY_MS);
            }
            let warned = changes("a warning", &|| two.put("warnings", &warning()));
            let end = changes("its end", &|| two.end(&two.app.supervisor_at("ALD"), &warned));
            let mistaken = |id: &str| {
                two.call_a_mistake(id);
                String::new()
            };
            changes("its end, a mistake", &|| mistaken(&end));
            changes("the warning, a mistake", &|| mistaken(&warned));
            let photo = changes("a photo", &|| two.put("photos", &a_photo));
            changes("the photo, a mistake", &|| mistaken(&photo));
        }
    });
}

/// Follows the cursor until what is due under an order comes, and stays as the last answer has it.
fn synced(by: &Caller<'_>, cursor: &mut Value, reference: &str) -> Value {
    let mut found = Value::Null;
    eventually(|| {
        let asked = json!({ "cursor": cursor, "check_ins": [] });
        let answer = by.post("/sync", &asked).expect(200);
        *cursor = answer["cursor"].clone();
        for due in answer["obligations"].as_array().unwrap() {
            if due["order_reference"] == reference {
                found = due.clone();
            }
        }
        (!found.is_null()).then_some(())
    });
    found
}

#[test]
fn a_phone_at_another_station_gets_the_person_anew_with_its_next_sync() {
    with_two(|two| {
        let mut cursor = Value::Null;
        assert_eq!(kinds(&synced(&two.at_hex, &mut cursor, ELSEWHERE)["subject"]), [""; 0]);
        let warned = two.put("warnings", &warning());
        let photo = two.put("photos", &photo("image/png", "2026-11-20", PNG));
        let subject = eventually(|| {
            let found = synced(&two.at_hex, &mut cursor, ELSEWHERE)["subject"].clone();
            found["photo_id"].is_string().then_some(found)
        });
        assert_eq!((kinds(&subject), &subject["photo_id"]), (vec!["violent"], &json!(photo)));
        assert_eq!(subject["photo_taken_on"], "2026-11-20");
        two.end(&two.app.supervisor_at("ALD"), &warned);
        assert_eq!(kinds(&synced(&two.at_hex, &mut cursor, ELSEWHERE)["subject"]), [""; 0]);
    });
}

#[test]
fn a_list_says_which_requests_for_a_device_are_open_and_changes_with_each() {
    with_two(|two| {
        let count = || due(&two.at_ald, "ALD", REFERENCE)["open_requests"].clone();
        let happened_at = "2026-11-24T08:00:00Z";
        let tell = |request: &str, what: &str, body: Value| {
            let id = two.app.new_id().to_string();
            let path = format!("/presentation-requests/{request}/{what}/{id}");
            two.at_ald.put(&path, &body).expect(201);
            id
        };
        let body = json!({
            "happened_at": happened_at,
            "device_id": null,
            "due_at": "2026-11-25T09:00:00Z",
            "condition_label": "R1",
        });
        assert_eq!(count(), 0);
        let changed = |expected: i64, change: &dyn Fn() -> String| {
            let before = mark(&two.at_ald, "ALD", "2026-11-24");
            assert!(holds(&two.at_ald, "ALD", "2026-11-24", &before));
            let id = change();
            assert!(!holds(&two.at_ald, "ALD", "2026-11-24", &before));
            assert_eq!(count(), expected);
            id
        };
        let request = changed(1, &|| two.put("presentation-requests", &body));
        let told = json!({ "happened_at": happened_at, "method": "in_person" });
        changed(1, &|| tell(&request, "communications", told.clone()));
        let presented = json!({ "happened_at": happened_at, "kind": "presented" });
        let answer = changed(0, &|| tell(&request, "answers", presented.clone()));
        changed(1, &|| {
            two.call_a_mistake(&answer);
            String::new()
        });
        assert_eq!(due(&two.at_hex, "HEX", ELSEWHERE)["open_requests"], 0, "of another order");
    });
}

#[test]
fn a_notification_is_shown_with_what_it_was_for_and_what_comes_next() {
    with_two(|two| {
        let told = json!({
            "duties": [{ "cause": "initial" }],
            "given_at": "2026-11-03T10:05:00Z",
            "manner": "oral_in_person",
            "station_id": two.app.station("ALD"),
            "in_local_police_area": true,
            "taken_by": "officer",
            "taken_by_name": "PC Lena Frost",
            "names": ["Terence Vane"],
            "home_address": "17 Tanners Row, Alderbridge",
        });
        let id = two.put("notifications", &told);
        let path = format!("/notifications/{id}");
        let shown = two.at_ald.get(&path).expect(200);
        let page = two.at_ald.get(&format!("{path}/receipt")).body;
        let receipt = &shown["notification"];
        assert_eq!(receipt["receipt_number"], format!("N/{REFERENCE}/1"));
        for told in ["receipt_number", "taken_by_name", "home_address"] {
            assert!(page.contains(receipt[told].as_str().unwrap()), "{told}");
        }
        assert_eq!(shown["station_name"], "ALD Police Station");
        assert_eq!(shown["subject_name"], "Terence Vane");
        assert_eq!(shown["order_reference"], REFERENCE);
        let duties = shown["duties"].as_array().unwrap();
        assert_eq!((duties.len(), &duties[0]["cause"]), (1, &json!("initial")));
        assert_eq!(duties[0]["state"], "complied");
        let listed = two.at_ald.get(&format!("/orders/{}/notifications", two.order)).expect(200);
        let mut open = listed["duties"].as_array().unwrap().iter();
        let next = open.find(|duty| duty["state"] == "open");
        assert_eq!(shown["next_duty"], next.cloned().unwrap_or_default());
        two.at_hex.get(&path).refused("not-found");
        two.call_a_mistake(&id);
        two.at_ald.get(&path).refused("not-found");
    });
}

#[test]
fn that_a_person_was_read_of_is_in_the_ledger_and_what_was_said_is_not() {
    with_two(|two| {
        let photo = two.put("photos", &photo("image/png", "2026-11-20", PNG));
        two.put("warnings", &warning());
        two.at_hex.get(&format!("/photos/{photo}"));
        let auditor = two.app.somebody(Role::Auditor, &[]);
        let path = format!("/ledger-entries?chain=order:{}", two.order);
        let read = auditor.get(&path).expect(200).to_string();
        assert!(read.contains("get_photo") && read.contains("warning_recorded"), "{read}");
        assert!(!read.contains("Struck"), "{read}");
    });
}
