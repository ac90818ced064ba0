//! What another policy would have meant: windows that are over, replayed under the policy in force and
//! under a proposed one. Walks the duties of one station after the other, a page at a time, and keeps
//! counts only. All that it writes is that it was asked.

mod zones;

use std::collections::BTreeMap;

use compliance::Instant;
use compliance::alert::{AlertKind, Risk};
use compliance::attendance::Policy;
use compliance::back_test::{self, BackTestFault, Load, Tally, differs, tellings, wakes};
use compliance::escalation::Rung;
use compliance::holidays::{Division, Holidays};
use compliance::replay::{About, DutyStanding, Replayed, Warning, replay};
use uuid::Uuid;

use super::Actor;
use super::load_cases::{OnFile, Stations, load_cases};
use super::raise_alerts::{check_in_key, missed_key};
use crate::identity::sha256;
use crate::refusal::Refusal;
use crate::store::accounts::Account;
use crate::store::id::{AccountId, ObligationId, OrderId, StationId};
use crate::store::ladders::Ladders;
use crate::store::ledger::{self, Chain, NewEntry};
use crate::store::orders::{self, Answering};
use crate::store::replays::{self, Answered};
use crate::store::rota::{Concerned, Roster};
use crate::store::{StoreError, Tx, accounts, obligations, stations};

/// Enough to share the cost of a query, few enough to be held at once.
const PAGE: i64 = 500;
/// A thousand orders with a sign-on a day for a year, and some.
const WINDOWS_MAX: i64 = 500_000;
/// So many duties are named; of the others, how many there are.
const NAMED_MAX: usize = 200;

/// What is to be replayed, and what is proposed.
#[derive(Debug, Clone)]
pub struct Asked {
    pub from: Instant,
    /// Not included.
    pub until: Instant,
    pub station: Option<StationId>,
    pub proposed: Policy,
    /// How long an alert waits on each step of its ladder; as it is where nothing is said.
    pub waits_ms: Vec<i64>,
    /// How far around zones a position is near them; positions are replayed only if it is asked.
    pub zone_buffer_m: Option<f64>,
}

/// Whom an alert would have woken first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Woken {
    pub at: Instant,
    pub account: AccountId,
    pub rung: Option<Rung>,
    pub order: OrderId,
    /// Nothing of an alert about a zone.
    pub obligation: Option<ObligationId>,
    pub kind: AlertKind,
}

/// What one policy comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Side {
    pub tally: Tally,
    pub told: BTreeMap<AccountId, Load>,
    pub by_rung: BTreeMap<Rung, Load>,
    /// Of how many alerts there was, at some time, nobody who could be told.
    pub nobody: u64,
    pub first_woken: Option<Woken>,
}

/// A duty of which the two make something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Differing {
    pub obligation: ObligationId,
    pub order: OrderId,
    pub closes_at: Instant,
    pub current: DutyStanding,
    pub proposed: DutyStanding,
}

#[derive(Debug, Clone, Default)]
pub struct BackTest {
    pub current: Side,
    pub proposed: Side,
    /// The first of them by station and time.
    pub differing: Vec<Differing>,
    pub left_off: u64,
    /// Positions of tags and sightings that were replayed.
    pub positions: u64,
    /// Everybody who is told under either.
    pub people: BTreeMap<AccountId, Account>,
}

/// Whether it can be replayed. Reads only, because counting takes longer than a write may.
pub fn check_back_test(tx: &mut Tx<'_>, actor: &Actor, asked: &Asked) -> Result<(), Refusal> {
    let span = (asked.from, asked.until);
    back_test::check(span, (asked.proposed, &asked.waits_ms), actor.now).map_err(|fault| {
        let field = match fault {
            BackTestFault::EndsFirst | BackTestFault::TooLong | BackTestFault::NotOver => "/until",
            BackTestFault::Grace => "/grace_ms",
            BackTestFault::Early => "/early_ms",
            BackTestFault::Wait | BackTestFault::TooManySteps => "/escalation/waits_ms",
        };
        Refusal::field(field, fault.to_string())
    })?;
    if let Some(id) = asked.station {
        stations::find(tx, id)?.ok_or(Refusal::NotFound("station"))?;
    }
    let windows = obligations::count_closed_at(tx, asked.station, span)?;
    if windows > WINDOWS_MAX {
        let says = format!(
            "{windows} windows closed in that time; {WINDOWS_MAX} are replayed at once at the most. \
             Ask for a shorter time, or for one station."
        );
        return Err(Refusal::field("/until", says));
    }
    zones::check(tx, actor, asked)
}

/// The ledger's entry that it was asked, on file before the first row is replayed.
pub fn begin_back_test(tx: &mut Tx<'_>, actor: &Actor, asked: &Asked) -> Result<(), StoreError> {
    let place = asked.station.map_or_else(|| "everywhere".to_owned(), |id| id.to_string());
    let Asked { from, until, proposed, zone_buffer_m, .. } = asked;
    let detail = format!("{place} {from} {until} {proposed:?} {zone_buffer_m:?}");
    let entry = NewEntry {
        chain: Chain::Account(actor.scope.account),
        actor: Some(actor.scope.account),
        act: "back_test",
        object: format!("account:{}", actor.scope.account),
        body_digest: sha256(format!("{detail} {:?}", asked.waits_ms).as_bytes()),
        detail,
    };
    ledger::append(tx, actor.now, vec![entry])
}

/// Replays every window that the actor may know of. Whoever answers for an order, is on duty and has a
/// phone is taken as now, rotas as they stand on file.
pub fn back_test(tx: &mut Tx<'_>, actor: &Actor, asked: &Asked) -> Result<BackTest, StoreError> {
    let run = Run {
        asked,
        now: actor.now,
        holidays: Holidays::shipped(Division::EnglandAndWales),
        roster: Roster::load(tx, asked.from)?,
        ladders: Ladders::load(tx)?,
    };
    let places = match asked.station {
        Some(id) => vec![id],
        None => stations::all(tx)?.into_iter().map(|station| station.id).collect(),
    };
    let mut found = BackTest::default();
    let mut on_file = Stations::default();
    for station in places {
        let mut after = None;
        loop {
            let (of, span) = ((actor.scope, station), (asked.from, asked.until));
            let page = obligations::closed_at(tx, of, span, after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = Some((last.obligation.closes_at, last.obligation.id));
            let orders: Vec<OrderId> = page.iter().map(|it| it.obligation.order_id).collect();
            let duties: Vec<ObligationId> = page.iter().map(|it| it.obligation.id).collect();
            let answering = orders::answering(tx, &orders)?;
            let answers = replays::answers(tx, &duties)?;
            for of in load_cases(tx, &mut on_file, page)? {
                let answering = answering.get(&of.charge.obligation.order_id);
                run.take(&mut found, &Around { of: &of, answering, answers: &answers });
            }
        }
    }
    if let Some(buffer_m) = asked.zone_buffer_m {
        zones::replay(tx, actor, &run, &mut found, buffer_m)?;
    }
    let told = found.current.told.keys().chain(found.proposed.told.keys());
    for id in told.copied().collect::<Vec<_>>() {
        found.people.extend(accounts::find(tx, id)?.map(|account| (id, account)));
    }
    Ok(found)
}

struct Run<'a> {
    asked: &'a Asked,
    now: Instant,
    holidays: Holidays,
    roster: Roster,
    ladders: Ladders,
}

/// What is known of the people around one duty.
struct Around<'a> {
    of: &'a OnFile,
    answering: Option<&'a Answering>,
    answers: &'a BTreeMap<String, Answered>,
}

impl Run<'_> {
    fn take(&self, found: &mut BackTest, around: &Around<'_>) {
        let obligation = &around.of.charge.obligation;
        let replayed = |policy| replay(&around.of.case, policy, self.now, &self.holidays);
        let (current, proposed) = (replayed(Policy::IN_FORCE), replayed(self.asked.proposed));
        if differs(&current, &proposed) {
            found.name(Differing {
                obligation: obligation.id,
                order: obligation.order_id,
                closes_at: obligation.closes_at,
                current: current.standing,
                proposed: proposed.standing,
            });
        }
        self.count(&mut found.current, around, &current, &[]);
        self.count(&mut found.proposed, around, &proposed, &self.asked.waits_ms);
    }

    fn count(
        &self,
        side: &mut Side,
        around: &Around<'_>,
        replayed: &Replayed<Uuid>,
        waits_ms: &[i64],
    ) {
        side.tally.count(replayed);
        let obligation = &around.of.charge.obligation;
        for warning in &replayed.warnings {
            let key = match warning.about {
                About::Silence => missed_key(obligation.id),
                About::Record(id) => check_in_key(id.into()),
            };
            let by_people = self.answered_at(warning.raised_at, around.answers.get(&key));
            let until = by_people.min(warning.closed.map_or(by_people, |closed| closed.at));
            let raised = Raised {
                kind: warning.kind,
                order: obligation.order_id,
                obligation: Some(obligation.id),
                station: Some(station_of(around.of, warning)),
                risk: around.of.charge.risk,
                answering: around.answering,
            };
            self.tell(side, &raised, (warning.raised_at, until), waits_ms);
        }
    }

    /// Lets an alert climb from when it was raised until it was answered.
    fn tell(
        &self,
        side: &mut Side,
        raised: &Raised<'_>,
        span: (Instant, Instant),
        waits_ms: &[i64],
    ) {
        let Raised { kind, risk, station, answering, .. } = *raised;
        let mut ladder = self.ladders.of(station, kind.severity(risk), risk);
        for (step, wait_ms) in ladder.steps.iter_mut().zip(waits_ms) {
            step.wait_ms = *wait_ms;
        }
        let concerned = Concerned {
            owner: answering.and_then(|order| order.owner),
            deputy: answering.and_then(|order| order.deputy),
            station,
        };
        let climb = tellings(&ladder, span, |rung, at| self.roster.candidates(rung, concerned, at));
        side.nobody += u64::from(climb.iter().any(|telling| telling.told.is_empty()));
        for telling in climb {
            for account in telling.told {
                side.told.entry(account).or_default().tell(telling.at);
                if let Some(rung) = telling.rung {
                    side.by_rung.entry(rung).or_default().tell(telling.at);
                }
                side.wake(Woken {
                    at: telling.at,
                    account,
                    rung: telling.rung,
                    order: raised.order,
                    obligation: raised.obligation,
                    kind,
                });
            }
        }
    }

    /// As long after it was raised as people took for the same alert; one that there never was is told
    /// once and no more is known of it.
    fn answered_at(&self, raised_at: Instant, same: Option<&Answered>) -> Instant {
        match same {
            Some(Answered { triggered_at, answered_at: Some(answered_at) }) => {
                raised_at + (*answered_at - *triggered_at)
            }
            Some(_) => self.now,
            None => raised_at,
        }
    }
}

/// An alert that there would have been.
struct Raised<'a> {
    kind: AlertKind,
    order: OrderId,
    obligation: Option<ObligationId>,
    station: Option<StationId>,
    risk: Risk,
    answering: Option<&'a Answering>,
}

impl BackTest {
    fn name(&mut self, differing: Differing) {
        match self.differing.len() < NAMED_MAX {
            true => self.differing.push(differing),
            false => self.left_off += 1,
        }
    }
}

impl Side {
    fn wake(&mut self, woken: Woken) {
        let is_first = self.first_woken.is_none_or(|first| woken.at < first.at);
        if wakes(woken.at) && is_first {
            self.first_woken = Some(woken);
        }
    }
}

/// Where the alert is: at the station of the window, or at the one that was attended.
fn station_of(of: &OnFile, warning: &Warning<Uuid>) -> StationId {
    let attended = match warning.about {
        About::Silence => None,
        About::Record(id) => of.check_ins.iter().find(|it| it.id.uuid() == id),
    };
    attended.map_or(of.charge.obligation.station_id, |check_in| check_in.station_id)
}

/// For whoever reads the figures: what they rest on.
pub const ASSUMPTIONS: [&str; 6] = [
    "Records, orders, custody, closures and mistakes are taken as they came on file and when.",
    "Positions and sightings are held against the orders, versions and zones that are on file now; an \
     alert is raised as the position came in.",
    "Who has which post and which phone, who answers for an order, the ladders and the rota are taken as \
     they are on file now.",
    "An alert is answered as long after it was raised as the same alert was; one that there never was is \
     told once.",
    "Escalation is counted until the first answer, and 32 tellings of one alert at the most; alerts told \
     as a group are counted one by one.",
    "A telling counts as waking somebody from 22:00 to 06:00, local time.",
];
