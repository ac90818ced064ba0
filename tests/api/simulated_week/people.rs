//! Who lives through the week: those who are told, and the officers at the stations.

use std::cell::RefCell;
use std::collections::BTreeMap;

use compliance::Instant;
use compliance::access::Role;
use compliance::instant::{DAY_MS, HOUR_MS};
use holdfast::store::accounts::Account;
use serde_json::{Value, json};

use super::BEGINS_AT;
use crate::harness::caller::{Caller, Session};
use crate::harness::push_service::{Phone, PushService, Received};
use crate::harness::{TestApp, at};
use crate::scene::tasks::reviewed;

/// An officer or somebody who is told, signed in for as long as a session lasts.
struct SignedIn {
    account: Account,
    session: RefCell<Session>,
}

impl SignedIn {
    fn of(app: &TestApp, account: Account) -> Self {
        let session = Caller::new(app, account.clone()).session();
        Self { account, session: RefCell::new(session) }
    }

    fn acts<T>(&self, app: &TestApp, act: impl FnOnce(&Caller<'_>) -> T) -> T {
        let session = self.session.borrow().clone();
        let caller = Caller::going_on(app, self.account.clone(), session);
        let done = act(&caller);
        self.session.replace(caller.session());
        done
    }
}

pub struct Person {
    signed_in: SignedIn,
    phone: Option<Phone>,
    /// Whether the phone shows what it is sent.
    pub shows: bool,
    /// Of a hundred messages, how many they open.
    pub answers: u64,
}

impl Person {
    pub fn show(&self, app: &TestApp, message: &Received) {
        if let Some(phone) = self.phone.as_ref().filter(|_| self.shows) {
            assert_eq!(phone.says(app, "displayed", message).status, 204);
        }
    }
}

pub struct People(BTreeMap<&'static str, Person>);

impl People {
    pub fn of(app: &TestApp, service: &PushService) -> Self {
        let person = |(name, role, stations, answers): (&'static str, Role, &[&str], u64)| {
            let stations: Vec<_> = stations.iter().map(|code| app.station(code)).collect();
            let signed_in = SignedIn::of(app, app.account(name, role, &stations));
            let phone = Some(signed_in.acts(app, |caller| Phone::of(caller, service)));
            (name, Person { signed_in, phone, shows: true, answers })
        };
        let all = Self(BTreeMap::from([
            person(("asha", Role::Owner, &[], 80)),
            person(("ben", Role::Owner, &[], 20)),
            person(("cal", Role::Owner, &[], 30)),
            person(("ruth", Role::Supervisor, &["ALD"], 60)),
            person(("hugh", Role::Supervisor, &["HEX"], 30)),
            person(("tess", Role::Supervisor, &["THN"], 30)),
            person(("cora", Role::Supervisor, &["ALD", "HEX", "THN"], 50)),
            person(("room", Role::ControlRoom, &[], 60)),
        ]));
        let begins_at = at(BEGINS_AT);
        all.on_rota(
            app,
            json!({ "kind": "on_duty", "account_id": all.id("cora"), "rung": "coordinator",
            "from": begins_at.to_rfc3339(), "until": (begins_at + 30 * DAY_MS).to_rfc3339() }),
        );
        all.on_rota(
            app,
            json!({ "kind": "absent", "account_id": all.id("hugh"),
            "covered_by": all.id("ruth"), "from": (begins_at + 2 * DAY_MS).to_rfc3339(),
            "until": (begins_at + 3 * DAY_MS).to_rfc3339() }),
        );
        // Away, and nobody in her place.
        all.on_rota(
            app,
            json!({ "kind": "absent", "account_id": all.id("tess"),
            "from": (begins_at + 4 * DAY_MS).to_rfc3339(),
            "until": (begins_at + 6 * DAY_MS).to_rfc3339() }),
        );
        all
    }

    fn on_rota(&self, app: &TestApp, entry: Value) {
        let path = format!("/rota/{}", app.new_id());
        self.0["cora"].signed_in.acts(app, |caller| caller.put(&path, &entry)).expect(201);
    }

    fn id(&self, name: &str) -> Value {
        json!(self.0[name].signed_in.account.id)
    }

    pub fn shows(&mut self, name: &str, shows: bool) {
        self.0.get_mut(name).unwrap().shows = shows;
    }

    /// Nothing arrives at their phone any more, and the push service says so.
    pub fn loses_phone(&mut self, service: &PushService, name: &str) {
        if let Some(phone) = self.0.get_mut(name).unwrap().phone.take() {
            service.loses(&phone);
        }
    }

    pub fn has_phone_again(&mut self, app: &TestApp, service: &PushService, name: &str) {
        let person = self.0.get_mut(name).unwrap();
        if person.phone.is_none() {
            person.phone = Some(person.signed_in.acts(app, |caller| Phone::of(caller, service)));
        }
    }

    /// Whose phone a message is for; nobody's, if that phone is lost.
    pub fn reached_by(&self, message: &Received) -> Option<(&'static str, &Person)> {
        let is_theirs =
            |person: &Person| person.phone.as_ref().is_some_and(|it| it.is_for(message));
        let mut found = self.0.iter().filter(|(_, person)| is_theirs(person));
        found.next().map(|(name, person)| (*name, person))
    }

    /// Somebody touches a message and takes the alert it tells of, unless that needs nobody any more.
    pub fn opens(&self, app: &TestApp, name: &str, message: &Received) -> Option<String> {
        let person = &self.0[name];
        let phone = person.phone.as_ref().filter(|phone| phone.is_for(message))?;
        phone.says(app, "opened", message);
        let told = phone.read(message);
        let alert = told["alert_id"].as_str().unwrap().to_owned();
        let path = format!("/alerts/{alert}/acknowledgement");
        let answer = person.signed_in.acts(app, |caller| caller.put(&path, &Value::Null));
        let alert_is_theirs = answer.status == 200 && answer.json["state"] == "acknowledged";
        assert!([200, 404].contains(&answer.status), "{}", answer.body);
        alert_is_theirs.then_some(alert)
    }

    /// The control room decides nothing: it hands what it took to somebody who may know of it. What asks for
    /// a deed has it done.
    pub fn decides(&self, app: &TestApp, name: &str, alert: &str) {
        let signed_in = &self.0[name].signed_in;
        if name == "room" {
            let takes = |to: &str| {
                let body = json!({ "to_account_id": self.id(to), "note": "Yours to decide." });
                let path = format!("/alerts/{alert}/handovers/{}", app.new_id());
                let answer = signed_in.acts(app, |caller| caller.put(&path, &body));
                assert!([201, 409, 422].contains(&answer.status), "{}", answer.body);
                answer.status != 422
            };
            // Whoever it is about may have no phone yet.
            let _is_taken = ["cora", "asha", "ben", "cal"].into_iter().any(takes);
            return;
        }
        let body = json!({
            "decision": "no_further_action",
            "rationale": "Spoken to; first failure in months; warned in writing.",
        });
        let path = format!("/alerts/{alert}/decisions/{}", app.new_id());
        let answer = signed_in.acts(app, |caller| caller.put(&path, &body));
        let is_settled = ["alert-is-closed", "alert-needs-deed"].contains(&answer.slug().as_str());
        assert!(answer.status == 201 || is_settled, "{}", answer.body);
        self.review_orders(app);
    }

    /// Every order whose review is late.
    fn review_orders(&self, app: &TestApp) {
        let now = app.clock.now();
        let next_on = (now + 5 * DAY_MS).local_date(holdfast::ZONE).to_string();
        let body = reviewed(&now.to_rfc3339(), &next_on);
        self.0["cora"].signed_in.acts(app, |caller| {
            let late = format!("/tasks?kind=order_review&due_before={}", now.to_rfc3339());
            for task in caller.get(&late).expect(200)["tasks"].as_array().unwrap() {
                let id = task["task_id"].as_str().unwrap();
                let path = format!("/tasks/{id}/completions/{}", app.new_id());
                caller.put(&path, &body).expect(201);
            }
        });
    }

    pub fn look_at<T>(&self, app: &TestApp, name: &str, look: impl FnOnce(&Caller<'_>) -> T) -> T {
        self.0[name].signed_in.acts(app, look)
    }
}

/// With which an officer at a station records who attends.
pub struct OfficersPhone {
    officer: SignedIn,
    pub station: &'static str,
    /// Records that the service has not got, each with the window it is of.
    held: Vec<(usize, Value)>,
    has_signal_at: Instant,
    syncs_at: Instant,
}

impl OfficersPhone {
    const SYNCS_EVERY_MS: i64 = 6 * HOUR_MS;

    /// Two at each, in use before the week begins.
    pub fn at_each_station(app: &TestApp) -> Vec<Self> {
        let of = |(number, station): (usize, &'static str)| {
            let name = format!("{}.{number}", station.to_lowercase());
            let account = app.account(&name, Role::Officer, &[app.station(station)]);
            let officer = SignedIn::of(app, account);
            let now = app.clock.now();
            let (has_signal_at, syncs_at) = (now, now);
            let mut phone = Self { officer, station, held: Vec::new(), has_signal_at, syncs_at };
            phone.sync(app);
            phone
        };
        ["ALD", "HEX", "THN"].into_iter().flat_map(|code| [(1, code), (2, code)]).map(of).collect()
    }

    pub fn holds(&mut self, record: (usize, Value), has_signal_at: Instant) {
        self.held.push(record);
        self.has_signal_at = self.has_signal_at.max(has_signal_at);
        self.syncs_at = self.has_signal_at;
    }

    pub fn syncs_at(&self) -> Instant {
        self.syncs_at.max(self.has_signal_at)
    }

    pub fn held(&self) -> impl Iterator<Item = usize> {
        self.held.iter().map(|(window, _)| *window)
    }

    /// Hands over everything; says of which windows.
    pub fn sync(&mut self, app: &TestApp) -> Vec<usize> {
        let now = app.clock.now();
        let (windows, records): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.held).into_iter().unzip();
        let body = json!({ "cursor": null, "check_ins": records });
        let clock = now.to_rfc3339();
        let synced = self.officer.acts(app, |caller| {
            caller.send(("POST", "/sync"), &[("Phone-Clock", &clock)], Some(&body))
        });
        for result in synced.expect(200)["results"].as_array().unwrap() {
            assert_eq!(result["result"], "accepted", "{result}");
        }
        self.syncs_at = now + Self::SYNCS_EVERY_MS;
        windows
    }
}
