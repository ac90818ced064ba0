//! The end of an order: warned of, decided about, and told.

use serde_json::json;

use super::{Made, made_today};
use crate::builders::{OneOrder, file};
use crate::harness::on_each_database;
use crate::harness::{TestApp, push_service::PushService};
use crate::scene::tasks::decided;

/// An interim order that runs until Friday 4 December 2026.
fn ending(app: &TestApp) -> Made<'_> {
    app.import(&file(&[]));
    let (owner, sergeant) = (app.owner(), app.supervisor_at("ALD"));
    let mut entry = made_today(&OneOrder::owned_by(&owner.account.username));
    entry["kind"] = json!("interim");
    entry["ends_on"] = json!("2026-12-04");
    app.import(&file(&[entry]));
    app.sweep();
    let orders = owner.get("/orders").expect(200);
    let order = orders["orders"][0]["order_id"].as_str().unwrap().to_owned();
    Made { app, owner, sergeant, order, _phones: PushService::start() }
}

fn with_ending(test: impl Fn(&Made<'_>)) {
    on_each_database(|app| test(&ending(app)));
}

fn at(made: &Made<'_>, time: &str) {
    made.app.clock.set(time);
    made.app.sweep();
}

#[test]
fn warnings_ask_for_the_decision_and_close_with_it() {
    with_ending(|made| {
        let task = made.task("open", "renewal_decision", "last_day_near");
        assert_eq!(task["due_at"], "2026-12-04T00:00:00.000Z");
        assert_eq!(made.open_alerts("order_expiring").len(), 1);
        let list = made.owner.get("/alerts").expect(200);
        let all = list["alerts"].as_array().unwrap().clone();
        let warning = all.iter().find(|it| it["kind"] == "order_expiring").unwrap();
        let path = format!(
            "/alerts/{}/decisions/{}",
            warning["alert_id"].as_str().unwrap(),
            made.app.new_id()
        );
        let nothing =
            json!({ "decision": "no_further_action", "rationale": "It will be seen to." });
        made.sergeant.put(&path, &nothing).refused("alert-needs-deed");
        let record = made.complete(&task, &decided(&made.now(), "let_lapse"));
        assert_eq!(made.open_alerts("order_expiring"), []);
        at(made, "2026-11-28T09:00:00Z");
        assert_eq!(made.open_alerts("order_expiring"), [], "it is to lapse, and nobody is warned");
        made.mistaken(&record);
        at(made, "2026-12-02T09:00:00Z");
        assert_eq!(made.open_alerts("order_expiring").len(), 1, "the three days before");
        made.task("open", "renewal_decision", "last_day_near");
    });
}

#[test]
fn a_renewal_that_was_decided_is_warned_of_until_there_is_one() {
    with_ending(|made| {
        let task = made.task("open", "renewal_decision", "last_day_near");
        made.complete(&task, &decided(&made.now(), "renew"));
        at(made, "2026-11-28T09:00:00Z");
        assert_eq!(made.open_alerts("order_expiring").len(), 1, "the seven days before");
        let says = made.app.alerts().into_iter().filter(|it| it.close_reason.is_none());
        let says: Vec<String> = says.map(|alert| alert.detail).collect();
        assert!(
            says.iter().any(|it| it.contains("renew. No other last day is on file.")),
            "{says:?}"
        );
        let order = OneOrder::owned_by(&made.owner.account.username);
        let version = json!({
            "reason": "renewal", "note": "Renewed by the court.",
            "in_force_from": "2026-11-28T09:00:00Z", "ends_on": "2027-03-31",
            "conditions": order.version(2, "2026-11-28T09:00:00Z")["conditions"],
        });
        made.put("versions", &version);
        assert_eq!(made.open_alerts("order_expiring"), []);
        assert_eq!(made.list("kind=renewal_decision").len(), 0);
        made.task("open", "victim_update", "varied");
    });
}

#[test]
fn a_decision_that_nobody_made_is_late_on_the_last_day_and_stays() {
    with_ending(|made| {
        at(made, "2026-12-03T23:59:59Z");
        let late = |made: &Made<'_>| {
            made.list("kind=renewal_decision").iter().filter(|it| it["is_overdue"] == true).count()
        };
        assert_eq!(late(made), 0);
        at(made, "2026-12-04T00:00:00Z");
        assert_eq!(late(made), 1);
        at(made, "2026-12-05T00:00:00Z");
        let expiry = made.task("open", "victim_update", "expiry");
        assert_eq!(expiry["due_at"], "2026-12-12T00:00:00.000Z");
        let task = made.task("open", "renewal_decision", "last_day_near");
        let path = format!("/tasks/{}/completions/", task["task_id"].as_str().unwrap());
        let renew = format!("{path}{}", made.app.new_id());
        made.owner.put(&renew, &decided(&made.now(), "renew")).refused("invalid-field");
        made.complete(&task, &decided(&made.now(), "let_lapse"));
        assert_eq!(made.figure("renewal_decisions_on_time_share"), Some(0.0));
    });
}
