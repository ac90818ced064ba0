use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::attendance::{Duty, Policy, Reason};
use crate::holidays::{Division, Holidays};
use crate::instant::{HOUR_MS, Instant, UK};
use crate::opening::{Closure, OnBankHolidays, OpeningHours};
use crate::order_status::Appeal;
use crate::silence::{Circumstances, judge_silence};
use crate::status_period::{StatusPeriod, Whereabouts};
use crate::window::Window;
use crate::word::Word;

#[test]
fn the_defence_reads_nothing_of_the_ledger_that_is_not_on_the_list() {
    for act in ["confirm_sign_on", "find_missed", "raise_alert", "close_alert", READ_FOR_PACK] {
        assert!(is_open_entry(act), "{act}");
    }
    for act in [
        "record_fact",
        "supersede_fact",
        "supersede_check_in",
        "keep_conflict",
        "record_concern",
        "act_on_concern",
        "ingest_positions",
        "import_order",
        "import_version",
        "record_version",
        "record_order",
        "list_provider_sessions",
        "list_notifications",
        MADE_PACK,
        "something_new",
    ] {
        assert!(!is_open_entry(act), "{act}");
    }
}

#[test]
fn what_is_about_zones_tags_reports_tasks_and_warnings_is_sensitive() {
    let sensitive: Vec<&str> = AlertKind::ALL
        .iter()
        .filter(|kind| is_sensitive_alert(**kind))
        .map(|kind| kind.as_str())
        .collect();
    let about = ["concern", "report", "zone", "feed", "task"];
    let named: Vec<&str> = AlertKind::ALL
        .iter()
        .map(|kind| kind.as_str())
        .filter(|word| about.iter().any(|start| word.starts_with(start)))
        .collect();
    assert_eq!(sensitive, named);
    for kind in FactKind::ALL {
        let about = ["sighting", "feed", "task", "warning"];
        let is_about = about.iter().any(|start| kind.as_str().starts_with(start));
        assert_eq!(place_of(*kind) == FactPlace::Sensitive, is_about, "{kind}");
    }
}

const TYPED: &str = "to her mother's in Penrith";

/// What silence means for a window of an hour, with circumstances of which people typed parts.
fn silent(periods: &[StatusPeriod], closures: Vec<Closure>, appeals: &[Appeal]) -> Vec<Reason> {
    let duty = Duty { window: Window { opens_at: at(10), closes_at: at(11) }, early_from: None };
    let on_bank_holidays = OnBankHolidays::Closed;
    let hours = OpeningHours { week: Vec::new(), on_bank_holidays, closures };
    let holidays = Holidays::shipped(Division::EnglandAndWales);
    let of = Circumstances { periods, appeals, hours: Some(&hours), holidays: &holidays };
    judge_silence(&duty, Policy::IN_FORCE, of, at(13)).finding.reasons
}

/// Of 1 December 2026.
fn at(hour: i64) -> Instant {
    Instant::parse_rfc3339("2026-12-01T00:00:00Z").unwrap() + hour * HOUR_MS
}

#[test]
fn a_reason_that_repeats_what_was_typed_is_not_open_and_every_other_is() {
    let period = |from, until| {
        StatusPeriod::new(Whereabouts::Hospital, at(from), Some(at(until)), TYPED).unwrap()
    };
    let day = at(0).local_date(UK);
    let closure = Closure::new(day, Some(day), TYPED).unwrap();
    let stay = |decided_at| Appeal { lodged_at: at(1), stayed_from: Some(at(1)), decided_at };
    let mut seen = BTreeSet::new();
    for reasons in [
        silent(&[period(9, 12)], vec![closure], &[stay(None)]),
        silent(&[period(9, 10), period(10, 11)], Vec::new(), &[stay(Some(at(10) + 1))]),
        silent(&[period(10, 12), period(8, 10)], Vec::new(), &[]),
        silent(
            &[StatusPeriod::new(Whereabouts::Abroad, at(10) + 1, Some(at(12)), TYPED).unwrap()],
            Vec::new(),
            &[],
        ),
    ] {
        for Reason { code, says } in reasons {
            assert_eq!(is_open_reason(code), !says.contains(TYPED), "{code}: {says}");
            seen.insert(code);
        }
    }
    for code in ["status-period", "status-period-in-part", "station-closed", "order-suspended"] {
        assert!(seen.contains(code), "{code}: {seen:?}");
    }
    assert!(!is_open_reason("something-new"));
}

#[test]
fn every_reason_for_withholding_is_marked_and_explained() {
    for what in Withheld::ALL {
        assert!(what.marker().starts_with("[WITHHELD"), "{what}");
        assert!(what.why().ends_with('.'), "{what}");
    }
}

#[test]
fn initials_leave_the_rank_out() {
    for (name, expected) in [
        ("DC Asha Mercer", "AM"),
        ("PC Lena Frost", "LF"),
        ("Sgt Dawn Pike", "DP"),
        ("Officer officer.7", ""),
        ("Di Marsh", "DM"),
        ("DI Marsh", "M"),
        ("Ch. Insp. Dee Ci", "DC"),
        ("DCI", ""),
        ("Élodie van der Berg", "ÉB"),
        ("", ""),
    ] {
        assert_eq!(initials(name), expected, "{name}");
    }
}

proptest! {
    #[test]
    fn initials_are_capitals_of_the_name(name in "\\PC{0,40}") {
        for letter in initials(&name).chars() {
            prop_assert!(letter.is_uppercase() && name.contains(letter));
        }
    }
}
