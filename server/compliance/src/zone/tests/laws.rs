//! What must hold for every zone and every position.

use geo::line_measures::{Destination, Distance, Geodesic};
use geo::{Contains, LineString, Point, Polygon};

use super::*;

fn point(position: Position) -> Point {
    Point::new(position.longitude, position.latitude)
}

fn place(point: Point) -> Position {
    Position { latitude: point.y(), longitude: point.x() }
}

/// An irregular shape around a place, perhaps with a hole.
fn some_rings() -> impl Strategy<Value = (Position, Vec<Vec<LonLat>>)> {
    let distances = proptest::collection::vec(150.0..1_500.0_f64, 5..90);
    (some_place(), distances, proptest::option::of(20.0..100.0_f64)).prop_map(
        |(centre, distances, hole_m)| {
            let shell = star(centre, &distances);
            let hole = hole_m.map(|hole_m| star(centre, &[hole_m; 7]));
            (centre, std::iter::once(shell).chain(hole).collect())
        },
    )
}

fn geo_polygon(rings: &[Vec<LonLat>]) -> Polygon {
    let line = |ring: &Vec<LonLat>| LineString::from(ring.clone());
    Polygon::new(line(&rings[0]), rings[1..].iter().map(line).collect())
}

/// Geodesic distance to the nearest of many points on the lines.
fn densely_measured(rings: &[Vec<LonLat>], from: Position) -> f64 {
    let edges = rings.iter().flat_map(|ring| ring.windows(2));
    let points = edges.flat_map(|edge| {
        (0..=400).map(move |n| {
            let t = f64::from(n) / 400.0;
            Point::new(
                edge[0][0] + t * (edge[1][0] - edge[0][0]),
                edge[0][1] + t * (edge[1][1] - edge[0][1]),
            )
        })
    });
    points.map(|on| Geodesic.distance(point(from), on)).fold(f64::INFINITY, f64::min)
}

/// The only place outside that needs thousands of geodesics a case, so fewer cases.
fn few() -> ProptestConfig {
    ProptestConfig::with_cases(24)
}

proptest! {
    #![proptest_config(few())]

    #[test]
    fn the_margin_is_the_geodesic_distance_to_the_line(
        (centre, rings) in some_rings(),
        bearing in 0.0..360.0_f64,
        away_m in 0.0..6_000.0_f64,
    ) {
        let area = Area::polygon(&rings).unwrap();
        let from = place(Geodesic.destination(point(centre), bearing, away_m));
        let measured = area.measure(from);
        let truth_m = densely_measured(&rings, from);
        // The samples stand up to 4 m apart on the line, so they are themselves a little too far.
        let gap_m = 2.0_f64.hypot(truth_m) - truth_m;
        let wrong_m = (measured.margin_m.abs() - truth_m).abs();
        prop_assert!(wrong_m <= measured.error_m + gap_m + 0.01, "{measured:?} {truth_m}");
        let contains = geo_polygon(&rings).contains(&point(from));
        prop_assert_eq!(measured.margin_m < 0.0, contains);
    }

    /// Points all over the accuracy circle, each asked whether it is in the area or the buffer.
    #[test]
    fn verdicts_agree_with_a_dense_sample_of_the_accuracy_circle(
        (centre, rings) in some_rings(),
        bearing in 0.0..360.0_f64,
        away_m in 0.0..2_500.0_f64,
        accuracy_m in 0.0..500.0_f64,
        buffer_m in 0.0..300.0_f64,
    ) {
        let area = Area::polygon(&rings).unwrap();
        let polygon = geo_polygon(&rings);
        let from = place(Geodesic.destination(point(centre), bearing, away_m));
        let zone = Zone::new(area.clone(), buffer_m).unwrap();
        let verdict = zone.judge(Some(fix(from, accuracy_m)), noon()).verdict;
        let samples = (0..72).flat_map(|turn| (0..=12).map(move |ring| (turn, ring)));
        for (turn, ring) in samples {
            let radius_m = accuracy_m * f64::from(ring) / 12.0;
            let at = Geodesic.destination(point(from), f64::from(turn) * 5.0, radius_m);
            let is_in = polygon.contains(&at);
            let is_near = is_in || area.margin_m(place(at)) <= buffer_m - 0.05;
            match verdict {
                ZoneVerdict::Inside => prop_assert!(is_in),
                ZoneVerdict::Outside => prop_assert!(!is_near),
                ZoneVerdict::Buffer => prop_assert!(!is_in),
                _ => {}
            }
        }
        // And the doubtful verdicts are not given where there is no doubt.
        let margin_m = area.margin_m(from);
        let error_m = area.measure(from).error_m;
        match verdict {
            ZoneVerdict::Uncertain => prop_assert!(margin_m.abs() <= accuracy_m + error_m),
            ZoneVerdict::Buffer => {
                prop_assert!(margin_m - accuracy_m - error_m <= buffer_m);
            }
            _ => {}
        }
    }
}

proptest! {
    #[test]
    fn the_flat_map_is_never_more_wrong_than_it_says(
        latitude in -80.0..80.0_f64,
        bearing in 0.0..360.0_f64,
        away_m in 0.0..60_000.0_f64,
    ) {
        let from = Position { latitude, longitude: 3.0 };
        let to = Geodesic.destination(point(from), bearing, away_m);
        let plane = plane::Plane::at(from);
        let [x, y] = plane.project([to.x(), to.y()]);
        let wrong_m = (x.hypot(y) - away_m).abs();
        prop_assert!(wrong_m <= plane.error_m(away_m) + 1e-6, "{wrong_m} {}", plane.error_m(away_m));
    }

    /// Most runs of edges are passed over; the answer must be that of looking at every edge.
    #[test]
    fn passing_over_edges_changes_nothing(
        distances in proptest::collection::vec(400.0..900.0_f64, 200..900),
        east_m in -1_200.0..1_200.0_f64,
        north_m in -1_200.0..1_200.0_f64,
    ) {
        let ring = star(HERE, &distances);
        let from = at_m(east_m, north_m);
        let plane = plane::Plane::at(from);
        let all = ring.windows(2).map(|edge| {
            plane::to_line_sq(plane.project(edge[0]), plane.project(edge[1]))
        });
        let nearest_m = all.fold(f64::INFINITY, f64::min).sqrt();
        let contains = geo_polygon(std::slice::from_ref(&ring)).contains(&point(from));
        let margin_m = Area::polygon(&[ring]).unwrap().margin_m(from);
        prop_assert!((margin_m.abs() - nearest_m).abs() < 0.002);
        prop_assert!(nearest_m < 0.002 || contains == (margin_m < 0.0));
    }

    #[test]
    fn a_better_fix_of_the_same_place_never_takes_back_what_was_sure(
        (centre, rings) in some_rings(),
        east in -0.03..0.03_f64,
        north in -0.02..0.02_f64,
        accuracy_m in 1.0..900.0_f64,
        share in 0.0..1.0_f64,
    ) {
        let zone = Zone::new(Area::polygon(&rings).unwrap(), 100.0).unwrap();
        let position =
            Position { latitude: centre.latitude + north, longitude: centre.longitude + east };
        let verdict = |accuracy_m| zone.judge(Some(fix(position, accuracy_m)), noon()).verdict;
        let (rough, fine) = (verdict(accuracy_m), verdict(accuracy_m * share));
        match rough {
            ZoneVerdict::Inside | ZoneVerdict::Outside => prop_assert_eq!(fine, rough),
            ZoneVerdict::Buffer => {
                prop_assert!(matches!(fine, ZoneVerdict::Buffer | ZoneVerdict::Outside));
            }
            _ => {}
        }
    }

    #[test]
    fn no_numbers_whatever_make_a_judgement_fail(
        latitude in proptest::num::f64::ANY,
        longitude in proptest::num::f64::ANY,
        accuracy_m in proptest::num::f64::ANY,
        corners in proptest::collection::vec(
            [-400.0..400.0_f64, -400.0..400.0_f64], 0..9
        ),
    ) {
        let mut ring: Vec<LonLat> = corners;
        ring.extend(ring.first().copied());
        let drawn = Area::polygon(&[ring]);
        let position = Position { latitude, longitude };
        let circle = Area::circle(position, accuracy_m);
        for area in [drawn, circle, Ok(square_with_hole())].into_iter().flatten() {
            let zone = Zone::new(area, 10.0).unwrap();
            let judged = zone.judge(Some(fix(position, accuracy_m)), noon());
            prop_assert!(judged.margin_m.is_none_or(f64::is_finite), "{judged:?}");
        }
    }
}
