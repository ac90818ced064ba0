//! `record_notification`: the subject tells the police what the statute asks for.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, put, web};
use compliance::Word;
use compliance::order_kind::ChangeDuty;
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::list_notifications::GivenEntry;
use super::problem::Problem;
use super::wire::{Body, MannerWord, TakenByWord, Timestamp, WireFix, checked_text, required_text};
use crate::import_file::PositionEntry;
use crate::operations::notification::{Meets, NotificationGiven};
use crate::operations::record_notification::record_notification as record;
use crate::store::id::{FactId, OrderId, StationId};

const NAMES_MAX: usize = 20;
const NAME_CHARS_MAX: usize = 100;
const ADDRESS_CHARS_MAX: usize = 300;
const DUTIES_MAX: usize = 20;

/// What was told, when, where and to whom.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Notification)]
pub struct NotificationSubmission {
    /// The duties of `list_notifications` that it was given for.
    #[schema(min_items = 1, max_items = 20)]
    pub duties: Vec<MetDuty>,
    /// Not in the future.
    pub given_at: Timestamp,
    pub manner: MannerWord,
    /// The police station, when it was told at one.
    pub station_id: Option<StationId>,
    /// Whether that station is in the local police area (s.10(1)-(2)).
    pub in_local_police_area: bool,
    pub taken_by: TakenByWord,
    #[schema(min_length = 1, max_length = 100)]
    pub taken_by_name: String,
    /// Every name that is used.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub names: Vec<String>,
    /// The home address; where there is none, the place where the subject is regularly found.
    #[schema(min_length = 1, max_length = 300)]
    pub home_address: Option<String>,
    /// Where that is on the map, so that zones can be held against it.
    pub home_position: Option<PositionEntry>,
    #[serde(default)]
    pub no_fixed_abode: bool,
    /// That something of it is suspected to be false.
    #[serde(default)]
    pub is_suspected_false: bool,
}

/// A duty that a notification was given for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MetDuty {
    #[schema(example = "initial")]
    pub cause: String,
    /// Of a change: its record.
    pub change_id: Option<FactId>,
}

impl NotificationSubmission {
    fn checked(self) -> Result<NotificationGiven, Problem> {
        required_text("/taken_by_name", &self.taken_by_name, NAME_CHARS_MAX)?;
        if NAMES_MAX < self.names.len() {
            return Err(Problem::field("/names", "holds more than 20"));
        }
        for (at, name) in self.names.iter().enumerate() {
            required_text(&format!("/names/{at}"), name, NAME_CHARS_MAX)?;
        }
        if let Some(address) = &self.home_address {
            required_text("/home_address", address, ADDRESS_CHARS_MAX)?;
        }
        if let Some(position) = self.home_position {
            if self.home_address.is_none() {
                return Err(Problem::field("/home_position", "is of no address that was told"));
            }
            let PositionEntry { latitude, longitude } = position;
            WireFix { latitude, longitude, accuracy_m: 0.0 }.checked("/home_position")?;
        }
        Ok(NotificationGiven {
            meets: self.meets()?,
            given_at: self.given_at.0.ms(),
            manner: self.manner.0.to_string(),
            station: self.station_id,
            in_local_police_area: self.in_local_police_area,
            taken_by: self.taken_by.0.to_string(),
            taken_by_name: self.taken_by_name,
            names: self.names,
            address: self.home_address,
            position: self.home_position,
            no_fixed_abode: self.no_fixed_abode,
            false_suspected: self.is_suspected_false,
            number: None,
        })
    }

    fn meets(&self) -> Result<Vec<Meets>, Problem> {
        if self.duties.is_empty() || DUTIES_MAX < self.duties.len() {
            return Err(Problem::field("/duties", "names 1 to 20 duties"));
        }
        for (at, duty) in self.duties.iter().enumerate() {
            checked_text(&format!("/duties/{at}/cause"), &duty.cause, 30)?;
            let is_change = ChangeDuty::parse(&duty.cause).is_some();
            let is_known =
                is_change || ["initial", "exemption_ended", "periodic"].contains(&&*duty.cause);
            if !is_known {
                let at = format!("/duties/{at}/cause");
                return Err(Problem::field(at, "is no duty that can be owed"));
            }
            if is_change != duty.change_id.is_some() {
                let says = "is the record of the change, for a duty about one";
                // The duty is what is wrong: one of the two does not fit the other.
                return Err(Problem::field(format!("/duties/{at}"), says));
            }
        }
        let duties: BTreeSet<MetDuty> = self.duties.iter().cloned().collect();
        let meets = |duty: MetDuty| Meets { cause: duty.cause, change: duty.change_id };
        Ok(duties.into_iter().map(meets).collect())
    }
}

/// Records what the subject told the police, and judges it for each duty.
///
/// Whether it is in time, late or no notification at all, it is recorded and found to be what it is.
/// What was said at a station to somebody who may take it gets a numbered receipt.
#[utoipa::path(
    tag = "Notification",
    params(
        ("order_id" = OrderId, Path, description = "The order whose statute asks for it"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the caller"),
    ),
    request_body = NotificationSubmission,
    responses((status = 201, description = "On file, now or before", body = GivenEntry)),
)]
#[put("/orders/{order_id}/notifications/{record_id}")]
pub async fn record_notification(
    caller: Caller<act::RecordFact>,
    path: web::Path<(OrderId, FactId)>,
    told: Body<NotificationSubmission>,
) -> Result<HttpResponse, Problem> {
    let given = told.read().await?.checked()?;
    let (actor, ids) = (caller.actor(), *path);
    let recorded = caller.write(move |tx| record(tx, &actor, ids, &given)).await?;
    Ok(HttpResponse::Created().json(GivenEntry::try_from(recorded)?))
}
