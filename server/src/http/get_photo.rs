//! `get_photo`: the file of a photo.

use std::borrow::Cow;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, get, web};
use compliance::Word;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{KnownFormat, RefOr, Schema, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

use super::caller::{Caller, act};
use super::problem::Problem;
use crate::operations::photos::get_photo as read;
use crate::store::id::FactId;

/// A shift. The file behind an id never changes; one that was called a mistake has left the lists.
const KEPT_FOR: &str = "private, max-age=43200, immutable";

/// A picture.
pub struct Picture;

impl PartialSchema for Picture {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
            .description(Some("The file, as it was put on file."))
            .into()
    }
}

impl ToSchema for Picture {
    fn name() -> Cow<'static, str> {
        "Picture".into()
    }
}

/// Gives a photo of a subject.
///
/// To whoever may know of any order of the subject. One that was called a mistake is not there.
/// Every reading is in the ledger; a phone may keep the file for a shift.
#[utoipa::path(
    tag = "Cases",
    params(("photo_id" = FactId, Path, description = "The photo")),
    responses((
        status = 200,
        description = "The file",
        content(
            (Picture = "image/jpeg"),
            (Picture = "image/png"),
            (Picture = "image/webp"),
        ),
    )),
)]
#[get("/photos/{photo_id}")]
pub async fn get_photo(
    caller: Caller<act::ReadCase>,
    id: web::Path<FactId>,
) -> Result<HttpResponse, Problem> {
    let (actor, id) = (caller.actor(), *id);
    let photo = caller.write(move |tx| read(tx, &actor, id)).await?;
    let disposition = format!("inline; filename=\"photo.{}\"", photo.photo_type.extension());
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, photo.photo_type.as_str()))
        .insert_header((CONTENT_DISPOSITION, disposition))
        .insert_header((CACHE_CONTROL, KEPT_FOR))
        .body(photo.image))
}
