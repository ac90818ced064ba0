//! A case with one of everything, and a request for each operation that is answered with success.
//!
//! Terence Vane must stay 300 m away from 52.02, -2.48, and sign on at ALD every day from 10:00 to
//! 12:00, four times. On Sunday 22 November 2026 he did, on Monday he did not, and on Tuesday it is
//! 10:30 and he may still come. He must also go to treatment: nobody has said whether he was there on
//! Monday afternoon, and the next session is a week later.

mod care;
pub mod concerns;
pub mod escalation;
pub mod orders;
pub mod person;
pub mod tasks;
pub mod triage;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use compliance::access::Role;
use holdfast::operations::Actor;
use holdfast::operations::feeds::{NewFeed, start_feed};
use holdfast::receipt::Receipt;
use holdfast::store::scope::Scope;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::builders::{self, OneOrder, sign_on, treated, with_providers};
use crate::harness::caller::{Answer, Caller, bytes_of, kind_of, send};
use crate::harness::{PASSWORD, TestApp};
use crate::operations::{About, Operation};
use crate::sealed_records::phone::enrolment;
use crate::zones::{entry_with, prohibition};

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
    /// Of a link of the provider.
    pub provider_token: String,
}

#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub body: Option<Value>,
    /// What is shown instead of the caller's own token.
    pub bearer: Option<String>,
}

impl Request {
    pub fn sent_by(&self, caller: &Caller<'_>) -> Answer {
        if let Some(bearer) = &self.bearer {
            let bearer = format!("Bearer {bearer}");
            return self.sent(caller.app, &[("authorization", bearer.as_str())]);
        }
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

/// As if it had been raised together with others.
fn group_of(app: &TestApp, alert: Uuid) -> Uuid {
    let group = app.new_id();
    let mut sql = app.sql();
    let [group_bytes, alert] = [group, alert].map(|id| sql.bytes(id.as_bytes()));
    sql.execute(&format!("UPDATE alerts SET group_id = {group_bytes} WHERE id = {alert}"));
    group
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
        let sessions = [
            ("2026-11-23T14:00:00Z", "2026-11-23T15:30:00Z"),
            ("2026-11-30T14:00:00Z", "2026-11-30T15:30:00Z"),
        ];
        let entry = treated(
            entry_with(&order, &[prohibition("P1", "exclusion_zone", circle())]),
            &sessions,
        );
        app.import(&with_providers(&builders::file(&[entry])));
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

        let (provider, sessions) = treatment(app);
        let mut ids = BTreeMap::from([
            ("account_id", officer.account.id.uuid()),
            ("alert_id", app.alerts()[0].id.uuid()),
            ("check_in_id", check_in),
            ("finding_id", finding_of(app, check_in)),
            ("obligation_id", id(&due["obligation_id"])),
            ("order_id", id(&due["order_id"])),
            ("provider_id", provider),
            ("push_subscription_id", app.new_id()),
            ("session_ahead_id", sessions[1]),
            ("session_id", sessions[0]),
            ("station_id", station.uuid()),
            ("subject_id", id(&due["subject"]["subject_id"])),
        ]);
        let notification = app.new_id();
        let told = notification_body("record_notification", station.uuid()).unwrap();
        let path = format!("/orders/{}/notifications/{notification}", id(&due["order_id"]));
        officer.put(&path, &told).expect(201);
        ids.insert("notification_id", notification);
        ids.insert("group_id", group_of(app, ids["alert_id"]));
        let provider_token = provider_token(&Caller::new(app, owner), provider);
        Self { app, ids, provider_token }
    }

    /// What a phone would show to say that it has shown something.
    pub fn receipt_token(&self) -> String {
        let subscription = self.app.new_id();
        let officer = self.app.officer_at("ALD");
        officer
            .put(&format!("/push-subscriptions/{subscription}"), &self::subscription(subscription))
            .expect(201);
        let delivery = self.app.new_id().into();
        let receipt = Receipt { delivery, subscription: subscription.into() };
        self.app.worker.push.receipts.sign(receipt, self.app.clock.now())
    }

    /// The same, but about things that are not there.
    pub fn of_nothing(&self) -> Self {
        let ids = self.ids.keys().map(|name| (*name, Uuid::nil())).collect();
        Self { app: self.app, ids, provider_token: self.provider_token.clone() }
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
        let is_provider = operation.about == About::Provider;
        let bearer = is_provider.then(|| self.provider_token.clone());
        Request { method: described.method.clone(), path, body, bearer }
    }

    /// Puts on file what can be answered: an appeal, a transfer.
    fn begun(&self, id: &str, ids: &mut BTreeMap<&'static str, Uuid>) {
        let (of, what, begins) = match id {
            "decide_appeal" => ("appeal_id", "appeals", "record_appeal"),
            "answer_transfer" => ("transfer_id", "transfers", "request_transfer"),
            "record_request_communication" | "record_presentation_answer" => {
                ("request_id", "presentation-requests", "request_presentation")
            }
            _ => return,
        };
        let begun = self.app.new_id();
        let order = self.ids["order_id"];
        // In the scene of nothing there is nothing to begin it on.
        if !order.is_nil() {
            let path = format!("/orders/{order}/{what}/{begun}");
            let supervisor = self.app.supervisor_at("ALD");
            supervisor.put(&path, &life(begins, ids).unwrap()).expect(201);
        }
        ids.insert(of, begun);
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

    /// The body of an operation about where somebody was, or where a station is shut.
    fn place_body(
        &self,
        id: &str,
        caller: &Caller<'_>,
        ids: &mut BTreeMap<&'static str, Uuid>,
    ) -> Option<Value> {
        Some(match id {
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
            "close_station" => {
                ids.insert("closure_id", self.app.new_id());
                json!({ "from_on": "2026-12-01", "reason": "A burst pipe." })
            }
            _ => return None,
        })
    }

    /// Of what a phone says of itself.
    fn phone_body(
        &self,
        id: &str,
        caller: &Caller<'_>,
        ids: &mut BTreeMap<&'static str, Uuid>,
    ) -> Option<Value> {
        Some(match id {
            "subscribe_push" => {
                ids.insert("push_subscription_id", self.app.new_id());
                subscription(ids["push_subscription_id"])
            }
            "enrol_phone_key" => {
                ids.insert("phone_key_id", self.app.new_id());
                enrolment()
            }
            "revoke_phone_key" => {
                ids.insert("phone_key_id", self.key_of_another_phone(caller));
                json!({ "reason": "Two phones sign with it." })
            }
            "record_receipt" => json!({ "token": self.receipt_token(), "event": "displayed" }),
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

    /// The session at hand does not end with it.
    fn key_of_another_phone(&self, caller: &Caller<'_>) -> Uuid {
        let phone_key = self.app.new_id();
        let other_phone = Caller::new(self.app, caller.account.clone());
        other_phone.put(&format!("/phone-keys/{phone_key}"), &enrolment());
        phone_key
    }

    /// The body, if it takes one; `ids` are changed to what the address must name.
    fn body(
        &self,
        id: &str,
        caller: &Caller<'_>,
        ids: &mut BTreeMap<&'static str, Uuid>,
    ) -> Option<Value> {
        let station = ids["station_id"];
        ids.insert("record_id", self.app.new_id());
        if ["get_notification", "get_notification_receipt"].contains(&id) {
            ids.insert("record_id", ids["notification_id"]);
        }
        // Whoever has the case keeps it.
        ids.insert("owner_id", caller.account.id.uuid());
        self.begun(id, ids);
        let body = care::body(self, id, ids)
            .or_else(|| person::body(self, id, ids))
            .or_else(|| treatment_body(self.app, id, ids))
            .or_else(|| notification_body(id, station))
            .or_else(|| life(id, ids))
            .or_else(|| self.place_body(id, caller, ids))
            .or_else(|| orders::body(self, id, caller, ids))
            .or_else(|| escalation::body(self, id, ids))
            .or_else(|| triage::body(self, id, ids))
            .or_else(|| tasks::body(self, id, ids))
            .or_else(|| concerns::body(self, id, caller, ids))
            .or_else(|| self.phone_body(id, caller, ids));
        if body.is_some() {
            return body;
        }
        Some(match id {
            "sign_in" => credentials(&caller.account.username, PASSWORD, "bearer"),
            "confirm_sign_on" => {
                ids.insert("check_in_id", self.app.new_id());
                let obligation = json!({ "obligation_id": ids["obligation_id"] });
                sign_on(&obligation, station, NOW)
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
            "set_email" => json!({ "email": "lena.frost@force.example" }),
            "disable_account" => {
                let name = format!("leaving.{}", self.app.new_id().simple());
                let leaving = self.app.account(&name, Role::Officer, &[]);
                ids.insert("account_id", leaving.id.uuid());
                return None;
            }
            _ => return None,
        })
    }
}

/// Never the one before it: that one may have the order by now.
fn another_force() -> String {
    static ASKED: AtomicU64 = AtomicU64::new(0);
    format!("{:02}", 10 + ASKED.fetch_add(1, Ordering::Relaxed) % 80)
}

/// What the life of an order is recorded with.
fn life(id: &str, ids: &BTreeMap<&'static str, Uuid>) -> Option<Value> {
    let happened_at = "2026-11-24T09:00:00Z";
    Some(match id {
        "record_service_attempt" => json!({
            "happened_at": happened_at,
            "outcome": "not_found",
            "method": "in_person",
            "place": "Home address",
            "served_by": "PC Ines Okafor",
            "proof": "",
        }),
        "assign_owners" => {
            json!({ "owner": ids["owner_id"], "deputy": null, "supervisor": null })
        }
        "record_appeal" => json!({ "happened_at": happened_at, "stayed_from": null }),
        "decide_appeal" => json!({ "happened_at": happened_at, "outcome": "dismissed" }),
        "request_transfer" => {
            json!({ "happened_at": happened_at, "to_force": another_force(), "reason": "He has moved." })
        }
        "answer_transfer" => json!({
            "happened_at": happened_at,
            "is_accepted": false,
            "answered_by": "Sgt Dawn Pike",
        }),
        "register_device" => json!({
            "happened_at": happened_at,
            "kind": "phone",
            "description": "Black Samsung with a cracked screen",
            "identifiers": [{ "kind": "number", "text": "+447700900123" }],
            "registered": "declared_by_subject",
        }),
        "request_presentation" => json!({
            "happened_at": happened_at,
            "device_id": null,
            "due_at": "2026-11-25T09:00:00Z",
            "condition_label": "R1",
        }),
        "record_request_communication" => {
            json!({ "happened_at": happened_at, "method": "in_person" })
        }
        "record_presentation_answer" => json!({ "happened_at": happened_at, "kind": "presented" }),
        "record_examination" => json!({
            "device_id": null,
            "started_at": happened_at,
            "ended_at": "2026-11-24T09:40:00Z",
            "method": "by_hand",
            "answers": [{ "check": "retains_history", "answer": "yes" }],
            "seized_as": "LF/1",
        }),
        "record_status_period" => json!({
            "whereabouts": "hospital",
            "from": happened_at,
            "until": "2026-11-26T09:00:00Z",
            "evidence": "Ward sister, by phone",
        }),
        "end_order" => json!({ "happened_at": happened_at, "reason": "discharged" }),
        _ => return None,
    })
}

/// The scene's provider and sessions, the earlier one first.
fn treatment(app: &TestApp) -> (Uuid, Vec<Uuid>) {
    let mut sql = app.sql();
    let provider = format!("SELECT {} AS value FROM providers WHERE code = 'MIND'", sql.hex("id"));
    let sessions = format!(
        "SELECT {} AS value FROM facts WHERE kind = 'session_scheduled' ORDER BY body",
        sql.hex("object_id")
    );
    let mut ids = |query: &str| -> Vec<Uuid> {
        sql.texts(query).iter().map(|id| id.parse().unwrap()).collect()
    };
    (ids(&provider)[0], ids(&sessions))
}

fn provider_token(owner: &Caller<'_>, provider: Uuid) -> String {
    let path = format!("/providers/{provider}/links");
    let body = json!({ "expires_at": "2027-01-31T00:00:00Z" });
    let link = owner.post(&path, &body).expect(201);
    link["token"].as_str().unwrap().to_owned()
}

/// The body of an operation about treatment.
fn treatment_body(
    app: &TestApp,
    id: &str,
    ids: &mut BTreeMap<&'static str, Uuid>,
) -> Option<Value> {
    Some(match id {
        "schedule_session" => {
            ids.insert("session_id", app.new_id());
            json!({
                "provider_id": ids["provider_id"],
                "label": "R2",
                "programme": "Better Relationships",
                "starts_at": "2026-12-07T14:00:00Z",
                "ends_at": "2026-12-07T15:30:00Z",
                "place": "12 Mill Lane, Alderbridge",
            })
        }
        "move_session" => {
            ids.insert("session_id", ids["session_ahead_id"]);
            json!({
                "starts_at": "2026-12-01T14:00:00Z",
                "ends_at": "2026-12-01T15:30:00Z",
                "by": "provider",
                "agreed_at": NOW,
                "reason": "The room is taken.",
            })
        }
        "cancel_session" => {
            ids.insert("session_id", ids["session_ahead_id"]);
            json!({ "cause": "cancelled_by_provider", "reason": "The therapist is ill." })
        }
        "record_session_outcome" => json!({ "code": "ATTC" }),
        "record_session_evidence" => json!({ "state": "received" }),
        "create_provider_link" => json!({ "expires_at": "2027-01-31T00:00:00Z" }),
        "report_provider_outcome" => json!({ "attendance": "attended" }),
        _ => return None,
    })
}

/// The body of an operation about the duty to notify.
fn notification_body(id: &str, station: Uuid) -> Option<Value> {
    Some(match id {
        "record_notification" => json!({
            "duties": [{ "cause": "initial" }],
            "given_at": "2026-11-03T10:05:00Z",
            "manner": "oral_in_person",
            "station_id": station,
            "in_local_police_area": true,
            "taken_by": "officer",
            "taken_by_name": "PC Lena Frost",
            "names": ["Terence Vane"],
            "home_address": "17 Tanners Row, Alderbridge",
        }),
        "record_details_change" => {
            json!({ "duty": "name", "on": "2026-11-23", "name": "Terry Vance" })
        }
        "record_identity_request" => json!({
            "requested_at": "2026-11-03T10:10:00Z",
            "asked": "photograph",
            "answer": "complied",
        }),
        "record_notification_exemption" => json!({
            "regime": "sexual_offences_part_2",
            "from": "2026-12-01",
            "evidence": "Court register",
        }),
        _ => return None,
    })
}

/// What a record was found to mean.
fn finding_of(app: &TestApp, check_in: Uuid) -> Uuid {
    let mut sql = app.sql();
    let (id, of) = (sql.hex("id"), sql.bytes(check_in.as_bytes()));
    let found = format!("SELECT {id} AS value FROM findings WHERE check_in_id = {of}");
    sql.texts(&found)[0].parse().unwrap()
}

/// As a tag reports it.
pub fn feature(feed: Uuid, coordinates: [f64; 2], fixed_at: &str) -> Value {
    json!({
        "type": "Feature",
        "geometry": { "type": "Point", "coordinates": coordinates },
        "properties": { "feed_id": feed, "fixed_at": fixed_at, "accuracy_m": 10.0 },
    })
}

pub fn circle() -> Value {
    let centre = json!({ "latitude": 52.02, "longitude": -2.48 });
    json!({ "area": { "type": "Circle", "centre": centre, "radius_m": 300 } })
}

fn query(id: &str) -> &'static str {
    match id {
        "get_compliance" => "?by=subject",
        "stream_alerts" => "?follow=false",
        "list_ledger_entries" => "?chain=service",
        "get_evidence_pack" => "?profile=prosecution",
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
