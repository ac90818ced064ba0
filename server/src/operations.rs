//! What can be done, each as one write: the bodies that HTTP, sync, import, sweep and demo share.
//! They read what is on file, let `compliance` decide, and record it.

pub mod accounts;
pub mod acknowledge_alert;
pub mod back_test;
pub mod breach_cases;
pub mod check_invariants;
pub mod clashes;
pub mod colleagues;
pub mod compliance_report;
pub mod concern_context;
pub mod concerns;
pub mod confirm_sign_on;
pub mod decide_alert;
pub mod devices;
pub mod duties_in_words;
pub mod enumerate;
pub mod escalate;
pub mod evidence_pack;
pub mod excuses;
pub mod explain_alert;
pub mod explain_finding;
pub mod feeds;
pub mod figures;
pub mod follow_concern;
pub mod get_check_in;
pub mod get_order;
pub mod grade_condition;
pub mod held_records;
pub mod homes;
pub mod import_orders;
pub mod import_subject;
pub mod import_treatment;
pub mod ingest_positions;
pub mod judge_silence;
pub mod judge_zones;
pub mod ladders;
pub mod lint_order;
pub mod load_cases;
pub mod notification;
pub mod order_card;
pub mod order_life;
pub mod order_terms;
pub mod order_versions;
pub mod persons;
pub mod phone_keys;
pub mod photos;
pub mod plans;
pub mod preflight;
pub mod protected_times;
pub mod provider_access;
pub mod push_subscriptions;
pub mod put_back;
pub mod raise_alerts;
pub mod record_fact;
pub mod record_notification;
pub mod record_order;
pub mod record_sighting;
pub mod record_treatment;
pub mod referrals;
pub mod ring_timers;
pub mod rota;
pub mod sealed_records;
pub mod settle_terms;
pub mod sign_in;
pub mod station_closures;
pub mod status_periods;
pub mod stream;
pub mod subject_calendar;
pub mod subject_conditions;
pub mod supersede_check_in;
pub mod supersede_record;
pub mod sync;
pub mod task_answers;
pub mod task_figures;
pub mod tasks;
pub mod test_alarm;
pub mod transfer;
pub mod treatment;
pub mod triage_checks;
pub mod warnings;
pub mod zone_stays;

use std::collections::BTreeSet;

use compliance::Instant;

use self::raise_alerts::Settling;
use crate::identity::{Identity, sha256};
use crate::store::id::OrderId;
use crate::store::ledger::{Chain, NewEntry};
use crate::store::scope::Scope;

/// Who acts, when, and where new ids come from: the arguments of every operation.
#[derive(Debug, Clone)]
pub struct Actor {
    pub scope: Scope,
    pub now: Instant,
    pub identity: Identity,
}

impl Actor {
    /// What this actor's record has settled.
    pub fn settling(&self) -> Settling {
        Settling::resolved(self.now, Some(self.scope.account))
    }

    /// The ledger's entry for a reading: in the case's own chain when it is of one case, else in the
    /// reader's.
    pub fn reading(
        &self,
        act: &'static str,
        object: String,
        orders: impl IntoIterator<Item = OrderId>,
    ) -> NewEntry {
        let orders: BTreeSet<OrderId> = orders.into_iter().collect();
        let chain = match orders.first() {
            Some(only) if orders.len() == 1 => Chain::Order(*only),
            _ => Chain::Account(self.scope.account),
        };
        let ids: Vec<String> = orders.iter().map(OrderId::to_string).collect();
        let ids = ids.join(",");
        NewEntry {
            chain,
            actor: Some(self.scope.account),
            act,
            object,
            body_digest: sha256(ids.as_bytes()),
            detail: format!("orders:{ids}"),
        }
    }
}
