//! Tasks that are not done in time, and tasks that somebody else is to do.

use compliance::Instant;
use compliance::instant::{DAY_MS, HOUR_MS};
use serde_json::json;

use super::{Made, with_made};
use crate::harness::{at, on_each_database};
use crate::scene::tasks::{entered, told};

fn late_from() -> Instant {
    at("2026-11-24T08:00:00Z")
}

#[test]
fn a_task_that_is_late_is_raised_climbs_and_is_settled_by_doing_it_late() {
    with_made(|made| {
        made.app.clock.set_to(late_from() + -1);
        made.app.sweep();
        assert_eq!(made.open_alerts("task_overdue"), []);
        made.after(1);
        made.app.sweep();
        assert_eq!(made.open_alerts("task_overdue"), [late_from()]);
        let alert = |state: &str| {
            let list = made.owner.get(&format!("/alerts?state={state}")).expect(200);
            let all = list["alerts"].as_array().unwrap().clone();
            all.into_iter().find(|alert| alert["kind"] == "task_overdue").unwrap()
        };
        assert_eq!(
            alert("triggered")["detail"],
            "Enter the order in the PNC. It was due 24 hours after Mon 23 Nov, 08:00: \
             Tue 24 Nov, 08:00 (PNC code of practice 2005)."
        );
        made.after(HOUR_MS);
        assert_eq!(alert("triggered")["step"], 2, "it has climbed");
        let path = format!(
            "/alerts/{}/decisions/{}",
            alert("triggered")["alert_id"].as_str().unwrap(),
            made.app.new_id()
        );
        let nothing = json!({ "decision": "no_further_action", "rationale": "Never mind." });
        made.sergeant.put(&path, &nothing).refused("alert-needs-deed");
        let attention = made.sergeant.get("/supervision/attention").expect(200);
        assert_eq!(attention["unanswered"]["warnings"][0]["kind"], "task_overdue");
        assert_eq!(made.app.check(), [""; 0]);

        let task = made.task("open", "pnc_update", "made");
        assert_eq!(task["is_overdue"], true);
        let record = made.complete(&task, &entered(&made.now()));
        assert_eq!(alert("closed")["close_reason"], "resolved");
        assert_eq!(made.figure("pnc_within_24_hours"), Some(0.0));
        assert_eq!(made.figure("pnc_within_3_days"), Some(1.0));
        // It was another order that was entered: the task is open, and late.
        made.mistaken(&record);
        assert_eq!(made.open_alerts("task_overdue"), [late_from()]);
        assert_eq!(made.task("open", "pnc_update", "made")["task_id"], task["task_id"]);
        assert_eq!(made.app.check(), [""; 0]);
    });
}

#[test]
fn what_was_missed_during_a_standstill_is_raised_after_it() {
    with_made(|made| {
        made.app.clock.set("2026-12-26T09:00:00Z");
        made.app.sweep();
        assert_eq!(made.open_alerts("task_overdue").len(), 3);
        assert_eq!(made.figure("victim_updates_overdue"), Some(1.0));
        made.app.sweep();
        assert_eq!(made.open_alerts("task_overdue").len(), 3);
    });
}

#[test]
fn a_task_that_is_given_to_somebody_is_theirs_and_they_are_told_first() {
    with_made(|made| {
        let task = made.task("open", "pnc_update", "made");
        let id = task["task_id"].as_str().unwrap();
        let clerk = made.app.officer_at("ALD");
        let path = format!("/tasks/{id}/assignments/{}", made.app.new_id());
        let to = |account| json!({ "to_account_id": account, "reason": "She does the entries." });
        let stranger = made.app.officer_at("HEX");
        made.owner.put(&path, &to(stranger.account.id)).refused("invalid-field");
        made.owner.put(&path, &to(made.app.administrator().account.id)).refused("invalid-field");
        let record = made.owner.put(&path, &to(clerk.account.id)).expect(201);
        assert_eq!(made.owner.put(&path, &to(clerk.account.id)).expect(201), record);
        let list = clerk.get("/tasks?mine=true").expect(200);
        assert_eq!(list["tasks"][0]["is_reassigned"], true);

        made.app.clock.set_to(late_from());
        made.app.sweep();
        let owners = |alerts: Vec<holdfast::store::alerts::Alert>| -> Vec<_> {
            let late = alerts.into_iter().filter(|it| it.kind.to_string() == "task_overdue");
            late.map(|it| it.account_id.unwrap()).collect()
        };
        assert_eq!(owners(made.app.alerts()), [clerk.account.id]);
        // A late task that is given on is told to whoever has it now.
        let back = format!("/tasks/{id}/assignments/{}", made.app.new_id());
        made.owner.put(&back, &to(made.sergeant.account.id)).expect(201);
        assert_eq!(owners(made.app.alerts()), [made.sergeant.account.id]);
        assert_eq!(made.open_alerts("task_overdue").len(), 1);
        // That was a mistake: it is the clerk's again.
        made.mistaken(back.rsplit('/').next().unwrap());
        assert_eq!(owners(made.app.alerts()), [clerk.account.id]);
        assert_eq!(made.app.check(), [""; 0]);
    });
}

#[test]
fn tasks_go_on_to_whoever_is_there_when_their_owner_is_not_any_more() {
    on_each_database(|app| {
        let made = Made::at_risk(app, "standard");
        let owners = || -> Vec<String> {
            let list = made.sergeant.get("/tasks").expect(200);
            let all = list["tasks"].as_array().unwrap().iter();
            all.map(|task| task["owner_id"].as_str().unwrap_or_default().to_owned()).collect()
        };
        let (owner, sergeant) =
            (made.owner.account.id.to_string(), made.sergeant.account.id.to_string());
        assert_eq!(owners(), vec![owner.clone(); 3]);
        let disable = format!("/accounts/{owner}/disablement");
        app.administrator().put(&disable, &serde_json::Value::Null).expect(204);
        assert_eq!(owners(), vec![sergeant; 3], "the supervisor of its station");
        let next = app.owner();
        let body = json!({
            "owner": next.account.id, "deputy": null, "supervisor": null,
        });
        let path = format!("/orders/{}/owners/{}", made.order, app.new_id());
        made.sergeant.put(&path, &body).expect(201);
        assert_eq!(owners(), vec![next.account.id.to_string(); 3]);
        app.run_jobs();
        assert_eq!(app.check(), [""; 0]);
    });
}

#[test]
fn a_victim_who_is_told_late_is_counted_as_told_late() {
    with_made(|made| {
        made.after(9 * DAY_MS);
        let victim = made.task("open", "victim_update", "made");
        made.complete(&victim, &told(&made.now()));
        assert_eq!(made.figure("victim_updates_on_time_share"), Some(0.0));
        assert_eq!(made.figure("victim_updates_overdue"), Some(0.0));
    });
}
