"""Writes deadlines.csv: deadlines and bank holidays as Python's zoneinfo and own rules give them.

    python3 deadlines.py > deadlines.csv
    python3 deadlines.py england_and_wales > ../data/bank_holidays_england_wales.txt
    python3 deadlines.py northern_ireland > ../data/bank_holidays_northern_ireland.txt

The table is an oracle that shares no code with the crate: its test replays each row. The seed is
fixed, so running this again gives the same file. Bank holidays are computed here by rule and by the
special days that were proclaimed; the shipped lists were written by it, and their dates compared
with those of the PyPI package `holidays` 0.60 for every year (they agree).
"""

import datetime as dt
import random
import sys
import zoneinfo

LONDON = zoneinfo.ZoneInfo("Europe/London")
UTC = dt.timezone.utc
DAY = dt.timedelta(days=1)
FIRST_YEAR, LAST_YEAR = 2019, 2035
SUBSTITUTE = " (substitute day)"
DIVISIONS = ["england_and_wales", "northern_ireland"]
WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()

draw = random.Random(20261124)


def easter(year):
    """Easter Sunday: the first Sunday after the ecclesiastical full moon on or after 21 March."""
    golden, century = year % 19, year // 100
    epact = (19 * golden + century - century // 4 - (8 * century + 13) // 25 + 15) % 30
    epact -= (epact // 28) * (1 - (29 // (epact + 1)) * ((21 - golden) // 11))
    moon = dt.date(year, 3, 21) + epact * DAY
    return moon + (7 - (moon.weekday() + 1) % 7) * DAY


def monday(year, month, nth):
    if nth > 0:
        first = dt.date(year, month, 1)
        return first + ((-first.weekday()) % 7 + 7 * (nth - 1)) * DAY
    last = dt.date(year, month + 1, 1) - DAY
    return last - last.weekday() * DAY


def holidays(year, division):
    found = {}

    def on_or_next_free(day, name):
        moved = day
        while moved.weekday() >= 5 or moved in found:
            moved += DAY
        found[moved] = name if moved == day else name + SUBSTITUTE

    on_or_next_free(dt.date(year, 1, 1), "New Year's Day")
    if division == "northern_ireland":
        on_or_next_free(dt.date(year, 3, 17), "St Patrick's Day")
        on_or_next_free(dt.date(year, 7, 12), "Battle of the Boyne (Orangemen's Day)")
    found[easter(year) - 2 * DAY] = "Good Friday"
    found[easter(year) + DAY] = "Easter Monday"
    if year == 2020:
        found[dt.date(2020, 5, 8)] = "Early May bank holiday (VE day)"
    else:
        found[monday(year, 5, 1)] = "Early May bank holiday"
    spring = dt.date(2022, 6, 2) if year == 2022 else monday(year, 5, -1)
    found[spring] = "Spring bank holiday"
    found[monday(year, 8, -1)] = "Summer bank holiday"
    if year == 2022:
        found[dt.date(2022, 6, 3)] = "Platinum Jubilee bank holiday"
        found[dt.date(2022, 9, 19)] = "Bank holiday for the State Funeral of Queen Elizabeth II"
    if year == 2023:
        found[dt.date(2023, 5, 8)] = "Bank holiday for the coronation of King Charles III"
    # Where Christmas Day is a Sunday, Boxing Day keeps the Monday and Christmas gets the Tuesday.
    christmas, boxing = dt.date(year, 12, 25), dt.date(year, 12, 26)
    if christmas.weekday() == 6:
        found[boxing] = "Boxing Day"
        on_or_next_free(christmas, "Christmas Day")
    else:
        on_or_next_free(christmas, "Christmas Day")
        on_or_next_free(boxing, "Boxing Day")
    return found


CALENDAR = {
    division: {
        day: name
        for year in range(FIRST_YEAR, LAST_YEAR + 1)
        for day, name in holidays(year, division).items()
    }
    for division in DIVISIONS
}


def midnight(day):
    """The instant at which a local day begins. London's clocks never change at midnight."""
    return dt.datetime(day.year, day.month, day.day, tzinfo=LONDON).astimezone(UTC)


def utc(at):
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"


def day_words(day, with_year=True):
    words = f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"
    return f"{words} {day.year}" if with_year else words


def time_words(at):
    local = at.astimezone(LONDON)
    return f"{day_words(local.date(), False)}, {local:%H:%M}"


def counted(n, what):
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def end_of(last, counted_words, first):
    words = f"{counted_words}: {day_words(last, last.year != first.year)} 23:59:59"
    return utc(midnight(last + DAY)), words


def days_beginning_with(at, n, _):
    first = at.astimezone(LONDON).date()
    words = f"{counted(n, 'day')} beginning with {day_words(first)}"
    return end_of(first + (n - 1) * DAY, words, first)


def days_after(at, n, _):
    first = at.astimezone(LONDON).date()
    return end_of(first + n * DAY, f"{counted(n, 'day')} after {day_words(first)}", first)


def elapsed(at, n, what, length):
    # In UTC, because Python adds to a local time on the wall, not in time that passes.
    until = at.astimezone(UTC) + n * length
    words = f"{counted(n, what)} after {time_words(at)}: {time_words(until)}"
    if at.astimezone(LONDON).utcoffset() != until.astimezone(LONDON).utcoffset():
        words += " (the clocks change in between)"
    return utc(until), words


def hours_after(at, n, _):
    return elapsed(at, n, "hour", dt.timedelta(hours=1))


def minutes_after(at, n, _):
    return elapsed(at, n, "minute", dt.timedelta(minutes=1))


def working_days_after(at, n, division):
    first = at.astimezone(LONDON).date()
    day, left, skipped = first, n, []
    while left:
        day += DAY
        if day.weekday() >= 5:
            continue
        name = CALENDAR[division].get(day)
        if name:
            skipped.append(f"{day_words(day, False)} ({name})")
        else:
            left -= 1
    words = f"{counted(n, 'working day')} after {day_words(first)}"
    if skipped:
        listed = " and ".join([", ".join(skipped[:-1]), skipped[-1]] if skipped[1:] else skipped)
        words += f", not counting {listed}"
    return end_of(day, words, first)


def same_day(day, years):
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def years_beginning_with(at, n, _):
    first = at.astimezone(LONDON).date()
    words = f"{counted(n, 'year')} beginning with {day_words(first)}"
    return end_of(same_day(first, n) - DAY, words, first)


def years_after(at, n, _):
    first = at.astimezone(LONDON).date()
    words = f"{counted(n, 'year')} after {day_words(first)}"
    return end_of(same_day(first, n), words, first)


def warning(at, n, _):
    last = at.astimezone(LONDON).date()
    on = last - n * DAY
    words = f"{counted(n, 'day')} before {day_words(last)}: {day_words(on, on.year != last.year)}"
    return utc(midnight(on)), words


CLOCKS = {
    clock.__name__: (clock, choices)
    for clock, choices in [
        (days_beginning_with, [3, 3, 3, 1, 2, 7]),
        (days_after, [7, 7, 1, 28]),
        (hours_after, [24, 24, 48, 72, 1, 4]),
        (minutes_after, [30, 1, 90]),
        (working_days_after, [1, 5, 5, 10]),
        (years_beginning_with, [2, 5, 1]),
        (years_after, [1]),
        (warning, [90, 60, 30, 14, 7, 21, 3, 1]),
    ]
}


def local(text, fold=0):
    return dt.datetime.fromisoformat(text).replace(tzinfo=LONDON, fold=fold)


# Nights on which the clocks change, leap days, year ends, Easter, first and last instants of days.
WORKED = [
    local(text, fold)
    for text, fold in [
        ("2026-03-27T10:00", 0),
        ("2026-03-28T23:59:59.999", 0),
        ("2026-03-29T00:00", 0),
        ("2026-03-29T00:59:59.999", 0),
        ("2026-03-29T02:00", 0),
        ("2026-10-22T14:05", 0),
        ("2026-10-24T23:59", 0),
        ("2026-10-25T00:30", 0),
        ("2026-10-25T01:30", 0),
        ("2026-10-25T01:30", 1),
        ("2026-10-25T23:59", 0),
        ("2026-12-24T00:00", 0),
        ("2026-12-24T09:30", 0),
        ("2026-12-24T23:59", 0),
        ("2026-12-25T00:00", 0),
        ("2026-12-31T23:59:59.999", 0),
        ("2027-01-01T00:00", 0),
        ("2027-12-31T12:00", 0),
        ("2028-02-28T12:00", 0),
        ("2028-02-29T23:59", 0),
        ("2028-03-01T00:00", 0),
        ("2027-03-25T16:00", 0),
        ("2027-03-26T16:00", 0),
        ("2027-03-29T23:59", 0),
        ("2022-09-16T17:00", 0),
        ("2022-06-01T17:00", 0),
        ("2020-05-07T17:00", 0),
        ("2023-05-05T17:00", 0),
        ("2021-12-24T17:00", 0),
        ("2022-12-23T17:00", 0),
        ("2026-07-10T17:00", 0),
        ("2026-06-30T23:59:59.999", 0),
        ("2026-07-01T00:00", 0),
    ]
]


def random_start():
    seconds = draw.randrange(15 * 365 * 86_400)
    at = dt.datetime(2019, 2, 1, tzinfo=UTC) + dt.timedelta(seconds=seconds)
    if draw.random() < 0.3:
        # The last or first moments of a local day.
        edge = midnight(at.astimezone(LONDON).date())
        at = edge - dt.timedelta(milliseconds=draw.choice([0, 1, 60_000]))
    if draw.random() < 0.2:
        # Close to a night on which the clocks change.
        at = draw.choice(WORKED[:11]).astimezone(UTC) + dt.timedelta(minutes=draw.randrange(-4000, 4000))
    return at


def write_table():
    print("clock|start|number|division|closes_at|arithmetic")
    for name, (clock, choices) in CLOCKS.items():
        starts = [(at, n) for at in WORKED for n in sorted(set(choices))[:3]]
        starts += [(random_start(), draw.choice(choices)) for _ in range(60)]
        for at, n in starts:
            division = draw.choice(DIVISIONS) if clock is working_days_after else ""
            closes_at, words = clock(at, n, division)
            print(f"{name}|{utc(at)}|{n}|{division}|{closes_at}|{words}")
    for division in DIVISIONS:
        for year in range(FIRST_YEAR, LAST_YEAR + 1):
            days = sorted(holidays(year, division).items())
            joined = ";".join(f"{day} {name}" for day, name in days)
            print(f"holidays|{year}|{len(days)}|{division}|{joined}|")


def write_list(division):
    title = {"england_and_wales": "England and Wales", "northern_ireland": "Northern Ireland"}
    print(f"# Bank holidays of {title[division]}, a day with its name a line. Days that were not")
    print("# proclaimed when this was written follow the rules; add what is proclaimed later.")
    print(f"covers {FIRST_YEAR}-01-01 {LAST_YEAR}-12-31")
    for day, name in sorted(CALENDAR[division].items()):
        print(f"{day} {name}")


if len(sys.argv) > 1:
    write_list(sys.argv[1])
else:
    write_table()
