//! How times, words, positions and bodies travel.

use std::borrow::Cow;
use std::fmt::Display;
use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::str::FromStr;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use chrono::{Datelike, NaiveDate};
use compliance::access::Role;
use compliance::alert::{
    AlertCloseReason, AlertDecision, AlertEventKind, AlertKind, AlertState, Risk, Severity,
};
use compliance::attendance::{Certainty, Compliance, IdentityMethod, IdentityResult, Outcome};
use compliance::breach_case::{BreachStatus, BreachStep, Disposition, Rank};
use compliance::checkability::{Checkability, ReviewOutcome};
use compliance::concern_report::pattern::PatternKind;
use compliance::concern_report::{
    InvestigativeAction, ReportActKind, ReportClock, ReportOutcome, ReportStatus, Reporter,
};
use compliance::delivery::{Channel, DeliveryStatus, PhoneState, ReceiptEvent};
use compliance::device::{
    Answer, CommunicationMethod, DeviceKind, ExaminationMethod, IdentifierKind, InspectionCheck,
    Registered, RequestState, ResponseKind,
};
use compliance::escalation::{Presence, RotaKind, Rung};
use compliance::evidence::{PackProfile, PackRecipient};
use compliance::excuse::{ClaimedBy, ExcuseDecision, ExcuseGround, ExcuseStatus};
use compliance::fact::FactKind;
use compliance::instant::YEARS;
use compliance::lint::{LintCode, ProtectedKind};
use compliance::notification::{
    DutyState, IdentityAnswer, IdentityAsked, Manner, Standing, TakenBy,
};
use compliance::order::{ConditionKind, ObligationState, OrderKind, Polarity, VersionReason};
use compliance::order_kind::{ChangeDuty, MadeBy, Regime};
use compliance::order_status::{
    AppealOutcome, EndReason, OrderStatus, ServiceMethod, ServiceOutcome,
};
use compliance::person::{PhotoType, WarningKind};
use compliance::place::{Fix, Position, SightingSource};
use compliance::replay::{DutyStanding, FactChange};
use compliance::sealed_record::BeaconSays;
use compliance::status_period::Whereabouts;
use compliance::task::answer::{RenewalChoice, ReviewConclusion, ToldHow};
use compliance::task::{TaskCancelReason, TaskCause, TaskKind, TaskState};
use compliance::trace::{StepAnswer, StepBasis};
use compliance::treatment::{Evidence, MovedBy, SessionState};
use compliance::triage::{TriageAnswer, TriageCheck};
use compliance::zone::ZoneVerdict;
use compliance::{Instant, Word};
use futures_util::StreamExt;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{KnownFormat, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::problem::{Kind, Problem};

/// The largest body: a full sync of signed records is a quarter of it, if nobody has much to note.
const BODY_BYTES_MAX: usize = 512 * 1024;
/// Five thousand lines, each with room to spare.
const LINES_BYTES_MAX: usize = 2 * 1024 * 1024;

/// An RFC 3339 date-time, sent in UTC with milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timestamp(pub Instant);

impl From<Instant> for Timestamp {
    fn from(at: Instant) -> Self {
        Self(at)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_rfc3339())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        read_timestamp(&text).ok_or_else(|| {
            D::Error::custom(format!("{text:?} is no RFC 3339 time such as 2026-11-24T12:00:00Z"))
        })
    }
}

/// Other years would only do harm.
fn read_timestamp(text: &str) -> Option<Timestamp> {
    Instant::parse_rfc3339(text).filter(|at| at.is_on_calendar()).map(Timestamp)
}

impl PartialSchema for Timestamp {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("RFC 3339; answers are in UTC with milliseconds."))
            .examples(["2026-11-24T12:00:00.000Z"])
            .into()
    }
}

impl ToSchema for Timestamp {
    fn name() -> Cow<'static, str> {
        "Timestamp".into()
    }
}

/// A word of a closed vocabulary of the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spelled<W>(pub W);

impl<W: Word> Serialize for Spelled<W> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

impl<'de, W: Word> Deserialize<'de> for Spelled<W> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        W::parse(&text).map(Self).ok_or_else(|| {
            let known: Vec<&str> = W::ALL.iter().map(|word| word.as_str()).collect();
            D::Error::custom(format!("is {text:?}; it can be {}", known.join(", ")))
        })
    }
}

impl<W: Word> PartialSchema for Spelled<W> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .enum_values(Some(W::ALL.iter().map(|word| word.as_str())))
            .into()
    }
}

impl<W: Word> ToSchema for Spelled<W> {
    fn name() -> Cow<'static, str> {
        W::NAME.into()
    }
}

/// Aliases, because the schema derive takes a generic type's arguments for schemas.
pub type AlertCloseReasonWord = Spelled<AlertCloseReason>;
pub type AlertDecisionWord = Spelled<AlertDecision>;
pub type AlertEventKindWord = Spelled<AlertEventKind>;
pub type AlertKindWord = Spelled<AlertKind>;
pub type AppealOutcomeWord = Spelled<AppealOutcome>;
pub type CheckAnswerWord = Spelled<Answer>;
pub type CommunicationMethodWord = Spelled<CommunicationMethod>;
pub type DeviceKindWord = Spelled<DeviceKind>;
pub type ExaminationMethodWord = Spelled<ExaminationMethod>;
pub type IdentifierKindWord = Spelled<IdentifierKind>;
pub type InspectionCheckWord = Spelled<InspectionCheck>;
pub type RegisteredWord = Spelled<Registered>;
pub type RequestStateWord = Spelled<RequestState>;
pub type ResponseKindWord = Spelled<ResponseKind>;
pub type EndReasonWord = Spelled<EndReason>;
pub type MadeByWord = Spelled<MadeBy>;
pub type OrderStatusWord = Spelled<OrderStatus>;
pub type ServiceMethodWord = Spelled<ServiceMethod>;
pub type ServiceOutcomeWord = Spelled<ServiceOutcome>;
pub type WhereaboutsWord = Spelled<Whereabouts>;
pub type AlertStateWord = Spelled<AlertState>;
pub type CertaintyWord = Spelled<Certainty>;
pub type ChangeDutyWord = Spelled<ChangeDuty>;
pub type CheckabilityWord = Spelled<Checkability>;
pub type BeaconSaysWord = Spelled<BeaconSays>;
pub type ComplianceWord = Spelled<Compliance>;
pub type ConditionKindWord = Spelled<ConditionKind>;
pub type DutyStandingWord = Spelled<DutyStanding>;
pub type DutyStateWord = Spelled<DutyState>;
pub type FactChangeWord = Spelled<FactChange>;
pub type StepAnswerWord = Spelled<StepAnswer>;
pub type StepBasisWord = Spelled<StepBasis>;
pub type EvidenceWord = Spelled<Evidence>;
pub type FactKindWord = Spelled<FactKind>;
pub type IdentityAnswerWord = Spelled<IdentityAnswer>;
pub type IdentityAskedWord = Spelled<IdentityAsked>;
pub type IdentityMethodWord = Spelled<IdentityMethod>;
pub type IdentityResultWord = Spelled<IdentityResult>;
pub type LintCodeWord = Spelled<LintCode>;
pub type InvestigativeActionWord = Spelled<InvestigativeAction>;
pub type MannerWord = Spelled<Manner>;
pub type MovedByWord = Spelled<MovedBy>;
pub type ObligationStateWord = Spelled<ObligationState>;
pub type OrderKindWord = Spelled<OrderKind>;
pub type OutcomeWord = Spelled<Outcome>;
pub type PatternKindWord = Spelled<PatternKind>;
pub type PhotoTypeWord = Spelled<PhotoType>;
pub type PolarityWord = Spelled<Polarity>;
pub type PresenceWord = Spelled<Presence>;
pub type ProtectedKindWord = Spelled<ProtectedKind>;
pub type RegimeWord = Spelled<Regime>;
pub type ReportActKindWord = Spelled<ReportActKind>;
pub type ReportClockWord = Spelled<ReportClock>;
pub type ReportOutcomeWord = Spelled<ReportOutcome>;
pub type ReportStatusWord = Spelled<ReportStatus>;
pub type ReporterWord = Spelled<Reporter>;
pub type ReviewOutcomeWord = Spelled<ReviewOutcome>;
pub type RiskWord = Spelled<Risk>;
pub type RoleWord = Spelled<Role>;
pub type RotaKindWord = Spelled<RotaKind>;
pub type BreachStatusWord = Spelled<BreachStatus>;
pub type BreachStepWord = Spelled<BreachStep>;
pub type DispositionWord = Spelled<Disposition>;
pub type PackProfileWord = Spelled<PackProfile>;
pub type PackRecipientWord = Spelled<PackRecipient>;
pub type RankWord = Spelled<Rank>;
pub type ClaimedByWord = Spelled<ClaimedBy>;
pub type ExcuseDecisionWord = Spelled<ExcuseDecision>;
pub type ExcuseGroundWord = Spelled<ExcuseGround>;
pub type ExcuseStatusWord = Spelled<ExcuseStatus>;
pub type RenewalChoiceWord = Spelled<RenewalChoice>;
pub type ReviewConclusionWord = Spelled<ReviewConclusion>;
pub type TaskCancelReasonWord = Spelled<TaskCancelReason>;
pub type TaskCauseWord = Spelled<TaskCause>;
pub type TaskKindWord = Spelled<TaskKind>;
pub type TaskStateWord = Spelled<TaskState>;
pub type ToldHowWord = Spelled<ToldHow>;
pub type TriageAnswerWord = Spelled<TriageAnswer>;
pub type TriageCheckWord = Spelled<TriageCheck>;
pub type RungWord = Spelled<Rung>;
pub type ChannelWord = Spelled<Channel>;
pub type DeliveryStatusWord = Spelled<DeliveryStatus>;
pub type PhoneStateWord = Spelled<PhoneState>;
pub type ReceiptEventWord = Spelled<ReceiptEvent>;
pub type SessionStateWord = Spelled<SessionState>;
pub type SeverityWord = Spelled<Severity>;
pub type StandingWord = Spelled<Standing>;
pub type TakenByWord = Spelled<TakenBy>;
pub type SightingSourceWord = Spelled<SightingSource>;
pub type VersionReasonWord = Spelled<VersionReason>;
pub type WarningKindWord = Spelled<WarningKind>;
pub type ZoneVerdictWord = Spelled<ZoneVerdict>;

/// A position with its accuracy, as the phone reports them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Fix)]
pub struct WireFix {
    /// Degrees north, WGS 84.
    #[schema(minimum = -90, maximum = 90, example = 54.6641)]
    pub latitude: f64,
    /// Degrees east, WGS 84.
    #[schema(minimum = -180, maximum = 180, example = -2.7527)]
    pub longitude: f64,
    /// Radius in metres that holds the true position with 95 % confidence (W3C Geolocation).
    #[schema(minimum = 0, maximum = 100_000, example = 18)]
    pub accuracy_m: f64,
}

impl WireFix {
    pub fn checked(self, pointer: &str) -> Result<Fix, Problem> {
        let refuse =
            |field: &str, says: &str| Err(Problem::field(format!("{pointer}/{field}"), says));
        if !(-90.0..=90.0).contains(&self.latitude) {
            return refuse("latitude", "is between -90 and 90 degrees");
        }
        if !(-180.0..=180.0).contains(&self.longitude) {
            return refuse("longitude", "is between -180 and 180 degrees");
        }
        if !(0.0..=100_000.0).contains(&self.accuracy_m) {
            return refuse("accuracy_m", "is between 0 and 100000 metres");
        }
        let position = Position { latitude: self.latitude, longitude: self.longitude };
        Ok(Fix { position, accuracy_m: self.accuracy_m })
    }
}

/// Text that people wrote: no longer than `chars_max`, and nothing in it that cannot be shown.
pub fn checked_text(pointer: &str, text: &str, chars_max: usize) -> Result<(), Problem> {
    fault_of(text, chars_max).map_or(Ok(()), |says| Err(Problem::field(pointer, says)))
}

/// The same where something has to be said.
pub fn required_text(pointer: &str, text: &str, chars_max: usize) -> Result<(), Problem> {
    if text.trim().is_empty() {
        return Err(Problem::field(pointer, "must say something"));
    }
    checked_text(pointer, text, chars_max)
}

/// The same of what stands behind the question mark.
pub fn checked_parameter(name: &str, text: &str, chars_max: usize) -> Result<(), Problem> {
    let refuse = |says| Problem::because(Kind::InvalidParameter, format!("{name} {says}"));
    fault_of(text, chars_max).map_or(Ok(()), |says| Err(refuse(says)))
}

/// PostgreSQL has no place for a NUL in a text, and nobody types the others.
fn fault_of(text: &str, chars_max: usize) -> Option<String> {
    if text.chars().count() > chars_max {
        return Some(format!("is longer than {chars_max} characters"));
    }
    let cannot_be_shown = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    text.chars().any(cannot_be_shown).then(|| "holds characters that cannot be shown".to_owned())
}

/// A local day, in the years that a `Timestamp` can have.
pub fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    let Some(day) = Option::<NaiveDate>::deserialize(deserializer)? else { return Ok(None) };
    let is_fit = YEARS.contains(&day.year());
    is_fit
        .then_some(Some(day))
        .ok_or_else(|| D::Error::custom("a day is in the years 2000 to 2199"))
}

/// The same where there must be one.
pub fn required_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    day(deserializer)?.ok_or_else(|| D::Error::custom("is a day such as 2026-11-24"))
}

/// How many a list holds at most: 1 to 500, and 100 when nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(pub i64);

impl Default for Limit {
    fn default() -> Self {
        Self(100)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let limit = i64::deserialize(deserializer)?;
        let is_fit = (1..=500).contains(&limit);
        is_fit.then_some(Self(limit)).ok_or_else(|| D::Error::custom("limit is 1 to 500"))
    }
}

/// Where a page begins that was asked for by `next` of the page before: behind that instant and id.
pub fn page_mark<Id: FromStr>(after: &str) -> Result<Option<(Instant, Id)>, Problem> {
    if after.is_empty() {
        return Ok(None);
    }
    let read = || {
        let (ms, id) = after.split_once('-')?;
        Some((Instant::from_ms(ms.parse().ok()?), id.parse().ok()?))
    };
    let says = "after is `next` of the page before";
    read().map(Some).ok_or_else(|| Problem::because(Kind::InvalidParameter, says))
}

/// What [`page_mark`] reads, when a page is full and there may be more.
pub fn next_page<T, Id: Display>(
    page: &[T],
    at_most: i64,
    mark: impl Fn(&T) -> (Instant, Id),
) -> Option<String> {
    let is_full = i64::try_from(page.len()) == Ok(at_most);
    let (at, id) = mark(page.last().filter(|_| is_full)?);
    Some(format!("{}-{id}", at.ms()))
}

/// A JSON body, not read yet. A handler has its caller before it reads: whoever may not ask is told
/// so, and nothing that they sent is looked at.
pub struct Body<T> {
    payload: Payload,
    is_json: bool,
    holds: PhantomData<T>,
}

impl<T> FromRequest for Body<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = is_of_kind(request, &["application/json"]);
        ready(Ok(Self { payload: payload.take(), is_json, holds: PhantomData }))
    }
}

impl<T: DeserializeOwned> Body<T> {
    /// Refusals name the field.
    pub async fn read(self) -> Result<T, Problem> {
        if !self.is_json {
            return Err(Problem::new(Kind::WrongMediaType));
        }
        parse(&read(self.payload, BODY_BYTES_MAX).await?)
    }
}

fn is_of_kind(request: &HttpRequest, kinds: &[&str]) -> bool {
    request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<actix_web::mime::Mime>().ok())
        .is_some_and(|mime| kinds.contains(&mime.essence_str()))
}

/// A JSON text on each line, not read yet.
pub struct Lines {
    payload: Payload,
    are_lines: bool,
}

impl FromRequest for Lines {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let kinds = ["application/x-ndjson", "application/geo+json-seq"];
        let are_lines = is_of_kind(request, &kinds);
        ready(Ok(Self { payload: payload.take(), are_lines }))
    }
}

impl Lines {
    pub async fn read(self) -> Result<Bytes, Problem> {
        if !self.are_lines {
            let says = "send lines of GeoJSON as application/x-ndjson";
            return Err(Problem::because(Kind::WrongMediaType, says));
        }
        read(self.payload, LINES_BYTES_MAX).await
    }
}

async fn read(mut payload: Payload, bytes_max: usize) -> Result<Bytes, Problem> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk =
            chunk.map_err(|error| Problem::because(Kind::UnreadableBody, error.to_string()))?;
        if bytes.len() + chunk.len() > bytes_max {
            return Err(Problem::new(Kind::BodyTooLarge));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(&mut json, &mut track);
    let read = T::deserialize(tracked).and_then(|value| json.end().map(|()| value));
    read.map_err(|error| {
        if error.is_data() {
            let says = error.to_string();
            let says = says.split(" at line ").next().unwrap_or(&says).to_owned();
            Problem::field(crate::import_file::json_pointer(&track.path()), says)
        } else {
            Problem::because(Kind::UnreadableBody, error.to_string())
        }
    })
}
