//! The duties to notify that the statute adds to an order (SPA 2019 ss.9-11 and its siblings), and
//! what a notification that was given means for one.
//!
//! They are owed whatever the order's text says. A failure is suspected until a person decides, and
//! goes on until it is cured; cured late, it was still late (s.11).

mod given;
#[cfg(test)]
mod tests;

use chrono::NaiveDate;

pub use given::{
    DutyState, Given, IdentityAnswer, IdentityAsked, IdentityRequest, Judged, Manner, Settled,
    Standing, TakenBy, local_police_area,
};

use crate::attendance::Reason;
use crate::deadline::{Deadline, clocks, days_beginning_with};
use crate::instant::{Instant, UK};
use crate::offence::{Failure, Offence, suggested};
use crate::order::start_of_day;
use crate::order_kind::{ChangeDuty, NotificationRule, OrderKind, Periodic, Regime, Trigger};
use crate::word::Word;

/// What is known of one order and its subject.
#[derive(Debug, Clone, Copy)]
pub struct NotificationFacts<'a> {
    pub kind: OrderKind,
    pub made_on: NaiveDate,
    pub served_at: Option<Instant>,
    pub takes_effect_on: Option<NaiveDate>,
    pub convicted_on: Option<NaiveDate>,
    /// When the order was over, if it is: a period that it did not outlast cannot be failed.
    pub ended_at: Option<Instant>,
    pub replaces: Option<Replaced>,
    pub exemptions: &'a [Exemption],
    pub changes: &'a [Change],
    /// For kinds with a periodic duty: the last notification of any sort.
    pub last_notified_on: Option<NaiveDate>,
    pub has_fixed_abode: bool,
}

/// The order that this one took the place of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replaced {
    pub kind: OrderKind,
    /// Whether the initial notification under it was given; `None` where nobody knows.
    pub is_notified: Option<bool>,
}

/// Days on which another regime applied to the subject, first and final day included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exemption {
    pub regime: Regime,
    pub from: NaiveDate,
    pub final_day: Option<NaiveDate>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub duty: ChangeDuty,
    /// The day of first use, of the move, or on which the stated length of stay was reached.
    pub on: NaiveDate,
    /// The name or the address.
    pub what: String,
}

/// What brought a duty about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    Initial,
    /// Another regime ceased to apply: s.9(6)-(7).
    ExemptionEnded(Regime),
    Changed {
        duty: ChangeDuty,
        what: String,
    },
    Periodic,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationDuty {
    pub kind: OrderKind,
    pub cause: Cause,
    /// From when on telling it counts. A change may be told before it happens (s.10(3)).
    pub counts_from: Option<Instant>,
    pub deadline: Deadline,
}

/// Every duty that follows from the facts, and why others that might be looked for do not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Notifications {
    pub owed: Vec<NotificationDuty>,
    pub not_owed: Vec<Reason>,
}

impl Cause {
    /// The stable word for it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Initial => "initial",
            Self::ExemptionEnded(_) => "exemption_ended",
            Self::Changed { duty, .. } => duty.as_str(),
            Self::Periodic => "periodic",
        }
    }
}

impl NotificationDuty {
    /// Under which offence a failure of it would be recorded, where that is known.
    pub fn offence(&self) -> Option<&'static Offence> {
        let failure = match &self.cause {
            Cause::Initial | Cause::ExemptionEnded(_) | Cause::Periodic => {
                Failure::InitialNotification
            }
            Cause::Changed { duty: ChangeDuty::Name, .. } => Failure::NameNotification,
            Cause::Changed { .. } => Failure::AddressNotification,
        };
        suggested(self.kind.row().offences, failure)
    }
}

impl Exemption {
    fn holds(&self, day: NaiveDate) -> bool {
        self.from <= day && self.final_day.is_none_or(|final_day| day <= final_day)
    }
}

impl NotificationFacts<'_> {
    /// Total, and the same for the same facts: nothing here depends on what has been notified but
    /// the periodic duty, which counts from it.
    pub fn duties(&self) -> Notifications {
        let mut found = Notifications::default();
        let row = self.kind.row();
        let Some(rule) = row.notification else {
            let says = format!("The statute asks no notification of {}.", row.in_a_sentence);
            found.not_owed.push(Reason { code: "no-duty-by-statute", says });
            return found;
        };
        let Some((first, counts_from)) = self.trigger(&rule) else {
            found.not_owed.push(not_triggered(rule.trigger));
            return found;
        };
        match self.replaces.filter(|replaced| self.kind.replaces(replaced.kind)) {
            Some(replaced) => found.not_owed.push(interim_stands(replaced, &rule)),
            None => {
                let deadline = days_beginning_with(rule.days, first, rule.basis);
                self.add(
                    &mut found,
                    &rule,
                    first,
                    self.duty(Cause::Initial, counts_from, deadline),
                );
            }
        }
        self.add_reactivated(&mut found, &rule, first);
        for change in self.changes {
            self.add_change(&mut found, &rule, first, change);
        }
        self.add_periodic(&mut found, &rule);
        found
    }

    /// The day from which the first notification is counted, and the instant itself.
    fn trigger(&self, rule: &NotificationRule) -> Option<(NaiveDate, Instant)> {
        let day = match rule.trigger {
            Trigger::Served => {
                return self.served_at.map(|served_at| (served_at.local_date(UK), served_at));
            }
            Trigger::Made => self.made_on,
            Trigger::TakesEffect => self.takes_effect_on?,
            Trigger::Convicted => self.convicted_on?,
        };
        Some((day, start_of_day(day, UK)))
    }

    /// When an exemption ends while the order is there and no other one goes on, the days run from
    /// its final day (s.9(6)-(7)).
    fn add_reactivated(
        &self,
        found: &mut Notifications,
        rule: &NotificationRule,
        first: NaiveDate,
    ) {
        for exemption in self.exemptions_under(rule) {
            let Some(final_day) = exemption.final_day.filter(|final_day| first <= *final_day)
            else {
                continue;
            };
            let deadline = days_beginning_with(rule.days, final_day, rule.exempt_basis);
            let next = final_day.succ_opt().unwrap_or(final_day);
            if self.exemption_on(rule, next).is_some() {
                continue;
            }
            let cause = Cause::ExemptionEnded(exemption.regime);
            let duty = self.duty(cause, start_of_day(final_day, UK), deadline);
            let is_repeated = found.owed.iter().any(|other| other.deadline == duty.deadline);
            if !is_repeated {
                self.add(found, rule, next, duty);
            }
        }
    }

    fn add_change(
        &self,
        found: &mut Notifications,
        rule: &NotificationRule,
        first: NaiveDate,
        change: &Change,
    ) {
        if !rule.changes.contains(&change.duty) {
            let says = format!("The statute asks no notification of this change: {}.", change.what);
            found.not_owed.push(Reason { code: "change-not-notifiable", says });
        } else if change.on < first {
            let says =
                format!("{} belongs to the first notification, which came later.", change.what);
            found.not_owed.push(Reason { code: "before-the-order", says });
        } else {
            let deadline = days_beginning_with(rule.days, change.on, rule.change_basis);
            let cause = Cause::Changed { duty: change.duty, what: change.what.clone() };
            let duty = NotificationDuty { kind: self.kind, cause, counts_from: None, deadline };
            self.add(found, rule, change.on, duty);
        }
    }

    fn add_periodic(&self, found: &mut Notifications, rule: &NotificationRule) {
        if let (Periodic::YearlyOrWeekly { basis }, Some(last_on)) =
            (rule.periodic, self.last_notified_on)
        {
            let deadline = clocks::periodic_notification(last_on, self.has_fixed_abode, basis);
            let next = last_on.succ_opt().unwrap_or(last_on);
            let duty = self.duty(Cause::Periodic, start_of_day(next, UK), deadline);
            self.add(found, rule, next, duty);
        }
    }

    fn duty(&self, cause: Cause, counts_from: Instant, deadline: Deadline) -> NotificationDuty {
        NotificationDuty { kind: self.kind, cause, counts_from: Some(counts_from), deadline }
    }

    /// Adds a duty that begins on `first`, unless another regime applies then or when its period is
    /// over, or the order was over before.
    fn add(
        &self,
        found: &mut Notifications,
        rule: &NotificationRule,
        first: NaiveDate,
        duty: NotificationDuty,
    ) {
        let exempt = [first, duty.deadline.last_day()]
            .into_iter()
            .find_map(|day| self.exemption_on(rule, day));
        if let Some(exemption) = exempt {
            let regime = exemption.regime.in_words();
            let basis = rule.exempt_basis;
            let says = format!("Not owed while {regime} applies to the subject ({basis}).");
            found.not_owed.push(Reason { code: "exempt", says });
        } else if self.ended_at.is_some_and(|ended_at| ended_at < duty.deadline.closes_at) {
            let says =
                format!("The order was over before the period was: {}.", duty.deadline.arithmetic);
            found.not_owed.push(Reason { code: "order-over", says });
        } else {
            found.owed.push(duty);
        }
    }

    fn exemptions_under(&self, rule: &NotificationRule) -> impl Iterator<Item = &Exemption> {
        let regimes = rule.exempt_if;
        self.exemptions.iter().filter(|exemption| regimes.contains(&exemption.regime))
    }

    fn exemption_on(&self, rule: &NotificationRule, day: NaiveDate) -> Option<&Exemption> {
        self.exemptions_under(rule).find(|exemption| exemption.holds(day))
    }
}

fn not_triggered(trigger: Trigger) -> Reason {
    let says = match trigger {
        Trigger::Served => "The order has not been served: no period runs.",
        Trigger::Made => "The order has not been made: no period runs.",
        Trigger::TakesEffect => "The order has not taken effect: no period runs.",
        Trigger::Convicted => "There is no conviction to count from: no period runs.",
    };
    Reason { code: "not-triggered", says: says.to_owned() }
}

/// A full order that replaces an interim one asks for no new initial notification; a failure under
/// the interim order is not cured by that (s.9(1)(a), s.11).
fn interim_stands(replaced: Replaced, rule: &NotificationRule) -> Reason {
    let basis = rule.basis;
    let says = match replaced.is_notified {
        Some(true) => format!("The notification under the interim order stands ({basis}(a))."),
        Some(false) => format!(
            "No new notification is asked ({basis}(a)), but the one under the interim order was \
             never given: that duty stays open."
        ),
        None => format!(
            "No new notification is asked ({basis}(a)). Whether the one under the interim order \
             was given is not known: look for the paper."
        ),
    };
    Reason { code: "replaces-interim", says }
}
