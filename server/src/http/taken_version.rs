//! What is answered when an order, or a version of one, has been taken in.

use serde::Serialize;
use utoipa::ToSchema;

use super::record::Record;
use crate::operations::record_order::Taken;

/// A version on file, and what is doubtful about its terms.
#[derive(Serialize, ToSchema)]
pub struct TakenVersion {
    pub record: Record,
    /// The number of the latest version; none of a draft.
    pub version: Option<i64>,
    /// They never block. Look at them with the court's order in hand.
    pub warnings: Vec<TermsWarning>,
}

/// Something about the terms of an order that may not be as the court meant it, or cannot be kept.
#[derive(Serialize, ToSchema)]
pub struct TermsWarning {
    #[schema(example = "station_closed")]
    pub code: String,
    pub says: String,
}

impl From<Taken> for TakenVersion {
    fn from(taken: Taken) -> Self {
        let warning = |it: compliance::lint::LintWarning| TermsWarning {
            code: it.code.to_string(),
            says: format!("{} {}", it.why, it.what_to_do),
        };
        Self {
            record: taken.recorded.into(),
            version: taken.version,
            warnings: taken.warnings.into_iter().map(warning).collect(),
        }
    }
}
