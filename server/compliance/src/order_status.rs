//! What has become of an order at an instant, and from when to when it binds: from dated facts,
//! which are added to and never changed, so that any moment can be looked at again.

#[cfg(test)]
mod tests;

use chrono::NaiveDate;

use crate::instant::{Instant, UK};
use crate::order::start_of_day;
use crate::order_kind::OrderKind;
use crate::word::words;

words! {
    OrderStatus {
        /// Applied for or being written: no court has made it.
        Drafted = "drafted",
        /// Made and not yet served. It can be obeyed but not enforced (`domain.md`, J20; R9).
        Made = "made",
        InForce = "in_force",
        /// Ended by the court before its time (SPA 2019 s.4).
        Discharged = "discharged",
        /// The fixed period is over (s.3(1), s.5(3)).
        Expired = "expired",
        /// An interim order after the main application was determined, or an order that another
        /// has replaced (s.5(7); s.3: "until a further order").
        Superseded = "superseded",
        /// A draft that no court will be asked to make.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// What became of an attempt to give the order to the subject.
    ServiceOutcome {
        Served = "served",
        NotFound = "not_found",
        WrongAddress = "wrong_address",
        /// Handed over and refused: whether that is service, the court decides.
        Refused = "refused",
        Other = "other",
    }
}

words! {
    ServiceMethod {
        InPerson = "in_person",
        /// Pronounced in the subject's presence.
        InCourt = "in_court",
        LeftAtAddress = "left_at_address",
        ByPost = "by_post",
        Other = "other",
    }
}

words! {
    /// What ended an order before its time (s.4, s.5(7), s.7).
    EndReason {
        Discharged = "discharged",
        /// The main application of an interim order was determined.
        Determined = "determined",
        Replaced = "replaced",
        QuashedOnAppeal = "quashed_on_appeal",
    }
}

words! {
    AppealOutcome {
        Dismissed = "dismissed",
        Withdrawn = "withdrawn",
        /// Allowed in part: the order goes on as varied.
        Varied = "varied",
        Allowed = "allowed",
    }
}

/// The dated facts of one order's life, each `None` until it has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LifeFacts {
    pub kind: OrderKind,
    pub made_on: Option<NaiveDate>,
    /// Of a draft that was given up.
    pub withdrawn_at: Option<Instant>,
    /// The subject was given it. One pronounced in the subject's presence is served there and then.
    pub served_at: Option<Instant>,
    /// The subject knew of it before being served: counts only where the kind's row says so.
    pub aware_at: Option<Instant>,
    /// For an order that takes effect on a later day than it is served.
    pub takes_effect_at: Option<Instant>,
    /// The last day of its fixed period, whole.
    pub ends_on: Option<NaiveDate>,
    /// The main application was granted, refused or withdrawn.
    pub determined_at: Option<Instant>,
    /// Another order took its place.
    pub replaced_at: Option<Instant>,
    pub discharged_at: Option<Instant>,
    pub appeal: Option<Appeal>,
}

/// SPA 2019 s.7. An appeal alone suspends nothing; the court can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appeal {
    pub lodged_at: Instant,
    /// From when the court suspended the order until it decides.
    pub stayed_from: Option<Instant>,
    pub decided_at: Option<Instant>,
}

impl Appeal {
    /// Whether the court had suspended the order then. What was due then is verified and not held
    /// against the subject without a look; nothing is dropped.
    pub fn is_stay_at(&self, at: Instant) -> bool {
        self.stayed_from.is_some_and(|from| from <= at)
            && self.decided_at.is_none_or(|decided_at| at < decided_at)
    }
}

/// When an order binds: half-open, and without an end "until a further order".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    pub from: Instant,
    pub until: Option<Instant>,
}

impl Binding {
    pub fn contains(&self, at: Instant) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

impl LifeFacts {
    /// An order of which nothing is known but that somebody is writing it.
    pub const fn drafted(kind: OrderKind) -> Self {
        Self {
            kind,
            made_on: None,
            withdrawn_at: None,
            served_at: None,
            aware_at: None,
            takes_effect_at: None,
            ends_on: None,
            determined_at: None,
            replaced_at: None,
            discharged_at: None,
            appeal: None,
        }
    }

    /// Total: at every instant an order has exactly one status. What ended it first is what ended
    /// it; a later ending changes nothing.
    pub fn status_at(&self, now: Instant) -> OrderStatus {
        if self.made_at().is_none_or(|made_at| now < made_at) {
            let is_withdrawn =
                self.made_on.is_none() && self.withdrawn_at.is_some_and(|at| at <= now);
            return if is_withdrawn { OrderStatus::Withdrawn } else { OrderStatus::Drafted };
        }
        match self.ending() {
            Some((ended_at, status)) if ended_at <= now => status,
            _ if self.binds_from().is_some_and(|from| from <= now) => OrderStatus::InForce,
            _ => OrderStatus::Made,
        }
    }

    /// From when to when it binds; `None` while it has not been served, and for an order that ended
    /// before it was.
    pub fn binding(&self) -> Option<Binding> {
        let from = self.binds_from()?;
        let until = self.ending().map(|(ended_at, _)| ended_at);
        until.is_none_or(|until| from < until).then_some(Binding { from, until })
    }

    /// Whether it binds at that instant: in force, and not suspended by the court that hears an
    /// appeal. Asked with what is known now about then.
    pub fn binds_at(&self, at: Instant) -> bool {
        self.binding().is_some_and(|binding| binding.contains(at)) && !self.is_stayed_at(at)
    }

    /// A flag beside the status: conditions stay live while an appeal is pending (s.7).
    pub fn is_appeal_pending_at(&self, at: Instant) -> bool {
        self.appeal.is_some_and(|appeal| {
            appeal.lodged_at <= at && appeal.decided_at.is_none_or(|decided_at| at < decided_at)
        })
    }

    fn is_stayed_at(&self, at: Instant) -> bool {
        self.appeal.is_some_and(|appeal| appeal.is_stay_at(at))
    }

    fn made_at(&self) -> Option<Instant> {
        self.made_on.map(|day| start_of_day(day, UK))
    }

    /// The later of making, service (or awareness) and taking effect.
    fn binds_from(&self) -> Option<Instant> {
        let aware_at = self.aware_at.filter(|_| self.kind.row().needs_awareness);
        let known_at = [self.served_at, aware_at].into_iter().flatten().min()?;
        let made_at = self.made_at()?;
        Some(known_at.max(made_at).max(self.takes_effect_at.unwrap_or(known_at)))
    }

    /// What ends the order first. Of endings at one instant the court's own word comes first.
    fn ending(&self) -> Option<(Instant, OrderStatus)> {
        let determined_at =
            self.determined_at.filter(|_| self.kind.row().duration.ends_on_determination);
        let over_at = self.ends_on.and_then(|day| day.succ_opt()).map(|day| start_of_day(day, UK));
        [
            (self.discharged_at, OrderStatus::Discharged),
            (self.replaced_at, OrderStatus::Superseded),
            (determined_at, OrderStatus::Superseded),
            (over_at, OrderStatus::Expired),
        ]
        .into_iter()
        .filter_map(|(at, status)| at.map(|at| (at, status)))
        .min_by_key(|(at, _)| *at)
    }
}
