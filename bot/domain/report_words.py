"""A report as people ask for it: `last quarter by team`, `1 Oct to 15 Oct`, `payroll 2026-10`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from bot.domain.days import Period, read_day, read_part_of_year, read_period
from bot.domain.report import ReportBy
from bot.errors import Refusal

#: The words after "by".
_BY: Final[Mapping[str, ReportBy]] = {
    **{by.value: by for by in ReportBy},
    **{f"{by.value}s": by for by in ReportBy},
    "manager": ReportBy.SENDER,
    "person": ReportBy.RECIPIENT,
    "people": ReportBy.RECIPIENT,
    "budget": ReportBy.TEAM,
    "brand": ReportBy.REWARD,
}

#: The word for the list of every reward.
_PAYROLL: Final = "payroll"

#: Words before a period that only hold a sentence together, and those between its two ends.
_IDLE: Final = frozenset({"for", "from", "in", "of", "the", "since"})
_TO: Final = frozenset({"to", "until", "till", "through", "-", "\N{EN DASH}", ".."})

#: What may stand between two ends without spaces.
_JOINING: Final = re.compile(r"\.\.|\N{EN DASH}")


class ReportNotUnderstood(Refusal):
    """A word that has no meaning in a report, or a period that ends before it begins.

    Attributes:
        word: as typed; empty where the period is the wrong way round.
    """

    def __init__(self, word: str) -> None:
        self.word = word
        super().__init__(word or "reversed")


@dataclass(frozen=True, slots=True)
class ReportAsked:
    """What somebody wants to know.

    Attributes:
        period: whole days, both included.
        by: what to put it together by; None where nothing was said.
        is_payroll: whether every reward is listed.
    """

    period: Period
    by: ReportBy | None = None
    is_payroll: bool = False


def read_report(text: str, today: date) -> ReportAsked:
    """Read what was typed after the command. Without a period, it is this month.

    Args:
        text: as typed.
        today: the date in the installation's zone.

    Raises:
        ReportNotUnderstood: a word has no meaning here, is there twice, or the period ends before it begins.
    """
    words = _JOINING.sub(r" \g<0> ", text.lower().replace(",", " ")).split()
    period: Period | None = None
    by: ReportBy | None = None
    is_payroll = False
    while words:
        if words[0] == _PAYROLL and not is_payroll:
            is_payroll, used = True, 1
        elif words[0] == "by" and by is None and len(words) > 1 and words[1] in _BY:
            by, used = _BY[words[1]], 2
        elif period is None and (found := _read_span(words, today)) is not None:
            period, used = found
        else:
            raise ReportNotUnderstood(words[1] if words[0] == "by" and len(words) > 1 else words[0])
        del words[:used]
    return ReportAsked(period or Period(today.replace(day=1), today), by, is_payroll)


def _read_span(words: Sequence[str], today: date) -> tuple[Period, int] | None:
    """Return the period with which the words begin, and how many words it has; None where they begin with none."""
    idle = 1 if words[0] in _IDLE and len(words) > 1 else 0
    first = _read_end(words[idle:], today, today)
    if first is None:
        return None
    begun, used = first[0], idle + first[1]
    if words[:1] == ["since"]:
        return _checked(begun.first, today), used
    if len(words) > used + 1 and words[used] in _TO:
        # A day without a year is the first one after the beginning: 20 Dec to 5 Jan.
        last = _read_end(words[used + 1 :], today, begun.first + timedelta(days=364))
        if last is not None:
            return _checked(begun.first, last[0].last), used + 1 + last[1]
    return begun, used


def _read_end(words: Sequence[str], today: date, latest: date) -> tuple[Period, int] | None:
    """Return the days that the words name: a day of a month by `latest`, all else by `today`."""
    if (day := read_day(words, latest)) is not None:
        return Period(day[0], day[0]), day[1]
    return read_part_of_year(words, today) or read_period(words, today)


def _checked(first: date, last: date) -> Period:
    if last < first:
        raise ReportNotUnderstood("")
    return Period(first, last)
