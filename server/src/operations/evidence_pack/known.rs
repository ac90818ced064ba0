//! What was known at one position of a case's ledger. Rows are changed later (a record is called a
//! mistake, an alert is closed); the ledger says when, and so a pack can be made again as it was.

use std::collections::{BTreeMap, BTreeSet};

use compliance::Instant;
use compliance::evidence::{MADE_PACK, READ_FOR_PACK};

use crate::store::alert_events::AlertEvent;
use crate::store::alerts::Alert;
use crate::store::check_ins::CheckIn;
use crate::store::evidence::DeliveryOnFile;
use crate::store::facts::Fact;
use crate::store::findings::RecordedFinding;
use crate::store::ledger::LedgerEntry;
use crate::store::obligations::Obligation;

/// Knows an entry, and whatever has its entry, up to `seq`; whatever has none, up to `at`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub at: Instant,
    pub seq: i64,
    /// The first entry about each thing.
    first: BTreeMap<String, i64>,
    /// The first entry that calls it a mistake.
    mistaken: BTreeMap<String, i64>,
    /// Instants of what was recorded with a smaller time, and committed behind the position.
    late: BTreeSet<Instant>,
}

/// The last entry that was recorded at an instant or before. What says that a pack was made at this very
/// instant does not count: it would not be the same pack the second time.
pub fn position_at(chain: &[LedgerEntry], at: Instant) -> i64 {
    let counts = |entry: &&LedgerEntry| {
        let is_own = [READ_FOR_PACK, MADE_PACK].contains(&entry.act.as_str());
        entry.recorded_at <= at && !(is_own && entry.recorded_at == at)
    };
    chain.iter().rfind(counts).map_or(0, |entry| entry.seq)
}

impl Known {
    pub fn of(chain: &[LedgerEntry], at: Instant, seq: i64) -> Self {
        let (mut first, mut mistaken) = (BTreeMap::new(), BTreeMap::new());
        let (mut before, mut behind) = (BTreeSet::new(), BTreeSet::new());
        for entry in chain {
            first.entry(entry.object.clone()).or_insert(entry.seq);
            // An event of an alert, and what silence was found to mean, are named in the detail.
            for word in entry.detail.split(' ') {
                if word.starts_with("event:") || word.starts_with("finding:") {
                    first.entry(word.to_owned()).or_insert(entry.seq);
                }
            }
            if matches!(entry.act.as_str(), "supersede_fact" | "supersede_check_in") {
                mistaken.entry(entry.object.clone()).or_insert(entry.seq);
            }
            match entry.seq <= seq {
                true => before.insert(entry.recorded_at),
                false => behind.insert(entry.recorded_at),
            };
        }
        let late = behind.difference(&before).copied().filter(|late| *late <= at).collect();
        Self { at, seq, first, mistaken, late }
    }

    /// Whether a thing was on file, by its entry; by its time when it has none.
    pub fn holds(&self, object: &str, recorded_at: Instant) -> bool {
        self.first.get(object).map_or_else(|| self.holds_at(recorded_at), |at| *at <= self.seq)
    }

    pub fn holds_at(&self, recorded_at: Instant) -> bool {
        recorded_at <= self.at && !self.late.contains(&recorded_at)
    }

    /// The number of the first entry about a thing; of what has none, before all.
    pub fn place_of(&self, object: &str) -> i64 {
        self.first.get(object).copied().unwrap_or(0)
    }

    pub fn is_mistaken(&self, object: &str) -> bool {
        self.mistaken.get(object).is_some_and(|at| *at <= self.seq)
    }

    pub fn fact(&self, mut fact: Fact) -> Fact {
        if !self.is_mistaken(&format!("fact:{}", fact.id)) {
            (fact.superseded_at, fact.superseded_by, fact.superseded_reason) = (None, None, None);
        }
        fact
    }

    pub fn facts(&self, all: impl Iterator<Item = Fact>) -> Vec<Fact> {
        let is_known = |fact: &Fact| self.holds(&format!("fact:{}", fact.id), fact.recorded_at);
        let mut found: Vec<Fact> = all.filter(is_known).map(|fact| self.fact(fact)).collect();
        found.sort_by_key(|fact| (fact.happened_at, fact.recorded_at, fact.id));
        found
    }

    /// A duty has no entry. Most are on file long before; one that is asked for after all, because what
    /// was done in its place was a mistake, comes on file after its window.
    pub fn duties(&self, mut all: Vec<Obligation>) -> Vec<Obligation> {
        all.retain(|duty| duty.id.made_at().is_none_or(|at| self.holds_at(at)));
        all
    }

    pub fn check_ins(&self, mut all: Vec<CheckIn>) -> Vec<CheckIn> {
        all.retain(|it| self.holds(&format!("check_in:{}", it.id), it.received_at));
        for it in &mut all {
            if !self.is_mistaken(&format!("check_in:{}", it.id)) {
                (it.superseded_at, it.superseded_by, it.superseded_reason) = (None, None, None);
            }
        }
        all
    }

    pub fn findings(&self, mut all: Vec<RecordedFinding>) -> Vec<RecordedFinding> {
        let object = |of: &RecordedFinding| match of.check_in_id {
            Some(check_in) => format!("check_in:{check_in}"),
            None => format!("finding:{}", of.id),
        };
        all.retain(|of| self.holds(&object(of), of.found_at));
        for of in &mut all {
            let is_set_aside = match of.check_in_id {
                Some(_) => self.is_mistaken(&object(of)),
                None => of.superseded_at.is_some_and(|at| self.holds_at(at)),
            };
            of.superseded_at = of.superseded_at.filter(|_| is_set_aside);
        }
        all
    }

    pub fn alerts(&self, mut all: Vec<Alert>) -> Vec<Alert> {
        all.retain(|alert| self.holds(&format!("alert:{}", alert.id), alert.triggered_at));
        all
    }

    pub fn events(&self, mut all: Vec<AlertEvent>) -> Vec<AlertEvent> {
        all.retain(|event| self.holds(&format!("event:{}", event.id), event.happened_at));
        all
    }

    pub fn deliveries(&self, mut all: Vec<DeliveryOnFile>) -> Vec<DeliveryOnFile> {
        all.retain(|delivery| self.holds_at(delivery.attempted_at));
        all
    }
}
