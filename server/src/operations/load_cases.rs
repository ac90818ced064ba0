//! Reads everything that was ever on file about duties, for `compliance` to replay them as known at any
//! instant. One and many are read in the same way, so that what is explained and what is back-tested
//! are the same thing.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use compliance::attendance::{Attendance, StationMatch, TrueTime};
use compliance::fact::FactKind;
use compliance::opening::{Closure, OpeningHours};
use compliance::order::CancelReason;
use compliance::order_status::ServiceOutcome;
use compliance::place::{Circle, Fix, Place, Position};
use compliance::replay::{Case, Known, Lodged, Record};
use compliance::sealed_record::BeaconSays;
use compliance::status_period::StatusPeriod;
use compliance::{Instant, Window, Word};
use uuid::Uuid;

use super::order_life::{AppealBody, ServiceBody};
use super::status_periods::read_period;
use crate::store::check_ins::CheckIn;
use crate::store::facts::Fact;
use crate::store::id::{CheckInId, ConditionId, ObligationId, OrderId, StationId};
use crate::store::obligations::Charge;
use crate::store::orders::OrderVersion;
use crate::store::sealed_records::{self, CheckInSeal};
use crate::store::{StoreError, Tx, replays, station_closures, stations};

/// What of an order's facts bears on whether a sign-on was due and what its silence means.
pub const BEARING: [FactKind; 5] = [
    FactKind::ServiceAttempted,
    FactKind::OrderEnded,
    FactKind::StatusPeriod,
    FactKind::AppealLodged,
    FactKind::AppealDecided,
];

/// A duty with all that was ever on file about it.
pub struct OnFile {
    pub charge: Charge,
    pub case: Case<Uuid>,
    pub version: OrderVersion,
    pub check_ins: Vec<CheckIn>,
    /// Under which of these came in, those that a phone has signed.
    pub seals: Vec<CheckInSeal>,
}

/// What is on file about stations, read once each.
#[derive(Default)]
pub struct Stations(BTreeMap<StationId, StationOnFile>);

struct StationOnFile {
    ground: Option<Circle>,
    hours: Option<OpeningHours>,
    closures: Vec<Known<Uuid, Closure>>,
}

impl Stations {
    fn of(&mut self, tx: &mut Tx<'_>, id: StationId) -> Result<&StationOnFile, StoreError> {
        match self.0.entry(id) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(place) => Ok(place.insert(station_on_file(tx, id)?)),
        }
    }
}

fn station_on_file(tx: &mut Tx<'_>, id: StationId) -> Result<StationOnFile, StoreError> {
    let closures = station_closures::of_station(tx, id)?;
    let known = closures.iter().filter_map(|it| {
        let what = it.closure()?;
        Some(Known { id: it.id.uuid(), from: it.recorded_at, until: None, what })
    });
    let closures = known.collect();
    // Closures have a history; the hours by themselves have none.
    let hours = stations::hours(tx, id)?;
    let hours = hours.map(|hours| OpeningHours { closures: Vec::new(), ..hours });
    let ground = stations::find(tx, id)?.map(|station| station.ground());
    Ok(StationOnFile { ground, hours, closures })
}

/// What was read for a page of duties.
struct Page {
    records: BTreeMap<ObligationId, Vec<CheckIn>>,
    seals: BTreeMap<CheckInId, CheckInSeal>,
    silences: BTreeMap<ObligationId, Vec<Instant>>,
    versions: BTreeMap<OrderId, Vec<OrderVersion>>,
    alternates: BTreeSet<(ConditionId, StationId)>,
    facts: BTreeMap<OrderId, Vec<Fact>>,
    intake: BTreeMap<OrderId, Instant>,
}

fn distinct<T: Ord>(all: impl Iterator<Item = T>) -> Vec<T> {
    all.collect::<BTreeSet<T>>().into_iter().collect()
}

fn by_key<K: Ord, V>(all: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, Vec<V>> {
    let mut found: BTreeMap<K, Vec<V>> = BTreeMap::new();
    for (key, value) in all {
        found.entry(key).or_default().push(value);
    }
    found
}

impl Page {
    fn load(tx: &mut Tx<'_>, charges: &[Charge]) -> Result<Self, StoreError> {
        let duties: Vec<ObligationId> = charges.iter().map(|it| it.obligation.id).collect();
        let orders = distinct(charges.iter().map(|it| it.obligation.order_id));
        let conditions = distinct(charges.iter().map(|it| it.obligation.condition_id));
        let records = replays::records(tx, &duties)?;
        let ids: Vec<CheckInId> = records.iter().map(|it| it.id).collect();
        let seals = sealed_records::of_check_ins(tx, &ids)?;
        let versions = replays::versions(tx, &orders)?;
        let facts = replays::facts_ever(tx, &orders, &BEARING)?;
        Ok(Self {
            records: by_key(records.into_iter().map(|it| (it.obligation_id, it))),
            seals: seals.into_iter().map(|it| (it.check_in_id, it)).collect(),
            silences: by_key(replays::silences(tx, &duties)?),
            versions: by_key(versions.into_iter().map(|it| (it.order_id, it))),
            alternates: replays::alternates(tx, &conditions)?.into_iter().collect(),
            facts: by_key(facts.into_iter().map(|it| (it.order_id, it))),
            intake: replays::intake_services(tx, &orders)?.into_iter().collect(),
        })
    }
}

/// Everything on file about these duties, as they come.
pub fn load_cases(
    tx: &mut Tx<'_>,
    stations: &mut Stations,
    charges: Vec<Charge>,
) -> Result<Vec<OnFile>, StoreError> {
    if charges.is_empty() {
        return Ok(Vec::new());
    }
    let mut page = Page::load(tx, &charges)?;
    charges.into_iter().map(|charge| on_file(tx, stations, &mut page, charge)).collect()
}

fn on_file(
    tx: &mut Tx<'_>,
    stations: &mut Stations,
    page: &mut Page,
    charge: Charge,
) -> Result<OnFile, StoreError> {
    let obligation = &charge.obligation;
    let versions = page.versions.get(&obligation.order_id).map_or(&[][..], Vec::as_slice);
    let version = versions.iter().find(|it| it.id == charge.order_version_id);
    let version = version.cloned().ok_or_else(|| StoreError::Corrupt {
        vocabulary: "order versions",
        value: charge.order_version_id.to_string(),
    })?;
    let facts = page.facts.get(&obligation.order_id).map_or(&[][..], Vec::as_slice);
    let put_on_file = versions.first().map_or(version.recorded_at, |first| first.recorded_at);
    let intake = page.intake.get(&obligation.order_id).map(|served_at| Known {
        id: obligation.order_id.uuid(),
        from: put_on_file,
        until: None,
        what: *served_at,
    });
    let mut services: Vec<_> = services(facts)?;
    services.extend(intake);
    let check_ins = page.records.remove(&obligation.id).unwrap_or_default();
    let mut records = Vec::with_capacity(check_ins.len());
    for check_in in &check_ins {
        records.push(record(tx, stations, (page, &charge), check_in)?);
    }
    let station = stations.of(tx, obligation.station_id)?;
    let case = Case {
        duty: charge.duty(),
        version: Known {
            id: version.id.uuid(),
            from: version.recorded_at,
            until: None,
            what: version.number,
        },
        services,
        removals: removals(obligation.closes_at, (version.number, versions), facts),
        records,
        looked_at: page.silences.remove(&obligation.id).unwrap_or_default(),
        periods: periods(facts, obligation.window())?,
        appeals: appeals(facts)?,
        decisions: decisions(facts),
        hours: station.hours.clone(),
        closures: touching(&station.closures, obligation.window()),
    };
    let seals = check_ins.iter().filter_map(|it| page.seals.remove(&it.id)).collect();
    Ok(OnFile { charge, case, version, check_ins, seals })
}

fn touching(closures: &[Known<Uuid, Closure>], window: Window) -> Vec<Known<Uuid, Closure>> {
    closures.iter().filter(|it| it.what.touches(window)).cloned().collect()
}

/// What a fact says, from when until when it was known.
pub fn known<T>(fact: &Fact, what: T) -> Known<Uuid, T> {
    Known { id: fact.id.uuid(), from: fact.recorded_at, until: fact.superseded_at, what }
}

fn of_kind(facts: &[Fact], kind: FactKind) -> impl Iterator<Item = &Fact> {
    facts.iter().filter(move |fact| fact.kind == kind)
}

/// When the order was served, by what was recorded of attempts.
pub fn services(facts: &[Fact]) -> Result<Vec<Known<Uuid, Instant>>, StoreError> {
    let mut found = Vec::new();
    for fact in of_kind(facts, FactKind::ServiceAttempted) {
        if fact.read::<ServiceBody>()?.outcome == ServiceOutcome::Served.as_str() {
            found.push(known(fact, fact.happened_at));
        }
    }
    Ok(found)
}

/// Of other times, a period says nothing about the window.
fn periods(facts: &[Fact], window: Window) -> Result<Vec<Known<Uuid, StatusPeriod>>, StoreError> {
    let mut found = Vec::new();
    for fact in of_kind(facts, FactKind::StatusPeriod) {
        let period = read_period(fact)?;
        if period.meets(window) {
            found.push(known(fact, period));
        }
    }
    Ok(found)
}

fn appeals(facts: &[Fact]) -> Result<Vec<Known<Uuid, Lodged>>, StoreError> {
    let lodged = |fact: &Fact| {
        let body: AppealBody = fact.read()?;
        let stayed_from = body.stayed_from.map(Instant::from_ms);
        Ok(known(fact, Lodged { lodged_at: fact.happened_at, stayed_from }))
    };
    of_kind(facts, FactKind::AppealLodged).map(lodged).collect()
}

fn decisions(facts: &[Fact]) -> Vec<Known<Uuid, (Uuid, Instant)>> {
    of_kind(facts, FactKind::AppealDecided)
        .map(|fact| known(fact, (fact.object_id.uuid(), fact.happened_at)))
        .collect()
}

/// What takes a duty of a version away: a later version that is in force when the window closes, and an
/// end of the order before that.
pub fn removals<'a>(
    closes_at: Instant,
    (number, versions): (i64, impl IntoIterator<Item = &'a OrderVersion>),
    facts: &[Fact],
) -> Vec<Known<Uuid, CancelReason>> {
    let later = versions.into_iter().filter(|it| it.number > number);
    let varied = later.filter(|it| it.in_force_from < closes_at).map(|it| Known {
        id: it.id.uuid(),
        from: it.recorded_at,
        until: None,
        what: CancelReason::OrderVaried,
    });
    let ended = of_kind(facts, FactKind::OrderEnded)
        .filter(|fact| fact.happened_at < closes_at)
        .map(|fact| known(fact, CancelReason::OrderEnded));
    varied.chain(ended).collect()
}

fn record(
    tx: &mut Tx<'_>,
    stations: &mut Stations,
    (page, charge): (&Page, &Charge),
    check_in: &CheckIn,
) -> Result<Known<Uuid, Record<Uuid>>, StoreError> {
    let obligation = &charge.obligation;
    let station = if check_in.station_id == obligation.station_id {
        StationMatch::Named
    } else if page.alternates.contains(&(obligation.condition_id, check_in.station_id)) {
        StationMatch::Alternate
    } else {
        StationMatch::Other
    };
    let ground = stations.of(tx, check_in.station_id)?.ground;
    let attendance = Attendance {
        time: TrueTime { earliest_at: check_in.earliest_at, latest_at: check_in.latest_at },
        received_at: check_in.received_at,
        beacon: page.seals.get(&check_in.id).map_or(BeaconSays::Absent, |seal| seal.beacon),
        station,
        place: ground.map_or(Place::NotStated, |ground| ground.judge(fix(check_in))),
        identity: check_in.identity_result,
    };
    let replaced_by = check_in.superseded_by.map(|by| by.uuid());
    Ok(Known {
        id: check_in.id.uuid(),
        from: check_in.received_at,
        until: check_in.superseded_at,
        what: Record { attendance, settled: check_in.settled, replaced_by },
    })
}

fn fix(check_in: &CheckIn) -> Option<Fix> {
    let position = Position { latitude: check_in.latitude?, longitude: check_in.longitude? };
    Some(Fix { position, accuracy_m: check_in.accuracy_m? })
}
