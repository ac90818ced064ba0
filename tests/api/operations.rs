//! Every operation of the API, who may ask for it, and what a relation to the case changes. One row
//! each, over which the tests of access run.

use std::collections::BTreeSet;

use compliance::access::Role::{
    self, Administrator, Auditor, ControlRoom, Officer, Owner, Supervisor,
};

use self::About::{Case, Itself, List, Provider, Station};
use crate::harness::contract;

/// What an operation is about, and so what it answers to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// The caller, accounts or the service: a relation to a case changes nothing.
    Itself,
    /// What the caller may know of: always answered, and the case is in it or it is not.
    List,
    /// A station: served to those who work there and those who see everything.
    Station,
    /// One case: not there for whoever may not know of it.
    Case,
    /// A treatment provider's own sessions: no role's session is good for them, only a link is.
    Provider,
}

pub struct Operation {
    pub id: &'static str,
    /// Who may ask at all.
    pub roles: &'static [Role],
    pub about: About,
    /// The answer when all is well. `scene.rs` knows what has to be sent for that.
    pub success: u16,
}

const ALL: &[Role] = &[Officer, Owner, Supervisor, ControlRoom, Auditor, Administrator];
const CASES: &[Role] = &[Officer, Owner, Supervisor, ControlRoom, Auditor];
const DUTY: &[Role] = &[Officer, Owner, Supervisor, ControlRoom];
/// Who decides how a case goes on.
const KEEPERS: &[Role] = &[Owner, Supervisor];
/// Who finds out what is behind a report of concern.
const INVESTIGATORS: &[Role] = &[Officer, Owner, Supervisor];
const TRIAGE: &[Role] = &[Supervisor, ControlRoom];
/// A sergeant or above.
const OVERSIGHT: &[Role] = &[Supervisor];
const ROTA: &[Role] = &[Supervisor, Administrator];
const SUPERVISION: &[Role] = &[Supervisor, Auditor];
const AUDIT: &[Role] = &[Auditor];
const NOBODY: &[Role] = &[];
const ACCOUNTS: &[Role] = &[Administrator];

#[rustfmt::skip]
pub const OPERATIONS: &[Operation] = &[
    row("sign_in", ALL, Itself, 201),
    row("sign_out", ALL, Itself, 204),
    row("get_me", ALL, Itself, 200),
    row("get_status", ALL, Itself, 200),
    row("list_stations", ALL, Itself, 200),
    row("list_due", CASES, Station, 200),
    row("confirm_sign_on", DUTY, Case, 201),
    row("get_check_in", CASES, Case, 200),
    row("explain_finding", CASES, Case, 200),
    row("supersede_check_in", DUTY, Case, 200),
    row("sync", DUTY, List, 200),
    row("list_subject_conditions", CASES, Case, 200),
    row("list_orders", CASES, List, 200),
    row("supersede_record", KEEPERS, Case, 200),
    row("record_warning", DUTY, Case, 201),
    row("end_warning", KEEPERS, Case, 201),
    row("record_photo", DUTY, Case, 201),
    row("get_photo", CASES, Case, 200),
    row("record_order", KEEPERS, Itself, 201),
    row("make_order", KEEPERS, Case, 201),
    row("withdraw_draft", KEEPERS, Case, 201),
    row("record_order_version", KEEPERS, Case, 201),
    row("list_order_versions", CASES, Case, 200),
    row("get_order", CASES, Case, 200),
    row("lint_order", CASES, Case, 200),
    row("list_protected_times", CASES, Case, 200),
    row("record_protected_time", DUTY, Case, 201),
    row("record_clash_reason", KEEPERS, Case, 201),
    row("set_condition_plan", KEEPERS, Case, 201),
    row("record_plan_review", DUTY, Case, 201),
    row("record_referral", KEEPERS, Case, 201),
    row("get_order_card", CASES, Case, 200),
    row("get_subject_calendar", CASES, Case, 200),
    row("record_service_attempt", DUTY, Case, 201),
    row("assign_owners", KEEPERS, Case, 201),
    row("record_appeal", KEEPERS, Case, 201),
    row("decide_appeal", KEEPERS, Case, 201),
    row("request_transfer", KEEPERS, Case, 201),
    row("answer_transfer", KEEPERS, Case, 201),
    row("record_status_period", KEEPERS, Case, 201),
    row("close_station", KEEPERS, Station, 201),
    row("list_devices", CASES, Case, 200),
    row("register_device", DUTY, Case, 201),
    row("request_presentation", DUTY, Case, 201),
    row("record_request_communication", DUTY, Case, 201),
    row("record_presentation_answer", DUTY, Case, 201),
    row("record_examination", DUTY, Case, 201),
    row("list_providers", CASES, Itself, 200),
    row("list_session_outcomes", CASES, Itself, 200),
    row("list_sessions", CASES, Case, 200),
    row("schedule_session", KEEPERS, Case, 201),
    row("move_session", KEEPERS, Case, 201),
    row("cancel_session", KEEPERS, Case, 201),
    row("record_session_outcome", KEEPERS, Case, 201),
    row("record_session_evidence", KEEPERS, Case, 201),
    row("create_provider_link", KEEPERS, Itself, 201),
    row("list_provider_links", KEEPERS, Itself, 200),
    row("end_provider_link", KEEPERS, Itself, 204),
    row("list_provider_sessions", NOBODY, Provider, 200),
    row("report_provider_outcome", NOBODY, Provider, 201),
    row("list_notifications", CASES, Case, 200),
    row("record_notification", DUTY, Case, 201),
    row("get_notification", CASES, Case, 200),
    row("get_notification_receipt", CASES, Case, 200),
    row("record_details_change", DUTY, Case, 201),
    row("record_identity_request", DUTY, Case, 201),
    row("record_notification_exemption", KEEPERS, Case, 201),
    row("record_sighting", DUTY, Case, 201),
    row("list_feeds", CASES, Case, 200),
    row("start_feed", KEEPERS, Case, 201),
    row("end_feed", KEEPERS, Case, 200),
    row("ingest_positions", KEEPERS, Itself, 200),
    row("list_positions", CASES, Case, 200),
    row("list_alerts", DUTY, List, 200),
    row("get_alert", DUTY, Case, 200),
    row("explain_alert", DUTY, Case, 200),
    row("acknowledge_alert", DUTY, Case, 200),
    row("acknowledge_alert_group", DUTY, Case, 200),
    row("note_on_alert", DUTY, Case, 201),
    row("hand_over_alert", DUTY, Case, 201),
    row("list_colleagues", DUTY, Itself, 200),
    row("submit_concern", ALL, Itself, 201),
    row("follow_concern", ALL, Itself, 200),
    row("list_concerns", CASES, List, 200),
    row("record_concern", DUTY, Case, 201),
    row("get_concern", CASES, Case, 200),
    row("triage_concern", TRIAGE, Case, 201),
    row("allocate_concern", OVERSIGHT, Case, 201),
    row("record_concern_action", INVESTIGATORS, Case, 201),
    row("conclude_concern", INVESTIGATORS, Case, 201),
    row("sign_off_concern", OVERSIGHT, Case, 201),
    row("update_reporter", INVESTIGATORS, Case, 201),
    row("review_concern", OVERSIGHT, Case, 201),
    row("reopen_concern", OVERSIGHT, Case, 201),
    row("link_concern", DUTY, Case, 201),
    row("list_tasks", CASES, List, 200),
    row("get_task", CASES, Case, 200),
    row("add_task", KEEPERS, Case, 201),
    row("complete_task", DUTY, Case, 201),
    row("reassign_task", KEEPERS, Case, 201),
    row("report_phone_lost", OVERSIGHT, Station, 204),
    row("enrol_phone_key", DUTY, Itself, 201),
    row("list_phone_keys", DUTY, Itself, 200),
    row("revoke_phone_key", DUTY, Itself, 204),
    row("list_rota", ROTA, Itself, 200),
    row("record_rota_entry", ROTA, Itself, 201),
    row("end_rota_entry", ROTA, Itself, 204),
    row("list_ladders", ROTA, Itself, 200),
    row("set_ladder", ROTA, Itself, 201),
    row("end_ladder", ROTA, Itself, 204),
    row("get_preflight", ROTA, Itself, 200),
    row("send_test_alarm", ROTA, Itself, 201),
    row("get_push_key", DUTY, Itself, 200),
    row("subscribe_push", DUTY, Itself, 201),
    row("unsubscribe_push", DUTY, Itself, 204),
    row("record_receipt", ALL, Itself, 204),
    row("stream_alerts", DUTY, Itself, 200),
    row("list_attention", SUPERVISION, List, 200),
    row("get_compliance", SUPERVISION, List, 200),
    row("get_figures", SUPERVISION, Itself, 200),
    row("back_test", SUPERVISION, Itself, 200),
    row("get_figures_file", SUPERVISION, Itself, 200),
    row("get_invariants", SUPERVISION, Itself, 200),
    row("get_order_timeline", SUPERVISION, Case, 200),
    row("list_ledger_entries", AUDIT, Itself, 200),
    row("list_accounts", ACCOUNTS, Itself, 200),
    row("create_account", ACCOUNTS, Itself, 201),
    row("disable_account", ACCOUNTS, Itself, 204),
    row("set_email", ACCOUNTS, Itself, 200),
    row("get_triage", DUTY, Case, 200),
    row("claim_excuse", DUTY, Case, 201),
    row("record_excuse_evidence", DUTY, Case, 201),
    row("decide_excuse", KEEPERS, Case, 201),
    row("open_breach_case", KEEPERS, Case, 201),
    row("record_breach_progress", DUTY, Case, 201),
    row("decide_breach", OVERSIGHT, Case, 201),
    row("authorise_breach", OVERSIGHT, Case, 201),
    row("list_failures", CASES, Case, 200),
    row("get_evidence_pack", KEEPERS, Case, 200),
    // Nothing is done any more with an alert that is decided.
    row("decide_alert", KEEPERS, Case, 201),
    // Last, because nothing is asked of an order that has ended.
    row("end_order", KEEPERS, Case, 201),
];

/// What can be asked for without a session.
pub const IN_PUBLIC: [&str; 5] =
    ["sign_in", "get_status", "submit_concern", "follow_concern", "record_receipt"];

const fn row(id: &'static str, roles: &'static [Role], about: About, success: u16) -> Operation {
    Operation { id, roles, about, success }
}

impl Operation {
    /// Where it is, as the description has it.
    pub fn described(&self) -> &'static contract::Operation {
        contract::described().iter().find(|described| described.id == self.id).unwrap()
    }
}

#[test]
fn every_operation_of_the_description_has_a_row_in_the_table() {
    let described: BTreeSet<&str> =
        contract::described().iter().map(|described| described.id.as_str()).collect();
    let in_table: BTreeSet<&str> = OPERATIONS.iter().map(|row| row.id).collect();
    assert_eq!(described, in_table);
    assert_eq!(in_table.len(), OPERATIONS.len(), "an operation has two rows");
}
