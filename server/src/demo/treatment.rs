//! Treatment in the fictional force: two providers, and a weekly session for some.

use chrono::{Days, NaiveDate};
use compliance::Instant;
use compliance::instant::{DAY_MS, HOUR_MS, MINUTE_MS};
use compliance::order::start_of_day;
use compliance::treatment::MovedBy;
use compliance::window::Window;

use super::calendar::Calendar;
use super::force::reference;
use super::script::Scene;
use crate::ZONE;
use crate::import_file::ConditionEntry;
use crate::import_file::treatment::{ProviderEntry, SessionEntry, TreatmentEntry};
use crate::operations::provider_access::create_link;
use crate::operations::record_treatment::{Move, cancel_session, move_session};
use crate::operations::treatment::{
    CANCELLED_BY_PROVIDER, Cancelled, SESSION_FACTS, SessionOnFile, sessions_of,
};
use crate::store::orders::Order;
use crate::store::{StoreError, Tx, facts};

/// Goes on after the day in progress, so that there is something to expect.
const WEEKS: u64 = 16;
/// Whose provider arranges anew.
const ARRANGED_ANEW: usize = 24;
const LINK_MS: i64 = 60 * DAY_MS;

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

/// Yesterday the provider moved the next session by a day, cancelled the one after it, and was given
/// a link to say such things themselves.
pub fn arranged_anew(calendar: Calendar) -> Scene {
    let at = calendar.ago(1, 18 * HOUR_MS);
    Scene::new(at, reference(calendar.begins_on, ARRANGED_ANEW), |tx, actor, order| {
        let mut ahead = ahead(tx, order, actor.now)?.into_iter();
        let (Some(moved), Some(cancelled)) = (ahead.next(), ahead.next()) else { return Ok(()) };
        let Window { opens_at, closes_at } = moved.session.window;
        let to = Move {
            window: Window { opens_at: opens_at + DAY_MS, closes_at: closes_at + DAY_MS },
            place: None,
            by: MovedBy::Provider,
            agreed_at: actor.now,
            reason: "The facilitator is in court that day.".to_owned(),
            clash_reason: None,
        };
        move_session(tx, actor, (moved.id, actor.identity.id(actor.now)), &to)?;
        let body = Cancelled {
            cause: CANCELLED_BY_PROVIDER.to_owned(),
            reason: "The rooms are being painted.".to_owned(),
        };
        cancel_session(tx, actor, (cancelled.id, actor.identity.id(actor.now)), &body)?;
        let link = (moved.provider, actor.identity.id(actor.now), actor.now + LINK_MS);
        create_link(tx, actor, link, &actor.identity.token()).map(drop)
    })
}

fn ahead(tx: &mut Tx<'_>, order: &Order, now: Instant) -> Result<Vec<SessionOnFile>, StoreError> {
    let mut found = sessions_of(facts::of_order(tx, order.id, &SESSION_FACTS)?)?;
    found.retain(|it| now < it.session.window.opens_at);
    found.sort_by_key(|it| it.session.window.opens_at);
    Ok(found)
}
