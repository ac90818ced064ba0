//! The training environment: a fictional county force, made by the real engine under a simulated
//! clock from a seed. No row is written by hand.

pub mod calendar;
pub mod concerns;
pub mod devices;
pub mod force;
pub mod history;
pub mod life;
pub mod orders;
pub mod persons;
pub mod phones;
pub mod places;
pub mod script;
pub mod silhouette;
pub mod treatment;
