//! Zones against the subject's home, against the places of duties, and against each other.

use super::{DescribedCondition, LintCode, LintWarning, OrderDescription, Term};
use crate::instant::Instant;
use crate::place::Position;
use crate::zone::Zone;

/// What was heard of where the subject lives, and from when on it was so.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HomeNews {
    pub at: Instant,
    /// `None` when the subject moved, or gave an address that nobody has placed on the map.
    pub position: Option<Position>,
}

/// Where the subject lives, as far as the latest news goes: an older place is not the home any more.
/// Of two at one instant, the later in the list.
pub fn home(news: &[HomeNews]) -> Option<Position> {
    news.iter().max_by_key(|news| news.at)?.position
}

pub(super) fn lint(order: &OrderDescription) -> Vec<LintWarning> {
    let zones: Vec<(&str, &Zone)> = order
        .conditions
        .iter()
        .filter_map(|condition| match &condition.term {
            Term::Zone(zone) => Some((condition.label.as_str(), zone.as_ref())),
            _ => None,
        })
        .collect();
    let mut warnings = Vec::new();
    if order.home.is_none() && !zones.is_empty() {
        let labels: Vec<&str> = zones.iter().map(|(label, _)| *label).collect();
        let why = "Where the subject lives is not known, so it was not held against the zone.";
        warnings.push(LintCode::HomeNotKnown.warn(&labels, why.to_owned()));
    }
    for (at, (label, zone)) in zones.iter().enumerate() {
        warnings.extend(home_in(order, label, zone));
        warnings.extend(order.conditions.iter().filter_map(|duty| duty_in(label, zone, duty)));
        let others = zones.iter().skip(at + 1);
        warnings.extend(
            others.filter_map(|(other_label, other)| overlap((label, zone), (other_label, other))),
        );
    }
    warnings
}

fn home_in(order: &OrderDescription, label: &str, zone: &Zone) -> Option<LintWarning> {
    let margin_m = zone.area().margin_m(order.home?);
    if margin_m <= 0.0 {
        let why = "The zone contains the subject's own home.".to_owned();
        Some(LintCode::HomeInZone.warn(&[label], why))
    } else if margin_m <= zone.buffer_m() {
        let why = format!(
            "The subject's own home is {margin_m:.0} m from the zone, within its buffer of {:.0} \
             m.",
            zone.buffer_m()
        );
        Some(LintCode::HomeInBuffer.warn(&[label], why))
    } else {
        None
    }
}

/// A duty is in a zone if every place at which it can be done is.
fn duty_in(zone_label: &str, zone: &Zone, duty: &DescribedCondition) -> Option<LintWarning> {
    let places: Vec<Option<Position>> = match &duty.term {
        Term::SignOn { stations, .. } => stations.iter().map(|station| station.position).collect(),
        Term::Treatment { place, .. } => vec![*place],
        Term::Zone(_) | Term::Other => return None,
    };
    let is_inside =
        |place: &Option<Position>| place.is_some_and(|place| zone.area().margin_m(place) <= 0.0);
    (!places.is_empty() && places.iter().all(is_inside)).then(|| {
        let why = "The duty can only be done inside the zone that the subject must not enter.";
        LintCode::DutyInZone.warn(&[zone_label, &duty.label], why.to_owned())
    })
}

fn overlap(
    (label, zone): (&str, &Zone),
    (other_label, other): (&str, &Zone),
) -> Option<LintWarning> {
    if !zone.area().meets(other.area()) {
        return None;
    }
    let labels = [label, other_label];
    if zone.hours() != other.hours() || zone.exceptions() != other.exceptions() {
        let why = "The zones share ground, and differ in their hours or exceptions: what one \
                   allows there, the other forbids.";
        return Some(LintCode::ZonesContradict.warn(&labels, why.to_owned()));
    }
    let why = "The zones share ground, so one position there raises two alerts.";
    Some(LintCode::ZonesOverlap.warn(&labels, why.to_owned()))
}
