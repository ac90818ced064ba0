//! Who may ask for what. Every operation of the API stands in this table, or the suite fails.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::builders::OneOrder;
use crate::harness::caller::{Answer, Caller, send};
use crate::harness::{PASSWORD, TestApp, contract, on_each_database};

/// Each operation and the roles that may ask for it: officer, owner, supervisor, control room,
/// auditor, administrator.
const MAY: [(&str, [bool; 6]); 24] = {
    const ALL: [bool; 6] = [true; 6];
    const CASES: [bool; 6] = [true, true, true, true, true, false];
    const DUTY: [bool; 6] = [true, true, true, true, false, false];
    const SUPERVISION: [bool; 6] = [false, false, true, false, true, false];
    const AUDIT: [bool; 6] = [false, false, false, false, true, false];
    const ACCOUNTS: [bool; 6] = [false, false, false, false, false, true];
    [
        ("sign_in", ALL),
        ("sign_out", ALL),
        ("get_me", ALL),
        ("list_stations", ALL),
        ("get_status", ALL),
        ("list_due", CASES),
        ("get_check_in", CASES),
        ("list_orders", CASES),
        ("list_subject_conditions", CASES),
        ("confirm_sign_on", DUTY),
        ("supersede_check_in", DUTY),
        ("sync", DUTY),
        ("list_alerts", DUTY),
        ("acknowledge_alert", DUTY),
        ("get_push_key", DUTY),
        ("subscribe_push", DUTY),
        ("unsubscribe_push", DUTY),
        ("list_attention", SUPERVISION),
        ("get_compliance", SUPERVISION),
        ("get_order_timeline", SUPERVISION),
        ("list_ledger_entries", AUDIT),
        ("list_accounts", ACCOUNTS),
        ("create_account", ACCOUNTS),
        ("disable_account", ACCOUNTS),
    ]
};

fn one_of_each_role(app: &TestApp) -> [Caller<'_>; 6] {
    app.import(&OneOrder::default().file());
    [
        app.officer_at("ALD"),
        app.owner(),
        app.supervisor_at("ALD"),
        app.control_room(),
        app.auditor(),
        app.administrator(),
    ]
}

/// The operation's address with ids of nothing, and with what it cannot do without.
fn address(id: &str, template: &str) -> String {
    let nothing = uuid::Uuid::nil().to_string();
    let parts = template.split('/');
    let parts = parts.map(|part| if part.starts_with('{') { &nothing } else { part });
    let needed = match id {
        "get_compliance" => "?by=week",
        "list_ledger_entries" => "?chain=service",
        _ => "",
    };
    parts.collect::<Vec<_>>().join("/") + needed
}

/// Asks with a body of nothing: who may not is told so before it matters.
fn asks(caller: &Caller<'_>, method: &str, path: &str) -> Answer {
    let path = path.strip_prefix("/api/v1").unwrap();
    let body = (method != "GET").then(|| json!({}));
    caller.send((method, path), &[], body.as_ref())
}

#[test]
fn every_operation_is_open_to_the_roles_in_the_table_and_to_no_other() {
    let described: BTreeSet<String> = contract::described().into_iter().map(|it| it.0).collect();
    let in_table: BTreeSet<String> = MAY.iter().map(|(id, _)| (*id).to_owned()).collect();
    assert_eq!(described, in_table);
    on_each_database(|app| {
        let callers = one_of_each_role(app);
        for (id, method, path) in contract::described() {
            // Signing out would end the session that the next row needs.
            if id == "sign_in" || id == "sign_out" {
                continue;
            }
            let (_, may) = MAY.iter().find(|(row, _)| *row == id).unwrap();
            for (caller, may) in callers.iter().zip(may) {
                let answer = asks(caller, &method, &address(&id, &path));
                let role = caller.account.role;
                assert_eq!(answer.slug() != "role-may-not", *may, "{id} {role}: {answer:?}");
                assert!(answer.status < 500 && answer.status != 401, "{id} {role}: {answer:?}");
            }
        }
    });
}

#[test]
fn nobody_is_served_without_a_session() {
    on_each_database(|app| {
        for (id, method, path) in contract::described() {
            if id == "sign_in" || id == "get_status" {
                continue;
            }
            let path = address(&id, &path);
            for headers in [&[][..], &[("authorization", "Bearer AAAA")], &[("authorization", "x")]]
            {
                send(app.address, (&method, &path), headers, None).refused("not-signed-in");
            }
        }
        let missing = send(app.address, ("GET", "/api/v1/nothing"), &[], None);
        missing.refused("not-found");
        send(app.address, ("POST", "/api/v1/me"), &[], None).refused("method-not-allowed");
    });
}

fn sign_in(app: &TestApp, username: &str, password: &str) -> Answer {
    let body: Value = json!({ "username": username, "password": password, "carrier": "bearer" });
    let headers = [("content-type", "application/json")];
    send(app.address, ("POST", "/api/v1/session"), &headers, Some(&body.to_string()))
}

#[test]
fn an_account_signs_in_and_out_and_a_wrong_password_is_slowed_down() {
    on_each_database(|app| {
        let [officer, ..] = one_of_each_role(app);
        let name = &officer.account.username;
        assert!((200..300).contains(&sign_in(app, name, PASSWORD).status));
        for _ in 0..5 {
            sign_in(app, name, "not the password").refused("wrong-credentials");
        }
        sign_in(app, name, PASSWORD).refused("sign-in-locked");
        app.clock.advance(15_000);
        assert!((200..300).contains(&sign_in(app, name, PASSWORD).status));
        sign_in(app, "nobody", PASSWORD).refused("wrong-credentials");

        assert_eq!(officer.get("/me").status, 200);
        assert!((200..300).contains(&officer.delete("/session").status));
        officer.get("/me").refused("not-signed-in");
    });
}

#[test]
fn an_account_that_was_disabled_is_out_at_once() {
    on_each_database(|app| {
        let [officer, .., administrator] = one_of_each_role(app);
        assert_eq!(officer.get("/me").status, 200);
        let path = format!("/accounts/{}/disablement", officer.account.id);
        let answer = administrator.send(("PUT", &path), &[], None);
        assert!((200..300).contains(&answer.status), "{answer:?}");
        officer.get("/me").refused("not-signed-in");
        sign_in(app, &officer.account.username, PASSWORD).refused("wrong-credentials");
    });
}

#[test]
fn a_phone_that_syncs_hands_over_what_it_held_and_gets_what_changed() {
    on_each_database(|app| {
        app.import(&OneOrder::owned_by(&app.asha_mercer().username).file());
        app.sweep();
        let officer = app.officer_at("ALD");
        let first = officer.post("/sync", &json!({ "cursor": null, "check_ins": [] })).expect(200);
        let list = format!("/stations/{}/due?date=2026-11-24", app.station("ALD"));
        let due = officer.get(&list).expect(200)["due"][0].clone();
        app.clock.set("2026-11-24T10:30:00Z");
        app.sweep();
        let station = app.station("ALD");
        let sign_on = crate::builders::sign_on(&due, station, "2026-11-24T10:30:00Z");
        let held = json!([
            { "check_in_id": app.new_id(), "sign_on": { "obligation_id": "?" } },
            { "check_in_id": app.new_id(), "sign_on": sign_on },
        ]);
        let asked = json!({ "cursor": first["cursor"], "check_ins": held });

        let synced = officer.post("/sync", &asked).expect(200);
        let again = officer.post("/sync", &asked).expect(200);

        assert_eq!(synced["results"][0]["result"], "rejected");
        assert_eq!(synced["results"][1]["result"], "accepted");
        assert_eq!(synced["results"][1]["receipt"]["settled"], true);
        assert_eq!(again["results"][1]["result"], "duplicate_identical");
        assert_eq!(again["results"][1]["receipt"], synced["results"][1]["receipt"]);
        assert_eq!(state_in(&officer, synced, &due["obligation_id"]), "fulfilled");
    });
}

/// Follows the cursor until the obligation comes. That may take a call more while other transactions
/// are under way, but it is not passed over.
fn state_in(officer: &Caller<'_>, first: Value, obligation: &Value) -> Value {
    let mut synced = first;
    for _ in 0..500 {
        let changed = synced["obligations"].as_array().unwrap();
        if let Some(found) = changed.iter().find(|it| it["obligation_id"] == *obligation) {
            return found["state"].clone();
        }
        let asked = json!({ "cursor": synced["cursor"], "check_ins": [] });
        synced = officer.post("/sync", &asked).expect(200);
    }
    panic!("the obligation has not come in 500 calls");
}
