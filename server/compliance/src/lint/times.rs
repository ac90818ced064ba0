//! Windows against opening hours and against times that the Act protects.

use super::{
    DescribedCondition, LintCode, LintWarning, OrderDescription, ProtectedTime, StationFacts, Term,
    first_of,
};
use crate::instant::{Instant, MINUTE_MS};
use crate::opening::{Extent, Opening};
use crate::window::Window;

/// One queue at a counter takes longer than less would leave.
pub const WINDOW_MS_MIN: i64 = 15 * MINUTE_MS;
/// Minutes looked at in one window: two days, longer than any window an order has.
const MINUTES_MAX: usize = 2_880;

pub(super) fn lint(order: &OrderDescription, condition: &DescribedCondition) -> Vec<LintWarning> {
    match &condition.term {
        Term::SignOn { windows, stations } => {
            let mut warnings = sign_on(order, &condition.label, windows, stations);
            warnings.extend(protected(order, &condition.label, windows, true));
            warnings
        }
        Term::Treatment { sessions, .. } => protected(order, &condition.label, sessions, false),
        Term::Zone(_) | Term::Other => Vec::new(),
    }
}

fn sign_on(
    order: &OrderDescription,
    label: &str,
    windows: &[Window],
    stations: &[StationFacts],
) -> Vec<LintWarning> {
    let mut warnings = Vec::new();
    if windows.is_empty() {
        let why = "No day or time is entered, so no sign-on will ever be due.";
        warnings.push(LintCode::MissingTime.warn(&[label], why.to_owned()));
    }
    if stations.is_empty() {
        let why = "No station is entered, so no sign-on can be recorded in the right place.";
        warnings.push(LintCode::MissingStation.warn(&[label], why.to_owned()));
    }
    let short = picked(windows, |w| w.closes_at - w.opens_at < WINDOW_MS_MIN);
    if !short.is_empty() {
        let why = format!(
            "Windows of less than {} minutes: {}.",
            WINDOW_MS_MIN / MINUTE_MS,
            first_of(&short, order.zone)
        );
        warnings.push(LintCode::WindowShort.warn(&[label], why));
    }
    warnings.extend(closed(order, label, windows, stations));
    warnings
}

fn closed(
    order: &OrderDescription,
    label: &str,
    windows: &[Window],
    stations: &[StationFacts],
) -> Vec<LintWarning> {
    let judge = |station: &StationFacts, window: &Window| {
        station.opening.as_ref().map(|hours| hours.judge(*window, &order.holidays))
    };
    let is_shut = |window: &Window| {
        let mut openings = stations.iter().map(|station| judge(station, window));
        openings.all(|opening| opening.is_some_and(|opening| opening.open.is_empty()))
    };
    let mut warnings = Vec::new();
    let shut = picked(windows, |window| !stations.is_empty() && is_shut(window));
    if let Some(first) = shut.first() {
        let openings = stations.iter().filter_map(|station| judge(station, first));
        let why = format!(
            "No station of this condition is open at any minute of these windows: {}. {}",
            first_of(&shut, order.zone),
            openings.map(|opening| says(&opening)).collect::<Vec<_>>().join(" ")
        );
        warnings.push(LintCode::StationClosed.warn(&[label], why));
    }
    for station in stations {
        let is_partly = |window: &Window| {
            let opening = judge(station, window);
            opening.is_some_and(|opening| opening.open != [*window]) && !is_shut(window)
        };
        let partly = picked(windows, is_partly);
        if let Some(opening) = partly.first().and_then(|first| judge(station, first)) {
            let why = format!(
                "{} is closed for all or part of these windows: {}. {}",
                station.name,
                first_of(&partly, order.zone),
                says(&opening)
            );
            warnings.push(LintCode::StationPartlyClosed.warn(&[label], why));
        }
    }
    let is_unknown = |opening: &Option<Opening>| {
        opening.as_ref().is_some_and(|of| of.extent == Extent::NotKnown)
    };
    let unknown = picked(windows, |window| {
        stations.iter().map(|station| judge(station, window)).any(|it| is_unknown(&it))
    });
    if !unknown.is_empty() {
        let why = format!(
            "Whether the station is open for these windows is not known: {}.",
            first_of(&unknown, order.zone)
        );
        warnings.push(LintCode::HoursNotKnown.warn(&[label], why));
    }
    warnings
}

fn says(opening: &Opening) -> String {
    opening.reasons.iter().map(|reason| reason.says.as_str()).collect::<Vec<_>>().join(" ")
}

/// A sign-on takes minutes, so it clashes only if no minute of its window is free; a session
/// clashes with its whole length.
fn protected(
    order: &OrderDescription,
    label: &str,
    windows: &[Window],
    is_momentary: bool,
) -> Vec<LintWarning> {
    let clash = |time: &ProtectedTime| {
        let found = clashing(windows, time, is_momentary);
        let why = format!(
            "It falls in the subject's times of {}: {}.",
            time.kind,
            first_of(&found, order.zone)
        );
        (!found.is_empty()).then(|| LintCode::ProtectedTime.warn(&[label], why))
    };
    order.protected_times.iter().filter_map(clash).collect()
}

/// The windows that fall in a protected time (s.2(3)): a duty of a moment if no minute of its window
/// is outside, another if any is inside.
pub fn clashing(windows: &[Window], time: &ProtectedTime, is_momentary: bool) -> Vec<Window> {
    picked(windows, |window| {
        let mut minutes = minutes(window);
        let meets = if is_momentary {
            minutes.all(|at| time.hours.contains(at))
        } else {
            minutes.any(|at| time.hours.contains(at))
        };
        meets && time.span.holds(window.closes_at)
    })
}

fn picked(windows: &[Window], is_picked: impl Fn(&Window) -> bool) -> Vec<Window> {
    windows.iter().filter(|window| is_picked(window)).copied().collect()
}

/// Opening hours are whole minutes, so looking at each minute is exact.
fn minutes(window: &Window) -> impl Iterator<Item = Instant> + use<> {
    let Window { opens_at, closes_at } = *window;
    let next = move |at: &Instant| Some(*at + MINUTE_MS).filter(|next| *next < closes_at);
    std::iter::successors(Some(opens_at), next).take(MINUTES_MAX)
}
