//! All zones by where they are, so that judging a position costs what is near and not what exists.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use rstar::{AABB, RTree, RTreeObject};

use super::plane::Plane;
use super::{Judgement, Zone, ZoneVerdict, is_usable};
use crate::instant::Instant;
use crate::place::{Fix, Position};

/// The boxes are grown by a little more than the buffer and the accuracy, because distances on the
/// flat map are wrong by up to 3 % at the greatest accuracy radius that is used (50 km).
const SLACK: f64 = 1.05;

/// One zone for each key; what the key names is the caller's business.
#[derive(Debug, Clone)]
pub struct ZoneIndex<K: Copy + Eq + Hash> {
    tree: RTree<Entry<K>>,
    zones: HashMap<K, Arc<Zone>>,
}

#[derive(Debug, Clone)]
struct Entry<K> {
    key: K,
    bounds: AABB<[f64; 2]>,
    zone: Arc<Zone>,
}

impl<K> Entry<K> {
    fn new(key: K, zone: Arc<Zone>) -> Self {
        let bounds = zone.area().bounds();
        let reaches = [bounds.lat_min, bounds.lat_max].map(|latitude| {
            Plane::at(Position { latitude, longitude: 0.0 }).reach_deg(zone.buffer_m() * SLACK)
        });
        let lon = reaches.iter().map(|reach| reach[0]).fold(0.0, f64::max);
        let lat = reaches.iter().map(|reach| reach[1]).fold(0.0, f64::max);
        let bounds = AABB::from_corners(
            [bounds.lon_min - lon, bounds.lat_min - lat],
            [bounds.lon_max + lon, bounds.lat_max + lat],
        );
        Self { key, bounds, zone }
    }
}

impl<K> RTreeObject for Entry<K> {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        self.bounds
    }
}

impl<K: PartialEq> PartialEq for Entry<K> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl<K: Copy + Eq + Hash> ZoneIndex<K> {
    /// Of two zones under one key the later one stands.
    pub fn build(zones: Vec<(K, Zone)>) -> Self {
        let zones: HashMap<K, Arc<Zone>> =
            zones.into_iter().map(|(key, zone)| (key, Arc::new(zone))).collect();
        let entries = zones.iter().map(|(key, zone)| Entry::new(*key, Arc::clone(zone)));
        Self { tree: RTree::bulk_load(entries.collect()), zones }
    }

    pub fn len(&self) -> usize {
        self.zones.len()
    }

    pub fn is_empty(&self) -> bool {
        self.zones.is_empty()
    }

    pub fn get(&self, key: K) -> Option<&Zone> {
        self.zones.get(&key).map(Arc::as_ref)
    }

    /// Puts the zone in, in place of the one that the key had.
    pub fn insert(&mut self, key: K, zone: Zone) {
        self.remove(key);
        let zone = Arc::new(zone);
        self.tree.insert(Entry::new(key, Arc::clone(&zone)));
        self.zones.insert(key, zone);
    }

    /// Whether the key had a zone.
    pub fn remove(&mut self, key: K) -> bool {
        let Some(zone) = self.zones.remove(&key) else { return false };
        self.tree.remove(&Entry::new(key, zone)).is_some()
    }

    /// Every zone that could be within `radius_m` of the position, buffer included, and perhaps a
    /// few that are not; in no order.
    pub fn near(&self, position: Position, radius_m: f64) -> impl Iterator<Item = (K, &Zone)> {
        let [lon, lat] = Plane::at(position).reach_deg(radius_m.max(0.0) * SLACK);
        let around = move |turn: f64| {
            let middle = position.longitude + turn;
            AABB::from_corners(
                [middle - lon, position.latitude - lat],
                [middle + lon, position.latitude + lat],
            )
        };
        // The far side of the antimeridian is written with another longitude.
        let turns = [
            Some(0.0),
            (position.longitude - lon < -180.0).then_some(360.0),
            (position.longitude + lon > 180.0).then_some(-360.0),
        ];
        let found = turns
            .into_iter()
            .flatten()
            .flat_map(move |turn| self.tree.locate_in_envelope_intersecting(&around(turn)));
        found.map(|entry| (entry.key, entry.zone.as_ref()))
    }

    /// What a fix shows about every zone that it is not plainly outside of. A fix that cannot be used
    /// is near nothing: that it came is for the caller to say.
    pub fn judge(&self, fix: Fix, at: Instant) -> Vec<(K, Judgement)> {
        if !is_usable(fix) {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (key, zone) in self.near(fix.position, fix.accuracy_m) {
            match zone.measured_verdict(fix, at) {
                None | Some((ZoneVerdict::Outside, _)) => {}
                Some((verdict, measured)) => {
                    found.push((key, zone.explained(verdict, measured, fix)));
                }
            }
        }
        found
    }
}
