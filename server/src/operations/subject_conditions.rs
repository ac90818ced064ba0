//! What a subject's orders ask for now, as text: the version in force, its conditions and the next
//! windows.

use compliance::checkability::{Checkability, Grade};
use compliance::order::{Span, span};
use compliance::{Instant, Window};

use super::Actor;
use super::duties_in_words::{
    DeviceText, NotificationText, TreatmentText, device_text, notification_text, treatment_text,
};
use super::enumerate::{next_windows, rule};
use super::grade_condition::{details, grade};
use super::persons::Person;
use super::plans::{PlanOnFile, Plans};
use crate::ZONE;
use crate::import_file::prohibitions::Details;
use crate::refusal::Refusal;
use crate::store::id::{StationId, SubjectId};
use crate::store::orders::{self, Condition, Order, OrderVersion};
use crate::store::stations::{self, Station};
use crate::store::subjects::{self, Subject};
use crate::store::{StoreError, Tx, accounts, ledger, schedules};

/// Enough to see that the schedule was entered as the court meant it.
const NEXT_WINDOWS: usize = 10;

#[derive(Debug, Clone)]
pub struct ConditionsOfSubject {
    pub subject: Subject,
    pub person: Person,
    pub orders: Vec<OrderText>,
}

#[derive(Debug, Clone)]
pub struct OrderText {
    pub order: Order,
    pub owner_name: Option<String>,
    pub version: Option<VersionText>,
    pub notification: NotificationText,
}

#[derive(Debug, Clone)]
pub struct VersionText {
    pub version: OrderVersion,
    pub is_in_force: bool,
    pub conditions: Vec<ConditionText>,
}

#[derive(Debug, Clone)]
pub struct ConditionText {
    pub condition: Condition,
    pub station: Option<Station>,
    pub alternates: Vec<Station>,
    pub schedules: Vec<ScheduleWords>,
    pub grade: Grade,
    pub details: Details,
    pub plan: Option<PlanOnFile>,
    pub treatment: Option<TreatmentText>,
    pub devices: Option<DeviceText>,
}

impl ConditionText {
    pub fn is_plan_missing(&self) -> bool {
        self.plan.is_none() && self.grade.checkability == Checkability::OnlyByPerson
    }
}

#[derive(Debug, Clone)]
pub struct ScheduleWords {
    pub in_words: String,
    pub next_windows: Vec<Window>,
}

pub fn subject_conditions(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: SubjectId,
) -> Result<ConditionsOfSubject, Refusal> {
    let subject = subjects::find(tx, actor.scope, id)?.ok_or(Refusal::NotFound("subject"))?;
    let found = orders::of_subject(tx, actor.scope, id)?;
    let entry = actor.reading(
        "list_subject_conditions",
        format!("subject:{id}"),
        found.iter().map(|order| order.id),
    );
    let mut orders = Vec::with_capacity(found.len());
    for order in found {
        orders.push(order_text(tx, order, actor.now)?);
    }
    ledger::append(tx, actor.now, vec![entry])?;
    Ok(ConditionsOfSubject { person: Person::load(tx, id)?, subject, orders })
}

pub fn order_text(tx: &mut Tx<'_>, order: Order, now: Instant) -> Result<OrderText, StoreError> {
    let owner = match order.owner_id {
        Some(owner) => accounts::find(tx, owner)?,
        None => None,
    };
    let versions = orders::versions(tx, order.id)?;
    let version = match told_now(&versions, &order, now) {
        Some((version, is_in_force)) => {
            let conditions = condition_texts(tx, &order, version, now)?;
            Some(VersionText { version: version.clone(), is_in_force, conditions })
        }
        None => None,
    };
    let notification = notification_text(tx, &order, now)?;
    Ok(OrderText {
        notification,
        order,
        owner_name: owner.map(|owner| owner.display_name),
        version,
    })
}

/// The version that began last, or the first to come; and whether it is in force.
fn told_now<'a>(
    versions: &'a [OrderVersion],
    order: &Order,
    now: Instant,
) -> Option<(&'a OrderVersion, bool)> {
    let begun = versions.iter().rev().find(|version| version.in_force_from <= now);
    let version = begun.or(versions.first())?;
    let whole = Span { from: version.in_force_from, until: None };
    let in_force = span(whole, None, [order.ends_on, None], ZONE);
    let has_ended = in_force.until.is_some_and(|until| until <= now);
    Some((version, in_force.from <= now && !has_ended))
}

pub fn condition_texts(
    tx: &mut Tx<'_>,
    order: &Order,
    version: &OrderVersion,
    now: Instant,
) -> Result<Vec<ConditionText>, StoreError> {
    let plans = Plans::load(tx, order.id)?;
    let mut texts = Vec::new();
    for (condition, alternates) in orders::conditions(tx, version.id)? {
        let station = stations_of(tx, condition.station_id.as_slice())?.pop();
        let alternates = stations_of(tx, &alternates)?;
        let mut words = Vec::new();
        for schedule in schedules::of_condition(tx, condition.id)? {
            let rule = rule(&schedule)?;
            let next_windows = next_windows(&rule, schedule.span(), now, NEXT_WINDOWS);
            words.push(ScheduleWords { in_words: rule.in_words(), next_windows });
        }
        let grade = grade(tx, version.order_id, &condition, !words.is_empty())?;
        let details = details(&condition)?;
        texts.push(ConditionText {
            plan: plans.of(tx, version, &condition)?,
            treatment: treatment_text(tx, order, (version, &condition), now)?,
            devices: device_text(tx, order, &condition, now)?,
            condition,
            station,
            alternates,
            schedules: words,
            grade,
            details,
        });
    }
    Ok(texts)
}

fn stations_of(tx: &mut Tx<'_>, ids: &[StationId]) -> Result<Vec<Station>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(stations::find(tx, *id)?);
    }
    Ok(found)
}
