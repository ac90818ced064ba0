//! Every way in which an operation can be turned away. `http/problem.rs` gives each its row.

use compliance::concern_report::ReportRefusal;
use compliance::order::OrderRefusal;
use compliance::sealed_record::SealFault;

use crate::import_file::Fault;
use crate::store::{StoreError, WriteError};

#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// It is not there, or the caller may not know that it is.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    #[error("your role does not do this")]
    RoleMayNot,
    #[error("sign in first")]
    NotSignedIn,
    #[error("the username or the password is wrong")]
    WrongCredentials,
    #[error("too many failed tries: wait before the next one")]
    SignInLocked { wait_ms: i64 },
    #[error("too many from there, or in all: wait before the next one")]
    TooOften { wait_ms: i64 },
    #[error("a back-test is under way, and one runs at a time: ask again after `Retry-After`")]
    BackTestUnderWay,
    #[error("the record {0} was called a mistake already")]
    AlreadySuperseded(String),
    #[error("that username is taken")]
    UsernameTaken,
    #[error("another record has this id")]
    RecordConflict,
    #[error("the session has an outcome already")]
    SessionHasOutcome,
    #[error("somebody else must decide this")]
    OtherPersonNeeded,
    #[error("an account with this id exists and is not the same")]
    AccountConflict,
    #[error("a push subscription with this id exists and is not the same")]
    SubscriptionConflict,
    #[error("another phone key has this id, or another account has this key")]
    PhoneKeyConflict,
    #[error("the record {0}")]
    Seal(SealFault),
    /// Each field that cannot be accepted, by its JSON pointer.
    #[error("{}", fields.iter().map(|(at, says)| format!("{at} {says}")).collect::<Vec<_>>().join("; "))]
    Fields { fields: Vec<(String, String)> },
    #[error("no court has made the order yet: record its making first")]
    OrderIsDraft,
    #[error("a court has made the order already: record what happens to it instead")]
    OrderIsMade,
    #[error("the order has ended")]
    OrderHasEnded,
    #[error("the alert is closed")]
    AlertIsClosed,
    #[error("{0}")]
    AlertNeedsDeed(&'static str),
    /// Of an excuse claim, a breach case or a warning: something has to come first, or it is over.
    #[error("{0}")]
    CaseNotReady(String),
    #[error("{0}")]
    CannotSupersede(String),
    #[error("{0}")]
    ReportNotReady(ReportRefusal),
    /// What stands behind the question mark cannot be met.
    #[error("{0}")]
    Parameter(String),
    #[error("{says}")]
    Field { pointer: &'static str, says: String },
    #[error(transparent)]
    Order(#[from] OrderRefusal),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Vec<Fault>> for Refusal {
    fn from(faults: Vec<Fault>) -> Self {
        let field = |fault: Fault| (fault.pointer, fault.says);
        Self::Fields { fields: faults.into_iter().map(field).collect() }
    }
}

impl Refusal {
    pub fn field(pointer: &'static str, says: impl Into<String>) -> Self {
        Self::Field { pointer, says: says.into() }
    }
}

impl WriteError for Refusal {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}
