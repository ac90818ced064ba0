//! The rules of a protection order.
//!
//! This crate decides; it knows no clock, database, network or JSON. Time, ids and randomness are
//! arguments, so that every decision can be made again later from the same facts.

pub mod instant;
pub mod schedule;
pub mod window;

pub use instant::Instant;
pub use schedule::{Schedule, ScheduleRefusal, ScheduleText};
pub use window::Window;
