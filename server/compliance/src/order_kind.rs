//! Kinds of order as data: each kind is a row of `order_kind/table.rs`, and adding a kind means
//! adding a row. No rule asks which kind an order is; it asks what the kind's row says.

mod duration;
mod table;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::num::NonZeroU16;

pub use duration::{DurationRule, OrderRefusal, check_duration, shortest_last_day};

use crate::holidays::Division;
use crate::offence::Offence;
use crate::word::{Word, words};

/// One kind of order: a row of the table, known by its code.
#[derive(Clone, Copy)]
pub struct OrderKind {
    row: &'static Row,
}

/// What the law says of one kind of order.
#[derive(Debug)]
pub struct Row {
    /// The stable word for it.
    pub code: &'static str,
    /// As the statute names it.
    pub title: &'static str,
    /// As a sentence names it: "an interim order".
    pub in_a_sentence: &'static str,
    pub statute: &'static str,
    /// Whose bank holidays count.
    pub division: Division,
    /// What the subject must tell the police by statute, whatever the order's text says.
    pub notification: Option<NotificationRule>,
    pub duration: DurationRule,
    /// The order must name who supervises each requirement (as DA Act 2021 s.36(2)).
    pub supervisor_named_required: bool,
    pub made_by: &'static [MadeBy],
    /// Enacted, but not confirmed to be in force (`domain.md`, 2.4).
    pub made_by_unconfirmed: &'static [MadeBy],
    /// How many days before the last day its end is announced (R10).
    pub expiry_warnings_days: &'static [u16],
    /// Breaching it is an offence only of a person who was aware of it.
    pub needs_awareness: bool,
    /// The kind of interim order that can come before it.
    pub interim_twin: Option<OrderKind>,
    /// CJS codes with which a court reports the result.
    pub result_codes: &'static [&'static str],
    pub offences: &'static [Offence],
}

/// A duty to notify that the statute adds to every order of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotificationRule {
    /// The days of each period; the first is the day of the trigger itself.
    pub days: NonZeroU16,
    pub trigger: Trigger,
    pub periodic: Periodic,
    pub changes: &'static [ChangeDuty],
    /// While one of these applies, this one does not.
    pub exempt_if: &'static [Regime],
    pub basis: &'static str,
    pub change_basis: &'static str,
    pub exempt_basis: &'static str,
    /// What asks for attending a station and saying it there.
    pub method_basis: &'static str,
}

/// From which day the first notification is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    Served,
    Made,
    TakesEffect,
    Convicted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Periodic {
    Never,
    /// Every year; every week while the subject has no fixed abode.
    YearlyOrWeekly {
        basis: &'static str,
    },
}

words! {
    /// What has to be told again when it changes.
    ChangeDuty {
        /// A name is used that was not notified.
        Name = "name",
        HomeAddress = "home_address",
        CeasedToHaveHome = "ceased_to_have_home",
        /// Living elsewhere for a month or longer.
        AwayOneMonth = "away_one_month",
        /// Seven days, together or in all within twelve months, at an address not notified.
        SevenDaysElsewhere = "seven_days_elsewhere",
    }
}

words! {
    /// Another duty to notify, which takes the place of an order's own.
    Regime {
        /// Sexual Offences Act 2003 Part 2.
        SexualOffences = "sexual_offences_part_2",
        /// Stalking Protection Act 2019 s.9.
        StalkingProtection = "stalking_protection_s_9",
        /// Violent offences prevention order, Justice Act (NI) 2015.
        ViolentOffences = "violent_offences",
        /// Slavery and trafficking, Human Trafficking and Exploitation Act (NI) 2015.
        Trafficking = "trafficking",
    }
}

words! {
    /// On what occasion a court makes an order. One made without an application has no officer in
    /// the case: it arrives unowned.
    MadeBy {
        Application = "application",
        /// Of the court's own motion (Crime and Policing Act 2026).
        Conviction = "conviction",
        Acquittal = "acquittal",
    }
}

impl Regime {
    /// As a sentence names it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::SexualOffences => "Part 2 of the Sexual Offences Act 2003",
            Self::StalkingProtection => "s.9 of the Stalking Protection Act 2019",
            Self::ViolentOffences => "a violent offences prevention order",
            Self::Trafficking => "the notification regime for slavery and trafficking",
        }
    }
}

impl OrderKind {
    pub fn row(self) -> &'static Row {
        self.row
    }

    /// Whether it is the interim twin of another kind.
    pub fn is_interim(self) -> bool {
        Self::ALL.iter().any(|kind| kind.row.interim_twin == Some(self))
    }

    /// A full order that replaces its interim twin asks for no initial notification of its own:
    /// the interim order's stands (SPA 2019 s.9(1)(a)).
    pub fn replaces(self, earlier: OrderKind) -> bool {
        self.row.interim_twin == Some(earlier)
    }
}

impl PartialEq for OrderKind {
    fn eq(&self, other: &Self) -> bool {
        self.row.code == other.row.code
    }
}

impl Eq for OrderKind {}

impl PartialOrd for OrderKind {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for OrderKind {
    fn cmp(&self, other: &Self) -> Ordering {
        self.row.code.cmp(other.row.code)
    }
}

impl Hash for OrderKind {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.row.code.hash(state);
    }
}

impl fmt::Debug for OrderKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OrderKind({})", self.row.code)
    }
}

impl fmt::Display for OrderKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.row.code)
    }
}
