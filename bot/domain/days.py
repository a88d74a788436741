"""Days as people name them: `yesterday`, `last week`, `november`, `2026-11-01`."""

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_WEEKDAYS: Final[Mapping[str, int]] = {
    name: number
    for number, full in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
    for name in (full, full[:3])
}
_MONTHS: Final[Mapping[str, int]] = {
    name: number
    for number, full in enumerate(
        (
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ),
        start=1,
    )
    for name in (full, full[:3])
}
#: In this millennium: an earlier day is a slip, and arithmetic at the edge of the calendar would overflow.
_DAY: Final = re.compile(r"2[0-9]{3}-[0-9]{2}-[0-9]{2}")
#: Written alone, only the years of this century: 1999 and 2100 are more likely amounts.
_YEAR: Final = re.compile(r"20[0-9]{2}")
_MONTH: Final = re.compile(r"(2[0-9]{3})-([0-9]{2})")
_COUNT: Final = re.compile(r"[1-9][0-9]{0,2}")
_QUARTER: Final = re.compile(r"q[1-4]")
#: A day of a month, as people write it.
_DATE: Final = re.compile(r"0?[1-9]|[12][0-9]|3[01]")
_UNITS: Final = frozenset({"day", "days", "week", "weeks", "month", "months"})

#: Every word of a period.
PERIOD_WORDS: Final = (
    {"today", "yesterday", "this", "last", "past", "previous", "quarter", "year"}
    | _UNITS
    | _WEEKDAYS.keys()
    | _MONTHS.keys()
)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days, both included."""

    first: date
    last: date


def zone_of(name: str) -> tzinfo:
    """Return the time zone of an IANA name; UTC where there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder of zones
        return UTC


def start_of(day: date, zone: str) -> datetime:
    """Return the first moment of that day in that zone, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=zone_of(zone)).astimezone(UTC)


def last_second_of(day: date, zone: str) -> datetime:
    """Return the last second of that day in that zone, in UTC."""
    return datetime.combine(day, time(23, 59, 59), zone_of(zone)).astimezone(UTC)


def is_year(text: str) -> bool:
    """Tell whether the text alone is a year, 2000 to 2099."""
    return _YEAR.fullmatch(text) is not None


def read_period(words: Sequence[str], today: date) -> tuple[Period, int] | None:
    """Return the period that the first words name, and how many words name it; None where they name none.

    Args:
        words: in lower case.
        today: the date where the person is. A weekday or month without a year is the latest that has begun.
    """
    match words:
        case ["today", *_]:
            return Period(today, today), 1
        case ["yesterday", *_]:
            return Period(today - timedelta(days=1), today - timedelta(days=1)), 1
        case ["this", unit, *_] if found := _current(unit, today):
            return found, 2
        case ["last" | "past" | "previous", unit, *_] if found := _previous(unit, today):
            return found, 2
        case ["last" | "past", count, unit, *_] if _COUNT.fullmatch(count) and unit in _UNITS:
            return _ending(today, int(count), unit.removesuffix("s")), 3
        case [word, *_]:
            named = _named(word, today)
            return (named, 1) if named else None
    return None


def read_day(words: Sequence[str], today: date) -> tuple[date, int] | None:
    """Return the day that the first words name, and how many words name it; None where they name none.

    Args:
        words: in lower case: `1 oct`, `oct 1`, either with a year after it, or `2026-10-01`.
        today: the date where the person is. A day without a year is the latest that has begun.
    """
    match words:
        case [day, month, *rest] if _DATE.fullmatch(day) and month in _MONTHS:
            return _dated(int(day), _MONTHS[month], rest, today)
        case [month, day, *rest] if _DATE.fullmatch(day) and month in _MONTHS:
            return _dated(int(day), _MONTHS[month], rest, today)
        case [word, *_] if _DAY.fullmatch(word):
            named = _named(word, today)
            return (named.first, 1) if named else None
    return None


def read_part_of_year(words: Sequence[str], today: date) -> tuple[Period, int] | None:
    """Return the month or the quarter that the first words name, and how many words name it; None where they don't.

    Args:
        words: in lower case: `october 2026`, `q3 2026`, or `q3`, which is the latest that has begun.
        today: the date where the person is.
    """
    match words:
        case [month, year, *_] if month in _MONTHS and is_year(year):
            return _month(int(year), _MONTHS[month]), 2
        case [quarter, year, *_] if _QUARTER.fullmatch(quarter) and is_year(year):
            return _quarter(int(year), int(quarter[1])), 2
        case [quarter, *_] if _QUARTER.fullmatch(quarter):
            found = _quarter(today.year, int(quarter[1]))
            return (found if found.first <= today else _quarter(today.year - 1, int(quarter[1]))), 1
    return None


def _dated(day: int, month: int, rest: Sequence[str], today: date) -> tuple[date, int] | None:
    try:
        if rest and is_year(rest[0]):
            return date(int(rest[0]), month, day), 3
        this_year = date(today.year, month, day)
        return (this_year if this_year <= today else date(today.year - 1, month, day)), 2
    except ValueError:
        return None  # the 31st of November


def _current(unit: str, today: date) -> Period | None:
    """Return the current week, month, quarter or year, up to today."""
    match unit:
        case "week":
            return Period(today - timedelta(days=today.weekday()), today)
        case "month":
            return Period(today.replace(day=1), today)
        case "quarter":
            return Period(today.replace(month=today.month - (today.month - 1) % 3, day=1), today)
        case "year":
            return Period(today.replace(month=1, day=1), today)
    return None


def _previous(unit: str, today: date) -> Period | None:
    """Return the whole period before the current one; of a weekday or a month, the latest that is over."""
    if unit in _WEEKDAYS:
        day = _latest_weekday(unit, today - timedelta(days=1))
        return Period(day, day)
    if unit in _MONTHS:
        return _latest_month(unit, today.replace(day=1) - timedelta(days=1))
    current = _current(unit, today)
    if current is None:
        return None
    last = current.first - timedelta(days=1)
    before = _current(unit, last)
    return Period(before.first, last) if before else None


def _ending(today: date, count: int, unit: str) -> Period:
    """Return so many days, weeks or months, which end today."""
    if unit == "month":
        year, month = divmod(today.year * 12 + today.month - 1 - count, 12)
        day = min(today.day, calendar.monthrange(year, month + 1)[1])
        return Period(date(year, month + 1, day), today)
    days = count * (7 if unit == "week" else 1)
    return Period(today - timedelta(days=days - 1), today)


def _named(word: str, today: date) -> Period | None:
    if word in _WEEKDAYS:
        day = _latest_weekday(word, today)
        return Period(day, day)
    if word in _MONTHS:
        return _latest_month(word, today)
    try:
        if _DAY.fullmatch(word):
            day = date.fromisoformat(word)
            return Period(day, day)
        if _YEAR.fullmatch(word):
            return Period(date(int(word), 1, 1), date(int(word), 12, 31))
        if month := _MONTH.fullmatch(word):
            return _month(int(month[1]), int(month[2]))
    except ValueError:
        return None  # the 31st of November
    return None


def _latest_weekday(name: str, today: date) -> date:
    return today - timedelta(days=(today.weekday() - _WEEKDAYS[name]) % 7)


def _latest_month(name: str, today: date) -> Period:
    month = _MONTHS[name]
    return _month(today.year if month <= today.month else today.year - 1, month)


def _quarter(year: int, number: int) -> Period:
    last = 3 * number
    return Period(date(year, last - 2, 1), _month(year, last).last)


def _month(year: int, month: int) -> Period:
    first = date(year, month, 1)
    return Period(first, first.replace(day=calendar.monthrange(year, month)[1]))
