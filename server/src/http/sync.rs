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
use super::sealed_check_in::{self, PublicKeys, SealedItem, public_keys};
use super::wire::{Body, Timestamp};
use crate::operations::confirm_sign_on::Confirmed;
use crate::operations::held_records::note_sync;
use crate::operations::sealed_records::note_handed_over;
use crate::operations::sync::{Cursor, changes_since};
use crate::store::id::{CheckInId, PhoneKeyId};
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

/// A record that the phone holds: as it is, with `sign_on` and nothing else, or as the phone has signed it,
/// with the other three. One that is neither, or that cannot be read, is rejected by itself.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HeldCheckIn {
    pub check_in_id: CheckInId,
    /// As `confirm_sign_on` takes it.
    #[schema(value_type = Option<SignOn>)]
    pub sign_on: Option<serde_json::Value>,
    /// The key that signed it, as it was enrolled.
    pub phone_key_id: Option<PhoneKeyId>,
    /// The very bytes that were signed, base64url without padding: a `SealedSignOn` as JSON.
    pub payload: Option<String>,
    /// ECDSA over P-256 with SHA-256, r and s one after the other (64 bytes), base64url without padding.
    pub signature: Option<String>,
}

/// What of the two a record is.
enum Held {
    Plain(serde_json::Value),
    Sealed(SealedItem),
}

impl HeldCheckIn {
    fn held(self, at: &str) -> Result<Held, Problem> {
        let Self { check_in_id, sign_on, phone_key_id, payload, signature } = self;
        match (sign_on, phone_key_id, payload, signature) {
            (Some(sign_on), None, None, None) => Ok(Held::Plain(sign_on)),
            (None, Some(phone_key_id), Some(payload), Some(signature)) => {
                let item = SealedItem { check_in_id, phone_key_id, payload, signature };
                Ok(Held::Sealed(item))
            }
            _ => {
                let says = "is given alone, or phone_key_id, payload and signature are";
                Err(Problem::field(format!("{at}/sign_on"), says))
            }
        }
    }
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
    /// The same, as the phone puts it into what it signs from now on: it shows that the record was made
    /// after this.
    pub beacon: String,
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
///
/// A phone that has enrolled a key (`enrol_phone_key`) signs each record, numbers it and names the one
/// before. A record whose seal does not hold is rejected by itself, with its own problem, and stays on the
/// phone. Numbers that are missing once the phone holds nothing else, and two records under one number, are
/// told to the supervisors; what came is kept and judged all the same.
#[utoipa::path(
    tag = "Sign-ons",
    params(("Phone-Clock" = Option<Timestamp>, Header,
        description = "The phone's clock as the request is sent; bounds the true time of records that were held")),
    request_body = Sync,
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
    let named: Vec<PhoneKeyId> = held.check_ins.iter().filter_map(|it| it.phone_key_id).collect();
    let keys = public_keys(&caller, named).await?;
    let mut results = Vec::with_capacity(held.check_ins.len());
    for (index, item) in held.check_ins.into_iter().enumerate() {
        let id = item.check_in_id;
        let confirmed = confirm(&caller, item, (&keys, clock), index).await;
        results.push(result(id, confirmed));
    }
    let (actor, phone) = (caller.actor(), caller.phone());
    let has_handed_over = results.len() < CHECK_INS_MAX && results.iter().all(SyncResult::is_kept);
    let handed_over: Vec<PhoneKeyId> = keys.into_keys().collect();
    let changed = caller.write(move |tx| {
        if has_handed_over {
            note_sync(tx, &actor, phone)?;
            note_handed_over(tx, &actor, phone, &handed_over)?;
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
        beacon: caller.app.push.beacons.sign(caller.now),
    }))
}

async fn confirm(
    caller: &Caller<act::ConfirmSignOn>,
    item: HeldCheckIn,
    (keys, clock): (&PublicKeys, Option<Timestamp>),
    index: usize,
) -> Result<Confirmed, Problem> {
    let at = format!("/check_ins/{index}");
    let id = item.check_in_id;
    let sign_on = match item.held(&at)? {
        Held::Plain(sign_on) => sign_on,
        Held::Sealed(item) => {
            return sealed_check_in::confirm(caller, item, keys, clock, &at).await;
        }
    };
    let at = format!("{at}/sign_on");
    let confirmation = SignOn::read(sign_on, &at)?.confirmation(id, clock, &at)?;
    let (actor, phone) = (caller.actor(), caller.phone());
    Ok(caller.write(move |tx| confirmed_by(tx, &actor, phone, &confirmation)).await?)
}

fn result(check_in_id: CheckInId, confirmed: Result<Confirmed, Problem>) -> SyncResult {
    let (result, answer) = match confirmed {
        Ok(Confirmed::Recorded(receipt)) => (SyncWord::Accepted, Ok(receipt)),
        Ok(Confirmed::Repeated(receipt)) => (SyncWord::DuplicateIdentical, Ok(receipt)),
        Ok(Confirmed::Conflict) => (SyncWord::Conflict, Err(Problem::new(Kind::CheckInConflict))),
        Err(problem) if problem.is_passing() => (SyncWord::TryAgain, Err(problem)),
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
