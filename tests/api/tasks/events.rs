//! What happens to an order, and what is asked for by it.

use serde_json::json;

use super::{Made, made_today, row, with_made};
use crate::builders::{OneOrder, file};
use crate::harness::on_each_database;
use crate::scene::tasks::{entered, told};
use crate::scene::triage::{case, decision};
use compliance::instant::{DAY_MS, HOUR_MS};

#[test]
fn serving_and_varying_and_ending_ask_for_tasks_and_a_mistake_takes_them_back() {
    with_made(|made| {
        let record = made.served("2026-11-23T08:50:00Z");
        let task = made.task("open", "victim_update", "served");
        assert_eq!(task["due_at"], "2026-12-01T00:00:00.000Z");
        made.mistaken(&record);
        let task = made.task("cancelled", "victim_update", "served");
        assert_eq!(task["cancel_reason"], "entered_in_error");

        let order = OneOrder::owned_by(&made.owner.account.username);
        let version = json!({
            "reason": "variation", "note": "Other hours.",
            "in_force_from": "2026-12-24T00:00:00Z",
            "conditions": order.version(2, "2026-12-24T00:00:00Z")["conditions"],
        });
        made.put("versions", &version);
        // From the day on which it became known.
        let varied = made.task("open", "victim_update", "varied");
        assert_eq!(varied["due_at"], "2026-11-25T00:00:00.000Z");
        assert_eq!(made.task("open", "pnc_update", "varied")["due_at"], "2026-11-24T09:00:00.000Z");

        let end = made.put("end", &json!({ "happened_at": made.now(), "reason": "discharged" }));
        assert_eq!(
            made.task("open", "victim_update", "discharge")["due_at"],
            "2026-11-25T00:00:00.000Z"
        );
        made.task("open", "pnc_update", "discharge");
        assert_eq!(
            made.task("cancelled", "order_review", "review_due")["cancel_reason"],
            "order_over"
        );
        made.mistaken(&end);
        made.task("cancelled", "victim_update", "discharge");
        made.task("open", "order_review", "review_due");
        assert_eq!(made.app.check(), [""; 0]);
    });
}

#[test]
fn a_victim_who_was_told_of_something_that_was_not_so_is_told_that() {
    with_made(|made| {
        let record = made.served("2026-11-23T08:50:00Z");
        let served = made.task("open", "victim_update", "served");
        made.complete(&served, &told("2026-11-23T08:55:00Z"));
        made.after(DAY_MS);
        made.mistaken(&record);
        let correction = made.task("open", "victim_update", "corrected");
        assert_eq!(correction["due_at"], "2026-11-26T00:00:00.000Z");
        assert_eq!(made.task("done", "victim_update", "served")["task_id"], served["task_id"]);
        // A day later it is still counted from when the mistake was noticed.
        made.after(DAY_MS);
        made.served("2026-11-25T08:50:00Z");
        let correction = made.task("open", "victim_update", "corrected");
        assert_eq!(correction["due_at"], "2026-11-26T00:00:00.000Z");
        // Now he has been served, and she does not know.
        made.task("open", "victim_update", "served");
    });
}

#[test]
fn a_breach_that_is_decided_and_an_arrest_are_told_and_a_suspicion_is_not() {
    with_made(|made| {
        made.served("2026-11-23T08:50:00Z");
        made.app.clock.set("2026-11-24T12:01:00Z");
        made.app.sweep();
        let miss = made.app.alerts().into_iter().find(|it| it.kind.to_string() == "missed_sign_on");
        let id = made.app.new_id();
        let path = format!("/alerts/{}/breach-cases/{id}", miss.unwrap().id);
        made.owner.put(&path, &case()).expect(201);
        let open = |cause: &str| made.tasks("open").iter().filter(|it| it[1] == cause).count();
        assert_eq!((open("breach"), open("arrest")), (0, 0));

        let first = made.app.new_id().to_string();
        let decide = format!("/breach-cases/{id}/decisions/{first}");
        made.sergeant.put(&decide, &decision("arrested")).expect(201);
        assert_eq!((open("breach"), open("arrest")), (1, 0));
        let arrest = json!({
            "step": "arrest", "reference": "Custody record 44/26", "happened_at": made.now(),
        });
        let path = format!("/breach-cases/{id}/progress/{}", made.app.new_id());
        made.owner.put(&path, &arrest).expect(201);
        assert_eq!((open("breach"), open("arrest")), (1, 1));
        // A warning is one when a second person has agreed.
        let warning = made.app.new_id();
        let path = format!("/breach-cases/{id}/decisions/{warning}");
        made.sergeant.put(&path, &decision("warning")).expect(201);
        assert_eq!(open("breach"), 1);
        let agreed = json!({ "is_agreed": true, "rationale": "As decided." });
        let path = format!("/breach-cases/{id}/authorisations/{}", made.app.new_id());
        made.app.supervisor_at("ALD").put(&path, &agreed).expect(201);
        assert_eq!(open("breach"), 2);
        made.mistaken(&first);
        assert_eq!(open("breach"), 1);
        assert_eq!(made.app.check(), [""; 0]);
    });
}

#[test]
fn custody_that_is_over_is_told_unless_it_goes_on() {
    with_made(|made| {
        let stay = |from: &str, until: &str| {
            let body = json!({
                "whereabouts": "custody", "from": from, "until": until, "evidence": "Record 1",
            });
            made.put("status-periods", &body)
        };
        stay("2026-11-23T09:00:00Z", "2026-11-24T09:00:00Z");
        let open = || made.tasks("open").iter().filter(|it| it[1] == "release").count();
        made.app.clock.set("2026-11-24T08:59:59.999Z");
        made.app.sweep();
        assert_eq!(open(), 0);
        made.after(1);
        assert_eq!(
            made.task("open", "victim_update", "release")["due_at"],
            "2026-11-26T00:00:00.000Z"
        );
        // He was remanded, as it turns out: nobody was released.
        let remand = stay("2026-11-24T09:00:00Z", "2026-12-01T09:00:00Z");
        assert_eq!(open(), 0);
        made.mistaken(&remand);
        assert_eq!(open(), 1);
    });
}

#[test]
fn a_backlog_of_old_orders_asks_for_nothing_but_reviews_and_shows_what_the_pnc_is_not_known_to_have()
 {
    on_each_database(|app| {
        app.import(&file(&[]));
        let owner = app.owner();
        let mut old = OneOrder::owned_by(&owner.account.username).entry();
        old["versions"][0]["in_force_from"] = json!("2026-11-16T08:59:59.999Z");
        let mut recent = old.clone();
        recent["reference"] = json!("SPO/26/0002");
        recent["subject"]["reference"] = json!("P-2");
        recent["served_at"] = json!("2026-11-16T09:00:00Z");
        recent["versions"][0]["in_force_from"] = json!("2026-11-16T09:00:00Z");
        app.import(&file(&[old, recent]));
        app.sweep();
        let list = owner.get("/tasks").expect(200);
        let of = |reference: &str| -> Vec<String> {
            let all = list["tasks"].as_array().unwrap().iter();
            all.filter(|task| task["order_reference"] == reference)
                .map(|task| format!("{} {}", task["kind"], task["is_overdue"]).replace('"', ""))
                .collect()
        };
        assert_eq!(of("SPO/26/0001"), ["order_review false"]);
        assert_eq!(
            of("SPO/26/0002"),
            ["pnc_update true", "victim_update false", "victim_update false", "order_review false"]
        );
        let missing = || -> Vec<String> {
            let list = owner.get("/orders?without_pnc_reference=true").expect(200);
            let all = list["orders"].as_array().unwrap().iter();
            all.map(|order| order["reference"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(missing(), ["SPO/26/0001", "SPO/26/0002"]);
        let orders = owner.get("/orders").expect(200);
        let id = app.new_id();
        let path =
            format!("/orders/{}/tasks/{id}", orders["orders"][0]["order_id"].as_str().unwrap());
        let ask = json!({ "kind": "pnc_update", "due_at": "2026-12-01T12:00:00Z" });
        owner.put(&path, &ask).expect(201);
        let path = format!("/tasks/{id}/completions/{}", app.new_id());
        owner.put(&path, &entered("2026-11-23T09:00:00Z")).expect(201);
        assert_eq!(missing(), ["SPO/26/0002"]);
        app.sweep();
        assert_eq!(app.check(), [""; 0]);
    });
}

/// As an upgrade finds it: orders from before tasks were kept.
#[test]
fn what_was_on_file_before_tasks_were_kept_asks_for_none_and_is_reviewed_from_then_on() {
    on_each_database(|app| {
        let made = Made::at_risk(app, "standard");
        let begun = made.app.clock.now().ms() + HOUR_MS;
        made.app.sql().execute(&format!(
            "DELETE FROM tasks; UPDATE task_beginnings SET begun_at = {begun}; \
             UPDATE timers SET due_at = 0 WHERE kind = 'tasks'"
        ));
        made.after(2 * HOUR_MS);
        assert_eq!(
            made.tasks("open"),
            [row("order_review", "review_due", "2026-12-25T00:00:00.000Z")]
        );
        assert_eq!(made.app.check(), [""; 0]);
        made.served("2026-11-23T10:50:00Z");
        made.task("open", "victim_update", "served");
        let order = OneOrder {
            reference: "SPO/26/0002".to_owned(),
            ..OneOrder::owned_by(&made.owner.account.username)
        };
        made.app.import(&file(&[made_today(&order)]));
        made.task("open", "victim_update", "made");
    });
}
