//! The flat map around one position, on which distances to edges are measured.
//!
//! RFC 7946, 3.1.1: a line between two positions is straight in longitude and latitude. Degrees are
//! scaled to metres with the ellipsoid's radii at the position, which keeps such lines straight.

use crate::place::Position;

/// Longitude and latitude in degrees, in the order of RFC 7946, 3.1.1.
pub type LonLat = [f64; 2];

/// WGS 84: semi-major axis, and the square of the first eccentricity.
const SEMI_MAJOR_M: f64 = 6_378_137.0;
const ECCENTRICITY_SQ: f64 = 0.006_694_379_990_14;

#[derive(Debug, Clone, Copy)]
pub(super) struct Plane {
    lon: f64,
    lat: f64,
    east_m_per_deg: f64,
    north_m_per_deg: f64,
    /// How fast the plane goes wrong: metres of error for each square metre of distance.
    error_per_m2: f64,
}

impl Plane {
    pub(super) fn at(origin: Position) -> Self {
        let (sine, cosine) = origin.latitude.to_radians().sin_cos();
        let cosine = cosine.max(1e-9);
        let flattened = 1.0 - ECCENTRICITY_SQ * sine * sine;
        let across_m = SEMI_MAJOR_M / flattened.sqrt();
        let along_m = across_m * (1.0 - ECCENTRICITY_SQ) / flattened;
        Self {
            lon: origin.longitude,
            lat: origin.latitude,
            east_m_per_deg: across_m.to_radians() * cosine,
            north_m_per_deg: along_m.to_radians(),
            error_per_m2: (1.0 + (sine / cosine).abs()) / (2.0 * SEMI_MAJOR_M),
        }
    }

    /// The plane of the same place with its longitude written so that it is within half a turn of
    /// `lon`. Zones do not cross the antimeridian, but a position may lie beyond it.
    pub(super) fn turned_towards(self, lon: f64) -> Self {
        let turn = if lon - self.lon > 180.0 {
            360.0
        } else if lon - self.lon < -180.0 {
            -360.0
        } else {
            0.0
        };
        Self { lon: self.lon + turn, ..self }
    }

    pub(super) fn origin(&self) -> LonLat {
        [self.lon, self.lat]
    }

    /// Metres east and north of the plane's origin.
    pub(super) fn project(&self, [lon, lat]: LonLat) -> [f64; 2] {
        [(lon - self.lon) * self.east_m_per_deg, (lat - self.lat) * self.north_m_per_deg]
    }

    /// The most by which a distance of `distance_m` from the origin can be wrong: 1 cm at 250 m and
    /// 17 m at 10 km in Britain. Far away only the order of magnitude is right.
    pub(super) fn error_m(&self, distance_m: f64) -> f64 {
        let distance_m = distance_m.abs();
        (self.error_per_m2 * distance_m * distance_m).min(0.75 * distance_m)
    }

    /// Degrees of longitude and latitude that are surely no less than `distance_m`, anywhere that
    /// far around the origin.
    pub(super) fn reach_deg(&self, distance_m: f64) -> [f64; 2] {
        let lat = distance_m / 110_000.0;
        let narrowest = (self.lat.abs() + lat).min(89.0).to_radians().cos();
        [lat / narrowest, lat]
    }
}

/// The square of the distance from the origin to the line between two points.
pub(super) fn to_line_sq([ax, ay]: [f64; 2], [bx, by]: [f64; 2]) -> f64 {
    let (dx, dy) = (bx - ax, by - ay);
    let length_sq = dx * dx + dy * dy;
    let along =
        if length_sq > 0.0 { (-(ax * dx + ay * dy) / length_sq).clamp(0.0, 1.0) } else { 0.0 };
    let (x, y) = (ax + along * dx, ay + along * dy);
    x * x + y * y
}
