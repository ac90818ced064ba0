//! `list_subject_conditions`: what a subject's orders say.

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use compliance::{Instant, Window};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::list_due::DueSubject;
use super::problem::Problem;
use super::set_condition_plan::ConditionPlan;
use super::wire::{
    CheckabilityWord, ConditionKindWord, OrderKindWord, PolarityWord, Spelled, Timestamp,
    VersionReasonWord,
};
use crate::import_file::prohibitions::Details;
use crate::operations::duties_in_words::{DeviceText, TreatmentText};
use crate::operations::subject_conditions::{
    ConditionText, ConditionsOfSubject, OrderText, ScheduleWords, VersionText, subject_conditions,
};
use crate::store::id::{OrderId, SubjectId};
use crate::store::stations::Station;

/// A subject and the text of their orders.
#[derive(Serialize, ToSchema)]
pub struct SubjectConditions {
    pub subject: DueSubject,
    /// Those that the caller may know of.
    pub orders: Vec<OrderConditions>,
}

/// An order and its text.
#[derive(Serialize, ToSchema)]
pub struct OrderConditions {
    pub order_id: OrderId,
    pub reference: String,
    pub kind: OrderKindWord,
    pub court: String,
    /// Nothing while it is drafted.
    pub made_on: Option<NaiveDate>,
    pub served_at: Option<Timestamp>,
    /// An order binds from service.
    pub is_served: bool,
    /// The last day; without one, until a further order.
    pub ends_on: Option<NaiveDate>,
    /// The officer in the case.
    pub owner_name: Option<String>,
    /// The version that began last; when none has begun, the first to come.
    pub version: Option<VersionConditions>,
    pub notification: NotificationSummary,
}

/// What the order's statute asks to be notified, whatever its text says.
#[derive(Serialize, ToSchema)]
pub struct NotificationSummary {
    /// The first instant at which the next of what is still to be told is too late.
    pub next_closes_at: Option<Timestamp>,
    /// One sentence for each duty, and why others are not owed.
    pub in_words: Vec<String>,
}

/// Who treats, and when next.
#[derive(Serialize, ToSchema)]
pub struct TreatmentSummary {
    #[schema(example = "Better Relationships at Mindful Paths. No session is arranged.")]
    pub in_words: String,
    pub provider_name: Option<String>,
    /// Whom to ask.
    pub provider_contact: Option<String>,
    pub programme: String,
    /// Whether the police have referred the subject.
    pub is_referred: bool,
    /// From when on a referral that was not made is the service's fault, never the subject's.
    pub referral_due_at: Option<Timestamp>,
    pub is_referral_overdue: bool,
    pub next_session: Option<WireWindow>,
    pub next_place: Option<String>,
}

/// What is asked of devices.
#[derive(Serialize, ToSchema)]
pub struct DeviceSummary {
    pub in_words: String,
    pub open_requests: usize,
    pub next_due_at: Option<Timestamp>,
}

/// A version of an order.
#[derive(Serialize, ToSchema)]
pub struct VersionConditions {
    pub number: i64,
    pub reason: VersionReasonWord,
    pub in_force_from: Timestamp,
    /// Whether it has begun and the order has not ended.
    pub is_in_force: bool,
    pub conditions: Vec<Condition>,
}

/// One condition, in the court's words and in plain ones.
#[derive(Serialize, ToSchema)]
pub struct Condition {
    pub label: String,
    pub polarity: PolarityWord,
    pub kind: ConditionKindWord,
    pub wording: String,
    pub plain_words: String,
    pub valid_from: Option<NaiveDate>,
    pub valid_until: Option<NaiveDate>,
    /// Of a sign-on: where.
    pub station_name: Option<String>,
    /// Other stations that the order allows.
    pub alternate_names: Vec<String>,
    /// Of a sign-on: when.
    pub schedules: Vec<ScheduleInWords>,
    pub checkability: WireGrade,
    /// Who looks whether it is kept, and when next.
    pub plan: Option<ConditionPlan>,
    /// Whether only a person can check it and nobody is named who does.
    pub is_plan_missing: bool,
    /// Of treatment.
    pub treatment: Option<TreatmentSummary>,
    /// Of devices.
    pub devices: Option<DeviceSummary>,
    /// What only conditions of its kind have. A zone may show where somebody lives: it is for the
    /// eyes of officers, and never for the subject's.
    pub details: Details,
}

/// How a condition can be checked.
#[derive(Serialize, ToSchema)]
#[schema(as = Grade)]
pub struct WireGrade {
    pub word: CheckabilityWord,
    #[schema(example = "Somebody must see the subject there.")]
    pub why: &'static str,
}

/// A schedule in plain words.
#[derive(Serialize, ToSchema)]
pub struct ScheduleInWords {
    #[schema(example = "Every Monday, 10:00 to 14:00, from 2 November 2026")]
    pub in_words: String,
    /// At most ten that have not closed.
    pub next_windows: Vec<WireWindow>,
}

/// The time in which to attend.
#[derive(Serialize, ToSchema)]
#[schema(as = Window)]
pub struct WireWindow {
    pub opens_at: Timestamp,
    /// The first instant at which it is too late.
    pub closes_at: Timestamp,
}

impl From<Window> for WireWindow {
    fn from(window: Window) -> Self {
        Self { opens_at: window.opens_at.into(), closes_at: window.closes_at.into() }
    }
}

impl From<ScheduleWords> for ScheduleInWords {
    fn from(schedule: ScheduleWords) -> Self {
        Self {
            in_words: schedule.in_words,
            next_windows: schedule.next_windows.into_iter().map(WireWindow::from).collect(),
        }
    }
}

fn treatment(text: TreatmentText, now: Instant) -> TreatmentSummary {
    TreatmentSummary {
        in_words: text.in_words,
        provider_name: text.provider_name,
        provider_contact: text.provider_contact,
        programme: text.programme,
        is_referred: text.referral.is_made,
        referral_due_at: text.referral.due_at.map(Timestamp),
        is_referral_overdue: text.referral.is_overdue(now),
        next_session: text.next_session.map(WireWindow::from),
        next_place: text.next_place,
    }
}

fn devices(text: DeviceText) -> DeviceSummary {
    let DeviceText { open_requests, next_due_at, in_words } = text;
    DeviceSummary { in_words, open_requests, next_due_at: next_due_at.map(Timestamp) }
}

impl Condition {
    pub fn at(now: Instant, text: ConditionText) -> Self {
        let is_plan_missing = text.is_plan_missing();
        let ConditionText { condition, station, alternates, schedules, grade, .. } = text;
        let name = |station: Station| station.name;
        Self {
            label: condition.label,
            polarity: Spelled(condition.polarity),
            kind: Spelled(condition.kind),
            wording: condition.wording,
            plain_words: condition.plain_words,
            valid_from: condition.valid_from,
            valid_until: condition.valid_until,
            station_name: station.map(name),
            alternate_names: alternates.into_iter().map(name).collect(),
            schedules: schedules.into_iter().map(ScheduleInWords::from).collect(),
            checkability: WireGrade { word: Spelled(grade.checkability), why: grade.why },
            plan: text.plan.map(|plan| ConditionPlan::at(now, plan)),
            is_plan_missing,
            treatment: text.treatment.map(|text| treatment(text, now)),
            devices: text.devices.map(devices),
            details: text.details,
        }
    }
}

impl VersionConditions {
    fn at(now: Instant, text: VersionText) -> Self {
        Self {
            number: text.version.number,
            reason: Spelled(text.version.reason),
            in_force_from: text.version.in_force_from.into(),
            is_in_force: text.is_in_force,
            conditions: text.conditions.into_iter().map(|it| Condition::at(now, it)).collect(),
        }
    }
}

impl OrderConditions {
    fn at(now: Instant, text: OrderText) -> Self {
        let OrderText { order, owner_name, version, notification } = text;
        Self {
            order_id: order.id,
            reference: order.reference,
            kind: Spelled(order.kind),
            court: order.court,
            made_on: order.made_on,
            served_at: order.served_at.map(Timestamp),
            is_served: order.served_at.is_some(),
            ends_on: order.ends_on,
            owner_name,
            version: version.map(|version| VersionConditions::at(now, version)),
            notification: NotificationSummary {
                next_closes_at: notification.next_closes_at.map(Timestamp),
                in_words: notification.in_words,
            },
        }
    }
}

impl SubjectConditions {
    fn at(now: Instant, found: ConditionsOfSubject) -> Self {
        Self {
            subject: DueSubject::new(found.subject, found.person),
            orders: found.orders.into_iter().map(|it| OrderConditions::at(now, it)).collect(),
        }
    }
}

/// Lists what a subject's orders say.
///
/// The version in force of each order that the caller may know of, with its conditions, the next
/// windows of its sign-ons, who treats, what is asked of devices and what is to be notified. The reading is in the ledger.
#[utoipa::path(
    tag = "Cases",
    params(("subject_id" = SubjectId, Path, description = "Whom the orders bind")),
    responses((status = 200, description = "The subject and the text of their orders",
        body = SubjectConditions)),
)]
#[get("/subjects/{subject_id}/conditions")]
pub async fn list_subject_conditions(
    caller: Caller<act::ReadCase>,
    subject: web::Path<SubjectId>,
) -> Result<HttpResponse, Problem> {
    let (actor, subject) = (caller.actor(), *subject);
    let found = caller.write(move |tx| subject_conditions(tx, &actor, subject)).await?;
    Ok(HttpResponse::Ok().json(SubjectConditions::at(caller.now, found)))
}
