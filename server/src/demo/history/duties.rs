//! What goes on beside sign-ons: who went to treatment, and who told the police what the statute
//! asks for.

use compliance::Instant;
use compliance::instant::{DAY_MS, HOUR_MS};
use compliance::order_kind::ChangeDuty;

use super::{Event, History, HistoryError};
use crate::ZONE;
use crate::operations::Actor;
use crate::operations::notification::{DetailsChanged, Meets, NotificationGiven};
use crate::operations::record_notification::{record_details_change, record_notification};
use crate::operations::record_treatment::record_session_outcome;
use crate::operations::treatment::{Outcome, SESSION_FACTS, SessionOnFile, sessions_of};
use crate::store::id::{FactId, OrderId};
use crate::store::orders::{self, OrderSummary};
use crate::store::{StoreError, facts};

/// So late that it is overdue, and nobody has looked at it, when the training begins.
const NAME_USED_MS: i64 = 80 * DAY_MS;

/// Something that is put on file about an order.
pub(super) enum Duty {
    Outcome(FactId, &'static str),
    NameUsed(OrderId),
}

impl History {
    /// Decides who tells what, and who goes to which session.
    pub(super) async fn plan_duties(&mut self, now: Instant) -> Result<(), HistoryError> {
        let scope = self.scope(&self.cast.observer);
        let orders = self.store.read(move |tx| orders::search(tx, scope, "", "", 500)).await?;
        for (number, summary) in orders.iter().enumerate() {
            if number % 13 != 6 {
                self.notify(now, summary).await?;
            }
            if number == 20 {
                let event = Event::Duty(Duty::NameUsed(summary.order.id));
                self.plan(now + NAME_USED_MS, event);
            }
            self.plan_sessions(summary.order.id).await?;
        }
        Ok(())
    }

    async fn plan_sessions(&mut self, order: OrderId) -> Result<(), HistoryError> {
        let read = self.store.read(move |tx| {
            let sessions = sessions_of(facts::of_order(tx, order, &SESSION_FACTS)?)?;
            Ok::<Vec<SessionOnFile>, StoreError>(sessions)
        });
        for session in read.await? {
            let code = match self.random_ms(100) {
                0..8 => "UAAB",
                8..14 => "AAME",
                14..18 => "RSSR",
                // Nobody says.
                18..26 => continue,
                _ => "ATTC",
            };
            let said_at = session.session.window.closes_at + HOUR_MS + self.random_ms(HOUR_MS);
            self.plan(said_at, Event::Duty(Duty::Outcome(session.id, code)));
        }
        Ok(())
    }

    fn by_supervisor(&self, now: Instant) -> Option<Actor> {
        self.cast.supervisors.first().map(|account| self.actor(account, now))
    }

    /// The day after service, at the station whose counter comes first.
    async fn notify(&mut self, now: Instant, summary: &OrderSummary) -> Result<(), HistoryError> {
        let given_at = summary.order.served_at.map(|served_at| served_at + 20 * HOUR_MS);
        let (Some(given_at), Some(actor)) = (given_at, self.by_supervisor(now)) else {
            return Ok(());
        };
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
            address: Some(format!("{} Fuller Street", 1 + self.random_ms(90))),
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
                    action: (code == "UAAB").then(|| "ROM".to_owned()),
                    reason: None,
                    note: String::new(),
                    is_providers_word: false,
                };
                let write = self
                    .store
                    .write(move |tx| record_session_outcome(tx, &actor, (session, id), &outcome));
                write.await?;
            }
            Duty::NameUsed(order) => {
                let changed = DetailsChanged {
                    duty: ChangeDuty::Name.to_string(),
                    on: now.local_date(ZONE),
                    name: Some("Jay Calder".to_owned()),
                };
                let write = self.store.write(move |tx| {
                    record_details_change(tx, &actor, (order, id), (ChangeDuty::Name, &changed))
                });
                write.await?;
            }
        }
        Ok(())
    }
}
