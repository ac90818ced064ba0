//! What can be done, each as one write: the bodies that HTTP, sync, import, sweep and demo share.
//! They read what is on file, let `compliance` decide, and record it.

pub mod accounts;
pub mod acknowledge_alert;
pub mod confirm_sign_on;
pub mod enumerate;
pub mod import_orders;
pub mod push_subscriptions;
pub mod raise_alerts;
pub mod sign_in;
pub mod supersede_check_in;

use compliance::Instant;

use crate::identity::Identity;
use crate::store::scope::Scope;

/// Who acts, when, and where new ids come from: the arguments of every operation.
#[derive(Debug, Clone)]
pub struct Actor {
    pub scope: Scope,
    pub now: Instant,
    pub identity: Identity,
}
