mod duties;
mod given;
mod laws;

use chrono::NaiveDate;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

/// A full order made on Tuesday 22 December 2026 and served two days later.
fn facts() -> NotificationFacts<'static> {
    NotificationFacts {
        kind: OrderKind::FULL,
        made_on: day("2026-12-22"),
        served_at: Some(at("2026-12-24T17:00:00Z")),
        takes_effect_on: None,
        convicted_on: None,
        ended_at: None,
        replaces: None,
        exemptions: &[],
        changes: &[],
        last_notified_on: None,
        has_fixed_abode: true,
    }
}

fn change(duty: ChangeDuty, on: &str, what: &str) -> Change {
    Change { duty, on: day(on), what: what.to_owned() }
}

fn under_part_2(from: &str, final_day: Option<&str>) -> Exemption {
    Exemption { regime: Regime::SexualOffences, from: day(from), final_day: final_day.map(day) }
}
