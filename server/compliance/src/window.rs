//! The span of time in which a duty is to be done.

use crate::instant::Instant;

/// Half-open: attending at `opens_at` counts, at `closes_at` no longer does. The closing minute that
/// an order states is inside, because `closes_at` is put at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    pub opens_at: Instant,
    pub closes_at: Instant,
}

impl Window {
    pub fn contains(&self, at: Instant) -> bool {
        self.opens_at <= at && at < self.closes_at
    }
}
