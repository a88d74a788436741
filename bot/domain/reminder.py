"""Reminders: when one is due, who gets it, and who could stand in. Nobody gains a right by another's absence."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.domain.days import zone_of
from bot.domain.policy import Roles, approvers_left, count_people, may_approve
from bot.domain.request import Request

#: The hours of a reader's day in which a reminder may push to the phone: a working day.
_DAY_BEGINS: Final = 9
_DAY_ENDS: Final = 17


def end_of_daytime(now: datetime, zone: str) -> datetime | None:
    """Return until when it is day in a zone, by its IANA name; None at night."""
    there = now.astimezone(zone_of(zone))
    if not _DAY_BEGINS <= there.hour < _DAY_ENDS:
        return None
    return there.replace(hour=_DAY_ENDS, minute=0, second=0, microsecond=0)


def reminders_due(request: Request, by: datetime, after: Sequence[timedelta]) -> int:
    """Return how many reminders of a request are due by a moment.

    Args:
        request: waits for a decision.
        by: the moment.
        after: how long it has waited at each reminder.
    """
    waited = by - (request.waits_since or request.created_at)
    return sum(waited >= one for one in after)


def who_can_act(request: Request, roles: Roles, away: Collection[str] = ()) -> Sequence[str]:
    """Return who may approve a request now and is not away, by Slack id."""
    return [one for one in approvers_left(request, roles) if one not in away and may_approve(request, one, roles)]


def enough_can_act(request: Request, roles: Roles, away: Collection[str] = ()) -> bool:
    """Return whether those who may approve a request, and are not away, are as many people as it still needs."""
    needed = request.approvals_left
    return count_people(who_can_act(request, roles, away), roles, most=needed) >= needed
