//! Ids: one type for each kind of thing, so that one cannot be taken for another.

use std::fmt;
use std::str::FromStr;

use compliance::Instant;
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Binary;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$about:meta])* $name:ident,)+) => {$(
        $(#[$about])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            AsExpression, FromSqlRow, Serialize, Deserialize, utoipa::ToSchema,
        )]
        #[diesel(sql_type = Binary)]
        #[serde(transparent)]
        #[schema(value_type = String, format = Uuid)]
        pub struct $name(Uuid);

        impl $name {
            pub fn uuid(self) -> Uuid {
                self.0
            }

            pub fn as_bytes(&self) -> &[u8] {
                self.0.as_bytes()
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                Uuid::from_str(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl<DB: Backend> ToSql<Binary, DB> for $name
        where
            [u8]: ToSql<Binary, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                <[u8] as ToSql<Binary, DB>>::to_sql(self.as_bytes(), out)
            }
        }

        impl<DB: Backend> FromSql<Binary, DB> for $name
        where
            Vec<u8>: FromSql<Binary, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
                let bytes = <Vec<u8> as FromSql<Binary, DB>>::from_sql(bytes)?;
                Ok(Self(Uuid::from_slice(&bytes)?))
            }
        }
    )+};
}

ids! {
    AccountId,
    AlertEventId,
    /// Of alerts that were raised together and are told as one.
    AlertGroupId,
    AlertId,
    CheckInId,
    ClosureId,
    /// Of a report of concern.
    ConcernId,
    ConcernActId,
    ConditionId,
    ConflictId,
    DeliveryId,
    /// Of a fact, and of what facts are about: the fact that began it.
    FactId,
    FeedId,
    FindingId,
    LadderId,
    ObligationId,
    OrderId,
    OrderVersionId,
    ProviderId,
    ProviderLinkId,
    PositionId,
    /// Of a phone at a station.
    PhoneId,
    /// Of the key with which a phone signs; made by the phone.
    PhoneKeyId,
    PushSubscriptionId,
    RotaEntryId,
    ScheduleId,
    StationId,
    StreamId,
    StayId,
    SubjectId,
    TaskId,
    /// Proves that whoever settles a job is the one who leased it.
    LeaseId,
}

impl ObligationId {
    /// When the duty was put on file: only the service makes these ids, and an id of version 7 begins
    /// with its time (RFC 9562).
    pub fn made_at(self) -> Option<Instant> {
        let (seconds, nanos) = self.0.get_timestamp()?.to_unix();
        let ms = i64::try_from(seconds).ok()?.checked_mul(1_000)?;
        Some(Instant::from_ms(ms + i64::from(nanos / 1_000_000)))
    }
}
