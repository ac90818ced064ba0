//! How a condition on file can be checked, by what is on file about it.

use compliance::checkability::{ConditionData, Grade};
use compliance::fact::FactKind;
use compliance::order::ConditionKind;

use crate::import_file::prohibitions::{Details, Misfit};
use crate::store::id::OrderId;
use crate::store::orders::Condition;
use crate::store::{StoreError, Tx, facts, feeds};

/// What a condition of its kind has beside its words, as it was taken in.
pub fn details(condition: &Condition) -> Result<Details, StoreError> {
    serde_json::from_str(&condition.details).map_err(|error| corrupt(condition, &error))
}

/// Intake has checked it; what cannot be read since then is said without what it holds.
pub fn unreadable(condition: &Condition, misfit: &Misfit) -> StoreError {
    corrupt(condition, &misfit.pointer)
}

fn corrupt(condition: &Condition, why: &dyn std::fmt::Display) -> StoreError {
    let value = format!("{} {}: {why}", condition.kind, condition.id);
    StoreError::Corrupt { vocabulary: "condition", value }
}

/// A prohibition without its details is one that the service does not know what to look for in.
pub fn grade(
    tx: &mut Tx<'_>,
    order: OrderId,
    condition: &Condition,
    has_schedule: bool,
) -> Result<Grade, StoreError> {
    let details = details(condition)?;
    let misfit = |misfit: Misfit| unreadable(condition, &misfit);
    Ok(match condition.kind {
        ConditionKind::SignOn => ConditionData::SignOn { has_schedule }.grade(),
        ConditionKind::Treatment => {
            let sessions = facts::of_order(tx, order, &[FactKind::SessionScheduled])?;
            ConditionData::Treatment { has_sessions: !sessions.is_empty() }.grade()
        }
        ConditionKind::DevicePresentation => ConditionData::DevicePresentation.grade(),
        ConditionKind::Notification => ConditionData::Notification.grade(),
        ConditionKind::ExclusionZone => {
            let has_area = details.exclusion_zone.is_some();
            ConditionData::ExclusionZone { has_area, is_tagged: feeds::is_any_open(tx, order)? }
                .grade()
        }
        ConditionKind::NoContact => match details.no_contact {
            Some(entry) => ConditionData::NoContact(&entry.term().map_err(misfit)?).grade(),
            None => ConditionData::Other.grade(),
        },
        ConditionKind::NoApproach => match details.no_approach {
            Some(entry) => ConditionData::NoApproach(&entry.term().map_err(misfit)?).grade(),
            None => ConditionData::Other.grade(),
        },
        ConditionKind::InternetUse => match details.internet_use {
            Some(entry) => ConditionData::InternetUse(&entry.term().map_err(misfit)?).grade(),
            None => ConditionData::Other.grade(),
        },
        ConditionKind::Other => ConditionData::Other.grade(),
    })
}
