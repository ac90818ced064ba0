//! Ways through a zone that the order allows to be travelled.

use super::ZoneRefusal;
use super::area::check_place;
use super::outline::Outline;
use super::plane::{LonLat, Plane};
use crate::place::Fix;

/// Wider than any motorway with its slip roads; more would be a hole in the zone.
pub const HALF_WIDTH_M_MAX: f64 = 250.0;

#[derive(Debug, Clone, PartialEq)]
pub enum TransitException {
    /// A way that is drawn, so that a position can be held against it.
    Corridor(Corridor),
    /// A way that the order only names. No position can settle it; it is said with each verdict.
    Named { name: String },
}

impl TransitException {
    pub fn named(name: &str) -> Result<Self, ZoneRefusal> {
        Ok(Self::Named { name: route_name(name)? })
    }

    pub fn name(&self) -> &str {
        match self {
            Self::Corridor(corridor) => &corridor.name,
            Self::Named { name } => name,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Corridor {
    name: String,
    line: Outline,
    half_width_m: f64,
}

impl Corridor {
    /// `line` holds the coordinates of a GeoJSON LineString (RFC 7946, 3.1.4).
    pub fn new(name: &str, line: &[LonLat], half_width_m: f64) -> Result<Self, ZoneRefusal> {
        line.iter().try_for_each(|point| check_place(*point))?;
        let is_a_way = line.iter().zip(line.iter().skip(1)).any(|(from, to)| from != to);
        if !is_a_way {
            return Err(ZoneRefusal::CorridorTooShort);
        }
        if !(half_width_m > 0.0 && half_width_m <= HALF_WIDTH_M_MAX) {
            return Err(ZoneRefusal::HalfWidthOutOfRange { half_width_m });
        }
        Ok(Self { name: route_name(name)?, line: Outline::line(line), half_width_m })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether any part of the accuracy circle is in the corridor. The doubt is the subject's: a
    /// person looks before anything is made of it.
    pub(super) fn may_hold(&self, fix: Fix) -> bool {
        let middle = self.line.bounds();
        let plane = Plane::at(fix.position).turned_towards((middle.lon_min + middle.lon_max) / 2.0);
        let distance_m = self.line.distance_sq(&plane, f64::INFINITY).sqrt();
        distance_m - plane.error_m(distance_m) - fix.accuracy_m <= self.half_width_m
    }
}

fn route_name(name: &str) -> Result<String, ZoneRefusal> {
    let name = name.trim();
    if name.is_empty() { Err(ZoneRefusal::RouteWithoutName) } else { Ok(name.to_owned()) }
}
