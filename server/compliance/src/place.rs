//! Whether a position shows that somebody was at a station, given how accurate it is.

use geo::Point;
use geo::line_measures::{Distance, Geodesic};

use crate::instant::Instant;
use crate::word::words;

/// WGS 84, degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    pub latitude: f64,
    pub longitude: f64,
}

impl Position {
    pub fn is_on_earth(self) -> bool {
        self.latitude.abs() <= 90.0 && self.longitude.abs() <= 180.0
    }

    /// Along the ellipsoid, in metres.
    pub fn distance_m(self, other: Position) -> f64 {
        Geodesic.distance(point(self), point(other))
    }
}

/// A position as a phone reports it: the true one is within `accuracy_m` with 95 % confidence
/// (W3C Geolocation).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fix {
    pub position: Position,
    pub accuracy_m: f64,
}

impl Fix {
    /// A tag's vendor states the radius that holds 68 % of the fixes. If the error is spread alike
    /// in all directions (a two-dimensional Gaussian), 95 % lie within 1.62 times that radius: the
    /// square root of ln 0.05 / ln 0.32.
    pub fn of_68_percent(position: Position, radius_m: f64) -> Self {
        Self { position, accuracy_m: radius_m * 1.6215 }
    }
}

words! {
    /// Who or what says that the subject was at a position.
    SightingSource {
        OfficerSighting = "officer_sighting",
        Tag = "tag",
        /// Somebody who is not an officer: a victim, a witness, an organisation.
        Reported = "reported",
    }
}

/// When and where the subject was, and who says so. Always the subject: the victim is never
/// tracked (`domain.md`, J12).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sighting {
    pub fix: Fix,
    pub at: Instant,
    pub source: SightingSource,
}

/// The ground on which a station counts as attended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Circle {
    pub centre: Position,
    pub radius_m: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Place {
    /// The whole accuracy circle is on the station's ground.
    Inside {
        distance_m: f64,
    },
    /// No part of it is.
    Outside {
        distance_m: f64,
    },
    /// The accuracy circle crosses the edge: the fix proves nothing.
    Uncertain {
        distance_m: f64,
    },
    NotStated,
}

impl Circle {
    pub fn judge(&self, fix: Option<Fix>) -> Place {
        let Some(fix) = fix else { return Place::NotStated };
        let distance_m = self.centre.distance_m(fix.position);
        if distance_m + fix.accuracy_m <= self.radius_m {
            Place::Inside { distance_m }
        } else if distance_m - fix.accuracy_m > self.radius_m {
            Place::Outside { distance_m }
        } else {
            Place::Uncertain { distance_m }
        }
    }
}

fn point(position: Position) -> Point {
    Point::new(position.longitude, position.latitude)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// About 111 m north for each thousandth of a degree.
    fn judged(north_deg: f64, accuracy_m: f64) -> Place {
        let centre = Position { latitude: 54.0, longitude: -2.0 };
        let position = Position { latitude: 54.0 + north_deg, longitude: -2.0 };
        Circle { centre, radius_m: 150.0 }.judge(Some(Fix { position, accuracy_m }))
    }

    #[test]
    fn a_place_is_inside_only_when_the_whole_accuracy_circle_is() {
        assert!(matches!(judged(0.001, 30.0), Place::Inside { .. }));
        assert!(matches!(judged(0.001, 60.0), Place::Uncertain { .. }));
        assert!(matches!(judged(0.002, 30.0), Place::Outside { .. }));
        assert!(matches!(judged(0.002, 120.0), Place::Uncertain { .. }));
    }

    #[test]
    fn distances_are_geodesic() {
        let Place::Outside { distance_m } = judged(0.01, 5.0) else { panic!("far away") };
        assert!((distance_m - 1113.2).abs() < 0.5, "{distance_m}");
    }

    #[test]
    fn a_radius_that_holds_two_thirds_is_widened_to_one_that_holds_nearly_all() {
        let position = Position { latitude: 54.0, longitude: -2.0 };
        let widened = Fix::of_68_percent(position, 10.0);
        assert!((widened.accuracy_m - 10.0 * (0.05_f64.ln() / 0.32_f64.ln()).sqrt()).abs() < 0.01);
    }

    #[test]
    fn no_fix_says_nothing() {
        let centre = Position { latitude: 54.0, longitude: -2.0 };
        assert_eq!(Circle { centre, radius_m: 150.0 }.judge(None), Place::NotStated);
    }
}
