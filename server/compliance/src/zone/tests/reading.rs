use super::*;

#[track_caller]
fn refused(rings: &[Vec<LonLat>], says: &str) {
    let refusal = Area::polygon(rings).unwrap_err().to_string();
    assert!(refusal.contains(says), "{refusal}");
}

#[test]
fn an_outline_that_cannot_be_kept_is_refused_with_what_to_do() {
    refused(&[], "draw at least one shape");
    refused(&[vec![[-2.7, 54.6]; 3]], "has 3");
    refused(&[vec![[-2.7, 54.6], [-2.6, 54.6], [-2.6, 54.7], [-2.7, 54.7]]], "repeat its first");
    refused(&[vec![[-2.7, f64::NAN]; 4]], "is not a place");
    refused(&[vec![[-2.7, f64::INFINITY]; 4]], "is not a place");
    refused(&[vec![[-200.0, 54.6]; 4]], "is not a place");
    refused(&[vec![[-2.7, 88.0]; 4]], "no more than 80 degrees");
    refused(&[vec![[-2.7, 54.6]; 4]], "less than a square metre");
    refused(&[vec![[-2.7, 54.6]; POSITIONS_MAX + 1]], "simplify");
    refused(&[square(40_000.0)], "covers 6400 km2");
    let around = vec![[-170.0, 1.0], [170.0, 1.0], [170.0, 1.1], [-170.0, 1.1], [-170.0, 1.0]];
    refused(&[around], "180th meridian");
}

#[test]
fn latitude_given_before_longitude_is_asked_about() {
    let refusal = Area::circle(Position { latitude: -2.75, longitude: 254.66 }, 100.0);
    assert!(refusal.unwrap_err().to_string().contains("Give longitude before latitude"));
}

#[test]
fn lines_that_cross_are_refused_and_lines_that_touch_are_not() {
    let bow = ring(&[[-500.0, -500.0], [500.0, 500.0], [500.0, -500.0], [-500.0, 500.0]]);
    refused(&[bow], "crosses itself");
    refused(&[square(500.0), ring(&[[0.0, 0.0], [900.0, 0.0], [0.0, 300.0]])], "crosses itself");
    let outside = ring(&[[700.0, 0.0], [900.0, 0.0], [700.0, 300.0]]);
    refused(&[square(500.0), outside], "lies outside its shape");
    let touching = ring(&[[0.0, 0.0], [500.0, 0.0], [0.0, 300.0]]);
    assert!(Area::polygon(&[square(500.0), touching]).is_ok());
}

#[test]
fn either_way_round_is_the_same_ground() {
    let mut backwards = square(500.0);
    backwards.reverse();
    let [one, other] = [square(500.0), backwards].map(|ring| Area::polygon(&[ring]).unwrap());
    for east_m in [0.0, 300.0, 499.0, 700.0] {
        let place = at_m(east_m, 20.0);
        assert!((one.margin_m(place) - other.margin_m(place)).abs() < 1e-6);
    }
}

#[test]
fn sizes_out_of_range_are_refused() {
    for radius_m in [0.0, -5.0, f64::NAN, 50_000.0] {
        assert!(Area::circle(HERE, radius_m).is_err(), "{radius_m}");
    }
    let edge = Position { latitude: 10.0, longitude: 179.999 };
    assert_eq!(Area::circle(edge, 5_000.0), Err(ZoneRefusal::CrossesAntimeridian));
    for buffer_m in [-1.0, f64::NAN, BUFFER_M_MAX + 1.0] {
        assert!(Zone::new(square_with_hole(), buffer_m).is_err(), "{buffer_m}");
    }
}

#[test]
fn a_corridor_is_a_named_line_with_a_width() {
    let line = [lon_lat(at_m(0.0, 0.0)), lon_lat(at_m(500.0, 0.0))];
    assert!(Corridor::new("the A6", &line, 20.0).is_ok());
    assert_eq!(Corridor::new("  ", &line, 20.0), Err(ZoneRefusal::RouteWithoutName));
    assert_eq!(Corridor::new("the A6", &line[..1], 20.0), Err(ZoneRefusal::CorridorTooShort));
    assert!(Corridor::new("the A6", &line, 0.0).is_err());
    assert!(Corridor::new("the A6", &line, 900.0).is_err());
}
