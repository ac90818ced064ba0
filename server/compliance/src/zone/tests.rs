mod hours;
mod index;
mod laws;
mod reading;
mod speed;
mod track;
mod verdicts;

use proptest::prelude::*;

use super::*;
use crate::place::Position;

/// Penrith, roughly. About 65 km to a degree of longitude and 111 km to one of latitude.
const HERE: Position = Position { latitude: 54.66, longitude: -2.75 };

fn noon() -> Instant {
    Instant::parse_rfc3339("2026-11-24T12:00:00Z").unwrap()
}

/// So many metres east and north of `HERE`.
fn at_m(east_m: f64, north_m: f64) -> Position {
    let plane = plane::Plane::at(HERE);
    let [x, y] = plane.project([HERE.longitude + 1.0, HERE.latitude + 1.0]);
    Position { longitude: HERE.longitude + east_m / x, latitude: HERE.latitude + north_m / y }
}

fn lon_lat(position: Position) -> LonLat {
    [position.longitude, position.latitude]
}

/// A ring through points given in metres from `HERE`, closed.
fn ring(corners: &[[f64; 2]]) -> Vec<LonLat> {
    corners.iter().chain(corners.first()).map(|[e, n]| lon_lat(at_m(*e, *n))).collect()
}

fn square(half_m: f64) -> Vec<LonLat> {
    ring(&[[-half_m, -half_m], [half_m, -half_m], [half_m, half_m], [-half_m, half_m]])
}

/// 1 km square with a hole of 200 m in the middle.
fn square_with_hole() -> Area {
    Area::polygon(&[square(500.0), square(100.0)]).unwrap()
}

fn fix(position: Position, accuracy_m: f64) -> Fix {
    Fix { position, accuracy_m }
}

/// A ring whose corners stand at the given distances around a centre: never crosses itself.
fn star(centre: Position, distances_m: &[f64]) -> Vec<LonLat> {
    let plane = plane::Plane::at(centre);
    let [x, y] = plane.project([centre.longitude + 1.0, centre.latitude + 1.0]);
    let count = distances_m.len();
    let corners = distances_m.iter().enumerate().map(|(n, distance_m)| {
        let turn = std::f64::consts::TAU * f64::from(u32::try_from(n).unwrap())
            / f64::from(u32::try_from(count).unwrap());
        [
            centre.longitude + distance_m * turn.sin() / x,
            centre.latitude + distance_m * turn.cos() / y,
        ]
    });
    let mut ring: Vec<_> = corners.collect();
    ring.push(ring[0]);
    ring
}

/// Somewhere in the British Isles.
fn some_place() -> impl Strategy<Value = Position> {
    (49.8..60.9_f64, -8.0..1.8_f64)
        .prop_map(|(latitude, longitude)| Position { latitude, longitude })
}
