"""Writes recurrence.csv: random rules with the dates that python-dateutil gives for them.

    pip install python-dateutil==2.9.0.post0
    python3 recurrence.py > recurrence.csv

The table is an oracle that shares no code with the crate: its test replays each row. The seed is
fixed, so running this again gives the same file. dateutil, too, takes a start that does not match
its rule for no occurrence and does not count it.

It differs in one thing that it shares with most calendars: in the first week of a weekly rule it
counts BYSETPOS from the start instead of from the beginning of the week. Such rules are given to it
with their start moved to the beginning of the week, and ended and cut here. It also reads a BYWEEKNO
without BYDAY as each day of the week, and mixed plain and numbered weekdays as both at once; we
refuse these, so they are not in the table.
"""

import csv
import datetime
import itertools
import random
import sys

from dateutil import rrule

ROWS = 320
DATES_MAX = 12
HORIZON = datetime.date(2199, 12, 31)
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]

draw = random.Random(20260907)


def some(values, at_most):
    return ",".join(str(v) for v in draw.sample(values, draw.randint(1, at_most)))


def numbered_days(limit):
    numbers = [n for n in range(-limit, limit + 1) if n != 0]
    return ",".join(f"{draw.choice(numbers)}{draw.choice(DAYS)}" for _ in range(draw.randint(1, 3)))


def days_of_month():
    return some([1, 2, 7, 13, 15, 28, 29, 30, 31, -1, -2, -7, -15, -29, -30, -31], 4)


def parts_of(freq):
    parts = {}
    if freq == "DAILY":
        if draw.random() < 0.3:
            parts["BYMONTH"] = some(range(1, 13), 5)
        if draw.random() < 0.3:
            parts["BYDAY"] = some(DAYS, 4)
        if draw.random() < 0.15:
            parts["BYMONTHDAY"] = days_of_month()
    elif freq == "WEEKLY":
        if draw.random() < 0.7:
            parts["BYDAY"] = some(DAYS, 5)
        if draw.random() < 0.2:
            parts["BYMONTH"] = some(range(1, 13), 6)
    elif freq == "MONTHLY":
        shape = draw.random()
        if shape < 0.3:
            parts["BYMONTHDAY"] = days_of_month()
        elif shape < 0.6:
            parts["BYDAY"] = numbered_days(4)
        elif shape < 0.85:
            parts["BYDAY"] = some(DAYS, 5)
        if draw.random() < 0.2:
            parts["BYMONTH"] = some(range(1, 13), 6)
    else:
        shape = draw.random()
        if shape < 0.2:
            parts["BYMONTHDAY"] = days_of_month()
        elif shape < 0.4:
            parts["BYDAY"] = numbered_days(50)
        elif shape < 0.55:
            parts["BYYEARDAY"] = some([1, 59, 60, 100, 200, 365, 366, -1, -2, -100, -306, -366], 3)
        elif shape < 0.75:
            parts["BYWEEKNO"] = some([1, 2, 20, 51, 52, 53, -1, -2, -53], 3)
            parts["BYDAY"] = some(DAYS, 3)
        elif shape < 0.9:
            parts["BYDAY"] = some(DAYS, 3)
        if draw.random() < 0.5:
            parts["BYMONTH"] = some(range(1, 13), 4)
            if shape < 0.4 and shape >= 0.2:
                parts["BYDAY"] = numbered_days(4)
    if parts and freq != "DAILY" and draw.random() < 0.3:
        parts["BYSETPOS"] = some([1, 2, 3, -1, -2], 2)
    return parts


def rule():
    freq = draw.choice(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
    parts = {"FREQ": freq}
    if draw.random() < 0.6:
        parts["INTERVAL"] = str(draw.choice([1, 2, 2, 3, 4, 5, 7, 12, 14, 30]))
    parts.update(parts_of(freq))
    if draw.random() < 0.3:
        parts["WKST"] = draw.choice(DAYS)
    return parts


def expand(parts, start, count, until):
    """The dates of the rule from its start; its ends are applied here, after dateutil."""
    begin = start
    if parts["FREQ"] == "WEEKLY" and "BYSETPOS" in parts:
        first = DAYS.index(parts.get("WKST", "MO"))
        begin = start - datetime.timedelta(days=(start.weekday() - first) % 7)
        parts = {"BYDAY": DAYS[start.weekday()], **parts}
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    if begin == start and count:
        text += f";COUNT={count}"
    if begin == start and until:
        text += f";UNTIL={until:%Y%m%d}"
    # dateutil stops by itself only at the year 9999: a bound keeps rules without dates cheap.
    bound = HORIZON if not (count or until) else None
    if bound:
        text += f";UNTIL={bound:%Y%m%d}"
    midnight = datetime.datetime.combine(begin, datetime.time())
    dates = (at.date() for at in rrule.rrulestr(text, dtstart=midnight))
    dates = (date for date in dates if date >= start)
    if begin != start:
        if until:
            dates = itertools.takewhile(lambda date: date <= until, dates)
        if count:
            dates = itertools.islice(dates, count)
    return itertools.takewhile(lambda date: date <= HORIZON, dates)


def main():
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["starts_on", "rrule", "exdates", "rdates", "from", "dates"])
    rows = 0
    while rows < ROWS:
        start = datetime.date(2000, 1, 1) + datetime.timedelta(days=draw.randrange(36525))
        parts = rule()
        ten_years = datetime.date(start.year + 10, start.month, min(start.day, 28))
        first = next(expand(parts, start, None, None), None)
        if first is None or first > ten_years:
            continue
        end = draw.random()
        count = draw.randint(1, 60) if end < 0.25 else None
        until = None
        if 0.25 <= end < 0.5:
            until = start + datetime.timedelta(days=draw.randrange(4000))
        point = start + datetime.timedelta(days=draw.choice([0, draw.randrange(900), draw.randrange(15000)]))
        head = list(itertools.islice((d for d in expand(parts, start, count, until) if d >= point), 30))
        exdates = set(draw.sample(head, min(len(head), draw.choice([0, 0, 2]))))
        near = [point + datetime.timedelta(days=n) for n in range(0, 120, 7)]
        rdates = set(draw.sample(near, draw.choice([0, 0, 2]))) | set(head[3 : 3 + draw.choice([0, 1])])
        dates = (d for d in expand(parts, start, count, until) if d >= point)
        ruled = list(itertools.islice(dates, DATES_MAX + len(exdates)))
        merged = sorted((set(ruled) | rdates) - exdates)
        # An extra date beyond the last rule date taken may have rule dates before it.
        if len(ruled) == DATES_MAX + len(exdates):
            merged = [d for d in merged if d <= ruled[-1]]
        text = dict(parts)
        if count:
            text["COUNT"] = count
        if until:
            text["UNTIL"] = f"{until:%Y%m%d}"
        joined = lambda days: " ".join(str(d) for d in sorted(days))
        row = ";".join(f"{name}={value}" for name, value in text.items())
        out.writerow([start, row, joined(exdates), joined(rdates), point, joined(merged[:DATES_MAX])])
        rows += 1


main()
