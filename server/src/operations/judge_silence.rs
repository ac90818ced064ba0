//! What it means that windows closed in silence, with all that is on file about where the subject and
//! the station were: custody, hospital, abroad; closures and bank holidays; and whether a court had
//! suspended the order. None of it excuses.

use std::collections::BTreeMap;

use compliance::Instant;
use compliance::alert::AlertKind;
use compliance::attendance::{Finding, Reason};
use compliance::fact::FactKind;
use compliance::holidays::{Division, Holidays};
use compliance::opening::OpeningHours;
use compliance::order_status::Appeal;
use compliance::status_period::{MissTreatment, StatusPeriod, treat_miss, treat_stay};

use super::order_life::appeals_of;
use super::status_periods::read_period;
use crate::store::id::{OrderId, StationId};
use crate::store::obligations::Charge;
use crate::store::{StoreError, Tx, facts, stations};

/// What the service found, and how it is put to people.
pub struct Silence {
    pub finding: Finding,
    pub kind: AlertKind,
}

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
        for fact in facts::of_orders(tx, &orders, FactKind::StatusPeriod)? {
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

    pub fn judge(&self, charge: &Charge, now: Instant) -> Silence {
        let window = charge.obligation.window();
        let mut finding = charge.duty().assess_silence(now);
        let periods = self.periods.get(&charge.obligation.order_id);
        let treated = treat_miss(window, periods.map_or(&[], Vec::as_slice), now);
        finding.reasons.extend(treated.reasons);
        if let Some(hours) = self.hours.get(&charge.obligation.station_id) {
            let opening = hours.judge(window, &self.holidays);
            if opening.may_be_police_fault() {
                finding.reasons.extend(opening.reasons);
                finding.reasons.push(Reason {
                    code: "possible-police-fault",
                    says: "Look whether the subject could have signed on at all.".to_owned(),
                });
            }
        }
        let appeals = self.appeals.get(&charge.obligation.order_id);
        let stayed = treat_stay(window, appeals.map_or(&[], Vec::as_slice));
        finding.reasons.extend(stayed.reasons);
        let kind = match (treated.treatment, stayed.treatment) {
            (MissTreatment::Raise, MissTreatment::Raise) => AlertKind::MissedSignOn,
            _ => AlertKind::MissedSignOnToVerify,
        };
        Silence { finding, kind }
    }
}
