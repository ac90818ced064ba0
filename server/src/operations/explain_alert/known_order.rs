//! An order as it was known at any instant: what of its versions, its service, its ends and its appeals was
//! on file then, and was not called a mistake yet.

use compliance::Instant;
use compliance::fact::FactKind;

use super::ended;
use crate::operations::explain_finding::{Cited, cite_version};
use crate::operations::load_cases::{BEARING, known, services};
use crate::store::facts::Fact;
use crate::store::id::OrderId;
use crate::store::orders::{self, Order, OrderVersion};
use crate::store::{StoreError, Tx, replays};

/// All that was ever on file about it.
pub struct KnownOrder {
    pub order: Order,
    versions: Vec<OrderVersion>,
    facts: Vec<Fact>,
    intake_served_at: Option<Instant>,
}

/// What of that was known at an instant. Facts stand here as they stood then.
pub struct OrderThen {
    pub order: Order,
    pub versions: Vec<OrderVersion>,
    pub facts: Vec<Fact>,
}

impl KnownOrder {
    /// `more`: of which kinds facts are asked for besides those that bear on every order.
    pub fn load(
        tx: &mut Tx<'_>,
        id: OrderId,
        more: &[FactKind],
    ) -> Result<Option<Self>, StoreError> {
        let Some(order) = orders::find_for_service(tx, id)? else { return Ok(None) };
        let kinds: Vec<FactKind> = BEARING.iter().chain(more).copied().collect();
        let intake = replays::intake_services(tx, &[id])?.into_iter().map(|(_, at)| at);
        Ok(Some(Self {
            order,
            versions: orders::versions(tx, id)?,
            facts: replays::facts_ever(tx, &[id], &kinds)?,
            intake_served_at: intake.min(),
        }))
    }

    pub fn at(&self, at: Instant) -> Result<OrderThen, StoreError> {
        let versions = self.versions.iter().filter(|it| it.recorded_at <= at).cloned();
        let facts = facts_at(&self.facts, at);
        let served = services(&facts)?.into_iter().map(|service| service.what);
        let served_at = served.chain(self.intake_served_at).min();
        let ends = facts.iter().filter(|fact| fact.kind == FactKind::OrderEnded);
        let order = ended(&self.order, ends.min_by_key(|fact| fact.happened_at));
        let order = Order { served_at, ..order };
        Ok(OrderThen { order, versions: versions.collect(), facts })
    }

    /// Everything of it as it came in, with what else was relied upon.
    pub fn cited(self, more: impl IntoIterator<Item = Cited>) -> Vec<Cited> {
        let versions = self.versions.into_iter().map(cite_version);
        let facts = self.facts.into_iter().map(Cited::from);
        let mut cited: Vec<Cited> = versions.chain(facts).chain(more).collect();
        cited.sort_by_key(|it| (it.received_at, it.id));
        cited
    }
}

/// Those that were known at an instant, as they stood then: what was called a mistake later counted.
pub fn facts_at(facts: &[Fact], at: Instant) -> Vec<Fact> {
    let known = facts.iter().filter(|fact| known(fact, ()).is_known_at(at)).cloned();
    known.map(|fact| Fact { superseded_at: None, ..fact }).collect()
}
