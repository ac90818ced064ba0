//! Reads what is on file about windows that closed in silence, for `compliance` to say what each means.

use std::collections::BTreeMap;

use compliance::Instant;
use compliance::attendance::Policy;
use compliance::fact::FactKind;
use compliance::holidays::{Division, Holidays};
use compliance::opening::OpeningHours;
use compliance::order_status::Appeal;
use compliance::silence::{self, Silence, judge_silence};
use compliance::status_period::StatusPeriod;

use super::order_life::appeals_of;
use super::status_periods::read_period;
use crate::store::findings::RecordedFinding;
use crate::store::id::{OrderId, StationId};
use crate::store::obligations::Charge;
use crate::store::{StoreError, Tx, facts, stations};

/// Read once for many windows.
pub struct Circumstances {
    periods: BTreeMap<OrderId, Vec<StatusPeriod>>,
    appeals: BTreeMap<OrderId, Vec<Appeal>>,
    hours: BTreeMap<StationId, OpeningHours>,
    holidays: Holidays,
}

impl Circumstances {
    pub fn load(tx: &mut Tx<'_>, charges: &[Charge]) -> Result<Self, StoreError> {
        let orders: Vec<OrderId> = charges.iter().map(|it| it.obligation.order_id).collect();
        let mut periods: BTreeMap<OrderId, Vec<StatusPeriod>> = BTreeMap::new();
        for fact in facts::of_orders(tx, &orders, &[FactKind::StatusPeriod])? {
            periods.entry(fact.order_id).or_default().push(read_period(&fact)?);
        }
        let appeals = appeals_of(tx, &orders)?;
        let mut hours = BTreeMap::new();
        for charge in charges {
            let id = charge.obligation.station_id;
            if !hours.contains_key(&id)
                && let Some(of) = stations::hours(tx, id)?
            {
                hours.insert(id, of);
            }
        }
        let holidays = Holidays::shipped(Division::EnglandAndWales);
        Ok(Self { periods, appeals, hours, holidays })
    }

    /// `noticed_at` is when the service noticed it, not when it judges it anew.
    pub fn judge(&self, charge: &Charge, noticed_at: Instant) -> Silence {
        let obligation = &charge.obligation;
        let of = silence::Circumstances {
            periods: self.periods.get(&obligation.order_id).map_or(&[], Vec::as_slice),
            appeals: self.appeals.get(&obligation.order_id).map_or(&[], Vec::as_slice),
            hours: self.hours.get(&obligation.station_id),
            holidays: &self.holidays,
        };
        judge_silence(&charge.duty(), Policy::IN_FORCE, of, noticed_at)
    }
}

/// When the service noticed what a finding says that was made at an instant, by every finding about the
/// same silence.
pub fn noticed_at(found_at: Instant, silences: &[RecordedFinding]) -> Instant {
    let stood: Vec<_> = silences.iter().map(|it| (it.found_at, it.superseded_at)).collect();
    silence::noticed_at(found_at, &stood)
}
