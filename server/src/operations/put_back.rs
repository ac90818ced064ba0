//! Puts obligations back to what they are without a fact that was a mistake.

use compliance::alert::AlertCloseReason;
use compliance::order::{CancelReason, ObligationState, Span, span};
use compliance::{Instant, Word};

use super::Actor;
use super::held_records::note_misses;
use super::judge_silence::{Circumstances, noticed_at};
use super::raise_alerts::{Raise, close_alert, missed_key, raise_alerts};
use crate::ZONE;
use crate::refusal::Refusal;
use crate::store::findings::{self, NewFinding};
use crate::store::orders::{self, Order};
use crate::store::{Tx, alerts, obligations, replays, schedules};
use crate::sweeper::missed_alert;

/// What was missed before the order was served, as it is known now, was no duty that can be enforced.
pub fn not_bound_until(tx: &mut Tx<'_>, actor: &Actor, order: &Order) -> Result<(), Refusal> {
    let since = Instant::from_ms(i64::MIN);
    for charge in obligations::missed_after(tx, order.id, since)? {
        let obligation = &charge.obligation;
        if order.served_at.is_some_and(|served_at| served_at < obligation.closes_at) {
            continue;
        }
        findings::supersede_silence(tx, obligation.id, actor.now)?;
        obligations::cancel_missed(tx, obligation.id, CancelReason::OrderNotServed)?;
        let (key, by) = (missed_key(obligation.id), Some(actor.scope.account));
        close_alert(tx, actor.now, &key, AlertCloseReason::EnteredInError, by)?;
    }
    Ok(())
}

/// The order has not ended at `ended_at` after all: what was cancelled for it is due again, and what
/// was never written out is.
pub fn ask_again_after(
    tx: &mut Tx<'_>,
    order: &Order,
    ended_at: Instant,
    now: Instant,
) -> Result<(), Refusal> {
    let versions = orders::versions(tx, order.id)?;
    for (at, version) in versions.iter().enumerate() {
        let next = versions.get(at + 1).map(|next| next.in_force_from);
        let in_force = Span { from: version.in_force_from, until: next };
        for (condition, _) in orders::conditions(tx, version.id)? {
            let last_days = [condition.valid_until, order.ends_on];
            let whole = span(in_force, condition.valid_from, last_days, ZONE);
            let until = whole.until.into_iter().chain(order.ended_at).min();
            for schedule in schedules::of_condition(tx, condition.id)? {
                if schedule.applies_until == Some(ended_at) {
                    schedules::set_span(tx, schedule.id, until, Some(now))?;
                }
                for it in obligations::of_schedule_closing_after(tx, schedule.id, ended_at)? {
                    let is_taken_away = it.state == ObligationState::Cancelled
                        && it.state_reason.as_deref() == Some(CancelReason::OrderEnded.as_str());
                    if is_taken_away && until.is_none_or(|until| it.closes_at <= until) {
                        obligations::reopen(tx, &it, now)?;
                    }
                }
            }
        }
    }
    Ok(())
}

/// What silence has meant since `from`, judged with what is known now. Where it is put to people in
/// another way, the alert says so and is raised again. It was noticed when it was.
pub fn judge_anew(
    tx: &mut Tx<'_>,
    actor: &Actor,
    order: &Order,
    from: Instant,
) -> Result<(), Refusal> {
    let missed = obligations::missed_after(tx, order.id, from)?;
    let circumstances = Circumstances::load(tx, &missed)?;
    let mut raises: Vec<Raise> = Vec::new();
    let mut anew = Vec::new();
    for charge in &missed {
        let silences = replays::silences_of(tx, charge.obligation.id)?;
        let standing = silences.iter().find(|it| it.superseded_at.is_none());
        let found_at = standing.map_or(actor.now, |it| it.found_at);
        let silence = circumstances.judge(charge, noticed_at(found_at, &silences));
        let raise = missed_alert(charge, &silence);
        let key = missed_key(charge.obligation.id);
        if alerts::says(tx, &key)?.is_none_or(|said| said == raise.detail) {
            continue;
        }
        findings::supersede_silence(tx, charge.obligation.id, actor.now)?;
        let new = NewFinding {
            id: actor.identity.id(actor.now),
            obligation: charge.obligation.id,
            check_in: None,
            finding: silence.finding,
            found_at: actor.now,
        };
        findings::insert_many(tx, vec![new])?;
        anew.push(charge.clone());
        let by = Some(actor.scope.account);
        close_alert(tx, actor.now, &key, AlertCloseReason::EnteredInError, by)?;
        raises.push(raise);
    }
    raise_alerts(tx, &actor.identity, actor.now, raises)?;
    Ok(note_misses(tx, &actor.identity, actor.now, &anew)?)
}
