//! Notices every silence. The sweep takes no input: it reads what is true and makes it so. Running
//! it twice, late or in two processes changes nothing.

use std::time::Duration;

use compliance::Instant;
use compliance::alert::AlertKind;
use compliance::instant::DAY_MS;
use compliance::order::{CancelReason, ConditionKind};
use compliance::silence::Silence;
use tokio::sync::watch;

use crate::clock::{Clock, Stopwatch};
use crate::identity::{Identity, sha256};
use crate::operations::concerns::ring_concerns;
use crate::operations::enumerate::enumerate;
use crate::operations::escalate::climb_due;
use crate::operations::held_records::{look_at_misses, note_misses};
use crate::operations::judge_silence::Circumstances;
use crate::operations::ladders::check_ladders;
use crate::operations::push_subscriptions::ask_phones;
use crate::operations::raise_alerts::{Raise, missed_key, raise_alerts};
use crate::operations::ring_timers::ring_due;
use crate::store::findings::{self, NewFinding};
use crate::store::ledger::{self, Chain, NewEntry};
use crate::store::obligations::Charge;
use crate::store::orders::Order;
use crate::store::{
    Store, StoreError, Tx, alerts, concerns, heartbeats, misses, obligations, orders,
    push_subscriptions, schedules, timers,
};

/// One write takes this many deadlines: enough to share its cost, few enough that phones do not wait.
const BATCH: i64 = 500;
/// Schedules make up to a few hundred rows each.
const SCHEDULES_BATCH: i64 = 20;
/// An idle sweep says that it lives this often.
const HEARTBEAT_MS: i64 = 1_000;
/// An order whose schedules have not been written out yet is looked at again so soon.
const WATCH_AGAIN_MS: i64 = 1_000;

/// What a pass changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    pub enumerated: usize,
    pub opened: usize,
    pub missed: usize,
    pub cancelled: usize,
    pub raised: usize,
    pub rung: usize,
    pub climbed: usize,
    /// Phones that were asked whether they are there.
    pub asked: usize,
}

impl std::ops::AddAssign for Swept {
    fn add_assign(&mut self, more: Swept) {
        self.enumerated += more.enumerated;
        self.opened += more.opened;
        self.missed += more.missed;
        self.cancelled += more.cancelled;
        self.raised += more.raised;
        self.rung += more.rung;
        self.climbed += more.climbed;
        self.asked += more.asked;
    }
}

/// Reads when a part has something to do: a look at the head of an index, whatever is on file.
type Head = fn(&mut Tx<'_>) -> Result<Option<Instant>, StoreError>;
/// One write of a part: takes up to a batch of what is due, and says how many it took. None: it is done.
type Part = fn(&mut Tx<'_>, &Identity, Instant) -> Result<(usize, Swept), StoreError>;

/// All that a pass looks at, in this order.
const PARTS: [(Head, &[Part]); 9] = [
    (schedules::earliest_enumerate_at, &[enumerate_some]),
    (earliest_window, &[open_begun, settle_closed]),
    (orders::earliest_watch_at, &[watch_some]),
    (timers::earliest, &[|tx, identity, now| rung(ring_due(tx, identity, now, BATCH)?)]),
    (misses::earliest_due, &[|tx, of, now| rung((look_at_misses(tx, of, now, BATCH)?, 0))]),
    (concerns::earliest_due, &[|tx, of, now| rung(ring_concerns(tx, of, now, BATCH)?)]),
    (next_daily, &[look_daily]),
    (push_subscriptions::earliest_ask, &[ask_some]),
    // Last, so that what was raised just now is not taken for unanswered.
    (alerts::earliest_climb, &[climb_some]),
];

/// One complete pass, in as many writes as it takes, with the heartbeat at its end. A part that fails
/// keeps no other from its work; but the pass is not complete then, and says so.
pub async fn sweep(store: &Store, clock: &Clock, identity: &Identity) -> Result<Swept, StoreError> {
    let watch = Stopwatch::start();
    let now = clock.now();
    let (due, last_beat) = store
        .read(move |tx| {
            let last_beat = heartbeats::last(tx, heartbeats::SWEEP)?;
            let mut due: Vec<Part> = Vec::new();
            for (head, parts) in PARTS {
                if head(tx)?.is_some_and(|at| at <= now) {
                    due.extend(parts);
                }
            }
            Ok::<_, StoreError>((due, last_beat))
        })
        .await?;
    let mut pass = Pass { store, clock, identity, swept: Swept::default(), failed: None };
    for part in due {
        pass.run(part, now).await;
    }
    let swept = pass.swept;
    if let Some(error) = pass.failed {
        return Err(error);
    }
    let is_beat_due = last_beat.is_none_or(|beat| (now - beat.beat_at).abs() >= HEARTBEAT_MS);
    if is_beat_due || swept != Swept::default() {
        let took_ms = watch.elapsed_ms();
        store.write(move |tx| heartbeats::beat(tx, heartbeats::SWEEP, now, took_ms)).await?;
    }
    Ok(swept)
}

/// A pass under way: what it has changed, and the last of what failed.
struct Pass<'a> {
    store: &'a Store,
    clock: &'a Clock,
    identity: &'a Identity,
    swept: Swept,
    failed: Option<StoreError>,
}

impl Pass<'_> {
    /// A part in as many writes as it takes. A deadline that passes meanwhile waits for one of them, not
    /// for all.
    async fn run(&mut self, part: Part, now: Instant) {
        while self.batch(part, now).await > 0 {
            let now = self.clock.now();
            if self.is_window_due(now).await {
                self.batch(open_begun, now).await;
                while self.batch(settle_closed, now).await > 0 {}
            }
        }
    }

    /// How many were taken; none when it failed.
    async fn batch(&mut self, part: Part, now: Instant) -> usize {
        let identity = self.identity.clone();
        match self.store.write(move |tx| part(tx, &identity, now)).await {
            Ok((taken, changed)) => {
                self.swept += changed;
                taken
            }
            Err(error) => {
                tracing::error!(%error, source = ?error, "a part of a sweep failed");
                self.failed = Some(error);
                0
            }
        }
    }

    async fn is_window_due(&mut self, now: Instant) -> bool {
        match self.store.read(obligations::earliest_transition).await {
            Ok(earliest) => earliest.is_some_and(|at| at <= now),
            Err(error) => {
                tracing::error!(%error, source = ?error, "a sweep could not look for deadlines");
                self.failed = Some(error);
                false
            }
        }
    }
}

/// When the next pass will have something to do.
pub fn next_due_at(tx: &mut Tx<'_>) -> Result<Option<Instant>, StoreError> {
    let mut next = None;
    for (head, _) in PARTS {
        next = next.into_iter().chain(head(tx)?).min();
    }
    Ok(next)
}

/// Writing schedules out makes obligations that may have begun or closed already.
fn earliest_window(tx: &mut Tx<'_>) -> Result<Option<Instant>, StoreError> {
    let written_out = schedules::earliest_enumerate_at(tx)?;
    Ok(written_out.into_iter().chain(obligations::earliest_transition(tx)?).min())
}

/// When the daily look is due; at once when there was none.
fn next_daily(tx: &mut Tx<'_>) -> Result<Option<Instant>, StoreError> {
    let last = heartbeats::last(tx, heartbeats::DAILY)?;
    Ok(Some(last.map_or(Instant::from_ms(0), |last| last.beat_at + DAY_MS)))
}

/// Looks at what no row's own clock asks for: whether the steps of ladders still have people on them.
fn look_daily(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
) -> Result<(usize, Swept), StoreError> {
    heartbeats::beat(tx, heartbeats::DAILY, now, 0)?;
    let raised = check_ladders(tx, identity, now)?;
    Ok((0, Swept { raised, ..Swept::default() }))
}

/// Asks phones whether they are there, and tells of those that do not say so.
fn ask_some(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
) -> Result<(usize, Swept), StoreError> {
    let (asked, raised) = ask_phones(tx, identity, now, BATCH)?;
    Ok((asked, Swept { asked, raised, ..Swept::default() }))
}

fn enumerate_some(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
) -> Result<(usize, Swept), StoreError> {
    let due = schedules::to_enumerate(tx, now, SCHEDULES_BATCH)?;
    let mut enumerated = 0;
    for schedule in &due {
        enumerated += enumerate(tx, identity, now, schedule)?;
    }
    Ok((due.len(), Swept { enumerated, ..Swept::default() }))
}

fn open_begun(tx: &mut Tx<'_>, _: &Identity, now: Instant) -> Result<(usize, Swept), StoreError> {
    let opened = obligations::open_due(tx, now)?;
    Ok((0, Swept { opened, ..Swept::default() }))
}

/// Of what has a clock of its own: how many were looked at, and what was raised of it.
fn rung((rung, raised): (usize, usize)) -> Result<(usize, Swept), StoreError> {
    Ok((rung, Swept { rung, raised, ..Swept::default() }))
}

/// Lets climb what nobody has acknowledged or decided in time.
fn climb_some(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
) -> Result<(usize, Swept), StoreError> {
    let climbed = climb_due(tx, identity, now, BATCH)?;
    Ok((climbed, Swept { climbed, ..Swept::default() }))
}

/// For each of the oldest that closed: the state, the finding, its one alert with what is to be sent,
/// and the ledger, in this one transaction.
fn settle_closed(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
) -> Result<(usize, Swept), StoreError> {
    let closed = obligations::closed(tx, now, BATCH)?;
    let taken = closed.len();
    let (binding, unserved): (Vec<_>, Vec<_>) = closed.into_iter().partition(|charge| {
        charge.served_at.is_some_and(|served_at| served_at < charge.obligation.closes_at)
    });
    let unserved: Vec<_> = unserved.iter().map(|charge| charge.obligation.id).collect();
    if !unserved.is_empty() {
        obligations::cancel(tx, &unserved, CancelReason::OrderNotServed)?;
    }
    let ids: Vec<_> = binding.iter().map(|charge| charge.obligation.id).collect();
    let missed = if ids.is_empty() { Vec::new() } else { obligations::miss(tx, &ids)? };
    let binding: Vec<Charge> =
        binding.into_iter().filter(|charge| missed.contains(&charge.obligation.id)).collect();
    let circumstances = Circumstances::load(tx, &binding)?;
    let silences: Vec<Silence> =
        binding.iter().map(|charge| circumstances.judge(charge, now)).collect();
    record_silence(tx, identity, now, binding.iter().zip(&silences))?;
    let raises =
        binding.iter().zip(&silences).map(|(charge, of)| missed_alert(charge, of)).collect();
    let raised = raise_alerts(tx, identity, now, raises)?.len();
    note_misses(tx, identity, now, &binding)?;
    let (missed, cancelled) = (binding.len(), unserved.len());
    Ok((taken, Swept { missed, cancelled, raised, ..Swept::default() }))
}

fn record_silence<'a>(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
    missed: impl Iterator<Item = (&'a Charge, &'a Silence)> + Clone,
) -> Result<(), StoreError> {
    let finding = |(charge, silence): (&Charge, &Silence)| NewFinding {
        id: identity.id(now),
        obligation: charge.obligation.id,
        check_in: None,
        finding: silence.finding.clone(),
        found_at: now,
    };
    let new: Vec<NewFinding> = missed.clone().map(finding).collect();
    let entries = missed.zip(&new).map(|((charge, _), new)| NewEntry {
        chain: Chain::Order(charge.obligation.order_id),
        actor: None,
        act: "find_missed",
        object: format!("obligation:{}", charge.obligation.id),
        detail: format!("finding:{} {}", new.id, new.finding.certainty),
        body_digest: sha256(format!("{:?}", new.finding).as_bytes()),
    });
    let entries = entries.collect();
    findings::insert_many(tx, new)?;
    ledger::append(tx, now, entries)
}

pub fn missed_alert(charge: &Charge, silence: &Silence) -> Raise {
    let obligation = &charge.obligation;
    let says = silence.finding.reasons.iter().map(|reason| reason.says.as_str());
    Raise {
        dedupe_key: missed_key(obligation.id),
        kind: silence.kind,
        severity: silence.kind.severity(charge.risk),
        order: Some(obligation.order_id),
        obligation: Some(obligation.id),
        station: Some(obligation.station_id),
        account: None,
        detail: says.collect::<Vec<_>>().join(" "),
        concerns_at: obligation.closes_at,
    }
}

fn watch_some(
    tx: &mut Tx<'_>,
    identity: &Identity,
    now: Instant,
) -> Result<(usize, Swept), StoreError> {
    let due = orders::to_watch(tx, now, BATCH)?;
    let mut raises = Vec::new();
    for order in &due {
        raises.extend(watch_order(tx, now, order)?);
    }
    let raised = raise_alerts(tx, identity, now, raises)?.len();
    Ok((due.len(), Swept { raised, ..Swept::default() }))
}

/// Looks whether an order still has an obligation ahead, an owner and proof of service, and sets when
/// to look again.
fn watch_order(tx: &mut Tx<'_>, now: Instant, order: &Order) -> Result<Vec<Raise>, StoreError> {
    if order.is_drafted() || order.ended_at.is_some() {
        orders::set_watch(tx, order.id, None)?;
        return Ok(Vec::new());
    }
    let mut raises = Vec::new();
    if order.served_at.is_none() {
        raises.push(order_alert(order, AlertKind::OrderUnserved, "", now));
    }
    if order.owner_id.is_none() {
        raises.push(order_alert(order, AlertKind::OrderUnowned, "", now));
    }
    let schedules = schedules::of_order(tx, order.id)?;
    let is_written_out =
        schedules.iter().all(|of| of.schedule.enumerate_at.is_none_or(|again_at| again_at > now));
    if !is_written_out {
        orders::set_watch(tx, order.id, Some(now + WATCH_AGAIN_MS))?;
        return Ok(raises);
    }
    let next_look = obligations::last_pending_close(tx, order.id)?;
    orders::set_watch(tx, order.id, next_look.map(|at| at.max(now + WATCH_AGAIN_MS)))?;
    if next_look.is_none() && asks_for_sign_ons(tx, order, now)? {
        let latest = orders::versions(tx, order.id)?.last().map_or(0, |version| version.number);
        let version = format!(":{latest}");
        raises.push(order_alert(order, AlertKind::NothingAhead, &version, now));
    }
    Ok(raises)
}

/// Whether the version in force, or one to come, has a sign-on condition that has not run out.
fn asks_for_sign_ons(tx: &mut Tx<'_>, order: &Order, now: Instant) -> Result<bool, StoreError> {
    let zone = crate::ZONE;
    let today = now.local_date(zone);
    if order.ends_on.is_some_and(|last| last < today) {
        return Ok(false);
    }
    let versions = orders::versions(tx, order.id)?;
    let begun = versions.iter().rposition(|version| version.in_force_from <= now).unwrap_or(0);
    for version in versions.iter().skip(begun) {
        let conditions = orders::conditions(tx, version.id)?;
        let asks = conditions.iter().any(|(condition, _)| {
            condition.kind == ConditionKind::SignOn
                && condition.valid_until.is_none_or(|last| last >= today)
        });
        if asks {
            return Ok(true);
        }
    }
    Ok(false)
}

fn order_alert(order: &Order, kind: AlertKind, suffix: &str, now: Instant) -> Raise {
    Raise {
        dedupe_key: format!("{kind}:{}{suffix}", order.id),
        kind,
        severity: kind.severity(order.risk),
        order: Some(order.id),
        obligation: None,
        station: None,
        account: None,
        detail: String::new(),
        concerns_at: now,
    }
}

/// Sweeps every `every` until told to stop. A pass that fails is logged; the next one is the retry,
/// and `/health/ready` fails when none completes.
pub async fn run(
    store: Store,
    clock: Clock,
    identity: Identity,
    every: Duration,
    mut stop: watch::Receiver<bool>,
) {
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        match sweep(&store, &clock, &identity).await {
            Ok(swept) if swept.missed > 0 => {
                tracing::info!(missed = swept.missed, raised = swept.raised, "sign-ons missed");
            }
            Ok(_) => {}
            Err(error) => tracing::error!(%error, source = ?error, "a sweep failed"),
        }
    }
}
