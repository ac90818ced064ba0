//! Holdfast: holds people to stalking protection orders, and proves that it did.
//! `ARCHITECTURE.md` is the map.

pub mod app;
pub mod beacon;
pub mod checker;
pub mod clock;
pub mod commands;
pub mod config;
pub mod csv;
pub mod demo;
pub mod http;
pub mod identity;
pub mod import_file;
pub mod mail;
pub mod officer_app;
pub mod operations;
pub mod pack;
pub mod phone_seal;
pub mod push;
pub mod receipt;
pub mod refusal;
pub mod service;
pub mod store;
pub mod stream;
pub mod sweeper;
mod token_key;
pub mod watchdog;
pub mod webhook;
pub mod worker;

/// Whole days of orders are days in England and Wales.
pub const ZONE: chrono_tz::Tz = chrono_tz::Europe::London;

/// Writing a sign-on allocates some hundred times; the system's allocator takes a sixth of it all.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
