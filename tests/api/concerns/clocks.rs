//! What was not done in time is raised at the instant at which the time is over, and settles by itself.

use serde_json::json;

use super::{A_DAY, AN_HOUR, Desk, WAY, after};
use crate::harness::on_each_database;
use crate::scene::concerns::act;

const NONE: [&str; 0] = [];

#[test]
fn a_new_report_is_raised_at_once_and_its_alert_closes_when_somebody_has_looked() {
    on_each_database(|app| {
        let desk = Desk::open(app);
        let report = desk.told();
        assert_eq!(desk.open_kinds(), ["concern_reported"]);
        let alert = &app.alerts()[0];
        assert_eq!(alert.detail, "Report C/26/000001, from: family member.");
        assert_eq!(alert.order_id.unwrap().uuid(), desk.order);
        let path = format!("/alerts/{}/decisions/{}", alert.id, app.new_id());
        let decision = json!({ "decision": "no_further_action", "rationale": "Nothing in it." });
        desk.supervisor.put(&path, &decision).refused("alert-needs-deed");

        desk.does(&desk.supervisor, report, "triages");

        assert_eq!(desk.open_kinds(), NONE);
    });
}

#[test]
fn at_high_risk_nobody_having_looked_is_raised_after_an_hour_else_after_a_day() {
    on_each_database(|app| {
        let desk = Desk::open(app);
        let id = app.new_id();
        let body = super::told(Some(desk.order));
        let in_danger = super::with(body, json!({ "is_in_danger": true }));
        desk.officer.put(&format!("/concerns/{id}"), &in_danger).expect(201);
        let standard = desk.told();

        after(&desk, AN_HOUR - 1);
        assert_eq!(desk.open_kinds(), ["concern_reported", "concern_reported"]);
        after(&desk, 1);
        assert_eq!(desk.open_kinds(), ["concern_reported", "concern_reported", "report_untriaged"]);
        assert!(desk.file(id)["clocks"][0]["is_over"].as_bool().unwrap());
        assert_eq!(desk.file(standard)["clocks"][0]["is_over"], false);
        // Looking twice raises nothing twice.
        assert_eq!(app.sweep().raised, 0);
        desk.does(&desk.supervisor, id, "triages");
        assert_eq!(desk.open_kinds(), ["concern_reported"]);
        // The hour is over, and nobody has it yet.
        app.sweep();
        assert_eq!(desk.open_kinds(), ["concern_reported", "report_unallocated"]);
        desk.does(&desk.supervisor, id, "allocations");
        assert_eq!(desk.open_kinds(), ["concern_reported"]);
        after(&desk, A_DAY - AN_HOUR - 1);
        assert_eq!(desk.open_kinds(), ["concern_reported"]);
        after(&desk, 1);
        let both = ["reporter_not_contacted", "reporter_not_contacted"];
        let open = desk.open_kinds();
        assert_eq!(open, [&["concern_reported", "report_untriaged"], &both[..]].concat().sorted());
    });
}

trait Sorted {
    fn sorted(self) -> Self;
}

impl Sorted for Vec<&str> {
    fn sorted(mut self) -> Self {
        self.sort_unstable();
        self
    }
}

#[test]
fn whoever_reported_is_contacted_within_a_day_unless_nobody_knows_who_it_was() {
    on_each_database(|app| {
        let desk = Desk::open(app);
        let report = desk.told();
        let id = app.new_id();
        let unnamed = json!({
            "reporter": "anonymous", "name": "", "contact": "", "contact_safely": "",
        });
        let unnamed = super::with(super::told(Some(desk.order)), unnamed);
        desk.officer.put(&format!("/concerns/{id}"), &unnamed).expect(201);
        for report in [report, id] {
            desk.done(report, &["triages", "allocations"]);
        }

        after(&desk, A_DAY);
        assert_eq!(desk.open_kinds(), ["reporter_not_contacted"]);

        let spoke = json!({ "action": "spoke_to_reporter", "note": "She will send the pictures." });
        desk.send(&desk.officer, report, "actions", &spoke).expect(201);
        assert_eq!(desk.open_kinds(), NONE);
    });
}

#[test]
fn an_open_report_is_reviewed_after_72_hours_and_then_each_week_until_it_is_closed() {
    on_each_database(|app| {
        let desk = Desk::open(app);
        let report = desk.told();
        desk.done(report, &["triages", "allocations", "updates"]);
        after(&desk, 3 * A_DAY - 1);
        assert_eq!(desk.open_kinds(), NONE);
        after(&desk, 1);
        assert_eq!(desk.open_kinds(), ["report_review_due"]);

        desk.does(&desk.supervisor, report, "reviews");
        assert_eq!(desk.open_kinds(), NONE);
        // To the end of the seventh day after it.
        after(&desk, 7 * A_DAY);
        assert_eq!(desk.open_kinds(), NONE);
        after(&desk, A_DAY);
        assert_eq!(desk.open_kinds(), ["report_review_due"]);
        // The second time it is another alert, not the first one again.
        assert_eq!(app.count("alerts WHERE kind = 'report_review_due'"), 2);

        desk.done(report, &WAY[2..]);
        assert_eq!(desk.status(report), "closed");
        assert_eq!(desk.open_kinds(), NONE);
        after(&desk, 30 * A_DAY);
        assert_eq!(desk.open_kinds(), NONE);
    });
}

#[test]
fn what_is_overdue_moves_to_the_order_that_a_report_turns_out_to_be_about() {
    on_each_database(|app| {
        let desk = Desk::open(app);
        let report = desk.told_of(None);
        after(&desk, A_DAY);
        let open =
            ["concern_reported", "report_untriaged", "reporter_not_contacted"].map(str::to_owned);
        assert_eq!(desk.open_kinds(), open);
        assert!(app.alerts().iter().all(|alert| alert.order_id.is_none()));

        let placed = super::with(act("triages", desk.order), json!({ "order_id": desk.order }));
        desk.send(&desk.control_room, report, "triages", &placed).expect(201);
        app.sweep();

        assert_eq!(desk.open_kinds(), ["report_unallocated", "reporter_not_contacted"]);
        let alerts = app.alerts();
        let open = alerts.iter().filter(|alert| alert.close_reason.is_none());
        for alert in open {
            assert_eq!(alert.order_id.map(|id| id.uuid()), Some(desk.order), "{alert:?}");
        }
    });
}
