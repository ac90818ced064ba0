//! Photos of a subject. The fact says what the file is, with its digest; the file is in a table of
//! its own, and is handed out to whoever may know of any order of the subject.

use chrono::NaiveDate;
use compliance::Word;
use compliance::fact::FactKind;
use compliance::order::start_of_day;
use compliance::person::PhotoType;
use serde::{Deserialize, Serialize};

use super::Actor;
use super::persons::show_anew;
use super::record_fact::{NewFact, Recorded, order_in_scope, record_fact};
use crate::ZONE;
use crate::identity::{hex, sha256};
use crate::refusal::Refusal;
use crate::store::facts::Fact;
use crate::store::id::{FactId, OrderId};
use crate::store::{StoreError, Tx, facts, ledger, photos};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PhotoBody {
    pub media_type: String,
    pub taken_on: NaiveDate,
    pub bytes: usize,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
}

/// A file that `compliance::person::check_photo` has let through.
#[derive(Debug, Clone)]
pub struct NewPhoto {
    pub photo_type: PhotoType,
    pub taken_on: NaiveDate,
    pub image: Vec<u8>,
}

#[derive(Debug, Clone)]
pub struct PhotoFile {
    pub photo_type: PhotoType,
    pub image: Vec<u8>,
}

pub fn record_photo(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (order, id): (OrderId, FactId),
    photo: &NewPhoto,
) -> Result<Recorded, Refusal> {
    let order = order_in_scope(tx, actor, order)?;
    if actor.now.local_date(ZONE) < photo.taken_on {
        return Err(Refusal::field("/taken_on", "is in the future: give the day it was taken"));
    }
    let body = PhotoBody {
        media_type: photo.photo_type.to_string(),
        taken_on: photo.taken_on,
        bytes: photo.image.len(),
        sha256: hex(&sha256(&photo.image)),
    };
    let new = NewFact {
        id,
        kind: FactKind::PhotoRecorded,
        order: order.id,
        object: id.uuid(),
        party: None,
        happened_at: start_of_day(photo.taken_on, ZONE),
        says: format!("A photo of the subject, taken on {}.", day_in_words(photo.taken_on)),
        body,
    };
    let recorded = record_fact(tx, actor, new)?;
    if matches!(recorded, Recorded::New(_)) {
        photos::insert(tx, id, &photo.image)?;
        show_anew(tx, order.subject_id, actor.now)?;
    }
    Ok(recorded)
}

fn day_in_words(day: NaiveDate) -> String {
    day.format("%a %-d %b %Y").to_string()
}

/// One that was called a mistake is not there: it may show somebody else.
pub fn get_photo(tx: &mut Tx<'_>, actor: &Actor, id: FactId) -> Result<PhotoFile, Refusal> {
    let found = facts::find_of_person(tx, actor.scope, id)?;
    let found = found.filter(|(_, fact)| fact.kind == FactKind::PhotoRecorded);
    let (_, fact) = found.ok_or(Refusal::NotFound("photo"))?;
    let entry = actor.reading("get_photo", format!("fact:{id}"), [fact.order_id]);
    ledger::append(tx, actor.now, vec![entry])?;
    Ok(photo_file(tx, &fact)?)
}

/// The file of a photo, if it is the one that was put on file.
pub fn photo_file(tx: &mut Tx<'_>, fact: &Fact) -> Result<PhotoFile, StoreError> {
    let body: PhotoBody = fact.read()?;
    let image = photos::find(tx, fact.id)?.unwrap_or_default();
    let is_same = hex(&sha256(&image)) == body.sha256;
    let photo_type = PhotoType::parse(&body.media_type).filter(|_| is_same);
    let corrupt = || StoreError::Corrupt { vocabulary: "photo", value: fact.id.to_string() };
    Ok(PhotoFile { photo_type: photo_type.ok_or_else(corrupt)?, image })
}
