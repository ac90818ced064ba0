//! Whether a position shows that somebody was at a station, given how accurate it is.

use geo::Point;
use geo::line_measures::{Distance, Geodesic};

/// WGS 84, degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    pub latitude: f64,
    pub longitude: f64,
}

/// A position as a phone reports it: the true one is within `accuracy_m` with 95 % confidence
/// (W3C Geolocation).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fix {
    pub position: Position,
    pub accuracy_m: f64,
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
        let distance_m = Geodesic.distance(point(self.centre), point(fix.position));
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
    fn no_fix_says_nothing() {
        let centre = Position { latitude: 54.0, longitude: -2.0 };
        assert_eq!(Circle { centre, radius_m: 150.0 }.judge(None), Place::NotStated);
    }
}
