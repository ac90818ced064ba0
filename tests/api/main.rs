//! The API over real HTTP on both databases, with the clock in the test's hand.
//! `tests/run` runs it.

#![expect(clippy::unwrap_used, reason = "what a test does not expect ends it")]
#![expect(clippy::expect_used, reason = "what a test does not expect ends it")]
#![expect(clippy::indexing_slicing, reason = "what a test does not expect ends it")]
mod access;
mod back_test;
mod builders;
mod by_itself;
mod care;
mod commands;
mod concerns;
mod confirm_sign_on;
mod dead_man;
mod delivery;
mod demo;
mod devices;
mod enumerate;
mod escalation;
mod evidence_pack;
mod examples;
mod explain_alert;
mod explain_finding;
mod figures;
mod garbage;
mod harness;
mod held_records;
mod histories;
mod import;
mod intake;
mod invariants;
mod latency;
mod ledger;
mod notification;
mod offline_schedules;
mod operations;
mod order_life;
mod person;
mod positions;
mod push;
mod record_order;
mod scene;
mod sealed_records;
mod sessions;
mod shipped_orders;
mod simulated_week;
mod store;
mod supersede_record;
mod supervision;
mod sweep;
mod sync;
mod tasks;
mod tidy;
mod told;
mod treatment;
mod triage;
mod variation;
mod watchdog;
mod zones;
