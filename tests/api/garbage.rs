//! Whatever is sent to whichever operation, the answer is one of those described, never a failure,
//! and the service answers the next one.

use compliance::access::Role;
use serde_json::{Value, json};

use crate::harness::caller::{Answer, Caller, send};
use crate::harness::{TestApp, on_each_database};
use crate::operations::{OPERATIONS, Operation};
use crate::scene::{NOW, Request, Scene};

const JSON: (&str, &str) = ("content-type", "application/json");

/// Bodies that are none, and what is said about each.
fn no_bodies(valid: &Value) -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let text = valid.to_string().into_bytes();
    let half = text[..text.len() / 2].to_vec();
    let twice = [text.clone(), text.clone()].concat();
    let invalid_utf8 = [b"{\"".as_slice(), &[0xff, 0xfe, 0xc0], b"\": 1}"].concat();
    let padded = [text.as_slice(), &vec![b' '; 2 * 1024 * 1024]].concat();
    vec![
        ("empty", Vec::new(), "unreadable-body"),
        ("no JSON", b"obligation_id=1&station_id=2".to_vec(), "unreadable-body"),
        ("half", half, "unreadable-body"),
        ("twice", twice, "unreadable-body"),
        ("NUL bytes", vec![0; 64], "unreadable-body"),
        ("invalid UTF-8", invalid_utf8, ""),
        ("UTF-16", b"\xff\xfe{\0}\0".to_vec(), "unreadable-body"),
        ("a number too large", b"{\"a\": 1e999}".to_vec(), ""),
        ("brackets", "[".repeat(10_000).into_bytes(), ""),
        ("braces", "{\"a\":".repeat(10_000).into_bytes(), ""),
        ("a list", b"[]".to_vec(), "invalid-field"),
        ("a text", b"\"text\"".to_vec(), "invalid-field"),
        ("null", b"null".to_vec(), "invalid-field"),
        ("a number", b"18446744073709551616".to_vec(), "invalid-field"),
        ("nothing in it", b"{}".to_vec(), "invalid-field"),
        ("2 MiB", padded, "body-too-large"),
    ]
}

/// What a field is replaced by.
fn no_values() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(-1),
        json!(0),
        json!(1e300),
        json!(u64::MAX),
        json!(""),
        json!("garbage"),
        json!("\u{0}"),
        json!("a\u{0}b\u{1b}[31m\u{7f}"),
        json!("\u{202e}\u{fffd}\u{10ffff}"),
        json!("long".repeat(20_000)),
        json!("'; DROP TABLE orders; --"),
        json!("9999-12-31T23:59:59Z"),
        json!("00000000-0000-0000-0000-000000000000"),
        json!("FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"),
        json!([]),
        json!([null]),
        json!({}),
        json!({ "a": [1] }),
    ]
}

/// Parts of an address.
const NO_PARTS: [&str; 12] = [
    "x",
    "-1",
    "null",
    "%00",
    "%FF%FE",
    "%0d%0aSet-Cookie:%20a=b",
    "0%20OR%201=1",
    "9999999999999999999999999999",
    "1e999",
    "-262143-01-01",
    "+262142-12-31",
    "019aaf6e-7c00-7000-8000-00000000000g",
];

#[track_caller]
fn check_harmless(answer: &Answer, about: &str) {
    // That the body is one of those described is checked where every answer comes in.
    assert!(answer.status < 500, "{about}: {answer:?}");
}

/// A refusal is about what is wrong, and not about something else.
#[track_caller]
fn check_points_at(answer: &Answer, pointer: &str, about: &str) {
    check_harmless(answer, about);
    if answer.slug() != "invalid-field" {
        return;
    }
    let errors = answer.json["errors"].as_array().unwrap();
    let named: Vec<&str> = errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    let is_named = named.iter().any(|it| pointer.starts_with(it) || it.starts_with(pointer));
    assert!(is_named, "{about} is said to be about {named:?}");
}

/// Each operation, asked by somebody who may.
fn each_operation(app: &TestApp, test: impl Fn(&Scene<'_>, &Operation, &Caller<'_>)) {
    let scene = Scene::set(app);
    for operation in OPERATIONS {
        // Whoever asks as a provider is nobody of the force.
        let role = operation.roles.first().copied().unwrap_or(Role::Officer);
        let caller = app.somebody(role, &["ALD"]);
        test(&scene, operation, &caller);
        let alive = app.officer_at("ALD").get(&format!("/stations/{}/due", app.station("ALD")));
        assert_eq!(alive.expect(200)["due"].as_array().unwrap().len(), 1, "{}", operation.id);
    }
}

fn send_as(caller: &Caller<'_>, request: &Request, kind: (&str, &str), body: &[u8]) -> Answer {
    let token = request.bearer.clone().unwrap_or_else(|| caller.token());
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), kind];
    send(caller.app.address, (&request.method, &request.path), &headers, Some(body))
}

#[test]
fn a_body_that_is_none_is_refused_as_what_it_is_by_every_operation() {
    on_each_database(|app| {
        each_operation(app, |scene, operation, caller| {
            let request = scene.request(operation, caller);
            let (takes, name) = (operation.described().takes_body(), operation.id);
            assert_eq!(request.body.is_some(), takes, "{name}: what it takes is described");
            let valid = request.body.clone().unwrap_or(json!({ "a": 1 }));
            for (what, body, slug) in no_bodies(&valid) {
                if operation.id == "sign_out" {
                    caller.sign_in_again();
                }
                let answer = send_as(caller, &request, JSON, &body);
                let about = format!("{} {what}", operation.id);
                check_harmless(&answer, &about);
                if operation.described().takes_json() {
                    assert!((400..500).contains(&answer.status), "{about}: {answer:?}");
                    assert!(slug.is_empty() || answer.slug() == slug, "{about}: {answer:?}");
                }
            }
        });
    });
}

#[test]
fn a_body_of_another_kind_is_refused_by_every_operation_that_takes_one() {
    let kinds =
        ["text/plain", "application/x-www-form-urlencoded", "application/json-seq", "é", ""];
    on_each_database(|app| {
        each_operation(app, |scene, operation, caller| {
            if !operation.described().takes_json() {
                return;
            }
            let request = scene.request(operation, caller);
            let body = request.body.as_ref().unwrap().to_string();
            for kind in kinds {
                let answer = send_as(caller, &request, ("content-type", kind), body.as_bytes());
                answer.refused("wrong-media-type");
            }
            send_as(caller, &request, ("x-nothing", "x"), body.as_bytes())
                .refused("wrong-media-type");
        });
    });
}

/// Every place in a body: its pointer.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    if !at.is_empty() {
        found.push(at.to_owned());
    }
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| places(value, &format!("{at}/{name}"), found));
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(index, item)| places(item, &format!("{at}/{index}"), found));
        }
        _ => {}
    }
}

/// Takes out what is there.
fn take_out(body: &mut Value, pointer: &str) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match body.pointer_mut(parent).unwrap() {
        Value::Object(fields) => drop(fields.remove(name)),
        Value::Array(items) => drop(items.remove(name.parse().unwrap())),
        _ => unreachable!("only these hold anything"),
    }
}

/// Also with what may be left out.
fn in_full(operation: &Operation, body: Value) -> Value {
    let more = match operation.id {
        "confirm_sign_on" => json!({
            "position": { "latitude": 52.0, "longitude": -2.5, "accuracy_m": 12 },
            "note": "Came with his brother.",
            "corrects": {
                "check_in_id": "019aaf6e-7c00-7000-8000-000000000000",
                "reason": "The wrong person.",
            },
        }),
        "record_sighting" => json!({ "note": "Walked past the shop." }),
        "sync" => json!({
            "check_ins": [{
                "check_in_id": "019aaf6e-7c00-7000-8000-000000000000",
                "sign_on": { "obligation_id": "019aaf6e-7c00-7000-8000-000000000000" },
            }, {
                "check_in_id": "019aaf6e-7c00-7000-8000-000000000000",
                "phone_key_id": "019aaf6e-7c00-7000-8000-000000000000",
                "payload": "e30",
                "signature": "AAAA",
            }],
        }),
        "record_session_outcome" => {
            json!({ "action": "ROM", "reason": "First failure.", "note": "Rang first." })
        }
        "record_notification" => json!({ "no_fixed_abode": true, "is_suspected_false": true }),
        "record_notification_exemption" => json!({ "until": "2027-01-31" }),
        "move_session" => json!({ "place": "Room 2" }),
        "record_session_evidence" | "report_provider_outcome" => json!({ "note": "A letter." }),
        _ => json!({}),
    };
    let mut body = body;
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

#[test]
fn every_field_of_every_body_can_hold_anything_and_is_named_when_it_may_not() {
    on_each_database(|app| {
        each_operation(app, |scene, operation, caller| {
            let request = scene.request(operation, caller);
            let Some(valid) = request.body.clone().filter(|body| !body.is_string()) else { return };
            let valid = in_full(operation, valid);
            let mut pointers = Vec::new();
            places(&valid, "", &mut pointers);
            for pointer in pointers {
                let sent = |change: &dyn Fn(&mut Value), what: &str| {
                    let mut body = valid.clone();
                    if operation.id == "record_order" {
                        // Nor is the reference of it, or of whom it is about.
                        let fresh = json!(app.new_id().simple().to_string());
                        body["reference"] = fresh.clone();
                        body["subject"]["reference"] = fresh;
                    }
                    change(&mut body);
                    // A new id each time, so that what was taken in is not met again.
                    let request = Request { body: Some(body), ..scene.request(operation, caller) };
                    let about = format!("{} {pointer} {what:.60}", operation.id);
                    check_points_at(&request.sent_by(caller), &pointer, &about);
                };
                sent(&|body| take_out(body, &pointer), "left out");
                for value in no_values() {
                    let said = value.to_string();
                    sent(&|body| *body.pointer_mut(&pointer).unwrap() = value.clone(), &said);
                }
            }
            let mut body = valid;
            body["no_such_field"] = json!(1);
            let request = Request { body: Some(body), ..scene.request(operation, caller) };
            let refused = request.sent_by(caller).refused("invalid-field");
            assert_eq!(refused["errors"][0]["pointer"], "/no_such_field", "{refused}");
        });
    });
}

#[test]
fn every_part_of_every_address_can_be_anything() {
    on_each_database(|app| {
        each_operation(app, |scene, operation, caller| {
            let long = "9".repeat(4_000);
            let parts = NO_PARTS.iter().copied().chain([long.as_str()]);
            for part in parts {
                let Request { method, path, body, bearer } = scene.request(operation, caller);
                let template = operation.described().path.split('/');
                let with_part = template.map(|it| if it.starts_with('{') { part } else { it });
                let more = format!("{path}{}", if path.contains('?') { '&' } else { '?' });
                // What never ends unless it is asked to is always asked to.
                let bare = match operation.id {
                    "stream_alerts" => more.clone(),
                    _ => format!("{}?", path.split('?').next().unwrap()),
                };
                let mut paths = vec![format!("{more}no_such={part}"), format!("{bare}{part}")];
                if operation.described().path.contains('{') {
                    paths.push(with_part.collect::<Vec<_>>().join("/"));
                }
                let names = operation.described().query.iter();
                paths.extend(names.map(|name| format!("{bare}{name}={part}")));
                for path in paths {
                    if operation.id == "sign_out" {
                        caller.sign_in_again();
                    }
                    let (method, body, bearer) = (method.clone(), body.clone(), bearer.clone());
                    let request = Request { method, path, body, bearer };
                    let about = format!("{} {:.80}", request.method, request.path);
                    let answer = request.sent_by(caller);
                    check_harmless(&answer, &about);
                    let is_template = operation.described().path.contains('{');
                    if is_template && !request.path.contains('?') {
                        assert!([400, 404].contains(&answer.status), "{about}: {answer:?}");
                    }
                }
            }
        });
    });
}

#[test]
fn a_phones_clock_that_cannot_be_read_is_refused() {
    on_each_database(|app| {
        each_operation(app, |scene, operation, caller| {
            if !["confirm_sign_on", "sync"].contains(&operation.id) {
                return;
            }
            for clock in ["yesterday", "", "é", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"] {
                let Request { method, path, body, .. } = scene.request(operation, caller);
                let path = path.strip_prefix("/api/v1").unwrap();
                let clock = [("phone-clock", clock)];
                caller.send((&method, path), &clock, body.as_ref()).refused("invalid-parameter");
            }
            let Request { method, path, body, .. } = scene.request(operation, caller);
            let path = path.strip_prefix("/api/v1").unwrap();
            let answer = caller.send((&method, path), &[("phone-clock", NOW)], body.as_ref());
            answer.expect(operation.success);
        });
    });
}
