use proptest::prelude::*;

use super::*;
use crate::word::Word;

#[test]
fn the_defence_reads_nothing_of_the_ledger_that_is_not_on_the_list() {
    let open = |act, fact| is_open_entry(act, fact);
    assert!(open("confirm_sign_on", None));
    assert!(open("record_fact", Some(FactKind::ServiceAttempted)));
    for act in [
        "record_concern",
        "act_on_concern",
        "ingest_positions",
        "import_order",
        "import_version",
        "record_version",
        "record_order",
        "list_provider_sessions",
        "list_notifications",
        "something_new",
    ] {
        assert!(!open(act, None), "{act}");
    }
    // An entry about a fact that the pack does not know of tells nothing.
    assert!(!open("record_fact", None));
    for kind in FactKind::ALL {
        let is_open = place_of(*kind) == FactPlace::Exhibited;
        assert_eq!(open("record_fact", Some(*kind)), is_open, "{kind}");
        assert_eq!(open("supersede_fact", Some(*kind)), is_open, "{kind}");
    }
}

#[test]
fn what_is_about_zones_tags_and_reports_is_sensitive() {
    let sensitive: Vec<&str> = AlertKind::ALL
        .iter()
        .filter(|kind| is_sensitive_alert(**kind))
        .map(|kind| kind.as_str())
        .collect();
    let about = ["concern", "report", "zone", "feed"];
    let named: Vec<&str> = AlertKind::ALL
        .iter()
        .map(|kind| kind.as_str())
        .filter(|word| about.iter().any(|start| word.starts_with(start)))
        .collect();
    assert_eq!(sensitive, named);
    for kind in [FactKind::Sighting, FactKind::FeedStarted, FactKind::FeedEnded] {
        assert_eq!(place_of(kind), FactPlace::Sensitive, "{kind}");
    }
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
