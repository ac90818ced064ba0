//! To whom an alert can be handed or a task given: whoever is listed is accepted.

use std::collections::BTreeMap;

use compliance::access::Role;
use compliance::instant::HOUR_MS;
use serde_json::{Value, json};

use crate::builders::{OneOrder, file};
use crate::harness::caller::Caller;
use crate::harness::push_service::{Phone, PushService};
use crate::harness::{TestApp, on_each_database};
use crate::scene::tasks::by_hand;

struct Force<'a> {
    app: &'a TestApp,
    people: BTreeMap<&'static str, Caller<'a>>,
    _phones: PushService,
}

impl<'a> Force<'a> {
    /// A sign-on at ALD was missed. The owner works nowhere; only some can be told.
    fn set(app: &'a TestApp) -> Self {
        app.import(&file(&[]));
        app.clock.set("2026-11-24T09:00:00Z");
        let phones = PushService::start();
        let people = BTreeMap::from([
            ("owner", app.owner()),
            ("officer", app.officer_at("ALD")),
            ("silent", app.officer_at("ALD")),
            ("sergeant", app.supervisor_at("ALD")),
            ("stranger", app.officer_at("HEX")),
            ("coordinator", app.supervisor_at("HEX")),
            ("control_room", app.somebody(Role::ControlRoom, &[])),
            ("auditor", app.somebody(Role::Auditor, &[])),
            ("administrator", app.somebody(Role::Administrator, &["ALD"])),
            ("left", app.officer_at("ALD")),
        ]);
        for name in ["owner", "officer", "sergeant", "stranger", "coordinator", "control_room"] {
            Phone::of(&people[name], &phones);
        }
        let left = format!("/accounts/{}/disablement", people["left"].account.id);
        people["administrator"].put(&left, &Value::Null).expect(204);
        app.import(&OneOrder::owned_by(&people["owner"].account.username).file());
        app.clock.set("2026-11-24T12:01:00Z");
        app.sweep();
        Self { app, people, _phones: phones }
    }

    /// By the name that they have here.
    fn listed(&self, by: &str, query: &str) -> BTreeMap<&'static str, Value> {
        let found = self.people[by].get(&format!("/colleagues{query}")).expect(200);
        let found = found["colleagues"].as_array().unwrap().iter();
        found
            .map(|entry| {
                let is = |it: &&Caller<'_>| json!(it.account.id) == entry["account_id"];
                let (name, _) = self.people.iter().find(|(_, it)| is(it)).unwrap();
                (*name, entry.clone())
            })
            .collect()
    }

    fn names(&self, by: &str, query: &str) -> Vec<&'static str> {
        self.listed(by, query).into_keys().collect()
    }

    fn put_on_rota(&self, name: &str, line: Value) {
        let now = self.app.clock.now();
        let mut entry = json!({
            "account_id": self.people[name].account.id,
            "from": now.to_rfc3339(),
            "until": (now + 8 * HOUR_MS).to_rfc3339(),
        });
        for (field, value) in line.as_object().unwrap() {
            entry[field] = value.clone();
        }
        let path = format!("/rota/{}", self.app.new_id());
        self.people["sergeant"].put(&path, &entry).expect(201);
    }
}

fn with_force(test: impl Fn(&Force<'_>)) {
    on_each_database(|app| test(&Force::set(app)));
}

#[test]
fn colleagues_are_those_of_the_callers_stations_whoever_is_on_duty_above_and_the_control_room() {
    with_force(|force| {
        assert_eq!(force.names("officer", ""), ["control_room", "sergeant", "silent"]);
        force.put_on_rota("coordinator", json!({ "kind": "on_duty", "rung": "coordinator" }));
        force.put_on_rota("silent", json!({ "kind": "absent" }));
        let listed = force.listed("officer", "");
        let names: Vec<_> = listed.keys().copied().collect();
        assert_eq!(names, ["control_room", "coordinator", "sergeant", "silent"]);
        let presence = |name: &str| listed[name]["presence"].as_str().unwrap();
        assert_eq!(
            ["coordinator", "sergeant", "silent"].map(presence),
            ["on_duty", "not_on_rota", "away"]
        );
        let told = |name: &str| listed[name]["can_be_told"].as_bool().unwrap();
        assert_eq!(["sergeant", "silent"].map(told), [true, false]);
        assert_eq!(listed["sergeant"]["role"], "supervisor");
        assert_eq!(listed["sergeant"]["stations"], json!([force.app.station("ALD")]));
        assert_eq!(
            force.names("control_room", ""),
            ["coordinator", "officer", "owner", "sergeant", "silent", "stranger"]
        );
        force.people["auditor"].get("/colleagues").refused("role-may-not");
    });
}

#[test]
fn whoever_is_listed_for_an_alert_is_accepted_and_nobody_else_near_would_be() {
    with_force(|force| {
        let alert = force.app.alerts()[0].id;
        let query = format!("?alert_id={alert}");
        let hand_to = |name: &str| {
            force.app.clock.advance(1);
            let to = json!({ "to_account_id": force.people[name].account.id, "note": "" });
            let path = format!("/alerts/{alert}/handovers/{}", force.app.new_id());
            force.people["sergeant"].put(&path, &to).status
        };
        let listed = force.names("sergeant", &query);
        assert_eq!(listed, ["control_room", "officer", "owner"]);
        assert_eq!(force.names("owner", &query), ["control_room", "officer", "sergeant"]);
        assert!(force.people["stranger"].get(&format!("/colleagues{query}")).status == 404);
        for name in force.people.keys().filter(|name| **name != "sergeant") {
            let expected = if listed.contains(name) { 201 } else { 422 };
            assert_eq!(hand_to(name), expected, "{name}");
        }
        let decided = json!({ "decision": "no_further_action", "rationale": "Seen at work." });
        let path = format!("/alerts/{alert}/decisions/{}", force.app.new_id());
        force.people["sergeant"].put(&path, &decided).expect(201);
        force.people["sergeant"].get(&format!("/colleagues{query}")).refused("alert-is-closed");
    });
}

#[test]
fn whoever_is_listed_for_a_task_is_accepted_whether_they_can_be_told_or_not() {
    with_force(|force| {
        let sergeant = &force.people["sergeant"];
        let orders = sergeant.get("/orders").expect(200);
        let order = orders["orders"][0]["order_id"].as_str().unwrap();
        let task = force.app.new_id();
        let path = format!("/orders/{order}/tasks/{task}");
        sergeant.put(&path, &by_hand()).expect(201);
        let query = format!("?task_id={task}");
        let listed = force.names("sergeant", &query);
        assert_eq!(listed, ["control_room", "officer", "owner", "silent"]);
        for name in force.people.keys().filter(|name| **name != "sergeant") {
            let to = json!({ "to_account_id": force.people[name].account.id, "reason": "Leave." });
            let path = format!("/tasks/{task}/assignments/{}", force.app.new_id());
            force.app.clock.advance(1);
            let expected = if listed.contains(name) { 201 } else { 422 };
            assert_eq!(sergeant.put(&path, &to).status, expected, "{name}");
        }
        let both = format!("/colleagues{query}&alert_id={}", force.app.alerts()[0].id);
        sergeant.get(&both).refused("invalid-parameter");
        force.people["stranger"].get(&format!("/colleagues{query}")).refused("not-found");
    });
}
