//! Weeks of history, played through the real engine: subjects come or do not, officers confirm,
//! windows close, alerts are acknowledged.

mod duties;
mod outcomes;
mod tasks;

use std::collections::{BTreeMap, HashMap, VecDeque};

use chrono::{Days, NaiveDate};
use compliance::Instant;
use compliance::access::Role;
use compliance::alert::{AlertDecision, AlertState};
use compliance::attendance::{IdentityMethod, IdentityResult};
use compliance::instant::{HOUR_MS, MINUTE_MS};
use compliance::order::{ObligationState, start_of_day};

use super::force::Intake;
use super::phones;
use super::script::{Act, Scene, Script, Shut};
use crate::ZONE;
use crate::clock::Clock;
use crate::http::confirm_sign_on::{Identity as WireIdentity, SignOn};
use crate::http::wire::{Spelled, WireFix};
use crate::identity::Identity;
use crate::operations::Actor;
use crate::operations::acknowledge_alert::acknowledge_alert;
use crate::operations::confirm_sign_on::confirm_sign_on;
use crate::operations::decide_alert::{Said, Saying, say_of_alert};
use crate::operations::import_orders::{ImportRefusal, import_orders};
use crate::operations::station_closures::close_station;
use crate::refusal::Refusal;
use crate::store::accounts::Account;
use crate::store::alerts::{self, Page};
use crate::store::id::{AlertId, StationId, TaskId};
use crate::store::obligations::{self, Due};
use crate::store::scope::Scope;
use crate::store::station_closures::StationClosure;
use crate::store::stations::Station;
use crate::store::{Store, StoreError, orders};
use crate::sweeper;
use crate::worker::Worker;

/// Alerts of the last hours are left for whoever is being trained to acknowledge, and those of the last
/// day to decide.
const LEFT_UNANSWERED_MS: i64 = 3 * HOUR_MS;
const LEFT_UNDECIDED_MS: i64 = 24 * HOUR_MS;

#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("the demo's orders do not fit: {0:?}")]
    Orders(Vec<crate::import_file::Fault>),
}

/// Everybody who plays a part.
pub struct Cast {
    pub stations: Vec<Station>,
    /// Who confirms, by station.
    pub counters: HashMap<StationId, Vec<Account>>,
    /// Who acknowledges.
    pub supervisors: Vec<Account>,
    /// Who may see everything, and so knows what is to be played.
    pub observer: Account,
}

pub struct History {
    pub store: Store,
    pub clock: Clock,
    pub identity: Identity,
    pub worker: Worker,
    pub cast: Cast,
    script: Script,
    /// When the training begins.
    ends_at: Instant,
    intakes: VecDeque<Intake>,
    planned: BTreeMap<(Instant, u64), Event>,
    planned_count: u64,
    next_day: NaiveDate,
    alerts_seen: std::collections::HashSet<AlertId>,
    tasks_seen: std::collections::HashSet<TaskId>,
    /// So many of them are due in the last days.
    tasks_near_end: i64,
    /// So many misses have come to more than a decision.
    outcomes: usize,
}

enum Event {
    Confirm(Box<Attendance>),
    Acknowledge(AlertId, usize),
    Decide(AlertId, usize),
    Duty(duties::Duty),
    Task(TaskId),
    Deed(outcomes::Deed),
    Scene(Scene),
    Shut(Shut),
}

/// How somebody comes.
struct Attendance {
    due: Due,
    attended_at: Instant,
    identity: IdentityResult,
    /// How far from the station, in thousandths of a degree of latitude.
    away: f64,
}

impl History {
    pub fn new(
        worker: Worker,
        cast: Cast,
        (intakes, script): (Vec<Intake>, Script),
        (begins_on, ends_at): (NaiveDate, Instant),
    ) -> Self {
        let mut history = Self {
            store: worker.store.clone(),
            clock: worker.clock.clone(),
            identity: worker.identity.clone(),
            worker,
            cast,
            script: script.clone(),
            ends_at,
            intakes: intakes.into(),
            planned: BTreeMap::new(),
            planned_count: 0,
            next_day: begins_on,
            alerts_seen: std::collections::HashSet::new(),
            tasks_seen: std::collections::HashSet::new(),
            tasks_near_end: 0,
            outcomes: 0,
        };
        for scene in script.scenes {
            history.plan(scene.at, Event::Scene(scene));
        }
        for shut in script.shut {
            history.plan(shut.told_at, Event::Shut(shut));
        }
        history
    }

    /// Plays until `until`, in the order in which things happen.
    pub async fn play(&mut self, until: Instant) -> Result<(), HistoryError> {
        loop {
            let sweep_at = self.store.read(sweeper::next_due_at).await?;
            let event_at = self.planned.keys().next().map(|(at, _)| *at);
            let intake_at = self.intakes.front().map(|intake| intake.at);
            let day_at = start_of_day(self.next_day, ZONE);
            let candidates = [sweep_at, event_at, intake_at, Some(day_at)];
            let next_at = candidates.into_iter().flatten().min().unwrap_or(until);
            if next_at >= until {
                self.clock.set(until);
                return Ok(());
            }
            let now = next_at.max(self.clock.now());
            self.clock.set(now);
            if intake_at.is_some_and(|at| at <= now) {
                self.take_in(now).await?;
            }
            if sweep_at.is_some_and(|at| at <= now) || intake_at.is_some_and(|at| at <= now) {
                self.sweep().await?;
            }
            if day_at <= now {
                self.plan_day(now).await?;
            }
            while let Some(first) = self.planned.first_entry() {
                if first.key().0 > now {
                    break;
                }
                let event = first.remove();
                self.happen(event, now).await?;
            }
        }
    }

    async fn take_in(&mut self, now: Instant) -> Result<(), HistoryError> {
        let Some(intake) = self.intakes.pop_front() else { return Ok(()) };
        let identity = self.identity.clone();
        // The first one, with everybody in it.
        let is_force = !intake.file.providers.is_empty();
        let taken = self.store.write(move |tx| import_orders(tx, &identity, now, &intake.file));
        match taken.await {
            Ok(_) if is_force => {
                self.plan_duties(now).await?;
                self.plan_tasks(now).await
            }
            Ok(_) => self.plan_tasks(now).await,
            Err(ImportRefusal::Store(error)) => Err(error.into()),
            Err(ImportRefusal::Faults(faults)) => Err(HistoryError::Orders(faults)),
        }
    }

    /// What the service does by itself, and somebody who answers the alerts.
    async fn sweep(&mut self) -> Result<(), HistoryError> {
        let swept = sweeper::sweep(&self.store, &self.clock, &self.identity).await?;
        if swept.asked > 0 {
            let (identity, now) = (self.identity.clone(), self.clock.now());
            self.store.write(move |tx| phones::answer(tx, &identity, now)).await?;
        }
        if swept.raised + swept.climbed > 0 {
            self.answer_alerts().await?;
        }
        Ok(())
    }

    async fn answer_alerts(&mut self) -> Result<(), HistoryError> {
        while self.worker.run_due().await? > 0 {}
        let scope = self.scope(&self.cast.observer);
        let page =
            Page { state: Some(AlertState::Triggered), group: None, after: None, at_most: 200 };
        let open = self.store.read(move |tx| alerts::list(tx, scope, page)).await?;
        let now = self.clock.now();
        for alert in open {
            if self.alerts_seen.insert(alert.alert.id) && now + LEFT_UNANSWERED_MS < self.ends_at {
                let wait_ms = MINUTE_MS * (2 + self.random_ms(12));
                let who = usize::try_from(self.random_ms(100)).unwrap_or(0);
                self.plan(now + wait_ms, Event::Acknowledge(alert.alert.id, who));
            }
        }
        Ok(())
    }

    fn plan(&mut self, at: Instant, event: Event) {
        self.planned_count += 1;
        self.planned.insert((at, self.planned_count), event);
    }

    fn random_ms(&self, below: i64) -> i64 {
        i64::try_from(self.identity.below(u64::try_from(below).unwrap_or(1))).unwrap_or(0)
    }

    fn scope(&self, account: &Account) -> Scope {
        Scope { account: account.id, role: account.role }
    }

    /// Decides, for every window that opens on a day, who comes when.
    async fn plan_day(&mut self, now: Instant) -> Result<(), HistoryError> {
        let day = self.next_day;
        self.next_day = day + Days::new(1);
        self.plan_tasks(now).await?;
        let (from, until) = (start_of_day(day, ZONE), start_of_day(self.next_day, ZONE));
        let scope = self.scope(&self.cast.observer);
        for station in self.cast.stations.clone() {
            let due = self
                .store
                .read(move |tx| obligations::due_at(tx, scope, station.id, from, until))
                .await?;
            let opening = due.into_iter().filter(|due| {
                due.obligation.opens_at >= from.max(now)
                    && due.obligation.state == ObligationState::Scheduled
            });
            for due in opening {
                if !self.script.prevents(&due, &station.code) {
                    self.plan_attendance(due);
                }
            }
        }
        Ok(())
    }

    fn plan_attendance(&mut self, due: Due) {
        let (opens_at, closes_at) = (due.obligation.opens_at, due.obligation.closes_at);
        let attended_at = opens_at + self.random_ms(closes_at - opens_at);
        let mut attendance =
            Attendance { due, attended_at, identity: IdentityResult::Match, away: 0.1 };
        let mut received_at = attended_at + 2_000;
        match self.random_ms(1_000) {
            0..35 => return,
            35..50 => {
                attendance.attended_at = opens_at + -MINUTE_MS * (2 + self.random_ms(20));
                received_at = attendance.attended_at + 2_000;
            }
            50..65 => {
                attendance.attended_at = closes_at + MINUTE_MS * (1 + self.random_ms(90));
                received_at = attendance.attended_at + 2_000;
            }
            65..70 => attendance.away = 38.0,
            70..73 => attendance.identity = IdentityResult::NoMatch,
            73..83 => attendance.identity = IdentityResult::MatchWithConcern,
            // No signal: the phone sends it later.
            83..130 => received_at = attended_at + MINUTE_MS * (5 + self.random_ms(55)),
            _ => {}
        }
        self.plan(received_at, Event::Confirm(Box::new(attendance)));
    }

    async fn happen(&mut self, event: Event, now: Instant) -> Result<(), HistoryError> {
        match event {
            Event::Confirm(attendance) => self.confirm(&attendance, now).await,
            Event::Duty(duty) => self.do_duty(duty, now).await,
            Event::Task(task) => self.do_task(task, now).await,
            Event::Deed(deed) => self.follow_outcome(deed, now).await,
            Event::Scene(Scene { reference, act, .. }) => {
                self.act_on(reference, now, act).await?;
                self.plan_tasks(now).await
            }
            Event::Shut(shut) => self.shut(shut, now).await,
            Event::Acknowledge(alert, who) => {
                let supervisors = &self.cast.supervisors;
                let by = supervisors.get(who.checked_rem(supervisors.len()).unwrap_or(0));
                let Some(by) = by else { return Ok(()) };
                let actor = self.actor(by, now);
                let taken =
                    self.store.write(move |tx| acknowledge_alert(tx, &actor, alert)).await?;
                // If it climbs again, somebody takes it again.
                self.alerts_seen.remove(&alert);
                // A miss at high risk is not left for longer than anybody may leave it.
                let decide_ms = taken.climbs_at.map_or(LEFT_UNDECIDED_MS, |at| at - now);
                let left_ms = match taken.obligation_id {
                    Some(_) => LEFT_UNDECIDED_MS.min(2 * decide_ms),
                    None => LEFT_UNDECIDED_MS,
                };
                if now + left_ms < self.ends_at {
                    let wait_ms = MINUTE_MS * (15 + self.random_ms(180));
                    self.plan(now + wait_ms, Event::Decide(alert, who + 1));
                }
                Ok(())
            }
            Event::Decide(alert, who) => match self.begin_outcome(alert, now).await? {
                true => Ok(()),
                false => self.decide(alert, who, now).await,
            },
        }
    }

    /// What is asked to be done instead, or was closed meanwhile, is left as it is.
    async fn decide(&self, alert: AlertId, who: usize, now: Instant) -> Result<(), HistoryError> {
        const RATIONALES: [&str; 4] = [
            "Rang the subject, who came in the same evening; advised, noted on the custody record.",
            "Known to the officer in the case, who has spoken to the subject about it.",
            "Looked at the counter's register: the entry there agrees with what was recorded.",
            "Visited at home; in, and an explanation was given that fits the records.",
        ];
        let supervisors = &self.cast.supervisors;
        let by = supervisors.get(who.checked_rem(supervisors.len()).unwrap_or(0));
        let says = RATIONALES.get(who % RATIONALES.len());
        let (Some(by), Some(says)) = (by, says) else { return Ok(()) };
        let decision = match who % 9 {
            0 => AlertDecision::ServiceFault,
            _ => AlertDecision::NoFurtherAction,
        };
        let id = self.identity.id(now);
        let saying = Saying { id, said: Said::Decision(decision), says: (*says).to_owned() };
        let actor = self.actor(by, now);
        let said = self.store.write(move |tx| say_of_alert(tx, &actor, alert, &saying)).await;
        match said {
            Ok(()) | Err(Refusal::AlertNeedsDeed(_) | Refusal::AlertIsClosed) => Ok(()),
            Err(Refusal::NotFound(_) | Refusal::OtherPersonNeeded) => Ok(()),
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// Whoever answers for the order does it; where nobody does, the control room.
    pub async fn act_on(
        &self,
        reference: String,
        now: Instant,
        act: Act,
    ) -> Result<(), HistoryError> {
        let nobody = self.scope(&self.cast.observer);
        let identity = self.identity.clone();
        let write = self.store.write(move |tx| {
            let order = orders::find_by_reference(tx, &reference)?;
            let order = order.ok_or(Refusal::NotFound("order"))?;
            let owner = order.owner_id.map(|account| Scope { account, role: Role::Owner });
            let actor = Actor { scope: owner.unwrap_or(nobody), now, identity: identity.clone() };
            act(tx, &actor, &order)
        });
        Ok(write.await?)
    }

    async fn shut(&self, shut: Shut, now: Instant) -> Result<(), HistoryError> {
        let station = self.cast.stations.iter().find(|station| station.code == shut.station);
        let (Some(station), Some(actor)) = (station, self.by_supervisor(now)) else {
            return Ok(());
        };
        let closure = StationClosure {
            id: self.identity.id(now),
            station_id: station.id,
            from_on: shut.from_on,
            until_on: Some(shut.until_on),
            reason: shut.reason.to_owned(),
            recorded_at: now,
            recorded_by: Some(actor.scope.account),
        };
        self.store.write(move |tx| close_station(tx, &actor, &closure).map(drop)).await?;
        Ok(())
    }

    fn actor(&self, account: &Account, now: Instant) -> Actor {
        Actor { scope: self.scope(account), now, identity: self.identity.clone() }
    }

    async fn confirm(&mut self, attendance: &Attendance, now: Instant) -> Result<(), HistoryError> {
        let station_id = attendance.due.obligation.station_id;
        let counters = self.cast.counters.get(&station_id);
        let station = self.cast.stations.iter().find(|station| station.id == station_id);
        let (Some(counters), Some(station)) = (counters, station) else { return Ok(()) };
        let which = usize::try_from(self.random_ms(100)).unwrap_or(0);
        let by = counters.get(which.checked_rem(counters.len()).unwrap_or(0));
        let Some(by) = by else { return Ok(()) };
        let latitude = station.latitude + attendance.away / 1_000.0;
        let sign_on = SignOn {
            obligation_id: attendance.due.obligation.id,
            station_id,
            identity: WireIdentity {
                method: Spelled(IdentityMethod::PhotoOnFile),
                result: Spelled(attendance.identity),
            },
            attended_at: attendance.attended_at.into(),
            position: Some(WireFix { latitude, longitude: station.longitude, accuracy_m: 18.0 }),
            note: String::new(),
            corrects: None,
        };
        let id = self.identity.id(attendance.attended_at);
        let confirmation = sign_on
            .confirmation(id, Some(now.into()), "")
            .map_err(|problem| Refusal::field("/", problem.to_string()))?;
        let actor = self.actor(by, now);
        let confirmed =
            self.store.write(move |tx| confirm_sign_on(tx, &actor, &confirmation)).await;
        match confirmed {
            // Varied away since the day was planned.
            Err(Refusal::NotFound(_)) => {}
            confirmed => drop(confirmed?),
        }
        self.answer_alerts().await
    }

    /// Lets what was planned go on happening while the service runs, but at one station: there,
    /// whoever is being trained does the work.
    pub async fn go_on(&mut self, now: Instant, left_alone: StationId) -> Result<(), HistoryError> {
        if start_of_day(self.next_day, ZONE) <= now {
            self.plan_day(now).await?;
        }
        while let Some(first) = self.planned.first_entry() {
            if first.key().0 > now {
                break;
            }
            if let Event::Confirm(attendance) = first.remove()
                && attendance.due.obligation.station_id != left_alone
            {
                self.confirm(&attendance, now).await?;
            }
        }
        Ok(())
    }
}
