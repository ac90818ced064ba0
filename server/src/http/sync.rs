//! `sync`: a phone hands over what it holds and gets what has changed.

use actix_web::{HttpRequest, HttpResponse, post};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use compliance::Instant;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::caller::{Caller, act};
use super::confirm_sign_on::{SignOn, SignOnReceipt, confirmed_by, phone_clock};
use super::list_alerts::WireAlert;
use super::list_due::DueSignOn;
use super::problem::{FieldError, Kind, Problem};
use super::wire::{Body, Timestamp};
use crate::operations::confirm_sign_on::Confirmed;
use crate::operations::held_records::note_sync;
use crate::operations::sync::{Cursor, changes_since};
use crate::store::id::CheckInId;
use crate::store::obligations::ChangeCursor;

/// A day without signal at a busy station; more comes with the next call.
const CHECK_INS_MAX: usize = 100;
/// The edition of the cursor's text.
const CURSOR_EDITION: &str = "1";

/// What a phone holds and where it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Sync {
    /// As the last answer gave it; `null` to start afresh.
    pub cursor: Option<String>,
    /// In the order in which they were made.
    #[schema(max_items = 100)]
    pub check_ins: Vec<HeldCheckIn>,
}

/// A record that the phone holds.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HeldCheckIn {
    pub check_in_id: CheckInId,
    /// As `confirm_sign_on` takes it. One that cannot be read is rejected by itself.
    #[schema(value_type = SignOn)]
    pub sign_on: serde_json::Value,
}

/// What became of what the phone held, and what has changed.
#[derive(Serialize, ToSchema)]
pub struct Synced {
    /// One for each record, in the same order.
    pub results: Vec<SyncResult>,
    /// For the next call, once this answer is stored.
    pub cursor: String,
    /// Call again at once.
    pub has_more: bool,
    /// At the caller's stations; each takes the place of the one with its id.
    pub obligations: Vec<DueSignOn>,
    /// Each takes the place of the one with its id; closed ones can be dropped.
    pub alerts: Vec<WireAlert>,
    /// When the answer was true.
    pub as_of: Timestamp,
}

/// What became of one record.
#[derive(Serialize, ToSchema)]
pub struct SyncResult {
    pub check_in_id: CheckInId,
    pub result: SyncWord,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<SignOnReceipt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<ItemProblem>,
}

impl SyncResult {
    /// Whether the server has it, and the phone need not keep it.
    fn is_kept(&self) -> bool {
        match self.result {
            SyncWord::Accepted | SyncWord::DuplicateIdentical | SyncWord::Conflict => true,
            SyncWord::Rejected | SyncWord::TryAgain => false,
        }
    }
}

/// `accepted` and `duplicate_identical`: drop it. `conflict`: drop it, both are kept. `rejected`: keep
/// it, show the problem. `try_again`: keep it and send it later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SyncWord {
    Accepted,
    DuplicateIdentical,
    Conflict,
    Rejected,
    TryAgain,
}

/// The RFC 9457 problem that the record would have met alone.
#[derive(Serialize, ToSchema)]
pub struct ItemProblem {
    #[serde(rename = "type")]
    #[schema(example = "/problems/not-found")]
    pub kind: String,
    pub title: &'static str,
    pub status: u16,
    pub detail: String,
    /// Pointers are into the body of the whole call.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl From<Problem> for ItemProblem {
    fn from(problem: Problem) -> Self {
        Self {
            kind: format!("/problems/{}", problem.kind.slug()),
            title: problem.kind.title(),
            status: problem.kind.status().as_u16(),
            detail: problem.detail,
            errors: problem.errors,
        }
    }
}

/// Hands over what a phone holds and gets what has changed.
///
/// Each record is confirmed by itself, in the order given, so that one that is turned away does not
/// hold up the others; sending one again is harmless. Then comes everything that has changed since
/// the cursor: obligations at the caller's stations, and the caller's alerts. Without a cursor, that
/// is what closes after yesterday at this time, and the open alerts. The reading is in the ledger.
///
/// A call says that the phone holds nothing else, unless it brings 100 records or one of them has to be
/// kept. Once every phone in use at a station has synced so after a window closed, a miss there is certain.
#[utoipa::path(
    tag = "Sign-ons",
    params(("Phone-Clock" = Option<Timestamp>, Header,
        description = "The phone's clock as the request is sent; bounds the true time of records that were held")),
    responses((status = 200, description = "What became of each, and what has changed",
        body = Synced)),
)]
#[post("/sync")]
pub async fn sync(
    request: HttpRequest,
    caller: Caller<act::ConfirmSignOn>,
    held: Body<Sync>,
) -> Result<HttpResponse, Problem> {
    let held = held.read().await?;
    let clock = phone_clock(request.headers())?;
    if held.check_ins.len() > CHECK_INS_MAX {
        return Err(Problem::field("/check_ins", "holds more than 100"));
    }
    let cursor = held.cursor.as_deref().map(read_cursor).transpose()?;
    let mut results = Vec::with_capacity(held.check_ins.len());
    for (index, item) in held.check_ins.into_iter().enumerate() {
        let id = item.check_in_id;
        let confirmed = confirm(&caller, item, clock, index).await;
        results.push(result(id, confirmed));
    }
    let (actor, phone) = (caller.actor(), caller.phone());
    let has_handed_over = results.len() < CHECK_INS_MAX && results.iter().all(SyncResult::is_kept);
    let changed = caller.write(move |tx| {
        if has_handed_over {
            note_sync(tx, &actor, phone)?;
        }
        changes_since(tx, &actor, cursor)
    });
    let changed = changed.await?;
    Ok(HttpResponse::Ok().json(Synced {
        results,
        cursor: cursor_text(&changed.cursor),
        has_more: changed.has_more,
        obligations: changed.obligations.into_iter().map(DueSignOn::from).collect(),
        alerts: changed.alerts.into_iter().map(WireAlert::from).collect(),
        as_of: caller.now.into(),
    }))
}

async fn confirm(
    caller: &Caller<act::ConfirmSignOn>,
    item: HeldCheckIn,
    clock: Option<Timestamp>,
    index: usize,
) -> Result<Confirmed, Problem> {
    let at = format!("/check_ins/{index}/sign_on");
    let sign_on: SignOn = serde_path_to_error::deserialize(item.sign_on).map_err(|error| {
        let pointer = format!("{at}{}", crate::import_file::json_pointer(error.path()));
        Problem::field(pointer, error.into_inner().to_string())
    })?;
    let confirmation = sign_on.confirmation(item.check_in_id, clock, &at)?;
    let (actor, phone) = (caller.actor(), caller.phone());
    Ok(caller.write(move |tx| confirmed_by(tx, &actor, phone, &confirmation)).await?)
}

fn result(check_in_id: CheckInId, confirmed: Result<Confirmed, Problem>) -> SyncResult {
    let (result, answer) = match confirmed {
        Ok(Confirmed::Recorded(receipt)) => (SyncWord::Accepted, Ok(receipt)),
        Ok(Confirmed::Repeated(receipt)) => (SyncWord::DuplicateIdentical, Ok(receipt)),
        Ok(Confirmed::Conflict) => (SyncWord::Conflict, Err(Problem::new(Kind::CheckInConflict))),
        Err(problem) if matches!(problem.kind, Kind::Busy | Kind::Internal) => {
            (SyncWord::TryAgain, Err(problem))
        }
        Err(problem) => (SyncWord::Rejected, Err(problem)),
    };
    let (receipt, problem) = match answer {
        Ok(receipt) => (Some(SignOnReceipt::from(receipt)), None),
        Err(problem) => (None, Some(ItemProblem::from(problem))),
    };
    SyncResult { check_in_id, result, receipt, problem }
}

fn cursor_text(cursor: &Cursor) -> String {
    let place = |place: ChangeCursor| format!("{} {}", place.change, place.id.simple());
    URL_SAFE_NO_PAD.encode(format!(
        "{CURSOR_EDITION} {} {} {} {}",
        cursor.begun_at,
        cursor.closing_after.ms(),
        place(cursor.obligations),
        place(cursor.alerts),
    ))
}

fn read_cursor(text: &str) -> Result<Cursor, Problem> {
    let read = || -> Option<Cursor> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let mut parts = text.split(' ');
        if parts.next()? != CURSOR_EDITION {
            return None;
        }
        let begun_at = parts.next()?.parse().ok()?;
        let closing_after = Instant::from_ms(parts.next()?.parse().ok()?);
        let obligations = read_place(&mut parts)?;
        let alerts = read_place(&mut parts)?;
        let cursor = Cursor { begun_at, closing_after, obligations, alerts };
        parts.next().is_none().then_some(cursor)
    };
    read().ok_or_else(|| Problem::field("/cursor", "is not one that was given out: leave it out"))
}

fn read_place<'a>(parts: &mut impl Iterator<Item = &'a str>) -> Option<ChangeCursor> {
    let change = parts.next()?.parse().ok()?;
    let id = Uuid::try_parse(parts.next()?).ok()?;
    Some(ChangeCursor { change, id })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_was_given_out() {
        let place = |change, id| ChangeCursor { change, id: Uuid::from_u128(id) };
        let cursor = Cursor {
            begun_at: 7,
            closing_after: Instant::from_ms(-5),
            obligations: place(3, 9),
            alerts: place(12, 0),
        };

        assert_eq!(read_cursor(&cursor_text(&cursor)).unwrap(), cursor);
    }

    #[test]
    fn a_cursor_that_cannot_be_read_names_the_field() {
        for text in ["", "x", "!!", "MSAx", &URL_SAFE_NO_PAD.encode("2 1 1 1 1 1 1")] {
            let problem = read_cursor(text).unwrap_err();
            assert_eq!(problem.kind, Kind::InvalidField, "{text}");
            assert_eq!(problem.errors.first().unwrap().pointer, "/cursor");
        }
    }
}
