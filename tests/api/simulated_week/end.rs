//! What must be so at every moment of the week, and what is looked at when it is over.

use std::collections::{BTreeMap, BTreeSet};

use compliance::Instant;
use compliance::instant::{DAY_MS, MINUTE_MS};
use serde_json::Value;

use super::{BEGINS_AT, DAYS, SHOWS_UNTIL_MS, Week};
use crate::harness::at;
use crate::harness::caller::send;

/// What is high or critical waits so long for an answer or the next step (R6).
const ANSWERED_MS: i64 = 15 * MINUTE_MS;

/// Four steps of half an hour at the most.
const LADDER_MS: i64 = 4 * 30 * MINUTE_MS;

/// Open, has nobody, does not say so in red, and nobody who counts has anything or is being told.
const SILENT: &str = "SELECT a.kind || ' ' || a.detail AS value FROM alerts a \
    WHERE a.state = 'triggered' AND NOT a.nobody_reachable \
    AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.settled_at IS NULL AND j.is_counted_upon \
        AND (j.alert_id = a.id OR j.group_id = a.group_id)) \
    AND NOT EXISTS (SELECT 1 FROM deliveries d LEFT JOIN receipts r ON r.delivery_id = d.id \
        WHERE (d.alert_id = a.id OR d.group_id = a.group_id) AND d.attempted_at >= a.triggered_at \
        AND (r.delivery_id IS NOT NULL OR (d.status = 'accepted' AND d.is_counted_upon)))";

/// Every step was told in vain: nothing that was sent has arrived, and it does not say so in red.
fn in_vain(now: Instant) -> String {
    format!(
        "SELECT a.kind || ' ' || a.detail AS value FROM alerts a \
         WHERE a.state = 'triggered' AND NOT a.nobody_reachable AND a.triggered_at < {} \
         AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.status = 'accepted' \
         AND (d.alert_id = a.id OR d.group_id = a.group_id) AND d.attempted_at >= a.triggered_at)",
        (now + -LADDER_MS).ms()
    )
}

/// Climbs that did not happen when they were due.
fn stuck(now: Instant) -> String {
    format!(
        "SELECT kind || ' ' || detail AS value FROM alerts WHERE state <> 'closed' \
         AND (climbs_at IS NULL OR climbs_at <= {})",
        now.ms()
    )
}

impl Week {
    /// What must be so at every moment.
    pub fn look(&mut self) {
        let now = self.now();
        for never in [SILENT.to_owned(), in_vain(now), stuck(now)] {
            let found = self.sql.texts(&never);
            assert!(found.is_empty(), "at {}: {found:#?}", now.to_rfc3339());
        }
        let red =
            "SELECT count(*) AS value FROM alerts WHERE state = 'triggered' AND nobody_reachable";
        let red = self.sql.number(red);
        if red > 0 {
            self.red_looks += 1;
            let status = send(self.app.address, ("GET", "/api/v1/status"), &[], None).expect(200);
            assert_eq!(status["nobody_reachable_alerts"], red, "{status}");
        }
        self.look_at_certainty();
    }

    /// Never is a miss called certain while a phone holds the record that would take it back.
    fn look_at_certainty(&mut self) {
        let held: BTreeSet<String> = self
            .phones
            .iter()
            .flat_map(|phone| phone.held())
            .map(|window| self.windows[window].obligation.simple().to_string())
            .collect();
        if held.is_empty() {
            return;
        }
        let certain = format!(
            "SELECT {} AS value FROM alerts WHERE certainty = 'confirmed'",
            self.sql.hex("obligation_id")
        );
        let certain: BTreeSet<String> = self.sql.texts(&certain).into_iter().collect();
        let wrong: Vec<_> = certain.intersection(&held).collect();
        assert!(wrong.is_empty(), "certain and held: {wrong:?}");
    }

    pub fn open_alerts(&mut self) -> Vec<String> {
        let open = "SELECT kind || ' ' || state || ' ' || detail AS value FROM alerts \
                    WHERE close_reason IS NULL";
        self.sql.texts(open)
    }

    pub fn look_back(&mut self) {
        self.look_at_silent_phone();
        self.look_at_ends();
        self.look_at_truth();
        self.look_at_times();
        assert_eq!(self.app.check(), [""; 0], "the invariants");
        let kinds = "SELECT kind || ' ' || close_reason || ' ' || CAST(count(*) AS TEXT) AS value \
                     FROM alerts GROUP BY kind, close_reason ORDER BY 1";
        println!("{} passes, {} of them red", self.passes, self.red_looks);
        println!("{:#?}", self.sql.texts(kinds));
    }

    /// Nobody counts as told by the phone that shows nothing, from the third day of that on, and somebody
    /// was told of it.
    fn look_at_silent_phone(&mut self) {
        let begins_at = at(BEGINS_AT);
        let (from, until) = (begins_at + SHOWS_UNTIL_MS + 3 * DAY_MS, begins_at + DAYS * DAY_MS);
        let counted = format!(
            "SELECT count(*) AS value FROM deliveries d JOIN accounts a ON a.id = d.account_id \
             WHERE a.username = 'cal' AND d.is_counted_upon AND d.attempted_at > {} \
             AND d.attempted_at < {}",
            from.ms(),
            until.ms()
        );
        assert_eq!(self.sql.number(&counted), 0);
        let told = "SELECT count(*) AS value FROM alerts JOIN accounts a ON a.id = account_id \
                    WHERE kind = 'phone_silent' AND a.username = 'cal'";
        assert_eq!(self.sql.number(told), 1);
    }

    /// A named person took it and decided it, or a deed of somebody closed it.
    fn look_at_ends(&mut self) {
        let nameless = "SELECT kind || ' ' || close_reason AS value FROM alerts \
            WHERE closed_by IS NULL AND kind NOT IN ('phone_silent', 'ladder_unreachable')";
        assert_eq!(self.sql.texts(nameless), [""; 0]);
        let untaken = "SELECT kind || ' ' || detail AS value FROM alerts a \
            WHERE close_reason = 'no_further_action' AND NOT EXISTS (SELECT 1 FROM alert_events e \
            WHERE e.alert_id = a.id AND e.kind = 'acknowledged' AND e.actor IS NOT NULL)";
        assert_eq!(self.sql.texts(untaken), [""; 0]);
    }

    /// Each window ended as it truly was, and whatever came late was looked at by somebody.
    fn look_at_truth(&mut self) {
        let now = self.now();
        let ends = format!(
            "SELECT {} || ' ' || o.state || ' ' || COALESCE(a.close_reason, '-') || ' ' || \
             COALESCE(a.certainty, '-') || ' ' || CAST(COALESCE(a.closed_at, 0) AS TEXT) || ' ' || \
             CAST((SELECT count(*) FROM alerts h WHERE h.obligation_id = o.id \
             AND h.kind = 'held_on_phone') AS TEXT) AS value FROM obligations o \
             LEFT JOIN alerts a ON a.obligation_id = o.id AND a.kind = 'missed_sign_on'",
            self.sql.hex("o.id")
        );
        let found = self.sql.texts(&ends);
        let found: BTreeMap<&str, &str> =
            found.iter().filter_map(|end| end.split_once(' ')).collect();
        let (mut taken_back, mut missed) = (0, 0);
        for window in self.windows.iter().filter(|window| window.closes_at <= now) {
            let end = found[window.obligation.simple().to_string().as_str()];
            let [state, reason, certainty, closed_at, held] =
                end.split(' ').collect::<Vec<_>>()[..]
            else {
                panic!("{end}")
            };
            let closed_at = Instant::from_ms(closed_at.parse().unwrap());
            let raised_at = self.up_at(window.closes_at);
            let is_late = window.came_at.is_none_or(|came_at| came_at >= raised_at);
            let is_decided_before = window.came_at.is_none_or(|came_at| closed_at < came_at);
            let expected = match (window.is_fulfilled(), is_late) {
                (true, false) => ("fulfilled", "-", "-", "0"),
                (true, true) if is_decided_before => {
                    ("fulfilled", "no_further_action", "provisional", "1")
                }
                (true, true) => ("fulfilled", "attendance_found", "provisional", "1"),
                (false, _) if window.came_at.is_some() => {
                    ("missed", "no_further_action", "confirmed", "1")
                }
                (false, _) => ("missed", "no_further_action", "confirmed", "0"),
            };
            assert_eq!((state, reason, certainty, held), expected, "{end} {window:?}");
            taken_back += usize::from(reason == "attendance_found");
            missed += usize::from(state == "missed");
        }
        assert!(taken_back > 3 && missed > 15, "{taken_back} taken back, {missed} missed");
    }

    /// When the service ran again, or at once.
    fn up_at(&self, at: Instant) -> Instant {
        let down = self.down.iter().find(|(from, until)| *from <= at && at < *until);
        down.map_or(at, |(_, until)| *until)
    }

    /// From the deadline to the alert, and from the alert to an answer or the next step (R6).
    fn look_at_times(&mut self) {
        for alert in self.app.alerts() {
            if alert.kind.is_miss() {
                assert_eq!(alert.triggered_at, self.up_at(alert.concerns_at), "{alert:?}");
            }
            let path = format!("/alerts/{}", alert.id);
            let file = self.people.look_at(&self.app, "room", |room| room.get(&path)).expect(200);
            let severity = file["alert"]["severity"].as_str().unwrap();
            if !["high", "critical"].contains(&severity) {
                continue;
            }
            let answers = ["acknowledged", "escalated", "nobody_reachable", "handed_over"];
            let happened = file["events"].as_array().unwrap().iter();
            let is_answer = |event: &&Value| answers.contains(&event["kind"].as_str().unwrap());
            let first =
                happened.filter(is_answer).map(|event| at(event["happened_at"].as_str().unwrap()));
            let until = first.min().or(alert.closed_at).unwrap();
            let due_at = self.up_at(alert.triggered_at + ANSWERED_MS);
            assert!(until <= due_at, "{file:#}");
        }
    }
}
