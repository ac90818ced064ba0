use chrono::{NaiveTime, Weekday};

use super::*;

fn span(weekday: Weekday, opens: &str, closes: &str) -> DaySpan {
    let time = |text: &str| format!("{text}:00").parse::<NaiveTime>().unwrap();
    DaySpan { weekday, opens: time(opens), closes: time(closes) }
}

fn hours(spans: &[DaySpan]) -> WeeklyHours {
    WeeklyHours::new("Europe/London", spans).unwrap()
}

#[track_caller]
fn check(hours: &WeeklyHours, at: &str, expected: bool) {
    assert_eq!(hours.contains(Instant::parse_rfc3339(at).unwrap()), expected, "{at}");
}

#[test]
fn the_closing_minute_is_inside_and_nights_run_into_the_next_day() {
    // 24 November 2026 is a Tuesday.
    let school = hours(&[span(Weekday::Tue, "08:00", "09:30")]);
    check(&school, "2026-11-24T07:59:59.999Z", false);
    check(&school, "2026-11-24T08:00:00Z", true);
    check(&school, "2026-11-24T09:30:59.999Z", true);
    check(&school, "2026-11-24T09:31:00Z", false);
    check(&school, "2026-11-25T08:30:00Z", false);
    let night = hours(&[span(Weekday::Sun, "22:00", "06:00")]);
    check(&night, "2026-11-22T21:59:00Z", false);
    check(&night, "2026-11-22T23:00:00Z", true);
    check(&night, "2026-11-23T06:00:00Z", true);
    check(&night, "2026-11-23T06:01:00Z", false);
    check(&night, "2026-11-23T22:30:00Z", false);
}

#[test]
fn hours_are_told_by_the_clock_on_the_wall_in_summer_too() {
    let school = hours(&[span(Weekday::Wed, "08:00", "09:30")]);
    check(&school, "2026-07-01T07:00:00Z", true);
    check(&school, "2026-07-01T08:45:00Z", false);
    // The night on which the clocks go back: 01:30 comes twice, and both are within.
    let early = hours(&[span(Weekday::Sun, "01:00", "01:59")]);
    check(&early, "2026-10-25T00:30:00Z", true);
    check(&early, "2026-10-25T01:30:00Z", true);
    check(&early, "2026-10-25T02:00:00Z", false);
}

#[test]
fn outside_its_hours_a_zone_says_so() {
    let zone = Zone::new(Area::circle(HERE, 500.0).unwrap(), 0.0).unwrap();
    let zone = zone.within_hours(hours(&[span(Weekday::Mon, "08:00", "09:30")]));
    assert_eq!(zone.judge(Some(fix(HERE, 5.0)), noon()).verdict, ZoneVerdict::NotInHours);
    let far = zone.judge(Some(fix(at_m(2_000.0, 0.0), 5.0)), noon());
    assert_eq!(far.verdict, ZoneVerdict::Outside);
}

#[test]
fn hours_that_say_nothing_are_refused() {
    let spans = [span(Weekday::Mon, "08:00", "09:30")];
    assert_eq!(WeeklyHours::new("Europe/London", &[]), Err(ZoneRefusal::HoursEmpty));
    assert!(WeeklyHours::new("Penrith", &spans).unwrap_err().to_string().contains("IANA"));
    let opens = "08:00:30".parse().unwrap();
    let odd = [DaySpan { opens, ..spans[0] }];
    assert_eq!(WeeklyHours::new("Europe/London", &odd), Err(ZoneRefusal::HoursNotWholeMinutes));
}

proptest! {
    #[test]
    fn a_span_of_time_meets_the_hours_if_any_of_its_minutes_does(
        from_min in 0_i64..20_000,
        length_min in 0_i64..2_000,
        opens in 0_u32..1_440,
        closes in 0_u32..1_440,
    ) {
        let time = |minute| NaiveTime::from_hms_opt(minute / 60, minute % 60, 0).unwrap();
        let week = hours(&[
            DaySpan { weekday: Weekday::Thu, opens: time(opens), closes: time(closes) },
        ]);
        // Winter, where no clock changes.
        let from = noon() + from_min * 60_000;
        let meets = (0..=length_min).any(|minute| week.contains(from + minute * 60_000));
        prop_assert_eq!(week.meet(from, from + length_min * 60_000), meets);
    }
}
