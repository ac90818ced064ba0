//! What has to be looked at again whenever the terms of an order, or what is known of its subject, have
//! changed: also when a version that was put on file ahead of its time begins.

use compliance::Instant;
use compliance::fact::TimerKind;

use super::clashes::settle_clashes;
use super::plans::settle_plans;
use super::raise_alerts::Settling;
use super::referrals::rearm_referrals;
use super::ring_timers::Rung;
use super::tasks::settle_tasks;
use crate::identity::Identity;
use crate::store::orders::{self, Order};
use crate::store::{StoreError, Tx, timers};

/// Reasons for clashes, plans, referrals, tasks: what is open is raised, what no longer is is closed.
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
    rearm_referrals(tx, order, settling)?;
    settle_tasks(tx, identity, order, (settling.now, settling.by))?;
    let timer = (TimerKind::VersionBegins, order.id.uuid());
    let next_at = next_version_at(tx, order, settling.now)?;
    timers::set(tx, order.id, timer, next_at)
}

fn next_version_at(
    tx: &mut Tx<'_>,
    order: &Order,
    now: Instant,
) -> Result<Option<Instant>, StoreError> {
    let versions = orders::versions(tx, order.id)?.into_iter();
    let to_come = versions.map(|version| version.in_force_from).filter(|from| now < *from);
    Ok(to_come.min().filter(|_| order.ended_at.is_none()))
}

pub fn ring_version(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
    order: &Order,
) -> Result<Rung, StoreError> {
    settle_terms(tx, identity, order, Settling::resolved(now, None))?;
    Ok(Rung { raises: Vec::new(), next_at: next_version_at(tx, order, now)? })
}
