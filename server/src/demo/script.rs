//! What happens beside everyday life: each thing at its time, done by somebody who may.

use std::sync::Arc;

use chrono::NaiveDate;
use compliance::Instant;

use crate::ZONE;
use crate::operations::Actor;
use crate::refusal::Refusal;
use crate::store::Tx;
use crate::store::obligations::Due;
use crate::store::orders::Order;

/// What is put on file about an order.
pub type Act = Arc<dyn Fn(&mut Tx<'_>, &Actor, &Order) -> Result<(), Refusal> + Send + Sync>;

/// On the order with that reference, by whoever answers for it.
#[derive(Clone)]
pub struct Scene {
    pub at: Instant,
    pub reference: String,
    pub act: Act,
}

impl Scene {
    pub fn new(
        at: Instant,
        reference: String,
        act: impl Fn(&mut Tx<'_>, &Actor, &Order) -> Result<(), Refusal> + Send + Sync + 'static,
    ) -> Self {
        Self { at, reference, act: Arc::new(act) }
    }
}

/// Days on which a station is shut, first and last included, and since when it is known.
#[derive(Debug, Clone)]
pub struct Shut {
    pub told_at: Instant,
    pub station: &'static str,
    pub from_on: NaiveDate,
    pub until_on: NaiveDate,
    pub reason: &'static str,
}

/// A time in which the subject of one order does not sign on.
#[derive(Debug, Clone)]
pub struct Absence {
    pub reference: String,
    pub from: Instant,
    pub until: Instant,
}

#[derive(Clone, Default)]
pub struct Script {
    pub scenes: Vec<Scene>,
    pub shut: Vec<Shut>,
    pub absences: Vec<Absence>,
}

impl Script {
    /// Whether nobody comes: the subject is elsewhere, or the door is shut.
    pub fn prevents(&self, due: &Due, station: &str) -> bool {
        let closes_at = due.obligation.closes_at;
        let is_away = |it: &Absence| {
            it.reference == due.order_reference && it.from < closes_at && closes_at <= it.until
        };
        let day = due.obligation.opens_at.local_date(ZONE);
        let is_shut = |it: &Shut| it.station == station && it.from_on <= day && day <= it.until_on;
        self.absences.iter().any(is_away) || self.shut.iter().any(is_shut)
    }
}
