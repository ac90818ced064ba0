//! What befalls subjects, orders and stations: custody, an appeal, another force, an order that takes
//! another's place, times of work, a review, a closed counter.

use chrono::Days;
use compliance::Instant;
use compliance::checkability::ReviewOutcome;
use compliance::instant::{HOUR_MS, MINUTE_MS};
use compliance::lint::ProtectedKind;
use compliance::order_kind::ChangeDuty;
use compliance::order_status::{AppealOutcome, EndReason, ServiceMethod, ServiceOutcome};
use compliance::status_period::Whereabouts;

use super::calendar::Calendar;
use super::force::reference;
use super::orders::{OTHER_PLACE_FROM_DAYS, OTHER_PLACE_OF, REPLACED, replaced_at};
use super::script::{Absence, Scene, Script, Shut};
use super::{concerns, devices, force, persons, places, treatment};
use crate::ZONE;
use crate::identity::Identity;
use crate::import_file::prohibitions::WeekEntry;
use crate::import_file::{HoursEntry, Weekday};
use crate::operations::Actor;
use crate::operations::clashes::{clashes, record_clash_reason};
use crate::operations::notification::DetailsChanged;
use crate::operations::order_life::{
    AppealBody, AppealDecisionBody, EndBody, Event, ServiceBody, decide_appeal, end_order,
    record_appeal, record_service_attempt,
};
use crate::operations::plans::{OfCondition, ReviewBody, record_plan_review};
use crate::operations::protected_times::{ProtectedTimeBody, record_protected_time};
use crate::operations::record_notification::record_details_change;
use crate::operations::status_periods::{PeriodBody, record_status_period};
use crate::operations::transfer::{TransferBody, request_transfer};
use crate::refusal::Refusal;
use crate::store::Tx;
use crate::store::orders::Order;

/// Whom it befalls, by the number of their order.
const WAS_IN_HOSPITAL: usize = 3;
const IS_IN_CUSTODY: usize = 11;
const APPEALS: usize = 13;
const APPEALED: usize = 17;
const CHANGES_NAME: usize = 20;
const MOVES_AWAY: usize = 23;
/// Both sign on at 10:00 to 12:30 on Monday, Wednesday and Friday.
const WORKS: usize = 30;
const WORKS_WITH_REASON: usize = 50;
const IS_KEPT: usize = 2;
const IS_NOT_KEPT: usize = 8;

pub fn script(identity: &Identity, calendar: Calendar) -> Script {
    let mut scenes = devices::scenes(identity, calendar);
    scenes.extend(concerns::scenes(identity, calendar));
    scenes.extend(persons::scenes(identity, calendar));
    scenes.extend(of_subjects(calendar));
    scenes.extend(of_orders(calendar));
    scenes.extend(of_times_of_work(calendar));
    scenes.push(places::enters(calendar));
    scenes.push(treatment::arranged_anew(calendar));
    Script { scenes, shut: shut(calendar), absences: absences(calendar) }
}

/// One that people found closed, and one that is ahead. Somebody signs on at both on every day.
fn shut(calendar: Calendar) -> Vec<Shut> {
    let day = |days| calendar.today - Days::new(days);
    vec![
        Shut {
            told_at: calendar.ago(11, 7 * HOUR_MS),
            station: "HEX",
            from_on: day(10),
            until_on: day(9),
            reason: "No heating",
        },
        Shut {
            told_at: calendar.ago(2, 16 * HOUR_MS),
            station: "OTT",
            from_on: calendar.today + Days::new(4),
            until_on: calendar.today + Days::new(5),
            reason: "Works on the front entrance",
        },
    ]
}

fn absences(calendar: Calendar) -> Vec<Absence> {
    let absence = |number, from, until| {
        let reference = reference(calendar.begins_on, number);
        Absence { reference, from, until }
    };
    vec![
        absence(WAS_IN_HOSPITAL, calendar.ago(30, 0), calendar.ago(20, 0)),
        absence(IS_IN_CUSTODY, calendar.ago(3, 0), calendar.ahead(9, 0)),
        absence(APPEALS, calendar.ago(9, 0), calendar.ahead(60, 0)),
        // He cannot be at both.
        absence(
            OTHER_PLACE_OF,
            calendar.ago(OTHER_PLACE_FROM_DAYS, 12 * HOUR_MS),
            calendar.ahead(60, 0),
        ),
    ]
}

fn event(order: &Order, actor: &Actor) -> Event {
    let record = actor.identity.id(actor.now);
    Event { order: order.id, record, happened_at: actor.now }
}

fn of_subjects(calendar: Calendar) -> Vec<Scene> {
    let begins_on = calendar.begins_on;
    let hospital = (calendar.ago(30, 2 * HOUR_MS), calendar.ago(20, 12 * HOUR_MS));
    let custody = (calendar.ago(3, 3 * HOUR_MS), calendar.ahead(9, 10 * HOUR_MS));
    let name = Scene::new(
        calendar.ago(4, 12 * HOUR_MS),
        reference(begins_on, CHANGES_NAME),
        |tx, actor, order| {
            let changed = DetailsChanged {
                duty: ChangeDuty::Name.to_string(),
                on: actor.now.local_date(ZONE),
                name: Some("Jay Calder".to_owned()),
            };
            let record = actor.identity.id(actor.now);
            record_details_change(tx, actor, (order.id, record), (ChangeDuty::Name, &changed))
                .map(drop)
        },
    );
    vec![
        is_elsewhere(
            hospital,
            (Whereabouts::Hospital, "Ward clerk rang; letter to follow"),
            reference(begins_on, WAS_IN_HOSPITAL),
        ),
        is_elsewhere(
            custody,
            (Whereabouts::Custody, "Custody record WM/26/4471"),
            reference(begins_on, IS_IN_CUSTODY),
        ),
        name,
        reviewed(calendar.ago(6, 17 * HOUR_MS), (begins_on, IS_KEPT), ReviewOutcome::Kept),
        reviewed(calendar.ago(1, 17 * HOUR_MS), (begins_on, IS_NOT_KEPT), ReviewOutcome::NotKept),
    ]
}

/// Known some hours after it began.
fn is_elsewhere(
    (from, until): (Instant, Instant),
    (whereabouts, evidence): (Whereabouts, &str),
    reference: String,
) -> Scene {
    let body = PeriodBody {
        whereabouts: whereabouts.to_string(),
        from: from.ms(),
        until: until.ms(),
        evidence: evidence.to_owned(),
    };
    Scene::new(from + 4 * HOUR_MS, reference, move |tx, actor, order| {
        let record = actor.identity.id(actor.now);
        record_status_period(tx, actor, (order.id, record), body.clone()).map(drop)
    })
}

fn reviewed(
    at: Instant,
    (begins_on, number): (chrono::NaiveDate, usize),
    outcome: ReviewOutcome,
) -> Scene {
    Scene::new(at, reference(begins_on, number), move |tx, actor, order| {
        let record = actor.identity.id(actor.now);
        let of = OfCondition { order: order.id, label: "P1".to_owned(), record };
        let body = ReviewBody {
            label: of.label.clone(),
            looked_at: "Spoke with the protected person and went through her telephone.".to_owned(),
            outcome: outcome.to_string(),
            person: None,
            next_review_on: actor.now.local_date(ZONE) + Days::new(28),
        };
        record_plan_review(tx, actor, &of, (actor.now, outcome, body)).map(drop)
    })
}

fn of_orders(calendar: Calendar) -> Vec<Scene> {
    let begins_on = calendar.begins_on;
    let stayed_from = calendar.ago(9, 0);
    let appeal = Scene::new(
        calendar.ago(10, 15 * HOUR_MS),
        reference(begins_on, APPEALS),
        move |tx, actor, order| {
            let note = "Crown Court at Alderbridge, to be listed.".to_owned();
            let body = AppealBody { stayed_from: Some(stayed_from.ms()), note };
            record_appeal(tx, actor, event(order, actor), body).map(drop)
        },
    );
    let dismissed = Scene::new(
        calendar.ago(6, 16 * HOUR_MS),
        reference(begins_on, APPEALED),
        move |tx, actor, order| {
            let lodged_at = calendar.ago(30, 11 * HOUR_MS);
            let lodged = Event { happened_at: lodged_at, ..event(order, actor) };
            let note = "Crown Court at Alderbridge, listed with a time estimate of an hour.";
            let body = AppealBody { stayed_from: None, note: note.to_owned() };
            record_appeal(tx, actor, lodged, body)?;
            let outcome = AppealOutcome::Dismissed;
            let note = "Heard and dismissed; the order stands as made.".to_owned();
            let body = AppealDecisionBody { outcome: outcome.to_string(), note };
            let decided = (actor.identity.id(actor.now), actor.now);
            decide_appeal(tx, actor, (lodged.record, decided), outcome, body).map(drop)
        },
    );
    let transfer = Scene::new(
        calendar.ago(2, 20 * HOUR_MS),
        reference(begins_on, MOVES_AWAY),
        |tx, actor, order| {
            let reason = "Has moved to his brother's in their area.".to_owned();
            let body = TransferBody { to_force: "22".to_owned(), reason };
            request_transfer(tx, actor, event(order, actor), body).map(drop)
        },
    );
    // Just before the order that takes its place is put on file.
    let replaced = Scene::new(
        replaced_at(calendar) + -10 * MINUTE_MS,
        reference(begins_on, REPLACED),
        |tx, actor, order| {
            let note = "The full order was made today.".to_owned();
            let body = EndBody { reason: EndReason::Replaced.to_string(), note };
            end_order(tx, actor, event(order, actor), EndReason::Replaced, body).map(drop)
        },
    );
    let attempts = [(4, ServiceOutcome::NotFound), (2, ServiceOutcome::WrongAddress)];
    let attempts = attempts.map(|(days_ago, outcome)| not_served(calendar, days_ago, outcome));
    [appeal, dismissed, transfer, replaced].into_iter().chain(attempts).collect()
}

fn not_served(calendar: Calendar, days_ago: u64, outcome: ServiceOutcome) -> Scene {
    let at = calendar.ago(days_ago, 19 * HOUR_MS);
    Scene::new(at, reference(calendar.begins_on, force::UNSERVED), move |tx, actor, order| {
        let method = ServiceMethod::InPerson;
        let body = ServiceBody {
            outcome: outcome.to_string(),
            method: method.to_string(),
            place: "At the address on file".to_owned(),
            served_by: "PC, HEX".to_owned(),
            proof: String::new(),
            note: "Nobody there knows him.".to_owned(),
        };
        record_service_attempt(tx, actor, event(order, actor), (outcome, method), body).map(drop)
    })
}

fn of_times_of_work(calendar: Calendar) -> Vec<Scene> {
    let of = |number| reference(calendar.begins_on, number);
    let without = Scene::new(calendar.ago(1, 17 * HOUR_MS), of(WORKS), works);
    let with =
        Scene::new(calendar.ago(16, 12 * HOUR_MS), of(WORKS_WITH_REASON), |tx, actor, order| {
            works(tx, actor, order)?;
            for clash in clashes(tx, order, actor.now)? {
                let ids = (order.id, clash.id, actor.identity.id(actor.now));
                let reason = "His employer gives him the hour; the counter is closed before work.";
                record_clash_reason(tx, actor, ids, reason)?;
            }
            Ok(())
        });
    vec![without, with]
}

fn works(tx: &mut Tx<'_>, actor: &Actor, order: &Order) -> Result<(), Refusal> {
    use Weekday::{Fri, Mon, Thu, Tue, Wed};
    let span = HoursEntry {
        days: vec![Mon, Tue, Wed, Thu, Fri],
        opens: "08:00".to_owned(),
        closes: "17:30".to_owned(),
    };
    let body = ProtectedTimeBody {
        kind: ProtectedKind::Work.to_string(),
        hours: WeekEntry { zone: ZONE.name().to_owned(), spans: vec![span] },
        from: None,
        until: None,
        source: "Payslip of a warehouse in Hexley".to_owned(),
    };
    let record = actor.identity.id(actor.now);
    record_protected_time(tx, actor, (order.id, record), body).map(drop)
}
