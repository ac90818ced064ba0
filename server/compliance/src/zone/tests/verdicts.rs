use super::*;

#[track_caller]
fn check(zone: &Zone, east_m: f64, accuracy_m: f64, verdict: ZoneVerdict) -> Judgement {
    let judged = zone.judge(Some(fix(at_m(east_m, 0.0), accuracy_m)), noon());
    assert_eq!(judged.verdict, verdict, "{judged:?}");
    judged
}

#[test]
fn inside_only_when_all_of_the_accuracy_circle_is() {
    let zone = Zone::new(Area::polygon(&[square(500.0)]).unwrap(), 100.0).unwrap();
    check(&zone, 0.0, 499.0, ZoneVerdict::Inside);
    check(&zone, 0.0, 501.0, ZoneVerdict::Uncertain);
    check(&zone, 460.0, 35.0, ZoneVerdict::Inside);
    check(&zone, 470.0, 35.0, ZoneVerdict::Uncertain);
    check(&zone, 530.0, 35.0, ZoneVerdict::Uncertain);
    check(&zone, 540.0, 35.0, ZoneVerdict::Buffer);
    check(&zone, 560.0, 35.0, ZoneVerdict::Buffer);
    check(&zone, 630.0, 35.0, ZoneVerdict::Buffer);
    check(&zone, 640.0, 35.0, ZoneVerdict::Outside);
}

#[test]
fn a_circle_is_judged_like_any_other_shape() {
    let zone = Zone::new(Area::circle(HERE, 500.0).unwrap(), 0.0).unwrap();
    check(&zone, 0.0, 499.0, ZoneVerdict::Inside);
    check(&zone, 470.0, 35.0, ZoneVerdict::Uncertain);
    check(&zone, 534.0, 35.0, ZoneVerdict::Uncertain);
    check(&zone, 536.0, 35.0, ZoneVerdict::Outside);
}

#[test]
fn the_line_belongs_to_the_zone() {
    let zone = Zone::new(Area::polygon(&[square(500.0)]).unwrap(), 0.0).unwrap();
    let judged = check(&zone, 500.0, 0.0, ZoneVerdict::Inside);
    assert_eq!(judged.margin_m, Some(0.0));
    assert!(judged.reason.contains("belongs to the zone"), "{judged:?}");
    check(&zone, 500.01, 0.0, ZoneVerdict::Outside);
    let holed = Zone::new(square_with_hole(), 0.0).unwrap();
    check(&holed, 100.0, 0.0, ZoneVerdict::Inside);
}

#[test]
fn a_hole_is_outside_and_its_middle_says_how_far() {
    let zone = Zone::new(square_with_hole(), 0.0).unwrap();
    let judged = check(&zone, 0.0, 10.0, ZoneVerdict::Outside);
    assert!((judged.margin_m.unwrap() - 100.0).abs() < 0.1, "{judged:?}");
    check(&zone, 95.0, 10.0, ZoneVerdict::Uncertain);
    let judged = check(&zone, 300.0, 10.0, ZoneVerdict::Inside);
    assert!((judged.margin_m.unwrap() + 200.0).abs() < 0.1, "{judged:?}");
}

#[test]
fn each_shape_of_several_counts_also_where_they_overlap() {
    let east = ring(&[[300.0, -500.0], [1500.0, -500.0], [1500.0, 500.0], [300.0, 500.0]]);
    let zone = Area::polygons(&[vec![square(500.0)], vec![east]]).unwrap();
    let zone = Zone::new(zone, 0.0).unwrap();
    check(&zone, -400.0, 10.0, ZoneVerdict::Inside);
    check(&zone, 400.0, 10.0, ZoneVerdict::Inside);
    check(&zone, 1400.0, 10.0, ZoneVerdict::Inside);
    check(&zone, 1600.0, 10.0, ZoneVerdict::Outside);
}

#[test]
fn without_a_usable_position_nothing_is_known() {
    let zone = Zone::new(square_with_hole(), 0.0).unwrap();
    assert_eq!(zone.judge(None, noon()).verdict, ZoneVerdict::NoFix);
    for accuracy_m in [-1.0, f64::NAN, f64::INFINITY, 60_000.0] {
        let judged = zone.judge(Some(fix(HERE, accuracy_m)), noon());
        assert_eq!(judged.verdict, ZoneVerdict::NoFix, "{accuracy_m}");
        assert_eq!(judged.margin_m, None);
    }
    let nowhere = Position { latitude: f64::NAN, longitude: 0.0 };
    assert_eq!(zone.judge(Some(fix(nowhere, 5.0)), noon()).verdict, ZoneVerdict::NoFix);
}

#[test]
fn a_way_that_the_order_excepts_makes_inside_something_to_look_at() {
    let road = [lon_lat(at_m(-900.0, 0.0)), lon_lat(at_m(900.0, 0.0))];
    let corridor = Corridor::new("the A592", &road, 15.0).unwrap();
    let zone = Zone::new(Area::polygon(&[square(500.0)]).unwrap(), 0.0)
        .unwrap()
        .excepting(TransitException::Corridor(corridor));
    let judged = check(&zone, 0.0, 10.0, ZoneVerdict::Transit);
    assert!(judged.reason.contains("the A592"), "{judged:?}");
    let aside = |north_m| zone.judge(Some(fix(at_m(0.0, north_m), 10.0)), noon()).verdict;
    assert_eq!(aside(24.0), ZoneVerdict::Transit);
    assert_eq!(aside(26.0), ZoneVerdict::Inside);
    check(&zone, 495.0, 10.0, ZoneVerdict::Uncertain);
}

#[test]
fn a_way_in_words_only_changes_no_verdict_but_is_said() {
    let zone = Zone::new(Area::circle(HERE, 500.0).unwrap(), 0.0)
        .unwrap()
        .excepting(TransitException::named(" the bus to Keswick ").unwrap());
    let judged = check(&zone, 0.0, 10.0, ZoneVerdict::Inside);
    assert!(judged.reason.ends_with("on the bus to Keswick: check whether that applies."));
}

#[test]
fn a_zone_binds_only_while_it_is_in_force() {
    let from = noon();
    let until = Some(noon() + 1_000);
    let zone = Zone::new(Area::circle(HERE, 500.0).unwrap(), 0.0).unwrap();
    let zone = zone.in_force(Span { from, until }).unwrap();
    let at = |ms| zone.judge(Some(fix(HERE, 10.0)), noon() + ms).verdict;
    assert_eq!([-1, 0, 999, 1_000].map(at), {
        use ZoneVerdict::{Inside, NotInForce};
        [NotInForce, Inside, Inside, NotInForce]
    });
    let far = zone.judge(Some(fix(at_m(900.0, 0.0), 10.0)), noon() + -1).verdict;
    assert_eq!(far, ZoneVerdict::Outside, "who is plainly outside is outside at any time");
}

#[test]
fn a_position_beyond_the_antimeridian_is_measured_the_short_way_round() {
    let ring = vec![[179.9, 10.0], [179.99, 10.0], [179.99, 10.1], [179.9, 10.1], [179.9, 10.0]];
    let area = Area::polygon(&[ring]).unwrap();
    let beyond = area.margin_m(Position { latitude: 10.05, longitude: -179.99 });
    assert!((beyond - 2_190.0).abs() < 10.0, "{beyond}");
}

#[test]
fn areas_meet_if_they_share_any_ground() {
    let at = |east_m: f64, half_m: f64| {
        let [west, east] = [east_m - half_m, east_m + half_m];
        let corners = [[west, -half_m], [east, -half_m], [east, half_m], [west, half_m]];
        Area::polygon(&[ring(&corners)]).unwrap()
    };
    let circle = |east_m, radius_m| Area::circle(at_m(east_m, 0.0), radius_m).unwrap();
    let meet = |one: &Area, other: &Area, expected| {
        assert_eq!((one.meets(other), other.meets(one)), (expected, expected), "{one:?} {other:?}");
    };
    meet(&at(0.0, 500.0), &at(0.0, 500.0), true);
    meet(&at(0.0, 500.0), &at(10.0, 50.0), true);
    meet(&at(0.0, 500.0), &at(900.0, 500.0), true);
    meet(&at(0.0, 500.0), &at(1_100.0, 500.0), false);
    meet(&square_with_hole(), &at(0.0, 50.0), false);
    meet(&square_with_hole(), &circle(0.0, 50.0), false);
    meet(&square_with_hole(), &circle(0.0, 150.0), true);
    meet(&circle(0.0, 500.0), &circle(900.0, 450.0), true);
    meet(&circle(0.0, 500.0), &circle(900.0, 350.0), false);
    meet(&circle(0.0, 500.0), &at(0.0, 10.0), true);
    meet(&circle(900.0, 300.0), &at(0.0, 500.0), false);
}
