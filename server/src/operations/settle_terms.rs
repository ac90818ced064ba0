//! What has to be looked at again whenever the terms of an order, or what is known of its subject, have
//! changed.

use super::clashes::settle_clashes;
use super::plans::settle_plans;
use super::raise_alerts::Settling;
use super::referrals::rearm_referrals;
use crate::identity::Identity;
use crate::store::orders::{self, Order};
use crate::store::{StoreError, Tx};

/// Reasons for clashes, plans, referrals: what is open is raised, what no longer is is closed.
pub fn settle_terms(
    tx: &mut Tx<'_>,
    identity: &Identity,
    order: &Order,
    settling: Settling,
) -> Result<(), StoreError> {
    // Protected times are the subject's: they are held against every order.
    for of_subject in orders::of_subject_for_service(tx, order.subject_id)? {
        settle_clashes(tx, identity, &of_subject, settling)?;
    }
    settle_plans(tx, identity, order, settling)?;
    rearm_referrals(tx, order, settling)
}
