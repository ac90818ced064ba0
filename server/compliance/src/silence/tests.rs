use proptest::prelude::*;

use super::*;
use crate::holidays::Division;
use crate::instant::{HOUR_MS, MINUTE_MS};
use crate::opening::{OnBankHolidays, OpenSpan};
use crate::status_period::Whereabouts;
use crate::window::Window;

const OPENS: i64 = 100 * HOUR_MS;
const CLOSES: i64 = 102 * HOUR_MS;

fn at(ms: i64) -> Instant {
    Instant::from_ms(ms)
}

fn duty() -> Duty {
    Duty { window: Window { opens_at: at(OPENS), closes_at: at(CLOSES) }, early_from: None }
}

fn nothing(holidays: &Holidays) -> Circumstances<'_> {
    Circumstances { periods: &[], appeals: &[], hours: None, holidays }
}

#[test]
fn silence_says_how_late_it_was_noticed_from_a_minute_on() {
    let holidays = Holidays::shipped(Division::EnglandAndWales);
    let says = |noticed_at: i64| {
        let silence = judge_silence(&duty(), Policy::IN_FORCE, nothing(&holidays), at(noticed_at));
        silence.finding.reasons.into_iter().map(|reason| reason.says).collect::<Vec<_>>()
    };
    assert_eq!(says(CLOSES + RAISED_LATE_AFTER_MS - 1).len(), 1);
    assert_eq!(says(CLOSES + RAISED_LATE_AFTER_MS).len(), 2);
    let late = says(CLOSES + 3 * HOUR_MS + 12 * MINUTE_MS);
    assert!(late[1].starts_with("Found 3 h 12 min after the window closed"), "{late:?}");
}

#[test]
fn what_takes_the_place_of_a_finding_at_its_very_end_is_the_same_silence() {
    let found = |rows: &[(i64, i64)]| -> Vec<(Instant, Option<Instant>)> {
        rows.iter()
            .map(|(from, until)| (at(*from), Some(*until).filter(|it| *it > 0).map(at)))
            .collect()
    };
    // Made certain at 5, judged anew at 9 and made certain at once.
    let rows = found(&[(1, 5), (5, 9), (9, 9), (9, 0)]);
    assert_eq!(noticed_at(at(9), &rows), at(1));
    assert_eq!(noticed_at(at(5), &rows), at(1));
    assert_eq!(noticed_at(at(1), &rows), at(1));
    // An attendance came between.
    let apart = found(&[(1, 5), (8, 0)]);
    assert_eq!(noticed_at(at(8), &apart), at(8));
    assert_eq!(noticed_at(at(3), &[]), at(3));
}

prop_compose! {
    fn a_period()(
        whereabouts in prop::sample::select(vec![
            Whereabouts::Custody,
            Whereabouts::Hospital,
            Whereabouts::Abroad,
        ]),
        from in OPENS - 5 * HOUR_MS..CLOSES + HOUR_MS,
        lasts in 1..9 * HOUR_MS,
    ) -> StatusPeriod {
        StatusPeriod::new(whereabouts, at(from), Some(at(from + lasts)), "record").unwrap()
    }
}

prop_compose! {
    fn an_appeal()(
        lodged in OPENS - 5 * HOUR_MS..CLOSES,
        stayed in prop::option::of(0..5 * HOUR_MS),
        decided in prop::option::of(0..9 * HOUR_MS),
    ) -> Appeal {
        Appeal {
            lodged_at: at(lodged),
            stayed_from: stayed.map(|after| at(lodged + after)),
            decided_at: decided.map(|after| at(lodged + after)),
        }
    }
}

fn some_hours() -> impl Strategy<Value = Option<OpeningHours>> {
    let week = |span: &str| {
        let span = OpenSpan::parse(span).unwrap();
        let days = chrono::Weekday::Mon;
        let week = std::iter::successors(Some(days), |day| Some(day.succ())).take(7);
        let week = week.map(|day| (day, span)).collect();
        OpeningHours { week, on_bank_holidays: OnBankHolidays::AsUsual, closures: Vec::new() }
    };
    let spans = vec![None, Some("00:00-24:00"), Some("04:00-05:30"), Some("20:00-22:00")];
    prop::sample::select(spans).prop_map(move |span| span.map(week))
}

proptest! {
    #[test]
    fn whoever_asks_why_is_told_of_the_silence_that_was_found_and_of_every_reason(
        periods in prop::collection::vec(a_period(), 0..3),
        appeals in prop::collection::vec(an_appeal(), 0..3),
        hours in some_hours(),
        grace_ms in 0..HOUR_MS,
        late_ms in 0..3 * HOUR_MS,
    ) {
        let holidays = Holidays::shipped(Division::EnglandAndWales);
        let of = Circumstances {
            periods: &periods,
            appeals: &appeals,
            hours: hours.as_ref(),
            holidays: &holidays,
        };
        let policy = Policy { grace_ms, early_ms: 0 };
        let noticed_at = at(CLOSES + grace_ms + late_ms);
        let found = judge_silence(&duty(), policy, of, noticed_at);
        let (explained, steps) = explain_silence(&duty(), policy, of, noticed_at);
        prop_assert_eq!(&found, &explained);
        let told: Vec<_> = steps.into_iter().filter_map(|step| step.reason).collect();
        prop_assert_eq!(found.finding.reasons, told);
    }
}
