use proptest::prelude::*;

use super::*;
use crate::holidays::Division;
use crate::instant::HOUR_MS;

const WEEKDAYS: [Weekday; 5] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
const ALL_WEEK: [Weekday; 7] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
    Weekday::Sat,
    Weekday::Sun,
];

fn span(text: &str) -> OpenSpan {
    OpenSpan::parse(text).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(&format!("{text}:00Z")).unwrap()
}

fn window(opens: &str, closes: &str) -> Window {
    Window { opens_at: at(opens), closes_at: at(closes) }
}

/// Monday to Friday 10:00 to 22:00, Saturday 09:00 to 19:00, closed on Sundays and bank holidays.
fn counter() -> OpeningHours {
    let mut week: Vec<_> = WEEKDAYS.map(|day| (day, span("10:00-22:00"))).to_vec();
    week.push((Weekday::Sat, span("09:00-19:00")));
    OpeningHours { week, on_bank_holidays: OnBankHolidays::Closed, closures: Vec::new() }
}

fn always() -> OpeningHours {
    OpeningHours {
        week: ALL_WEEK.map(|day| (day, OpenSpan::ALL_DAY)).to_vec(),
        on_bank_holidays: OnBankHolidays::AsUsual,
        closures: Vec::new(),
    }
}

fn judge(hours: &OpeningHours, of: Window) -> Opening {
    hours.judge(of, &Holidays::shipped(Division::EnglandAndWales))
}

#[track_caller]
fn check(hours: &OpeningHours, of: (&str, &str), extent: Extent, reasons: &[&str]) {
    let found = judge(hours, window(of.0, of.1));
    let says: Vec<_> = found.reasons.iter().map(|reason| reason.says.as_str()).collect();
    assert_eq!((found.extent, says.as_slice()), (extent, reasons), "{of:?}");
    assert_eq!(found.may_be_police_fault(), extent != Extent::Whole);
}

#[test]
fn a_window_is_within_the_hours_beside_them_or_across_their_edge() {
    let hours = counter();
    check(&hours, ("2026-11-23T10:00", "2026-11-23T22:00"), Extent::Whole, &[]);
    let monday = "On Mon 23 Nov the station is open from 10:00 to 22:00.";
    check(&hours, ("2026-11-23T09:59", "2026-11-23T12:00"), Extent::Part, &[monday]);
    check(&hours, ("2026-11-23T21:00", "2026-11-23T22:01"), Extent::Part, &[monday]);
    check(&hours, ("2026-11-23T22:00", "2026-11-23T23:00"), Extent::Closed, &[monday]);
    let sunday = "On Sun 22 Nov the station is closed.";
    check(&hours, ("2026-11-22T10:00", "2026-11-22T12:00"), Extent::Closed, &[sunday]);
}

#[test]
fn hours_are_local_through_the_year() {
    check(&counter(), ("2026-07-06T09:00", "2026-07-06T21:00"), Extent::Whole, &[]);
    let monday = "On Mon 6 Jul the station is open from 10:00 to 22:00.";
    check(&counter(), ("2026-07-06T08:59", "2026-07-06T10:00"), Extent::Part, &[monday]);
}

#[test]
fn a_bank_holiday_has_hours_of_its_own() {
    let christmas = ("2026-12-25T10:00", "2026-12-25T12:00");
    let closed = "Fri 25 Dec is a bank holiday (Christmas Day): closed.";
    check(&counter(), christmas, Extent::Closed, &[closed]);
    let short = OpeningHours {
        on_bank_holidays: OnBankHolidays::Open(vec![span("11:00-14:00")]),
        ..counter()
    };
    let says = "Fri 25 Dec is a bank holiday (Christmas Day): open from 11:00 to 14:00.";
    check(&short, christmas, Extent::Part, &[says]);
    let usual = OpeningHours { on_bank_holidays: OnBankHolidays::AsUsual, ..counter() };
    check(&usual, christmas, Extent::Whole, &[]);
}

#[test]
fn past_the_list_of_bank_holidays_nothing_is_known_unless_they_do_not_matter() {
    let later = window("2036-01-02T10:00", "2036-01-02T12:00");
    let found = judge(&counter(), later);
    assert_eq!(found.extent, Extent::NotKnown);
    assert_eq!(found.reasons[0].code, "bank-holidays-not-known");
    let usual = OpeningHours { on_bank_holidays: OnBankHolidays::AsUsual, ..counter() };
    assert_eq!(judge(&usual, later).extent, Extent::Whole);
}

#[test]
fn a_closure_shuts_its_first_and_its_last_day() {
    let closure = Closure::new(day("2026-11-24"), Some(day("2026-11-25")), "burst pipe").unwrap();
    let hours = OpeningHours { closures: vec![closure], ..counter() };
    let says =
        |on| format!("On {on} the station is closed from Tue 24 Nov to Wed 25 Nov (burst pipe).");
    check(&hours, ("2026-11-23T10:00", "2026-11-23T12:00"), Extent::Whole, &[]);
    let rows = [("2026-11-24", "Tue 24 Nov"), ("2026-11-25", "Wed 25 Nov")];
    for (date, on) in rows {
        let of = (format!("{date}T10:00"), format!("{date}T12:00"));
        check(&hours, (&of.0, &of.1), Extent::Closed, &[&says(on)]);
    }
    check(&hours, ("2026-11-26T10:00", "2026-11-26T12:00"), Extent::Whole, &[]);

    let for_good = Closure::new(day("2026-02-28"), None, "counter withdrawn").unwrap();
    let hours = OpeningHours { closures: vec![for_good], ..always() };
    let says = "On Mon 1 Jun the station is closed from Sat 28 Feb until further notice \
                (counter withdrawn).";
    check(&hours, ("2026-06-01T10:00", "2026-06-01T12:00"), Extent::Closed, &[says]);
}

#[test]
fn a_closure_has_a_reason_and_an_order() {
    let refused = |until: &str, reason| Closure::new(day("2026-11-24"), Some(day(until)), reason);
    assert_eq!(refused("2026-11-24", " "), Err(ClosureRefusal::WithoutReason));
    assert!(matches!(refused("2026-11-23", "x"), Err(ClosureRefusal::EndsBeforeItBegins { .. })));
}

#[test]
fn a_station_that_never_closes_is_open_over_midnight_and_clock_changes() {
    check(&always(), ("2026-03-28T20:00", "2026-03-29T08:00"), Extent::Whole, &[]);
    check(&always(), ("2026-10-24T20:00", "2026-10-25T08:00"), Extent::Whole, &[]);
    let found = judge(&always(), window("2026-03-28T20:00", "2026-03-29T08:00"));
    assert_eq!(found.open.len(), 1);
}

#[test]
fn an_evening_past_midnight_is_two_spans() {
    let hours = OpeningHours {
        week: vec![(Weekday::Fri, span("20:00-24:00")), (Weekday::Sat, span("00:00-02:00"))],
        on_bank_holidays: OnBankHolidays::AsUsual,
        closures: Vec::new(),
    };
    check(&hours, ("2026-11-27T20:00", "2026-11-28T02:00"), Extent::Whole, &[]);
    let says = "On Sat 28 Nov the station is open from 00:00 to 02:00.";
    check(&hours, ("2026-11-27T20:00", "2026-11-28T02:01"), Extent::Part, &[says]);
}

#[test]
fn spans_are_read_as_they_are_written() {
    for bad in ["", "10:00", "10:00-10:00", "22:00-10:00", "10:00-25:00", "x-12:00", "24:00-24:00"]
    {
        assert_eq!(OpenSpan::parse(bad), None, "{bad}");
    }
    assert_eq!(OpenSpan::parse("00:00-24:00"), Some(OpenSpan::ALL_DAY));
}

#[test]
fn a_window_of_months_is_not_judged() {
    let found = judge(&always(), window("2026-01-01T00:00", "2029-01-01T00:00"));
    assert_eq!(found.extent, Extent::NotKnown);
}

fn any_hours() -> impl Strategy<Value = OpeningHours> {
    let span = (0..24u32, 0..=24u32).prop_filter_map("opens first", |(from, to)| {
        OpenSpan::parse(&format!("{from:02}:00-{to:02}:00"))
    });
    proptest::collection::vec((proptest::sample::select(ALL_WEEK.to_vec()), span), 0..14).prop_map(
        |week| OpeningHours {
            week,
            on_bank_holidays: OnBankHolidays::Closed,
            closures: Vec::new(),
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// What is open lies in the window, in order and apart; what an instant alone says, the window
    /// says of it.
    #[test]
    fn the_open_parts_are_the_open_instants(
        hours in any_hours(), from in 0..16_000i64 * 24, length in 1..60i64, inside in 0..60i64,
    ) {
        let opens_at = at("2026-01-01T00:00") + from % 80_000 * HOUR_MS;
        let of = Window { opens_at, closes_at: opens_at + length * HOUR_MS };
        let found = judge(&hours, of);
        prop_assert!(found.open.is_sorted_by(|one, next| one.closes_at < next.opens_at));
        for part in &found.open {
            prop_assert!(of.opens_at <= part.opens_at && part.closes_at <= of.closes_at);
        }
        prop_assert_eq!(found.extent == Extent::Whole, found.reasons.is_empty());
        let moment = opens_at + inside % length * HOUR_MS;
        let alone = judge(&hours, Window { opens_at: moment, closes_at: moment + 1 });
        let is_open = found.open.iter().any(|part| part.contains(moment));
        prop_assert_eq!(alone.extent == Extent::Whole, is_open);
    }
}
