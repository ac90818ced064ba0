//! Not a test of right or wrong: figures, by hand, in release mode.
//! `cargo test -p compliance --release zone::tests::speed -- --ignored --nocapture`

#![expect(clippy::disallowed_methods, reason = "it measures real time")]

use std::hint::black_box;
use std::time::Instant as Stopwatch;

use super::*;

fn per_second(name: &str, count: u32, mut once: impl FnMut(u32)) -> f64 {
    for n in 0..count / 10 {
        once(n);
    }
    let begun = Stopwatch::now();
    for n in 0..count {
        once(n);
    }
    let per_second = f64::from(count) / begun.elapsed().as_secs_f64();
    println!("{name}: {per_second:.0}/s");
    per_second
}

/// A reproducible spread over a box around Great Britain.
fn spread(n: u32) -> Position {
    let part = |seed: u32| {
        let mixed = (n ^ seed).wrapping_mul(0x9E37_79B1);
        let mixed = (mixed ^ (mixed >> 15)).wrapping_mul(0x85EB_CA77);
        f64::from(mixed ^ (mixed >> 13)) / f64::from(u32::MAX)
    };
    Position { latitude: 50.0 + 8.5 * part(0x51_7CC1), longitude: -5.5 + 7.0 * part(0x2_545F) }
}

fn zones(count: u32) -> Vec<(u32, Zone)> {
    let zone = |n| {
        let ring = star(spread(n), &[150.0; 32]);
        (n, Zone::new(Area::polygon(&[ring]).unwrap(), 50.0).unwrap())
    };
    (0..count).map(zone).collect()
}

#[test]
#[ignore = "a measurement"]
fn how_many_positions_are_judged_in_a_second() {
    for corners in [4, 32, 200, 5_000] {
        let area = Area::polygon(&[star(HERE, &vec![500.0; corners])]).unwrap();
        let zone = Zone::new(area, 50.0).unwrap();
        per_second(&format!("one zone of {corners} corners, near"), 300_000, |n| {
            let near = at_m(f64::from(n % 700), 10.0);
            black_box(zone.judge(Some(fix(near, 35.0)), noon()));
        });
    }
    let begun = Stopwatch::now();
    black_box(Area::polygon(&[star(HERE, &[500.0; 5_000])]).unwrap());
    println!("reading 5,000 corners: {:?}", begun.elapsed());
    for count in [100, 100_000] {
        let zones = zones(count);
        let index = ZoneIndex::build(zones.clone());
        for tags in [1_000, count] {
            // Around the corner from some zone: where subjects are when it matters.
            let place = |n: u32| {
                let Position { latitude, longitude } = spread(n.wrapping_mul(7_919) % tags % count);
                let aside = f64::from(n % 100) / 50_000.0;
                fix(Position { latitude: latitude + aside, longitude }, 35.0)
            };
            per_second(&format!("index of {count}, {tags} tags"), 500_000, |n| {
                black_box(index.judge(place(n), noon()));
            });
        }
        let place = |n: u32| fix(spread(n), 35.0);
        per_second(&format!("one by one, {count}"), 50_000_000 / count / 1_000 + 20, |n| {
            let found = zones.iter().filter(|(_, zone)| {
                zone.judge(Some(place(n)), noon()).verdict != ZoneVerdict::Outside
            });
            black_box(found.count());
        });
    }
}
