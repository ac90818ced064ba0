//! The rules of a protection order.
//!
//! This crate decides; it knows no clock, database, network or JSON. Time, ids and randomness are
//! arguments, so that every decision can be made again later from the same facts.
//!
//! The words, one for each thing, in code, API, tables and screens:
//!
//! * **order**: what the court made; its text is in **versions**, each with **conditions**.
//! * **kind**: what sort of order it is: a row of a table, which says what its statute asks.
//! * **subject**: the person whom the order binds. The order is not a finding of guilt.
//! * **sign-on**: attending a named station in a **window** and being recorded there.
//! * **schedule**: the rule that says when a condition asks for a sign-on.
//! * **obligation**: one dated duty, made from a schedule.
//! * **check-in**: the record that somebody attended; a fact, superseded but never edited.
//! * **finding**: what a check-in or silence means, with its reasons.
//! * **deadline**: the instant at which a period is over, with its arithmetic and its basis.
//! * **notification**: the statute's own duty to tell the police names and addresses, in person.
//! * **status period**: custody, hospital or abroad, with evidence and an end.
//! * **warning**: what officers should know before they meet the subject, for the safety of either.
//! * **zone**: ground that the subject must keep away from; the court's map stays the authority.
//! * **sighting**: when and where the subject was, and who says so.
//! * **alert**: somebody must look. It is not a breach: that, a named person decides.
//! * **escalation**: an alert climbs a **ladder** of **rungs** until somebody has decided.
//! * **excuse claim**: what was said to excuse a failure; another person accepts or rejects it.
//! * **breach case**: a suspected breach and what became of it; a sergeant or above decides.
//! * **concern report**: somebody is worried. Every one is investigated, none is let go.
//! * **task**: what else has to be done about an order, by whom and until when.
//! * **evidence pack**: what is on file about a breach case, as files with their digests.
//! * **invariant**: what must be true of the records at every moment; looked for each day.
//! * **ledger**: the hash-chained record of every fact and of every reading of a case.
//! * **seal**: what the ledger covers of a fact: its digest, together with a salt.
//! * **phone key**: with what a phone signs; enrolled by an account, it expires and can be revoked.
//! * **sealed record**: what a phone signed, numbered and chained; its seal is the phone's, not the ledger's.
//! * **beacon**: a time of the service's own, which a phone puts into what it signs.

pub mod access;
pub mod alert;
pub mod attendance;
pub mod back_test;
pub mod breach_case;
pub mod checkability;
pub mod concern_report;
pub mod conflicts;
pub mod deadline;
pub mod delivery;
pub mod device;
pub mod escalation;
pub mod evidence;
pub mod excuse;
pub mod fact;
pub mod held_record;
pub mod holidays;
pub mod instant;
pub mod invariant;
pub mod ledger;
pub mod lint;
pub mod notification;
pub mod offence;
pub mod opening;
pub mod order;
pub mod order_kind;
pub mod order_status;
pub mod percentile;
pub mod person;
pub mod place;
pub mod prohibition;
pub mod replay;
pub mod schedule;
pub mod sealed_record;
pub mod silence;
pub mod status_period;
pub mod task;
pub mod trace;
pub mod treatment;
pub mod triage;
pub mod window;
pub mod word;
pub mod zone;

pub use instant::Instant;
pub use schedule::{Schedule, ScheduleRefusal, ScheduleText};
pub use window::Window;
pub use word::Word;
