"""A date on which a request is sent: a civil time, and where its clock is.

It is stored as people mean it, because the rules of a zone change: nine in the morning stays nine in the morning. The
moment is found anew whenever it matters, and for the last time when it has come.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.domain.days import zone_of
from bot.faults import Fault, FaultCode

#: How a civil time is written: 2026-12-24T09:00.
_FORMAT: Final = "%Y-%m-%dT%H:%M"

#: The furthest date: what is planned for longer has other people and other rewards by then.
_FURTHEST: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When to send.

    Attributes:
        at: the civil time, without a zone.
        zone: where that is, as an IANA name; empty: where each recipient is.
    """

    at: datetime
    zone: str = ""

    def of_recipient(self, recipient_zone: str) -> "Schedule":
        """Return the date of a recipient who is in that zone, with the zone that counts."""
        return Schedule(self.at, self.zone or recipient_zone)

    def due(self, recipient_zone: str = "") -> datetime:
        """Return the moment for a recipient who is in that zone, UTC, by the rules that the zone has now."""
        return due_at(self.at, self.zone or recipient_zone)

    def held_until(self, approved_at: datetime, undo_within: timedelta) -> datetime:
        """Return until when an order with this date is held, UTC.

        Never for less than its approval can be undone.
        """
        return max(self.due(), approved_at + undo_within)


def due_at(at: datetime, zone: str) -> datetime:
    """Return the moment of a civil time in a zone, UTC.

    Where the clocks are put forward over it, it is as much later: 2:30 is 3:30. Where they are put back and show it
    twice, it is the first of the two (RFC 5545, 3.3.5).
    """
    return at.replace(tzinfo=zone_of(zone), fold=0).astimezone(UTC)


def civil_text(at: datetime) -> str:
    """Write a civil time as it is stored."""
    return at.strftime(_FORMAT)


def civil_from(text: str) -> datetime:
    """Return the civil time that is written so.

    Raises:
        ValueError: it is none.
    """
    return datetime.strptime(text, _FORMAT)  # noqa: DTZ007 (a civil time has no zone)


def schedule_fault(schedule: Schedule | None, zones: Iterable[str], now: datetime) -> Fault | None:
    """Return what is wrong with a date for people in these zones; None where nothing is, or there is no date."""
    if schedule is None:
        return None
    moments = [schedule.due(zone) for zone in zones]
    if any(at <= now for at in moments):
        return Fault(FaultCode.TOO_SOON)
    return Fault(FaultCode.TOO_LATE) if any(at > now + _FURTHEST for at in moments) else None
