//! The independent reconciler: looks for what contradicts an invariant. Each query here is written anew
//! and shares nothing with those that the service goes by, so that a mistake in one of them shows.
//!
//! Adding one: a word in `compliance::invariant` and an arm in `look_for`, which another file of the
//! store may answer (`windows.rs`, `ledger.rs`).

mod windows;

use compliance::instant::{DAY_MS, MINUTE_MS};
use compliance::invariant::Invariant;
use compliance::{Instant, Word};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary};
use uuid::Uuid;

use super::schema::invariants;
use super::types::Ms;
use super::{StoreError, Tx, concerns, ledger};

/// What is due and not done for so long is not about to be done.
const OVERDUE_MS: i64 = 10 * MINUTE_MS;
/// So many of what was found are named.
const NAMED_MAX: usize = 5;

/// What contradicts one invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub invariant: Invariant,
    pub count: i64,
    /// The first few, by the id that people look them up with.
    pub first: Vec<String>,
}

/// What the last look found of one invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    pub looked_at: Instant,
    pub violations: i64,
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = Binary)]
    id: Vec<u8>,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    value: i64,
}

/// Looks for all of them, on one picture of the database.
pub fn look(tx: &mut Tx<'_>, now: Instant) -> Result<Vec<Found>, StoreError> {
    Invariant::ALL.iter().map(|invariant| look_for(tx, *invariant, now)).collect()
}

fn look_for(tx: &mut Tx<'_>, invariant: Invariant, now: Instant) -> Result<Found, StoreError> {
    let sql = match invariant {
        Invariant::OrderOwned => ORDER_OWNED,
        Invariant::WindowOnFile => return windows::missing(tx).map(|ids| named(invariant, ids)),
        Invariant::WindowJudged => WINDOW_JUDGED,
        Invariant::StateProved => STATE_PROVED,
        Invariant::MissRaised => MISS_RAISED,
        Invariant::MissDecided => MISS_DECIDED,
        Invariant::AlertTold => ALERT_TOLD,
        Invariant::AlertClimbs => ALERT_CLIMBS,
        Invariant::ClosingProved => CLOSING_PROVED,
        Invariant::DeliveryProved => DELIVERY_PROVED,
        Invariant::LeaseFrees => LEASE_FREES,
        Invariant::JobMoves => JOB_MOVES,
        Invariant::LookTaken => LOOK_TAKEN,
        Invariant::ReportInvestigated => {
            let found = concerns::closed_without_investigation(tx)?;
            return Ok(named(invariant, found.iter().map(ToString::to_string).collect()));
        }
        Invariant::TaskAsked => TASK_ASKED,
        Invariant::TaskOwned => TASK_OWNED,
        Invariant::TaskChased => TASK_CHASED,
        Invariant::SealProved => SEAL_PROVED,
        Invariant::NumbersChecked => NUMBERS_CHECKED,
        Invariant::LedgerFits => return look_at_ledger(tx),
    };
    // Numbers and a date that the service has made: nothing that anybody has typed.
    let at = |ms: i64| ms.to_string();
    let sql = sql
        .replace(":overdue", &at((now + -OVERDUE_MS).ms()))
        .replace(":far", &at((now + DAY_MS + OVERDUE_MS).ms()))
        .replace(":soon", &at((now + 2 * MINUTE_MS).ms()))
        .replace(":retry", &at((now + 65 * MINUTE_MS).ms()))
        .replace(":yesterday", &format!("'{}'", (now + -DAY_MS).local_date(crate::ZONE)))
        .replace(":today", &format!("'{}'", now.local_date(crate::ZONE)))
        .replace(":now", &at(now.ms()));
    let counted = format!("SELECT count(*) AS value FROM ({sql}) found");
    let count = diesel::sql_query(counted).get_result::<Count>(tx.conn)?.value;
    let first = format!("SELECT id FROM ({sql}) found ORDER BY id LIMIT {NAMED_MAX}");
    let ids: Vec<Id> = diesel::sql_query(first).load(tx.conn)?;
    let text =
        |row: Id| Uuid::from_slice(&row.id).map_or_else(|_| "?".to_owned(), |id| id.to_string());
    Ok(Found { invariant, count, first: ids.into_iter().map(text).collect() })
}

fn named(invariant: Invariant, ids: Vec<String>) -> Found {
    let count = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    Found { invariant, count, first: ids.into_iter().take(NAMED_MAX).collect() }
}

/// The walk over the chains stops at the first entry that does not fit; gaps are counted beside it.
fn look_at_ledger(tx: &mut Tx<'_>) -> Result<Found, StoreError> {
    #[derive(QueryableByName)]
    struct Chain {
        #[diesel(sql_type = diesel::sql_types::Text)]
        chain: String,
    }
    let with_gaps: Vec<Chain> = diesel::sql_query(LEDGER_GAPS).load(tx.conn)?;
    let mut chains: Vec<String> = with_gaps.into_iter().map(|row| row.chain).collect();
    let misfit = ledger::verify(tx)?.misfit.map(|(chain, _)| chain);
    chains.extend(misfit.filter(|chain| !chains.contains(chain)));
    Ok(named(Invariant::LedgerFits, chains))
}

/// What the last look found of it; nothing when there was none.
pub fn last(tx: &mut Tx<'_>, invariant: Invariant) -> Result<Option<Looked>, StoreError> {
    let row: Option<(Ms, i64)> = invariants::table
        .find(invariant.as_str())
        .select((invariants::looked_at, invariants::violations))
        .first(tx.conn)
        .optional()?;
    Ok(row.map(|(at, violations)| Looked { looked_at: at.into(), violations }))
}

pub fn record(tx: &mut Tx<'_>, found: &Found, now: Instant) -> Result<(), StoreError> {
    let name = found.invariant.as_str();
    let looked = (invariants::looked_at.eq(now.ms()), invariants::violations.eq(found.count));
    let updated = diesel::update(invariants::table.find(name)).set(looked).execute(tx.conn)?;
    if updated == 0 {
        diesel::insert_into(invariants::table)
            .values((invariants::name.eq(name), looked.0, looked.1))
            .execute(tx.conn)?;
    }
    Ok(())
}

const ORDER_OWNED: &str = "\
    SELECT o.id FROM orders o \
    WHERE o.made_on IS NOT NULL AND o.ended_at IS NULL \
      AND (o.ends_on IS NULL OR o.ends_on >= :today) \
      AND EXISTS (SELECT 1 FROM order_versions v \
                  WHERE v.order_id = o.id AND v.in_force_from <= :now) \
      AND NOT EXISTS (SELECT 1 FROM accounts a \
                      WHERE a.id = o.owner_id AND a.disabled_at IS NULL)";

const WINDOW_JUDGED: &str = "\
    SELECT b.id FROM obligations b \
    WHERE b.state IN ('scheduled', 'open') AND b.closes_at < :overdue";

/// Fulfilled: by a record of this very sign-on that nobody has called a mistake. A finding of silence
/// stands of what was missed and of nothing else. Only what is cancelled says why.
const STATE_PROVED: &str = "\
    SELECT b.id FROM obligations b \
    WHERE (b.state = 'fulfilled') <> EXISTS ( \
        SELECT 1 FROM check_ins c WHERE c.id = b.fulfilled_by AND c.obligation_id = b.id \
          AND c.superseded_at IS NULL) \
    OR (b.state <> 'missed' AND EXISTS ( \
        SELECT 1 FROM findings f WHERE f.obligation_id = b.id AND f.check_in_id IS NULL \
          AND f.superseded_at IS NULL)) \
    OR (b.state = 'cancelled') <> (b.state_reason IS NOT NULL) \
    OR (b.state = 'missed' AND b.closes_at > :now) \
    OR b.state NOT IN ('scheduled', 'open', 'fulfilled', 'missed', 'cancelled')";

const MISS_RAISED: &str = "\
    SELECT b.id FROM obligations b \
    WHERE b.state = 'missed' AND ( \
      (SELECT count(*) FROM findings f WHERE f.obligation_id = b.id AND f.check_in_id IS NULL \
         AND f.superseded_at IS NULL) <> 1 \
      OR NOT EXISTS (SELECT 1 FROM alerts a WHERE a.obligation_id = b.id \
         AND a.kind IN ('missed_sign_on', 'missed_sign_on_to_verify')))";

/// Without a ladder of the force's own: four hours for what is critical or at high risk, else a day.
const MISS_DECIDED: &str = "\
    SELECT a.id FROM alerts a \
    JOIN obligations b ON b.id = a.obligation_id JOIN orders o ON o.id = b.order_id \
    WHERE b.state = 'missed' AND a.kind IN ('missed_sign_on', 'missed_sign_on_to_verify') \
      AND a.state <> 'closed' \
      AND a.triggered_at + 3 * coalesce( \
        (SELECT min(l.decide_within_ms) FROM ladders l WHERE l.ended_at IS NULL \
           AND l.severity = a.severity AND l.station_id = a.station_id), \
        (SELECT min(l.decide_within_ms) FROM ladders l WHERE l.ended_at IS NULL \
           AND l.severity = a.severity AND l.station_id IS NULL), \
        CASE WHEN a.severity = 'critical' OR o.risk = 'high' THEN 14400000 ELSE 86400000 END) \
        < :now \
      AND NOT (a.state = 'acknowledged' AND a.climbs_at > :now AND EXISTS ( \
        SELECT 1 FROM facts c WHERE c.kind = 'excuse_claimed' AND c.party_id = a.id \
          AND c.superseded_at IS NULL AND NOT EXISTS ( \
            SELECT 1 FROM facts d WHERE d.kind = 'excuse_decided' AND d.object_id = c.id \
              AND d.superseded_at IS NULL)))";

/// What was raised together is told as one, so a job about any of them counts for all.
const ALERT_TOLD: &str = "\
    SELECT a.id FROM alerts a \
    WHERE a.state = 'triggered' AND NOT a.nobody_reachable \
      AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.alert_id = a.id \
        AND d.channel = 'stream' AND d.attempted_at >= a.triggered_at) \
      AND NOT EXISTS (SELECT 1 FROM jobs j \
        WHERE j.alert_id = a.id AND j.created_at >= a.triggered_at) \
      AND NOT EXISTS (SELECT 1 FROM alerts g JOIN jobs j ON j.alert_id = g.id \
        WHERE g.group_id = a.group_id AND j.created_at >= a.triggered_at)";

/// No step waits longer than a day until somebody takes the alert.
const ALERT_CLIMBS: &str = "\
    SELECT a.id FROM alerts a \
    WHERE (a.state <> 'closed' AND (a.climbs_at IS NULL OR a.climbs_at < :overdue)) \
      OR (a.state = 'triggered' AND a.climbs_at > :far)";

const CLOSING_PROVED: &str = "\
    SELECT a.id FROM alerts a \
    WHERE (a.state = 'acknowledged' AND (a.acknowledged_by IS NULL OR a.acknowledged_at IS NULL)) \
    OR (a.state = 'closed' AND (a.closed_at IS NULL \
      OR coalesce(a.close_reason, '') NOT IN ('attendance_found', 'entered_in_error', 'resolved', \
        'no_further_action', 'service_fault', 'duplicate', 'excused', 'breach_case_opened') \
      OR (a.closed_by IS NULL AND a.close_reason IN ('no_further_action', 'service_fault', \
        'duplicate', 'excused', 'breach_case_opened')) \
      OR (a.close_reason = 'excused' AND NOT EXISTS ( \
        SELECT 1 FROM facts d WHERE d.kind = 'excuse_decided' AND d.party_id = a.id \
          AND d.superseded_at IS NULL AND d.body LIKE '%\"decision\":\"accepted\"%')) \
      OR (a.close_reason = 'breach_case_opened' AND NOT EXISTS ( \
        SELECT 1 FROM facts c WHERE c.kind = 'breach_case_opened' AND c.party_id = a.id \
          AND c.superseded_at IS NULL)) \
      OR (a.kind IN ('missed_sign_on', 'missed_sign_on_to_verify') \
        AND a.close_reason IN ('attendance_found', 'entered_in_error', 'resolved') \
        AND EXISTS (SELECT 1 FROM obligations b \
          WHERE b.id = a.obligation_id AND b.state = 'missed'))))";

const DELIVERY_PROVED: &str = "\
    SELECT j.alert_id AS id FROM jobs j \
    WHERE j.outcome = 'accepted' AND j.alert_id IS NOT NULL AND NOT EXISTS ( \
      SELECT 1 FROM deliveries d WHERE d.alert_id = j.alert_id \
        AND j.kind = 'send_alert_' || d.channel \
        AND coalesce(d.subscription_id, d.account_id, d.alert_id) \
          = coalesce(j.subscription_id, j.account_id, j.alert_id) \
        AND d.status = 'accepted' AND d.attempted_at >= j.created_at) \
    UNION SELECT d.alert_id AS id FROM deliveries d \
    WHERE d.channel <> 'stream' AND NOT EXISTS (SELECT 1 FROM jobs j \
      WHERE j.alert_id = d.alert_id AND j.kind = 'send_alert_' || d.channel \
        AND coalesce(d.subscription_id, d.account_id, d.alert_id) \
          = coalesce(j.subscription_id, j.account_id, j.alert_id) \
        AND j.created_at <= d.attempted_at) \
    UNION SELECT d.alert_id AS id FROM deliveries d JOIN receipts r ON r.delivery_id = d.id \
    WHERE d.channel <> 'push' OR r.subscription_id <> d.subscription_id \
      OR r.displayed_at < d.attempted_at - 120000";

const LEASE_FREES: &str = "\
    SELECT coalesce(j.alert_id, j.subscription_id) AS id FROM jobs j \
    WHERE j.settled_at IS NULL AND j.leased_until > :soon";

const JOB_MOVES: &str = "\
    SELECT coalesce(j.alert_id, j.subscription_id) AS id FROM jobs j \
    WHERE (j.settled_at IS NULL) <> (j.outcome IS NULL) \
      OR (j.settled_at IS NULL AND (j.run_at > :retry \
        OR (j.run_at < :overdue AND j.leased_until < :overdue)))";

const LOOK_TAKEN: &str = "\
    SELECT t.order_id AS id FROM timers t WHERE t.due_at < :overdue \
    UNION SELECT o.id FROM orders o WHERE o.watch_at < :overdue \
    UNION SELECT v.order_id AS id FROM schedules s \
      JOIN conditions c ON c.id = s.condition_id \
      JOIN order_versions v ON v.id = c.order_version_id WHERE s.enumerate_at < :overdue";

/// What tasks ask for is reckoned nowhere here: a version, a service, an end, an arrest, a last day that is
/// over, as far as they were on file within a week, and since tasks are kept.
const TASK_ASKED: &str = "\
    SELECT v.order_id AS id FROM order_versions v JOIN task_beginnings b ON b.begun_at <= v.recorded_at \
    WHERE v.in_force_from >= v.recorded_at - 604800000 \
      AND (SELECT count(DISTINCT t.kind) FROM tasks t WHERE t.event_id = v.id \
         AND t.kind IN ('victim_update', 'pnc_update') AND t.state <> 'cancelled') <> 2 \
    UNION SELECT f.order_id AS id FROM facts f \
      JOIN task_beginnings b ON b.begun_at <= f.recorded_at JOIN orders o ON o.id = f.order_id \
    WHERE f.superseded_at IS NULL AND f.happened_at >= f.recorded_at - 604800000 \
      AND ((f.kind = 'service_attempted' AND f.body LIKE '%\"outcome\":\"served\"%' \
          AND f.happened_at = o.served_at) \
        OR (f.kind = 'order_ended' AND f.happened_at = o.ended_at AND o.end_reason <> 'replaced') \
        OR (f.kind = 'breach_progressed' AND f.body LIKE '%\"step\":\"arrest\"%')) \
      AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.order_id = f.order_id \
        AND t.kind = 'victim_update' AND t.state <> 'cancelled' \
        AND (t.event_id = f.id OR (t.cause = 'served' AND f.kind = 'service_attempted'))) \
    UNION SELECT o.id FROM orders o \
    WHERE o.ended_at IS NULL AND o.ends_on < :yesterday \
      AND EXISTS (SELECT 1 FROM tasks t WHERE t.order_id = o.id \
        AND t.kind = 'renewal_decision' AND t.state <> 'cancelled') \
      AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.order_id = o.id AND t.cause = 'expiry' \
        AND t.state <> 'cancelled')";

const TASK_OWNED: &str = "\
    SELECT t.id FROM tasks t WHERE t.state = 'open' \
      AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.id = t.owner_id AND a.disabled_at IS NULL)";

/// As many alerts as tasks, order by order: none of an order has the other's.
const TASK_CHASED: &str = "\
    SELECT o.id FROM orders o \
    WHERE (SELECT count(*) FROM tasks t WHERE t.order_id = o.id AND t.state = 'open' \
        AND t.due_at < :overdue) > \
      (SELECT count(*) FROM alerts a WHERE a.order_id = o.id AND a.kind = 'task_overdue' \
        AND a.close_reason IS NULL) \
    OR (SELECT count(*) FROM tasks t WHERE t.order_id = o.id AND t.state = 'open' \
        AND t.due_at <= :now) < \
      (SELECT count(*) FROM alerts a WHERE a.order_id = o.id AND a.kind = 'task_overdue' \
        AND a.close_reason IS NULL)";

const SEAL_PROVED: &str = "\
    SELECT c.id FROM check_in_seals s JOIN check_ins c ON c.id = s.check_in_id \
    WHERE NOT EXISTS (SELECT 1 FROM sealed_records r JOIN phone_keys k ON k.id = r.phone_key_id \
        WHERE r.phone_key_id = s.phone_key_id AND r.digest = s.digest \
          AND r.check_in_id = c.id AND r.received_at <= c.received_at \
          AND k.account_id = c.confirmed_by)";

const NUMBERS_CHECKED: &str = "\
    SELECT DISTINCT k.id FROM phone_keys k JOIN sealed_records r ON r.phone_key_id = k.id \
    WHERE r.sequence > 1 AND r.sequence <= k.checked_to \
      AND NOT EXISTS (SELECT 1 FROM sealed_records b \
          WHERE b.phone_key_id = k.id AND b.sequence = r.sequence - 1) \
      AND NOT EXISTS (SELECT 1 FROM record_gaps g \
          WHERE g.phone_key_id = k.id AND g.first_sequence <= r.sequence - 1 \
            AND g.last_sequence >= r.sequence - 1)";

const LEDGER_GAPS: &str = "\
    SELECT chain FROM ledger_entries GROUP BY chain \
    HAVING min(seq) <> 1 OR max(seq) <> count(*) ORDER BY chain";
