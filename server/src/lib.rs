//! Holdfast: holds people to stalking protection orders, and proves that it did.
//! `ARCHITECTURE.md` is the map.

pub mod clock;
pub mod identity;
pub mod import_file;
pub mod operations;
pub mod refusal;
pub mod store;
pub mod sweeper;

/// Whole days of orders are days in England and Wales.
pub const ZONE: chrono_tz::Tz = chrono_tz::Europe::London;
