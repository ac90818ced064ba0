//! `ingest_positions`: what tags report, as lines of GeoJSON.

use actix_web::{HttpResponse, post};
use compliance::place::{Fix, Position};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::{Kind, Problem};
use super::wire::{Lines, Timestamp, WireFix};
use crate::operations::ingest_positions::{Line, Reported, Taken, ingest_positions as ingest};
use crate::store::id::FeedId;

/// Three and a half days of a tag that reports every minute.
const LINES_MAX: usize = 5_000;
/// A reason quotes what is wrong, which may be very long.
const REASON_CHARS_MAX: usize = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Feature {
    #[serde(rename = "type")]
    _kind: FeatureWord,
    #[serde(default, rename = "id")]
    _id: Option<IgnoredAny>,
    geometry: Geometry,
    properties: Properties,
}

#[derive(Deserialize)]
enum FeatureWord {
    Feature,
}

#[derive(Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
enum Geometry {
    Point { coordinates: Vec<f64> },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Properties {
    feed_id: FeedId,
    fixed_at: Timestamp,
    /// Holds the true position with 95 % confidence.
    accuracy_m: Option<f64>,
    /// The same with 68 %, as tags' makers state it.
    radius_68_m: Option<f64>,
}

/// What became of each line.
#[derive(Debug, Serialize, ToSchema)]
pub struct PositionsTaken {
    pub accepted: usize,
    /// On file before: nothing has changed.
    pub duplicates: usize,
    pub rejected: usize,
    /// Those that hold anything.
    pub lines: Vec<LineTaken>,
}

/// What became of one line.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineTaken {
    /// From 1; empty lines count.
    pub line: usize,
    #[schema(example = "accepted")]
    pub result: LineResult,
    /// Why it was rejected.
    pub reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineResult {
    Accepted,
    Duplicate,
    Rejected,
}

impl From<(usize, Taken)> for LineTaken {
    fn from((line, taken): (usize, Taken)) -> Self {
        let (result, reason) = match taken {
            Taken::Accepted => (LineResult::Accepted, None),
            Taken::Duplicate => (LineResult::Duplicate, None),
            Taken::Rejected(reason) => (LineResult::Rejected, Some(reason)),
        };
        Self { line, result, reason }
    }
}

impl From<Vec<(usize, Taken)>> for PositionsTaken {
    fn from(taken: Vec<(usize, Taken)>) -> Self {
        let lines: Vec<LineTaken> = taken.into_iter().map(LineTaken::from).collect();
        let count = |result| lines.iter().filter(|line| line.result == result).count();
        Self {
            accepted: count(LineResult::Accepted),
            duplicates: count(LineResult::Duplicate),
            rejected: count(LineResult::Rejected),
            lines,
        }
    }
}

fn read(line: &[u8]) -> Result<Reported, String> {
    let feature: Feature = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let Geometry::Point { coordinates } = feature.geometry;
    let ([longitude, latitude] | [longitude, latitude, _]) = *coordinates.as_slice() else {
        return Err("a position is longitude and latitude".to_owned());
    };
    let Properties { feed_id, fixed_at, accuracy_m, radius_68_m } = feature.properties;
    let position = Position { latitude, longitude };
    let fix = match (accuracy_m, radius_68_m) {
        (Some(accuracy_m), None) => Fix { position, accuracy_m },
        (None, Some(radius_m)) => Fix::of_68_percent(position, radius_m),
        _ => return Err("has either accuracy_m or radius_68_m".to_owned()),
    };
    let wire = WireFix { latitude, longitude, accuracy_m: fix.accuracy_m };
    let fix = wire.checked("").map_err(|problem| {
        let fault = problem.errors.first().map(|it| format!("{} {}", it.pointer, it.detail));
        fault.unwrap_or_else(|| problem.detail.clone())
    })?;
    Ok(Reported { feed: feed_id, fixed_at: fixed_at.0, fix })
}

/// RFC 8142 begins each text with a record separator; without it, it is newline-delimited JSON.
fn lines(bytes: &[u8]) -> Vec<Line> {
    let lines = bytes.split(|byte| *byte == b'\n').map(|line| {
        let line = line.strip_prefix(b"\x1e").unwrap_or(line);
        line.trim_ascii()
    });
    let numbered = (1..).zip(lines).filter(|(_, line)| !line.is_empty());
    let cut = |reason: String| reason.chars().take(REASON_CHARS_MAX).collect();
    numbered.map(|(number, line)| Line { number, read: read(line).map_err(cut) }).collect()
}

/// Takes in what tags report.
///
/// One GeoJSON Feature with a Point on each line, at most 5000 lines and 2 MiB, of any feeds and in
/// any order. Each line has its own result, and one that cannot be used loses none of the others.
/// A position is one for its feed and time, so that sending again is harmless. Each is held against
/// the zones of every order on the subject, and so is the way from the one before.
#[utoipa::path(
    tag = "Places",
    request_body(content = String, content_type = "application/x-ndjson",
        description = "Features with the properties `feed_id`, `fixed_at`, and either `accuracy_m` \
            (95 %) or `radius_68_m`; also as `application/geo+json-seq` (RFC 8142)"),
    responses((status = 200, description = "What became of each line", body = PositionsTaken)),
)]
#[post("/positions")]
pub async fn ingest_positions(
    caller: Caller<act::KeepCase>,
    body: Lines,
) -> Result<HttpResponse, Problem> {
    let lines = lines(&body.read().await?);
    if lines.len() > LINES_MAX {
        return Err(Problem::new(Kind::BodyTooLarge));
    }
    let actor = caller.actor();
    let taken = caller.write(move |tx| ingest(tx, &actor, &lines)).await?;
    Ok(HttpResponse::Ok().json(PositionsTaken::from(taken)))
}
