//! The public form: no account, bounded, followed with a secret that cannot be guessed and is nowhere on
//! file. Who reported is told to those who investigate, and to nobody else.

use compliance::access::Role;
use compliance::instant::{HOUR_MS, MINUTE_MS};
use serde_json::{Value, json};

use super::{Desk, WAY, with};
use crate::harness::caller::{Answer, send};
use crate::harness::push_service::{Phone, PushService};
use crate::harness::{TestApp, on_each_database};
use crate::scene::concerns::{public, told};

fn post(app: &TestApp, path: &str, body: &Value) -> Answer {
    let json = [("content-type", "application/json")];
    let to = format!("/api/v1/public/concerns{path}");
    send(app.address, ("POST", &to), &json, Some(body.to_string().as_bytes()))
}

fn submitted(app: &TestApp) -> Value {
    post(app, "", &public()).expect(201)
}

fn follow(app: &TestApp, reference: &str, secret: &str) -> Answer {
    post(app, "/progress", &json!({ "reference": reference, "secret": secret }))
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap()
}

#[test]
fn anybody_reports_without_an_account_and_sees_with_reference_and_secret_what_becomes_of_it() {
    on_each_database(|app| {
        let desk = Desk::open(app);
        let receipt = submitted(app);
        let (reference, secret) = (text(&receipt, "reference"), text(&receipt, "secret"));
        assert_eq!(reference, "C/26/000001");

        let found = desk.supervisor.get("/concerns").expect(200);
        let report = text(&found["concerns"][0], "concern_id").parse().unwrap();
        let mut seen = Vec::new();
        for what in [&[""], &WAY[..]].concat() {
            if !what.is_empty() {
                desk.done(report, &[what]);
            }
            let progress = follow(app, reference, secret).expect(200);
            seen.push((
                progress["is_with_somebody"].as_bool().unwrap(),
                progress["is_closed"].as_bool().unwrap(),
                progress["is_outcome_told"].as_bool().unwrap(),
            ));
        }

        let (no, with_somebody) = ((false, false, false), (true, false, false));
        let expected = [
            no,
            no,
            with_somebody,
            with_somebody,
            with_somebody,
            with_somebody,
            (true, true, true),
        ];
        assert_eq!(seen, expected);
        // As people type what they wrote down.
        let typed = secret.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
        follow(app, &format!(" {} ", reference.to_lowercase()), &typed).expect(200);
        assert_eq!(found["concerns"][0]["reporter"], "family_member");
    });
}

#[test]
fn a_wrong_secret_and_an_unknown_reference_look_the_same_and_are_slowed() {
    on_each_database(|app| {
        Desk::open(app);
        let receipt = submitted(app);
        let reference = text(&receipt, "reference");
        let (known, unknown) =
            (follow(app, reference, "AAAA-BBBB"), follow(app, "C/26/000009", "AAAA-BBBB"));
        let said = |answer: &Answer| (answer.status, answer.slug(), answer.json["detail"].clone());
        assert_eq!(said(&known), said(&unknown));
        known.refused("not-found");
        for _ in 0..4 {
            follow(app, reference, "AAAA-BBBB").refused("not-found");
            follow(app, "C/26/000009", "AAAA-BBBB").refused("not-found");
        }

        let locked = follow(app, reference, text(&receipt, "secret"));

        assert_eq!(locked.header("retry-after"), Some("15"));
        locked.refused("sign-in-locked");
        follow(app, "C/26/000009", "AAAA-BBBB").refused("sign-in-locked");
        app.clock.advance(15_000);
        follow(app, reference, text(&receipt, "secret")).expect(200);
    });
}

#[test]
fn a_report_that_staff_recorded_has_no_secret_to_be_followed_with() {
    on_each_database(|app| {
        Desk::open(app).told();
        follow(app, "C/26/000001", "").refused("not-found");
        follow(app, "C/26/000001", "0").refused("not-found");
    });
}

#[test]
fn one_address_reports_five_times_an_hour_and_then_waits() {
    on_each_database(|app| {
        Desk::open(app);
        for _ in 0..5 {
            submitted(app);
        }
        app.clock.advance(20 * MINUTE_MS);

        let refused = post(app, "", &public());

        assert_eq!(refused.header("retry-after"), Some("2400"));
        refused.refused("too-often");
        assert_eq!(app.count("concern_reports"), 5);
        app.clock.advance(40 * MINUTE_MS);
        submitted(app);
        // What is over is swept out: of the hour before nothing is kept.
        assert_eq!(app.count("throttles"), 2);
    });
}

#[test]
fn all_addresses_together_are_bounded_too_and_none_says_for_itself_which_it_is() {
    on_each_database(|app| {
        Desk::open(app);
        submitted(app);
        app.sql()
            .execute("UPDATE throttles SET times = 120; DELETE FROM throttles WHERE times < 120");
        post(app, "", &public()).refused("too-often");
        app.clock.advance(HOUR_MS);
        for number in 0..6 {
            let elsewhere = format!("192.0.2.{number}");
            let headers =
                [("content-type", "application/json"), ("x-forwarded-for", elsewhere.as_str())];
            let to = ("POST", "/api/v1/public/concerns");
            let body = public().to_string();
            let answer = send(app.address, to, &headers, Some(body.as_bytes()));
            assert_eq!(answer.status, if number < 5 { 201 } else { 429 });
        }
    });
}

#[test]
fn what_cannot_be_told_is_refused_and_does_not_count() {
    on_each_database(|app| {
        Desk::open(app);
        let refused = [
            json!({ "reporter": "officer" }),
            json!({ "reporter": "control_room" }),
            json!({ "reporter": "anonymous" }),
            json!({ "words": " " }),
            json!({ "words": "x".repeat(4_001) }),
            json!({ "happened_at": "2026-11-24T10:30:01Z" }),
            json!({ "order_id": "019aaf6e-7c00-7000-8000-000000000000" }),
        ];
        for field in refused {
            post(app, "", &with(public(), field)).refused("invalid-field");
        }
        assert_eq!(app.count("throttles") + app.count("concern_reports"), 0);
        for _ in 0..5 {
            submitted(app);
        }
    });
}

#[test]
fn secrets_differ_and_are_nowhere_on_file() {
    on_each_database(|app| {
        Desk::open(app);
        let receipts: Vec<Value> = (0..5).map(|_| submitted(app)).collect();
        let mut secrets: Vec<&str> = receipts.iter().map(|it| text(it, "secret")).collect();
        for (receipt, secret) in receipts.iter().zip(&secrets) {
            assert_eq!(secret.len(), 19, "{secret}");
            follow(app, text(receipt, "reference"), secret).expect(200);
        }
        let mut sql = app.sql();
        for table in sql.tables() {
            let on_file = sql.dump(&table);
            for secret in &secrets {
                let is_there =
                    on_file.contains(secret) || on_file.contains(&secret.replace('-', ""));
                assert!(!is_there, "{table}");
            }
        }
        secrets.sort_unstable();
        secrets.dedup();
        assert_eq!(secrets.len(), 5);
    });
}

/// What is on file of whoever reported, written like nothing else.
const CANARIES: [&str; 3] = ["Zephyrine Quoll", "07700 900777", "Only at the bakery"];

#[test]
fn who_reported_is_in_no_list_push_ledger_or_timeline_and_told_to_those_who_investigate_only() {
    on_each_database(|app| {
        let desk = Desk::open(app);
        let service = PushService::start();
        let phone = Phone::of(&desk.supervisor, &service);
        let named = json!({
            "name": CANARIES[0], "contact": CANARIES[1], "contact_safely": CANARIES[2],
        });
        let receipt = post(app, "", &with(public(), named.clone())).expect(201);
        let told = with(told(Some(desk.order)), named);
        let report = app.new_id();
        desk.officer.put(&format!("/concerns/{report}"), &told).expect(201);
        super::after(&desk, 24 * HOUR_MS);
        app.run_jobs();
        desk.done(report, &WAY);
        let auditor = app.somebody(Role::Auditor, &[]);
        let colleague = app.officer_at("ALD");

        let file = format!("/concerns/{report}");
        let timeline = format!("/orders/{}/timeline", desk.order);
        let mut sql = app.sql();
        let tables = sql.tables().into_iter().filter(|table| table != "concern_reporters");
        let mut texts: Vec<String> = tables.map(|table| app.sql().dump(&table)).collect();
        assert!(sql.dump("concern_reporters").contains(CANARIES[0]));
        let messages = service.take();
        assert!(!messages.is_empty());
        texts.extend(messages.iter().map(|message| phone.read(message).to_string()));
        for path in ["/concerns", "/concerns?status=closed", "/alerts", "/alerts?state=closed"] {
            texts.push(desk.supervisor.get(path).body);
        }
        texts.push(desk.officer.get(&timeline).body);
        texts.push(desk.supervisor.get(&timeline).body);
        texts.push(desk.supervisor.get("/supervision/attention").body);
        for reader in [&auditor, &colleague] {
            texts.push(reader.get(&file).body);
        }
        texts.push(follow(app, text(&receipt, "reference"), text(&receipt, "secret")).body);
        texts.push(receipt.to_string());
        for canary in CANARIES {
            for text in &texts {
                assert!(!text.contains(canary), "{canary} in {text}");
            }
            for reader in [&desk.supervisor, &desk.owner, &desk.control_room, &desk.officer] {
                assert!(reader.get(&file).body.contains(canary), "{}", reader.account.username);
            }
        }
    });
}

#[test]
fn the_public_pages_are_there_for_anybody_and_nothing_runs_or_is_styled_in_them_but_own_files() {
    on_each_database(|app| {
        let get = |path: &str| {
            let page = send(app.address, ("GET", path), &[], None);
            assert_eq!(page.status, 200, "{path}");
            page
        };
        for path in ["/concern", "/concern/follow"] {
            let page = get(path);
            let policy = page.header("content-security-policy").unwrap();
            assert!(policy.contains("script-src 'self'; style-src 'self'"), "{policy}");
            assert_eq!(page.header("cache-control"), Some("no-store"));
            for own in ["/app/concern.css", "/app/concern.js"] {
                assert!(page.body.contains(own), "{own}");
                get(own);
            }
            assert_eq!(page.body.matches("<script").count(), 1);
            for inline in ["<style", " style=", " onclick=", "javascript:", "{{"] {
                assert!(!page.body.contains(inline), "{path} holds {inline}");
            }
            assert!(page.body.contains("999"));
        }
    });
}
