//! `get_evidence_pack`: everything about a breach case, as one archive that can be checked by itself.

use std::borrow::Cow;

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, get, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{KnownFormat, RefOr, Schema, SchemaFormat};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::caller::{Caller, act};
use super::problem::Problem;
use super::wire::{PackProfileWord, PackRecipientWord, Timestamp};
use crate::operations::evidence_pack::{Asked, evidence_for, record_made_pack};
use crate::pack;
use crate::store::id::FactId;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PackQuery {
    /// For whom it is made, and so what it leaves out.
    #[param(inline)]
    profile: PackProfileWord,
    /// To whom it goes; it is in the ledger with the disclosure.
    #[param(inline)]
    recipient: Option<PackRecipientWord>,
    /// What was on file at this instant; now when left out.
    as_known_at: Option<Timestamp>,
    /// The last entry of the order's ledger that it knows of; `manifest.json` names it. With
    /// `as_known_at` it gives the same bytes again.
    #[param(minimum = 1)]
    ledger_seq: Option<i64>,
}

/// A ZIP archive.
pub struct Archive;

impl PartialSchema for Archive {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
            .description(Some("A ZIP archive, its files stored as they are."))
            .into()
    }
}

impl ToSchema for Archive {
    fn name() -> Cow<'static, str> {
        "Archive".into()
    }
}

/// Makes the evidence pack of a suspected breach.
///
/// A ZIP archive: the order and its service, the duty with opening hours, confirmations with both clocks,
/// the history both ways, excuse, decisions, draft statements that nobody has signed, exhibits with
/// SHA-256, unused material, the ledger, and a page that checks all of it without a network. The same
/// position gives the same bytes. `Repr-Digest` (RFC 9530) is its digest. With the profile `disclosure`
/// nothing that a person typed is in it but the wording relied on; a person reviews it before it is
/// served. Its making is in the ledger as a disclosure.
#[utoipa::path(
    tag = "Triage",
    params(("case_id" = FactId, Path, description = "The suspected breach"), PackQuery),
    responses((
        status = 200,
        description = "The pack",
        content_type = "application/zip",
        body = Archive,
        headers(
            ("Content-Disposition" = String, description = "What to call the file"),
            ("Repr-Digest" = String, description = "SHA-256 of the pack (RFC 9530)"),
        ),
    )),
)]
#[get("/breach-cases/{case_id}/evidence-pack")]
pub async fn get_evidence_pack(
    caller: Caller<act::KeepCase>,
    id: web::Path<FactId>,
    query: web::Query<PackQuery>,
) -> Result<HttpResponse, Problem> {
    let recipient = query.recipient.map(|word| word.0);
    let asked = Asked {
        case: *id,
        profile: query.profile.0,
        recipient,
        as_known_at: query.as_known_at.map(|at| at.0),
        ledger_seq: query.ledger_seq,
    };
    let actor = caller.actor();
    let found = caller.write(move |tx| evidence_for(tx, &actor, &asked)).await?;
    // Setting a page takes time that no transaction waits for.
    let (pack, found) = web::block(move || pack::make(&found).map(|pack| (pack, found))).await??;
    let (actor, digest) = (caller.actor(), pack.digest);
    caller.write(move |tx| record_made_pack(tx, &actor, (&found, recipient), digest)).await?;
    let disposition = format!("attachment; filename=\"{}\"", pack.file_name);
    let digest = format!("sha-256=:{}:", STANDARD.encode(pack.digest));
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/zip"))
        .insert_header((CONTENT_DISPOSITION, disposition))
        .insert_header(("repr-digest", digest))
        .body(pack.bytes))
}
