//! The daily look at ladders and the look ahead: when and where nobody could be told.

use compliance::instant::DAY_MS;
use serde_json::json;

use super::with_staff;
use crate::builders::{self, OneOrder};
use crate::harness::on_each_database;
use crate::harness::push_service::{Phone, PushService};

#[test]
fn a_ladder_whose_people_are_gone_is_raised_by_the_daily_look_and_settled_when_they_are_back() {
    with_staff(|staff| {
        let keeper = &staff.supervisor.0;
        let path = format!("/ladders/{}", staff.app.new_id());
        keeper.put(&path, &crate::scene::escalation::ladder()).expect(201);
        assert_eq!(staff.after(DAY_MS).raised, 0);
        staff.app.run_jobs();
        let phone = staff.control_room.1.id;
        staff.control_room.0.delete(&format!("/push-subscriptions/{phone}")).expect(204);
        assert_eq!(staff.after(DAY_MS).raised, 1);
        let alert = &staff.app.alerts()[0];
        assert_eq!(alert.kind.to_string(), "ladder_unreachable");
        assert!(alert.detail.contains("step 1 (control_room)"), "{}", alert.detail);
        Phone::of(&staff.control_room.0, &staff.service);
        staff.after(DAY_MS);
        assert_eq!(staff.app.alerts()[0].close_reason.as_deref(), Some("resolved"));
    });
}

#[test]
fn the_preflight_says_when_and_where_nobody_can_be_told() {
    on_each_database(|app| {
        app.import(&builders::file(&[]));
        let (owner, service) = (app.owner(), PushService::start());
        app.import(&OneOrder::owned_by(&owner.account.username).times(3));
        let keeper = app.supervisor_at("HEX");
        let week = || {
            let report = keeper.get("/supervision/preflight").expect(200);
            let stations = report["stations"].as_array().unwrap().clone();
            let at = |code: &str| {
                let id = json!(app.station(code));
                stations.iter().find(|it| it["station_id"] == id).unwrap()["gaps"].clone()
            };
            (at("ALD"), at("HEX"))
        };
        let now = app.clock.now();
        let whole = json!([{
            "from": now.to_rfc3339(),
            "until": (now + 7 * DAY_MS).to_rfc3339(),
            "orders": 3,
        }]);
        assert_eq!(week(), (whole, json!([])), "nobody has a phone, and HEX has no order");
        Phone::of(&owner, &service);
        assert_eq!(week().0, json!([]));
        let (from, until) = (now + DAY_MS, now + 2 * DAY_MS);
        let away = json!({
            "kind": "absent",
            "account_id": owner.account.id,
            "from": from.to_rfc3339(),
            "until": until.to_rfc3339(),
        });
        keeper.put(&format!("/rota/{}", app.new_id()), &away).expect(201);
        let gap = json!([{
            "from": from.to_rfc3339(), "until": until.to_rfc3339(), "orders": 3,
        }]);
        assert_eq!(week().0, gap);
    });
}

#[test]
fn a_gap_ahead_is_raised_by_the_daily_look_once_and_settled_when_somebody_covers_it() {
    on_each_database(|app| {
        app.import(&builders::file(&[]));
        let (owner, service) = (app.owner(), PushService::start());
        app.import(&OneOrder::owned_by(&owner.account.username).times(3));
        let keeper = app.supervisor_at("HEX");
        let phone = Phone::of(&owner, &service);
        // Each day the phones are asked whether they are there, and say so.
        let next_day = || {
            app.clock.advance(DAY_MS);
            app.sweep();
            app.run_jobs();
        };
        next_day();
        let raised = "alerts WHERE kind = 'ladder_unreachable' AND state <> 'closed'";
        assert_eq!(app.count(raised), 0);

        let from = app.clock.now() + 4 * DAY_MS;
        let away = |covered_by: Option<&crate::harness::caller::Caller<'_>>| {
            json!({
                "kind": "absent",
                "account_id": owner.account.id,
                "covered_by": covered_by.map(|cover| cover.account.id),
                "from": from.to_rfc3339(),
                "until": (from + DAY_MS).to_rfc3339(),
            })
        };
        let line = format!("/rota/{}", app.new_id());
        keeper.put(&line, &away(None)).expect(201);
        next_day();
        assert_eq!(app.count(raised), 1);
        let detail = app.sql().texts(
            "SELECT detail AS value FROM alerts \
            WHERE kind = 'ladder_unreachable'",
        );
        let says = &detail[0];
        assert!(says.contains("nobody can be told") && says.contains("3 orders"), "{says}");
        assert!(says.contains(&from.in_words(holdfast::ZONE)), "{says}");
        // A day later it is the same alert; once somebody covers, it is settled.
        next_day();
        assert_eq!(app.count("alerts WHERE kind = 'ladder_unreachable'"), 1);
        keeper.delete(&line).expect(204);
        let room = app.somebody(compliance::access::Role::Owner, &[]);
        let cover = Phone::of(&room, &service);
        assert_ne!(cover.id, phone.id);
        let covered = format!("/rota/{}", app.new_id());
        keeper.put(&covered, &away(Some(&room))).expect(201);
        next_day();
        assert_eq!(app.count(raised), 0);
    });
}
