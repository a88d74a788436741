"""Reports: what was given in a time, for finance and admins of everyone, for others of their own.

Nobody sees whether a reward was opened or spent: Tango tells it for support alone, and the gift log doesn't have it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.domain.days import Period, start_of, zone_of
from bot.domain.gift_log import GiftRecord
from bot.domain.policy import Roles
from bot.domain.report import Report, ReportBy, check_is_finance, report_of, sees_all_gifts
from bot.domain.report_words import ReportAsked, read_report
from storage import Storage


@dataclass(frozen=True, slots=True)
class Payroll:
    """Every row of the gift log of a time, and what they come to.

    Attributes:
        report: by occasion, which is what payroll treats differently.
        rows: oldest first.
    """

    report: Report
    rows: Sequence[GiftRecord]


class Reports:
    """Makes reports of the gift log.

    Args:
        storage: of the log.
        clock: tells the time.
        roles: return who may do what.
        zone: the installation's, in which days and months begin.
    """

    def __init__(self, *, storage: Storage, clock: Clock, roles: Callable[[], Roles], zone: str) -> None:
        self._ledger = Ledger(storage, zone)
        self._clock = clock
        self._roles = roles

    def read(self, actor_id: str, text: str) -> ReportAsked:
        """Return what was typed after `/kudos report`, and check the right to it.

        Raises:
            NotAllowed: it is a list of everyone's rewards, and the person is neither finance nor an admin.
            ReportNotUnderstood: a word has no meaning here.
        """
        asked = self._ledger.read(text, self._clock.now())
        if asked.is_payroll:
            check_is_finance(actor_id, self._roles())
        return asked

    def make(self, actor_id: str, asked: ReportAsked) -> Report | Payroll:
        """Return what was asked for: for finance and admins of everyone's rewards, for others of those they gave.

        Raises:
            NotAllowed: it is a list of everyone's rewards, and the person is neither finance nor an admin.
        """
        everyone = sees_all_gifts(actor_id, self._roles())
        if asked.is_payroll:
            check_is_finance(actor_id, self._roles())
            return self._ledger.payroll(asked, self._clock.now())
        return self._ledger.report(asked, self._clock.now(), requester_id=None if everyone else actor_id)


class Ledger:
    """Reads the gift log, whoever asks.

    Args:
        storage: of the log.
        zone: in which days and months begin.
    """

    def __init__(self, storage: Storage, zone: str) -> None:
        self._storage = storage
        self._zone = zone

    def read(self, text: str, now: datetime) -> ReportAsked:
        """Return what was typed.

        Raises:
            ReportNotUnderstood: a word has no meaning here.
        """
        return read_report(text, now.astimezone(zone_of(self._zone)).date())

    def report(self, asked: ReportAsked, now: datetime, *, requester_id: str | None = None) -> Report:
        """Return the report of one sender, or (None) of all; by sender where nothing is said, or by whom they gave."""
        usual = ReportBy.SENDER if requester_id is None else ReportBy.RECIPIENT
        return self._sums(self._rows(asked.period, requester_id), asked, usual, now, everyone=requester_id is None)

    def payroll(self, asked: ReportAsked, now: datetime) -> Payroll:
        """Return every row of a time: the same rows each time, once the time is over."""
        rows = list(self._rows(asked.period))
        return Payroll(self._sums(rows, asked, ReportBy.OCCASION, now, everyone=True), rows)

    def _rows(self, period: Period, requester_id: str | None = None) -> Iterator[GiftRecord]:
        return self._storage.gift_log.rows(start_of(period.first, self._zone), self._end_of(period), requester_id)

    def _sums(
        self, rows: Iterable[GiftRecord], asked: ReportAsked, usual: ReportBy, now: datetime, *, everyone: bool
    ) -> Report:
        """Return the report of these rows, by `usual` where nothing else was asked for."""
        return report_of(
            rows,
            asked.by or usual,
            period=asked.period,
            zone=self._zone,
            everyone=everyone,
            is_over=self._end_of(asked.period) <= now,
        )

    def _end_of(self, period: Period) -> datetime:
        """Return the first moment after a period, UTC."""
        return start_of(period.last + timedelta(days=1), self._zone)
