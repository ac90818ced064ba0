//! How instants and words are read out of columns.

use compliance::access::Role;
use compliance::alert::{AlertCloseReason, AlertEventKind, AlertKind, AlertState, Risk, Severity};
use compliance::attendance::{Certainty, Compliance, IdentityMethod, IdentityResult, Outcome};
use compliance::concern_report::{ReportActKind, ReportStatus, Reporter};
use compliance::delivery::{Channel, DeliveryStatus};
use compliance::escalation::RotaKind;
use compliance::fact::{FactKind, TimerKind};
use compliance::order::{ConditionKind, ObligationState, OrderKind, Polarity, VersionReason};
use compliance::order_kind::MadeBy;
use compliance::sealed_record::BeaconSays;
use compliance::task::{TaskCancelReason, TaskCause, TaskKind, TaskState};
use compliance::zone::ZoneVerdict;
use compliance::{Instant, Word};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::sql_types::{BigInt, Nullable, Text};

use super::StoreError;

/// A column of milliseconds.
#[derive(Debug, FromSqlRow)]
pub struct Ms(i64);

impl<DB: Backend> FromSql<BigInt, DB> for Ms
where
    i64: FromSql<BigInt, DB>,
{
    fn from_sql(ms: DB::RawValue<'_>) -> deserialize::Result<Self> {
        <i64 as FromSql<BigInt, DB>>::from_sql(ms).map(Self)
    }
}

impl From<Ms> for Instant {
    fn from(Ms(ms): Ms) -> Self {
        Instant::from_ms(ms)
    }
}

/// A column of milliseconds that may be empty.
#[derive(Debug, FromSqlRow)]
pub struct MaybeMs(Option<i64>);

impl<DB: Backend> FromSql<Nullable<BigInt>, DB> for MaybeMs
where
    Option<i64>: FromSql<Nullable<BigInt>, DB>,
{
    fn from_sql(ms: DB::RawValue<'_>) -> deserialize::Result<Self> {
        <Option<i64> as FromSql<Nullable<BigInt>, DB>>::from_sql(ms).map(Self)
    }

    fn from_nullable_sql(ms: Option<DB::RawValue<'_>>) -> deserialize::Result<Self> {
        <Option<i64> as FromSql<Nullable<BigInt>, DB>>::from_nullable_sql(ms).map(Self)
    }
}

impl From<MaybeMs> for Option<Instant> {
    fn from(MaybeMs(ms): MaybeMs) -> Self {
        ms.map(Instant::from_ms)
    }
}

/// A column that holds a word of a closed vocabulary.
#[derive(Debug, FromSqlRow)]
pub struct Spelled(String);

impl<DB: Backend> FromSql<Text, DB> for Spelled
where
    String: FromSql<Text, DB>,
{
    fn from_sql(text: DB::RawValue<'_>) -> deserialize::Result<Self> {
        <String as FromSql<Text, DB>>::from_sql(text).map(Self)
    }
}

/// A column that may be empty, else holds a word of a closed vocabulary.
#[derive(Debug, FromSqlRow)]
pub struct MaybeSpelled(Option<String>);

impl<DB: Backend> FromSql<Nullable<Text>, DB> for MaybeSpelled
where
    Option<String>: FromSql<Nullable<Text>, DB>,
{
    fn from_sql(text: DB::RawValue<'_>) -> deserialize::Result<Self> {
        <Option<String> as FromSql<Nullable<Text>, DB>>::from_sql(text).map(Self)
    }

    fn from_nullable_sql(text: Option<DB::RawValue<'_>>) -> deserialize::Result<Self> {
        <Option<String> as FromSql<Nullable<Text>, DB>>::from_nullable_sql(text).map(Self)
    }
}

impl TryFrom<MaybeSpelled> for Option<Certainty> {
    type Error = StoreError;

    fn try_from(MaybeSpelled(text): MaybeSpelled) -> Result<Self, StoreError> {
        text.map(|text| Certainty::try_from(Spelled(text))).transpose()
    }
}

macro_rules! spelled {
    ($($word:ident,)+) => {$(
        impl TryFrom<Spelled> for $word {
            type Error = StoreError;

            fn try_from(Spelled(text): Spelled) -> Result<Self, StoreError> {
                $word::parse(&text)
                    .ok_or(StoreError::Corrupt { vocabulary: $word::NAME, value: text })
            }
        }
    )+};
}

spelled! {
    AlertCloseReason,
    AlertEventKind,
    AlertKind,
    AlertState,
    BeaconSays,
    Certainty,
    Channel,
    Compliance,
    ConditionKind,
    DeliveryStatus,
    FactKind,
    IdentityMethod,
    IdentityResult,
    MadeBy,
    ObligationState,
    OrderKind,
    Outcome,
    Polarity,
    ReportActKind,
    ReportStatus,
    Reporter,
    Risk,
    Role,
    RotaKind,
    Severity,
    TaskCancelReason,
    TaskCause,
    TaskKind,
    TaskState,
    TimerKind,
    VersionReason,
    ZoneVerdict,
}
