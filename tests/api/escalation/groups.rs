//! What is raised together is told as one and taken as one, and decided one by one.

use serde_json::{Value, json};

use super::{WAIT_MS, with_staff};

#[test]
fn many_misses_at_one_station_are_told_as_one_and_each_of_them_still_climbs() {
    with_staff(|staff| {
        staff.missed_by(12);
        assert_eq!(staff.told(), ["owner"]);
        let list = staff.owner.0.get("/alerts").expect(200);
        let groups: std::collections::BTreeSet<String> = list["alerts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|alert| alert["group_id"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!((groups.len(), list["alerts"].as_array().unwrap().len()), (1, 12));
        // One of them taken; eleven climb, and their next people are told once.
        staff.acknowledge(&staff.owner.0);
        assert_eq!(staff.after(WAIT_MS).climbed, 11);
        assert_eq!(staff.told(), ["supervisor"]);
    });
}

#[test]
fn when_the_alert_through_which_a_group_was_to_be_told_is_taken_another_tells_it() {
    with_staff(|staff| {
        staff.missed_by(8);
        let told = "SELECT hex(alert_id) AS value FROM jobs";
        let told = told.replace("hex(alert_id)", &staff.app.sql().hex("alert_id"));
        let first: Vec<String> = staff.app.sql().texts(&told);
        assert_eq!(first.len(), 1);
        let path = format!("/alerts/{}/acknowledgement", first[0]);
        staff.supervisor.0.put(&path, &Value::Null).expect(200);
        assert_eq!(staff.told(), ["owner"]);
        assert_eq!(staff.app.count("jobs WHERE outcome = 'accepted'"), 1, "the same message");
        assert_eq!(staff.app.count("jobs"), 1);
        let of_group = staff.app.count("jobs WHERE group_id IS NOT NULL");
        assert_eq!(of_group, 1);
        // It counts for all of them: whoever had it is not told again until they climb.
        assert_eq!(staff.after(WAIT_MS - 1).climbed, 0);
        assert!(staff.told().is_empty());
    });
}

/// Whoever is told of a group in the place of a phone that is gone is told of all of it.
#[test]
fn when_the_phone_that_a_group_was_sent_to_is_gone_the_next_is_told_of_the_whole_group() {
    with_staff(|staff| {
        staff.missed_by(8);
        staff.service.answers("410 Gone");
        let told = staff.told();
        assert!(told[0] == "owner" && told.contains(&"supervisor"), "{told:?}");
        // That a phone is lost is an alert of its own.
        let of_misses = "jobs WHERE alert_id IN (SELECT id FROM alerts \
                         WHERE kind = 'missed_sign_on')";
        assert_eq!(staff.app.count(of_misses), 2);
        assert_eq!(staff.app.count(&format!("{of_misses} AND group_id IS NULL")), 0);
    });
}

#[test]
fn all_that_was_raised_together_is_acknowledged_as_one_and_decided_one_by_one() {
    with_staff(|staff| {
        staff.missed_by(12);
        let owner = &staff.owner.0;
        let group = owner.get("/alerts").expect(200)["alerts"][0]["group_id"].clone();
        let path = format!("/alert-groups/{}/acknowledgement", group.as_str().unwrap());
        // Who may know of none of them learns nothing.
        staff.coordinator.0.put(&path, &Value::Null).refused("not-found");
        assert_eq!(staff.app.count("alerts WHERE state = 'triggered'"), 12);

        let taken = owner.put(&path, &Value::Null).expect(200);
        let alerts = taken["alerts"].as_array().unwrap();
        assert_eq!(alerts.len(), 12);
        for alert in alerts {
            assert_eq!(alert["state"], "acknowledged", "{alert}");
            assert_eq!(alert["acknowledged_by_name"], json!(owner.account.display_name), "{alert}");
        }
        assert_eq!(staff.app.count("ledger_entries WHERE act = 'acknowledge_alert'"), 12);
        assert!(staff.told().is_empty(), "nothing is sent about what somebody has");

        // Again, it changes nothing; who took it first stays.
        let again = staff.supervisor.0.put(&path, &Value::Null).expect(200);
        assert_eq!(again["alerts"][0]["acknowledged_by_name"], json!(owner.account.display_name));
        assert_eq!(staff.app.count("ledger_entries WHERE act = 'acknowledge_alert'"), 12);

        // One decision closes one; the others climb when theirs is overdue.
        let decided = alerts[0]["alert_id"].as_str().unwrap();
        let decision = format!("/alerts/{decided}/decisions/{}", staff.app.new_id());
        let body = json!({
            "decision": "no_further_action",
            "rationale": "Station did not open; seen elsewhere at 11:00.",
        });
        owner.put(&decision, &body).expect(201);
        let listed = format!("/alerts?group_id={}", group.as_str().unwrap());
        let open = owner.get(&listed).expect(200);
        assert_eq!(open["alerts"].as_array().unwrap().len(), 11);
        assert_eq!(staff.after(2 * compliance::instant::DAY_MS).climbed, 11);
    });
}

#[test]
fn of_a_group_only_what_still_waits_is_acknowledged() {
    with_staff(|staff| {
        staff.missed_by(8);
        let group = staff.owner.0.get("/alerts").expect(200)["alerts"][0]["group_id"].clone();
        staff.acknowledge(&staff.supervisor.0);
        staff.app.clock.advance(WAIT_MS / 3);
        let path = format!("/alert-groups/{}/acknowledgement", group.as_str().unwrap());
        let taken = staff.owner.0.put(&path, &Value::Null).expect(200);
        let by = |name: &str| {
            let alerts = taken["alerts"].as_array().unwrap();
            alerts.iter().filter(|alert| alert["acknowledged_by_name"] == name).count()
        };
        let names = (&staff.supervisor.0.account.display_name, &staff.owner.0.account.display_name);
        assert_eq!((by(names.0), by(names.1)), (1, 7));
        let unknown = format!("/alert-groups/{}/acknowledgement", staff.app.new_id());
        staff.owner.0.put(&unknown, &Value::Null).refused("not-found");
    });
}
