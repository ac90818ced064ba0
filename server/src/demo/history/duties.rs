//! What goes on beside sign-ons: who went to treatment, and who told the police what the statute
//! asks for.

use compliance::Instant;
use compliance::instant::{DAY_MS, HOUR_MS};
use compliance::treatment::Evidence;

use super::{Event, History, HistoryError};
use crate::operations::Actor;
use crate::operations::notification::{Meets, NotificationGiven};
use crate::operations::record_notification::record_notification;
use crate::operations::record_treatment::{record_session_evidence, record_session_outcome};
use crate::operations::treatment::{Outcome, SESSION_FACTS, SessionOnFile, sessions_of};
use crate::store::id::{FactId, OrderId};
use crate::store::orders::{self, OrderSummary, Search};
use crate::store::{StoreError, facts, subject_homes};

/// What becomes of sessions, in turn, each subject from another one on. Of the last nobody says.
const OUTCOMES: [Option<&str>; 13] = [
    Some("ATTC"),
    Some("ATTC"),
    Some("UAAB"),
    Some("ATTC"),
    Some("AAME"),
    Some("ATTC"),
    Some("AFTC"),
    Some("ATTC"),
    Some("AFTA"),
    Some("ATTC"),
    Some("RSSR"),
    Some("ATTC"),
    None,
];
/// The doctor's letter comes so long after the absence that it is for.
const LETTER_MS: i64 = 3 * DAY_MS;

/// Something that is put on file about an order.
pub(super) enum Duty {
    Outcome(FactId, &'static str),
    /// The doctor's letter.
    Letter(FactId),
}

impl History {
    /// Decides who tells what, and who goes to which session.
    pub(super) async fn plan_duties(&mut self, now: Instant) -> Result<(), HistoryError> {
        let scope = self.scope(&self.cast.observer);
        let all = Search::default();
        let orders = self.store.read(move |tx| orders::search(tx, scope, &all, 500)).await?;
        for (number, summary) in orders.iter().enumerate() {
            if number % 13 != 6 && summary.order.kind.row().notification.is_some() {
                self.notify(now, summary).await?;
            }
            self.plan_sessions(number, summary.order.id).await?;
        }
        Ok(())
    }

    async fn plan_sessions(&mut self, number: usize, order: OrderId) -> Result<(), HistoryError> {
        let read = self.store.read(move |tx| {
            let sessions = sessions_of(facts::of_order(tx, order, &SESSION_FACTS)?)?;
            Ok::<Vec<SessionOnFile>, StoreError>(sessions)
        });
        for (turn, session) in (number..).zip(read.await?) {
            let outcome = OUTCOMES.get(turn % OUTCOMES.len()).copied().flatten();
            let Some(code) = outcome else { continue };
            let closes_at = session.session.window.closes_at;
            let said_at = closes_at + HOUR_MS + self.random_ms(HOUR_MS);
            self.plan(said_at, Event::Duty(Duty::Outcome(session.id, code)));
            if code == "AAME" {
                self.plan(closes_at + LETTER_MS, Event::Duty(Duty::Letter(session.id)));
            }
        }
        Ok(())
    }

    pub(super) fn by_supervisor(&self, now: Instant) -> Option<Actor> {
        self.cast.supervisors.first().map(|account| self.actor(account, now))
    }

    /// The day after service, at the station whose counter comes first.
    async fn notify(&mut self, now: Instant, summary: &OrderSummary) -> Result<(), HistoryError> {
        let given_at = summary.order.served_at.map(|served_at| served_at + 20 * HOUR_MS);
        let (Some(given_at), Some(actor)) = (given_at, self.by_supervisor(now)) else {
            return Ok(());
        };
        let subject = summary.subject.clone();
        let homes = self.store.read(move |tx| subject_homes::of_subject(tx, subject.id)).await?;
        let subject = &summary.subject;
        let given = NotificationGiven {
            position: None,
            meets: vec![Meets { cause: "initial".to_owned(), change: None }],
            given_at: given_at.ms(),
            manner: "oral_in_person".to_owned(),
            station: self.cast.stations.first().map(|station| station.id),
            in_local_police_area: true,
            taken_by: "officer".to_owned(),
            taken_by_name: "Counter".to_owned(),
            names: vec![format!("{} {}", subject.given_names, subject.family_name)],
            address: homes.last().map(|home| home.address.clone()),
            no_fixed_abode: false,
            false_suspected: false,
            number: None,
        };
        let (order, id) = (summary.order.id, self.identity.id(given_at));
        let recorded =
            self.store.write(move |tx| record_notification(tx, &actor, (order, id), &given));
        recorded.await?;
        Ok(())
    }

    pub(super) async fn do_duty(&mut self, duty: Duty, now: Instant) -> Result<(), HistoryError> {
        let Some(actor) = self.by_supervisor(now) else { return Ok(()) };
        let id: FactId = self.identity.id(now);
        match duty {
            Duty::Outcome(session, code) => {
                let outcome = Outcome {
                    code: code.to_owned(),
                    action: action(code).map(str::to_owned),
                    reason: None,
                    note: String::new(),
                    is_providers_word: false,
                };
                let write = self
                    .store
                    .write(move |tx| record_session_outcome(tx, &actor, (session, id), &outcome));
                write.await?;
            }
            Duty::Letter(session) => {
                // Whoever recorded the absence does not decide on its evidence.
                let Some(by) = self.cast.supervisors.last() else { return Ok(()) };
                let actor = self.actor(by, now);
                let seen = (Evidence::Accepted, "Letter of the surgery, seen.");
                let write = self
                    .store
                    .write(move |tx| record_session_evidence(tx, &actor, (session, id), seen));
                write.await?;
            }
        }
        Ok(())
    }
}

/// An absence without leave is followed up.
fn action(code: &str) -> Option<&'static str> {
    match code {
        "UAAB" | "AFTC" => Some("ROM"),
        "AFTA" => Some("EA12"),
        _ => None,
    }
}
