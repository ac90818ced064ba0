//! One closed ring of a shape, prepared so that most of its edges need not be looked at.
//!
//! Edges are kept in runs of neighbours with a box around each. A run whose box is farther than the
//! nearest corner found so far is passed over. No tree: at 5,000 corners this is already fast.

use geo::kernels::{Kernel, RobustKernel};
use geo::{Coord, Orientation};

use super::ZoneRefusal;
use super::plane::{LonLat, Plane, to_line_sq};

/// Edges in a run: near the square root of the largest ring, so that neither the list of boxes nor
/// a run is long.
const RUN_EDGES: usize = 48;

/// A box in degrees that holds some ground; its sides belong to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    pub lon_min: f64,
    pub lat_min: f64,
    pub lon_max: f64,
    pub lat_max: f64,
}

impl Bounds {
    pub(super) fn around(points: impl IntoIterator<Item = LonLat>) -> Self {
        let nothing = Self {
            lon_min: f64::INFINITY,
            lat_min: f64::INFINITY,
            lon_max: f64::NEG_INFINITY,
            lat_max: f64::NEG_INFINITY,
        };
        points.into_iter().fold(nothing, |bounds, [lon, lat]| Self {
            lon_min: bounds.lon_min.min(lon),
            lat_min: bounds.lat_min.min(lat),
            lon_max: bounds.lon_max.max(lon),
            lat_max: bounds.lat_max.max(lat),
        })
    }

    pub(super) fn corners(&self) -> [LonLat; 2] {
        [[self.lon_min, self.lat_min], [self.lon_max, self.lat_max]]
    }

    pub(super) fn meets(&self, other: &Self) -> bool {
        self.lon_min <= other.lon_max
            && other.lon_min <= self.lon_max
            && self.lat_min <= other.lat_max
            && other.lat_min <= self.lat_max
    }

    /// The square of the distance from the plane's origin to the nearest point of the box.
    fn distance_sq(&self, plane: &Plane) -> f64 {
        let [west, south] = plane.project([self.lon_min, self.lat_min]);
        let [east, north] = plane.project([self.lon_max, self.lat_max]);
        let dx = west.max(-east).max(0.0);
        let dy = south.max(-north).max(0.0);
        dx * dx + dy * dy
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Run {
    bounds: Bounds,
    points: Box<[LonLat]>,
}

impl Run {
    fn edges(&self) -> impl Iterator<Item = (LonLat, LonLat)> {
        self.points.iter().copied().zip(self.points.iter().copied().skip(1))
    }
}

/// The first run stands in the outline itself: most outlines have no other, and among very many
/// zones each pointer followed is a wait for memory.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outline {
    first: Run,
    rest: Vec<Run>,
}

impl Outline {
    /// RFC 7946, 3.1.6: a linear ring is closed and has four or more positions. Which way round it
    /// runs is not asked, as the RFC wishes.
    pub(super) fn new(points: &[LonLat]) -> Result<Self, ZoneRefusal> {
        if points.len() < 4 {
            return Err(ZoneRefusal::TooFewPositions { positions: points.len() });
        }
        if points.first() != points.last() {
            return Err(ZoneRefusal::NotClosed);
        }
        Ok(Self::line(points))
    }

    /// The same preparation for a line that is not closed.
    pub(super) fn line(points: &[LonLat]) -> Self {
        let mut runs = (0..points.len().saturating_sub(1)).step_by(RUN_EDGES).map(|first| {
            let points: Box<[LonLat]> =
                points.iter().skip(first).take(RUN_EDGES + 1).copied().collect();
            Run { bounds: Bounds::around(points.iter().copied()), points }
        });
        let nothing = || Run { bounds: Bounds::around([]), points: Box::default() };
        Self { first: runs.next().unwrap_or_else(nothing), rest: runs.collect() }
    }

    fn runs(&self) -> impl Iterator<Item = &Run> {
        std::iter::once(&self.first).chain(&self.rest)
    }

    pub(super) fn bounds(&self) -> Bounds {
        Bounds::around(self.runs().flat_map(|run| run.bounds.corners()))
    }

    pub(super) fn edges(&self) -> impl Iterator<Item = (LonLat, LonLat)> {
        self.runs().flat_map(Run::edges)
    }

    /// The square of the distance to the nearest edge, or `best_sq` if none is nearer.
    pub(super) fn distance_sq(&self, plane: &Plane, best_sq: f64) -> f64 {
        let corners = self.runs().filter_map(|run| run.points.first());
        let best_sq = corners.fold(best_sq, |best_sq, corner| {
            let [x, y] = plane.project(*corner);
            best_sq.min(x * x + y * y)
        });
        self.runs().fold(best_sq, |best_sq, run| {
            if run.bounds.distance_sq(plane) >= best_sq {
                return best_sq;
            }
            let mut points = run.points.iter().map(|point| plane.project(*point));
            let Some(mut from) = points.next() else { return best_sq };
            points.fold(best_sq, |best_sq, to| {
                let distance_sq = to_line_sq(from, to);
                from = to;
                best_sq.min(distance_sq)
            })
        })
    }

    /// Whether the point is within the ring, by the parity of the edges east of it. On the ring it
    /// may be either; the distance, which is then 0, settles that.
    pub(super) fn encloses(&self, [lon, lat]: LonLat) -> bool {
        let is_above = |point: LonLat| point[1] > lat;
        let mut is_within = false;
        for run in self.runs() {
            let Bounds { lat_min, lat_max, lon_min, lon_max } = run.bounds;
            if lat_max <= lat || lat_min > lat || lon_max < lon {
                continue;
            }
            if lon_min > lon {
                // The whole run is east: it is crossed oddly if its ends are on different sides.
                let ends = run.points.first().zip(run.points.last());
                is_within ^= ends.is_some_and(|(from, to)| is_above(*from) != is_above(*to));
                continue;
            }
            for (from, to) in run.edges() {
                let is_crossed = is_above(from) != is_above(to)
                    && lon < from[0] + (lat - from[1]) / (to[1] - from[1]) * (to[0] - from[0]);
                is_within ^= is_crossed;
            }
        }
        is_within
    }

    /// Where an edge of this outline properly crosses one of the other (which may be itself). To
    /// touch, or to share a corner, is no crossing.
    pub(super) fn crossing(&self, other: &Outline) -> Option<LonLat> {
        self.runs().find_map(|run| {
            let near = other.runs().filter(|there| run.bounds.meets(&there.bounds));
            near.flat_map(Run::edges).find_map(|edge| run.crossing(edge))
        })
    }

    /// Whether a straight way from outside to outside meets the ring, even if only at a corner.
    pub(super) fn is_met_by(&self, way: (LonLat, LonLat)) -> bool {
        let around = Bounds::around([way.0, way.1]);
        let near = self.runs().filter(|run| run.bounds.meets(&around));
        near.flat_map(Run::edges)
            .filter(|(a, b)| Bounds::around([*a, *b]).meets(&around))
            .any(|edge| !lies_aside(edge, way) && !lies_aside(way, edge))
    }

    /// The doubled area with its sign, on a plane.
    pub(super) fn doubled_area_m2(&self, plane: &Plane) -> f64 {
        self.edges()
            .map(|(from, to)| (plane.project(from), plane.project(to)))
            .map(|([ax, ay], [bx, by])| ax * by - bx * ay)
            .sum()
    }
}

impl Run {
    fn crossing(&self, (c, d): Edge) -> Option<LonLat> {
        let around = Bounds::around([c, d]);
        self.edges()
            .filter(|(a, b)| Bounds::around([*a, *b]).meets(&around))
            .find(|(a, b)| are_crossing((*a, *b), (c, d)))
            .map(|(a, b)| [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0])
    }
}

type Edge = (LonLat, LonLat);

fn are_crossing(one: Edge, other: Edge) -> bool {
    let parts = |(from, to): Edge, (a, b): Edge| {
        let sides = [side(from, to, a), side(from, to, b)];
        sides.contains(&Orientation::Clockwise) && sides.contains(&Orientation::CounterClockwise)
    };
    parts(one, other) && parts(other, one)
}

/// Whether the whole edge is on one side of the line through the other.
fn lies_aside((a, b): Edge, (from, to): Edge) -> bool {
    let sides = (side(from, to, a), side(from, to, b));
    sides.0 == sides.1 && sides.0 != Orientation::Collinear
}

fn side(from: LonLat, to: LonLat, point: LonLat) -> Orientation {
    let coord = |[x, y]: LonLat| Coord { x, y };
    RobustKernel::orient2d(coord(from), coord(to), coord(point))
}
