//! Every clock that the law or the practice names, under its own name. Those of the statutes are
//! fixed; those of policy are defaults, which a force may shorten or lengthen.

use std::num::NonZeroU16;

use chrono::NaiveDate;

use super::{
    Deadline, days_after, days_beginning_with, hours_after, minutes_after, working_days_after,
    years_after, years_beginning_with,
};
use crate::alert::Risk;
use crate::holidays::{Holidays, NotCovered};
use crate::instant::{Instant, UK};
use crate::order::start_of_day;
use crate::order_kind::OrderKind;

const POLICY: &str = "Force policy";

/// Zero, which is no period, reads as one.
const fn count(number: u16) -> NonZeroU16 {
    match NonZeroU16::new(number) {
        Some(number) => number,
        None => NonZeroU16::MIN,
    }
}

/// The name and address after service, within 3 days beginning with it (SPA 2019 s.9(1)-(2)).
pub fn initial_notification(served_at: Instant) -> Deadline {
    days_beginning_with(count(3), served_at.local_date(UK), "Stalking Protection Act 2019 s.9(1)")
}

/// The least that a full order lasts, beginning with the day it is made (SPA 2019 s.3(2)).
pub fn shortest_full_order(made_on: NaiveDate) -> Deadline {
    years_beginning_with(count(2), made_on, "Stalking Protection Act 2019 s.3(2)")
}

/// The warnings before an order's last day, as its kind has them (R10).
pub fn expiry_warnings(kind: OrderKind, last_day: NaiveDate) -> Vec<super::Warning> {
    super::warnings(last_day, kind.row().expiry_warnings_days)
}

/// A step at which somebody is asked again to serve an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServingChase {
    pub hours: u16,
    pub due_at: Instant,
}

/// Serving is asked for at once; an interim order that is not served is chased after a day, any order
/// after two, and then each week for a month: a short order must not run out unserved.
pub fn serving_chases(kind: OrderKind, from: Instant) -> Vec<ServingChase> {
    const HOURS: [u16; 6] = [24, 48, 216, 384, 552, 720];
    let steps = HOURS.into_iter().filter(|hours| *hours > 24 || kind.is_interim());
    let chase = |hours| {
        let due_at = hours_after(count(hours), from, POLICY).closes_at;
        ServingChase { hours, due_at }
    };
    steps.map(chase).collect()
}

/// A victim is told of an arrest, an interview, a release or a change of bail within 5 working
/// days, one entitled to enhanced rights within 1 (Victims' Code, Right 6).
pub fn victim_update(
    happened_at: Instant,
    is_enhanced: bool,
    holidays: &Holidays,
) -> Result<Deadline, NotCovered> {
    let number = count(if is_enhanced { 1 } else { 5 });
    working_days_after(number, happened_at.local_date(UK), holidays, "Victims' Code, Right 6")
}

/// The order on the Police National Computer within 24 hours (P8).
pub fn pnc_update(made_at: Instant) -> Deadline {
    hours_after(count(24), made_at, "PNC code of practice 2005")
}

/// An order is looked at as a whole within a month, at high risk within a week, of when it was put on
/// file; then on the day that the last look agreed.
pub fn order_review(filed_at: Instant, risk: Risk) -> Deadline {
    days_after(count(by_risk(risk, 7, 31)), filed_at.local_date(UK), POLICY)
}

/// To the end of the day that was agreed.
pub fn agreed_review(on: NaiveDate) -> Deadline {
    Deadline::at_end_of(on, on, "as the last review agreed", POLICY)
}

/// What is to become of an order is decided before its last day begins (R10).
pub fn renewal_decision(last_day: NaiveDate) -> Deadline {
    let arithmetic = format!("before {}, the last day", super::day(last_day));
    Deadline { closes_at: start_of_day(last_day, UK), arithmetic, basis: POLICY }
}

/// A crime is recorded at once, at the latest within 24 hours of the report (P7).
pub fn crime_record(reported_at: Instant) -> Deadline {
    hours_after(count(24), reported_at, "National Crime Recording Standard")
}

/// A court's result stays current for 72 hours in the result data of SPO and ISPO.
pub fn court_result(resulted_at: Instant) -> Deadline {
    hours_after(count(72), resulted_at, "CJS result data, half-life of results 3306 and 3307")
}

/// A treatment provider returns the attendance within 24 hours of the session's end.
pub fn provider_return(session_ended_at: Instant) -> Deadline {
    hours_after(count(24), session_ended_at, POLICY)
}

/// After 48 hours without a return the provider is chased.
pub fn provider_chase(session_ended_at: Instant) -> Deadline {
    hours_after(count(48), session_ended_at, POLICY)
}

/// Evidence for an excuse, 7 days after the appointment (2.6; `domain.md`, J22).
pub fn excuse_evidence(missed_on: NaiveDate) -> Deadline {
    days_after(count(7), missed_on, POLICY)
}

/// Enforcement of a treatment requirement starts within 10 working days of the second unacceptable
/// absence, where a force keeps the old national standard.
pub fn enforcement_start(failed_at: Instant, holidays: &Holidays) -> Result<Deadline, NotCovered> {
    let basis = "Probation Circular 43/2004";
    working_days_after(count(10), failed_at.local_date(UK), holidays, basis)
}

/// An alert is acknowledged within 30 minutes, then it climbs.
pub fn acknowledgement(raised_at: Instant) -> Deadline {
    minutes_after(count(30), raised_at, POLICY)
}

/// What a miss means is decided within 4 hours at high risk, else within 24.
pub fn miss_decision(raised_at: Instant, risk: Risk) -> Deadline {
    hours_after(count(by_risk(risk, 4, 24)), raised_at, POLICY)
}

/// A report of concern is looked at within an hour at high risk, else within 24.
pub fn concern_triage(reported_at: Instant, risk: Risk) -> Deadline {
    hours_after(count(by_risk(risk, 1, 24)), reported_at, POLICY)
}

/// Whoever reported is contacted within 24 hours.
pub fn reporter_contact(reported_at: Instant) -> Deadline {
    hours_after(count(24), reported_at, POLICY)
}

/// A supervisor looks at an open report after 72 hours, then weekly.
pub fn concern_review(reported_at: Instant, last_reviewed_on: Option<NaiveDate>) -> Deadline {
    match last_reviewed_on {
        None => hours_after(count(72), reported_at, POLICY),
        Some(reviewed_on) => days_after(count(7), reviewed_on, POLICY),
    }
}

/// The periodic notification of Sexual Offences Act 2003 s.85: a year after the last one, a week
/// after it while the subject has no fixed abode.
pub fn periodic_notification(
    last_notified_on: NaiveDate,
    has_fixed_abode: bool,
    basis: &'static str,
) -> Deadline {
    match has_fixed_abode {
        true => years_after(count(1), last_notified_on, basis),
        false => days_after(count(7), last_notified_on, basis),
    }
}

fn by_risk(risk: Risk, high: u16, standard: u16) -> u16 {
    match risk {
        Risk::High => high,
        Risk::Standard => standard,
    }
}
