//! Where the subject lives, as far as anybody has placed it on the map: from intake and from what was
//! notified. It is read to be held against zones, and told to nobody.

use std::collections::BTreeMap;

use compliance::fact::FactKind;
use compliance::lint::{HomeNews, home};
use compliance::order::start_of_day;
use compliance::order_kind::ChangeDuty;
use compliance::place::Position;
use compliance::{Instant, Word};

use super::notification::{DetailsChanged, NotificationGiven};
use crate::ZONE;
use crate::store::id::{FactId, SubjectId};
use crate::store::{StoreError, Tx, facts, orders, subject_homes};

/// The same address, however it was typed.
fn plain(address: &str) -> String {
    let words = address.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

pub fn home_of(
    tx: &mut Tx<'_>,
    subject: SubjectId,
    now: Instant,
) -> Result<Option<Position>, StoreError> {
    let mut placed: BTreeMap<String, Position> = BTreeMap::new();
    let mut heard: Vec<(Instant, String, Option<Position>)> = Vec::new();
    for entry in subject_homes::of_subject(tx, subject)? {
        let position = entry.position();
        heard.push((entry.recorded_at, plain(&entry.address), position));
    }
    let mut moves: Vec<(Instant, FactId)> = Vec::new();
    let mut told_of: BTreeMap<FactId, (String, Option<Position>)> = BTreeMap::new();
    for order in orders::of_subject_for_service(tx, subject)? {
        let kinds = [FactKind::NotificationGiven, FactKind::DetailsChanged];
        for fact in facts::of_order(tx, order.id, &kinds)? {
            if fact.kind == FactKind::DetailsChanged {
                let body: DetailsChanged = fact.read()?;
                let duty = ChangeDuty::parse(&body.duty);
                if matches!(duty, Some(ChangeDuty::HomeAddress | ChangeDuty::CeasedToHaveHome)) {
                    moves.push((start_of_day(body.on, ZONE), fact.id));
                }
                continue;
            }
            let body: NotificationGiven = fact.read()?;
            let Some(address) = body.address.as_deref().filter(|_| !body.false_suspected) else {
                continue;
            };
            let position = body.position.map(Position::from);
            let address = plain(address);
            let changes: Vec<FactId> = body.meets.iter().filter_map(|it| it.change).collect();
            if changes.is_empty() {
                heard.push((fact.happened_at, address, position));
            } else {
                // Told of a move, it is true from the move on.
                let told = changes.into_iter().map(|it| (it, (address.clone(), position)));
                told_of.extend(told);
            }
        }
    }
    for (at, change) in moves {
        let (address, position) = told_of.remove(&change).unwrap_or_default();
        heard.push((at, address, position));
    }
    for (_, address, position) in &heard {
        if let Some(position) = position.filter(|_| !address.is_empty()) {
            placed.insert(address.clone(), position);
        }
    }
    let news = heard.into_iter().filter(|(at, ..)| *at <= now).map(|(at, address, position)| {
        HomeNews { at, position: position.or_else(|| placed.get(&address).copied()) }
    });
    Ok(home(&news.collect::<Vec<_>>()))
}
