//! The training environment: a fictional county force, made by the real engine under a simulated
//! clock from a seed. No row is written by hand.

pub mod force;
pub mod history;
pub mod phones;
pub mod places;
pub mod treatment;
