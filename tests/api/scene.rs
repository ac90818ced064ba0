//! A case with one of everything, and a request for each operation that is answered with success.
//!
//! Terence Vane must stay 300 m away from 52.02, -2.48, and sign on at ALD every day from 10:00 to
//! 12:00, four times. On Sunday 22 November 2026 he did, on Monday he did not, and on Tuesday it is
//! 10:30 and he may still come.

use std::collections::BTreeMap;

use compliance::access::Role;
use holdfast::operations::Actor;
use holdfast::operations::feeds::{NewFeed, start_feed};
use holdfast::store::scope::Scope;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::builders::{OneOrder, sign_on};
use crate::harness::caller::{Answer, Caller, bytes_of, kind_of, send};
use crate::harness::{PASSWORD, TestApp};
use crate::operations::Operation;
use crate::zones::{order_with, prohibition};

pub const NOW: &str = "2026-11-24T10:30:00Z";
/// In every list that the case is in.
pub const REFERENCE: &str = "SPO/26/0001";

/// What a browser gives for its push subscription: the example keys of RFC 8291.
pub const BROWSER_KEYS: [&str; 2] = [
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "BTBZMqHH6r4Tts7J_aSIgg",
];

pub struct Scene<'a> {
    pub app: &'a TestApp,
    /// What there is one of, by the name it has in addresses.
    pub ids: BTreeMap<&'static str, Uuid>,
}

#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub body: Option<Value>,
}

impl Request {
    pub fn sent_by(&self, caller: &Caller<'_>) -> Answer {
        let path = self.path.strip_prefix("/api/v1").unwrap();
        caller.send((&self.method, path), &[], self.body.as_ref())
    }

    /// By nobody, with these headers.
    pub fn sent(&self, app: &TestApp, headers: &[(&str, &str)]) -> Answer {
        let mut all = headers.to_vec();
        all.extend(self.body.as_ref().map(|body| ("content-type", kind_of(body))));
        let body = self.body.as_ref().map(bytes_of);
        send(app.address, (&self.method, &self.path), &all, body.as_deref())
    }
}

impl<'a> Scene<'a> {
    pub fn set(app: &'a TestApp) -> Self {
        app.clock.set("2026-11-22T09:00:00Z");
        let owner = app.account_of(("asha.mercer", "DC Asha Mercer"), Role::Owner, &[]);
        let daily = Some("FREQ=DAILY;COUNT=4");
        let order = OneOrder {
            starts_on: "2026-11-22",
            rrule: daily,
            ..OneOrder::owned_by(&owner.username)
        };
        app.import(&order_with(&order, &[prohibition("P1", "exclusion_zone", circle())]));
        let station = app.station("ALD");
        let counter = app.account_of(("lena.frost", "PC Lena Frost"), Role::Officer, &[station]);
        let officer = Caller::new(app, counter);
        let due_at = |time: &str| {
            app.clock.set(time);
            app.sweep();
            officer.get(&format!("/stations/{station}/due")).expect(200)["due"][0].clone()
        };
        let id = |value: &Value| value.as_str().unwrap().parse().unwrap();

        let sunday = "2026-11-22T10:15:00Z";
        let body = sign_on(&due_at(sunday), station, sunday);
        let check_in = app.new_id();
        officer.put(&format!("/check-ins/{check_in}"), &body).expect(201);
        app.clock.set("2026-11-23T12:01:00Z");
        app.sweep();
        let due = due_at(NOW);

        let ids = [
            ("account_id", officer.account.id.uuid()),
            ("alert_id", app.alerts()[0].id.uuid()),
            ("check_in_id", check_in),
            ("obligation_id", id(&due["obligation_id"])),
            ("order_id", id(&due["order_id"])),
            ("push_subscription_id", app.new_id()),
            ("station_id", station.uuid()),
            ("subject_id", id(&due["subject"]["subject_id"])),
        ];
        Self { app, ids: ids.into() }
    }

    /// The same, but about things that are not there.
    pub fn of_nothing(&self) -> Self {
        let ids = self.ids.keys().map(|name| (*name, Uuid::nil())).collect();
        Self { app: self.app, ids }
    }

    /// What the operation is asked with when all is well. May put on file what that takes.
    pub fn request(&self, operation: &Operation, caller: &Caller<'_>) -> Request {
        let described = operation.described();
        let mut ids = self.ids.clone();
        let body = self.body(operation.id, caller, &mut ids);
        let in_place = |part: &str| {
            let name = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
            name.map_or_else(|| part.to_owned(), |name| ids[name].to_string())
        };
        let path: Vec<String> = described.path.split('/').map(in_place).collect();
        let path = path.join("/") + query(operation.id);
        Request { method: described.method.clone(), path, body }
    }

    /// A feed of the order, whoever may begin one.
    fn feed(&self, caller: &Caller<'_>, order: Uuid) -> Uuid {
        let id = self.app.new_id();
        let scope = Scope { account: caller.account.id, role: Role::ControlRoom };
        let now = self.app.clock.now();
        let actor = Actor { scope, now, identity: self.app.identity() };
        let new = NewFeed {
            id: id.into(),
            order: order.into(),
            device_reference: "TAG-1".to_owned(),
            interval_ms: 60_000,
            started_at: now,
        };
        if order.is_nil() {
            return Uuid::nil();
        }
        self.app.write(move |tx| start_feed(tx, &actor, &new));
        id
    }

    /// The body, if it takes one; `ids` are changed to what the address must name.
    fn body(
        &self,
        id: &str,
        caller: &Caller<'_>,
        ids: &mut BTreeMap<&'static str, Uuid>,
    ) -> Option<Value> {
        let station = ids["station_id"];
        Some(match id {
            "sign_in" => credentials(&caller.account.username, PASSWORD, "bearer"),
            "confirm_sign_on" => {
                ids.insert("check_in_id", self.app.new_id());
                let obligation = json!({ "obligation_id": ids["obligation_id"] });
                sign_on(&obligation, station, NOW)
            }
            "record_sighting" => {
                ids.insert("record_id", self.app.new_id());
                json!({
                    "position": { "latitude": 52.0, "longitude": -2.5, "accuracy_m": 12.0 },
                    "seen_at": NOW,
                    "source": "officer_sighting",
                })
            }
            "start_feed" => {
                ids.insert("feed_id", self.app.new_id());
                json!({ "device_reference": "TAG-1", "interval_ms": 60_000, "started_at": NOW })
            }
            "end_feed" => {
                ids.insert("feed_id", self.feed(caller, ids["order_id"]));
                json!({ "ended_at": NOW, "reason": "The tag was taken off." })
            }
            "ingest_positions" => {
                let feed = self.feed(caller, ids["order_id"]);
                Value::String(feature(feed, [-2.5, 52.0], NOW).to_string() + "\n")
            }
            "supersede_check_in" => json!({ "reason": "Confirmed for the wrong person." }),
            "sync" => json!({ "cursor": null, "check_ins": [] }),
            "create_account" => {
                ids.insert("account_id", self.app.new_id());
                json!({
                    "username": format!("new.{}", ids["account_id"].simple()),
                    "display_name": "PC Ines Okafor",
                    "role": "officer",
                    "password": PASSWORD,
                    "stations": [station],
                })
            }
            "disable_account" => {
                let name = format!("leaving.{}", self.app.new_id().simple());
                let leaving = self.app.account(&name, Role::Officer, &[]);
                ids.insert("account_id", leaving.id.uuid());
                return None;
            }
            "subscribe_push" => {
                ids.insert("push_subscription_id", self.app.new_id());
                subscription(ids["push_subscription_id"])
            }
            "unsubscribe_push" => {
                let id = self.app.new_id();
                // Whoever may not be told of alerts has none to end.
                caller.put(&format!("/push-subscriptions/{id}"), &subscription(id));
                ids.insert("push_subscription_id", id);
                return None;
            }
            _ => return None,
        })
    }
}

/// As a tag reports it.
pub fn feature(feed: Uuid, coordinates: [f64; 2], fixed_at: &str) -> Value {
    json!({
        "type": "Feature",
        "geometry": { "type": "Point", "coordinates": coordinates },
        "properties": { "feed_id": feed, "fixed_at": fixed_at, "accuracy_m": 10.0 },
    })
}

fn circle() -> Value {
    let centre = json!({ "latitude": 52.02, "longitude": -2.48 });
    json!({ "area": { "type": "Circle", "centre": centre, "radius_m": 300 } })
}

fn query(id: &str) -> &'static str {
    match id {
        "get_compliance" => "?by=subject",
        "list_ledger_entries" => "?chain=service",
        _ => "",
    }
}

pub fn credentials(username: &str, password: &str, carrier: &str) -> Value {
    json!({ "username": username, "password": password, "carrier": carrier })
}

fn subscription(phone: Uuid) -> Value {
    let [p256dh, auth] = BROWSER_KEYS;
    json!({
        "endpoint": format!("https://fcm.googleapis.com/fcm/send/{phone}"),
        "keys": { "p256dh": p256dh, "auth": auth },
    })
}
