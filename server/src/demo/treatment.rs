//! Treatment in the fictional force: two providers, and a weekly session for some.

use chrono::{Days, NaiveDate};
use compliance::instant::{HOUR_MS, MINUTE_MS};
use compliance::order::start_of_day;

use crate::ZONE;
use crate::import_file::ConditionEntry;
use crate::import_file::treatment::{ProviderEntry, SessionEntry, TreatmentEntry};

/// Goes on after the day in progress, so that there is something to expect.
const WEEKS: u64 = 16;

pub fn providers() -> Vec<ProviderEntry> {
    let provider = |code: &str, name: &str| ProviderEntry {
        code: code.to_owned(),
        name: name.to_owned(),
        contact: format!("{}@example.invalid", code.to_lowercase()),
        position: None,
    };
    vec![provider("MIND", "Mindful Paths"), provider("TURN", "Turning Point Westmarch")]
}

/// What the `number`th order asks for beside its sign-ons, if it does.
pub fn condition(number: usize, begins_on: NaiveDate) -> Option<ConditionEntry> {
    if number % 10 != 4 {
        return None;
    }
    let (provider, place) = if number % 20 == 4 {
        ("MIND", "12 Mill Lane, Alderbridge")
    } else {
        ("TURN", "Old Exchange, Hexley")
    };
    let programme = "Better Relationships";
    let sessions = (0..WEEKS).map(|week| {
        // 84 days on is the day in progress: a session of a week then ended yesterday.
        let starts_at = start_of_day(begins_on + Days::new(7 * week + 6), ZONE) + 14 * HOUR_MS;
        SessionEntry {
            starts_at: starts_at.to_rfc3339(),
            ends_at: (starts_at + 90 * MINUTE_MS).to_rfc3339(),
            place: place.to_owned(),
        }
    });
    Some(ConditionEntry {
        label: "R3".to_owned(),
        polarity: "requirement".to_owned(),
        kind: "treatment".to_owned(),
        wording: format!(
            "The defendant shall attend the programme {programme:?} as its provider arranges."
        ),
        plain_words: format!("Go to {programme} once a week."),
        supervised_by: "The officer in the case".to_owned(),
        treatment: Some(TreatmentEntry {
            provider: provider.to_owned(),
            programme: programme.to_owned(),
            referred: true,
            sessions: sessions.collect(),
        }),
        ..ConditionEntry::default()
    })
}
