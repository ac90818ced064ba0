//! What is refused and how it is said; how a schedule is read back.

use super::{Entry, clock, day, days, entry};
use crate::schedule::ScheduleRefusal;

fn check_refused(rrule: &str, expected: &str) {
    let refused = entry("2026-09-07", rrule).try_read().unwrap_err().to_string();
    assert!(refused.contains(expected), "{rrule}: {refused}");
    assert!(refused.ends_with('.'), "{refused}");
}

#[test]
fn rules_that_cannot_be_kept_are_refused() {
    let rows = [
        ("FREQ=HOURLY", "not FREQ=HOURLY"),
        ("FREQ=SECONDLY;INTERVAL=1", "not FREQ=SECONDLY"),
        ("FREQ=DAILY;BYHOUR=9", "BYHOUR is not allowed"),
        ("FREQ=DAILY;BYMINUTE=0", "BYMINUTE is not allowed"),
        ("FREQ=DAILY;BYSECOND=0", "BYSECOND is not allowed"),
        ("FREQ=YEARLY;BYEASTER=0", "BYEASTER is not allowed"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL must be"),
        ("FREQ=DAILY;INTERVAL=367", "INTERVAL must be"),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL must be"),
        ("FREQ=DAILY;COUNT=0", "COUNT must be"),
        ("FREQ=DAILY;COUNT=10001", "COUNT must be"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20270101", "not by both"),
        ("FREQ=DAILY;UNTIL=2027", "UNTIL=2027 is not a date"),
        ("FREQ=DAILY;UNTIL=20270230", "UNTIL=20270230 is not a date"),
        ("FREQ=DAILY;UNTIL=20270101T000000", "is not a date"),
        ("INTERVAL=2", "FREQ is missing"),
        ("FREQ=FORTNIGHTLY", "FREQ=FORTNIGHTLY is not a frequency"),
        ("RRULE:FREQ=DAILY", "\"RRULE:FREQ\" is not a part of a rule"),
        ("FREQ=DAILY;", "\"\" is not of the form NAME=VALUE"),
        ("FREQ=DAILY;FREQ=WEEKLY", "FREQ is given twice"),
        ("FREQ=WEEKLY;BYDAY=MO,XX", "\"XX\" is not a weekday"),
        ("FREQ=MONTHLY;BYDAY=XMO", "\"XMO\" is not a numbered weekday"),
        ("FREQ=MONTHLY;BYDAY=0MO", "\"0MO\" is not a numbered weekday"),
        ("FREQ=WEEKLY;BYDAY=1MO", "needs FREQ=MONTHLY"),
        ("FREQ=MONTHLY;BYDAY=MO,1TU", "mixes"),
        ("FREQ=YEARLY;BYWEEKNO=20", "needs BYDAY"),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=1MO", "cannot be used with BYWEEKNO"),
        ("FREQ=DAILY;BYDAY=MO;BYSETPOS=1", "BYSETPOS cannot be used with FREQ=DAILY"),
        ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=999", "\"999\" is not a number for BYMONTHDAY"),
        ("FREQ=YEARLY;BYMONTH=13", "BYMONTH must be from 1 to 12"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "read: BYMONTHDAY can not be used"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "no date in the ten years"),
        ("FREQ=MONTHLY;BYMONTH=4,6;BYMONTHDAY=31,-31", "no date in the ten years"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TU", "no date in the ten years"),
        ("FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=3", "no date in the ten years"),
        ("FREQ=YEARLY;INTERVAL=11;BYMONTH=1", "no date in the ten years"),
        ("", "NAME=VALUE"),
    ];
    for (rrule, expected) in rows {
        if rrule.is_empty() {
            let empty = Entry { rrule: Some(String::new()), ..entry("2026-09-07", "") };
            assert!(empty.try_read().unwrap_err().to_string().contains(expected));
        } else {
            check_refused(rrule, expected);
        }
    }
}

#[test]
fn limits_hold_at_their_edges() {
    let refusal = |entry: &Entry| entry.try_read().err();
    let plain = entry("2026-09-07", "FREQ=DAILY");

    let unknown = plain.clone().zone("Europe/Londn");
    let expected = ScheduleRefusal::UnknownZone { zone: "Europe/Londn".to_owned() };
    assert_eq!(refusal(&unknown), Some(expected));

    let seconds = |opens: &str, closes: &str| refusal(&plain.clone().times(opens, closes));
    assert_eq!(seconds("10:00:01", "12:00:00"), Some(ScheduleRefusal::NotWholeMinutes));
    assert_eq!(seconds("10:00:00", "12:00:00.001"), Some(ScheduleRefusal::NotWholeMinutes));

    for (starts_on, is_read) in
        [("1999-12-31", false), ("2000-01-01", true), ("2099-12-31", true), ("2100-01-01", false)]
    {
        assert_eq!(entry(starts_on, "FREQ=DAILY").try_read().is_ok(), is_read, "{starts_on}");
    }

    let year = |count: u64| (0..count).map(|n| day("2026-01-01") + chrono::Days::new(n)).collect();
    assert_eq!(refusal(&Entry { exdates: year(400), rdates: year(400), ..plain.clone() }), None);
    for many in [
        Entry { exdates: year(401), ..plain.clone() },
        Entry { rdates: year(401), ..plain.clone() },
    ] {
        assert_eq!(refusal(&many), Some(ScheduleRefusal::TooManyDates));
    }
    let late = Entry { rdates: days("2200-01-01"), ..plain.clone() };
    assert!(matches!(refusal(&late), Some(ScheduleRefusal::ExtraDateOutOfRange { .. })));

    let long = |length: usize| format!("FREQ=DAILY;BYMONTH=1{}", ",1".repeat(length / 2 - 10));
    assert_eq!(long(200).len(), 200);
    assert_eq!(refusal(&entry("2026-09-07", &long(200))), None);
    assert_eq!(refusal(&entry("2026-09-07", &long(202))), Some(ScheduleRefusal::RuleTooLong));
}

fn check_words(entry: &Entry, expected: &str) {
    assert_eq!(entry.read().in_words(), expected);
}

#[test]
fn rules_with_words_are_read_back() {
    let rows = [
        ("FREQ=DAILY", "Every day"),
        ("FREQ=DAILY;INTERVAL=3", "Every 3 days"),
        ("FREQ=DAILY;BYMONTH=7,6", "Every day in June and July"),
        ("FREQ=DAILY;BYDAY=SA,SU", "Every Saturday and Sunday"),
        ("FREQ=WEEKLY", "Every Monday"),
        ("FREQ=WEEKLY;BYDAY=TH,MO", "Every Monday and Thursday"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "Every day"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR", "Every 2 weeks on Monday and Friday"),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;WKST=SU",
            "Every 2 weeks on Monday (weeks begin on Sunday)",
        ),
        ("FREQ=MONTHLY;BYMONTHDAY=1", "On day 1 of every month"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", "On day 1 and day 15 of every month"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "On the last day of every month"),
        ("FREQ=MONTHLY;BYMONTHDAY=31", "On day 31 of every month, where there is one"),
        ("FREQ=MONTHLY;INTERVAL=3", "On day 7 of the month, every 3 months"),
        ("FREQ=MONTHLY;BYDAY=1MO,-1FR", "On the first Monday and the last Friday of every month"),
        ("FREQ=MONTHLY;BYDAY=5MO", "On the fifth Monday of every month, where there is one"),
        ("FREQ=MONTHLY;BYDAY=MO", "Every Monday"),
        (
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
            "On day 29 of February every year, where there is one",
        ),
        ("FREQ=YEARLY;INTERVAL=2", "On day 7 of September, every 2 years"),
        ("FREQ=YEARLY;BYMONTH=5;BYDAY=1MO", "On the first Monday of May every year"),
    ];
    for (rrule, expected) in rows {
        let expected = format!("{expected}, 10:00 to 12:00, from Mon 7 Sep 2026");
        check_words(&entry("2026-09-07", rrule), &expected);
    }
}

#[test]
fn rules_without_words_are_quoted() {
    for rrule in [
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "FREQ=YEARLY;BYYEARDAY=100",
        "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
        "FREQ=YEARLY;BYDAY=20MO",
        "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        "FREQ=MONTHLY;BYMONTHDAY=-6",
        "FREQ=DAILY;INTERVAL=2;BYDAY=MO",
        "FREQ=WEEKLY;INTERVAL=2;BYMONTH=6",
        "FREQ=MONTHLY;INTERVAL=2;BYDAY=MO",
        "FREQ=MONTHLY;INTERVAL=2;BYMONTH=9;BYMONTHDAY=1",
        "FREQ=YEARLY;INTERVAL=2;BYMONTHDAY=1",
    ] {
        let expected = format!("By the rule \"{rrule}\", 10:00 to 12:00, from Mon 7 Sep 2026");
        let words = entry("2026-09-07", rrule).read().in_words();
        assert!(words.starts_with(&expected), "{words}");
    }
}

#[test]
fn ends_exceptions_and_extra_dates_are_read_back() {
    let weekly = |end: &str| entry("2026-09-07", &format!("FREQ=WEEKLY;BYDAY=MO,TH{end}"));
    let start = "Every Monday and Thursday, 10:00 to 12:00, from Mon 7 Sep 2026";
    check_words(&weekly("").except("2026-12-25"), &format!("{start}, not on Fri 25 Dec 2026"));
    check_words(
        &weekly(";UNTIL=20270107T120000Z").and("2026-12-29 2026-12-23"),
        &format!(
            "{start}, up to and including Thu 7 Jan 2027, also on Wed 23 Dec 2026 and Tue 29 Dec 2026"
        ),
    );
    check_words(&weekly(";COUNT=10"), &format!("{start}, the first 10 such dates"));
    check_words(&weekly(";COUNT=1"), &format!("{start}, the first such date only"));
    check_words(
        &entry("2026-09-09", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;UNTIL=20261231"),
        "Every 2 weeks on Monday, 10:00 to 12:00, from Wed 9 Sep 2026 (first on Mon 21 Sep 2026), \
         up to and including Thu 31 Dec 2026",
    );
    let night = Entry {
        opens: clock("22:00:00"),
        closes: clock("02:00:00"),
        ..entry("2026-09-07", "FREQ=DAILY")
    };
    check_words(&night, "Every day, 22:00 to 02:00 the next day, from Mon 7 Sep 2026");
    check_words(
        &entry("2026-09-07", "").and("2026-09-09").except("2026-09-07"),
        "On Mon 7 Sep 2026 and Wed 9 Sep 2026, 10:00 to 12:00, not on Mon 7 Sep 2026",
    );
}
