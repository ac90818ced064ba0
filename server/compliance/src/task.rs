//! Tasks: what has to be done about an order beside sign-ons, until when, and what asks for it.
//!
//! What is asked is reckoned from what is on file about the order, each time anew (`asked`): an event
//! that turns out to be a mistake asks for nothing any more. Nothing is told to a victim by itself; a task
//! says only that a person has to, and names neither the victim nor where they are.
//!
//! | what happened | victim update | PNC | basis |
//! |---|---|---|---|
//! | made | 5 working days | 24 hours | R8; P8 |
//! | varied, renewed, corrected | 1 working day | 24 hours | Victims' Code, Right 6: conditions changed |
//! | served | 5 working days | | R8 |
//! | breach decided, arrest, release | 1 working day | | Right 6 |
//! | ended before its time | 1 working day | 24 hours | Right 6 |
//! | expired | 5 working days | | R8 |
//! | any of them at high risk | 1 working day | | policy |
//!
//! One working day is the clock of enhanced rights, to which a person who is persistently targeted is
//! entitled (`domain.md`, P6).

pub mod answer;
#[cfg(test)]
mod tests;

use chrono::{Days, NaiveDate};
use uuid::Uuid;

use crate::alert::Risk;
use crate::deadline::{Deadline, clocks};
use crate::holidays::Holidays;
use crate::instant::{Instant, UK};
use crate::order::{BACKDATED_MS, start_of_day};
use crate::order_kind::OrderKind;
use crate::order_status::EndReason;
use crate::word::words;

words! {
    TaskKind {
        /// A person tells the victim, by the safe way that is agreed with them.
        VictimUpdate = "victim_update",
        /// The order, or what became of it, is entered in the Police National Computer.
        PncUpdate = "pnc_update",
        /// The officer in the case looks at the order as a whole.
        OrderReview = "order_review",
        /// Before its last day: renew the order, let it lapse or ask for other terms.
        RenewalDecision = "renewal_decision",
        /// Somebody asked for it.
        ByHand = "by_hand",
    }
}

words! {
    /// What a task was asked for by.
    TaskCause {
        Made = "made",
        Served = "served",
        Varied = "varied",
        /// A suspected breach was decided.
        Breach = "breach",
        Arrest = "arrest",
        /// Custody is over.
        Release = "release",
        /// Ended before its time.
        Discharge = "discharge",
        Expiry = "expiry",
        /// What was told or entered turned out to be a mistake.
        Corrected = "corrected",
        /// Time for another look.
        ReviewDue = "review_due",
        LastDayNear = "last_day_near",
        Asked = "asked",
    }
}

words! {
    TaskState {
        Open = "open",
        Done = "done",
        Cancelled = "cancelled",
    }
}

words! {
    /// Why a task is not asked for any more. It stays on file.
    TaskCancelReason {
        /// What asked for it was a mistake.
        EnteredInError = "entered_in_error",
        OrderOver = "order_over",
        /// The order has another last day.
        EndChanged = "end_changed",
    }
}

impl TaskCause {
    /// The task as a sentence. Whom it concerns is "the victim", and nothing more.
    pub fn says(self, kind: TaskKind) -> &'static str {
        match (kind, self) {
            (TaskKind::PncUpdate, Self::Varied) => "Enter the new terms of the order in the PNC.",
            (TaskKind::PncUpdate, Self::Discharge) => {
                "Enter in the PNC that the order has ended before its time."
            }
            (TaskKind::PncUpdate, Self::Corrected) => {
                "Correct the entry in the PNC: what it was made for turned out to be a mistake."
            }
            (TaskKind::PncUpdate, _) => "Enter the order in the PNC.",
            (_, Self::Made) => "Tell the victim that the order was made.",
            (_, Self::Served) => "Tell the victim that the order was served and now binds.",
            (_, Self::Varied) => "Tell the victim that the terms of the order have changed.",
            (_, Self::Breach) => "Tell the victim what was decided about a suspected breach.",
            (_, Self::Arrest) => "Tell the victim that there was an arrest.",
            (_, Self::Release) => "Tell the victim that the subject is no longer in custody.",
            (_, Self::Discharge) => "Tell the victim that the order has ended before its time.",
            (_, Self::Expiry) => "Tell the victim that the order has run out.",
            (_, Self::Corrected) => {
                "Tell the victim that something they were told turned out to be a mistake."
            }
            (_, Self::ReviewDue) => "Look at the order as a whole and say when next.",
            (_, Self::LastDayNear) => {
                "Decide before the last day: renew the order, let it lapse or ask for other terms."
            }
            (_, Self::Asked) => "",
        }
    }

    /// Whether the victim is told within one working day; else within five.
    fn is_told_next_day(self, risk: Risk) -> bool {
        match self {
            Self::Made | Self::Served | Self::Expiry => risk == Risk::High,
            _ => true,
        }
    }
}

/// Something that happened to an order, and since when it is on file here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// Of the record of it.
    pub id: Uuid,
    pub happened_at: Instant,
    pub known_at: Instant,
}

/// A stay in custody, as recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stay {
    pub id: Uuid,
    pub from: Instant,
    /// Not included.
    pub until: Instant,
    pub known_at: Instant,
}

/// What the last review of the order agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reviewed {
    pub next_on: NaiveDate,
}

/// A task that was done: somebody was told, or something was entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub task: Uuid,
    pub key: String,
    pub kind: TaskKind,
    pub cause: TaskCause,
    /// Since when it is known that it was a mistake, if that was noticed before.
    pub noticed_at: Option<Instant>,
}

/// What is on file about an order, as far as tasks follow from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderOnFile {
    pub id: Uuid,
    pub kind: OrderKind,
    pub risk: Risk,
    /// Since when tasks are kept at all: what was known before asks for none.
    pub begun_at: Instant,
    /// Its making and every version after it. None of an order that no court has made.
    pub versions: Vec<Event>,
    /// Every time that it was served, the first first.
    pub served: Vec<Event>,
    pub ended: Option<(Event, EndReason)>,
    pub ends_on: Option<NaiveDate>,
    /// Decisions on suspected breaches that stand.
    pub breaches: Vec<Event>,
    pub arrests: Vec<Event>,
    pub custody: Vec<Stay>,
    pub reviews: Vec<Reviewed>,
    pub told: Vec<Told>,
}

/// A task that is asked for. The key is the same whenever it is reckoned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub key: String,
    pub kind: TaskKind,
    pub cause: TaskCause,
    /// What asks for it: a record, a version, the order.
    pub event: Uuid,
    pub happened_at: Instant,
    pub due: Deadline,
}

/// The key of the task of one kind that one event asks for.
pub fn key(kind: TaskKind, cause: TaskCause, event: Uuid) -> String {
    format!("{kind}:{cause}:{event}")
}

/// A task before it is known whether it is asked for.
struct Candidate {
    kind: TaskKind,
    cause: TaskCause,
    event: Event,
}

/// Every task that is asked for at `now`, done ones too, in the order of what asks for it. Reviews are
/// the exception: only the next one is.
pub fn asked(order: &OrderOnFile, now: Instant) -> Vec<Asked> {
    let candidates = order.candidates(now);
    let standing: Vec<String> = candidates.iter().map(Candidate::key).collect();
    let mut asked: Vec<Asked> = candidates
        .into_iter()
        .filter(|of| order.is_recent(of.event) && !order.is_told_otherwise(of))
        .map(|of| order.ask(of))
        .collect();
    asked.extend(order.corrections(&standing, now));
    asked.extend(order.review(now));
    asked.extend(order.renewal(now));
    asked
}

/// When what is asked for changes next by itself.
pub fn next_change(order: &OrderOnFile, now: Instant) -> Option<Instant> {
    if order.ended.is_some() || order.versions.is_empty() {
        return order.custody.iter().map(|stay| stay.until).filter(|until| *until > now).min();
    }
    let near = order.ends_on.and_then(|day| first_warning(order.kind, day));
    let times = [near, order.over_at()];
    let times = times.into_iter().flatten();
    times.chain(order.custody.iter().map(|stay| stay.until)).filter(|at| *at > now).min()
}

fn first_warning(kind: OrderKind, last_day: NaiveDate) -> Option<Instant> {
    clocks::expiry_warnings(kind, last_day).into_iter().map(|warning| warning.due_at).min()
}

impl Candidate {
    fn key(&self) -> String {
        key(self.kind, self.cause, self.event.id)
    }
}

impl OrderOnFile {
    fn filed_at(&self) -> Option<Instant> {
        self.versions.iter().map(|version| version.known_at).min()
    }

    /// The end of its last day.
    fn over_at(&self) -> Option<Instant> {
        let after = |day: NaiveDate| day.checked_add_days(Days::new(1)).unwrap_or(day);
        self.ends_on.map(|day| start_of_day(after(day), UK))
    }

    fn is_live(&self, now: Instant) -> bool {
        let is_over = self.over_at().is_some_and(|over_at| over_at <= now);
        !self.versions.is_empty() && self.ended.is_none() && !is_over
    }

    /// What happened more than seven days before it was on file is for people to look into, as older
    /// silence is; so is what was on file before tasks were kept.
    fn is_recent(&self, event: Event) -> bool {
        event.known_at >= self.begun_at && event.happened_at >= event.known_at + -BACKDATED_MS
    }

    fn candidates(&self, now: Instant) -> Vec<Candidate> {
        let update =
            |cause| move |event: Event| Candidate { kind: TaskKind::VictimUpdate, cause, event };
        let enter =
            |cause| move |event: Event| Candidate { kind: TaskKind::PncUpdate, cause, event };
        let (made, varied) = self.versions.split_at(self.versions.len().min(1));
        let mut all: Vec<Candidate> = Vec::new();
        for (events, cause) in [(made, TaskCause::Made), (varied, TaskCause::Varied)] {
            all.extend(events.iter().copied().map(update(cause)));
            all.extend(events.iter().copied().map(enter(cause)));
        }
        all.extend(self.served.iter().copied().map(update(TaskCause::Served)));
        all.extend(self.breaches.iter().copied().map(update(TaskCause::Breach)));
        all.extend(self.arrests.iter().copied().map(update(TaskCause::Arrest)));
        all.extend(self.releases(now).into_iter().map(update(TaskCause::Release)));
        if let Some((event, reason)) = self.ended {
            // That another order has taken its place, the making of that one tells.
            let is_told = reason != EndReason::Replaced;
            all.extend(is_told.then_some(event).map(update(TaskCause::Discharge)));
            all.push(enter(TaskCause::Discharge)(event));
        }
        all.extend(self.expiry(now).map(update(TaskCause::Expiry)));
        all
    }

    /// Custody that is over and that no other stay goes on from, while the order was there to bind.
    fn releases(&self, now: Instant) -> Vec<Event> {
        let goes_on =
            |at: Instant| self.custody.iter().any(|stay| stay.from <= at && at < stay.until);
        let over_at = self.ended.map(|(event, _)| event.happened_at);
        let over_at = over_at.into_iter().chain(self.over_at()).min();
        let mut ends: Vec<&Stay> = self
            .custody
            .iter()
            .filter(|stay| stay.until <= now && !goes_on(stay.until))
            .filter(|stay| over_at.is_none_or(|over_at| stay.until < over_at))
            .collect();
        // Two records of one stay end together.
        ends.sort_by_key(|stay| (stay.until, stay.id));
        ends.dedup_by_key(|stay| stay.until);
        let event = |stay: &Stay| Event {
            id: stay.id,
            happened_at: stay.until,
            known_at: stay.known_at.max(stay.until),
        };
        ends.into_iter().map(event).collect()
    }

    fn expiry(&self, now: Instant) -> Option<Event> {
        let happened_at = self.over_at().filter(|at| *at <= now && self.ended.is_none())?;
        let known_at = self.filed_at()?.max(happened_at);
        Some(Event { id: self.id, happened_at, known_at })
    }

    /// That an order was served is told once, whichever of several records shows it.
    fn is_told_otherwise(&self, of: &Candidate) -> bool {
        if of.cause != TaskCause::Served {
            return false;
        }
        let served = |event: &Event| key(TaskKind::VictimUpdate, TaskCause::Served, event.id);
        let told = |event: &Event| self.told.iter().any(|told| told.key == served(event));
        let by = self.served.iter().find(|event| told(event)).or(self.served.first());
        by.is_some_and(|by| by.id != of.event.id)
    }

    fn ask(&self, of: Candidate) -> Asked {
        let due = match of.kind {
            TaskKind::PncUpdate => clocks::pnc_update(of.event.happened_at),
            _ => self.victim_update(of.cause, of.event.happened_at),
        };
        Asked {
            key: of.key(),
            kind: of.kind,
            cause: of.cause,
            event: of.event.id,
            happened_at: of.event.happened_at,
            due,
        }
    }

    /// Where the list of bank holidays ends, weekdays are counted: sooner than needed, never later.
    fn victim_update(&self, cause: TaskCause, happened_at: Instant) -> Deadline {
        let is_enhanced = cause.is_told_next_day(self.risk);
        let shipped = Holidays::shipped(self.kind.row().division);
        let due = clocks::victim_update(happened_at, is_enhanced, &shipped);
        due.or_else(|_| clocks::victim_update(happened_at, is_enhanced, &Holidays::none()))
            .unwrap_or_else(|_| clocks::pnc_update(happened_at))
    }

    /// What was told or entered for something that does not stand any more.
    fn corrections(&self, standing: &[String], now: Instant) -> Vec<Asked> {
        let is_mistaken =
            |told: &&Told| told.cause != TaskCause::Corrected && !standing.contains(&told.key);
        let ask = |told: &Told| {
            let noticed_at = told.noticed_at.unwrap_or(now);
            let event = Event { id: told.task, happened_at: noticed_at, known_at: noticed_at };
            self.ask(Candidate { kind: told.kind, cause: TaskCause::Corrected, event })
        };
        self.told.iter().filter(is_mistaken).map(ask).collect()
    }

    /// The next look at the order as a whole.
    fn review(&self, now: Instant) -> Option<Asked> {
        let filed_at = self.filed_at().filter(|_| self.is_live(now))?;
        let happened_at = filed_at.max(self.begun_at);
        let due = match self.reviews.last() {
            None => clocks::order_review(happened_at, self.risk),
            Some(last) => clocks::agreed_review(last.next_on),
        };
        Some(Asked {
            key: format!("{}:{}:{}", TaskKind::OrderReview, self.id, self.reviews.len() + 1),
            kind: TaskKind::OrderReview,
            cause: TaskCause::ReviewDue,
            event: self.id,
            happened_at,
            due,
        })
    }

    /// From the first warning on, and until somebody has decided, also when the last day is over.
    fn renewal(&self, now: Instant) -> Option<Asked> {
        let last_day = self.ends_on.filter(|_| self.ended.is_none())?;
        let happened_at = first_warning(self.kind, last_day).filter(|at| *at <= now)?;
        let was_over = self.over_at()? <= self.filed_at()?.max(self.begun_at);
        if was_over {
            return None;
        }
        Some(Asked {
            key: renewal_key(self.id, last_day),
            kind: TaskKind::RenewalDecision,
            cause: TaskCause::LastDayNear,
            event: self.id,
            happened_at,
            due: clocks::renewal_decision(last_day),
        })
    }
}

/// The one decision of an order's last day.
pub fn renewal_key(order: Uuid, last_day: NaiveDate) -> String {
    format!("{}:{order}:{last_day}", TaskKind::RenewalDecision)
}

/// Why a task that was asked for is not any more.
pub fn cancelled_because(kind: TaskKind, order: &OrderOnFile, now: Instant) -> TaskCancelReason {
    match kind {
        // The review before it was a mistake, and is asked for again.
        TaskKind::OrderReview if order.is_live(now) => TaskCancelReason::EnteredInError,
        TaskKind::OrderReview => TaskCancelReason::OrderOver,
        TaskKind::RenewalDecision if order.ended.is_some() => TaskCancelReason::OrderOver,
        TaskKind::RenewalDecision => TaskCancelReason::EndChanged,
        TaskKind::VictimUpdate | TaskKind::PncUpdate | TaskKind::ByHand => {
            TaskCancelReason::EnteredInError
        }
    }
}

/// Of those who answer for an order, in turn, the first whose account is in use; else the first
/// supervisor of a station that it names, or at all.
pub fn owner<Account: Copy>(
    answering: [Option<Account>; 3],
    supervisors: &[Account],
    is_in_use: impl Fn(Account) -> bool,
) -> Option<Account> {
    let named = answering.into_iter().flatten();
    named.chain(supervisors.iter().copied()).find(|account| is_in_use(*account))
}
