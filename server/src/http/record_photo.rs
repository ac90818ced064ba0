//! `record_photo`: a photo that shows who the subject is.

use actix_web::{HttpResponse, put, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::NaiveDate;
use compliance::person::{PhotoFault, check_photo};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{Caller, act};
use super::problem::Problem;
use super::record::Record;
use super::wire::{Body, PhotoTypeWord, required_day};
use crate::operations::photos::{NewPhoto, record_photo as record};
use crate::store::id::{FactId, OrderId};

/// A photo of the subject, alone.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PhotoSubmission {
    pub media_type: PhotoTypeWord,
    /// The local day; not in the future.
    #[serde(deserialize_with = "required_day")]
    #[schema(example = "2026-11-24")]
    pub taken_on: NaiveDate,
    /// The file in base64, at most 150000 bytes of it. It is kept as it is: take out what it says
    /// of the place before it is sent.
    #[schema(min_length = 1, max_length = 200_000, content_encoding = "base64")]
    pub image: String,
}

impl PhotoSubmission {
    fn checked(self) -> Result<NewPhoto, Problem> {
        let says = "is not base64: send the file as RFC 4648 has it, with padding";
        let decoded = STANDARD.decode(&self.image);
        let image = decoded.map_err(|_malformed| Problem::field("/image", says))?;
        let photo_type = self.media_type.0;
        check_photo(photo_type, &image)
            .map_err(|fault: PhotoFault| Problem::field("/image", fault.to_string()))?;
        Ok(NewPhoto { photo_type, taken_on: self.taken_on, image })
    }
}

/// Puts a photo of the subject on file.
///
/// Whoever may know of any order of the same subject sees it. The one taken last is the subject's.
/// One that shows somebody else is a mistake: then it is handed out no more.
#[utoipa::path(
    tag = "Cases",
    params(
        ("order_id" = OrderId, Path, description = "An order of the subject"),
        ("record_id" = FactId, Path, description = "A UUIDv7 made by the client; the photo's id"),
    ),
    request_body = PhotoSubmission,
    responses((status = 201, description = "On file, now or before", body = Record)),
)]
#[put("/orders/{order_id}/photos/{record_id}")]
pub async fn record_photo(
    caller: Caller<act::RecordFact>,
    ids: web::Path<(OrderId, FactId)>,
    photo: Body<PhotoSubmission>,
) -> Result<HttpResponse, Problem> {
    let photo = photo.read().await?.checked()?;
    let (actor, ids) = (caller.actor(), *ids);
    let recorded = caller.write(move |tx| record(tx, &actor, ids, &photo)).await?;
    Ok(HttpResponse::Created().json(Record::from(recorded)))
}
