//! Positions against exclusion zones: one zone, and the index over few and over very many, beside a
//! scan of all of them. On one core, no database.

use std::hint::black_box;
use std::time::Instant as StdInstant;

use compliance::Instant;
use compliance::place::{Fix, Position};
use compliance::zone::{Area, Zone, ZoneIndex, ZoneVerdict};

use crate::postgis;
use crate::table::Table;

const FEW: u32 = 100;
const MANY: u32 = 100_000;
/// Tags that report in turn: more than any force has on its zones.
const TAGS: u32 = 1_000;
const POSITIONS: u32 = 300_000;
/// A position must be judged this often in a second on one core for a nation's tags.
const AIM_PER_S: f64 = 200_000.0;
const CORNERS: u32 = 32;

pub fn measure(table: &mut Table) {
    eprintln!("zones");
    let one = zone(0);
    let alone = per_s(POSITIONS, |n| {
        black_box(one.judge(Some(near(0, n)), now()));
    });
    table.row(
        &format!("a position by one zone of {CORNERS} corners"),
        format!("{alone:.0}/s"),
        format!("{AIM_PER_S:.0}/s"),
        format!("{:.1}", alone / AIM_PER_S),
    );
    let zones: Vec<(u32, Zone)> = (0..MANY).map(|n| (n, zone(n))).collect();
    let few = ZoneIndex::build(zones.iter().take(FEW as usize).cloned().collect());
    let many = ZoneIndex::build(zones.clone());
    let indexed = |index: &ZoneIndex<u32>, tags: u32| {
        per_s(POSITIONS, |n| {
            // A stride that visits every tag, and no two neighbours after each other.
            black_box(index.judge(near(n.wrapping_mul(7_919) % tags, n), now()));
        })
    };
    let of_few = indexed(&few, FEW);
    for (tags, what) in [(TAGS, "tags report in turn"), (MANY, "tags, each elsewhere")] {
        let of_many = indexed(&many, tags);
        table.row(
            &format!("a position among {MANY} zones, {tags} {what}"),
            format!("{of_many:.0}/s"),
            format!("{of_few:.0}/s among {FEW}"),
            format!("{:.2} times the cost", of_few / of_many),
        );
    }
    let of_many = indexed(&many, TAGS);
    postgis::compare(table, of_many, MANY, |n| near(n.wrapping_mul(7_919) % TAGS, n).position);
    let scanned = per_s(20, |n| {
        let fix = near(n.wrapping_mul(7_919) % TAGS, n);
        let judged = zones.iter().map(|(_, zone)| zone.judge(Some(fix), now()));
        black_box(judged.filter(|judged| judged.verdict != ZoneVerdict::Outside).count());
    });
    table.row(
        &format!("the same by a scan of all {MANY}"),
        format!("{scanned:.0}/s"),
        format!("{of_many:.0}/s by the index"),
        format!("{:.0} times the cost", of_many / scanned),
    );
}

fn per_s(count: u32, mut once: impl FnMut(u32)) -> f64 {
    (0..count / 10).for_each(&mut once);
    let began = StdInstant::now();
    (0..count).for_each(&mut once);
    f64::from(count) / began.elapsed().as_secs_f64()
}

fn now() -> Instant {
    Instant::from_ms(1_795_000_000_000)
}

/// A ring of 150 m around an address, with a buffer of 50 m: what orders most often name.
fn zone(number: u32) -> Zone {
    Zone::new(Area::polygon(&[ring(number)]).unwrap(), 50.0).unwrap()
}

pub fn ring(number: u32) -> Vec<[f64; 2]> {
    let Position { latitude, longitude } = address(number);
    let corner = |n: u32| {
        let turn = std::f64::consts::TAU * f64::from(n % CORNERS) / f64::from(CORNERS);
        let north_deg = 150.0 / 111_200.0;
        let east_deg = north_deg / latitude.to_radians().cos();
        [longitude + east_deg * turn.sin(), latitude + north_deg * turn.cos()]
    };
    (0..=CORNERS).map(corner).collect()
}

/// A position up to 200 m from the middle of a zone, accurate to 35 m.
fn near(number: u32, step: u32) -> Fix {
    let Position { latitude, longitude } = address(number);
    let aside = f64::from(step % 100) * 1.8e-5;
    Fix { position: Position { latitude: latitude + aside, longitude }, accuracy_m: 35.0 }
}

/// Addresses spread evenly, and the same in each run, over a box around Great Britain.
fn address(number: u32) -> Position {
    let share = |seed: u32| {
        let mixed = (number ^ seed).wrapping_mul(0x9E37_79B1);
        let mixed = (mixed ^ (mixed >> 15)).wrapping_mul(0x85EB_CA77);
        f64::from(mixed ^ (mixed >> 13)) / f64::from(u32::MAX)
    };
    Position { latitude: 50.0 + 8.5 * share(0x51_7CC1), longitude: -5.5 + 7.0 * share(0x2_545F) }
}
