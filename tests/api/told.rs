//! What a subject's calendar holds, links of providers that are ended, tags, and when a sighting was.

use serde_json::{Value, json};

use crate::builders::{OneOrder, file, treated, with_providers};
use crate::harness::caller::{Answer, Caller, send};
use crate::harness::{TestApp, on_each_database};
use crate::zones::{entry_with, prohibition};

fn order_of(reader: &Caller<'_>) -> Value {
    let listed = reader.get("/orders").expect(200);
    let id = listed["orders"][0]["order_id"].as_str().unwrap().to_owned();
    reader.get(&format!("/orders/{id}")).expect(200)
}

fn path(order: &Value) -> String {
    format!("/orders/{}", order["order_id"].as_str().unwrap())
}

/// The entries of a calendar, unfolded (RFC 5545, 3.1): name and value of each line.
fn entries(calendar: &str) -> Vec<Vec<(String, String)>> {
    let whole = calendar.replace("\r\n ", "").replace("\r\n\t", "");
    assert!(whole.starts_with("BEGIN:VCALENDAR\r\n") && whole.ends_with("END:VCALENDAR\r\n"));
    let mut found = Vec::new();
    for part in whole.split("BEGIN:VEVENT\r\n").skip(1) {
        let (event, _) = part.split_once("END:VEVENT").unwrap();
        let line = |line: &str| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_owned(), value.to_owned())
        };
        found.push(event.lines().map(line).collect());
    }
    found
}

fn value<'a>(entry: &'a [(String, String)], name: &str) -> &'a str {
    let is_it = |(is, _): &&(String, String)| is.split(';').next() == Some(name);
    entry.iter().find(is_it).map_or("", |(_, value)| value.as_str())
}

struct Calendar(Vec<Vec<(String, String)>>);

impl Calendar {
    fn of(reader: &Caller<'_>, order: &Value) -> Self {
        let subject = order["subject"]["subject_id"].as_str().unwrap();
        let answer = reader.get(&format!("/subjects/{subject}/calendar"));
        assert_eq!(answer.status, 200);
        let found = entries(&answer.body);
        let mut ids: Vec<&str> = found.iter().map(|entry| value(entry, "UID")).collect();
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count, "an id stands twice");
        assert!(ids.iter().all(|id| id.ends_with("@holdfast")));
        Self(found)
    }

    #[track_caller]
    fn of_summary(&self, begins: &str) -> &[(String, String)] {
        let found = self.0.iter().find(|entry| value(entry, "SUMMARY").starts_with(begins));
        found.unwrap_or_else(|| panic!("no {begins} in {:?}", self.0))
    }

    /// Id, when it begins, sequence and status.
    #[track_caller]
    fn told(&self, begins: &str) -> (String, String, String, String) {
        let entry = self.of_summary(begins);
        let told = |name| value(entry, name).to_owned();
        (told("UID"), told("DTSTART"), told("SEQUENCE"), told("STATUS"))
    }
}

#[test]
fn a_calendar_holds_sessions_devices_and_last_days_and_tells_moves_and_cancellations() {
    on_each_database(|app| {
        app.clock.set("2026-11-03T09:00:00Z");
        let sessions = [("2026-11-10T14:00:00Z", "2026-11-10T15:30:00Z")];
        let entry = treated(OneOrder::owned_by(&app.asha_mercer().username).entry(), &sessions);
        app.import(&with_providers(&file(&[entry])));
        app.sweep();
        let owner = app.supervisor_at("ALD");
        let order = order_of(&owner);
        let at = path(&order);
        let request = app.new_id();
        let asked = json!({
            "happened_at": "2026-11-03T09:00:00Z",
            "device_id": null,
            "due_at": "2026-11-05T09:00:00Z",
            "condition_label": "R1",
        });
        owner.put(&format!("{at}/presentation-requests/{request}"), &asked).expect(201);
        let devices = "Last time to show";
        let is_told = |calendar: &Calendar, begins: &str| {
            calendar.0.iter().any(|entry| value(entry, "SUMMARY").starts_with(begins))
        };
        let before = Calendar::of(&owner, &order);
        assert!(!is_told(&before, devices), "nothing proves yet that he knows of it");
        let told = json!({ "happened_at": "2026-11-03T09:00:00Z", "method": "in_person" });
        let to = format!("/presentation-requests/{request}/communications/{}", app.new_id());
        owner.put(&to, &told).expect(201);

        let calendar = Calendar::of(&owner, &order);

        let session = calendar.told("Appointment with Mindful Paths");
        assert_eq!((&*session.1, &*session.2, &*session.3), ("20261110T140000Z", "0", "CONFIRMED"));
        let place = value(calendar.of_summary("Appointment"), "LOCATION").to_owned();
        assert_eq!(place, "12 Mill Lane\\, Alderbridge");
        assert_eq!(calendar.told(devices).1, "20261105T090000Z");
        let notify = calendar.told("Last day to tell");
        assert_eq!((&*notify.1, &*notify.3), ("20261104", "CONFIRMED"));
        assert!(is_told(&calendar, "Sign on at ALD Police Station"));
        let all = format!("{:?}", calendar.0);
        assert!(!all.contains("Better Relationships"), "it says where and when, not why");

        let id = session.0.strip_suffix("@holdfast").unwrap().to_owned();
        let moved = json!({
            "starts_at": "2026-11-12T14:00:00Z",
            "ends_at": "2026-11-12T15:30:00Z",
            "by": "provider",
            "agreed_at": "2026-11-03T08:00:00Z",
            "reason": "The room is taken.",
        });
        owner.put(&format!("/sessions/{id}/moves/{}", app.new_id()), &moved).expect(201);
        let again = Calendar::of(&owner, &order).told("Appointment");
        assert_eq!((&again.0, &*again.1, &*again.2), (&session.0, "20261112T140000Z", "1"));
        let cancelled = json!({ "cause": "cancelled_by_provider", "reason": "Ill." });
        let to = format!("/sessions/{id}/cancellations/{}", app.new_id());
        owner.put(&to, &cancelled).expect(201);
        let again = Calendar::of(&owner, &order).told("Appointment");
        assert_eq!((&again.0, &*again.2, &*again.3), (&session.0, "2", "CANCELLED"));
        let answer = json!({ "happened_at": "2026-11-03T09:00:00Z", "kind": "presented" });
        let to = format!("/presentation-requests/{request}/answers/{}", app.new_id());
        owner.put(&to, &answer).expect(201);
        let again = Calendar::of(&owner, &order).told(devices);
        assert_eq!((&*again.2, &*again.3), ("1", "CANCELLED"));
    });
}

fn as_provider(app: &TestApp, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    send(app.address, ("GET", "/api/v1/provider/sessions"), &headers, None)
}

#[test]
fn a_link_that_is_ended_is_good_for_nothing_and_is_still_listed() {
    on_each_database(|app| {
        let entry = treated(OneOrder::default().entry(), &[]);
        app.import(&with_providers(&file(&[entry])));
        let owner = app.owner();
        let provider = owner.get("/providers").expect(200)["providers"][0]["provider_id"].clone();
        let links = format!("/providers/{}/links", provider.as_str().unwrap());
        let body = json!({ "expires_at": "2027-01-31T00:00:00Z" });
        let [first, second] = [(), ()].map(|()| owner.post(&links, &body).expect(201));
        let token = |link: &Value| link["token"].as_str().unwrap().to_owned();
        as_provider(app, &token(&first)).expect(200);

        let one = format!("{links}/{}", first["link_id"].as_str().unwrap());
        owner.delete(&one).expect(204);
        owner.delete(&one).expect(204);

        as_provider(app, &token(&first)).refused("not-signed-in");
        as_provider(app, &token(&second)).expect(200);
        assert_eq!(app.count("ledger_entries WHERE act = 'end_provider_link'"), 1);
        let listed = owner.get(&links);
        assert!(!listed.body.contains(&token(&first)), "{}", listed.body);
        let listed = listed.expect(200)["links"].clone();
        let good: Vec<bool> =
            listed.as_array().unwrap().iter().map(|it| it["is_good"].as_bool().unwrap()).collect();
        assert_eq!(good.iter().filter(|good| **good).count(), 1, "{listed}");
        // Another provider's address does not reach it.
        let others = owner.get("/providers").expect(200)["providers"][1]["provider_id"].clone();
        let second = second["link_id"].as_str().unwrap();
        let elsewhere = format!("/providers/{}/links/{second}", others.as_str().unwrap());
        owner.delete(&elsewhere).refused("not-found");
    });
}

#[test]
fn tags_are_listed_with_what_was_heard_last_and_since_when_they_are_silent() {
    on_each_database(|app| {
        app.import(&OneOrder::owned_by(&app.asha_mercer().username).file());
        let owner = app.supervisor_at("ALD");
        let order = path(&order_of(&owner));
        assert_eq!(owner.get(&format!("{order}/feeds")).expect(200)["feeds"], json!([]));
        let start = |at: &str| {
            let feed = app.new_id();
            let body = json!({
                "device_reference": "TAG-1",
                "interval_ms": 60_000,
                "started_at": at,
            });
            owner.put(&format!("{order}/feeds/{feed}"), &body).expect(201);
            feed
        };
        let off = start("2026-11-23T08:00:00Z");
        let end = json!({ "ended_at": "2026-11-23T08:30:00Z", "reason": "Battery." });
        owner.put(&format!("/feeds/{off}/end"), &end).expect(200);
        let on = start("2026-11-23T09:00:00Z");
        app.clock.set("2026-11-23T12:00:00Z");
        app.sweep();

        let feeds = owner.get(&format!("{order}/feeds")).expect(200)["feeds"].clone();

        assert_eq!(feeds[0]["feed_id"], on.to_string());
        assert_eq!(feeds[0]["silent_since"], "2026-11-23T09:00:00.000Z");
        assert_eq!(feeds[0]["last_fix_at"], Value::Null);
        assert_eq!(feeds[1]["end_reason"], "Battery.");
        assert_eq!(feeds[1]["silent_since"], Value::Null);
    });
}

#[test]
fn a_sighting_is_judged_by_the_true_time_that_the_phones_clock_bounds() {
    on_each_database(|app| {
        let centre = json!({ "latitude": 52.3, "longitude": -2.7 });
        // On Mondays until the end of 08:59.
        let span = json!({ "days": ["mon"], "opens": "07:00", "closes": "08:59" });
        let zone = json!({
            "area": { "type": "Circle", "centre": centre, "radius_m": 500 },
            "hours": { "zone": "Europe/London", "spans": [span] },
        });
        let entry = entry_with(&OneOrder::default(), &[prohibition("P1", "exclusion_zone", zone)]);
        app.import(&file(&[entry]));
        let officer = app.officer_at("ALD");
        let order = path(&order_of(&officer));
        let see = |seen_at: &str, clock: Option<&str>| {
            let id = app.new_id();
            let body = json!({
                "position": { "latitude": 52.3, "longitude": -2.7, "accuracy_m": 5.0 },
                "seen_at": seen_at,
                "source": "officer_sighting",
            });
            let headers: Vec<(&str, &str)> =
                clock.map(|clock| ("phone-clock", clock)).into_iter().collect();
            let to = format!("{order}/sightings/{id}");
            officer.send(("PUT", &to), &headers, Some(&body))
        };
        let verdict = |answer: Answer| {
            let answer = answer.expect(201);
            let at = answer["record"]["happened_at"].as_str().unwrap().to_owned();
            (answer["readings"][0]["verdict"].as_str().unwrap().to_owned(), at)
        };
        app.clock.set("2026-11-23T10:00:00Z");
        let of = |verdict: &str, at: &str| (verdict.to_owned(), at.to_owned());

        // Its clock is three hours fast: seen an hour and a half ago, whatever it says.
        let fast = see("2026-11-23T11:30:00Z", Some("2026-11-23T13:00:00Z"));
        assert_eq!(verdict(fast), of("inside", "2026-11-23T08:30:00.000Z"));
        see("2026-11-23T11:30:00Z", None).refused("invalid-field");
        see("2026-11-23T13:30:00Z", Some("2026-11-23T13:00:00Z")).refused("invalid-field");
        // And so is one that is slow.
        let slow = see("2026-11-23T05:30:00Z", Some("2026-11-23T06:00:00Z"));
        assert_eq!(verdict(slow), of("not_in_hours", "2026-11-23T09:30:00.000Z"));
        // Within the seconds that a request travels, the zone's hours ended.
        let edge = see("2026-11-23T09:00:02Z", Some("2026-11-23T10:00:00Z"));
        assert_eq!(verdict(edge), of("uncertain", "2026-11-23T09:00:02.000Z"));
        let said = see("2026-11-23T08:00:00Z", None);
        assert_eq!(verdict(said), of("inside", "2026-11-23T08:00:00.000Z"));
    });
}
