use super::*;

fn some_zone() -> impl Strategy<Value = Zone> {
    let distances = proptest::collection::vec(200.0..9_000.0_f64, 4..12);
    let area = (near_here(), proptest::option::of(distances), 50.0..5_000.0_f64).prop_map(
        |(centre, distances, radius_m)| match distances {
            Some(distances) => Area::polygon(&[star(centre, &distances)]).unwrap(),
            None => Area::circle(centre, radius_m).unwrap(),
        },
    );
    (area, 0.0..5_000.0_f64).prop_map(|(area, buffer_m)| Zone::new(area, buffer_m).unwrap())
}

fn near_here() -> impl Strategy<Value = Position> {
    (54.0..55.3_f64, -3.9..-1.6_f64)
        .prop_map(|(latitude, longitude)| Position { latitude, longitude })
}

fn sorted(mut found: Vec<(usize, Judgement)>) -> Vec<(usize, Judgement)> {
    found.sort_by_key(|(key, _)| *key);
    found
}

/// What the index must say: every zone judged, one after the other.
fn one_by_one(zones: &[(usize, Zone)], fix: Fix) -> Vec<(usize, Judgement)> {
    let judged = zones.iter().map(|(key, zone)| (*key, zone.judge(Some(fix), noon())));
    let is_told = |verdict| !matches!(verdict, ZoneVerdict::Outside | ZoneVerdict::NoFix);
    sorted(judged.filter(|(_, judged)| is_told(judged.verdict)).collect())
}

proptest! {
    #[test]
    fn the_index_says_what_judging_every_zone_says(
        zones in proptest::collection::vec(some_zone(), 0..40),
        taken_out in proptest::collection::vec(0_usize..40, 0..10),
        positions in proptest::collection::vec((near_here(), 0.0..40_000.0_f64), 1..12),
    ) {
        let zones: Vec<_> = zones.into_iter().enumerate().collect();
        let (first, later) = zones.split_at(zones.len() / 2);
        let mut index = ZoneIndex::build(first.to_vec());
        for (key, zone) in later {
            index.insert(*key, zone.clone());
        }
        let mut left = zones.clone();
        for key in taken_out {
            let was_there = left.iter().any(|(kept, _)| *kept == key);
            prop_assert_eq!(index.remove(key), was_there);
            left.retain(|(kept, _)| *kept != key);
        }
        prop_assert_eq!(index.len(), left.len());
        for (position, accuracy_m) in positions {
            let fix = fix(position, accuracy_m);
            prop_assert_eq!(sorted(index.judge(fix, noon())), one_by_one(&left, fix));
        }
    }

    #[test]
    fn near_leaves_nothing_out(
        zones in proptest::collection::vec(some_zone(), 0..30),
        position in near_here(),
        radius_m in 0.0..40_000.0_f64,
    ) {
        let zones: Vec<_> = zones.into_iter().enumerate().collect();
        let index = ZoneIndex::build(zones.clone());
        let found: Vec<usize> = index.near(position, radius_m).map(|(key, _)| key).collect();
        for (key, zone) in &zones {
            let is_near = zone.area().margin_m(position) - zone.buffer_m() <= radius_m;
            prop_assert!(!is_near || found.contains(key));
        }
    }
}

#[test]
fn another_zone_under_the_same_key_takes_its_place() {
    let zone = |east_m| Zone::new(Area::circle(at_m(east_m, 0.0), 100.0).unwrap(), 0.0).unwrap();
    let mut index = ZoneIndex::build(vec![('a', zone(0.0))]);
    index.insert('a', zone(5_000.0));
    assert_eq!(index.len(), 1);
    assert!(index.judge(fix(HERE, 5.0), noon()).is_empty());
    let found = index.judge(fix(at_m(5_000.0, 0.0), 5.0), noon());
    assert_eq!(
        found.iter().map(|(key, judged)| (*key, judged.verdict)).collect::<Vec<_>>(),
        [('a', ZoneVerdict::Inside)]
    );
    assert!(index.remove('a'));
    assert!(!index.remove('a'));
    assert!(index.is_empty());
    assert!(index.get('a').is_none());
}

#[test]
fn a_zone_on_the_other_side_of_the_antimeridian_is_near() {
    let edge = Position { latitude: 0.0, longitude: 179.9 };
    let zone = Zone::new(Area::circle(edge, 1_000.0).unwrap(), 0.0).unwrap();
    let index = ZoneIndex::build(vec![('z', zone)]);
    let beyond = Position { latitude: 0.0, longitude: -179.95 };
    let found = index.judge(fix(beyond, 40_000.0), noon());
    assert_eq!(found.len(), 1, "{found:?}");
}
