//! Why a zone is turned away, in sentences that say what to do.

use thiserror::Error;

use super::area::{AREA_KM2_MAX, LATITUDE_MAX, POSITIONS_MAX};
use super::{BUFFER_M_MAX, HALF_WIDTH_M_MAX};

#[derive(Debug, Clone, PartialEq, Error)]
pub enum ZoneRefusal {
    #[error("The zone has no ground; draw at least one shape.")]
    Empty,
    #[error(
        "{longitude}, {latitude} is not a place where a zone can be. Give longitude before \
         latitude, in degrees, and no more than {LATITUDE_MAX} degrees from the equator."
    )]
    NotAPlace { longitude: f64, latitude: f64 },
    #[error(
        "A shape's outline needs at least 4 positions, the last the same as the first; this one \
         has {positions}. Add the missing ones."
    )]
    TooFewPositions { positions: usize },
    #[error("An outline does not end where it begins; repeat its first position at its end.")]
    NotClosed,
    #[error(
        "The zone's outlines have more than {POSITIONS_MAX} positions together; simplify them."
    )]
    TooManyPositions,
    #[error(
        "An outline crosses itself or another one near {longitude:.5}, {latitude:.5}; draw it \
         again so that no two of its lines cross."
    )]
    Crosses { longitude: f64, latitude: f64 },
    #[error("A hole lies outside its shape; remove it, or draw it as a shape of its own.")]
    HoleOutside,
    #[error("The zone crosses the 180th meridian; draw it as one shape on each side.")]
    CrossesAntimeridian,
    #[error(
        "The zone covers {area_km2:.0} km2, more than {AREA_KM2_MAX} km2; check the order of \
         longitude and latitude, or enter the parts that the order names."
    )]
    TooLarge { area_km2: f64 },
    #[error("A shape covers less than a square metre; check its positions.")]
    TooSmall,
    #[error("A radius must be more than 0 m and not more than 40 000 m, not {radius_m} m.")]
    RadiusOutOfRange { radius_m: f64 },
    #[error("A buffer must be from 0 to {BUFFER_M_MAX} m, not {buffer_m} m.")]
    BufferOutOfRange { buffer_m: f64 },
    #[error("A corridor's line needs at least two different positions.")]
    CorridorTooShort,
    #[error(
        "A corridor's half width must be more than 0 m and not more than {HALF_WIDTH_M_MAX} m, \
         not {half_width_m} m."
    )]
    HalfWidthOutOfRange { half_width_m: f64 },
    #[error("Name the road or route, as the order does.")]
    RouteWithoutName,
    #[error("Hours without a single span would never apply; add a span, or leave the hours out.")]
    HoursEmpty,
    #[error("Hours must begin and end on whole minutes.")]
    HoursNotWholeMinutes,
    #[error("\"{zone}\" is not a time zone we know; give an IANA name such as Europe/London.")]
    UnknownTimeZone { zone: String },
    #[error("The zone ends before it begins; correct its dates.")]
    EndsBeforeItBegins,
}
