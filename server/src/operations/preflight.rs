//! Pre-flight: when and where, in the coming week, nobody could be told of an alert.

use std::collections::BTreeMap;

use compliance::Instant;
use compliance::alert::{Risk, Severity};
use compliance::escalation::{Rung, preflight};
use compliance::instant::DAY_MS;

use crate::store::id::{AccountId, StationId};
use crate::store::ladders::Ladders;
use crate::store::rota::{Concerned, Roster};
use crate::store::stations::{self, Station};
use crate::store::{StoreError, Tx, orders};

/// How far it looks.
pub const PREFLIGHT_MS: i64 = 7 * DAY_MS;

/// A span in which nobody could be told about some of the orders of a station.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StationGap {
    pub from: Instant,
    pub until: Instant,
    /// How many orders it concerns.
    pub orders: usize,
}

type Answers = (Option<AccountId>, Option<AccountId>);

/// Everything that says who can be told, as it stands now.
pub struct Preflight {
    pub now: Instant,
    pub stations: Vec<Station>,
    roster: Roster,
    ladders: Ladders,
    /// How many orders of each station each owner and deputy answer for.
    answers: BTreeMap<StationId, BTreeMap<Answers, usize>>,
}

impl Preflight {
    pub fn load(tx: &mut Tx<'_>, now: Instant) -> Result<Self, StoreError> {
        let mut answers: BTreeMap<StationId, BTreeMap<Answers, usize>> = BTreeMap::new();
        for concerned in orders::answering_by_station(tx)? {
            let Some(station) = concerned.station else { continue };
            let of = (concerned.owner, concerned.deputy);
            *answers.entry(station).or_default().entry(of).or_default() += 1;
        }
        Ok(Self {
            now,
            stations: stations::all(tx)?,
            roster: Roster::load(tx, now)?.by_phone(),
            ladders: Ladders::load(tx)?,
            answers,
        })
    }

    /// Who has phones, none of which says that it shows what it is sent: nobody counts upon them.
    pub fn silent(&self) -> Vec<(AccountId, usize)> {
        let silent = self.roster.silent();
        silent.into_iter().map(|(account, phones)| (account, phones.len())).collect()
    }

    fn is_reached(&self, rung: Rung, concerned: Concerned, at: Instant) -> bool {
        self.roster.candidates(rung, concerned, at).iter().any(|candidate| candidate.reachable)
    }

    /// Whether anybody on a rung can be told at some time of the coming week; of owners, whether one of
    /// them can.
    pub fn can_receive(&self, rung: Rung, station: Option<StationId>) -> bool {
        let of_station = |(at, _): &(&StationId, _)| station.is_none_or(|station| station == **at);
        let known = self.answers.iter().filter(of_station).flat_map(|(_, answers)| answers.keys());
        let answers = known.copied().chain([(None, None)]);
        let until = self.now + PREFLIGHT_MS;
        let changes = self.roster.changes().into_iter().filter(|at| self.now < *at && *at < until);
        let times: Vec<Instant> = changes.chain([self.now]).collect();
        answers.into_iter().any(|(owner, deputy)| {
            let concerned = Concerned { owner, deputy, station };
            times.iter().any(|at| self.is_reached(rung, concerned, *at))
        })
    }

    /// When nobody could be told of a critical alert at a station, the soonest first.
    pub fn gaps(&self, station: StationId, span: (Instant, Instant)) -> Vec<StationGap> {
        let ladder = self.ladders.of(Some(station), Severity::Critical, Risk::High);
        let changes = self.roster.changes();
        let mut found: BTreeMap<(Instant, Instant), usize> = BTreeMap::new();
        for ((owner, deputy), orders) in self.answers.get(&station).into_iter().flatten() {
            let concerned = Concerned { owner: *owner, deputy: *deputy, station: Some(station) };
            let reached = |rung, at| self.is_reached(rung, concerned, at);
            for gap in preflight(&ladder, span, &changes, reached) {
                *found.entry((gap.from, gap.until)).or_default() += orders;
            }
        }
        found
            .into_iter()
            .map(|((from, until), orders)| StationGap { from, until, orders })
            .collect()
    }
}
