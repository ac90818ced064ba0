use chrono::Days;
use proptest::prelude::*;

use super::*;
use crate::word::Word;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[track_caller]
fn check(division: Division, on: &str, name: Option<&str>) {
    assert_eq!(Holidays::shipped(division).name(day(on)), Ok(name), "{on}");
}

#[test]
fn special_days_and_substitutes_are_on_the_shipped_lists() {
    let rows = [
        ("2020-05-04", None),
        ("2020-05-08", Some("Early May bank holiday (VE day)")),
        ("2021-12-25", None),
        ("2021-12-27", Some("Christmas Day (substitute day)")),
        ("2022-05-30", None),
        ("2022-06-02", Some("Spring bank holiday")),
        ("2022-06-03", Some("Platinum Jubilee bank holiday")),
        ("2022-09-19", Some("Bank holiday for the State Funeral of Queen Elizabeth II")),
        ("2023-05-08", Some("Bank holiday for the coronation of King Charles III")),
        ("2026-04-03", Some("Good Friday")),
        ("2026-12-26", None),
        ("2026-12-28", Some("Boxing Day (substitute day)")),
        ("2028-01-03", Some("New Year's Day (substitute day)")),
    ];
    for (on, name) in rows {
        check(Division::EnglandAndWales, on, name);
        check(Division::NorthernIreland, on, name);
    }
    check(Division::NorthernIreland, "2027-07-12", Some("Battle of the Boyne (Orangemen's Day)"));
    check(Division::NorthernIreland, "2029-03-19", Some("St Patrick's Day (substitute day)"));
    check(Division::EnglandAndWales, "2027-07-12", None);
}

#[test]
fn past_either_end_of_the_list_is_not_known() {
    for division in Division::ALL {
        let holidays = Holidays::shipped(*division);
        assert_eq!(holidays.last_day_covered(), Some(day("2035-12-31")));
        assert_eq!(holidays.is_holiday(day("2035-12-26")), Ok(true));
        for outside in [day("2036-01-01"), day("2018-12-31")] {
            assert_eq!(holidays.is_holiday(outside), Err(NotCovered { day: outside }));
        }
        assert_eq!(holidays.is_working_day(day("2036-01-02")).ok(), None);
        assert_eq!(holidays.is_working_day(day("2036-01-05")), Ok(false), "a Saturday");
    }
}

#[test]
fn a_list_that_cannot_be_trusted_is_refused_whole() {
    let refused = |text: &str| Holidays::parse(text).unwrap_err();
    let covers = "covers 2026-01-01 2026-12-31\n";
    let line = 2;
    assert_eq!(refused(""), HolidaysRefusal::CoversNothing);
    assert_eq!(refused("2026-12-25 Christmas Day"), HolidaysRefusal::CoversNothing);
    assert_eq!(refused(&format!("{covers}2026-13-01 X")), HolidaysRefusal::NotADay { line });
    assert_eq!(refused(&format!("{covers}2026-12-25")), HolidaysRefusal::NotADay { line });
    assert_eq!(refused(&format!("{covers}{covers}")), HolidaysRefusal::CoversTwice { line });
    let outside = HolidaysRefusal::Outside { line, day: day("2027-01-01") };
    assert_eq!(refused(&format!("{covers}2027-01-01 New Year's Day")), outside);
    let twice = HolidaysRefusal::NamedTwice { line: 3, day: day("2026-12-25") };
    assert_eq!(refused(&format!("{covers}2026-12-25 A\n2026-12-25 B")), twice);
    for bad in ["covers 2026-01-01", "covers 2026-02-01 2026-01-01", "covers x y"] {
        assert_eq!(refused(bad), HolidaysRefusal::NotASpan { line: 1 }, "{bad}");
    }
}

/// The same days by another implementation; see `oracle/deadlines.py`.
#[test]
fn the_shipped_lists_agree_with_the_rules_year_by_year() {
    let mut years = 0;
    for line in include_str!("../../oracle/deadlines.csv").lines() {
        let cells: Vec<_> = line.split('|').collect();
        let ["holidays", year, number, division, days, _] = cells[..] else { continue };
        let holidays = Holidays::shipped(Division::parse(division).unwrap());
        let first = day(&format!("{year}-01-01"));
        let found: Vec<_> = first
            .iter_days()
            .take_while(|day| day.year() == first.year())
            .filter_map(|day| Some(format!("{day} {}", holidays.name(day).unwrap()?)))
            .collect();
        assert_eq!(found.join(";"), days, "{division} {year}");
        assert_eq!(found.len().to_string(), number);
        years += 1;
    }
    assert_eq!(years, 34);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A day that falls at a weekend has its substitute on a weekday.
    #[test]
    fn shipped_holidays_are_weekdays(days in 0..6_200u64) {
        for division in Division::ALL {
            let day = day("2019-01-01") + Days::new(days);
            let holidays = Holidays::shipped(*division);
            if holidays.is_holiday(day) == Ok(true) {
                prop_assert!(!matches!(day.weekday(), Weekday::Sat | Weekday::Sun), "{}", day);
                prop_assert_eq!(holidays.is_working_day(day), Ok(false));
            }
        }
    }

    #[test]
    fn any_text_is_answered(text in "(covers )?[0-9 \\-\\n]{0,40}\\PC{0,20}") {
        let _ = Holidays::parse(&text);
    }
}
