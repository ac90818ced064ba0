//! What a subject has to attend, as a calendar.

use compliance::instant::DAY_MS;
use compliance::order::ObligationState;

use super::Actor;
use crate::refusal::Refusal;
use crate::store::id::SubjectId;
use crate::store::obligations::{self, Obligation};
use crate::store::subjects::{self, Subject};
use crate::store::{Tx, ledger, orders, stations};

/// A calendar shows what has just been, too.
const PAST_MS: i64 = 7 * DAY_MS;

/// One duty to attend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attendance {
    pub obligation: Obligation,
    pub station_name: String,
    pub plain_words: String,
    pub is_cancelled: bool,
}

pub fn subject_calendar(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: SubjectId,
) -> Result<(Subject, Vec<Attendance>), Refusal> {
    let subject = subjects::find(tx, actor.scope, id)?.ok_or(Refusal::NotFound("subject"))?;
    let found = orders::of_subject(tx, actor.scope, id)?;
    let act = "get_subject_calendar";
    let entry = actor.reading(act, format!("subject:{id}"), found.iter().map(|order| order.id));
    let mut attendances = Vec::new();
    for order in &found {
        let from = actor.now + -PAST_MS;
        for (obligation, plain_words) in obligations::of_order_closing_after(tx, order.id, from)? {
            let station = stations::find(tx, obligation.station_id)?;
            let Some(station) = station else { continue };
            attendances.push(Attendance {
                station_name: station.name,
                plain_words,
                is_cancelled: obligation.state == ObligationState::Cancelled,
                obligation,
            });
        }
    }
    ledger::append(tx, actor.now, vec![entry])?;
    Ok((subject, attendances))
}
