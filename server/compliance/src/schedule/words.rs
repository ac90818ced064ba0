//! A schedule in plain English. A rule for which there are no words is quoted: saying nothing is
//! better than saying something else than what the rule does.

use chrono::{Month, NaiveDate, Weekday};

use super::Schedule;
use super::rrule::{DayOfWeek, Frequency, Parts};
use super::rule::Rule;

const ORDINALS: [&str; 5] = ["first", "second", "third", "fourth", "fifth"];

pub(super) fn in_words(schedule: &Schedule) -> String {
    let hours = &schedule.hours;
    let next_day = if hours.closes_next_day() { " the next day" } else { "" };
    let times =
        format!("{} to {}{next_day}", hours.opens.format("%H:%M"), hours.closes.format("%H:%M"));
    let mut words = match &schedule.rule {
        Some(rule) => {
            let days = rule_in_words(&rule.parts).unwrap_or_else(|| quoted(rule));
            let mut words = format!("{days}, {times}, from {}", day(schedule.starts_on));
            // Which is the second week or month depends on the start, even if that is no occurrence.
            let is_in_doubt = rule.parts.interval > 1;
            if let Some(first_on) =
                rule.first_on().filter(|on| is_in_doubt && *on != schedule.starts_on)
            {
                words.push_str(&format!(" (first on {})", day(first_on)));
            }
            words.push_str(&end_in_words(&rule.parts));
            if !schedule.single_dates.is_empty() {
                words.push_str(&format!(", also on {}", days_list(&schedule.single_dates)));
            }
            words
        }
        None => format!("On {}, {times}", days_list(&schedule.single_dates)),
    };
    if !schedule.exdates.is_empty() {
        words.push_str(&format!(", not on {}", days_list(&schedule.exdates)));
    }
    words
}

fn quoted(rule: &Rule) -> String {
    format!("By the rule \"{}\"", rule.text)
}

fn end_in_words(parts: &Parts) -> String {
    match (parts.until, parts.count) {
        (Some(until), _) => format!(", up to and including {}", day(until)),
        (None, Some(1)) => ", the first such date only".to_owned(),
        (None, Some(count)) => format!(", the first {count} such dates"),
        (None, None) => String::new(),
    }
}

fn rule_in_words(parts: &Parts) -> Option<String> {
    let has_no_words = !parts.year_days.is_empty()
        || !parts.week_numbers.is_empty()
        || !parts.set_positions.is_empty();
    if has_no_words {
        return None;
    }
    let is_numbered = parts.weekdays.iter().any(|day| day.nth.is_some());
    match (parts.frequency, parts.weekdays.is_empty(), parts.month_days.is_empty()) {
        (Frequency::Daily, true, true) => every_day(parts),
        (Frequency::Monthly | Frequency::Yearly, true, false) => {
            let days: Option<Vec<_>> = parts.month_days.iter().map(|n| month_day(*n)).collect();
            let is_rare = parts.month_days.iter().any(|day| day.unsigned_abs() > 28);
            of_months(parts, &days?, is_rare)
        }
        (Frequency::Monthly | Frequency::Yearly, false, true) if is_numbered => {
            // Without a month, the first Monday of a yearly rule is the first of the year.
            if parts.frequency == Frequency::Yearly && parts.months.is_empty() {
                return None;
            }
            let days: Option<Vec<_>> = parts.weekdays.iter().map(numbered_weekday).collect();
            let is_rare =
                parts.weekdays.iter().any(|d| d.nth.is_some_and(|n| n.unsigned_abs() > 4));
            of_months(parts, &days?, is_rare)
        }
        (Frequency::Weekly, false, true) if parts.interval > 1 => every_few_weeks(parts),
        (_, false, true) if parts.interval == 1 && !is_numbered => {
            Some(format!("Every {}{}", weekdays(parts), in_months(parts)?))
        }
        _ => None,
    }
}

fn every_day(parts: &Parts) -> Option<String> {
    match parts.interval {
        1 => Some(format!("Every day{}", in_months(parts)?)),
        days if parts.months.is_empty() => Some(format!("Every {days} days")),
        _ => None,
    }
}

/// The day on which weeks begin is said only where it decides which week is the second one.
fn every_few_weeks(parts: &Parts) -> Option<String> {
    if !parts.months.is_empty() {
        return None;
    }
    let weeks_begin = match parts.week_start {
        Weekday::Mon => String::new(),
        other => format!(" (weeks begin on {})", weekday_name(other)),
    };
    Some(format!("Every {} weeks on {}{weeks_begin}", parts.interval, weekdays(parts)))
}

fn of_months(parts: &Parts, days: &[String], is_rare: bool) -> Option<String> {
    let days = listed(days);
    let every = parts.interval;
    let months = if parts.months.is_empty() {
        match (parts.frequency, every) {
            (_, 1) => "of every month".to_owned(),
            (Frequency::Monthly, _) => format!("of the month, every {every} months"),
            _ => return None,
        }
    } else {
        let months = listed(&month_names(parts)?);
        match (parts.frequency, every) {
            (_, 1) => format!("of {months} every year"),
            (Frequency::Yearly, _) => format!("of {months}, every {every} years"),
            _ => return None,
        }
    };
    let rare = if is_rare { ", where there is one" } else { "" };
    Some(format!("On {days} {months}{rare}"))
}

fn in_months(parts: &Parts) -> Option<String> {
    let months = month_names(parts)?;
    Some(if months.is_empty() { String::new() } else { format!(" in {}", listed(&months)) })
}

fn month_names(parts: &Parts) -> Option<Vec<String>> {
    let mut months = parts.months.clone();
    months.sort_unstable();
    months.dedup();
    months.iter().map(|m| Month::try_from(*m).ok().map(|m| m.name().to_owned())).collect()
}

fn weekdays(parts: &Parts) -> String {
    let mut days: Vec<Weekday> = parts.weekdays.iter().map(|day| day.weekday).collect();
    days.sort_unstable_by_key(Weekday::num_days_from_monday);
    days.dedup();
    if days.len() == 7 {
        return "day".to_owned();
    }
    listed(&days.into_iter().map(|day| weekday_name(day).to_owned()).collect::<Vec<_>>())
}

fn weekday_name(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    }
}

fn numbered_weekday(day: &DayOfWeek) -> Option<String> {
    Some(format!("the {} {}", counted(day.nth?)?, weekday_name(day.weekday)))
}

fn month_day(day: i8) -> Option<String> {
    if day > 0 {
        return Some(format!("day {day}"));
    }
    Some(format!("the {} day", counted(i16::from(day))?))
}

/// "first", "fifth", "last", "second last"; beyond five there are no words.
fn counted(nth: i16) -> Option<String> {
    let ordinal = *ORDINALS.get(usize::from(nth.unsigned_abs()).checked_sub(1)?)?;
    Some(match nth {
        -1 => "last".to_owned(),
        ..-1 => format!("{ordinal} last"),
        _ => ordinal.to_owned(),
    })
}

fn days_list(dates: &[NaiveDate]) -> String {
    listed(&dates.iter().map(|date| day(*date)).collect::<Vec<_>>())
}

fn day(date: NaiveDate) -> String {
    date.format("%a %-d %b %Y").to_string()
}

fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
