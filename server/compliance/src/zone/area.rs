//! The ground of a zone: a circle, or shapes with holes, as GeoJSON draws them.

use super::ZoneRefusal;
use super::outline::{Bounds, Outline};
use super::plane::{LonLat, Plane};
use crate::place::{Circle, Position};

/// Larger than any county district an order has named; a larger one is most often a slip, such as
/// latitude before longitude.
pub const AREA_KM2_MAX: f64 = 5_000.0;
/// A ward boundary at full detail has some thousands of corners.
pub const POSITIONS_MAX: usize = 20_000;
/// Beyond it, the flat map around a position is no longer good enough.
pub const LATITUDE_MAX: f64 = 80.0;
const RADIUS_M_MAX: f64 = 40_000.0;
/// A position this near to a line is on it: coordinates are not given more finely.
const ON_LINE_M: f64 = 0.001;

/// Ground that has been read and found sound. Its line belongs to it (`domain.md`, section 3: the
/// boundary rule): who stands on the line has not kept out.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    ground: Ground,
    bounds: Bounds,
}

#[derive(Debug, Clone, PartialEq)]
enum Ground {
    Circle(Circle),
    /// One shape at least.
    Shapes(Shape, Vec<Shape>),
}

#[derive(Debug, Clone, PartialEq)]
struct Shape {
    shell: Outline,
    holes: Vec<Outline>,
}

/// How far a position is from the line, and by how much that may be wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Measured {
    /// Negative inside, 0 on the line.
    pub margin_m: f64,
    pub error_m: f64,
}

impl Area {
    pub fn circle(centre: Position, radius_m: f64) -> Result<Self, ZoneRefusal> {
        let middle = [centre.longitude, centre.latitude];
        check_place(middle)?;
        if !(radius_m > 0.0 && radius_m <= RADIUS_M_MAX) {
            return Err(ZoneRefusal::RadiusOutOfRange { radius_m });
        }
        let [lon_deg, lat_deg] = Plane::at(centre).reach_deg(radius_m);
        let bounds = Bounds {
            lon_min: centre.longitude - lon_deg,
            lat_min: centre.latitude - lat_deg,
            lon_max: centre.longitude + lon_deg,
            lat_max: centre.latitude + lat_deg,
        };
        if bounds.lon_min < -180.0 || bounds.lon_max > 180.0 {
            return Err(ZoneRefusal::CrossesAntimeridian);
        }
        Ok(Self { ground: Ground::Circle(Circle { centre, radius_m }), bounds })
    }

    /// The coordinates of a GeoJSON Polygon: the outer ring, then the holes (RFC 7946, 3.1.6).
    pub fn polygon(rings: &[Vec<LonLat>]) -> Result<Self, ZoneRefusal> {
        Self::polygons(std::slice::from_ref(&rings))
    }

    /// The coordinates of a GeoJSON MultiPolygon (RFC 7946, 3.1.7).
    pub fn polygons(polygons: &[impl AsRef<[Vec<LonLat>]>]) -> Result<Self, ZoneRefusal> {
        let rings = || polygons.iter().flat_map(|rings| rings.as_ref());
        if rings().map(Vec::len).sum::<usize>() > POSITIONS_MAX {
            return Err(ZoneRefusal::TooManyPositions);
        }
        rings().flatten().try_for_each(|point| check_place(*point))?;
        let [first, rest @ ..] = polygons else { return Err(ZoneRefusal::Empty) };
        let first = Shape::new(first.as_ref())?;
        let rest = rest.iter().map(|rings| Shape::new(rings.as_ref()));
        let rest = rest.collect::<Result<Vec<_>, _>>()?;
        let shapes = || std::iter::once(&first).chain(&rest);
        let area_km2 = shapes().map(Shape::area_m2).sum::<f64>() / 1e6;
        if area_km2 > AREA_KM2_MAX {
            return Err(ZoneRefusal::TooLarge { area_km2 });
        }
        let bounds = Bounds::around(shapes().flat_map(|shape| shape.shell.bounds().corners()));
        Ok(Self { bounds, ground: Ground::Shapes(first, rest) })
    }

    /// The smallest box around the ground, or one not much larger.
    pub fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// Metres from the line: negative inside, 0 on it.
    pub fn margin_m(&self, position: Position) -> f64 {
        self.measure(position).margin_m
    }

    /// Where shapes overlap or touch, the margin inside is that of the one in which the position
    /// lies deepest: never more than the true one, so that "inside" is never claimed wrongly.
    pub(super) fn measure(&self, position: Position) -> Measured {
        let (margin_m, error_m) = match &self.ground {
            Ground::Circle(circle) => (circle.centre.distance_m(position) - circle.radius_m, 0.0),
            Ground::Shapes(first, rest) => {
                let middle = (self.bounds.lon_min + self.bounds.lon_max) / 2.0;
                let plane = Plane::at(position).turned_towards(middle);
                let others = rest.iter().map(|shape| shape.margin_m(&plane));
                let margin_m = others.fold(first.margin_m(&plane), f64::min);
                (margin_m, plane.error_m(margin_m))
            }
        };
        let is_on_line = margin_m.abs() <= ON_LINE_M;
        Measured { margin_m: if is_on_line { 0.0 } else { margin_m }, error_m }
    }

    /// Whether two areas share any ground. To touch is enough, as the line belongs to both.
    pub fn meets(&self, other: &Area) -> bool {
        if !self.bounds.meets(&other.bounds) {
            return false;
        }
        match (&self.ground, &other.ground) {
            (Ground::Circle(one), _) => other.margin_m(one.centre) <= one.radius_m,
            (_, Ground::Circle(other)) => self.margin_m(other.centre) <= other.radius_m,
            (Ground::Shapes(..), Ground::Shapes(..)) => {
                let are_crossing = self.shapes().any(|one| {
                    other.shapes().any(|other| one.shell.crossing(&other.shell).is_some())
                });
                are_crossing || self.has_corner_in(other) || other.has_corner_in(self)
            }
        }
    }

    /// Without crossing lines, a shape is within another wholly or not at all: one corner tells.
    fn has_corner_in(&self, other: &Area) -> bool {
        let corners = self.shapes().filter_map(|shape| shape.shell.edges().next());
        corners
            .map(|(corner, _)| corner)
            .any(|[longitude, latitude]| other.margin_m(Position { latitude, longitude }) <= 0.0)
    }

    fn shapes(&self) -> impl Iterator<Item = &Shape> {
        let (first, rest) = match &self.ground {
            Ground::Circle(_) => (None, [].as_slice()),
            Ground::Shapes(first, rest) => (Some(first), rest.as_slice()),
        };
        first.into_iter().chain(rest)
    }

    /// Whether the straight line between two positions outside passes over the ground.
    pub(super) fn is_crossed_between(&self, from: Position, to: Position) -> bool {
        match &self.ground {
            Ground::Circle(circle) => {
                let plane = Plane::at(circle.centre);
                let ends = [from, to].map(|end| plane.project([end.longitude, end.latitude]));
                let [from, to] = ends;
                super::plane::to_line_sq(from, to) <= circle.radius_m * circle.radius_m
            }
            Ground::Shapes(..) => {
                let ends = [from, to].map(|end| [end.longitude, end.latitude]);
                let [from, to] = ends;
                self.shapes().any(|shape| shape.shell.is_met_by((from, to)))
            }
        }
    }
}

impl Shape {
    fn new(rings: &[Vec<LonLat>]) -> Result<Self, ZoneRefusal> {
        let [shell, holes @ ..] = rings else { return Err(ZoneRefusal::Empty) };
        let shell = Outline::new(shell)?;
        let holes = holes.iter().map(|hole| Outline::new(hole)).collect::<Result<Vec<_>, _>>()?;
        let shape = Self { shell, holes };
        let bounds = shape.shell.bounds();
        if bounds.lon_max - bounds.lon_min > 180.0 {
            return Err(ZoneRefusal::CrossesAntimeridian);
        }
        if let Some([longitude, latitude]) = shape.crossing() {
            return Err(ZoneRefusal::Crosses { longitude, latitude });
        }
        if shape.holes.iter().any(|hole| !shape.shell_holds(hole)) {
            return Err(ZoneRefusal::HoleOutside);
        }
        if shape.area_m2() < 1.0 {
            return Err(ZoneRefusal::TooSmall);
        }
        Ok(shape)
    }

    fn outlines(&self) -> impl Iterator<Item = &Outline> + Clone {
        std::iter::once(&self.shell).chain(&self.holes)
    }

    fn crossing(&self) -> Option<LonLat> {
        let pairs = self
            .outlines()
            .enumerate()
            .flat_map(|(at, one)| self.outlines().skip(at).map(move |other| (one, other)));
        pairs.filter_map(|(one, other)| one.crossing(other)).next()
    }

    /// Whether each corner of a hole is within the shell or on its line.
    fn shell_holds(&self, hole: &Outline) -> bool {
        hole.edges().all(|(corner, _)| {
            let [longitude, latitude] = corner;
            let plane = Plane::at(Position { latitude, longitude });
            self.shell.encloses(corner) || self.shell.distance_sq(&plane, f64::INFINITY) < 1.0
        })
    }

    /// Negative within the shell and outside every hole. A position in two holes is not inside,
    /// however they overlap.
    fn margin_m(&self, plane: &Plane) -> f64 {
        let nearest_sq =
            self.outlines().fold(f64::INFINITY, |best, outline| outline.distance_sq(plane, best));
        let origin = plane.origin();
        let is_inside =
            self.shell.encloses(origin) && !self.holes.iter().any(|hole| hole.encloses(origin));
        if is_inside { -nearest_sq.sqrt() } else { nearest_sq.sqrt() }
    }

    /// Good to some percent, which is enough for a limit.
    fn area_m2(&self) -> f64 {
        let bounds = self.shell.bounds();
        let plane = Plane::at(Position {
            latitude: (bounds.lat_min + bounds.lat_max) / 2.0,
            longitude: (bounds.lon_min + bounds.lon_max) / 2.0,
        });
        let area = |outline: &Outline| outline.doubled_area_m2(&plane).abs() / 2.0;
        area(&self.shell) - self.holes.iter().map(area).sum::<f64>()
    }
}

pub(super) fn check_place([longitude, latitude]: LonLat) -> Result<(), ZoneRefusal> {
    // Written so that a value that is not a number is refused.
    if longitude.abs() <= 180.0 && latitude.abs() <= LATITUDE_MAX {
        Ok(())
    } else {
        Err(ZoneRefusal::NotAPlace { longitude, latitude })
    }
}
