//! Holdfast: holds people to stalking protection orders, and proves that it did.
//! `ARCHITECTURE.md` is the map.

pub mod clock;
pub mod identity;
pub mod store;
