//! What two fixes of one tag say together, and what a tag's silence says.

use std::time::Duration;

use super::{Judgement, Zone, ZoneVerdict, ground_verdict, is_usable};
use crate::instant::{Instant, MINUTE_MS};
use crate::place::Sighting;
use crate::word::words;

/// 252 km/h. Faster than any train a subject in Britain rides past a zone on domestic lines, and
/// far slower than the jumps that a tag's fixes make when one of them is wrong.
pub const SPEED_MPS_MAX: f64 = 70.0;
/// One fix is often lost in a tunnel or a cellar; two in a row, and the third not come either,
/// are not chance.
pub const FIXES_MISSED_MAX: i64 = 3;
/// A tag that reports every few seconds loses more than three fixes in an underpass.
pub const FEED_SILENCE_MS_MIN: i64 = 5 * MINUTE_MS;

/// What the way between two consecutive fixes of one tag shows about a zone.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Nothing that the two fixes do not show by themselves.
    Clear,
    /// Both ends are outside and the straight way between them passes over the zone.
    MayHaveCrossed(Judgement),
    /// Nobody moves so fast: one of the two fixes is wrong, so they say nothing together.
    Implausible { speed_mps: f64, reason: String },
}

/// Total, and the order of the two does not matter. Fixes that cannot be used leave nothing between
/// them to judge.
pub fn judge_step(zone: &Zone, one: &Sighting, other: &Sighting) -> Step {
    let (from, to) = if one.at <= other.at { (one, other) } else { (other, one) };
    if !is_usable(from.fix) || !is_usable(to.fix) {
        return Step::Clear;
    }
    if let Some(speed_mps) = implausible_speed_mps(from, to) {
        let reason = format!(
            "From one position to the next the tag would have moved at {:.0} km/h: one of the two \
             is wrong.",
            speed_mps * 3.6
        );
        return Step::Implausible { speed_mps, reason };
    }
    let are_outside = [from, to].into_iter().all(|end| {
        let measured = zone.area().measure(end.fix.position);
        let verdict = ground_verdict(measured, end.fix.accuracy_m, zone.buffer_m());
        matches!(verdict, ZoneVerdict::Outside | ZoneVerdict::Buffer)
    });
    let is_crossed = are_outside
        && zone.applied_between(from.at, to.at)
        && zone.area().is_crossed_between(from.fix.position, to.fix.position);
    if is_crossed { Step::MayHaveCrossed(crossed(zone, from, to)) } else { Step::Clear }
}

/// The least speed that takes one accuracy circle to the other, if nobody moves so fast. Two fixes
/// of the same instant that are apart have no speed at all.
fn implausible_speed_mps(from: &Sighting, to: &Sighting) -> Option<f64> {
    let apart_m = from.fix.position.distance_m(to.fix.position);
    let moved_m = apart_m - from.fix.accuracy_m - to.fix.accuracy_m;
    let took_s = Duration::from_millis((to.at - from.at).unsigned_abs()).as_secs_f64();
    // Two fixes may carry the same second on their stamps.
    let speed_mps = moved_m / took_s.max(1.0);
    (speed_mps > SPEED_MPS_MAX).then_some(speed_mps)
}

fn crossed(zone: &Zone, from: &Sighting, to: &Sighting) -> Judgement {
    let nearest = [from, to].map(|end| (zone.area().margin_m(end.fix.position), end));
    let [one, other] = nearest;
    let (margin_m, end) = if one.0 <= other.0 { one } else { other };
    let minutes = (to.at - from.at) / MINUTE_MS;
    let within =
        if minutes == 0 { "less than a minute".to_owned() } else { format!("{minutes} min") };
    Judgement {
        verdict: ZoneVerdict::Uncertain,
        margin_m: Some(margin_m),
        accuracy_m: Some(end.fix.accuracy_m),
        reason: format!(
            "Two positions {within} apart are both outside, but the straight way between them \
             passes over the zone: the subject may have crossed it.{}",
            zone.excepted_in_words()
        ),
    }
}

/// From when on a tag that last reported at `last_fix_at` is silent. For a tag that never reported,
/// give the instant at which it was fitted. Silence is not compliance: it is raised (`domain.md`,
/// J13).
pub fn feed_silent_from(last_fix_at: Instant, interval_ms: i64) -> Instant {
    last_fix_at + interval_ms.saturating_mul(FIXES_MISSED_MAX).max(FEED_SILENCE_MS_MIN)
}

words! {
    /// What became of a silence of a tag.
    FeedSilence {
        /// Nothing came, or nothing in time.
        Silent = "silent",
        /// Something was on its way all the time, and came later.
        Heard = "heard",
    }
}

/// What a silence since `since` was, by what was known at an instant: `heard_at` is the time of the first
/// position after it, if there is one. Nothing while it may still be broken in time.
pub fn feed_silence(
    (since, interval_ms): (Instant, i64),
    heard_at: Option<Instant>,
    known_at: Instant,
) -> Option<FeedSilence> {
    let silent_from = feed_silent_from(since, interval_ms);
    match heard_at {
        Some(heard_at) if heard_at < silent_from => Some(FeedSilence::Heard),
        Some(_) => Some(FeedSilence::Silent),
        None => (silent_from <= known_at).then_some(FeedSilence::Silent),
    }
}

pub fn feed_is_silent(last_fix_at: Instant, interval_ms: i64, now: Instant) -> bool {
    feed_silent_from(last_fix_at, interval_ms) <= now
}
