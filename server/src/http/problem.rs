//! Every refusal, as an RFC 9457 problem. One table: a slug that never changes, the status, what it
//! means and what to do. `mobile-api-spec/problems.md` is written from it.

use actix_web::error::BlockingError;
use actix_web::http::StatusCode;
use actix_web::http::header::{ContentType, RETRY_AFTER};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use compliance::sealed_record::SealFault;
use serde::Serialize;
use std::fmt;

use crate::pack::PackError;
use crate::refusal::Refusal;
use crate::store::{StoreError, WriteError};

macro_rules! kinds {
    ($($kind:ident = $slug:literal, $status:ident, $title:literal, $do:literal;)+) => {
        /// What went wrong, by the name that clients can rely on.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Kind { $($kind,)+ }

        impl Kind {
            pub const ALL: &'static [Kind] = &[$(Kind::$kind,)+];

            pub fn slug(self) -> &'static str {
                match self { $(Self::$kind => $slug,)+ }
            }

            pub fn status(self) -> StatusCode {
                match self { $(Self::$kind => StatusCode::$status,)+ }
            }

            pub fn title(self) -> &'static str {
                match self { $(Self::$kind => $title,)+ }
            }

            /// What the client does next.
            pub fn advice(self) -> &'static str {
                match self { $(Self::$kind => $do,)+ }
            }

            pub fn of_slug(slug: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.slug() == slug)
            }
        }
    };
}

kinds! {
    UnreadableBody = "unreadable-body", BAD_REQUEST, "The body is not JSON",
        "Fix the request; sending it again does not help.";
    InvalidField = "invalid-field", UNPROCESSABLE_ENTITY, "A field cannot be accepted",
        "`errors` names each field and why. Keep the record, show the reason, let a person fix it.";
    InvalidParameter = "invalid-parameter", BAD_REQUEST,
        "A part of the address cannot be read", "Fix the request.";
    WrongMediaType = "wrong-media-type", UNSUPPORTED_MEDIA_TYPE, "The body must be JSON",
        "Send `Content-Type: application/json`.";
    BodyTooLarge = "body-too-large", PAYLOAD_TOO_LARGE, "The body is too large",
        "Send fewer items at once.";
    NotSignedIn = "not-signed-in", UNAUTHORIZED, "Sign in first",
        "Ask the person to sign in; keep what is queued and send it afterwards.";
    WrongCredentials = "wrong-credentials", UNAUTHORIZED, "The username or the password is wrong",
        "Ask again. Which of the two is wrong is not said.";
    SignInLocked = "sign-in-locked", TOO_MANY_REQUESTS, "Too many failed tries",
        "Wait as long as `Retry-After` says.";
    TooOften = "too-often", TOO_MANY_REQUESTS, "Too many at once",
        "Keep what was typed and wait as long as `Retry-After` says. In danger, ring 999.";
    RoleMayNot = "role-may-not", FORBIDDEN, "Your role does not do this",
        "Do not offer this to the role.";
    CrossSite = "cross-site", FORBIDDEN, "The request came from another site",
        "A browser sends this with its own pages only; an app uses a bearer token.";
    NotFound = "not-found", NOT_FOUND, "There is nothing here that you may know of",
        "Take it off the list. Whether it exists is not said.";
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED, "Not with this method",
        "See `Allow`.";
    CheckInConflict = "check-in-conflict", CONFLICT, "Another record has this id",
        "Keep both. The server has kept yours and raised an alert; a person decides.";
    AlreadySuperseded = "already-superseded", CONFLICT, "The record was called a mistake already",
        "Fetch the record and look at what took its place.";
    RecordConflict = "record-conflict", CONFLICT, "Another record has this id",
        "Make a new id, unless this is an old record that was changed: then call the old one a mistake.";
    SessionHasOutcome = "session-has-outcome", CONFLICT, "The session has an outcome already",
        "Record another outcome instead, if that one was wrong.";
    OtherPersonNeeded = "other-person-needed", CONFLICT, "Somebody else must decide this",
        "Ask a colleague: nobody decides on what they recorded.";
    UsernameTaken = "username-taken", CONFLICT, "That username is taken", "Choose another one.";
    AccountConflict = "account-conflict", CONFLICT, "Another account has this id",
        "Make a new id.";
    SubscriptionConflict = "subscription-conflict", CONFLICT,
        "Another push subscription has this id", "Make a new id and subscribe again.";
    PhoneKeyConflict = "phone-key-conflict", CONFLICT,
        "Another key has this id, or another account has this key",
        "Make a new key under a new id and enrol that.";
    PhoneKeyUnknown = "phone-key-unknown", CONFLICT, "The key is not enrolled",
        "Keep the record, enrol the key and send the record again.";
    PhoneKeyExpired = "phone-key-expired", CONFLICT, "The key had expired",
        "Keep the record, enrol the key again and send the record again.";
    PhoneKeyRevoked = "phone-key-revoked", CONFLICT, "The key was revoked",
        "Keep the record and take off what the phone knows of people. After signing in, enrol a new key; \
         the officer signs the record again.";
    SealBroken = "seal-broken", CONFLICT, "The record is not as it was signed",
        "Keep the record and show it. The supervisors were told; confirm the sign-on anew.";
    OrderIsDraft = "order-is-draft", CONFLICT, "No court has made the order yet",
        "Record the making of the order first, then this.";
    OrderIsMade = "order-is-made", CONFLICT, "A court has made the order already",
        "Show the order as it is; it was made or put on file by somebody else.";
    OrderHasEnded = "order-has-ended", CONFLICT, "The order has ended",
        "Show the order as it is. If its end was a mistake, call that record a mistake first.";
    AlertIsClosed = "alert-is-closed", CONFLICT, "The alert is closed",
        "Show the alert as it is: somebody has decided, or what it asked for is there.";
    AlertNeedsDeed = "alert-needs-deed", CONFLICT, "This alert is not decided, but done",
        "`detail` says what to do; the alert closes by itself once that is done.";
    CaseNotReady = "case-not-ready", CONFLICT, "Not as it stands now",
        "`detail` says what has to come first; show the claim or the case as it is.";
    ReportNotReady = "report-not-ready", CONFLICT, "Something has to be done with the report first",
        "`detail` says what. No report is closed without having been investigated.";
    CannotSupersede = "cannot-supersede", CONFLICT, "This record is not taken back like that",
        "`detail` says why and what to do instead.";
    OrderRefused = "order-refused", UNPROCESSABLE_ENTITY, "The order cannot be as stated",
        "Check the order's text.";
    Busy = "busy", SERVICE_UNAVAILABLE, "Too much is going on at once",
        "Keep the record and send it again after `Retry-After`.";
    Internal = "internal", INTERNAL_SERVER_ERROR, "Something failed here",
        "Keep the record and send it again later. Tell support the `instance`.";
}

/// A field and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) into the body.
    #[schema(example = "/identity/method")]
    pub pointer: String,
    #[schema(example = "is \"guess\"; it can be known_to_officer, photo_on_file")]
    pub detail: String,
}

/// An RFC 9457 problem.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// `/problems/` and the slug; stays the same for ever.
    #[serde(rename = "type")]
    #[schema(example = "/problems/not-found")]
    pub kind: String,
    pub title: &'static str,
    pub status: u16,
    /// What to do, or what exactly is wrong.
    pub detail: String,
    /// Names this very answer, for support.
    #[schema(example = "urn:uuid:019aaf6e-7c00-7000-8000-000000000000")]
    pub instance: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

#[derive(Debug)]
pub struct Problem {
    pub kind: Kind,
    pub detail: String,
    pub errors: Vec<FieldError>,
    pub retry_after_s: Option<i64>,
    pub allow: Option<String>,
}

impl Problem {
    /// Logged here, and nothing of it is told.
    fn inside(error: &dyn std::error::Error) -> Self {
        tracing::error!(%error, source = ?error, "a request failed");
        Self::new(Kind::Internal)
    }

    pub fn new(kind: Kind) -> Self {
        let detail = kind.advice().to_owned();
        Self { kind, detail, errors: Vec::new(), retry_after_s: None, allow: None }
    }

    pub fn because(kind: Kind, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..Self::new(kind) }
    }

    pub fn field(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        let error = FieldError { pointer: pointer.into(), detail: detail.into() };
        let detail = format!("{} {}", error.pointer, error.detail).trim_start().to_owned();
        Self { errors: vec![error], ..Self::because(Kind::InvalidField, detail) }
    }

    /// Whether the same may be taken another time, without anything being done.
    pub fn is_passing(&self) -> bool {
        matches!(self.kind, Kind::Busy | Kind::Internal)
    }

    fn fields(fields: Vec<(String, String)>, detail: String) -> Self {
        let error = |(pointer, detail)| FieldError { pointer, detail };
        let errors = fields.into_iter().map(error).collect();
        Self { errors, ..Self::because(Kind::InvalidField, detail) }
    }

    fn retry_after(self, seconds: i64) -> Self {
        Self { retry_after_s: Some(seconds), ..self }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.slug(), self.detail)
    }
}

impl From<Refusal> for Problem {
    /// Exhaustive: a new refusal does not compile until it has a kind.
    fn from(refusal: Refusal) -> Self {
        let says = refusal.to_string();
        match refusal {
            Refusal::NotFound(_) => Self::because(Kind::NotFound, says),
            Refusal::RoleMayNot => Self::new(Kind::RoleMayNot),
            Refusal::NotSignedIn => Self::new(Kind::NotSignedIn),
            Refusal::WrongCredentials => Self::new(Kind::WrongCredentials),
            Refusal::SignInLocked { wait_ms } => {
                Self::new(Kind::SignInLocked).retry_after((wait_ms + 999) / 1_000)
            }
            Refusal::TooOften { wait_ms } => {
                Self::new(Kind::TooOften).retry_after((wait_ms + 999) / 1_000)
            }
            Refusal::BackTestUnderWay => Self::because(Kind::Busy, says).retry_after(5),
            Refusal::ReportNotReady(_) => Self::because(Kind::ReportNotReady, says),
            Refusal::AlreadySuperseded(_) => Self::because(Kind::AlreadySuperseded, says),
            Refusal::UsernameTaken => Self::new(Kind::UsernameTaken),
            Refusal::RecordConflict => Self::new(Kind::RecordConflict),
            Refusal::SessionHasOutcome => Self::new(Kind::SessionHasOutcome),
            Refusal::OtherPersonNeeded => Self::new(Kind::OtherPersonNeeded),
            Refusal::AccountConflict => Self::new(Kind::AccountConflict),
            Refusal::SubscriptionConflict => Self::new(Kind::SubscriptionConflict),
            Refusal::PhoneKeyConflict => Self::new(Kind::PhoneKeyConflict),
            Refusal::Seal(fault) => Self::because(seal_kind(fault), says),
            Refusal::Parameter(_) => Self::because(Kind::InvalidParameter, says),
            Refusal::Field { pointer, says } => Self::field(pointer, says),
            Refusal::Fields { fields } => Self::fields(fields, says),
            Refusal::OrderIsDraft => Self::because(Kind::OrderIsDraft, says),
            Refusal::OrderIsMade => Self::because(Kind::OrderIsMade, says),
            Refusal::OrderHasEnded => Self::because(Kind::OrderHasEnded, says),
            Refusal::AlertIsClosed => Self::new(Kind::AlertIsClosed),
            Refusal::AlertNeedsDeed(_) => Self::because(Kind::AlertNeedsDeed, says),
            Refusal::CaseNotReady(_) => Self::because(Kind::CaseNotReady, says),
            Refusal::CannotSupersede(_) => Self::because(Kind::CannotSupersede, says),
            Refusal::Order(refusal) => Self::because(Kind::OrderRefused, refusal.to_string()),
            Refusal::Store(error) => error.into(),
        }
    }
}

/// Whose the key of another account is, is not said.
fn seal_kind(fault: SealFault) -> Kind {
    match fault {
        SealFault::KeyUnknown | SealFault::KeyOfAnother => Kind::PhoneKeyUnknown,
        SealFault::KeyRevoked => Kind::PhoneKeyRevoked,
        SealFault::KeyExpired => Kind::PhoneKeyExpired,
        SealFault::Altered | SealFault::Unreadable | SealFault::OtherCheckIn => Kind::SealBroken,
    }
}

impl From<StoreError> for Problem {
    /// Nothing of what failed inside is told; it is logged here, once.
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Contended | StoreError::Overloaded => Self::new(Kind::Busy).retry_after(1),
            error => Self::inside(&error),
        }
    }
}

impl From<PackError> for Problem {
    fn from(error: PackError) -> Self {
        match error {
            PackError::Store(error) => error.into(),
            error => Self::inside(&error),
        }
    }
}

impl From<BlockingError> for Problem {
    fn from(error: BlockingError) -> Self {
        Self::inside(&error)
    }
}

impl WriteError for Problem {
    fn store_error(&self) -> Option<&StoreError> {
        None
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.kind.status()
    }

    fn error_response(&self) -> HttpResponse {
        let instance: uuid::Uuid =
            crate::identity::Identity::System.id(crate::clock::Clock::System.now());
        let mut response: HttpResponseBuilder = HttpResponse::build(self.kind.status());
        if let Some(seconds) = self.retry_after_s {
            response.insert_header((RETRY_AFTER, seconds.to_string()));
        }
        if let Some(allow) = &self.allow {
            response.insert_header((actix_web::http::header::ALLOW, allow.clone()));
        }
        if self.kind == Kind::Internal {
            tracing::error!(%instance, "answered with an internal problem");
        }
        let body = ProblemBody {
            kind: format!("/problems/{}", self.kind.slug()),
            title: self.kind.title(),
            status: self.kind.status().as_u16(),
            detail: self.detail.clone(),
            instance: format!("urn:uuid:{instance}"),
            errors: self.errors.clone(),
        };
        response
            .insert_header(ContentType(
                "application/problem+json".parse().unwrap_or(actix_web::mime::APPLICATION_JSON),
            ))
            .body(serde_json::json!(body).to_string())
    }
}

/// `problems.md`, made from the table.
pub fn markdown() -> String {
    let mut text = String::from(
        "# Problems\n\nEvery refusal is an RFC 9457 problem (`application/problem+json`). `type` is \
         `/problems/` and the slug; slugs\nnever change. `detail` says what is wrong, `errors` which \
         fields, `instance` names the very answer.\n\n| slug | status | what it means | what the \
         client does |\n|---|--:|---|---|\n",
    );
    for kind in Kind::ALL {
        let (slug, status) = (kind.slug(), kind.status().as_u16());
        text.push_str(&format!("| `{slug}` | {status} | {} | {} |\n", kind.title(), kind.advice()));
    }
    text
}
