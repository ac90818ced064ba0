//! A year of a thousand orders under another policy, beside merely reading what it has to read.

use std::time::Instant as Watch;

use compliance::access::Role;
use compliance::alert::AlertKind;
use compliance::attendance::{
    Attendance, Finding, IdentityMethod, IdentityResult, Policy, StationMatch, TrueTime,
};
use compliance::instant::{DAY_MS, HOUR_MS, Instant, MINUTE_MS};
use compliance::place::Place;
use compliance::sealed_record::BeaconSays;
use holdfast::clock::Clock;
use holdfast::identity::Identity;
use holdfast::operations::Actor;
use holdfast::operations::back_test::{Asked, back_test};
use holdfast::operations::judge_silence::Circumstances;
use holdfast::operations::raise_alerts::{Raise, check_in_key, raise_alerts};
use holdfast::store::check_ins::{self, CheckIn};
use holdfast::store::findings::{self, NewFinding};
use holdfast::store::id::{AccountId, CheckInId, ObligationId};
use holdfast::store::obligations::{self, Charge, NewObligation};
use holdfast::store::scope::Scope;
use holdfast::store::{Store, StoreError, Tx, replays, stations};
use holdfast::sweeper::missed_alert;

use crate::setting::{Folder, Schedule, day, load_orders, local, officer, write_out};
use crate::table::Table;

const ORDERS: usize = 1_000;
const DAYS: i64 = 365;
/// One in so many was missed, and one in so many came three minutes late.
const MISSED_EVERY: i64 = 25;
const LATE_EVERY: i64 = 40;
const PAGE: i64 = 500;

pub async fn measure(table: &mut Table) {
    eprintln!("back_test");
    let folder = Folder::new("back-test");
    let begins_on = day("2025-11-24");
    let clock = Clock::set_to(local(begins_on, 1));
    let store = Store::open(&folder.sqlite_without_sync(), 2, [0; 32]).unwrap();
    let once = |_| Schedule::once(begins_on, "10:00", "14:00");
    load_orders(&store, clock.now(), 0..ORDERS, once).await;
    write_out(&store, &clock).await;
    let (account, _) = officer(&store, clock.now()).await;
    let scope = Scope { account: account.id, role: Role::Auditor };
    let (from, until) = (local(begins_on, 0), local(begins_on, 0) + (DAYS + 1) * DAY_MS);
    for charge in firsts(&store, scope, (from, until)).await {
        let by = account.id;
        store.write(move |tx| a_year_of(tx, &charge, by)).await.unwrap();
    }

    let began = Watch::now();
    let read = reads(&store, scope, (from, until)).await;
    let limit_s = began.elapsed().as_secs_f64();
    let began = Watch::now();
    let actor = Actor { scope, now: until, identity: Identity::System };
    let proposed = Policy { grace_ms: 5 * MINUTE_MS, early_ms: 0 };
    let (station, waits_ms, zone_buffer_m) = (None, Vec::new(), None);
    let asked = Asked { from, until, station, proposed, waits_ms, zone_buffer_m };
    let found = store.read(move |tx| back_test(tx, &actor, &asked)).await.unwrap();
    let took_s = began.elapsed().as_secs_f64();
    assert_eq!(found.current.tally.windows, read);
    assert!(found.proposed.tally.raised() < found.current.tally.raised());
    store.close().await;
    table.row(
        &format!("a back-test of a year of {ORDERS} orders ({read} windows), SQLite"),
        format!("{took_s:.1} s"),
        format!("{limit_s:.1} s to read the same duties and records"),
        format!("{:.1}", took_s / limit_s),
    );
}

/// The first duty of each order.
async fn firsts(store: &Store, scope: Scope, span: (Instant, Instant)) -> Vec<Charge> {
    let found = store.read(move |tx| {
        let mut found = Vec::new();
        for station in stations::all(tx)? {
            let at_most = i64::try_from(ORDERS).unwrap();
            found.extend(obligations::closed_at(tx, (scope, station.id), span, None, at_most)?);
        }
        Ok::<_, StoreError>(found)
    });
    found.await.unwrap()
}

fn a_year_of(tx: &mut Tx<'_>, first: &Charge, by: AccountId) -> Result<(), StoreError> {
    let of = &first.obligation;
    let id = |at: Instant| -> ObligationId { Identity::System.id(at) };
    let duty = |number: i64| {
        let mut window = of.window();
        window.opens_at = window.opens_at + number * DAY_MS;
        window.closes_at = window.closes_at + number * DAY_MS;
        NewObligation {
            id: id(window.opens_at),
            order: of.order_id,
            condition: of.condition_id,
            schedule: of.schedule_id,
            station: of.station_id,
            window,
        }
    };
    let duties: Vec<NewObligation> = (1..DAYS).map(duty).collect();
    obligations::insert(tx, &duties)?;
    let mut raises = Vec::new();
    for (number, duty) in (1..).zip(&duties) {
        let charge = charge_of(first, duty);
        let late = number % LATE_EVERY == 0;
        if late || number % MISSED_EVERY == 0 {
            raises.push(miss(tx, &charge)?);
        }
        if late {
            raises.push(came(tx, &charge, check_in(duty, by, of_late(duty)))?);
        } else if number % MISSED_EVERY != 0 {
            came(tx, &charge, check_in(duty, by, duty.window.opens_at + HOUR_MS))?;
        }
    }
    raise_alerts(tx, &Identity::System, of.closes_at, raises)?;
    Ok(())
}

fn of_late(duty: &NewObligation) -> Instant {
    duty.window.closes_at + 3 * MINUTE_MS
}

fn charge_of(first: &Charge, duty: &NewObligation) -> Charge {
    let mut charge = first.clone();
    charge.obligation.id = duty.id;
    charge.obligation.opens_at = duty.window.opens_at;
    charge.obligation.closes_at = duty.window.closes_at;
    charge
}

/// What the sweep would have put on file.
fn miss(tx: &mut Tx<'_>, charge: &Charge) -> Result<Raise, StoreError> {
    let found_at = charge.obligation.closes_at;
    let silence = Circumstances::load(tx, std::slice::from_ref(charge))?.judge(charge, found_at);
    record(tx, charge, None, (silence.finding.clone(), found_at))?;
    Ok(missed_alert(charge, &silence))
}

/// What the confirmation would have put on file; the alert about it, if it was late.
fn came(tx: &mut Tx<'_>, charge: &Charge, check_in: CheckIn) -> Result<Raise, StoreError> {
    check_ins::insert(tx, &check_in)?;
    let (received_at, id) = (check_in.received_at, check_in.id);
    let finding = charge.duty().assess(&Attendance {
        time: TrueTime { earliest_at: received_at, latest_at: received_at },
        beacon: BeaconSays::Absent,
        received_at,
        station: StationMatch::Named,
        place: Place::NotStated,
        identity: IdentityResult::Match,
    });
    record(tx, charge, Some(id), (finding, received_at))?;
    let of = &charge.obligation;
    Ok(Raise {
        dedupe_key: check_in_key(id),
        kind: AlertKind::AttendedLate,
        severity: AlertKind::AttendedLate.severity(charge.risk),
        order: Some(of.order_id),
        obligation: Some(of.id),
        station: Some(of.station_id),
        account: None,
        detail: String::new(),
        concerns_at: received_at,
    })
}

fn record(
    tx: &mut Tx<'_>,
    charge: &Charge,
    check_in: Option<CheckInId>,
    (finding, found_at): (Finding, Instant),
) -> Result<(), StoreError> {
    let (id, obligation) = (Identity::System.id(found_at), charge.obligation.id);
    findings::insert(tx, NewFinding { id, obligation, check_in, finding, found_at })
}

fn check_in(duty: &NewObligation, by: AccountId, at: Instant) -> CheckIn {
    CheckIn {
        id: Identity::System.id(at),
        obligation_id: duty.id,
        order_id: duty.order,
        station_id: duty.station,
        confirmed_by: by,
        identity_method: IdentityMethod::KnownToOfficer,
        identity_result: IdentityResult::Match,
        attended_at: at,
        received_at: at,
        earliest_at: at,
        latest_at: at,
        latitude: None,
        longitude: None,
        accuracy_m: None,
        note: String::new(),
        body_digest: vec![0; 32],
        settled: false,
        supersedes: None,
        superseded_at: None,
        superseded_by: None,
        superseded_reason: None,
    }
}

/// Reads the same duties and their records, a page at a time, and does nothing with them.
async fn reads(store: &Store, scope: Scope, span: (Instant, Instant)) -> u64 {
    let read = store.read(move |tx| {
        let mut read = 0;
        for station in stations::all(tx)? {
            let mut after = None;
            loop {
                let page = obligations::closed_at(tx, (scope, station.id), span, after, PAGE)?;
                let Some(last) = page.last() else { break };
                after = Some((last.obligation.closes_at, last.obligation.id));
                let ids: Vec<_> = page.iter().map(|charge| charge.obligation.id).collect();
                read += page.len() as u64;
                std::hint::black_box(replays::records(tx, &ids)?);
            }
        }
        Ok::<_, StoreError>(read)
    });
    read.await.unwrap()
}
